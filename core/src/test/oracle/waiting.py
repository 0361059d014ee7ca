"""Case `waiting`: spans between steps that are long, on one thread each, and compilation in and behind the steps of another.

A thread has steps of 300 µs that begin every 500 µs, and one span of 9.2 ms between two of them. What lies in it decides.
"""

from golden import Case, mean

CASE = Case("waiting")
CASE.pytorch = True  # functions of torch/
US, LONG = 1000, 9200
# Name of the thread's case: names of steps, what lies in the long span (category, name, start, length in µs from its start), GPU work in it; whether it is a pause.
THREADS = [
    ("empty", "step", [], 0, "idle"),
    ("short", "step", [], 0, None),
    ("numbered", "step %d", [], 0, "idle"),
    ("missing", "step %d", [], 0, "recorder"),
    ("operators", "step", [("cpu_op", "aten::copy_", 100, 1000)], 0, None),
    ("few operators", "step", [("cpu_op", "aten::copy_", 100, 900)], 0, "idle"),
    ("kernels", "step", [], 1000, None),
    ("few kernels", "step", [], 900, "idle"),
    ("polling", "step", [("python_function", "zmq/sugar/poll.py(80): poll", 50, 4700), ("python_function", "engine.py(7): step", 5000, 3000)], 0, "idle"),
    ("working", "step", [("python_function", "zmq/sugar/poll.py(80): poll", 50, 4500), ("python_function", "engine.py(7): schedule", 5000, 4000)], 0, None),
]
COMPILED = [  # step or span, function, start, length in µs, compiler
    (1, "triton/runtime/jit.py(811): _do_compile", 20, 100, "Triton"),
    (1, "triton/compiler/compiler.py(226): compile", 30, 80, None),  # inside the one before
    (1, "triton/runtime/jit.py(695): run", 130, 90, None),
    (2, "torch/_inductor/compile_fx.py(700): compile_fx_inner", 20, 70, "Inductor"),
    (2, "torch/_inductor/compile_fx.py(2904): wrapper", 95, 40, None),
    (2, "re.py(200): compile", 140, 40, None),
    (3, "torch/_dynamo/convert_frame.py(9): _compile", 310, 60, "Dynamo"),  # in the span behind it
    (5, "flashinfer/jit/core.py(12): build_and_load", 10, 110, "a kernel library"),
    (5, "nvrtcCompileProgram", 130, 30, "the run-time compiler"),
    (6, "torch/utils/cpp_extension.py(1): load_inline", 10, 20, "an extension"),
]


def inputs():
    stages, slices, tracks, kernels = [], [], [], []

    def slice_(track, category, name, ts, dur):
        slices.append(dict(id=len(slices) + 1, ts=ts, dur=dur, track_id=track, category=category, name=name, depth=0))
        return len(slices)

    def step(track, source, name, ts):
        stages.append(dict(id=len(stages) + 1, ts=ts, dur=300 * US, name=name, kind="decode", depth=0, track_id=track, slice_id=slice_(track, "user_annotation", name, ts, 300 * US),
                           source_id=source))

    for k, (case, name, inside, busy, _) in enumerate(THREADS):
        track = source = k + 1
        tracks.append(dict(id=track, name=case, type="thread", source_id=source))
        ts = 1_000_000 * US * track
        for i in range(9):
            number = i + (100 if case == "missing" and i > 4 else 0)
            step(track, source, name % number if "%" in name else name, ts)
            if i == 4:
                begin = ts + 300 * US
                for category, what, at, dur in inside:
                    slice_(track, category, what, begin + at * US, dur * US)
                if busy:
                    gpu = 100 + track
                    tracks.append(dict(id=gpu, name="stream 7", type="gpu", source_id=source, device=0, stream=7))
                    kernels.append(dict(id=slice_(gpu, "kernel", "gemm", begin + 10 * US, busy * US), ts=begin + 10 * US, dur=busy * US, name="gemm", device=0, stream=7,
                                        source_id=source))
            # As long as ten usual steps is a pause, a little shorter is none.
            ts += (300 + (4999 if case == "short" else LONG)) * US if i == 4 else 500 * US
    track = source = 50
    tracks.append(dict(id=track, name="compiles", type="thread", source_id=source))
    for i in range(8):
        step(track, source, "step", 90_000_000 * US + 500 * US * i)
    for i, name, at, dur, _ in COMPILED:
        slice_(track, "cuda_runtime" if name.startswith("nvrtc") else "python_function", name, 90_000_000 * US + (500 * i + at) * US, dur * US)
    CASE.write("rows/stage", list(stages[0]), stages)
    CASE.write("rows/slice", list(slices[0]), slices)
    CASE.write("rows/track", ["id", "name", "type", "source_id", "device", "stream"], [dict(device=None, stream=None) | t for t in tracks])
    CASE.write("rows/kernel", list(kernels[0]), kernels)


def answers():
    stages, slices = CASE.table("rows/stage"), CASE.table("rows/slice")
    steps = []
    for s in stages:
        steps.append((s["ts"], s["ts"] + s["dur"], s["track_id"], s["source_id"], "decode"))
        later = [x["ts"] for x in stages if x["track_id"] == s["track_id"] and x["ts"] > s["ts"]]
        if later:
            steps.append((s["ts"] + s["dur"], min(later), s["track_id"], s["source_id"], "between"))
    steps.sort()
    number = {s[:3]: n for n, s in enumerate(steps, 1)}
    pauses, per = [], {}
    for k, (_, _, _, _, kind) in enumerate(THREADS):
        if kind:
            span = max((s for s in steps if s[2] == k + 1 and s[4] == "between"), key=lambda s: s[1] - s[0])
            pauses.append(dict(step=number[span[:3]], source_id=k + 1, track_id=k + 1, ts=span[0], end_ts=span[1], kind=kind))
            per.setdefault(kind, []).append(span)
    CASE.tables("pause", list(pauses[0]), pauses)
    start = min(s["ts"] for s in slices)
    words = dict(recorder="the recorder paused, since steps are missing by their numbers", idle="the engine had no work, or the recorder paused")
    CASE.answer("latency/pauses", [
        dict(stage="decode", kind=kind, cause=words[kind], pauses=1, time=LONG * US, longest=LONG * US, start=min(spans)[0] - start, share=0, severity="info")
        for kind, spans in sorted(per.items())])

    rows = []
    of = {s["name"]: s for s in slices if s["track_id"] == 50 and s["category"] != "user_annotation"}
    for _, name, _, dur, compiler in COMPILED:
        if compiler:
            s = of[name]
            rows.append(dict(id=s["id"], track_id=50, source_id=50, ts=s["ts"], end_ts=s["ts"] + s["dur"], compiler=compiler, name=name))
    CASE.tables("compilation", list(rows[0]), rows)
    time, whole = sum(r["end_ts"] - r["ts"] for r in rows), max(sum(b - a for a, b, t, _, _ in steps if t == track and not any(p["ts"] == a for p in pauses))
                                                                 for track in {s[2] for s in steps})
    longest = max(rows, key=lambda r: r["end_ts"] - r["ts"])
    share = mean([time]) / whole
    CASE.answer("latency/compilation", [
        dict(stage="decode", compiler="a kernel library", times=len(rows), steps=5, time=time, longest=longest["end_ts"] - longest["ts"], name=longest["name"], share=share,
             stake=0, gain=share, severity="warning")])


if __name__ == "__main__":
    inputs()
    answers()
