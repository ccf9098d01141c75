# shellcheck shell=sh
# ranks.sh JOB N PROGRAM PREFIX: the launcher. Starts the processes of a distributed run, waits for all of them, and ends with
# the exit code of the first that failed. It leads the session that the script of another run would lead, and all processes
# on this machine are in it: so whoever stops the job, or sweeps up after a launcher that was killed, meets every one of them.
# The ranks report on a pipe, which is closed when the last of them is gone, whatever became of it; nobody polls.
set -u
sh=${SWITCHYARD_SH:-sh}
job=$1 number=$2 program=$3 prefix=$4
own=$job/.switchyard
site=${job%/*/*}
attempt=$own/attempts/$number
# shellcheck source=process.sh
. "$own/process.sh"
# shellcheck source=event.sh
. "$own/event.sh"
# shellcheck source=variables.sh
. "$own/variables.sh"
# shellcheck source=/dev/null
. "$own/job.sh"
placement='' mpi_flavour='' mpi_program='' mpi_type='' node_names=''
# shellcheck source=/dev/null
. "$attempt/ranks/placement.sh"
read_boot
# a container's first process leads the session there
look_up $$ && session=$process_session
[ "${session:--}" != - ] || session=$$
mpi_log=$attempt/$SY_LOG_MPI

# What starts the ranks, if not this shell.
case $placement/$mpi_flavour in
  */openmpi | */mpich | */intel) launcher=mpirun ;;
  srun/*) launcher=srun ;;
  *) launcher= ;;
esac

# Starts all ranks; each prints its report.
start_ranks() {
  trap : TERM INT HUP
  [ -n "$launcher" ] || {
    chain_ranks 0 4>&1
    return
  }
  sy_with_variables "with_$launcher" 2>>"$mpi_log"
  printf 'launcher %s\n' $?
}

# Starts rank $1 and all after it, side by side. As a pipeline, because what `&` starts could never be interrupted: SIGINT is
# ignored there.
chain_ranks() {
  trap : TERM INT HUP
  if [ "$1" -lt $((SY_PROCESSES - 1)) ]; then
    attend_rank "$1" | chain_ranks $(($1 + 1))
  else
    attend_rank "$1"
  fi
}

attend_rank() {
  exec "$sh" "$own/rank.sh" "$job" "$number" "$program" "$prefix" "$1" </dev/null >&4 4>&-
}

# Called with the job's variables: mpirun itself is tuned by some of them.
with_mpirun() {
  set -- env "$@" "$mpi_program"
  per_node=
  [ "$placement" != srun ] || per_node=$SY_PROCESSES_PER_NODE
  case $mpi_flavour in
    openmpi) set_openmpi_words "$@" ;;
    *) set_hydra_words "$@" ;;
  esac
}

set_openmpi_words() {
  # it would kill the others at once when one is gone without MPI_Finalize; they have their grace period first
  set -- "$@" -np "$SY_PROCESSES" --mca orte_allowed_exit_without_sync 1
  # said only where it is needed: both switch off what protects a person
  [ "$(id -u)" != 0 ] || set -- "$@" --allow-run-as-root
  if [ -n "$per_node" ]; then
    set -- "$@" --map-by "ppr:$per_node:node"
  elif [ "$SY_PROCESSES" -gt "$(count_cores)" ]; then
    set -- "$@" --oversubscribe
  fi
  start_aside "$@"
}

set_hydra_words() {
  set -- "$@" -n "$SY_PROCESSES"
  if [ -n "$per_node" ]; then set -- "$@" -ppn "$per_node"; else set -- "$@" -bootstrap fork; fi
  start_aside "$@"
}

# Starts mpirun or srun in a session of its own: a signal to the job must reach the ranks, which may then finish. These two
# would take it as the order to kill them.
start_aside() {
  show_words "$@"
  # shellcheck disable=SC2016
  ( 
    enter_new_session "$sh" -c '. "$1/process.sh" && look_up $$ && printf "%s\n" "$$ $process_start" >"$2/ranks/aside" || exit
      shift 2 && exec "$@"' mpirun "$own" "$attempt" "$@" "$sh" "$own/rank.sh" "$job" "$number" "$program" "$prefix" "$launcher" </dev/null
  )
}

show_words() {
  shown=
  {
    for word; do
      case $word in "$mpi_program" | srun) shown=+ ;; esac
      [ -z "$shown" ] || printf '%s ' "$shown$word" && shown=${shown:+ }
    done
    printf '\n'
  } >>"$mpi_log"
}

# How many processes Open MPI starts here without being told to oversubscribe: one a core.
count_cores() {
  cores=$(awk -F: '/^physical id/ { p = $2 } /^core id/ && !((p, $2) in seen) { seen[p, $2]; n++ } END { print n + 0 }' /proc/cpuinfo 2>/dev/null)
  usable=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || printf 1)
  if [ "${cores:-0}" -gt 0 ] && [ "$cores" -lt "$usable" ]; then printf '%s' "$cores"; else printf '%s' "$usable"; fi
}

# One task of a job step for every rank, numbered node by node; on hosts that are listed for TensorFlow's tasks.
with_srun() {
  set -- env "$@" srun --job-name=ranks "--nodes=$SY_NODES" "--ntasks=$SY_PROCESSES" --kill-on-bad-exit=0 --input=none --unbuffered \
    ${mpi_type:+"--mpi=$mpi_type"} ${SLURM_CPUS_PER_TASK:+"--cpus-per-task=$SLURM_CPUS_PER_TASK"}
  [ "$SY_COMMUNICATOR" = mpi ] || set -- "$@" --mpi=none
  if [ "$SY_COMMUNICATOR" = parameterserver ]; then
    list_task_hosts >"$attempt/ranks/hosts"
    export SLURM_HOSTFILE="$attempt/ranks/hosts"
    set -- "$@" --distribution=arbitrary
  else
    set -- "$@" --distribution=block "--ntasks-per-node=$SY_PROCESSES_PER_NODE"
  fi
  start_aside "$@"
}

list_task_hosts() {
  task=0
  while [ $task -lt "$SY_PROCESSES" ]; do
    locate_rank $task
    # shellcheck disable=SC2086
    word_at "$node" $node_names
    printf '%s\n' "$word"
    task=$((task + 1))
  done
}

# Reads the reports until all ranks are gone, ends the others when one fails, and ends with the run's exit code.
watch_ranks() {
  # in a subshell, because it may come between any two commands here
  trap 'signaled=yes; ( signal_aside TERM )' TERM INT HUP
  failed='' failed_code='' first_code=0 launcher_code=0 insister='' seen=' ' workers_left=$SY_WORKERS
  while :; do
    signaled=
    if read -r who code; then
      take_report
    elif [ -z "$signaled" ]; then
      break
    fi
  done
  [ -z "$insister" ] || leave_insister
  [ -n "$failed" ] || [ "$launcher_code" != 0 ] || find_unseen
  read_stop
  if [ -z "$failed" ] && [ "$launcher_code" != 0 ] && [ -z "$stop_reason" ]; then
    failed=- failed_code=$launcher_code
    tell_failed "$(launcher_name)"
  fi
  case ${failed_code:-$first_code} in
    -) exit 1 ;;
    *) exit "${failed_code:-$first_code}" ;;
  esac
}

launcher_name() {
  if [ -n "$mpi_program" ]; then printf '%s' "${mpi_program##*/}"; else printf 'srun'; fi
}

# One line of the pipe: `<rank> <exit code>`, or `launcher <exit code>` of mpirun or srun.
take_report() {
  [ "$who" != launcher ] || {
    launcher_code=$code
    return
  }
  seen="$seen$who "
  [ "$who" != 0 ] || first_code=$code
  # nothing that ranks say once they were told to end is news
  [ -z "$failed" ] && [ ! -e "$attempt/ranks/ending" ] || return 0
  case " $SY_SUCCESS_CODES " in
    *" $code "*) is_work_done && end_others "All workers are done, so the parameter servers are ended." ;;
    *) take_failure ;;
  esac
}

# Parameter servers serve for ever: their run is done when its workers are.
is_work_done() {
  [ "$SY_WORKERS" -gt 0 ] && [ "$who" -lt "$SY_WORKERS" ] || return 1
  workers_left=$((workers_left - 1))
  [ $workers_left = 0 ] && [ "$SY_PROCESSES" -gt "$SY_WORKERS" ]
}

take_failure() {
  failed=$who failed_code=$code
  read_stop
  [ -z "$stop_reason" ] || return 0
  tell_failed
  if [ "$SY_PROCESSES" -gt 1 ]; then end_others "The other ranks are ended, with $SY_GRACE_SECONDS seconds to finish."; fi
}

# Leaves who failed for the end of the attempt. $1 names a launcher.
tell_failed() {
  word=${1-}
  if [ "$failed" != - ]; then
    locate_rank "$failed"
    # shellcheck disable=SC2086
    word_at "$node" $node_names
  fi
  { printf '%s\n' "$failed $failed_code $word" >"$attempt/ranks/failed.tmp" && mv "$attempt/ranks/failed.tmp" "$attempt/ranks/failed"; } 2>/dev/null
}

# TERM to all in this session, and KILL after the grace period to all but this shell and the launcher. $1 says why.
end_others() {
  now
  say "$1"
  { printf '' >"$attempt/ranks/ending"; } 2>/dev/null
  # to this shell as well, which passes it on to what mpirun started
  kill -TERM -$$ 2>/dev/null
  signal_outsiders TERM
  # after the signal, which would end it before it has a session of its own
  look_up $$
  # shellcheck disable=SC2016
  watcher=$(exec "$sh" -c 'printf %s "$PPID"')
  enter_new_session "$sh" "$own/insist.sh" "$job" "$number" $$ "$process_start" "$watcher" "$session" </dev/null >/dev/null 2>&1 &
  insister=$!
  look_up $insister || process_start=-
  { printf '%s\n' "$insister $process_start" >"$attempt/ranks/insister"; } 2>/dev/null
}

# Sends signal $1 to the ranks that mpirun or srun started, but neither to these nor to their helpers. mpirun's ranks on other
# nodes cannot be reached so, and have no time to finish.
signal_aside() {
  [ "$launcher" != srun ] || {
    signal_step "$attempt" "$1"
    return
  }
  { read -r aside_pid _ <"$attempt/ranks/aside"; } 2>/dev/null || return 0
  other=0
  while [ $other -lt "$SY_PROCESSES" ]; do
    if { read -r rank_pid rank_start <"$attempt/ranks/$other"; } 2>/dev/null && is_alive "$rank_pid" "$rank_start" -; then
      # most flavours give a rank a process group
      case $process_group in
        - | "$aside_pid") kill "-$1" "$rank_pid" 2>/dev/null ;;
        *) kill "-$1" "-$process_group" 2>/dev/null ;;
      esac
    fi
    other=$((other + 1))
  done
}

# What ranks started has its grace period as well; once nobody is left, nobody needs to insist.
leave_insister() {
  pause=0.01
  while kill -0 "-$insister" 2>/dev/null && has_others; do
    nap "$pause"
    longer_pause
  done
  kill -KILL "-$insister" 2>/dev/null
}

# Does anybody live in this session, or in mpirun's, but the launcher and this shell?
has_others() {
  ! { read -r aside_pid _ <"$attempt/ranks/aside"; } 2>/dev/null || ! list_members "$aside_pid" || return 0
  list_members "$session"
  for member in $members; do
    case $member in 1 | "$$" | "$watcher") ;; *) return 0 ;; esac
  done
  return 1
}

# Sends signal $1 to the processes of this session that have left the launcher's group, but not to the first one of a container.
signal_outsiders() {
  list_members "$session"
  for member in $members; do
    [ "$member" = 1 ] || ! look_up "$member" || [ "$process_group" = $$ ] || kill "-$1" "$member" 2>/dev/null
  done
}

# A rank without a report: who waited for it was killed. It may go on, so it is waited for, but nobody sees its exit code.
find_unseen() {
  read_stop
  [ -z "$stop_reason" ] && [ ! -e "$attempt/ranks/ending" ] || return 0
  unseen=0
  while [ $unseen -lt "$SY_PROCESSES" ]; do
    case $seen in
      *" $unseen "*) ;;
      *)
        await_rank $unseen
        [ -n "$failed" ] || { failed=$unseen failed_code=- && tell_failed; }
        ;;
    esac
    unseen=$((unseen + 1))
  done
}

await_rank() {
  { read -r rank_pid rank_start <"$attempt/ranks/$1"; } 2>/dev/null || return 0
  [ "$placement" = fork ] || return 0
  pause=0.05
  while is_alive "$rank_pid" "$rank_start" -; do
    nap "$pause"
    longer_pause
  done
}

trap : TERM INT HUP
start_ranks | watch_ranks
