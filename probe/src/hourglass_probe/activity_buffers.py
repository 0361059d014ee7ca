"""The buffers that CUPTI fills: who gives them, who takes them back, and the walk over their records.

CUPTI calls for a buffer in the middle of a launch, perhaps with a lock of its own in hand. Were that call Python, it would
wait for the interpreter's lock there, while the thread that holds it may wait for CUPTI's: so where it can be, it is a
handful of machine code that waits for nobody (probe/native/activity_buffers.c). Elsewhere it is Python.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import struct
from collections import deque
from collections.abc import Mapping

from . import cupti

BUFFER_BYTES = 1 << 20
SLOTS = 64
_FIRST = 32
_GROWTH = 8
_SEEN = 1 << 16
_FRESH = 256
_PLACEHOLDER = (0x1122334455667788).to_bytes(8, "little")


def _lasting(length: int) -> tuple[mmap.mmap, int]:
    """Memory that outlives the interpreter, as CUPTI's thread does, and its address."""
    memory = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))
    return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))


class Walked:
    """Where a walk came to: bytes from the start of the buffer, new pointers to names, and whether it must end there."""

    __slots__ = ("at", "fresh", "broken")

    def __init__(self, at: int, fresh: list[int], broken: bool) -> None:
        self.at, self.fresh, self.broken = at, fresh, broken


class Buffers:
    """What both ways share: memory, and which pointers to names were met. One thread takes and gives back."""

    kind = ""

    def __init__(self) -> None:
        self._memory: dict[int, mmap.mmap] = {}
        self.records = self.kernels = 0

    def _allocate(self) -> int:
        memory, address = _lasting(BUFFER_BYTES)
        self._memory[address] = memory
        return address

    def view(self, address: int, start: int, end: int) -> memoryview:
        """The bytes of a part of a buffer, until it is given back."""
        return memoryview(self._memory[address])[start:end]


class NativeBuffers(Buffers):
    """Callbacks and walk in machine code. Raises OSError where this machine lets none be made."""

    kind = "native"

    def __init__(self) -> None:
        super().__init__()
        from .native_code import CODE, PLACES

        if platform.machine() != "x86_64":
            raise OSError(f"there is no machine code for {platform.machine()}")
        pool, address = _lasting(mmap.PAGESIZE)
        self._words = memoryview(pool).cast("Q")
        self._words[4] = BUFFER_BYTES
        self._load(CODE.replace(_PLACEHOLDER, address.to_bytes(8, "little")), PLACES)
        self._taken = 0
        self._seen = (ctypes.c_uint64 * _SEEN)()
        self._fresh = (ctypes.c_uint64 * _FRESH)()
        self._sizes = (ctypes.c_uint32 * 64)()
        self._state = (ctypes.c_uint64 * 15)()
        self._state[4], self._state[5], self._state[6] = ctypes.addressof(self._sizes), len(self._sizes), cupti.NAME_AT
        self._state[7], self._state[8] = ctypes.addressof(self._seen), _SEEN - 1
        self._state[10], self._state[11] = ctypes.addressof(self._fresh), _FRESH
        self._grow(_FIRST)

    def _load(self, code: bytes, places: Mapping[str, int]) -> None:
        memory, start = _lasting(mmap.PAGESIZE)
        memory[: len(code)] = code
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        if protect(start, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC):
            raise OSError(ctypes.get_errno(), "this machine lets no code be made")
        self.requested = ctypes.c_void_p(start + places["requested"])
        self.completed = ctypes.c_void_p(start + places["completed"])
        self._walk = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(start + places["walk"])

    def _grow(self, by: int) -> None:
        for _ in range(min(by, SLOTS - len(self._memory))):
            self._free(self._allocate())

    def _free(self, address: int) -> None:
        freed = self._words[1]
        self._words[5 + freed % SLOTS] = address
        self._words[1] = freed + 1

    @property
    def refused(self) -> int:
        """How often there was no buffer to give."""
        return self._words[2]

    def take(self) -> list[tuple[int, int]]:
        """The buffers that came back: address and valid bytes. Makes more buffers where few are left."""
        found = []
        while True:
            at = 5 + SLOTS + 3 * (self._taken % SLOTS)
            if self._words[at] != self._taken + 1:
                break
            found.append((self._words[at + 1], self._words[at + 2]))
            self._taken += 1
        if self._words[1] - self._words[0] < _GROWTH:
            self._grow(_GROWTH)
        return found

    def give_back(self, address: int) -> None:
        """A buffer may be filled again."""
        self._free(address)

    def lay_out(self, sizes: Mapping[int, int]) -> None:
        """Says how long records are, by kind."""
        for kind, size in sizes.items():
            if kind < len(self._sizes):
                self._sizes[kind] = size

    def walk(self, address: int, at: int, stop: int, end: int) -> Walked:
        """Goes over records from `at` until one begins at `stop` or behind it, or `end` comes."""
        state = self._state
        state[0], state[1], state[2], state[3], state[12] = address, at, stop, end, 0
        result = self._walk(ctypes.addressof(state))
        self.kernels, self.records = state[13], state[14]
        if result == 2 and state[12] == 0:  # the table is full: names are told again
            ctypes.memset(self._seen, 0, ctypes.sizeof(self._seen))
            state[9] = 0
        return Walked(state[1], self._fresh[: state[12]], result == 1)


_REQUESTED = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t))
_COMPLETED = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


class PythonBuffers(Buffers):
    """Callbacks and walk in Python: for other processors, and where no machine code may be made."""

    kind = "python"

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0
        self._idle: deque[int] = deque(self._allocate() for _ in range(SLOTS // 2))
        self._done: deque[tuple[int, int]] = deque()
        self._sizes: dict[int, int] = {}
        self._seen: set[int] = set()
        self._kept = _REQUESTED(self._give), _COMPLETED(self._receive)
        self.requested, self.completed = (ctypes.cast(each, ctypes.c_void_p) for each in self._kept)

    def _give(self, buffer: ctypes._Pointer, size: ctypes._Pointer, most: ctypes._Pointer) -> None:
        most[0] = 0
        try:
            buffer[0], size[0] = self._idle.popleft(), BUFFER_BYTES
        except IndexError:
            self.refused += 1
            buffer[0], size[0] = None, 0

    def _receive(self, context: int, stream: int, buffer: int, size: int, valid: int) -> None:
        if buffer:
            self._done.append((buffer, valid))

    def take(self) -> list[tuple[int, int]]:
        """As with native ones."""
        return [self._done.popleft() for _ in range(len(self._done))]

    def give_back(self, address: int) -> None:
        """As with native ones."""
        self._idle.append(address)

    def lay_out(self, sizes: Mapping[int, int]) -> None:
        """As with native ones."""
        self._sizes = dict(sizes)

    def walk(self, address: int, at: int, stop: int, end: int) -> Walked:
        """As with native ones."""
        buffer, sizes, fresh = self._memory[address], self._sizes, []
        kind_at, pointer_at = struct.Struct("<I").unpack_from, struct.Struct("<Q").unpack_from
        while at < stop and at < end:
            kind = kind_at(buffer, at)[0] if end - at >= 8 else 0
            size = sizes.get(kind, 0)
            if not size or size > end - at:
                return Walked(at, fresh, True)
            if kind == cupti.KERNEL:
                self.kernels += 1
                pointer = pointer_at(buffer, at + cupti.NAME_AT)[0]
                if pointer and pointer not in self._seen:
                    self._seen.add(pointer)
                    fresh.append(pointer)
            self.records += 1
            at += size
        return Walked(at, fresh, False)


def make(wanted: str = "") -> NativeBuffers | PythonBuffers:
    """Buffers whose callbacks wait for nobody, where that can be; Python's where it cannot, or where they are wanted."""
    if wanted != "python":
        try:
            return NativeBuffers()
        except (OSError, ValueError):
            if wanted == "native":
                raise
    return PythonBuffers()
