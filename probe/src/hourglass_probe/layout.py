"""The layout of records, read from records.json: the one description that writer and readers share."""

from __future__ import annotations

import json
import os
import struct
import zlib
from dataclasses import dataclass
from typing import Any

RECORDS_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "records.json")

_CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i64": "q", "f32": "f", "f64": "d", "str": "I"}
_ABSENT: dict[str, Any] = {
    "u8": 0xFF,
    "u16": 0xFFFF,
    "u32": 0xFFFFFFFF,
    "u64": 0xFFFFFFFFFFFFFFFF,
    "i64": -(1 << 63),
    "f32": float("nan"),
    "f64": float("nan"),
    "str": 0,
}
RECORD_HEADER = "IHHQ"
TAIL_HEADER = "IHH"

ABSENT_U8 = _ABSENT["u8"]
ABSENT_U32 = _ABSENT["u32"]
ABSENT_U64 = _ABSENT["u64"]
ABSENT_I64 = _ABSENT["i64"]


class LayoutError(ValueError):
    """records.json says something that cannot be laid out."""


@dataclass(frozen=True)
class Field:
    """One field: its name, its type (a key of the table of types), what its numbers mean (or None)."""

    name: str
    type: str
    enum: str | None

    @property
    def absent(self) -> Any:
        """The value that stands for 'not there'."""
        return _ABSENT[self.type]


@dataclass(frozen=True)
class Kind:
    """One type of record. `head` packs length, type, thread, ts and the fields (with a tail: its header between).

    `size` is the length in bytes up to the tail, or of the whole record without one; both are multiples of 8.
    """

    number: int
    name: str
    fields: tuple[Field, ...]
    tail: str | None
    tail_name: str | None
    row_fields: tuple[Field, ...]
    head: struct.Struct
    row: struct.Struct | None
    size: int
    pack_into: Any
    row_bytes: int
    """Size of one row of the tail: 1 for text and bytes."""


@dataclass(frozen=True)
class Layout:
    """All of records.json: the types of records by name and by number, the enumerations, the header."""

    version: int
    magic: bytes
    header_bytes: int
    header: dict[str, tuple[int, str]]
    enums: dict[str, dict[int, str]]
    kinds: dict[str, Kind]
    crc: int

    def by_number(self) -> dict[int, Kind]:
        """The types of records by their number."""
        return {kind.number: kind for kind in self.kinds.values()}

    def number_of(self, enum: str, word: str) -> int:
        """The number of a word of an enumeration; KeyError where there is none."""
        return next(number for number, text in self.enums[enum].items() if text == word)


def _fields(declared: list[dict[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(each["name"], each["type"], each.get("enum")) for each in declared)


def _check_alignment(name: str, offset: int, fields: tuple[Field, ...]) -> int:
    """Offset behind the fields; LayoutError where one is not aligned to its own size."""
    for field in fields:
        size = struct.calcsize("<" + _CODES[field.type])
        if offset % size:
            raise LayoutError(f"{name}.{field.name} lies at {offset}, which {size} does not divide")
        offset += size
    return offset


def _kind(declared: dict[str, Any]) -> Kind:
    name, fields, tail = declared["name"], _fields(declared["fields"]), declared.get("tail")
    codes = "<" + RECORD_HEADER + (TAIL_HEADER if tail else "")
    end = _check_alignment(name, struct.calcsize(codes), fields)
    codes += "".join(_CODES[field.type] for field in fields) + "x" * (-end % 8)
    row_fields, row = (), None
    if tail and tail["kind"] == "rows":
        row_fields = _fields(tail["fields"])
        _check_alignment(name + " row", 0, row_fields)
        row = struct.Struct("<" + "".join(_CODES[field.type] for field in row_fields))
    head = struct.Struct(codes)
    row_bytes = row.size if row else 1
    return Kind(declared["type"], name, fields, tail and tail["kind"], tail and tail["name"], row_fields, head, row, head.size, head.pack_into, row_bytes)


def parse(text: bytes) -> Layout:
    """The layout that the bytes of a records.json describe. Raises LayoutError, or KeyError where a key is missing."""
    whole = json.loads(text)
    kinds = {each["name"]: _kind(each) for each in whole["records"]}
    if len({kind.number for kind in kinds.values()}) != len(whole["records"]):
        raise LayoutError("two records share a name or a number")
    header = {each["name"]: (each["offset"], each["type"]) for each in whole["header"]}
    enums = {name: {int(k): v for k, v in each.items()} for name, each in whole["enums"].items()}
    return Layout(whole["version"], whole["magic"].encode(), whole["header_bytes"], header, enums, kinds, zlib.crc32(text))


def load(path: str = RECORDS_FILE) -> Layout:
    """The layout that this probe writes."""
    with open(path, "rb") as file:
        return parse(file.read())
