"""Cases `op` and `op_many`: operators, modules, call paths and matrix products; in `op_many` more of each than are listed.

Two stages, work outside all steps, work without a call, calls without an operator, an operator of another producer's category,
kernels that are long once and kernels that are short often.
"""

import re
from fractions import Fraction as F

from golden import Case, groups, mean, quantile

# step, stage, belongs, judged, walls by device. The medians are 115 and 280: of steps as near as another, the first.
STEPS = [
    (1, "decode", "decode", False, (116,)), (2, "decode", "decode", True, (110, 90)), (3, "decode", "decode", True, (280, 120)),
    (4, "between", "decode", True, (4000,)), (5, "prefill", "prefill", True, (360,)), (6, "prefill", "prefill", True, (200,)), (7, "between", "prefill", True, (281,)),
]
BELONGS = {s[0]: s[2] for s in STEPS}


def node(parent, name, category="python_function", dur=0, detail=None):
    n = len(SLICES) + 1
    SLICES.append(dict(id=n, parent_id=parent, name=name, category=category, ts=n, dur=dur))
    NODE[n] = SLICES[-1]
    if category in ("cpu_op", "operator", "Operator") and detail is not False:
        DETAILS.append(dict(id=n))
    return n


def issue(parent, step, *kernels):
    """A launch call and what it starts."""
    call = node(parent, "cudaLaunchKernel", "cuda_runtime", 3)
    for name, dur, category in kernels:
        run(call, step, name, dur, category)


def run(call, step, name, dur, category):
    OPS.append(dict(id=100_000 + len(OPS), ts=1000, end_ts=1000 + dur, device=0, kind="kernel", short_name=name, category=category, launch_id=call, step=step))


def tree(step, scale):
    model = node(None, "nn.Module: Model_0", dur=900)
    layer = node(model, "nn.Module: Layer_12", dur=500)
    linear = node(layer, "aten::linear", "cpu_op", 200)
    mm = node(linear, "aten::mm", "cpu_op", 60)
    issue(mm, step, ("gemm_a", 50 * scale, "gemm"), ("gemm_a", 20 * scale, "gemm"))
    issue(mm, step, ("splitk", 31 * scale, "reduction"))
    # A second product in the same operator; bias is long once, act is longer in all.
    # It and the one around the sum issue nothing themselves.
    mm = node(node(linear, "aten::matmul", "cpu_op", 45), "aten::mm", "cpu_op", 40)
    issue(mm, step, ("splitk", 60 * scale, "reduction"))
    issue(linear, step, ("bias", 10 * scale, "elementwise"))
    linear = node(layer, "aten::linear", "cpu_op", 30)
    issue(linear, step, ("act", 8 * scale, "elementwise"))
    linear = node(layer, "aten::linear", "cpu_op", 30)
    issue(linear, step, ("act", 7 * scale, "elementwise"))
    forward = node(layer, "forward", dur=90)
    add = node(node(forward, "aten::a_sum", "cpu_op", 22), "aten::add", "Operator", 20)
    issue(add, step, ("plus", 7 * scale, "elementwise"))
    issue(model, step, ("straight", 5 * scale, "other"))
    # In a module of the same class, behind a plain function; and an operator that the framework tells nothing of.
    other = node(node(model, "forward"), "nn.Module: Layer_3", dur=70)
    plain = node(other, "aten::add", "cpu_op", 9, detail=False)
    issue(plain, step, ("own", 9 * scale, "other"))
    issue(None, step, ("bare", 3 * scale, "other"))
    run(None, step, "uncalled", 2 * scale, "other")


def rows(many):
    for step, scale in ((1, 1000), (2, 1), (3, 7), (5, 100), (6, 10), (None, 2), (4, 3)):
        tree(step, 10_000 * scale)
    # One operator issues work of two stages.
    both = node(None, "aten::both", "cpu_op", 77)
    issue(both, 3, ("here", 600_000, "other"))
    issue(both, 5, ("there", 500_000, "other"))
    root = node(None, "nn.Module: Model_0", dur=1) if many else None
    # 101 modules of four kernels each, in steps of both stages: 404 paths more.
    for i in range(101 if many else 0):
        module = node(root, "nn.Module: Part%03d_%d" % (i, i), dur=50)
        op = node(module, "aten::part%03d" % i, "operator" if i == 7 else "cpu_op", 11 + i)
        for j in range(4):
            issue(op, 2, ("p%03d_%d" % (i, j), 1000 + i + 200 * j, "gemm" if j else "norm"))
    CASE.write("rows/slice", ["id", "parent_id", "name", "category", "ts", "dur"], SLICES)
    CASE.write("rows/op_detail", ["id"], DETAILS)
    CASE.write("rows/python_call", ["id"], [dict(id=s["id"]) for s in SLICES if s["category"] == "python_function"])
    CASE.write("rows/launch", ["id", "ts", "dur", "name", "kind"],
               [dict(id=s["id"], ts=s["ts"], dur=3, name=s["name"], kind="kernel") for s in SLICES if s["category"] == "cuda_runtime"])
    CASE.write("derived/device_op", ["id", "ts", "end_ts", "device", "kind", "short_name", "category", "launch_id", "source_id"], [dict(o, source_id=1) for o in OPS])
    CASE.write("derived/step_op", ["id", "step"], [o for o in OPS if o["step"]])
    CASE.write("derived/host_step", ["step", "stage", "belongs", "source_id"], [dict(step=s[0], stage=s[1], belongs=s[2], source_id=1) for s in STEPS])
    CASE.write("derived/step_time", ["step", "stage", "belongs", "judged", "device", "wall", "source_id"], [
        dict(step=s[0], stage=s[1], belongs=s[2], judged=s[3], device=d, wall=w, source_id=1) for s in STEPS for d, w in enumerate(s[4])])


def stage(o):
    return BELONGS.get(o["step"], "outside")


def dur(o):
    return o["end_ts"] - o["ts"]


def above(n):
    """A slice and those around it, from the innermost."""
    while n is not None:
        yield NODE[n]
        n = NODE[n]["parent_id"]


def around(o):
    return list(above(o["launch_id"]))[1:] if o["launch_id"] else []


def longest(ops):
    """The name that takes most time in all."""
    names = groups(ops, "short_name").items()
    return max(names, key=lambda item: sum(dur(o) for o in item[1]))[0][0]


def is_op(s):
    return s["category"] in ("cpu_op", "operator", "Operator")


def operators():
    told = {d["id"] for d in DETAILS}
    issued = [o for o in OPS if around(o) and around(o)[0]["id"] in told]
    answers = {}
    for o in issued:
        for depth, s in enumerate(around(o)):
            if is_op(s):
                row = answers.setdefault((stage(o), s["name"]), dict(ids=set(), own=set(), mine=[], total=0))
                row["ids"].add(s["id"])
                row["total"] += dur(o)
                if depth == 0:
                    row["own"].add(s["id"])
                    row["mine"].append(o)
    rows = [dict(
        stage=k[0], operator=k[1], calls=len(r["own"]), self_gpu=sum(map(dur, r["mine"])), total_gpu=r["total"], host=sum(NODE[i]["dur"] for i in r["ids"]),
        kernels=len(r["mine"]), top_kernel=longest(r["mine"]) if r["mine"] else None) for k, r in answers.items()]
    for r in rows:
        r["share"] = F(r["self_gpu"], sum(q["self_gpu"] for q in rows if q["stage"] == r["stage"]))
    rows.sort(key=lambda r: (-r["self_gpu"], -r["total_gpu"], r["stage"], r["operator"]))
    CASE.answer("op/operators", rows[:100])


def module_name(s):
    return re.sub(r"_\d+$", "", s["name"][len("nn.Module: "):]) if s["name"].startswith("nn.Module: ") else None


def modules():
    answers = {}
    for o in OPS:
        inner = [module_name(s) for s in around(o) if module_name(s)]
        if inner:
            answers.setdefault((stage(o), inner[0]), []).append(o)
    rows = [dict(stage=k[0], module=k[1], total=sum(map(dur, own)), kernels=len(own), top_kernel=longest(own)) for k, own in answers.items()]
    for r in rows:
        r["share"] = F(r["total"], sum(q["total"] for q in rows if q["stage"] == r["stage"]))
    rows.sort(key=lambda r: (-r["total"], r["stage"], r["module"]))
    CASE.answer("op/modules", rows[:100])


def call_paths():
    answers = []
    for name in ("decode", "prefill"):
        walls = [(s[0], w) for s in STEPS if s[2] == name and s[1] != "between" and s[3] for w in s[4]]
        middle = quantile([w for _, w in walls], F(1, 2))
        typical = min(walls, key=lambda w: (abs(w[1] - middle), w[0]))[0]
        paths = {}
        for o in OPS:
            if o["step"] == typical:
                outer = [module_name(s) or s["name"] for s in reversed(around(o)) if is_op(s) or module_name(s)]
                paths.setdefault(" › ".join(outer + [o["short_name"]]), []).append(o)
        total = sum(dur(o) for own in paths.values() for o in own)
        rows = [dict(stage=name, path=p, time=sum(map(dur, own)), share=F(sum(map(dur, own)), total), calls=len(own), category=own[0]["category"])
                for p, own in paths.items()]
        rows.sort(key=lambda r: (-r["time"], r["path"]))
        answers += rows[:400]
    CASE.answer("op/call_paths", answers)


def products():
    columns = "op_id,operator,m,n,k,batch,dtype,flops,bytes,dur,kernel,step,device".split(",")
    calls = []

    def call(operator, m, n, k, dur, kernel="nvjet", step=2, batch=1, dtype="bf16", bytes_=None):
        calls.append(dict(zip(columns, (len(calls), operator, m, n, k, batch, dtype, 2 * m * n * k * batch,
                                        (m * k + k * n + m * n) * batch * 2 if bytes_ is None else bytes_, dur, kernel, step, 0))))

    # Aligned, or not in n, or in k. The mean of the first is 40, its median 20; nvjet computes it most often, splitk takes longest.
    for d, kernel in ((10, "nvjet"), (20, "nvjet"), (90, "splitk")):
        call("aten::mm", 4, 64, 128, d, kernel)
    call("aten::mm", 4, 64, 128, 700, step=1)
    call("aten::mm", 4, 64, 128, 30, step=None)
    call("aten::mm", 4, 64, 128, 31, step=4)
    call("aten::mm", 4, 64, 128, 17, batch=3)
    call("aten::mm", 4, 64, 128, 16, dtype="f16")
    call("aten::linear", 4, 64, 128, 15)
    # Odd ones: n, k; n and k of 16 count, of 15 do not. In decode 2 steps of 110 + 90 + 280 + 120 = 600: 30 is a share of 0.05.
    call("aten::mm", 4, 17, 128, 14, step=2)
    call("aten::mm", 4, 17, 128, 5, step=3)
    call("aten::mm", 4, 64, 131, 7, step=3)
    call("aten::mm", 4, 16, 17, 3, step=4)
    call("aten::mm", 4, 17, 16, 1, step=2)
    call("aten::mm", 4, 15, 128, 999, step=2)
    call("aten::mm", 4, 128, 15, 999, step=2)
    call("aten::mm", 4, 17, 128, 999, step=1)
    call("aten::mm", 4, 17, 128, 999, step=None)
    # In prefill 2 steps of 560: 26 is a share of 0.046.
    call("aten::mm", 99, 30, 24, 12, step=5)
    call("aten::mm", 99, 24, 30, 14, step=6)
    # As long, of other shapes: by stage, m, n, k. A kernel of no length has no rate.
    for m, n, k in ((1, 8, 8), (2, 8, 8), (1, 16, 8), (1, 8, 16)):
        call("aten::mm", m, n, k, 2, step=5)
        call("aten::mm", m, n, k, 2, step=2)
    for i in range(101):
        call("aten::bmm", 8, 8, 8 * (i + 1), 40 + i, step=6)
    call("aten::mm", 8, 8, 8, 0, step=2)
    CASE.write("derived/gemm_call", columns + ["source_id"], [dict(c, source_id=1) for c in calls])

    answers = []
    for own in groups([dict(c, stage=BELONGS.get(c["step"], "outside")) for c in calls], "stage", "operator", "m", "n", "k", "batch", "dtype").values():
        c, n, total = own[0], len(own), sum(o["dur"] for o in own)
        kernels = [o["kernel"] for o in own]
        answers.append(dict(
            {k: c[k] for k in ("stage", "operator", "m", "n", "k", "batch", "dtype")}, calls=n, total=total, mean=F(total, n),
            rate=F(10**9 * sum(o["flops"] for o in own), total) if total else None,
            bandwidth=F(10**9 * sum(o["bytes"] for o in own), total) if total else None,
            intensity=F(sum(o["flops"] for o in own), sum(o["bytes"] for o in own)), aligned=c["n"] % 8 == 0 and c["k"] % 8 == 0,
            kernel=max(kernels, key=kernels.count)))
    answers.sort(key=lambda r: (-r["total"], r["stage"], r["m"], r["n"], r["k"]))
    assert len(answers) > 101
    CASE.answer("op/gemm", answers[:100])

    told = []
    for name in ("decode", "prefill"):
        judged = [s for s in STEPS if s[2] == name and s[3]]
        own = [s for s in judged if s[1] != "between"]
        wall = sum(sum(s[4]) for s in own)
        odd = [c for c in calls if c["step"] in [s[0] for s in judged] and c["n"] >= 16 and c["k"] >= 16 and (c["n"] % 8 or c["k"] % 8)]
        shapes = groups(odd, "m", "n", "k")
        share = F(sum(c["dur"] for c in odd), wall)
        told.append(dict(
            stage=name, products=F(len(odd), len(own)), example="%d x %d x %d" % max(shapes, key=lambda s: sum(c["dur"] for c in shapes[s])),
            share=share, stake=share / 2, gain=share / 2, severity="info" if share >= F(5, 100) else None))
    CASE.answer("op/alignment", told, order=lambda r: -r["share"])


for name in ("op", "op_many"):
    CASE, SLICES, DETAILS, OPS, NODE = Case(name), [], [], [], {}
    rows(name == "op_many")
    operators()
    modules()
    call_paths()
    if name == "op":
        products()
