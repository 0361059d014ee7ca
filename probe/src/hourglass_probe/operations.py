"""Sums of what each thread did, until a step ends."""

from __future__ import annotations

import threading
from typing import Any

from .layout import ABSENT_U32, Layout
from .recorder import Recorder

Table = dict[str, list[int]]
"""By name: start of the first call, time of all, time of the longest, calls."""


class Operations:
    """Sums calls by name, one table per thread, and records a thread's table as one record `operations`."""

    def __init__(self, layout: Layout, recorder: Recorder) -> None:
        self._kind = layout.kinds["operations"]
        self._recorder = recorder
        self.forget_parent()

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._local = threading.local()
        self._holders: list[list[Table]] = []

    def add(self, name: str, start: int, end: int) -> None:
        """Adds one call of the calling thread; times are CLOCK_MONOTONIC ns."""
        try:
            table = self._local.holder[0]
        except AttributeError:
            table = self._begin()
        entry = table.get(name)
        took = end - start
        if entry is None:
            table[name] = [start, took, took, 1]
            return
        entry[1] += took
        entry[3] += 1
        if took > entry[2]:
            entry[2] = took

    def _begin(self) -> Table:
        self._local.holder = [{}]
        self._holders.append(self._local.holder)
        return self._local.holder[0]

    def flush(self, step: int = ABSENT_U32) -> None:
        """Records what the calling thread did since its last flush; nothing where it did nothing."""
        holder = self._local.__dict__.get("holder")
        if holder and holder[0]:
            self._record(holder, step)

    def flush_all(self) -> None:
        """Records what every thread did: only where the others do nothing any more."""
        for holder in list(self._holders):
            if holder[0]:
                self._record(holder, ABSENT_U32)

    def _record(self, holder: list[Table], step: int) -> None:
        """Takes the table away first: a collection of garbage in the middle adds to the next one."""
        table, holder[0] = holder[0], {}
        pack, text = self._pack, self._recorder.text
        first = min(entry[0] for entry in table.values())
        rows = b"".join(pack(entry[0], entry[1], entry[2], text(name), entry[3]) for name, entry in table.items())
        self._recorder.emit_rows(self._kind, first, len(table), rows, step)

    @property
    def _pack(self) -> Any:
        assert self._kind.row
        return self._kind.row.pack
