# shellcheck shell=sh
# Finds the machine's container engine and makes the container of an attempt, before its script could begin: what the engine
# will not have is told then. Watching it is container.sh.

# Sets `engine`, `engine_kind` (docker, podman) and `rootless`; ends the attempt when there is no engine that works.
find_engine() {
  if [ -n "${SWITCHYARD_DOCKER-}" ]; then set -- "$SWITCHYARD_DOCKER"; else set -- docker podman; fi
  engine_problem=
  read_host
  for name; do
    engine=$(command -v -- "$name") && [ -x "$engine" ] || continue
    ! ask_engine || return 0
    # of two that do not work the first one counts
    engine_problem=${engine_problem:-$(explain_engine "$engine_info")}
    # somebody said where it is: another one is not what they mean
    [ -z "${DOCKER_HOST-}" ] || break
  done
  [ -z "$engine_problem" ] || refuse container_failed "$engine_problem"
  refuse container_failed "The run asks for a container, and $(list_words "$@") was not found on $host. \
Install Docker or Podman there, set SWITCHYARD_DOCKER to its command, or switch Docker off in the run configuration."
}

# Asks `engine` what it is; fails, with its words in `engine_info`, when it does not work.
ask_engine() {
  engine_kind=docker rootless=
  case $("$engine" --version 2>/dev/null) in *podman*) engine_kind=podman ;; esac
  if [ $engine_kind = podman ]; then about='{{.Host.Security.Rootless}}'; else about='{{json .SecurityOptions}} {{json .Runtimes}}'; fi
  engine_info=$("$engine" info --format "$about" 2>&1) || return 1
  case $engine_info in
    true | *rootless*) rootless=yes ;;
    *"Cannot connect"* | *"ermission denied"*) return 1 ;;
  esac
}

list_words() {
  printf '%s' "$1"
  [ $# -lt 2 ] || printf ' or %s' "$2"
}

# Why the engine, which said $1, is of no use.
explain_engine() {
  said=$(last_line "$1")
  case $1 in
    *"ermission denied"*)
      printf '%s' "The account $(id -un) may not use the container engine on $host: $said Add it to the engine's group \
(for Docker: usermod -aG docker $(id -un)) and log in again, or install rootless Docker or Podman."
      ;;
    *"Cannot connect"* | *"onnection refused"* | *"no such file"*)
      printf '%s' "The container engine on $host does not run: $said Start it (for Docker: systemctl start docker), or set \
DOCKER_HOST to where it listens."
      ;;
    *) printf '%s' "The container engine on $host does not answer ($engine): $said" ;;
  esac
}

# Creates the attempt's container and sets `container`; ends the attempt when the engine will not have it.
create_container() {
  # names of containers have letters, digits and a few signs only
  container=switchyard-$(printf '%s' "$SY_JOB_ID" | tr -c 'A-Za-z0-9_.-' '-')-$number
  mkdir -p "$own/home" "$attempt/inside" || refuse disk_full "Cannot make $own/home and $attempt/inside."
  [ -z "$SY_ISOLATED" ] || make_writable || refuse disk_full "Cannot make what the script may write in $job."
  printf '%s\n' "$engine" "$container" "${DOCKER_HOST-}" >"$attempt/container" || refuse disk_full "Cannot write $attempt/container."
  created=$(sy_with_container_arguments create_with 2>&1) || {
    drop_container
    refuse container_failed "$(explain_creation "$created")"
  }
  # a stray word among the arguments was taken for the image
  "$engine" container inspect "$container" >/dev/null 2>&1 || {
    "$engine" rm --force "$(last_id "$created")" >/dev/null 2>&1
    refuse container_failed "One of the container arguments (docker.arguments) is no option, so the engine took it for the \
image. Write each word of an option as an item of its own, the first with its dashes."
  }
  say "Made the container $container from the image $image."
}

last_id() {
  printf '%s\n' "$1" | tail -n 1
}

# The words are the person's own arguments of the command. What comes later on the line wins, so ours stand behind them.
create_with() {
  given=" $* "
  set -- "$engine" create "$@"
  # the run's clients must reach a server that listens on this machine's loopback
  chose --network || chose --net || set -- "$@" --network host
  if ! chose --user && ! chose -u; then take_user; fi
  [ -z "$SY_SHM_SIZE" ] || chose --shm-size || chose --ipc || set -- "$@" --shm-size "$SY_SHM_SIZE"
  add_gpus "$@"
}

# Does a person's own argument choose the option $1?
chose() {
  case $given in *" $1 "* | *" $1="*) return 0 ;; esac
  return 1
}

take_user() {
  user=$(id -u):$(id -g)
  # there the container's root is the account itself
  [ -z "$rootless" ] || [ $engine_kind = podman ] || user=0:0
}

add_gpus() {
  gpus=
  chose --gpus || chose --device || find_gpus
  [ -z "$gpus" ] || if [ $engine_kind = podman ]; then set -- "$@" --device nvidia.com/gpu=all; else set -- "$@" --gpus all; fi
  if [ -n "${user-}" ]; then
    set -- "$@" --user "$user"
    [ -z "$rootless" ] || [ $engine_kind = docker ] || set -- "$@" --userns keep-id
    for group in $(id -G); do set -- "$@" --group-add "$group"; done
  fi
  add_mounts "$@"
}

# Sets `gpus` when containers can be given this machine's GPUs.
find_gpus() {
  case $engine_info in *nvidia*) gpus=yes ;; esac
  ! command -v nvidia-container-runtime-hook >/dev/null || gpus=yes
  { [ -e /etc/cdi/nvidia.yaml ] || [ -e /var/run/cdi/nvidia.yaml ]; } && gpus=yes
  [ -n "$gpus" ] || [ "$SY_GPU" = found ] || printf '%s\n' "$at A GPU was asked for (gpuSupport), and the engine on $host has none \
for containers: the NVIDIA container runtime is missing. The run goes on without." >>"$attempt/$SY_LOG_CONTROL"
}

# The job directory lies at the same path on both sides, so that links, journal and PYTHONPATH mean the same.
add_mounts() {
  writable=
  [ -z "$SY_ISOLATED" ] || writable=,readonly
  set -- "$@" --mount "$(mount_of "$job")$writable"
  tools=$(cd -P -- "$own/python" 2>/dev/null && printf '%s' "${PWD%/*}")
  case $tools/ in
    / | "$job"/*) ;;
    *) set -- "$@" --mount "$(mount_of "$tools"),readonly" ;;
  esac
  if [ -n "$SY_ISOLATED" ]; then add_writable "$@"; else become_create "$@"; fi
}

# Makes what an isolated container may write before it is there. Its logs it gets one by one, as files that cannot become links.
make_writable() {
  mkdir -p "$job/uploads" "$job/children" "$job/dataoutputs" && : >>"$attempt/$SY_LOG_DRIVER" || return 1
  [ -n "$SY_DISTRIBUTED" ] || return 0
  # shellcheck source=variables.sh
  . "$own/variables.sh"
  mkdir -p "$attempt/ranks" && : >>"$attempt/$SY_LOG_MPI" || return 1
  other=0
  while [ $other -lt "$SY_PROCESSES" ]; do
    find_rank_log $other
    : >>"$attempt/$rank_log" || return 1
    other=$((other + 1))
  done
} 2>/dev/null

# Of the job directory an isolated container may write the script's own folders, the journal, and the logs that are there;
# what the supervisor reads and writes itself it can only read. It can become nobody else, and fill no table of processes.
add_writable() {
  for folder in "$job"/*/ "$attempt"/*/; do
    case $folder in "$attempt"/azureml-logs/ | "$attempt"/sampling/ | "$job"/data/) ;; *) set -- "$@" --mount "$(mount_of "${folder%/}")" ;; esac
  done
  for file in "$attempt"/azureml-logs/*; do
    case $file in "$attempt/$SY_LOG_CONTROL" | "$attempt/$SY_LOG_BUILD") ;; *) set -- "$@" --mount "$(mount_of "$file")" ;; esac
  done
  set -- "$@" --mount "$(mount_of "$own/home")"
  become_create "$@" --cap-drop ALL --security-opt no-new-privileges --pids-limit 16384
}

# Becomes the engine's command with its last words.
become_create() {
  # the last words of the engine's command; `-g` of the container's init sends signals to all that the script started
  "$@" --env TINI_KILL_PROCESS_GROUP=1 --env "SWITCHYARD_NODE=$host" --security-opt label=disable --label "switchyard.job=$SY_JOB_ID" \
    --label "switchyard.directory=$job" --name "$container" --init --rm=false --restart no --stop-signal TERM --workdir / \
    --entrypoint sh "$image" "$own/inside.sh" run "$job" "$number" "$(id -un)"
}

# Prints what the engine's --mount reads for the same path on both sides.
mount_of() {
  printf 'type=bind,%s,%s' "$(mount_part source "$1")" "$(mount_part target "$1")"
}

# Prints `$1=$2` as the engine's --mount reads it: commas and quotes need the quoting of CSV.
mount_part() {
  case $2 in
    *[,\"]*) printf '"%s=%s"' "$1" "$(printf '%s' "$2" | sed 's/"/""/g')" ;;
    *) printf '%s=%s' "$1" "$2" ;;
  esac
}

# Why no container could be made; the engine said $1.
explain_creation() {
  said=$(last_line "$1")
  case $1 in
    *"$job: no such file"* | *"path does not exist: $job"*)
      printf '%s' "The container engine does not see $job: $said It must run on this machine, and its settings must allow \
this folder to be shared with containers."
      ;;
    *"unknown flag"* | *"unknown shorthand flag"* | *"invalid argument"* | *"flag needs an argument"* | *"nvalid "*)
      printf '%s' "The container engine does not accept the container arguments (docker.arguments, shmSize): $(first_complaint "$1") \
Correct them; each word is an item of its own."
      ;;
    *) printf '%s' "The container could not be made from the image $image: $said" ;;
  esac
}

first_complaint() {
  line=$(printf '%s\n' "$1" | grep -i -e 'flag' -e 'invalid' -e 'error' | head -n 1)
  printf '%s' "${line%.}."
}
