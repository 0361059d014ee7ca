"""Case `model`: what a step should cost, products in libraries' logs, experts, memory of the framework's allocator."""

import csv
import math
from fractions import Fraction as F
from pathlib import Path

from golden import Case, groups, mean, ratio, stddev

CASE = Case("model")


def input_of(name, columns, rows):
    columns = columns.split(",")
    rows = [dict(zip(columns, row)) for row in rows]
    CASE.write("rows/" + name, columns, rows)
    return rows


def known(values):
    return [v for v in values if v is not None]


# Formats of products that are not bf16; None is not told. In prefill FP8 has most FLOP, in warm two have as many.
FORMATS = {(0, "up"): "fp8", (2, "qkv"): "fp8", (3, "qkv"): "fp8", (4, "router2"): None, (5, "b"): "int8", (5, "a"): "fp4", (5, "c"): None, (9, "up"): "fp32"}


# GPUs of a step where it is not one that is not told.
DEVICES = {("token", 2, 2, 900): 2, ("step", 1, 0, 12000): 4, ("step", 1, 0, 16000): 1, ("step", 2, 9, 40000): 8}


def mfu():
    cost = input_of(
        "op_cost",
        "shape,phase,layer,operator,part,component,flops,bytes,compute_ns,memory_ns,least_ns,format",
        [r + (FORMATS.get((r[0], r[3]), "bf16"),) for r in [
            (0, "decode", 0, "qkv", "attn_proj", "attention", 100, 1000, 10, 50, 50),
            (0, "decode", 0, "core", "attn_core", "attention", 40, 900, 4, 45, 45),
            (0, "decode", 0, "up", "mlp", "t_cpu_computation", 300, 500, 30, 25, 30),
            (0, "decode", 1, "up", "mlp", "t_cpu_computation", 700, 500, 70, 25, 70),
            (0, "decode", None, "norm", "norm", "norm", 5, 40, 0.5, 2, 2),
            (0, "decode", None, "conv", "conv", None, 7, 60, 1, 3, 3),
            (1, "decode", 0, "qkv", "attn_proj", "attention", 100, 1000, 10, 50, 50),
            (1, "decode", 0, "core", "attn_core", "attention", 80, 2900, 8, 145, 145),
            (1, "decode", 0, "up", "mlp", "t_cpu_computation", 300, 500, 30, 25, 30),
            (2, "prefill", 0, "qkv", "attn_proj", "attention", 50000, 1200, 5000, 60, 5000),
            (2, "prefill", 0, "core", "attn_core", "attention", 50000, 1200, 5000, 60, 5000),
            (3, "prefill", 0, "qkv", "attn_proj", "attention", 90000, 1800, 9000, 90, 9000),
            # No peak is known of one format: the whole is not known. Bytes are.
            (4, "mixed", 0, "qkv", "attn_proj", "attention", 10, 20, None, 1, None),
            (4, "mixed", 0, "router", "router", "t_routing", 30, 40, 3, 2, 3),
            (4, "mixed", 0, "router2", "router", "t_routing", 31, 40, None, 2, None),
            # As many FLOP as the next and no least time: by name.
            (5, "warm", 0, "b", "b", None, 10, 20, None, None, None), (5, "warm", 0, "a", "a", None, 10, 30, None, None, None),
            (5, "warm", 0, "c", "c", None, 11, 30, None, None, None),
            (6, "decode", 0, "qkv", "attn_proj", "attention", 10, 20, 2, 3, 3), (6, "decode", 0, "router", "router", "t_routing", 30, 40, None, None, None),
            # A shape that no step has.
            (9, "decode", 0, "up", "mlp", "t_cpu_computation", 999, 999, 999, 999, 999),
        ]],
    )
    work = input_of(
        "step_work",
        "source,ref,ts,dur,busy_ns,phase,given,shape,devices",
        [r + (DEVICES.get(r[:4]),) for r in [
            ("token", 0, 0, 400, None, "decode", "", 0), ("token", 1, 1, 500, 0, "decode", "context 7", 1),
            ("token", 2, 2, 900, 600, "decode", "batch 2", 1), ("token", 3, 3, 1000, 800, "decode", "batch 2", 0),
            ("token", 4, 4, 300, 100, "decode", "", 6), ("token", 5, 5, 70, 1, "decode", "", 1),
            # Two engines each have a step 1.
            ("step", 1, 0, 12000, 11000, "prefill", None, 2), ("step", 1, 0, 16000, None, "prefill", "", 3),
            ("step", 2, 9, 40000, None, "prefill", "", 3), ("step", 7, 9, 10, 8, "mixed", "", 4), ("step", 8, 9, 20, None, "warm", "", 5),
        ]],
    )
    # Of five decode steps: attention 1500, norm 100, routing 1000 (no least time), scheduling 1000 (nothing computes it).
    input_of("token", "token,ts,dur", [(i, i, 1) for i in range(5)])
    pieces = input_of(
        "op",
        "token,component,dur",
        [(0, "attention", 1000), (1, "attention", 500), (3, "norm", 100), (0, "t_routing", 400), (0, "t_routing", 600), (2, "t_scheduling", 1000),
         (0, "t_cpu_computation", 700), (4, "t_cpu_computation", 300), (4, "embedding", 1)],
    )

    def of(shape, column, **wanted):
        """A step's sum over the operators; None where one of them is not known."""
        found = [c[column] for c in cost if c["shape"] == shape and all(c[k] == v for k, v in wanted.items())]
        return None if not found or None in found else sum(F(repr(v)) for v in found)

    phases = []
    for (phase,), steps in groups(work, "phase").items():
        def reach(column, over):
            told = [(of(w["shape"], column), w[over] * (w["devices"] or 1)) for w in steps if w[over]]
            told = [(a, b) for a, b in told if a is not None]
            return F(sum(a for a, _ in told)) / sum(b for _, b in told) if told else None

        formats = {}
        for w in steps:
            for c in cost:
                if c["shape"] == w["shape"] and c["format"]:
                    formats[c["format"]] = formats.get(c["format"], 0) + c["flops"]
        phases.append(dict(
            phase=phase, steps=len(steps), step_ns=mean(w["dur"] for w in steps), devices=mean(w["devices"] or 1 for w in steps),
            formats=", ".join(sorted(formats, key=lambda f: (-formats[f], f))) or None, flops=mean(of(w["shape"], "flops") for w in steps),
            bytes=mean(of(w["shape"], "bytes") for w in steps), mfu=reach("compute_ns", "dur"), mbu=reach("memory_ns", "dur"),
            attainment=reach("least_ns", "dur"), mfu_busy=reach("compute_ns", "busy_ns"), mbu_busy=reach("memory_ns", "busy_ns"),
            given="; ".join(sorted({w["given"] for w in steps if w["given"]}))))
    phases.sort(key=lambda r: r["phase"], reverse=True)
    CASE.answer("mfu/phase", phases)

    parts = []
    for (phase,), steps in groups(work, "phase").items():
        names = {c["part"] for c in cost for w in steps if c["shape"] == w["shape"]}
        own = []
        for part in names:
            took = [w for w in steps if of(w["shape"], "flops", part=part) is not None]
            least = [of(w["shape"], "least_ns", part=part) for w in took]
            own.append(dict(phase=phase, part=part, flops=mean(of(w["shape"], "flops", part=part) for w in took),
                            bytes=mean(of(w["shape"], "bytes", part=part) for w in took), least_ns=mean(known(least))))
        total = sum(known(p["least_ns"] for p in own))
        parts += [dict(p, share=ratio(p["least_ns"], total)) for p in own]
    parts.sort(key=lambda r: (r["least_ns"] is None, -(r["least_ns"] or 0), -r["flops"], r["part"]))
    parts.sort(key=lambda r: r["phase"], reverse=True)
    CASE.answer("mfu/part", parts)

    components = []
    for (component,), own in groups(pieces, "component").items():
        measured = F(sum(o["dur"] for o in own), 5)
        steps = [of(w["shape"], "least_ns", component=component) for w in work if w["source"] == "token"]
        least = mean(known(steps))
        if least is not None:
            components.append(dict(component=component, measured_ns=measured, least_ns=least, attainment=least / measured))
    CASE.answer("mfu/component", components, order=lambda r: (-r["measured_ns"], r["component"]))


def library():
    columns = "library,m,n,k,batch,a_type,b_type,d_type,compute_type,algorithm,tile,epilogue,flops"
    base = ("cublaslt", 64, 3, 128, 1, "bf16", "bf16", "bf16", "f32", "algo 7", "128x64", "bias", 1000)
    rows = [base, base, base[:12] + (4000,)]
    for at, other in ((0, "cublas"), (1, 60), (1, 72), (2, 7), (3, 132), (3, 136), (4, 2), (5, "e4m3"), (6, "e5m2"), (7, "f16"), (8, None), (8, "f16"),
                      (9, None), (10, None), (11, None), (11, "relu"), (12, None)):
        row = list(base)
        row[at] = other
        rows.append(tuple(row))
    # Silent: neither algorithm nor tile. Formats differ, and one is not told.
    rows.append(("cublaslt", 12, 3, 128, 1, "e4m3", "e4m3", None, "f32", None, None, None, 5))
    # More than the hundred that are listed, some alike in all but one of m, n and k.
    rows += [("cublas", 100 - i, 1, 1, 1, "f16", "f16", "f16", None, None, None, None, 3 * i // 2) for i in range(60)]
    rows += [("cublas", 1, 100 - i, 1, 1, "f16", "f16", "f16", None, None, None, None, 7) for i in range(15)]
    rows += [("cublas", 1, 1, 100 - i, 1, "f16", "f16", "f16", None, None, None, None, 7) for i in range(15)]
    rows = input_of("gemm", columns, rows)
    every = sum(r["flops"] or 0 for r in rows)
    answers = []
    for own in groups(rows, *columns.split(",")[:-1]).values():
        r = own[0]
        a, b, d = r["a_type"], r["b_type"], r["d_type"]
        formats = a if a == b == d else " ".join(known((a, b, d)))
        flops = known(o["flops"] for o in own)
        answers.append(dict(
            library=r["library"], m=r["m"], n=r["n"], k=r["k"], batch=r["batch"],
            formats=formats + (", sums " + r["compute_type"] if r["compute_type"] else ""),
            algorithm=" ".join(known((r["algorithm"], r["tile"]))) or None, epilogue=r["epilogue"], calls=len(own),
            flops=sum(flops) if flops else None, share=F(sum(flops), every) if flops else None, aligned=r["m"] % 8 == 0 and r["k"] % 8 == 0))
    answers.sort(key=lambda r: (r["flops"] is None, -(r["flops"] or 0), r["library"], r["m"], r["n"], r["k"], r["batch"], r["formats"],
                                r["algorithm"] or "~", r["epilogue"] or "~"))
    CASE.answer("library/gemm", answers[:100])


def balance():
    rows = input_of(
        "expert_count",
        "layer,expert,other_expert,tokens,source_id",
        [
            # Layer 0: 8 + 8, 4, 2, 2 of two sources: mean 6, most 16, fewest 2.
            (0, 0, None, 2, 1), (0, 1, None, 8, 1), (0, 1, None, 8, 2), (0, 2, None, 4, 1), (0, 3, None, 2, 1), (0, 4, None, 0, 1),
            (0, 1, 2, 500, 1),
            (1, 6, None, 5, 1), (1, 7, None, 5, 1), (2, 3, None, 10, 1), (2, 9, None, 30, 1), (3, 1, None, 0, 1), (4, 2, None, 30, 1), (4, 5, None, 10, 1), (5, 0, None, 1, 1), (5, 1, None, 2, 1),
        ],
    )
    answers = []
    for (layer,), own in groups([r for r in rows if r["other_expert"] is None], "layer").items():
        tokens = {e: sum(r["tokens"] for r in n) for (e,), n in groups(own, "expert").items()}
        tokens = {e: n for e, n in tokens.items() if n}
        if tokens:
            n, most, middle = len(tokens), max(tokens.values()), mean(tokens.values())
            answers.append(dict(
                layer=layer, experts=n, choices=sum(tokens.values()), ratio=most / middle, max_min=F(most, min(tokens.values())),
                deviation=math.sqrt(sum((v - middle) ** 2 for v in tokens.values()) / n) / middle,
                hottest=min(e for e in tokens if tokens[e] == most)))
    CASE.answer("moe/balance", answers, order=lambda r: (-r["ratio"], r["layer"]))


def choices():
    """17 tokens; in layer 0 the first half chooses others than the second, in layer 1 nearly every choice is another."""
    tokens = [*range(10, 58, 3), 500]
    rows = []
    for i, token in enumerate(tokens):
        first = (0, 1) if i < 8 else (5, 1) if i % 3 else (5, 6)
        picked = {0: first, 1: tuple(5 * (i % 14) + j for j in range(5)), 3: (2, i % 2 + 6)}
        if i == 0:
            picked[4] = (9,)
        rows += [(token, layer, slot, expert, F(1 + i % 3 + 2 * (i == 5), 4 + 4 * slot)) for layer, experts in picked.items() for slot, expert in enumerate(experts)]
    rows = input_of("expert_choice", "token,layer,slot,expert,weight", [r[:4] + (float(r[4]),) for r in rows])
    input_of("metadata", "name,value", [("model.experts", "100"), ("model.layers", "400")])

    answers = counted(rows)
    ranked, sofar = [], 0
    for r in answers:
        sofar += r["tokens"]
        ranked.append(dict(r, cover=F(sofar, len(rows))))
    assert len(ranked) > 71
    CASE.answer("moe/choices", ranked[:64])
    placement(CASE, rows, answers, 400)  # four layers of 100
    drift(CASE, rows, tokens)
    views(rows)


def counted(rows):
    """Choices of each expert, in the first and in the second half of the tokens, the most chosen first."""
    tokens = sorted({r["token"] for r in rows})
    early = set(tokens[:len(tokens) // 2])
    answers = []
    for (layer, expert), own in groups(rows, "layer", "expert").items():
        n = len(own)
        answers.append(dict(
            layer=layer, expert=expert, tokens=n, share=F(n, sum(r["layer"] == layer for r in rows)),
            early=sum(r["token"] in early for r in own), late=sum(r["token"] not in early for r in own)))
    return sorted(answers, key=lambda r: (-r["tokens"], r["layer"], r["expert"]))


def few():
    """Cases `seven` and `eight` tokens: seven are too few for four parts of two. How many experts there are is not told."""
    picked = {
        "seven": {t: [(0, 0)] for t in range(7)},
        "eight": {t: [(1, t % 3), (2, 4 if t < 4 else 2)] + [(1, 3)] * (t == 2) + [(2, 1)] * (t > 5) for t in range(8)},
    }
    for name, of in picked.items():
        case = Case(name)
        rows = [dict(token=10 + 3 * t, layer=layer, slot=slot, expert=expert) for t, own in of.items() for slot, (layer, expert) in enumerate(own)]
        case.write("rows/expert_choice", ["token", "layer", "slot", "expert"], rows)
        experts = len({r["layer"] for r in rows}) * (max(r["expert"] for r in rows) + 1)
        placement(case, rows, counted(rows), experts)
        if len(of) < 8:
            case.answer("moe/drift", [])
        else:
            drift(case, rows, sorted({r["token"] for r in rows}))


def placement(case, rows, ranked, experts):
    first = sorted(ranked, key=lambda r: (-r["early"], r["layer"], r["expert"]))
    late = sum(r["late"] for r in ranked)
    answers = []
    for percent in (5, 10, 20, 30, 50, 75):
        placed = max(1, math.floor(F(percent * experts, 100) + F(1, 2)))
        later = F(sum(r["late"] for r in first[:placed]), late)
        answers.append(dict(
            experts_placed=F(percent, 100), placed=placed, cover=F(sum(r["tokens"] for r in ranked[:placed]), len(rows)), cover_later=later,
            per_token=F(len(rows), len({r["token"] for r in rows})) * (1 - later)))
    case.answer("moe/placement", answers)


def drift(case, rows, tokens):
    with open(Path(__file__).parent / "drift-hash.csv", newline="") as f:
        order = {(int(r["split"]), int(r["token"])): int(r["hash"]) for r in csv.DictReader(line for line in f if line[0] != "#")}
    parts = [[t for at, t in enumerate(tokens) if 4 * at // len(tokens) == i] for i in range(4)]

    def shares(layer, of):
        chosen = [r["expert"] for r in rows if r["layer"] == layer and r["token"] in of]
        return {e: F(chosen.count(e), len(chosen)) for e in chosen}

    def distance(layer, a, b):
        p, q = shares(layer, a), shares(layer, b)
        divergence = 0.0
        for e in p.keys() | q.keys():
            x, y = float(p.get(e, 0)), float(q.get(e, 0))
            divergence += (x * math.log2(2 * x / (x + y)) if x else 0) / 2 + (y * math.log2(2 * y / (x + y)) if y else 0) / 2
        return math.sqrt(max(divergence, 0))

    answers = []
    for layer in sorted({r["layer"] for r in rows}):
        for i in range(1, 4):
            if not shares(layer, parts[i]):
                continue
            both = parts[i - 1] + parts[i]
            halves = []
            for split in range(16):
                dealt = sorted(both, key=lambda t: order[split, t])
                halves.append(distance(layer, dealt[:len(parts[i])], dealt[len(parts[i]):]))
            noise = sum(halves) / 16
            high = noise + 4 * stddev([F(h) for h in halves])
            d, own, before = distance(layer, parts[i - 1], parts[i]), shares(layer, parts[i]), shares(layer, parts[i - 1])
            hottest = min(own, key=lambda e: (-own[e], e))
            answers.append(dict(
                layer=layer, part=i + 1, from_token=parts[i][0], tokens=len(parts[i]), distance=d, from_start=distance(layer, parts[0], parts[i]),
                noise=noise, noise_high=high, verdict="drifts" if d > high else "within noise", hottest=hottest, hottest_share=own[hottest],
                before_share=before.get(hottest, 0)))
    case.answer("moe/drift", answers, order=lambda r: (r["noise_high"] - r["distance"], r["layer"], r["part"]))


def views(rows):
    activation, imbalance, weights, pairs = [], [], [], {}
    for (layer, expert), own in groups(rows, "layer", "expert").items():
        activation.append(dict(layer=layer, expert=expert, tokens=len(own), share=F(len(own), sum(r["layer"] == layer for r in rows)),
                               mean_weight=mean(F(repr(r["weight"])) for r in own)))
    CASE.tables("expert_activation", ["layer", "expert", "tokens", "share", "mean_weight"], activation)
    for (layer,), own in groups(activation, "layer").items():
        n = sum(r["tokens"] for r in own)
        imbalance.append(dict(layer=layer, experts_used=len(own), choices=n, max_over_mean=max(r["tokens"] for r in own) / F(n, 100)))
    CASE.tables("expert_imbalance", ["layer", "experts_used", "choices", "max_over_mean"], imbalance)
    for (layer, slot), own in groups(rows, "layer", "slot").items():
        told = [F(repr(r["weight"])) for r in own]
        weights.append(dict(layer=layer, slot=slot, n=len(own), mean=mean(told), stddev=stddev(told)))
    CASE.tables("routing_weight", ["layer", "slot", "n", "mean", "stddev"], weights)
    for (token, layer), own in groups(rows, "token", "layer").items():
        experts = sorted(r["expert"] for r in own)
        for i, a in enumerate(experts):
            for b in experts[i + 1:]:
                pairs[layer, a, b] = pairs.get((layer, a, b), 0) + 1
    CASE.tables("expert_pair", ["layer", "first", "second", "tokens"],
                [dict(layer=k[0], first=k[1], second=k[2], tokens=n) for k, n in pairs.items()])


def memory():
    """13,000 ns in 200 spans of 65 ns."""
    input_of("slice", "id,parent_id,name,category,ts,dur", [
        (1, None, "aten::empty", "cpu_op", 0, 9), (2, None, "aten::zeros", "cpu_op", 0, 9),
        *[(500 + i, None, "aten::op%02d" % i, "cpu_op", 0, 9) for i in range(45)],
        *[(10 + i, 1, "[memory]", "memory", 0, 0) for i in range(4)], (14, 2, "[memory]", "memory", 0, 0), (15, None, "[memory]", "memory", 0, 0),
        *[(100 + i, 500 + i, "[memory]", "memory", 0, 0) for i in range(45)],
    ])
    rows = input_of("memory_event", "id,ts,device,bytes,allocated_bytes,reserved_bytes", [
        (10, 1000, 0, 512, 512, 4096), (11, 1064, 0, 2048, 2560, 5000), (12, 1065, 0, -512, 2048, 2048), (13, 7000, 1, 100, 100, 1000),
        (14, 13999, 0, 256, 2304, 8192), (15, 14000, 0, 128, 2432, 8192), (92, 14000, 0, 0, 2432, 8192), (93, 14000, 3, 1, 1, 1), (94, 14000, 3, 0, 1, 1), (90, 14000, -1, 7, 7, None), (16, 13934, 1, 100, 200, 900),
        (91, 13935, 1, -50, 150, 1000),
        *[(100 + i, 2000, 2, 10 + i // 2, 99, 100) for i in range(45)],
    ])
    parents = {10: 1, 11: 1, 12: 1, 13: 1, 14: 2, **{100 + i: 500 + i for i in range(45)}}
    names = {1: "aten::empty", 2: "aten::zeros", **{500 + i: "aten::op%02d" % i for i in range(45)}}
    spans = []
    for (device, at), own in groups([dict(r, span=min((r["ts"] - 1000) * 200 // 13000, 199)) for r in rows], "device", "span").items():
        spans.append(dict(device=device, start=at * 65, most=max(r["allocated_bytes"] for r in own), least=min(r["allocated_bytes"] for r in own),
                          reserved=max(known(r["reserved_bytes"] for r in own), default=None)))
    CASE.answer("memory/timeline", spans, order=lambda r: (r["device"], r["start"]))
    answers = []
    for (device, operator), own in groups([dict(r, operator=names.get(parents.get(r["id"]))) for r in rows if r["bytes"] > 0], "device", "operator").items():
        every = [r for r in rows if r["device"] == device]
        answers.append(dict(
            device=device, operator=operator, allocations=len(own), bytes=sum(r["bytes"] for r in own), largest=max(r["bytes"] for r in own),
            peak=max(r["allocated_bytes"] for r in every), peak_reserved=max(known(r["reserved_bytes"] for r in every), default=None)))
    answers.sort(key=lambda r: (-r["bytes"], r["operator"] or "~", r["device"]))
    CASE.answer("memory/allocated", answers[:40])


mfu()
library()
balance()
choices()
few()
memory()
