#!/bin/sh
# Prints the path of the uv that makes the tests' virtual environments, and installs it when it is not there.
set -eu
cd "$(dirname "$0")/.."

version=0.13.9
uv=.cache/uv-$version/bin/uv
if [ ! -x "$uv" ]; then
  python3 -m venv ".cache/uv-$version"
  ".cache/uv-$version/bin/pip" install --quiet --disable-pip-version-check "uv==$version" >&2
fi
printf '%s\n' "$uv"
