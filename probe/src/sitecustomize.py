"""Lets the probe wait for engines in every Python process, and hands on to the sitecustomize that would have run without it."""

import sys as _sys


def _wait_for_engines() -> None:
    try:
        import hourglass_probe

        hourglass_probe.wait_for_engines()
    except Exception as error:  # the interpreter must start whatever happens here
        import os

        if os.environ.get("HOURGLASS_VERBOSE", "0") != "0":
            print(f"hourglass-probe[{os.getpid()}]: did not start: {error!r}", file=_sys.stderr)


def _hand_on() -> None:
    """Runs the next sitecustomize of the path, as itself: its errors are its own, its module takes this one's name."""
    import importlib.util
    import os
    from importlib.machinery import PathFinder

    here = os.path.realpath(os.path.dirname(__file__))
    path = [each for each in _sys.path if os.path.realpath(each or ".") != here]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    _sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_wait_for_engines()
_hand_on()
