"""CUPTI through ctypes: where the library lies, the calls that a timeline needs, who else uses it in this process.

Nothing here takes the interpreter's lock into CUPTI: ctypes gives it away for each call.
"""

from __future__ import annotations

import ctypes
import glob
import os
import struct
import sys
from collections.abc import Iterator, Mapping

from . import clocks

MEMCPY, MEMSET, KERNEL, MEMCPY_PEER, SYNCHRONIZATION, GRAPH_TRACE = 1, 2, 10, 22, 38, 51
"""Kinds of activity records, as CUpti_ActivityKind numbers them."""

RUNTIME, DRIVER = "runtime", "driver"
_DOMAINS = {DRIVER: (1, 4, "cuptiActivityEnableDriverApi"), RUNTIME: (2, 5, "cuptiActivityEnableRuntimeApi")}
"""Of each kind of call: its domain of callbacks, its kind of records, and what switches single calls on."""

NAME_AT = 104
"""Where a kernel's record has the pointer to its name: the same in CUpti_ActivityKernel9 … 13."""

_MULTIPLE_SUBSCRIBERS = 39
_SYSTEM_THREAD_IDS = 1
_MOST_KINDS = 64
_MOST_CALLS = 2048
_LONGEST_HOLE = 64
_WANTED = ("Launch", "Synchronize", "WaitEvent", "Malloc", "HostAlloc", "HostRegister", "Free", "Instantiate", "ModuleLoad", "LibraryLoad")
_WANTED_BEGINNINGS = ("cudaMemcpy", "cuMemcpy", "cudaMemset", "cuMemset", "cudaMemPrefetch", "cuMemPrefetch")


class CuptiError(Exception):
    """A call of CUPTI that failed: its name, the code, CUPTI's own words."""

    def __init__(self, call: str, code: int, text: str) -> None:
        super().__init__(f"{call} says {code} {text}" + (": another user of CUPTI is active in this process" if code == _MULTIPLE_SUBSCRIBERS else ""))
        self.code = code


def other_tool(environment: Mapping[str, str] = os.environ) -> str | None:
    """Who holds CUPTI in this process from its start, and so must be left alone; None for nobody."""
    if "NSYS_PROFILING_SESSION_ID" in environment:
        return "Nsight Systems records this process (NSYS_PROFILING_SESSION_ID)"
    if any(name.startswith(("NV_NSIGHT_INJECTION", "NV_COMPUTE_PROFILER")) for name in environment):
        return "Nsight Compute profiles this process"
    injected = environment.get("CUDA_INJECTION64_PATH")
    return f"CUDA_INJECTION64_PATH loads {injected} into this process" if injected else None


def candidates(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Paths and names of libcupti, the best first: the one that is loaded already must be it, for it is one per process."""
    yield from _loaded()
    for directory in sys.path:
        for pattern in ("cu[0-9]*/lib", "cuda_cupti/lib"):
            yield from sorted(glob.glob(os.path.join(glob.escape(directory or "."), "nvidia", pattern, "libcupti.so.[0-9]*")), reverse=True)
    for home in filter(None, (environment.get("CUDA_HOME"), environment.get("CUDA_PATH"), "/usr/local/cuda")):
        for place in ("extras/CUPTI/lib64", "lib64"):
            yield from sorted(glob.glob(os.path.join(glob.escape(home), place, "libcupti.so.[0-9]*")), reverse=True)
    yield from ("libcupti.so.13", "libcupti.so.12", "libcupti.so")


def _loaded() -> list[str]:
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.split(maxsplit=5)[-1].strip() for line in file if "/libcupti.so" in line}
    except OSError:
        return []
    return sorted(paths)


def find(environment: Mapping[str, str] = os.environ) -> tuple[str, ctypes.CDLL]:
    """The library and where it was found. Raises OSError where there is none, with what was tried last."""
    named = environment.get("HOURGLASS_CUPTI")
    tried: dict[str, str] = {}
    for path in [named] if named else candidates(environment):
        if path in tried:
            continue
        try:
            return path, ctypes.CDLL(path)
        except OSError as error:
            tried[path] = str(error)
    raise OSError(f"no libcupti was found ({'; '.join(list(tried.values())[-2:])[:300]})")


class Cupti:
    """The calls of one library. What fails raises CuptiError."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.path, self._library = find(environment)
        version = ctypes.c_uint32()
        self._call("cuptiGetVersion", ctypes.byref(version))
        self.version = version.value
        self._library.cuptiActivityGetNextRecord.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments)
        if code:
            raise CuptiError(name, code, self._words(code))

    def _words(self, code: int) -> str:
        text = ctypes.c_char_p()
        try:
            if self._library.cuptiGetResultString(code, ctypes.byref(text)) == 0 and text.value:
                return text.value.decode("utf-8", "replace")
        except AttributeError:
            pass
        return "CUPTI_ERROR"

    def register(self, requested: ctypes.c_void_p, completed: ctypes.c_void_p) -> None:
        """Says who gives buffers and takes them; whoever did before does no more."""
        if hasattr(self._library, "cuptiSetThreadIdType"):
            self._library.cuptiSetThreadIdType(_SYSTEM_THREAD_IDS)
        self._call("cuptiActivityRegisterCallbacks", requested, completed)

    def enable(self, kind: int) -> None:
        """Switches a kind of records on."""
        self._call("cuptiActivityEnable", kind)

    def disable(self, kind: int) -> None:
        """Switches a kind of records off; quietly, for there is nothing else to do."""
        self._library.cuptiActivityDisable(kind)

    def enable_calls(self, domain: str, names: Mapping[int, str], on: bool) -> bool:
        """Switches on, or off, the records of calls that start or await work: of these alone where the library can, else
        of every call. Returns whether of these alone."""
        _, kind, single = _DOMAINS[domain]
        switch = getattr(self._library, single, None)
        wanted = [number for number, name in names.items() if starts_or_awaits(name)]
        if switch is None or not wanted or any(switch(number, int(on)) for number in wanted):
            self._call("cuptiActivityEnable" if on else "cuptiActivityDisable", kind)
            return False
        return True

    def calls(self, domain: str) -> dict[int, str]:
        """The names of all calls of a domain by their numbers."""
        found, hole, text = {}, 0, ctypes.c_char_p()
        for number in range(1, _MOST_CALLS):
            if self._library.cuptiGetCallbackName(_DOMAINS[domain][0], number, ctypes.byref(text)) == 0 and text.value:
                found[number], hole = text.value.decode("ascii", "replace"), 0
            else:
                hole += 1
                if hole > _LONGEST_HOLE:
                    break
        return found

    def sizes(self) -> dict[int, int]:
        """Bytes of a record by its kind: how far the library itself goes from a record to the next."""
        room = ctypes.create_string_buffer(4096)
        found = {}
        for kind in range(1, _MOST_KINDS):
            for at in range(0, len(room) - 8, 8):
                struct.pack_into("<II", room, at, _DOMAINS[RUNTIME][1], 0)
            struct.pack_into("<I", room, 0, kind)
            size = self._distance(ctypes.addressof(room), len(room))
            if size > 0 and size % 8 == 0:
                found[kind] = size
        return found

    def _distance(self, address: int, length: int) -> int:
        record = ctypes.c_void_p()
        for _ in range(2):
            if self._library.cuptiActivityGetNextRecord(address, length, ctypes.byref(record)):
                return 0
        return (record.value or 0) - address

    def count(self, address: int, length: int) -> int:
        """How many records the library itself finds in a buffer."""
        record, found = ctypes.c_void_p(), 0
        while self._library.cuptiActivityGetNextRecord(address, length, ctypes.byref(record)) == 0:
            found += 1
        return found

    def flush(self, forced: bool) -> None:
        """Asks for the buffers whose records are complete, or for all."""
        self._call("cuptiActivityFlushAll", ctypes.c_uint32(1 if forced else 0))

    def dropped(self) -> int:
        """Records that the library dropped since it was last asked."""
        count = ctypes.c_size_t()
        self._call("cuptiActivityGetNumDroppedRecords", None, ctypes.c_uint32(0), ctypes.byref(count))
        return count.value

    def pair(self) -> tuple[int, int, int]:
        """Both clocks at one moment: CLOCK_MONOTONIC ns, the library's ns, and the largest error; the narrowest of five."""
        best, stamp = None, ctypes.c_uint64()
        for _ in range(5):
            before = clocks.now()
            self._call("cuptiGetTimestamp", ctypes.byref(stamp))
            after = clocks.now()
            if best is None or after - before < best[2] * 2:
                best = ((before + after) // 2, stamp.value, (after - before + 1) // 2)
        assert best is not None
        return best


def known_sizes(version: int) -> dict[int, int]:
    """Bytes of a record by its kind, as the headers of CUPTI 12.4 to 13.5 have them: for a library that does not tell."""
    newest, kernel = version >= 130_500, 248 if version >= 130_500 else 216 if version >= 130_000 else 208
    return {
        MEMCPY: 112 if newest else 96 if version >= 26 else 88, MEMSET: 104 if newest else 88, 3: kernel, KERNEL: kernel, 4: 40, 5: 40,
        17: 56, MEMCPY_PEER: 96, SYNCHRONIZATION: 56 if version >= 26 else 40, GRAPH_TRACE: 56,
    }


def starts_or_awaits(name: str) -> bool:
    """Whether a call starts work of a device or waits for it, or is one of the rare ones that stop it for long."""
    return name.startswith(_WANTED_BEGINNINGS) or any(word in name for word in _WANTED)


class Demangler:
    """Names of C++ functions as people read them; as they are where the C++ library is not there."""

    def __init__(self) -> None:
        try:
            library = ctypes.CDLL("libstdc++.so.6")
            self._demangle, self._free = getattr(library, "__cxa_demangle"), ctypes.CDLL(None).free
            self._demangle.restype, self._free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
        except (OSError, AttributeError):
            self._demangle = None

    def __call__(self, name: bytes) -> str:
        if self._demangle is not None and name.startswith(b"_Z"):
            status = ctypes.c_int()
            text = self._demangle(name, None, None, ctypes.byref(status))
            if text:
                try:
                    return ctypes.string_at(text).decode("utf-8", "replace")
                finally:
                    self._free(text)
        return name.decode("utf-8", "replace")
