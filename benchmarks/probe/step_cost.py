"""What the probe costs per step of the tests' engine: `python3 benchmarks/probe/step_cost.py [REQUESTS] [ROUNDS]`.

One process holds front end, engine core and worker. Batches with the probe on and off take turns; printed is the time on a
core per step more with it, which holds for any engine that makes the same calls: the median over pairs of batches, with its
interval of 95 % confidence by ranks. Nothing is asserted.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

from figures import interval
from switch import HERE, Switch

sys.path.insert(0, os.path.realpath(os.path.join(HERE, "..", "..", "probe", "tests", "tiny_engine")))
FIRST, LAST = 20, 120


def step_ns(run: object, requests: int, number: int) -> float:
    """Time on a core of one step in ns, over 100 steps of decode."""
    marks: list[int] = []

    def at_step(core: object, step: int) -> None:
        if step in (FIRST, LAST):
            marks.append(time.thread_time_ns())

    run({f"request-{number}-{i}": ([i] * 8, LAST + 20) for i in range(requests)}, blocks=60 * requests, at_step=at_step)  # type: ignore[operator]
    return (marks[1] - marks[0]) / (LAST - FIRST)


def main(requests: int, rounds: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as directory:
        switch = Switch(directory, {"all": {}})
        from vllm.v1.engine.core import run

        for number in range(3):
            step_ns(run, requests, number)
        more, bare = [], []
        for number in range(rounds):
            switch.off()
            without = step_ns(run, requests, 2 * number)
            switch.on("all")
            more.append(step_ns(run, requests, 2 * number + 1) - without)
            bare.append(without)
        middle, low, high = interval(more)
        print(
            f"python {sys.version.split()[0]}, {requests} requests, {rounds} pairs: {middle / 1000:.1f} us a step more ({low / 1000:.1f} to {high / 1000:.1f}); "
            f"without {interval(bare)[0] / 1000:.1f} us"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8, int(sys.argv[2]) if len(sys.argv) > 2 else 60)
