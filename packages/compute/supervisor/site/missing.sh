# shellcheck shell=sh
# Says what is here of a job and what is not: `there` when its directory is, `toolkit` when the tools are not, `- BLOB` for
# each blob that standard input names and that is not here, and `= BLOB` for one that can only be copied.
# Given: `root`, `id`, `toolkit`, and `takes`: yes when the job may take spares as its own.
# shellcheck disable=SC2154 # whoever sends this script sets them
set -u
LC_ALL=C
export LC_ALL
cd -P -- "$root" || exit 3
if [ -d "jobs/$id" ]; then
  echo there
  exit 0
fi
[ -d "toolkits/$toolkit" ] || echo toolkit
wanted=$(cat)
[ -n "$wanted" ] || exit 0

each() {
  printf '%s\n' "$1"
}

# The words of the first list that the second has not: those of the second come twice or three times. Both are sorted out.
without() {
  { each "$1" && each "$2" && each "$2"; } | sort | uniq -u
}

list_spares() {
  if [ "$takes" = yes ]; then ls spare; fi
}

find_missing() {
  spares=$(list_spares)
  blobs=$(ls blobs)
  missing=$(without "$wanted" "$blobs
$spares")
}

# Is what is missing being put back right now, by the job that took it?
is_coming() {
  for keep in staging/*.keep; do
    keeper=
    { read -r keeper <"$keep/pid"; } 2>/dev/null
    kill -0 "${keeper:-none}" 2>/dev/null || continue
    taken=$(ls "$keep/new")
    [ -z "$({ each "$missing" && each "$taken"; } | sort | uniq -d)" ] || return 0
  done
  return 1
}

find_missing
patience=300
while [ -n "$missing" ] && [ "$patience" -gt 0 ]; do
  patience=$((patience - 1))
  if is_coming; then sleep 0.2 2>/dev/null || sleep 1; else patience=0; fi
  find_missing # also when nothing is coming any more: it may have arrived meanwhile
done
[ -z "$missing" ] || each "$missing" | sed 's/^/- /'
[ "$takes" = yes ] || exit 0
copied=$(without "$wanted" "$spares
$missing")
[ -z "$copied" ] || each "$copied" | sed 's/^/= /'
