"""Case `shares`: stages on both sides of each threshold of the bounds that stand on step_time alone, and copies and
communication on both sides of each choice of a remedy.

A stage has two judged steps of 400 and 500 µs and 100 µs between them and the next: 1000 µs in all, so a part of
150 µs is a share of 0.15. In each a first step that is not judged has all parts a thousand times as long.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean, ratio, severity

CASE = Case("shares")
STEP = (
    "step,device,source_id,stage,belongs,seq,first,judged,ts,end_ts,wall,busy,compute,communication,copy,launch,sync,host,rest,"
    "operator,call,flight,queued,replay,peer,recorder,gaps,ops,kernels,launches"
).split(",")
PARTS = ("host", "communication", "copy", "recorder")
# Of 1000: below, at and above 0.03, 0.15 and 0.40. Below and above are within a tenth of the threshold.
LEVELS = (29, 30, 31, 145, 150, 155, 390, 400, 410)
RECORDER = (48, 50, 52)
MS = 1000_000


def split(total):
    """A part over the two steps and the span between: a half, a third, the rest, so that no two are alike."""
    return total * 1000 // 2, total * 1000 // 3, total * 1000 - total * 1000 // 2 - total * 1000 // 3


def step_rows():
    rows = []

    def add(stage, belongs, ts, wall, judged=True, first=False, ops=3, **parts):
        row = dict.fromkeys(STEP, 0)
        row.update(step=len(rows) + 1, device=0, source_id=1, stage=stage, belongs=belongs, seq=None, first=first, judged=judged)
        row.update(parts)
        row.update(ts=ts, end_ts=ts + wall, wall=wall, ops=ops, kernels=ops + 1 if ops else 0, launches=ops)
        used = sum(row[p] for p in ("host", "communication", "copy", "launch", "sync", "recorder"))
        row["rest"] = row["recorder"]
        row["compute"] = row["compute"] if "compute" in parts else wall - used
        row["busy"] = row["compute"] + row["communication"] + row["copy"]
        rows.append(row)

    ts = 1_000_000
    for i, level in enumerate(LEVELS):
        name = "s%d" % level
        totals = {
            "host": level,
            "communication": LEVELS[(i + 3) % 9],
            "copy": LEVELS[(i + 6) % 9],
            "recorder": RECORDER[i % 3],
        }
        # Shares of copies in which compute is a little less, or more, than a fifth of them: 390 and 410 µs.
        compute = {"s31": (30_000, 49_000, 1_000), "s145": (30_000, 48_000, 0), "s155": (30_000, 53_000, 0)}.get(name)
        pieces = [{p: split(t)[k] for p, t in totals.items()} for k in range(3)]
        if compute:
            for k in range(3):
                pieces[k]["compute"] = compute[k]
        add(name, name, ts, 7 * MS, judged=False, first=True, **{p: 1000 * t for p, t in pieces[0].items()})
        add(name, name, ts + 10 * MS, 400_000, **pieces[0])
        add("between", name, ts + 10 * MS + 400_000, 100_000, ops=0, **pieces[2])
        add(name, name, ts + 10 * MS + 500_000, 500_000, ops=5, **pieces[1])
        ts += 20 * MS
    # Not told: a stage without device work, and one whose steps have no length. Their spans between have both.
    add("idle", "idle", ts, 300_000, ops=0, host=300_000)
    add("empty", "empty", ts + MS, 0, host=0)
    add("between", "empty", ts + MS, 50_000, host=50_000)
    # No judged step of its own: not a stage at all.
    add("between", "stray", ts + 2 * MS, 50_000, host=50_000)
    return rows


def op_rows(steps):
    """Communication and copies of the steps: name, class, kind, count, length; bytes, direction and memory of copies."""
    ops, copies, placed = [], [], []

    def op(step, class_, kind, name, dur, bytes_=None, direction=None, src=None, dst=None):
        n = len(ops) + 1
        ops.append(
            dict(id=n, ts=step["ts"] + n, end_ts=step["ts"] + n + dur, device=0, stream=7, kind=kind, **{"class": class_},
                 short_name=name, category="communication" if class_ == "comm" else "memcpy", nature="unknown",
                 launch_id=None, launch_ts=None, launch_end=None, launch_track=None, graph=False, external_id=None,
                 bytes=bytes_, direction=direction, source_id=1))
        placed.append(dict(id=n, step=step["step"], by="launch"))
        if kind == "memcpy":
            copies.append(dict(id=n, ts=step["ts"] + n, dur=dur, name=name, kind=direction, src_kind=src, dst_kind=dst,
                               bytes=bytes_, device=0, stream=7, source_id=1))

    memory = {  # bytes: pageable, pinned, managed; which part of them goes to the host
        "s29": (501, 499, 0, 0), "s30": (500, 500, 0, 0), "s31": (0, 501, 499, 500), "s145": (0, 1000, 0, 501),
        "s150": (0, 500, 500, 0), "s155": (0, 1000, 0, 0), "s390": (700, 0, 300, 600), "s400": (0, 1000, 0, 499),
    }
    for step in steps:
        if step["stage"] not in memory and step["stage"] != "s410":
            continue
        scale = 1000 if step["wall"] == 400_000 else 3000 if step["judged"] else 9000
        stage = step["stage"]
        # Most time in one long call, most calls of another.
        if stage != "s410":
            op(step, "comm", "kernel", "ncclAllReduce", 40 * scale // 1000)
            for _ in range(3):
                op(step, "comm", "kernel", "ncclAllGather", 10 * scale // 1000)
            op(step, "compute", "kernel", "gemm", 99 * scale // 1000)
            pageable, pinned, managed, back = memory[stage]
            for kind, n in (("pageable", pageable), ("pinned", pinned), ("managed", managed)):
                to_host = min(n, back)
                back -= to_host
                if n - to_host:
                    op(step, "copy", "memcpy", "HtoD", (n - to_host) * 300, (n - to_host) * scale, "HtoD", kind, "device")
                if to_host:
                    op(step, "copy", "memcpy", "DtoH", to_host * 200, to_host * scale, "DtoH", "device", kind)
            op(step, "compute", "memcpy", "DtoD", 100, 7_000_000, "DtoD", "device", "device")
    last = steps[-1]
    # The fastest copy of a megabyte is one between host and device; a faster one is smaller, another inside the device.
    last = dict(last, step=None)
    op(last, "copy", "memcpy", "HtoD", 9000, 999_999, "HtoD", "pinned", "device")
    op(last, "copy", "memcpy", "HtoD", 10_000, 1_000_000, "HtoD", "pinned", "device")
    op(last, "copy", "memcpy", "HtoD", 0, 5_000_000, "HtoD", "pinned", "device")
    return ops, copies, placed


def inputs():
    steps = step_rows()
    ops, copies, placed = op_rows(steps)
    CASE.write("derived/step_time", STEP, steps)
    CASE.write("derived/device_op", list(ops[0]), ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("rows/memcpy", list(copies[0]), copies)
    CASE.write("rows/launch", ["id", "ts", "dur", "name", "kind", "track_id", "source_id"],
               [dict(id=1, ts=0, dur=1, name="cudaLaunchKernel", kind="kernel", track_id=1, source_id=1)])


def stages(steps):
    """stage_time, from what its head says."""
    found = []
    for (stage, device, source), rows in groups([s for s in steps if s["judged"]], "belongs", "device", "source_id").items():
        own = [r for r in rows if r["stage"] != "between"]
        gap = [r for r in rows if r["stage"] == "between"]
        if not own:
            continue
        t = dict(stage=stage, device=device, source_id=source, steps=len(own), total=sum(r["wall"] for r in rows))
        for part in ("wall", "busy", "compute"):
            t[part] = sum(r[part] for r in own)
        for part in "communication,copy,launch,sync,host,rest,recorder,peer,queued,ops,kernels,launches".split(","):
            t[part] = sum(r[part] for r in rows)
        for part in ("wall", "busy", "host"):
            t["gap_" + part] = sum(r[part] for r in gap)
        found.append(t)
    return found


def by(part):
    return lambda t: (-t[part], t["stage"], t["device"], t["source_id"])


def answers():
    steps, ops, placed = CASE.table("derived/step_time"), CASE.table("derived/device_op"), CASE.table("derived/step_op")
    memory = {m["id"]: m for m in CASE.table("rows/memcpy")}
    all_stages = stages(steps)
    CASE.tables("stage_time", list(all_stages[0]), all_stages)
    told = [t for t in all_stages if t["wall"] > 0 and t["ops"] > 0]
    stage_of = {s["step"]: s["belongs"] for s in steps if s["judged"]}
    step_of = {p["id"]: p["step"] for p in placed}
    for o in ops:
        o["of"] = stage_of.get(step_of[o["id"]])

    p = Head("bound/host").params
    CASE.answer("bound/host", [
        dict(stage=t["stage"], device=0, share=F(t["host"], t["total"]), time=F(t["host"], t["steps"]),
             inside=F(t["host"] - t["gap_host"], t["steps"]), between=F(t["gap_host"], t["steps"]), wall=F(t["wall"], t["steps"]),
             gain=F(t["host"], t["total"]), severity=severity(F(t["host"], t["total"]), p["limit"], p["severe"]))
        for t in sorted(told, key=by("host"))])

    p = Head("bound/recorder").params
    CASE.answer("bound/recorder", [
        dict(stage=t["stage"], device=0, share=F(t["recorder"], t["total"]), time=F(t["recorder"], t["steps"]),
             wall=F(t["wall"], t["steps"]), stake=0, gain=0,
             severity="info" if F(t["recorder"], t["total"]) >= p["limit"] else None)
        for t in sorted(told, key=by("recorder"))])

    p, rows = Head("bound/communication").params, []
    for t in sorted(told, key=by("communication")):
        calls = [o for o in ops if o["class"] == "comm" and o["of"] == t["stage"]]
        time = {name: sum(o["end_ts"] - o["ts"] for o in os) for (name,), os in groups(calls, "short_name").items()}
        share = F(t["communication"], t["total"])
        rows.append(dict(
            stage=t["stage"], device=0, share=share, time=F(t["communication"], t["steps"]), calls=F(len(calls), t["steps"]),
            kernel=max(time, key=time.get) if time else "-", waited=0, wall=F(t["wall"], t["steps"]), stake=share,
            gain=F(min(t["communication"], t["compute"]), t["total"]), severity=severity(share, p["limit"], p["severe"])))
    CASE.answer("bound/communication", rows)

    p, rows = Head("bound/transfer").params, []
    link = max(F(m["bytes"] * 10**9, m["dur"]) for m in memory.values()
               if m["kind"] in ("HtoD", "DtoH") and m["bytes"] >= 1_000_000 and m["dur"])
    for t in sorted(told, key=by("copy")):
        copies = [memory[o["id"]] for o in ops if o["class"] == "copy" and o["of"] == t["stage"]]
        size = sum(m["bytes"] for m in copies)

        def of(kind):
            return sum(m["bytes"] for m in copies if kind in (m["src_kind"], m["dst_kind"]))

        kind = "pageable" if of("pageable") > F(size, 2) else "pinned" if of("pinned") > F(size, 2) else "unknown"
        back = sum(m["bytes"] for m in copies if m["kind"] == "DtoH") > F(size, 2)
        share = F(t["copy"], t["total"])
        advice = ("swap" if back else "alone" if t["compute"] < F(t["copy"], 5) else "pinned") if kind == "pinned" else kind
        rows.append(dict(
            stage=t["stage"], device=0, share=share, time=F(t["copy"], t["steps"]), bytes=F(size, t["steps"]),
            rate=ratio(size * 10**9, sum(m["dur"] for m in copies)), memory=kind, way="to the host" if back else "to the GPU",
            link=link, wall=F(t["wall"], t["steps"]), overlap=F(min(t["copy"], t["compute"]), t["total"]), gain=share,
            advice=advice, severity=severity(share, p["limit"], p["severe"])))
    CASE.answer("bound/transfer", rows)


inputs()
answers()
