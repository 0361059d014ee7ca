"""Case `engine`: what serving engines tell of themselves. For every threshold of an analysis there is an engine just below it
and one at it; means, medians and quantiles are all different, and one engine has no name.
"""

import math
from fractions import Fraction as F

from golden import Case, groups, mean, percentile, quantile, ratio

CASE = Case("engine")
S = 1_000_000_000


def key(engine):
    return engine or "the engine"


def input_of(name, columns, rows):
    columns = columns.split(",")
    rows = [dict(zip(columns, row)) for row in rows]
    CASE.write("rows/" + name, columns, rows)
    return rows


def known(values):
    return [v for v in values if v is not None]


def tenths(v):
    """To one decimal, halves away from zero."""
    n = math.floor(abs(F(v)) * 10 + F(1, 2))
    return "%s%d.%d" % ("-" if v < 0 else "", n // 10, n % 10)


def batches():
    rows = input_of(
        "batch",
        "engine,phase,requests,tokens,max_tokens,waiting,dur",
        [
            # decode of a: mean 5 requests (median 3), 7 tokens, 3/8 of the budget (median 1/4; one batch has none), 2 waiting
            ("a", "decode", 1, 1, 8, 0, 1000),
            ("a", "decode", 2, 2, 8, 1, 3000),
            ("a", "decode", 4, 4, 0, 5, None),
            ("a", "decode", 13, 21, 28, None, 11000),
            ("a", "prefill", 2, 2048, 2048, 0, 5000),
            ("a", "prefill", 1, 512, 2048, 0, 9000),
            ("b", "decode", 6, 6, 64, 3, None),
            (None, None, 3, 30, 40, 0, 700),
        ] + [("w50", None, 1, 1, 1, w, 1) for w in (0, 0, 4, 1)]
        # 12 of 25 decisions leave requests waiting: 0.48, just below a half.
        + [("w48", None, 1, 1, 1, 1 if i < 12 else 0, 1) for i in range(25)]
        + [("n48", None, 1, 1, 1, 0, 1), ("half", None, 1, 1, 1, 1, 1)],
    )
    answers = []
    for (engine, phase), b in groups(rows, "engine", "phase").items():
        waiting = known(r["waiting"] for r in b)
        answers.append(dict(
            engine=key(engine), phase=phase or "unknown", batches=len(b), requests=mean(r["requests"] for r in b),
            tokens=mean(r["tokens"] for r in b), token_ratio=mean(F(r["tokens"], r["max_tokens"]) for r in b if r["max_tokens"]),
            waiting=mean(waiting), waiting_ratio=mean(1 if w > 0 else 0 for w in waiting), decision=mean(known(r["dur"] for r in b))))
    CASE.answer("engine/batches", answers, order=lambda r: (r["engine"], r["phase"]))
    return rows


def graphs():
    rows = input_of(
        "cuda_graph_replay",
        "engine,mode,tokens,count,dur",
        [
            # 14 replays in all; FULL of 8 tokens: mean 40, median 30
            ("a", "FULL", 8, 1, 10), ("a", "FULL", 8, 1, 30), ("b", "FULL", 8, 1, 80),
            ("a", "PIECEWISE", 8, 5, None), ("a", "PIECEWISE", 16, 2, None), ("b", "PIECEWISE", 16, 1, None),
            # As many as the two above: by mode, then by tokens.
            ("a", "FULL", 4, 3, None),
        ],
    )
    replays = sum(r["count"] for r in rows)
    answers = []
    for (mode, tokens), g in groups(rows, "mode", "tokens").items():
        n = sum(r["count"] for r in g)
        answers.append(dict(mode=mode, tokens=tokens, replays=n, share=F(n, replays), mean=mean(known(r["dur"] for r in g))))
    CASE.answer("engine/graphs", answers, order=lambda r: (-r["replays"], r["mode"], r["tokens"]))


PREEMPTIONS = [
    # a: r1 is preempted twice, r3 once, r2 once and never resumed. Ten requests started: 4 / 10. The delays are 400 ms, 1 s and 100 ms: 500 ms.
    *[("a", 10 * S, "r%d" % i, "started", None) for i in range(1, 11)],
    ("a", 11 * S, "r1", "preempted", 100), ("a", 11 * S + 400_000_000, "r1", "resumed", None),
    ("a", 13 * S, "r1", "preempted", 250), ("a", 14 * S, "r1", "resumed", None), ("a", 15 * S, "r2", "preempted", None),
    ("a", 16 * S, "r1", "finished", 5000), ("a", 17 * S, "r2", "finished", None), ("a", 20 * S, "r3", "preempted", 1),
    ("a", 20 * S + 100_000_000, "r3", "resumed", 9), ("alone", 1, "q", "preempted", 1),
    # b, of another engine, resumes a request of the same name.
    ("b", 11 * S + 1, "r1", "resumed", None), ("b", 11 * S, "r7", "started", None),
    # Two of 21 are below a tenth, 2 of 20 are not.
    *[("p21", i, "r%d" % i, "started", None) for i in range(21)],
    ("p21", 100, "r3", "preempted", 7), ("p21", 200, "r4", "preempted", 8),
    *[("p20", i, "r%d" % i, "started", None) for i in range(20)],
    ("p20", 100, "r3", "preempted", 7), ("p20", 200, "r4", "preempted", 8),
    # Preempted ones alone were recorded: of how many is not known. Of the resumptions only one comes later, at the same moment none.
    (None, 100, "x", "preempted", 40), (None, 100, "x", "resumed", None), (None, 90, "x", "resumed", None),
    (None, 160, "x", "resumed", None), (None, 150, "y", "preempted", 2),
    # As many preempted as were seen.
    ("same", 1, "q", "started", None), ("same", 2, "q", "preempted", 3),
    # More were preempted than were seen to start, and the table of requests knows another.
    ("some", 1, "q", "started", None), ("some", 2, "q", "preempted", 3), ("some", 2, "s", "preempted", 3), ("some", 2, "t", "preempted", 3),
    # Preempted requests are known from the table of requests or from the steps.
    ("known", 1, "k1", "preempted", 9), ("known", 2, "k2", "preempted", 9), ("k90", 1, "z", "preempted", 1),
]


def preemptions(requests, steps):
    rows = input_of("preemption", "engine,ts,request,event,computed_tokens", PREEMPTIONS)
    answers = []
    for (engine,), events in groups(rows, "engine").items():
        lost = [e for e in events if e["event"] == "preempted"]
        seen = {e["request"] for e in events if e["event"] == "started"}
        seen |= {r["request"] for r in requests + steps if r["engine"] == engine}
        preempted = len({e["request"] for e in lost})
        delays = []
        for e in lost:
            later = [r["ts"] for r in events if r["event"] == "resumed" and r["request"] == e["request"] and r["ts"] > e["ts"]]
            if later:
                delays.append(min(later) - e["ts"])
        is_known = bool(seen) and len(seen) >= preempted
        rate = F(len(lost), len(seen)) if is_known else None
        tokens = known(e["computed_tokens"] for e in lost)
        answers.append(dict(
            engine=key(engine), requests=len(seen) if is_known else None, preempted=preempted, preemptions=len(lost), rate=rate,
            often="of how many in all is not recorded" if rate is None else "%s %% of %d requests" % (tenths(rate * 100), len(seen)),
            lost_tokens=sum(tokens) if tokens else None, resume_delay=mean(delays), gain=None,
            severity=None if not lost else "info" if rate is None else "warning" if rate >= F(1, 10) else None))
    CASE.answer("engine/preemption", answers, order=lambda r: r["engine"])
    return rows


USAGE = {
    # engine: samples of use. Just below 0.9 on average, whatever the peak: neither full nor empty.
    "u89": (0.86, 0.87, 0.94),
    "k90": (0.9,),  # at it, with a preemption
    "w50": (0.9,),  # a half of the decisions leave requests waiting
    "w48": (0.93,),
    "e95": (0.9,),  # blocks are evicted after 9.54 s
    "e10": (0.96,),  # after 10 s: not early
    "n48": (0.9,),
    "low": (0.1, 0.11, 0.37),
    "l40": (0.4,),
    "gone": (None, None),
    "half": (0.25, None, 0.875, 0.5),
    None: (0.5, 0.625),
}


def kv_cache(batch, preemption):
    input_of("kv_usage", "ts,engine,usage_ratio", [(i, e, u) for e, all_ in USAGE.items() for i, u in enumerate(all_)])
    evicted = input_of(
        "kv_eviction",
        "ts,engine,lifetime_ns,idle_ns",
        [
            (1, "e95", 8_000_000_000, 1_000_000), (2, "e95", 8_620_000_000, 2_000_000), (3, "e95", 12_000_000_000, 9_000_000),
            (1, "e10", 9_000_000_000, 5), (2, "e10", 11_000_000_000, 5), (1, "half", 50, None), (2, "half", 70, 7), (1, "u89", 5, 6),
            (1, None, 4, 2), (2, None, None, 3), (1, "w48", 10_500_000_000, 1),
        ],
    )
    answers = []
    for engine, samples in USAGE.items():
        used = [F(repr(u)) for u in known(samples)]
        if not used:
            continue
        out = [e for e in evicted if e["engine"] == engine]
        waits = [1 if w > 0 else 0 for w in known(b["waiting"] for b in batch if b["engine"] == engine)]
        back = sum(p["event"] == "preempted" and p["engine"] == engine for p in preemption)
        average, peak, waiting, life = mean(used), max(used), mean(waits), mean(known(e["lifetime_ns"] for e in out))
        full, empty = average >= F(9, 10), peak < F(4, 10)
        held = True
        if full and back:
            effect = "%d preemptions were recorded" % back
        elif full and waiting is not None and waiting >= F(1, 2):
            effect = "requests wait after %d %% of the scheduler's decisions" % round(waiting * 100)
        elif full and life is not None and life < 10 * S:
            effect = "%d blocks were evicted after %s s on average" % (len(out), tenths(life / S))
        elif full:
            effect, held = "nothing recorded was held back by that", False
        else:
            effect = "more sequences would fit" if empty else "%d blocks were evicted" % len(out)
        answers.append(dict(
            engine=key(engine), samples=len(used), mean=average, peak=peak, evictions=len(out), lifetime=life,
            idle=mean(known(e["idle_ns"] for e in out)), preemptions=back, waiting_ratio=waiting, effect=effect, gain=None,
            advice="full" if full else "empty" if empty else "right",
            severity="warning" if full and held else "info" if full or empty else None))
    CASE.answer("engine/kv_cache", answers, order=lambda r: r["engine"])


def requests():
    rows = input_of(
        "request",
        "request,engine,queue_ns,ttft_ns,e2e_ns,prompt_tokens,cached_tokens,output_tokens",
        [
            ("r1", "lat", 10, 100, 1100, 10, 5, 11),  # 100 per token after the first
            ("r2", "lat", 20, 300, 2300, 20, None, 5),  # 500; what the cache gave is not told: neither counts its prompt
            ("r3", "lat", 60, 200, 200, 30, 0, 1),  # none after the first
            ("r4", "lat", 1000, 1700, 9700, 40, 25, 3),  # 4000
            ("r5", "lat", None, None, None, 400, 0, None),
            ("r6", "lat", 70, 250, 1450, 4, 4, 4),  # 400
            ("x", None, 7, 8, 20, 3, None, 4),
            ("k1", "known", 1, 2, 3, 4, 1, 2), ("s9", "some", 1, 2, 3, 4, 0, 2),
            *[("z%d" % i, "k90", 5, 6, 7, 8, 8, 2) for i in range(3)],
        ],
    )
    answers = []
    for (engine,), q in groups(rows, "engine").items():
        per = [ratio(r["e2e_ns"] - r["ttft_ns"], r["output_tokens"] - 1)
               for r in q if r["e2e_ns"] is not None and r["output_tokens"] not in (None, 1)]

        def at(column, p):
            return (percentile if p > F(1, 2) else quantile)(known(r[column] for r in q), p)

        answers.append(dict(
            engine=key(engine), requests=len(q), queue_p50=at("queue_ns", F(1, 2)), ttft_p50=at("ttft_ns", F(1, 2)),
            ttft_p99=at("ttft_ns", F(99, 100)), tpot_p50=quantile(per, F(1, 2)), tpot_p99=percentile(per, F(99, 100)),
            e2e_p50=at("e2e_ns", F(1, 2)), e2e_p99=at("e2e_ns", F(99, 100)), prompt=mean(r["prompt_tokens"] for r in q),
            cached_ratio=ratio(sum(r["cached_tokens"] or 0 for r in q), sum(r["prompt_tokens"] for r in q if r["cached_tokens"] is not None)),
            output=mean(known(r["output_tokens"] for r in q))))
        if not any(r["cached_tokens"] is not None for r in q):
            answers[-1]["cached_ratio"] = None
    CASE.answer("engine/requests", answers, order=lambda r: r["engine"])
    return rows


def request_cost():
    steps = input_of(
        "step",
        "step,ts,dur,engine,gpu_ns",
        # Step 1 of two engines: another step each.
        [(1, 0, 9000, "lat", 8000), (2, 10000, 3000, "lat", None), (3, 20000, 5000, "lat", 4000), (1, 0, 7000, "other", 6000), (1, 5, 110, None, 100), (1, 0, 1000, "twin", None)],
    )
    parts = input_of(
        "request_step",
        "request,step,engine,tokens,computed_tokens",
        [
            ("r1", 1, "lat", 6, 0), ("r2", 1, "lat", 3, 10), ("r1", 2, "lat", 1, 6), ("r2", 2, "lat", 1, 13), ("r4", 2, "lat", 4, 2),
            ("r2", 3, "lat", 1, 14), ("o", 1, "other", 2, 100), ("n", 1, None, 10, 1),
            # Without tokens nothing can be shared out; without its step it is not counted.
            ("none", 4, "lat", 0, 5), ("r1", 9, "lat", 1, 7), ("k2", 1, "known", 1, 1), ("r1", 1, "a", 1, 1),
            # 101 more, so that one less than all are listed: 100.
            *[("t%03d" % i, 1, "other", 1, i) for i in range(101)],
            # Another engine has a request of the same name.
            ("r2", 1, "twin", 4, 0),
        ],
    )
    answers = []
    for (engine, request), own in groups(parts, "engine", "request").items():
        shares, gpu, seconds, tokens, taken = [], [], F(0), 0, 0
        for r in own:
            step = [s for s in steps if s["step"] == r["step"] and s["engine"] == r["engine"]]
            if not step:
                continue
            every = sum(o["tokens"] for o in parts if o["step"] == r["step"] and o["engine"] == r["engine"])
            taken, tokens = taken + 1, tokens + r["tokens"]
            shares.append(F(step[0]["dur"] * r["tokens"], every))
            if step[0]["gpu_ns"] is not None:
                gpu.append(F(step[0]["gpu_ns"] * r["tokens"], every))
            seconds += F((r["computed_tokens"] + r["tokens"]) * step[0]["dur"], S)
        if taken:
            answers.append(dict(engine=key(engine), request=request, steps=taken, tokens=tokens, wall=sum(shares), gpu=sum(gpu) if gpu else None, token_seconds=seconds))
    answers.sort(key=lambda r: (-r["wall"], r["engine"], r["request"]))
    CASE.answer("engine/request_cost", answers[:100])
    return parts


def metrics():
    """Scrapes of engines: (engine, meaning, type, labels, values at 0, 1 and 10 s; None where it was not scraped)."""
    told = [
        # full: rate 3 / 20; two processes run 3 + 1, 5 + 1, 40 + 1 requests: 17 on average.
        ("full", "requests_running", "gauge", "{p:0}", (3, 5, 40)), ("full", "requests_running", "gauge", "{p:1}", (1, 1, 1)),
        ("full", "requests_waiting", "gauge", "{p:0}", (0, 0, 9)), ("full", "requests_waiting", "gauge", "{p:1}", (1, 1, 1)),
        ("full", "kv_usage", "gauge", "{p:0}", (0.5, 0.25, 0.125)), ("full", "kv_usage", "gauge", "{p:1}", (0.25, 0.5, 0.875)),
        ("full", "preemptions", "counter", "{p:0}", (100, 101, 102)), ("full", "preemptions", "counter", "{p:1}", (7, 7, 8)),
        ("full", "requests_finished", "counter", "{r:stop}", (1000, 1005, 1015)), ("full", "requests_finished", "counter", "{r:length}", (2, 4, 7)),
        ("full", "prefix_queries", "counter", "{p:0}", (500, 600, 900)), ("full", "prefix_hits", "counter", "{p:0}", (50, 60, 150)),
        ("full", "prefix_queries", "counter", "{p:1}", (0, 0, 100)), ("full", "prefix_hits", "counter", "{p:1}", (0, 0, 50)),
        ("full", "other", "gauge", "{}", (1, 2, 3)), ("full", None, "gauge", "{}", (1, 2, 3)),
        # A tenth of the requests, and just less: 10 of 105.
        ("r100", "preemptions", "counter", "{}", (0, 5, 10)), ("r100", "requests_finished", "counter", "{}", (0, 50, 100)),
        ("r105", "preemptions", None, "{}", (0, 5, 10)), ("r105", "requests_finished", None, "{}", (0, 50, 105)),
        # The cache is full, or just not, and requests wait, or just not.
        ("k90w1", "kv_usage", "gauge", "{}", (None, 0.9, None)), ("k90w1", "requests_waiting", "gauge", "{}", (0, 1, 2)),
        ("k90w9", "kv_usage", "gauge", "{}", (None, 0.9, None)), ("k90w9", "requests_waiting", "gauge", "{}", (0.75, 1, 1.1875)),
        ("k89w5", "kv_usage", "gauge", "{}", (0.8, 0.9, 0.95)), ("k89w5", "requests_waiting", "gauge", "{}", (0, 0, 16)),
        ("k92p", "kv_usage", "gauge", "{}", (0.9, 0.92, 0.97)), ("k92p", "preemptions", "counter", "{}", (4, 4, 6)),
        ("k92p", "requests_finished", "counter", "{}", (4, 4, 4)),
        ("k95r", "kv_usage", "gauge", "{}", (0.94, 0.96, None)), ("k95r", "preemptions", "gauge", "{p:0}", (0, 2, 1)),
        ("k95r", "preemptions", "gauge", "{p:1}", (0, 2, 1)), ("k50r", "kv_usage", "gauge", "{}", (0.25, 0.5, 0.5)),
        ("k50r", "preemptions", "gauge", "{}", (0, 1, 0)), ("none", "preemptions", "counter", "{}", (5, 5, 5)),
        ("none", "requests_finished", "counter", "{}", (5, 6, 9)),
        # The cache is full, and one request was preempted, or retracted, or none.
        ("p1k", "kv_usage", "gauge", "{}", (0.95, 0.95, 0.95)), ("p1k", "preemptions", "counter", "{}", (4, 4, 5)),
        ("p0k", "kv_usage", "gauge", "{}", (0.95, 0.95, 0.95)), ("p0k", "preemptions", "counter", "{}", (4, 4, 4)),
        ("r1k", "kv_usage", "gauge", "{}", (0.95, 0.95, 0.95)), ("r1k", "preemptions", "gauge", "{}", (0, 1, 0)),
        ("r0k", "kv_usage", "gauge", "{}", (0.95, 0.95, 0.95)), ("r0k", "preemptions", "gauge", "{}", (0, 0, 0)),
        ("r0", "kv_usage", "gauge", "{}", (0.5, 0.5, 0.5)), ("r0", "preemptions", "gauge", "{}", (0, 0, 0)),
        ("f1", "preemptions", "counter", "{}", (0, 0, 1)), ("f1", "requests_finished", "counter", "{}", (0, 0, 1)),
        # One scrape alone: nothing lies between the first and the last.
        ("one", "preemptions", "counter", "{}", (None, 5, None)), ("one", "requests_finished", "counter", "{}", (None, 9, None)),
        ("one", "kv_usage", "gauge", "{}", (None, 0.5, None)),
        (None, "requests_running", "gauge", "{}", (2, None, 6)), (None, "preemptions", "counter", "{}", (0, None, 1)),
        (None, "prefix_queries", "counter", "{}", (3, None, 3)), (None, "prefix_hits", "counter", "{}", (1, None, 1)),
    ]
    at = (0, S, 10 * S)
    rows = input_of(
        "metric",
        "ts,snapshot,name,labels,type,engine,meaning,value",
        [(at[i], i, "n_" + str(meaning), labels, type_, engine, meaning, v)
         for engine, meaning, type_, labels, values in told for i, v in enumerate(values) if v is not None]
        # Not a number, at a moment of its own: no scrape.
        + [(20 * S, 3, "n_kv_usage", "{}", "gauge", "full", "kv_usage", None),
           # A metric that tells of none of these, at a moment of its own.
           (30 * S, 4, "n_other", "{}", "gauge", "full", "other", 1)]
        # Told twice at one moment: nothing lies between.
        + [(0, 0, "n_preemptions", "{}", "counter", "twice", "preemptions", v) for v in (3, 5)],
    )
    words = {"requests_running", "requests_waiting", "kv_usage", "preemptions", "requests_finished", "prefix_queries", "prefix_hits"}
    rows = [dict(r, value=F(repr(r["value"]))) for r in rows if r["value"] is not None and r["meaning"] in words]
    answers = []
    for (engine,), own in groups(rows, "engine").items():
        moments = sorted({r["ts"] for r in own})

        def per_moment(meaning, how):
            found = [[r["value"] for r in own if r["ts"] == t and r["meaning"] == meaning and (meaning != "preemptions" or r["type"] == "gauge")]
                     for t in moments]
            return [how(v) for v in found if v]

        def growth(meaning):
            series = groups([r for r in own if r["meaning"] == meaning and r["type"] != "gauge"], "labels").values()
            grown = [max(r["value"] for r in s) - min(r["value"] for r in s) for s in series if len({r["ts"] for r in s}) > 1]
            return sum(grown) if grown else None

        running, waiting, kv, retracted = (per_moment(m, h) for m, h in (
            ("requests_running", sum), ("requests_waiting", sum), ("kv_usage", max), ("preemptions", sum)))
        preempted, finished = growth("preemptions"), growth("requests_finished")
        rate, wait, full, most = ratio(preempted, finished), mean(waiting) or 0, (mean(kv) or 0) >= F(9, 10), max(retracted, default=0)
        if preempted:
            effect = "%d preemptions%s" % (preempted, " while %d requests ended" % finished if finished else "")
        elif most:
            effect = "up to %d requests were retracted at a time" % most
        else:
            effect = tenths(wait) + " requests wait on average" if wait >= 1 else "no request was held back"
        held = preempted or most
        answers.append(dict(
            engine=key(engine), scrapes=len(moments), span=moments[-1] - moments[0], running=mean(running), waiting=mean(waiting),
            kv_mean=mean(kv), kv_peak=max(kv, default=None), preemptions=preempted, finished=finished, rate=rate,
            hit_ratio=ratio(growth("prefix_hits"), growth("prefix_queries")), effect=effect, gain=None,
            severity="warning" if (rate or 0) >= F(1, 10) or full and (held or wait >= 1) else "info" if held or full else None))
    CASE.answer("engine/metrics", answers, order=lambda r: r["engine"])


batch = batches()
graphs()
kv_cache(batch, preemptions(requests(), request_cost()))
metrics()
