"""Cases `judged_token`, `judged_device` and `judged_host`: the steps that a stage's figures are of, seen by a decode run, by GPUs,
by the host alone; and in them copies and operators of experts, and the processors' load.
"""

import re
from fractions import Fraction as F

from golden import Case, groups, mean, periods, ratio, stddev
from steps import host_periods

PARTS = dict(compute="t_gpu_computation", communication="t_communication", copy="t_pcie_transfer", launch="t_gpu_kernel_launch", sync="t_sync",
             host="t_scheduling", rest="remainder")
# step, stage, belongs, device, source, judged, first, ts, end_ts, then the parts: they add up to the wall.
DEVICE_STEPS = [
    (1, "prefill", "prefill", 0, 1, False, True, 0, 9000, 9000, 0, 0, 0, 0, 0, 0),
    (2, "prefill", "prefill", 0, 1, True, False, 10000, 10100, 50, 10, 5, 15, 8, 7, 5),
    (2, "prefill", "prefill", 1, 1, True, False, 10020, 10180, 70, 20, 15, 25, 12, 11, 7),
    (3, "between", "prefill", 0, 1, True, False, 10100, 10150, 0, 0, 0, 0, 0, 50, 0),
    (4, "prefill", "prefill", 0, 1, True, False, 10200, 10400, 110, 30, 20, 15, 10, 10, 5),
    (5, "prefill", "prefill", 0, 2, True, False, 10300, 10600, 300, 0, 0, 0, 0, 0, 0),
    (6, "decode", "decode", 0, 1, True, False, 20000, 20030, 10, 2, 3, 4, 5, 1, 5),
    (7, "decode", "decode", 0, 1, True, True, 20050, 20090, 20, 2, 3, 4, 5, 1, 5),
]
HOST_STEPS = [
    # step, stage, source, track, first, ts, end_ts, tokens, stage_id. The first step of `warm` is its only one.
    (1, "load", 1, 1, True, 0, 500, None, None), (2, "load", 1, 1, False, 600, 700, 5, 1), (3, "between", 1, 1, False, 700, 800, None, None),
    (4, "load", 1, 1, False, 800, 1000, 7, None), (5, "warm", 1, 2, True, 0, 90, None, 4), (6, "run", 1, None, False, 0, 5000, None, None),
    (7, "decode", 1, 1, False, 1000, 1300, 3, 3), (8, "load", 2, 3, True, 0, 40, None, None),
]
# id, ts, dur, name, kind, requests in decode and in prefill.
STAGES = [(1, 10000, 100, "prefill", "prefill", None, 4), (3, 20050, 40, "decode", "decode", 2, 1), (4, 30000, 10, "warm", "other", 0, None)]


class Seen:
    def __init__(self, name, tokens=False, devices=False):
        self.case = Case(name)
        self.token = self.input("rows/token", "token,ts,dur", [(0, 5000, 400), (1, 5500, 300)]) if tokens else []
        self.op = self.input("rows/op", "token,ts,dur,name,component", [
            (0, 5000, 100, "attn", "attention"), (0, 5100, 50, "ffn", "t_cpu_computation"), (0, 5150, 30, "attn", "attention"), (1, 5500, 220, "attn", "attention"),
        ]) if tokens else []
        columns = "step,stage,belongs,device,source_id,judged,first,ts,end_ts," + ",".join(PARTS)
        # Step 5 issues no work; in step 2 the second GPU does none.
        self.steps = self.input("derived/step_time", columns + ",wall,busy,ops", [
            s + (s[8] - s[7], sum(s[9:12]), {5: 0, 2: 3 - 3 * s[3]}.get(s[0], s[0])) for s in DEVICE_STEPS]) if devices else []
        self.host = self.input("derived/host_step", "step,stage,source_id,track_id,first,ts,end_ts,tokens,stage_id", HOST_STEPS)
        self.input("rows/stage", "id,ts,dur,name,kind,decode_requests,prefill_requests", STAGES)
        self.batch = {s[0]: (s[5] or 0) + (s[6] or 0) or None for s in STAGES}
        self.periods = periods(self.steps)
        self.spans = self.input("derived/host_span", "track_id,part,ts,end_ts,before", [
            # Operators and calls of track 1: 50 of the first step, 70 of the fourth, 100 + 30 of the last one; a wait does not count.
            (1, "known", 580, 650, 0), (1, "known", 900, 970, 70), (1, "known", 990, 1100, 140), (1, "known", 1270, 1400, 250), (1, "wait", 600, 700, 0),
            (2, "known", 10, 20, 0)])
        # A stage's kernels: `a` twice in step 2 and once in step 4, `b` in step 5, `c` outside, `d` in a span between.
        self.work = self.input("derived/device_op", "id,ts,end_ts,device,short_name", [
            (1, 10000, 10010, 0, "a"), (2, 10010, 10040, 1, "a"), (3, 10200, 10260, 0, "a"), (4, 10300, 10320, 0, "b"), (5, 10100, 10120, 0, "d"), (6, 1, 4, 0, "c"),
            (7, 20000, 20007, 0, "e")]) if devices else []
        self.where = {1: 2, 2: 2, 3: 4, 4: 5, 5: 3, 6: None, 7: 6}
        self.input("derived/step_op", "id,step", self.where.items() if devices else [])

    def input(self, path, columns, rows):
        columns = columns.split(",")
        rows = [dict(zip(columns, row)) for row in rows]
        if rows:
            self.case.write(path, columns, rows)
        return rows

    def judged(self):
        """Profiled tokens, else steps with device work, else annotated spans of the host."""
        found = [dict(stage="decode", step=t["token"], source_id=None, ts=t["ts"], dur=t["dur"], period=t["dur"], wall=t["dur"], tokens=1, batch=1, first=False, told="token")
                 for t in self.token]
        seen = [p for p in self.periods if p["judged"]]
        first = {s["step"]: s["first"] for s in self.host}
        told = {h["step"]: dict(tokens=h["tokens"], batch=self.batch.get(h["stage_id"])) for h in self.host}
        nothing = dict(tokens=None, batch=None)
        for (stage, step, source), own in groups(seen, "stage", "step", "source_id").items():
            if not (stage == "decode" and self.token):
                period = mean(p["period"] for p in own)
                found.append(dict(stage=stage, step=step, source_id=source, ts=min(p["ts"] for p in own), dur=period, period=period if own[0]["told"] != "wall" else None,
                                  wall=mean(p["wall"] for p in own), **told.get(step, nothing), first=first.get(step), told="device"))
        if not seen:
            for h in host_periods(self.host):
                if h["judged"] and not (h["stage"] == "decode" and self.token):
                    dur = h["end_ts"] - h["ts"]
                    found.append(dict(stage=h["stage"], step=h["step"], source_id=h["source_id"], ts=h["ts"], dur=dur, period=dur if h["told"] != "wall" else None, wall=h["wall"],
                                      **told[h["step"]], first=h["first"], told="host"))
        worked = []
        of = {h["step"]: h["stage_id"] for h in self.host}
        for j in found:
            row = dict({k: j[k] for k in ("stage", "step", "source_id", "told", "ts", "dur")}, stage_id=of.get(j["step"]), busy=None, devices=1)
            took = [p for p in self.periods if p["usual"] and p["ops"] and (p["step"], p["source_id"], p["stage"]) == (j["step"], j["source_id"], j["stage"])]
            if j["told"] == "token":
                row["stage_id"] = None
            elif j["told"] == "device":
                if not took:
                    continue
                row.update(ts=min(p["ts"] for p in took), dur=mean(p["period"] for p in took), busy=mean(p["busy"] for p in took), devices=len(took))
            worked.append(row)
        self.case.tables("worked_step", ["stage", "step", "source_id", "told", "stage_id", "ts", "dur", "busy", "devices"], worked)
        self.case.tables("judged_step", list(found[0]), found)
        return found

    def parts(self, judged):
        found = []
        for j in judged:
            def add(component, dur):
                found.append(dict(stage=j["stage"], step=j["step"], source_id=j["source_id"], ts=j["ts"], component=component, dur=dur))

            if j["told"] == "token":
                own = [o for o in self.op if o["token"] == j["step"]]
                for component in {o["component"] for o in self.op}:
                    add(component, sum(o["dur"] for o in own if o["component"] == component))
                add("remainder", j["dur"] - sum(o["dur"] for o in own))
            elif j["told"] == "device":
                for column, component in PARTS.items():
                    add(component, mean(p[column] for p in self.periods if p["step"] == j["step"] and p["source_id"] == j["source_id"]))
            else:
                h = dict([h for h in self.host if h["step"] == j["step"]][0], ts=j["ts"], end_ts=j["ts"] + j["dur"])
                known = sum(max(0, min(s["end_ts"], h["end_ts"]) - max(s["ts"], h["ts"])) for s in self.spans if s["track_id"] == h["track_id"] and s["part"] == "known")
                add("t_cpu_computation", known)
                add("t_scheduling", j["dur"] - known)
        self.case.tables("step_part", ["stage", "step", "source_id", "ts", "component", "dur"], found)

    def calls(self, judged):
        found = []
        for (stage,), steps in groups(judged, "stage").items():
            n = len({s["step"] for s in steps})
            if steps[0]["told"] == "token":
                own = [(o["name"], o["dur"]) for o in self.op]
            else:
                told = {s["step"] for s in steps if s["told"] == "device"}
                told |= {p["span"] for p in self.periods if p["step"] in told and p["span"] is not None}
                own = [(o["short_name"], o["end_ts"] - o["ts"]) for o in self.work if self.where[o["id"]] in told]
            for name in {name for name, _ in own}:
                durs = [d for other, d in own if other == name]
                found.append(dict(stage=stage, name=name, calls=F(len(durs), n), dur=F(sum(durs), n)))
        self.case.tables("stage_call", ["stage", "name", "calls", "dur"], found)

    def spans_of(self, judged):
        found = []
        for stage in {j["stage"] for j in judged} | {s["belongs"] for s in self.steps}:
            gpus = [sum(s["wall"] for s in own) for own in groups([s for s in self.steps if s["belongs"] == stage and s["judged"]], "device", "source_id").values()]
            found.append(dict(stage=stage, dur=max(gpus) if gpus else sum(j["dur"] for j in judged if j["stage"] == stage)))
        self.case.tables("stage_span", ["stage", "dur"], found)


def experts(seen):
    """Copies of an expert's size and operators that compute experts on the CPU, in prefill steps 2 (10000 to 10180), 4 and 5."""
    case = seen.case
    copies = seen.input("rows/memcpy", "id,ts,dur,name,kind,bytes", [
        # 3 × 2 MB move most in all; 1 MB counts, a byte less does not, though it is fastest and most often.
        *[(100 + i, 1, d, "HtoD", "HtoD", 2_000_000) for i, d in enumerate((1000, 1200, 2000))], (110, 1, 400, "HtoD", "HtoD", 1_000_000),
        *[(120 + i, 1, 100, "HtoD", "HtoD", 999_999) for i in range(8)], (130, 1, 5, "DtoH", "DtoH", 64_000_000), (131, 1, 0, "HtoD", "HtoD", 3_000_000)])
    to_gpu = [c for c in copies if c["kind"] == "HtoD"]
    sizes = groups([c for c in to_gpu if c["bytes"] >= 10**6], "bytes")
    size = max(sizes, key=lambda s: (s[0] * len(sizes[s]), s[0]))
    durs = [c["dur"] for c in sizes[size]]
    best = max(F(c["bytes"] * 10**9, c["dur"]) for own in sizes.values() for c in own if c["dur"])
    case.answer("gpu/expert_copy", [dict(copied=len(to_gpu), bytes=size[0], n=len(durs), mean=mean(durs), stddev=stddev(durs), best=best, memory="unknown", predicted=size[0] * 10**9 / best)])

    slices = seen.input("rows/slice", "id,parent_id,ts,dur,category,name", [
        (201, None, 10000, 30, "cpu_op", "kt_forward"), (202, 201, 10001, 20, "cpu_op", "cpu_moe"), (203, 999, 10179, 50, "cpu_op", "CPUInfer::submit"),
        (204, None, 10180, 400, "cpu_op", "kt_between"), (205, None, 10200, 7, "cpu_op", "cpu_expert_ffn"), (206, None, 10210, 9, "python_function", "kt_f"),
        (207, None, 10220, 1000, "cpu_op", "moe_gpu"), (208, None, 10350, 4, "cpu_op", "CPU_FFN"), (209, None, 20010, 60, "cpu_op", "kt_decode"), (210, 204, 20011, 3, "cpu_op", "aten::mm")])
    expert = [s for s in slices if s["category"] == "cpu_op" and re.search(r"cpu.*(moe|expert|ffn)|kt_|cpuinfer", s["name"], re.I)]
    outer = [s for s in expert if s["parent_id"] not in {e["id"] for e in expert}]
    answers = []
    for (stage,), own in groups([s for s in seen.steps if s["judged"] and s["stage"] != "between"], "belongs").items():
        spans = [(min(s["ts"] for s in step), max(s["end_ts"] for s in step)) for step in groups(own, "step").values()]
        inside = [e["dur"] for a, b in spans for e in outer if a <= e["ts"] < b]
        answers.append(dict(stage=stage, operators=F(len(inside), len(spans)), time=F(sum(inside), len(spans))))
    case.answer("op/experts_on_cpu", answers, order=lambda r: (-r["time"], r["stage"]))


def cores(seen):
    rows = seen.input("rows/core_sample", "ts,dur,core,busy_ratio", [(0, 100, 0, 0.5), (100, 300, 0, 1.0), (0, 100, 1, 0.25), (100, 300, 1, 0.5), (400, 0, 1, 0.75), (0, 100, 2, 0.125)])
    busiest = max(F(sum(F(r["busy_ratio"]) * r["dur"] for r in own), sum(r["dur"] for r in own)) for own in groups(rows, "core").values())
    seen.case.answer("cpu/cores", [dict(cores=3, busy=mean(F(r["busy_ratio"]) for r in rows), busiest=busiest)])


for seen in (Seen("judged_token", tokens=True, devices=True), Seen("judged_device", devices=True), Seen("judged_host")):
    judged = seen.judged()
    seen.parts(judged)
    seen.calls(judged)
    seen.spans_of(judged)
    if seen.case.directory.name == "judged_device":
        experts(seen)
    elif seen.case.directory.name == "judged_host":
        cores(seen)
LABELS = dict(t_routing="T_routing", t_cpu_computation="T_cpu_computation", attention="Attention", norm="Norms", lm_head="LM head", embedding="Embedding",
              sampling="Sampling", t_scheduling="T_scheduling", t_sync="T_sync", t_pcie_transfer="T_pcie_transfer", t_gpu_kernel_launch="T_gpu_kernel_launch",
              t_gpu_computation="T_gpu_computation", remainder="Remainder")
Case("judged_host").tables("component_def", ["name", "label", "exclusive"], [dict(name=n, label=v, exclusive=n != "t_sync") for n, v in LABELS.items()])
