#!/usr/bin/env python3
"""Makes recordings of decode and prefill loops, each with one neck planted on purpose.

Needs: an NVIDIA GPU, PyTorch with CUDA. Two GPUs add the recordings that need ranks.
Usage: OUT=/some/folder python3 record.py [NAME ...]

Per recording NAME it writes NAME.json.gz (PyTorch profiler, CPU and CUDA, shapes). manifest.json
tells for each: what is planted, which bounds are a right answer, the step's time without the
profiler, and the step's time without the profiler and without the neck, so that an estimated gain
can be compared with the real one. throttle.json.gz has nvidia-smi.csv beside it. No setting of the
device is changed. Weights and inputs are random (seed 0).
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
import traceback

import torch
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile, record_function

OUT = os.environ.get("OUT", "planted")
STEPS = 8
WARM = 3
BF16 = torch.bfloat16
MANIFEST = {}


def weight(*shape):
    return torch.randn(*shape, device="cuda", dtype=BF16) * 0.02


def rms(x, w):
    return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-6).to(BF16) * w


class Decoder:
    """A Llama-like stack without embeddings: enough operators to look like one."""

    def __init__(self, layers, hidden, ffn, heads, batch, context, vocab=32000):
        self.heads, self.dim, self.batch, self.hidden = heads, hidden // heads, batch, hidden
        self.layers = [
            dict(
                norm1=weight(hidden), norm2=weight(hidden), qkv=weight(hidden, 3 * hidden), o=weight(hidden, hidden),
                gate=weight(hidden, ffn), up=weight(hidden, ffn), down=weight(ffn, hidden),
                k=weight(batch, heads, context, self.dim), v=weight(batch, heads, context, self.dim),
            )
            for _ in range(layers)
        ]
        self.head = weight(hidden, vocab)
        self.x = weight(batch, hidden)

    def layer(self, x, l):
        h = rms(x, l["norm1"])
        q, k, v = (h @ l["qkv"]).view(self.batch, 3, self.heads, self.dim).unbind(1)
        l["k"][:, :, -1].copy_(k)
        l["v"][:, :, -1].copy_(v)
        a = F.scaled_dot_product_attention(q.unsqueeze(2), l["k"], l["v"])
        x = x + a.reshape(self.batch, self.hidden) @ l["o"]
        h = rms(x, l["norm2"])
        return x + (F.silu(h @ l["gate"]) * (h @ l["up"])) @ l["down"]

    def forward(self):
        x = self.x
        for l in self.layers:
            x = self.layer(x, l)
        return (x @ self.head).argmax(-1)


def graph_of(call):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(2):
            call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = call()
    return graph, result


def time_of(step, n=20):
    for i in range(WARM):
        step(i)
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for i in range(n):
        step(i)
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) / n * 1e3


def trace(name, step, stage, steps, between=None):
    path = os.path.join(OUT, name + ".json")
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], record_shapes=True) as prof:
        for i in range(steps):
            with record_function(stage.format(i=i)):
                step(i)
            if between:
                between()
        torch.cuda.synchronize()
    prof.export_chrome_trace(path)
    with open(path, "rb") as plain, gzip.GzipFile(path + ".gz", "wb", 9, mtime=0) as packed:
        shutil.copyfileobj(plain, packed)
    os.remove(path)


def record(name, step, planted, bounds, fixed=None, stage="decode_{i}", steps=STEPS, between=None):
    def cycle(i):
        step(i)
        if between:
            between()

    plain = time_of(cycle)
    trace(name, step, stage, steps, between)
    MANIFEST[name] = {
        "planted": planted,
        "bounds": bounds,
        "step_ms": round(plain, 4),
        "fixed_ms": round(time_of(fixed), 4) if fixed else None,
        "size": os.path.getsize(os.path.join(OUT, name + ".json.gz")),
    }


def spin(ms):
    """Python work as an engine does it between steps: bookkeeping, sorting, joining text."""
    end = time.perf_counter() + ms / 1e3
    rows = list(range(400))
    while time.perf_counter() < end:
        rows.sort(key=lambda r: (r * 7919) % 401)
        " ".join(str(r) for r in rows)


# --- the recordings ---------------------------------------------------------------------------


def launch():
    model = Decoder(layers=12, hidden=1024, ffn=2816, heads=16, batch=1, context=256)
    graph, token = graph_of(model.forward)

    def fixed(i):
        graph.replay()
        token.cpu()

    record("launch", lambda i: model.forward().cpu(), "eager decode of many short kernels", ["launch"], fixed)


def moe_eager():
    hidden, ffn, experts, top = 2048, 768, 32, 4
    layers = [(weight(hidden, experts), weight(experts, hidden, 2 * ffn), weight(experts, ffn, hidden)) for _ in range(6)]
    x0 = weight(4, hidden)

    def step(i):
        x = x0
        for router, up, down in layers:
            w, chosen = (x @ router).float().softmax(-1).topk(top, -1)
            out = torch.zeros_like(x)
            for e in chosen.unique().tolist():
                rows, slot = (chosen == e).nonzero(as_tuple=True)
                gate, value = (x[rows] @ up[e]).chunk(2, -1)
                y = (F.silu(gate) * value) @ down[e]
                out.index_add_(0, rows, y * w[rows, slot].unsqueeze(-1).to(BF16))
            x = x + out
        x.argmax(-1).cpu()

    record("moe_eager", step, "eager MoE decode, one expert after the other, with waits", ["launch", "sync"], steps=4)


def compute():
    ws = [(weight(4096, 14336), weight(14336, 4096)) for _ in range(3)]
    x0 = weight(8192, 4096)

    def step(i):
        x = x0
        for up, down in ws:
            x = x + F.silu(x @ up) @ down
        x[-1].argmax(-1).cpu()

    record("compute", step, "prefill of 8192 tokens through large matrix products", ["compute"], stage="prefill_{i}")


def memory_weights():
    ws = [(weight(8192, 28672), weight(28672, 8192)) for _ in range(6)]
    x0 = weight(8, 8192)

    def step(i):
        x = x0
        for up, down in ws:
            x = x + F.silu(x @ up) @ down
        x.argmax(-1).cpu()

    record("memory_weights", step, "decode at batch 8 that streams large weights", ["memory"])


def memory_stream():
    a, b = weight(1 << 28), weight(1 << 28)

    def step(i):
        for _ in range(6):
            torch.add(a, b, out=b)
            torch.mul(b, 0.5, out=b)
        b[:8].sum().cpu()

    record("memory_stream", step, "elementwise kernels over half a gigabyte each", ["memory"],
           stage="step[DECODE bs=8 toks=8]")


def host_inside():
    model = Decoder(layers=8, hidden=4096, ffn=14336, heads=32, batch=8, context=512)
    graph, token = graph_of(model.forward)

    def step(i):
        spin(4)
        graph.replay()
        token.cpu()

    def fixed(i):
        graph.replay()
        token.cpu()

    record("host_inside", step, "4 ms of Python in each step, before the replay", ["host"], fixed,
           stage="execute_context_0(0)_generation_8(8)")


def host_between():
    model = Decoder(layers=8, hidden=4096, ffn=14336, heads=32, batch=8, context=512)
    graph, token = graph_of(model.forward)

    def step(i):
        graph.replay()
        token.cpu()

    record("host_between", step, "5 ms of Python between steps, outside every annotation", ["host"], step,
           between=lambda: spin(5))


def copies(pinned):
    parts = 4
    source = [torch.randn(32 << 20, dtype=BF16) for _ in range(parts)]
    source = [s.pin_memory() for s in source] if pinned else source
    target = [torch.empty(32 << 20, device="cuda", dtype=BF16) for _ in range(parts)]
    x0 = weight(64, 4096)

    def work():
        x = x0
        for t in target:
            x = torch.tanh(x @ t[: 4096 * 4096].view(4096, 4096))
        x.argmax(-1).cpu()

    def step(i):
        for s, t in zip(source, target):
            t.copy_(s, non_blocking=pinned)
        work()

    return step, lambda i: work()


def transfer_pageable():
    step, fixed = copies(False)
    record("transfer_pageable", step, "256 MiB of weights per step from pageable memory", ["transfer"], fixed)


def transfer_pinned():
    step, fixed = copies(True)
    record("transfer_pinned", step, "256 MiB of weights per step from pinned memory, on the stream that computes",
           ["transfer"], fixed)


def transfer_serial():
    x0, ws = weight(4096, 4096), weight(4096, 4096)
    source = [torch.randn(16 << 20, dtype=BF16).pin_memory() for _ in range(8)]
    target = [torch.empty(16 << 20, device="cuda", dtype=BF16) for _ in range(8)]
    side = torch.cuda.Stream()

    def compute_part(t, x):
        return torch.tanh(x @ ws) + t[:4096]

    def serial(i):
        x = x0
        for s, t in zip(source, target):
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                t.copy_(s, non_blocking=True)
            torch.cuda.current_stream().wait_stream(side)
            x = compute_part(t, x)
        x[0].argmax(-1).cpu()

    def none(i):
        x = x0
        for t in target:
            x = compute_part(t, x)
        x[0].argmax(-1).cpu()

    record("transfer_serial", serial, "copies on a second stream that wait for compute and are waited for",
           ["transfer"], none)


def copy_hidden():
    x0, ws = weight(8192, 8192), weight(8192, 8192)
    source = torch.randn(16 << 20, dtype=BF16).pin_memory()
    target = torch.empty(16 << 20, device="cuda", dtype=BF16)
    side = torch.cuda.Stream()

    def step(i):
        with torch.cuda.stream(side):
            target.copy_(source, non_blocking=True)
        x = x0
        for _ in range(6):
            x = torch.tanh(x @ ws)
        torch.cuda.current_stream().wait_stream(side)
        x[0].argmax(-1).cpu()

    record("copy_hidden", step, "nothing: a copy that compute hides", ["compute", "device", "none"])


def sync_item():
    model = Decoder(layers=12, hidden=2048, ffn=5632, heads=16, batch=4, context=512)
    graphs = []
    for l in model.layers:
        graphs.append(graph_of(lambda l=l: model.layer(model.x, l).float().abs().max()))

    def step(i):
        for graph, top in graphs:
            graph.replay()
            if top.item() < 0:
                raise ValueError("impossible")

    def fixed(i):
        for graph, top in graphs:
            graph.replay()
        top.item()

    record("sync_item", step, ".item() after each layer's graph", ["sync"], fixed)


def sync_eager():
    ws = [weight(4096, 4096) for _ in range(24)]
    x0 = weight(256, 4096)

    def step(i, wait=True):
        x = x0
        for w in ws:
            x = torch.tanh(x @ w)
            if wait and x[0, 0].item() > 1e6:
                raise ValueError("impossible")
        x[0].argmax(-1).cpu()

    record("sync_eager", step, ".item() after each product", ["sync"], lambda i: step(i, False))


def healthy():
    model = Decoder(layers=24, hidden=4096, ffn=14336, heads=32, batch=8, context=1024)
    graph, token = graph_of(model.forward)

    def step(i):
        graph.replay()
        token.cpu()

    record("healthy", step, "nothing: a decode step in one CUDA graph", ["memory", "device", "none"])


def throttle():
    x, w, y = weight(8192, 8192), weight(8192, 8192), weight(8192, 8192)

    def step(i):
        for _ in range(8):
            torch.mm(x, w, out=y)
        y[0, :8].sum().cpu()

    fields = ("timestamp,index,power.draw,power.limit,clocks.sm,clocks.mem,clocks.max.sm,temperature.gpu,"
              "utilization.gpu,clocks_event_reasons.active")
    csv = open(os.path.join(OUT, "nvidia-smi.csv"), "w")
    watch = subprocess.Popen(["nvidia-smi", "--query-gpu=" + fields, "--format=csv", "-lms", "50"], stdout=csv)
    try:
        end = time.perf_counter() + 8
        while time.perf_counter() < end:
            step(0)
        record("throttle", step, "large products until the power limit lowers the clock; see nvidia-smi.csv",
               ["throttle", "compute"], stage="prefill_{i}", steps=24)
        time.sleep(0.3)
    finally:
        watch.terminate()
        watch.wait()
        csv.close()


def imbalance_streams():
    """Experts on parallel streams; one of them gets most tokens and runs on alone."""
    hidden, ffn, experts = 2048, 1024, 4
    ws = [(weight(hidden, ffn), weight(ffn, hidden)) for _ in range(experts)]
    streams = [torch.cuda.Stream() for _ in range(experts)]

    def step(i, tokens=(1024, 64, 64, 64), chunk=64):
        main = torch.cuda.current_stream()
        for _ in range(4):
            for s, (up, down), n in zip(streams, ws, tokens):
                s.wait_stream(main)
                with torch.cuda.stream(s), record_function("expert"):
                    for _ in range(n // chunk):
                        F.silu(xs @ up) @ down
            for s in streams:
                main.wait_stream(s)
        xs[0, :8].sum().cpu()

    xs = weight(64, hidden)
    graph_skew, _ = graph_of(lambda: skew(streams, ws, xs, (1024, 64, 64, 64)))
    graph_even, _ = graph_of(lambda: skew(streams, ws, xs, (320, 320, 320, 256)))

    def replay(graph):
        graph.replay()
        xs[0, :8].sum().cpu()

    record("imbalance_streams", step, "experts on four streams, one with 16 times the tokens of the others",
           ["imbalance", "launch"], lambda i: step(i, (320, 320, 320, 256)), steps=3)
    record("imbalance_graph", lambda i: replay(graph_skew), "the same in a CUDA graph", ["imbalance", "device"],
           lambda i: replay(graph_even))


def skew(streams, ws, xs, tokens):
    main = torch.cuda.current_stream()
    for _ in range(4):
        for s, (up, down), n in zip(streams, ws, tokens):
            s.wait_stream(main)
            with torch.cuda.stream(s):
                for _ in range(n // 64):
                    F.silu(xs @ up) @ down
        for s in streams:
            main.wait_stream(s)
    return xs


def imbalance_shapes():
    """Experts one after the other with the tokens that a skewed router gives them."""
    hidden, ffn, experts = 4096, 4096, 8
    ws = [(weight(hidden, ffn), weight(ffn, hidden)) for _ in range(experts)]
    tokens = [8192] + [128] * (experts - 1)
    xs = [weight(n, hidden) for n in tokens]
    even = [weight(sum(tokens) // experts, hidden) for _ in tokens]

    def step(i, inputs=xs):
        for _ in range(3):
            for x, (up, down) in zip(inputs, ws):
                with record_function("expert"):
                    F.silu(x @ up) @ down
        xs[0][0, :8].sum().cpu()

    record("imbalance_shapes", step, "one expert of eight gets 90 % of the tokens, all on one GPU",
           ["compute", "imbalance"], lambda i: step(i, even), stage="prefill_{i}")


def imbalance_devices():
    """Experts on two GPUs of one process; the first GPU has most of the work."""
    parts = []
    for device, n in ((0, 7168), (1, 1024)):
        with torch.cuda.device(device):
            parts.append((device, weight(n, 4096), weight(4096, 8192), weight(8192, 4096)))

    def step(i):
        for device, x, up, down in parts:
            with torch.cuda.device(device):
                for _ in range(6):
                    F.silu(x @ up) @ down
        for device in (0, 1):
            torch.cuda.synchronize(device)

    record("imbalance_devices", step, "one GPU has seven times the tokens of the other", ["imbalance"])


def rank_main(rank, name, tokens):
    import torch.distributed as dist

    torch.cuda.set_device(rank)
    dist.init_process_group("nccl", rank=rank, world_size=2)
    torch.manual_seed(0)
    ws = [(weight(4096, 4096), weight(4096, 4096)) for _ in range(8)]
    x0 = weight(tokens[rank], 4096)
    shared = weight(*((64, 4096) if name.startswith("imbalance") else (8192, 4096)))

    def step(i):
        x = x0
        for up, down in ws:
            x = x + F.silu(x @ up) @ down
            dist.all_reduce(shared)
        x[0].argmax(-1).cpu()

    for i in range(WARM):
        step(i)
    torch.cuda.synchronize()
    dist.barrier()
    trace(f"{name}_rank{rank}", step, "decode_{i}", STEPS)
    plain = time_of(step)
    with open(os.path.join(OUT, f"{name}_rank{rank}.ms"), "w") as f:
        f.write(str(round(plain, 4)))
    dist.destroy_process_group()


def ranks(name, tokens, planted, bounds):
    env = dict(os.environ, NCCL_NVLS_ENABLE="0", MASTER_ADDR="127.0.0.1", MASTER_PORT="29517")
    children = [
        subprocess.Popen([sys.executable, os.path.abspath(__file__), "--rank", str(r), name, *map(str, tokens)], env=env)
        for r in (0, 1)
    ]
    codes = [c.wait(timeout=90) for c in children]
    if any(codes):
        raise RuntimeError(f"ranks ended with {codes}")
    for r in (0, 1):
        timed = os.path.join(OUT, f"{name}_rank{r}.ms")
        MANIFEST[f"{name}_rank{r}"] = {
            "planted": planted, "bounds": bounds, "step_ms": float(open(timed).read()), "fixed_ms": None,
            "size": os.path.getsize(os.path.join(OUT, f"{name}_rank{r}.json.gz")),
        }
        os.remove(timed)


def communication():
    ranks("communication", (64, 64), "all-reduce of 64 MiB after each small layer", ["communication"])


def imbalance_ranks():
    ranks("imbalance_ranks", (16384, 512), "rank 0 has 32 times the tokens, rank 1 waits in the all-reduce",
          ["imbalance", "compute"])


ONE_GPU = [launch, moe_eager, compute, memory_weights, memory_stream, host_inside, host_between, transfer_pageable,
           transfer_pinned, transfer_serial, copy_hidden, sync_item, sync_eager, healthy, imbalance_streams,
           imbalance_shapes, throttle]
TWO_GPUS = [imbalance_devices, communication, imbalance_ranks]


def main(names):
    os.makedirs(OUT, exist_ok=True)
    failed = {}
    known = ONE_GPU + (TWO_GPUS if torch.cuda.device_count() > 1 else [])
    for make in known:
        if names and make.__name__ not in names:
            continue
        begin = time.perf_counter()
        torch.manual_seed(0)
        try:
            with torch.no_grad():
                make()
        except Exception:  # one recording that fails must not cost the others
            failed[make.__name__] = traceback.format_exc()
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        print(f"{make.__name__}: {'failed' if make.__name__ in failed else 'done'} in "
              f"{time.perf_counter() - begin:.1f} s", flush=True)
    about = {
        "gpu": torch.cuda.get_device_name(), "gpus": torch.cuda.device_count(), "torch": torch.__version__,
        "cuda": torch.version.cuda, "made": time.strftime("%Y-%m-%d"), "recordings": MANIFEST, "failed": failed,
    }
    with open(os.path.join(OUT, "manifest.json"), "w") as f:
        json.dump(about, f, indent=1)
    print(json.dumps({k: [v["step_ms"], v["fixed_ms"], v["size"]] for k, v in MANIFEST.items()}, indent=0))
    for name, text in failed.items():
        print(name, text)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--rank":
        with torch.no_grad():
            rank_main(int(sys.argv[2]), sys.argv[3], [int(n) for n in sys.argv[4:]])
    else:
        main(sys.argv[1:])
