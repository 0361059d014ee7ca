"""Plants faults in everything that the probe does while an engine runs: the engine's answers stay the same."""

from __future__ import annotations

import json
import unittest

from support import ENGINE, Case

_RUN = """
import json, random
import hourglass_probe
from vllm.v1.engine.core import run
requests = {f"r{i}": (list(range(i, i + 9 + i %% 7)), 260 + i) for i in range(16)}
planted = [0]
if %(faults)r:
    from hourglass_probe import hooks
    hooks.MOST_ERRORS = 1 << 30
    chance = random.Random(17)
    errors = [ValueError, AttributeError, KeyError, MemoryError, RecursionError, OSError, ZeroDivisionError, TypeError]
    def faulty(function):
        def fault(*args, **kwargs):
            if chance.random() < 0.8:
                planted[0] += 1
                raise chance.choice(errors)("planted")
            return function(*args, **kwargs)
        return fault
    probe = hourglass_probe._probe
    for name in ("emit", "emit_rows", "emit_text", "text", "forget"):
        setattr(probe.recorder, name, faulty(getattr(probe.recorder, name)))
    probe.operations.flush = faulty(probe.operations.flush)
    for hook in probe.hooks:
        hook.before = hook.before and faulty(hook.before)
        hook.after = hook.after and faulty(hook.after)
texts, counts = run(requests, blocks=300)
print(json.dumps([texts, counts, planted[0]]))
"""


class FaultsTest(Case):
    def answers(self, faults: bool, **environment: str) -> tuple[dict[str, str], dict[str, int], int]:
        done = self.python(_RUN % {"faults": faults}, ENGINE, **environment)
        self.assertEqual("", done.stderr)
        return json.loads(done.stdout)

    def test_ten_thousand_faults_in_a_running_engine(self) -> None:
        texts, counts, planted = self.answers(faults=True)
        self.assertGreaterEqual(planted, 10_000)
        self.assertEqual((texts, counts), tuple(self.answers(faults=False, HOURGLASS_DIR="")[:2]))
        self.assertGreater(counts["preemptions"], 0)


if __name__ == "__main__":
    unittest.main()
