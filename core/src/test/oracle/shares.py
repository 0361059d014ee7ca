"""Case `shares`: stages on both sides of each threshold of the bounds that stand on step_time alone, and copies and
communication on both sides of each choice of a remedy.

A stage has two judged steps of 400 and 500 µs and 100 µs between them and the next: 1000 µs in all, so a part of
150 µs is a share of 0.15. In each a first step that is not judged has all parts a thousand times as long. A second GPU
takes part in the steps of some stages, and another source has stages of the same names: both with other parts.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean, ratio, severity

CASE = Case("shares")
STEP = (
    "step,device,source_id,stage,belongs,seq,first,judged,ts,end_ts,wall,busy,compute,communication,copy,launch,sync,host,rest,"
    "operator,call,flight,queued,replay,peer,recorder,compile,gaps,ops,kernels,launches"
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
    """step_time, and host_step with the positions by which collectives of ranks are matched."""
    rows, host = [], []

    def add(stage, belongs, ts, wall, seq=None, judged=True, first=False, ops=3, step=None, device=0, source=1, **parts):
        row = dict.fromkeys(STEP, 0)
        n = step or max([r["step"] for r in rows], default=0) + 1
        row.update(step=n, device=device, source_id=source, stage=stage, belongs=belongs, seq=seq, first=first, judged=judged)
        row.update(parts)
        row.update(ts=ts, end_ts=ts + wall, wall=wall, ops=ops, kernels=ops + 1 if ops else 0, launches=ops)
        row["rest"] = row["recorder"] + row["peer"] + row["queued"]
        used = sum(row[p] for p in ("host", "communication", "copy", "launch", "sync", "rest"))
        row["compute"] = row["compute"] if "compute" in parts else wall - used
        row["busy"] = row["compute"] + row["communication"] + row["copy"]
        row["hidden"] = row["compute"] * (n % 5) // 4
        rows.append(row)
        if not step:
            host.append(dict(step=n, stage=stage, belongs=belongs, seq=seq, first=first, ts=ts, end_ts=ts + wall,
                             track_id=source, source_id=source))
        return n

    def lane(i, shift, ts, device, source, steps=(None,) * 4):
        name, level = "s%d" % LEVELS[i], LEVELS[(i + shift) % 9]
        totals = dict(host=level, communication=LEVELS[(i + 3) % 9], copy=LEVELS[(i + 6 + shift) % 9], recorder=RECORDER[i % 3])
        if shift == 0:
            totals.update(launch=i, sync=10 - i, queued=i % 4, peer=5)
        # Shares of copies in which compute is a little less than, just, or a little more than a fifth of them: 410, 29, 31 µs.
        compute = {"s31": (30_000, 49_000, 1_000), "s145": (3_000, 2_000, 0), "s155": (3_000, 3_200, 0),
                   "s30": (10_000, 10_000, 0)}.get(name)
        pieces = [{p: split(t)[k] for p, t in totals.items()} for k in range(3)]
        if compute and not shift:
            for k in range(3):
                pieces[k]["compute"] = compute[k]
        on = dict(device=device, source=source)
        if i == 3 and not steps[0]:
            add("between", name, ts + 9 * MS, 30_000, ops=0, host=9_000, copy=2_000, compute=1_000, device=device, source=source)
        return [
            add(name, name, ts, 7 * MS, 0, judged=False, first=True, step=steps[0], **on, **{p: 1000 * t for p, t in pieces[0].items()}),
            add(name, name, ts + 10 * MS, 400_000, 1, step=steps[1], **on, **pieces[0]),
            add("between", name, ts + 10 * MS + 400_000, 100_000, ops=0, step=steps[2], **on, **pieces[2]),
            add(name, name, ts + 10 * MS + 500_000, 500_000, 2, ops=5, step=steps[3], **on, **pieces[1]),
        ]

    ts = 1_000_000
    for i in range(9):
        steps = lane(i, 0, ts, 0, 1)
        if i < 5:
            lane(i, 1, ts + 7, 1, 1, steps)
        if i % 3 == 0:
            lane(i, 2, ts + 11, 0, 2)
        ts += 20 * MS
    # Not told: a stage without device work, and one whose steps have no length. Their spans between have both.
    add("idle", "idle", ts, 300_000, ops=0, host=300_000)
    add("empty", "empty", ts + MS, 0, host=0)
    add("between", "empty", ts + MS, 50_000, host=50_000)
    # Told: one operation in one nanosecond.
    add("tiny", "tiny", ts + 2 * MS, 1, ops=1)
    # No judged step of its own: not a stage at all.
    add("between", "stray", ts + 3 * MS, 50_000, host=50_000)
    return rows, host


def op_rows(steps):
    """Communication and copies of the steps: name, class, kind, count, length; bytes, direction and memory of copies."""
    ops, copies, placed = [], [], []

    def op(step, class_, kind, name, dur, bytes_=None, direction=None, src=None, dst=None):
        n = len(ops) + 1
        ops.append(
            dict(id=n, ts=step["ts"] + n, end_ts=step["ts"] + n + dur, device=step["device"], stream=7, kind=kind, **{"class": class_},
                 short_name=name, category="communication" if class_ == "comm" else "memcpy", nature="unknown",
                 launch_id=None, launch_ts=None, launch_end=None, launch_track=None, graph=False, external_id=None,
                 bytes=bytes_, direction=direction, source_id=step["source_id"]))
        placed.append(dict(id=n, step=step["step"], by="launch"))
        if kind == "memcpy":
            copies.append(dict(id=n, ts=step["ts"] + n, dur=dur, name=name, kind=direction, src_kind=src, dst_kind=dst,
                               bytes=bytes_, device=step["device"], stream=7, source_id=step["source_id"]))

    memory = {  # bytes: pageable, pinned, managed; how many of them go to the host
        "s29": (501, 499, 0, 0), "s30": (500, 500, 0, 0), "s31": (0, 501, 499, 500), "s145": (0, 1000, 0, 501),
        "s150": (0, 500, 500, 0), "s155": (0, 1000, 0, 0), "s390": (700, 0, 300, 600), "s400": (0, 1000, 0, 499),
    }
    # Length in ns of a long collective and three short ones of another name on each rank.
    collectives = {(1, 0): (40, 10, 10, 10), (1, 1): (25, 12, 10, 11), (2, 0): (60, 8, 8, 8)}
    for step in steps:
        stage = step["stage"]
        if stage not in memory:
            continue
        rank = step["source_id"], step["device"]
        scale = 1000 if step["wall"] == 400_000 else 3000 if step["judged"] else 9000
        # Before the collectives one rank has a kernel and a peer copy more: neither is matched with one. A peer copy is communication.
        if rank == (1, 1):
            op(step, "compute", "kernel", "gemm", 31 * scale)
            op(step, "comm", "memcpy", "PtoP", 2 * scale, 4000, "PtoP", "device", "device")
        # In one stage the last collective is recorded on two of three ranks, in one on one of two.
        for k, dur in enumerate(collectives[rank][:3 if (stage, rank) in (("s29", (2, 0)), ("s30", (1, 1))) else 4]):
            op(step, "comm", "kernel", "ncclAllReduce" if k == 0 else "ncclAllGather", dur * scale + k)
        # A peer copy counts as communication, and not as a collective.
        op(step, "comm", "memcpy", "PtoP", 3 * scale, 4000, "PtoP", "device", "device")
        op(step, "compute", "kernel", "gemm", 99 * scale)
        kinds = memory[stage] if rank == (1, 0) else (900, 50, 50, 0)
        pageable, pinned, managed, back = kinds
        for kind, n in (("pageable", pageable), ("pinned", pinned), ("managed", managed)):
            to_host = min(n, back)
            back -= to_host
            # Which side of a copy is the host's depends on where it goes.
            if n - to_host:
                op(step, "copy", "memcpy", "HtoD", (n - to_host) * 300, (n - to_host) * scale, "HtoD", kind, "device")
            if to_host:
                op(step, "copy", "memcpy", "DtoH", to_host * 200, to_host * scale, "DtoH", "device", kind)
        op(step, "compute", "memcpy", "DtoD", 100, 7_000_000, "DtoD", "device", "device")
    # The fastest copy of a megabyte is one between host and device; faster ones are smaller, inside the device, of no length.
    nowhere = dict(steps[-1], step=None)
    op(nowhere, "copy", "memcpy", "HtoD", 9000, 999_999, "HtoD", "pinned", "device")
    op(nowhere, "copy", "memcpy", "HtoD", 10_000, 1_000_000, "HtoD", "pinned", "device")
    op(nowhere, "copy", "memcpy", "HtoD", 0, 5_000_000, "HtoD", "pinned", "device")
    # A communication of a span between steps is no collective of a step.
    between = next(s for s in steps if s["stage"] == "between" and s["device"] == 1)
    op(between, "comm", "kernel", "ncclAllReduce", 77_000)
    op(dict(between, device=0), "comm", "kernel", "ncclAllReduce", 66_000)
    return ops, copies, placed


def inputs():
    steps, host = step_rows()
    ops, copies, placed = op_rows(steps)
    CASE.write("derived/step_time", STEP, steps)
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/device_op", list(ops[0]), ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("rows/memcpy", list(copies[0]), copies)
    CASE.write("derived/collective_wait", WAIT, collective_waits(host, ops, placed))
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
        t["wall"] = sum(r["wall"] for r in own)
        for part in "busy,compute,communication,hidden,copy,launch,sync,host,rest,recorder,compile,peer,queued,ops,kernels,launches".split(","):
            t[part] = sum(r.get(part) or 0 for r in rows)
        for part in ("wall", "busy", "host"):
            t["gap_" + part] = sum(r[part] for r in gap)
        found.append(t)
    return found


def collective_waits(host, ops, placed):
    """collective_wait, from what its head says, where nothing computes beside a wait: of that a third is said to be hidden all the same."""
    place = {h["step"]: h for h in host}
    step_of = {p["id"]: p["step"] for p in placed}
    met = {}
    for (source, device, step), own in groups(
            sorted((dict(o, step=step_of[o["id"]]) for o in ops if o["class"] == "comm" and o["kind"] == "kernel"),
                   key=lambda o: (o["ts"], o["id"])), "source_id", "device", "step").items():
        h = place.get(step)
        if h and h["stage"] != "between":
            for nth, o in enumerate(own):
                met.setdefault((h["belongs"], h["seq"], nth), []).append(o)
    rows = []
    for (stage, seq, _), on in met.items():
        ranks = len({(o["source_id"], o["device"]) for o in on})
        if ranks > 1:
            least = min(o["end_ts"] - o["ts"] for o in on)
            for o in on:
                waited = o["end_ts"] - o["ts"] - least
                rows.append(dict(id=o["id"], source_id=o["source_id"], device=o["device"], step=o["step"], stage=stage, seq=seq, ts=o["ts"], waited=waited,
                                 exposed=waited - waited // 3, ranks=ranks))
    return rows


WAIT = "id,source_id,device,step,stage,seq,ts,waited,exposed,ranks".split(",")


def rank_waits(case):
    """rank_wait, from what its head says."""
    stage_of = {(p["step"], p["device"], p["source_id"]): p["stage"] for p in case.table("derived/step_period") if p["usual"]}
    waits = {}
    for c in case.table("derived/collective_wait"):
        place = c["step"], c["device"], c["source_id"]
        if place in stage_of:
            w = waits.setdefault((stage_of[place], c["source_id"], c["device"]), dict(ranks=0, waited=0, exposed=0, seqs=set()))
            w["ranks"] = max(w["ranks"], c["ranks"])
            w["waited"] += c["waited"]
            w["exposed"] += c["exposed"]
            w["seqs"].add(c["seq"])
    return [dict(stage=stage, source_id=source, device=device, ranks=w["ranks"], waited=F(w["waited"], len(w["seqs"])), exposed=F(w["exposed"], len(w["seqs"])))
            for (stage, source, device), w in waits.items()]


def by(part):
    return lambda t: (-t[part], t["stage"], t["device"], t["source_id"])


def answers():
    steps, ops, placed = CASE.table("derived/step_time"), CASE.table("derived/device_op"), CASE.table("derived/step_op")
    memory = {m["id"]: m for m in CASE.table("rows/memcpy")}
    all_stages = stages(steps)
    for t in all_stages:
        t["hidden"] = sum(p["hidden"] for p in CASE.table("derived/step_period") if p["usual"] and all(p[c] == t[c] for c in ("stage", "device", "source_id")))
    CASE.tables("stage_time", list(all_stages[0]), all_stages)
    told = [t for t in all_stages if t["wall"] > 0 and t["ops"] > 0]
    step_of = {p["id"]: p["step"] for p in placed}
    for o in ops:
        o["of"] = next(((s["belongs"], o["device"], o["source_id"]) for s in steps
                        if s["judged"] and s["step"] == step_of[o["id"]]), None)
    ranks = rank_waits(CASE)
    CASE.tables("rank_wait", list(ranks[0]), ranks)
    waited = {(w["stage"], w["device"], w["source_id"]): w["waited"] for w in ranks}

    def place(t):
        return t["stage"], t["device"], t["source_id"]

    p = Head("bound/host").params
    CASE.answer("bound/host", [
        dict(stage=t["stage"], device=t["device"], share=F(t["host"], t["total"]), time=F(t["host"], t["steps"]),
             inside=F(t["host"] - t["gap_host"], t["steps"]), between=F(t["gap_host"], t["steps"]), wall=F(t["wall"], t["steps"]),
             who="which functions that is was not measured",
             stacks="without stacks: record a few steps with them (with_stack=True), which takes time of the host itself", gain=F(min(t["host"], t["busy"]), t["total"]), severity=severity(F(t["host"], t["total"]), p["limit"], p["severe"]))
        for t in sorted(told, key=by("host"))])

    p = Head("bound/recorder").params
    CASE.answer("bound/recorder", [
        dict(stage=t["stage"], device=t["device"], share=F(t["recorder"], t["total"]), time=F(t["recorder"], t["steps"]),
             wall=F(t["wall"], t["steps"]), stake=0, gain=0,
             severity="info" if F(t["recorder"], t["total"]) >= p["limit"] else None)
        for t in sorted(told, key=by("recorder"))])

    p, rows = Head("bound/communication").params, []
    for t in sorted(told, key=by("communication")):
        calls = [o for o in ops if o["class"] == "comm" and o["of"] == place(t)]
        time = {name: sum(o["end_ts"] - o["ts"] for o in os) for (name,), os in groups(calls, "short_name").items()}
        share = F(t["communication"], t["total"])
        rows.append(dict(
            stage=t["stage"], device=t["device"], share=share, time=F(t["communication"], t["steps"]), calls=F(len(calls), t["steps"]),
            kernel=max(time, key=time.get) if time else "-", waited=waited.get(place(t), 0), wall=F(t["wall"], t["steps"]),
            gain=F(min(t["communication"], max(0, t["compute"] - t["hidden"])), t["total"]), severity=severity(share, p["limit"], p["severe"])))
    CASE.answer("bound/communication", rows)

    p, rows = Head("bound/transfer").params, []
    link = max(F(m["bytes"] * 10**9, m["dur"]) for m in memory.values()
               if m["kind"] in ("HtoD", "DtoH") and m["bytes"] >= 1_000_000 and m["dur"])
    pinned = {way: max((F(m["bytes"] * 10**9, m["dur"]) for m in memory.values() if m["kind"] == way and m["bytes"] >= 1_000_000
                        and m["dur"] and "pinned" in (m["src_kind"], m["dst_kind"])), default=None) for way in ("HtoD", "DtoH")}
    for t in sorted(told, key=by("copy")):
        copies = [memory[o["id"]] for o in ops if o["class"] == "copy" and o["of"] == place(t)]
        size = sum(m["bytes"] for m in copies)

        def of(kind):
            return sum(m["bytes"] for m in copies if kind in (m["src_kind"], m["dst_kind"]))

        kind = "pageable" if of("pageable") > F(size, 2) else "pinned" if of("pinned") > F(size, 2) else "unknown"
        back = sum(m["bytes"] for m in copies if m["kind"] == "DtoH") > F(size, 2)
        share = F(t["copy"], t["total"])
        # What each pageable copy would be shorter at the rate of the fastest pinned one; all of it where none goes the same way.
        slow = [m for m in copies if "pageable" in (m["src_kind"], m["dst_kind"])]
        shorter = sum(max(F(0), m["dur"] - (F(m["bytes"] * 10**9) / pinned[m["kind"]] if pinned[m["kind"]] else 0)) for m in slow)
        advice = (dict(pinned="swap", pageable="fetch", unknown="back")[kind] if back else kind if kind != "pinned" else
                  "alone" if t["compute"] < F(t["copy"], 5) else "pinned")
        rows.append(dict(
            stage=t["stage"], device=t["device"], share=share, time=F(t["copy"], t["steps"]), bytes=F(size, t["steps"]),
            rate=ratio(size * 10**9, sum(m["dur"] for m in copies)), memory=kind, way="to the host" if back else "to the GPU",
            link=link, wall=F(t["wall"], t["steps"]), overlap=F(min(t["copy"], t["compute"]), t["total"]), gain=share,
            pin=share * shorter / sum(m["dur"] for m in copies) if slow else None,
            advice=advice, severity=severity(share, p["limit"], p["severe"])))
    CASE.answer("bound/transfer", rows)


if __name__ == "__main__":
    inputs()
    answers()
