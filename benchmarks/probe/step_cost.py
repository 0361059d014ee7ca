"""What the probe costs per step of an engine: `python3 benchmarks/probe/step_cost.py [REQUESTS] [ROUNDS]`.

Runs the tests' engine (one process: front end, engine core and worker) in turns with and without the probe and prints the
time on a core per step more with it, which holds for any engine that makes the same calls. Nothing is asserted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROBE = os.path.realpath(os.path.join(HERE, "..", "..", "probe"))
CODE = """
import sys, time
from vllm.v1.engine.core import run
count = int(sys.argv[1])
begin = []
def at_step(core, number):
    if number == 40:
        begin.append((time.thread_time_ns(), number))
    elif number == 340:
        begin.append((time.thread_time_ns(), number))
run({f"request-{i}": ([i] * 8, 400) for i in range(count)}, blocks=200 * count, at_step=at_step)
print((begin[1][0] - begin[0][0]) / (begin[1][1] - begin[0][1]))
"""


def step_ns(requests: int, probe: bool) -> float:
    """Time on a core of one step in ns, over 300 steps of decode."""
    path = [os.path.join(PROBE, "tests", "tiny_engine")] + ([os.path.join(PROBE, "src")] if probe else [])
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "HOURGLASS_DIR": directory}
        done = subprocess.run([sys.executable, "-c", CODE, str(requests)], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main(requests: int, rounds: int) -> None:
    """Measures and prints."""
    differences = []
    for _ in range(rounds):
        bare = step_ns(requests, probe=False)
        differences.append(step_ns(requests, probe=True) - bare)
    low, high = min(differences), max(differences)
    print(f"python {sys.version.split()[0]}, {requests} requests, {rounds} rounds: {statistics.median(differences) / 1000:.1f} us a step more ({low / 1000:.1f} to {high / 1000:.1f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32, int(sys.argv[2]) if len(sys.argv) > 2 else 7)
