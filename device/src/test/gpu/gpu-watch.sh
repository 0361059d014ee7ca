#!/usr/bin/env bash
# Records a GPU with `hourglass gpu-watch` and `hourglass run` while a small PyTorch load runs, and compares each figure
# with NVIDIA's own Python binding and nvidia-smi in the same run. For a Linux machine with an NVIDIA driver, a Python
# with PyTorch (and nvidia-ml-py, else that column stays empty) and Hourglass as an unpacked archive or image; no Java.
#
#   gpu-watch.sh PATH          PATH: the archive (.tar.gz), its unpacked folder, or bin/hourglass
#
# Takes about a minute. Writes below $OUT (default: ./gpu-watch-out): gpu-watch.txt with all that it prints,
# hw_sample.csv.gz, reference.json, metrics.prom. Ends with 1 where a figure differs.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
(($# == 1)) || { sed -n '2,9p' "${BASH_SOURCE[0]}" >&2; exit 2; }
out=${OUT:-$PWD/gpu-watch-out}
mkdir -p "$out"
work=$(mktemp -d "${TMPDIR:-/tmp}/gpu-watch.XXXXXX")
trap 'rm -rf "$work"' EXIT
program=$1
if [[ -f $program && $program == *.tar.gz ]]; then
  tar -C "$work" -xzf "$program"
  program=$(echo "$work"/hourglass-*)
fi
[[ -d $program ]] && program=$program/bin/hourglass
[[ -x $program ]] || { echo "gpu-watch.sh: no program $program" >&2; exit 2; }
export PATH=$PATH:/usr/local/nvidia/bin
python=${PYTHON:-python3}
"$python" "$here/gpu_watch.py" --hourglass "$program" --work "$work" --out "$out" 2>&1 | tee "$out/gpu-watch.txt"
