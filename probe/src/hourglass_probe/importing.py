"""Hears of modules when they appear, without importing any.

A finder at the head of sys.meta_path lets the others find the modules that somebody waits for and wraps their loader once:
the wrapper puts the true loader back before it runs it, so that nothing of it is left in the module.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType

from . import clocks

Appeared = Callable[[ModuleType], None]
Timed = Callable[[str, int, int, bool], None]
"""Told of an import: module, start and end in CLOCK_MONOTONIC ns, whether it failed."""


class _Loader(importlib.abc.Loader):
    """Runs the true loader and tells the finder of it."""

    def __init__(self, true: importlib.abc.Loader, finder: Finder) -> None:
        self._true = true
        self._finder = finder

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._true.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._true
        module.__loader__ = self._true
        self._finder.run(self._true, module)

    def __getattr__(self, name: str) -> object:
        return getattr(self._true, name)


class Finder(importlib.abc.MetaPathFinder):
    """Waits for modules by name. `contain` is called with an error of a listener."""

    def __init__(self, contain: Callable[[str, Exception], None]) -> None:
        self._contain = contain
        self._listeners: dict[str, list[Appeared]] = {}
        self._timed: dict[str, Timed] = {}
        self._outermost: tuple[str, Timed] | None = None
        self._before: dict[str, Callable[[], None]] = {}
        self._local = threading.local()

    def install(self) -> None:
        """Puts itself before the other finders, once."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def listen(self, name: str, listener: Appeared) -> None:
        """Calls the listener once with the module: now where it is there already, else right after it was run."""
        module = sys.modules.get(name)
        if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
            self._tell(listener, module)
            return
        self._listeners.setdefault(name, []).append(listener)

    def time(self, name: str, timed: Timed) -> None:
        """Tells how long the import of a module took, everything that it imports with it."""
        self._timed[name] = timed

    def time_outermost(self, package: str, timed: Timed) -> None:
        """Tells how long each import of a module of the package took that no other import of the package led to."""
        self._outermost = package + ".", timed

    def before(self, first: dict[str, Callable[[], None]]) -> None:
        """Calls what stands beside the first of these modules that is looked for, before it is found."""
        self._before = first

    def _first(self, fullname: str) -> None:
        call, self._before = self._before[fullname], {}
        try:
            call()
        except Exception as error:
            self._contain("import " + fullname, error)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._before:
            self._first(fullname)
        if fullname not in self._listeners and fullname not in self._timed and not self._is_of_package(fullname):
            return None
        searching: set[str] = self._local.__dict__.setdefault("searching", set())
        if fullname in searching:
            return None
        searching.add(fullname)
        try:
            spec = self._true_spec(fullname, path, target)
        finally:
            searching.discard(fullname)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, self)
        return spec

    def _is_of_package(self, fullname: str) -> bool:
        return self._outermost is not None and fullname.startswith(self._outermost[0])

    def _true_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(fullname, path, target) if find else None
            if spec is not None:
                return spec
        return None

    def run(self, loader: importlib.abc.Loader, module: ModuleType) -> None:
        """Runs a module and tells of it; its own errors go on to who imported it."""
        name = module.__name__
        start = clocks.now()
        depth = getattr(self._local, "depth", 0)
        self._local.depth = depth + self._is_of_package(name)
        done = False
        try:
            loader.exec_module(module)
            done = True
        finally:
            self._local.depth = depth
            timed = self._timed.pop(name, None)
            if timed is None and self._outermost and depth == 0 and self._is_of_package(name):
                timed = self._outermost[1]
            if timed:
                self._time(timed, name, start, not done)
        for listener in self._listeners.pop(name, []):
            self._tell(listener, sys.modules.get(name, module))

    def _time(self, timed: Timed, name: str, start: int, failed: bool) -> None:
        try:
            timed(name, start, clocks.now(), failed)
        except Exception as error:
            self._contain("import " + name, error)

    def _tell(self, listener: Appeared, module: ModuleType) -> None:
        try:
            listener(module)
        except Exception as error:
            self._contain("import " + module.__name__, error)
