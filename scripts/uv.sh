# shellcheck shell=sh
# Sourced from the repository's root: sets `uv`, which it installs below .cache when it is not there, and what makes virtual environments with it.
uv_version=0.13.9
uv=.cache/uv-$uv_version/bin/uv
if [ ! -x "$uv" ]; then
  python3 -m venv ".cache/uv-$uv_version"
  ".cache/uv-$uv_version/bin/pip" install --quiet --disable-pip-version-check "uv==$uv_version"
fi

# lock_packages FILE.txt OPTION…: resolves FILE.in anew.
lock_packages() {
  lock_file=$1
  shift
  "$uv" pip compile --quiet --no-annotate --no-header "$@" --output-file "$lock_file" "${lock_file%.txt}.in"
}

# make_environment FOLDER FILE.txt PYTHON OPTION…: makes FOLDER an environment of that Python with the packages of FILE, when it is not.
make_environment() {
  venv=$1 wanted=$2 python=$3
  shift 3
  if ! cmp -s "$wanted" "$venv/made-of"; then
    echo "Installing for the tests: the Python packages of $wanted"
    rm -f "$venv/made-of"
    [ -x "$venv/bin/python" ] || "$uv" venv --quiet --python "$python" "$@" "$venv"
    "$uv" pip sync --quiet --python "$venv/bin/python" "$wanted"
    cp "$wanted" "$venv/made-of"
  fi
}
