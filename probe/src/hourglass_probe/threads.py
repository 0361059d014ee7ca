"""What the kernel tells of the thread that runs the steps: time on a core, time waiting for one."""

from __future__ import annotations

import os
import threading

from .probe import Probe


_LONG_WAIT_NS = 100_000
"""A step in which its thread waited longer for a core is told, from the last look before it to its own end."""

_LOOK_EVERY = 16


class ThreadTimes:
    """Records `thread_time` of the calling thread around steps in which it had to wait for a core, and once per heart beat;
    nothing where the kernel keeps no such account."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("thread_time")
        self._on = probe.settings.on("stalls")
        self._files: dict[int, int] = {}
        self._last: dict[int, tuple[int, int, list[bytes], int]] = {}
        self._told: dict[int, int] = {}
        self._ended = self._looked = self._shortest = self._best = self._count = 0
        probe.after_fork.append(self._forget)

    def _forget(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files, self._last, self._told = {}, {}, {}

    def tell(self, step: int, now: int) -> None:
        """Looks at the sums of the calling thread at the end of a step, at CLOCK_MONOTONIC ns `now`. A step in which the thread
        waited was longer than others: steps that were not are looked at together, once in 16, or at a heart beat."""
        if not self._on:
            return
        took, self._ended = now - self._ended, now
        self._count += 1
        if took < self._best:
            self._best = took
        if self._count >= _LOOK_EVERY:
            self._shortest, self._best, self._count = self._best, took, 0
        elif took <= self._shortest + _LONG_WAIT_NS // 2 and self._probe.last_beat <= self._looked:
            return
        self._looked = now
        self._read(step, now)

    def _read(self, step: int, now: int) -> None:
        tid = threading.get_native_id()
        file = self._files.get(tid)
        if file is None:
            file = self._open(tid)
        if file >= 0:
            self._look(now, os.pread(file, 96, 0).split(), tid, step)

    def _look(self, now: int, sums: list[bytes], tid: int, step: int) -> None:
        """Most steps end here: what they read is kept as it came, in case that the next one is to be told from it."""
        waited, last = int(sums[1]), self._last.get(tid)
        self._last[tid] = (now, waited, sums, step)
        if last is None or self._probe.last_beat > self._told.get(tid, -1):
            self._emit(now, sums, tid, step)
        elif waited - last[1] > _LONG_WAIT_NS:
            if last[0] > self._told.get(tid, -1):
                self._emit(last[0], last[2], tid, last[3])
            self._emit(now, sums, tid, step)

    def _emit(self, ts: int, sums: list[bytes], tid: int, step: int) -> None:
        self._told[tid] = ts
        run, wait, slices = map(int, sums)
        self._probe.recorder.emit(self._kind, ts, run, wait, slices, tid, step)

    def _open(self, tid: int) -> int:
        try:
            file = os.open(f"/proc/self/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return -1
        self._files[tid] = file
        return file
