"""The GPU's own timeline: every kernel, copy, graph and call that starts them, as CUPTI's activity records.

Recording begins when the process first uses CUDA, before its context is made, or at a step. Buffers that CUPTI filled are
taken by one thread of ours, cut between records, packed, and written as they are; what the records mean is for the reader.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
import time
import zlib
from typing import Any

from . import activity_buffers, clocks, cupti
from .hooks import DISABLED, INACTIVE, OK, Hook
from .probe import Probe
from .settings import GPU_TIMELINE
from .worker import Step, WorkerWatch

PIECE_BYTES = 1 << 18
"""Where a buffer is cut, about: a piece must fit into a segment beside others."""

_PERIOD_S = 0.05
# Clocks drift by microseconds; another clock is off by more than this.
_CLOCK_SET_NS = 1_000_000_000
_FLUSH_NS = 1_000_000_000
_PACKED = 1
_KINDS = (cupti.KERNEL, cupti.MEMCPY, cupti.MEMCPY_PEER, cupti.MEMSET, cupti.SYNCHRONIZATION)
_PROFILE = "torch.autograd.profiler:profile."


class GpuTimeline:
    """Records the activities of this process's GPUs. Every method contains its own errors."""

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._wish = probe.settings.gpu
        self._activity, self._name, self._source = (probe.kind(name) for name in ("activity", "activity_name", "activity_source"))
        self.hook = Hook("gpu.timeline", GPU_TIMELINE, "any", ("libcupti:cuptiActivityEnable",))
        self._forget()
        if self._wish is None:
            return
        self.hook.become(INACTIVE, "this process did not use CUDA")
        probe.hooks.append(self.hook)
        probe.after_fork.append(self._forget)
        probe.at_end.append(lambda: self.stop("the process ends"))
        probe.add_hooks(self._hooks())
        if self._wish.steps is None:
            probe.finder.listen("torch.cuda", self._await_first_use)
        else:
            self.hook.become(INACTIVE, f"step {self._wish.after} of this process did not come")
            worker.at_begin.append(self._step)

    def _hooks(self) -> list[Hook]:
        def hook(name: str, *symbols: str, **rest: Any) -> Hook:
            return Hook("gpu." + name, GPU_TIMELINE, "any", symbols, **rest)

        return [
            hook("torch_profiler.begins", _PROFILE + "_prepare_trace", before=self._give_way),
            hook("torch_profiler.ends", _PROFILE + "__exit__", after=lambda call: self._go_on(), after_errors=True),
            hook("shutdown", "vllm.v1.worker.gpu_worker:Worker.shutdown", before=lambda args, kwargs: self.flush(forced=True)),
        ]

    def _forget(self) -> None:
        """A child knows nothing of its parent's: CUDA does not live on in it either."""
        self._lock = threading.RLock()
        self._library: cupti.Cupti | None = None
        self._buffers: Any = None
        self._demangle: Any = None
        self._calls: dict[str, dict[int, str]] = {}
        self._only: dict[str, bool] = {}
        self._missing: dict[str, str] = {}
        self._sizes: dict[int, int] = {}
        self._running = self._given_way = False
        self._enabled: list[int] = []
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_flush = 0
        self._bytes = self._packed = self._lost = self._dropped = self._pieces = 0
        self._switch_ns = self._collector_ns = 0
        self._pair = (0, 0, 0)

    # When -------------------------------------------------------------------------------------------------------------

    def _await_first_use(self, module: Any) -> None:
        """Lets `torch.cuda._lazy_init` start the recording, once, before it makes CUDA's context."""
        true = module._lazy_init

        def first(*args: Any, **kwargs: Any) -> Any:
            if module._lazy_init is first:
                module._lazy_init = true
                self.start()
            return true(*args, **kwargs)

        if callable(getattr(module, "is_initialized", None)) and module.is_initialized():
            self.start()
        else:
            module._lazy_init = first

    def _step(self, step: Step) -> None:
        wish = self._wish
        assert wish and wish.steps is not None
        if step.number == wish.after:
            self.start()
        elif step.number == wish.after + wish.steps and self._running:
            self._await_device()
            self.stop(f"{wish.steps} steps were recorded")

    def _await_device(self) -> None:
        """Lets the last step's work come to its end: kernels that still run when recording stops are lost."""
        torch = sys.modules.get("torch")
        try:
            if torch is not None:
                torch.cuda.synchronize()
        except Exception as error:
            self._probe.contain("gpu.timeline", error)

    # On and off -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to record, unless another tool has CUPTI; says in the hook's state what became of it."""
        tool = cupti.other_tool()
        if tool:
            self._become(INACTIVE, f"{tool}; CUPTI has one user at a time")
            return
        began = clocks.now()
        with self._lock:
            try:
                if not self._running:
                    self._load()
                    self._switch_on()
                    self._become(OK, None)
            except Exception as error:
                self._switch_off()
                self._become(DISABLED if self._pieces else INACTIVE, str(error)[:400])
                self._probe.log(f"gpu.timeline: {error!r}")
            finally:
                self._switch_ns += clocks.now() - began
        if self._running:
            self._tell_source("started", None)
            self._begin_thread()

    def _load(self) -> None:
        if self._library is None:
            self._library = cupti.Cupti()
            self._buffers = activity_buffers.make(os.environ.get("HOURGLASS_GPU_CALLBACKS", ""))
            self._demangle = cupti.Demangler()
            self._sizes = self._library.sizes()
            self._calls = {domain: self._library.calls(domain) for domain in (cupti.RUNTIME, cupti.DRIVER)}
            if not self._probe.roles:
                self._probe.tell_meta()

    def _switch_on(self) -> None:
        library = self._library
        assert library
        library.register(self._buffers.requested, self._buffers.completed)
        kinds = ((cupti.GRAPH_TRACE,) if self._wish and self._wish.whole else ()) + _KINDS
        self._missing.clear()
        for kind in kinds:
            try:
                library.enable(kind)
                self._enabled.append(kind)
            except cupti.CuptiError as error:
                if kind == cupti.KERNEL:
                    raise
                self._missing[str(kind)] = str(error)
        self._running = True
        for domain, names in self._calls.items():
            try:
                self._only[domain] = library.enable_calls(domain, names, True)
            except cupti.CuptiError as error:
                self._only[domain] = False
                self._missing[domain] = str(error)
        if cupti.KERNEL not in self._sizes:
            self._sizes = library.sizes()
        self._sizes = {**cupti.known_sizes(library.version), **self._sizes}
        self._buffers.lay_out(self._sizes)

    def _switch_off(self) -> None:
        if self._library is None or not (self._enabled or self._running):
            return
        for domain, names in self._calls.items() if self._running else ():
            try:
                self._library.enable_calls(domain, names, False)
            except cupti.CuptiError as error:
                self._probe.contain("gpu.timeline", error)
        for kind in self._enabled:
            self._library.disable(kind)
        self._enabled.clear()
        self._running = False

    def stop(self, why: str) -> None:
        """Takes what is still out and records no more."""
        if not self._running:
            return
        began = clocks.now()
        with self._lock:
            for step in (self._flush_all, self._switch_off, self._flush_all):
                try:
                    step()
                except Exception as error:
                    self._probe.contain("gpu.timeline", error)
            self._switch_ns += clocks.now() - began
        self._tell_source("stopped", why)
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(2)

    def _give_way(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """PyTorch's profiler wants CUPTI: what is ours comes first, then the profiler has it."""
        device = getattr(args[0], "use_device", "cuda") if args else "cuda"
        if self._running and device == "cuda":
            self.stop("PyTorch's profiler records this process: its trace has what is missing here")
            self._given_way = True
            self._become(INACTIVE, "PyTorch's profiler records this process; CUPTI has one user at a time")

    def _go_on(self) -> None:
        if not self._given_way:
            return
        self._given_way = False
        if self._clock_was_set():
            self._become(INACTIVE, "PyTorch's profiler has set CUPTI's clock to one of its own; what the GPU does from then on is not recorded")
        else:
            self.start()

    def _clock_was_set(self) -> bool:
        """Whether CUPTI's times are no longer those of before: a tool may give it a clock, and none can take it back."""
        assert self._library
        try:
            ts, device, _ = self._library.pair()
        except Exception as error:
            self._probe.contain("gpu.timeline", error)
            return True
        return bool(self._pair[0]) and abs((device - ts) - (self._pair[1] - self._pair[0])) > _CLOCK_SET_NS

    def _become(self, status: int, reason: str | None) -> None:
        if (self.hook.status, self.hook.reason) != (status, reason):
            self.hook.become(status, reason)
            if self._probe.roles or self._probe.recorder.records:
                self._probe.tell_capabilities()

    # Taking -----------------------------------------------------------------------------------------------------------

    def _begin_thread(self) -> None:
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._wake,), name="hourglass-gpu", daemon=True)
        self._thread.start()

    def _run(self, wake: threading.Event) -> None:
        before = self._collector_ns
        while not wake.wait(_PERIOD_S):
            try:
                with self._lock:
                    if self._running and not wake.is_set():
                        self._turn()
                    self._collector_ns = before + time.thread_time_ns()
            except Exception as error:
                self._probe.contain("gpu.timeline", error)
                self._become(DISABLED, f"{error!r}"[:400])
                self.stop(f"an error: {error!r}"[:200])
                return

    def _turn(self) -> None:
        if clocks.now() - self._last_flush >= _FLUSH_NS:
            self.flush(forced=False)
        else:
            self._drain()
        if self._packed > self._probe.settings.limit_bytes // 2:
            why = "half of the limit of disk space (HOURGLASS_LIMIT_MB) is reached"
            self._become(DISABLED, why)
            self.stop(why)

    def flush(self, forced: bool) -> None:
        """Takes the buffers whose records are complete, all where it is `forced`; with the clocks of the moment."""
        with self._lock:
            if self._library is None or not (self._running or forced):
                return
            self._last_flush = clocks.now()
            self._library.flush(forced)
            self._dropped += self._library.dropped()
            self._pair = self._library.pair()
            if not self._drain():
                self._emit(b"", 0, 0)

    def _flush_all(self) -> None:
        self.flush(forced=True)

    def _drain(self) -> bool:
        taken = self._buffers.take()
        if taken and not self._pair[0]:
            assert self._library
            self._pair = self._library.pair()
        for address, valid in taken:
            try:
                self._cut(address, valid)
            finally:
                self._buffers.give_back(address)
        return bool(taken)

    def _cut(self, address: int, valid: int) -> None:
        start = 0
        while start < valid:
            walked = self._buffers.walk(address, start, start + PIECE_BYTES, valid)
            end = walked.at
            for pointer in walked.fresh:
                self._tell_name(pointer)
            if end > start:
                piece = self._buffers.view(address, start, end)
                self._emit(zlib.compress(piece, 1), _PACKED, end - start)
                piece.release()
            start = end
            if walked.broken:
                self._emit(bytes(self._buffers.view(address, start, valid))[:PIECE_BYTES], 0, min(valid - start, PIECE_BYTES))
                return

    def _tell_name(self, pointer: int) -> None:
        try:
            name = self._demangle(ctypes.string_at(pointer))
        except Exception as error:
            self._probe.contain("gpu.timeline", error)
            name = ""
        self._probe.recorder.emit_text(self._name, clocks.now(), name, pointer)

    def _emit(self, tail: bytes, encoding: int, length: int) -> None:
        assert self._library
        self._bytes += length
        self._packed += len(tail)
        self._pieces += 1
        self.hook.fires = self._pieces
        ts, device, error = self._pair
        lost = self._dropped + self._buffers.refused
        self._probe.recorder.emit_rows(self._activity, ts, len(tail), tail, device, error, lost, length, self._library.version, encoding)

    def _tell_source(self, event: str, why: str | None) -> None:
        library, buffers = self._library, self._buffers
        assert library and self._wish
        told: dict[str, Any] = {
            "event": event, "why": why, "library": library.path, "cupti_version": library.version, "callbacks": buffers.kind,
            "kinds": sorted(self._enabled), "graphs": "whole" if self._wish.whole else "nodes", "buffer_bytes": activity_buffers.BUFFER_BYTES,
            "mode": "always" if self._wish.steps is None else f"steps={self._wish.steps},after={self._wish.after}",
            "records": buffers.records, "kernels": buffers.kernels, "bytes": self._bytes, "packed_bytes": self._packed,
            "lost": self._dropped + buffers.refused, "collector_ns": self._collector_ns, "switch_ns": self._switch_ns,
        }
        if event == "started":
            told.update(sizes=self._sizes, only=self._only, missing=self._missing, **{domain: self._named(domain) for domain in self._calls})
        self._probe.recorder.emit_text(self._source, clocks.now(), json.dumps(told))

    def _named(self, domain: str) -> dict[int, str]:
        """The calls whose records can come."""
        names = self._calls[domain]
        return {number: name for number, name in names.items() if not self._only[domain] or cupti.starts_or_awaits(name)}
