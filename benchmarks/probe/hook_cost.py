"""What a hook costs per call: `PYTHONPATH=probe/src python3 benchmarks/probe/hook_cost.py [ROUNDS]`.

Each kind of hook and the bare function take turns in rounds of 300 calls, packing and committing of what they note counted
in; printed is the median over the rounds of the difference per call, with the 5th and the 95th percentile. Nothing is
asserted: machines differ.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import types
from collections.abc import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "probe", "src"))

from hourglass_probe.hooks import Call, Hook, Setter
from hourglass_probe.layout import load
from hourglass_probe.operations import Operations
from hourglass_probe.recorder import Recorder

CALLS = 300


def work(first: int, second: int | None = None) -> int:
    """The function that is hooked: it does nothing."""
    return first


def timed(function: Callable[..., int], commit: Callable[[], None] = lambda: None) -> float:
    """Time on a core of one call in ns, over 300; waiting for a core is none of it."""
    begin = time.thread_time_ns()
    for number in range(CALLS):
        function(number, second=number)
    commit()
    return (time.thread_time_ns() - begin) / CALLS


def hooked(setter: Setter, **rest: object) -> Callable[..., int]:
    """The function with a hook of these properties."""
    module = types.ModuleType("engine")
    module.__dict__["work"] = work
    setter.set(Hook("cost", "cpu", "any", ("engine:work",), **rest), module)  # type: ignore[arg-type]
    return module.work


def candidates(directory: str) -> tuple[Callable[[], None], dict[str, Callable[..., int]]]:
    """What commits, and what is measured, by name."""
    layout = load()
    recorder = Recorder(layout, directory, limit_bytes=1 << 40)
    tallies = Operations(layout, recorder)
    kind, absent = layout.kinds["call"], 0xFFFFFFFF
    name = recorder.text("work")

    def emit(call: Call) -> None:
        recorder.emit(kind, call.start, call.end - call.start, name, 0, absent, 0)

    def emit_later(call: Call) -> None:
        recorder.later(kind, call.start, call.end - call.start, name, 0, absent, 0)

    def flush() -> None:
        tallies.flush("engine", 1)
        tallies.commit()
        recorder.commit_later()

    setter = Setter(lambda hook, error: None)
    return flush, {
        "counted": hooked(setter, counts_none=True),
        "summed as an operation": hooked(setter, tally=tallies.tally("any", "work")),
        "noted as an operation": hooked(setter, log=tallies.log("engine"), operation_text=name),
        "before and after, empty": hooked(setter, before=lambda args, kwargs: None, after=lambda call: None),
        "one record per call": hooked(setter, after=emit),
        "one record per call, later": hooked(setter, after=emit_later),
    }


def main(rounds: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as directory:
        commit, functions = candidates(directory)
        costs: dict[str, list[float]] = {name: [] for name in functions}
        for _ in range(rounds):
            for name, function in functions.items():
                bare = timed(work)
                costs[name].append(timed(function, commit) - bare)
        print(f"python {sys.version.split()[0]}, {rounds} rounds of {CALLS} calls; ns per call more than the bare function")
        for name, values in costs.items():
            cuts = statistics.quantiles(values, n=20)
            print(f"{name:28} {statistics.median(values):8.0f}   (5 %: {cuts[0]:.0f}, 95 %: {cuts[-1]:.0f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
