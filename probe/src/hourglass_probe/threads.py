"""What the kernel tells of the thread that runs the steps: time on a core, time waiting for one."""

from __future__ import annotations

import os
import threading

from . import clocks
from .probe import Probe


_LONG_WAIT_NS = 100_000
"""A step in which its thread waited longer for a core is told exactly, from the end of the step before to its own."""

Reading = tuple[int, int, int, int, int, int]
"""CLOCK_MONOTONIC ns of the reading, then the fields of the record: run, wait, slices, thread, step."""


class ThreadTimes:
    """Records `thread_time` of the calling thread around steps in which it had to wait for a core, and once per heart beat;
    nothing where the kernel keeps no such account."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("thread_time")
        self._on = probe.settings.on("stalls")
        self._files: dict[int, int] = {}
        self._last: dict[int, Reading] = {}
        self._told: dict[int, int] = {}
        probe.after_fork.append(self._forget)

    def _forget(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files, self._last, self._told = {}, {}, {}

    def tell(self, step: int) -> None:
        """Looks at the sums of the calling thread at the end of a step."""
        if not self._on:
            return
        tid = threading.get_native_id()
        file = self._files.get(tid)
        if file is None:
            file = self._open(tid)
        if file < 0:
            return
        run, wait, slices = os.pread(file, 96, 0).split()
        self._look((clocks.now(), int(run), int(wait), int(slices), tid, step))

    def _look(self, reading: Reading) -> None:
        tid = reading[4]
        last, told = self._last.get(tid), self._told.get(tid, -1)
        self._last[tid] = reading
        if last is None or self._probe.last_beat > told:
            self._emit(reading)
        elif reading[2] - last[2] > _LONG_WAIT_NS:
            if last[0] > told:
                self._emit(last)
            self._emit(reading)

    def _emit(self, reading: Reading) -> None:
        self._told[reading[4]] = reading[0]
        self._probe.recorder.emit(self._kind, *reading)

    def _open(self, tid: int) -> int:
        try:
            file = os.open(f"/proc/self/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return -1
        self._files[tid] = file
        return file
