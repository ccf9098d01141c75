# shellcheck shell=sh
# Which nodes a distributed run was given, how its processes are started there, and which ports they use: found out by the
# supervisor before anything starts, and left in `ranks/placement.sh` for the launcher and every rank.

# Ends the attempt when the processes cannot be started as asked.
place_ranks() {
  mkdir -p "$attempt/ranks" || refuse disk_full "Cannot make $attempt/ranks."
  placement=${SWITCHYARD_PLACEMENT:-fork}
  node_names=${SWITCHYARD_PLACEMENT_NODES-$SY_NODE_NAMES} node_addresses=${SWITCHYARD_PLACEMENT_ADDRESSES-$SY_NODE_ADDRESSES}
  case $placement in
    fork) place_here ;;
    srun) place_in_allocation ;;
    *) refuse placement_failed "This supervisor cannot place processes by \"$placement\" (SWITCHYARD_PLACEMENT); it knows fork and srun." ;;
  esac
  check_nodes
  mpi_program='' mpi_flavour=
  [ "$SY_COMMUNICATOR" != mpi ] || choose_mpi
  choose_ports
  write_placement || refuse disk_full "Cannot write $attempt/ranks/placement.sh."
  now
  say "$SY_PROCESSES processes ($SY_COMMUNICATOR) on $SY_NODES node(s): $node_names."
}

# One container for all ranks, so all nodes must be this machine.
check_placement_of_container() {
  [ "$SY_NODES" = 1 ] || [ "${SWITCHYARD_PLACEMENT:-fork}" = fork ] || refuse placement_failed "The run asks for containers on several machines \
(SWITCHYARD_PLACEMENT is $SWITCHYARD_PLACEMENT), which this version does not start. Switch Docker off in the run configuration, or use one node."
}

place_here() {
  at_node=0
  given_names=$node_names given_addresses=$node_addresses
  while [ $at_node -lt "$SY_NODES" ]; do
    [ -n "$given_names" ] || node_names="$node_names node-$at_node"
    [ -n "$given_addresses" ] || node_addresses="$node_addresses 127.0.0.1"
    at_node=$((at_node + 1))
  done
  node_names=${node_names# } node_addresses=${node_addresses# }
}

# Slurm says which nodes and where they are. NodeAddr, because a node's name need not be one that the network knows.
place_in_allocation() {
  [ -n "${SLURM_JOB_ID-}" ] || refuse placement_failed "The job is to start its processes with srun, but is in no Slurm allocation (no SLURM_JOB_ID)."
  for tool in srun scontrol; do
    command -v $tool >/dev/null || refuse launcher_missing "$tool not found ${SY_PLACE:-on $host}: it starts the processes of this run on the nodes that Slurm gave it."
  done
  [ -z "$node_names" ] || return 0
  shown=$(scontrol -o show node "${SLURM_JOB_NODELIST-}") || refuse placement_failed "scontrol could not tell the nodes \"${SLURM_JOB_NODELIST-}\" of job $SLURM_JOB_ID."
  # in the order of the list, which srun numbers its tasks by
  for name in $(scontrol show hostnames "${SLURM_JOB_NODELIST-}"); do
    address=$(printf '%s\n' "$shown" | sed -n "s/^NodeName=$name .*NodeAddr=\([^ ]*\).*/\1/p")
    node_names="$node_names $name" node_addresses="$node_addresses ${address:-$name}"
  done
  node_names=${node_names# } node_addresses=${node_addresses# }
}

# As many nodes as the job asks for; more than that are left alone.
check_nodes() {
  # shellcheck disable=SC2086
  set -- $node_names
  [ $# -ge "$SY_NODES" ] || refuse placement_failed "The job needs $SY_NODES nodes and was given $#${1:+: $*}."
  node_names=$(first_words "$SY_NODES" "$@")
  # shellcheck disable=SC2086
  set -- $node_addresses
  [ $# -ge "$SY_NODES" ] || refuse placement_failed "The job needs $SY_NODES nodes and was given $# addresses${1:+: $*}."
  node_addresses=$(first_words "$SY_NODES" "$@")
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

# Sets `mpi_program` to what starts MPI processes, `mpi_flavour` to whose words it takes, and for srun `mpi_type`.
choose_mpi() {
  mpi_type='' asked_mpi=${SWITCHYARD_PLACEMENT_MPI:-$SY_PLACEMENT_MPI}
  case $asked_mpi in
    srun) mpi_program=srun ;;
    srun:*[!A-Za-z0-9_]*) refuse placement_failed "\"${asked_mpi#srun:}\" is no type that srun --mpi=list could name (SWITCHYARD_PLACEMENT_MPI)." ;;
    srun:?*) mpi_program=srun mpi_type=${asked_mpi#srun:} ;;
    mpirun | '') find_mpirun ;;
    *) refuse placement_failed "SWITCHYARD_PLACEMENT_MPI is \"$asked_mpi\"; it can be mpirun, srun or srun:<type>." ;;
  esac
  [ -n "$mpi_program" ] || [ "$placement" != srun ] || mpi_program=srun
  [ "$mpi_program" != srun ] || [ "$placement" = srun ] || refuse placement_failed "SWITCHYARD_PLACEMENT_MPI asks for srun, which starts processes \
inside a Slurm allocation only; SWITCHYARD_PLACEMENT is $placement."
  [ -n "$mpi_program" ] || refuse launcher_missing "mpirun not found ${SY_PLACE:-on $host}, and the run's communicator is MPI. Install an MPI there \
(Debian and Ubuntu: apt install openmpi-bin; Red Hat: dnf install openmpi; conda: add openmpi or mpich to the environment's dependencies), \
or set communicator to None."
  if [ "$mpi_program" = srun ]; then
    mpi_flavour=srun
    [ -n "$mpi_type" ] || choose_mpi_type
    say "MPI processes are started by srun --mpi=$mpi_type."
  else
    tell_flavour
    say "MPI processes are started by $mpi_program ($mpi_flavour)."
  fi
}

# In the run's own environment first, then on PATH.
find_mpirun() {
  script_program=$program
  if find_on_path mpirun || find_on_path mpiexec; then mpi_program=$program; fi
  program=$script_program
}

tell_flavour() {
  mpi_version=$("$mpi_program" --version 2>&1 </dev/null)
  case $mpi_version in
    *'Open MPI'* | *OpenRTE* | *PRRTE* | *prterun*) mpi_flavour=openmpi ;;
    *Intel*) mpi_flavour=intel ;;
    *HYDRA* | *Hydra* | *MPICH*) mpi_flavour=mpich ;;
    *) refuse launcher_missing "$mpi_program is neither Open MPI, MPICH nor Intel MPI: \"$mpi_program --version\" says \"$(printf '%s' "$mpi_version" | head -n 1)\"." ;;
  esac
}

# Of what this Slurm can do, what most MPI libraries understand.
choose_mpi_type() {
  mpi_types=$(srun --mpi=list 2>&1 | tr -s ' ,\t' '\n')
  for mpi_type in pmix pmix_v5 pmix_v4 pmix_v3 pmi2; do
    ! printf '%s\n' "$mpi_types" | grep -qx "$mpi_type" || return 0
  done
  refuse launcher_missing "mpirun not found ${SY_PLACE:-on $host}, and this Slurm has neither pmix nor pmi2 (srun --mpi=list). Install Open MPI or MPICH there."
}

# Sets `rank_ports`: one for the rendezvous, or one for every TensorFlow task.
choose_ports() {
  rank_ports='' candidate=$((20000 + $$ * 37 % 12000)) wanted=1 tried=0
  [ "$SY_COMMUNICATOR" != parameterserver ] || wanted=$SY_PROCESSES
  if [ -n "$SY_MASTER_PORT" ] && [ "$wanted" = 1 ]; then
    rank_ports=$SY_MASTER_PORT
    return
  fi
  while [ "$wanted" -gt 0 ]; do
    [ $tried -lt 12000 ] || refuse placement_failed "No free port between 20000 and 32000 ${SY_PLACE:-on $host} for the processes to find each other."
    if is_port_free "$candidate"; then rank_ports="$rank_ports $candidate" wanted=$((wanted - 1)); fi
    candidate=$((20000 + (candidate - 20000 + 1) % 12000)) tried=$((tried + 1))
  done
  rank_ports=${rank_ports# }
}

# Below the ports that a system hands out by itself, so that only somebody who asks for this one takes it.
is_port_free() {
  if [ -r /proc/net/tcp ]; then
    ! grep -qs "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$1") " /proc/net/tcp /proc/net/tcp6
  else
    ! netstat -an 2>/dev/null | grep -q "[.:]$1 "
  fi
}

# For other programs to read: names and addresses of hosts hold nothing that a shell would take amiss, and are checked to.
write_placement() {
  case $node_names$node_addresses$rank_ports in
    *[!A-Za-z0-9._:\ %-]*) refuse placement_failed "A node's name, address or port holds a character that none of them can have: \"$node_names\" \"$node_addresses\" \"$rank_ports\"." ;;
  esac
  {
    printf '%s\n' "placement=$placement mpi_flavour=$mpi_flavour mpi_type=${mpi_type-}"
    printf "%s='%s'\n" node_names "$node_names" node_addresses "$node_addresses" rank_ports "$rank_ports"
    printf "mpi_program='%s'\n" "$(printf '%s' "$mpi_program" | sed "s/'/'\\\\''/g")"
  } >"$attempt/ranks/placement.sh"
}
