# shellcheck shell=sh
# supervise stop: ends what a job started. Asking twice, or after the end, does no harm.

stop() {
  grace=$1 reason=$2
  case $grace in '' | *[!0-9.]* | *.*.*) fail "the grace period \"$grace\" is not a number of seconds." ;; esac
  is_reason "$reason" || fail "the reason \"$reason\" is not known: say canceled, time_limit, abandoned, preempted or node_lost."
  find_attempt "$3"
  [ -d "$attempt" ] || stop_unclaimed
  [ ! -e "$attempt/ended.json" ] || exit 0
  request_stop
  carry_out
}

# Chooses attempt $1, or the last one that was claimed, or the first.
find_attempt() {
  last=$1
  if [ -z "$last" ]; then
    last=$SY_FIRST_ATTEMPT
    while [ -d "$own/attempts/$((last + 1))" ]; do last=$((last + 1)); done
  fi
  choose_attempt "$last"
}

# Claims the attempt so that nobody can start it any more, and ends it. Comes back when somebody else was faster.
stop_unclaimed() {
  claim || return 0
  request_stop
  leave_when_stopped
}

# The first reason counts. Written before `pids` is read: start.sh looks the other way round.
request_stop() {
  look_up $$
  { printf '%s\n' "$$ $process_start" >"$attempt/stopper"; } 2>/dev/null
  ( set -C && printf '%s\n' "$reason" >"$attempt/stop" ) 2>/dev/null || return 0
  [ ! -e "$attempt/closing" ] || return 0
  now
  write_event "\"kind\":\"stopping\",\"because\":\"$reason\""
  { printf '%s\n' "$at Stopping the job ($reason), with $grace seconds to finish." >>"$attempt/$SY_LOG_CONTROL"; } 2>/dev/null
}

# Ends whatever the attempt is doing, until its end is written.
carry_out() {
  stopped_script=0
  read_clock
  patience=$((clock + 3000))
  pause=0.01
  until [ -e "$attempt/ended.json" ]; do
    [ -d "$attempt" ] || exit 0
    if read_pids; then stop_what_runs; fi
    read_clock
    [ "$clock" -lt "$patience" ] || fail "job $SY_JOB_ID was killed but has not ended after 30 seconds; see $attempt."
    nap "$pause"
    longer_pause
  done
}

stop_what_runs() {
  if [ "$script_pid" = 0 ]; then
    end_builder "$grace"
  elif [ "$stopped_script" != "$script_pid" ]; then
    if [ -e "$attempt/container" ]; then
      # shellcheck source=container.sh
      . "$own/container.sh"
      end_container "$grace"
    fi
    end_session "$script_pid" "$script_start" "$pids_boot" "$grace"
    stopped_script=$script_pid
    read_clock
    patience=$((clock + 3000))
  fi
  if ! is_alive "$supervisor_pid" "$supervisor_start" "$pids_boot"; then ( finish ); fi
}
