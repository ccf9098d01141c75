#!/bin/sh
# guard.sh ROOT OWNER: runs a Docker engine of its own below ROOT and ends it, with all it holds, as soon as the process
# OWNER is gone or this guard is told to end (TERM). Nothing of an engine outlives the tests, however they were killed.
set -u
root=$1 owner=$2
asked=
trap 'asked=yes' TERM INT HUP

# No bridge and no firewall rules: the host stays as it is, and several such engines do not meet. Containers use the host's
# network, or networks that a test makes.
dockerd --data-root "$root/data" --exec-root "$root/exec" --pidfile "$root/dockerd.pid" --host "unix://$root/docker.sock" \
  --bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --shutdown-timeout 1 \
  --config-file "$root/daemon.json" </dev/null >"$root/dockerd.log" 2>&1 &
daemon=$!
while [ -z "$asked" ] && kill -0 "$owner" 2>/dev/null && kill -0 "$daemon" 2>/dev/null; do
  sleep 1 &
  wait $!
done

kill -s TERM "$daemon" 2>/dev/null
tries=0
while kill -0 "$daemon" 2>/dev/null && [ $tries -lt 100 ]; do
  sleep 0.2
  tries=$((tries + 1))
done
kill -s KILL "$daemon" 2>/dev/null
wait "$daemon" 2>/dev/null
# what a killed engine may have left mounted
while read -r _ place _; do
  case $place in "$root"/*) umount -l "$place" 2>/dev/null ;; esac
done </proc/mounts
# last, and whole: whoever waits for the end looks for this folder
mv "$root" "$root.ended" && rm -rf --one-file-system "$root.ended"
