# shellcheck shell=sh
# Makes a claimed attempt ready to start: folders, environment, the program to run.

# Is $1 a relative path that stays inside?
is_inside() {
  case /$1/ in
    // | */../* | */./* | *//*) return 1 ;;
  esac
}

prepare_folders() {
  [ -d "$job/code" ] || mkdir -p "$job/code" || return 1
  sy_with_collected link_folders "$job" || return 1
  sy_with_watched link_folders "$attempt"
}

# Makes code/<folder> a link to $1/<folder>, for every other word.
link_folders() {
  root=$1
  shift
  [ $# -gt 0 ] || return 0
  if are_new "$@"; then
    link_new "$@"
    return
  fi
  for folder; do
    if ! is_inside "$folder" || [ "$folder" = .switchyard ] || [ "$root/$folder" = "$attempt/journal" ]; then
      say "\"$folder\" cannot be a collected or watched folder, so it is left alone."
    else
      link_folder "$root/$folder" "$job/code/$folder" || return 1
    fi
  done
}

# Are all words plain names of which the snapshot has none?
are_new() {
  for folder; do
    case $folder in '' | */* | . | .. | .switchyard | journal) return 1 ;; esac
    [ ! -e "$job/code/$folder" ] && [ ! -L "$job/code/$folder" ] || return 1
  done
}

# The usual case, in two processes however many folders there are.
link_new() {
  for folder; do
    shift
    set -- "$@" "$root/$folder"
  done
  mkdir -p "$@" || return 1
  for folder; do
    shift
    set -- "$@" "..${folder#"$job"}"
  done
  ln -s "$@" "$job/code/"
}

# $1 the folder that comes home, $2 where the script sees it
link_folder() {
  [ -d "$1" ] || mkdir -p "$1" || return 1
  lies_in_link && return 0
  if [ -L "$2" ]; then
    # ours, of an earlier attempt; a link that came with the snapshot gives way as well
    rm -f "$2"
  elif [ -d "$2" ]; then
    cp -Rp "$2/." "$1/" && rm -rf "$2" || return 1
  elif [ -e "$2" ]; then
    say "\"$folder\" is a file in the snapshot, so no folder \"$folder\" comes home."
    return 0
  fi
  case $folder in
    */*)
      mkdir -p "${2%/*}" || return 1
      # the parent may be a link itself: an absolute target is right wherever it lies
      ln -s "$1" "$2"
      ;;
    *) ln -s "..${1#"$job"}" "$2" ;;
  esac
}

# Is a folder above code/$folder a link already, so that what was made behind it is what the script sees?
lies_in_link() {
  above=$folder
  while [ "$above" != "${above%/*}" ]; do
    above=${above%/*}
    [ ! -L "$job/code/$above" ] || return 0
  done
  return 1
}

# Sets `interpreter` and `prefix`, the environment's folder or empty.
prepare_environment() {
  prefix=
  if [ -n "$SY_CONTAINER" ]; then
    # shellcheck source=container.sh
    . "$own/container.sh"
    # shellcheck source=create.sh
    . "$own/create.sh"
    # shellcheck source=image.sh
    . "$own/image.sh"
    prepare_container
  elif [ "$SY_ENVIRONMENT" = user ]; then
    interpreter=$SY_INTERPRETER
    write_environment user "" "" ""
  else
    # shellcheck source=lock.sh
    . "$own/lock.sh"
    # shellcheck source=environment.sh
    . "$own/environment.sh"
    prepare_system_environment
    interpreter=$prefix/bin/python
  fi
}

# Sets `program`: the absolute path of what is started; ends the attempt when that or the script is missing.
find_command() {
  cd "$job/code" || refuse disk_full "Cannot enter $job/code."
  if [ "$SY_COMMAND" = python ]; then
    [ -e "$SY_SCRIPT" ] || refuse script_missing "The script \"$SY_SCRIPT\" is not in the snapshot. \
Check the name, and that .amlignore or .gitignore does not leave it out."
    if [ -n "$SY_SPARK" ]; then
      # shellcheck source=spark.sh
      . "$own/spark.sh"
      prepare_spark
    else
      find_program "$interpreter" || refuse interpreter_missing "$(no_interpreter)"
    fi
  else
    find_program "$SY_SCRIPT" || refuse interpreter_missing "The command \"$SY_SCRIPT\" was not found ${SY_PLACE:-on this machine}. \
Install it or give its full path."
  fi
}

# Sets `program` to the executable file that $1 means in the script's folder and PATH.
find_program() {
  case $1 in
    "~/"*) program=$HOME/${1#"~/"} ;;
    /*) program=$1 ;;
    */*) program=$job/code/$1 ;;
    *)
      find_on_path "$1"
      return
      ;;
  esac
  [ -f "$program" ] && [ -x "$program" ]
}

find_on_path() {
  rest=${prefix:+$prefix/bin:}${SY_PATH:-$PATH}:
  while [ -n "$rest" ]; do
    program=${rest%%:*}
    rest=${rest#*:}
    program=${program:-.}/$1
    [ -f "$program" ] && [ -x "$program" ] && return
  done
  return 1
}

no_interpreter() {
  printf '%s' "The Python interpreter \"$interpreter\" was not found or cannot be executed ${SY_PLACE:-on this machine}. "
  if [ -n "$prefix" ]; then
    printf '%s' "The environment has no Python: name it among its dependencies."
  elif find_on_path python3; then
    printf '%s' "There is $program: set interpreterPath to it."
  else
    printf '%s' "Install Python or set interpreterPath to where it is."
  fi
}

# One sampler per site measures the use of all runs there; it is an extra, so nothing here may fail the run.
start_sampler() {
  command -v python3 >/dev/null && [ -r /proc/self/stat ] && [ -f "$own/sampler.py" ] || return 0
  # there slurm.sh has one for each job
  [ "${SWITCHYARD_PLACEMENT-}" != srun ] || return 0
  [ -d "$site/sampler/attempts" ] || mkdir -p "$site/sampler/attempts" 2>/dev/null || return 0
  { printf '%s\n' "$attempt" >"$site/sampler/attempts/$SY_JOB_ID.$number"; } 2>/dev/null || return 0
  { read -r sampler_pid sampler_start sampler_boot <"$site/sampler/pid"; } 2>/dev/null &&
    is_alive "$sampler_pid" "$sampler_start" "$sampler_boot" && return 0
  enter_new_session python3 -B -S -E "$own/sampler.py" "$site" </dev/null >/dev/null 2>>"$site/sampler/errors.txt" &
}
