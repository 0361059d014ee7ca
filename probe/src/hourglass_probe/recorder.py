"""The recorder of a process: gives texts and threads their numbers and appends records to segments.

Any thread may emit at any time, also from a signal handler or a callback of the garbage collector that interrupts an
emit of the same thread: such a record waits and is appended when the interrupted one is committed.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import Any

from . import clocks
from .layout import Kind, Layout
from .segment import CURSOR, ENDED, FULL, SEALED, Owner, Segment

SEGMENT_BYTES = 4 << 20
LIMIT_BYTES = 1 << 30
_MOST_THREADS = 65534
_LONGEST_TEXT = 1 << 16
_MOST_PENDING = 4096
_MOST_LATER = 64
_SPOKEN_IN_SILENCE = 9  # the types that say what the process and the probe are


class Recorder:
    """Appends records of one process below one directory.

    No method raises an error for a full disk, a directory that cannot be written, or a limit that is reached: from then
    on records are dropped and counted. A forked child has a recorder of its own once `forget_parent` was called there.
    While `silent`, records of what the engine does are left out; they count as nothing.
    """

    def __init__(self, layout: Layout, directory: str, segment_bytes: int = SEGMENT_BYTES, limit_bytes: int = LIMIT_BYTES) -> None:
        self.layout = layout
        self.directory = directory
        self.role = "python"
        self.silent = False
        self._segment_bytes = max(4096, segment_bytes // 4096 * 4096)
        self._limit_bytes = limit_bytes
        kinds = layout.kinds
        self._str, self._thread = kinds["str"], kinds["thread"]
        self._fixed_texts: dict[str, int] = {}
        self.forget_parent()

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork: no segment, no numbers, a lock that nobody holds."""
        self._lock = threading.RLock()
        self._busy = False
        self._pending: deque[tuple[Kind, int, int, bytes | None, tuple[Any, ...]]] = deque()
        self._later: list[tuple[Kind, int, int, tuple[Any, ...]]] = []
        self._segment: Segment | None = None
        self._sequence = 0
        self._stopped = False
        self._texts: dict[str, int] = dict(self._fixed_texts)
        self._next_text = 1 + len(self._fixed_texts)
        self._untold = list(self._fixed_texts)
        self._local = threading.local()
        self._threads = 0
        self.records = 0
        self.bytes = 0
        self.dropped = 0
        self.failure: str | None = None

    @property
    def control(self) -> int:
        """What the reader asks for; 0 before the first record."""
        segment = self._segment
        return segment.control if segment else 0

    def text(self, text: str | None) -> int:
        """The number of a text; 0 for None. A new text is recorded first."""
        if text is None:
            return 0
        number = self._texts.get(text)
        return self._intern(text) if number is None else number

    def fixed_text(self, text: str) -> int:
        """The number of a text that stays the same in forked children. To be asked for before the first record; later it is
        the number that `text` gives."""
        if self.records or self._next_text != 1 + len(self._fixed_texts):
            return self.text(text)
        number = self._fixed_texts.setdefault(text, 1 + len(self._fixed_texts))
        self._texts[text] = number
        self._next_text = 1 + len(self._fixed_texts)
        self._untold = list(self._fixed_texts)
        return number

    def forget(self, text: str) -> None:
        """Forgets a text that will hardly come again, such as the name of a request that ended."""
        if text not in self._fixed_texts:
            self._texts.pop(text, None)

    def _intern(self, text: str) -> int:
        with self._lock:
            number = self._texts.get(text)
            if number is not None:
                return number
            number = self._next_text
            self._next_text += 1
            self._texts[text] = number
            self.emit_text(self._str, clocks.now(), text, number)
            return number

    def later(self, kind: Kind, ts: int, *values: Any) -> None:
        """Takes a record without a tail as `emit` does, and appends it with the next ones: before any other record, when 64
        wait, or at a heart beat. Packing many at once costs a third of packing each, whose code and data are cold by then."""
        waiting = self._later
        try:
            index = self._local.index
        except AttributeError:
            index = self._declare_thread()
        waiting.append((kind, ts, index, values))
        if len(waiting) >= _MOST_LATER:
            self.commit_later()

    def commit_later(self) -> None:
        """Appends what waits."""
        with self._lock:
            if self._busy:
                return
            try:
                self._busy = True
                count = len(self._later)
                waiting = self._later[:count]
                del self._later[:count]
                if not self.silent:
                    self._append_all(waiting)
            finally:
                self._busy = False
            if self._pending:
                self._drain()

    def _append_all(self, waiting: list[tuple[Kind, int, int, tuple[Any, ...]]]) -> None:
        """Appends many records, with one commit for as many as a segment holds."""
        segment = self._segment
        room = sum([each[0].size for each in waiting])
        if segment is None or segment.position + room > segment.size:
            self._append_each(waiting)
            return
        try:
            self._pack_all(segment, waiting, room)
        except Exception:  # of one record's values: the others must not be lost with it
            self._append_each(waiting)

    def _append_each(self, waiting: list[tuple[Kind, int, int, tuple[Any, ...]]]) -> None:
        """Appends many records one by one; raises the last error when all that can be packed are there."""
        failure: Exception | None = None
        for kind, ts, index, values in waiting:
            try:
                self._append(kind, ts, index, values)
            except Exception as error:
                failure = error
                self._drop(1)
        if failure:
            raise failure

    def _pack_all(self, segment: Segment, waiting: list[tuple[Kind, int, int, tuple[Any, ...]]], room: int) -> None:
        place, at = segment.map, segment.position
        for kind, ts, index, values in waiting:
            size = kind.size
            kind.pack_into(place, at, size, kind.number, index, ts, *values)
            at += size
        segment.position = segment.words[CURSOR] = at
        self.records += len(waiting)
        self.bytes += room

    def emit(self, kind: Kind, ts: int, *values: Any) -> None:
        """Appends a record without a tail. `ts` is CLOCK_MONOTONIC in ns; `values` are its fields in their order."""
        if self.silent and kind.number > _SPOKEN_IN_SILENCE:
            return
        with self._lock:
            if self._busy:
                self._wait(kind, ts, 0, None, values)
                return
            if self._untold or self._later:
                self._tell_first()
            try:
                self._busy = True
                self._append(kind, ts, None, values)
            finally:
                self._busy = False
            if self._pending:
                self._drain()

    def _append(self, kind: Kind, ts: int, index: int | None, values: tuple[Any, ...]) -> None:
        size, segment = kind.size, self._segment
        if segment is None or segment.position + size > segment.size:
            segment = self._next_segment(size)
            if segment is None:
                return
        start = segment.position
        kind.pack_into(segment.map, start, size, kind.number, self._thread_index() if index is None else index, ts, *values)
        # The commit: one store of eight aligned bytes.
        segment.position = segment.words[CURSOR] = start + size
        self.records += 1
        self.bytes += size

    def _tell_first(self) -> None:
        """Records what must stand before the next record: the fixed texts, and what waits."""
        untold, self._untold = self._untold, []
        for text in untold:
            self.emit_text(self._str, clocks.now(), text, self._fixed_texts[text])
        if self._later:
            self.commit_later()

    def emit_rows(self, kind: Kind, ts: int, count: int, rows: bytes, *values: Any) -> None:
        """Appends a record with `count` rows, packed one behind the other as the kind's `row` packs them."""
        if self.silent and kind.number > _SPOKEN_IN_SILENCE:
            return
        self._emit_tail(kind, ts, count, rows, values)

    def emit_text(self, kind: Kind, ts: int, text: str, *values: Any) -> None:
        """Appends a record whose tail is a text; what is longer than 64 KiB is cut between characters."""
        tail = text.encode("utf-8", "replace")
        if len(tail) > _LONGEST_TEXT:
            tail = tail[:_LONGEST_TEXT].decode("utf-8", "ignore").encode()
        self._emit_tail(kind, ts, len(tail), tail, values)

    def _emit_tail(self, kind: Kind, ts: int, count: int, tail: bytes, values: tuple[Any, ...]) -> None:
        with self._lock:
            if self._busy:
                self._wait(kind, ts, count, tail, values)
                return
            if self._untold or self._later:
                self._tell_first()
            try:
                self._busy = True
                self._append_tail(kind, ts, count, tail, values)
            finally:
                self._busy = False
            if self._pending:
                self._drain()

    def _append_tail(self, kind: Kind, ts: int, count: int, tail: bytes, values: tuple[Any, ...]) -> None:
        length = (kind.size + len(tail) + 7) & ~7
        segment = self._segment
        if segment is None or segment.position + length > segment.size:
            segment = self._next_segment(length)
            if segment is None:
                return
        start, index = segment.position, self._thread_index()
        size = kind.size
        kind.pack_into(segment.map, start, length, kind.number, index, ts, count, size, kind.row_bytes, *values)
        segment.map[start + size : start + size + len(tail)] = tail
        segment.position = segment.words[CURSOR] = start + length
        self.records += 1
        self.bytes += length

    def _wait(self, kind: Kind, ts: int, count: int, tail: bytes | None, values: tuple[Any, ...]) -> None:
        if len(self._pending) >= _MOST_PENDING:
            self._drop(1)
            return
        self._pending.append((kind, ts, count, tail, values))

    def _drain(self) -> None:
        while self._pending:
            kind, ts, count, tail, values = self._pending.popleft()
            if tail is None:
                self.emit(kind, ts, *values)
            else:
                self._emit_tail(kind, ts, count, tail, values)

    def _thread_index(self) -> int:
        try:
            return self._local.index
        except AttributeError:
            return self._declare_thread()

    def _declare_thread(self) -> int:
        """Numbers the thread. Its record waits until the one that is being written is committed."""
        index = self._threads
        if index >= _MOST_THREADS:
            self._local.index = 65535
            return 65535
        self._threads += 1
        self._local.index = index
        name = threading.current_thread().name.encode("utf-8", "replace")[:256]
        self._pending.append((self._thread, clocks.now(), len(name), name, (threading.get_native_id(), index)))
        return index

    def _next_segment(self, length: int) -> Segment | None:
        """A segment with room for a record of `length` bytes, or None: then the record is counted as dropped."""
        fits = self.layout.header_bytes + length <= self._segment_bytes
        if self._stopped or not fits:
            self._drop(1)
            return None
        if (self._sequence + 1) * self._segment_bytes > self._limit_bytes:
            return self._stop("the limit of its disk space is reached")
        try:
            owner = Owner(os.getpid(), clocks.start_ticks(), self.role)
            segment = Segment(self.layout, self.directory, owner, self._sequence, self._segment_bytes)
        except (OSError, ValueError) as error:
            return self._stop(f"no segment could be made: {error}")
        if self.dropped:
            segment.tell_dropped(self.dropped)
        if self._segment:
            self._segment.close(SEALED)
            self._segment.unmap()
        self._segment = segment
        self._sequence += 1
        return segment

    def _stop(self, why: str) -> None:
        self._stopped = True
        self.failure = why
        if self._segment:
            self._segment.close(FULL)
        self._drop(1)

    def _drop(self, count: int) -> None:
        self.dropped += count
        if self._segment:
            self._segment.tell_dropped(self.dropped)

    def end(self) -> None:
        """Says that the interpreter ends in order; records that come later are appended all the same."""
        if not self._segment:
            return
        self.emit(self.layout.kinds["end"], clocks.now())
        with self._lock:
            if self._segment and not self._stopped:
                self._segment.close(ENDED)
