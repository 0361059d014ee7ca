"""A worker: each step's forward pass and sampling on the host, with either model runner."""

from __future__ import annotations

import json
from typing import Any

from . import clocks
from .batches import RowBatch
from .engine import check
from .hooks import Call, Hook
from .layout import ABSENT_U8, ABSENT_U32, ABSENT_U64
from .probe import Probe
from .threads import ThreadTimes
from .vllm_facts import describe_config, engine_version

_WORKER = "vllm.v1.worker.gpu_worker:Worker."
_V1 = "vllm.v1.worker.gpu_model_runner:GPUModelRunner."
_V2 = "vllm.v1.worker.gpu.model_runner:GPUModelRunner."
_CONNECTOR = "vllm.v1.worker.gpu.kv_connector:"

_V1_OPERATIONS = {
    "_update_states": "update_states",
    "_prepare_inputs": "prepare_inputs",
    "_build_attention_metadata": "attention_metadata",
    "_preprocess": "preprocess",
    "_sample": "sample",
    "_bookkeeping_sync": "bookkeep",
    "propose_draft_token_ids": "draft",
}
_V2_OPERATIONS = {
    "finish_requests": "finish_requests",
    "free_states": "free_states",
    "add_requests": "add_requests",
    "update_requests": "update_requests",
    "gather_batch_req_state": "gather_batch",
    "prepare_inputs": "prepare_inputs",
    "prepare_attn": "attention_metadata",
    "sample": "sample",
    "postprocess_sampled": "bookkeep",
}
_OLDER_NAMES = {"postprocess_sampled": "postprocess"}


_MOST_AWAITED = 64


class Step:
    """A step that a worker is at. Times are CLOCK_MONOTONIC ns, absent until they are known."""

    start = execute_ns = forward_ts = forward_ns = sample_ts = sample_ns = ABSENT_U64
    padded_tokens = graph = replays = ABSENT_U32
    mode = ABSENT_U8
    forwarding = False

    def __init__(self, number: int, output: Any, runner: int, start: int) -> None:
        scheduled = output.num_scheduled_tokens
        self.number = number
        self.tokens: int = output.total_num_scheduled_tokens
        self.requests = len(scheduled)
        self.check = check(scheduled, self.tokens)
        self.runner = runner
        self.start = start


class WorkerWatch:
    """Follows the steps of the worker in this process.

    Others may look at `step` (None outside of steps) and listen: `at_begin`, `at_forward`, `at_forward_end`, `at_end`
    are called with the step, in the thread that runs it.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("exec")
        self._threads = ThreadTimes(probe)
        self._on = probe.settings.on("forward")
        self._ready = RowBatch(probe, "steps_ready")
        self.at_begin: list[Any] = []
        self.at_forward: list[Any] = []
        self.at_forward_end: list[Any] = []
        self.at_end: list[Any] = []
        self.at_loaded: list[Any] = []
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self.step: Step | None = None
        self.rank = ABSENT_U32
        self._runner = ABSENT_U8
        self.config: Any = None
        self._next = 0
        self._awaited: dict[int, int] = {}

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, profiler: str, *symbols: str, **rest: Any) -> Hook:
            return Hook("worker." + name, profiler, "worker", symbols, **rest)

        rows = [
            hook("init", "base", _WORKER + "__init__", before=self._worker_begins, after=self._worker_made),
            hook("wrapper", "base", "vllm.v1.worker.worker_base:WorkerWrapperBase.init_worker", before=self._worker_begins),
            hook("execute_model", "base", _WORKER + "execute_model", before=self._begins, after=self._executed, after_errors=True, parameters=("scheduler_output",), operation="execute_model"),
            hook("sample_tokens", "base", _WORKER + "sample_tokens", after=self._sampled, after_errors=True, operation="sample_tokens"),
            hook("loaded", "base", _WORKER + "load_model", after=self._loaded),
            hook("forward_v1", "forward", _V1 + "_model_forward", before=self._forward_begins, after=self._forward_ended_v1, operation="forward"),
            hook("forward_begin_v2", "forward", _CONNECTOR + "KVConnector.pre_forward", after=self._forward_begins_v2),
            hook("forward_begin_v2_active", "forward", _CONNECTOR + "ActiveKVConnector.pre_forward", after=self._forward_begins_v2),
            hook("forward_end_v2", "forward", _CONNECTOR + "KVConnector.finish_forward", before=self._forward_ends_v2),
            hook("forward_end_v2_active", "forward", _CONNECTOR + "ActiveKVConnector.finish_forward", before=self._forward_ends_v2),
            hook("execute_v2", "forward", _V2 + "execute_model", after=self._ran_v2),
            hook("output_v1", "forward", _V1.replace("GPUModelRunner", "AsyncGPUModelRunnerOutput") + "get_output", after=self._got_output),
            hook("output_v2", "forward", "vllm.v1.worker.gpu.async_utils:AsyncOutput.get_output", after=self._got_output),
        ]
        for base, operations, version in ((_V1, _V1_OPERATIONS, "v1"), (_V2, _V2_OPERATIONS, "v2")):
            for name, operation in operations.items():
                symbols = [base + each for each in (name, _OLDER_NAMES.get(name)) if each]
                rows.append(hook(f"{name.strip('_')}_{version}", "cpu", *symbols, operation=operation))
        return rows

    def _worker_begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._probe.engine = ("vllm", engine_version())
        self._probe.add_role("worker")

    def _worker_made(self, call: Call) -> None:
        worker = call.args[0]
        self.config = getattr(worker, "vllm_config", None)
        rank = getattr(worker, "rank", None)
        self.rank = rank if isinstance(rank, int) else ABSENT_U32
        parallel = getattr(self.config, "parallel_config", None)
        self._probe.ranks.update(rank=rank, local_rank=getattr(worker, "local_rank", None))
        for name in ("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "data_parallel_rank"):
            self._probe.ranks[name] = getattr(parallel, name, None)
        self._probe.tell_meta()

    def _loaded(self, call: Call) -> None:
        described = describe_config(self.config)
        self._probe.recorder.emit_text(self._probe.kind("config"), call.end, json.dumps(described, default=str))
        self._runner = _runner_of(call.args[0])
        for listener in self.at_loaded:
            listener(call.args[0])

    # A step ---------------------------------------------------------------------------------------------------------

    def _begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step | None:
        output = args[1] if len(args) > 1 else kwargs["scheduler_output"]
        now = clocks.now()
        if self.step is not None:
            self._finish(self.step, now)
        if output.total_num_scheduled_tokens <= 0:
            return None
        if self._next == 0:
            self._probe.operations.flush("worker")
        step = self.step = Step(self._next, output, self._runner, now)
        self._next += 1
        self._probe.step = step.number
        for listener in self.at_begin:
            listener(step)
        return step

    def _executed(self, call: Call) -> None:
        step = call.token
        if step is None:
            return
        step.start, step.execute_ns = call.start, call.end - call.start
        if call.error is not None or call.result is not None:
            self._await(step, call.result)
            self._finish(step, call.end)

    def _sampled(self, call: Call) -> None:
        step = self.step
        if step is None:
            return
        step.sample_ts, step.sample_ns = call.start, call.end - call.start
        self._await(step, call.result)
        self._finish(step, call.end)

    def _await(self, step: Step, output: Any) -> None:
        """Remembers which step an output is of that is fetched later, in another thread; the output itself is not held."""
        if hasattr(output, "get_output"):
            self._awaited[id(output)] = step.number
            if len(self._awaited) > _MOST_AWAITED:
                self._awaited.pop(next(iter(self._awaited)), None)

    def _got_output(self, call: Call) -> None:
        step = self._awaited.pop(id(call.args[0]), None)
        if step is not None:
            self._ready.add((call.start, call.end - call.start, step))

    def _finish(self, step: Step, now: int) -> None:
        self.step = None
        for listener in self.at_end:
            listener(step)
        probe = self._probe
        if self._on:
            probe.recorder.later(
                self._kind, step.start, step.execute_ns, step.forward_ts, step.forward_ns, step.sample_ts, step.sample_ns, step.number, step.check,
                step.requests, step.tokens, step.padded_tokens, step.graph, step.replays, self.rank, step.mode, step.runner,
            )  # fmt: skip
        probe.operations.flush("worker", step.number)
        if "engine" not in probe.roles:  # whose steps end in this thread, too
            self._threads.tell(step.number, now)
        if step.number == 0:
            probe.first_step(now)
        probe.pulse(now)

    # The forward pass ------------------------------------------------------------------------------------------------

    def _ran_v2(self, call: Call) -> None:
        """Without finish_forward (older releases) the forward pass ends with the runner's execute_model."""
        step = self.step
        if step and step.forward_ts != ABSENT_U64 and step.forward_ns == ABSENT_U64:
            self._forward_ended(step, call.end)

    def _forward_begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step | None:
        step = self.step
        if step is not None:
            self._forward_began(step, clocks.now())
        return step

    def _forward_begins_v2(self, call: Call) -> None:
        if self.step is not None and not self.step.forwarding:
            self._forward_began(self.step, call.end)

    def _forward_ends_v2(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.step is not None and self.step.forwarding:
            self._forward_ended(self.step, clocks.now())

    def _forward_ended_v1(self, call: Call) -> None:
        if call.token is not None:
            self._forward_ended(call.token, call.end)

    def _forward_began(self, step: Step, ts: int) -> None:
        step.forward_ts, step.forwarding = ts, True
        for listener in self.at_forward:
            listener(step)

    def _forward_ended(self, step: Step, ts: int) -> None:
        step.forward_ns, step.forwarding = ts - step.forward_ts, False
        for listener in self.at_forward_end:
            listener(step)


def _runner_of(worker: Any) -> int:
    """Which of vLLM's model runners a worker has: 1 or 2; absent where it has another."""
    home = next((base.__module__ for base in type(getattr(worker, "model_runner", None)).__mro__ if base.__name__ == "GPUModelRunner"), "")
    return {_V1.split(":")[0]: 1, _V2.split(":")[0]: 2}.get(home, ABSENT_U8)
