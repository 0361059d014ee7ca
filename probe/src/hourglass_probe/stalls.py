"""What stops a Python process: its garbage collector, compilers that start in mid-serving, the interpreter's lock."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

from . import clocks
from .hooks import Call, Hook
from .layout import ABSENT_U64
from .probe import Probe

_SHORT_NS = 100_000
"""Collections of young generations that are shorter are summed only."""

_WAKE_S = 0.005


class GarbageWatch:
    """Records runs of Python's garbage collector, from the moment that the process has a role."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("gc")
        self._start = 0
        self._note = probe.operations.log("any").add
        self._texts = [probe.recorder.fixed_text(f"gc generation {generation}") for generation in range(3)]
        probe.at_role.append(self.watch)

    def watch(self, role: str = "") -> None:
        """Begins to listen, once."""
        if self._collecting not in gc.callbacks:
            gc.callbacks.append(self._collecting)

    def _collecting(self, phase: str, info: dict[str, int]) -> None:
        """Called in the middle of anything: it must not fail, and what it records may wait in the recorder."""
        now = clocks.now()
        if phase == "start":
            self._start = now
            return
        try:
            took, generation = now - self._start, info.get("generation", 0)
            self._note((self._start, took, self._texts[min(generation, 2)]))
            if generation >= 2 or took >= _SHORT_NS:
                self._probe.recorder.emit(
                    self._kind, self._start, took, info.get("collected", 0), info.get("uncollectable", 0), self._probe.step, generation
                )
        except Exception as error:
            self._probe.contain("gc", error)


class CompilerWatch:
    """Records compilations of kernels and graphs, whenever they come."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("jit")
        self._local = threading.local()

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(compiler: str, name: str, *symbols: str) -> Hook:
            return Hook("jit." + name, "stalls", "any", symbols, before=self._before, after=self._after(compiler), after_errors=True)

        return [
            hook("triton", "triton", "triton.runtime.jit:JITFunction._do_compile", "triton.compiler.compiler:compile"),
            hook("triton", "triton_autotune", "triton.runtime.autotuner:Autotuner._bench"),
            hook("dynamo", "dynamo", "torch._dynamo.convert_frame:_compile"),
            hook("inductor", "inductor", "torch._inductor.compile_fx:_compile_fx_inner"),
            hook("inductor C++", "cpp", "torch._inductor.codecache:CppCodeCache.load_async"),
            hook("flashinfer", "flashinfer", "flashinfer.jit.core:JitSpec.build_and_load"),
            hook("extension", "extension", "torch.utils.cpp_extension:_jit_compile"),
        ]

    def _before(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        depth = getattr(self._local, "depth", 0)
        self._local.depth = depth + 1
        return depth

    def _after(self, compiler: str) -> Any:
        def after(call: Call) -> None:
            self._local.depth = call.token or 0
            text = self._probe.recorder.text
            name = _name_of(call.args)
            self._probe.recorder.emit(self._kind, call.start, call.end - call.start, text(compiler), text(name), self._probe.step, int(call.error is not None))

        return after


def _name_of(args: tuple[Any, ...]) -> str | None:
    """What is compiled, as far as the first argument tells: the name of a function or of a code object."""
    first = args[0] if args else None
    for path in (("__name__",), ("fn", "__name__"), ("co_qualname",), ("co_name",), ("name",)):
        found = first
        for name in path:
            found = getattr(found, name, None)
        if isinstance(found, str):
            return found[:200]
    return type(first).__name__ if first is not None else None


class LockWatch:
    """A thread that sleeps 5 ms at a time and sums by how much it woke late. Off where nobody asks for it."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("gil_wait")
        self._stop = threading.Event()
        if probe.settings.on("gil"):
            probe.at_role.append(self._begin)

    def _begin(self, role: str) -> None:
        name = "hourglass-gil"
        if not any(thread.name == name for thread in threading.enumerate()):
            threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._window()
            except Exception as error:
                self._probe.contain("gil", error)
                return

    def _window(self) -> None:
        begin, late, worst, wakes = clocks.now(), 0, 0, 0
        waited = _run_queue_ns()
        while clocks.now() - begin < self._probe.settings.flush_ns:
            before = clocks.now()
            time.sleep(_WAKE_S)
            lateness = clocks.now() - before - int(_WAKE_S * 1e9)
            late, worst, wakes = late + lateness, max(worst, lateness), wakes + 1
        after = _run_queue_ns()
        queue = ABSENT_U64 if waited is None or after is None else after - waited
        self._probe.recorder.emit(self._kind, begin, max(0, late), max(0, worst), queue, wakes)


def _run_queue_ns() -> int | None:
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:
            return int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return None
