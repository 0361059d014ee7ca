"""Segments: files of a fixed size, mapped and shared, that a cursor commits record by record.

The pages belong to the file from the moment they are written, so what the cursor covers outlives the process,
whatever ends it. Nothing here is buffered and nothing is flushed.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass

from . import clocks
from .layout import Layout

OPEN, SEALED, ENDED, FULL = 0, 1, 2, 3

CURSOR, _STATE, _DROPPED, _CONTROL = 3, 4, 5, 11  # as 8-byte words


@dataclass(frozen=True)
class Owner:
    """The process that writes: its number, its start in clock ticks, its role (at most 32 bytes of UTF-8)."""

    pid: int
    start_ticks: int
    role: str


class Segment:
    """One mapped file. Not safe for several threads: the recorder holds a lock around it.

    A record is written at `position` and made part of the file by storing its end in `words[CURSOR]`.
    """

    def __init__(self, layout: Layout, directory: str, owner: Owner, sequence: int, size: int) -> None:
        """Makes the file, whole or not at all. Raises OSError where the disk is full or the directory cannot be written."""
        self.path = os.path.join(directory, f"{owner.role}-{owner.pid}-{owner.start_ticks}-{sequence}.seg")
        self.size = size
        hidden = os.path.join(directory, f".{os.path.basename(self.path)}.new")
        descriptor = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            # Blocks are reserved now: writing to a mapped file on a full disk would kill the process.
            os.posix_fallocate(descriptor, 0, size)
            self.map = mmap.mmap(descriptor, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
            self._write_header(layout, owner, sequence)
            os.rename(hidden, self.path)
        except BaseException:
            os.unlink(hidden)
            raise
        finally:
            os.close(descriptor)
        self.words = memoryview(self.map).cast("Q")
        self.position = layout.header_bytes

    def _write_header(self, layout: Layout, owner: Owner, sequence: int) -> None:
        monotonic, wall, error = clocks.pair()
        struct.pack_into("<8sIIQQQQ", self.map, 0, layout.magic, layout.version, layout.header_bytes, self.size, layout.header_bytes, OPEN, 0)
        struct.pack_into("<IIQQQQQI", self.map, 48, owner.pid, sequence, owner.start_ticks, monotonic, wall, error, 0, layout.crc)
        struct.pack_into("<32s", self.map, 128, owner.role.encode()[:32])

    @property
    def control(self) -> int:
        """What the reader asks of the probe."""
        return self.words[_CONTROL]

    def tell_dropped(self, count: int) -> None:
        """Says how many records the process dropped so far."""
        self.words[_DROPPED] = count

    def close(self, state: int) -> None:
        """Says that nothing more comes here, and why. The mapping stays as long as anybody holds it."""
        self.words[_STATE] = state

    def unmap(self) -> None:
        """Gives the mapping back."""
        self.words.release()
        self.map.close()
