"""Writes the golden segments: `python3 probe/tests/golden.py DIRECTORY`.

The records are of a small run that never was: one front end, one engine core, one worker, three requests of which one
is preempted; and, as a process of its own, one record of every type. Beside each segment lies what a reader finds in it
as JSON: the header by name, the records in their order with texts and words of enumerations in place of numbers, absent
values as null.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import zlib
from typing import Any
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src"))

from hourglass_probe import clocks, dump  # noqa: E402
from hourglass_probe.layout import Field, Kind, Layout, load  # noqa: E402
from hourglass_probe.recorder import Recorder  # noqa: E402

START = 1_000_000_000_000
WALL = 1_790_000_000_000_000_000
MS = 1_000_000
US = 1_000


class Script:
    """Writes records by the names of their fields; a field that is not named is absent, or 0 where it must be there."""

    def __init__(self, layout: Layout, directory: str, role: str, segment_bytes: int) -> None:
        self.layout = layout
        self.recorder = Recorder(layout, directory, segment_bytes)
        self.recorder.role = role

    def write(self, record: str, ts: int, tail: Any = None, /, **values: Any) -> None:
        """One record; `tail` is its text, its bytes, or its rows as dictionaries."""
        kind = self.layout.kinds[record]
        packed = [self._number(field, values.pop(field.name, None)) for field in kind.fields]
        assert not values, f"{record} has no {values}"
        if kind.row:
            rows = b"".join(kind.row.pack(*[self._number(f, row.get(f.name, 0)) for f in kind.row_fields]) for row in tail)
            self.recorder.emit_rows(kind, ts, len(tail), rows, *packed)
        elif kind.tail == "bytes":
            self.recorder.emit_rows(kind, ts, len(tail), tail, *packed)
        elif kind.tail:
            self.recorder.emit_text(kind, ts, tail, *packed)
        else:
            self.recorder.emit(kind, ts, *packed)

    def _number(self, field: Field, value: Any) -> Any:
        if value is None:
            return field.absent
        if field.type == "str":
            return self.recorder.text(value)
        return self.layout.number_of(field.enum, value) if field.enum and isinstance(value, str) else value


def check(tokens: int, requests: list[str]) -> int:
    """The field check of the records step and exec."""
    return zlib.crc32(f"{tokens} {len(requests)} {requests[0]} {requests[-1]}".encode())


def front_end(script: Script) -> None:
    """Three requests arrive, two batches of outputs come back."""
    write = script.write
    write("meta", START, json.dumps({"role": "frontend", "argv": ["vllm", "serve", "größe/模型"], "python": "3.12.1", "start_ns": START - MS}))
    write("mark", START, name="process_start")
    write("span", START + MS, dur=700 * MS, category="import", name="vllm", depth=0, failed=0)
    write("span", START + 2 * MS, dur=500 * MS, category="import", name="torch", depth=1, failed=0, bytes=None)
    for i, request in enumerate(["r-a", "r-b", "r-c"]):
        ts = START + (1000 + i) * MS
        write("request", ts, request=request, external=request + "-client", event="received", prompt_tokens=40, max_tokens=3,
              arrival_wall_ns=WALL + (1000 + i) * MS)
    write("front_end", START + 1011 * MS, dur=90 * US, sent_ts=START + 1010 * MS, detokenise_ns=30 * US, engine=0, requests=2, tokens=2, finished=0)
    write("request", START + 1011 * MS + 90 * US, request="r-a", event="first_text", output_tokens=1)
    write("request", START + 1031 * MS, request="r-a", event="delivered", output_tokens=3)
    write("operations", START + 1011 * MS, [dict(first_ts=START + 1000 * MS, total_ns=300 * US, max_ns=120 * US, operation="process_inputs", count=3)])


def engine(script: Script) -> None:
    """Four steps: two prefills, a decode in which the third request is preempted, the same batch again, its recompute."""
    write = script.write
    write("meta", START + 100 * MS, json.dumps({"role": "engine", "parent": 4242, "engine": "vllm", "engine_version": "0.32.0"}))
    write("config", START + 101 * MS, json.dumps({"max_num_seqs": 8, "max_num_batched_tokens": 64, "policy": "fcfs", "block_size": 16}))
    write("kv_pool", START + 102 * MS, pool=0, blocks_total=8, block_tokens=16, groups=1, caching="true")
    for i, request in enumerate(["r-a", "r-b", "r-c"]):
        write("request", START + (1001 + i) * MS, request=request, event="queued", prompt_tokens=40, max_tokens=3, priority=0)
    write("prefix", START + 1004 * MS, dur=4 * US, request="r-a", tokens=40, hit_tokens=32, full_blocks=2, hit_blocks=2, evicted_blocks=0,
          miss="shorter than a block", again=0)
    write("prefix", START + 1004 * MS + 50 * US, dur=4 * US, request="r-b", tokens=40, hit_tokens=0, full_blocks=2, hit_blocks=0, evicted_blocks=0,
          miss="other text", again=0)
    for request, cached in (("r-a", 32), ("r-b", 0)):
        write("request", START + 1005 * MS, request=request, event="scheduled", step=0, cached_tokens=cached, prompt_tokens=40)
    batch = dict(max_requests=8, max_tokens=64, blocks_total=8)
    write("request_step", START + 1005 * MS, [
        dict(request="r-a", tokens=8, computed=32, phase="prefill"), dict(request="r-b", tokens=40, computed=0, phase="prefill")], step=0)
    write("step", START + 1005 * MS, step=0, check=check(48, ["r-a", "r-b"]), schedule_ns=200 * US, context_tokens=32, requests=2, tokens=48,
          prefill_requests=2, prefill_tokens=48, decode_requests=0, decode_tokens=0, recompute_requests=0, recompute_tokens=0,
          draft_tokens=0, encoder_inputs=0, running=2, waiting=1, skipped=0, new_requests=2, preempted=0, finished=0, refused=1,
          blocks_used=6, blocks_allocated=4, blocks_freed=0, blocks_touched=2, blocks_evicted=0, blocks_cached=2, phase="prefill", same_batch=0, **batch)
    write("step_done", START + 1010 * MS, step=0, update_ns=100 * US, requests=2, tokens=2, finished=0)
    write("request", START + 1010 * MS, request="r-a", event="first_token", step=0, output_tokens=1)
    write("request", START + 1010 * MS, request="r-b", event="first_token", step=0, output_tokens=1)
    write("request", START + 1012 * MS, request="r-b", event="preempted", reason="kv_full", step=1, running_ns=7 * MS, computed_tokens=40,
          blocks=3, preemptions=1, output_tokens=1)
    write("kv_eviction", START + 1012 * MS, [dict(lifetime_ns=900 * MS, idle_ns=10 * MS, block=3, uses=1, cached=1),
                                             dict(lifetime_ns=7 * MS, idle_ns=US, block=4, uses=0, cached=0)], step=1, unlisted=0)
    write("request_step", START + 1012 * MS, [dict(request="r-a", tokens=1, computed=40, phase="decode"),
                                              dict(request="r-b", phase="left")], step=1)
    write("step", START + 1012 * MS, step=1, check=check(1, ["r-a"]), schedule_ns=150 * US, context_tokens=40, requests=1, tokens=1,
          prefill_requests=0, prefill_tokens=0, decode_requests=1, decode_tokens=1, recompute_requests=0, recompute_tokens=0,
          draft_tokens=0, encoder_inputs=0, running=1, waiting=2, skipped=0, new_requests=0, preempted=1, finished=0, refused=1,
          blocks_used=3, blocks_allocated=1, blocks_freed=3, blocks_touched=0, blocks_evicted=1, blocks_cached=0, phase="decode", same_batch=0, **batch)
    write("step_done", START + 1018 * MS, step=1, update_ns=60 * US, requests=1, tokens=1, finished=0)
    write("step", START + 1019 * MS, step=2, check=check(1, ["r-a"]), schedule_ns=40 * US, context_tokens=41, requests=1, tokens=1,
          prefill_requests=0, prefill_tokens=0, decode_requests=1, decode_tokens=1, recompute_requests=0, recompute_tokens=0,
          draft_tokens=0, encoder_inputs=0, running=1, waiting=2, skipped=0, new_requests=0, preempted=0, finished=0, refused=0,
          blocks_used=3, blocks_allocated=0, blocks_freed=0, blocks_touched=0, blocks_evicted=0, blocks_cached=0, phase="decode", same_batch=1, **batch)
    write("gc", START + 1020 * MS, dur=3 * MS, collected=120, uncollectable=0, step=2, generation=2)
    write("step_done", START + 1028 * MS, step=2, update_ns=70 * US, requests=1, tokens=1, finished=1)
    write("request", START + 1028 * MS, request="r-a", event="finished", reason="length", step=2, output_tokens=3, prompt_tokens=40)
    write("request", START + 1030 * MS, request="r-b", event="resumed", step=3, running_ns=18 * MS, cached_tokens=0)
    write("request_step", START + 1030 * MS, [dict(request="r-b", tokens=41, computed=0, phase="recompute"), dict(request="r-a", phase="left")], step=3)
    write("step", START + 1030 * MS, step=3, check=check(41, ["r-b"]), schedule_ns=90 * US, context_tokens=0, requests=1, tokens=41,
          prefill_requests=0, prefill_tokens=0, decode_requests=0, decode_tokens=0, recompute_requests=1, recompute_tokens=41,
          draft_tokens=0, encoder_inputs=0, running=1, waiting=1, skipped=1, new_requests=0, preempted=0, finished=1, refused=0,
          blocks_used=3, blocks_allocated=3, blocks_freed=3, blocks_touched=0, blocks_evicted=0, blocks_cached=0, phase="recompute", same_batch=0, **batch)
    write("thread_time", START + 1036 * MS, run_ns=900 * MS, wait_ns=20 * MS, slices=300, tid=77, step=3)
    write("step_done", START + 1036 * MS, step=3, update_ns=50 * US, requests=1, tokens=1, finished=0)


def worker(script: Script) -> None:
    """The same four steps, the second and third by a CUDA graph, with the routing of one layer of four experts."""
    write = script.write
    write("meta", START + 200 * MS, json.dumps({"role": "worker", "parent": 4243, "ranks": {"rank": 0, "local_rank": 0, "tensor_parallel": 0}}))
    write("capability", START + 201 * MS, hook="worker.execute_model", profiler="forward", symbol="vllm.v1.worker.gpu_worker:Worker.execute_model",
          status="OK", fires=0, total_ns=0, errors=0)
    write("capability", START + 201 * MS, hook="graph.replay_full", profiler="cuda-graph", symbol="vllm.v1.worker.gpu.cudagraph_utils:CudaGraphManager.run_fullgraph",
          status="MISSING", reason="no such module", fires=0, total_ns=0, errors=0)
    write("graph", START + 500 * MS, "BatchDescriptor(num_tokens=8, num_reqs=None, uniform=False, has_lora=False)", graph=0, tokens=8, requests=None,
          mode="PIECEWISE", uniform=0, lora=0)
    write("graph_capture", START + 501 * MS, dur=12 * MS, memory_bytes=1 << 20, graph=0, device=0, kind="compiled pieces", failed=0)
    write("moe_layer", START + 502 * MS, name="model.layers.0.mlp.experts", router="FusedTopKRouter", layer=0, experts=4, top_k=2, source="router, logical experts")
    steps = [(1006, 4, 48, ["r-a", "r-b"], "NONE"), (1013, 4, 1, ["r-a"], "PIECEWISE"), (1020, 7, 1, ["r-a"], "PIECEWISE"), (1031, 4, 41, ["r-b"], "NONE")]
    for step, (at, length, tokens, requests, mode) in enumerate(steps):
        ts, graph = START + at * MS, mode == "PIECEWISE"
        write("exec", ts, step=step, check=check(tokens, requests), execute_ns=length * MS - 500 * US, forward_ts=ts + MS, forward_ns=(length - 2) * MS,
              sample_ts=ts + length * MS - 400 * US, sample_ns=300 * US, requests=len(requests), tokens=tokens, padded_tokens=8 if graph else tokens,
              graph=0 if graph else None, replays=5 if graph else 0, rank=0, mode=mode, runner="V1")
        times = dict(step=step, total_ns=length * MS, prepare_ns=US, forward_ns=(length - 2) * MS, sample_ns=200 * US,
                     since_previous_ns=float("nan") if step == 0 else 3 * MS)
        # A recording of version 1 has a record for each step, a later one a record for some.
        if step % 2:
            write("device_step", ts + 10 * MS, device=0, **times)
        else:
            write("device_steps", ts + 10 * MS, [times], device=0)
    write("steps_ready", START + 1014 * MS, [dict(start_ts=START + (1014 + 7 * i) * MS, wait_ns=2500 * US, step=1 + i) for i in range(2)])
    write("graph_replays", START + 1014 * MS, [dict(start_ts=START + (1014 + 7 * i) * MS, dur=600 * US, graph=0, step=1 + i, count=5, kind=1) for i in range(2)])
    write("operation_calls", START + 1007 * MS, [
        dict(start_ts=START + 500 * MS, dur=2 * MS, operation="forward"), dict(start_ts=4294967295, operation=None), dict(start_ts=0, operation=None),
        dict(start_ts=START + 1014 * MS, dur=700 * US, operation="forward"), dict(start_ts=START + 1015 * MS, dur=200 * US, operation="sample"),
        dict(start_ts=START + 1016 * MS, dur=300 * US, operation="sample"), dict(start_ts=1, operation=None)])
    write("moe_count", START + 1036 * MS, [dict(choices=n) for n in (91, 45, 46, 0)], first_step=0, last_step=3, layer=0, calls=4, tokens=91)
    write("moe_pair", START + 1036 * MS, [dict(first=0, second=1, tokens=45), dict(first=0, second=2, tokens=46)], first_step=0, last_step=3, layer=0, tokens=91)
    write("moe_weight", START + 1036 * MS, [dict(weights=n) for n in (0, 91, 91, 0)], first_step=0, last_step=3, layer=0, sum=91.0, sum_squares=47.5, count=182,
          low=0.0, high=1.0, min=0.25, max=0.75)
    write("moe_balance", START + 1010 * MS, [dict(sum_squares=48 * 48 + 2 * 24 * 24, layer=0, choices=96, max=48, min_chosen=24, idle=1)], step=0, experts=4)
    script.recorder.end()


def sample(field: Field, seed: int) -> Any:
    """A value that tells a field from its neighbours; of an enumeration one of its words."""
    if field.enum:
        return None
    return {"str": f"text {seed}", "f32": seed + 0.5, "f64": seed + 0.25, "i64": -seed}.get(field.type, seed % 250)


def every_type(script: Script) -> None:
    """Two records of every type: one whose fields are all told, one whose fields are all absent; and one of a type that nobody knows."""
    for number, kind in enumerate(script.layout.kinds.values()):
        if kind.name in ("str", "thread"):
            continue
        ts = START + number * MS
        script.write(kind.name, ts, sample_tail(kind, number), **{f.name: word(script.layout, f, sample(f, number + i)) for i, f in enumerate(kind.fields)})
        script.write(kind.name, ts + 1, sample_tail(kind, 0) if kind.tail != "rows" else [])
    stranger = Kind(60000, "stranger", (), "text", "text", (), script.layout.kinds["meta"].head, None, 24, script.layout.kinds["meta"].head.pack_into, 1)
    script.recorder.emit_text(stranger, START, "what a later version tells")
    script.write("mark", START, name="behind the stranger")
    thread = threading.Thread(target=script.write, args=("mark", START + 1), kwargs={"name": "from another thread"}, name="output thread")
    thread.start()
    thread.join()
    torn = script.recorder._segment
    assert torn
    torn.map[torn.position : torn.position + 32] = bytes(range(32))  # as a process leaves it that is killed in the middle of a record


def word(layout: Layout, field: Field, value: Any) -> Any:
    """The value, or the last word of the field's enumeration."""
    return list(layout.enums[field.enum].values())[-1] if field.enum and field.enum != "flag" else (1 if field.enum else value)


def sample_tail(kind: Kind, seed: int) -> Any:
    """A tail: three rows, a text beyond ASCII, or seven bytes."""
    if kind.tail == "rows":
        return [{f.name: 1 if f.enum else sample(f, seed + 10 * row + i) for i, f in enumerate(kind.row_fields)} for row in range(3)]
    text = f"{kind.name} größer als 字 {seed}"
    if kind.tail_name == "json":
        text = json.dumps({"text": text}, ensure_ascii=False)
    return {"text": text, "bytes": bytes(range(seed, seed + 7))}.get(kind.tail or "")


PROCESSES = [("frontend", 4242, front_end, 16384), ("engine", 4243, engine, 16384), ("worker", 4244, worker, 16384), ("python", 4245, every_type, 4096)]


def write_all(directory: str) -> None:
    """Writes every process's segments and, per segment, a JSON file of the same name."""
    layout = load()
    for role, pid, scene, size in PROCESSES:
        tids = iter(range(pid + 1, pid + 99))
        with mock.patch.multiple(clocks, now=lambda: START, pair=lambda: (START, WALL, 25), start_ticks=lambda: 100 + pid), \
                mock.patch.object(os, "getpid", lambda: pid), mock.patch.object(threading, "get_native_id", lambda: next(tids)):
            scene(Script(layout, directory, role, size))
        describe(layout, directory, pid)


def describe(layout: Layout, directory: str, pid: int) -> None:
    """Writes what a reader finds in each segment of a process."""
    decoder = dump.Decoder(layout)
    for (owner, _), paths in dump.segments(directory).items():
        for path in paths if owner == pid else []:
            with open(path, "rb") as file:
                data = file.read()
            records = [json.dumps(each, ensure_ascii=False) for each in decoder.records(data)]
            header = json.dumps(dump.read_header(layout, data).fields)
            with open(path.removesuffix(".seg") + ".json", "w", encoding="utf-8") as out:
                out.write('{"header": ' + header + ',\n"records": [\n' + ",\n".join(records) + "\n]}\n")


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    write_all(sys.argv[1])
