#!/bin/sh
# guard.sh ROOT OWNER: ends every process of the Slurm cluster below ROOT, its jobs too, as soon as the process OWNER is
# gone or this guard is told to end (TERM); then removes ROOT. Nothing of it outlives the tests, however they were killed.
set -u
root=$1 owner=$2
asked=
trap 'asked=yes' TERM INT HUP
while [ -z "$asked" ] && kill -0 "$owner" 2>/dev/null; do
  sleep 1 &
  wait $!
done

# All of them were told where the configuration is. A few rounds, because jobs start processes meanwhile.
rounds=0
while [ $rounds -lt 20 ]; do
  ended=
  for file in $(grep -lsz "^SLURM_CONF=$root/" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    pid=${pid%/environ}
    # a child that was cloned for this very loop is no process of the cluster
    [ "$pid" = $$ ] || { kill -s KILL "$pid" 2>/dev/null && ended=yes; }
  done
  [ -n "$ended" ] || break
  sleep 0.1
  rounds=$((rounds + 1))
done
# what Slurm leaves of its control groups
[ ! -f "$root/cgroup.conf" ] || find /sys/fs/cgroup -depth -type d -path '*/slurm_n[0-9]*' -exec rmdir {} + 2>/dev/null
# last, and whole: whoever waits for the end looks for this folder
mv "$root" "$root.ended" && rm -rf --one-file-system "$root.ended"
