"""Holds a GPU timeline that the probe recorded against PyTorch's profiler: `gpu_check.py LOG RECORDS [TRACE]`.

LOG holds a line RESULT with a region; TRACE is a Chrome trace, or a directory with one, of the same work. Without TRACE the
kernels are held against the number that the program expects.
"""

from __future__ import annotations

import collections
import ctypes
import gzip
import json
import os
import statistics
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "probe", "src"))

from hourglass_probe import cupti, dump  # noqa: E402
from hourglass_probe.layout import load  # noqa: E402

Kernel = tuple[str, int, int]
"""Name, start in CLOCK_MONOTONIC ns, duration in ns."""


def pieces(directory: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Records about activities, with the bytes of each buffer."""
    layout = load()
    for paths in dump.segments(directory).values():
        for record in dump.read_process(layout, paths):
            if record["type"] == "activity":
                data = bytes.fromhex(record["buffer"])
                yield record, zlib.decompress(data) if record["encoding"] == "zlib" else data
            elif record["type"] in ("activity_name", "activity_source", "capability"):
                yield record, None


def kernels_of(directory: str) -> tuple[list[Kernel], dict[str, Any]]:
    """All kernels, and what is told of the recording."""
    names: dict[int, str] = {}
    about: dict[str, Any] = collections.defaultdict(int)
    pairs, found, sizes = [], [], {}
    for record, data in pieces(directory):
        if record["type"] == "activity_name":
            names[record["pointer"]] = record["name"]
        elif record["type"] == "capability":
            if record["hook"].startswith("gpu."):
                about[record["hook"]] = f"{record['status']} {record['reason'] or ''} ({record['fires']})"
        elif record["type"] == "activity_source":
            told = json.loads(record["json"])
            sizes = {int(kind): size for kind, size in told.get("sizes", sizes).items()} if told.get("sizes") else sizes
            about.update({k: v for k, v in told.items() if k not in ("sizes", "runtime", "driver")})
        else:
            pairs.append((record["ts"], record["ts"] - record["device_ns"], record["pair_ns"]))
            about["lost_records"] = max(about["lost_records"], record["lost"])
            about["counted_by_library"] += library_count(about, data)
            at = 0
            while at + 4 <= len(data):
                kind, = struct.unpack_from("<I", data, at)
                about["walked"] += 1
                about[f"kind_{kind}"] += 1
                if kind in (3, 10):
                    start, end = struct.unpack_from("<QQ", data, at + 16)
                    found.append((names.get(struct.unpack_from("<Q", data, at + 104)[0], "?"), start + pairs[-1][1], end - start))
                if not sizes.get(kind):
                    about["unreadable_bytes"] += len(data) - at
                    break
                at += sizes[kind]
    if pairs:
        about["pair_error_ns"] = max(pair[2] for pair in pairs)
        about["drift_ns"] = pairs[-1][1] - pairs[0][1]
    return found, dict(about)


_library: list[Any] = []


def library_count(about: dict[str, Any], data: bytes) -> int:
    """Records that the library itself finds in a buffer; 0 where it cannot be loaded."""
    try:
        if not _library:
            _library.append(cupti.Cupti({"HOURGLASS_CUPTI": about["library"]}))
        room = ctypes.create_string_buffer(data, len(data))
        return _library[0].count(ctypes.addressof(room), len(data))
    except Exception as error:
        print("the library cannot count:", repr(error), file=sys.stderr)
        return 0


def traced(path: str) -> list[Kernel]:
    """Kernels of a Chrome trace, start in its own time."""
    if os.path.isdir(path):
        files = sorted((os.path.join(root, name) for root, _, names in os.walk(path) for name in names if ".json" in name), key=os.path.getsize)
        path = files[-1]
    opener: Any = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        events = json.load(file)["traceEvents"]
    return [(e["name"], int(e["ts"] * 1000), round(e["dur"] * 1000)) for e in events if e.get("cat") == "kernel"]


def medians(kernels: list[Kernel]) -> dict[str, tuple[int, float]]:
    """Per name how many and their median duration."""
    by_name = collections.defaultdict(list)
    for name, _, dur in kernels:
        by_name[name].append(dur)
    return {name: (len(durs), statistics.median(durs)) for name, durs in by_name.items()}


def compare(mine: list[Kernel], theirs: list[Kernel]) -> None:
    """Prints both counts, and how the durations of kernels of the same name stand to each other."""
    ours, other = medians(mine), medians(theirs)
    different = {name: (ours.get(name, (0,))[0], other.get(name, (0,))[0]) for name in {*ours, *other} if ours.get(name, (0,))[0] != other.get(name, (0,))[0]}
    ratios = sorted(ours[name][1] / max(1, other[name][1]) for name in ours.keys() & other.keys() if min(ours[name][0], other[name][0]) >= 3)
    print(f"  kernels: probe {len(mine)}, PyTorch's profiler {len(theirs)}: {'EQUAL' if not different else 'DIFFERENT'}; names {len(ours)} and {len(other)}")
    for name, counts in sorted(different.items(), key=lambda each: -max(each[1]))[:12]:
        print(f"    {counts[0]:6} {counts[1]:6}  {name[:110]}")
    if ratios:
        print(f"  median durations, probe / profiler, over {len(ratios)} names: {ratios[0]:.3f} … {statistics.median(ratios):.3f} … {ratios[-1]:.3f}")


def main(arguments: list[str]) -> int:
    """Prints what there is to see; 1 where nothing was recorded."""
    with open(arguments[0], encoding="utf-8", errors="replace") as file:
        result = json.loads([line for line in file if line.startswith("RESULT ")][-1][7:])
    found, about = kernels_of(arguments[1])
    print("  " + ", ".join(f"{name} {value}" for name, value in sorted(about.items()) if value is not None))
    print(f"  walk against library: {about.get('walked', 0)} and {about.get('counted_by_library', 0)} records; kernels in all {len(found)}, without name {sum(k[0] == '?' for k in found)}")
    within = {place: [k for k in found if span[0] <= k[1] <= span[1]] for place, span in result.items() if place in ("region", "after")}
    for place, kernels in within.items():
        print(f"  {place}: {len(kernels)} kernels by time" + (f", expected {result['expected']}" if "expected" in result else ""))
    if len(arguments) > 2 and "after" not in within:
        compare(within["region"], traced(arguments[2]))
    elif len(arguments) > 2:
        compare(within["after"], traced(arguments[2]))
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
