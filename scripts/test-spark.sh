#!/bin/sh
# Makes the virtual environment .cache/test-spark of test/spark/requirements.txt, when it is not the one that is there: PySpark
# with its Spark, 400 MB and half a minute. `--lock` first resolves requirements.in anew.
set -eu
cd "$(dirname "$0")/.."

wanted=test/spark/requirements.txt
venv=.cache/test-spark
. scripts/uv.sh

if [ "${1:-}" = --lock ]; then
  "$uv" pip compile --quiet --no-annotate --no-header --output-file "$wanted" test/spark/requirements.in
fi
if ! cmp -s "$wanted" "$venv/made-of"; then
  echo "Installing for the tests: Spark ($wanted)"
  rm -f "$venv/made-of"
  # other accounts use it as well, such as that of the machines behind SSH: not a Python in somebody's home
  python=python3
  [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
  [ -x "$venv/bin/python" ] || "$uv" venv --quiet --python "$python" "$venv"
  "$uv" pip sync --quiet --python "$venv/bin/python" "$wanted"
  cp "$wanted" "$venv/made-of"
fi
