# shellcheck shell=sh
# Makes the site's folders and says what this machine is and has: lines `<word> <value>`. Given: `root`.
# shellcheck disable=SC2154 # whoever sends this script sets it
set -u
umask 077
LC_ALL=C
export LC_ALL

for tool in tar setsid perl python3 xargs sort uniq find stat mkdir mv cp rm sha256sum; do
  ! command -v "$tool" >/dev/null 2>&1 || printf 'tool %s\n' "$tool"
done
name=
{ read -r name </proc/sys/kernel/hostname; } 2>/dev/null || name=$(uname -n)
printf 'name %s\n' "$name"
machine=
{ read -r machine </etc/machine-id; } 2>/dev/null || machine=$name
printf 'machine %s\n' "${machine:-$name}"
boot=
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null)
printf 'boot %s\n' "${boot:--}"
printf 'system %s\n' "$(uname -sm)"
printf 'clock %s\n' "$(date +%s)"

unusable() {
  printf 'unusable %s\n' "$(printf '%s' "$*" | tr '\n' ' ')"
  exit 0
}

# A place that nobody can guess for another; the first one made is the one that counts.
make_id() {
  { od -An -N8 -tx1 /dev/urandom 2>/dev/null || date +%s; } | tr -cd '0-9a-f' >"id.$$"
  # shellcheck disable=SC2015
  [ -s "id.$$" ] && ln "id.$$" id 2>/dev/null || [ -s id ] || [ ! -s "id.$$" ] || mv "id.$$" id
  rm -f "id.$$"
} 2>/dev/null

case $root in
  /*) ;;
  *) root=${HOME:?this account has no home folder}/$root ;;
esac
problem=$(mkdir -p "$root" 2>&1) || unusable "$problem"
cd -P -- "$root" 2>/dev/null || unusable "$root cannot be entered"
printf 'root %s\n' "$PWD"
[ -s id ] || make_id
[ ! -s id ] || printf 'id %s\n' "$(cat id)"
printf 'free %s\n' "$(df -Pk . 2>/dev/null | { read -r _ && read -r _ _ _ free _ && printf '%s' "$free"; })"

problem=$(mkdir -p jobs staging bells blobs spare toolkits 2>&1) || unusable "$problem"
# Room is tried and not computed: quotas, and disks mounted read-only, are no business of df.
probe=staging/.probe.$$
problem=$(dd if=/dev/zero of="$probe" bs=4096 count=1 2>&1 && rm -f "$probe" 2>&1) || {
  rm -f "$probe" 2>/dev/null
  unusable "${problem:-nothing can be written below $root}"
}

# What killed carriers left half written or half deleted, and blobs that no job was made of for a month.
(
  find staging -type d -path 'staging/*.removed*' ! -perm -u+rwx -exec chmod u+rwx {} +
  find staging -mindepth 1 -maxdepth 1 \( -name '*.removed' -o -ctime +0 \) -exec rm -rf {} +
  find blobs -type f -ctime +30 -exec rm -f {} +
  find spare -type f -ctime +0 -exec rm -f {} +
) </dev/null >/dev/null 2>&1 &
