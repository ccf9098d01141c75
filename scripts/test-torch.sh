#!/bin/sh
# Makes the virtual environment .cache/test-torch: Debian's PyTorch (apt-get, 150 MB) and test/python/torch.txt beside it.
# `--lock` first resolves torch.in anew.
set -eu
cd "$(dirname "$0")/.."

wanted=test/python/torch.txt
venv=.cache/test-torch
python=/usr/bin/python3
. scripts/uv.sh

if [ "${1:-}" = --lock ]; then
  "$uv" pip compile --quiet --no-annotate --no-header --python "$python" --override test/python/torch-override.txt \
    --output-file "$wanted" test/python/torch.in
fi
if ! "$python" -c 'import torch' 2>/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests want python3-torch and cannot install it without root." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
  fi
  echo "Installing for the tests: python3-torch"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends python3-torch >/dev/null
fi
if ! cmp -s "$wanted" "$venv/made-of"; then
  echo "Installing for the tests: the Python packages of $wanted"
  rm -f "$venv/made-of"
  [ -x "$venv/bin/python" ] || "$uv" venv --quiet --python "$python" --system-site-packages "$venv"
  "$uv" pip sync --quiet --python "$venv/bin/python" "$wanted"
  cp "$wanted" "$venv/made-of"
fi
