"""Functions that stand in for hooked ones, made from text so that they take exactly the parameters of the original.

A wrapper that takes `*args, **kwargs` packs and unpacks them at every call, which costs more than all that it measures. Where
the original is a plain function without variable parameters, its stand-in names the same parameters with the same defaults
and hands them on; elsewhere it takes what comes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

COUNTING = """
def make(original, hook):
    def wrapper({parameters}):
        result = original({passed})
        hook.fires += 1
        if result is None:
            hook.nones += 1
        return result
    return wrapper
"""
"""Counts calls and those that return None."""

SUMMED = """
def make(original, hook, now, tally):
    def wrapper({parameters}):
        start = now()
        try:
            return original({passed})
        finally:
            took = now() - start
            hook.fires += 1
            hook.total_ns += took
            tally.count += 1
            tally.total_ns += took
            if took > tally.max_ns:
                tally.max_ns = took
            if not tally.first_ts:
                tally.first_ts = start
    return wrapper
"""
"""Sums calls."""

LOGGED = """
def make(original, hook, now, log, number):
    def wrapper({parameters}):
        start = now()
        try:
            return original({passed})
        finally:
            took = now() - start
            hook.fires += 1
            hook.total_ns += took
            log((start, took, number))
    return wrapper
"""
"""Notes each call; `log` takes three numbers more."""

_BEFORE = """
        entered = now()
        try:
            token = hook.before(({args}), {kwargs})
        except Exception as failure:
            token = None
            setter.fail(hook, failure)
        start = now()
        setter.spent_ns += start - entered"""

_NO_BEFORE = """
        token = None
        start = now()"""

FULL = """
def make(original, hook, now, setter, new, kind, add, number):
    def wrapper({parameters}):
        if not hook.active:
            return original({passed}){before}
        try:
            result = original({passed})
        except BaseException as error:
            setter.raised(hook, new(kind, (({args}), {kwargs}, start, now(), None, error, token)))
            raise
        ended = now()
        try:
            took = ended - start
            hook.fires += 1
            hook.total_ns += took
            {add}
            hook.after(new(kind, (({args}), {kwargs}, start, ended, result, None, token)))
        except Exception as failure:
            setter.fail(hook, failure)
        setter.spent_ns += now() - ended
        return result
    return wrapper
"""
"""Calls back before and after."""

ADDS = {"log": "add((start, took, number))", "tally": "add(start, took)", "": "pass"}
"""How a call is added to what is summed."""

_EMPTY: dict[str, Any] = {}


@dataclass(frozen=True)
class Shape:
    """How a stand-in takes arguments and hands them on, as text of Python; `defaults` are the values that the text names."""

    parameters: str
    passed: str
    args: str
    kwargs: str
    defaults: dict[str, Any]


ANY = Shape("*args, **kwargs", "*args, **kwargs", "*args,", "kwargs", {})
"""Takes whatever comes."""

_TAKEN = frozenset(("original", "hook", "now", "begin", "end", "tally", "log", "number", "token", "start", "result", "error", "took", "failure", "ended", "entered", "setter", "new", "kind", "add", "args", "kwargs"))


def shape_of(function: Any) -> Shape:
    """The shape of a function: its own where it is a plain one with parameters of its own, else `ANY`."""
    code = getattr(function, "__code__", None)
    if type(function) is not FunctionType or code is None:
        return ANY
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) or code.co_posonlyargcount:
        return ANY
    positional = code.co_varnames[: code.co_argcount]
    by_name = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if any(not name.isidentifier() or name in _TAKEN or name.startswith("_hg_") for name in positional + by_name):
        return ANY
    return _exact(function, positional, by_name)


def _exact(function: FunctionType, positional: tuple[str, ...], by_name: tuple[str, ...]) -> Shape:
    values = function.__defaults__ or ()
    given = dict(zip(positional[len(positional) - len(values) :], values)) | (function.__kwdefaults__ or {})

    def declared(names: tuple[str, ...]) -> list[str]:
        return [f"{name}=_hg_{name}" if name in given else name for name in names]

    only = ["*", *declared(by_name)] if by_name else []
    return Shape(
        ", ".join(declared(positional) + only),
        ", ".join([*positional, *(f"{name}={name}" for name in by_name)]),
        "".join(f"{name}, " for name in positional),
        "{" + ", ".join(f"{name!r}: {name}" for name in by_name) + "}" if by_name else "_hg_empty",
        {f"_hg_{name}": value for name, value in given.items()},
    )


def full(before: bool, after: bool, adds: str) -> str:
    """The template that calls back: before, after, and adding the call by one of `ADDS`."""
    text = FULL.replace("{before}", _BEFORE if before else _NO_BEFORE).replace("{add}", ADDS[adds])
    return text if after else "".join(line for line in text.splitlines(True) if "hook.after(" not in line)


def stand_in(template: str, function: Callable[..., Any], shape: Shape, *given: Any) -> Callable[..., Any]:
    """A function by one of the templates; `given` is what its `make` takes beside the original."""
    text = template
    for word in ("parameters", "passed", "args", "kwargs"):
        text = text.replace("{" + word + "}", getattr(shape, word))
    space: dict[str, Any] = {"__name__": __name__, "_hg_empty": _EMPTY, **shape.defaults}
    exec(compile(text, "<hourglass hook>", "exec"), space)
    made: Callable[..., Any] = space["make"](function, *given)
    return made
