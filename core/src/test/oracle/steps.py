"""Case `steps`: what is told of single steps, and of the steps of a stage together.

Two GPUs share the steps of one source; a second source has one GPU and stages of the same names. Lengths are drawn once,
so that no mean is a median, no percentile another; parts are drawn as well and need not add up.
"""

import random
from fractions import Fraction as F

from golden import PERIOD, Case, Head, groups, mean, percentile, quantile, ratio, stddev
from shares import STEP

CASE = Case("steps")
PARTS = "busy,compute,communication,copy,launch,sync,host,rest,operator,call,flight,queued,replay,peer,recorder,compile".split(",")


def inputs():
    draw = random.Random(7)
    rows, host, spans, samples = [], [], [], []
    ends = {}

    def add(source, stage, wall, devices=(0,), belongs=None, first=False, judged=True, tokens=None, host_wall=None, parts=None):
        n = len(host) + 1
        ts = ends.get(source, 1000 * source)
        ends[source] = ts + 3 * wall
        for d in devices:
            row = dict.fromkeys(STEP, 0)
            w = wall + 7000 * d * d if wall else 0
            row.update({p: draw.randrange(1000, 60_000) for p in PARTS})
            row.update(parts or {})
            row["rest"] += row["queued"] + row["peer"] + row["recorder"] + row["compile"]
            row["queued"] += row["replay"]
            row.update(step=n, device=d, source_id=source, stage=stage, belongs=belongs or stage, first=first, judged=judged,
                       ts=ts + 40 * d, end_ts=ts + 40 * d + w, wall=w, gaps=draw.randrange(1, 9), ops=9,
                       kernels=draw.randrange(1, 90), launches=draw.randrange(1, 90))
            rows.append(row)
        host.append(dict(step=n, stage=stage, belongs=belongs or stage, seq=n, first=first, ts=ts - 500,
                         end_ts=ts - 500 + (host_wall or wall // 2), track_id=10 * source, source_id=source, tokens=tokens))
        return n

    # The first steps, of which one is all that its stage has.
    add(1, "decode", 900_000, (0, 1), first=True, judged=False, tokens=3)
    add(2, "warm", 700_000, first=True)
    # Of one stage the first step of one source counts, as it is all there, beside the later one of another.
    add(1, "warm", 500_000)
    add(4, "cold", 600_000, first=True)
    for wall, tokens in ((101_000, 4), (107_000, 8), (111_000, 8), (160_000, 8), (103_000, 1), (130_000, 2)):
        add(1, "decode", wall, (0, 1), tokens=tokens)
        add(1, "between", wall // 9, (0, 1), belongs="decode")
    for wall in (301_000, 450_000, 333_000):
        add(1, "prefill", wall, (0, 1, 2), tokens=wall // 1000)
        add(2, "decode", wall - 200_000, tokens=None)
    add(2, "between", 20_000, belongs="decode", judged=False)
    add(1, "mixed", 250_000, (1,))
    # Slower than one and a half times the median, which is 100 µs: by a little more, just, and a little less.
    for k, wall in enumerate((100_000, 95_000, 151_000, 100_000, 150_000, 96_000, 148_000, 100_000, 104_000, 99_000)):
        add(1, "odd", wall, (0,), parts={"sync": 40_000 if k == 2 else 10_000, "copy": 1000})
    # Three steps are too few to call one of them slow, four are enough; what is slow in it is told by name where two parts grew alike.
    for wall in (100_000, 101_000, 400_000):
        add(1, "three", wall)
    even = dict.fromkeys(PARTS, 5000)
    for wall, grown in ((100_000, 0), (101_000, 0), (400_000, 9000), (99_000, 0)):
        add(2, "four", wall, parts=dict(even, compute=5000 + grown, host=5000 + grown))
    # Excess of a fiftieth of the stage's time, a little more, a little less: 100 of 5000, of 4900, of 5100 µs.
    for name, others in (("just", 48), ("more", 47), ("less", 49)):
        for _ in range(others):
            add(1, name, 100_000, parts=even)
        add(1, name, 200_000, parts=dict(even, launch=6000))
    # Steps of no length, one of them the first of its source.
    add(2, "none", 0)
    add(3, "nil", 0, first=True, judged=False)
    add(3, "nil", 0)
    # A step named run, and annotations on the host alone.
    add(2, "run", 500_000)

    # Operators and calls of a thread: across the ends of steps, between two, in none.
    cold = next(h for h in host if h["source_id"] == 4)
    pieces = {(20, "known"): [(0, 900_000)], (40, "known"): [(cold["ts"] + 900, cold["ts"] + 5000), (cold["end_ts"] - 70, cold["end_ts"] + 10)]}
    for k, h in enumerate(h for h in host if h["track_id"] == 10 and h["step"] % 5 < 4 and h["step"] < 24):
        ts = h["ts"] + (h["end_ts"] - h["ts"]) * k // 7 - 2000
        pieces.setdefault((10, "known"), []).append((ts, ts + 8001 + 900 * k))
        pieces.setdefault((10, "call"), []).append((ts + 7, ts + 5000))
    for (track, part), lengths in pieces.items():
        before, reach = 0, -10**9
        for ts, end in sorted(lengths):
            ts = max(ts, reach + 1)
            if ts < end:
                spans.append(dict(track_id=track, part=part, ts=ts, end_ts=end, before=before))
                before, reach = before + end - ts, end
    # Clocks: the last sample up to the end of the step counts, of its own GPU.
    for row in rows:
        if row["stage"] == "odd" and row["wall"] > 150_000:
            for ts, value in ((row["ts"] - 9, 1980), (row["end_ts"], 1410), (row["end_ts"] + 1, 1111)):
                samples.append(dict(ts=ts, device="gpu:0", metric="sm_clock", value=value, unit="MHz", source_id=1))
            samples.append(dict(ts=row["end_ts"] - 1, device="gpu:1", metric="sm_clock", value=1222, unit="MHz", source_id=1))
            samples.append(dict(ts=row["end_ts"], device="cpu:0", metric="sm_clock", value=1333, unit="MHz", source_id=1))
            samples.append(dict(ts=row["end_ts"], device="gpu:0", metric="mem_clock", value=1444, unit="MHz", source_id=1))
        if row["stage"] == "more" and row["wall"] == 200_000:
            for k, (device, metric) in enumerate((("gpu:0", "sm_clock"), ("cpu:0", "sm_clock"), ("gpu:0", "mem_clock"))):
                samples.append(dict(ts=row["ts"] + k, device=device, metric=metric, value=1500 + k, unit="MHz", source_id=1))
    samples.append(dict(ts=0, device="gpu:1", metric="sm_clock", value=1000, unit="MHz", source_id=1))

    CASE.write("derived/step_time", STEP, rows)
    uncommon()
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/host_span", list(spans[0]), spans)
    CASE.write("rows/hw_sample", list(samples[0]), samples)
    CASE.write("derived/device_op", ["id", "ts", "end_ts"], [dict(id=1, ts=0, end_ts=1)])
    CASE.write("rows/launch", ["id", "ts", "dur"], [dict(id=1, ts=0, dur=1)])


def uncommon():
    """Periods much longer than the others, of which no part counts; a step behind one of another stage, twice; one of which only the wall is known."""
    rows = CASE.table("derived/step_period")
    decode = [r for r in rows if r["stage"] == "decode" and r["judged"]]
    for r in rows:
        if r["stage"] in ("odd", "four") and r["period"] > 300_000 or r["stage"] == "odd" and r["period"] == 151_000:
            r["usual"] = False
        if r["stage"] == "three":
            r.update(told="other", since=r["period"] + 40_000 if r["period"] > 100_000 else None)
        if r["stage"] in ("mixed", "run", "cold", "warm"):
            r["told"] = "wall"
        if r["stage"] == "odd":
            r["since"] = r["period"]
    for k, r in enumerate(decode[:3]):
        rows.append(dict(r, step=900 + k // 2, told="other", judged=False, usual=False, since=(r["period"] + 1) * (k + 2), period=r["period"]))
    CASE.write("derived/step_period", PERIOD, rows)


def stages(periods, host):
    tokens = {h["step"]: h["tokens"] for h in host}
    first = {h["step"]: h["first"] for h in host}
    answer = []
    for (stage,), lanes in groups([p for p in periods if p["judged"]], "stage").items():
        each = []
        for _, on in groups(lanes, "step", "source_id").items():
            step = {p: mean(r[p] for r in on) for p in ("period", "wall", "busy", "compute", "communication", "copy", "launch", "sync", "host", "rest", "peer", "between")}
            step.update(kernels=sum(r["kernels"] for r in on), launches=sum(r["launches"] for r in on), tokens=tokens[on[0]["step"]],
                        first=first[on[0]["step"]], usual=any(r["usual"] for r in on), told=on[0]["told"])
            each.append(step)
        times = [s["period"] for s in each]
        usual = [s for s in each if s["usual"]]
        told = [s for s in each if s["tokens"] is not None]
        apart = [p for p in periods if p["stage"] == stage and p["told"] != "wall" and p["since"] is not None and p["since"] > p["period"]]
        recorded = [{r["step"] for r in on if r["ops"]} or {r["step"] for r in on} for _, on in groups([p for p in periods if p["stage"] == stage], "source_id").items()]
        interrupted = [len({p["step"] for p in on}) for _, on in groups(apart, "source_id").items()]
        row = dict(stage=stage, steps=sum(len(r) for r in recorded), periods=len(each), devices=len({(r["source_id"], r["device"]) for r in lanes}),
                   first_only=all(s["first"] for s in each), told=min(s["told"] for s in each), period=mean(times), stddev=stddev(times), min=min(times),
                   p50=quantile(times, "0.5"), p90=percentile(times, "0.9"), p99=percentile(times, "0.99"), max=max(times),
                   wall=mean(s["wall"] for s in each), usual=len(usual), usual_period=mean(s["period"] for s in usual),
                   busy_ratio=ratio(sum(s["busy"] for s in usual), sum(s["period"] for s in usual)), tokens=mean(s["tokens"] for s in told),
                   rate=ratio(sum(s["tokens"] for s in told) * 10**9, sum(s["period"] for s in told)) if told else None,
                   interrupted=max(interrupted, default=0), interval=mean(mean(p["since"] for p in on) for _, on in groups(apart, "source_id").items()),
                   kernels=mean(s["kernels"] for s in each), launches=mean(s["launches"] for s in each))
        for p in ("compute", "communication", "copy", "launch", "sync", "host", "rest", "peer", "between"):
            row[p] = mean(s[p] for s in usual)
        answer.append((-sum(times), stage, row))
    CASE.answer("steps/stages", [a[2] for a in sorted(answer, key=lambda a: a[:2])])


def host_periods(host):
    """host_period, from what its head says: no pause was recorded."""
    found = []
    for _, lane in groups(sorted((h for h in host if h["stage"] not in ("between", "run")), key=lambda h: h["ts"]), "source_id", "track_id").items():
        for before, h in zip([None, *lane], lane):
            told = "wall" if before is None or h["end_ts"] <= before["end_ts"] else "next" if before["stage"] == h["stage"] else "other"
            found.append(dict(h, ts=h["ts"] if told == "wall" else before["end_ts"], wall=h["end_ts"] - h["ts"], told=told))
    for _, mates in groups(found, "source_id", "stage").items():
        counts = [m for m in mates if not m["first"]] or mates
        best = min(m["told"] for m in counts)
        for m in mates:
            m["judged"] = m in counts and m["told"] == best
    return found


def host_stages(host, spans):
    answer = []
    for (stage,), steps in groups([p for p in host_periods(host) if p["judged"]], "stage").items():
        times = [s["end_ts"] - s["ts"] for s in steps]
        known = [sum(max(0, min(p["end_ts"], s["end_ts"]) - max(p["ts"], s["ts"])) for p in spans
                     if p["track_id"] == s["track_id"] and p["part"] == "known") for s in steps]
        told = [(s["tokens"], t) for s, t in zip(steps, times) if s["tokens"] is not None]
        answer.append((-sum(times), stage, dict(
            stage=stage, steps=sum(h["stage"] == stage for h in host), periods=len(steps), first_only=all(s["first"] for s in steps), told=min(s["told"] for s in steps), period=mean(times), stddev=stddev(times),
            min=min(times), p50=quantile(times, "0.5"), p90=percentile(times, "0.9"), p99=percentile(times, "0.99"), max=max(times),
            wall=mean(s["wall"] for s in steps), operators=mean(known), other=mean(w - k for w, k in zip(times, known)), tokens=mean(n for n, _ in told),
            rate=ratio(sum(n for n, _ in told) * 10**9, sum(t for _, t in told)) if told else None)))
    CASE.answer("steps/host_stages", [a[2] for a in sorted(answer, key=lambda a: a[:2])])


def outliers(periods, samples):
    p = Head("latency/outliers").params
    names = dict(compute="computation", communication="communication", copy="copies", launch="launches", sync="waits",
                 host="other host code", rest="the rest")
    answer = []
    for (stage, device, source), steps in groups([r for r in periods if r["judged"]], "stage", "device", "source_id").items():
        median = quantile([s["period"] for s in steps], "0.5")
        usual = {part: quantile([s[part] for s in steps], "0.5") for part in names}
        for s in steps if len(steps) >= 4 else []:
            if s["period"] <= p["times"] * median:
                continue
            growth, part = min((-(s[part] - usual[part]), name) for part, name in names.items())
            clocks = [c for c in samples if c["device"] == "gpu:%d" % device and c["metric"] == "sm_clock" and c["ts"] <= s["end_ts"]]
            gain = F(s["period"] - median) / sum(r["period"] for r in steps)
            answer.append(dict(stage=stage, step=s["step"], device=device, period=s["period"], median=median, excess=s["period"] - median,
                               part=part, growth=-growth, clock=max(clocks, key=lambda c: c["ts"])["value"] if clocks else None,
                               stake=0 if not s["usual"] else gain, gain=gain, severity="info" if gain >= F(2, 100) else None))
    CASE.answer("latency/outliers", sorted(answer, key=lambda a: (-a["excess"], a["step"], a["device"])))


def answers():
    rows, host = CASE.table("derived/step_time"), CASE.table("derived/host_step")
    stages(CASE.table("derived/step_period"), host)
    host_stages(host, CASE.table("derived/host_span"))
    outliers(CASE.table("derived/step_period"), CASE.table("rows/hw_sample"))
    start = min(r["ts"] for r in rows)
    periods = CASE.table("derived/step_period")
    CASE.tables("usual_step", ["stage", "device", "source_id", "step", "between"],
                [dict(p, between=False) for p in periods if p["usual"]] + [dict(p, step=p["span"], between=True) for p in periods if p["usual"] and p["span"] is not None])
    CASE.tables("host_period", ["step", "stage", "source_id", "track_id", "first", "ts", "end_ts", "wall", "told", "judged", "tokens"], host_periods(host))
    CASE.answer("steps/steps", [dict(r, start=r["ts"] - start, busy_ratio=ratio(r["busy"], r["wall"]))
                                for r in sorted(rows, key=lambda r: (r["source_id"], r["device"], r["ts"], r["step"]))])
    first = []
    for f in sorted((r for r in rows if r["first"]), key=lambda r: (r["source_id"], r["device"], r["ts"], r["step"])):
        later = mean(r["wall"] for r in rows if not r["first"] and all(r[c] == f[c] for c in ("stage", "device", "source_id")))
        first.append(dict(stage=f["stage"], device=f["device"], wall=f["wall"], later=later, ratio=ratio(f["wall"], later),
                          busy_ratio=ratio(f["busy"], f["wall"]), launch=f["launch"], host=f["host"]))
    CASE.answer("steps/first", first)
    idle = []
    for (stage, device, source), on in groups([r for r in rows if r["judged"] and r["stage"] != "between"],
                                              "belongs", "device", "source_id").items():
        row = {p: mean(r[p] for r in on) for p in ("operator", "call", "flight", "sync", "host", "replay", "peer", "recorder", "compile")}
        still = sum(r["wall"] - r["busy"] for r in on)
        row.update(stage=stage, device=device, idle_ratio=ratio(still, sum(r["wall"] for r in on)), gaps=mean(r["gaps"] for r in on),
                   queued=mean(r["queued"] - r["replay"] for r in on),
                   unknown=mean(r["rest"] - r["queued"] - r["peer"] - r["recorder"] - r["compile"] for r in on))
        idle.append((-still, stage, device, source, row))
    CASE.answer("gpu/idle", [i[-1] for i in sorted(idle, key=lambda i: i[:4])])


if __name__ == "__main__":
    inputs()
    answers()
