#!/bin/sh
# Start script of the stand-in for WSO2 Micro Integrator VERSION. Written for the tests of `provision`: the arguments, the exit codes,
# the messages and the JVM properties are those of the product's script (wso2/micro-integrator v4.2.0:
# distribution/src/scripts/micro-integrator.sh), the text is not.

program=$0
while [ -h "$program" ]; do
  target=$(ls -ld "$program" | sed 's/^.* -> //')
  case "$target" in
    /*) program=$target ;;
    *) program=$(dirname "$program")/$target ;;
  esac
done
# An exported CARBON_HOME wins over the place of this script.
[ -n "$CARBON_HOME" ] || CARBON_HOME=$(cd "$(dirname "$program")/.." && pwd)

# In this order, as the product: without JAVA_HOME the command is plain `java`, which is no executable file here.
if [ -z "$JAVACMD" ]; then
  JAVACMD=java
  [ -n "$JAVA_HOME" ] && JAVACMD=$JAVA_HOME/bin/java
fi
if [ ! -x "$JAVACMD" ]; then
  echo "Error: JAVA_HOME is not defined correctly."
  echo " CARBON cannot execute $JAVACMD"
  exit 1
fi
if [ -z "$JAVA_HOME" ]; then
  echo "You must set the JAVA_HOME variable before running CARBON."
  exit 1
fi

pid_file=$CARBON_HOME/wso2carbon.pid
script=$CARBON_HOME/bin/micro-integrator.sh
verb=
debug_port=
arguments=
# Words, not arguments: like the product's, an argument with a blank falls apart.
for word in $*; do
  if [ "$verb" = debug ] && [ -z "$debug_port" ]; then
    debug_port=$word
    continue
  fi
  case "$word" in
    start|-start|--start) verb=start ;;
    stop|-stop|--stop) verb=stop ;;
    restart|-restart|--restart) verb=restart ;;
    version|-version|--version) verb=version ;;
    debug|-debug|--debug) verb=debug ;;
    *) arguments="$arguments $word" ;;
  esac
done

case "$verb" in
  debug)
    if [ -z "$debug_port" ]; then
      echo " Please specify the debug port after the --debug option"
      exit 1
    fi
    JAVA_OPTS="-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=$debug_port"
    ;;
  start)
    if [ -e "$pid_file" ] && ps -p "$(cat "$pid_file")" > /dev/null; then
      echo "Process is already running"
      exit 0
    fi
    export CARBON_HOME
    nohup sh "$script" $arguments > /dev/null 2>&1 &
    exit 0
    ;;
  stop)
    kill -TERM "$(cat "$pid_file")"
    exit 0
    ;;
  restart)
    pid=$(cat "$pid_file")
    kill -TERM "$pid"
    while ps -p "$pid" > /dev/null 2>&1; do sleep 1; done
    export CARBON_HOME
    nohup sh "$script" $arguments > /dev/null 2>&1 &
    exit 0
    ;;
  version)
    cat "$CARBON_HOME/bin/version.txt" "$CARBON_HOME/bin/wso2carbon-version.txt"
    exit 0
    ;;
esac

java_version=$("$JAVACMD" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p' | head -n 1)
java_major=${java_version%%.*}
[ "$java_major" = 1 ] && java_major=$(echo "$java_version" | cut -d . -f 2)
java_major=${java_major%%[!0-9]*}
if [ "${java_major:-0}" -lt LEAST ] || [ "$java_major" -gt MOST ]; then
  echo " Starting WSO2 MI (in unsupported JDK)"
  echo " [ERROR] WSO2 MI is supported only between JDK LEAST and JDK MOST"
  exit 0
fi

class_path=
for jar in "$CARBON_HOME"/bin/*.jar "$CARBON_HOME"/wso2/lib/*.jar; do
  [ -e "$jar" ] && class_path=$class_path:$jar
done

echo "JAVA_HOME environment variable is set to $JAVA_HOME"
echo "CARBON_HOME environment variable is set to $CARBON_HOME"
cd "$CARBON_HOME" || exit 1
[ -d tmp ] && rm -rf tmp/*

[ -n "$JVM_MEM_OPTS" ] || JVM_MEM_OPTS="-Xms32m -Xmx256m"
echo "Using Java memory options: $JVM_MEM_OPTS"

case "$*" in
  *Dprofile*) ;;
  *) NODE_PARAMS="$NODE_PARAMS -Dprofile=micro-integrator-default" ;;
esac

# The status of the last JVM stays inside the loop: whatever it was, unless 121, this script ends with 0.
status=121
while [ "$status" = 121 ]; do
  "$JAVACMD" \
    $JVM_MEM_OPTS \
    -XX:+HeapDumpOnOutOfMemoryError \
    -XX:HeapDumpPath="$CARBON_HOME/repository/logs/heap-dump.hprof" \
    $JAVA_OPTS \
    -classpath "$class_path" \
    -Djava.io.tmpdir="$CARBON_HOME/tmp" \
    -Dwso2.server.standalone=true \
    -Dcarbon.registry.root=/ \
    -Djava.command="$JAVACMD" \
    -Dcarbon.home="$CARBON_HOME" \
    -Dlogger.server.name=micro-integrator \
    -Dcarbon.config.dir.path="$CARBON_HOME/conf" \
    -Dcarbon.repository.dir.path="$CARBON_HOME/repository" \
    -Dcarbon.components.dir.path="$CARBON_HOME/wso2/components" \
    -Dcarbon.dropins.dir.path="$CARBON_HOME/dropins" \
    -Dcarbon.external.lib.dir.path="$CARBON_HOME/lib" \
    -Dcarbon.patches.dir.path="$CARBON_HOME/patches" \
    -Dcarbon.internal.lib.dir.path="$CARBON_HOME/wso2/lib" \
    -Dconf.location="$CARBON_HOME/conf" \
    -Djava.security.egd=file:/dev/./urandom \
    -Dfile.encoding=UTF8 \
    -Djava.net.preferIPv4Stack=true \
    -DworkerNode=false \
    -DavoidConfigHashRead=true \
    -DenableReadinessProbe=true \
    -DenableLivenessProbe=true \
    -DenableManagementApi=true \
    $NODE_PARAMS \
    org.wso2.micro.integrator.bootstrap.Bootstrap $*
  status=$?
done
