# shellcheck shell=sh
# Takes a tar archive on standard input: below staging/$work, `new/` holds blobs, `toolkit/` the tools, `$work/` the job's
# own files and `code/` its snapshot as hard links to blobs. With `last=yes` the job directory is made of them.
# Given: `root`, `work`, `id`, `toolkit`, `last`.
# shellcheck disable=SC2154 # whoever sends this script sets them
set -u
umask 022
LC_ALL=C
export LC_ALL
# busybox makes links that lead upwards only when it is told that they are meant
EXTRACT_UNSAFE_SYMLINKS=1
export EXTRACT_UNSAFE_SYMLINKS
cd -P -- "$root" || exit 3

# In the background: nobody needs to wait for ten thousand names to be removed.
clean() {
  (chmod -R u+rwx "staging/$work" && rm -rf "staging/$work") </dev/null >/dev/null 2>&1 &
}

give_up() {
  clean
  exit 3
}

keep_blobs() {
  [ -d "staging/$work/new" ] || return 0
  # shellcheck disable=SC2012 # the names are hexadecimal
  ls "staging/$work/new" | (cd "staging/$work/new" && xargs sh -c 'mv -f -- "$@" ../../../blobs/' mv) || return
}

keep_toolkit() {
  [ -d "staging/$work/toolkit" ] && [ ! -d "toolkits/$toolkit" ] || return 0
  # loses a race without harm: it then lies in the folder of the faster one
  mv "staging/$work/toolkit" "toolkits/$toolkit"
}

# Copies, because a script may write into its files, and a blob is everybody's.
fill_code() {
  [ ! -d "staging/$work/code" ] || cp -RP "staging/$work/code/." "staging/$work/$work/code/" || return
  for list in "staging/$work/lists"/*; do
    case $list in
      */copies) xargs -0 -n 2 cp <"$list" || return ;;
      */chmod) xargs -0 -n 2 chmod <"$list" || return ;;
      */chmod.*) xargs -0 chmod "${list##*.}" <"$list" || return ;;
    esac
  done
}

# `mv` moves into a folder that exists: then somebody else was faster, and ours is thrown away.
place() {
  [ -d "jobs/$id" ] || mv "staging/$work/$work" "jobs/$id" || return
  [ ! -d "jobs/$id/$work" ] || {
    chmod -R u+rwx "jobs/$id/$work"
    rm -rf "jobs/${id:?}/$work"
  }
}

mkdir "staging/$work" || give_up
tar -xof - || give_up
# the last entry: without it the line was cut, and some tars do not mind
[ -e "staging/$work/whole" ] || give_up
keep_blobs || give_up
keep_toolkit || give_up
if [ "$last" = yes ]; then
  fill_code || give_up
  place || give_up
fi
clean
