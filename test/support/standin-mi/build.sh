#!/bin/sh
# build.sh OUT_DIR: makes OUT_DIR/wso2mi-4.2.0.zip and OUT_DIR/wso2mi-1.2.0.zip, each with its .sha256, out of the sources beside this script.
# Needs node, a JDK 17 (javac, jar) and zip. Every time stamp is fixed, entries are sorted, the keystores are files of this folder:
# the same sources and tools give the same bytes. A second build with unchanged inputs does nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: build.sh OUT_DIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
versions='4.2.0 1.2.0'
for tool in node javac jar zip; do
  command -v "$tool" > /dev/null || { echo "build.sh: $tool is missing (Debian: nodejs, openjdk-17-jdk-headless, zip)" >&2; exit 1; }
done
umask 022
export LC_ALL=C.UTF-8 TZ=UTC

inputs=$( { cd "$here" && find build.sh dbscripts.mjs home java keystores ../standin/java ../standin/sql -type f | LC_ALL=C sort | xargs sha256sum; javac -version 2>&1; } | sha256sum | cut -d ' ' -f 1)
whole() { for version in $versions; do (cd "$out" && sha256sum --status -c "wso2mi-$version.zip.sha256" 2> /dev/null) || return 1; done; }
if [ "$(cat "$out/standin-mi.inputs" 2> /dev/null)" = "$inputs" ] && whole; then
  echo "$out is up to date"
  exit 0
fi

work=$(mktemp -d "$out/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
compile() { # compile SOURCES JAR [SHARED_SOURCES]
  mkdir -p "$work/classes/$1"
  find "$here/java/$1" ${3+"$3"} -name '*.java' | sort > "$work/$1.list"
  javac --release 17 -d "$work/classes/$1" "@$work/$1.list"
  jar --create --date=2022-12-20T00:00:00Z --file "$2" -C "$work/classes/$1" .
}
compile boot "$work/boot.jar"
compile server "$work/server.jar" "$here/../standin/java"

distribution() { # distribution VERSION DATE LEAST_JDK MOST_JDK
  version=$1
  name=wso2mi-$version
  top=$work/$name
  mkdir -p "$top"
  cp -R "$here/home/." "$top/"

  for directory in dbscripts dropins lib patches dockerfiles updates tmp registry/local registry/config registry/governance \
    conf/tomcat conf/datasources conf/security repository/logs repository/deployment/client/modules repository/deployment/server/axis2modules \
    repository/deployment/server/carbonapps repository/deployment/server/synapse-configs/default/api \
    repository/deployment/server/synapse-configs/default/endpoints repository/deployment/server/synapse-configs/default/inbound-endpoints \
    repository/deployment/server/synapse-configs/default/message-processors repository/deployment/server/synapse-configs/default/message-stores \
    repository/deployment/server/synapse-configs/default/proxy-services repository/deployment/server/synapse-configs/default/sequences \
    repository/deployment/server/synapse-configs/default/tasks repository/resources/security repository/resources/conf/templates/conf \
    wso2/components/plugins wso2/lib; do
    mkdir -p "$top/$directory"
  done

  node "$here/dbscripts.mjs" "$top/dbscripts"
  cp "$here"/keystores/*.jks "$top/repository/resources/security/"
  printf '# nothing is encrypted\n' > "$top/conf/security/secret-conf.properties"

  cp "$work/boot.jar" "$top/wso2/lib/org.wso2.micro.integrator.bootstrap-$version.jar"
  cp "$work/server.jar" "$top/wso2/components/plugins/standin-server_$version.jar"
  printf '%s\n' "$version" > "$top/wso2/version"
  sed -i "s/LEAST/$3/g; s/MOST/$4/g; s/VERSION/$version/g" "$top/bin/micro-integrator.sh" "$top/bin/not-imitated.sh"

  for script in carbondump chpasswd ciphertool securevault tcpmon; do cp "$top/bin/not-imitated.sh" "$top/bin/$script.sh"; done
  rm "$top/bin/not-imitated.sh"
  printf 'WSO2 Micro Integrator v%s\n' "$version" > "$top/bin/version.txt"
  printf 'stand-in, without a Carbon kernel\n' > "$top/bin/wso2carbon-version.txt"
  # The text files of a distribution come with CR LF, and a few entries with names beyond ASCII.
  printf 'Stand-in for WSO2 Micro Integrator %s\r\n\r\nMade for tests of provision. It holds nothing of the product.\r\n' "$version" > "$top/README.txt"
  printf 'No licence of WSO2 applies: nothing in here is of WSO2.\r\n' > "$top/LICENSE.txt"
  printf 'Ports: 8290 and 8253 for traffic, 9201 for probes, 9164 for management.\r\n' > "$top/INSTALL.txt"
  printf 'lesen\r\n' > "$top/dockerfiles/$(printf 'L\303\254esmich').txt"
  printf 'caf\303\251\n' > "$top/repository/resources/conf/templates/$(printf 'caf\303\251').conf"
  # Empty directories stay in an archive, but not in every copy of one: the product keeps files in most of them.
  for directory in lib dropins patches; do printf 'jars go here\r\n' > "$top/$directory/README.txt"; done

  find "$top" -type d -exec chmod 755 {} +
  find "$top" -type f -exec chmod 644 {} +
  chmod 755 "$top"/bin/*.sh
  chmod 644 "$top/bin/tcpmon.sh" # not every script of a distribution can be executed as it is
  find "$top" -exec touch -h -d "$2 00:00:00 UTC" {} +
  (cd "$work" && find "$name" | LC_ALL=C sort | zip -X -q "$work/$name.zip" -@)
}
distribution 4.2.0 2022-12-20 11 17
distribution 1.2.0 2020-07-20 8 11

rm -f "$out/standin-mi.inputs"
for version in $versions; do
  (cd "$work" && sha256sum "wso2mi-$version.zip" > "wso2mi-$version.zip.sha256")
  mv "$work/wso2mi-$version.zip" "$work/wso2mi-$version.zip.sha256" "$out/"
  cat "$out/wso2mi-$version.zip.sha256"
done
printf '%s\n' "$inputs" > "$out/standin-mi.inputs"
