"""What the kernel tells of the thread that runs the steps: time on a core, time waiting for one."""

from __future__ import annotations

import os
import threading

from . import clocks
from .probe import Probe


class ThreadTimes:
    """Records `thread_time` of the calling thread; nothing where the kernel keeps no such account."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("thread_time")
        self._on = probe.settings.on("stalls")
        self._files: dict[int, int] = {}
        probe.after_fork.append(self._forget)

    def _forget(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files = {}

    def tell(self, step: int) -> None:
        """Records the sums of the calling thread at the end of a step."""
        if not self._on:
            return
        tid = threading.get_native_id()
        file = self._files.get(tid)
        if file is None:
            file = self._open(tid)
        if file < 0:
            return
        run, wait, slices = os.pread(file, 96, 0).split()
        self._probe.recorder.emit(self._kind, clocks.now(), int(run), int(wait), int(slices), tid, step)

    def _open(self, tid: int) -> int:
        try:
            file = os.open(f"/proc/self/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return -1
        self._files[tid] = file
        return file
