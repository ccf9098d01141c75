#!/bin/sh
# Makes the virtual environment .cache/test-python of test/python/requirements.txt, when it is not the one that is there.
# `--lock` first resolves requirements.in anew.
set -eu
cd "$(dirname "$0")/.."

wanted=test/python/requirements.txt
venv=.cache/test-python
. scripts/uv.sh

if [ "${1:-}" = --lock ]; then
  "$uv" pip compile --quiet --no-annotate --no-header --output-file "$wanted" test/python/requirements.in
fi
if ! cmp -s "$wanted" "$venv/made-of"; then
  echo "Installing for the tests: the Python packages of $wanted"
  rm -f "$venv/made-of"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$uv" pip sync --quiet --python "$venv/bin/python" "$wanted"
  cp "$wanted" "$venv/made-of"
fi
