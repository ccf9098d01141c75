#!/bin/sh
# Makes the virtual environment .cache/test-python of test/python/requirements.txt, when it is not the one that is there.
# `--lock` first resolves requirements.in anew.
set -eu
cd "$(dirname "$0")/.."
. scripts/uv.sh

[ "${1:-}" != --lock ] || lock_packages test/python/requirements.txt
[ -x .cache/test-python/bin/python ] || python3 -m venv .cache/test-python # with the pip and setuptools that people have
make_environment .cache/test-python test/python/requirements.txt python3
