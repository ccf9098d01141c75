#!/bin/sh
# Makes the virtual environment .cache/test-spark of test/spark/requirements.txt, when it is not the one that is there: PySpark
# with its Spark, 400 MB and half a minute. `--lock` first resolves requirements.in anew.
set -eu
cd "$(dirname "$0")/.."
. scripts/uv.sh

[ "${1:-}" != --lock ] || lock_packages test/spark/requirements.txt
# other accounts use it as well, such as that of the machines behind SSH: not a Python in somebody's home
interpreter=python3
[ ! -x /usr/bin/python3 ] || interpreter=/usr/bin/python3
make_environment .cache/test-spark test/spark/requirements.txt "$interpreter"
