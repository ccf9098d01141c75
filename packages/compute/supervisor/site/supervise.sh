# shellcheck shell=sh
# Runs the job's own supervisor, detached. Given: `directory`, `command`; the words that follow are its arguments.
# shellcheck disable=SC2154 # whoever sends this script sets them
set -u
own=$directory/.switchyard
[ -d "$own" ] || exit 0
unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_ORIGINAL_COMMAND
cd / || exit
{ : >>"$own/launch.log"; } 2>/dev/null && complaints=$own/launch.log || complaints=/dev/null
if [ "$command" = run ]; then
  sh "$own/supervise" launch "$directory" </dev/null >/dev/null 2>>"$complaints"
else
  # shellcheck source=../process.sh
  . "$own/process.sh"
  enter_new_session sh "$own/supervise" "$command" "$directory" "$@" </dev/null >/dev/null 2>>"$complaints" &
fi
