"""The kernel that adds a layer's routing to its counters. Imported on a GPU only: it needs Triton."""

from __future__ import annotations

from typing import Any

import triton
import triton.language as tl

_TOKENS = 32


@triton.jit(do_not_specialize=["tokens", "ids_stride", "weights_stride"])
def _add(counters, ids, weights, valid, tokens, ids_stride, weights_stride, EXPERTS: tl.constexpr, TOP_K: tl.constexpr, BINS: tl.constexpr, TOKENS: tl.constexpr):
    """counters: choices [EXPERTS], pairs [EXPERTS, EXPERTS] (smaller expert first), weights [BINS], tokens [1]."""
    token = tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)
    real = (token < tokens) & (token < tl.load(valid))
    for i in tl.static_range(TOP_K):
        first = tl.load(ids + token * ids_stride + i, mask=real, other=0).to(tl.int32)
        seen = real & (first >= 0) & (first < EXPERTS)
        tl.atomic_add(counters + first, 1, mask=seen, sem="relaxed")
        weight = tl.load(weights + token * weights_stride + i, mask=real, other=0.0).to(tl.float32)
        place = tl.minimum(tl.maximum((weight * BINS).to(tl.int32), 0), BINS - 1)
        tl.atomic_add(counters + EXPERTS + EXPERTS * EXPERTS + place, 1, mask=seen, sem="relaxed")
        for j in tl.static_range(TOP_K):
            if j > i:
                second = tl.load(ids + token * ids_stride + j, mask=real, other=0).to(tl.int32)
                both = seen & (second >= 0) & (second < EXPERTS)
                pair = tl.minimum(first, second) * EXPERTS + tl.maximum(first, second)
                tl.atomic_add(counters + EXPERTS + pair, 1, mask=both, sem="relaxed")
    count = tl.sum(real.to(tl.int32), axis=0)
    tl.atomic_add(counters + EXPERTS + EXPERTS * EXPERTS + BINS, count, sem="relaxed")


def launch(counters: Any, ids: Any, weights: Any, valid: Any, experts: int, bins: int) -> None:
    """Adds ids [tokens, top_k] with weights of the same shape; the first `valid` tokens count."""
    tokens, top_k = ids.shape
    _add[(triton.cdiv(tokens, _TOKENS),)](
        counters, ids, weights, valid, tokens, ids.stride(0), weights.stride(0), EXPERTS=experts, TOP_K=top_k, BINS=bins, TOKENS=_TOKENS
    )
