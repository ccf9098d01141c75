# shellcheck shell=sh
# Which process of a distributed run ended it, for the events and the control log: the launcher leaves it in `ranks/failed`.

# Sets `rank_json`, empty when nobody is to blame, `failed_who` in words and `failed_lines`, the last ones of its log.
read_failure() {
  rank_json='' failed_who='' failed_lines='' failed=
  # what a container wrote may be anything
  [ -f "$attempt/ranks/failed" ] && [ ! -L "$attempt/ranks/failed" ] || return 0
  { read -r failed failed_code failed_node <"$attempt/ranks/failed"; } 2>/dev/null || return 0
  case $failed in
    -) ;;
    '' | *[!0-9]*) failed='' && return 0 ;;
  esac
  if [ "$failed" = - ]; then
    failed_log=$SY_LOG_MPI number_json=null failed_who=$failed_node
  else
    find_rank_log "$failed"
    failed_log=$rank_log number_json=$failed failed_who="Rank $failed on $failed_node"
  fi
  failed_lines=$(tail -n 200 "$attempt/$failed_log" 2>/dev/null | grep '[^[:blank:]]' | tail -n 5 | cut -c 1-500)
  json_string "$failed_node"
  rank_json=",\"rank\":{\"number\":$number_json,\"node\":$json,\"lines\":[$(lines_json)]}"
}

lines_json() {
  comma=
  printf '%s\n' "$failed_lines" | while IFS= read -r line; do
    [ -n "$line" ] || continue
    json_string "$line"
    printf '%s%s' "$comma" "$json"
    comma=,
  done
}
