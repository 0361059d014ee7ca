"""Case `work`: what ran on the GPUs, by kernel, category, stream, call, graph and copy.

Steps of two sources and two GPUs, work outside all steps, replays of graphs that lack nodes. Lengths are drawn once.
"""

import random
from fractions import Fraction as F

from golden import Case, Head, groups, mean, percentile, quantile, ratio, stddev

CASE = Case("work")
# Kernels that read and write each value once, by the classes that their names tell.
SHORT = (("add", "elementwise"), ("norm", "norm"), ("reduce", "reduction"), ("cat", "copy"), ("silu", "activation"), ("rope", "rotary"),
         ("store", "kv_cache"), ("quant", "quantization"))
OP = ("id,ts,end_ts,device,stream,kind,class,short_name,category,nature,launch_id,launch_ts,launch_end,launch_track,graph,external_id,"
      "bytes,direction,source_id").split(",")


def inputs():
    draw = random.Random(11)
    ops, launches, copies, placed, host, times = [], [], [], [], [], []

    def step(source, stage, ts, end, belongs=None, tokens=None, judged=True, devices=(0,)):
        n = len(host) + 1
        host.append(dict(step=n, stage=stage, belongs=belongs or stage, ts=ts, end_ts=end, track_id=source, source_id=source, tokens=tokens))
        for d in devices:
            times.append(dict(step=n, device=d, source_id=source, stage=stage, belongs=belongs or stage, judged=judged, first=not judged,
                              ts=ts, end_ts=end, wall=end - ts + 100 * d))
        return n

    def call(name, kind, ts, dur, source=1):
        launches.append(dict(id=1000 + len(launches), ts=ts, dur=dur, name=name, kind=kind, track_id=source, source_id=source))
        return launches[-1]

    def op(at, launch, name, category, ts, dur, stream=7, device=0, kind="kernel", class_="compute", graph=False, source=1, copy=None):
        n = len(ops) + 1
        row = dict.fromkeys(OP)
        row.update(id=n, ts=ts, end_ts=ts + dur, device=device, stream=stream, kind=kind, short_name=name, category=category,
                   nature="unknown", graph=graph, source_id=source)
        row["class"] = class_
        if launch:
            row.update(launch_id=launch["id"], launch_ts=launch["ts"], launch_end=launch["ts"] + launch["dur"], launch_track=source)
        if copy:
            direction, src, dst, size = copy
            row.update(bytes=size, direction=direction)
            copies.append(dict(id=n, ts=ts, dur=dur, name=name, kind=direction, src_kind=src, dst_kind=dst, bytes=size, device=device,
                               stream=stream, source_id=source))
        ops.append(row)
        placed.append(dict(id=n, step=at, by="launch" if launch else "time"))

    names = [("gemm_a", "gemm"), ("gemm_b", "gemm"), ("norm", "norm"), ("add", "elementwise"), ("softmax", "attention")]
    ts = 1_000_000
    for k in range(7):
        at = step(1, "decode", ts, ts + 90_000 + 1000 * k, tokens=4 + k if k != 3 else None, judged=k > 0, devices=(0, 1))
        for j in range(4 + k % 3):
            name, category = names[(j + k) % 5]
            c = call("cudaLaunchKernel" if j % 3 else "cuLaunchKernelEx", "kernel", ts + 5000 * j, draw.randrange(2000, 6000))
            op(at, c, name, category, c["ts"] + c["dur"] + draw.randrange(-900, 3000), draw.randrange(1500, 7000), stream=7 + j % 2,
               device=j % 4 // 3)
        # A replay, in which nodes overlap or leave gaps; of one three of eight nodes were recorded, of one just half; one has many.
        c = call("cudaGraphLaunch", "graph", ts + 50_000, draw.randrange(8000, 15_000))
        begin = c["ts"] + c["dur"] // 2
        for j in range({2: 3, 4: 4, 5: 30}.get(k, 8)):
            dur = draw.randrange(1000, 4000)
            op(at, c, *names[j % 5], begin, dur, stream=9, graph=True, kind="kernel" if j != 1 else "memset")
            begin += dur + (draw.randrange(-500, 900) if j != 2 else 0)
        c = call("cudaMemcpyAsync", "memcpy", ts + 70_000, 1500)
        op(at, c, "HtoD", "memcpy", c["ts"] + 2000, 100 if k == 5 else draw.randrange(2000, 9000), stream=11, kind="memcpy",
           class_="copy", copy=("HtoD", "pinned", "device", (65_535, 65_536, 65_537, 70_000, 1_000_000, 999_999, 2_000_000)[k]))
        op(at, c, "DtoH", "memcpy", c["ts"] + 8000, draw.randrange(2000, 9000), stream=11, kind="memcpy", class_="copy",
           copy=("DtoH", "device", "pageable" if k % 2 else None, 4000 + k))
        gap = step(1, "between", ts + 100_000, ts + 110_000, belongs="decode", devices=(0, 1))
        op(gap, None, "reduce", "reduction", ts + 101_000, 700 + k)
        ts += 200_000
    for k in range(3):
        at = step(1, "prefill", ts, ts + 150_000)
        for j in range(3 + 2 * k):
            c = call("cudaLaunchKernel", "kernel", ts + 9000 * j, 3000 + j)
            op(at, c, *names[j % 3], c["ts"] + c["dur"] + 100 * j, 9000 + 777 * j * (k + 1), device=1)
        ts += 200_000
    for k in range(2):
        at = step(2, "decode", ts, ts + 40_000, tokens=100, devices=(0,))
        c = call("hipLaunchKernel", "kernel", ts, 4000, source=2)
        op(at, c, "gemm_a", "gemm", c["ts"] + 5000, 12_345 + k, source=2)
        op(at, c, "gemm_a", "gemm", c["ts"] + 9000, 2000, source=2)
        ts += 100_000
    # Outside all steps: a kernel, a whole replay, copies; and a stage without kernels.
    c = call("cudaLaunchKernel", "kernel", ts, 2500)
    op(None, c, "gemm_b", "gemm", ts + 4000, 33_000)
    c = call("cudaGraphLaunch", "graph", ts + 10_000, 7000)
    for j in range(3):
        op(None, c, "norm", "norm", ts + 20_000 + 3000 * j, 2000 + j, stream=9, graph=True)
    op(None, None, "HtoD", "memcpy", ts + 90_000, 0, kind="memcpy", class_="copy", copy=("HtoD", "pinned", "device", 3_000_000))
    op(None, None, "DtoD", "memcpy", ts + 91_000, 5000, kind="memcpy", copy=("DtoD", "device", "device", 1_000_000))
    # Of one size there are most bytes in all, though one copy is larger and another size as common.
    for k, (size, dur) in enumerate(((1_200_000, 30_000), (1_200_000, 50_000), (1_200_000, 43_000), (700_000, 1000), (3_500_000, 90_000), (700_000, 9),
                                     (999_999, 8), (999_999, 8), (999_999, 8), (999_999, 8))):
        op(None, None, "HtoD", "memcpy", ts + 95_000 + 10 * k, dur, kind="memcpy", class_="copy", copy=("HtoD", "pinned", "device", size))
    op(None, None, "DtoH", "memcpy", ts + 96_000, 100, kind="memcpy", class_="copy", copy=("DtoH", "device", "pinned", 4_000_000))
    at = step(1, "copying", ts + 100_000, ts + 110_000)
    op(at, None, "HtoD", "memcpy", ts + 101_000, 5000, kind="memcpy", class_="copy", copy=("HtoD", "pageable", "device", 500))
    # A call without work, and one whose work takes just as long.
    call("cudaDeviceSynchronize", "sync", ts + 200_000, 9000)
    c = call("cudaLaunchKernel", "kernel", ts + 210_000, 5000)
    op(None, c, "gemm_b", "gemm", ts + 220_000, 5000)
    # Single replays of one node.
    at = step(1, "single", ts + 300_000, ts + 310_000)
    c = call("cudaGraphLaunch", "graph", ts + 300_000, 900)
    op(at, c, "norm", "norm", ts + 301_000, 1, graph=True)
    at = step(1, "zero", ts + 310_000, ts + 320_000)
    c = call("cudaGraphLaunch", "graph", ts + 310_000, 900)
    op(at, c, "norm", "norm", ts + 311_000, 0, graph=True)
    # A node whose call was not recorded; a copy from a memory that was not told.
    op(at, None, "norm", "norm", ts + 312_000, 50, graph=True)
    op(at, None, "HtoD", "memcpy", ts + 313_000, 60, kind="memcpy", class_="copy", copy=("HtoD", None, "device", 10))

    # Many short kernels: as many as are told, a few less; of just so much of the time, of less; shorter than short, just as long.
    ts += 400_000
    for stage, steps, short, short_dur, long_dur in (
            ("told", 2, 100, 3000, 700_000), ("fewer", 1, 95, 3000, 100_000), ("least", 1, 101, 4999, 1_298_400),
            ("short", 1, 120, 5000, 1000), ("half", 2, 1, 1000, 500)):
        for k in range(steps):
            at = step(1, stage, ts, ts + 2_000_000, devices=(0, 1) if stage == "told" else (0,))
            for j in range(short + (k if stage == "half" else 0)):
                op(at, None, *SHORT[j % len(SHORT)], ts + 9 * j, short_dur)
            op(at, None, "gemm_a", "gemm", ts + 5, long_dur - (23 if stage == "told" and k else 0))
            op(at, None, "memset", "memset", ts + 5, 17, kind="memset")
            ts += 3_000_000
    at = step(1, "told", ts, ts + 50_000, judged=False)
    op(at, None, "add", "elementwise", ts, 100)
    at = step(1, "between", ts + 60_000, ts + 70_000, belongs="told")
    op(at, None, "gemm_a", "gemm", ts + 60_000, 23)
    # A kernel of no length is all that a stage has.
    at = step(1, "none", ts + 80_000, ts + 90_000)
    op(at, None, "add", "elementwise", ts + 81_000, 0)

    CASE.write("derived/device_op", OP, ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/step_time", list(times[0]), times)
    CASE.write("rows/launch", list(launches[0]), launches)
    CASE.write("rows/memcpy", list(copies[0]), copies)


def expert_copy(copies):
    to_gpu = [m for m in copies if m["kind"] == "HtoD"]
    large = [m for m in to_gpu if m["bytes"] >= Head("gpu/expert_copy").params["least"]]
    row = dict(copied=len(to_gpu), bytes=None, n=None, mean=None, stddev=None, best=None, memory=None, predicted=None)
    if large:
        sizes = groups(large, "bytes")
        size, = max(sizes, key=lambda s: (len(sizes[s]) * s[0], s[0]))
        durs = [m["dur"] for m in sizes[size,]]
        pinned = [m for m in large if m["dur"] and m["src_kind"] == "pinned"]
        timed = pinned or [m for m in large if m["dur"]]
        rates = [F(m["bytes"] * 10**9, m["dur"]) for m in timed]
        if timed:
            row["memory"] = max(timed, key=lambda m: F(m["bytes"], m["dur"]))["src_kind"] or "unknown"
        row.update(bytes=size, n=len(durs), mean=mean(durs), stddev=stddev(durs) if len(durs) > 1 else None, best=max(rates, default=None),
                   predicted=ratio(size * 10**9, max(rates, default=None)))
    return row


def answers():
    ops, host, times = CASE.table("derived/device_op"), CASE.table("derived/host_step"), CASE.table("derived/step_time")
    launches, copies = CASE.table("rows/launch"), CASE.table("rows/memcpy")
    belongs = {h["step"]: h["belongs"] for h in host}
    step_of = {p["id"]: p["step"] for p in CASE.table("derived/step_op")}
    own = {s: len(rows) for (s,), rows in groups([h for h in host if h["stage"] != "between"], "belongs").items()}
    tokens = {s: [h["tokens"] for h in rows if h["tokens"]] for (s,), rows in groups([h for h in host if h["stage"] != "between"], "belongs").items()}
    for o in ops:
        o["dur"] = o["end_ts"] - o["ts"]
        o["stage"] = belongs.get(step_of[o["id"]], "outside")
    of_stage = {s: sum(o["dur"] for o in rows) for (s,), rows in groups(ops, "stage").items()}

    def total(rows):
        return sum(r["dur"] for r in rows)

    CASE.answer("gpu/categories", [
        dict(stage=s, category=c, calls=len(rows), total=total(rows), share=ratio(total(rows), of_stage[s]), mean=F(total(rows), len(rows)))
        for (s, c), rows in groups(ops, "stage", "category").items()], lambda r: (-r["total"], r["stage"], r["category"]))

    CASE.answer("gpu/kernels", [
        dict(stage=s, name=n, category=rows[0]["category"], calls=len(rows), per_step=F(len(rows), own[s]) if s in own else None,
             total=total(rows), share=ratio(total(rows), of_stage[s]), mean=F(total(rows), len(rows)), min=min(r["dur"] for r in rows),
             p50=quantile([r["dur"] for r in rows], "0.5"), p99=percentile([r["dur"] for r in rows], "0.99"), max=max(r["dur"] for r in rows),
             graph_ratio=F(sum(r["graph"] for r in rows), len(rows)))
        for (s, n), rows in groups(ops, "stage", "short_name").items()], lambda r: (-r["total"], r["stage"], r["name"]))

    streams = []
    for (source, device, stream), rows in groups(ops, "source_id", "device", "stream").items():
        rows.sort(key=lambda o: (o["ts"], o["end_ts"]))
        by_name = {n: total(r) for (n,), r in groups(rows, "short_name").items()}
        streams.append((-total(rows), device, stream, source, dict(
            device=device, stream=stream, ops=len(rows), busy=total(rows), top=max(by_name, key=by_name.get),
            overlapping=sum(any(e["end_ts"] > o["ts"] for e in rows[:i]) for i, o in enumerate(rows)))))
    CASE.answer("gpu/streams", [s[-1] for s in sorted(streams, key=lambda s: s[:4])])

    calls = []
    for c in launches:
        work = [o for o in ops if o["launch_id"] == c["id"]]
        if work:
            first, last = min(o["ts"] for o in work), max(o["end_ts"] for o in work)
            calls.append(dict(stage=work[0]["stage"], call=c["name"], dur=c["dur"], ops=len(work), delay=first - c["ts"] - c["dur"],
                              work=last - first))
    CASE.answer("gpu/launches", [
        dict(stage=s, call=n, calls=len(rows), per_step=F(len(rows), own[s]) if s in own else None, ops_per_call=mean(r["ops"] for r in rows),
             mean=F(total(rows), len(rows)), p50=quantile([r["dur"] for r in rows], "0.5"), p99=percentile([r["dur"] for r in rows], "0.99"),
             total=total(rows), delay_p50=quantile([r["delay"] for r in rows], "0.5"),
             delay_p99=percentile([r["delay"] for r in rows], "0.99"), work_p50=quantile([r["work"] for r in rows], "0.5"),
             short_ratio=mean(int(r["work"] < r["dur"]) for r in rows))
        for (s, n), rows in groups(calls, "stage", "call").items()], lambda r: (-r["total"], r["stage"], r["call"]))

    graphs = []
    for (s,), kernels in groups([o for o in ops if o["kind"] == "kernel"], "stage").items():
        replays = []
        for (launch,), nodes in groups([o for o in ops if o["stage"] == s and o["graph"] and o["launch_id"]], "launch_id").items():
            moments = sorted({o["ts"] for o in nodes} | {o["end_ts"] for o in nodes})
            busy = sum(b - a for a, b in zip(moments, moments[1:]) if any(o["ts"] <= a and o["end_ts"] >= b for o in nodes))
            wall = moments[-1] - moments[0]
            replays.append(dict(nodes=len(nodes), wall=wall, idle=wall - busy, call=nodes[0]["launch_end"] - nodes[0]["launch_ts"]))
        usual = quantile([r["nodes"] for r in replays], "0.5")
        inside = [o for o in kernels if o["graph"]]
        wall, pairs = sum(r["wall"] for r in replays), sum(r["nodes"] - 1 for r in replays)
        idle = sum(r["idle"] for r in replays)
        graphs.append(dict(
            stage=s, coverage=F(len(inside), len(kernels)), time_coverage=ratio(total(inside), total(kernels)), replays=len(replays),
            per_step=F(len(replays), own[s]) if s in own else None, nodes=mean(r["nodes"] for r in replays),
            under_recorded=sum(r["nodes"] * 2 < usual for r in replays), wall=mean(r["wall"] for r in replays),
            busy_ratio=1 - F(idle, wall) if wall else None, between=ratio(idle, pairs), call=mean(r["call"] for r in replays)))
    CASE.answer("gpu/graphs", graphs, lambda r: r["stage"])

    for m in copies:
        m["stage"] = belongs.get(step_of[m["id"]], "outside")
        m["memory"] = "%s to %s" % (m["src_kind"] or "?", m["dst_kind"] or "?")
    rows = []
    for (s, kind, memory), on in groups(copies, "stage", "kind", "memory").items():
        size = sum(m["bytes"] for m in on)
        best = [F(m["bytes"] * 10**9, m["dur"]) for m in copies if m["kind"] == kind and m["bytes"] >= 1_000_000 and m["dur"]]
        rows.append(dict(stage=s, direction=kind, memory=memory, copies=len(on), bytes=size, bytes_per_step=F(size, own[s]) if s in own else None,
                         bytes_per_token=F(size, sum(tokens[s])) if tokens.get(s) else None, total=total(on),
                         rate=ratio(size * 10**9, total(on)), best=max(best, default=None),
                         small_ratio=mean(int(m["bytes"] < 65536) for m in on)))
    CASE.answer("gpu/memcpy", rows, lambda r: (-r["total"], r["stage"], r["direction"], r["memory"]))

    CASE.answer("gpu/expert_copy", [expert_copy(copies)])
    p, rows = Head("gpu/small_kernels").params, []
    periods = [t for t in CASE.table("derived/step_period") if t["usual"]]
    for (s,), lanes in groups(periods, "stage").items():
        within = {(t[step], t["device"], t["source_id"]) for t in lanes for step in ("step", "span") if t[step] is not None}
        kernels = [o for o in ops if o["kind"] == "kernel" and (step_of[o["id"]], o["device"], o["source_id"]) in within]
        if not kernels or not total(kernels):
            continue
        short = [o for o in kernels if o["category"] in [category for _, category in SHORT] and o["dur"] < p["short"]]
        steps, wall = len({t["step"] for t in lanes}), sum(t["period"] for t in lanes)
        part, share = F(total(short), total(kernels)), F(total(short), wall)
        rows.append((-total(short), s, dict(
            stage=s, kernels=F(len(kernels), steps), short_count=int(F(len(short), steps) + F(1, 2)), time_ratio=part, share=share, stake=share / 2,
            gain=share / 2, severity="info" if part >= p["limit"] and F(len(short), steps) >= p["count"] else None)))
    CASE.answer("gpu/small_kernels", [r[2] for r in sorted(rows, key=lambda r: r[:2])])


if __name__ == "__main__":
    inputs()
    answers()
