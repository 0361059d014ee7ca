"""Sums of routing over some steps, on the host. Uses numpy, which the engine has loaded long since."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from . import clocks
from .layout import ABSENT_U32
from .probe import Probe

BINS = 32
MOST_PAIRS = 1 << 21
"""Pairs that are looked at in a window; of what comes beyond, whole calls are left out and not counted as looked at."""
_SAMPLE_CHOICES = 1 << 16


@dataclass(frozen=True)
class Kept:
    """What a router chose in one call: experts and weights, both [tokens, top_k]."""

    layer: int
    step: int
    ids: Any
    weights: Any


class Window:
    """The calls of some steps, all with as many choices per token."""

    def __init__(self, probe: Probe, kept: list[Kept], experts: int) -> None:
        self._np: Any = sys.modules["numpy"]
        self._probe = probe
        self._kept = kept
        self._experts = experts
        self._ts = clocks.now()
        self._layers = sorted({each.layer for each in kept})
        place = {layer: i for i, layer in enumerate(self._layers)}
        self._steps = (min(each.step for each in kept), max(each.step for each in kept))
        self._layer_of = self._np.array([place[each.layer] for each in kept])
        self._sizes = self._np.array([each.ids.shape[0] for each in kept])

    def tell(self) -> None:
        """Records counts, balance, pairs, weights and, in sampled steps, the choices themselves."""
        np, calls = self._np, len(self._kept)
        ids = np.concatenate([each.ids for each in self._kept]).astype(np.int64)
        call_of = np.repeat(np.arange(calls), self._sizes)
        table = np.bincount((call_of[:, None] * self._experts + ids).ravel(), minlength=calls * self._experts).reshape(calls, -1)
        self._tell_counts(table)
        self._tell_balance(table)
        self._tell_pairs(ids, self._layer_of[call_of])
        self._tell_weights(self._layer_of[call_of])
        if self._probe.settings.moe_tier == "samples":
            self._tell_samples()

    def _tell_counts(self, table: Any) -> None:
        np, kind = self._np, self._probe.kind("moe_count")
        for i, layer in enumerate(self._layers):
            own = self._layer_of == i
            tokens, calls = int(self._sizes[own].sum()), int(own.sum())
            rows = u32(np, table[own].sum(0))
            self._probe.recorder.emit_rows(kind, self._ts, table.shape[1], rows, tokens, *self._steps, layer, calls)

    def _tell_balance(self, table: Any) -> None:
        np, kind = self._np, self._probe.kind("moe_balance")
        assert kind.row
        columns = (
            (table * table).sum(1),
            table.sum(1),
            table.max(1),
            np.where(table == 0, table.sum(1, keepdims=True), table).min(1),
            (table == 0).sum(1),
        )
        steps: dict[int, list[bytes]] = {}
        for each, squares, total, most, least, idle in zip(self._kept, *(column.tolist() for column in columns)):
            steps.setdefault(each.step, []).append(kind.row.pack(squares, each.layer, total, most, least, idle, 0))
        for step, rows in steps.items():
            self._probe.recorder.emit_rows(kind, self._ts, len(rows), b"".join(rows), step, table.shape[1])

    def _tell_pairs(self, ids: Any, layers: Any) -> None:
        np, kind, experts = self._np, self._probe.kind("moe_pair"), self._experts
        first, second = np.triu_indices(ids.shape[1], 1)
        if not len(first):
            return
        ends = self._sizes.cumsum()
        calls = int((ends * len(first) <= MOST_PAIRS).sum())
        rows = int(ends[calls - 1]) if calls else 0
        looked = np.sort(ids[:rows], 1)
        keys = (layers[:rows, None] * experts + looked[:, first]) * experts + looked[:, second]
        counts = np.bincount(keys.ravel(), minlength=len(self._layers) * experts * experts).reshape(len(self._layers), -1)
        for i, layer in enumerate(self._layers):
            tokens = int(self._sizes[:calls][self._layer_of[:calls] == i].sum())
            emit_pairs(self._probe, self._ts, counts[i], experts, (tokens, *self._steps, layer))

    def _tell_weights(self, layers: Any) -> None:
        np, kind = self._np, self._probe.kind("moe_weight")
        weights = np.concatenate([each.weights for each in self._kept])
        bins = np.clip((weights * BINS).astype(np.int64), 0, BINS - 1) + layers[:, None] * BINS
        histogram = np.bincount(bins.ravel(), minlength=len(self._layers) * BINS).reshape(-1, BINS)
        for i, layer in enumerate(self._layers):
            own = weights[layers == i].astype(np.float64)
            sums = (float(own.sum()), float((own * own).sum()), own.size, 0.0, 1.0, float(own.min()), float(own.max()))
            self._probe.recorder.emit_rows(kind, self._ts, BINS, u32(np, histogram[i]), *sums, *self._steps, layer)

    def _tell_samples(self) -> None:
        kind, every = self._probe.kind("moe_sample"), self._probe.settings.moe_every
        for each in self._kept:
            if each.step % every:
                continue
            top_k = each.ids.shape[1]
            size = max(1, _SAMPLE_CHOICES // top_k)
            for begin in range(0, each.ids.shape[0], size):
                ids, weights = each.ids[begin : begin + size], each.weights[begin : begin + size]
                self._probe.recorder.emit_rows(kind, self._ts, ids.size, self._choices(ids, weights), each.step, each.layer, begin, ids.shape[0], top_k)

    def _choices(self, ids: Any, weights: Any) -> bytes:
        """Rows of an expert (u32) and its weight (f32), token by token."""
        rows = self._np.empty(ids.size, dtype=[("e", "<u4"), ("w", "<f4")])
        rows["e"], rows["w"] = ids.ravel(), weights.ravel()
        return bytes(rows.tobytes())


def u32(np: Any, counts: Any) -> bytes:
    """Counts as rows of one u32; what is larger than a u32 holds becomes the largest that is not absent."""
    return bytes(np.minimum(counts, ABSENT_U32 - 1).astype("<u4").tobytes())


def emit_pairs(probe: Probe, ts: int, counts: Any, experts: int, told: tuple[int, int, int, int]) -> None:
    """Records the pairs of a layer that occurred. `counts` is [experts x experts], the smaller expert first; `told` are
    tokens, first step, last step and layer."""
    np: Any = sys.modules["numpy"]
    keys = counts.nonzero()[0]
    for begin in range(0, max(1, len(keys)), _SAMPLE_CHOICES):
        part = keys[begin : begin + _SAMPLE_CHOICES]
        rows = np.empty(len(part), dtype=[("a", "<u2"), ("b", "<u2"), ("n", "<u4")])
        rows["a"], rows["b"], rows["n"] = part // experts, part % experts, np.minimum(counts[part], ABSENT_U32 - 1)
        tokens = told[0] if begin == 0 else 0
        probe.recorder.emit_rows(probe.kind("moe_pair"), ts, len(part), rows.tobytes(), tokens, *told[1:])
