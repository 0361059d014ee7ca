"""Probes of one process that are switched on and off between two batches of requests, so that runs with and without one
lie beside each other.

Assemble them when the engine's modules are imported and before the engine is made, so that they see its start; switch only
while no request runs.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import inspect
import os
import sys
import tempfile
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.realpath(os.path.join(HERE, "..", "..", "probe", "src")))

from hourglass_probe import assembly  # noqa: E402
from hourglass_probe.hooks import OK, Hook  # noqa: E402
from hourglass_probe.importing import Finder  # noqa: E402
from hourglass_probe.probe import Probe  # noqa: E402

Place = tuple[Any, str]


def _assemble(directory: str, environment: dict[str, str]) -> Probe:
    before = dict(os.environ)
    os.environ.update({"HOURGLASS_DIR": directory, **environment})
    try:
        probe = assembly.assemble(Finder(lambda where, error: print(f"{where}: {error!r}", file=sys.stderr)))
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert probe
    return probe


def _import_hooked() -> None:
    """Imports every module that a hook names, as far as this machine has it."""
    with tempfile.TemporaryDirectory() as directory:
        table = _assemble(directory, {})
        atexit.unregister(table.end)
        modules = {symbol.split(":")[0] for hook in table.hooks for symbol in hook.symbols}
    for name in sorted(modules):
        if name.startswith(("vllm.", "torch.cuda")) and "entrypoints" not in name:
            try:
                importlib.import_module(name)
            except Exception:
                continue


def _place(hook: Hook) -> Place | None:
    """Where a hook is set: the owner and the name in it."""
    home, _, qualname = hook.symbol.partition(":")
    owner: Any = sys.modules.get(home)
    *path, name = qualname.split(".")
    for part in path:
        owner = getattr(owner, part, None)
    return None if owner is None or inspect.getattr_static(owner, name, None) is None else (owner, name)


def _true(found: Any) -> Any:
    """What was there before any hook: stand-ins name what they wrap."""
    kind = type(found) if isinstance(found, (staticmethod, classmethod)) else None
    function = found.__func__ if kind else found
    while hasattr(function, "__hourglass__"):
        function = function.__wrapped__
    return kind(function) if kind else function


class Switch:
    """Some probes by name, of which at most one is on."""

    def __init__(self, directory: str, probes: dict[str, dict[str, str]]) -> None:
        """`probes`: variables of the environment of each."""
        _import_hooked()
        self.probes: dict[str, Probe] = {}
        for name, environment in probes.items():
            below = os.path.join(directory, name)
            os.makedirs(below, exist_ok=True)
            self.probes[name] = _assemble(below, environment)
        self._inherited: dict[Place, bool] = {}

    def off(self) -> None:
        """Takes all stand-ins away."""
        for probe in self.probes.values():
            for hook in probe.hooks:
                place = _place(hook)
                if hook.status == OK and place:
                    owner, name = place
                    true = _true(inspect.getattr_static(owner, name))
                    if inspect.getattr_static(owner, name) is not true:
                        setattr(owner, name, true)
        gc.callbacks[:] = [each for each in gc.callbacks if "hourglass" not in getattr(each, "__module__", "")]

    def on(self, wanted: str) -> Probe:
        """Sets the stand-ins of one probe and of no other."""
        self.off()
        probe = self.probes[wanted]
        for hook in probe.hooks:
            place = _place(hook)
            if hook.status == OK and place:
                probe.setter._replace(hook, *place, inspect.getattr_static(*place))
        if probe.settings.on("stalls"):
            for listen in probe.at_role:
                if getattr(listen, "__name__", "") == "watch":
                    listen("")
        return probe
