#!/usr/bin/env python3
"""Import and queries against other readers of the same files, in one run.

usage: run.py [--events 1110000] [--work DIR] [--hourglass PATH] [--peer TRACE_PROCESSOR]
              [--replicate KINETO.json(.gz) --megabytes 500] [--rounds 3] [--java PATH]
              [--skip-gz] [--skip-raw-args] [--skip-orjson] [--only-check]

Generates a trace with an answer sheet (or replicates a real one), imports it in a cold process with the
file in the page cache, checks every figure of the sheet, and prints time, memory and size beside
Python's orjson (which only parses) and, where its path is given, Perfetto's trace processor.
"""
import argparse
import gzip
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GENERATOR = os.path.join(ROOT, "core/src/test/java/dev/hourglass/core/kineto/GenerateKineto.java")

BY_NAME = """SELECT name, round(avg(dur) / 1000, 2) AS mean_us, max(dur) / 1000 AS max_us,
 round(sum(dur) * 100.0 / (SELECT sum(dur) FROM slice WHERE category = 'kernel' OR category = 'gpu_memcpy'), 1) AS percent,
 count(name) AS n FROM (SELECT * FROM slice) WHERE category = 'kernel' OR category = 'gpu_memcpy'
 GROUP BY name ORDER BY sum(dur) DESC;"""
NEIGHBOURS = """WITH numbered AS (SELECT name, ts, dur, ROW_NUMBER() OVER (ORDER BY ts) AS nr FROM slice
  WHERE category = 'kernel' OR category = 'gpu_memcpy')
 SELECT later.ts, later.name, before.name, later.ts - COALESCE(before.ts, 0) - before.dur AS empty
 FROM numbered later LEFT OUTER JOIN numbered before ON later.nr = before.nr + 1 ORDER BY empty DESC"""
NEIGHBOUR_SUM = """SELECT sum(empty) FROM (WITH numbered AS (SELECT ts, dur, ROW_NUMBER() OVER (ORDER BY ts) AS nr
  FROM slice WHERE category = 'kernel' OR category = 'gpu_memcpy')
 SELECT later.ts - COALESCE(before.ts, 0) - before.dur AS empty
 FROM numbered later LEFT OUTER JOIN numbered before ON later.nr = before.nr + 1)"""
ORJSON = """import gc, sys, time
gc.disable()
import orjson
data = open(sys.argv[1], 'rb').read()
began = time.perf_counter()
orjson.loads(data)
print(time.perf_counter() - began)"""


def timed(command, stdin=None):
    """Runs a command in a new process: wall seconds, CPU seconds, peak resident MB, its output."""
    out = tempfile.TemporaryFile()
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, stdin=stdin)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s failed: %s" % (command[0], error.decode(errors="replace")[-2000:]))
    out.seek(0)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3, out.read().decode()


def generate(options, work):
    trace = os.path.join(work, "generated.json")
    if not os.path.exists(trace + ".sheet.json"):
        timed([options.java, GENERATOR, trace, str(options.events), "1"])
    return trace, json.load(open(trace + ".sheet.json"))


def replicate(options, work):
    """The events of a real trace again and again, later each time and with numbers of their own."""
    opener = gzip.open if options.replicate.endswith(".gz") else open
    text = opener(options.replicate, "rt").read()
    first = text.index("[", text.index('"traceEvents"')) + 1
    last = text.rindex("\n  ],")
    body = text[first:last].rstrip()
    trace = os.path.join(work, "replicated.json")
    moment = re.compile(r'"ts": (\d+)\.(\d+)')
    number = re.compile(r'"(correlation|External id|id)": (\d{3,})')
    with open(trace, "w") as out:
        out.write(text[:first])
        copy = 0
        while copy == 0 or out.tell() < options.megabytes * 1e6:
            shifted = body
            if copy:
                shifted = moment.sub(lambda m: '"ts": %d.%s' % (int(m[1]) + copy * 2000000, m[2]), body)
                shifted = number.sub(lambda m: '"%s": %d' % (m[1], int(m[2]) + copy * 1000000), shifted)
                out.write(",")
            out.write(shifted)
            copy += 1
        out.write(text[last:])
    return trace, None


def report(what, value, unit, note=""):
    print("%-52s %10.3f %-5s %s" % (what, value, unit, note), flush=True)


class Bench:
    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.session = os.path.join(work, "session")

    def imported(self, trace, label, *extra):
        size = os.path.getsize(trace)
        runs = []
        for _ in range(self.options.rounds):
            shutil.rmtree(self.session, ignore_errors=True)
            runs.append(timed([self.options.hourglass, "import", trace, "-o", self.session, "--json", *extra]))
        wall = statistics.median(run[0] for run in runs)
        report(label, wall, "s", "%d runs %.2f to %.2f s, CPU %.1f s" % (
            len(runs), min(r[0] for r in runs), max(r[0] for r in runs), statistics.median(r[1] for r in runs)))
        report("  peak resident memory", max(run[2] for run in runs), "MB")
        database = os.path.getsize(os.path.join(self.session, "session.duckdb"))
        return wall, size, database, json.loads(runs[-1][3])

    def sql(self, query):
        return timed([self.options.hourglass, "sql", self.session, query, "--csv"])

    def value(self, query):
        return int(self.sql(query)[3].strip().splitlines()[-1])

    def check(self, sheet):
        """Everything that the answer sheet says, exactly."""
        wanted = {
            "SELECT sum(ts)::HUGEINT % 18446744073709551616 FROM slice": sheet["ts_sum"] % 2**64,
            "SELECT sum(dur) FROM slice": sheet["dur_sum"],
            "SELECT count(*) FROM slice WHERE category IN ('kernel', 'gpu_memcpy', 'gpu_memset')": sheet["device_ops"],
            "SELECT sum(ops) FROM launch": sheet["launch_pairs"],
            "SELECT idle_ns FROM device_idle": sheet["idle_ns"],
            "SELECT busy_ns FROM device_idle": sheet["busy_ns"],
            "SELECT gaps FROM device_idle": sheet["gaps"],
        }
        wrong = 0
        for query, answer in wanted.items():
            found = self.value("SELECT (%s)::VARCHAR" % query)
            if found != answer:
                wrong += 1
                print("WRONG %s: %d instead of %d" % (query, found, answer))
        rows = self.sql("SELECT name, count(*), sum(dur)::BIGINT FROM gpu_slice GROUP BY name ORDER BY name")[3]
        import csv
        found = {row[0]: [int(row[1]), int(row[2])] for row in list(csv.reader(rows.splitlines()))[1:]}
        if found != sheet["device_work"]:
            wrong += 1
            print("WRONG sums by name")
        print("answer sheet: %d figures, %d wrong" % (len(wanted) + len(sheet["device_work"]) * 2, wrong))

    def warm(self, label, query, times=5):
        """Milliseconds inside one process, as its shell measures; the best of several."""
        script = tempfile.NamedTemporaryFile("w+")
        query = query.strip().rstrip(";").replace("\n", " ")
        script.write(".mode csv\n.timer on\n")
        for _ in range(times):
            script.write("SELECT count(*) FROM (%s);\n" % query)
        script.flush()
        out = timed([self.options.hourglass, "sql", self.session], stdin=open(script.name))[3]
        figures = [float(m) for m in re.findall(r"([0-9.]+) ms", out)]
        report(label, min(figures[1:]) if len(figures) > 1 else figures[0], "ms", "best of %d, warm" % (len(figures) - 1))


def newest_java():
    """JAVA_HOME's java, else that of a JDK 25 in the usual place, else the PATH's."""
    homes = [os.environ.get("JAVA_HOME", "")] + sorted(glob.glob("/usr/lib/jvm/*25*"), reverse=True)
    for home in homes:
        java = os.path.join(home, "bin/java")
        if home and os.access(java, os.X_OK):
            return java
    return shutil.which("java") or "java"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1110000)
    parser.add_argument("--work")
    parser.add_argument("--hourglass", default=os.path.join(ROOT, "hourglass"))
    parser.add_argument("--java", default=newest_java(), help="a java of JDK 25, for the generator")
    parser.add_argument("--peer")
    parser.add_argument("--replicate")
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-gz", action="store_true")
    parser.add_argument("--skip-raw-args", action="store_true")
    parser.add_argument("--skip-orjson", action="store_true")
    options = parser.parse_args()
    work = options.work or tempfile.mkdtemp(prefix="hourglass-bench-")
    os.makedirs(work, exist_ok=True)
    trace, sheet = replicate(options, work) if options.replicate else generate(options, work)
    with open(trace, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    bench = Bench(options, work)
    size = os.path.getsize(trace)
    print("%s: %.1f MB; load %.1f on %d cores" % (trace, size / 1e6, os.getloadavg()[0], os.cpu_count()))
    wall, _, database, summary = bench.imported(trace, "import, cold process")
    report("  rate", size / 1e6 / wall, "MB/s", "%d events" % sum(summary["events"].values()))
    report("  database", 100.0 * database / size, "%", "%.1f MB" % (database / 1e6))
    if not options.skip_orjson:
        orjson = [float(timed([sys.executable, "-c", ORJSON, trace])[3]) for _ in range(options.rounds)]
        report("orjson, parse only", statistics.median(orjson), "s", "collector off; wanted: import 3.1 times faster")
        report("  orjson / import", statistics.median(orjson) / wall, "x")
    if options.peer:
        peer = timed([options.peer, "-q", "/dev/null", trace])
        report("peer, load only", peer[0], "s", "%.0f MB resident" % peer[2])
        report("  peer / import", peer[0] / wall, "x")
    report("reopen and first row, cold process", bench.sql("SELECT name FROM slice LIMIT 1")[0], "s")
    bench.warm("kernel breakdown", "SELECT name, count(*), sum(dur), min(dur), max(dur) FROM kernel GROUP BY name")
    bench.warm("statistics by name, over slice", BY_NAME)
    bench.warm("empty slots between neighbours", NEIGHBOURS)
    bench.warm("their sum", NEIGHBOUR_SUM)
    if sheet:
        bench.check(sheet)
    if not options.skip_gz:
        packed = trace + ".gz"
        if not os.path.exists(packed):
            with open(trace, "rb") as source, gzip.open(packed, "wb", 6) as target:
                shutil.copyfileobj(source, target, 1 << 20)
        bench.imported(packed, "import of the same file as .gz")
    if not options.skip_raw_args:
        _, _, database, _ = bench.imported(trace, "import with --raw-args", "--raw-args")
        report("  database", 100.0 * database / size, "%", "%.1f MB" % (database / 1e6))
    if not options.work:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
