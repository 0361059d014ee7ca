"""A heart beat for a process that fell idle: what is summed is committed although no step comes."""

from __future__ import annotations

import threading
import time

from . import clocks
from .probe import Probe


class IdleBeat:
    """A thread that wakes once per period and beats where steps were made since the last beat and none came in a period.

    It begins with the first step, after the engine made its processes.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._thread: threading.Thread | None = None
        probe.after_fork.append(self._forget)
        probe.at_first_step.append(self.begin)

    def _forget(self) -> None:
        self._thread = None

    def begin(self) -> None:
        """Starts the thread, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hourglass-idle", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        period = self._probe.settings.flush_ns
        while True:
            time.sleep(period / 1e9)
            try:
                now = clocks.now()
                if self._probe.last_pulse > self._probe.last_beat and now - self._probe.last_pulse > period:
                    self._probe.beat(now, idle=True)
                self._probe.operations.flush_long()
            except Exception as error:
                self._probe.contain("idle", error)
                return
