"""Holds what the probe recorded of a run against what the engine itself counted.

    PYTHONPATH=probe/src python3 benchmarks/probe/check.py DIRECTORY LOG

LOG holds the line RESULT of offline.py or serve.py. Prints one line per check and ends with 1 if one failed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from hourglass_probe import dump
from hourglass_probe.layout import load

Record = dict[str, Any]


def read(directory: str) -> dict[str, list[Record]]:
    """The records of all processes by their type, each with its process's role in `role`."""
    layout, found = load(), {}
    for paths in dump.segments(directory).values():
        records = list(dump.read_process(layout, paths))
        roles = [json.loads(each["json"])["role"] for each in records if each["type"] == "meta"]
        for each in records:
            each["role"] = roles[-1] if roles else "python"
            found.setdefault(each["type"], []).append(each)
    return found


def result(log: str) -> dict[str, Any]:
    """The engine's own counts."""
    with open(log, encoding="utf-8", errors="replace") as file:
        line = next(line for line in file if "RESULT {" in line)
    return json.loads(line[line.index("{") :])


def checks(records: dict[str, list[Record]], engine: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What was recorded beside what it must be."""
    metrics = {name.split(":")[-1].removesuffix("_total"): value for name, value in engine["metrics"].items()}
    steps, execs, events = records["step"], records["exec"], Counter(each["event"] for each in records["request"])
    done, front = records["step_done"], records["front_end"]
    rows = [
        ("steps of the engine core = steps of the worker", len(execs), len(steps)),
        ("check of each step, both sides", [each["check"] for each in execs], [each["check"] for each in steps]),
        ("tokens taken in by the engine core = generated", sum(each["tokens"] for each in done), metrics["generation_tokens"]),
        ("tokens taken in by the front end = generated", sum(each["tokens"] for each in front), metrics["generation_tokens"]),
        ("preemptions = the engine's counter", events["preempted"], metrics["num_preemptions"]),
        ("resumed = preempted", events["resumed"], events["preempted"]),
        ("prefix hits = the engine's counter", sum(each["hit_tokens"] for each in records.get("prefix", []) if each["again"] == "false"), metrics["prefix_cache_hits"]),
        ("blocks in use = allocated + touched - freed", balance(steps), [each["blocks_used"] for each in steps]),
        ("every request scheduled, first token, finished", {events[name] for name in ("queued", "scheduled", "first_token", "finished")}, {events["received"]}),
        ("errors of the probe", sum(each["errors"] for each in last_hearts(records)), 0),
        ("dropped records", sum(each["dropped"] for each in last_hearts(records)), 0),
    ]
    return rows + expert_checks(records, sum(each["tokens"] for each in execs)) + [batch_check(records)]


def balance(steps: list[Record]) -> list[int]:
    """Blocks in use after each step, from what was allocated and freed. Touched blocks that were in use already are not seen
    in a sum of counts, so they are taken from the step itself."""
    used, sums = 0, []
    for step in steps:
        low = used + step["blocks_allocated"] - step["blocks_freed"]
        used = step["blocks_used"] if low <= step["blocks_used"] <= low + step["blocks_touched"] else low
        sums.append(used)
    return sums


def last_hearts(records: dict[str, list[Record]]) -> list[Record]:
    """The last heart beat of each role."""
    return list({each["role"]: each for each in records["heart"]}.values())


def expert_checks(records: dict[str, list[Record]], tokens: int) -> list[tuple[str, Any, Any]]:
    """Per layer: choices are tokens x top_k, pairs tokens x top_k (top_k - 1) / 2, weights as many as choices."""
    rows: list[tuple[str, Any, Any]] = []
    for layer in records.get("moe_layer", []):
        number, top_k = layer["layer"], layer["top_k"]
        counted = sum(row["choices"] for each in records["moe_count"] if each["layer"] == number for row in each["rows"])
        paired = sum(row["tokens"] for each in records["moe_pair"] if each["layer"] == number for row in each["rows"])
        weighed = sum(each["count"] for each in records["moe_weight"] if each["layer"] == number)
        balanced = sum(row["choices"] for each in records.get("moe_balance", []) for row in each["rows"] if row["layer"] == number)
        rows.append((f"layer {number}: choices = tokens x {top_k}", counted, tokens * top_k))
        rows.append((f"layer {number}: pairs", paired, tokens * top_k * (top_k - 1) // 2))
        rows.append((f"layer {number}: weights", weighed, tokens * top_k))
        if "moe_balance" in records:
            rows.append((f"layer {number}: choices of the single steps", balanced, tokens * top_k))
    return rows


def batch_check(records: dict[str, list[Record]]) -> tuple[str, Any, Any]:
    """The batches that a reader restores from changes hold as many requests and tokens as each step says."""
    changes = {each["step"]: each["rows"] for each in records["request_step"]}
    table: dict[str, tuple[int, int]] = {}
    restored, told = [], []
    for step in sorted(records["step"], key=lambda each: each["step"]):
        table = {name: (computed + tokens, 1) for name, (computed, tokens) in table.items()}
        for row in changes.get(step["step"], []):
            if row["phase"] == "left":
                table.pop(row["request"], None)
            else:
                table[row["request"]] = (row["computed"], row["tokens"])
        restored.append((len(table), sum(tokens for _, tokens in table.values()), sum(computed for computed, _ in table.values())))
        told.append((step["requests"], step["tokens"], step["context_tokens"]))
    return "batches restored from changes: requests, tokens, context", restored, told


def main(arguments: list[str]) -> int:
    """Prints the checks."""
    if len(arguments) != 2:
        print(f"usage: {sys.argv[0]} DIRECTORY LOG", file=sys.stderr)
        return 2
    failed = 0
    for name, found, wanted in checks(read(arguments[0]), result(arguments[1])):
        good = found == wanted
        failed += not good
        shown = found if not isinstance(found, list) else f"{len(found)} values"
        print(f"{'ok    ' if good else 'FAILED'} {name}: {shown}" + ("" if good else f", wanted {str(wanted)[:200]} found {str(found)[:200]}"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
