#!/usr/bin/env bash
# Measures a GPU's ceilings and operators with Hourglass and, in the same run, PyTorch's kernels at the same shapes.
#   run.sh HOURGLASS OUT     HOURGLASS: bin/hourglass of an unpacked archive; OUT: a directory for what it writes
# Needs an NVIDIA GPU, its driver, and a python3 with PyTorch (whose CUDA libraries are used).
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
hourglass=$1 out=$2
mkdir -p "$out"

nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit --format=csv,noheader
"$hourglass" roofline --device gpu --json >"$out/roofline.json" || echo "roofline: $?"
"$hourglass" roofline --device gpu --quick || echo "roofline --quick: $?"

gemm() { "$hourglass" kernels --device gpu --hot --op gemm --shape M=1,16,64,512,4096 --shape "N=$1" --shape "K=$2" --dtype bf16 --json; }
gemm 4096 4096 >"$out/gemm-1.json"
gemm 6144 4096 >"$out/gemm-2.json"
gemm 4096 14336 >"$out/gemm-3.json"
gemm 28672 4096 >"$out/gemm-4.json"
"$hourglass" kernels --device gpu --hot --op gemm --shape M=8192 --shape N=8192 --shape K=8192 --dtype bf16,fp16,fp8,int8,tf32,fp32 --json >"$out/gemm-5.json"
"$hourglass" kernels --device gpu --hot --op rmsnorm,layernorm_gelu,softmax,silu_mul,sampling,embedding --dtype bf16 --json >"$out/rows.json"
"$hourglass" kernels --device gpu --hot --op attention_decode --shape B=1,16,64 --shape L=512,4096,32768 --dtype bf16 --json >"$out/attention.json"
python3 "$here/torch_peer.py" "$out"/gemm-?.json "$out/rows.json" "$out/attention.json" | tee "$out/peer.txt"
