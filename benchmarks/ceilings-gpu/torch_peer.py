#!/usr/bin/env python3
"""Times PyTorch's own kernels at given shapes, as a peer of `hourglass kernels` in the same run.

Reads the JSON that `hourglass kernels --json` printed, times each row that PyTorch has an operator for (inputs in the
cache, a CUDA graph of many calls between two events, median of 25), and prints both with their ratio.

    torch_peer.py KERNELS.json [KERNELS.json …]
"""
import json
import statistics
import sys

import torch
import torch.nn.functional as F

DEVICE = "cuda"
TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32, "tf32": torch.float32}


def median_us(call):
    """Median time of one call in a graph that lasts about a millisecond."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    call()
    end.record()
    torch.cuda.synchronize()
    calls = max(1, min(500, int(1.0 / max(start.elapsed_time(end), 1e-3)) + 1))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(calls):
            call()
    graph.replay()
    torch.cuda.synchronize()
    times = []
    for _ in range(25):
        start.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / calls * 1e3)
    return statistics.median(times)


def random(*shape, dtype):
    return torch.randn(*shape, device=DEVICE, dtype=torch.float32).to(dtype)


def gemm(a, dtype):
    m, n, k, b = a["M"], a["N"], a["K"], a.get("B", 1)
    if dtype == "fp8":
        x = random(m, k, dtype=torch.float32).to(torch.float8_e4m3fn)
        w = random(n, k, dtype=torch.float32).to(torch.float8_e4m3fn)
        one = torch.ones((), device=DEVICE)
        return lambda: torch._scaled_mm(x, w.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16)
    if dtype == "int8":
        x = torch.randint(-127, 127, (m, k), device=DEVICE, dtype=torch.int8)
        w = torch.randint(-127, 127, (n, k), device=DEVICE, dtype=torch.int8)
        return lambda: torch._int_mm(x, w.t())
    torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
    if b > 1:
        x, w = random(b, m, k, dtype=TYPES[dtype]), random(b, n, k, dtype=TYPES[dtype])
        return lambda: torch.bmm(x, w.transpose(1, 2))
    x, w = random(m, k, dtype=TYPES[dtype]), random(n, k, dtype=TYPES[dtype])
    return lambda: F.linear(x, w)


def attention_decode(a, dtype):
    b, length, hq, hkv = a["B"], a["L"], a["hq"], a["hkv"]
    q = random(b, hq, 1, 128, dtype=TYPES[dtype])
    k, v = (random(b, hkv, length, 128, dtype=TYPES[dtype]) for _ in range(2))
    return lambda: F.scaled_dot_product_attention(q, k, v, enable_gqa=True)


def rows(call):
    def prepared(a, dtype):
        x = random(a["T"], a.get("H", a.get("N")), dtype=TYPES[dtype])
        w = random(x.shape[1], dtype=TYPES[dtype])
        return lambda: call(x, w)

    return prepared


def embedding(a, dtype):
    table = random(a["V"], a["H"], dtype=TYPES[dtype])
    tokens = torch.randint(0, a["V"], (a["T"],), device=DEVICE)
    return lambda: F.embedding(tokens, table)


def sampling(a, dtype):
    x = random(a["T"], a["V"], dtype=TYPES[dtype])
    return lambda: x.argmax(-1)


def silu_mul(a, dtype):
    x = random(a["T"], 2 * a["I"], dtype=TYPES[dtype])
    gate, up = x.chunk(2, dim=-1)
    return lambda: F.silu(gate) * up


def stream(call, dtype=torch.float32):
    def prepared(a, _):
        n = a["bytes"] // 4
        x, y, z = (torch.rand(n, device=DEVICE, dtype=dtype) for _ in range(3))
        return lambda: call(x, y, z)

    return prepared


PEERS = {
    "gemm": gemm,
    "attention_decode": attention_decode,
    "rmsnorm": rows(lambda x, w: F.rms_norm(x, (x.shape[1],), w, eps=1e-6)),
    "softmax": rows(lambda x, _: F.softmax(x, -1)),
    "layernorm_gelu": rows(lambda x, w: F.gelu(F.layer_norm(x, (x.shape[1],), w), approximate="tanh")),
    "embedding": embedding,
    "sampling": sampling,
    "silu_mul": silu_mul,
    "dram_copy": stream(lambda x, y, z: y.copy_(x)),
    "dram_triad": stream(lambda x, y, z: torch.add(x, y, alpha=3, out=z)),
}


def main(paths):
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}; times in µs, inputs in the cache")
    print(f"{'operator':18} {'dtype':5} {'shape':44} {'Hourglass':>10} {'PyTorch':>10} {'PyTorch/Hourglass':>18}")
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        for row in document if isinstance(document, list) else document.get("kernels", document.get("rows", [])):
            if row["op"] not in PEERS or row.get("median_us") is None:
                continue
            axes = {name: int(size) for name, size in row["axes"].items()}
            shape = " ".join(f"{name}={size}" for name, size in axes.items())
            try:
                peer = median_us(PEERS[row["op"]](axes, row["dtype"]))
            except Exception as error:  # a peer that cannot run a shape is told, and the others go on
                print(f"{row['op']:18} {row['dtype']:5} {shape:44} PyTorch fails: {str(error).splitlines()[0][:80]}")
                continue
            ours = row["median_us"]
            print(f"{row['op']:18} {row['dtype']:5} {shape:44} {ours:10.2f} {peer:10.2f} {peer / ours:18.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
