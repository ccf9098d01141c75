# shellcheck shell=sh
# Installs Python packages so that a name of the vendor's can only be its stand-in: a distribution without content whose
# version is marked (1.37.0+switchyard), which lies in `wheels` beside the supervisor. Constraints allow no other version,
# for packages that are asked for and for those that others depend on; no public index may hold a version like that.
# Whoever sources this offers `build`, which runs a command of the build, `said`, which prints what the last one said, and
# `log_build`.

constraints=$own/environment/constraints.txt
[ -f "$constraints" ] || constraints=
pip_constraint=

# install_packages PYTHON FILE COMMAND…: installs what the requirements FILE lists, with `pip install` or `uv pip install`
install_packages() {
  environment_python=$1 listed=$2
  shift 2
  if [ -n "$constraints" ]; then
    # for `build`: where a package is built from source, pip starts another pip that only reads variables
    pip_constraint=$(file_url "$constraints")
    mkdir -p "$own/environment/wheels" || return 1
    set -- "$@" -c "$constraints" --find-links "$own/wheels" --find-links "$own/environment/wheels"
  fi
  tries=0
  until build "$@" -r "$listed"; do
    # some package wants a version of a vendor's package that its stand-in does not have: it gets one that does
    [ $tries -lt 5 ] && [ -n "$constraints" ] || return 1
    told=$(said | "$environment_python" "$own/standin.py" "$own/wheels" "$own/environment" 2>/dev/null) || return 1
    log_build "$told"
    tries=$((tries + 1))
  done
  no_vendor_packages
}

# Fails with `problem` when the environment holds a package of the vendor's name that is no stand-in.
no_vendor_packages() {
  for found in "$prefix"/lib/python*/site-packages/azureml-*-info "$prefix"/lib/python*/site-packages/azureml[-_.]*-info \
    "$prefix"/conda-meta/azureml-*.json; do
    case ${found##*/} in
      *"+switchyard"* | *'*'*) continue ;;
    esac
    found=${found##*/} problem="The package ${found%.*} came into the environment, which no stand-in of Switchyard's is: the names \
azureml-… belong to the vendor, and what an index offers under them is not installed. Find out which package depends on it, and leave that out."
    return 1
  done
}

# Prints a path as an address, because pip parts some settings at blanks.
file_url() {
  printf 'file://'
  printf '%s' "$1" | sed 's/%/%25/g; s/ /%20/g; s/#/%23/g; s/?/%3F/g'
}
