# shellcheck shell=sh
# The image of a run in a container: the base image is pulled when it is not here, or built from a Dockerfile's text; the
# dependencies of a system-managed environment are installed on top. What is built is called azureml/<environment's name>
# and is tagged last, by one step of the engine: an image with that name is whole, and serves every run with the same
# specification.

# Sets `image`, `prefix` and `interpreter`; ends the attempt when there can be no such image.
prepare_container() {
  # shellcheck source=lock.sh
  . "$own/lock.sh"
  # shellcheck source=environment.sh
  . "$own/environment.sh"
  build_log=$attempt/$SY_LOG_BUILD
  find_engine
  if [ -z "$SY_ENVIRONMENT_NAME" ]; then
    image=$SY_IMAGE
    if has_image "$image"; then
      write_environment user "" "" ""
    else
      read_clock
      build_began=$clock
      pull_base || {
        leave_when_stopped
        fail_environment "$problem"
      }
      measure_build
      now
      write_environment built "" "" "$built_seconds"
    fi
  else
    image=azureml/$SY_ENVIRONMENT_NAME
    prepare_built_image
  fi
}

has_image() {
  "$engine" image inspect "$1" >/dev/null 2>&1
}

prepare_built_image() {
  waited=
  if ! has_image "$image"; then
    [ "$SY_MAY_BUILD" = yes ] || fail_environment "The image $image is not built on this machine yet, and this run may not \
build it (autoPrepareEnvironment is false)."
    mkdir -p "$site/environments" || fail_environment "Cannot make $site/environments."
    until take_lock "$site/environments/$SY_ENVIRONMENT_NAME.lock"; do wait_for_builder; done
    # the one before us may have built it while we waited
    if ! has_image "$image"; then
      build_image
      return
    fi
    release_lock
  fi
  log_build "The image $image was built before; it is used as it is."
  now
  write_environment cached "$SY_ENVIRONMENT_NAME" "" ""
}

build_image() {
  read_clock
  build_began=$clock built_seconds='' problem='' builder=${engine##*/}
  helper=switchyard-build-$SY_ENVIRONMENT_NAME-$(printf '%s' "$site" | cksum | tr -d ' ')
  if [ -n "$SY_DOCKERFILE" ]; then base="its Dockerfile"; else base=$SY_IMAGE; fi
  now
  write_environment building "$SY_ENVIRONMENT_NAME" "in an image from $base, with $engine." ""
  say "Building the image $image from $base."
  log_build "$at Building the image $image from $base with $engine"
  list_replaced
  if prepare_base && { [ "$SY_ENVIRONMENT" = user ] || install_dependencies; }; then
    release_lock
    measure_build
    now
    log_build "$at The image is ready after $built_seconds s."
    write_environment built "$SY_ENVIRONMENT_NAME" "" "$built_seconds"
    return
  fi
  problem=${problem:-$(last_error)}
  "$engine" rm --force "$helper" >/dev/null 2>&1
  release_lock
  leave_when_stopped
  measure_build
  fail_environment "$problem"
}

# Sets `base` to an image that is here.
prepare_base() {
  base=$SY_IMAGE
  if [ -z "$SY_DOCKERFILE" ]; then
    has_image "$base" || pull_base
    return
  fi
  base=$image
  [ "$SY_ENVIRONMENT" = user ] || base=$image:base
  mkdir -p "$lock/dockerfile/switchyard-packages" && printf '%s\n' "$SY_DOCKERFILE" >"$lock/dockerfile/Dockerfile" &&
    copy_stand_ins "$lock/dockerfile/switchyard-packages" || return 1
  log_in || return 1
  build "$engine" build --network host --tag "$base" "$lock/dockerfile"
  built=$?
  log_out
  [ $built -eq 0 ] || problem="The image could not be built from the Dockerfile: $(docker_error)"
  return $built
}

# Prints what the engine said last about an error.
docker_error() {
  said=$(grep -i -e error -e denied -e 'not found' -e 'returned a non-zero code' "$build_log" | tail -n 1)
  last_line "${said:-$(grep -v 'ended with exit code' "$build_log" | tail -n 1)}"
}

pull_base() {
  now
  write_environment building "" "Pulling the image $SY_IMAGE." ""
  say "The image $SY_IMAGE is not on this machine; pulling it."
  log_build "$at Pulling the image $SY_IMAGE"
  log_in || return 1
  # `build` writes down whom to end when the run is stopped, below a lock
  if [ -n "$SY_ENVIRONMENT_NAME" ]; then build "$engine" pull "$SY_IMAGE"; else pull_alone; fi
  pulled=$?
  log_out
  [ $pulled -ne 0 ] || return 0
  problem="The image $SY_IMAGE is not on $host and cannot be pulled: $(docker_error) Check its name and that the registry can be \
reached from there; log in with \"${engine##*/} login\" where it asks for it."
  return 1
}

# Without a lock: the engine itself lets several pulls of one image share their work.
pull_alone() {
  lock=$attempt
  build "$engine" pull "$SY_IMAGE"
  pull_code=$?
  rm -f "$attempt/builder"
  return $pull_code
}

# Lets the engine's client use the registry's password for a while, in a configuration of its own.
log_in() {
  [ -n "$SY_REGISTRY_USER" ] || return 0
  # shellcheck source=/dev/null
  password=$([ ! -f "$own/secret.sh" ] || . "$own/secret.sh"; printf '%s' "${SWITCHYARD_REGISTRY_PASSWORD-}")
  if [ -z "$password" ]; then
    log_build "There is no password for $SY_REGISTRY_USER; what the engine's own log-in allows is used."
    return 0
  fi
  keep_endpoint
  export DOCKER_CONFIG="$own/registry" REGISTRY_AUTH_FILE="$own/registry/auth.json"
  (umask 077 && mkdir -p "$own/registry") || return 1
  said=$(printf '%s' "$password" | "$engine" login --username "$SY_REGISTRY_USER" --password-stdin ${SY_REGISTRY:+"$SY_REGISTRY"} 2>&1) && return
  problem="The registry ${SY_REGISTRY:-of Docker Hub} does not let $SY_REGISTRY_USER in: $(last_line "$said")"
  log_out
  return 1
}

# A client with another configuration would not know which engine the person's own one chose.
keep_endpoint() {
  [ -z "${DOCKER_HOST-}" ] && [ "$engine_kind" = docker ] || return 0
  endpoint=$("$engine" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) && [ -n "$endpoint" ] || return 0
  export DOCKER_HOST="$endpoint"
}

log_out() {
  rm -rf "$own/registry"
  [ "${DOCKER_CONFIG-}" != "$own/registry" ] || unset DOCKER_CONFIG REGISTRY_AUTH_FILE
}

# Installs the environment's packages in a container of the base image and keeps that as the image.
install_dependencies() {
  "$engine" rm --force "$helper" >/dev/null 2>&1
  folder=/opt/switchyard/build
  write_context "$lock/context$folder" || return 1
  build "$engine" create --name "$helper" --network host --user 0:0 --security-opt label=disable --entrypoint sh "$base" \
    "$folder/inside.sh" build "$folder" &&
    build "$engine" cp "$lock/context/." "$helper:/" || return 1
  build "$engine" start --attach "$helper" || {
    problem=$(explain_build)
    return 1
  }
  # the tag is the mark that the image is whole
  build "$engine" commit --change 'ENTRYPOINT ["env"]' --change 'CMD ["sh"]' --change "LABEL switchyard.environment=$SY_ENVIRONMENT_NAME" \
    "$helper" "$image" && "$engine" rm --force "$helper" >/dev/null 2>&1
}

explain_build() {
  told=$(sed -n 's/^ERROR: //p' "$build_log" | tail -n 1)
  case $told$(tail -n 5 "$build_log") in
    *'exec: \"sh\"'* | *'exec: "sh"'*) told="the image $base has no shell sh." ;;
    '') told=$(docker_error) ;;
  esac
  printf '%s' "The environment could not be built in the image $base: ${told:-$(docker_error)} See $SY_LOG_BUILD."
}

# Fills the folder $1 with what inside.sh needs to build.
write_context() {
  mkdir -p "$1" && cp "$own/inside.sh" "$own/builders.sh" "$own/packages.sh" "$own/standin.py" "$own/job.sh" "$1/" &&
    cp -R "$own/environment" "$1/" && { [ ! -d "$own/wheels" ] || cp -RL "$own/wheels" "$1/"; } &&
    (umask 077 && list_settings >"$1/settings.sh")
}

# Fills the folder $1 with what a Dockerfile's own `pip install` is held to.
copy_stand_ins() {
  mkdir -p "$1/wheels" || return 1
  [ ! -f "$own/environment/constraints.txt" ] || cp "$own/environment/constraints.txt" "$1/" || return 1
  for wheel in "$own/wheels/"*.whl "$own/environment/wheels/"*.whl; do
    [ ! -f "$wheel" ] || cp "$wheel" "$1/wheels/" || return 1
  done
}

# Prints the settings that say where packages come from, so that the image is built from the index that this machine uses.
# They go into a file that the build removes: as variables of the container they would stay in the image.
list_settings() {
  for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT UV_INDEX_URL UV_DEFAULT_INDEX UV_INDEX \
    UV_EXTRA_INDEX_URL CONDA_CHANNEL_ALIAS http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    eval "value=\${$name-}"
    [ -n "$value" ] || read_pip_setting "$name"
    [ -z "$value" ] || printf "export %s='%s'\n" "$name" "$(printf '%s' "$value" | sed "s/'/'\\\\''/g")"
  done
}

# Sets `value` to what this machine's pip configuration says in place of the variable $1.
read_pip_setting() {
  case $1 in
    PIP_INDEX_URL) key=index-url ;;
    PIP_EXTRA_INDEX_URL) key=extra-index-url ;;
    PIP_TRUSTED_HOST) key=trusted-host ;;
    *) return ;;
  esac
  for file in "${PIP_CONFIG_FILE-}" "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$HOME/.pip/pip.conf" /etc/pip.conf; do
    [ -f "$file" ] || continue
    value=$(sed -n "s/^$key *[=:] *//p" "$file" | tail -n 1)
    [ -z "$value" ] || return 0
  done
}
