"""Holds how the probe comes into processes: by sitecustomize and as a plugin, under fork and spawn, and where it must not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest

from support import ENGINE, SOURCES, Case

RUN = """
import json, sys
from vllm.v1.engine.core import run
if __name__ == "__main__":
    print(json.dumps(run({"a": (list(range(10)), 6), "b": (list(range(12)), 9)}, worker=%r)[1]))
"""


class LoadingTest(Case):
    def roles(self) -> list[str]:
        found = []
        for process in self.processes():
            metas = [record["json"] for record in process if record["type"] == "meta"]
            found.append(json.loads(metas[-1])["role"])
        return sorted(found)

    def script(self, method: str) -> str:
        return self.write("run.py", RUN % method)

    def run_script(self, method: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOURGLASS_", "VLLM_", "PYTHON"))}
        variables = {**kept, "PYTHONPATH": os.pathsep.join((SOURCES, ENGINE)), "HOURGLASS_DIR": self.directory, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        return subprocess.run([sys.executable, *options, self.script(method)], env=variables, capture_output=True, text=True, timeout=300)

    def test_spawned_and_forked_workers_record_for_themselves(self) -> None:
        for method in ("spawn", "fork"):
            with self.subTest(method):
                self.setUp()
                done = self.run_script(method)
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertEqual(["frontend+engine", "worker"], self.roles())
                steps = {(record["step"], record["check"]) for record in self.records("step")}
                self.assertEqual(steps, {(record["step"], record["check"]) for record in self.records("exec")})
                self.assertEqual(2, len(self.records("end")), "both processes end in order")

    def test_the_plugin_alone_is_enough(self) -> None:
        """With -S no sitecustomize runs; the entry point is found from the directory on the path."""
        done = self.run_script("fork", "-S")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("engine.schedule", self.capabilities())

    def test_sitecustomize_alone_is_enough(self) -> None:
        done = self.run_script("spawn", VLLM_PLUGINS="another")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual(["frontend+engine", "worker"], self.roles())

    def test_the_entry_point_is_found(self) -> None:
        code = "from importlib.metadata import entry_points; print([p.value for p in entry_points(group='vllm.general_plugins')])"
        self.assertEqual("['hourglass_probe:activate']", self.python(code).stdout.strip())

    def test_the_next_sitecustomize_runs_as_itself(self) -> None:
        theirs = os.path.dirname(self.write("theirs/sitecustomize.py", "import sys\nNAME = 'theirs'\nprint('theirs ran', __name__)\n"))
        done = self.python("import sitecustomize, hourglass_probe; print(sitecustomize.NAME, hourglass_probe._waiting)", theirs)
        self.assertEqual("theirs ran sitecustomize\ntheirs True", done.stdout.strip())

    def test_an_error_of_the_next_sitecustomize_is_reported_as_its_own(self) -> None:
        theirs = os.path.dirname(self.write("theirs/sitecustomize.py", "raise ValueError('theirs')\n"))
        done = self.python("import hourglass_probe; print(hourglass_probe._waiting)", theirs)
        self.assertEqual("True", done.stdout.strip())
        self.assertIn("ValueError: theirs", done.stderr)

    def test_other_programs_leave_nothing(self) -> None:
        done = self.python("import json, multiprocessing, sys; print(sorted(name for name in sys.modules if name.startswith('hourglass_probe.')))")
        self.assertEqual([], os.listdir(self.directory))
        self.assertEqual("['hourglass_probe.clocks', 'hourglass_probe.importing']", done.stdout.strip())

    def test_without_a_directory_nothing_waits(self) -> None:
        done = self.python("import sys, hourglass_probe; print(len([f for f in sys.meta_path if 'hourglass' in type(f).__module__]))", HOURGLASS_DIR="")
        self.assertEqual("0", done.stdout.strip())

    def test_nothing_of_the_engine_is_imported_early(self) -> None:
        code = """
import sys, vllm, hourglass_probe
print(sorted(name for name in sys.modules if name.startswith("vllm")), hourglass_probe._probe is not None)
"""
        self.assertEqual("['vllm'] True", self.python(code, ENGINE).stdout.strip())

    def test_a_module_keeps_its_own_loader(self) -> None:
        code = """
import inspect, vllm.v1.core.block_pool as pool
print(type(pool.__loader__).__name__, pool.__spec__.loader is pool.__loader__, "class BlockPool" in inspect.getsource(pool))
"""
        self.assertEqual("SourceFileLoader True True", self.python(code, ENGINE).stdout.strip())

    def test_an_import_that_fails_fails_as_itself(self) -> None:
        broken = os.path.dirname(os.path.dirname(self.write("site/vllm/__init__.py", "raise ImportError('no kernels for this machine')\n")))
        done = self.python("import vllm", broken, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("ImportError: no kernels for this machine", done.stderr)

    def test_long_imports_are_told_once_from_outside(self) -> None:
        for name in ("__init__", "outer", "inner", "short"):
            body = {"outer": "import time\ntime.sleep(0.03)\nimport vllm.inner\n", "inner": "import time\ntime.sleep(0.03)\n"}.get(name, "")
            self.write(f"site/vllm/{name}.py", body)
        self.python("import vllm.outer, vllm.short", self.scratch + "/site")
        found = {record["name"]: record["dur"] for record in self.records("span")}
        self.assertEqual({"vllm", "vllm.outer"}, set(found))
        self.assertGreaterEqual(found["vllm.outer"], 60_000_000)

    def test_modules_that_are_there_already_are_hooked(self) -> None:
        code = """
import os
directory = os.environ.pop("HOURGLASS_DIR")
import vllm.v1.core.sched.scheduler as scheduler
before = hasattr(scheduler.Scheduler.schedule, "__hourglass__")
os.environ["HOURGLASS_DIR"] = directory
import hourglass_probe
hourglass_probe.activate()
print(before, hasattr(scheduler.Scheduler.schedule, "__hourglass__"))
"""
        self.assertEqual("False True", self.python_without_waiting(code))

    def python_without_waiting(self, code: str) -> str:
        """Runs code in an interpreter without sitecustomize, as a plugin finds it."""
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join((SOURCES, ENGINE)), "HOURGLASS_DIR": self.directory}
        done = subprocess.run([sys.executable, "-S", "-c", code], env=variables, capture_output=True, text=True, timeout=300)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.strip()

    def test_a_directory_that_cannot_be_made_stops_nothing(self) -> None:
        done = self.run_script("fork", HOURGLASS_DIR="/proc/nowhere")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn('"tokens": 15', done.stdout)

    def test_it_says_what_it_does_where_it_is_asked_to(self) -> None:
        done = self.run_script("fork", HOURGLASS_VERBOSE="1")
        self.assertIn("engine.schedule: set at vllm.v1.core.sched.scheduler:Scheduler.schedule", done.stderr)
        self.assertEqual(1, done.stdout.count("\n"), "standard output is the engine's")


if __name__ == "__main__":
    unittest.main()
