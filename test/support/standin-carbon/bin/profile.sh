#!/bin/sh
# Starts a profile's own script and never returns: also when that one's JVM is dead (wso2/product-ei v6.1.1: distribution/src/scripts/business-process.sh).
here=$(cd "$(dirname "$0")/.." && pwd)
unset CARBON_HOME
sh "$here/wso2/@PROFILE@/bin/wso2server.sh" "$@" &
trap 'sh "$here/wso2/@PROFILE@/bin/wso2server.sh" stop; exit 0' INT TERM
while :; do sleep 60 & wait $!; done
