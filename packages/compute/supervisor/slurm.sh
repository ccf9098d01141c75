#!/bin/sh
# The job's side of Slurm, beside the supervisor (ARCHITECTURE.md, "Slurm").
#
#   slurm.sh submit DIR [OPTION…]      on a log-in node: gives the job to Slurm once, with these options of sbatch; prints its id there
#   slurm.sh cancel DIR GRACE [REASON] on a log-in node: ends the job, or keeps it from beginning (again)
#   slurm.sh run DIR                   the batch script itself, on the first node of the allocation
#
# `.switchyard/` holds `slurm-id`, the one Slurm job that may run here; `slurm.txt`, what Slurm itself says while it runs
# the job; `cancel`, the wish to end it.
set -u
sh=${SWITCHYARD_SH:-sh}

fail() {
  printf '%s\n' "switchyard: $*" >&2
  exit 1
}

# Sets `job own site` and reads what is shared with the supervisor; leaves quietly when the directory is gone.
open_job() {
  cd -P -- "$1" 2>/dev/null || exit 0
  job=$PWD own=$PWD/.switchyard
  site=${job%/*/*}
  [ -f "$own/job.sh" ] || fail "$own/job.sh is missing, so there is nothing to run."
  # shellcheck source=process.sh
  . "$own/process.sh"
  # shellcheck source=event.sh
  . "$own/event.sh"
  # shellcheck source=lock.sh
  . "$own/lock.sh"
  # shellcheck source=/dev/null
  . "$own/job.sh"
  read_boot
}

# Sets `slurm_id`; fails when no Slurm job belongs to this directory yet.
read_id() {
  slurm_id=
  { read -r slurm_id <"$own/slurm-id"; } 2>/dev/null
  [ -n "$slurm_id" ]
}

# Makes $1 the Slurm job of this directory unless there is one, and sets `slurm_id`.
write_id() {
  only_once "$own/slurm-id" "$1"
  read_id && return
  # It is there and empty: somebody is writing it, or died before.
  nap 1
  read_id && return
  { printf '%s\n' "$1" >"$own/slurm-id.$1" && mv "$own/slurm-id.$1" "$own/slurm-id"; } 2>/dev/null
  read_id || fail "cannot write $own/slurm-id: is the disk full?"
}

# Writes $2 into the file $1 unless that is there.
only_once() {
  set -C
  { printf '%s\n' "$2" >"$1"; } 2>/dev/null
  only_once_code=$?
  set +C
  return $only_once_code
}

submit() {
  open_job "$1"
  shift
  # An allocation that we may be in ourselves is not the job's.
  [ -z "${SLURM_JOB_ID-}" ] || for name in $(env | sed -n 's/^\(SLURM_[A-Za-z0-9_]*\)=.*/\1/p'); do
    [ "$name" = SLURM_CONF ] || unset "$name"
  done
  read_host
  look_up $$
  if read_id; then
    :
  elif only_once "$own/submitting" "$$ $process_start $boot $host"; then
    send "$@"
  elif [ -e "$own/submitting" ]; then
    submit_again "$@"
  else
    fail "cannot write to $own: is the disk full?"
  fi
  printf '%s\n' "$slurm_id"
}

# Somebody has begun to submit this job: they are at it, or Slurm refused it, or they died and the answer of sbatch is lost.
submit_again() {
  wait_for_turn
  if ! find_earlier; then
    printf '%s\n' "$$ $process_start $boot $host" >"$own/submitting"
    send "$@"
  fi
  release_lock
}

# One at a time, and after whoever was first, who needs no lock.
wait_for_turn() {
  tries=0
  until first_is_done && take_lock "$own/submit.lock"; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "somebody else has been submitting job $SY_JOB_ID for a minute; see $own/submitting."
    nap 0.1
  done
}

first_is_done() {
  read_id && return
  { read -r first_pid first_start first_boot first_host <"$own/submitting"; } 2>/dev/null || return 1
  [ "${first_host-}" != "$host" ] || ! is_alive "$first_pid" "$first_start" "$first_boot"
}

# A submission whose answer was lost is known to Slurm by its name. Those that are over never began, or they would have
# left their number: Slurm keeps even jobs that it refused.
find_earlier() {
  read_id && return 0
  found=$(squeue --noheader --name="$(job_name)" --format=%i) || give_up $?
  found=${found%%[!0-9]*}
  [ -n "$found" ] && write_id "$found"
}

job_name() {
  printf 'switchyard-%s' "$SY_JOB_ID"
}

send() {
  said=$(sbatch --parsable --job-name="$(job_name)" "$@" "$own/slurm.sh" run "$job") || give_up $?
  # with a name of the cluster after it: `17;cluster`
  said=${said%%[!0-9]*}
  [ -n "$said" ] || fail "sbatch did not say the number of the job."
  write_id "$said"
}

give_up() {
  [ ! -d "$own/submit.lock" ] || release_lock
  exit "$1"
}

# Sets `last`, the number of the last claimed attempt or 0, and `last_end`: `open`, or why it ended, `itself` for its own end.
find_last() {
  last=0 last_end=
  next=$SY_FIRST_ATTEMPT
  while [ -d "$own/attempts/$next" ]; do
    last=$next
    next=$((next + 1))
  done
  [ "$last" != 0 ] || return 0
  last_end=open
  [ -e "$own/attempts/$last/ended.json" ] || return 0
  last_end=$(sed -n 's/.*"because":"\([a-z_]*\)".*/\1/p' "$own/attempts/$last/ended.json")
  last_end=${last_end:-itself}
}

# Is $1 an end after which Slurm starts a job again? (BEGINS_AGAIN in slurm/jobStates.ts)
begins_again() {
  case $1 in preempted | node_lost | requeued) ;; *) return 1 ;; esac
}

supervise() {
  "$sh" "$own/supervise" "$@"
}

cancel() {
  open_job "$1"
  read_id
  # by its name, since a job that Slurm does not know any more is then no error
  standing=$(squeue --noheader --states=all --name="$(job_name)" --format='%i %T') || exit
  standing=$(printf '%s\n' "$standing" | sed -n "s/^$slurm_id //p")
  read_now
  deadline=
  { read -r deadline _ <"$own/cancel"; } 2>/dev/null
  reason=${3:-canceled}
  if [ -n "$deadline" ] && [ "$epoch" -gt "$deadline" ]; then
    # asked before, in vain: now Slurm does it in its own way
    [ -z "$slurm_id" ] || scancel "$slurm_id"
    exit
  fi
  [ -n "$deadline" ] ||
    { printf '%s %s %s\n' "$((epoch + ${2%.*} + 20))" "$2" "$reason" >"$own/cancel.tmp" && mv "$own/cancel.tmp" "$own/cancel"; }
  case $standing in
    COMPLETING)
      find_last
      ! begins_again "$last_end" || keep_from_beginning
      ;;
    RUNNING | SUSPENDED | STOPPED | SIGNALING | STAGE_OUT | RESIZING)
      # The batch script hears it and ends its own job in time, whether we are still there or not.
      scancel --batch --signal=USR2 "$slurm_id"
      ;;
    *)
      find_last
      keep_from_beginning
      ;;
  esac
}

# The attempt is claimed first: whatever Slurm begins now finds that there is nothing to do.
keep_from_beginning() {
  if begins_again "$last_end"; then
    supervise stop "$job" 0 "$reason" "$next"
  else
    supervise stop "$job" 0 "$reason"
  fi
  [ -z "$slurm_id" ] || scancel "$slurm_id"
}

read_now() {
  epoch=$(date +%s)
}

run() {
  open_job "$1"
  # Slurm sends TERM to every process of the job; who writes down its end must not die of it.
  trap : TERM
  trap warned USR1
  trap told_to_stop USR2
  export SWITCHYARD_PLACEMENT=srun
  write_id "$SLURM_JOB_ID"
  # a second submission of the same job, which lost its answer
  [ "$slurm_id" = "$SLURM_JOB_ID" ] || exit 0
  find_last
  [ "$last_end" != open ] || bury
  [ "$last" = 0 ] || begins_again "$last_end" || exit 0
  number=$next
  keep_words
  ! read_wish || { supervise stop "$job" 0 "$reason" "$number" && exit 0; }
  take_care
  code=
  { read -r code <"$own/attempts/$number/exit"; } 2>/dev/null
  exit "${code:-0}"
}

# Slurm starts this job again, so every process of the attempt before is gone: its node was, or they were killed.
bury() {
  supervise finish "$job" "$last" node_lost
  find_last
  [ "$last_end" != open ] || fail "attempt $last of job $SY_JOB_ID has no end and none could be written; see $own/attempts/$last."
}

# What Slurm said about earlier attempts is kept apart, since its last word tells why the present one ends.
keep_words() {
  [ -s "$own/slurm.txt" ] || return 0
  cat "$own/slurm.txt" >>"$own/slurm-earlier.txt" && : >"$own/slurm.txt"
}

# Runs the supervisor and hears signals meanwhile. When it dies before its time, its waiter and script may go on.
take_care() {
  watch_use &
  watcher=$!
  ( with_interrupts "$sh" "$own/supervise" run "$job" "$number" ) &
  supervisor=$!
  while :; do
    wait $supervisor
    kill -0 $supervisor 2>/dev/null || break
  done
  while [ -d "$own/attempts/$number" ] && [ ! -e "$own/attempts/$number/ended.json" ]; do
    supervise finish "$job" "$number" && break
    nap 2
  done
  kill $watcher 2>/dev/null
}

# Slurm ends with a job all that it started, and a site has many nodes: so each job has a sampler of its own, if it lasts.
watch_use() {
  trap 'kill $pause; exit' TERM
  sleep 5 &
  pause=$!
  wait $pause
  command -v python3 >/dev/null && [ -r /proc/self/stat ] && mkdir -p "$own/sampler/attempts" || exit
  printf '%s\n' "$own/attempts/$number" >"$own/sampler/attempts/$SY_JOB_ID.$number"
  exec python3 -B -S -E "$own/sampler.py" "$own"
} </dev/null >/dev/null 2>&1

# Becomes the command in its words, for which a shell's `&` has turned SIGINT off.
with_interrupts() {
  if env --default-signal=INT true 2>/dev/null; then
    exec env --default-signal=INT,QUIT "$@"
  elif command -v python3 >/dev/null; then
    exec python3 -c 'import os, signal, sys
for name in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE): signal.signal(name, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
  fi
  exec "$@"
}

# USR1: the time limit is near, or the job has a grace before it makes room for another.
warned() {
  facts=$(scontrol --oneliner show job "$SLURM_JOB_ID" 2>/dev/null)
  reason=time_limit pause=0
  case $facts in
    *' PreemptTime=None '* | '') ;;
    *' PreemptTime='*) reason=preempted ;;
  esac
  end=${facts##* EndTime=}
  if [ $reason = time_limit ] && end=$(date -d "${end%% *}" +%s 2>/dev/null); then
    # Slurm may warn up to a minute too early.
    read_now
    pause=$((end - epoch - ${SY_GRACE_SECONDS%.*} - 5))
    [ $pause -gt 0 ] || pause=0
  fi
  ( trap - TERM; sleep $pause; supervise stop "$job" "$SY_GRACE_SECONDS" $reason "$number" ) &
}

# USR2: `cancel` on a log-in node.
told_to_stop() {
  read_wish || return 0
  supervise stop "$job" "$grace" "$reason" "${number-}" &
}

# Sets `grace` and `reason` of the wish to end the job; fails when there is none.
read_wish() {
  grace='' reason=''
  { read -r _ grace reason <"$own/cancel"; } 2>/dev/null
  [ -n "$reason" ]
}

usage() {
  printf '%s\n' "usage: slurm.sh submit DIR [OPTION…] | cancel DIR GRACE [REASON] | run DIR" >&2
  exit 2
}

[ $# -ge 2 ] || usage
command=$1
shift
case $command in
  submit) submit "$@" ;;
  cancel)
    [ $# -ge 2 ] || usage
    cancel "$@"
    ;;
  run) run "$@" ;;
  *) usage ;;
esac
