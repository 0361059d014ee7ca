"""Times of steps on a GPU by events that nobody waits for."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

from . import clocks
from .layout import ABSENT_U32, ABSENT_U64
from .probe import Probe
from .worker import Step, WorkerWatch

_MOST_OPEN = 64


class DeviceTimes:
    """Records events at the entry of a step, the start and end of its forward pass, and its end; reads them when they are done.

    Events are recorded on the stream that is current in the thread of the step. A step whose events are not done after 64
    further ones is given up.
    """

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._kind = probe.kind("device_step")
        self._torch: Any = None
        self._device = ABSENT_U32
        self._free: list[Any] = []
        self._open: deque[tuple[int, dict[str, Any]]] = deque()
        self._current: dict[str, Any] = {}
        self._previous: Any = None
        if probe.settings.on("forward"):
            worker.at_loaded.append(self._loaded)
            worker.at_begin.append(self._entered)
            worker.at_forward.append(lambda step: self._mark("forward"))
            worker.at_forward_end.append(lambda step: self._mark("forward_end"))
            worker.at_end.append(self._ended)
        probe.after_fork.append(self._forget)

    def _forget(self) -> None:
        self._torch = self._previous = None
        self._free, self._current = [], {}
        self._open.clear()

    def _loaded(self, worker: Any) -> None:
        device = getattr(worker, "device", None)
        if getattr(device, "type", None) == "cuda":
            self._torch = sys.modules["torch"]
            self._device = device.index if device.index is not None else self._torch.cuda.current_device()

    def _mark(self, name: str) -> None:
        if self._torch is None or self._torch.cuda.is_current_stream_capturing():
            return
        event = self._free.pop() if self._free else self._torch.cuda.Event(enable_timing=True)
        event.record()
        self._current[name] = event

    def _entered(self, step: Step) -> None:
        self._current = {}
        self._mark("entry")

    def _ended(self, step: Step) -> None:
        if self._torch is None or "entry" not in self._current:
            return
        self._mark("end")
        if "end" in self._current:
            self._open.append((step.number, self._current))
        while self._open and self._open[0][1]["end"].query():
            self._tell(*self._open.popleft())
        if len(self._open) > _MOST_OPEN:
            self._open.popleft()
            self._previous = None

    def _tell(self, number: int, events: dict[str, Any]) -> None:
        entry, end = events["entry"], events["end"]
        forward, forward_end = events.get("forward"), events.get("forward_end")
        idle = _between(self._previous[1], entry) if self._previous and self._previous[0] == number - 1 else ABSENT_U64
        values = (_between(entry, end), _between(entry, forward), _between(forward, forward_end), _between(forward_end, end), idle)
        self._probe.recorder.emit(self._kind, clocks.now(), *values, number, self._device)
        if self._previous:
            self._free.append(self._previous[1])
        self._free += [event for event in (entry, forward, forward_end) if event is not None]
        self._previous = (number, end)


def _between(first: Any, second: Any) -> int:
    """Time between two events that are done, in ns; absent where one was not recorded."""
    if first is None or second is None:
        return ABSENT_U64
    return max(0, int(first.elapsed_time(second) * 1e6))
