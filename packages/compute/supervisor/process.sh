# shellcheck shell=sh
# Processes: who they are (pid, start time, boot), whether they still live, and how a whole session of them is ended.
# Functions answer in variables, because $(…) costs a process. Linux's /proc is read where there is one, else `ps`.

# Sets `boot`: what tells this start of the machine from an earlier one, or `-`.
read_boot() {
  boot=
  { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null)
  boot=${boot:--}
}

# Sets `clock`: hundredths of a second on a clock that nobody can set, where the machine has one.
read_clock() {
  if { read -r clock _ </proc/uptime; } 2>/dev/null; then
    # 1$fraction - 100, because 08 would be a wrong octal number
    clock=$((${clock%.*} * 100 + 1${clock#*.} - 100))
  else
    clock=$(($(date +%s) * 100))
  fi
}

# Sets `process_state`, `process_group`, `process_session` and `process_start` of pid $1; fails when there is no such process.
look_up() {
  if [ -r /proc/self/stat ]; then
    { read -r process_line </proc/"$1"/stat; } 2>/dev/null || return 1
    # The command's name stands in parentheses and may hold anything: count fields after the last one.
    # shellcheck disable=SC2086
    set -- ${process_line##*") "}
    [ $# -ge 20 ] || return 1
    process_state=$1 process_group=$3 process_session=$4
    shift 19
    process_start=$1
  else
    # shellcheck disable=SC2046
    set -- $(ps -o state= -o lstart= -p "$1" 2>/dev/null)
    [ $# -ge 2 ] || return 1
    process_state=$1 process_group=- process_session=-
    shift
    process_start=$(IFS=_ && printf '%s' "$*")
  fi
}

# Is pid $1 the process that began at $2 in the boot $3? A pid that was given out again is somebody else.
is_alive() {
  [ "$1" != 0 ] && { [ "$3" = - ] || [ "$3" = "$boot" ]; } && look_up "$1" || return 1
  case $process_state in Z* | X*) return 1 ;; esac
  [ "$2" = - ] || [ "$2" = "$process_start" ]
}

# Becomes the command in its words, in a session of its own. Call it in a subshell or with `&`.
enter_new_session() {
  if command -v setsid >/dev/null; then
    exec setsid "$@"
  elif command -v perl >/dev/null; then
    # shellcheck disable=SC2016
    exec perl -e 'use POSIX (); POSIX::setsid(); @SIG{"INT","QUIT"} = ("DEFAULT") x 2; exec { $ARGV[0] } @ARGV; exit 127' "$@"
  elif command -v python3 >/dev/null; then
    exec python3 -c 'import os, signal, sys
os.setsid()
for name in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE): signal.signal(name, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
  fi
  printf '%s\n' "supervise: this machine has none of setsid, perl and python3, so a job cannot be detached. Install one of them." >&2
  exit 1
}

# Sleeps $1 seconds, which may be a fraction where `sleep` knows fractions.
nap() {
  sleep "$1" 2>/dev/null || sleep 1
}

# Sets `members`, the living processes of session $1, and `outsiders`, those of them that left its first process group.
list_members() {
  members='' outsiders=
  if [ -r /proc/self/stat ]; then
    # grep finds the few candidates: a shell that reads thousands of processes itself takes a second for it.
    # shellcheck disable=SC2013 # these names hold no blanks
    for member in $(grep -sl " $1 " /proc/[0-9]*/stat); do
      member=${member#/proc/} member=${member%/stat}
      look_up "$member" && [ "$process_session" = "$1" ] || continue
      case $process_state in Z* | X*) continue ;; esac
      members="$members $member"
      [ "$process_group" = "$1" ] || outsiders="$outsiders $member"
    done
  else
    # Where ps cannot tell the session: the process group and all descendants.
    members=$(ps -A -o pid= -o ppid= -o pgid= -o state= | awk -v first="$1" '
      $4 !~ /^Z/ { parent[$1] = $2; group[$1] = $3; if ($3 == first) ours[$1] = 1 }
      END { do { more = 0; for (p in parent) if (!(p in ours) && (parent[p] in ours)) { ours[p] = 1; more = 1 } } while (more)
            for (p in ours) { printf " %s", p; if (group[p] != first) out = out " " p }
            printf ":%s", out }')
    outsiders=${members#*:} members=${members%%:*}
  fi
  [ -n "$members" ]
}

# Sends signal $1 to every process of session $2, to each of them once.
signal_session() {
  # The group in one call, so that no new child slips away. (`kill -s TERM -- -1`, the form of the standard, is unknown
  # to busybox.)
  kill "-$1" "-$2" 2>/dev/null
  list_members "$2" || return 0
  # shellcheck disable=SC2086
  [ -z "$outsiders" ] || kill "-$1" $outsiders 2>/dev/null
}

# Has session $1 a living process? The group is asked first: that costs nothing.
session_lives() {
  kill -0 "-$1" 2>/dev/null || list_members "$1"
}

# Ends session $1, whose leader began at $2 in boot $3: TERM, up to $4 seconds to finish, KILL of all that is left.
end_session() {
  [ "$1" != 0 ] && { [ "$3" = - ] || [ "$3" = "$boot" ]; } || return 0
  # The leader's pid now belongs to somebody else: then the session is over, for the number is not reused before.
  if look_up "$1" && [ "$2" != - ] && [ "$2" != "$process_start" ]; then return 0; fi
  signal_session TERM "$1"
  wait_for_session "$1" "$4" && return 0
  kill_rounds=0
  while [ $kill_rounds -lt 40 ]; do
    signal_session KILL "$1"
    wait_for_session "$1" 0.1 && return 0
    kill_rounds=$((kill_rounds + 1))
  done
}

# Sends signal $2 to what a Slurm step of the attempt in folder $1 runs, on all its nodes: `kill` reaches this machine alone.
signal_step() {
  [ -f "$1/ranks/step" ] && command -v scancel >/dev/null && { read -r step <"$1/ranks/step"; } 2>/dev/null || return 0
  scancel "--signal=$2" "$step" 2>/dev/null
}

# Waits up to $2 seconds until session $1 is over; fails when it is not.
wait_for_session() {
  to_hundredths "$2"
  read_clock
  deadline=$((clock + hundredths))
  pause=0.01
  while session_lives "$1"; do
    read_clock
    [ "$clock" -lt "$deadline" ] || return 1
    nap "$pause"
    longer_pause
  done
}

# Sets `pause` to the next longer one: looks often at first and at most four times a second later.
longer_pause() {
  case $pause in
    0.01) pause=0.02 ;;
    0.02) pause=0.05 ;;
    0.05) pause=0.1 ;;
    *) pause=0.25 ;;
  esac
}

# Sets `hundredths` of the seconds $1, `2` or `0.25`.
to_hundredths() {
  case $1 in
    *.*)
      hundredths=${1#*.}00
      hundredths=$((${1%%.*} * 100 + 1${hundredths%"${hundredths#??}"} - 100))
      ;;
    *) hundredths=$(($1 * 100)) ;;
  esac
}
