"""Holds the binary format: what is written is what is read, and the golden segments are what the writer writes."""

from __future__ import annotations

import os
import struct
import tempfile
import unittest

import golden
from support import GOLDEN, LAYOUT, Case

from hourglass_probe import dump, layout


class FormatTest(Case):
    def test_the_golden_segments_are_what_the_writer_writes(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            golden.write_all(directory)
            self.assertEqual(sorted(os.listdir(GOLDEN)), sorted(os.listdir(directory)))
            for name in os.listdir(directory):
                with open(os.path.join(directory, name), "rb") as made, open(os.path.join(GOLDEN, name), "rb") as kept:
                    self.assertEqual(kept.read(), made.read(), name)

    def test_the_golden_segments_hold_every_type(self) -> None:
        found = {record["type"] for paths in dump.segments(GOLDEN).values() for record in dump.read_process(LAYOUT, paths)}
        self.assertEqual(set(LAYOUT.kinds) | {60000}, found)

    def test_a_segment_is_sealed_when_the_next_begins(self) -> None:
        paths = dump.segments(GOLDEN)[4245, 4345]
        states = []
        for path in paths:
            with open(path, "rb") as file:
                states.append(dump.read_header(LAYOUT, file.read()).fields["state"])
        self.assertEqual([1, 0], states)

    def test_a_record_behind_the_cursor_does_not_exist(self) -> None:
        with open(dump.segments(GOLDEN)[4245, 4345][-1], "rb") as file:
            data = file.read()
        cursor = dump.read_header(LAYOUT, data).fields["cursor"]
        self.assertNotEqual(bytes(32), data[cursor : cursor + 32], "the golden segment holds a torn record")
        self.assertEqual("from another thread", list(dump.Decoder(LAYOUT).records(data))[-1].get("name"))

    def test_a_newer_version_is_refused(self) -> None:
        with open(dump.segments(GOLDEN)[4242, 4342][0], "rb") as file:
            data = bytearray(file.read())
        struct.pack_into("<I", data, 8, LAYOUT.version + 1)
        with self.assertRaisesRegex(dump.SegmentError, "version 3 is newer than 2"):
            dump.read_header(LAYOUT, bytes(data))

    def test_another_file_is_no_segment(self) -> None:
        with self.assertRaisesRegex(dump.SegmentError, "no segment"):
            dump.read_header(LAYOUT, b"{}" * 400)

    def test_a_field_that_is_not_aligned_is_refused(self) -> None:
        with open(layout.RECORDS_FILE, "rb") as file:
            text = file.read()
        crooked = text.replace(b'{"name": "tid", "type": "u32"', b'{"name": "crooked", "type": "u8"}, {"name": "tid", "type": "u32"', 1)
        with self.assertRaisesRegex(layout.LayoutError, "thread.tid lies at 25"):
            layout.parse(crooked)


if __name__ == "__main__":
    unittest.main()
