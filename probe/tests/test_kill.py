"""Kills processes that write, at any moment: what was committed is there."""

from __future__ import annotations

import os
import random
import signal
import time
import unittest

from support import LAYOUT, Case

from hourglass_probe import dump
from hourglass_probe.recorder import Recorder

KILLS = 300
CALL, MARK = LAYOUT.kinds["call"], LAYOUT.kinds["mark"]


class KillTest(Case):
    def test_kill_9_loses_nothing_that_was_committed(self) -> None:
        chance = random.Random(20261128)
        told_any = 0
        for kill in range(KILLS):
            run = os.path.join(self.directory, str(kill))
            os.mkdir(run)
            read_end, write_end = os.pipe()
            child = os.fork()
            if child == 0:
                self.write_until_killed(run, write_end)
            os.close(write_end)
            os.read(read_end, 8)  # the first record is committed
            time.sleep(chance.uniform(0, 0.004))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            told_any += self.hold(run, self.last_told(read_end), child)
        self.assertEqual(KILLS, told_any)

    def write_until_killed(self, run: str, pipe: int) -> None:
        """In the child: numbered records over many segments; tells each number after it is committed."""
        recorder = Recorder(LAYOUT, run, segment_bytes=8192)
        number = 0
        while True:
            recorder.emit(CALL, number, number, recorder.text(f"r{number}"), 0, number, 0)
            os.write(pipe, number.to_bytes(8, "little"))
            number += 1

    def last_told(self, pipe: int) -> int:
        """The last number that the child told, from what is left in the pipe."""
        rest = b""
        while chunk := os.read(pipe, 1 << 16):
            rest += chunk
        os.close(pipe)
        whole = len(rest) // 8 * 8
        return int.from_bytes(rest[whole - 8 : whole], "little") if whole else 0

    def hold(self, run: str, told: int, child: int) -> int:
        ((process, paths),) = dump.segments(run).items()
        found = [(record["step"], record["operation"]) for record in dump.read_process(LAYOUT, paths) if record["type"] == "call"]
        self.assertEqual(child, process[0])
        self.assertEqual([(number, f"r{number}") for number in range(len(found))], found)
        self.assertGreater(len(found), told, "a record that was committed is not there")
        self.assertLessEqual(len(found), told + 2, "more than what was under way")
        return 1

    def test_the_engine_goes_on_when_its_directory_is_removed(self) -> None:
        code = """
import os, shutil
from vllm.v1.engine.core import run
gone = []
def at_step(core, number):
    if number == 3: shutil.rmtree(os.environ["HOURGLASS_DIR"])
texts, counts = run({f"r{i}": (list(range(9)), 300) for i in range(4)}, blocks=400, at_step=at_step)
print(counts["tokens"])
"""
        from support import ENGINE

        done = self.python(code, ENGINE, HOURGLASS_SEGMENT_KB="4")
        self.assertEqual("1200", done.stdout.strip())


if __name__ == "__main__":
    unittest.main()
