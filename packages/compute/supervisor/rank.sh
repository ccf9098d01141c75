# shellcheck shell=sh
# rank.sh JOB N PROGRAM PREFIX [RANK]: starts one process of a distributed run, waits for it, and prints `<rank> <exit code>`
# for the launcher. Without RANK it was started by mpirun or srun, which tell it by a variable. Whoever ends the ranks
# signals this shell as well; it stays to tell the end.
set -u
sh=${SWITCHYARD_SH:-sh}
job=$1 number=$2
rank=${5-${OMPI_COMM_WORLD_RANK-${PMIX_RANK-${PMI_RANK-${SLURM_PROCID-}}}}}
own=$job/.switchyard
# shellcheck source=/dev/null
. "$own/job.sh"
[ -n "$rank" ] || {
  printf '%s\n' "Switchyard: neither OMPI_COMM_WORLD_RANK, PMIX_RANK, PMI_RANK nor SLURM_PROCID tells this process its rank." >&2
  exit 1
}
trap : TERM INT HUP
# A shell tells on standard error which of its children a signal ended; the launcher says it better.
exec 3>&2 2>/dev/null
( exec "$sh" "$own/start.sh" "$job" "$number" - - "$3" "$4" "$rank" >/dev/null 2>&3 3>&- )
code=$?
printf '%s %s\n' "$rank" "$code"
# Always a success for mpirun and srun, which would kill the others at once: that is for the launcher to decide.
exit 0
