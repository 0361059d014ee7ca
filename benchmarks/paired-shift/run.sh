#!/bin/sh
# Times the shift of paired differences beside its definition. Needs a build (./hourglass build).
#
#   run.sh [PAIRS ...]
set -e
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
libraries=$(find "$root/app/target/jars" -name 'commons-*.jar' | tr '\n' ':')
[ $# -gt 0 ] || set -- 64 1000 5000 10000 100000 1000000
exec "$java" -Xmx3g -cp "$root/core/target/classes:$libraries" "$here/Compare.java" "$@"
