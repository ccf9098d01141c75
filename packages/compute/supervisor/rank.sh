# shellcheck shell=sh
# rank.sh JOB N PROGRAM PREFIX RANK|mpirun|srun: starts one process of a distributed run, waits for it, and prints
# `<rank> <exit code>` for the launcher. Started by mpirun or srun it learns its rank from a variable of theirs. Whoever
# ends the ranks signals this shell as well; it stays to tell the end.
set -u
sh=${SWITCHYARD_SH:-sh}
job=$1 number=$2
case $5 in
  mpirun | srun) rank=${OMPI_COMM_WORLD_RANK-${PMIX_RANK-${PMI_RANK-${SLURM_PROCID-}}}} ;;
  *) rank=$5 ;;
esac
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
if [ "$5" = srun ]; then
  # What a rank leaves behind is swept up here, on its node: nobody else sees it, and not every Slurm finds it.
  # shellcheck source=process.sh
  . "$own/process.sh"
  read_boot
  ( enter_new_session "$sh" "$own/start.sh" "$job" "$number" - - "$3" "$4" "$rank" >/dev/null 2>&3 3>&- )
  code=$?
  { read -r pid start <"$own/attempts/$number/ranks/$rank"; } 2>/dev/null && session_lives "$pid" && end_session "$pid" "$start" - 2
else
  ( exec "$sh" "$own/start.sh" "$job" "$number" - - "$3" "$4" "$rank" >/dev/null 2>&3 3>&- )
  code=$?
fi
printf '%s %s\n' "$rank" "$code"
# Always a success for mpirun and srun, which would kill the others at once: that is for the launcher to decide.
exit 0
