"""Holds what is recorded of an engine against what the engine itself knows."""

from __future__ import annotations

import json
import unittest
from collections import Counter
from typing import Any

from support import ENGINE, Case

_RUN = """
import json
from vllm.v1.engine.core import run
from vllm.v1.core.block_pool import BlockPool
truth = []
def at_step(core, number):
    manager = core.scheduler.kv_cache_manager
    truth.append([manager.block_pool.num_gpu_blocks - 1 - manager.block_pool.get_num_free_blocks(), len(core.scheduler.running), len(core.scheduler.waiting)])
texts, counts = run(json.loads({requests!r}), blocks={blocks}, at_step=at_step)
print(json.dumps([texts, counts, truth]))
"""
_ROW = """
from types import SimpleNamespace
from vllm.v1.engine.core import EngineCore
from vllm.v1.request import Request
core = EngineCore(100)
core.add_request(Request("a", list(range(10)), 6))
while core.scheduler.requests:
    output = core.scheduler.schedule()
    core.scheduler.update_from_output(SimpleNamespace(num_scheduled_tokens={}), {})
    core.scheduler.update_from_output(output, core.worker.run(output))
"""
SHARED = list(range(100, 112))


class EngineTest(Case):
    def run_engine(self, requests: dict[str, Any], blocks: int, **environment: str) -> tuple[dict[str, str], dict[str, int], list[list[int]]]:
        done = self.python(_RUN.format(requests=json.dumps(requests), blocks=blocks), ENGINE, **environment)
        self.assertEqual("", done.stderr)
        return json.loads(done.stdout)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [record for record in self.records("request") if record["event"] == name]

    def test_steps_tokens_and_requests_are_the_engine_s(self) -> None:
        texts, counts, _ = self.run_engine({"a": [list(range(10)), 6], "b": [list(range(50, 62)), 9], "c": [[5] * 40, 4]}, blocks=100)
        self.assertEqual(counts["tokens"], sum(record["tokens"] for record in self.records("step_done")))
        self.assertEqual(counts["tokens"], sum(record["tokens"] for record in self.records("front_end")))
        self.assertEqual(counts["steps"], len(self.records("step")))
        self.assertEqual([record["check"] for record in self.records("step")], [record["check"] for record in self.records("exec")])
        self.assertEqual({"V1"}, {record["runner"] for record in self.records("exec")})
        for name in ("received", "queued", "scheduled", "first_token", "first_text", "finished", "delivered"):
            self.assertEqual({"a", "b", "c"}, {record["request"] for record in self.events(name)}, name)
        self.assertEqual({"a": 6, "b": 9, "c": 4}, {record["request"]: record["output_tokens"] for record in self.events("finished")})
        self.assertEqual({"length"}, {record["reason"] for record in self.events("finished")})

    def test_an_update_of_a_decision_without_tokens_loses_no_other(self) -> None:
        # With asynchronous scheduling decisions wait in a row, and some of them scheduled nothing.
        done = self.python(_ROW, ENGINE)
        self.assertEqual("", done.stderr)
        steps = [record["step"] for record in self.records("step")]
        self.assertGreater(len(steps), 5)
        self.assertEqual(steps, [record["step"] for record in self.records("step_done")])

    def test_moments_of_a_request_lie_in_their_order(self) -> None:
        self.run_engine({"a": [list(range(10)), 6]}, blocks=100)
        order = [record["event"] for record in sorted(self.records("request"), key=lambda record: record["ts"])]
        self.assertEqual(["received", "queued", "scheduled", "first_token", "first_text", "finished", "delivered"], order)

    def test_phases_are_what_each_request_does(self) -> None:
        self.run_engine({"a": [list(range(40)), 3], "b": [list(range(50, 60)), 3]}, blocks=100)
        phases = [(s["phase"], s["prefill_tokens"], s["decode_tokens"], s["prefill_requests"], s["decode_requests"]) for s in self.records("step")]
        self.assertEqual([("prefill", 32, 0, 1, 0), ("prefill", 18, 0, 2, 0), ("decode", 0, 2, 0, 2), ("decode", 0, 2, 0, 2)], phases)

    def test_a_step_of_both_is_mixed(self) -> None:
        self.run_engine({"a": [list(range(10)), 30], "b": [list(range(50, 100)), 3]}, blocks=100)
        mixed = [(s["prefill_tokens"], s["decode_tokens"]) for s in self.records("step") if s["phase"] == "mixed"]
        self.assertEqual([(28, 1)], mixed)

    def test_preemption_is_told_with_what_is_lost_and_computed_again(self) -> None:
        texts, counts, _ = self.run_engine({"a": [list(range(10)), 30], "b": [list(range(50, 60)), 30]}, blocks=14)
        preempted, resumed = self.events("preempted"), self.events("resumed")
        self.assertGreater(counts["preemptions"], 0)
        self.assertEqual(counts["preemptions"], len(preempted))
        self.assertEqual(len(preempted), len(resumed))
        self.assertEqual({"kv_full"}, {record["reason"] for record in preempted})
        first = preempted[0]
        self.assertEqual(("b", 10 + first["output_tokens"] - 1), (first["request"], first["computed_tokens"]))
        self.assertEqual(-(-first["computed_tokens"] // 4), first["blocks"])
        self.assertEqual(resumed[0]["ts"] - first["ts"], resumed[0]["running_ns"])
        again = [s for s in self.records("step") if s["recompute_requests"]]
        self.assertEqual(first["computed_tokens"] + 1 - resumed[0]["cached_tokens"], again[0]["recompute_tokens"])
        self.assertGreater(sum(s["refused"] for s in self.records("step")), 0)

    def test_blocks_are_the_pool_s(self) -> None:
        _, _, truth = self.run_engine({f"r{i}": [SHARED + [i] * 5, 10] for i in range(6)}, blocks=24)
        steps = self.records("step")
        self.assertEqual({23}, {s["blocks_total"] for s in steps})
        used = 0
        for step, (after, running, waiting) in zip(steps, truth):
            used += step["blocks_allocated"] - step["blocks_freed"]
            self.assertLessEqual(used, step["blocks_used"])
            self.assertLessEqual(step["blocks_used"], used + step["blocks_touched"])
            used = step["blocks_used"]
            self.assertGreaterEqual(step["running"] + step["waiting"], running + waiting)
        self.assertEqual([(23, 4)], [(record["blocks_total"], record["block_tokens"]) for record in self.records("kv_pool")])

    def test_why_a_prefix_missed(self) -> None:
        self.run_engine({"first": [SHARED + [1], 1], "same": [SHARED + [1], 1], "other": [[7] * 9, 1], "short": [[8, 9], 1]}, blocks=100)
        found = {record["request"]: (record["hit_tokens"], record["full_blocks"], record["hit_blocks"], record["miss"]) for record in self.records("prefix")}
        self.assertEqual(
            {"first": (0, 3, 0, "other text"), "same": (12, 3, 3, "shorter than a block"), "other": (0, 2, 0, "other text"), "short": (0, 0, 0, "shorter than a block")}, found
        )

    def test_a_prefix_that_was_evicted_is_told_so(self) -> None:
        requests = {"first": [SHARED + [1], 1], **{f"fill{i}": [[20 + i] * 31, 1] for i in range(3)}, "again": [SHARED + [1], 1]}
        self.run_engine(requests, blocks=14)
        found = {record["request"]: record for record in self.records("prefix")}
        self.assertEqual(("evicted", 3), (found["again"]["miss"], found["again"]["evicted_blocks"]))
        rows = [row for record in self.records("kv_eviction") for row in record["rows"]]
        self.assertEqual(sum(row["cached"] == "true" for row in rows), sum(s["blocks_evicted"] for s in self.records("step")))
        self.assertTrue(all(row["lifetime_ns"] >= row["idle_ns"] >= 0 for row in rows))

    def test_batches_can_be_restored_from_changes(self) -> None:
        self.run_engine({f"r{i}": [list(range(i, i + 9)), 5 + 3 * i] for i in range(5)}, blocks=40)
        changes = {record["step"]: record["rows"] for record in self.records("request_step")}
        table: dict[str, tuple[int, int]] = {}
        same = 0
        for step in self.records("step"):
            table = {name: (computed + tokens, 1) for name, (computed, tokens) in table.items()}
            for row in changes.get(step["step"], []):
                table[row["request"]] = (row["computed"], row["tokens"])
                if row["phase"] == "left":
                    del table[row["request"]]
            self.assertEqual(step["same_batch"] == "true", step["step"] not in changes)
            self.assertEqual((step["requests"], step["tokens"]), (len(table), sum(tokens for _, tokens in table.values())))
            self.assertEqual(step["context_tokens"], sum(computed for computed, _ in table.values()))
            same += step["same_batch"] == "true"
        self.assertGreater(same, 3, "some steps go on as they were")

    def test_host_operations_are_told_per_step(self) -> None:
        _, counts, _ = self.run_engine({"a": [list(range(10)), 6]}, blocks=100)
        rows, calls = [], []
        for row in (row for record in self.records("operation_calls") for row in record["rows"]):
            if row["operation"] is None:  # the end of a step
                rows += [(row["start_ts"], call) for call in calls]
                calls = []
            else:
                calls.append(row["operation"])
        self.assertEqual([], calls, "every call is of a step")
        self.assertEqual(counts["steps"], sum(name == "schedule" for _, name in rows))
        self.assertEqual([0, 1, 2, 3, 4, 5], [step for step, name in rows if name == "forward"])

    def test_each_call_is_told_with_its_own_times(self) -> None:
        self.run_engine({"a": [list(range(10)), 6]}, blocks=100)
        fires, total = Counter(), Counter()
        for record in self.records("operation_calls"):
            for row in record["rows"]:
                fires[row["operation"]] += 1
                total[row["operation"]] += row["dur"]
        hook = self.capabilities()["engine.schedule"]
        self.assertEqual(hook["fires"], fires["schedule"])
        self.assertAlmostEqual(1, total["schedule"] / hook["total_ns"], delta=1e-6)

    def test_a_collection_while_sums_are_recorded_loses_nothing(self) -> None:
        code = """
import os
from hourglass_probe import operations
from hourglass_probe.layout import load
from hourglass_probe.recorder import Recorder
recorder = Recorder(load(), os.environ["HOURGLASS_DIR"])
sums = operations.Operations(load(), recorder)
first, collected = recorder.fixed_text("first"), recorder.fixed_text("collected")
real = recorder.emit_rows
def emit_rows(*values):
    sums.log("any").add((5, 1, collected))
    sums.log("engine").add((6, 1, first))
    return real(*values)
recorder.emit_rows = emit_rows
sums.log("engine").add((1, 2, first))
sums.flush("engine", 0)
sums.commit()
recorder.emit_rows = real
sums.flush("engine", 1)
sums.commit()
"""
        self.python(code)
        counts = Counter(row["operation"] for record in self.records("operation_calls") for row in record["rows"])
        self.assertEqual({"first": 2, "collected": 1, None: 2}, dict(counts))

    def test_operations_of_a_forked_child_keep_their_names(self) -> None:
        code = """
import os
from hourglass_probe import operations
from hourglass_probe.layout import load
from hourglass_probe.recorder import Recorder
recorder = Recorder(load(), os.environ["HOURGLASS_DIR"])
sums = operations.Operations(load(), recorder)
number = recorder.fixed_text("work")
recorder.text("a text of the parent")
child = os.fork()
if child == 0:
    recorder.forget_parent()
    sums.forget_parent()
    recorder.text("a text of the child")
sums.log("engine").add((1, 2, number))
sums.flush("engine", 0)
sums.commit()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""
        self.python(code)
        self.assertEqual(["work", None] * 2, [row["operation"] for record in self.records("operation_calls") for row in record["rows"]])

    def test_a_step_that_waited_for_a_core_is_told_from_the_step_before(self) -> None:
        code = """
import os
from hourglass_probe import assembly, clocks, importing, threads
probe = assembly.assemble(importing.Finder(print))
times = threads.ThreadTimes(probe)
start = probe.last_beat = clocks.now()
waits = [0, 10_000, 20_000, 5_000_000, 5_010_000, 5_020_000]
for step, wait in enumerate(waits):
    times._look(start + step, [b"%d" % (1_000 * step), b"%d" % wait, b"%d" % step], 77, step)
probe.last_beat = start + 10
times._look(start + 11, [b"9000", b"5030000", b"9"], 77, 9)
"""
        self.python(code)
        self.assertEqual([(0, 0), (2, 20_000), (3, 5_000_000), (9, 5_030_000)], [(r["step"], r["wait_ns"]) for r in self.records("thread_time")])

    def test_what_is_switched_off_is_not_hooked(self) -> None:
        _, counts, _ = self.run_engine({"a": [list(range(10)), 6]}, blocks=100, HOURGLASS_DISABLE="kv-cache,preemption", HOURGLASS_ENABLE="gil")
        found = self.capabilities()
        self.assertEqual(("INACTIVE", "its profiler is switched off"), (found["kv.evict"]["status"], found["kv.evict"]["reason"]))
        self.assertEqual([], self.records("kv_eviction"))
        self.assertEqual(counts["tokens"], sum(record["tokens"] for record in self.records("step_done")))

    def test_only_one_profiler(self) -> None:
        self.run_engine({"a": [list(range(10)), 6]}, blocks=100, HOURGLASS_DISABLE="all", HOURGLASS_ENABLE="forward")
        self.assertEqual(6, len(self.records("exec")))
        self.assertEqual([], self.records("step") + self.records("operations") + self.records("operation_calls"))

    def test_the_probe_s_own_cost_is_told(self) -> None:
        self.run_engine({"a": [list(range(10)), 6]}, blocks=100)
        (heart,) = self.records("heart")[-1:]
        self.assertGreater(heart["self_ns"], 0)
        self.assertGreater(heart["calls"], 50)
        self.assertEqual((0, 0), (heart["errors"], heart["dropped"]))
        self.assertGreater(heart["wrapper_ns"], heart["calls"] * 20)


if __name__ == "__main__":
    unittest.main()
