# shellcheck shell=sh
# PySpark: the script is the driver program. spark-submit starts it where the job lies, so that it is a run like every other,
# wherever the executors are. What is found before the start stands in `spark/found` for start.sh, a value on each line:
# the Python of the driver, that of the executors, SPARK_HOME or nothing, and `away` when executors may be on other machines.

# Sets `program` to spark-submit, or ends the attempt.
prepare_spark() {
  find_program "$interpreter" || refuse interpreter_missing "$(no_interpreter)"
  driver_python=$program executor_python=$program spark_home='' away=
  find_spark || refuse launcher_missing "$(no_spark)"
  spark_submit=$program
  find_settings
  find_java || refuse launcher_missing "$(no_java)"
  find_master
  mkdir -p "$own/spark/scratch" || refuse disk_full "Cannot make $own/spark."
  now
  say "The driver program is started here by $spark_submit ($java); master: $master."
  case $master in local | local\[*) ;; *) send_along ;; esac
  printf '%s\n' "$driver_python" "$executor_python" "$spark_home" "$away" >"$own/spark/found" || refuse disk_full "Cannot write $own/spark/found."
  program=$spark_submit
}

# Where Spark is itself the target, its own Spark counts; elsewhere what the run brings in its environment comes first.
find_spark() {
  if [ -n "$SY_SPARK_HOME" ]; then
    use_spark_home "$SY_SPARK_HOME"
    return
  fi
  if [ "$SY_SPARK" = environment ]; then
    # shellcheck disable=SC2016
    use_spark_home "$("$driver_python" -c 'import importlib.util, os
found = importlib.util.find_spec("pyspark")
print(os.path.dirname(found.origin) if found and found.origin else "")' 2>/dev/null)" && return
  fi
  use_spark_home "${SPARK_HOME-}" && return
  find_on_path spark-submit || return
  # pip's spark-submit asks the first python3 on PATH where Spark is; the one that it was installed with knows
  asked=${program%/*}/find_spark_home.py
  if [ -f "$asked" ]; then
    read -r first <"$asked"
    # shellcheck disable=SC2086 # `/usr/bin/env python3` is two words
    use_spark_home "$(env PYTHONPATH= ${first#??} "$asked" 2>/dev/null)" || find_on_path spark-submit
  fi
}

# Sets `program` and `spark_home` when there is Spark in folder $1.
use_spark_home() {
  [ -n "$1" ] && [ -f "$1/bin/spark-submit" ] && [ -x "$1/bin/spark-submit" ] || return 1
  spark_home=$1 program=$1/bin/spark-submit
}

# Sets `spark_conf`, the folder of the settings that spark-submit, which is `program`, will read: its own, unless a variable
# names one. Spark of a Hadoop distribution is a program on PATH that knows where it lies, and has its settings below /etc.
find_settings() {
  spark_conf=${SY_SPARK_CONF_DIR:-${SPARK_CONF_DIR-}}
  [ -z "$spark_conf" ] || return 0
  spark_conf=$spark_home/conf
  [ -z "$spark_home" ] || return 0
  real=$(readlink -f "$program" 2>/dev/null) || real=$program
  for spark_conf in "${real%/bin/*}/conf" /etc/spark3/conf /etc/spark2/conf /etc/spark/conf; do
    [ ! -d "$spark_conf" ] || return 0
  done
}

# Sets `java`, in words: as Spark looks for it, JAVA_HOME before PATH, and its own settings before both.
find_java() {
  if grep -q '^[^#]*JAVA_HOME=' "$spark_conf/spark-env.sh" 2>/dev/null; then
    java="Java as $spark_conf/spark-env.sh says"
    return
  fi
  java_home=${SY_JAVA_HOME:-${JAVA_HOME-}}
  if [ -n "$java_home" ]; then
    program=$java_home/bin/java
    [ -f "$program" ] && [ -x "$program" ] || return 1
  else
    find_on_path java || return 1
  fi
  java=$program
}

# Sets `master`: who gives out the executors.
find_master() {
  master=$SY_SPARK_MASTER
  if [ -z "$master" ] && [ -r "$spark_conf/spark-defaults.conf" ]; then
    master=$(sed -n 's/^[[:blank:]]*spark\.master[[:blank:]=:]\{1,\}\([^[:blank:]]*\).*/\1/p' "$spark_conf/spark-defaults.conf" | tail -n 1)
  fi
  master=${master:-${MASTER:-local[*]}}
}

# Executors may be on other machines: they get the client, the modules beside the script, and a system-managed environment.
send_along() {
  away=away
  say "The executors get the client and the Python modules beside the script. The driver program stays here whatever \
hdi.yarnDeployMode says ($SY_DEPLOY_MODE), for its files come home from here."
  beside=$job/code/$SY_SCRIPT
  "$driver_python" -B "$own/sparkfiles.py" "$own/spark/modules.zip" "${beside%/*}" "$own/python" ||
    refuse disk_full "The Python modules for the executors could not be packed into $own/spark/modules.zip."
  [ -n "$prefix" ] || {
    say "The environment is user-managed, so the executors need $driver_python on their machines."
    return 0
  }
  pack_environment || refuse environment_failed "The environment could not be packed for the executors ($prefix/.archive.tar.gz). Is the disk full?"
  say "The executors get the environment as an archive, which they unpack. On their machines it needs the same system, and a \
virtual environment the same Python below $("$driver_python" -c 'import sys; print(sys.base_prefix)') as here."
  # a script that asks for local executors all the same finds it under that name as well
  [ -e "$job/code/switchyard_environment" ] || ln -s "$prefix" "$job/code/switchyard_environment" || refuse disk_full "Cannot write to $job/code."
  executor_python=./switchyard_environment/bin/python
}

# Once for each environment; another run may do the same at the same time.
pack_environment() {
  [ ! -s "$prefix/.archive.tar.gz" ] || return 0
  # what begins with a dot is ours
  (
    cd "$prefix" && { tar -cf - ./* && : >".archive.whole.$$"; } | gzip -1 >".archive.$$" &&
      rm ".archive.whole.$$" && mv ".archive.$$" .archive.tar.gz
  )
}

no_spark() {
  if [ -n "$SY_SPARK_HOME" ]; then
    printf '%s' "SPARK_HOME of the run is $SY_SPARK_HOME, and there is no bin/spark-submit ${SY_PLACE:-on $host}."
  elif [ "$SY_SPARK" = machine ]; then
    printf '%s' "spark-submit was not found on $host: it is neither on PATH nor below SPARK_HOME. The target is attached as a Spark cluster: \
install Spark there, or set SPARK_HOME in the run's environmentVariables."
  else
    printf '%s' "spark-submit was not found on $host: the environment has no package pyspark, and it is neither below SPARK_HOME nor on PATH. \
Add pyspark to the environment's dependencies, or install Spark there."
  fi
}

no_java() {
  if [ -n "$java_home" ]; then
    printf '%s' "Spark needs Java. JAVA_HOME is $java_home, and there is no bin/java on $host. Set JAVA_HOME to a Java that Spark takes"
  else
    printf '%s' "Spark needs Java, and there is none on $host: java is not on PATH, and JAVA_HOME is not set. Install one there \
(on Debian and Ubuntu: apt install openjdk-17-jre-headless), set JAVA_HOME to it"
  fi
  printf '%s' ", or add openjdk to the conda dependencies."
}

# Becomes spark-submit. The words are the script's variables; they stand after ours, so that a person's own win.
become_driver() {
  { IFS= read -r driver_python && IFS= read -r executor_python && IFS= read -r spark_home && IFS= read -r away; } <"$own/spark/found" || exit 75
  beside=$job/code/$SY_SCRIPT
  # with the folder of the script on PYTHONPATH, executors here find what the driver program finds
  set -- "SPARK_LOCAL_DIRS=$own/spark/scratch" "PYSPARK_PYTHON=$executor_python" "PYSPARK_DRIVER_PYTHON=$driver_python" \
    ${spark_home:+"SPARK_HOME=$spark_home"} "$@" "PYTHONPATH=$own/python:${beside%/*}${SY_PYTHONPATH:+:$SY_PYTHONPATH}"
  # a path with = would be one more variable for `env`
  # shellcheck disable=SC2016
  set -- env "$@" "${SWITCHYARD_SH:-sh}" -c 'exec "$0" "$@"' "$program" --deploy-mode client
  [ -z "$away" ] || set -- "$@" --py-files "$own/spark/modules.zip"
  [ "$executor_python" = "$driver_python" ] || set -- "$@" --archives "$prefix/.archive.tar.gz#switchyard_environment"
  sy_with_spark sy_with_command exec "$@"
}
