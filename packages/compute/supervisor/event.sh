# shellcheck shell=sh
# What the supervisor writes down: events, pids, the bell, and the end of an attempt.
# `attempt` is the attempt's folder, `number` its number, `own` the job's .switchyard folder, `site` the site's root.

# Sets `at`: this instant as ISO 8601 in UTC, with milliseconds where `date` knows them.
now() {
  at=$(date -u '+%Y-%m-%dT%H:%M:%S.%NZ')
  case $at in
    *.[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]Z) at=${at%??????Z}Z ;;
    *) at=${at%.*}Z ;;
  esac
}

# Sets `json`: $1 as a JSON string. Control characters become blanks.
json_string() {
  json=$1
  case $json in
    *\\* | *\"* | *[[:cntrl:]]*) json=$(printf '%s' "$json" | tr '\001-\037\177' ' ' | sed 's/[\\"]/\\&/g') ;;
  esac
  json="\"$json\""
}

# Tells people, in the control log (standard output); the time is that of the last event.
say() {
  printf '%s %s\n' "$at" "$*"
} 2>/dev/null

# Appends one event; $1 is what follows `at` in the object.
write_event() {
  printf '{"at":"%s",%s}\n' "$at" "$1" >>"$attempt/events.jsonl"
} 2>/dev/null

# Begins a new line when the last write to events.jsonl was cut short.
mend_events() {
  [ ! -s "$attempt/events.jsonl" ] || [ -z "$(tail -c 1 "$attempt/events.jsonl")" ] || printf '\n' >>"$attempt/events.jsonl"
} 2>/dev/null

# Sets `host`: how the cluster calls this node, or Slurm does, or the machine itself. A container is told.
find_host() {
  host=${SY_NODE_NAMES%% *}
  host=${host:-${SLURMD_NODENAME-}}
  [ -z "${SWITCHYARD_INSIDE-}" ] || host=${host:-${SWITCHYARD_NODE-}}
  [ -n "$host" ] || { read -r host </proc/sys/kernel/hostname; } 2>/dev/null || host=$(uname -n)
}

write_claimed() {
  find_host
  json_string "$host"
  if [ "$boot" = - ]; then boot_json=null; else boot_json="\"$boot\""; fi
  write_event "\"kind\":\"claimed\",\"host\":$json,\"pid\":$$,\"bootId\":$boot_json"
}

# $1 state, $2 name, $3 why, $4 seconds; the last three may be empty.
write_environment() {
  name_json=null because_json=null
  [ -z "${2-}" ] || { json_string "$2" && name_json=$json; }
  [ -z "${3-}" ] || { json_string "$3" && because_json=$json; }
  write_event "\"kind\":\"environment\",\"state\":\"$1\",\"name\":$name_json,\"because\":$because_json,\"seconds\":${4:-null}"
}

# $1 supervisor, $2 its start, $3 waiter, $4 its start, $5 script, $6 its start
write_pids() {
  { printf '%s\n' "$* $boot" >"$attempt/pids.tmp" && mv "$attempt/pids.tmp" "$attempt/pids"; } 2>/dev/null
}

# Sets `supervisor_pid supervisor_start waiter_pid waiter_start script_pid script_start pids_boot`; fails without the file.
read_pids() {
  supervisor_pid=0 supervisor_start=- waiter_pid=0 waiter_start=- script_pid=0 script_start=- pids_boot=-
  # shellcheck disable=SC2034
  { read -r supervisor_pid supervisor_start waiter_pid waiter_start script_pid script_start pids_boot <"$attempt/pids"; } 2>/dev/null
}

# Tells whoever listens on this site that something happened to the job. Only a hint, so a failure is no matter.
ring() {
  [ ! -d "$site/bells" ] || printf '%s %s\n' "$number" "$1" >"$site/bells/$SY_JOB_ID"
  # whoever removes a job takes its bell last: one of us sees the other
  [ -d "$own" ] || rm -f "$site/bells/$SY_JOB_ID"
} 2>/dev/null

# Sets `stop_reason`: why the attempt is being stopped, empty when it is not.
read_stop() {
  stop_reason=
  if [ -e "$attempt/stop" ]; then
    { read -r stop_reason <"$attempt/stop"; } 2>/dev/null
    # the disk had no room for the word
    stop_reason=${stop_reason:-canceled}
  elif [ -s "$own/slurm.txt" ]; then
    read_slurm_words
  fi
}

# Slurm says why it ends a job before it sends the first signal:
# `slurmstepd: error: *** JOB 17 ON n1 CANCELLED AT 2026-01-31T10:00:00 DUE TO PREEMPTION ***`
read_slurm_words() {
  while read -r line; do
    case $line in
      *'*** JOB '*' CANCELLED AT '*' DUE TO '*)
        case ${line##*' DUE TO '} in
          PREEMPTION*) stop_reason=preempted ;;
          'NODE FAIL'*) stop_reason=node_lost ;;
          'JOB REQUEUE'*) stop_reason=requeued ;;
          'TIME LIMIT'*) stop_reason=time_limit ;;
          *) stop_reason=canceled ;;
        esac
        ;;
      *'*** JOB '*' CANCELLED AT '*) stop_reason=canceled ;;
    esac
  done <"$own/slurm.txt"
} 2>/dev/null

# Stops the clock of the time limit, unless it is the one that is stopping the job.
end_limiter() {
  limiter=
  { read -r limiter limiter_start <"$attempt/limiter"; } 2>/dev/null || return 0
  read_stop
  [ "$stop_reason" != time_limit ] && is_alive "$limiter" "$limiter_start" - || return 0
  kill -KILL "-$limiter" 2>/dev/null || kill -s KILL "$limiter" 2>/dev/null
}

# Stops the clock of the ranks' grace period, should their launcher have died of something.
end_insister() {
  insister=
  [ -z "$SY_CONTAINER" ] || return 0
  { read -r insister insister_start <"$attempt/ranks/insister"; } 2>/dev/null || return 0
  is_alive "$insister" "$insister_start" - && kill -KILL "-$insister" 2>/dev/null
}

# Sets `sizes`: the members of the `files` object. Only folders hold files that grow; names with control characters are left out.
measure_files() {
  if stat -c %s / >/dev/null 2>&1; then set -- -c '%s %n'; else set -- -f '%z %N'; fi
  sizes=$(
    export LC_ALL=C
    cd "$attempt" && find . -type f -path './*/*' ! -path '*[[:cntrl:]]*' -exec stat "$@" {} + 2>/dev/null |
      sed -n -e 's/[\\"]/\\&/g' -e 's/^\([0-9][0-9]*\) \.\/\(.*\)$/"\2":\1,/p' | tr -d '\n'
  )
  sizes="$sizes\"events.jsonl\":-1"
}

# Keeps the sampler from writing after the end: it appends only while it holds `sampling` and sees no `closing`.
close_sampling() {
  { : >"$attempt/closing"; } 2>/dev/null
  tries=0
  while [ -d "$attempt/sampling" ] && [ $tries -lt 40 ]; do
    nap 0.05
    tries=$((tries + 1))
  done
}

# Sets `end_code` and `end_signal` from what `wait` said.
read_code() {
  end_code=$1 end_signal=null
  [ "$1" -gt 128 ] && [ "$1" -le 192 ] || return 0
  name=$(kill -l $(($1 - 128)) 2>/dev/null) && [ -n "$name" ] || return 0
  json_string "${name#SIG}"
  end_code=null end_signal=$json
}

# Sets `seconds` and `cpu` from what the waiter measured: the shell's own times, its children's, the script's duration.
read_times() {
  seconds=null cpu=null user=
  { { read -r _ && read -r user system && read -r seconds; } <"$attempt/times"; } 2>/dev/null || seconds=null
  [ -n "$user" ] || return 0
  to_milliseconds "$user"
  total=$milliseconds
  to_milliseconds "$system"
  total=$((total + milliseconds))
  cpu=$((total / 1000)).$(printf '%03d' $((total % 1000)))
}

# Sets `milliseconds` of a time like `1m2.345s`.
to_milliseconds() {
  minutes=${1%%m*} rest=${1#*m}
  rest=${rest%s}
  fraction=${rest#*[.,]}000
  milliseconds=$(((minutes * 60 + ${rest%[.,]*}) * 1000 + 1${fraction%"${fraction#???}"} - 1000))
}

read_peak() {
  peak=
  { read -r peak <"$attempt/peak"; } 2>/dev/null
  case $peak in '' | *[!0-9]*) peak=null ;; esac
}

# Sets `ended`: the event that a supervisor wrote before it died without making ended.json.
find_ended() {
  ended=$(grep '"kind":"ended".*}$' "$attempt/events.jsonl" 2>/dev/null)
}

# Writes the end of the attempt from `end_code end_signal end_because seconds cpu`, last of all; nothing grows after it.
write_ended() {
  # a supervisor that was thought dead, on a node that Slurm had lost
  [ ! -e "$attempt/ended.json" ] || return 0
  end_limiter
  end_insister
  close_sampling
  rm -f "$attempt/reserve"
  read_peak
  now
  because_json=null
  [ -z "$end_because" ] || because_json="\"$end_because\""
  pause=0.1
  until put_ended; do
    # No room even in the reserve. Without this line nobody learns the end, so go on trying while there is a directory.
    [ -d "$attempt" ] || exit 0
    nap "$pause"
    case $pause in 0.1) pause=1 ;; 1) pause=5 ;; *) pause=30 ;; esac
  done
  ring ended
}

put_ended() {
  mend_events || return 1
  if [ -z "$ended" ]; then
    measure_files
    end="\"kind\":\"ended\",\"exitCode\":$end_code,\"signal\":$end_signal,\"because\":$because_json${rank_json-}"
    end="$end,\"seconds\":$seconds,\"cpuSeconds\":$cpu,\"peakMemoryBytes\":$peak,\"files\":{$sizes}"
    write_event "$end" || return 1
    # said once, however often ended.json must be tried
    ended="{\"at\":\"$at\",$end}"
  fi
  { printf '%s\n' "$ended" >"$attempt/ended.json.tmp" && mv "$attempt/ended.json.tmp" "$attempt/ended.json"; } 2>/dev/null
}

# Ends an attempt whose script never ran.
end_unstarted() {
  end_code=null end_signal=null end_because=$1 seconds=null cpu=null
  write_ended
}
