"""Reads segments: `python3 -m hourglass_probe.dump DIR` prints every record as one line of JSON."""

from __future__ import annotations

import json
import math
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .layout import Field, Kind, Layout, load


class SegmentError(ValueError):
    """A file that is no segment, or one of a newer version."""


@dataclass(frozen=True)
class Header:
    """The header of a segment: its fields by name, as records.json lists them."""

    fields: dict[str, Any]


def read_header(layout: Layout, data: bytes) -> Header:
    """The header. Raises SegmentError where the file is none of this version."""
    if data[:8] != layout.magic or len(data) < layout.header_bytes:
        raise SegmentError("no segment of a probe")
    fields: dict[str, Any] = {}
    for name, (offset, kind) in layout.header.items():
        if kind.startswith("bytes"):
            fields[name] = data[offset : offset + int(kind[5:])].rstrip(b"\0").decode()
        else:
            (fields[name],) = struct.unpack_from({"u32": "<I", "u64": "<Q"}[kind], data, offset)
    if fields["version"] > layout.version:
        raise SegmentError(f"version {fields['version']} is newer than {layout.version}")
    return Header(fields)


class Decoder:
    """Turns the records of one process into dictionaries, texts and words of enumerations in place of their numbers."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._kinds = layout.by_number()
        self._texts: dict[int, str] = {}

    def records(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The committed records of one segment in their order; of unknown types only their number."""
        header = read_header(self._layout, data)
        position, cursor = header.fields["header_bytes"], header.fields["cursor"]
        while position < cursor:
            length, number, thread, ts = struct.unpack_from("<IHHQ", data, position)
            if length < 16 or length % 8 or position + length > cursor:
                raise SegmentError(f"record at {position} says that it is {length} bytes long")
            record = {"type": number, "ts": ts, "thread": thread}
            kind = self._kinds.get(number)
            if kind:
                record = {"type": kind.name, "ts": ts, "thread": thread}
                record.update(self._body(kind, data[position : position + length]))
            if kind and kind.name == "str":
                self._texts[record["id"]] = record["text"]
            yield record
            position += length

    def _body(self, kind: Kind, record: bytes) -> dict[str, Any]:
        # A record of an older version may lack the last fields: they are absent.
        values = kind.head.unpack_from(record.ljust(kind.size, b"\xff"))[4:]
        if not kind.tail:
            return self._named(kind.fields, values)
        count, offset, row_bytes = values[:3]
        body = self._named(kind.fields, values[3:])
        body[str(kind.tail_name)] = self._tail(kind, record, (count, offset, row_bytes))
        return body

    def _tail(self, kind: Kind, record: bytes, place: tuple[int, int, int]) -> Any:
        count, offset, row_bytes = place
        tail = record[offset : offset + count * row_bytes]
        if kind.row:
            rows = (kind.row.unpack_from(tail, i * row_bytes) for i in range(count))
            return [self._named(kind.row_fields, row) for row in rows]
        return tail.decode() if kind.tail == "text" else tail.hex()

    def _named(self, fields: tuple[Field, ...], values: tuple[Any, ...]) -> dict[str, Any]:
        return {field.name: self._value(field, value) for field, value in zip(fields, values)}

    def _value(self, field: Field, value: Any) -> Any:
        if value == field.absent or (isinstance(value, float) and math.isnan(value)):
            return None
        if field.type == "str":
            return self._texts.get(value, f"#{value}")
        return self._layout.enums[field.enum].get(value, value) if field.enum else value


def segments(directory: str) -> dict[tuple[int, int], list[str]]:
    """The segments of a directory by process (pid, start in clock ticks), in the order of their numbers."""
    found: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for name in os.listdir(directory):
        parts = name.removesuffix(".seg").rsplit("-", 3)
        if name.endswith(".seg") and not name.startswith(".") and len(parts) == 4:
            found.setdefault((int(parts[1]), int(parts[2])), []).append((int(parts[3]), os.path.join(directory, name)))
    return {process: [path for _, path in sorted(files)] for process, files in sorted(found.items())}


def read_process(layout: Layout, paths: list[str]) -> Iterator[dict[str, Any]]:
    """All records of one process from its segments in their order."""
    decoder = Decoder(layout)
    for path in paths:
        with open(path, "rb") as file:
            yield from decoder.records(file.read())


def main(arguments: list[str]) -> int:
    """Prints a directory's records; 2 for a wrong command line."""
    if len(arguments) != 1 or not os.path.isdir(arguments[0]):
        print("usage: python3 -m hourglass_probe.dump DIRECTORY", file=sys.stderr)
        return 2
    layout = load()
    for process, paths in segments(arguments[0]).items():
        for record in read_process(layout, paths):
            print(json.dumps({"pid": process[0], **record}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
