# shellcheck shell=sh
# Takes a tar archive on standard input: below staging/$work, `new/` holds blobs, `toolkit/` the tools, `$work/` the job
# directory and `copy/` what of it must be copied, as hard links to blobs. With `last=yes` the job is placed.
# Given: `root`, `work`, `id`, `toolkit`, `last`, and `store`: where new blobs go, `blobs` or `spare`.
# shellcheck disable=SC2154 # whoever sends this script sets them
set -u
umask 022
LC_ALL=C
export LC_ALL
# busybox makes links that lead upwards only when it is told that they are meant
EXTRACT_UNSAFE_SYMLINKS=1
export EXTRACT_UNSAFE_SYMLINKS
cd -P -- "$root" || exit 3
keep=staging/$work.keep

# Folders that may not be written keep what is in them. Of files no mode is changed: they are other files' names as well.
delete() {
  find "$1" -type d ! -perm -u+rwx -exec chmod u+rwx {} +
  rm -rf "$1"
}

# In the background: nobody needs to wait for ten thousand names to be removed.
clean() {
  delete "staging/$work" </dev/null >/dev/null 2>&1 &
}

give_up() {
  # spares that were taken are spares again
  [ ! -d "$keep/new" ] || { move_all "$keep/new" spare && rm -rf "$keep"; }
  clean
  exit 3
}

# Moves every file of folder $1 into folder $2; both are seen from the site's root, and the names are hexadecimal.
move_all() {
  # shellcheck disable=SC2012,SC2016
  ls "$1" | (cd "$1" && xargs sh -c 'to=$1; shift; [ $# = 0 ] || mv -f -- "$@" "$to/"' mv "$root/$2")
}

keep_blobs() {
  [ ! -d "staging/$work/new" ] || move_all "staging/$work/new" "$store"
}

keep_toolkit() {
  [ -d "staging/$work/toolkit" ] && [ ! -d "toolkits/$toolkit" ] || return 0
  # loses a race without harm: it then lies in the folder of the faster one
  mv "staging/$work/toolkit" "toolkits/$toolkit"
}

# The job has spares as its files already. Nobody else can take them once they have moved; who linked to one before that
# shows in its number of names, and then we make a copy of our own.
take_spares() {
  [ -f "staging/$work/lists/taken" ] || return 0
  mkdir -p "$keep/new" && echo $$ >"$keep/pid" || return
  # shellcheck disable=SC2016
  (cd spare && xargs sh -c 'to=$1; shift; mv -f -- "$@" "$to/"' mv "$root/$keep/new") <"staging/$work/lists/taken" || return
  find "staging/$work/$work" -type f -links +2 -exec sh -c \
    'for file; do cp -- "$file" "$file.$$" && mv -f -- "$file.$$" "$file" || exit 1; done' own {} +
}

# Copies, because a script may write into its files, and a blob is everybody's.
fill_job() {
  [ ! -d "staging/$work/copy" ] || cp -RP "staging/$work/copy/." "staging/$work/$work/" || return
  # before any mode is set: a copy has to be there to get its own, and may be of a file that then cannot be read
  [ ! -f "staging/$work/lists/copies" ] || xargs -0 -n 2 cp <"staging/$work/lists/copies" || return
  for list in "staging/$work/lists"/*; do
    case $list in
      */chmod) xargs -0 -n 2 chmod <"$list" || return ;;
      */chmod.*) xargs -0 chmod "${list##*.}" <"$list" || return ;;
    esac
  done
}

# `mv` moves into a folder that exists: then somebody else was faster, and ours is thrown away.
place() {
  [ -d "jobs/$id" ] || mv "staging/$work/$work" "jobs/$id" || return
  [ ! -d "jobs/$id/$work" ] || delete "jobs/$id/$work"
}

# Puts copies of what the job took back into the cache, and makes spares for the next job. The script runs meanwhile and
# may write into its files: a copy counts only when it still has the hash that it is named after.
put_back() {
  mkdir "$keep/copy" "$keep/spare" || return
  {
    ls blobs
    ls blobs
    ls "$keep/new"
  } | sort | uniq -u | copy_from "$keep/new" "$keep/copy"
  find "$keep/copy" -type f -exec chmod 644 {} +
  find "$keep/copy" -type f -exec nice -n 19 sha256sum {} + | while read -r hash file; do
    [ "$hash" = "${file##*/}" ] || rm -f "$file"
  done
  move_all "$keep/copy" blobs
  set -- "$(du -sk "$keep/new")" "$(df -Pk . | { read -r _ && read -r _ _ _ free _ && echo "$free"; })"
  # spares are for disks with room to spare
  if [ "$((10 * ${1%%[!0-9]*}))" -lt "$2" ]; then
    # shellcheck disable=SC2012
    ls "$keep/new" | copy_from blobs "$keep/spare"
    move_all "$keep/spare" spare
  fi
}

# Copies the files that standard input names.
copy_from() {
  # shellcheck disable=SC2016
  (cd "$1" && xargs nice -n 19 sh -c 'to=$1; shift; [ $# = 0 ] || cp -P -- "$@" "$to/"' cp "$root/$2")
}

mkdir "staging/$work" || give_up
tar -xof - || give_up
# the last entry: without it the line was cut, and some tars do not mind
[ -e "staging/$work/whole" ] || give_up
keep_blobs || give_up
keep_toolkit || give_up
if [ "$last" = yes ]; then
  take_spares || give_up
  fill_job || give_up
  place || give_up
fi
if [ -d "$keep" ]; then
  (
    put_back
    rm -rf "$keep"
  ) </dev/null >/dev/null 2>&1 &
  # in one step, since others read it meanwhile; it may all be over already
  { echo $! >"$keep/pid.new" && mv -f "$keep/pid.new" "$keep/pid"; } 2>/dev/null
fi
clean
