"""Writes recordings of a GPU's timeline: `python3 probe/tests/gpu_golden.py DIRECTORY`, one below it per version of CUPTI.

All of them tell the same: an engine in one process, a prefill and two decode steps by a CUDA graph whose kernels run on while
the host is at the next step, copies, a set, a wait, a kernel from before all steps, and clocks that drift 1 us in a second.
Records are made of structures declared field by field as in the headers, which the probe and its reader never look at.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
import zlib
from ctypes import c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64
from typing import Any
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src"))

from golden import MS, START, US, WALL, Script, check  # noqa: E402

from hourglass_probe import clocks  # noqa: E402
from hourglass_probe.layout import load  # noqa: E402

PID, TID = 4300, 4300


def structure(name: str, size: int, *fields: tuple[str, Any]) -> type[ctypes.Structure]:
    """A record as a C compiler lays it out; its size must be the header's."""
    made = type(name, (ctypes.Structure,), {"_fields_": [("kind", c_uint32), *fields]})
    assert ctypes.sizeof(made) == size, (name, ctypes.sizeof(made))
    return made


_TIMES = [("start", c_uint64), ("end", c_uint64)]
_PLACE = [("deviceId", c_uint32), ("contextId", c_uint32), ("streamId", c_uint32)]
_KERNEL9 = [
    ("cacheConfig", c_uint8), ("sharedMemoryConfig", c_uint8), ("registersPerThread", c_uint16), ("partitionedRequested", c_uint32),
    ("partitionedExecuted", c_uint32), *_TIMES, ("completed", c_uint64), *_PLACE, ("gridX", c_int32), ("gridY", c_int32), ("gridZ", c_int32),
    ("blockX", c_int32), ("blockY", c_int32), ("blockZ", c_int32), ("staticSharedMemory", c_int32), ("dynamicSharedMemory", c_int32),
    ("localMemoryPerThread", c_uint32), ("localMemoryTotal", c_uint32), ("correlationId", c_uint32), ("gridId", c_int64), ("name", c_uint64),
    ("reserved0", c_uint64), ("queued", c_uint64), ("submitted", c_uint64), ("launchType", c_uint8), ("carveoutRequested", c_uint8),
    ("carveout", c_uint8), ("padding", c_uint8), ("sharedMemoryExecuted", c_uint32), ("graphNodeId", c_uint64), ("shmemLimitConfig", c_uint32),
    ("graphId", c_uint32), ("pAccessPolicyWindow", c_uint64), ("channelID", c_uint32), ("channelType", c_uint32), ("clusterX", c_uint32),
    ("clusterY", c_uint32), ("clusterZ", c_uint32), ("clusterSchedulingPolicy", c_uint32), ("localMemoryTotal_v2", c_uint64),
    ("maxPotentialClusterSize", c_uint32), ("maxActiveClusters", c_uint32),
]
_KERNEL10 = [*_KERNEL9, ("isDeviceLaunched", c_uint8), ("padding3", c_uint8 * 7)]
_SOURCE_GRAPH = [("sourceGraphId", c_uint32), ("pad3", c_uint32), ("sourceGraphNodeId", c_uint64)]
_KERNEL13 = [*_KERNEL10, ("priority", c_int32), ("padding4", c_uint32), ("executionModel", c_uint32), ("padding5", c_uint32), *_SOURCE_GRAPH]
_COPY5 = [
    ("copyKind", c_uint8), ("srcKind", c_uint8), ("dstKind", c_uint8), ("flags", c_uint8), ("bytes", c_uint64), *_TIMES, *_PLACE,
    ("correlationId", c_uint32), ("runtimeCorrelationId", c_uint32), ("pad", c_uint32), ("reserved0", c_uint64), ("graphNodeId", c_uint64),
    ("graphId", c_uint32), ("channelID", c_uint32), ("channelType", c_uint32), ("isDeviceLaunched", c_uint8), ("pad2", c_uint8 * 3),
]
_COPY6 = [*_COPY5, ("copyCount", c_uint64)]
_SET4 = [
    ("value", c_uint32), ("bytes", c_uint64), *_TIMES, *_PLACE, ("correlationId", c_uint32), ("flags", c_uint16), ("memoryKind", c_uint16),
    ("pad", c_uint32), ("reserved0", c_uint64), ("graphNodeId", c_uint64), ("graphId", c_uint32), ("channelID", c_uint32),
    ("channelType", c_uint32), ("isDeviceLaunched", c_uint8), ("pad2", c_uint8 * 3),
]
_SYNC = [("type", c_uint32), *_TIMES, ("correlationId", c_uint32), ("contextId", c_uint32), ("streamId", c_uint32), ("cudaEventId", c_uint32)]
_SYNC2 = [*_SYNC, ("cudaEventSyncId", c_uint64), ("returnValue", c_uint32), ("pad", c_uint32)]

API = structure("API", 40, ("cbid", c_uint32), *_TIMES, ("processId", c_uint32), ("threadId", c_uint32), ("correlationId", c_uint32), ("returnValue", c_uint32))
PEER = structure("MemcpyPtoP4", 96, *_COPY5[:10], ("srcDeviceId", c_uint32), ("srcContextId", c_uint32), ("dstDeviceId", c_uint32),
                 ("dstContextId", c_uint32), ("correlationId", c_uint32), ("reserved0", c_uint64), ("graphNodeId", c_uint64), ("graphId", c_uint32),
                 ("channelID", c_uint32), ("channelType", c_uint32))
GRAPH = structure("GraphTrace2", 56, ("correlationId", c_uint32), *_TIMES, ("deviceId", c_uint32), ("graphId", c_uint32), ("contextId", c_uint32),
                  ("streamId", c_uint32), ("reserved", c_uint64), ("endDeviceId", c_uint32), ("endContextId", c_uint32))
LAYOUTS: dict[int, dict[str, type[ctypes.Structure]]] = {
    22: {"kernel": structure("Kernel9", 208, *_KERNEL9), "copy": structure("Memcpy5", 88, *_COPY5), "set": structure("Memset4", 88, *_SET4),
         "sync": structure("Synchronization", 40, *_SYNC)},
    26: {"kernel": structure("Kernel9", 208, *_KERNEL9), "copy": structure("Memcpy6", 96, *_COPY6), "set": structure("Memset4", 88, *_SET4),
         "sync": structure("Synchronization2", 56, *_SYNC2)},
    130001: {"kernel": structure("Kernel10", 216, *_KERNEL10), "copy": structure("Memcpy6", 96, *_COPY6), "set": structure("Memset4", 88, *_SET4),
             "sync": structure("Synchronization2", 56, *_SYNC2)},
    130500: {"kernel": structure("Kernel13", 248, *_KERNEL13), "copy": structure("Memcpy7", 112, *_COPY6, *_SOURCE_GRAPH),
             "set": structure("Memset5", 104, *_SET4, *_SOURCE_GRAPH), "sync": structure("Synchronization2", 56, *_SYNC2)},
}
NAMES = {0x7F0000001000: "void at::native::elementwise_kernel<128, 4>(int)", 0x7F0000002000: "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n",
         0x7F0000003000: "void flash::flash_fwd_splitkv_kernel<...>", 0x7F0000004000: "<script>alert('kernel')</script> \x1b[31m'; DROP TABLE kernel; --"}
ELEMENT, GEMM, ATTENTION, HOSTILE = NAMES
RUNTIME = {211: "cudaLaunchKernel_v7000", 311: "cudaGraphLaunch_v10000", 41: "cudaMemcpyAsync_v3020", 51: "cudaMemsetAsync_v3020", 131: "cudaStreamSynchronize_v3020"}


def device(ts: int) -> int:
    """CUPTI's time of a moment: the pair is exact at START + 1 s, and 1 us later is gained in each second."""
    since = ts - START - 1000 * MS
    return WALL + 1000 * MS + since + since // 1_000_000


class Activities:
    """Records of one version, one behind the other."""

    def __init__(self, version: int) -> None:
        self.layouts = {**LAYOUTS[version], "api": API, "peer": PEER, "graph": GRAPH}
        self.data = bytearray()
        self.kernels = 0

    def put(self, layout: str, kind: int, start: int, dur: int, **values: int) -> None:
        """A record from `start`, ns of ours."""
        self.data += bytes(self.layouts[layout](kind=kind, start=device(start), end=device(start + dur), **values))

    def call(self, cbid: int, start: int, dur: int, correlation: int) -> None:
        """A call of the runtime."""
        self.put("api", 5, start, dur, cbid=cbid, processId=PID, threadId=TID, correlationId=correlation)

    def kernel(self, name: int, start: int, dur: int, correlation: int, **values: int) -> None:
        """A kernel on stream 7."""
        self.kernels += 1
        self.put("kernel", 10, start, dur, deviceId=0, contextId=1, streamId=7, gridX=264, gridY=2, gridZ=1, blockX=128, blockY=1, blockZ=1,
                 registersPerThread=40, staticSharedMemory=1024, dynamicSharedMemory=512, correlationId=correlation, name=name, **values)

    def take(self) -> bytes:
        """What was put, from now on none."""
        data, self.data = bytes(self.data), bytearray()
        return data


def scene(script: Script, version: int) -> None:
    """The recording of one process."""
    write, made = script.write, Activities(version)
    write("meta", START, json.dumps({"role": "frontend+engine+worker", "engine": "vllm", "engine_version": "0.26.0", "start_ns": START,
                                     "ranks": {"rank": 0, "tensor_parallel": 0}}))
    sizes = {kind: ctypes.sizeof(made.layouts[name]) for name, kind in (("kernel", 10), ("copy", 1), ("set", 2), ("sync", 38), ("api", 5), ("peer", 22), ("graph", 51))}
    write("activity_source", START + MS, json.dumps({
        "event": "started", "why": None, "library": "/opt/libcupti.so", "cupti_version": version, "callbacks": "native", "kinds": [1, 2, 10, 22, 38], "graphs": "nodes",
        "mode": "always", "sizes": {**sizes, 17: 56}, "runtime": RUNTIME, "driver": {307: "cuLaunchKernel"}}))
    for pointer, name in NAMES.items():
        write("activity_name", START + 2 * MS, name, pointer=pointer)

    def flush(ts: int, packed: bool = True) -> None:
        data = made.take()
        write("activity", ts, zlib.compress(data, 1) if packed else data, device_ns=device(ts), pair_ns=100, lost=0, bytes=len(data),
              cupti_version=version, encoding=int(packed))

    early = START + 1050 * MS
    made.call(211, early, 5 * US, 1)
    made.kernel(HOSTILE, early + 20 * US, 10 * US, 1)
    flush(START + 1000 * MS, packed=False)
    batches = [(1100, "prefill", 1, 32), (1140, "decode", 1, 1), (1160, "decode", 1, 1)]
    for step, (at, phase, requests, tokens) in enumerate(batches):
        ts, correlation = START + at * MS, 100 * (step + 1)
        write("request_step", ts - MS, [dict(request="r", tokens=tokens, computed=0, phase=phase)], step=step)
        count = {f"{p}_{what}": (n if p == phase else 0) for p in ("prefill", "decode", "recompute") for what, n in (("requests", requests), ("tokens", tokens))}
        write("step", ts - MS, step=step, check=check(tokens, ["r"]), schedule_ns=200 * US, requests=requests, tokens=tokens, draft_tokens=0, encoder_inputs=0,
              new_requests=0, preempted=0, finished=0, refused=0, phase=phase, same_batch=0, **count)
        if phase == "prefill":
            made.call(41, ts + 100 * US, 6 * US, correlation)
            made.put("copy", 1, ts + 110 * US, 4 * US, copyKind=1, srcKind=2, dstKind=3, bytes=4096, deviceId=0, contextId=1, streamId=7, correlationId=correlation)
            made.call(51, ts + 120 * US, 6 * US, correlation + 9)
            made.put("set", 2, ts + 130 * US, 2 * US, bytes=512, memoryKind=3, deviceId=0, contextId=1, streamId=7, correlationId=correlation + 9)
            for i, name in enumerate((ELEMENT, GEMM, ATTENTION)):
                made.call(211, ts + (i + 1) * MS, 5 * US, correlation + i + 1)
                made.kernel(name, ts + (i + 2) * MS, 900 * US, correlation + i + 1)
        else:
            made.kernel(GEMM, ts + 6 * MS, 8 * MS, correlation, graphNodeId=0x500000001, graphId=5)  # before its call, as buffers of threads come
            made.kernel(ATTENTION, ts + 14 * MS, 4 * MS, correlation, graphNodeId=0x500000002, graphId=5)
            made.call(311, ts + 2 * MS, 40 * US, correlation)
            made.call(211, ts + 11 * MS + 100 * US, 5 * US, correlation + 1)
            made.kernel(ELEMENT, ts + 18 * MS, 1 * MS, correlation + 1)
            made.call(131, ts + 11 * MS + 300 * US, 600 * US, correlation + 2)
            made.put("sync", 38, ts + 11 * MS + 310 * US, 580 * US, type=3, contextId=1, streamId=7, correlationId=correlation + 2)
        write("exec", ts, step=step, check=check(tokens, ["r"]), execute_ns=10 * MS, forward_ts=ts + MS, forward_ns=8 * MS, sample_ts=ts + 11 * MS,
              sample_ns=1 * MS, requests=requests, tokens=tokens, padded_tokens=tokens, rank=0, mode="NONE" if phase == "prefill" else "FULL", runner="V2")
        write("step_done", ts + 19 * MS, step=step, update_ns=50 * US, requests=1, tokens=1, finished=0)
    made.put("peer", 22, START + 1200 * MS, 5 * US, copyKind=10, srcKind=3, dstKind=3, bytes=8192, deviceId=0, contextId=1, streamId=9, srcDeviceId=0, dstDeviceId=1,
             correlationId=0)
    made.data += (17).to_bytes(4, "little") + bytes(52)  # of an overhead, which nobody asked for
    flush(START + 2000 * MS, packed=version != 22)
    write("activity_source", START + 2001 * MS, json.dumps({"event": "stopped", "why": "the process ends", "kernels": made.kernels, "records": 28, "lost": 0,
                                                            "collector_ns": 2 * MS, "switch_ns": 9 * MS, "bytes": 9000, "packed_bytes": 900}))
    script.recorder.end()


def write_all(directory: str) -> None:
    """One directory per version."""
    layout = load()
    for version in LAYOUTS:
        below = os.path.join(directory, f"cupti-{version}")
        os.makedirs(below, exist_ok=True)
        with mock.patch.multiple(clocks, now=lambda: START, pair=lambda: (START, WALL, 25), start_ticks=lambda: 100 + PID), \
                mock.patch.object(os, "getpid", lambda: PID), mock.patch.object(threading, "get_native_id", lambda: TID):
            scene(Script(layout, below, "frontend", 16384), version)


if __name__ == "__main__":
    write_all(sys.argv[1])
