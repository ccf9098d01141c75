# shellcheck shell=sh
# Says which Spark, Java and master a machine has, as the supervisor of a run there would find them: lines `<word> <value>`.
# Comes behind prepare.sh and spark.sh, whose functions it calls.
# shellcheck disable=SC2034,SC2154
set -u
LC_ALL=C
export LC_ALL
prefix='' driver_python='' SY_PATH='' SY_SPARK=machine SY_SPARK_HOME='' SY_JAVA_HOME='' SY_SPARK_MASTER='' SY_SPARK_CONF_DIR=''
find_spark || exit 0
printf 'submit %s\n' "$program"
submit=$program
find_settings
if [ -n "$spark_home" ]; then
  SPARK_HOME=$spark_home
  export SPARK_HOME
fi
find_java || exit 0
printf 'java %s\n' "$java"
find_master
printf 'master %s\n' "$master"
# Java may be too old for this Spark, or broken: Spark itself is asked
said=$("$submit" --version </dev/null 2>&1)
code=$?
printf '%s\n' "$said" | sed -n -e 's/^.* version \([0-9][^ ]*\)$/version \1/p' -e 's/^Using Scala.*, \([0-9][^ ,]*\)$/javaversion \1/p'
[ $code = 0 ] || printf 'failed %s\n' "ended with code $code: $(printf '%s' "$said" | tail -n 3 | tr '\n' ' ')"
