"""Hooks: what is called, which callbacks hear of it, and what became of each hook in this process.

A hooked function gets its arguments as they were given and is called exactly once, whatever the callbacks do; its result
or its error is handed on. Errors of callbacks are contained and counted; a hook that fails ten times is switched off.
"""

from __future__ import annotations

import functools
import inspect
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

from . import clocks, wrapping
from .operations import CallLog, Tally

OK, MISSING, CHANGED, INACTIVE, DISABLED = 1, 2, 3, 4, 5
MOST_ERRORS = 10

Before = Callable[[tuple[Any, ...], dict[str, Any]], Any]
"""Called with the arguments; what it returns reaches `after` in `Call.token`."""


class Call(NamedTuple):
    """A call that returned or raised: times in CLOCK_MONOTONIC ns; `result` is None where it raised `error`.

    Made once per call of a hooked function: a tuple is the lightest thing with names that Python has.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    start: int
    end: int
    result: Any = None
    error: BaseException | None = None
    token: Any = None

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """An argument by its position (self is 0) or, where it was given by name, by its name."""
        return self.args[position] if len(self.args) > position else self.kwargs.get(name, default)


After = Callable[[Call], None]


@dataclass(eq=False)
class Hook:
    """One row of a table of hooks, and what became of it in this process.

    `symbols` are candidates `module:qualname`, the best first: the first that is there is hooked. `role` says in which
    process it should fire. `parameters` must all be among the function's parameters, else the hook is CHANGED and not set.
    `operation` sums the calls under this name; `after_errors`: `after` hears of calls that raised, too.
    `counts_none`: nothing is timed, calls are counted and those that return None; for what is called once per request and
    step.
    """

    name: str
    profiler: str
    role: str
    symbols: tuple[str, ...]
    before: Before | None = None
    after: After | None = None
    operation: str | None = None
    parameters: tuple[str, ...] = ()
    after_errors: bool = False
    counts_none: bool = False

    status: int = INACTIVE
    reason: str | None = "its module was not imported"
    symbol: str = ""
    fires: int = 0
    total_ns: int = 0
    errors: int = 0
    nones: int = 0
    active: bool = False
    tally: Tally | None = None
    log: CallLog | None = None
    operation_text: int = 0
    told: tuple[Any, ...] = ()
    undo: Callable[[], None] | None = field(default=None, repr=False)

    def become(self, status: int, reason: str | None) -> None:
        """Takes a state; only OK is active."""
        self.status, self.reason, self.active = status, reason, status == OK


Failed = Callable[[Hook, Exception], None]
"""Told of an error of a callback."""


class Setter:
    """Sets hooks into modules. `failed` hears of errors; `spent_ns` is the time that callbacks took. What the stand-ins take
    around callbacks nobody can clock in place: `base_ns` of a call was clocked when the setter was made."""

    def __init__(self, failed: Failed) -> None:
        self._failed = failed
        self.spent_ns = 0
        self.base_ns = self._clock_base()
        self.spent_ns = 0

    def _clock_base(self) -> int:
        """What a stand-in that notes calls takes more than the bare function, in ns: the median of five rounds."""

        def bare(first: int) -> int:
            return first

        hook, log = Hook("base", "cpu", "any", ("base:bare",), operation="base"), CallLog()
        hook.log = log
        hooked, rounds = self.wrap(hook, bare), []
        for _ in range(5):
            times = [clocks.now()]
            for function in (bare, hooked):
                for number in range(200):
                    function(number)
                times.append(clocks.now())
            log.items.clear()
            rounds.append((times[2] - times[1]) - (times[1] - times[0]))
        return max(0, int(statistics.median(rounds)) // 200)

    def fail(self, hook: Hook, error: Exception) -> None:
        """Contains an error of a callback: counts it, tells of it, and switches the hook off at the tenth."""
        hook.errors += 1
        if hook.errors >= MOST_ERRORS and hook.status == OK:
            hook.become(DISABLED, f"{hook.errors} errors, the last: {error!r}"[:400])
        self._failed(hook, error)

    def set(self, hook: Hook, module: ModuleType) -> None:
        """Sets the hook by the first of its symbols that the module holds, or says why not."""
        if hook.status == OK:
            return
        for symbol in hook.symbols:
            home, qualname = symbol.split(":")
            if home == module.__name__:
                hook.symbol = symbol
                if self._set_symbol(hook, module, qualname):
                    return

    def _set_symbol(self, hook: Hook, module: ModuleType, qualname: str) -> bool:
        *path, name = qualname.split(".")
        owner: Any = module
        for part in path:
            owner = getattr(owner, part, None)
        found = inspect.getattr_static(owner, name, None) if owner is not None else None
        if found is None:
            hook.become(MISSING, f"{module.__name__} has no {qualname}")
            return False
        reason = _unfit(hook, found)
        if reason:
            hook.become(CHANGED, reason)
            return False
        self._replace(hook, owner, name, found)
        hook.become(OK, None)
        return True

    def _replace(self, hook: Hook, owner: Any, name: str, found: Any) -> None:
        function = found.__func__ if isinstance(found, (staticmethod, classmethod)) else found
        wrapper: Any = self.wrap(hook, function)
        if isinstance(found, (staticmethod, classmethod)):
            wrapper = type(found)(wrapper)
        own = name in vars(owner)
        setattr(owner, name, wrapper)
        hook.undo = lambda: setattr(owner, name, found) if own else delattr(owner, name)

    def wrap(self, hook: Hook, original: Callable[..., Any]) -> Callable[..., Any]:
        """The function that stands in for the original."""
        wrapper = functools.wraps(original)(self._stand_in(hook, original))
        wrapper.__hourglass__ = hook  # type: ignore[attr-defined]
        return wrapper

    def _stand_in(self, hook: Hook, original: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(original):
            return self._coroutine(hook, original)
        # A user's hook sees the arguments as they were given; our own do not care how.
        shape = wrapping.ANY if hook.profiler == "user" else wrapping.shape_of(original)
        if hook.counts_none:
            return wrapping.stand_in(wrapping.COUNTING, original, shape, hook)
        add, number, adds = self._adding(hook)
        if hook.before or hook.after:
            template = wrapping.full(hook.before is not None, hook.after is not None, adds)
            return wrapping.stand_in(template, original, shape, hook, clocks.now, self, tuple.__new__, Call, add, number)
        if hook.log is not None:
            return wrapping.stand_in(wrapping.LOGGED, original, shape, hook, clocks.now, add, number)
        return wrapping.stand_in(wrapping.SUMMED, original, shape, hook, clocks.now, hook.tally or Tally(""))

    def _adding(self, hook: Hook) -> tuple[Any, int, str]:
        """What takes in a call that is summed, the number of its operation, and how it is called."""
        if hook.log is not None:
            return hook.log.add, hook.operation_text, "log"
        return (hook.tally.add, 0, "tally") if hook.tally is not None else (None, 0, "")

    def raised(self, hook: Hook, call: Call) -> None:
        """Takes in a call that raised an error of its own."""
        self._end(hook, call)

    def _coroutine(self, hook: Hook, original: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            if not hook.active:
                return await original(*args, **kwargs)
            token = self._begin(hook, args, kwargs) if hook.before else None
            start = clocks.now()
            try:
                result = await original(*args, **kwargs)
            except BaseException as error:
                self._end(hook, Call(args, kwargs, start, clocks.now(), None, error, token))
                raise
            self._end(hook, Call(args, kwargs, start, clocks.now(), result, None, token))
            return result

        return wrapper

    def _begin(self, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        entered = clocks.now()
        try:
            assert hook.before
            return hook.before(args, kwargs)
        except Exception as error:
            self.fail(hook, error)
            return None
        finally:
            self.spent_ns += clocks.now() - entered

    def _end(self, hook: Hook, call: Call) -> None:
        try:
            took = call.end - call.start
            hook.fires += 1
            hook.total_ns += took
            add, number, adds = self._adding(hook)
            if adds == "log":
                add((call.start, took, number))
            elif adds:
                add(call.start, took)
            if hook.after and (call.error is None or hook.after_errors):
                hook.after(call)
        except Exception as failure:
            self.fail(hook, failure)
        self.spent_ns += clocks.now() - call.end


def _unfit(hook: Hook, found: Any) -> str | None:
    """Why what was found cannot be hooked; None where it can."""
    if isinstance(found, property) or not callable(getattr(found, "__func__", found)):
        return f"it is a {type(found).__name__}, no function"
    function = getattr(found, "__func__", found)
    if getattr(function, "__hourglass__", None) is hook:
        return "it is hooked already"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return "it is a generator, whose calls take no time"
    return _missing_parameters(hook, function)


def _missing_parameters(hook: Hook, function: Any) -> str | None:
    if not hook.parameters:
        return None
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters.values()):
        return None
    missing = [name for name in hook.parameters if name not in parameters]
    return f"it takes no {', '.join(missing)}" if missing else None
