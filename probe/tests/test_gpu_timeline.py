"""The GPU's timeline with a library that stands for CUPTI: buffers, names, clocks, losses, other users, forks."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import struct
import subprocess
import unittest
import zlib
from typing import Any

from support import ENGINE, HERE, Case

_TORCH = """
def is_initialized():
    return False

def is_available():
    return False

def synchronize():
    pass

def _lazy_init():
    global made
    made = True

made = False
"""
_PROFILER = """
class profile:
    use_device = "cuda"
    def _prepare_trace(self): pass
    def __enter__(self):
        self._prepare_trace()
        return self
    def __exit__(self, *a): pass
"""
_RUN = """
import ctypes, os, sys, time
import torch, torch.cuda
torch.cuda._lazy_init()
assert torch.cuda.made
fake = ctypes.CDLL(os.environ["HOURGLASS_CUPTI"])
def launch(n):
    fake.fake_launch(n)
"""


@unittest.skipUnless(shutil.which("cc"), "there is no C compiler")
class GpuTimelineTest(Case):
    def setUp(self) -> None:
        super().setUp()
        self.library = os.path.join(self.scratch, "libfake_cupti.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library, os.path.join(HERE, "fake_cupti.c"), "-lpthread"], check=True)
        self.write("site/torch/__init__.py", "")
        self.write("site/torch/cuda/__init__.py", _TORCH)
        self.write("site/torch/autograd/__init__.py", "")
        self.write("site/torch/autograd/profiler.py", _PROFILER)

    def run_with(self, code: str, **environment: str) -> None:
        done = self.python(_RUN + code, os.path.join(self.scratch, "site"), **{"HOURGLASS_GPU": "always", "HOURGLASS_CUPTI": self.library, **environment})
        self.assertEqual("", done.stderr)

    def activities(self) -> list[dict[str, Any]]:
        """All device records: kind, and of kernels name, start and end on CLOCK_MONOTONIC, graph and correlation."""
        found = []
        for process in self.processes():
            names: dict[int, str] = {}
            sizes: dict[str, int] = {}
            for record in process:
                if record["type"] == "activity_name":
                    names[record["pointer"]] = record["name"]
                elif record["type"] == "activity_source":
                    sizes = json.loads(record["json"]).get("sizes", sizes)
                elif record["type"] == "activity":
                    found += self.decoded(record, names, sizes)
        return found

    def decoded(self, record: dict[str, Any], names: dict[int, str], sizes: dict[str, int]) -> list[dict[str, Any]]:
        data = bytes.fromhex(record["buffer"])
        data = zlib.decompress(data) if record["encoding"] == "zlib" else data
        self.assertEqual(record["bytes"], len(data))
        found, at, offset = [], 0, record["ts"] - record["device_ns"]
        while at < len(data):
            kind, = struct.unpack_from("<I", data, at)
            one: dict[str, Any] = {"kind": kind}
            if kind == 10:
                start, end = struct.unpack_from("<QQ", data, at + 16)
                one.update(start=start + offset, end=end + offset, correlation=struct.unpack_from("<I", data, at + 92)[0])
                one.update(name=names[struct.unpack_from("<Q", data, at + 104)[0]], graph=struct.unpack_from("<I", data, at + 156)[0])
            found.append(one)
            at += sizes[str(kind)]
        self.assertEqual(at, len(data))
        return found

    def source(self, event: str) -> dict[str, Any]:
        return next(told for told in map(json.loads, (r["json"] for r in self.records("activity_source"))) if told["event"] == event)

    def check_whole_run(self, **environment: str) -> None:
        self.run_with("launch(40000)", **environment)
        kernels = [each for each in self.activities() if each["kind"] == 10]
        self.assertEqual(40002, len(kernels))
        self.assertEqual(list(range(1, 40001)) + [40002, 40002], [each["correlation"] for each in kernels])
        self.assertEqual({"void at::native::elementwise_kernel<128, 4>(int)", "ampere_bf16_s16816gemm_bf16_128x128", "triton_poi_fused_0"},
                         {each["name"] for each in kernels})
        self.assertEqual({8000, 10000, 15000}, {each["end"] - each["start"] for each in kernels})
        self.assertEqual([5, 5], [each["graph"] for each in kernels if each["graph"]])
        stopped = self.source("stopped")
        self.assertEqual((40002, 0, "the process ends"), (stopped["kernels"], stopped["lost"], stopped["why"]))
        self.assertEqual(0, max(record["lost"] for record in self.records("activity")))
        self.assertLess(stopped["packed_bytes"] * 3, stopped["bytes"])
        self.assertEqual("OK", self.capabilities()["gpu.timeline"]["status"])

    def test_every_kernel_is_there_with_its_name_on_our_clock(self) -> None:
        self.check_whole_run()
        self.assertEqual("native" if os.uname().machine == "x86_64" else "python", self.source("started")["callbacks"])

    def test_callbacks_in_python_do_the_same(self) -> None:
        self.check_whole_run(HOURGLASS_GPU_CALLBACKS="python")
        self.assertEqual("python", self.source("started")["callbacks"])

    def test_each_version_has_its_sizes(self) -> None:
        for version, kernel in (("24", 208), ("26", 208), ("130500", 248)):
            self.run_with("launch(10)", FAKE_CUPTI_VERSION=version)
            started = self.source("started")
            self.assertEqual((int(version), kernel), (started["cupti_version"], started["sizes"]["10"]))
            self.assertEqual(12, sum(each["kind"] == 10 for each in self.activities()))
            shutil.rmtree(self.directory)
            os.mkdir(self.directory)

    def test_sizes_known_here_are_those_of_the_headers(self) -> None:
        import gpu_golden
        from hourglass_probe import cupti

        for version, layouts in gpu_golden.LAYOUTS.items():
            sizes = {kind: ctypes.sizeof(layouts[name]) for name, kind in (("kernel", 10), ("copy", 1), ("set", 2), ("sync", 38))}
            self.assertEqual(sizes, {kind: cupti.known_sizes(version)[kind] for kind in sizes})
            self.assertEqual(104, layouts["kernel"].name.offset)

    def test_only_calls_that_start_or_await_work_are_recorded(self) -> None:
        self.run_with("launch(100)")
        self.assertEqual(103, sum(each["kind"] == 5 for each in self.activities()), "cudaGetDevice is none of them")
        self.assertEqual({"41": "cudaMemcpyAsync_v3020", "131": "cudaStreamSynchronize_v3020", "211": "cudaLaunchKernel_v7000", "311": "cudaGraphLaunch_v10000"},
                         self.source("started")["runtime"])

    def test_what_found_no_buffer_is_counted(self) -> None:
        self.run_with("from hourglass_probe import gpu_timeline\ngpu_timeline._PERIOD_S = 60\n"
                      "import hourglass_probe\nlock = [h for h in hourglass_probe._probe.at_end][0].__closure__[0].cell_contents._lock\n"
                      "lock.acquire()\nlaunch(150000)\nlock.release()")
        lost = max(record["lost"] for record in self.records("activity"))
        kernels = sum(each["kind"] == 10 for each in self.activities())
        self.assertGreater(lost, 0)
        self.assertLess(kernels, 150002)

    def test_another_user_is_named_and_the_program_goes_on(self) -> None:
        for environment, words in (({"FAKE_CUPTI_ERROR": "39"}, "39 CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED: another user"),
                                   ({"NSYS_PROFILING_SESSION_ID": "1"}, "Nsight Systems records this process"),
                                   ({"HOURGLASS_CUPTI": "/nowhere/libcupti.so"}, "no libcupti was found")):
            code = "" if "HOURGLASS_CUPTI" in environment else "launch(5)\n"
            code = "import os\n" + code
            run = _RUN if "HOURGLASS_CUPTI" not in environment else "import torch, torch.cuda\ntorch.cuda._lazy_init()\nassert torch.cuda.made\n"
            self.python(run + code + "import hourglass_probe; hourglass_probe._probe.add_role('worker')", os.path.join(self.scratch, "site"),
                        **{"HOURGLASS_GPU": "always", "HOURGLASS_CUPTI": self.library, **environment})
            state = self.capabilities()["gpu.timeline"]
            self.assertEqual("INACTIVE", state["status"])
            self.assertIn(words, state["reason"])
            self.assertEqual([], self.records("activity"))
            shutil.rmtree(self.directory)
            os.mkdir(self.directory)

    def test_a_flush_that_fails_at_the_end_is_contained(self) -> None:
        self.run_with("launch(10)\ntime.sleep(1.3)", FAKE_CUPTI_FLUSH_ERROR="1")
        self.assertEqual(12, sum(each["kind"] == 10 for each in self.activities()))
        self.assertEqual("the process ends", self.source("stopped")["why"])
        self.assertIn("cuptiActivityFlushAll says 999", self.records("error")[0]["text"])
        self.assertEqual(1, len(self.records("end")))

    def test_a_kind_that_cannot_be_switched_on_is_told_and_the_others_are_recorded(self) -> None:
        self.run_with("launch(10)", FAKE_CUPTI_ERROR="35", FAKE_CUPTI_ERROR_KIND="38")
        self.assertEqual(12, sum(each["kind"] == 10 for each in self.activities()))
        self.assertIn("35", self.source("started")["missing"]["38"])

    @unittest.skipUnless(os.uname().machine == "x86_64", "there is machine code for x86-64 alone")
    def test_no_two_threads_get_the_same_buffer(self) -> None:
        self.python("""
import ctypes, threading
from hourglass_probe.activity_buffers import NativeBuffers
buffers = NativeBuffers()
fake = ctypes.CDLL(%r)
fake.cuptiActivityRegisterCallbacks(buffers.requested, buffers.completed)
found = []
running = threading.Thread(target=lambda: found.append(fake.fake_stress(8, 20000)))
running.start()
back = 0
while running.is_alive():
    for address, valid in buffers.take():
        buffers.give_back(address)
        back += 1
for address, valid in buffers.take():
    back += 1
assert found == [0], found
assert back == 20000, back
assert buffers.refused > 0
""" % self.library)

    def test_a_window_of_steps_has_the_work_of_these_steps(self) -> None:
        self.python("""
import ctypes, os, time
import hourglass_probe, torch.cuda
from vllm.v1.worker.gpu_model_runner import GPUModelRunner
from vllm.v1.engine.core import run
fake = ctypes.CDLL(os.environ["HOURGLASS_CUPTI"])
true = GPUModelRunner.execute_model
def execute(self, *a, **k):
    fake.fake_launch(10)
    time.sleep(0.002)
    return true(self, *a, **k)
GPUModelRunner.execute_model = execute
run({f"r{i}": (list(range(i, i + 9)), 30) for i in range(3)}, blocks=300)
""", ENGINE, os.path.join(self.scratch, "site"), HOURGLASS_GPU="steps=4,after=3", HOURGLASS_CUPTI=self.library)
        kernels = [each for each in self.activities() if each["kind"] == 10]
        self.assertEqual(4 * 12, len(kernels))
        spans = {record["step"]: (record["ts"], record["ts"] + record["execute_ns"]) for record in self.records("exec")}
        steps = [next((step for step, span in spans.items() if span[0] <= each["start"] < span[1]), None) for each in kernels]
        self.assertEqual([3] * 12 + [4] * 12 + [5] * 12 + [6] * 12, steps)
        self.assertEqual("4 steps were recorded", self.source("stopped")["why"])

    def test_pytorch_s_profiler_has_cupti_while_it_records(self) -> None:
        self.run_with("launch(10)\nfrom torch.autograd.profiler import profile\nwith profile():\n    launch(1000)\nlaunch(20)")
        self.assertEqual(12 + 22, sum(each["kind"] == 10 for each in self.activities()))
        stops = [r["json"] for r in self.records("activity_source") if '"stopped"' in r["json"]]
        self.assertIn("PyTorch's profiler records this process", stops[0])
        self.assertEqual("OK", self.capabilities()["gpu.timeline"]["status"])

    def test_whoever_sets_cupti_s_clock_ends_the_recording(self) -> None:
        self.run_with("launch(10)\nfrom torch.autograd.profiler import profile\nimport ctypes\nwith profile():\n"
                      "    ctypes.CDLL(os.environ['HOURGLASS_CUPTI']).fake_clock(ctypes.c_uint64(10 ** 15))\nlaunch(20)")
        self.assertEqual(12, sum(each["kind"] == 10 for each in self.activities()))
        told = self.capabilities()["gpu.timeline"]
        self.assertEqual("INACTIVE", told["status"])
        self.assertIn("clock", told["reason"])

    def test_a_forked_child_records_nothing_of_its_parent(self) -> None:
        self.run_with("launch(10)\nif os.fork() == 0:\n    os._exit(0)\nos.wait()\nlaunch(10)")
        self.assertEqual(24, sum(each["kind"] == 10 for each in self.activities()))

    def test_killed_programs_keep_what_was_flushed(self) -> None:
        done = self.python(_RUN + "launch(5000)\ntime.sleep(1.5)\nos.kill(os.getpid(), 9)", os.path.join(self.scratch, "site"), check=False,
                           HOURGLASS_GPU="always", HOURGLASS_CUPTI=self.library)
        self.assertEqual(-9, done.returncode)
        self.assertEqual(5002, sum(each["kind"] == 10 for each in self.activities()))

    def test_a_program_without_cuda_leaves_no_file(self) -> None:
        self.python("import torch", os.path.join(self.scratch, "site"), HOURGLASS_GPU="always", HOURGLASS_CUPTI=self.library)
        self.assertEqual([], os.listdir(self.directory))

    def test_a_wish_that_is_not_understood_is_told(self) -> None:
        from hourglass_probe import settings

        for text in ("sometimes", "steps=0", "steps=x", "after=3", "always,graphs=none"):
            self.assertIsNone(settings.read({"HOURGLASS_DIR": "d", "HOURGLASS_GPU": text}).gpu, text)
        wish = settings.read({"HOURGLASS_DIR": "d", "HOURGLASS_GPU": "steps=50,after=7"}).gpu
        self.assertEqual(settings.GpuWish(50, 7, False), wish)
        self.assertEqual(settings.GpuWish(None, 0, True), settings.read({"HOURGLASS_DIR": "d", "HOURGLASS_GPU": "always,graphs=whole"}).gpu)


if __name__ == "__main__":
    unittest.main()
