#!/bin/sh
# What `compare` says of simulated runs whose truth is known. Needs a build (./hourglass build).
#
#   run.sh [PAIRS [SEED]]
set -e
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
libraries=$(find "$root/app/target/jars" -name 'commons-*.jar' | tr '\n' ':')
exec "$java" -cp "$root/core/target/classes:$libraries" "$here/Simulate.java" "$@"
