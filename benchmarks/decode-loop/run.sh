#!/usr/bin/env bash
# Runs the plain C loop and Hourglass's engine process side by side on a generated model, and prints
# how T_token compares and what profiling adds. Needs gcc, JDK 25 and a build (./hourglass build).
#
#   run.sh [SHAPE [LAYERS [TOKENS [CONTEXT [THREADS [ROUNDS]]]]]]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
case $(uname -m) in x86_64) platform=linux-x64 ;; aarch64) platform=linux-arm64 ;; *) echo "unsupported here: $(uname -m)" >&2; exit 2 ;; esac
engine=$root/device/engine/node_modules/@node-llama-cpp/$platform/bins/$platform
# JAVA_HOME's java, else that of a JDK 25 in the usual place, else the PATH's.
java=java
for home in /usr/lib/jvm/*25*/ "${JAVA_HOME-}"; do
  if [[ -n $home && -x $home/bin/javac ]]; then java=$home/bin/java; fi
done
classes=$root/core/target/classes:$root/device/target/classes
if [[ ! -d $engine || ! -d $root/device/target/classes ]]; then
  echo "build first: $root/hourglass build" >&2
  exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -o "$work/decode_loop" "$here/decode_loop.c" -ldl -lm
"$java" --enable-native-access=ALL-UNNAMED -cp "$classes" "$here/Compare.java" \
  "$work/decode_loop" "$engine" "$work" \
  "${1:-qwen3-30b-a3b}" "${2:-4}" "${3:-48}" "${4:-128}" "${5:-$(nproc)}" "${6:-2}"
