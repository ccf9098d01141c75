#!/bin/sh
# Makes the virtual environment .cache/test-torch: Debian's PyTorch (apt-get, 150 MB) and test/python/torch.txt beside it.
# `--lock` first resolves torch.in anew.
set -eu
cd "$(dirname "$0")/.."
. scripts/uv.sh

interpreter=/usr/bin/python3
[ "${1:-}" != --lock ] || lock_packages test/python/torch.txt --python "$interpreter" --override test/python/torch-override.txt
if ! "$interpreter" -c 'import torch' 2>/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests want python3-torch and cannot install it without root." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
  fi
  echo "Installing for the tests: python3-torch"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends python3-torch >/dev/null
fi
make_environment .cache/test-torch test/python/torch.txt "$interpreter" --system-site-packages
