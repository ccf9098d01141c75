# shellcheck shell=sh
# Says what is not here yet of a job: `there` when its directory is, `toolkit` when the tools are not, and the missing
# ones of the blobs that standard input names. Given: `root`, `id`, `toolkit`.
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
# Blobs that are here come twice or three times, others once.
{
  ls blobs
  ls blobs
  cat
} | sort | uniq -u
