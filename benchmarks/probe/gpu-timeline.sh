#!/usr/bin/env bash
# The probe's GPU timeline on a machine with an NVIDIA GPU and PyTorch, against PyTorch's profiler, and what it costs.
#
#     OUT=DIR bash benchmarks/probe/gpu-timeline.sh [VLLM_SETUP]
#
# VLLM_SETUP is a script that makes `import vllm` work and writes a tiny model's config.json to /tmp/tiny; without it the
# parts with vLLM are left out. Every part goes on where another fails. Takes about four minutes; prints one table.
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
probe=$(cd "$tools/../../probe/src" && pwd)
out=${OUT:-/tmp/gpu-timeline}
work=$(mktemp -d)
mkdir -p "$out"
started=$(date +%s)
elapsed() { echo $(($(date +%s) - started)); }
say() { echo "== [$(elapsed) s] $*"; }

# part NAME SECONDS [VARIABLE=VALUE…] -- COMMAND: its output in $work/NAME.log, the end of it shown where it fails.
part() {
  local name=$1 limit=$2; shift 2
  local variables=()
  while [[ $1 != -- ]]; do variables+=("$1"); shift; done
  shift
  say "$name"
  if env "${variables[@]}" timeout -k 5 "$limit" "$@" > "$work/$name.log" 2>&1; then
    grep '^RESULT' "$work/$name.log" || tail -5 "$work/$name.log"
  else
    echo "FAILED with $?:"; tail -c 3500 "$work/$name.log"
  fi
}
recorded() { echo "HOURGLASS_DIR=$work/$1.rec" "HOURGLASS_GPU=${2:-always}" "PYTHONPATH=$probe${PYTHONPATH:+:$PYTHONPATH}" HOURGLASS_LIMIT_MB=2048; }
check() { timeout 100 python3 "$tools/gpu_check.py" "$work/$1.log" "$work/$1.rec" "${@:2}" 2>&1 | cut -c1-1500 || echo "  check failed"; }
keep() { tar czf "$out/$1.tgz" -C "$work" "${@:2}" 2>/dev/null && [ "$(stat -c %s "$out/$1.tgz")" -gt 16000000 ] && rm "$out/$1.tgz"; true; }

nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
python3 - << 'P'
import sys
print(sys.version.split()[0], end=" ")
import torch
print("torch", torch.__version__, "CUDA", torch.version.cuda, "cpus", __import__("os").cpu_count())
P

part none 60 -- python3 "$tools/gpu_program.py" none
part timeline 60 $(recorded timeline) -- python3 "$tools/gpu_program.py" timeline
check timeline
part both 70 $(recorded both) -- python3 "$tools/gpu_program.py" both "$work/both.json"
check both "$work/both.json"
part python_callbacks 60 $(recorded python_callbacks) HOURGLASS_GPU_CALLBACKS=python -- python3 "$tools/gpu_program.py" python_callbacks
check python_callbacks | tail -3
part whole_graphs 60 $(recorded whole_graphs always,graphs=whole) -- python3 "$tools/gpu_program.py" whole_graphs
check whole_graphs | head -1
part none_again 60 -- python3 "$tools/gpu_program.py" none_again
say "core time per kernel, us more than without (best of three passes, all threads of the process)"
python3 - "$work" << 'P'
import json, os, sys
def read(name):
    try:
        with open(os.path.join(sys.argv[1], name + ".log"), errors="replace") as file:
            return json.loads([l for l in file if l.startswith("RESULT ")][-1][7:])
    except Exception as error:
        print(name, repr(error))
rows = {name: read(name) for name in ("none", "timeline", "both", "python_callbacks", "whole_graphs", "none_again")}
base = rows["none"] or rows["none_again"]
for name, row in rows.items():
    if row and base:
        print(f"  {name:17}", *(f"{part}: {row[part]['s']:.4f} s, core {row[part]['core_s']:.4f} s"
              + (f", per kernel {1e6 * (row[part]['core_s'] - base[part]['core_s']) / row[part]['kernels']:+.2f} us core, {1e6 * (row[part]['s'] - base[part]['s']) / row[part]['kernels']:+.2f} us wall" if row[part]["kernels"] else "")
              for part in ("eager", "graph", "copies")), sep=" | ")
P
keep program timeline.rec timeline.log
gzip -c "$work/both.json" > "$out/both.trace.json.gz" 2>/dev/null; keep both both.rec both.log

if [ -n "${1:-}" ]; then
  # shellcheck disable=SC1090
  . "$1"
  export VLLM_ENABLE_V1_MULTIPROCESSING=0
  for runner in 1 0; do
    name=vllm_v$((runner + 1))
    part $name 110 $(recorded $name) VLLM_USE_V2_MODEL_RUNNER=$runner HOURGLASS_DISABLE=moe -- python3 "$tools/gpu_offline.py" "$work/$name.traces"
    check $name "$work/$name.traces"
    keep $name $name.rec $name.log
  done
  if [ "$(elapsed)" -lt 200 ]; then
    part vllm_v2_none 80 VLLM_USE_V2_MODEL_RUNNER=1 -- python3 "$tools/gpu_offline.py"
  fi
fi
say "done"; ls -l "$out"
