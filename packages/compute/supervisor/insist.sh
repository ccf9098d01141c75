# shellcheck shell=sh
# insist.sh JOB N LAUNCHER START WATCHER SESSION: gives the ranks their grace period and then kills those that are left, together with
# whoever waits for them, but neither the launcher nor the part of it that reads reports. In a session of its own.
set -u
job=$1 number=$2 launcher=$3 start=$4 watcher=$5 session=$6
own=$job/.switchyard
# shellcheck source=process.sh
. "$own/process.sh"
# shellcheck source=/dev/null
. "$own/job.sh"
sleep "$SY_GRACE_SECONDS" 2>/dev/null || sleep "${SY_GRACE_SECONDS%.*}"
signal_step "$own/attempts/$number" KILL
rounds=0
while [ $rounds -lt 40 ] && is_alive "$launcher" "$start" -; do
  list_members "$session"
  ours=$members
  members=
  ! { read -r aside _ <"$own/attempts/$number/ranks/aside"; } 2>/dev/null || list_members "$aside"
  # shellcheck disable=SC2086
  set -- $ours $members
  for member; do
    shift
    [ "$member" = "$launcher" ] || [ "$member" = "$watcher" ] || [ "$member" = 1 ] || set -- "$@" "$member"
  done
  [ $# -gt 0 ] || exit 0
  kill -KILL "$@" 2>/dev/null
  nap 0.25
  rounds=$((rounds + 1))
done
