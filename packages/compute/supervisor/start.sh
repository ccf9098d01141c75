# shellcheck shell=sh
# start.sh JOB N SUPERVISOR START PROGRAM PREFIX [RANK]: becomes the script. Its pid is written down before the script's first
# line runs, so there is no moment in which a script lives that nobody could find. Of a distributed run it becomes the
# launcher of the ranks, and with RANK, called by rank.sh, one of them.
set -u
job=$1 number=$2 program=$5 prefix=$6 rank=${7-}
own=$job/.switchyard
site=${job%/*/*}
attempt=$own/attempts/$number
# shellcheck source=process.sh
. "$own/process.sh"
# shellcheck source=event.sh
. "$own/event.sh"
# shellcheck source=/dev/null
. "$own/job.sh"
read_boot

write_down() {
  look_up "$PPID" && waiter_start=$process_start && look_up $$ &&
    write_pids "$1" "$2" "$PPID" "$waiter_start" $$ "$process_start" || return 1
  # Whoever stops the job writes `stop` before reading `pids`: one of us sees the other.
  [ ! -e "$attempt/stop" ] || exit 75
  # both clocks at once: what runs is measured by the one, what ran by the other
  now
  read_clock
  { printf '%s\n' "$clock" >"$attempt/started"; } 2>/dev/null && write_event "\"kind\":\"started\",\"pid\":$$"
}

# inside a container that was done outside
if [ -z "${SWITCHYARD_INSIDE-}" ] && [ -z "$rank" ]; then
  write_down "$3" "$4" || {
    # no room: the reserve is for this as well
    rm -f "$attempt/reserve"
    write_down "$3" "$4" || exit 75
  }
  ring started
  if [ -n "$SY_CONTAINER" ]; then
    # shellcheck source=container.sh
    . "$own/container.sh"
    watch_container
  fi
fi
# Makes the folders for what the script writes to datastores, and shows inputs and outputs where the script wants them.
# The words are `KIND PATH LINK`, for each: `make` or `keep`, below the job directory, and the place or nothing.
place_data() {
  while [ $# -ge 3 ]; do
    [ "$1" = keep ] || mkdir -p "$job/$2" || return
    [ -z "$3" ] || link_data "$job/$2" "$3" || return
    shift 3
  done
}

# Makes $2 a link to $1. Other ranks do the same at the same time, and what an earlier run left there leads nowhere.
link_data() {
  case $2 in /*) place=$2 ;; *) place=$job/code/$2 ;; esac
  mkdir -p "${place%/*}" || return
  [ "$(readlink "$place")" != "$1" ] || return 0
  if [ -L "$place" ] && [ ! -e "$place" ]; then rm -f "$place"; elif [ -d "$place" ] && [ ! -L "$place" ]; then rmdir "$place"; fi 2>/dev/null
  if [ ! -e "$place" ]; then ln -s "$1" "$place" 2>/dev/null; fi
  [ "$(readlink "$place")" = "$1" ] || {
    printf '%s\n' "Switchyard: data cannot be shown at $place: something is there already, or the folder cannot be written. \
Choose another path on the compute."
    return 1
  }
}

[ -n "$rank" ] || [ -z "$SY_DISTRIBUTED" ] || exec "${SWITCHYARD_SH:-sh}" "$own/ranks.sh" "$job" "$number" "$program" "$prefix"

# Becomes the script. The words are the job's variables; `env` sets them, because an `export` would trip over names that
# a shell keeps for itself (UID).
become_script() {
  path=${prefix:+$prefix/bin:}${SY_PATH:-$PATH}
  set -- "$@" "PATH=$path" "PYTHONPATH=$own/python${SY_PYTHONPATH:+:$SY_PYTHONPATH}" \
    "PYTHONUNBUFFERED=${SY_PYTHONUNBUFFERED:-${PYTHONUNBUFFERED:-1}}" "AZUREML_SCRIPT_DIRECTORY_NAME=$job/code" "SWITCHYARD_JOB_DIR=$job" \
    "SWITCHYARD_ATTEMPT=$number" "SWITCHYARD_JOURNAL_DIR=$attempt/journal"
  if [ "$number" -gt 1 ] && [ -n "$(find "$job/checkpoints" -type f 2>/dev/null | head -n 1)" ]; then
    # an earlier attempt was cut short and had saved something
    set -- "$@" "SWITCHYARD_RESUME_FROM=$job/checkpoints"
  fi
  if [ -d "$prefix/conda-meta" ]; then
    # Packages of the account must not show through in a conda environment; in a virtual environment they never do.
    set -- "$@" "CONDA_PREFIX=$prefix" PYTHONNOUSERSITE=1
  elif [ -n "$prefix" ]; then
    set -- "$@" "VIRTUAL_ENV=$prefix"
  fi
  if [ -n "$SY_SPARK" ]; then
    # shellcheck source=spark.sh
    . "$own/spark.sh"
    become_driver "$@"
  fi
  case $program in
    *=*)
      # `env` would take a path with = for one more variable
      # shellcheck disable=SC2016
      sy_with_command exec env "$@" "${SWITCHYARD_SH:-sh}" -c 'exec "$0" "$@"' "$program"
      ;;
    *) sy_with_command exec env "$@" "$program" ;;
  esac
}

cd "$job/code" || exit 75
# shellcheck source=variables.sh
. "$own/variables.sh"
be_rank "${rank:-0}"
find_host
{ : >>"$log"; } 2>/dev/null || exit 75
exec >>"$log" 2>&1 </dev/null
sy_with_data place_data || exit 1
# shellcheck source=/dev/null
[ ! -f "$own/secret.sh" ] || . "$own/secret.sh"
unset SWITCHYARD_REGISTRY_PASSWORD SWITCHYARD_INSIDE
sy_with_variables with_rank_variables become_script
