#!/bin/sh
# build.sh OUT_DIR: makes wso2esb-4.9.0.zip, wso2ei-6.1.1.zip, wso2ei-toml-7.0.0.zip and the façade of a JDK 8, openjdk-8u402.tar.gz, in OUT_DIR,
# each with its .sha256, out of the sources beside this script. Needs node, a JDK 17 (javac, jar), zip and tar.
# Every time stamp is fixed, entries are sorted, the keystores are files of this folder: the same sources and tools give the same bytes.
# A second build with unchanged inputs does nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: build.sh OUT_DIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
archives="wso2esb-4.9.0.zip wso2ei-6.1.1.zip wso2ei-toml-7.0.0.zip openjdk-8u402.tar.gz svnkit-all-1.8.7.wso2v1.jar"
for tool in node javac jar zip tar gzip; do
  command -v "$tool" > /dev/null || { echo "build.sh: $tool is missing (Debian: nodejs, openjdk-17-jdk-headless, zip)" >&2; exit 1; }
done
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
stamp=2017-06-01T00:00:00Z

whole() { for archive in $archives; do (cd "$out" && sha256sum --status -c "$archive.sha256" 2> /dev/null) || return 1; done; }
inputs=$( { cd "$here" && find build.sh ./*.mjs bin conf java jdk keystores ../standin/java ../standin/sql -type f | LC_ALL=C sort | xargs sha256sum; javac -version 2>&1; } | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$out/standin-carbon.inputs" 2> /dev/null)" = "$inputs" ] && whole; then
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
  jar --create --date="$stamp" --file "$2" -C "$work/classes/$1" .
}
compile boot "$work/boot.jar"
compile server "$work/server.jar" "$here/../standin/java"

fixed() { # fixed NAME
  find "$work/$1" -type d -exec chmod 755 {} +
  find "$work/$1" -exec touch -h -d "$stamp" {} +
}
distribution() { # distribution PRODUCT NAME BOOT_JAR COMPONENTS
  top=$work/$2
  mkdir -p "$top"
  node "$here/distribution.mjs" "$1" "$top"
  cp "$work/boot.jar" "$top/$3"
  cp "$work/server.jar" "$top/$4/plugins/standin-server_1.0.0.jar"
  fixed "$2"
  (cd "$work" && find "$2" | sort | zip -X -q "$work/$2.zip" -@)
}
distribution esb wso2esb-4.9.0 bin/org.wso2.carbon.bootstrap-4.4.1.jar repository/components
distribution ei wso2ei-6.1.1 wso2/lib/org.wso2.carbon.bootstrap-4.4.16.jar wso2/components
distribution toml wso2ei-toml-7.0.0 wso2/lib/org.wso2.carbon.bootstrap-4.6.0.jar wso2/components

jdk=$work/jdk8u402-b06
mkdir -p "$jdk/bin" "$jdk/jre/bin"
for place in "$jdk/bin" "$jdk/jre/bin"; do
  cp "$here/jdk/java" "$place/java"
  cp "$here/jdk/tool" "$place/keytool"
done
cp "$here/jdk/tool" "$jdk/bin/javac"
chmod 755 "$jdk"/bin/* "$jdk"/jre/bin/*
printf 'JAVA_VERSION="1.8.0_402"\nOS_NAME="Linux"\n' > "$jdk/release"
printf 'A stand-in: a facade of JDK 8 that runs on the Java of the machine.\n' > "$jdk/README"
fixed jdk8u402-b06
(cd "$work" && tar --sort=name --mtime="$stamp" --owner=0 --group=0 --numeric-owner -cf - jdk8u402-b06 | gzip -n > openjdk-8u402.tar.gz)

# The jar that the deployment synchroniser looks for among the drop-ins; the stand-in asks for the name alone.
mkdir "$work/svnkit"
printf 'a stand-in for svnkit without any class\n' > "$work/svnkit/README"
jar --create --date="$stamp" --file "$work/svnkit-all-1.8.7.wso2v1.jar" -C "$work/svnkit" .

for archive in $archives; do
  (cd "$work" && sha256sum "$archive" > "$archive.sha256")
  rm -f "$out/standin-carbon.inputs"
  mv "$work/$archive" "$work/$archive.sha256" "$out/"
done
printf '%s\n' "$inputs" > "$out/standin-carbon.inputs"
for archive in $archives; do cat "$out/$archive.sha256"; done
