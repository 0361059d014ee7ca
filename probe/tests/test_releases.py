"""Sets the hooks into packages that mirror releases of vLLM, and holds what the capability records say of each."""

from __future__ import annotations

import json
import os

from support import HERE, Case

from hourglass_probe.hooks import CHANGED, DISABLED, MISSING, OK

_IMPORT_ALL = """
import importlib, json
import hourglass_probe
for name in json.loads({modules!r}):
    importlib.import_module(name)
probe = hourglass_probe._probe
print(json.dumps({{hook.name: [hook.status, hook.symbol, hook.reason] for hook in probe.hooks}}))
"""

_NO_FINISH = {"worker.forward_end_v2": "no KVConnector.finish_forward", "worker.forward_end_v2_active": "no ActiveKVConnector.finish_forward"}
_NO_GATHER = {"worker.gather_batch_req_state_v2": "no GPUModelRunner.gather_batch_req_state"}
MISSING_IN = {
    "vllm-0.17.0.json": {**_NO_FINISH, **_NO_GATHER, "graph.dispatch_v2": "no dispatch_cg_and_sync_dp"},
    "vllm-0.21.0.json": {**_NO_FINISH, **_NO_GATHER},
    "vllm-0.26.0.json": {**_NO_FINISH, **_NO_GATHER},
    "vllm-0.32.0.json": {},
    "vllm-0.33.0.json": {},
}
"""What each release lacks, as read in its sources."""

EVERYWHERE = (
    *("engine.core", "engine.schedule", "engine.update", "engine.add_request", "engine.preempt", "engine.free_request"),
    *("kv.pool", "kv.get_new_blocks", "kv.evict", "kv.touch", "kv.free_blocks", "kv.cache", "kv.allocate_slots", "kv.free", "kv.lookup"),
    *("worker.init", "worker.execute_model", "worker.sample_tokens", "worker.forward_v1", "worker.forward_begin_v2", "worker.execute_v2"),
    *("graph.dispatch_v1", "graph.capture_v2", "frontend.add_request", "frontend.process_outputs", "frontend.process_inputs", "frontend.detokenise"),
    *("encoder.mm_v1", "encoder.mm_v2"),
)


class ReleasesTest(Case):
    def statuses(self, mirror: str) -> dict[str, list[object]]:
        with open(os.path.join(HERE, "mirrors", mirror), encoding="utf-8") as file:
            modules = list(json.load(file)["modules"])
        done = self.python(_IMPORT_ALL.format(modules=json.dumps(modules)), self.package_of(mirror))
        return json.loads(done.stdout)

    def test_hooks_find_their_place_in_every_release(self) -> None:
        for mirror, missing in MISSING_IN.items():
            with self.subTest(mirror):
                self.setUp()
                found = self.statuses(mirror)
                self.assertEqual([], [(name, found[name]) for name in EVERYWHERE if found[name][0] != OK])
                self.assertEqual(missing, {name: str(each[2]).split(" has ")[-1] for name, each in found.items() if each[0] == MISSING})
                self.assertEqual([], [name for name, each in found.items() if each[0] in (CHANGED, DISABLED)])

    def test_an_older_name_serves_where_the_newer_is_not_there(self) -> None:
        self.assertEqual("vllm.v1.worker.gpu.model_runner:GPUModelRunner.postprocess", self.statuses("vllm-0.21.0.json")["worker.postprocess_sampled_v2"][1])

    def test_a_function_that_lost_a_parameter_is_changed_and_left_alone(self) -> None:
        root = self.package_of("vllm-0.33.0.json")
        path = os.path.join(root, "vllm", "v1", "core", "sched", "scheduler.py")
        with open(path, encoding="utf-8") as file:
            source = file.read()
        self.assertIn("def add_request(self, request)", source)
        with open(path, "w", encoding="utf-8") as file:
            file.write(source.replace("def add_request(self, request)", "def add_request(self, bundle)"))
        code = """
import vllm.v1.core.sched.scheduler as scheduler, hourglass_probe
hook = next(each for each in hourglass_probe._probe.hooks if each.name == "engine.add_request")
print(hook.status, hook.reason, hasattr(scheduler.Scheduler.add_request, "__hourglass__"), hasattr(scheduler.Scheduler.schedule, "__hourglass__"))
"""
        self.assertEqual("3 it takes no request False True", self.python(code, root).stdout.strip())

    def test_a_release_that_nobody_knows_is_said_and_goes_on(self) -> None:
        root = os.path.dirname(os.path.dirname(self.write("site/vllm/__init__.py", "__version__ = '9.9'\n")))
        self.write("site/vllm/v1/__init__.py", "")
        self.write("site/vllm/v1/core/__init__.py", "")
        self.write("site/vllm/v1/core/sched/__init__.py", "")
        self.write("site/vllm/v1/core/sched/scheduler.py", "class Planner: pass\n")
        code = "import vllm.v1.core.sched.scheduler, hourglass_probe; hourglass_probe._probe.add_role('engine')"
        self.python(code, root)
        found = self.capabilities()
        self.assertEqual(("MISSING", "vllm.v1.core.sched.scheduler has no Scheduler.schedule"), (found["engine.schedule"]["status"], found["engine.schedule"]["reason"]))
        self.assertEqual(("INACTIVE", "its module was not imported"), (found["kv.pool"]["status"], found["kv.pool"]["reason"]))


if __name__ == "__main__":
    import unittest

    unittest.main()
