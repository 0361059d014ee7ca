"""Times of steps on a GPU by events that nobody waits for."""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import Any

from .batches import RowBatch
from .layout import ABSENT_U32
from .probe import Probe
from .worker import Step, WorkerWatch

_MOST_OPEN = 256
_LOOK_EVERY = 16
_NOT_TOLD = float("nan")


class Marks:
    """The events of one step, used again and again: entry, start and end of the forward pass, end."""

    __slots__ = ("number", "entry", "forward", "forward_end", "end", "began", "ended")

    def __init__(self, event: Any) -> None:
        self.number = 0
        self.entry, self.forward, self.forward_end, self.end = event(), event(), event(), event()
        self.began = self.ended = False


class DeviceTimes:
    """Records events at the entry of a step, the start and end of its forward pass, and its end.

    They are read long after: one look in 16 steps asks whether the oldest 16 are done, and each step then reads one of them,
    so that no step pays for many. Events are recorded on the stream that is current when the step begins. Steps whose events
    are not done after 256 further ones are given up. An error of the device switches it off for good.
    """

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._rows = RowBatch(probe, "device_steps")
        self._torch: Any = None
        self._device = ABSENT_U32
        self._reading = threading.Lock()
        self._forget()
        if probe.settings.on("forward"):
            worker.at_loaded.append(self._loaded)
            worker.at_begin.append(self._entered)
            worker.at_forward.append(self._forward_begins)
            worker.at_forward_end.append(self._forward_ended)
            worker.at_end.append(self._ended)
        probe.flushers.insert(0, self.flush)  # before the rows, which are flushed with what it reads
        probe.after_fork.append(self._forget)

    def _forget(self) -> None:
        self._torch = self._current = self._previous = self._stream = None
        self._raw = -1
        self._raw_stream: Any = None
        self._free: list[Marks] = []
        self._open: deque[Marks] = deque()
        self._done = 0
        self._steps = 0

    def _loaded(self, worker: Any) -> None:
        device = getattr(worker, "device", None)
        if getattr(device, "type", None) == "cuda":
            self._torch = sys.modules["torch"]
            self._device = device.index if device.index is not None else self._torch.cuda.current_device()
            self._rows.with_fields(self._device)
            self._raw_stream = getattr(self._torch._C, "_cuda_getCurrentRawStream", None)

    def _new(self) -> Any:
        return self._torch.cuda.Event(enable_timing=True)

    def _current_stream(self) -> Any:
        """The stream of the thread; its object is made anew only when it is another one."""
        raw = -1 if self._raw_stream is None else self._raw_stream(self._device)
        if raw != self._raw or raw == -1:
            self._raw, self._stream = raw, self._torch.cuda.current_stream(self._device)
        return self._stream

    # A step: hooks lie outside of what a graph captures, so one look at its begin is enough. -----------------------------

    def _entered(self, step: Step) -> None:
        self._current = None
        if self._torch is None or self._torch.cuda.is_current_stream_capturing():
            return
        marks = self._free.pop() if self._free else Marks(self._new)
        marks.number, marks.began, marks.ended = step.number, False, False
        marks.entry.record(self._current_stream())
        self._current = marks

    def _forward_begins(self, step: Step) -> None:
        marks = self._current
        if marks is not None:
            marks.forward.record(self._stream)
            marks.began = True

    def _forward_ended(self, step: Step) -> None:
        marks = self._current
        if marks is not None and marks.began:
            marks.forward_end.record(self._stream)
            marks.ended = True

    def _ended(self, step: Step) -> None:
        marks, self._current = self._current, None
        if marks is None:
            return
        marks.end.record(self._stream)
        self._open.append(marks)
        self._steps += 1
        if self._done or self._steps % _LOOK_EVERY == 0:
            self._contained_read(1)

    def _contained_read(self, most: int) -> None:
        """Reads steps that are done, unless another thread is at it."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            self._read(most)
        except Exception as error:
            self._torch = None
            self._open.clear()
            self._probe.contain("device times", error)
        finally:
            self._reading.release()

    def _read(self, most: int) -> None:
        opened = self._open
        if not self._done:
            size = min(len(opened), _LOOK_EVERY)
            if size and opened[size - 1].end.query():
                self._done = size
            elif len(opened) > _MOST_OPEN:
                opened.popleft()
                self._previous = None
        while self._done and most:
            self._done -= 1
            most -= 1
            self._tell(opened.popleft())

    def flush(self) -> None:
        """Reads all that is done, where the process is idle: a device has finished by then."""
        if not self._probe.idle or self._torch is None:
            return
        while self._open:
            left = len(self._open)
            self._contained_read(_LOOK_EVERY)
            if len(self._open) == left:
                return

    def _tell(self, marks: Marks) -> None:
        previous = self._previous
        idle = previous.end.elapsed_time(marks.entry) * 1e6 if previous is not None and previous.number == marks.number - 1 else _NOT_TOLD
        prepare = forward = sample = _NOT_TOLD
        if marks.ended:
            prepare = marks.entry.elapsed_time(marks.forward) * 1e6
            forward = marks.forward.elapsed_time(marks.forward_end) * 1e6
            sample = marks.forward_end.elapsed_time(marks.end) * 1e6
            total = prepare + forward + sample
        else:
            total = marks.entry.elapsed_time(marks.end) * 1e6
        self._rows.add((total, prepare, forward, sample, idle, marks.number))
        if previous is not None:
            self._free.append(previous)
        self._previous = marks
