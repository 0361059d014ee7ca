"""A program of small kernels, a CUDA graph and copies, whose GPU timeline is recorded: `gpu_program.py NAME [TRACE]`.

Prints one line RESULT: seconds and core time of each part, the best of three, and the span of a short region in
CLOCK_MONOTONIC ns. With TRACE PyTorch's profiler records that region into the file; then a region `after` follows.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import torch


def timed(part: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and on cores, of all threads."""
    torch.cuda.synchronize()
    wall, core = time.perf_counter(), time.process_time()
    part()
    torch.cuda.synchronize()
    return time.perf_counter() - wall, time.process_time() - core


def main() -> None:
    device = torch.device("cuda")
    a, b = (torch.randn(256, 256, device=device, dtype=torch.bfloat16) for _ in range(2))
    out, flat = torch.empty_like(a), torch.zeros(4096, device=device)
    pinned, pageable = torch.zeros(1 << 16).pin_memory(), torch.zeros(1 << 16)
    on_device = torch.zeros(1 << 16, device=device)

    def eager(n: int) -> None:
        for _ in range(n):
            torch.mm(a, b, out=out)
            out.mul_(0.5)
            out.add_(a)
            out.relu_()

    def nodes() -> None:
        for _ in range(50):
            flat.add_(1.0)

    eager(10)
    nodes()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        nodes()

    def replay(n: int) -> None:
        for _ in range(n):
            graph.replay()

    def copies(n: int) -> None:
        for _ in range(n):
            on_device.copy_(pinned, non_blocking=True)
            on_device.copy_(pageable)
            pageable.copy_(on_device)

    parts: dict[str, tuple[Callable[[int], None], int, int]] = {"eager": (eager, 3000, 4), "graph": (replay, 500, 50), "copies": (copies, 200, 0)}
    result: dict[str, Any] = {"name": sys.argv[1], "torch": torch.__version__}
    for name, (part, count, kernels) in parts.items():
        best = min(timed(lambda: part(count)) for _ in range(3))
        result[name] = {"s": round(best[0], 5), "core_s": round(best[1], 5), "kernels": count * kernels}

    def region() -> list[int]:
        torch.cuda.synchronize()
        start = time.monotonic_ns()
        for name, (part, count, _) in parts.items():
            part(count // 10)
        torch.cuda.synchronize()
        return [start, time.monotonic_ns()]

    if len(sys.argv) > 2:
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
            result["region"] = region()
        profiler.export_chrome_trace(sys.argv[2])
        result["after"] = region()
    else:
        result["region"] = region()
    result["expected"] = sum(count // 10 * kernels for _, count, kernels in parts.values())
    print("RESULT", json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
