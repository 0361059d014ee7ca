"""PyTorch's profiler over a window of an engine's steps, with a profiler that stands for it."""

from __future__ import annotations

import gzip
import json
import os
import re
import unittest

from support import ENGINE, Case

_TORCH = "from . import cuda, profiler\n"
_CUDA = "def is_available(): return True\ndef synchronize(): pass\ndef is_current_stream_capturing(): return False\n"
_PROFILER = """
import gzip, json, time
class ProfilerActivity:
    CPU, CUDA = 0, 1
events, on = [], [False]
class record_function:
    def __init__(self, name): self.name = name
    def __enter__(self): self.start = time.time_ns()
    def __exit__(self, *a):
        if on[0]: events.append((self.name, self.start, time.time_ns()))
class profile:
    def __init__(self, activities, record_shapes): assert activities == [0, 1] and record_shapes
    def start(self): on[0] = True
    def stop(self): on[0] = False
    def export_chrome_trace(self, path):
        listed = [dict(ph="X", cat="user_annotation", name=n, ts=s / 1e3, dur=(e - s) / 1e3, pid=1, tid=1) for n, s, e in events]
        with gzip.open(path, "wt") as file:
            json.dump({"baseTimeNanoseconds": 0, "traceEvents": listed}, file)
"""
_RUN = """
import hourglass_probe, torch
from vllm.v1.engine.core import run
run({f"r{i}": (list(range(i, i + 9)), 30) for i in range(3)}, blocks=300)
"""


class TorchTraceTest(Case):
    def setUp(self) -> None:
        super().setUp()
        self.write("site/torch/__init__.py", _TORCH)
        self.write("site/torch/cuda.py", _CUDA)
        self.write("site/torch/profiler.py", _PROFILER)

    def traces(self) -> list[str]:
        return [name for name in os.listdir(self.directory) if name.endswith(".json.gz")]

    def test_the_steps_of_the_window_are_in_a_trace_on_the_clock_that_its_name_tells(self) -> None:
        self.python(_RUN, ENGINE, os.path.join(self.scratch, "site"), HOURGLASS_TORCH_PROFILE="steps=4,after=2")
        name, = self.traces()
        offset = int(re.fullmatch(r"torch-\d+-0-(\d+)\.json\.gz", name)[1])  # type: ignore[index]
        with gzip.open(os.path.join(self.directory, name), "rt") as file:
            events = json.load(file)["traceEvents"]
        self.assertEqual(["execute_context_0(0)_generation_3(3)"] * 4, [each["name"] for each in events])
        spans = {record["step"]: record["ts"] for record in self.records("exec")}
        for step, event in enumerate(events, 2):
            self.assertLess(abs(event["ts"] * 1000 - offset - spans[step]), 20_000_000)
        self.assertEqual(("OK", None, 1), tuple(self.capabilities()["torch.trace"][key] for key in ("status", "reason", "fires")))

    def test_a_run_that_ends_in_the_window_leaves_its_trace(self) -> None:
        self.python(_RUN, ENGINE, os.path.join(self.scratch, "site"), HOURGLASS_TORCH_PROFILE="steps=5000")
        self.assertEqual(1, len(self.traces()))

    def test_a_profiler_that_does_not_start_is_told(self) -> None:
        self.write("site/torch/profiler.py", _PROFILER.replace("on[0] = True", "raise RuntimeError('in use')"))
        self.python(_RUN, ENGINE, os.path.join(self.scratch, "site"), HOURGLASS_TORCH_PROFILE="steps=4")
        self.assertEqual([], self.traces())
        state = self.capabilities()["torch.trace"]
        self.assertEqual("DISABLED", state["status"])
        self.assertIn("in use", state["reason"])

    def test_a_window_that_did_not_come_is_told(self) -> None:
        self.python(_RUN, ENGINE, os.path.join(self.scratch, "site"), HOURGLASS_TORCH_PROFILE="steps=4,after=9999")
        self.assertEqual("step 9999 of this process did not come", self.capabilities()["torch.trace"]["reason"])


if __name__ == "__main__":
    unittest.main()
