# shellcheck shell=sh
# waiter.sh JOB N SUPERVISOR START PROGRAM PREFIX: starts the script, waits for it and leaves its exit code. It does
# little else, so that it can hardly fail, and has a session of its own, so that it outlives the supervisor. It also
# starts the clock of the time limit.
set -u
sh=${SWITCHYARD_SH:-sh}
job=$1 number=$2
own=$job/.switchyard
attempt=$own/attempts/$number
cd "$attempt" || exit
# TERM may come to everybody; children do not inherit this
trap : TERM
# shellcheck source=process.sh
. "$own/process.sh"
# shellcheck source=event.sh
. "$own/event.sh"
# shellcheck source=/dev/null
. "$own/job.sh"
boot=-
# A shell tells on standard error which of its children a signal ended; that is no news for the control log.
exec 3>&2 2>/dev/null

if [ -n "$SY_MAX_SECONDS" ]; then
  # shellcheck disable=SC2016
  enter_new_session "$sh" -c 'sleep "$1" || sleep "${1%.*}"; shift; exec "$@"' limit "$SY_MAX_SECONDS" \
    "$sh" "$own/supervise" stop "$job" "$SY_GRACE_SECONDS" time_limit "$number" </dev/null 2>&3 3>&- &
  look_up $! || process_start=-
  printf '%s\n' "$! $process_start" >limiter
fi

( enter_new_session "$sh" "$own/start.sh" "$@" 2>&3 3>&- )
code=$?

read_clock
{ read -r started <./started; } 2>/dev/null || started=
[ -z "$SY_MAX_SECONDS" ] || end_limiter
# shellcheck disable=SC2094
{
  # a subshell's children are not ours: `times` must run here
  times >./times
  [ -z "$started" ] || printf '%d.%02d\n' $(((clock - started) / 100)) $(((clock - started) % 100)) >>./times
} 2>/dev/null
# in place, into room that was made at the claim
printf '%-4s\n' "$code" 1<>exit.tmp && mv exit.tmp exit
