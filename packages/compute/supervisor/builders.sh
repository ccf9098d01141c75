# shellcheck shell=sh
# How an environment can be built: with conda or a relative of it, with uv, or with venv and pip. Each one fails with
# `problem` set where it can say more than its log.

requirements=$own/environment/requirements.txt
conda_file=$own/environment/conda.yml
after_conda=$own/environment/pip.txt
# shellcheck source=packages.sh
. "$own/packages.sh"

# Sets `builder` and `builder_note`, or fails with `problem`.
choose_builder() {
  for conda in ${SWITCHYARD_CONDA:+"$SWITCHYARD_CONDA"} micromamba mamba conda; do
    tool=$(command -v -- "$conda") && [ -x "$tool" ] || continue
    builder=conda builder_note="with ${tool##*/} ($tool), found ${SY_PLACE:-on this machine}."
    return
  done
  if [ ! -f "$requirements" ]; then
    problem="The environment needs conda: $SY_WHY_NOT_PIP Neither micromamba, mamba nor conda was found ${SY_PLACE:-on this machine}. \
Install one of them and put it on PATH, or set SWITCHYARD_CONDA to it."
    return 1
  fi
  why="no micromamba, mamba or conda ${SY_PLACE:-on this machine}, and every dependency can come from a Python index"
  if tool=$(command -v uv); then
    builder=uv builder_note="with uv ($tool): $why."
  else
    builder=venv
    find_python || return 1
    builder_note="with venv and pip of $python ($python_version): $why, and there is no uv."
  fi
}

build_with_conda() {
  case ${tool##*/} in
    micromamba*) build "$tool" create --yes --prefix "$prefix" --file "$conda_file" || return ;;
    *) CONDA_ALWAYS_YES=true build "$tool" env create --prefix "$prefix" --file "$conda_file" || return ;;
  esac
  no_vendor_packages || return
  # conda would give the pip list to pip without our constraints
  ! has_packages "$after_conda" || install_with_pip "$after_conda"
}

install_with_pip() {
  install_packages "$prefix/bin/python" "$1" "$prefix/bin/python" -m pip install --disable-pip-version-check --no-input
}

build_with_uv() {
  wanted=$SY_PYTHON
  # a patch release that is nowhere to be found: the nearest is told, not refused
  case $wanted in
    *.*.*)
      uv python find "$wanted" >/dev/null 2>&1 || {
        log_build "Python $wanted is not here; any ${wanted%.*} will do."
        wanted=${wanted%.*}
      }
      ;;
  esac
  build uv venv ${wanted:+--python "$wanted"} "$prefix" || {
    [ -z "$wanted" ] || problem="uv found no Python $wanted, which the environment asks for; see $SY_LOG_BUILD. \
Install it (uv python install $wanted), ask for another version, or install micromamba."
    return 1
  }
  ! has_packages "$requirements" ||
    install_packages "$prefix/bin/python" "$requirements" uv pip install --python "$prefix/bin/python" \
      ${constraints:+--build-constraint "$constraints"}
}

build_with_venv() {
  build "$python" -m venv "$prefix" || return 1
  ! has_packages "$requirements" || install_with_pip "$requirements"
}

has_packages() {
  [ -f "$1" ] && grep -q '^[[:blank:]]*[^#[:blank:]-]' "$1"
}

# Sets `python` and `python_version` to an interpreter that the environment accepts and that can make environments.
find_python() {
  minor=$SY_PYTHON
  case $minor in *.*.*) minor=${minor%.*} ;; esac
  seen=
  for python in ${minor:+"python$minor"} python3 python; do
    python=$(command -v -- "$python") || continue
    # a shim may stand for a version that is not installed
    python_version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
    case $python_version. in "$minor".* | "${minor:-$python_version}".*) ;; *) seen="$seen $python ($python_version)" && continue ;; esac
    can_make_environments && return
    problem="$python ($python_version) cannot make environments: its modules venv and ensurepip are missing. \
On Debian and Ubuntu: apt install python3-venv (or python${python_version%.*}-venv)."
    return 1
  done
  if [ -n "$seen" ]; then found="Found:$seen."; else found="No Python was found."; fi
  problem="The environment asks for Python ${SY_PYTHON:-3}, which is not ${SY_PLACE:-on this machine}. $found \
Install python${minor:-3}, ask for another version, or install uv or micromamba, which bring their own."
  return 1
}

can_make_environments() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null
}
