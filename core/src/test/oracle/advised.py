"""Cases `advised` and `advised-old`: recordings that show what is on, and whose it is, so that remedies fit them.

`advised`: vLLM 0.26.0 with stacks, async scheduling, a prefix cache, code of Inductor, and graphs in one stage of four kernels' three, in one of two
kernels' one, in one of three kernels' one, in one of none. `advised-old`: SGLang 0.5.12 without stacks; its configuration tells.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean, severity
from shares import STEP, stages
from work import OP

NEW, OLD = Case("advised"), Case("advised-old")
UNKNOWN = {
    "graphs": "no work of a GPU and no forward pass with its mode was recorded",
    "async": "neither the engine core's functions (stacks) nor its configuration were recorded",
    "prefix_cache": "neither look-ups nor the engine's configuration were recorded",
    "chunked_prefill": "no prompt in several steps was seen, and the engine's configuration was not recorded",
    "compile": "no kernel, operator or function tells, and the engine's configuration was not recorded",
    "kv_fp8": "the engine's configuration was not recorded",
    "quantize": "no format of a product tells, and the engine's configuration was not recorded",
    "apart": "no engine that is known to do so was recorded",
    "stacks": "no function of Python was recorded",
    "shapes": "the recording does not say",
}
# Of each step: kernels from replays, others.
WORK = {"decode": (3, 1), "half": (1, 1), "less": (1, 2), "prefill": (0, 5)}
FUNCTIONS = (
    "vllm/v1/engine/core.py(617): step_with_batch_queue", "vllm/v1/core/kv_cache_coordinator.py(3): find_longest_cache_hit",
    "vllm/v1/engine/core.py(1): run_busy_loop", "/opt/lib/python3/site-packages/torch/_inductor/standalone_compile.py(121): __call__",
    "transformers/generation.py(1): generate")
NEW.pytorch, NEW.engines = True, {"vllm": "0.26.0"}
NEW.on = {
    "graphs": "CUDA graphs are on: 6 of 8 kernels of decode (75 %) come from replays",
    "async": "Async scheduling is on: step_with_batch_queue is on the stacks",
    "prefix_cache": "The prefix cache is on: find_longest_cache_hit is on the stacks",
    "apart": "Text is made of tokens in a process of its own: so does vllm",
    "compile": "The model is compiled: code of Inductor is on the stacks",
    "stacks": "The recording has stacks: 5 functions of Python",
    "shapes": "Shapes were recorded: record_shapes says so",
}
OLD.pytorch, OLD.engines = True, {"sglang": "0.5.12"}
OLD.on = {
    "async": "Async scheduling is on: async_scheduling of the engine's configuration is true",
    "apart": "Text is made of tokens in a process of its own: so does sglang",
    "quantize": "Quantisation is on: quantization of the engine's configuration is fp8",
    "chunked_prefill": "Chunked prefill is on: --enable-chunked-prefill is on the command line",
}
OFF = {
    "graphs": "CUDA graphs are off in what was recorded: each of 32 kernels was launched by a call of its own",
    "prefix_cache": "The prefix cache is off: prefix_caching of the engine's configuration is false",
    "kv_fp8": "A smaller format of the KV cache is off: cache_dtype of the engine's configuration is auto",
}


def inputs(case, work, functions):
    times, host, ops, placed, launches, slices = [], [], [], [], [], []

    def slice_(ts, dur, name, category):
        slices.append(dict(id=1000 + len(slices), ts=ts, dur=dur, name=name, category=category, track_id=1, depth=0))
        return slices[-1]["id"]

    ts = 1_000_000
    for stage, (graphed, others) in work.items():
        for k in range(2):
            row = dict.fromkeys(STEP, 0)
            n = len(times) + 1
            row.update(step=n, device=0, source_id=1, stage=stage, belongs=stage, seq=k, first=False, judged=True, ts=ts, end_ts=ts + 100_000, wall=100_000,
                       busy=30_000, compute=30_000, launch=20_000, host=25_000, ops=graphed + others, kernels=graphed + others, launches=others + (graphed > 0))
            times.append(row)
            host.append(dict(step=n, stage=stage, belongs=stage, seq=k, first=False, ts=ts, end_ts=ts + 100_000, track_id=1, source_id=1))
            replay = None
            for i in range(graphed + others):
                in_graph = i < graphed
                if not in_graph or replay is None:
                    name = "cudaGraphLaunch" if in_graph else "cudaLaunchKernel"
                    launch = dict(id=slice_(ts + 1000 * i, 500, name, "cuda_runtime"), ts=ts + 1000 * i, dur=500, name=name, kind="graph" if in_graph else "kernel",
                                  track_id=1, source_id=1, ops=1)
                    launches.append(launch)
                    replay = launch if in_graph else replay
                of = replay if in_graph else launch
                op = dict.fromkeys(OP)
                op.update(id=len(ops) + 1, ts=ts + 2000 * i + 5000, end_ts=ts + 2000 * i + 6500, device=0, stream=7, kind="kernel", short_name="k", category="gemm",
                          nature="unknown", graph=in_graph, source_id=1, launch_id=of["id"], launch_ts=of["ts"], launch_end=of["ts"] + 500, launch_track=1)
                op["class"] = "compute"
                ops.append(op)
                placed.append(dict(id=op["id"], step=n, by="launch"))
            ts += 100_000
    for name in functions:
        slice_(10, 5, name, "python_function")
    slice_(20, 5, "aten::mm", "cpu_op")
    case.write("derived/step_time", STEP, times)
    case.write("derived/host_step", list(host[0]), host)
    case.write("derived/device_op", OP, ops)
    case.write("derived/step_op", list(placed[0]), placed)
    case.write("rows/launch", list(launches[0]), launches)
    case.write("rows/slice", list(slices[0]), slices)


def facts():
    NEW.write("rows/metadata", ["name", "value"], [
        dict(name="source.1.vllm_version", value="0.26.0"), dict(name="source.1.with_stack", value="1"), dict(name="source.1.record_shapes", value="1")])
    # Two engines that say different things of one setting say nothing of it.
    OLD.write("rows/metadata", ["name", "value"], [
        dict(name="engine.sglang:0." + key, value=value)
        for key, value in (("async_scheduling", "true"), ("quantization", "fp8"), ("prefix_caching", "False"), ("cache_dtype", "auto"), ("max_num_seqs", "64"))
    ] + [dict(name="engine.sglang:%d.compilation" % i, value=value) for i, value in enumerate(("3", "0"))])
    OLD.write("rows/probe_process", ["pid", "role", "engine", "command", "software"], [
        dict(pid=7, role="engine", engine="sglang:0", command="python -m sglang.launch_server --enable-chunked-prefill", software="python 3.12, sglang 0.5.12, probe 1")])
    OLD.write("rows/stage", ["id", "ts", "dur", "name", "kind", "decode_requests", "prefill_requests", "track_id"],
              [dict(id=1, ts=0, dur=1, name="step[DECODE bs=12]", kind="decode", decode_requests=12, prefill_requests=3, track_id=1)])


def answers(case):
    times, ops = case.table("derived/step_time"), case.table("derived/device_op")
    step_of = {p["id"]: p["step"] for p in case.table("derived/step_op")}
    stage_of = {t["step"]: t["belongs"] for t in times}
    told = stages(times)
    functions = [s for s in case.table("rows/slice") if s["category"] == "python_function"]
    assert not any(times[0]["ts"] <= s["ts"] for s in functions), "before all steps"
    p, rows = Head("bound/launch").params, []
    kernels = {t["stage"]: [o for o in ops if stage_of[step_of[o["id"]]] == t["stage"]] for t in told}
    cover = {s: F(sum(o["graph"] for o in own), len(own)) for s, own in kernels.items()}
    for t in sorted(told, key=lambda t: (-t["launch"], t["stage"])):
        own = kernels[t["stage"]]
        saved = max(0, t["launch"] - (t["kernels"] * p["node_us"] * 1000 if 2 * t["launches"] >= t["kernels"] else 0))
        share = F(t["launch"], t["total"])
        c = cover[t["stage"]]
        rows.append(dict(
            stage=t["stage"], device=0, share=share, time=F(t["launch"], t["steps"]), wall=F(t["wall"], t["steps"]), busy_ratio=F(t["busy"], t["total"]),
            kernels=F(len(own), t["steps"]), mean_kernel=mean(o["end_ts"] - o["ts"] for o in own), graph=F(t["total"] - saved) / t["steps"], coverage=c,
            beside=F(sum(not o["graph"] for o in own), t["steps"]), advice="replayed" if c >= F(1, 2) else "elsewhere" if max(cover.values()) >= F(1, 2) else "none",
            stake=share, gain=F(saved) / t["total"], severity=severity(share, p["limit"], p["severe"])))
    case.answer("bound/launch", rows)
    p = Head("bound/host").params
    case.answer("bound/host", [
        dict(stage=t["stage"], device=0, share=F(t["host"], t["total"]), time=F(t["host"], t["steps"]), inside=F(t["host"], t["steps"]), between=0,
             wall=F(t["wall"], t["steps"]), who="which functions that is was not measured",
             stacks="without stacks: record a few steps with them (with_stack=True), which takes time of the host itself", gain=F(min(t["host"], t["busy"]), t["total"]),
             severity=severity(F(t["host"], t["total"]), p["limit"], p["severe"]))
        for t in sorted(told, key=lambda t: (-t["host"], t["stage"]))])


if __name__ == "__main__":
    inputs(NEW, WORK, FUNCTIONS)
    inputs(OLD, {"decode": (0, 4), "prefill": (0, 12)}, ())
    facts()
    for case_, off in ((NEW, {}), (OLD, OFF)):
        answers(case_)
        shown = [dict(aim=a, state="on", evidence=e) for a, e in case_.on.items()] + [dict(aim=a, state="off", evidence=e) for a, e in off.items()]
        shown += [dict(aim=a, state="unknown", evidence="Unknown, because " + e) for a, e in UNKNOWN.items() if a not in case_.on and a not in off]
        shown += [dict(aim="batch", state="unknown", evidence="The largest recorded batch has 15 sequences, of 64 that the engine allows")] if case_ is OLD else []
        case_.tables("shown_setting", ["aim", "state", "evidence"], shown)
    NEW.tables("recorded_engine", ["engine", "version", "evidence"], [
        dict(engine="vllm", version="0.26.0", evidence="vllm_version in the trace"), dict(engine="pytorch", version=None, evidence="its functions are on the stacks")])
    OLD.tables("recorded_engine", ["engine", "version", "evidence"], [
        dict(engine="sglang", version="0.5.12", evidence="what the probe says of its process"), dict(engine="pytorch", version=None, evidence="names of its operators")])
