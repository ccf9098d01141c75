#!/bin/sh
# sshGuard.sh FOLDER OWNER: ends the machines of the SSH lab in FOLDER when the process OWNER, which made them, is gone.
# `machines` in FOLDER has a line `<namespace> <link>` for each. Ends by itself when FOLDER is gone.
set -u
folder=$1 owner=$2
while [ -d "$folder" ]; do
  if ! kill -0 "$owner" 2>/dev/null; then
    while read -r namespace link; do
      for pid in $(ip netns pids "$namespace" 2>/dev/null); do kill -s KILL "$pid" 2>/dev/null; done
      ip netns del "$namespace" 2>/dev/null
      ip link del "$link" 2>/dev/null
    done <"$folder/machines"
    rm -rf --one-file-system "$folder"
  fi
  sleep 1
done
