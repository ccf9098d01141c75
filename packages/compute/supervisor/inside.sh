# shellcheck shell=sh
# What runs inside a container, with the image's own sh:
#   inside.sh run JOB N NAME    becomes the script of attempt N
#   inside.sh build FOLDER      installs the dependencies in FOLDER into /opt/switchyard/environment
set -u
# how messages of the files that are shared with runs outside of containers call where they are
SY_PLACE="in the image"

# Ends the attempt before its script began; the supervisor outside tells why.
refuse() {
  printf '%s\n' "$@" >"$attempt/inside/refused"
  exit 127
}

say() {
  :
}

now() {
  :
}

run() {
  job=$1 number=$2
  own=$job/.switchyard attempt=$job/.switchyard/attempts/$2
  : >"$attempt/inside/entered" || exit 126
  # shellcheck source=/dev/null
  . "$own/job.sh"
  # shellcheck source=prepare.sh
  . "$own/prepare.sh"
  # A person's uid need not be known in the image: tools that ask for a name or a home get these.
  export HOME="$own/home" USER="$3" LOGNAME="$3"
  prefix=
  interpreter=${SY_INTERPRETER-}
  if [ "$SY_ENVIRONMENT" = system ]; then prefix=/opt/switchyard/environment interpreter=$prefix/bin/python; fi
  find_command
  if [ -n "$SY_DISTRIBUTED" ]; then
    # all ranks are in this container, and so is the mpirun that belongs to their libraries
    # shellcheck source=placement.sh
    . "$own/placement.sh"
    place_ranks
  fi
  SWITCHYARD_INSIDE=yes exec sh "$own/start.sh" "$job" "$number" - - "$program" "$prefix"
}

build_environment() {
  own=$1
  prefix=/opt/switchyard/environment
  # shellcheck source=/dev/null
  . "$own/job.sh"
  # shellcheck source=/dev/null
  . "$own/settings.sh"
  # shellcheck source=builders.sh
  . "$own/builders.sh"
  export HOME="$own" PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
  problem=
  choose_builder || fail "$problem"
  printf '%s\n' "Installing the dependencies of the run $builder_note"
  rm -rf "$prefix"
  build_with_"$builder" || fail "$problem"
  rm -rf "$own"
}

fail() {
  [ -z "$1" ] || printf 'ERROR: %s\n' "$1"
  exit 1
}

# what builders.sh and packages.sh call
build() {
  printf '+ %s\n' "$*"
  {
    # only ours: an image that was built from a Dockerfile brings the constraints of then
    env PIP_CONSTRAINT="$pip_constraint" PIP_BUILD_CONSTRAINT="$pip_constraint" UV_CONSTRAINT='' UV_BUILD_CONSTRAINT='' "$@" </dev/null 2>&1
    printf '%s\n' $? >"$own/code"
  } | tee "$own/said"
  return "$(cat "$own/code")"
}

said() {
  cat "$own/said"
}

log_build() {
  printf '%s\n' "$*"
}

case $1 in
  run) run "$2" "$3" "$4" ;;
  build) build_environment "$2" 2>&1 ;;
esac
