"""CUDA graphs: which were captured, how long that took, and which one each step replayed."""

from __future__ import annotations

import sys
from typing import Any

from .batches import RowBatch
from .hooks import Call, Hook
from .layout import ABSENT_I64, ABSENT_U8, ABSENT_U32, ABSENT_U64
from .probe import Probe
from .worker import Step, WorkerWatch

_TORCH = "torch.cuda.graphs:CUDAGraph."
_DISPATCH_V1 = "vllm.v1.worker.gpu_model_runner:GPUModelRunner._determine_batch_execution_and_padding"
_DISPATCH_V2 = "vllm.v1.worker.gpu.model_runner:dispatch_cg_and_sync_dp"
_BREAKABLE = "vllm.compilation.breakable_cudagraph:BreakableCUDAGraphCapture."
_MANAGER = "vllm.v1.worker.gpu.cudagraph_utils:CudaGraphManager."
_MODES = {"NONE": 0, "PIECEWISE": 1, "FULL": 2}
PIECES, BREAKABLE, FULL = 1, 2, 3
_KINDS = {1: PIECES, 2: FULL}
"""Of a mode's graphs that are not breakable."""


class GraphWatch:
    """Follows captures and replays in this process. Every flavour of graph goes through torch's CUDAGraph."""

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._worker = worker
        self._kind = probe.kind("graph")
        self._capture = probe.kind("graph_capture")
        self._replays = RowBatch(probe, "graph_replays")
        self._replay = Hook("graph.replay", "cuda-graph", "worker", (_TORCH + "replay",))
        self._breakable = Hook("graph.breakable_replay", "cuda-graph", "worker", (_BREAKABLE + "replay",))
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)
        worker.at_begin.append(self._step_begins)
        worker.at_end.append(self._step_ends)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._numbers: dict[Any, int] = {}
        self._dispatches: dict[Any, int] = {}
        self._modes: dict[Any, int] = {}
        self._before = (0, 0, 0)
        self._captures: dict[int, tuple[int, int, int, int]] = {}
        self._unnamed: dict[int, tuple[int, int, int]] = {}

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, symbol: str, **rest: Any) -> Hook:
            return Hook("graph." + name, "cuda-graph", "worker", (symbol,), **rest)

        return [
            hook("capture_begin", _TORCH + "capture_begin", before=self._before_capture, after=self._capture_began),
            hook("capture_end", _TORCH + "capture_end", after=self._captured, after_errors=True),
            hook("dispatch_v1", _DISPATCH_V1, after=self._dispatched_v1),
            hook("dispatch_v2", _DISPATCH_V2, after=self._dispatched_v2),
            hook("capture_v2", _MANAGER + "capture", after=self._captured_all, after_errors=True),
            hook("full_v2", _MANAGER + "run_fullgraph"),
            self._replay,
            self._breakable,
        ]

    # Descriptors -----------------------------------------------------------------------------------------------------

    def number_of(self, mode: Any, descriptor: Any, ts: int) -> int:
        """The number of a descriptor, which is declared when it is new."""
        name = str(getattr(mode, "name", mode))
        key = (name, descriptor)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._numbers)
            self._declare(number, _MODES.get(name, ABSENT_U8), descriptor, ts)
        return number

    def _declare(self, number: int, mode: int, descriptor: Any, ts: int) -> None:
        def whole(name: str) -> int:
            value = getattr(descriptor, name, None)
            return value if isinstance(value, int) and not isinstance(value, bool) else ABSENT_U32

        uniform = getattr(descriptor, "uniform", None)
        lora = getattr(descriptor, "has_lora", None)
        loras = whole("num_active_loras")
        if lora is None and loras != ABSENT_U32:
            lora = loras > 0
        if uniform is None:
            uniform = getattr(descriptor, "uniform_token_count", None) is not None
        values = (whole("num_tokens"), whole("num_reqs"), loras, whole("uniform_token_count"), whole("max_query_len"))
        flags = (mode, int(bool(uniform)), ABSENT_U8 if lora is None else int(lora))
        self._probe.recorder.emit_text(self._kind, ts, str(descriptor), number, *values, *flags)

    # Captures --------------------------------------------------------------------------------------------------------

    def _before_capture(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        return _reserved_bytes()

    def _capture_began(self, call: Call) -> None:
        number = self._descriptor_of_forward(call.start)
        self._captures[id(call.args[0])] = (call.start, call.token if call.token is not None else -1, number, self._breakable_capturing())

    def _breakable_capturing(self) -> int:
        module = sys.modules.get("vllm.compilation.breakable_cudagraph")
        capture = getattr(module, "BreakableCUDAGraphCapture", None)
        return int(capture is not None and capture.current() is not None)

    def _descriptor_of_forward(self, ts: int) -> int:
        """The descriptor of the forward pass that is being captured, where its context tells one."""
        module = sys.modules.get("vllm.forward_context")
        if module is None or not module.is_forward_context_available():
            return ABSENT_U32
        context = module.get_forward_context()
        descriptor, mode = getattr(context, "batch_descriptor", None), getattr(context, "cudagraph_runtime_mode", None)
        if descriptor is None or str(getattr(mode, "name", mode)) == "NONE":
            return ABSENT_U32
        return self.number_of(mode, descriptor, ts)

    def _captured(self, call: Call) -> None:
        graph = call.args[0]
        began = self._captures.pop(id(graph), None)
        if began is None:
            return
        start, reserved, number, breakable = began
        took = call.end - start
        memory = _reserved_bytes() - reserved if reserved >= 0 else ABSENT_I64
        if number == ABSENT_U32 and not breakable:
            self._unnamed[id(graph)] = (start, took, memory)
            return
        kind = BREAKABLE if breakable else FULL if self._is_full(number) else PIECES
        self._tell_capture(start, (took, memory, number, kind), call.error is not None)

    def _is_full(self, number: int) -> bool:
        return any(n == number and key[0] == "FULL" for key, n in self._numbers.items())

    def _tell_capture(self, start: int, told: tuple[int, int, int, int], failed: bool) -> None:
        took, memory, number, kind = told
        self._probe.recorder.emit(self._capture, start, took, memory, ABSENT_U32, number, ABSENT_U32, kind, int(failed))

    def _captured_all(self, call: Call) -> None:
        """The manager of the second runner now says which graph is for which descriptor."""
        manager = call.args[0]
        for descriptor, graph in getattr(manager, "graphs", {}).items():
            told = self._unnamed.pop(id(graph), None)
            if told:
                number = self.number_of(getattr(descriptor, "cg_mode", "FULL"), descriptor, told[0])
                self._tell_capture(told[0], (told[1], told[2], number, FULL), False)
        for start, took, memory in self._unnamed.values():
            self._tell_capture(start, (took, memory, ABSENT_U32, ABSENT_U8), False)
        self._unnamed.clear()

    # Steps -----------------------------------------------------------------------------------------------------------

    def _dispatched_v1(self, call: Call) -> None:
        step = self._worker.step
        if step is not None and step.mode == ABSENT_U8 and isinstance(call.result, tuple):
            self._dispatched(step, call.result[0], call.result[1], call.end)

    def _dispatched_v2(self, call: Call) -> None:
        step = self._worker.step
        if step is not None and step.mode == ABSENT_U8 and isinstance(call.result, tuple):
            descriptor = call.result[0]
            self._dispatched(step, getattr(descriptor, "cg_mode", None), descriptor, call.end)

    def _dispatched(self, step: Step, mode: Any, descriptor: Any, ts: int) -> None:
        number = self._modes.get(mode)
        if number is None:
            number = self._modes[mode] = _MODES.get(str(getattr(mode, "name", mode)), ABSENT_U8)
        step.mode = number
        padded = getattr(descriptor, "num_tokens", None)
        step.padded_tokens = padded if isinstance(padded, int) else ABSENT_U32
        if number in (1, 2):
            graph = self._dispatches.get((number, descriptor))
            if graph is None:
                graph = self._dispatches[number, descriptor] = self.number_of(mode, descriptor, ts)
            step.graph = graph

    def _step_begins(self, step: Step) -> None:
        self._before = (self._replay.fires, self._replay.total_ns, self._breakable.fires)

    def _step_ends(self, step: Step) -> None:
        replay = self._replay
        if not replay.active:
            return
        count = replay.fires - self._before[0]
        step.replays = count
        if not count:
            return
        breakable = self._breakable.fires > self._before[2]
        kind = BREAKABLE if breakable else _KINDS.get(step.mode, ABSENT_U8)
        start = step.forward_ts if step.forward_ts != ABSENT_U64 else step.start
        self._replays.add((start, replay.total_ns - self._before[1], step.graph, step.number, min(count, 65534), kind, 0))


def _reserved_bytes() -> int:
    """Device memory that torch has reserved; -1 where it does not tell."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    try:
        return int(cuda.memory_reserved()) if cuda else -1
    except Exception:
        return -1
