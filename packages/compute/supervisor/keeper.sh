# shellcheck shell=sh
# keeper.sh NODE: is a node of the embedded cluster. As long as it lives, so does the node; it runs no job itself, so that
# jobs do not depend on it. It holds the node's expiry, and carries out a preemption. Files of the folder NODE:
#
#   expiry    `<deadline in hundredths on read_clock> <seconds>`; replaced by whoever renews it
#   jobs/     one file for each job that has the node, with the path of its directory
#   notice    the node is wanted back: seconds for its jobs to finish (a bare TERM is such a notice too)
#   claim/    made by the first keeper; there is never a second one
#   keeper    `<pid> <start time> <boot id>`: the node is ready
#   ending/   somebody ends the node: from then on it takes no job
#   ended     how it ended: expired, preempted, deleted; complete when it exists
#
# It waits in `sleep` and does not poll: whoever writes a notice sends TERM, and an expiry only ever moves away.
set -u
sh=${SWITCHYARD_SH:-sh}
bare_notice_seconds=30
cd -P -- "$1" 2>/dev/null || exit 0
# shellcheck source=process.sh
. "${0%/*}/process.sh"
read_boot
# A shell tells on standard error which of its children a signal ended; that is no news for anybody.
exec 3>&2 2>/dev/null
sleeper='' noticed=
# KILL, because a TERM that comes before the new process has become `sleep` would be lost
trap 'noticed=yes; [ -z "$sleeper" ] || kill -KILL "$sleeper" 2>/dev/null' TERM

keep() {
  mkdir claim 2>/dev/null || exit 0
  look_up $$
  write keeper "$$ $process_start $boot"
  ring
  while :; do
    if [ -n "$noticed" ] || [ -e notice ]; then preempt; fi
    # somebody else ends the node, or took its folder away
    [ ! -e ended ] && [ -d claim ] || exit 0
    read_expiry
    if ! has_jobs && [ "$left" -le 0 ]; then expire; fi
    if has_jobs || [ "$left" -le 0 ]; then left=$((period * 100)); fi
    doze $(((left + 99) / 100))
  done
}

# Sets `left`, the hundredths of a second until the node expires, and `period`.
read_expiry() {
  deadline='' period=
  { read -r deadline period <expiry; } 2>/dev/null
  period=${period:-60}
  read_clock
  left=$((${deadline:-$((clock + period * 100))} - clock))
}

has_jobs() {
  set -- jobs/*
  [ -e "$1" ]
}

# Sleeps $1 seconds, or until somebody rouses it.
doze() {
  sleep "$1" 3>&- &
  sleeper=$!
  [ -z "$noticed" ] || kill -KILL "$sleeper" 2>/dev/null
  wait "$sleeper"
  sleeper=
}

# Ends the node unless it got a job, or more time, at the same moment. Whoever gives it a job looks for `ending` afterwards.
expire() {
  mkdir ending 2>/dev/null || exit 0
  read_expiry
  if has_jobs || [ "$left" -gt 0 ]; then
    rmdir ending
    return
  fi
  leave expired
}

# Stops the jobs of the node, all at once, and ends it.
preempt() {
  mkdir ending 2>/dev/null || [ -e notice ] || exit 0
  ring
  grace=
  { read -r grace <notice; } 2>/dev/null
  stoppers=
  for file in jobs/*; do
    job=
    { IFS= read -r job <"$file"; } 2>/dev/null
    if [ -n "$job" ] && [ -e "$job/.switchyard/supervise" ]; then
      "$sh" "$job/.switchyard/supervise" stop "$job" "${grace:-$bare_notice_seconds}" preempted 2>&3 3>&- &
      stoppers="$stoppers $!"
    fi
  done
  for stopper in $stoppers; do
    # a further notice interrupts `wait`
    while kill -0 "$stopper" 2>/dev/null; do wait "$stopper"; done
  done
  leave preempted
}

leave() {
  rm -rf tmp scratch
  write ended "$1"
  ring
  exit 0
}

# Writes $2 into the file $1, whole or not at all.
write() {
  { printf '%s\n' "$2" >"$1.tmp" && mv "$1.tmp" "$1"; } 2>/dev/null
}

# Only a hint for whoever listens.
ring() {
  { : >"../.bells/${PWD##*/}"; } 2>/dev/null
}

keep
