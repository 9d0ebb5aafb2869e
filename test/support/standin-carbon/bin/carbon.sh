#!/bin/sh
# @SCRIPT@ of the stand-in for @NAME@. Written for the tests of `provision`: arguments, exit codes, messages and JVM properties are those
# of the product's script (@SOURCE@), the text is not.

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
# The JVM leaves a buffer with NULs behind the number; the shell drops them.
pid() { tr -d '\000' < "$pid_file"; }
script=$CARBON_HOME/@SCRIPT@
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
    if [ -e "$pid_file" ] && ps -p "$(pid)" > /dev/null; then
      echo "Process is already running"
      exit 0
    fi
    export CARBON_HOME
    nohup sh "$script" $arguments > /dev/null 2>&1 &
    exit 0
    ;;
  stop)
    kill -TERM "$(pid)"
    exit 0
    ;;
  restart)
    old=$(pid)
    kill -TERM "$old"
    while ps -p "$old" > /dev/null 2>&1; do sleep 1; done
    export CARBON_HOME
    nohup sh "$script" $arguments > /dev/null 2>&1 &
    exit 0
    ;;
  version)
    cat "$CARBON_HOME/bin/version.txt" "$CARBON_HOME/bin/wso2carbon-version.txt"
    exit 0
    ;;
esac

# A warning and no more: what an unsupported JDK does not know ends the JVM below.
case "$("$JAVACMD" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p' | head -n 1)" in
  1.7*|1.8*) ;;
  *)
    echo " Starting WSO2 Carbon (in unsupported JDK)"
    echo " [ERROR] CARBON is supported only on JDK 1.7 and 1.8"
    ;;
esac

class_path=
for jar in @CLASS_PATH@; do
  [ -e "$jar" ] && class_path=$class_path:$jar
done

echo "JAVA_HOME environment variable is set to $JAVA_HOME"
echo "CARBON_HOME environment variable is set to $CARBON_HOME"
cd "$CARBON_HOME" || exit 1
@CLEAN@
@MEMORY@
# The status of the last JVM stays inside the loop: whatever it was, unless 121, this script ends with 0.
status=121
while [ "$status" = 121 ]; do
  "$JAVACMD" \
    @JVM_MEMORY@ \
    -XX:+HeapDumpOnOutOfMemoryError \
    -XX:HeapDumpPath="$CARBON_HOME/repository/logs/heap-dump.hprof" \
    $JAVA_OPTS \
    -classpath "$class_path" \
    -Djava.endorsed.dirs="@ENDORSED@" \
    -Djava.io.tmpdir="$CARBON_HOME/tmp" \
    -Dwso2.server.standalone=true \
    -Dcarbon.registry.root=/ \
    -Djava.command="$JAVACMD" \
    -Dcarbon.home="$CARBON_HOME" \
@PROPERTIES@    -Djava.security.egd=file:/dev/./urandom \
    -Dfile.encoding=UTF8 \
    -Djava.net.preferIPv4Stack=true \
    -DworkerNode=false \
    $NODE_PARAMS \
    org.wso2.carbon.bootstrap.Bootstrap $*
  status=$?
done
