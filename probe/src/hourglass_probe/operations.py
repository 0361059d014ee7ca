"""What a process does on the host: single calls until a step ends, sums where there is none."""

from __future__ import annotations

import struct
from typing import Any

from .layout import ABSENT_U32, Layout
from .recorder import Recorder


class Tally:
    """Calls of one operation: their number, times in ns, the start of the first since the last record.

    Who adds does so without a lock and without a call, because it costs on every call of a hooked function. `count` and
    `total_ns` only grow, so nothing is lost to who reads in between.
    """

    __slots__ = ("name", "count", "total_ns", "max_ns", "first_ts", "told_count", "told_ns")

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = self.total_ns = self.max_ns = self.first_ts = self.told_count = self.told_ns = 0

    def add(self, start: int, took: int) -> None:
        """Adds a call that began at CLOCK_MONOTONIC ns `start`."""
        if not self.first_ts:
            self.first_ts = start
        self.count += 1
        self.total_ns += took
        if took > self.max_ns:
            self.max_ns = took


_MOST_NUMBERS = 3 * 512
"""Three for a call: when so many are there, they are recorded at the end of the step."""


class CallLog:
    """Calls, three numbers each: start, time, number of the operation's text; and behind the calls of a step its number.

    `add` takes such a triple at once, so calls of several threads do not mix; it is a method of a list, the cheapest place
    that Python has.
    """

    __slots__ = ("items", "add", "ended")

    def __init__(self) -> None:
        self.items: list[int] = []
        self.add = self.items.extend
        self.ended = 0
        """How many numbers are of steps that ended."""

    def end_step(self, step: int) -> None:
        """Says that what was added since the last end belongs to a step."""
        self.add((step, 0, 0))
        self.ended = len(self.items)

    def take(self) -> list[int]:
        """Takes out what belongs to steps that ended; what other threads add meanwhile stays."""
        items, count = self.items, self.ended
        taken = items[:count]
        self.ended = 0
        del items[:count]
        return taken


class Operations:
    """What the processes' roles do. Engine cores and workers note calls, which are recorded when a step ends; those of the
    role `any` go with any step. What has no steps sums its calls."""

    def __init__(self, layout: Layout, recorder: Recorder) -> None:
        self._sums = layout.kinds["operations"]
        self._calls = layout.kinds["operation_calls"]
        self._recorder = recorder
        self._tallies: dict[str, dict[str, Tally]] = {}
        self._any = CallLog()
        self._logs: dict[str, CallLog] = {}

    def log(self, role: str) -> CallLog:
        """The log of a role."""
        return self._any if role == "any" else self._logs.setdefault(role, CallLog())

    def tally(self, role: str, name: str) -> Tally:
        """The tally of an operation; the same for all that give the same names."""
        return self._tallies.setdefault(role, {}).setdefault(name, Tally(name))

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        for tallies in self._tallies.values():
            for tally in tallies.values():
                tally.__init__(tally.name)  # type: ignore[misc]
        for log in (self._any, *self._logs.values()):
            log.items.clear()
            log.ended = 0

    def flush(self, role: str, step: int = ABSENT_U32) -> None:
        """Ends a step of a role: what was added since the last end belongs to it. Sums are recorded at once, calls when there
        are many of them, so that they are packed together."""
        log = self._logs.get(role)
        if log is not None and (log.items or self._any.items):
            if self._any.items:
                self._any.ended = len(self._any.items)
                log.add(self._any.take())
            log.end_step(step)
            if log.ended >= _MOST_NUMBERS:
                self._tell_calls(log)
        if role in self._tallies:
            self._tell_sums(self._tallies[role].values(), step)

    def _tell_calls(self, log: CallLog) -> None:
        taken = log.take()
        assert self._calls.row
        for begin in range(0, len(taken), _MOST_NUMBERS):
            part = taken[begin : begin + _MOST_NUMBERS]
            packed = struct.pack("<" + self._calls.row.format[1:] * (len(part) // 3), *part)
            self._recorder.emit_rows(self._calls, part[0], len(part) // 3, packed)

    def commit(self) -> None:
        """Records the calls of all steps that ended."""
        for log in self._logs.values():
            if log.ended:
                self._tell_calls(log)

    def _tell_sums(self, tallies: Any, step: int) -> None:
        rows: list[bytes] = []
        first = 0
        for tally in tallies:
            count = tally.count - tally.told_count
            if count:
                first = min(first or tally.first_ts, tally.first_ts)
                rows.append(self._row(tally, count))
        if rows:
            self._recorder.emit_rows(self._sums, first, len(rows), b"".join(rows), step)

    def _row(self, tally: Tally, count: int) -> bytes:
        total = tally.total_ns - tally.told_ns
        row: Any = self._sums.row
        packed: bytes = row.pack(tally.first_ts, total, min(total, tally.max_ns), self._recorder.text(tally.name), count)
        tally.told_count += count
        tally.told_ns += total
        tally.max_ns = tally.first_ts = 0
        return packed

    def flush_long(self) -> None:
        """Ends what became long without a step that ended."""
        for role, log in self._logs.items():
            if len(log.items) > 2 * _MOST_NUMBERS:
                self.flush(role)

    def flush_all(self) -> None:
        """Records what is left of every role."""
        for role in {**self._tallies, **self._logs}:
            self.flush(role)
        self.commit()
