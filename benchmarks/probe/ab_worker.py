"""One engine with probes in it that ab.py switches on and off: `ab_worker.py IN OUT OPTIONS`, two pipes and JSON.

Front end, engine core and worker run in this one process, where all that a probe does lies between two steps.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from switch import Switch

PROMPT = 32


class Engine:
    """vLLM with a tiny model, and probes by name."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.switch = Switch(options["directory"], options["probes"])
        from vllm import LLM, SamplingParams

        self._sampling = SamplingParams
        os.makedirs(options["directory"] + "/traces", exist_ok=True)
        more = {"profiler_config": {"profiler": "torch", "torch_profiler_dir": options["directory"] + "/traces"}} if options["peers"] else {}
        self.llm = LLM(
            model=options["model"], load_format="dummy", skip_tokenizer_init=True, dtype="bfloat16", seed=1, max_model_len=1024, **options["engine"], **more
        )
        self._round = 0
        self.generate(8, 16)

    def generate(self, requests: int, output: int) -> dict[str, Any]:
        """Seconds of a batch and of the process's time on cores; no two batches share a prompt."""
        self._round += 1
        prompts = [{"prompt_token_ids": [3 + (self._round * 131 + 17 * k + i) % 1000 for i in range(PROMPT)]} for k in range(requests)]
        sampling = self._sampling(max_tokens=output, ignore_eos=True, detokenize=False, temperature=0)
        begin, on_core = time.perf_counter(), time.process_time()
        self.llm.generate(prompts, sampling, use_tqdm=False)
        return {"seconds": time.perf_counter() - begin, "on_core": time.process_time() - on_core}

    def measure(self, state: str, requests: int, output: int) -> dict[str, Any]:
        """A batch in a state: off, the name of a probe, or one of the peers."""
        self.switch.off()
        if state == "off":
            return self.generate(requests, output)
        if state == "torch.profiler":
            return self._under_torch(requests, output)
        if state == "vLLM's profiler":
            self.llm.start_profile()
            took = self.generate(requests, output)
            self.llm.stop_profile()
            return took
        probe = self.switch.on(state)
        before = _clocked(probe)
        took = self.generate(requests, output)
        after = _clocked(probe)
        return {**took, "self_ns": after[0] - before[0], "calls": after[1] - before[1], "bytes": after[2] - before[2], "errors": probe.errors}

    def _under_torch(self, requests: int, output: int) -> dict[str, Any]:
        import torch

        kinds = [torch.profiler.ProfilerActivity.CPU] + [torch.profiler.ProfilerActivity.CUDA] * torch.cuda.is_available()
        with torch.profiler.profile(activities=kinds):
            return self.generate(requests, output)


def _clocked(probe: Any) -> tuple[int, int, int]:
    """What a probe clocked of itself in ns, its calls, the bytes that it wrote."""
    calls = sum(hook.fires for hook in probe.hooks)
    return probe.setter.spent_ns + probe._beat_ns + calls * probe.setter.base_ns, calls, probe.recorder.bytes


def primitives() -> dict[str, float]:
    """Median times in ns of single things that the probe does, so that a cost can be told apart from the machine's."""
    file = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
    found = {"clock": _median(time.monotonic_ns), "read of schedstat": _median(lambda: os.pread(file, 96, 0)), "lambda": _median(lambda: None)}
    os.close(file)
    import torch

    if torch.cuda.is_available():
        events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
        stream, flag = torch.cuda.current_stream(), torch.zeros(1, dtype=torch.int32, device="cuda")
        for event in events:
            event.record(stream)
        torch.cuda.synchronize()
        found["elapsed_time"] = _median(lambda: events[0].elapsed_time(events[1]))
        found["event.query"] = _median(events[1].query)
        found["event.record(stream)"] = _median(lambda: events[0].record(stream))
        found["is_current_stream_capturing"] = _median(torch.cuda.is_current_stream_capturing)
        found["current_stream"] = _median(torch.cuda.current_stream)
        found["fill_ of one number"] = _median(lambda: flag.fill_(1))
        torch.cuda.synchronize()
    return found


def _median(function: Callable[[], Any], rounds: int = 300) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter_ns()
        function()
        times.append(time.perf_counter_ns() - begin)
    return statistics.median(times)


def main() -> None:
    """Makes the engine, then answers until the pipe is closed."""
    asked, answers = os.fdopen(int(sys.argv[1])), os.fdopen(int(sys.argv[2]), "w", buffering=1)
    engine = Engine(json.loads(sys.argv[3]))
    hooks = {name: sum(hook.status == 1 for hook in probe.hooks) for name, probe in engine.switch.probes.items()}
    answers.write(json.dumps({"ready": True, "hooks": hooks, "primitives": primitives()}) + "\n")
    for line in asked:
        order = json.loads(line)
        try:
            answer = engine.measure(order["state"], order["requests"], order["output"])
        except Exception as error:
            answer = {"error": repr(error)[:300]}
        answers.write(json.dumps(answer) + "\n")
    os._exit(0)


if __name__ == "__main__":
    main()
