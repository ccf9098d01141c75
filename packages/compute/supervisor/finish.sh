# shellcheck shell=sh
# The end of an attempt, written by its supervisor or, when that died, by whoever comes later.

# Writes the end from what the waiter left.
conclude() {
  read_stop
  sweep
  rank_json='' failed_who=''
  # shellcheck source=variables.sh
  [ -z "$SY_DISTRIBUTED" ] || { . "$own/variables.sh" && . "$own/failure.sh" && read_failure; }
  code=
  { read -r code <"$attempt/exit"; } 2>/dev/null
  end_code=null end_signal=null end_because=$stop_reason seconds=null cpu=null
  if [ -e "$attempt/container" ]; then
    # shellcheck source=container.sh
    . "$own/container.sh"
    conclude_container
  fi
  if [ ! -e "$attempt/started" ]; then
    # 75: start.sh could not write down that it started
    [ "${code:-0}" != 75 ] || end_because=${stop_reason:-disk_full}
    end_because=${end_because:-${buried_because:-unknown}}
  else
    read_times
    if [ -n "$code" ] && [ "${failed_code-}" != - ]; then read_code "$code"; else end_because=${end_because:-${buried_because:-unknown}}; fi
  fi
  [ "$end_signal$end_because" != '"KILL"' ] || ! ran_out_of_memory || end_because=out_of_memory
  now
  tell_slurm_words
  say "$(describe_end)"
  [ -z "$failed_who" ] || say "Its last lines, in $failed_log:
$failed_lines"
  [ "$end_code" = 0 ] || tell_full_disk
  write_ended
}

# A script that died of a full disk could hardly say so: its log lies there too. The reserve has room for both.
tell_full_disk() {
  { printf '%8192s' '' >"$attempt/room"; } 2>/dev/null && room=yes || room=
  rm -f "$attempt/room"
  [ -z "$room" ] || return 0
  rm -f "$attempt/reserve"
  set -- "The disk of $job was full when the script ended."
  say "$*"
  {
    [ -z "$(tail -c 1 "$attempt/$SY_LOG_DRIVER")" ] || printf '\n'
    printf '%s\n' "Switchyard: $*"
  } 2>/dev/null >>"$attempt/$SY_LOG_DRIVER"
}

describe_end() {
  subject=${failed_who:-The script}
  [ -z "$SY_DISTRIBUTED" ] || [ -n "$failed_who" ] || [ "$end_code" = 0 ] || subject="The launcher of the ranks"
  if [ "$end_signal" != null ]; then
    printf '%s' "$subject was ended by signal $end_signal"
  elif [ "$end_code" != null ]; then
    printf '%s' "$subject ended with exit code $end_code"
  elif [ -e "$attempt/started" ]; then
    printf '%s' "$subject is gone and nobody saw its exit code"
  else
    printf '%s' "The script never began"
  fi
  [ "$seconds" = null ] || printf '%s' " after $seconds s"
  printf '%s' "${end_because:+ ($end_because)}."
}

# Was a process of this Slurm job killed for the memory that it took? Only there is the group of processes our own.
ran_out_of_memory() {
  [ "${SWITCHYARD_PLACEMENT-}" = srun ] || return 1
  while IFS=: read -r _ controllers path; do
    case $controllers:$path in
      :*/job_*) kills=/sys/fs/cgroup$path/memory.events ;;
      *memory*:*/job_*) kills=/sys/fs/cgroup/memory$path/memory.oom_control ;;
      *) continue ;;
    esac
    kills=$(sed -n 's/^oom_kill //p' "$kills")
    [ "${kills:-0}" -eq 0 ] || return 0
  done </proc/self/cgroup
  return 1
} 2>/dev/null

# What Slurm itself had to say is in no log that comes home.
tell_slurm_words() {
  [ -s "$own/slurm.txt" ] || return 0
  tail -n 20 "$own/slurm.txt"
}

# Ends what the script left running. Who stops the job may still be giving its processes their time to finish.
sweep() {
  [ "${script_pid:-0}" != 0 ] || return 0
  if [ -e "$attempt/container" ]; then
    # a client of the engine, whose watcher was killed
    end_session "$script_pid" "$script_start" "$pids_boot" 0
  elif [ -e "$attempt/stop" ]; then
    pause=0.01
    # each question looks through all processes of the machine: once nobody lives there is no other
    while session_lives "$script_pid"; do
      if ! is_stopper_busy; then
        end_session "$script_pid" "$script_start" "$pids_boot" 0
        break
      fi
      nap "$pause"
      longer_pause
    done
    end_aside 0
  elif is_left_behind; then
    now
    say "The script left processes behind; they are ended now."
    end_session "$script_pid" "$script_start" "$pids_boot" 2
    end_aside 2
  fi
}

# One signal tells whether a script left anything. Ranks may have process groups, mpirun and srun have a session of their own.
is_left_behind() {
  kill -0 "-$script_pid" 2>/dev/null && return 0
  [ -n "$SY_DISTRIBUTED" ] && [ -z "$SY_CONTAINER" ] || return 1
  session_lives "$script_pid" || { read_aside && session_lives "$aside_pid"; }
}

read_aside() {
  { read -r aside_pid aside_start <"$attempt/ranks/aside"; } 2>/dev/null
}

# Ends what mpirun or srun started, within $1 seconds. A container counts its processes by numbers of its own.
end_aside() {
  [ -n "$SY_DISTRIBUTED" ] && [ -z "$SY_CONTAINER" ] || return 0
  ! read_aside || end_session "$aside_pid" "$aside_start" "$pids_boot" "$1"
  signal_step "$attempt" KILL
}

is_stopper_busy() {
  { read -r stopper_pid stopper_start <"$attempt/stopper"; } 2>/dev/null || return 1
  [ "$stopper_pid" != $$ ] && is_alive "$stopper_pid" "$stopper_start" -
}

# For an attempt whose supervisor died. Returns 3 when it is not over, or when somebody else is at it. $1, if given, is from
# a scheduler, which knows that all its processes are gone, on whatever node they were: why, should they not have said so.
finish() {
  [ -d "$attempt" ] && [ ! -e "$attempt/ended.json" ] || exit 0
  buried_because=${1-}
  if [ -n "$buried_because" ]; then
    is_reason "$buried_because" || fail "the reason \"$buried_because\" is not known."
    read_pids
  elif read_pids; then
    is_alive "$supervisor_pid" "$supervisor_start" "$pids_boot" && exit 3
    is_alive "$waiter_pid" "$waiter_start" "$pids_boot" && exit 3
    is_alive "$script_pid" "$script_start" "$pids_boot" && exit 3
    ! container_goes_on || exit 3
  else
    # claimed a moment ago, or the supervisor died before it could say who it is
    [ -n "$(find "$attempt" -prune -mmin +1)" ] || exit 3
  fi
  # shellcheck source=lock.sh
  . "$own/lock.sh"
  take_lock "$own/finish-$number.lock" || exit 3
  if [ ! -e "$attempt/ended.json" ]; then
    { : >>"$attempt/$SY_LOG_CONTROL"; } 2>/dev/null && exec >>"$attempt/$SY_LOG_CONTROL" 2>&1
    end_builder 0
    find_ended
    [ -n "$ended" ] || { now && say "The supervisor of attempt $number is gone."; }
    conclude
  fi
  release_lock
  exit 0
}

# Does the attempt's container go on, although whoever watched it is gone? Then the engine will know how it ended.
container_goes_on() {
  [ -e "$attempt/container" ] && [ "$pids_boot" = "$boot" ] && [ ! -e "$attempt/stop" ] || return 1
  # shellcheck source=container.sh
  . "$own/container.sh"
  container_lives
}

# Ends the build of an environment that this attempt's supervisor started, within $1 seconds.
end_builder() {
  # the image of a run in a container is pulled without a lock
  { read -r builder_pid builder_start <"$attempt/builder"; } 2>/dev/null && end_session "$builder_pid" "$builder_start" "$pids_boot" "$1"
  [ -n "$SY_ENVIRONMENT_NAME" ] || return 0
  building=$site/environments/$SY_ENVIRONMENT_NAME.lock
  { read -r holder_pid holder_start _ <"$building/holder"; } 2>/dev/null || return 0
  [ "$holder_pid $holder_start" = "$supervisor_pid $supervisor_start" ] || return 0
  { read -r builder_pid builder_start <"$building/builder"; } 2>/dev/null || return 0
  end_session "$builder_pid" "$builder_start" "$pids_boot" "$1"
}

is_reason() {
  case $1 in
    canceled | time_limit | abandoned | preempted | node_lost | requeued | not_started | out_of_memory | unknown) ;;
    *) return 1 ;;
  esac
}
