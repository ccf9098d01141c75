#!/bin/sh
# Installs what the tests meet as real engines: other shells, shellcheck, PostgreSQL, sshd, MPI, container engines, Slurm, Chromium, Java.
# Debian packages, needs root; elsewhere it says what is missing and leaves it to the person.
set -eu

missing=""
command -v dash >/dev/null 2>&1 || missing="$missing dash"
command -v busybox >/dev/null 2>&1 || missing="$missing busybox"
command -v zsh >/dev/null 2>&1 || missing="$missing zsh"
command -v fish >/dev/null 2>&1 || missing="$missing fish"
command -v shellcheck >/dev/null 2>&1 || missing="$missing shellcheck"
PATH=$PATH:/usr/sbin command -v sshd >/dev/null 2>&1 || missing="$missing openssh-server"
PATH=$PATH:/usr/sbin command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
[ -n "$(find /usr/lib -name "libfaketime.so.1" 2>/dev/null | head -n 1)" ] || missing="$missing libfaketime"
PATH=$PATH:/usr/sbin command -v slurmctld >/dev/null 2>&1 || missing="$missing slurm-wlm"
PATH=$PATH:/usr/sbin command -v munged >/dev/null 2>&1 || missing="$missing munge"
PATH=$PATH:/usr/sbin command -v slurmdbd >/dev/null 2>&1 || missing="$missing slurmdbd"
PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v mpirun.openmpi >/dev/null 2>&1 || missing="$missing openmpi-bin"
command -v mpirun.mpich >/dev/null 2>&1 || missing="$missing mpich"
/usr/bin/python3 -c 'import mpi4py' 2>/dev/null || missing="$missing python3-mpi4py"
found_postgres=""
for initdb in /usr/lib/postgresql/*/bin/initdb; do
  [ -x "$initdb" ] && found_postgres=yes
done
command -v initdb >/dev/null 2>&1 && found_postgres=yes
[ -n "$found_postgres" ] || missing="$missing postgresql"
# the engine that containers run in, and what makes images without a registry
command -v dockerd >/dev/null 2>&1 || [ -x /usr/sbin/dockerd ] || missing="$missing docker.io"
command -v mmdebstrap >/dev/null 2>&1 || missing="$missing mmdebstrap"
command -v podman >/dev/null 2>&1 || missing="$missing podman catatonit"
command -v docker-registry >/dev/null 2>&1 || missing="$missing docker-registry"
# the browser that notebooks are driven in
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
# Spark runs on it
command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >/dev/null
  # Tests start daemons of their own: in run level 1 the packages do not start theirs.
  # shellcheck disable=SC2086 # a list of names
  RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing >/dev/null
else
  echo "The tests want these and cannot install them without root:$missing" >&2
  [ -z "${CI:-}" ] || exit 1
fi
