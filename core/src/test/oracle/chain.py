"""Case `chain`: what the host does while the GPU is idle, and the critical path of a step, worked by hand.

Three steps of 1000 us, all alike; the figures are those of the second and the third. In us from a step's start:

  host  -150 schedule -50 | 0 annotation 700: 10 prepare_inputs 110 | 120 mm 140 (call 125-135) | 150 add 170 (call 155-165)
        | 180 cudaStreamSynchronize 450 | 455 sample 555 (call 500-510) | 560 cudaDeviceSynchronize 570
  GPU   140 gemm 340 | 342 elementwise 442 | 515 argmax 535

The period ends at 535. Back from there: argmax 515-535 was issued at 510, after the work before it had ended, by a thread that a wait held
until 450; the wait ended with elementwise at 442; that began 2 behind gemm; gemm was issued at 135, and the thread had waited for nothing since
the period began: cudaDeviceSynchronize found the work done.
"""

import json
from fractions import Fraction as F

from golden import Case, Head

CASE = Case("chain")
CASE.engines = {"vllm": None}
CASE.on = {
    "stacks": "The recording has stacks",
    "apart": "Text is made of tokens in a process of its own: so does vllm",
}
SCHEDULE = "vllm/v1/core/sched/scheduler.py(425): schedule"
PREPARE = "vllm/v1/worker/gpu/model_runner.py(874): prepare_inputs"
SAMPLE = "vllm/v1/worker/gpu/model_runner.py(1085): sample"
LEN, GET = "<built-in function len>", "<built-in method get of dict>"
NOTHING = "nothing that was recorded"
GEMM, ADD, ARGMAX = "nvjet_sm90_tst_64x8_64x16", "elementwise_kernel", "argmax_kernel"
MS = 1000  # a step, and the ns of a us


def inputs():
    events = []

    def event(category, name, ts, dur, tid=100, pid=100, **args):
        events.append(dict(ph="X", cat=category, name=name, pid=pid, tid=tid, ts=ts, dur=dur, args=args))

    for k in range(3):
        t = 1000 + k * MS
        if k:
            event("python_function", SCHEDULE, t - 150, 100)
            event("python_function", LEN, t - 140, 30)
        event("user_annotation", "decode_%d" % k, t, 700)
        event("python_function", PREPARE, t + 10, 100)
        event("python_function", "<built-in method get of dict object at 0x7f%d>" % k, t + 20, 30)
        event("cpu_op", "aten::mm", t + 120, 20)
        event("cpu_op", "aten::add", t + 150, 20)
        event("cuda_runtime", "cudaStreamSynchronize", t + 180, 270, correlation=100 * k + 8)
        event("python_function", SAMPLE, t + 455, 100)
        event("cuda_runtime", "cudaDeviceSynchronize", t + 560, 10, correlation=100 * k + 9)
        for n, (call, kernel, ts, end) in enumerate(((125, GEMM, 140, 340), (155, ADD, 342, 442), (500, ARGMAX, 515, 535)), 1):
            event("cuda_runtime", "cudaLaunchKernel", t + call, 10, correlation=100 * k + n)
            event("kernel", kernel, t + ts, end - ts, tid=7, pid=0, device=0, stream=7, correlation=100 * k + n)
    trace = dict(schemaVersion=1, deviceProperties=[dict(id=0, name="NVIDIA H100 80GB HBM3", numSms=132)], baseTimeNanoseconds=0, traceEvents=events)
    file = CASE.directory / "input" / "trace.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(trace, indent=0))


# kind, what it is, start and end from the step's start.
PATH = [("device", ARGMAX, 515, 535), ("launch", "cudaLaunchKernel", 510, 515), ("host", None, 450, 510), ("wait", "cudaStreamSynchronize", 442, 450),
        ("device", ADD, 342, 442), ("queue", ADD, 340, 342), ("device", GEMM, 140, 340), ("launch", "cudaLaunchKernel", 135, 140), ("host", None, -465, 135)]

# Of a step: name, kind, layer, owner, named, beneath, calls, inside, self. Idle: -300 to 135, 450 to 510, 535 to 700 without 560 to 570.
IDLE = [(NOTHING, "none", "unknown", NOTHING, False, False, F(3, 2), 360, 360), (SCHEDULE, "function", "scheduling", SCHEDULE, True, False, 1, 100, 70),
        (LEN, "function", "scheduling", SCHEDULE, False, False, 1, 30, 30), (PREPARE, "function", "input preparation", PREPARE, True, False, 1, 100, 70),
        (GET, "function", "input preparation", PREPARE, False, False, 1, 30, 30), ("aten::mm", "operator", "launching", "aten::mm", False, False, 1, 15, 5),
        ("cudaLaunchKernel", "call", "launching", "cudaLaunchKernel", False, True, 1, 10, 10), (SAMPLE, "function", "sampling", SAMPLE, True, False, 1, 75, 65),
        ("cudaLaunchKernel", "call", "sampling", SAMPLE, False, False, 1, 10, 10)]
# The path goes through the same spans, but from the last period's end on, and through the wait that found all done. The functions of three steps are open in it.
WAIT = ("cudaDeviceSynchronize", "call", "waiting", "cudaDeviceSynchronize", False, False, 1, 10, 10)
OPEN = {NOTHING: F(4, 2), SAMPLE: F(3, 2)}


def answers():
    CASE.tables("critical_segment", ["step", "nth", "kind", "name", "ts", "end_ts"],
                [dict(step=2 * k + 1, nth=n, kind=kind, name=name, ts=k * MS + ts, end_ts=k * MS + end)
                 for k in (1, 2) for n, (kind, name, ts, end) in enumerate(PATH)])
    columns = "part,name,kind,layer,owner,named,beneath,n,inside,self".split(",")
    rows = [("idle",) + r for r in IDLE] + [("path",) + r[:6] + (OPEN.get(r[0], r[6]),) + r[7:] for r in IDLE + [WAIT]]
    CASE.tables("host_work", columns, [dict(zip(columns, r[:7] + (r[7] * 2, r[8] * 2, r[9] * 2))) for r in rows])
    read = {SCHEDULE: "scheduling", LEN: "unknown", PREPARE: "input preparation", SAMPLE: "sampling"}
    for name in ("aten::mm", "aten::add", "cudaLaunchKernel", "cudaStreamSynchronize", "cudaDeviceSynchronize", "decode_0", "decode_1", "decode_2"):
        read[name] = "unknown"
    CASE.tables("host_function", ["name", "brief", "layer"], [dict(name=n, brief=n, layer=y) for n, y in read.items()]
                + [dict(name="<built-in method get of dict object at 0x7f%d>" % k, brief=GET, layer="unknown") for k in range(3)])

    idle = sum(r[8] for r in IDLE)
    layers, owners = {}, {}
    for r in IDLE:
        layers[r[2]] = layers.get(r[2], 0) + r[8]
        owners[r[2], r[3]] = owners.get((r[2], r[3]), 0) + r[8]
    told = []
    for layer, dur in sorted(layers.items(), key=lambda e: (-e[1], e[0])):
        own = sorted(((o, d) for (y, o), d in owners.items() if y == layer), key=lambda e: (-e[1], e[0]))
        told.append(dict(stage="decode", device=0, layer=layer, time=dur * MS, share=F(dur, idle), top=own[0][0], top_time=own[0][1] * MS, functions=len(own), stacks="with stacks"))
    CASE.answer("gpu/host_layers", told)
    named = {}
    for name, kind, layer, owner, _, _, calls, inside, own in IDLE:
        row = named.setdefault(name, dict(stage="decode", device=0, function=name, kind=kind, layer=layer, calls=0, inside=0, self=0, own=0))
        row["calls"] += calls
        row["inside"] += inside * MS
        row["self"] += own * MS
    for (_, owner), dur in owners.items():
        named[owner]["own"] += dur * MS
    for row in named.values():
        row["share"] = F(row["own"], idle * MS)
    CASE.answer("gpu/host_functions", list(named.values()), lambda r: (-r["own"], -r["self"], r["function"]))

    parts = {}
    category = {GEMM: "gemm", ADD: "elementwise", ARGMAX: "sampling"}
    for kind, name, ts, end in PATH:
        part = category[name] if kind == "device" else kind
        row = parts.setdefault(part, dict(stage="decode", device=0, part=part, time=0, pieces=0, most=name or "code that was not recorded"))
        row["time"] += (end - ts) * MS
        row["pieces"] += 1
    rows = sorted(parts.values(), key=lambda r: (-r["time"], r["part"]))
    made = ", ".join("%s %.1f %% (most in %s)" % (r["part"], r["time"] / 10_000, r["most"]) for r in rows[:3])
    for n, r in enumerate(rows):
        r.update(median=r["time"], share=F(r["time"], 1_000_000), tenth=F(r["time"], 10_000_000), made=made, stake=0, gain=None, severity=None if n else "info")
    CASE.answer("gpu/critical_path", rows)
    names = {}
    for kind, name, ts, end in PATH:
        if name:
            key = (category[name] if kind == "device" else kind, name, None)
            names[key] = names.get(key, 0) + end - ts
    for r in IDLE + [WAIT]:
        names["host", r[3], r[2]] = names.get(("host", r[3], r[2]), 0) + r[8]
    CASE.answer("gpu/critical_names", [dict(stage="decode", device=0, part=p, name=n, layer=y, time=d * MS, share=F(d, 1000)) for (p, n, y), d in names.items()],
                lambda r: (-r["time"], r["part"], r["name"]))
    # Other code: before the step 300, to the first call 120, to the second 50, behind the work 155.
    p = Head("bound/host").params
    assert F(625, 1000) >= p["severe"]
    CASE.answer("bound/host", [dict(
        stage="decode", device=0, share=F(625, 1000), time=625_000, inside=325_000, between=300_000, wall=700_000, gain=F(320, 1000), severity="critical",
        who="most of it in input preparation (100 µs, prepare_inputs first), scheduling (100 µs, schedule first), sampling (65 µs, sample first)",
        stacks="with stacks, 5 functions of Python per step: that takes time of the host itself, an estimated 150 µs per step (an empty call takes 30000 ns in this recording), "
               "so hold the time from token to token against an unrecorded run")])


if __name__ == "__main__":
    inputs()
    answers()
