"""Case `uneven`: work that is uneven among GPUs, ranks, streams and experts, on both sides of each threshold of bound/imbalance.

A stage has two judged steps of 1 ms on each of its GPUs, and a first one that is not judged and uneven in every way.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean, severity
from shares import LEVELS, STEP, WAIT, collective_waits, rank_waits, stages
from work import OP

CASE = Case("uneven")
GEMM = "op_id,operator,m,n,k,batch,dtype,flops,bytes,dur,ts,kernel,step,device,source_id".split(",")


def inputs():
    times, host, ops, placed, products, marks = [], [], [], [], [], []

    def stage(name, compute=None, lanes=(), gemms=(), experts=(), collectives=None):
        """Compute by GPU in thousandths of a step; per step: work of streams as (GPU, stream, begin, length, name), products as (m, n, k, length),
        marked kernels as (name of the mark, length); collectives by rank."""
        ranks = sorted(collectives or {(1, d): 0 for d in (compute or {0: 500})})
        for seq in range(3):
            judged = seq > 0
            of_source = {}
            for source, device in ranks:
                ts = 2_000_000 * (len(times) // 1 + 1)
                if source not in of_source:
                    of_source[source] = len(host) + 1, ts
                    host.append(dict(step=len(host) + 1, stage=name, belongs=name, seq=seq, first=not judged, ts=ts, end_ts=ts + 1_000_000, track_id=source,
                                     source_id=source))
                n, ts = of_source[source]
                row = dict.fromkeys(STEP, 0)
                row.update(step=n, device=device, source_id=source, stage=name, belongs=name, seq=seq, first=not judged, judged=judged, ts=ts,
                           end_ts=ts + 1_000_000, wall=1_000_000, ops=3,
                           compute=(compute or {}).get(device, 500) * 1000 if judged else 900_000 * (1 - device % 2))
                times.append(row)

                def op(stream, begin, dur, kernel, class_="compute", track=None):
                    o = dict.fromkeys(OP)
                    o.update(id=len(ops) + 1, ts=ts + begin, end_ts=ts + begin + dur, device=device, stream=stream, kind="kernel", short_name=kernel,
                             category="other", nature="unknown", graph=False, source_id=source)
                    o["class"] = class_
                    if track:
                        o.update(launch_track=track, launch_ts=ts + begin - 5)
                    ops.append(o)
                    placed.append(dict(id=o["id"], step=n, by="time"))

                scale = 1 if judged else 9
                for on, stream, begin, dur, kernel in lanes:
                    if on == device:
                        op(stream, begin, dur + (seq * 10 if stream == 1 else 0) if judged else dur * scale, kernel)
                for m, n_, k, dur, *batch in gemms:
                    products.append(dict.fromkeys(GEMM) | dict(op_id=len(products), m=m * scale, n=n_, k=k, batch=batch[0] if batch else 1,
                                                               dur=dur * scale + 8 * seq, step=n, device=device, source_id=source))
                at = 1000
                for mark, dur in experts:
                    op(7, at, dur * (seq or 99) if dur > 0 else -dur, "expert kernel", track=source, class_="compute" if dur > 0 else "comm")
                    if mark:
                        marks.append(dict(id=len(marks) + 1, ts=ts + at - 9, dur=9 if mark != "expert short" else 4, track_id=source, category="user_annotation",
                                          name=mark, depth=0))
                    at += 20
                for k, dur in enumerate((collectives or {}).get((source, device)) or ()):
                    op(3, 5000 * k, dur * (1 if judged else 7), "nccl", "comm")
        return times

    # Among GPUs: shares of the levels; and largest just 1.3 times the mean, a little less.
    for level in LEVELS:
        base = 60 if level < 100 else 300 if level < 200 else 450
        stage("g%d" % level, {0: base - level, 1: base + level})
    stage("g_ratio", {0: 650, 1: 350})
    stage("g_ratio_less", {0: 649, 1: 351})
    stage("g_three", {0: 900, 1: 300, 2: 320})
    stage("g_none", {0: 0, 1: 0})
    # Among ranks: one waits less than the others in collectives.
    stage("r_two", collectives={(1, 0): (100_000, 90_000), (2, 0): (300_000, 20_000)})
    stage("r_three", collectives={(1, 0): (500_000, 1000), (1, 1): (200_000, 1000), (2, 0): (100_000, 1000)})
    # Among streams: beside each other; one after the other; half beside; a tiny one; by equal work begun together.
    far = [(0, 1, 0, 100_000, "a"), (0, 2, 0, 400_000, "b")]
    stage("s_beside", lanes=far + [(0, 1, 150_000, 200_000, "c"), (0, 3, 250_000, 140_000, "b")])
    stage("s_after", lanes=[(0, 1, 0, 100_000, "a"), (0, 2, 200_000, 400_000, "b")])
    stage("s_half", lanes=[(0, 4, 0, 400_000, "a"), (0, 2, 200_000, 400_000, "b")])
    stage("s_more", lanes=[(0, 4, 0, 400_000, "a"), (0, 2, 199_000, 400_000, "b")])
    stage("s_tiny", lanes=[(0, 4, 0, 400_000, "a"), (0, 2, 0, 20_000, "a"), (0, 5, 0, 19_999, "a"), (0, 6, 900_000, 2000, "a")])
    stage("s_tinier", lanes=[(0, 4, 0, 400_000, "a"), (0, 2, 0, 19_999, "a")])
    for begin in (40_000, 41_000):
        stage("s_late%d" % begin, lanes=[(0, 4, 0, 400_000, "a"), (0, 2, begin, 100_000, "a")])
    stage("s_alike", lanes=[(0, 4, 0, 200_000, "a"), (0, 4, 200_000, 200_000, "b"), (0, 2, 0, 100_000, "a")])
    stage("s_unlike", lanes=[(0, 4, 0, 200_000, "a"), (0, 4, 200_000, 100_000, "b"), (0, 4, 300_000, 100_000, "c"), (0, 2, 0, 100_000, "a")])
    stage("s_gpus", {0: 500, 1: 500}, lanes=far + [(1, 1, 0, 300_000, "a"), (1, 2, 0, 200_000, "b")])
    stage("s_even", lanes=[(0, 4, 0, 130_000, "a"), (0, 2, 0, 70_000, "a")])
    stage("s_zero", lanes=[(0, 4, 0, 0, "a"), (0, 2, 0, 130_000, "b"), (0, 5, 0, 13_000, "b")])
    # Among experts, by shapes: four products of one weight, one of three times as many rows as another and twice as long as the mean.
    even = [(100, 7, 8, 10_000), (110, 7, 8, 10_000)]
    stage("e_told", gemms=even + [(300, 7, 8, 380_000), (100, 7, 8, 10_000), (100, 9, 8, 990_000)])
    stage("e_few", gemms=even + [(300, 7, 8, 380_000)])
    stage("e_rows", gemms=even + [(299, 7, 8, 380_000), (100, 7, 8, 10_000)])
    stage("e_time", gemms=[(100, 7, 8, 100_000)] * 3 + [(300, 7, 8, 300_016)])
    stage("e_time_less", gemms=[(100, 7, 8, 100_000)] * 3 + [(300, 7, 8, 299_000)])
    stage("e_tops", gemms=[(100, 7, 8, 1000)] * 5 + [(400, 7, 8, 200_000)] * 2 + [(90, 8, 8, 2000), (80, 8, 8, 2000), (80, 8, 8, 2000), (280, 8, 8, 44_000)])
    stage("e_batch", gemms=even + [(300, 7, 8, 380_000, 2), (100, 7, 8, 10_000, 2)])
    stage("e_gpus", {0: 500, 1: 500}, gemms=even + [(330, 7, 8, 180_000), (100, 7, 8, 10_000)])
    # Among experts, by marks: numbered ones are one each, others are new every time.
    stage("m_told", experts=[("expert_1", 10_000), ("expert_2", 12_000), ("Expert_1", 300_000), ("expert_2", 5000), ("expert_3", 90)])
    stage("m_plain", experts=[("expert", 10_000), ("expert", 200_000), ("run experts", 20_000), ("expert short", 999_000), (None, 777)])
    stage("m_twice", experts=[("expert 1", 30_000), ("expert 2", 10_000), ("expert 3", 5000), ("expert 4", 15_000)])
    stage("m_less", experts=[("expert 1", 29_000), ("expert 2", 11_000), ("expert 3", 5000), ("expert 4", 15_000)])
    stage("m_one", experts=[("expert 1", 29_000), ("token 2", 11_000)])
    stage("m_comm", experts=[("expert 1", 29_000), ("expert 2", -11_000), ("expert 3", 100)])
    stage("m_both", gemms=even + [(300, 7, 8, 380_000), (100, 7, 8, 10_000)], experts=[("expert 1", 29_000), ("expert 2", 100), ("expert 3", 100)])
    marks.append(dict(id=len(marks) + 1, ts=0, dur=1, track_id=9, category="cpu_op", name="expert", depth=0))
    marks += [dict(m, id=len(marks) + 1 + k, category="python_function", ts=m["ts"] + 2, dur=40) for k, m in enumerate(marks[:9])]
    CASE.write("derived/step_time", STEP, times)
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/device_op", OP, ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("derived/gemm_call", GEMM, products)
    CASE.write("derived/collective_wait", WAIT, collective_waits(host, ops, placed))
    CASE.write("rows/slice", list(marks[0]), marks)


def streams_of(ops):
    """Streams that work beside each other in one step on one GPU: how much each has to do."""
    lanes = {}
    for (stream,), own in groups(ops, "stream").items():
        lanes[stream] = dict(work=sum(o["end_ts"] - o["ts"] for o in own), begin=min(o["ts"] for o in own), end=max(o["end_ts"] for o in own),
                             names={o["short_name"] for o in own})
    found = []
    for stream, a in lanes.items():
        others = [b for s, b in lanes.items() if s != stream and b["work"] * 20 >= a["work"]]
        if not others:
            continue
        shared = [max(0, min(a["end"], b["end"]) - max(a["begin"], b["begin"])) for b in others]
        extent = a["end"] - a["begin"]
        together = F(sum(shared), extent) if extent else F(0)
        for b, both in zip(others, shared):
            other = b["end"] - b["begin"]
            alike = len(a["names"] & b["names"]) * 2 >= len(a["names"] | b["names"])
            if alike and abs(a["begin"] - b["begin"]) * 10 <= max(extent, other) and min(extent, other):
                together = max(together, F(both, min(extent, other)))
        found.append((together, a["work"]))
    # The most work among those that have another beside them.
    most = max((work for _, work in found), default=0)
    return [work for together, work in found if together > F(1, 2) and work * 20 >= most]


def answers():
    times, host, ops = CASE.table("derived/step_time"), CASE.table("derived/host_step"), CASE.table("derived/device_op")
    placed, products, marks = CASE.table("derived/step_op"), CASE.table("derived/gemm_call"), CASE.table("rows/slice")
    step_of = {p["id"]: p["step"] for p in placed}
    judged = {t["step"]: t["stage"] for t in CASE.table("derived/step_period") if t["usual"]}
    for o in ops:
        o["step"] = step_of[o["id"]]
    span, rows = {}, []
    all_stages = stages(times)
    for t in all_stages:
        key = t["stage"], t["source_id"]
        steps, total = span.get(key, (0, 0))
        span[key] = max(steps, t["steps"]), max(total, t["total"])

    def add(stage, source, among, members, largest, average, device):
        steps, total = span[stage, source]
        p = Head("bound/imbalance").params
        share = min(F(1), (largest - average) * steps / F(total))
        lift = 1 + p["weight"] if among != "ranks" and share >= p["limit"] else 1
        rows.append((-share, stage, device, source, among, dict(
            stage=stage, device=device, among=among, members=members,
            slowest="GPU %d" % device if among in ("ranks", "GPUs") else "the one with most work", largest=largest, mean=average, ratio=F(largest) / average if average else None, share=share,
            time=largest - average, stake=share * lift, gain=share,
            severity=None if largest < F(13, 10) * average else severity(share, p["limit"], p["severe"]))))

    for (stage, source), own in groups(all_stages, "stage", "source_id").items():
        work = {t["device"]: F(t["compute"], t["steps"]) for t in own}
        if len(work) > 1:
            add(stage, source, "GPUs", len(work), max(work.values()), mean(work.values()), max(work, key=lambda d: (work[d], -d)))
    busy = {(t["stage"], t["source_id"], t["device"]): F(t["busy"], t["steps"]) for t in all_stages}
    for (stage,), own in groups(sorted(rank_waits(CASE), key=lambda w: (w["source_id"], w["device"])), "stage").items():
        least = min(own, key=lambda w: w["waited"])
        longest = max(own, key=lambda w: (w["waited"], -w["source_id"], -w["device"]))
        most = longest["waited"] + busy[stage, longest["source_id"], longest["device"]]
        if len(own) > 1:
            # Who waits least has most work: by how much, and by how much more than the others on average.
            add(stage, least["source_id"], "ranks", max(w["ranks"] for w in own), most - least["waited"], most - mean(w["waited"] for w in own), least["device"])
    compute = [o for o in ops if o["class"] == "compute" and o["step"] in judged]
    beside = {}
    for (source, device, step), own in groups(compute, "source_id", "device", "step").items():
        work = streams_of(own)
        if len(work) > 1:
            beside.setdefault((judged[step], source, device), []).append(work)
    for (stage, source, device), on in beside.items():
        add(stage, source, "streams", max(len(w) for w in on), mean(max(w) for w in on), mean(mean(w) for w in on), device)
    shaped = {}
    for (source, device, step, n, k), own in groups([g for g in products if g["batch"] == 1 and g["step"] in judged], "source_id", "device", "step", "n", "k").items():
        rows_, dur = [g["m"] for g in own], [g["dur"] for g in own]
        if len(own) >= 4 and max(rows_) >= 3 * min(rows_) and max(dur) >= 2 * mean(dur):
            tops = sum(m == max(rows_) for m in rows_)
            shaped.setdefault((judged[step], source, device), []).append((step, len(own) // tops, max(dur) * tops, mean(dur) * tops))
    for (stage, source, device), on in shaped.items():
        steps = len({o[0] for o in on})
        add(stage, source, "experts", max(o[1] for o in on), F(sum(o[2] for o in on), steps), F(sum(o[3] for o in on)) / steps, device)
    marked = {}
    named = [m for m in marks if m["category"] in ("user_annotation", "annotation", "nvtx") and m["dur"] > 0 and "expert" in m["name"].lower()]
    for o in compute:
        if o["launch_ts"] is not None:
            m = max((m for m in named if m["track_id"] == o["launch_track"] and m["ts"] <= o["launch_ts"]), key=lambda m: m["ts"], default=None)
            if m and o["launch_ts"] < m["ts"] + m["dur"]:
                who = m["name"] if any(c.isdigit() for c in m["name"]) else m["id"]
                per = marked.setdefault((judged[o["step"]], o["source_id"], o["device"]), {}).setdefault(o["step"], {})
                per[who] = per.get(who, 0) + o["end_ts"] - o["ts"]
    for (stage, source, device), by_step in marked.items():
        on = [list(w.values()) for w in by_step.values() if len(w) >= 2 and max(w.values()) >= 2 * mean(w.values())]
        if on and stage not in {s for s, _, _ in shaped}:
            add(stage, source, "experts", max(len(w) for w in on), mean(max(w) for w in on), mean(mean(w) for w in on), device)
    CASE.answer("bound/imbalance", [r[-1] for r in sorted(rows, key=lambda r: r[:5])])


if __name__ == "__main__":
    inputs()
    answers()
