"""Counters of routing on a GPU, which a CUDA graph adds to at every replay.

One kernel for eight layers of a captured forward pass. The counters are read without waiting: a copy to the host is ordered when a window
ends and looked at when the next one does.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import clocks
from .layout import ABSENT_U32
from .moe_window import BINS, emit_pairs, u32

if TYPE_CHECKING:
    from .probe import Probe
    from .worker import Step


_MOST_LAYERS = 8


def _alike(first: tuple[int, Any, Any], second: tuple[int, Any, Any]) -> bool:
    """Whether the routing of two layers can be added by one launch."""
    return all(a.shape == b.shape and a.dtype == b.dtype and a.stride(0) == b.stride(0) for a, b in zip(first[1:], second[1:]))


class DeviceCounters:
    """Counters of all layers: choices [layers, experts], pairs [layers, experts, experts], weights [layers, bins], tokens.

    They are allocated at the first call of a router, which a warm-up makes before any capture.
    """

    def __init__(self, probe: Probe, device: Any, layers: int) -> None:
        self._probe = probe
        self._device = device
        self._layers = layers
        self._torch: Any = sys.modules["torch"]
        self._names: list[int] = []
        self._counts: Any = None
        self._told: Any = None
        self._ordered: tuple[Any, Any, int] | None = None
        self._first = 0
        self._last = ABSENT_U32
        self._valid = self._torch.zeros(1, dtype=self._torch.int32, device=device)
        self._said = 0
        self._waiting: list[tuple[int, Any, Any]] = []
        self.hears_captures = False
        self.zero_after = True
        """Whether every pass is followed by saying that nothing counts: needed where dummy passes are not heard of."""

    def _allocate(self, experts: int) -> None:
        torch = self._torch
        self.experts = experts
        self._stride = experts + experts * experts + BINS + 1
        self._counts = torch.zeros(self._layers, self._stride, dtype=torch.int32, device=self._device)
        self._told = torch.zeros(self._layers, self._stride, dtype=torch.int32)

    def begin(self, step: Step) -> None:
        """Says on the device how many tokens of the coming forward pass are real."""
        if step.tokens != self._said:
            self._say(step.tokens)
        self._last = step.number

    def _say(self, tokens: int) -> None:
        """One small kernel: most steps of decode have as many tokens as the one before and need none."""
        self._valid.fill_(tokens)
        self._said = tokens

    def count(self, layer: int, ids: Any, weights: Any, experts: int) -> None:
        """Adds the choices [tokens, top_k] of a layer; only the first `valid` tokens of a real step count.

        While a graph is captured, layers wait until eight are there or the capture ends, so that a replay runs one kernel for
        eight layers; waiting keeps their choices from being written over. Elsewhere each is added at once.
        """
        capturing = self._torch.cuda.is_current_stream_capturing()
        if self._counts is None:
            if capturing:
                raise RuntimeError("the first routing came while a graph was captured, where nothing can be allocated")
            self._allocate(experts)
        if layer not in self._names:
            self._names.append(layer)
        entry = (self._names.index(layer), ids, weights)
        if not (capturing and self.hears_captures):
            self._waiting.clear()  # of a capture that ended without a word
            self._launch([entry])
            return
        if self._waiting and not _alike(self._waiting[0], entry):
            self.capture_ends()
        self._waiting.append(entry)
        if len(self._waiting) == _MOST_LAYERS:
            self.capture_ends()

    def capture_ends(self) -> None:
        """Adds the layers that wait, as the last thing that the graph holds."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._launch(waiting)

    def _launch(self, layers: list[tuple[int, Any, Any]]) -> None:
        from .moe_kernel import launch

        launch(self._counts, self._valid, layers, self.experts, BINS)

    def end(self) -> None:
        """Says that what comes now is no real step, where that is not said when it comes."""
        if self.zero_after:
            self._say(0)

    def nothing_counts(self) -> None:
        """Says that what comes now is no real step."""
        if self._said:
            self._say(0)

    def flush(self) -> None:
        """Records the window whose copy has arrived, and orders the copy of the next; an idle process waits for that one."""
        if self._counts is None or self._torch.cuda.is_current_stream_capturing():
            return
        self._take(wait=self._probe.idle)
        if self._ordered is None and self._last != ABSENT_U32 and self._last >= self._first:
            self._order()
            if self._probe.idle:
                self._take(wait=True)

    def _order(self) -> None:
        """Orders a copy of the counters to the host, behind what the stream does now."""
        host = self._torch.empty(self._counts.shape, dtype=self._counts.dtype, pin_memory=True)
        host.copy_(self._counts, non_blocking=True)
        event = self._torch.cuda.Event()
        event.record()
        self._ordered = (host, event, self._last)

    def _take(self, wait: bool) -> None:
        """Records the copy that was ordered, if it has arrived."""
        if self._ordered is None:
            return
        host, event, last = self._ordered
        if wait:
            event.synchronize()
        if event.query():
            self._ordered = None
            self._tell(host, last)

    def _tell(self, host: Any, last: int) -> None:
        np: Any = sys.modules["numpy"]
        # Counters are 32 bits wide and may wrap; the difference of two readings is right as long as it is smaller.
        delta = (host.numpy().astype(np.int64) - self._told.numpy().astype(np.int64)) & 0xFFFFFFFF
        self._told = host
        recorder, ts, experts = self._probe.recorder, clocks.now(), self.experts
        for place, layer in enumerate(self._names):
            row, tokens = delta[place], int(delta[place][-1])
            if not tokens:
                continue
            steps = (self._first, last)
            recorder.emit_rows(self._probe.kind("moe_count"), ts, experts, u32(np, row[:experts]), tokens, *steps, layer, ABSENT_U32)
            emit_pairs(self._probe, ts, row[experts : experts + experts * experts], experts, (tokens, *steps, layer))
            histogram, absent = row[experts + experts * experts : -1], float("nan")
            values = (absent, absent, int(histogram.sum()), 0.0, 1.0, absent, absent)
            recorder.emit_rows(self._probe.kind("moe_weight"), ts, BINS, u32(np, histogram), *values, *steps, layer)
        self._first = last + 1
