"""Case `probed`: what a probe inside an engine tells. Engine `v:0` decodes in steps of 10 ms, 1 ms apart, for two requests;
each cause of a late token is planted once or twice, with its neighbours just below what makes a token late.
"""

import math
import statistics
from fractions import Fraction as F

from golden import Case, mean, percentile, quantile, ratio, stddev

CASE = Case("probed")
CASE.on["chunked_prefill"] = "Chunked prefill is on: 1 prompt was computed in several steps"  # request_step
MS = 1_000_000
ENGINE = "v:0"
BASE, BETWEEN = 10 * MS, 1 * MS
STEPS = 130


def put(name, columns, rows):
    columns = columns.split(",")
    rows = [dict(zip(columns, row)) for row in rows]
    CASE.write("rows/" + name, columns, rows)
    return rows


# Step: (duration, phase, graph, pause before it). A gap is late above 33 ms: 11 ms is usual.
ODD = {
    20: (50 * MS, "decode", "FULL", BETWEEN),  # compiled 35 ms
    30: (40 * MS, "decode", "FULL", BETWEEN),  # collected 28 ms
    40: (60 * MS, "mixed", "NONE", BETWEEN),
    45: (32 * MS, "decode", "FULL", BETWEEN),  # 33 ms: not late
    46: (32 * MS, "decode", "FULL", BETWEEN),
    50: (45 * MS, "decode", "NONE", BETWEEN),
    55: (45 * MS, "decode", None, BETWEEN),
    60: (BASE, "decode", "FULL", 50 * MS),
    80: (50 * MS, "decode", "FULL", BETWEEN),  # a thread waits 25 ms for a core
    90: (70 * MS, "decode", "FULL", BETWEEN),  # of unknown cause
    100: (80 * MS, "mixed", "NONE", BETWEEN),  # compiled 30 ms of it
}
AWAY = range(70, 75)  # steps that b has no part in: preempted at the start of 70, computed again in 75


def steps():
    rows, at = [], 0
    for n in range(STEPS):
        dur, phase, graph, pause = ODD.get(n, (BASE, "decode", "FULL", BETWEEN))
        if n == 0:
            phase = "prefill"
        if n == 75:
            phase = "recompute"
        at += pause
        rows.append((n, at, dur, ENGINE, phase, 100 if phase != "decode" else 2, 1 + (n not in AWAY), graph, 8 * MS if n % 2 else None))
        at += dur
    # Another engine without a name: two steps, one of them not done.
    rows += [(0, 5, 100, None, "decode", 1, 1, None, None), (1, 300, None, None, "decode", 1, 1, None, None)]
    return put("step", "step,ts,dur,engine,phase,tokens,requests,graph_mode,gpu_ns", rows)


def request_steps(all_steps):
    rows = []
    for n in range(STEPS):
        rows.append(("a", n, ENGINE, "prefill" if n == 0 else "decode", 50 if n == 0 else 1))
        if n not in AWAY:
            rows.append(("b", n, ENGINE, "prefill" if n == 0 else "recompute" if n == 75 else "decode", 50 if n in (0, 75) else 1))
    # A prompt in two parts has its first token behind the second.
    rows += [("c", 100, ENGINE, "prefill", 40), ("c", 101, ENGINE, "prefill", 40), ("c", 102, ENGINE, "decode", 1)]
    rows += [("x", 0, None, "decode", 1), ("x", 1, None, "decode", 1)]
    return put("request_step", "request,step,engine,phase,tokens", rows)


def tokens(all_steps, parts):
    end = {(s["engine"], s["step"]): s["ts"] + s["dur"] for s in all_steps if s["dur"] is not None}
    found = []
    for engine, request in sorted({(p["engine"], p["request"]) for p in parts}, key=lambda k: (k[0] or "", k[1])):
        own = sorted((p for p in parts if (p["engine"], p["request"]) == (engine, request) and (engine, p["step"]) in end), key=lambda p: p["step"])
        before, number = None, 0
        for i, p in enumerate(own):
            follows = own[i + 1]["phase"] if i + 1 < len(own) else None
            if p["phase"] != "decode" and follows != "decode":
                continue
            ts, number = end[engine, p["step"]], number + 1
            found.append(dict(engine=engine, request=request, step=p["step"], number=number, ts=ts, gap=None if before is None else ts - before))
            before = ts
    CASE.tables("request_token", ["engine", "request", "step", "number", "ts", "gap"], found)
    return found


def gaps(found):
    answers = []
    for engine in sorted({t["engine"] for t in found}, key=lambda e: e or "the engine"):
        own = [t["gap"] for t in found if t["engine"] == engine and t["gap"] is not None]
        if not own:
            continue
        usual = F(statistics.median(own))
        late = [g for g in own if g > 3 * usual]
        given = [t["ts"] for t in found if t["engine"] == engine]
        answers.append(dict(
            engine=engine or "the engine", tokens=len(own), mean=mean(own), deviation=stddev(own) if len(own) > 1 else None, median=usual, p90=percentile(own, F(9, 10)),
            p99=percentile(own, F(99, 100)), longest=max(own), late=len(late), late_ratio=F(len(late), len(own)),
            excess_ratio=ratio(sum(g - usual for g in late), sum(own)), rate=F((len(given) - 1) * 10**9, max(given) - min(given))))
    CASE.answer("engine/token_gaps", answers)


def inside(a, b, c, d):
    """What of a..b lies in c..d."""
    return max(0, min(b, d) - max(a, c))


ORDER = [
    ("compilation", "compilation"), ("collection", "garbage collection"), ("preemption", "preemption and computing again"),
    ("queue", "waiting for a core"), ("prefill", "prompts of other requests"), ("eager", "steps without their CUDA graph"),
    ("scheduler", "time between the engine's steps"), ("unknown", "causes that were not recorded"),
]


def late(found, all_steps, stalls, threads, preempted):
    own = [t for t in found if t["engine"] == ENGINE and t["gap"] is not None]
    usual, waiting = F(statistics.median(t["gap"] for t in own)), sum(t["gap"] for t in own)
    done = [s for s in all_steps if s["engine"] == ENGINE and s["dur"] is not None]
    decode = F(statistics.median(s["dur"] for s in done if s["phase"] == "decode"))
    sums = {advice: [] for advice, _ in ORDER}
    for t in own:
        if t["gap"] <= 3 * usual:
            continue
        a, b = t["ts"] - t["gap"], t["ts"]
        ran = [s for s in done if inside(s["ts"], s["ts"] + s["dur"], a, b) > 0]
        waits = {}
        for w in threads:
            if a < w["ts"] + w["dur"] <= b:
                waits[w["tid"]] = waits.get(w["tid"], 0) + w["wait_ns"]
        away = [p["ts"] for p in preempted if p["request"] == t["request"] and p["event"] == "preempted" and a <= p["ts"] < b]
        mixed = sum(s["phase"] == "mixed" for s in ran)
        told = dict(
            compilation=sum(inside(s["ts"], s["ts"] + s["dur"], a, b) for s in stalls if s["kind"] == "compilation"),
            collection=sum(inside(s["ts"], s["ts"] + s["dur"], a, b) for s in stalls if s["kind"] == "garbage collection"),
            preemption=max((b - p for p in away), default=0), queue=max(waits.values(), default=0),
            prefill=sum(s["dur"] for s in ran if s["phase"] in ("prefill", "mixed", "recompute")) - decode * mixed,
            eager=sum(s["dur"] - decode for s in ran if s["phase"] == "decode" and s["graph_mode"] in (None, "NONE")),
            scheduler=b - a - sum(inside(s["ts"], s["ts"] + s["dur"], a, b) for s in ran), unknown=t["gap"] - usual)
        left = t["gap"] - usual
        for advice, _ in ORDER:
            part = min(left, max(0, F(told[advice])))
            left -= part
            if part > 0:
                sums[advice].append(part)
    every = sum(sum(parts) for parts in sums.values())
    answers = []
    for rank, (advice, cause) in enumerate(ORDER):
        if sums[advice]:
            gain = sum(sums[advice]) / waiting
            answers.append((-sum(sums[advice]), rank, dict(
                engine=ENGINE, cause=cause, tokens=len(sums[advice]), excess=sum(sums[advice]), share=sum(sums[advice]) / every,
                longest=max(sums[advice]), gain=gain, advice=advice,
                severity="warning" if gain >= F(1, 10) else "info" if gain >= F(2, 100) else None)))
    CASE.answer("engine/late_tokens", [a for _, _, a in sorted(answers, key=lambda a: a[:2])])


def forward(all_steps):
    rows = []
    for s in all_steps:
        if s["engine"] == ENGINE and s["dur"] is not None:
            # Two workers: the second one is slower, and sees no device.
            rows.append((s["step"], s["ts"], s["dur"] - 3, ENGINE, 0, s["dur"] - 5, 70, 8 * MS, 5))
            rows.append((s["step"], s["ts"], s["dur"] - 2, ENGINE, 1, s["dur"] - 6, 80, None, None))
    rows.append((9999, 0, 1, ENGINE, 0, 1, 1, 1, 1))  # of a step that is not there
    put("forward_pass", "step,ts,dur,engine,rank,forward_ns,sample_ns,gpu_ns,gpu_idle_ns", rows)
    answers = []
    for phase in sorted({s["phase"] for s in all_steps if s["engine"] == ENGINE}):
        own = [s for s in all_steps if s["engine"] == ENGINE and s["phase"] == phase]
        walls = [s["dur"] for s in own]
        answers.append(dict(
            engine=ENGINE, phase=phase, steps=len(own), tokens=mean(s["tokens"] for s in own), wall=quantile(walls, F(1, 2)),
            wall_p99=percentile(walls, F(99, 100)), execute=quantile(walls, F(1, 2)) - 2,
            forward=quantile(walls, F(1, 2)) - 5, sample=80, gpu=8 * MS, gpu_idle=5, rate=F(sum(s["tokens"] for s in own) * 10**9, sum(walls))))
    CASE.answer("engine/forward", answers)


def operations():
    rows = put("host_operation", "ts,dur,engine,name", [
        *[(i, 100 + i, ENGINE, "schedule") for i in range(100)], *[(i, 7 + i, ENGINE, "sample") for i in range(99)],
        (1, 5, None, "tokenise"), (2, 6, None, None), (3, None, None, "tokenise")])
    answers = []
    for engine, name in {(r["engine"], r["name"]) for r in rows}:
        own = [r["dur"] for r in rows if (r["engine"], r["name"]) == (engine, name)]
        known = [d for d in own if d is not None]
        answers.append(dict(
            engine=engine or "the engine", operation=name or "?", calls=len(own), total=sum(known), median=quantile(known, F(1, 2)),
            p99=percentile(known, F(99, 100)), longest=max(known)))
    CASE.answer("engine/operations", answers, order=lambda r: (r["engine"], -r["total"], r["operation"]))


def prefix():
    rows = put("prefix_lookup", "ts,dur,engine,request,tokens,hit_tokens,evicted_blocks,miss", [
        (1, 10, ENGINE, "a", 40, 32, 0, "shorter than a block"), (2, 30, ENGINE, "b", 100, 0, 0, "other text"), (3, 20, ENGINE, "c", 60, 0, 3, "other text"),
        (4, 40, ENGINE, "d", 64, 16, 3, "evicted"), (5, 8, ENGINE, "e", 0, 0, None, "none"), (6, 2, None, "f", 5, 5, None, None)])
    answers = []
    for engine, miss in {(r["engine"], r["miss"]) for r in rows}:
        own = [r for r in rows if (r["engine"], r["miss"]) == (engine, miss)]
        evicted = [r["evicted_blocks"] for r in own if r["evicted_blocks"] is not None]
        answers.append(dict(
            engine=engine or "the engine", miss=miss or "not told", lookups=len(own), share=F(len(own), sum(r["engine"] == engine for r in rows)),
            tokens=sum(r["tokens"] for r in own), hit_tokens=sum(r["hit_tokens"] for r in own),
            hit_ratio=ratio(sum(r["hit_tokens"] for r in own), sum(r["tokens"] for r in own)), evicted=sum(evicted) if evicted else None,
            time=mean(r["dur"] for r in own)))
    CASE.answer("engine/prefix", answers, order=lambda r: (r["engine"], -r["lookups"], r["miss"]))


def stalls(all_steps):
    at = {s["step"]: s["ts"] for s in all_steps if s["engine"] == ENGINE}
    ran = sum(s["dur"] for s in all_steps if s["engine"] == ENGINE and s["dur"] is not None)
    long = {s["step"]: s["dur"] for s in all_steps if s["engine"] == ENGINE}
    just = -(-ran // 100)  # a hundredth of the time of the steps, and one nanosecond less
    rows = put("engine_stall", "ts,dur,pid,engine,kind,name,detail,step", [
        (at[20] + MS, 35 * MS, 7, ENGINE, "compilation", "triton", "k1", 20), (at[100] + MS, 30 * MS, 7, ENGINE, "compilation", "triton", "k2", 100),
        (-900 * MS, 500 * MS, 7, ENGINE, "compilation", "inductor", None, None),
        (at[30] + MS, 28 * MS, 8, ENGINE, "garbage collection", "generation 2", "9 objects freed", 30),
        # In steps whose tokens are not late.
        (at[45] + MS, just, 9, ENGINE, "garbage collection", "generation 1", None, 45), (at[46] + MS, just - 1, 9, ENGINE, "garbage collection", "generation 0", None, 46),
        # After the last step, but for its first 4 ms.
        (at[129] + 6 * MS, 700 * MS, 10, ENGINE, "garbage collection", "generation 2", None, 129),
        (5, 6, 1, None, "garbage collection", "generation 0", None, None)])
    answers = []
    for engine, pid, kind, name in {(r["engine"], r["pid"], r["kind"], r["name"]) for r in rows}:
        own = [r for r in rows if (r["engine"], r["pid"], r["kind"], r["name"]) == (engine, pid, kind, name)]
        within = [inside(r["ts"], r["ts"] + r["dur"], at[r["step"]], at[r["step"]] + long[r["step"]]) for r in own if r["step"] is not None]
        gain = F(sum(within), ran) if engine else None  # of the engine without a name one step of two has no end
        answers.append(dict(
            engine=engine or "no engine", pid=pid, kind=kind, name=name, stalls=len(own), in_steps=sum(w > 0 for w in within),
            total=sum(r["dur"] for r in own), longest=max(r["dur"] for r in own), gain=gain, advice="compilation" if kind == "compilation" else "collection",
            severity=None if gain is None else "warning" if gain >= F(5, 100) else "info" if gain >= F(1, 100) else None))
    CASE.answer("engine/stalls", answers, order=lambda r: (-r["total"], r["engine"], r["pid"]))
    return rows


def threads(all_steps):
    at = {s["step"]: s["ts"] + s["dur"] for s in all_steps if s["engine"] == ENGINE}
    return put("thread_step", "ts,dur,pid,engine,tid,step,run_ns,wait_ns", [
        # The longest wait of one thread counts, not the sum over threads; what ends in another gap does not.
        (at[80] - 20 * MS, 20 * MS, 7, ENGINE, 71, 80, 5, 12 * MS), (at[80] - 40 * MS, 15 * MS, 7, ENGINE, 71, 80, 5, 13 * MS),
        (at[80] - 20 * MS, 20 * MS, 7, ENGINE, 72, 80, 5, 24 * MS), (at[79] - MS, MS, 7, ENGINE, 71, 79, 5, 90 * MS)])


def startup():
    rows = put("startup_span", "ts,dur,pid,engine,role,category,name,depth", [
        (-1_000, 600, 7, ENGINE, "engine", "load", "load_model", 0), (-900, 200, 7, ENGINE, "engine", "import", "torch", 1),
        (-650, 100, 7, ENGINE, "engine", "load", "weights", 1), (-640, 30, 7, ENGINE, "engine", "import", "numpy", 2),
        (-300, 250, 8, ENGINE, "worker", "compile", "inductor", 0), (-2_000, None, 7, ENGINE, "engine", "mark", "process_start", None)])
    put("probe_process", "pid,role,engine,start_ts,calls,self_ns,bytes,dropped,errors", [
        (7, "engine", ENGINE, -1_500, 400, 1_000, 5_000, 0, 0), (8, "worker", ENGINE, -1_200, 0, 0, 64, 3, 1), (9, "python", None, None, None, None, None, 0, None)])
    first, last = -2_000, 5  # the first moment; the first step, that of the engine without a name
    timed = [r for r in rows if r["dur"] is not None]
    answers = {}
    for r in timed:
        inner = sum(i["dur"] for i in timed if i["pid"] == r["pid"] and i["depth"] == r["depth"] + 1
                    and r["ts"] <= i["ts"] and i["ts"] + i["dur"] <= r["ts"] + r["dur"])
        answers.setdefault((r["role"], r["pid"], r["category"]), []).append((r["dur"] - inner, r["name"], r["ts"]))
    CASE.answer("engine/startup", [dict(
        role=role, pid=pid, category=category, begin=min(ts for _, _, ts in own) - first, time=sum(t for t, _, _ in own),
        share=F(sum(t for t, _, _ in own), last - first), longest=max(own)[1]) for (role, pid, category), own in answers.items()],
        order=lambda r: (-r["time"], r["role"], r["pid"], r["category"]))


def beats(all_steps):
    """Windows of ten steps in process 7, of which the last holds none; three windows of another process."""
    at = [s["ts"] for s in all_steps if s["engine"] == ENGINE]
    rows = [(at[10 * i], at[10 * i + 10] - at[10 * i], 7, ENGINE, 40, 100 + 37 * i * i % 90) for i in range(12)]
    rows += [(at[-1] + 1, 5, 7, ENGINE, 1, 9_999)] + [(at[i], at[i + 1] - at[i], 8, ENGINE, 1, 30 - i) for i in range(3)]
    return put("probe_beat", "ts,dur,pid,engine,calls,self_ns", rows)


def serving(rows, all_steps, pid):
    """Median cost of a step over the windows that hold steps, and its interval by ranks."""
    costs = []
    for row in rows:
        held = sum(s["engine"] == row["engine"] and row["ts"] <= s["ts"] < row["ts"] + row["dur"] for s in all_steps)
        if row["pid"] == pid and held:
            costs.append(F(row["self_ns"], held))
    costs.sort()
    rank = math.floor((len(costs) - 1.96 * math.sqrt(len(costs))) / 2)
    low, high = (costs[rank - 1], costs[-rank]) if rank >= 1 else (None, None)
    return dict(serving=F(statistics.median(costs)), serving_low=low, serving_high=high)


def probe_cost(all_steps, found):
    ran = [s for s in all_steps if s["engine"] == ENGINE]
    ns = sum(s["dur"] for s in ran)
    rows = beats(all_steps)
    token = F(statistics.median(t["gap"] for t in found if t["engine"] == ENGINE and t["gap"] is not None))
    first, second = serving(rows, all_steps, 7), serving(rows, all_steps, 8)
    nothing = dict(serving=None, serving_low=None, serving_high=None, t_token=None, of_t_token=None)
    CASE.answer("engine/probe_cost", [
        dict(engine=ENGINE, role="engine", pid=7, calls=400, time=1_000, per_call=F(5, 2), per_step=F(1_000, len(ran)), share=F(1_000, ns), **first, t_token=token,
             of_t_token=first["serving"] / token, written=5_000, dropped=0, errors=0),
        dict(engine=ENGINE, role="worker", pid=8, calls=0, time=0, per_call=None, per_step=0, share=0, **second, t_token=token,
             of_t_token=second["serving"] / token, written=64, dropped=3, errors=1),
        dict(engine="no engine", role="python", pid=9, calls=None, time=None, per_call=None, per_step=None, share=None, **nothing, written=None, dropped=0, errors=None)])


def hooks():
    put("probe_hook", "pid,engine,profiler,hook,symbol,status,reason,fires", [
        (7, ENGINE, "batch", "h1", "m:a", "OK", None, 5), (7, ENGINE, "batch", "h2", "m:b", "OK", None, 0), (7, ENGINE, "batch", "h4", "m:d", "MISSING", "no such module", 0),
        (7, ENGINE, "batch", "h3", "m:c", "DISABLED", None, 9), (7, ENGINE, "moe", "h5", "m:e", "OK", None, None), (9, None, "cpu", "h6", "m:f", "OK", None, 1)])
    CASE.answer("engine/hooks", [
        dict(engine="no engine", role="python", pid=9, profiler="cpu", hooks=1, called=1, idle=0, absent="none"),
        dict(engine=ENGINE, role="engine", pid=7, profiler="batch", hooks=4, called=1, idle=1, absent="h3 DISABLED (no reason told); h4 MISSING (no such module)"),
        dict(engine=ENGINE, role="engine", pid=7, profiler="moe", hooks=1, called=0, idle=1, absent="none")])


def preemptions(all_steps):
    at = {s["step"]: s["ts"] for s in all_steps if s["engine"] == ENGINE}
    return put("preemption", "ts,request,engine,event", [(at[70], "b", ENGINE, "preempted"), (at[75], "b", ENGINE, "resumed"), (at[90] + 1, "z", ENGINE, "preempted")])


ALL = steps()
PARTS = request_steps(ALL)
FOUND = tokens(ALL, PARTS)
gaps(FOUND)
late(FOUND, ALL, stalls(ALL), threads(ALL), preemptions(ALL))
forward(ALL)
operations()
prefix()
startup()
probe_cost(ALL, FOUND)
hooks()
