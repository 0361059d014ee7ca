#!/usr/bin/env python3
"""Writes large inputs of two forms that no generator of the unit tests writes: begin and end events of
Chrome's format, and an SQLite export as Nsight Systems documents it.

    large.py begin-end FILE MEGABYTES [THREADS]
    large.py nsys FILE MEGABYTES
"""
import os
import random
import sqlite3
import sys

SCHEMA = """
CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
CREATE TABLE TARGET_INFO_SESSION_START_TIME (utcEpochNs INTEGER, utcTime TEXT, localTime TEXT);
CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, end INTEGER, eventClass INTEGER, globalTid INTEGER,
  correlationId INTEGER, nameId INTEGER, returnValue INTEGER, callchainId INTEGER);
CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER, deviceId INTEGER, contextId INTEGER,
  greenContextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER,
  shortName INTEGER, registersPerThread INTEGER, gridX INTEGER, gridY INTEGER, gridZ INTEGER, blockX INTEGER,
  blockY INTEGER, blockZ INTEGER, staticSharedMemory INTEGER, dynamicSharedMemory INTEGER, graphNodeId INTEGER);
CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, globalTid INTEGER,
  endGlobalTid INTEGER, textId INTEGER, domainId INTEGER, jsonText TEXT);
CREATE TABLE OSRT_API (start INTEGER, end INTEGER, eventClass INTEGER, globalTid INTEGER, nameId INTEGER,
  returnValue INTEGER);
CREATE TABLE COMPOSITE_EVENTS (id INTEGER PRIMARY KEY, start INTEGER, cpu INTEGER, threadState INTEGER,
  globalTid INTEGER, cpuCycles INTEGER);
CREATE TABLE SAMPLING_CALLCHAINS (id INTEGER, symbol INTEGER, module INTEGER, stackDepth INTEGER);
"""
PROCESS = 1 << 56 | 77 << 24


def begin_end(path, megabytes, threads):
    pick = random.Random(1)
    n = size = 0
    with open(path, "w") as out:
        out.write('{"traceEvents": [\n')
        while size < megabytes * 1e6:
            lines = []
            for _ in range(2000):
                tid = pick.randrange(threads) + 1
                ts = n * 10 + tid
                depth = pick.randrange(1, 6)
                names = ["run_step", f"forward layer {pick.randrange(48)}", "attention", "mlp", "kv update"]
                for d in range(depth):
                    lines.append(f'{{"ph": "B", "cat": "engine", "name": "{names[d]}", "pid": 1, "tid": {tid},'
                                 f' "ts": {ts + d}.{pick.randrange(1000):03d}, "args": {{"step": {n}}}}}')
                for d in range(depth):
                    lines.append(f'{{"ph": "E", "pid": 1, "tid": {tid}, "ts": {ts + 8 + d}.{pick.randrange(1000):03d}}}')
                n += 1
            text = (",\n" if size else "") + ",\n".join(lines)
            out.write(text)
            size += len(text)
        out.write("\n]}\n")


def nsys(path, megabytes):
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(SCHEMA)
    db.executemany("INSERT INTO StringIds VALUES (?, ?)", [
        (i, f"void kernel_{i}<float, {i}>(int, float const*)" if i > 20 else "cudaLaunchKernel_v7000")
        for i in range(1, 3000)])
    db.execute("INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '3.13.2')")
    db.execute("INSERT INTO TARGET_INFO_SESSION_START_TIME VALUES (1790857026000000000, '', '')")
    i = sample = 1
    while os.path.getsize(path) < megabytes * 1e6:
        rows = {name: [] for name in ("RUNTIME", "KERNEL", "NVTX", "OSRT", "SAMPLE", "STACK")}
        for _ in range(20000):
            t = i * 10000
            rows["RUNTIME"].append((t, t + 4000, 0, PROCESS | (77 + i % 3), i, 1, 0, None))
            rows["KERNEL"].append((t + 5000, t + 9000, i % 2, 1, None, 7, i, PROCESS, 21 + i % 2900, 21, 32, 132, 1, 1,
                                   256, 1, 1, 0, 1024, None))
            if i % 4 == 0:
                rows["NVTX"].append((t, t + 9000, 59, None, PROCESS | 77, None, 21 + i % 50, 0, None))
                rows["OSRT"].append((t + 1, t + 900, 0, PROCESS | 90, 22, 0))
            if i % 8 == 0:
                rows["SAMPLE"].append((sample, t, 1, 0, PROCESS | 77, 250))
                rows["STACK"] += [(sample, 30 + d + i % 20, 31, d) for d in range(12)]
                sample += 1
            i += 1
        for name, table in (("RUNTIME", "CUPTI_ACTIVITY_KIND_RUNTIME"), ("KERNEL", "CUPTI_ACTIVITY_KIND_KERNEL"),
                            ("NVTX", "NVTX_EVENTS"), ("OSRT", "OSRT_API"), ("SAMPLE", "COMPOSITE_EVENTS"),
                            ("STACK", "SAMPLING_CALLCHAINS")):
            if rows[name]:
                marks = ",".join("?" * len(rows[name][0]))
                db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[name])
        db.commit()


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("begin-end", "nsys"):
        sys.exit(__doc__)
    if sys.argv[1] == "nsys":
        nsys(sys.argv[2], float(sys.argv[3]))
    else:
        begin_end(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 8)
