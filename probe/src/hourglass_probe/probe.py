"""The probe of one process: its recorder, its hooks, its heart beat, and what it says about itself."""

from __future__ import annotations

import atexit
import json
import os
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import clocks
from .hooks import INACTIVE, OK, Hook, Setter
from .importing import Finder
from .layout import ABSENT_U32, ABSENT_U64, Kind, Layout
from .operations import Operations
from .recorder import Recorder
from .settings import Settings

VERSION = "1.0"
ENGINES = ("vllm", "sglang")
"""Modules that make a process one of an engine: others leave no file, unless something was recorded."""
_ROLES = ("frontend", "engine", "worker")
_TOLD_ERRORS = 3
_LOOK_NS = 50_000_000
_ENVIRONMENT = ("VLLM_", "HOURGLASS_", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "SGLANG_", "NVIDIA_VISIBLE_DEVICES", "KINETO_USE_DAEMON")
_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


class Probe:
    """Everything that one process records. `step` is the number of the step that runs, or absent.

    Callbacks of hooks may raise: the setter contains their errors. Everything called from elsewhere contains its own.
    """

    def __init__(self, settings: Settings, layout: Layout, finder: Finder) -> None:
        assert settings.directory
        os.makedirs(settings.directory, exist_ok=True)
        self.settings = settings
        self.layout = layout
        self.finder = finder
        self.recorder = Recorder(layout, settings.directory, settings.segment_bytes, settings.limit_bytes)
        self.operations = Operations(layout, self.recorder)
        self.setter = Setter(self._failed)
        self.hooks: list[Hook] = []
        self.flushers: list[Callable[[], None]] = []
        self.after_fork: list[Callable[[], None]] = []
        self.at_role: list[Callable[[str], None]] = []
        self.at_first_step: list[Callable[[], None]] = []
        self._early: list[tuple[Kind, int, tuple[Any, ...]]] = []
        self._forget()
        atexit.register(self.end)
        os.register_at_fork(after_in_child=self._forked)

    def _forget(self) -> None:
        self.roles: list[str] = []
        self.ranks: dict[str, Any] = {}
        self.engine: tuple[str, str | None] = ("", None)
        self.step = ABSENT_U32
        self._beat_ns = 0
        self.setter.spent_ns = 0
        self.errors = 0
        self._ended = self.idle = False
        self.last_beat = self.last_pulse = self._next_look = clocks.now()
        self._beating = threading.Lock()

    def _forked(self) -> None:
        """A child has its own segments, roles and sums; hooks stay set, their counts begin anew."""
        try:
            self.recorder.forget_parent()
            self.recorder.role = "python"
            self.operations.forget_parent()
            self._early.clear()
            self._forget()
            for hook in self.hooks:
                hook.fires = hook.total_ns = hook.errors = hook.nones = 0
                hook.told = ()
            for forget in self.after_fork:
                forget()
            self._end_with_multiprocessing()
        except Exception as error:
            self.contain("fork", error)

    def _end_with_multiprocessing(self) -> None:
        """A child that multiprocessing forked leaves without exit functions, but runs its own finalizers."""
        util = sys.modules.get("multiprocessing.util")
        if util:
            util.register_after_fork(self, lambda probe: util.Finalize(None, probe.end, exitpriority=-100))

    now = staticmethod(clocks.now)

    def kind(self, name: str) -> Kind:
        """A type of record by its name."""
        return self.layout.kinds[name]

    # Hooks -----------------------------------------------------------------------------------------------------------

    def add_hooks(self, hooks: list[Hook]) -> None:
        """Sets each hook as soon as one of its modules appears, unless its profiler is off."""
        for hook in hooks:
            if hook not in self.hooks:
                self.hooks.append(hook)
            hook.symbol = hook.symbols[0]
            if hook.profiler != "user" and hook.profiler != "base" and not self.settings.on(hook.profiler):
                hook.become(INACTIVE, "its profiler is switched off")
                continue
            if hook.operation and self.settings.on("cpu"):
                self._sum(hook, hook.operation)
            for module in dict.fromkeys(symbol.split(":")[0] for symbol in hook.symbols):
                self.finder.listen(module, lambda appeared, hook=hook: self._set(hook, appeared))

    def _sum(self, hook: Hook, operation: str) -> None:
        """Notes the calls of what belongs to steps; sums those of front ends, which have none."""
        if hook.role == "frontend":
            hook.tally = self.operations.tally(hook.role, operation)
        else:
            hook.log, hook.operation_text = self.operations.log(hook.role), self.recorder.fixed_text(operation)

    def _set(self, hook: Hook, module: ModuleType) -> None:
        if hook.status == OK and hook.symbols.index(hook.symbol) == 0:
            return
        self.setter.set(hook, module)
        self.log(f"{hook.name}: {'set at ' + hook.symbol if hook.status == OK else hook.reason}")
        if self.roles:
            self._tell_capability(hook, clocks.now())

    def _failed(self, hook: Hook, error: Exception) -> None:
        if hook.errors <= _TOLD_ERRORS:
            self.contain(hook.name, error)
        else:
            self.errors += 1
        if hook.status != OK:
            self._tell_capability(hook, clocks.now())

    def contain(self, where: str, error: Exception) -> None:
        """Counts and records an error that must go no further."""
        self.errors += 1
        try:
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-4000:]
            self.log(f"{where}: {error!r}")
            self.recorder.emit_text(self.kind("error"), clocks.now(), text, self.recorder.text(where))
        except Exception:
            self.errors += 1

    # What the process is ---------------------------------------------------------------------------------------------

    def add_role(self, role: str) -> None:
        """Learns what the process is for; the first role gives the segments their name."""
        if role in self.roles:
            return
        self.roles.append(role)
        if len(self.roles) == 1:
            self.recorder.role = role
        self.tell_meta()
        self._tell_early()
        self.tell_capabilities()
        for told in self.at_role:
            told(role)

    def tell_meta(self) -> None:
        """Records what the process is, as far as it is known."""
        name, version = self.engine
        meta: dict[str, Any] = {
            "role": "+".join(sorted(self.roles, key=_ROLES.index)) or "python",
            "argv": _without_secrets(getattr(sys, "orig_argv", sys.argv)),
            "python": platform.python_version(),
            "probe": VERSION,
            "parent": os.getppid(),
            "start_ns": clocks.start_monotonic_ns(),
            "ranks": self.ranks,
            "env": {k: v for k, v in sorted(os.environ.items()) if k.startswith(_ENVIRONMENT) and not _secret(k)},
            "profilers": sorted(self.settings.profilers),
            "moe_tier": self.settings.moe_tier,
            "host": platform.node(),
            "complaints": list(self.settings.complaints),
        }
        if name:
            meta.update(engine=name, engine_version=version)
        self.recorder.emit_text(self.kind("meta"), clocks.now(), json.dumps(meta, default=str))

    def early(self, kind: Kind, ts: int, *values: Any) -> None:
        """Records something of the start; kept back until the process has a role, so that its segments get their name."""
        if self.roles or len(self._early) >= 256:
            self._tell_early()
            self._emit_texts(kind, ts, values)
        else:
            self._early.append((kind, ts, values))

    def _tell_early(self) -> None:
        waiting, self._early = self._early, []
        for kind, ts, values in waiting:
            self._emit_texts(kind, ts, values)

    def _emit_texts(self, kind: Kind, ts: int, values: tuple[Any, ...]) -> None:
        text = self.recorder.text
        numbers = [text(value) if field.type == "str" else value for field, value in zip(kind.fields, values)]
        self.recorder.emit(kind, ts, *numbers)

    def first_step(self, ts: int) -> None:
        """Says that the first step is over, and that hooks that never fired by now were not needed for one."""
        self.recorder.emit(self.kind("mark"), ts, self.recorder.text("first_step"), 0)
        self.tell_capabilities()
        for told in self.at_first_step:
            told()

    # Heart beat ------------------------------------------------------------------------------------------------------

    def pulse(self, now: int) -> None:
        """To be called once a step: beats where the period is over, and does what the reader asks, twenty times a second."""
        self.last_pulse = now
        if now >= self._next_look:
            self._next_look = now + _LOOK_NS
            self.recorder.silent = bool(self.recorder.control & 1)
            if now - self.last_beat >= self.settings.flush_ns:
                self.beat(now)

    def beat(self, now: int, idle: bool = False) -> None:
        """Records what is summed: first the flushers, then capabilities, clocks, and the probe's own sums.

        `idle`: nothing of the engine waits for the caller, so a flusher may wait for the device.
        """
        if not self._beating.acquire(blocking=False):
            return
        try:
            self.last_beat, self.idle = now, idle
            for flush in self.flushers:
                try:
                    flush()
                except Exception as error:
                    self.contain("flush", error)
            self.operations.commit()
            self.tell_capabilities()
            self._tell_heart()
            self._beat_ns += clocks.now() - now
        finally:
            self._beating.release()

    def _tell_heart(self) -> None:
        monotonic, wall, error = clocks.pair()
        recorder = self.recorder
        recorder.emit(self.kind("clock"), monotonic, wall, error)
        calls = sum(hook.fires for hook in self.hooks)
        spent, wrappers = self.setter.spent_ns + self._beat_ns, calls * self.setter.base_ns
        sums = (recorder.records, recorder.bytes, recorder.dropped, spent, calls, self.errors, _resident_bytes(), wrappers)
        recorder.emit(self.kind("heart"), clocks.now(), *sums)

    def tell_capabilities(self) -> None:
        """Records every hook of this process's roles whose state or count changed since it was told."""
        now = clocks.now()
        for hook in self.hooks:
            if hook.role in self.roles or hook.fires or hook.role == "any":
                self._tell_capability(hook, now)

    def _tell_capability(self, hook: Hook, now: int) -> None:
        state = (hook.status, hook.reason, hook.fires, hook.errors)
        if state == hook.told:
            return
        hook.told = state
        text = self.recorder.text
        values = (text(hook.name), text(hook.profiler), text(hook.symbol), text(hook.reason), hook.errors, hook.status)
        self.recorder.emit(self.kind("capability"), now, hook.fires, hook.total_ns, *values)

    def end(self) -> None:
        """Records what is still summed, once, when the interpreter ends."""
        if self._ended or not (self.roles or self.recorder.records or any(name in sys.modules for name in ENGINES)):
            return
        self._ended = True
        try:
            if not self.recorder.records:
                self.tell_meta()
            self._tell_early()
            self.beat(clocks.now(), idle=True)
            self.operations.flush_all()
            self.recorder.end()
        except Exception as error:
            self.contain("end", error)

    def log(self, text: str) -> None:
        """Says something on standard error, where HOURGLASS_VERBOSE asks for it."""
        if self.settings.verbose:
            print(f"hourglass-probe[{os.getpid()} {'+'.join(self.roles) or 'python'}]: {text}", file=sys.stderr, flush=True)


def _secret(name: str) -> bool:
    return any(word in name.upper() for word in _SECRET)


def _without_secrets(arguments: list[str]) -> list[str]:
    """The command line with the values of options hidden whose names sound like secrets."""
    shown: list[str] = []
    hide = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if hide and not argument.startswith("-"):
            shown.append("***")
            continue
        hide = argument.startswith("-") and _secret(name) and not equals
        shown.append(f"{name}=***" if argument.startswith("-") and equals and _secret(name) else argument)
    return shown


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return ABSENT_U64

