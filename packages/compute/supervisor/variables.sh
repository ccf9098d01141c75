# shellcheck shell=sh
# Which process of the run this is, and what it is told of itself and of the others (docs/guide/distributed.md). Ranks are
# numbered node by node; with parameter servers the workers come first, and both kinds go round the nodes.

# Sets `word` to word $1, counted from 0, of the others.
word_at() {
  shift $(($1 + 1))
  word=${1-}
}

# Sets `node`, the number of the node of rank $1, and `local_rank`, its number among the processes there.
locate_rank() {
  if [ "$SY_COMMUNICATOR" != parameterserver ]; then
    node=$(($1 / SY_PROCESSES_PER_NODE)) local_rank=$(($1 % SY_PROCESSES_PER_NODE))
  elif [ "$1" -lt "$SY_WORKERS" ]; then
    node=$(($1 % SY_NODES)) local_rank=$(($1 / SY_NODES))
  else
    node=$((($1 - SY_WORKERS) % SY_NODES))
    local_rank=$(((SY_WORKERS + SY_NODES - 1 - node) / SY_NODES + ($1 - SY_WORKERS) / SY_NODES))
  fi
}

# Sets `local_size`, the number of processes on node $1.
count_on_node() {
  if [ "$SY_COMMUNICATOR" != parameterserver ]; then
    local_size=$SY_PROCESSES_PER_NODE
  else
    local_size=$(((SY_WORKERS + SY_NODES - 1 - $1) / SY_NODES + (SY_PROCESSES - SY_WORKERS + SY_NODES - 1 - $1) / SY_NODES))
  fi
}

# Sets `rank_log`, the file of rank $1, below the attempt's folder.
find_rank_log() {
  rank_log=$SY_LOG_DRIVER
  rank_stem=${SY_LOG_DRIVER%.txt}
  [ -z "$SY_DISTRIBUTED" ] || rank_log=${rank_stem%_0}_$1.txt
}

# Sets everything that this process is told, and `log`; ends it when the run is being ended already.
be_rank() {
  rank=$1 placement='' node_names='' node_addresses='' rank_ports=
  find_rank_log "$rank"
  log=$attempt/$rank_log
  [ -n "$SY_DISTRIBUTED" ] || return 0
  # whoever ends the ranks leaves a mark before it sends signals: one of us sees the other
  if [ -e "$attempt/stop" ] || [ -e "$attempt/ranks/ending" ]; then exit 143; fi
  # shellcheck source=/dev/null
  . "$attempt/ranks/placement.sh"
  look_up $$
  { printf '%s\n' "$$ $process_start" >"$attempt/ranks/$rank"; } 2>/dev/null
  # all that finds a step's processes on other nodes
  [ "$placement" != srun ] || { printf '%s\n' "${SLURM_JOB_ID-}.${SLURM_STEP_ID-}" >"$attempt/ranks/step"; } 2>/dev/null
  set_rank_variables
}

# As shell variables: an argument may name them (`--rank $RANK`), and job.sh then asks for their values.
set_rank_variables() {
  locate_rank "$rank"
  count_on_node "$node"
  MASTER_ADDR=${node_addresses%% *} MASTER_PORT=${rank_ports%% *}
  RANK=$rank WORLD_SIZE=$SY_PROCESSES LOCAL_RANK=$local_rank LOCAL_WORLD_SIZE=$local_size NODE_RANK=$node
  SWITCHYARD_RANK=$rank SWITCHYARD_WORLD_SIZE=$SY_PROCESSES SWITCHYARD_LOCAL_RANK=$local_rank
  SWITCHYARD_LOCAL_WORLD_SIZE=$local_size SWITCHYARD_NODE_RANK=$node SWITCHYARD_NODE_COUNT=$SY_NODES
  # shellcheck disable=SC2086
  word_at "$node" $node_names
  SWITCHYARD_NODE=$word
  AZ_BATCH_MASTER_NODE=$MASTER_ADDR:$MASTER_PORT AZ_BATCHAI_MPI_MASTER_NODE=$MASTER_ADDR AZ_BATCHAI_TASK_INDEX=$rank
  AZ_BATCHAI_PYTORCH_INIT_METHOD=file://$attempt/ranks/rendezvous
  [ "$SY_COMMUNICATOR" != parameterserver ] || set_task_variables
}

# Every task listens at the address of its node; `task_hosts` are its kind's, in order.
set_task_variables() {
  AZ_BATCHAI_WORKER_HOSTS='' AZ_BATCHAI_PS_HOSTS='' workers='' servers='' other=0
  for port in $rank_ports; do
    locate_rank $other
    # shellcheck disable=SC2086
    word_at "$node" $node_addresses
    if [ $other -lt "$SY_WORKERS" ]; then
      workers="${workers:+$workers, }\"$word:$port\"" AZ_BATCHAI_WORKER_HOSTS=$AZ_BATCHAI_WORKER_HOSTS,$word:$port
    else
      servers="${servers:+$servers, }\"$word:$port\"" AZ_BATCHAI_PS_HOSTS=$AZ_BATCHAI_PS_HOSTS,$word:$port
    fi
    other=$((other + 1))
  done
  AZ_BATCHAI_WORKER_HOSTS=${AZ_BATCHAI_WORKER_HOSTS#,} AZ_BATCHAI_PS_HOSTS=${AZ_BATCHAI_PS_HOSTS#,}
  AZ_BATCHAI_JOB_NAME=worker
  [ "$rank" -lt "$SY_WORKERS" ] || AZ_BATCHAI_JOB_NAME=ps AZ_BATCHAI_TASK_INDEX=$((rank - SY_WORKERS))
  TF_CONFIG="{\"cluster\": {${servers:+\"ps\": [$servers], }\"worker\": [$workers]}, \
\"task\": {\"type\": \"$AZ_BATCHAI_JOB_NAME\", \"index\": $AZ_BATCHAI_TASK_INDEX}, \"environment\": \"cloud\"}"
}

# Calls its words with the variables of this process appended. Those of people stand before and give way.
with_rank_variables() {
  if [ -z "$SY_DISTRIBUTED" ]; then
    "$@" SWITCHYARD_RANK=0 SWITCHYARD_WORLD_SIZE=1 SWITCHYARD_LOCAL_RANK=0 SWITCHYARD_LOCAL_WORLD_SIZE=1 \
      SWITCHYARD_NODE_RANK=0 SWITCHYARD_NODE_COUNT=1 "SWITCHYARD_NODE=$host"
    return
  fi
  set -- "$@" "SWITCHYARD_RANK=$SWITCHYARD_RANK" "SWITCHYARD_WORLD_SIZE=$SWITCHYARD_WORLD_SIZE" \
    "SWITCHYARD_LOCAL_RANK=$SWITCHYARD_LOCAL_RANK" "SWITCHYARD_LOCAL_WORLD_SIZE=$SWITCHYARD_LOCAL_WORLD_SIZE" \
    "SWITCHYARD_NODE_RANK=$SWITCHYARD_NODE_RANK" "SWITCHYARD_NODE_COUNT=$SWITCHYARD_NODE_COUNT" \
    "SWITCHYARD_NODE=$SWITCHYARD_NODE" "NODE_RANK=$NODE_RANK" "MASTER_ADDR=$MASTER_ADDR" "MASTER_PORT=$MASTER_PORT" \
    "AZ_BATCH_MASTER_NODE=$AZ_BATCH_MASTER_NODE"
  case $SY_COMMUNICATOR in
    mpi) "$@" "AZ_BATCHAI_MPI_MASTER_NODE=$AZ_BATCHAI_MPI_MASTER_NODE" ;;
    gloo | nccl)
      "$@" "RANK=$RANK" "WORLD_SIZE=$WORLD_SIZE" "LOCAL_RANK=$LOCAL_RANK" "LOCAL_WORLD_SIZE=$LOCAL_WORLD_SIZE" \
        "AZ_BATCHAI_PYTORCH_INIT_METHOD=$AZ_BATCHAI_PYTORCH_INIT_METHOD" "AZ_BATCHAI_TASK_INDEX=$AZ_BATCHAI_TASK_INDEX"
      ;;
    parameterserver)
      "$@" "TF_CONFIG=$TF_CONFIG" "AZ_BATCHAI_JOB_NAME=$AZ_BATCHAI_JOB_NAME" "AZ_BATCHAI_TASK_INDEX=$AZ_BATCHAI_TASK_INDEX" \
        "AZ_BATCHAI_WORKER_HOSTS=$AZ_BATCHAI_WORKER_HOSTS" "AZ_BATCHAI_PS_HOSTS=$AZ_BATCHAI_PS_HOSTS"
      ;;
    *) "$@" ;;
  esac
}
