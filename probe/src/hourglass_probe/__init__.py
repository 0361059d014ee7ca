"""The probe of Hourglass: records what an inference engine does, from inside its processes.

Put the directory above this package on PYTHONPATH and a directory to write to into HOURGLASS_DIR; nothing is installed
and nothing of the engine is imported. `activate` is the entry point for engines that load plugins; `sitecustomize` calls
`wait_for_engines` in every Python process, which costs nothing until an engine's module appears.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .probe import Probe

__all__ = ["activate", "hook", "wait_for_engines"]

_ENGINES = ("vllm", "sglang")

_probe: Probe | None = None
_waiting = False


def hook(symbol: str) -> Any:
    """Decorates a function of a user's file of hooks: it hears of every call of `module:qualname`."""
    from .user_hooks import hook as declare

    return declare(symbol)


def wait_for_engines() -> None:
    """Waits for the module of an engine or of a user's hook; does nothing without a directory to write to. Never raises."""
    global _waiting
    if _waiting or not _wanted():
        return
    _waiting = True
    if sys.version_info < (3, 10):
        _say("needs Python 3.10 or later, this is " + sys.version.split()[0] + "; nothing is recorded here")
        return
    try:
        _contained_activate()
    except Exception as error:
        _say(f"did not start: {error!r}")


def activate() -> None:
    """Starts the probe in this process, once. Never raises: an engine must start whatever happens here."""
    wait_for_engines()
    if _probe is not None:
        _probe.log("loaded as a plugin")


def _wanted() -> bool:
    return bool(os.environ.get("HOURGLASS_DIR") or os.environ.get("VLLM_PROFILING_DIR")) and sys.platform == "linux"


def _contained_activate() -> None:
    from .importing import Finder

    finder = Finder(lambda where, error: _say(f"{where}: {error!r}"))
    triggers = [*_ENGINES, "torch"] if os.environ.get("HOURGLASS_GPU") else list(_ENGINES)
    if os.environ.get("HOURGLASS_HOOKS"):
        _start(finder)
    elif any(name in sys.modules for name in triggers):
        _start(finder)
    else:
        finder.before({name: lambda: _start(finder) for name in triggers})
    finder.install()


def _start(finder: Any) -> None:
    global _probe
    if _probe is not None:
        return
    from . import assembly

    _probe = assembly.assemble(finder)


def _say(text: str) -> None:
    if os.environ.get("HOURGLASS_VERBOSE", "0") != "0":
        print(f"hourglass-probe[{os.getpid()}]: {text}", file=sys.stderr, flush=True)
