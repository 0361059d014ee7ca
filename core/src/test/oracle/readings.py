#!/usr/bin/env python3
"""The figures of docs/readings.md, worked out from the recordings as the tools wrote them, with nothing of Hourglass.

A step's work is what its calls issued, by correlation, from the annotating thread. Its period begins with
the end of the work of the step before, if that is of the same stage, and ends with that of its own.
"""

import collections
import gzip
import json
import statistics
from pathlib import Path

HERE = Path(__file__).parent.parent / "resources"


def union(spans):
    total, end = 0.0, float("-inf")
    for a, b in sorted(spans):
        total += max(0.0, b - max(a, end))
        end = max(end, b)
    return total


def span(e):
    return e["ts"], e["ts"] + e["dur"]


def within(spans, a, b):
    return [(max(a, s), min(b, e)) for s, e in spans if s < b and e > a]


class Recording:
    def __init__(self, path):
        with gzip.open(HERE / path) as f:
            self.events = [e for e in json.load(f)["traceEvents"] if e.get("ph") == "X"]
        self.work = [e for e in self.events if e.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset")]
        calls = collections.defaultdict(list)
        for e in self.events:
            if e.get("cat") in ("cuda_runtime", "cuda_driver"):
                calls[e["args"].get("correlation")].append(e)
        self.calls = calls

    def steps(self, wanted):
        found = {}
        for e in self.events:
            if e.get("cat") == "user_annotation" and wanted(e["name"]):
                found[e["ts"]] = e
        return [found[ts] for ts in sorted(found)]

    def end(self, step):
        a, b = span(step)
        own = [e for e in self.work if any(a <= c["ts"] < b and c["tid"] == step["tid"] for c in self.calls[e["args"].get("correlation")])]
        return max((span(e)[1] for e in own), default=b)


def gpu(recording, path, before, wanted, tokens=None):
    """`before`: steps of any kind that a step may follow; `wanted`: those of the stage."""
    r = Recording(path)
    steps = r.steps(before)
    ends = [r.end(s) for s in steps]
    pairs = [(ends[i - 1], ends[i], steps[i]) for i in range(1, len(steps)) if wanted(steps[i]["name"]) and wanted(steps[i - 1]["name"])]
    kernels = [span(e) for e in r.work if e["cat"] == "kernel"]
    inside = [span(e) for e in r.work if e["cat"] == "kernel" or "HtoD" not in e["name"] and "DtoH" not in e["name"]]
    every = [span(e) for e in r.work]
    total = sum(b - a for a, b, _ in pairs)
    yield recording, "p50", "ns", 1e3 * statistics.median(b - a for a, b, _ in pairs)
    yield recording, "busy_ratio", "ratio", sum(union(within(every, a, b)) for a, b, _ in pairs) / total
    yield recording, "compute", "ns", 1e3 * statistics.mean(union(within(inside, a, b)) for a, b, _ in pairs)
    yield recording, "copy", "ns", 1e3 * statistics.mean(union(within(every, a, b)) - union(within(inside, a, b)) for a, b, _ in pairs)
    yield recording, "kernels", "count", statistics.mean(sum(1 for s, _ in kernels if a <= s < b) for a, b, _ in pairs)
    if tokens:
        yield recording, "rate", "tokens/s", 1e6 * tokens * len(pairs) / total


def host(recording, path, wanted, tokens):
    """Without a GPU a step ends with its annotation."""
    r = Recording(path)
    steps = r.steps(lambda name: name.startswith("execute_context"))
    pairs = [(span(steps[i - 1])[1], span(steps[i])[1], steps[i]) for i in range(1, len(steps))
             if wanted(steps[i]["name"]) and wanted(steps[i - 1]["name"])]
    yield recording, "p50", "ns", 1e3 * statistics.median(b - a for a, b, _ in pairs)
    yield recording, "period", "ns", 1e3 * statistics.mean(b - a for a, b, _ in pairs)
    yield recording, "rate", "tokens/s", 1e6 * sum(tokens(s["name"]) for _, _, s in pairs) / sum(b - a for a, b, _ in pairs)


def generated(name):
    return int(name.rsplit("(", 1)[1].rstrip(")"))


def all_figures():
    yield from gpu("graph", "golden/kineto-h100/cudagraph.json.gz", lambda n: n.startswith("decode"), lambda n: n.startswith("decode"))
    yield from gpu("vllm-gpu", "readings/vllm_h200.json.gz", lambda n: n.startswith("execute_context") and not n.endswith("generation_0(0)") or "_64)" in n,
                   lambda n: n.startswith("execute_context_0(0)_generation_4"), 4)
    yield from host("vllm-cpu", "golden/vllm/vllm_cpu.json.gz", lambda n: n.startswith("execute_context_0(0)") and generated(n) > 0, generated)


if __name__ == "__main__":
    with open(HERE / "readings/expected.csv", "w") as out:
        out.write("# written by oracle/readings.py\nrecording,figure,unit,value\n")
        for row in all_figures():
            out.write("%s,%s,%s,%.6g\n" % row)
