"""Sums of what a process does on the host, until a step ends."""

from __future__ import annotations

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


class Operations:
    """The tallies of a process by the role whose steps they belong to; those of the role `any` go with any step."""

    def __init__(self, layout: Layout, recorder: Recorder) -> None:
        self._kind = layout.kinds["operations"]
        self._recorder = recorder
        self._tallies: dict[str, dict[str, Tally]] = {}

    def tally(self, role: str, name: str) -> Tally:
        """The tally of an operation; the same for all that give the same names."""
        return self._tallies.setdefault(role, {}).setdefault(name, Tally(name))

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        for tallies in self._tallies.values():
            for tally in tallies.values():
                tally.__init__(tally.name)  # type: ignore[misc]

    def flush(self, role: str, step: int = ABSENT_U32) -> None:
        """Records what was added for a role since its last flush; nothing where that is nothing."""
        rows: list[bytes] = []
        first = 0
        for group in (role, "any"):
            for tally in self._tallies.get(group, {}).values():
                count = tally.count - tally.told_count
                if count:
                    first = min(first or tally.first_ts, tally.first_ts)
                    rows.append(self._row(tally, count))
        if rows:
            self._recorder.emit_rows(self._kind, first, len(rows), b"".join(rows), step)

    def _row(self, tally: Tally, count: int) -> bytes:
        total = tally.total_ns - tally.told_ns
        row: Any = self._kind.row
        packed: bytes = row.pack(tally.first_ts, total, min(total, tally.max_ns), self._recorder.text(tally.name), count)
        tally.told_count += count
        tally.told_ns += total
        tally.max_ns = tally.first_ts = 0
        return packed

    def flush_all(self) -> None:
        """Records what is left of every role."""
        for role in self._tallies:
            self.flush(role)
