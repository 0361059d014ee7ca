"""Hooks of the user: a Python file with decorated functions, or a TOML file with a list of `module:qualname`.

    # mine.py                                      # mine.toml
    from hourglass_probe import hook               hooks = ["package.module:Class.method",
                                                            "package.module:function"]
    @hook("package.module:Class.method")
    def method(call):                  # after each call, in its thread
        return f"n={len(call.args)}"   # the context of the record, or None
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from .hooks import Call, Hook
from .probe import Probe

_SYMBOL = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*\Z")

Seen = Callable[[Call], Any]

_declared: list[tuple[str, Seen | None]] = []


class UserHookError(ValueError):
    """A file of the user that does not say what to hook."""


def hook(symbol: str) -> Callable[[Seen], Seen]:
    """Decorates a function that hears of every call of `module:qualname`. Raises UserHookError for another form."""
    _check(symbol)

    def declare(function: Seen) -> Seen:
        _declared.append((symbol, function))
        return function

    return declare


def _check(symbol: str) -> None:
    if not isinstance(symbol, str) or not _SYMBOL.match(symbol):
        raise UserHookError(f"'{symbol}' is not of the form module:qualname")


def read_files(probe: Probe, paths: tuple[str, ...]) -> list[Hook]:
    """The hooks of all files. A file that cannot be used is said and left out."""
    rows: list[Hook] = []
    for path in paths:
        try:
            rows += [_row(probe, symbol, seen) for symbol, seen in _declarations(path)]
        except Exception as error:
            probe.contain("user hooks " + path, error)
            print(f"hourglass-probe: {path}: {error}; its hooks are left out", file=sys.stderr)
    return rows


def _declarations(path: str) -> list[tuple[str, Seen | None]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".toml"):
        return [(symbol, None) for symbol in symbols_of_toml(text)]
    _declared.clear()
    exec(compile(text, path, "exec"), {"__name__": "hourglass_user_hooks", "__file__": path})
    return list(_declared)


def symbols_of_toml(text: str) -> list[str]:
    """The strings of the array `hooks`. Raises UserHookError where there is none or one is no symbol."""
    try:
        import tomllib  # Python 3.11

        symbols = tomllib.loads(text).get("hooks")
    except ImportError:
        bare = re.sub(r"(?m)^\s*#.*$|(?<=[,\]\"])\s*#.*$", "", text)
        found = re.search(r"(?ms)^\s*hooks\s*=\s*\[(.*?)\]", bare)
        symbols = re.findall(r"[\"']([^\"']*)[\"']", found.group(1)) if found else None
    if not isinstance(symbols, list):
        raise UserHookError("it has no list 'hooks'")
    for symbol in symbols:
        _check(symbol)
    return symbols


def _row(probe: Probe, symbol: str, seen: Seen | None) -> Hook:
    kind, name = probe.kind("call"), symbol.split(":")[1]

    def after(call: Call) -> None:
        context = seen(call) if seen else None
        text = probe.recorder.text
        failed = int(call.error is not None)
        probe.recorder.emit(kind, call.start, call.end - call.start, text(name), text(None if context is None else str(context)), probe.step, failed)

    return Hook("user." + name, "user", "any", (symbol,), after=after, after_errors=True)
