"""Case `host`: operators of a processor that computes alone, the code around them, and the event loops of a front end.

Steps of three stages on one thread; operators that call others past functions and annotations; two loops, of which one is blocked.
"""

import json
import re
from fractions import Fraction as F

from golden import Case, groups, mean

CASE = Case("host")
CASE.pytorch = True  # aten:: operators
# step, stage, first, ts, end_ts of thread 1. The first step of the recording is no step of its stage's figures.
STEPS = [(1, "decode", True, 0, 1000), (2, "between", False, 1000, 2000), (3, "decode", False, 2000, 4000), (4, "decode", False, 5000, 6000),
         (5, "prefill", False, 10_000, 15_000), (6, "mixed", False, 20_000_000, 21_600_000), (7, "warm", False, 23_000_000, 26_000_000)]
OUTSIDE = [("aten::sort", 30_000_000, 70)]
POLL = "<built-in method poll of select.epoll object at 0x7f>"


def written(name, columns, rows):
    rows = [dict(zip(columns.split(","), row)) for row in rows]
    CASE.write(name, columns.split(","), rows)
    return rows


def main():
    slices, details = [], []

    def piece(track, name, ts, dur, parent=None, category="cpu_op", dims=None, depth=0):
        ids = len(slices) + 1
        slices.append((ids, ts, dur, track, category, name, parent, depth))
        if dims:
            details.append((ids, json.dumps(dims)))
        return ids

    piece(1, "aten::mm", 100, 500, dims=[[9, 9], [9, 9]])  # in the first step
    piece(1, "aten::copy_", 1200, 40)  # between two steps
    for ts, n in ((2000, 3), (5000, 1)):
        linear = piece(1, "aten::linear", ts, 600, dims=[[n, 8], [8, 8]])
        mm = piece(1, "aten::mm", ts + 50, 300, linear, dims=[[n, 8], [8, 4]])
        piece(1, "aten::empty", ts + 60, 20, mm)
        call = piece(1, "some/module.py(7): forward", ts + 360, 200, linear, "python_function")
        note = piece(1, "note", ts + 365, 180, call, "user_annotation")
        piece(1, "aten::add", ts + 370, 150, note, dims=[[n], [n]])
    piece(1, "aten::mm", 2700, 100, dims=[[3, 8], [8, 5]])
    piece(1, "aten::mm", 2850, 250, dims=[[3, 8], [8, 5]])
    # A stage inside operators; as many short ones as are many, and a longer one.
    piece(1, "aten::mm", 10_000, 4500)
    for i in range(100):
        piece(1, "aten::relu", 20_000_000 + 15_900 * i, 15_000 if i else 14_000)
        piece(1, "aten::gelu", 23_000_000 + 29_000 * i, 19_990 if i else 15_000)
    piece(1, "aten::idle", 21_599_000, 0)
    for name, ts, dur in OUTSIDE:
        piece(1, name, ts, dur)
    piece(2, "aten::to", 2100, 33)  # on a thread without steps
    # Loops. Of the first: it polls in four fifths of its time, one block is long. What it waits in is within `select`.
    def loop(track, begin, turns):
        run = piece(track, "asyncio/base_events.py(600): run_forever", begin, sum(w + sum(d for _, d in blocks) for w, blocks in turns) + 10, None, "python_function")
        at = begin
        for wait, blocks in turns:
            once = piece(track, "asyncio/base_events.py(1915): _run_once", at, wait + sum(d for _, d in blocks), run, "python_function", depth=1)
            select = piece(track, "selectors.py(435): select", at, wait, once, "python_function", depth=2)
            piece(track, POLL, at + 1, wait - 2, select, "python_function", depth=3)
            at += wait
            for name, dur in blocks:
                handle = piece(track, "asyncio/events.py(84): _run", at, dur, once, "python_function", depth=2)
                inner = piece(track, name, at, dur, handle, "python_function", depth=3)
                piece(track, "deeper.py(1): inside", at, dur - 1, inner, "python_function", depth=4)
                at += dur

    loop(3, 1000, [(400_000_000, [("server.py(10): tokenize", 50_000_000), ("out.py(3): send", 1000)]), (300, [("out.py(3): send", 4000)])])
    loop(4, 2000, [(2000, [("a.py(1): a", 30_000), ("b.py(2): b", 20_000)]), (500, [("a.py(1): a", 1000)])])
    piece(5, "worker.py(1): work", 0, 10, None, "python_function")
    written("rows/source", "id,name", [(1, "a")])
    written("rows/thread", "utid,name", [(30, "MainThread")])
    written("rows/track", "id,type,source_id,utid", [(1, "thread", 1, 10), (2, "thread", 1, 20), (3, "thread", 1, 30), (4, "thread", 1, None), (5, "thread", 1, 50)])
    slices = written("rows/slice", "id,ts,dur,track_id,category,name,parent_id,depth", slices)
    details = {d["id"]: d["input_dims"] for d in written("rows/op_detail", "id,input_dims", details)}
    steps = written("derived/host_step", "step,stage,belongs,first,ts,end_ts,track_id,source_id", [(n, s, s, f, a, b, 1, 1) for n, s, f, a, b in STEPS])
    known, reach = [], 0
    for s in sorted((s for s in slices if s["category"] == "cpu_op" and s["track_id"] == 1 and s["dur"]), key=lambda s: (s["ts"], -s["dur"])):
        if not known or s["ts"] > known[-1][1]:
            known.append([s["ts"], s["ts"] + s["dur"]])
        else:
            known[-1][1] = max(known[-1][1], s["ts"] + s["dur"])
    spans = []
    for a, b in known:
        spans.append((1, "known", a, b, reach))
        reach += b - a
    spans = written("derived/host_span", "track_id,part,ts,end_ts,before", spans)
    operators(slices, details, steps)
    around(slices, steps, spans)
    loops(slices)


def ops_of(slices):
    return [s for s in slices if s["category"] == "cpu_op"]


def owner(s, by):
    """The innermost operator around one."""
    above = by.get(s["parent_id"])
    while above and above["category"] != "cpu_op":
        above = by.get(above["parent_id"])
    return above["id"] if above else None


def judged(steps):
    return [s for s in steps if s["stage"] != "between" and not s["first"]]


def operators(slices, details, steps):
    by = {s["id"]: s for s in slices}
    inner = {}
    for s in ops_of(slices):
        inner[owner(s, by)] = inner.get(owner(s, by), 0) + s["dur"]
    calls = []
    for s in ops_of(slices):
        holds = [h for h in steps if h["stage"] != "between" and s["track_id"] == 1 and h["ts"] <= s["ts"] < h["end_ts"]]
        if holds and holds[0]["first"]:
            continue
        calls.append((holds[0]["stage"] if holds else "outside", s["name"], s["dur"] - inner.get(s["id"], 0), s["dur"], details.get(s["id"])))
    answers = []
    for stage, name in {c[:2] for c in calls}:
        own = [c for c in calls if c[:2] == (stage, name)]
        of = [h for h in judged(steps) if h["stage"] == stage]
        self = sum(c[2] for c in own)
        shapes = {}
        for c in own:
            if c[4]:
                shapes[c[4]] = shapes.get(c[4], 0) + c[2]
        whole = sum(h["end_ts"] - h["ts"] for h in of) if of else sum(c[2] for c in calls if c[0] == stage)
        answers.append(dict(
            stage=stage, operator=name, calls=len(own), per_step=F(len(own), len(of)) if of else None, self=self, total=sum(c[3] for c in own),
            self_per_step=F(self, len(of)) if of else None, mean_self=F(self, len(own)), share=F(self, whole),
            shapes=min(shapes, key=lambda d: (-shapes[d], d)) if shapes else None))
    CASE.answer("op/cpu_operators", answers, order=lambda a: (-a["self"], a["stage"], a["operator"]))


def around(slices, steps, spans):
    answers = []
    ends = [h["end_ts"] for h in steps if h["stage"] != "between"]
    for (stage,), of in groups(judged(steps), "stage").items():
        n = len(of)
        # From the end of the step before, whatever its stage, to its own.
        begin = {h["step"]: max(e for e in ends if e < h["end_ts"]) for h in of}
        wall = mean(h["end_ts"] - begin[h["step"]] for h in of)
        inside = F(sum(max(0, min(h["end_ts"], s["end_ts"]) - max(begin[h["step"]], s["ts"])) for h in of for s in spans), n)
        own = [s for s in ops_of(slices) if s["track_id"] == 1 and any(h["ts"] <= s["ts"] < h["end_ts"] for h in of)]
        selves = {s["id"]: s["dur"] - sum(c["dur"] for c in ops_of(slices) if c["parent_id"] == s["id"]) for s in own}
        names = {}
        for s in own:
            names[s["name"]] = names.get(s["name"], 0) + selves[s["id"]]
        top = min(names, key=lambda o: (-names[o], o))
        code = wall - inside
        each = F(sum(selves.values()), len(own))
        small = each < 20_000 and F(len(own), n) >= 100
        if code >= F(3, 10) * wall:
            advice = "eager" if small else "stacks"
        else:
            advice = "small" if small else "operators"
        outside = advice in ("eager", "stacks")
        answers.append((wall * n, dict(
            stage=stage, wall=wall, operators=inside, around_time=code, share=(code if outside else inside) / wall, calls=F(len(own), n), mean_self=each, top=top,
            top_self=F(names[top], n), top_ratio=F(names[top], n) / wall, bound="host" if code > wall / 2 else "device", advice=advice,
            gain=code / wall if outside else None, how="at most, if the code around took no time" if outside else "not estimated",
            severity="warning" if code > wall / 2 else "info")))
    CASE.answer("cpu/steps", [a for _, a in sorted(answers, key=lambda a: (-a[0], a[1]["stage"]))])


def loops(slices):
    names, answers = {3: "MainThread", 4: "thread 4"}, []
    for track in (3, 4):
        own = [s for s in slices if s["track_id"] == track]
        time = max(s["ts"] + s["dur"] for s in own) - min(s["ts"] for s in own)
        busy = 1 - F(sum(s["dur"] for s in own if s["name"].startswith("selectors")), time)
        by = {s["id"]: s for s in own}
        blocks = [s for s in own if s["parent_id"] and by[s["parent_id"]]["name"].endswith("_run")]
        kinds = groups(blocks, "name")
        ranked = sorted(kinds, key=lambda k: (-max(b["dur"] for b in kinds[k]), -sum(b["dur"] for b in kinds[k]), k))
        for nth, kind in enumerate(ranked):
            longest = max(b["dur"] for b in kinds[kind])
            worth = nth == 0 and (longest >= 50_000_000 or busy >= F(8, 10))
            answers.append(dict(thread=names[track], busy=busy, time=time, what=kind[0], calls=len(kinds[kind]), total=sum(b["dur"] for b in kinds[kind]),
                                longest=longest, advice="blocked" if longest >= 50_000_000 else "full", severity="warning" if worth else None))
    CASE.answer("engine/event_loop", answers)


main()
