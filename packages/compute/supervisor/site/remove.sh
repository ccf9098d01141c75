# shellcheck shell=sh
# Deletes a job directory; moved away first, since half deleted it would look like a job that nobody has started yet.
# Given: `directory`, `id`, `work`.
# shellcheck disable=SC2154 # whoever sends this script sets them
set -u
cd -P -- "${directory%/*/*}" || exit 3
doomed=staging/$work.removed
if [ -d "jobs/$id" ]; then
  mkdir -p staging || exit 3
  mv "jobs/$id" "$doomed" || [ ! -d "jobs/$id" ] || exit 3
  find "$doomed" -type d ! -perm -u+rwx -exec chmod u+rwx {} + 2>/dev/null
  rm -rf "$doomed" || exit 3
fi
rm -f "bells/$id"
