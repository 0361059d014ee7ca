"""Routing of tokens to experts: who was chosen, with whom, with what weight, and how evenly.

On a CPU the routers' results are kept as they are and summed by a handful of tensor operations when a window ends. On a
GPU a kernel adds to counters on the device, so that a CUDA graph that holds it counts at every replay.
"""

from __future__ import annotations

import re
import sys
import threading
from typing import Any

from . import clocks
from .device_moe import DeviceCounters
from .hooks import INACTIVE, Call, Hook
from .layout import ABSENT_U32
from .probe import Probe
from .vllm_facts import moe_hidden_reason
from .worker import Step, WorkerWatch

_ROUTER = "vllm.model_executor.layers.fused_moe.router."
BINS = 32
_MOST_KEPT = 1 << 20
"""Choices that are kept before the window ends early."""
_MOST_PAIRS = 1 << 21
"""Pairs that are looked at in a window; of what comes beyond, whole calls are left out and not counted as looked at."""
_SAMPLE_ROWS = 1 << 16
LOGICAL, PHYSICAL, DEVICE = 1, 2, 3


class MoeWatch:
    """Follows the routers of the worker in this process."""

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._worker = worker
        self._lock = threading.Lock()
        self.router = Hook(
            "moe.select_experts", "moe", "worker",
            (_ROUTER + "fused_moe_router:FusedMoERouter.select_experts", _ROUTER + "base_router:BaseRouter.select_experts"),
            after=self._routed, parameters=("router_logits",), reason="no model was loaded",
        )
        self._device: DeviceCounters | None = None
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)
        probe.flushers.append(self.flush)
        worker.at_loaded.append(self._loaded)
        worker.at_end.append(self._step_ended)
        worker.at_forward.append(self._forward_begins)
        worker.at_forward_end.append(self._forward_ended)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._layers: dict[int, int] = {}
        self._declared: set[int] = set()
        self._kept: list[tuple[int, int, Any, Any]] = []
        self._size = 0
        self._device = None

    # Setting the hook ------------------------------------------------------------------------------------------------

    def _loaded(self, worker: Any) -> None:
        """Looks for the routers of a model that was loaded, and sets the hook where they can be seen."""
        reason = self._why_not(worker)
        if reason:
            self.router.become(INACTIVE, reason)
        else:
            self._probe.add_hooks([self.router])
        self._probe.tell_capabilities()

    def _why_not(self, worker: Any) -> str | None:
        if self._probe.settings.moe_tier == "off":
            return "its tier is off"
        model = getattr(getattr(worker, "model_runner", None), "model", None)
        if model is None or not hasattr(model, "named_modules"):
            return "the worker has no model to look into"
        routers = [(name, module) for name, module in model.named_modules() if hasattr(getattr(module, "router", None), "select_experts")]
        if not routers:
            return "the model has no router that can be seen: no routed experts, or a kernel that routes by itself"
        hidden = moe_hidden_reason(self._worker.config)
        if hidden:
            return hidden
        for index, (name, module) in enumerate(routers):
            found = re.search(r"(?:^|\.)layers?\.(\d+)(?:\.|$)", name)
            self._layers[id(module.router)] = int(found.group(1)) if found else index
        self._prepare_device(worker, [module for _, module in routers])
        return None

    def _prepare_device(self, worker: Any, modules: list[Any]) -> None:
        device = getattr(worker, "device", None)
        if getattr(device, "type", None) == "cuda":
            self._device = DeviceCounters(self._probe, device, len(modules))

    # What is seen ----------------------------------------------------------------------------------------------------

    def _routed(self, call: Call) -> None:
        router, result = call.args[0], call.result
        layer = self._layers.get(id(router))
        if layer is None or not isinstance(result, tuple) or len(result) < 2:
            return
        weights, ids = result[0], result[1]
        if layer not in self._declared:
            self._declare(layer, router, call, ids)
        if self._device is not None:
            self._device.count(layer, ids, weights, call.argument(2, "router_logits").shape[-1])
            return
        step = self._worker.step
        if step is None:
            return
        with self._lock:
            self._kept.append((layer, step.number, ids[: step.tokens].clone(), weights[: step.tokens].clone()))
            self._size += ids.shape[0] * ids.shape[1]

    def _declare(self, layer: int, router: Any, call: Call, ids: Any) -> None:
        self._declared.add(layer)
        logits = call.argument(2, "router_logits")
        placed = getattr(router, "enable_eplb", False) or getattr(getattr(router, "eplb_state", None), "logical_to_physical_map", None) is not None
        source = DEVICE if self._device is not None else PHYSICAL if placed else LOGICAL
        text = self._probe.recorder.text
        self._probe.recorder.emit(
            self._probe.kind("moe_layer"), call.end, 0, text(type(router).__name__), layer, int(logits.shape[-1]), int(ids.shape[-1]), source
        )
        self._experts = int(logits.shape[-1])

    def _forward_begins(self, step: Step) -> None:
        if self._device is not None:
            self._device.begin(step)

    def _forward_ended(self, step: Step) -> None:
        if self._device is not None:
            self._device.end()

    def _step_ended(self, step: Step) -> None:
        if self._size > _MOST_KEPT:
            self.flush()

    # Windows ---------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Records the window that is open, and opens another."""
        if self._device is not None:
            self._device.flush()
            return
        with self._lock:
            kept, self._kept, self._size = self._kept, [], 0
        if kept:
            torch = sys.modules["torch"]
            with torch.inference_mode():
                for shape in sorted({entry[2].shape[1] for entry in kept}):
                    Window(self._probe, [entry for entry in kept if entry[2].shape[1] == shape], self._experts).tell()


class Window:
    """The choices of some steps. `kept`: layer, step, experts [tokens, top_k], weights [tokens, top_k]."""

    def __init__(self, probe: Probe, kept: list[tuple[int, int, Any, Any]], experts: int) -> None:
        self._torch: Any = sys.modules["torch"]
        self._probe = probe
        self._kept = kept
        self._experts = experts
        self._ts = clocks.now()
        self._layers = sorted({entry[0] for entry in kept})
        self._place = {layer: i for i, layer in enumerate(self._layers)}
        self._steps = (min(entry[1] for entry in kept), max(entry[1] for entry in kept))

    def tell(self) -> None:
        """Records counts, pairs, weights, balance and, in sampled steps, the choices themselves."""
        torch = self._torch
        sizes = torch.tensor([entry[2].shape[0] for entry in self._kept])
        ids = torch.cat([entry[2] for entry in self._kept]).long()
        entry_of = torch.repeat_interleave(torch.arange(len(self._kept)), sizes)
        table = torch.bincount((entry_of[:, None] * self._experts + ids).flatten(), minlength=len(self._kept) * self._experts)
        table = table.view(len(self._kept), -1)
        layer_of = torch.tensor([self._place[entry[0]] for entry in self._kept])
        self._tell_counts(table, layer_of, sizes)
        self._tell_balance(table)
        self._tell_pairs(ids, layer_of[entry_of], sizes, layer_of)
        self._tell_weights(layer_of[entry_of])
        self._tell_samples()

    def _tell_counts(self, table: Any, layer_of: Any, sizes: Any) -> None:
        torch, kind = self._torch, self._probe.kind("moe_count")
        counts = torch.zeros(len(self._layers), table.shape[1], dtype=torch.int64).index_add_(0, layer_of, table)
        tokens = torch.bincount(layer_of, weights=sizes.double()).long().tolist()
        calls = torch.bincount(layer_of).tolist()
        for i, layer in enumerate(self._layers):
            self._probe.recorder.emit_rows(kind, self._ts, table.shape[1], _u32(counts[i]), tokens[i], *self._steps, layer, calls[i])

    def _tell_balance(self, table: Any) -> None:
        """Sums of each call, together for the calls of a step."""
        kind = self._probe.kind("moe_balance")
        assert kind.row
        squares, total, most = (table * table).sum(1).tolist(), table.sum(1).tolist(), table.amax(1).tolist()
        least = table.masked_fill(table == 0, 1 << 40).amin(1).tolist()
        idle = (table == 0).sum(1).tolist()
        steps: dict[int, list[bytes]] = {}
        for i, (layer, step, _, _) in enumerate(self._kept):
            steps.setdefault(step, []).append(kind.row.pack(squares[i], layer, total[i], most[i], min(least[i], total[i]), idle[i], 0))
        for step, rows in steps.items():
            self._probe.recorder.emit_rows(kind, self._ts, len(rows), b"".join(rows), step, table.shape[1])

    def _tell_pairs(self, ids: Any, layers: Any, sizes: Any, layer_of: Any) -> None:
        torch, kind, experts = self._torch, self._probe.kind("moe_pair"), self._experts
        first, second = torch.triu_indices(ids.shape[1], ids.shape[1], 1)
        if not len(first):
            return
        ends = sizes.cumsum(0)
        calls = int((ends * len(first) <= _MOST_PAIRS).sum())
        rows = int(ends[calls - 1]) if calls else 0
        looked = ids[:rows].sort(1).values
        keys = layers[:rows, None] * experts * experts + looked[:, first] * experts + looked[:, second]
        counts = torch.bincount(keys.flatten(), minlength=len(self._layers) * experts * experts).view(len(self._layers), -1)
        tokens = torch.bincount(layer_of[:calls], weights=sizes[:calls].double(), minlength=len(self._layers)).long().tolist()
        for i, layer in enumerate(self._layers):
            pairs = counts[i].nonzero().flatten()
            packed = _pairs(pairs, counts[i][pairs], experts)
            self._probe.recorder.emit_rows(kind, self._ts, len(pairs), packed, tokens[i], *self._steps, layer)

    def _tell_weights(self, layers: Any) -> None:
        torch, kind = self._torch, self._probe.kind("moe_weight")
        weights = torch.cat([entry[3] for entry in self._kept]).float()
        bins = (weights * BINS).long().clamp_(0, BINS - 1) + layers[:, None] * BINS
        histogram = torch.bincount(bins.flatten(), minlength=len(self._layers) * BINS).view(-1, BINS)
        for i, layer in enumerate(self._layers):
            own = weights[layers == i].double()
            sums = (float(own.sum()), float((own * own).sum()), own.numel(), 0.0, 1.0, float(own.min()), float(own.max()))
            self._probe.recorder.emit_rows(kind, self._ts, BINS, _u32(histogram[i]), *sums, *self._steps, layer)

    def _tell_samples(self) -> None:
        settings, kind = self._probe.settings, self._probe.kind("moe_sample")
        if settings.moe_tier != "samples":
            return
        for layer, step, ids, weights in self._kept:
            if step % settings.moe_every:
                continue
            top_k = ids.shape[1]
            size = max(1, _SAMPLE_ROWS // top_k)
            for begin in range(0, ids.shape[0], size):
                part = ids[begin : begin + size]
                rows = _choices(part, weights[begin : begin + size])
                self._probe.recorder.emit_rows(kind, self._ts, part.numel(), rows, step, layer, begin, part.shape[0], top_k)


def _u32(counts: Any) -> bytes:
    """Counts as rows of one u32; what is larger than a u32 holds becomes the largest that is not absent."""
    return counts.clamp(max=ABSENT_U32 - 1).numpy().astype("<u4").tobytes()


def _pairs(keys: Any, counts: Any, experts: int) -> bytes:
    """Rows of a pair's experts (u16) and its tokens (u32)."""
    rows = sys.modules["numpy"].empty(len(keys), dtype=[("a", "<u2"), ("b", "<u2"), ("n", "<u4")])
    rows["a"], rows["b"], rows["n"] = (keys // experts).numpy(), (keys % experts).numpy(), counts.numpy()
    return rows.tobytes()


def _choices(ids: Any, weights: Any) -> bytes:
    """Rows of an expert (u32) and its weight (f32), token by token."""
    rows = sys.modules["numpy"].empty(ids.numel(), dtype=[("e", "<u4"), ("w", "<f4")])
    rows["e"], rows["w"] = ids.flatten().long().numpy(), weights.flatten().float().numpy()
    return rows.tobytes()
