# shellcheck shell=sh
# A lock is a folder with a file `holder`: `<pid> <start time> <boot id> <host>`. Whoever finds its holder dead takes it over.

# Takes the lock $1; fails when a living process holds it (`holder_pid`).
take_lock() {
  lock=$1
  while :; do
    make_lock && return 0
    [ -d "$lock" ] || return 1
    if holder_lives; then return 1; fi
    break_lock || return 1
  done
}

# The folder is made with its holder inside and then renamed: a lock without a holder is never seen.
make_lock() {
  made=$lock.$$
  rm -rf "$made"
  look_up $$
  read_host
  mkdir "$made" && printf '%s\n' "$$ $process_start $boot $host" >"$made/holder" || return 1
  mv "$made" "$lock" 2>/dev/null
  if [ -d "$lock/${made##*/}" ]; then
    # `mv` moves into a folder that exists: somebody else's lock
    rm -rf "$lock/${made##*/}"
    return 1
  fi
  [ ! -d "$made" ] || { rm -rf "$made" && return 1; }
}

holder_lives() {
  read_host
  { read -r holder_pid holder_start holder_boot holder_host <"$lock/holder"; } 2>/dev/null || return 1
  if [ "${holder_host:-$host}" = "$host" ]; then
    is_alive "$holder_pid" "$holder_start" "$holder_boot"
  else
    # Another machine on a shared disk: its processes cannot be seen from here, so only age can tell.
    [ -n "$(find "$lock" -prune -mmin -360)" ]
  fi
}

# Removes a dead holder's lock. One process at a time, so that nobody removes the lock of the one that was faster.
break_lock() {
  mkdir "$lock.breaking" 2>/dev/null || {
    [ -z "$(find "$lock.breaking" -prune -mmin +1 2>/dev/null)" ] || rmdir "$lock.breaking"
    return 1
  }
  if [ -d "$lock" ] && ! holder_lives; then
    ! command -v lock_was_left >/dev/null || lock_was_left
    rm -rf "$lock"
  fi
  rmdir "$lock.breaking"
}

# Moved away first: nobody may find it half removed.
release_lock() {
  mv "$lock" "$lock.$$" && rm -rf "$lock.$$"
} 2>/dev/null

read_host() {
  host=
  { read -r host </proc/sys/kernel/hostname; } 2>/dev/null || host=$(uname -n)
}
