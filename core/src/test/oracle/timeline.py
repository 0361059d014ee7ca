"""Case `timeline`: the derived tables, from host threads, streams, annotations and waits drawn at random on a grid of 500 ns.

The grid makes ends and beginnings meet often. What the tables must hold is worked out by looking at each moment, from what their head
comments say; nothing is added up on the way, as the product does.

Sources: 1 has all there is, on two GPUs; 2 records no operators; 3 no calls; 4 no annotations; 5 has two processes with a GPU each, 6 another
process that issues nothing, and threads without annotations.
"""

import random
import re
from fractions import Fraction as F

from golden import PERIOD, Case, groups, quantile
from shares import WAIT, collective_waits
from work import expert_copy

CASE = Case("timeline")
GRID = 500
PARTS = "operator,call,flight,sync,host,queued,replay,peer,recorder,unknown".split(",")


class Recording:
    def __init__(self):
        self.draw = random.Random(3)
        self.rows = {t: [] for t in ("source", "track", "slice", "stage", "kernel", "memcpy", "launch", "op_detail")}
        self.ids = 0
        self.ends = {}

    def n(self, low, high):
        return self.draw.randrange(low // GRID, high // GRID + 1) * GRID

    def track(self, source, type_, upid=None, device=None, stream=None):
        for t in self.rows["track"]:
            if device is not None and (t["source_id"], t["device"], t["stream"]) == (source, device, stream):
                return t["id"]
        n = len(self.rows["track"]) + 1
        self.rows["track"].append(dict(id=n, type=type_, upid=upid, device=device, stream=stream, source_id=source, name="t%d" % n))
        return n

    def slice(self, track, ts, dur, category, name, **more):
        self.ids += 1
        self.rows["slice"].append(dict(id=self.ids, ts=ts, dur=dur, track_id=track, category=category, name=name, depth=0,
                                       correlation=more.get("correlation"), external_id=more.get("external_id")))
        return self.ids

    def launch(self, source, track, upid, ts, dur, name, kind, correlation=None):
        n = self.slice(track, ts, dur, "cuda_runtime", name, correlation=correlation)
        row = dict(id=n, ts=ts, dur=dur, name=name, kind=kind, correlation=correlation, ops=0, first_ts=None, last_end_ts=None, track_id=track, upid=upid,
                   source_id=source)
        self.rows["launch"].append(row)
        return row

    def work(self, source, device, stream, ts, dur, sort, launch=None, linked=True, **more):
        track = self.track(source, "stream", None, device, stream)
        correlation = launch["correlation"] if launch else more.pop("correlation", None)
        common = dict(ts=ts, dur=dur, device=device, stream=stream, correlation=correlation, external_id=more.pop("external_id", None), track_id=track)
        if sort in ("memset", "cuda_graph"):
            n = self.slice(track, ts, dur, "gpu_memset" if sort == "memset" else sort, sort, correlation=correlation)
        else:
            n = self.slice(track, ts, dur, "kernel" if sort == "kernel" else "gpu_memcpy", more["name"], correlation=correlation)
            self.rows[sort].append(dict(common, id=n, source_id=source, launch_id=launch["id"] if launch and linked else None, **more))
        if launch and linked and sort in ("kernel", "memcpy"):
            launch["ops"] += 1
            launch["first_ts"] = ts if launch["first_ts"] is None else min(ts, launch["first_ts"])
            launch["last_end_ts"] = max(ts + dur, launch["last_end_ts"] or 0)
        self.ends[source, device, stream] = max(self.ends.get((source, device, stream), 0), ts + dur)
        return n


KERNELS = ("ampere_bf16_gemm_128x64", "vectorized_elementwise_kernel", "ncclDevKernel_AllReduce_Sum_bf16", "my_kernel")


def inputs():
    r = Recording()
    for s in range(1, 7):
        r.rows["source"].append(dict(id=s, name="s%d" % s, format="kineto"))
    threads = {}
    for source, upid, name in ((1, 10, "main"), (1, 10, "side"), (2, 20, "main"), (3, 30, "main"), (4, 40, "main"), (5, 50, "main"), (5, 51, "main"),
                               (6, 60, "main"), (6, 61, "other"), (6, 62, "quiet")):
        threads[source, upid, name] = r.track(source, "thread", upid)
    correlation = 0

    def stage(source, track, ts, dur, name, kind, tokens=(None, None)):
        r.rows["stage"].append(dict(id=len(r.rows["stage"]) + 1, ts=ts, dur=dur, name=name, kind=kind, depth=0, decode_tokens=tokens[0],
                                    prefill_tokens=tokens[1], track_id=track, source_id=source))

    def run(source, upid, track, at, end, devices, operators=True, calls=True):
        """Host work of one thread between two moments."""
        nonlocal correlation
        while at < end:
            what = r.draw.choice(("op", "op", "op", "bare", "graph", "copy", "sync", "sync", "sync", "graph", "code", "python", "memset", "dtod", "event", "blind", "nested"))
            device, stream = r.draw.choice(devices), r.draw.choice((7, 7, 8))
            free = max(at, r.ends.get((source, device, stream), 0))
            correlation += 1
            call, name = r.n(1000, 6000), r.draw.choice(KERNELS)
            lead = r.n(0, 2000) if operators and what in ("op", "nested", "dtod") else 0
            if lead and operators:
                r.slice(track, at, lead + call + r.n(0, 2000), "cpu_op", "aten::op", external_id=correlation)
            if what == "nested" and operators:
                r.slice(track, at + GRID, call, "cpu_op", "aten::inner")
            at += lead
            begin = max(at + r.n(500, 9000), free + (0 if r.draw.random() < 0.5 else r.n(0, 3000)))
            more = dict(graph_node_id=None)
            if what in ("op", "bare", "nested"):
                c = r.launch(source, track, upid, at, call, "cudaLaunchKernel", "kernel", correlation) if calls else None
                r.work(source, device, stream, begin, r.n(0, 12_000), "kernel", c, name=name, external_id=correlation if lead else None,
                       collective="allreduce" if name == "my_kernel" and r.draw.random() < 0.2 else None, **more)
            elif what == "graph":
                nodes = r.draw.choice((3, 7, 8, 12))
                call = r.n(4000, 60_000) if nodes >= 8 else call
                c = r.launch(source, track, upid, at, call, "cudaGraphLaunch", "graph", correlation) if calls else None
                begin = max(at + r.n(500, call + 30_000), free)
                whole = r.draw.random() < 0.2
                if whole:
                    r.work(source, device, stream, begin, r.n(1000, 20_000), "cuda_graph", c, linked=False, correlation=correlation)
                for k in range(0 if whole else nodes):
                    dur = r.n(500, 3000)
                    if k % 4 == 2:
                        r.work(source, device, 9, begin, dur, "memcpy", c, name="Memcpy DtoD", kind="DtoD", src_kind="device", dst_kind="device", bytes=64, graph_node_id=k)
                    else:
                        r.work(source, device, stream, begin, dur, "kernel", c, name=name, collective=None, graph_node_id=k if r.draw.random() < 0.7 else None)
                    begin += dur + r.draw.choice((0, 0, 500, 1000))
            elif what in ("copy", "dtod"):
                kind = r.draw.choice(("HtoD", "DtoH", "HtoD", "PtoP")) if what == "copy" else "DtoD"
                memory = r.draw.choice(("pageable", "pinned", "managed"))
                dur = r.n(1000, 9000)
                waits = memory == "pageable" and r.draw.random() < 0.8
                call = max(call, begin + dur - at + r.draw.choice((0, 500, 1000))) if waits else call
                linked = r.draw.random() < 0.75
                function = r.draw.choice(("cudaMemcpyAsync", "cudaMemcpy", "cudaMemcpyAsync"))
                c = r.launch(source, track, upid, at, call, function, "memcpy", correlation) if calls else None
                sides = (memory, "device") if kind == "HtoD" else ("device", memory) if kind == "DtoH" else ("device", "device")
                for k in range(r.draw.choice((1, 1, 2))):
                    r.work(source, device, stream, begin + k * dur // 2 // GRID * GRID, dur // (k + 1) // GRID * GRID, "memcpy", c if linked else None, name="Memcpy " + kind,
                           kind=kind, src_kind=sides[0], dst_kind=sides[1], bytes=r.n(500, 5000), **more)
            elif what == "memset":
                c = r.launch(source, track, upid, at, call, "cudaMemsetAsync", "memset", correlation) if calls else None
                r.work(source, device, stream, begin, r.n(500, 2000), "memset", c, linked=False, correlation=correlation)
            elif what == "sync" and calls:
                done = max([at] + [e for (s, d, _), e in r.ends.items() if (s, d) == (source, device)])
                call = max(GRID, done - at + r.draw.choice((0, 500, 500, 2000, 4000, -3000)))
                r.launch(source, track, upid, at, call, r.draw.choice(("cudaStreamSynchronize", "cudaStreamSynchronize", "cudaStreamWaitEvent")), "sync", correlation)
                if r.draw.random() < 0.3 and operators:
                    r.slice(track, at - GRID, call + 1000, "cpu_op", "aten::item")
            elif what == "event" and calls:
                call = r.n(0, 1500)
                r.launch(source, track, upid, at, call, "cudaEventRecord", "other", correlation)
            elif what == "blind":
                # No call was recorded for the work.
                r.work(source, device, stream, begin, r.n(500, 4000), "kernel", None, name=name, collective=None, **more)
            elif what == "python" and operators:
                call = r.n(500, 5000)
                r.slice(track, at, call, "python_function", "f")
            else:
                call = r.n(500, 9000)
            at += call + r.draw.choice((0, 500, 1000, 3000, 7000))
        return at

    # Steps of each kind of thread.
    kinds = (("decode", "decode", (4, None)), ("prefill", "prefill", (None, 100)), ("mixed", "mixed", (2, 30)), ("step #%d", "other", (None, None)),
             ("decode", "decode", (0, 0)))
    for (source, upid, name), track in threads.items():
        at = 100_000 * source + (7000 if name == "side" or upid == 51 else 0)
        devices = (0, 1) if source in (1, 2) else (1,) if upid == 51 else (0,)
        options = dict(operators=source not in (2, 3), calls=source != 3)
        if name in ("other", "side") or source == 4:
            for _ in range(4 if name == "side" else 6):
                at = run(source, upid, track, at, at + 40_000, devices, **options) + r.n(0, 90_000)
            continue
        if name == "quiet":
            # Annotations of a process that issues nothing itself.
            for k in range(4):
                stage(source, track, at, 50_000, "quiet", "other")
                at += 60_000
            continue
        for k in range(9):
            label, kind, tokens = kinds[k % 5 if k != 1 else 0]
            begin = at
            at = run(source, upid, track, at, at + r.n(30_000, 70_000), devices, **options)
            end = at + r.n(0, 2000)
            stage(source, track, begin, end - begin, label % k if "%" in label else label, kind, tokens)
            if k % 5 == 2:
                # Around the step, within it, and within that: the innermost counts, and of those without a stage none that holds one.
                stage(source, track, begin - 500, end - begin + 1000, "batch 7", "other")
                stage(source, track, begin, (end - begin) // 2 // GRID * GRID, "decode", "decode", (1, None))
                stage(source, track, begin + GRID, GRID, "sample_3", "other")
            if k % 5 == 3:
                stage(source, track, begin - 500, end - begin + 1000, "12", "other")
            if k == 6:
                stage(source, track, end + 500, 0, "nothing", "decode")
            at = end if k % 3 == 0 else run(source, upid, track, end + 500, end + r.n(1000, 15_000), devices, **options) if k % 3 == 1 else end + r.n(500, 30_000)
    for table, rows in r.rows.items():
        if rows:
            columns = list(dict.fromkeys(c for row in rows for c in row))
            CASE.write("rows/" + table, columns, [dict.fromkeys(columns) | row for row in rows])


def union(pieces):
    """Spans without a break, from pieces that may overlap or touch: touching ones are one."""
    spans = []
    for a, b in sorted(p for p in pieces if p[1] > p[0]):
        if spans and a <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], b)
        else:
            spans.append([a, b])
    return spans


def inside(spans, a, b):
    return sum(max(0, min(e, b) - max(s, a)) for s, e in spans)


def device_ops(t):
    ops = []
    launches = {l["id"]: l for l in t["launch"]}
    by_number = {}
    for l in sorted(t["launch"], key=lambda l: -l["id"]):
        if l["kind"] in ("memset", "graph"):
            by_number[l["source_id"], l["correlation"]] = l
    tracks = {x["id"]: x for x in t["track"]}
    for k in t["kernel"]:
        ops.append(dict(k, kind="kernel", **{"class": "comm" if k["collective"] or "nccl" in k["name"] else "compute"}, graph=k["graph_node_id"] is not None,
                        bytes=None, direction=None))
    for m in t["memcpy"]:
        class_ = {"HtoD": "copy", "DtoH": "copy", "PtoP": "comm"}.get(m["kind"], "compute")
        ops.append(dict(m, direction=m["kind"], kind="memcpy", **{"class": class_}, graph=m["graph_node_id"] is not None))
    for s in t["slice"]:
        if s["category"] in ("gpu_memset", "cuda_graph"):
            track = tracks[s["track_id"]]
            ops.append(dict(s, kind="memset" if s["category"] == "gpu_memset" else "graph", **{"class": "compute"}, graph=s["category"] == "cuda_graph",
                            device=track["device"], stream=track["stream"], source_id=track["source_id"], bytes=None, direction=None, launch_id=None))
    for o in ops:
        o["end_ts"] = o["ts"] + max(0, o["dur"])
        l = launches.get(o["launch_id"]) or by_number.get((o["source_id"], o["correlation"]))
        o["launch"] = l
        o.update(launch_id=l["id"] if l else None, launch_ts=l["ts"] if l else None, launch_end=l["ts"] + l["dur"] if l else None,
                 launch_track=l["track_id"] if l else None)
        o["graph"] = o["graph"] or bool(l and l["kind"] == "graph")
    return ops


def host_steps(t, ops):
    upid = {x["id"]: x["upid"] for x in t["track"]}
    found = []
    for (track,), own in groups([s for s in t["stage"] if s["dur"] > 0], "track_id").items():
        for s in own:
            s["end_ts"] = s["ts"] + s["dur"]
        told = [s for s in own if s["kind"] != "other"]
        kept = [s for s in own if s["kind"] != "other" or not any(k["ts"] < s["end_ts"] and k["end_ts"] > s["ts"] for k in told)]
        leaves = [s for s in kept if not any(o is not s and o["ts"] >= s["ts"] and o["end_ts"] <= s["end_ts"] for o in kept)]
        leaves.sort(key=lambda s: s["ts"])
        for seq, s in enumerate(leaves):
            name = s["kind"] if s["kind"] != "other" else re.sub(r"[0-9]+", "", s["name"]).strip(" #_-.:/*") or "step"
            tokens = (s["decode_tokens"] or 0) + (s["prefill_tokens"] or 0)
            found.append(dict(stage=name, belongs=name, name=s["name"], seq=seq, ts=s["ts"], end_ts=s["end_ts"], stage_id=s["id"], track_id=track,
                              tokens=tokens or None, source_id=s["source_id"]))
            if seq + 1 < len(leaves) and leaves[seq + 1]["ts"] > s["end_ts"]:
                found.append(dict(stage="between", belongs=name, name=None, seq=None, ts=s["end_ts"], end_ts=leaves[seq + 1]["ts"], stage_id=None,
                                  track_id=track, tokens=None, source_id=s["source_id"]))
    annotated = {f["source_id"] for f in found}
    for (source,), own in groups(ops, "source_id").items():
        if source not in annotated:
            found.append(dict(stage="run", belongs="run", name=None, seq=0, ts=min(o["ts"] for o in own), end_ts=max(o["end_ts"] for o in own), stage_id=None,
                              track_id=None, tokens=None, source_id=source))
    found.sort(key=lambda f: (f["ts"], f["end_ts"]))
    for n, f in enumerate(found):
        f["step"] = n + 1
        mates = [g for g in found if g["source_id"] == f["source_id"] and upid.get(g["track_id"]) == upid.get(f["track_id"])]
        f["first"] = f["stage"] not in ("between", "run") and f["ts"] == min(g["ts"] for g in mates)
    return found


def answers():
    t = {name: CASE.table("rows/" + name) for name in ("track", "slice", "stage", "kernel", "memcpy", "launch")}
    # No copy is as large as an expert.
    CASE.answer("gpu/expert_copy", [expert_copy(t["memcpy"])])
    upid = {x["id"]: x["upid"] for x in t["track"]}
    ops = device_ops(t)
    CASE.tables("device_op", ("id,ts,end_ts,device,stream,kind,class,launch_id,launch_ts,launch_end,launch_track,graph,external_id,bytes,direction,"
                              "source_id").split(","), ops)
    steps = host_steps(t, ops)
    CASE.tables("host_step", "step,stage,belongs,name,seq,first,ts,end_ts,stage_id,track_id,tokens,source_id".split(","), steps)

    # Spans in which a GPU is busy.
    busy, rows = {}, []
    several = {s for (s,), own in groups(ops, "source_id").items() if len({o["device"] for o in own}) > 1}
    sets = [(part, o["source_id"], o["device"], o) for o in ops
            for part in ["all"] + (["work"] if o["class"] != "copy" else []) + (["compute"] if o["class"] == "compute" else ["comm"] if o["class"] == "comm" else [])]
    sets += [("any", o["source_id"], -1, o) for o in ops if o["source_id"] in several]
    for part, source, device in sorted({s[:3] for s in sets}):
        own = [s[3] for s in sets if s[:3] == (part, source, device) and s[3]["end_ts"] > s[3]["ts"]]
        spans = union((o["ts"], o["end_ts"]) for o in own)
        busy[part, source, device] = spans
        for k, (a, b) in enumerate(spans):
            opener = min((o for o in own if o["ts"] == a), key=lambda o: (o["end_ts"], o["id"]))
            rows.append(dict(source_id=source, device=device, part=part, ts=a, end_ts=b, before=sum(e - s for s, e in spans[:k]), opener=opener["id"]))
    CASE.tables("busy_span", "source_id,device,part,ts,end_ts,before,opener".split(","), rows)
    openers = {(r["source_id"], r["device"], r["ts"]): r["opener"] for r in rows if r["part"] == "all"}

    # Calls that wait.
    waits = []
    copies = [m for m in t["memcpy"] if m["kind"] in ("HtoD", "DtoH") and "pageable" in (m["src_kind"], m["dst_kind"])]
    for l in t["launch"]:
        end = l["ts"] + l["dur"]
        last = l["last_end_ts"]
        own = [m for m in copies if m["launch_id"] == l["id"]]
        if l["kind"] == "memcpy" and l["ops"] == 0:
            rivals = [o for o in t["launch"] if o["kind"] == "memcpy" and o["ops"] == 0 and o["source_id"] == l["source_id"] and o["dur"] > 0]
            lying = [m for m in copies if m["launch_id"] is None and m["source_id"] == l["source_id"] and l["ts"] <= m["ts"] and m["ts"] + m["dur"] <= end
                     and max((o for o in rivals if o["ts"] <= m["ts"]), key=lambda o: o["ts"])["id"] == l["id"]]
            own += lying
            last = max((m["ts"] + m["dur"] for m in lying), default=None) if last is None else last
        if l["dur"] > 0 and (l["kind"] == "sync" and "WaitEvent" not in l["name"] or l["kind"] == "memcpy" and last is not None and last <= end
                             and (own or "Async" not in l["name"])):
            waits.append(dict(id=l["id"], track_id=l["track_id"], ts=l["ts"], end_ts=end, name=l["name"]))
    CASE.tables("host_wait", "id,track_id,ts,end_ts,name".split(","), waits)

    # Spans of threads.
    host, rows = {}, []
    calls = [(l["track_id"], l["ts"], l["ts"] + l["dur"]) for l in t["launch"]]
    operators = [(s["track_id"], s["ts"], s["ts"] + s["dur"]) for s in t["slice"] if s["category"] == "cpu_op"]
    for part, pieces in (("call", calls), ("known", calls + operators), ("wait", [(w["track_id"], w["ts"], w["end_ts"]) for w in waits]),
                        ("recorder", [(l["track_id"], l["ts"] + 20_000, l["ts"] + l["dur"]) for l in t["launch"] if l["kind"] == "graph" and l["ops"] >= 8 and l["dur"] > 20_000])):
        for track in {p[0] for p in pieces}:
            spans = union(p[1:] for p in pieces if p[0] == track)
            host[part, track] = spans
            rows += [dict(track_id=track, part=part, ts=a, end_ts=b, before=sum(e - s for s, e in spans[:k])) for k, (a, b) in enumerate(spans)]
    CASE.tables("host_span", "track_id,part,ts,end_ts,before".split(","), rows)

    # The step of each operation.
    counts = {}
    for s in steps:
        if s["track_id"]:
            counts[s["track_id"]] = counts.get(s["track_id"], 0) + 1
    source_of = {x["id"]: x["source_id"] for x in t["track"]}

    def main(tracks):
        return min(tracks, key=lambda x: (-counts[x], x), default=None)

    for o in ops:
        at, track = (o["ts"], None) if o["launch"] is None else (o["launch_ts"], o["launch_track"])
        if track not in counts:
            process = o["launch"]["upid"] if o["launch"] else None
            track = main([x for x in counts if process and upid[x] == process]) or main([x for x in counts if source_of[x] == o["source_id"]])
        o["by"] = "launch" if o["launch"] else "time"
        if track:
            o["step"] = next((s["step"] for s in steps if s["track_id"] == track and s["ts"] <= at < s["end_ts"]), None)
        else:
            o["step"] = next((s["step"] for s in steps if s["stage"] == "run" and s["source_id"] == o["source_id"]), None)
    CASE.tables("step_op", ["id", "step", "by"], ops)

    # Walls.
    walls = []
    devices = {s: sorted({o["device"] for o in own}) for (s,), own in groups(ops, "source_id").items()}
    issued = {}
    for o in ops:
        if o["launch"]:
            issued.setdefault(o["launch"]["upid"], set()).add(o["device"])
    for (source, track), own in groups(steps, "source_id", "track_id").items():
        for device in sorted(issued.get(upid.get(track)) or devices[source]):
            reach, made = None, []
            for s in sorted(own, key=lambda s: s["ts"]):
                mine = [o for o in ops if o["step"] == s["step"] and o["device"] == device]
                row = dict(step=s["step"], device=device, source_id=source, stage=s["stage"], belongs=s["belongs"], first=s["first"], seq=s["seq"],
                           track_id=track, mark=None, ops=len(mine), kernels=sum(o["kind"] == "kernel" for o in mine))
                if s["stage"] == "between":
                    made.append(row)
                    continue
                last = max((o["end_ts"] for o in mine), default=None)
                row["ts"] = max(s["ts"], s["ts"] if reach is None else reach)
                row["end_ts"] = max(x for x in (s["end_ts"], last, reach) if x is not None)
                if last is not None:
                    reach = row["mark"] = last if reach is None else max(reach, last)
                made.append(row)
            for k, row in enumerate(made):
                if row["stage"] == "between":
                    row.update(ts=made[k - 1]["end_ts"], end_ts=made[k + 1]["ts"], first=False)
            walls += [row for row in made if row["stage"] != "between" or row["end_ts"] > row["ts"]]
    for w in walls:
        all_, work, compute = (inside(busy.get((part, w["source_id"], w["device"]), []), w["ts"], w["end_ts"]) for part in ("all", "work", "compute"))
        w.update(wall=w["end_ts"] - w["ts"], busy=all_, compute=compute, communication=work - compute, copy=all_ - work)
    CASE.tables("gpu_step", ("step,device,source_id,stage,belongs,first,seq,track_id,ts,end_ts,wall,mark,busy,compute,communication,copy,ops,kernels").split(","), walls)

    # Gaps and what the host did in them.
    noisy = {source_of[s["track_id"]] for s in t["slice"] if s["category"] in ("cpu_op", "python_function")}
    callers = {l["source_id"] for l in t["launch"]}
    longest = {}
    for (track,), own in groups(sorted(t["launch"], key=lambda l: (l["ts"], l["id"])), "track_id").items():
        real = [l for l in own if l["kind"] != "other"]
        pauses = [b["ts"] - a["ts"] - a["dur"] for a, b in zip(real, real[1:]) if a["kind"] != "sync" and b["kind"] in ("kernel", "memcpy", "memset")]
        pauses = [p for p in pauses if p >= 0]
        if pauses:
            longest[track] = min(200_000, max(20_000, 4 * quantile(pauses, "0.5")))
    used = {}
    for l in t["launch"]:
        used.setdefault(l["source_id"], {}).setdefault(l["track_id"], []).append(l)
    op_of = {o["id"]: o for o in ops}
    gaps = []
    for w in walls:
        spans = busy["all", w["source_id"], w["device"]]
        cuts = []
        moment = None
        for a, b in spans + [(None, None)]:
            cuts.append((moment, a))
            moment = b
        for left, right in cuts:
            a = w["ts"] if left is None else max(left, w["ts"])
            b = w["end_ts"] if right is None else min(right, w["end_ts"])
            if b <= a:
                continue
            o = op_of[openers[w["source_id"], w["device"], right]] if right is not None and right <= w["end_ts"] else None
            l = o["launch"] if o else None
            threads = used.get(w["source_id"], {})
            track = (l["track_id"] if l else w["track_id"] if w["track_id"] in threads
                     else min(threads, key=lambda x: (-len(threads[x]), x)) if threads else w["track_id"])
            begun, back = (l["ts"], l["ts"] + l["dur"]) if l else (None, None)
            enter, leave = (min(max(x if x is not None else b, a), b) for x in (begun, back))
            wait = max((s for s in host.get(("wait", track), []) if s[0] <= a), default=None)
            woken = None
            if wait and left is not None and left >= w["ts"] and a < wait[1] <= (begun if begun is not None else b):
                woken = min(wait[1], b)
            blind, mute = w["source_id"] not in noisy, w["source_id"] not in noisy and w["source_id"] not in callers
            since = a if woken is None else woken
            free = max(0, enter - since)
            known, call, waiting = (inside(host.get((part, track), []), since, enter) for part in ("known", "call", "wait"))
            other = free - known
            dispatch = other if blind and other <= (20_000 if l and l["kind"] == "graph" else longest.get(track, 200_000)) else 0
            cost = max(0, b - enter - 20_000) if l and l["kind"] == "graph" and l["ops"] >= 8 and back > a else 0
            g = dict.fromkeys(PARTS, 0)
            if mute:
                # Nothing of the host is known.
                g.update(cause="unknown", unknown=b - a)
            elif woken is not None:
                awaited = inside(busy.get(("any", w["source_id"], -1), []), a, woken)
                g.update(cause="sync", peer=awaited, host=other - dispatch, sync=b - a - awaited - (other - dispatch))
            elif o is None:
                # What the host did until the step ended.
                g.update(cause="tail", call=call - waiting, sync=waiting, host=free - call)
            elif l is None:
                inner = min(known - call, 200_000)
                g.update(cause="unknown", operator=inner + dispatch, call=call - waiting, unknown=waiting, host=free - call - inner - dispatch)
            elif back <= a:
                g.update(cause="queued", queued=b - a, replay=b - a if o["graph"] else 0)
            else:
                within = leave - enter
                inner = min(known - call, 200_000)
                g.update(cause="issue", operator=inner + dispatch, sync=waiting, host=free - call - inner - dispatch, recorder=cost,
                         call=call - waiting + within - min(cost, within), flight=b - leave - max(0, cost - within))
            assert sum(g[p] for p in PARTS if p != "replay") == b - a, g
            gaps.append(dict(g, step=w["step"], device=w["device"], source_id=w["source_id"], ts=a, end_ts=b, dur=b - a, opener=o["id"] if o else None))
    CASE.tables("gpu_gap", "step,device,source_id,ts,end_ts,dur,opener,cause".split(",") + PARTS, gaps)

    # Where each wall went.
    rows = []
    working = {w["step"] for w in walls if w["ops"]}
    for w in walls:
        mine = [g for g in gaps if (g["step"], g["device"]) == (w["step"], w["device"])]
        mates = [x for x in walls if x["stage"] != "between" and (x["belongs"], x["source_id"]) == (w["belongs"], w["source_id"])]
        able = [x for x in mates if x["step"] in working]
        alone = all(x["first"] for x in able or mates)
        part = {p: sum(g[p] for g in mine) for p in PARTS}
        row = dict(w, judged=(not w["first"] or alone) and (w["stage"] == "between" or w["step"] in working or not able), **part)
        row.update(launch=part["operator"] + part["call"] + part["flight"], rest=part["queued"] + part["peer"] + part["recorder"] + part["unknown"],
                   gaps=len(mine), launches=len({o["launch_id"] for o in ops if o["step"] == w["step"] and o["device"] == w["device"] and o["launch_id"]}))
        assert row["wall"] == sum(row[p] for p in ("compute", "communication", "copy", "launch", "sync", "host", "rest"))
        rows.append(row)
    CASE.tables("step_time", ("step,device,source_id,stage,belongs,seq,first,judged,ts,end_ts,wall,busy,compute,communication,copy,launch,sync,host,rest,operator,"
                              "call,flight,queued,replay,peer,recorder,gaps,ops,kernels,launches").split(","), rows)
    CASE.tables("pause", ["step", "source_id", "track_id", "ts", "end_ts", "kind"], pauses_of(steps))
    groups_of = {k["id"]: k.get("process_group") or "" for k in t["kernel"]}
    assert not any(groups_of.values())
    awaited = collective_waits(steps, ops, ops)
    for w in awaited:
        w["exposed"] = w["waited"] - inside(busy.get(("compute", w["source_id"], w["device"]), []), w["ts"], w["ts"] + w["waited"])
    CASE.tables("collective_wait", WAIT, awaited)
    CASE.tables("step_period", PERIOD, periods_of(rows, steps, gaps, busy, awaited))
    print({c: len(own) for (c,), own in groups(gaps, "cause").items()}, sum(g["peer"] > 0 for g in gaps), sum(g["recorder"] > 0 for g in gaps), len(ops))


def pauses_of(steps):
    """Spans of at least 1 ms and ten usual steps: there are none here, where the longest is shorter."""
    for _, own in groups([s for s in steps if s["stage"] not in ("between", "run")], "source_id", "track_id").items():
        own = sorted(own, key=lambda s: s["ts"])
        cycles = sorted(b["ts"] - a["ts"] for a, b in zip(own, own[1:]))
        for a, b in zip(own, own[1:]):
            assert b["ts"] - a["end_ts"] < max(1_000_000, 10 * cycles[(len(cycles) - 1) // 2])
    return []


def periods_of(rows, steps, gaps, busy, awaited):
    """step_period, from what its head says."""
    found = []
    for (source, device, track), lane in groups(rows, "source_id", "device", "track_id").items():
        lane.sort(key=lambda r: r["ts"])
        spans = {(g["step"], g["device"]): g for g in lane if g["stage"] == "between"}
        mine = [g for g in gaps if g["device"] == device and g["step"] in {r["step"] for r in lane}]
        earlier, of_stage = None, {}
        for r in lane:
            if r["stage"] == "between":
                continue
            p = dict(r, compile=0, stage=r["belongs"], told="wall", since=None, span=None, between=0, between_busy=0, between_host=0)
            if r["mark"] is not None:
                begin, last = earlier["mark"] if earlier else None, of_stage.get(r["belongs"])
                if last is not None:
                    p["since"] = r["mark"] - last
                if begin is not None and r["mark"] > begin:
                    span = next((s["step"] for s in steps if s["stage"] == "between" and s["track_id"] == track and s["end_ts"] == next(
                        h["ts"] for h in steps if h["step"] == r["step"])), None)
                    gap = spans.get((span, device), {})
                    within = [g for g in mine if begin <= g["ts"] < r["mark"]]
                    all_, work, compute = (inside(busy.get((part, source, device), []), begin, r["mark"]) for part in ("all", "work", "compute"))
                    p.update(told="next" if earlier["belongs"] == r["belongs"] else "other", ts=begin, end_ts=r["mark"], busy=all_, compute=compute, communication=work - compute,
                             copy=all_ - work, span=span, between=gap.get("wall", 0), between_busy=gap.get("busy", 0), between_host=gap.get("host", 0),
                             compile=0, **{x: sum(g[x] for g in within) for x in ("sync", "host", "queued", "peer", "recorder")})
                    p["launch"] = sum(g["operator"] + g["call"] + g["flight"] for g in within)
                    p["rest"] = sum(g["queued"] + g["peer"] + g["recorder"] + g["unknown"] for g in within)
                    for x in ("ops", "kernels", "launches"):
                        p[x] = r[x] + gap.get(x, 0)
                earlier, of_stage[r["belongs"]] = r, r["mark"]
            own_steps = {x["step"] for x in lane}
            waits = [w for w in awaited if w["device"] == device and w["source_id"] == source and w["step"] in own_steps]
            if p["told"] == "wall":
                p["since"] = None
                waits = [w for w in waits if w["step"] == r["step"]]
            else:
                waits = [w for w in waits if p["ts"] <= w["ts"] < p["end_ts"]]
            p["hidden"] = inside(busy.get(("comm", source, device), []), p["ts"], p["end_ts"]) - p["communication"]
            still = min(sum(w["exposed"] for w in waits), p["communication"])
            p.update(busy=p["busy"] - still, communication=p["communication"] - still, rest=p["rest"] + still, peer=p["peer"] + still)
            p["period"] = p["end_ts"] - p["ts"]
            assert p["period"] == sum(p[x] for x in ("compute", "communication", "copy", "launch", "sync", "host", "rest")), p
            found.append(p)
    for _, own in groups(found, "source_id", "device", "stage").items():
        counts = [p for p in own if p["judged"]]
        best = min((p["told"] for p in counts), default=None)
        counts = [p for p in counts if p["told"] == best]
        median = quantile([p["period"] for p in counts], "0.5")
        slow = [p for p in counts if p["period"] > 3 * median]
        for p in own:
            p["judged"] = p in counts
            p["usual"] = p["judged"] and (p not in slow or 4 * len(slow) > len(counts))
    return found


if __name__ == "__main__":
    inputs()
    answers()
