"""Case `gaps`: why the GPU is idle: launches, waits, the queue that fills again after one, the path through a step.

Steps with gaps of every cause on two GPUs and in two sources, their moments drawn once; and stages without gaps on both sides of each
threshold of bound/launch and bound/sync (see shares.py).
"""

import random
from fractions import Fraction as F

from golden import Case, Head, groups, mean, ratio, severity
from shares import LEVELS, MS, STEP, split, stages
from work import OP

CASE = Case("gaps")
CASE.on["stacks"] = "The recording has stacks"  # slices of the category python_function
CASE.pytorch = True  # aten:: operators
GAP = "step,device,source_id,ts,end_ts,dur,opener,cause,operator,call,flight,sync,host,queued,replay,peer,recorder,unknown".split(",")
PARTS = GAP[8:12] + ["host", "queued", "replay", "peer", "recorder", "unknown"]


def inputs():
    draw = random.Random(5)
    times, host, ops, placed, launches, slices, waits, gaps, spans = [], [], [], [], [], [], [], [], []

    def slice_(ts, dur, name, category, parent=None, track=1):
        slices.append(dict(id=5000 + len(slices), ts=ts, dur=dur, name=name, category=category, parent_id=parent, track_id=track, depth=0))
        return slices[-1]["id"]

    slice_(500, 1, "start", "cpu_op")

    def step(source, stage, ts, end, belongs=None, judged=True):
        host.append(dict(step=len(host) + 1, stage=stage, belongs=belongs or stage, seq=len(host), ts=ts, end_ts=end, track_id=source,
                         source_id=source, first=not judged))
        return host[-1]["step"]

    def lane(n, ts, end, judged, device=0, source=1, stage="decode", belongs=None, **parts):
        row = dict.fromkeys(STEP, 0)
        row.update(step=n, device=device, source_id=source, stage=stage, belongs=belongs or stage, first=not judged, judged=judged,
                   ts=ts, end_ts=end, wall=end - ts, seq=n)
        row.update(parts)
        times.append(row)
        return row

    def call(name, kind, ts, dur, parent=None, track=1):
        n = slice_(ts, dur, name, "cuda_runtime", parent, track)
        launches.append(dict(id=n, ts=ts, dur=dur, name=name, kind=kind, track_id=track, source_id=track, ops=1))
        return launches[-1]

    def wait(ts, end, name, operator, category="cpu_op", track=1):
        parent = slice_(ts - 10, end - ts + 20, operator, category, track=track) if operator else None
        c = call(name, "sync", ts, end - ts, parent, track)
        waits.append(dict(id=c["id"], track_id=track, ts=ts, end_ts=end, name=name))

    def op(at, ts, dur, launch=None, device=0, source=1, name="gemm", class_="compute", kind="kernel", graph=False):
        row = dict.fromkeys(OP)
        row.update(id=len(ops) + 1, ts=ts, end_ts=ts + dur, device=device, stream=7, kind=kind, short_name=name, category="gemm", graph=graph,
                   nature="unknown", source_id=source)
        row["class"] = class_
        if launch:
            row.update(launch_id=launch["id"], launch_ts=launch["ts"], launch_end=launch["ts"] + launch["dur"], launch_track=launch["track_id"])
        ops.append(row)
        placed.append(dict(id=row["id"], step=at, by="launch" if launch else "time"))
        return row["id"]

    def gap(n, ts, end, cause, opener, device=0, source=1, **parts):
        row = dict.fromkeys(GAP, 0)
        row.update(step=n, device=device, source_id=source, ts=ts, end_ts=end, dur=end - ts, opener=opener, cause=cause)
        row.update(parts)
        gaps.append(row)
        return row

    # Decode: a wait before the step, one in it after which the host issues work fast, one after which it is slow.
    ts = 1_000_000
    for k in range(8):
        # The second source's steps run beside those before them.
        source = 2 if k in (3, 6) else 1
        ts -= 292_223 if source == 2 else 0
        judged = k > 0
        n = step(source, "decode", ts, ts + 190_000 + 500 * k, judged=judged)
        spans += [(source, "known", ts - 5000, ts + 7000 + 100 * k), (source, "known", ts + 20_000, ts + 66_000), (source, "known", ts + 90_000, ts + 150_000),
                  (source, "wait", ts + 30_000, ts + 41_000 + k), (source, "wait", ts + 100_000, ts + 118_000)]
        # Before the step; of one at its beginning, and of one just at its end.
        wait(ts - (0 if k == 2 else 4000), ts + (1000 if k == 2 else -1000), "cudaDeviceSynchronize", None, track=source)
        if k == 5:
            wait(ts + 192_500, ts + 192_600, "cudaEventSynchronize", None, track=source)
        lanes = {d: lane(n, ts + 50 * d, ts + 192_000 + 501 * k, judged, d, source) for d in ((0, 1) if source == 1 else (0,))}
        for d, row in lanes.items():
            row.update(busy=100_000 + 3000 * k + d, compute=70_000 + 2000 * k, communication=10_000 + 77 * k, copy=9000 + 55 * k, ops=9, gaps=6)
        before = 0
        at = ts + 3000
        for j in range(9):
            device = j % 2 if source == 1 else 0
            if j == 3:
                wait(ts + 30_000, ts + 41_000 + k, "cudaMemcpy" if k in (0, 2, 6) else "cudaStreamSynchronize", "aten::item", track=source)
                at = ts + 42_000
            if j == 6:
                wait(ts + 100_000, ts + 118_000, "cudaStreamSynchronize", "aten::nonzero" if k % 2 else None, "python_function", track=source)
                at = ts + 119_000
            c = call("cudaLaunchKernel", "kernel", at, 2000 + 10 * j, slice_(at - 100, 3000, "aten::mm%d" % j, "cpu_op", track=source), source)
            # After the first wait the work is longer than it takes to issue it; after the second it is not, or just as long.
            dur = (9000 if j < 6 else 3000) + 100 * j
            first = at + 4000
            x = op(n, first, dur, c if j != 8 else None, device, source, graph=j == 5)
            length = draw.randrange(500, 9000)
            if j == 3 and k == 1:
                length = first - ts - 30_000  # the gap begins as the wait does
            cause = ("issue", "queued", "issue", "sync", "issue", "issue", "sync", "issue", "unknown")[j]
            cause = "sync" if (j, k) == (4, 2) else cause
            parts = {p: draw.randrange(100, 3000) for p in PARTS if p != "sync"}
            if cause == "sync" or (j, k % 4) == (7, 1):
                parts["sync"] = draw.randrange(1000, 4000)
            gap(n, first - length, first, cause, x, device, source, **parts)
            at += 5000 + 300 * j
        for d, row in lanes.items():
            own = [g for g in gaps if g["step"] == n and g["device"] == d]
            tail = gap(n, row["end_ts"] - (9999 if k == 2 else 3000), row["end_ts"], "tail", None, d, source, call=draw.randrange(100, 900), sync=700 if k == 2 else 0)
            for p in PARTS:
                row[p] = sum(g[p] for g in own + [tail])
            row.update(launch=row["operator"] + row["call"] + row["flight"], kernels=5, launches=4)
            row["rest"] = row["queued"] + row["peer"] + row["recorder"] + row["unknown"]
        # Copies and communication: over one another, over the ends of the step, on another stream.
        for d in lanes:
            op(n, ts - 2000 - 70 * d, 5000 + 90 * k + 140 * d, None, d, source, "HtoD", "copy", "memcpy")
            op(n, ts + 1000, 4000, None, d, source, "HtoD", "copy", "memcpy")
            op(n, ts + 60_000, 8000 + 11 * k + 333 * d, None, d, source, "DtoH", "copy", "memcpy")
            op(n, ts + 61_000, 900, None, d, source, "DtoH", "copy", "memcpy")
            if k != 5:
                op(n, ts + 62_000, 9000 + 13 * k + 222 * d, None, d, source, "ncclAllReduce", "comm")
                op(n, ts + 180_000, 30_000, None, d, source, "ncclAllGather", "comm")
        b = step(source, "between", ts + 200_000, ts + 230_000, "decode", judged)
        row = lane(b, ts + 200_000, ts + 230_000, judged, 0, source, "between", "decode", wall=30_000, compute=4000, ops=1)
        x = op(b, ts + 215_000, 1200, call("cudaLaunchKernel", "kernel", ts + 205_000, 2500, None, source), 0, source)
        g = gap(b, ts + 206_000, ts + 215_000, "issue", x, 0, source, operator=2000 + k, call=400, flight=300, host=1000)
        row.update({p: g[p] for p in PARTS}, launch=2700 + k, kernels=1, launches=1, gaps=1)
        if k == 4:
            # Outside all steps.
            wait(ts + 231_000, ts + 233_000, "cudaDeviceSynchronize", "report")
        ts += 300_000 if source == 1 else 592_223

    # Gaps that other code fills: as long as counts for dispatch, longer, in a step that is not judged.
    for name, judged_host, kernels, n_launches in (("even", 200_000, 100, 50), ("less", 200_001, 100, 49), ("whole", 180_001, 2, 1),
                                                   ("long", 219_000, 3, 2), ("many", 1000, 900, 800), ("no", 1000, 0, 0)):
        for k in range(2):
            n = step(1, name, ts, ts + MS)
            row = lane(n, ts, ts + MS, True, stage=name, busy=400_000 + k, compute=350_000, launch=(300_000 + 10 * k) // 2 * 2, host=judged_host, ops=3,
                       operator=200_000, call=60_000, flight=40_000 + 10 * k, kernels=kernels, launches=n_launches, gaps=1)
            gap(n, ts + 10, ts + 20 + k, "issue", None, host=judged_host, operator=row["operator"], call=row["call"], flight=row["flight"])
            op(n, ts + 20, 700 + 300 * k)
            ts += 2 * MS
    n = step(1, "even", ts, ts + MS, judged=False)
    lane(n, ts, ts + MS, False, stage="even", launch=900_000, kernels=7, launches=7, ops=7)
    gap(n, ts + 10, ts + 20, "issue", None, host=5000)
    ts += 2 * MS

    # On both sides of each threshold, without any gaps. Sync of nothing finds nothing, whatever fills again.
    for i, level in enumerate(LEVELS):
        name = "s%d" % level
        parts = {"launch": level, "sync": LEVELS[(i + 4) % 9]}
        for k, wall in enumerate((400_000, 500_000, 100_000)):
            n = step(1, "between" if k == 2 else name, ts, ts + wall, name)
            lane(n, ts, ts + wall, True, stage="between" if k == 2 else name, belongs=name, ops=0 if k == 2 else 1, kernels=k * 4, launches=1, busy=wall // 3,
                 compute=wall // 4, **{p: split(t)[k] for p, t in parts.items()})
            ts += wall
    for name, wall, n_ops in (("idle", 1000, 0), ("nothing", 0, 1), ("tiny", 1, 1)):
        n = step(1, name, ts, ts + wall)
        lane(n, ts, ts + wall, True, stage=name, launch=wall, ops=n_ops, kernels=n_ops, launches=n_ops)
        ts += MS
    # The queue fills again, and no wait of the step itself is in a gap.
    n = step(1, "refill", ts, ts + 100_000)
    lane(n, ts, ts + 100_000, True, stage="refill", ops=2, launch=50_000, kernels=2, launches=2)
    wait(ts + 1000, ts + 2000, "cudaEventSynchronize", None)
    for j in range(2):
        c = call("cudaLaunchKernel", "kernel", ts + 3000 + 3000 * j, 1000)
        x = op(n, ts + 5000 + 40_000 * j, 30_000, c)
        gap(n, ts + 4000 + 40_000 * j, ts + 5000 + 40_000 * j, "issue", x, operator=20_000, call=3000, flight=2000)

    # All that is issued after the wait takes just as long as issuing it.
    ts += MS
    n = step(1, "full", ts, ts + 100_000)
    lane(n, ts, ts + 100_000, True, stage="full", ops=2, launch=50_000, kernels=2, launches=2)
    wait(ts + 1000, ts + 2000, "cudaEventSynchronize", None)
    for j in range(2):
        x = op(n, ts + 20_000 + 10_000 * j, 4000, call("cudaLaunchKernel", "kernel", ts + 3000 + 3000 * j, 1000 + 3000 * j))
        gap(n, ts + 15_000 + 10_000 * j, ts + 20_000 + 10_000 * j, "issue", x, operator=20_000, call=3000, flight=2000)
    # The only waits of a stage are behind its last work; the gap begins with the wait; one costs a nanosecond. A copy without length.
    ts += MS
    n = step(1, "tail", ts, ts + 100_000)
    lane(n, ts, ts + 100_000, True, stage="tail", ops=1, sync=20_001, kernels=0, launches=0)
    wait(ts + 50_000, ts + 60_000, "cudaEventSynchronize", "aten::to")
    gap(n, ts + 50_000, ts + 100_000, "sync", None, sync=20_000)
    gap(n, ts + 20_000, ts + 40_000, "tail", None, sync=1)
    op(n, ts + 5000, 0, None, name="HtoD", class_="copy", kind="memcpy")
    op(n, ts + 5000, 0, None, name="ncclSend", class_="comm")
    # A wait of which no call was recorded, on a thread of its own; a copy of a nanosecond.
    ts += MS
    n = step(3, "lone", ts, ts + 100_000)
    lane(n, ts, ts + 100_000, True, source=3, stage="lone", ops=1, sync=30_000, copy=0)
    gap(n, ts + 50_000, ts + 80_000, "issue", None, source=3, sync=30_000)
    op(n, ts + 5000, 1, None, source=3, name="HtoD", class_="copy", kind="memcpy")
    op(n, ts + 5000, 1, None, source=3, name="ncclSend", class_="comm")

    by_track = {}
    rows = []
    for track, part, a, b in sorted(spans):
        before = by_track.get((track, part), 0)
        rows.append(dict(track_id=track, part=part, ts=a, end_ts=b, before=before))
        by_track[track, part] = before + b - a
    CASE.write("derived/step_time", STEP, times)
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/device_op", OP, ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("derived/gpu_gap", GAP, gaps)
    CASE.write("derived/host_wait", list(waits[0]), waits)
    CASE.write("derived/host_span", list(rows[0]), rows)
    CASE.write("rows/launch", list(launches[0]), launches)
    CASE.write("rows/slice", list(slices[0]), slices)


def last(rows, moment):
    """The one that began last, up to a moment."""
    return max((r for r in rows if r["ts"] <= moment), key=lambda r: r["ts"], default=None)


def union(pieces):
    total, reach = 0, None
    for a, b in sorted(pieces):
        a = a if reach is None else max(a, reach)
        if b > a:
            total += b - a
            reach = b
    return total


def answers():
    times, host = CASE.table("derived/step_time"), {h["step"]: h for h in CASE.table("derived/host_step")}
    ops = {o["id"]: o for o in CASE.table("derived/device_op")}
    step_of = {p["id"]: p["step"] for p in CASE.table("derived/step_op")}
    gaps, waits, spans = CASE.table("derived/gpu_gap"), CASE.table("derived/host_wait"), CASE.table("derived/host_span")
    slices = {s["id"]: s for s in CASE.table("rows/slice")}
    time = {(t["step"], t["device"], t["source_id"]): t for t in times}
    for o in ops.values():
        o["step"] = step_of[o["id"]]
    steps_of = {s: len({t["step"] for t in rows}) for (s,), rows in groups([t for t in times if t["stage"] != "between"], "belongs").items()}

    def place(r):
        return r["step"], r["device"], r["source_id"]

    def stage(t):
        return t["belongs"], t["device"], t["source_id"]

    def name(wait):
        parent = slices[wait["id"]]["parent_id"] if wait else None
        return slices[parent] if parent else None

    # The queue fills again after a wait.
    bursts = {}
    for o in ops.values():
        if o["launch_ts"] is not None and o["step"]:
            w = last([w for w in waits if w["track_id"] == o["launch_track"]], o["launch_ts"])
            o["after"] = w
            if w and w["ts"] >= host[o["step"]]["ts"]:
                bursts.setdefault((w["id"],) + place(o), []).append(o)
    fast = {k for k, b in bursts.items() if max(o["launch_end"] for o in b) - b[0]["after"]["end_ts"] < sum(o["end_ts"] - o["ts"] for o in b)}
    refill = {}
    for g in gaps:
        w = ops[g["opener"]].get("after") if g["opener"] else None
        if g["cause"] == "issue" and w and (w["id"],) + place(g) in fast:
            refill[place(g)] = refill.get(place(g), 0) + g["operator"] + g["call"] + g["flight"]
    CASE.tables("sync_refill", ["step", "device", "source_id", "refill"],
                [dict(step=k[0], device=k[1], source_id=k[2], refill=v) for k, v in refill.items()])

    def refilled(t):
        return sum(v for k, v in refill.items() if time[k]["judged"] and stage(time[k]) == (t["stage"], t["device"], t["source_id"]))

    told = [t for t in stages(times) if t["wall"] > 0 and t["ops"] > 0]
    for t in told:
        t["refill"] = refilled(t)
        t["judged"] = [g for g in gaps if time[place(g)]["judged"] and stage(time[place(g)]) == (t["stage"], t["device"], t["source_id"])]

    p, rows = Head("bound/launch").params, []
    for t in sorted(told, key=lambda t: (-t["launch"], t["stage"], t["device"], t["source_id"])):
        kernels = [o for o in ops.values() if o["kind"] == "kernel" and place(o) in time and time[place(o)]["judged"]
                   and time[place(o)]["stage"] != "between" and stage(time[place(o)]) == (t["stage"], t["device"], t["source_id"])]
        own, graphs = [o["end_ts"] - o["ts"] for o in kernels], [o for o in kernels if o["graph"]]
        replayed = t["kernels"] if 2 * t["launches"] >= t["kernels"] else 0
        saved = max(0, t["launch"] - t["refill"] - replayed * p["node_us"] * 1000)
        stake = F(t["launch"] - t["refill"], t["total"])
        rows.append(dict(
            stage=t["stage"], device=t["device"], share=F(t["launch"], t["total"]), time=F(t["launch"], t["steps"]), wall=F(t["wall"], t["steps"]),
            busy_ratio=F(t["busy"], t["total"]), kernels=int(F(len(own), t["steps"]) + F(1, 2)), mean_kernel=mean(own) or 0,
            graph=F(t["total"] - saved) / t["steps"],
            coverage=ratio(len(graphs), len(own)) or 0, beside=int(F(len(own) - len(graphs), t["steps"]) + F(1, 2)), advice="none", stake=stake, gain=F(saved) / t["total"], severity=severity(stake, p["limit"], p["severe"])))
    CASE.answer("bound/launch", rows)

    p, rows = Head("bound/sync").params, []
    for t in told:
        lost = F(t["sync"] + t["refill"], t["total"])
        found = []
        for g in t["judged"]:
            if g["sync"] > 0:
                o = ops.get(g["opener"])
                track = o["launch_track"] if o and o["launch_track"] else host[g["step"]]["track_id"]
                w = last([w for w in waits if w["track_id"] == track], g["ts"] if g["cause"] == "sync" else g["end_ts"])
                found.append((g["sync"], w["name"] if w else "-", name(w)["name"] if name(w) and name(w)["category"] == "cpu_op" else "-"))

        pairs = [(c, o) for _, c, o in found]
        most = min(set(pairs), key=lambda pair: (-pairs.count(pair), pair)) if pairs else ("-", "-")
        rows.append((-lost, t["stage"], t["device"], t["source_id"], dict(
            stage=t["stage"], device=t["device"], share=F(t["sync"], t["total"]), time=F(t["sync"], t["steps"]), refill=F(t["refill"], t["steps"]),
            waits=F(len(found), t["steps"]), each=mean(f[0] for f in found) or 0, call=most[0], operator=most[1], wall=F(t["wall"], t["steps"]),
            stake=lost, gain=lost, severity=severity(lost, p["limit"], p["severe"]) if t["sync"] else None)))
    CASE.answer("bound/sync", [r[-1] for r in sorted(rows, key=lambda r: r[:4])])

    caused = {}
    for g in gaps:
        if g["cause"] == "sync":
            o = ops.get(g["opener"])
            track = o["launch_track"] if o and o["launch_track"] else host[g["step"]]["track_id"]
            w = last([w for w in waits if w["track_id"] == track], g["ts"])
            caused[w["id"]] = caused.get(w["id"], 0) + g["sync"]
    calls = []
    for w in waits:
        h = last([h for h in host.values() if h["track_id"] == w["track_id"]], w["ts"])
        parent = name(w)
        calls.append(dict(stage=h["belongs"] if h and w["ts"] < h["end_ts"] else "outside", call=w["name"], dur=w["end_ts"] - w["ts"],
                          operator=parent["name"] if parent and parent["category"] != "python_function" else None, idle=caused.get(w["id"], 0)))
    CASE.answer("gpu/sync", [
        dict(stage=s, call=c, operator=o, calls=len(on), per_step=F(len(on), steps_of[s]) if s in steps_of else None, total=sum(w["dur"] for w in on),
             mean=mean(w["dur"] for w in on), max=max(w["dur"] for w in on), caused_idle=sum(w["idle"] for w in on))
        for (s, c, o), on in groups(calls, "stage", "call", "operator").items()],
        lambda r: (-r["caused_idle"], -r["total"], r["stage"], r["call"], r["operator"] is None, r["operator"]))

    start = min(s["ts"] for s in slices.values())
    found = []
    for g in sorted(gaps, key=lambda g: (-g["dur"], g["ts"], g["source_id"], g["device"]))[: int(Head("gpu/gaps").params["rows"])]:
        o = ops.get(g["opener"])
        parent = slices.get(slices[o["launch_id"]]["parent_id"]) if o and o["launch_id"] else None
        found.append(dict(stage=time[place(g)]["belongs"], step=g["step"], device=g["device"], start=g["ts"] - start, dur=g["dur"], cause=g["cause"],
                          opener=o["short_name"] if o else None, operator=parent["name"] if parent else None, host=g["host"]))
    CASE.answer("gpu/gaps", found)

    own = [t for t in times if t["judged"] and t["stage"] != "between"]
    paths, overlaps = [], []
    for t in own:
        inside = sorted((g for g in gaps if place(g) == place(t)), key=lambda g: g["ts"])
        begin, t["beside"] = t["ts"], 0
        for g in inside:
            t["beside"] += g["ts"] - begin if g["cause"] == "issue" else 0
            begin = g["end_ts"]
        for class_ in ("comm", "copy"):
            t[class_] = union((max(o["ts"], t["ts"]), min(o["end_ts"], t["end_ts"])) for o in ops.values()
                              if o["class"] == class_ and (o["device"], o["source_id"]) == (t["device"], t["source_id"])
                              and o["ts"] < t["end_ts"] and o["end_ts"] > t["ts"])
        mine = [s for s in spans if s["track_id"] == host[t["step"]]["track_id"]]

        def covered(part, a, b):
            return sum(max(0, min(s["end_ts"], b) - max(s["ts"], a)) for s in mine if s["part"] == part)

        t["working"] = sum(sign * (covered("known", a, b) - covered("wait", a, b))
                           for sign, a, b in [(1, t["ts"], t["end_ts"])] + [(-1, g["ts"], g["end_ts"]) for g in inside])
    for (s, device), on in groups(own, "belongs", "device").items():
        wall = sum(t["wall"] for t in on)
        row = {p: mean(t[p] for t in on) for p in ("wall", "beside", "launch", "sync", "host", "rest")}
        row.update(stage=s, device=device, gpu=mean(t["busy"] - t["beside"] for t in on), gpu_share=ratio(sum(t["busy"] - t["beside"] for t in on), wall),
                   host_share=ratio(sum(t["beside"] + t["launch"] + t["sync"] + t["host"] for t in on), wall))
        paths.append((-wall, s, device, row))
    CASE.answer("gpu/sides", [r[-1] for r in sorted(paths, key=lambda r: r[:3])])
    for (s, device, source), on in groups(own, "belongs", "device", "source_id").items():
        overlaps.append((s, device, source, on))
    rows = []
    exposed = {place(t): t for t in CASE.table("derived/step_time")}
    for s, device, source, on in sorted(overlaps, key=lambda o: o[:3]):
        comm, copy = [t["comm"] for t in on], [t["copy"] for t in on]
        bare = [exposed[place(t)] for t in on]
        rows.append(dict(
            stage=s, device=device, compute=mean(t["compute"] for t in on), communication=mean(comm),
            hidden_communication=mean(c - b["communication"] for c, b in zip(comm, bare)), copy=mean(copy),
            hidden_copy=mean(c - b["copy"] for c, b in zip(copy, bare)),
            copy_hidden_ratio=1 - F(sum(b["copy"] for b in bare), sum(copy)) if sum(copy) else None,
            communication_hidden_ratio=1 - F(sum(b["communication"] for b in bare), sum(comm)) if sum(comm) else None,
            cpu_beside_gpu=ratio(sum(t["working"] for t in on), sum(t["wall"] for t in on))))
    CASE.answer("gpu/overlap", rows)


if __name__ == "__main__":
    inputs()
    answers()
