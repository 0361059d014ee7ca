"""Rows of several steps that are recorded together, because one record costs more than its rows do."""

from __future__ import annotations

import struct
from typing import Any

from .probe import Probe

_MOST = 16
"""Steps in one record: what `kill -9` costs at most."""


class RowBatch:
    """Collects rows of one type of record and commits 16 at a time, and what there is at a heart beat.

    `add` is for one thread at a time or for rows whose order does not matter; no row is lost or told twice.
    """

    def __init__(self, probe: Probe, kind: str) -> None:
        self._probe = probe
        self._kind = probe.kind(kind)
        self._rows: list[tuple[Any, ...]] = []
        self._fixed: tuple[Any, ...] = ()
        row = self._kind.row
        assert row
        self._pack = row.pack
        self._many = struct.Struct("<" + row.format[1:] * _MOST)
        probe.flushers.append(self.flush)
        probe.after_fork.append(self._rows.clear)

    def with_fields(self, *fixed: Any) -> None:
        """The fields of the record itself."""
        self._fixed = fixed

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds a row: its fields in their order."""
        rows = self._rows
        rows.append(row)
        if len(rows) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Records what there is."""
        rows = self._rows
        count = len(rows)
        if not count:
            return
        taken = rows[:count]
        del rows[:count]
        first = taken[0][0]
        ts = first if isinstance(first, int) else self._probe.now()
        if count == _MOST:
            packed = self._many.pack(*[value for row in taken for value in row])
        else:
            packed = b"".join([self._pack(*row) for row in taken])
        self._probe.recorder.emit_rows(self._kind, ts, count, packed, *self._fixed)
