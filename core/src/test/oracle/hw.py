"""Case `hw`: counters of single launches and samples of devices. For every threshold there is a kernel on either side."""

import math
from fractions import Fraction as F

from golden import Case, groups, mean

CASE = Case("hw")
SM, MEMORY, DRAM = (
    "%s.avg.pct_of_peak_sustained_elapsed" % m for m in ("sm__throughput", "gpu__compute_memory_throughput", "gpu__dram_throughput"))
TENSOR = "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_"
L2, WARPS, TIME = "lts__t_sector_hit_rate.pct", "sm__warps_active.avg.pct_of_peak_sustained_active", "gpu__time_duration.sum"
STALL = "smsp__average_warps_issue_stalled_%s_per_issue_active.ratio"

# (source, launch, kernel, {metric: value or (value, unit)})
LAUNCHES = [
    (1, 0, "gemm_a", {TIME: 12000, SM: 60, MEMORY: 60, DRAM: 45, "dram__bytes_read.sum": 30000, "dram__bytes_write.sum": 500,
                      TENSOR + "elapsed": 9, L2: 81, WARPS: 33,
                      STALL % "long_scoreboard": 7.5, STALL % "wait": 2.25, STALL % "barrier": 3.5, STALL % "math_pipe_throttle": 1,
                      STALL % "selected": 0}),
    (1, 1, "gemm_b", {TIME: 9000, SM: 61, MEMORY: 59, DRAM: 12, "dram__bytes_read.sum": 700, TENSOR + "active": 8, L2: 77,
                      STALL % "sleeping": 4, STALL % "branch_resolve": 4, STALL % "drain": 4, STALL % "membar": 4}),
    (1, 2, "flash_fwd", {TIME: 5000, SM: 59, MEMORY: 61, DRAM: 60, L2: 28, WARPS: 12.5}),
    # The labels of the details page. Memory throughput in bytes per second, not in percent, is not that of its peak.
    (1, 3, "paged_attention", {"Duration": 7000, "Compute (SM) Throughput": 59, "Memory Throughput": (59, "%"), "DRAM Throughput": 30,
                               "L2 Hit Rate": 30, "Achieved Occupancy": 48}),
    (1, 4, "copy", {"Duration": 6500, "Memory Throughput": (2.5e12, "byte/second")}),
    # Whether memory reaches 60 % is not known: it cannot be called latency.
    (1, 5, "odd", {SM: 10}),
    (1, 6, "odder", {MEMORY: 10, STALL % "wait": 0.5, STALL % "barrier": 0}),
    (1, 7, "at_60", {SM: 60, MEMORY: 59}), (1, 8, "at_60_too", {SM: 59, MEMORY: 60}),
    # Both pages tell of it: the larger of two, rounded or not; tensor cores of all cycles, not of the active ones.
    (1, 9, "attention_gemm", {TIME: 23000, "Duration": 23100, SM: 70, "Compute (SM) Throughput": 71, MEMORY: 10, "Memory Throughput": (12, "%"),
                              DRAM: 20, "DRAM Throughput": 21, TENSOR + "elapsed": 6, TENSOR + "active": 11, L2: 50, "L2 Hit Rate": 51,
                              WARPS: 40, "Achieved Occupancy": 41}),
    # The same number in another source.
    (2, 0, "flash_fwd", {TIME: 6000, SM: 20, MEMORY: 90, L2: 33, DRAM: 80}),
    (2, 1, "attn_q", {L2: 10, DRAM: 5}), (2, 2, "attn_q", {L2: 20, DRAM: 10}), (2, 3, "attn_q", {L2: 90, DRAM: 60}),  # mean 40, median 20
    (2, 4, "attn_z", {L2: 29, TENSOR + "elapsed": 1, MEMORY: 1, TIME: 90000}), (2, 5, "attn_y", {L2: 29}),
    (2, 6, "fmha_v2", {L2: 30}), (2, 7, "fmha_v3", {L2: 29, DRAM: 4}), (2, 8, "norm", {L2: 1}), (2, 9, "mla", {L2: 3}),
    (2, 10, "formlaic", {L2: 1}), (2, 11, "attention_without", {DRAM: 1}), (2, 12, "my_mla_decode", {L2: 4}),
    # Tensor cores: 10 % is not idle, 60 % of the memory system explains it, below 10 µs it is latency.
    (2, 20, "cutlass_10", {TENSOR + "elapsed": 10, MEMORY: 10, TIME: 20000}),
    (2, 21, "cutlass_9", {TENSOR + "elapsed": 9.5, MEMORY: 10, TIME: 20000}),
    (2, 22, "xmma_59", {TENSOR + "active": 1, MEMORY: 59, TIME: 20000}), (2, 23, "xmma_60", {TENSOR + "active": 1, MEMORY: 60, TIME: 20000}),
    (2, 24, "matmul_10us", {TENSOR + "elapsed": 2, MEMORY: 5, TIME: 10000}), (2, 25, "matmul_9us", {TENSOR + "elapsed": 2, MEMORY: 5, TIME: 9999}),
    (2, 26, "matmul_no_memory", {TENSOR + "elapsed": 2, TIME: 50000}), (2, 27, "matmul_no_tensor", {MEMORY: 2, TIME: 50000}),
    # In bytes per second: how near its peak memory is, is not told.
    (2, 28, "gemm_bytes", {TENSOR + "elapsed": 2, "Memory Throughput": (5e11, "byte/second"), TIME: 20000}),
    # The mean is below the threshold, the median at it: of tensor cores, of memory.
    *[(2, 40 + i, "wgmma_t", {TENSOR + "elapsed": t, MEMORY: 5, TIME: 20000}) for i, t in enumerate((1, 10, 11))],
    *[(2, 50 + i, "wgmma_m", {TENSOR + "elapsed": 1, MEMORY: m, TIME: 20000}) for i, m in enumerate((10, 60, 62))],
    # mean 6 of tensor cores (median 2), 40 of memory (median 20), 13000 ns (median 9000)
    (2, 30, "nvjet_hsh", {TENSOR + "elapsed": 2, "Memory Throughput": (20, "%"), "Duration": 9000}),
    (2, 31, "nvjet_hsh", {TENSOR + "elapsed": 1, MEMORY: 10, TIME: 8000}), (2, 32, "nvjet_hsh", {TENSOR + "active": 15, MEMORY: 90, TIME: 22000}),
]


LAUNCHES.sort(key=lambda launch: launch[:2])


def percent(values, *names):
    found = [values[n] for n in names if n in values and not isinstance(values[n], tuple)]
    found += [values[n][0] for n in names if isinstance(values.get(n), tuple) and values[n][1] == "%"]
    return F(repr(max(found))) / 100 if found else None


def duration(values):
    return max((values[n] for n in (TIME, "Duration") if n in values), default=None)


def tensor_active(values):
    return percent(values, *((TENSOR + "elapsed",) if TENSOR + "elapsed" in values else (TENSOR + "active",)))


def average(values):
    return mean(v for v in values if v is not None)


def launches():
    rows = []
    for source, launch, kernel, values in LAUNCHES:
        for metric, v in values.items():
            number, unit = v if isinstance(v, tuple) else (v, "")
            rows.append(dict(source_id=source, launch=launch, kernel=kernel, metric=metric, value=number, unit=unit))
    CASE.write("rows/ncu_metric", ["source_id", "launch", "kernel", "metric", "value", "unit"], rows)
    # gemm_a took 100, 200 and 900 ns in the timeline: 400 on average.
    timeline = [("gemm_a", 100), ("gemm_a", 200), ("gemm_a", 900), ("flash_fwd", 50), ("elsewhere", 1)]
    CASE.write("rows/kernel", ["id", "name", "ts", "dur"], [dict(id=100 + i, name=n, ts=i, dur=d) for i, (n, d) in enumerate(timeline)])

    answers, stalls = [], []
    for source, launch, kernel, v in LAUNCHES:
        sm, memory = percent(v, SM, "Compute (SM) Throughput"), percent(v, MEMORY, "Memory Throughput")
        both = sm is not None and memory is not None
        busy = {"sm": sm is not None and sm >= F(6, 10), "memory": memory is not None and memory >= F(6, 10)}
        answers.append(dict(
            launch=launch, kernel=kernel, duration=duration(v), sm_ratio=sm, memory_ratio=memory, dram_ratio=percent(v, DRAM, "DRAM Throughput"),
            dram_bytes=v["dram__bytes_read.sum"] + v["dram__bytes_write.sum"] if "dram__bytes_write.sum" in v else None,
            tensor_ratio=tensor_active(v), l2_hit_ratio=percent(v, L2, "L2 Hit Rate"),
            occupancy_ratio=percent(v, WARPS, "Achieved Occupancy"),
            limit="both" if all(busy.values()) else "compute" if busy["sm"] else "memory" if busy["memory"] else "latency" if both else None,
            timeline_ns=average(d for n, d in timeline if n == kernel)))
        waits = [(metric.split("stalled_")[1].split("_per_issue")[0].replace("_", " "), cycles)
                 for metric, cycles in v.items() if "stalled_" in metric and cycles > 0]
        for reason, cycles in sorted(waits, key=lambda w: (-w[1], w[0]))[:3]:
            stalls.append(dict(launch=launch, kernel=kernel, reason=reason, cycles=F(repr(cycles))))
    for row in answers + stalls:
        row["run"] = None  # one run alone
    CASE.answer("hw/counters", answers)
    CASE.answer("hw/stalls", stalls)


def of_kernels(name, names, need):
    """Launches of kernels whose names hold one of some words, by kernel."""
    told = [dict(kernel=kernel, v=v) for _, _, kernel, v in LAUNCHES if any(n in kernel for n in names) or kernel == "mla"]
    return groups([t for t in told if need(t["v"]) is not None], "kernel").items()


def l2():
    def hits(v):
        return percent(v, L2, "L2 Hit Rate")

    answers = []
    for (kernel,), own in of_kernels("l2", ("flash", "fmha", "attention", "attn", "paged", "_mla_"), hits):
        rate = average(hits(o["v"]) for o in own)
        answers.append(dict(
            kernel=kernel, launches=len(own), l2_hit_ratio=rate, dram_ratio=average(percent(o["v"], DRAM, "DRAM Throughput") for o in own),
            severity="info" if rate < F(3, 10) else None))
    CASE.answer("hw/l2", answers, order=lambda r: (r["l2_hit_ratio"], r["kernel"]))


def tensor_cores():
    answers = []
    for (kernel,), own in of_kernels("tensor", ("gemm", "nvjet", "xmma", "matmul", "cutlass", "wgmma"), tensor_active):
        tensor, memory = average(tensor_active(o["v"]) for o in own), average(percent(o["v"], MEMORY, "Memory Throughput") for o in own)
        time = average(duration(o["v"]) for o in own)
        idle = tensor < F(1, 10) and memory is not None and memory < F(6, 10) and time >= 10000
        answers.append(dict(
            kernel=kernel, launches=len(own), tensor_ratio=tensor, memory_ratio=memory, duration=time, severity="info" if idle else None))
    CASE.answer("hw/tensor_cores", answers, order=lambda r: (r["tensor_ratio"], r["kernel"]))


def deviation(values):
    """Of a sample: n - 1 below the sum of squares."""
    if len(values) < 2:
        return None
    return math.sqrt(sum((v - mean(values)) ** 2 for v in values) / (len(values) - 1))


def power():
    """Two decode steps with a prefill between them; the prefill runs on two GPUs, a step that is not judged before all."""
    steps = [
        # stage, device, ts, end_ts, judged, belongs
        ("decode", 0, 0, 900, False, "decode"), ("decode", 0, 1000, 2000, True, "decode"), ("between", 0, 2000, 2100, True, "decode"),
        ("prefill", 0, 3000, 5000, True, "prefill"), ("prefill", 1, 3500, 4500, True, "prefill"), ("decode", 0, 6000, 7000, True, "decode"),
    ]
    columns = ["step", "stage", "device", "source_id", "ts", "end_ts", "wall", "judged", "belongs"]
    CASE.write("derived/step_time", columns, [
        dict(zip(columns, (i, stage, device, 1, ts, end, end - ts, judged, belongs)))
        for i, (stage, device, ts, end, judged, belongs) in enumerate(steps)])
    samples = [("gpu:0", "power", t, v, "W") for t, v in (
        (500, 90), (1000, 100), (1500, 110), (1600, 110), (2000, 150), (2050, 400), (2500, 800), (3000, 600), (4000, 610), (4999, 700), (5001, 20), (5500, 30),
        (6500, 130), (7000, 140), (7001, 5))]
    samples += [("gpu:1", "power", 4000, 300, "W"), ("gpu:0", "sm_clock", 4000, 1980, "MHz"), ("gpu:0", "sm_clock", 1200, 1200, "MHz")]
    CASE.write("rows/hw_sample", ["device", "metric", "ts", "value", "unit"], [
        dict(zip(("device", "metric", "ts", "value", "unit"), s)) for s in samples])
    answers = []
    for stage in ("all", "decode", "prefill"):
        found = {}
        for device, metric, ts, value, unit in samples:
            if stage == "all" or any(b == stage and judged and a <= ts <= e for _, _, a, e, judged, b in steps):
                found.setdefault((device, metric, unit), []).append(value)
        for (device, metric, unit), values in sorted(found.items()):
            answers.append(dict(stage=stage, device=device, host=None, metric=metric, unit=unit, samples=len(values), mean=mean(values),
                                sd=deviation(values),
                                min=min(values), max=max(values)))
    CASE.answer("hw/power", answers)


launches()
l2()
tensor_cores()
power()
