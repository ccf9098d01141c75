# shellcheck shell=sh
# System-managed environments: built once per site at environments/<name>, under a lock, then reused by every run with
# the same specification. `.complete` is written last; a folder without it is half-built and never used.

# Sets `prefix`, or ends the attempt.
prepare_system_environment() {
  prefix=$site/environments/$SY_ENVIRONMENT_NAME
  build_log=$attempt/$SY_LOG_BUILD
  waited=
  until [ -e "$prefix/.complete" ]; do
    [ "$SY_MAY_BUILD" = yes ] || fail_environment "The environment $SY_ENVIRONMENT_NAME is not built on this machine yet, and this run \
may not build it (autoPrepareEnvironment is false)."
    mkdir -p "$site/environments" || fail_environment "Cannot make $site/environments."
    if take_lock "$prefix.lock"; then
      # the one before us may have built it while we waited
      [ -e "$prefix/.complete" ] || { build_environment && return; }
      release_lock
    else
      wait_for_builder
    fi
  done
  { : >"$prefix/.last-used"; } 2>/dev/null
  log_build "The environment $SY_ENVIRONMENT_NAME was built before; it is used as it is, from $prefix."
  now
  write_environment cached "$SY_ENVIRONMENT_NAME" "" ""
}

log_build() {
  { printf '%s\n' "$*" >>"$build_log"; } 2>/dev/null
}

wait_for_builder() {
  leave_when_stopped
  if [ -z "$waited" ]; then
    waited=yes pause=0.05
    now
    write_environment waiting "$SY_ENVIRONMENT_NAME" "Another run is building it (process ${holder_pid:-unknown})." ""
    log_build "Waiting: another run is building the environment $SY_ENVIRONMENT_NAME (process ${holder_pid:-unknown})."
  fi
  nap "$pause"
  longer_pause
}

# Called by take_lock when the holder is dead: its build may still be running and would write into ours.
lock_was_left() {
  { read -r builder_pid builder_start <"$lock/builder"; } 2>/dev/null || return 0
  end_session "$builder_pid" "$builder_start" "$holder_boot" 0
}

# $1 why, for people
fail_environment() {
  now
  write_environment failed "$SY_ENVIRONMENT_NAME" "$1" "${built_seconds-}"
  log_build "$1"
  refuse environment_failed "$1"
}

build_environment() {
  read_clock
  build_began=$clock built_seconds='' problem=''
  rm -rf "$prefix"
  # shellcheck source=builders.sh
  . "$own/builders.sh"
  choose_builder || give_up "$problem"
  now
  write_environment building "$SY_ENVIRONMENT_NAME" "$builder_note" ""
  say "Building the environment $SY_ENVIRONMENT_NAME: $builder_note"
  log_build "$at Building $prefix"
  log_build "$builder_note"
  list_replaced
  build_with_"$builder" || give_up "${problem:-$(last_error)}"
  { printf '%s\n' "$at $builder" >"$prefix/.complete.tmp" && mv "$prefix/.complete.tmp" "$prefix/.complete"; } ||
    give_up "No space left to complete the environment in $prefix."
  : >"$prefix/.last-used"
  release_lock
  measure_build
  now
  log_build "$at The environment is ready after $built_seconds s."
  write_environment built "$SY_ENVIRONMENT_NAME" "" "$built_seconds"
}

measure_build() {
  read_clock
  built_seconds=$(((clock - build_began) / 100)).$(printf '%02d' $(((clock - build_began) % 100)))
}

# Leaves nothing of a broken build behind and ends the attempt.
give_up() {
  rm -rf "$prefix"
  release_lock
  leave_when_stopped
  measure_build
  fail_environment "$1"
}

# Names that the client itself serves stand as comments in the specification.
list_replaced() {
  list=$own/environment/requirements.txt
  [ -f "$list" ] || list=$own/environment/pip.txt
  [ ! -f "$list" ] || grep '^#' "$list" >>"$build_log"
} 2>/dev/null

# Runs its words as the build, in a session of its own so that `stop` can end all of it.
build() {
  printf '+ %s\n' "$*" >>"$build_log"
  said_before=$(wc -c <"$build_log")
  # shellcheck disable=SC2016
  ( 
    unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX
    [ -z "${pip_constraint-}" ] || export PIP_CONSTRAINT="$pip_constraint" PIP_BUILD_CONSTRAINT="$pip_constraint"
    enter_new_session "$sh" -c '. "$1/process.sh" && look_up $$ && printf "%s\n" "$$ $process_start" >"$2/builder" || exit
      shift 2 && exec "$@"' build "$own" "$lock" "$@" </dev/null >>"$build_log" 2>&1
  )
  build_code=$?
  [ $build_code -eq 0 ] || log_build "${1##*/} ended with exit code $build_code."
  return $build_code
}

# Prints what the last command of the build said.
said() {
  tail -c "+$((said_before + 1))" "$build_log"
}

# Prints the line of the build's output that most likely says what went wrong.
last_error() {
  found=$(grep -i 'error' "$build_log" | tail -n 1)
  [ -n "$found" ] || found=$(tail -n 2 "$build_log" | head -n 1)
  printf '%s' "The environment could not be built with $builder: ${found%.}. See $SY_LOG_BUILD."
} 2>/dev/null
