# shellcheck shell=sh
# Answers questions about job directories on standard input; what look.py does, for machines without Python. The words
# of both are described in look.py. Comes after process.sh.
set -u
LC_ALL=C
export LC_ALL
read_boot
if stat -c %s / >/dev/null 2>&1; then flag=-c sizes='%s %n' entries='%f %s %Y %n' changes=%Z; else flag=-f sizes='%z %N' entries='%Xp %z %m %N' changes=%c; fi

# One line of whatever is in standard input.
flat() {
  tr '\001-\037\177' ' '
  echo
}

read_clock_of_day() {
  stamp=$(date +%s.%N)
  case $stamp in *[!0-9.]*) stamp=${stamp%%.*} ;; esac
}

look() {
  read_clock_of_day
  echo "at $stamp"
  left=$1
  while [ "$left" -gt 0 ]; do
    IFS= read -r directory || exit 0
    look_at_job "$directory"
    left=$((left - 1))
  done
  echo end
}

look_at_job() {
  own=$1/.switchyard
  echo job
  if [ ! -e "$1" ]; then
    if [ -d "${1%/*}" ]; then echo missing; else echo nosite; fi
  elif [ ! -d "$1" ]; then
    echo "unreadable it is not a directory"
  elif [ ! -x "$1" ] || { [ -e "$own" ] && [ ! -x "$own" ]; }; then
    echo "unreadable permission denied"
  else
    list_attempts
    for number in $numbers; do look_at_attempt; done
    [ -n "$numbers" ] || look_at_unclaimed
  fi
}

# Sets `numbers`.
list_attempts() {
  numbers=''
  [ -d "$own/attempts" ] && [ ! -L "$own/attempts" ] || return 0
  for attempt in "$own/attempts"/*; do
    number=${attempt##*/}
    case $number in 0* | *[!0-9]* | ??????????*) continue ;; esac
    [ -d "$attempt" ] && [ ! -L "$attempt" ] && numbers="$numbers $number"
  done
  # shellcheck disable=SC2086
  case $numbers in ' '*' '*) numbers=$(printf '%s\n' $numbers | sort -n) ;; esac
}

look_at_unclaimed() {
  first=
  while read -r line; do
    case $line in SY_FIRST_ATTEMPT=*) first=${line#*=} ;; esac
  done <"$own/job.sh" 2>/dev/null
  echo "first $(printf '%s' "$first" | tr -d "'")"
  [ ! -s "$own/launch.log" ] || printf 'complaint %s\n' "$(tail -n 1 "$own/launch.log" | flat)"
} 2>/dev/null

look_at_attempt() {
  attempt=$own/attempts/$number
  changed=$(stat $flag $changes "$attempt" 2>/dev/null)
  echo "attempt $number $((${stamp%.*} - ${changed:-0}))"
  # The end is read before the sizes: an attempt that had ended by then has nothing that grows afterwards.
  if [ -f "$attempt/ended.json" ] && [ ! -L "$attempt/ended.json" ]; then
    printf 'ended '
    flat <"$attempt/ended.json"
  elif [ -f "$attempt/pids" ] && [ ! -L "$attempt/pids" ]; then
    look_at_processes
  fi
  (cd "$attempt" 2>/dev/null && list_files | head -n 10000)
}

look_at_processes() {
  a=0 b=- c=0 d=- e=0 f=- g=
  { read -r a b c d e f g <"$attempt/pids"; } 2>/dev/null
  [ -n "$g" ] || return 0
  if is_alive "$a" "$b" "$g" || is_alive "$c" "$d" "$g" || is_alive "$e" "$f" "$g"; then lives=1; else lives=0; fi
  echo "processes $a $c $e $lives"
}

# Events first: they tell what the rest means.
list_files() {
  {
    [ ! -f events.jsonl ] || [ -L events.jsonl ] || stat $flag "$sizes" ./events.jsonl
    find . -type f -path './*/*' ! -path './sampling/*' ! -path './http/*' ! -path '*[[:cntrl:]]*' -exec stat $flag "$sizes" {} +
  } 2>/dev/null | sed -n 's/^\([0-9]*\) \.\//file \1 /p'
}

# $1 offset, $2 most bytes, $3 path
read_piece() {
  size=0
  { [ -f "$3" ] && [ ! -L "$3" ] && size=$(stat $flag "${sizes%% *}" "$3"); } 2>/dev/null
  count=$((size - $1))
  [ "$count" -le "$2" ] || count=$2
  [ "$count" -gt 0 ] || count=0
  echo "bytes $count"
  [ "$count" = 0 ] || {
    # Exactly as many as were announced, whatever happens to the file meanwhile.
    { tail -c "+$(($1 + 1))" <"$3" | head -c "$count"; head -c "$count" /dev/zero; } 2>/dev/null | head -c "$count"
    size=$(stat $flag "${sizes%% *}" "$3" 2>/dev/null)
  }
  if [ $(($1 + count)) -le "${size:-0}" ] || [ "$count" = 0 ]; then echo whole; else echo torn; fi
}

# $1 job directory, $2 path below it
find_output() {
  above=$1
  rest=$2
  while :; do
    case $rest in */*) ;; *) break ;; esac
    above=$above/${rest%%/*}
    rest=${rest#*/}
    [ ! -L "$above" ] || { echo behind && return; }
  done
  if [ -L "$1/$2" ]; then
    echo link
  elif [ ! -e "$1/$2" ]; then
    echo none
  elif [ ! -f "$1/$2" ]; then
    echo special
  else
    echo "size $(stat $flag "${sizes%% *}" "$1/$2" 2>/dev/null)"
  fi
}

# $1 job directory; the folders follow on standard input, $2 of them
list_outputs() {
  gone=
  cd "$1" 2>/dev/null || gone=yes
  [ -z "$gone" ] || echo gone
  left=$2
  while [ "$left" -gt 0 ]; do
    IFS= read -r folder || exit 0
    left=$((left - 1))
    [ -z "$gone" ] || continue
    [ -e "./$folder" ] || [ -L "./$folder" ] || continue
    # a folder that cannot be listed is named, as an entry that is one
    find "./$folder" -type d ! -perm -u+rx 2>/dev/null | sed 's/^\.\//denied /'
    find "./$folder" ! -type d ! -path '*[[:cntrl:]]*' -exec stat $flag "$entries" {} + 2>/dev/null | sed 's/ \.\// /; s/^/entry /'
    find "./$folder" ! -type d -path '*[[:cntrl:]]*' -exec sh -c 'for each; do printf "odd %s\n" "$(printf %s "${each#./}" | tr "\001-\037\177" " ")"; done' odd {} +
  done
  echo end
}

echo ready sh
while IFS=' ' read -r word count; do
  case $word in
    look) look "$count" ;;
    read)
      left=$count
      while [ "$left" -gt 0 ]; do
        IFS=' ' read -r offset most path || exit 0
        read_piece "$offset" "$most" "$path"
        left=$((left - 1))
      done
      ;;
    find)
      IFS= read -r directory && IFS= read -r path || exit 0
      find_output "$directory" "$path"
      ;;
    list)
      IFS= read -r directory || exit 0
      (list_outputs "$directory" "$count")
      ;;
  esac
done
