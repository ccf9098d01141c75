# shellcheck shell=sh
# Which nodes a distributed run was given, how its processes are started there, and which ports they use: found out by the
# supervisor before anything starts, and left in `ranks/plan.sh` for the launcher and every rank.

# Ends the attempt when the processes cannot be started as asked.
plan_ranks() {
  mkdir -p "$attempt/ranks" || refuse disk_full "Cannot make $attempt/ranks."
  plan_names=${SWITCHYARD_PLACEMENT_NODES-} plan_addresses=${SWITCHYARD_PLACEMENT_ADDRESSES-} plan_placement=${SWITCHYARD_PLACEMENT:-fork}
  case $plan_placement in
    fork) place_here ;;
    srun) place_in_allocation ;;
    *) refuse placement_failed "This supervisor cannot place processes by \"$plan_placement\" (SWITCHYARD_PLACEMENT); it knows fork and srun." ;;
  esac
  check_nodes
  plan_mpi='' plan_flavour=
  [ "$SY_COMMUNICATOR" != mpi ] || choose_mpi
  choose_ports
  write_plan || refuse disk_full "Cannot write $attempt/ranks/plan.sh."
  now
  say "$SY_PROCESSES processes ($SY_COMMUNICATOR) on $SY_NODES node(s): $plan_names."
}

place_here() {
  at_node=0
  given_names=$plan_names
  while [ $at_node -lt "$SY_NODES" ]; do
    [ -n "$given_names" ] || plan_names="$plan_names node-$at_node"
    [ -n "${SWITCHYARD_PLACEMENT_ADDRESSES-}" ] || plan_addresses="$plan_addresses 127.0.0.1"
    at_node=$((at_node + 1))
  done
  plan_names=${plan_names# } plan_addresses=${plan_addresses# }
}

# Slurm says which nodes and where they are. NodeAddr, because a node's name need not be one that the network knows.
place_in_allocation() {
  [ -n "${SLURM_JOB_ID-}" ] || refuse placement_failed "The job is to start its processes with srun, but is in no Slurm allocation (no SLURM_JOB_ID)."
  for tool in srun scontrol; do
    command -v $tool >/dev/null || refuse launcher_missing "$tool not found on $host: it starts the processes of this run on the nodes that Slurm gave it."
  done
  [ -z "$plan_names" ] || return 0
  shown=$(scontrol -o show node "${SLURM_JOB_NODELIST-}") || refuse placement_failed "scontrol could not tell the nodes \"${SLURM_JOB_NODELIST-}\" of job $SLURM_JOB_ID."
  # in the order of the list, which srun numbers its tasks by
  for name in $(scontrol show hostnames "${SLURM_JOB_NODELIST-}"); do
    address=$(printf '%s\n' "$shown" | sed -n "s/^NodeName=$name .*NodeAddr=\([^ ]*\).*/\1/p")
    plan_names="$plan_names $name" plan_addresses="$plan_addresses ${address:-$name}"
  done
  plan_names=${plan_names# } plan_addresses=${plan_addresses# }
}

# As many nodes as the job asks for; more than that are left alone.
check_nodes() {
  # shellcheck disable=SC2086
  set -- $plan_names
  [ $# -ge "$SY_NODES" ] || refuse placement_failed "The job needs $SY_NODES nodes and was given $#${1:+: $*}."
  plan_names=$(first_words "$SY_NODES" "$@")
  # shellcheck disable=SC2086
  set -- $plan_addresses
  [ $# -ge "$SY_NODES" ] || refuse placement_failed "The job needs $SY_NODES nodes and was given $# addresses${1:+: $*}."
  plan_addresses=$(first_words "$SY_NODES" "$@")
}

first_words() {
  wanted=$1 words=
  shift
  while [ "$wanted" -gt 0 ]; do
    words="$words $1" wanted=$((wanted - 1))
    shift
  done
  printf '%s' "${words# }"
}

# Sets `plan_mpi` to what starts MPI processes, `plan_flavour` to whose words it takes, and for srun `plan_mpi_type`.
choose_mpi() {
  plan_mpi_type='' asked_mpi=${SWITCHYARD_PLACEMENT_MPI:-$SY_PLACEMENT_MPI}
  case $asked_mpi in
    srun) plan_mpi=srun ;;
    srun:*[!A-Za-z0-9_]*) refuse placement_failed "\"${asked_mpi#srun:}\" is no type that srun --mpi=list could name (SWITCHYARD_PLACEMENT_MPI)." ;;
    srun:?*) plan_mpi=srun plan_mpi_type=${asked_mpi#srun:} ;;
    mpirun | '') find_mpirun ;;
    *) refuse placement_failed "SWITCHYARD_PLACEMENT_MPI is \"$asked_mpi\"; it can be mpirun, srun or srun:<type>." ;;
  esac
  [ -n "$plan_mpi" ] || [ "$plan_placement" != srun ] || plan_mpi=srun
  [ "$plan_mpi" != srun ] || [ "$plan_placement" = srun ] || refuse placement_failed "SWITCHYARD_PLACEMENT_MPI asks for srun, which starts processes \
inside a Slurm allocation only; SWITCHYARD_PLACEMENT is $plan_placement."
  [ -n "$plan_mpi" ] || refuse launcher_missing "mpirun not found on $host, and the run's communicator is MPI. Install an MPI there \
(Debian and Ubuntu: apt install openmpi-bin; Red Hat: dnf install openmpi; conda: add openmpi or mpich to the environment's dependencies), \
or set communicator to None."
  if [ "$plan_mpi" = srun ]; then
    plan_flavour=srun
    [ -n "$plan_mpi_type" ] || choose_mpi_type
    say "MPI processes are started by srun --mpi=$plan_mpi_type."
  else
    tell_flavour
    say "MPI processes are started by $plan_mpi ($plan_flavour)."
  fi
}

# In the run's own environment first, then on PATH.
find_mpirun() {
  script_program=$program
  if find_on_path mpirun || find_on_path mpiexec; then plan_mpi=$program; fi
  program=$script_program
}

tell_flavour() {
  mpi_version=$("$plan_mpi" --version 2>&1 </dev/null)
  case $mpi_version in
    *'Open MPI'* | *OpenRTE* | *PRRTE* | *prterun*) plan_flavour=openmpi ;;
    *Intel*) plan_flavour=intel ;;
    *HYDRA* | *Hydra* | *MPICH*) plan_flavour=mpich ;;
    *) refuse launcher_missing "$plan_mpi is neither Open MPI, MPICH nor Intel MPI: \"$plan_mpi --version\" says \"$(printf '%s' "$mpi_version" | head -n 1)\"." ;;
  esac
}

# Of what this Slurm can do, what most MPI libraries understand.
choose_mpi_type() {
  mpi_types=$(srun --mpi=list 2>&1 | tr -s ' ,\t' '\n')
  for plan_mpi_type in pmix pmix_v5 pmix_v4 pmix_v3 pmi2; do
    ! printf '%s\n' "$mpi_types" | grep -qx "$plan_mpi_type" || return 0
  done
  refuse launcher_missing "mpirun not found on $host, and this Slurm has neither pmix nor pmi2 (srun --mpi=list). Install Open MPI or MPICH there."
}

# Sets `plan_ports`: one for the rendezvous, or one for every TensorFlow task.
choose_ports() {
  plan_ports='' candidate=$((20000 + $$ * 37 % 12000)) wanted=1 tried=0
  [ "$SY_COMMUNICATOR" != parameterserver ] || wanted=$SY_PROCESSES
  if [ -n "$SY_MASTER_PORT" ] && [ "$wanted" = 1 ]; then
    plan_ports=$SY_MASTER_PORT
    return
  fi
  while [ "$wanted" -gt 0 ]; do
    [ $tried -lt 12000 ] || refuse placement_failed "No free port between 20000 and 32000 on $host for the processes to find each other."
    if is_port_free "$candidate"; then plan_ports="$plan_ports $candidate" wanted=$((wanted - 1)); fi
    candidate=$((20000 + (candidate - 20000 + 1) % 12000)) tried=$((tried + 1))
  done
  plan_ports=${plan_ports# }
}

# Below the ports that a system hands out by itself, so that only somebody who asks for this one takes it.
is_port_free() {
  if [ -r /proc/net/tcp ]; then
    ! grep -qs "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$1") " /proc/net/tcp /proc/net/tcp6
  else
    ! netstat -an 2>/dev/null | grep -q "[.:]$1 "
  fi
}

# A plan for programs to read: names and addresses of hosts hold nothing that a shell would take amiss, and are checked to.
write_plan() {
  case $plan_names$plan_addresses$plan_ports in
    *[!A-Za-z0-9._:\ %-]*) refuse placement_failed "A node's name, address or port holds a character that none of them can have: \"$plan_names\" \"$plan_addresses\" \"$plan_ports\"." ;;
  esac
  {
    printf '%s\n' "plan_placement=$plan_placement plan_flavour=$plan_flavour plan_mpi_type=${plan_mpi_type-}"
    printf "%s='%s'\n" plan_names "$plan_names" plan_addresses "$plan_addresses" plan_ports "$plan_ports"
    printf "plan_mpi='%s'\n" "$(printf '%s' "$plan_mpi" | sed "s/'/'\\\\''/g")"
  } >"$attempt/ranks/plan.sh"
}
