# shellcheck shell=sh
# Sourced from the repository's root: sets `uv`, which it installs below .cache when it is not there.
uv_version=0.13.9
uv=.cache/uv-$uv_version/bin/uv
if [ ! -x "$uv" ]; then
  python3 -m venv ".cache/uv-$uv_version"
  ".cache/uv-$uv_version/bin/pip" install --quiet --disable-pip-version-check "uv==$uv_version"
fi
