"""Holds the recorder: several threads, interruptions, full disks, limits."""

from __future__ import annotations

import gc
import os
import signal
import struct
import threading
import unittest
from typing import Any
from unittest import mock

from support import LAYOUT, Case

from hourglass_probe import dump
from hourglass_probe.recorder import Recorder

MARK, META, CALL = LAYOUT.kinds["mark"], LAYOUT.kinds["meta"], LAYOUT.kinds["call"]


class RecorderTest(Case):
    def recorder(self, **options: int) -> Recorder:
        return Recorder(LAYOUT, self.directory, **options)

    def read(self) -> list[dict[str, Any]]:
        (process,) = self.processes()
        return process

    def test_threads_write_whole_records_in_their_order(self) -> None:
        recorder = self.recorder(segment_bytes=65536)
        barrier = threading.Barrier(8)

        def write(writer: int) -> None:
            barrier.wait()
            for number in range(2000):
                recorder.emit(CALL, number, writer, recorder.text(f"t{writer}"), recorder.text(f"n{number % 50}"), number, 0)

        threads = [threading.Thread(target=write, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        calls = [record for record in self.read() if record["type"] == "call"]
        for writer in range(8):
            own = [(record["step"], record["context"]) for record in calls if record["operation"] == f"t{writer}"]
            self.assertEqual([(n, f"n{n % 50}") for n in range(2000)], own)
        self.assertEqual(1, len({record["thread"] for record in calls if record["operation"] == "t3"}))
        self.assertEqual(8, len([record for record in self.read() if record["type"] == "thread"]))
        self.assertEqual((0, 16000), (recorder.dropped, len(calls)))

    def test_the_limit_stops_it_and_drops_are_counted(self) -> None:
        recorder = self.recorder(segment_bytes=4096, limit_bytes=8192)
        for number in range(1000):
            recorder.emit(CALL, number, 0, 0, 0, number, 0)
        kept = [record["step"] for record in self.read() if record["type"] == "call"]
        self.assertEqual(list(range(len(kept))), kept)
        self.assertEqual(1000 - len(kept), recorder.dropped)
        last = dump.segments(self.directory).popitem()[1]
        self.assertEqual(2, len(last))
        with open(last[-1], "rb") as file:
            header = dump.read_header(LAYOUT, file.read()).fields
        self.assertEqual((3, recorder.dropped), (header["state"], header["dropped"]))
        self.assertEqual("the limit of its disk space is reached", recorder.failure)

    def test_a_full_disk_stops_it_before_a_page_is_written(self) -> None:
        recorder = self.recorder()
        with mock.patch.object(os, "posix_fallocate", side_effect=OSError(28, "No space left on device")):
            recorder.emit(MARK, 1, 0, 0)
        recorder.emit(MARK, 2, 0, 0)
        self.assertEqual((2, []), (recorder.dropped, os.listdir(self.directory)))
        self.assertIn("No space left on device", str(recorder.failure))

    def test_a_directory_that_is_gone_is_no_error(self) -> None:
        recorder = Recorder(LAYOUT, os.path.join(self.directory, "gone"))
        recorder.emit_text(META, 1, "{}")
        self.assertEqual((1, 0), (recorder.dropped, recorder.records))

    def test_a_text_has_one_number_until_it_is_forgotten(self) -> None:
        recorder = self.recorder()
        first = recorder.text("r-1")
        self.assertEqual(first, recorder.text("r-1"))
        recorder.forget("r-1")
        self.assertGreater(recorder.text("r-1"), first)
        self.assertEqual(0, recorder.text(None))

    def test_a_long_text_is_cut_between_characters(self) -> None:
        recorder = self.recorder(segment_bytes=1 << 20)
        recorder.emit_text(META, 1, "ä字" * 40000)
        self.assertEqual("ä字" * 13107, self.read()[0]["json"])

    def test_a_record_larger_than_a_segment_is_dropped(self) -> None:
        recorder = self.recorder(segment_bytes=4096)
        recorder.emit_text(META, 1, "x" * 5000)
        recorder.emit_text(META, 2, "{}")
        self.assertEqual((1, ["{}"]), (recorder.dropped, [record["json"] for record in self.read() if record["type"] == "meta"]))

    def test_a_collection_in_the_middle_of_an_emit_waits_its_turn(self) -> None:
        recorder = self.recorder()

        class Collecting:
            """Collects, and so emits, while the record that holds it is being packed."""

            def __index__(self) -> int:
                gc.collect()
                return 7

        def listen(phase: str, info: dict[str, int]) -> None:
            if phase == "stop":
                recorder.emit(CALL, 2, 0, recorder.text("inner"), 0, 0, 0)

        gc.disable()  # none but the one that is meant
        self.addCleanup(gc.enable)
        gc.callbacks.append(listen)
        self.addCleanup(gc.callbacks.remove, listen)
        outer = recorder.text("outer")
        recorder.emit(CALL, 1, Collecting(), outer, 0, 0, 0)
        self.assertEqual(["outer", "inner"], [record["operation"] for record in self.read() if record["type"] == "call"])

    def test_an_error_of_a_signal_handler_leaves_it_usable(self) -> None:
        recorder = self.recorder()

        class Stop(Exception):
            pass

        class Interrupted:
            def __index__(self) -> int:
                signal.raise_signal(signal.SIGUSR1)
                return 1

        def handler(number: int, frame: Any) -> None:
            recorder.emit(MARK, 5, recorder.text("in the handler"), 0)
            raise Stop

        before = signal.signal(signal.SIGUSR1, handler)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        with self.assertRaises(Stop):
            recorder.emit(CALL, 1, Interrupted(), 0, 0, 0, 0)
        recorder.emit(MARK, 6, recorder.text("afterwards"), 0)
        self.assertEqual({"in the handler", "afterwards"}, {record["name"] for record in self.read() if record["type"] == "mark"})
        self.assertEqual([], [record for record in self.read() if record["type"] == "call"])

    def test_what_is_told_later_stands_in_its_order_before_all_else(self) -> None:
        recorder = self.recorder(segment_bytes=4096)
        for number in range(200):
            recorder.later(CALL, number, number, 0, 0, number, 0)
        self.assertEqual(64 * 3, len([record for record in self.read() if record["type"] == "call"]), "64 are committed at once")
        recorder.emit(MARK, 200, recorder.text("behind"), 0)
        records = [record for record in self.read() if record["type"] in ("call", "mark")]
        self.assertEqual([*range(201)], [record["ts"] for record in records])
        self.assertGreater(len(os.listdir(self.directory)), 1)

    def test_a_record_that_cannot_be_packed_takes_no_other_with_it(self) -> None:
        recorder = self.recorder()
        for number, value in enumerate((1, 2, "no number", 4, -1, 6)):
            recorder.later(CALL, number, value, 0, 0, number, 0)
        with self.assertRaises(struct.error):
            recorder.commit_later()
        recorder.later(CALL, 6, 7, 0, 0, 6, 0)
        recorder.commit_later()
        self.assertEqual(([0, 1, 3, 5, 6], 2), ([record["step"] for record in self.read() if record["type"] == "call"], recorder.dropped))

    def test_silence_leaves_out_what_the_engine_does(self) -> None:
        recorder = self.recorder()
        recorder.silent = True
        recorder.emit(MARK, 1, 0, 0)
        recorder.emit_text(META, 2, "{}")
        self.assertEqual({"meta", "thread"}, {record["type"] for record in self.read()})

    def test_the_reader_asks_for_silence_in_the_header(self) -> None:
        recorder = self.recorder()
        recorder.emit(MARK, 1, 0, 0)
        with open(dump.segments(self.directory).popitem()[1][0], "r+b") as file:
            file.seek(LAYOUT.header["control"][0])
            file.write((1).to_bytes(8, "little"))
        self.assertEqual(1, recorder.control)


if __name__ == "__main__":
    unittest.main()
