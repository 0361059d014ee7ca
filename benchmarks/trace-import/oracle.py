#!/usr/bin/env python3
"""Holds an import against a slow, independent reading of the same Chrome trace.

usage: oracle.py TRACE.json[.gz] [--hourglass PATH]

Reads the trace with Python's own json, numbers as decimals, and compares every slice (time, duration,
name, category, correlation), every kernel's and copy's arguments and every launch link with the rows of
the database. Exit code 1 and the first differences where there are any. For complete (X) and instant
events; begin and end events are left out.
"""
import argparse
import collections
import csv
import decimal
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
csv.field_size_limit(1 << 30)


def nanoseconds(microseconds):
    exact = decimal.Decimal(microseconds) * 1000
    return int(exact) if exact == int(exact) else None


def rows(hourglass, session, query):
    out = subprocess.run([hourglass, "sql", session, query, "--csv"], check=True, capture_output=True).stdout
    return list(csv.reader(io.StringIO(out.decode())))[1:]


def cell(value):
    return "" if value is None else str(value)


def compare(what, wanted, found):
    wanted, found = collections.Counter(wanted), collections.Counter(found)
    missing, extra = wanted - found, found - wanted
    print("%-10s %9d rows, %d missing, %d extra" % (what, sum(wanted.values()), missing.total(), extra.total()))
    for row in list(missing)[:3]:
        print("  missing", row)
    for row in list(extra)[:3]:
        print("  extra  ", row)
    return missing.total() + extra.total()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace")
    parser.add_argument("--hourglass", default=os.path.join(ROOT, "hourglass"))
    options = parser.parse_args()
    opener = gzip.open if options.trace.endswith(".gz") else open
    with opener(options.trace, "rb") as file:
        document = json.loads(file.read(), parse_float=decimal.Decimal)
    events = document["traceEvents"] if isinstance(document, dict) else document
    base = int(document.get("baseTimeNanoseconds", 0)) if isinstance(document, dict) else 0
    slices, kernels, copies, calls, work = [], [], [], collections.defaultdict(int), 0
    for event in events:
        if event.get("ph") not in ("X", "i", "I") or "ts" not in event:
            continue
        args = event.get("args") or {}
        ts = base + nanoseconds(event["ts"])
        dur = max(0, nanoseconds(event.get("dur", 0)))
        category = event.get("cat")
        key = (cell(ts), cell(dur), event["name"])
        slices.append(key + (cell(category), cell(args.get("correlation"))))
        if category in ("cuda_runtime", "cuda_driver") and "correlation" in args:
            calls[args["correlation"]] += 1
        grid, block = args.get("grid") or [None] * 3, args.get("block") or [None] * 3
        if category == "kernel":
            kernels.append(key + tuple(map(cell, [
                args.get("device"), args.get("stream"), args.get("correlation"), *grid, *block,
                args.get("registers per thread"), args.get("shared memory")])))
        if category == "gpu_memcpy":
            copies.append(key + tuple(map(cell, [args.get("device"), args.get("stream"), args.get("bytes")])))
    linked = sum(1 for event in events if event.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset")
                 and event.get("ph") == "X" and calls.get((event.get("args") or {}).get("correlation")))
    work = tempfile.mkdtemp(prefix="hourglass-oracle-")
    session = os.path.join(work, "session")
    try:
        subprocess.run([options.hourglass, "import", options.trace, "-o", session], check=True, capture_output=True)
        ask = lambda query: map(tuple, rows(options.hourglass, session, query))
        wrong = compare("slice", slices, ask("SELECT ts, dur, name, category, correlation FROM slice"))
        wrong += compare("kernel", kernels, ask(
            "SELECT ts, dur, name, device, stream, correlation, grid_x, grid_y, grid_z, block_x, block_y, block_z,"
            " registers, shared_bytes FROM kernel"))
        wrong += compare("memcpy", copies, ask("SELECT ts, dur, name, device, stream, bytes FROM memcpy"))
        wrong += compare("links", [("links", str(linked))], ask("SELECT 'links', coalesce(sum(ops), 0)::BIGINT FROM launch"))
    finally:
        shutil.rmtree(work)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
