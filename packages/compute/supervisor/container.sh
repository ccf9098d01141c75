# shellcheck shell=sh
# A run in a container of this machine's engine, through its command: docker, podman, or what SWITCHYARD_DOCKER names.
# start.sh watches the container in place of the script. In it, inside.sh becomes the script and writes its output into
# the run's own log, so that neither engine nor its client stands between the two: both may die and come back.
# `attempts/<n>/container` says how to find the container again: command, name, DOCKER_HOST, one a line.

# Prints the last line of $1 that says something, with a full stop.
last_line() {
  line=$(printf '%s\n' "$1" | sed -e '/^[[:blank:]]*$/d' -e "/^See '.* --help'/d" -e '/^Run .* --help/d' | tail -n 1)
  printf '%s' "${line%.}."
}

# In place of the script: starts the container and ends with its exit code. A client that is killed, or an engine that is
# restarted, tells nothing about the container: the engine is asked again.
watch_container() {
  trap : TERM INT HUP
  read_container || exit 75
  complaint=$("$engine" start "$container" 2>&1 >/dev/null) || {
    note_refusal container_failed "$(explain_start "$complaint")"
    exit 125
  }
  note_init
  pause=0.1
  until container_code=$("$engine" wait "$container" 2>/dev/null) && is_number "$container_code"; do
    look_at_container
    case $container_status in
      exited | dead | stopped) break ;;
      gone)
        note_refusal container_failed "Somebody removed the container $container while the run was going on."
        exit 125
        ;;
    esac
    nap "$pause"
    longer_pause
  done
  { : >"$attempt/watched"; } 2>/dev/null
  exit "$container_code"
}

# The container's first process leads a session of its own: by that the sampler finds what belongs to the run.
note_init() {
  init=$("$engine" inspect --format '{{.State.Pid}}' "$container" 2>/dev/null) || init=
  ! is_number "$init" || { printf '%s\n' "$init" >"$attempt/init.tmp" && mv "$attempt/init.tmp" "$attempt/init"; } 2>/dev/null
}

is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

explain_start() {
  said=$(last_line "$1")
  case $1 in
    *'exec: \"sh\"'* | *'exec: "sh"'* | *'`sh` not found'*)
      no_shell
      ;;
    *"o space left on device"*) printf '%s' "The container could not start, because the engine's disk is full: $said Free some space there." ;;
    *"exec format error"*) printf '%s' "The image is made for another kind of processor than this machine's: $said" ;;
    *) printf '%s' "The container could not start: $said" ;;
  esac
}

no_shell() {
  printf '%s' "The image has no shell sh, which a run needs in it. Choose an image with sh (and Python for a Python script)."
}

# Why a container that began never came to the run's own first words; it said $1.
explain_entry() {
  case $1 in
    *"exec sh failed"*) no_shell ;;
    *) printf '%s' "The container started but could not reach the run in $job as $(id -un): $(last_line "$1")" ;;
  esac
}

# Leaves for `conclude` why there was no script: $1 reason, $2 words.
note_refusal() {
  printf '%s\n' "$1" "$2" >"$attempt/refused"
} 2>/dev/null

# Sets `engine` and `container` of the attempt; fails when it has no container.
read_container() {
  { { read -r engine && read -r container && read -r engine_host; } <"$attempt/container"; } 2>/dev/null || return 1
  [ -z "$engine_host" ] || export DOCKER_HOST="$engine_host"
}

# Sets `container_status` (the engine's word, `gone`, or `unknown` when the engine does not answer), `container_code` and
# `container_oom`.
look_at_container() {
  container_status=unknown container_code='' container_oom=false
  seen=$("$engine" container inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}' "$container" 2>&1)
  case $? in
    0) container_status=${seen%% *} container_code=${seen#* } container_oom=${seen##* } container_code=${container_code% *} ;;
    *) case $seen in *"o such container"*) container_status=gone ;; esac ;;
  esac
}

# Has the container begun and not ended yet? An engine that does not answer cannot say that it has.
container_lives() {
  read_container || return 1
  look_at_container
  case $container_status in created | configured | initialized | exited | dead | stopped | gone) return 1 ;; esac
}

# Ends the attempt's container: TERM, up to $1 seconds, KILL, which is the engine's own work.
end_container() {
  read_container || return 0
  to_hundredths "$1"
  rounds=0
  while [ $rounds -lt 60 ]; do
    look_at_container
    case $container_status in
      # the watcher may be about to start it
      created | configured | initialized) is_alive "$script_pid" "$script_start" "$pids_boot" || return 0 ;;
      exited | dead | stopped | gone) return 0 ;;
      paused) "$engine" unpause "$container" >/dev/null 2>&1 ;;
      unknown) rounds=$((rounds + 3)) ;;
      *) "$engine" stop -t $(((hundredths + 99) / 100)) "$container" >/dev/null 2>&1 && continue ;;
    esac
    nap 0.25
    rounds=$((rounds + 1))
  done
  now
  say "The engine did not end the container $container; look at it with: $engine inspect $container"
}

# Called by `conclude`: what the engine knows of the end counts more than what was seen of it. Sets `code` and `end_because`.
conclude_container() {
  read_container || return 0
  if [ -n "$stop_reason" ]; then end_container 0; else wait_for_container; fi
  look_at_container
  case $container_status in exited | dead | stopped) [ "$pids_boot" != "$boot" ] || code=$container_code ;; esac
  find_refusal
  if [ -n "$refusal" ]; then
    code=''
    { read -r end_because && read -r refused_words; } <"$refusal"
    case $end_because in '' | *[!a-z_]*) end_because=container_failed ;; esac
    end_because=${stop_reason:-$end_because}
    tell "$refused_words"
  elif [ "$container_oom" = true ] && [ "$code" != 0 ]; then
    end_because=${stop_reason:-out_of_memory}
    tell "The container ran out of its memory, so the kernel killed a process in it. Raise the limit (--memory among the \
container arguments), or let the script use less."
  elif [ ! -e "$attempt/inside/entered" ] && [ -e "$attempt/started" ] && [ -z "$stop_reason" ]; then
    code='' end_because=container_failed
    tell "$(explain_entry "$("$engine" logs --tail 5 "$container" 2>&1)")"
  fi
  drop_container
}

# Sets `refusal`: the file that says why there was no script, empty when there was one. What a container wrote is read when it
# is over, and only if it is a file: it could be a link to what is not its own.
find_refusal() {
  refusal=
  if [ -e "$attempt/refused" ]; then
    refusal=$attempt/refused
  elif [ -f "$attempt/inside/refused" ] && [ ! -L "$attempt/inside/refused" ]; then
    case $container_status in exited | dead | stopped | gone) refusal=$attempt/inside/refused ;; esac
  fi
}

wait_for_container() {
  while [ ! -e "$attempt/watched" ] && [ ! -e "$attempt/refused" ] && [ ! -e "$attempt/stop" ] && container_lives; do
    "$engine" wait "$container" >/dev/null 2>&1 || nap 1
    [ -d "$attempt" ] || exit 0
  done
}

# Tells people, in both logs.
tell() {
  now
  say "$*"
  {
    [ -z "$(tail -c 1 "$attempt/$SY_LOG_DRIVER")" ] || printf '\n'
    printf '%s\n' "Switchyard: $*"
  } 2>/dev/null >>"$attempt/$SY_LOG_DRIVER"
}

drop_container() {
  dropped=$("$engine" rm --force --volumes "$container" 2>&1) && return
  case $dropped in
    *"o such container"*) ;;
    *) now && say "The container $container could not be removed ($(last_line "$dropped")) Remove it with: $engine rm -f $container" ;;
  esac
}
