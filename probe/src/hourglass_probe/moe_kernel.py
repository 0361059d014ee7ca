"""The kernel that adds the routing of up to eight layers to their counters. Imported on a GPU only: it needs Triton."""

from __future__ import annotations

from typing import Any

import triton
import triton.language as tl

_TOKENS = 32
MOST_LAYERS = 8
"""Layers of one launch. Addresses are handed over as numbers: a table of them would have to be on the device beforehand."""


@triton.jit(do_not_specialize=["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7",
                               "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "tokens", "ids_stride", "weights_stride", "row_size"])  # fmt: skip
def _add(counters, valid, a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, r0, r1, r2, r3, r4, r5, r6, r7, tokens, ids_stride, weights_stride, row_size,
         EXPERTS: tl.constexpr, TOP_K: tl.constexpr, BINS: tl.constexpr, TOKENS: tl.constexpr, IDS: tl.constexpr, WEIGHTS: tl.constexpr):  # fmt: skip
    """counters: rows of choices [EXPERTS], pairs [EXPERTS, EXPERTS] (smaller expert first), weights [BINS], tokens [1]; layer
    i of the launch has its ids at address ai, its weights at bi, its row at ri."""
    layer = tl.program_id(1)
    ids_at = tl.where(layer == 1, a1, tl.where(layer == 2, a2, tl.where(layer == 3, a3, a0)))
    ids_at = tl.where(layer == 4, a4, tl.where(layer == 5, a5, tl.where(layer == 6, a6, tl.where(layer == 7, a7, ids_at))))
    weights_at = tl.where(layer == 1, b1, tl.where(layer == 2, b2, tl.where(layer == 3, b3, b0)))
    weights_at = tl.where(layer == 4, b4, tl.where(layer == 5, b5, tl.where(layer == 6, b6, tl.where(layer == 7, b7, weights_at))))
    row = tl.where(layer == 1, r1, tl.where(layer == 2, r2, tl.where(layer == 3, r3, r0)))
    row = tl.where(layer == 4, r4, tl.where(layer == 5, r5, tl.where(layer == 6, r6, tl.where(layer == 7, r7, row))))
    ids = ids_at.to(tl.pointer_type(IDS))
    weights = weights_at.to(tl.pointer_type(WEIGHTS))
    counts = counters + row * row_size
    token = tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)
    real = (token < tokens) & (token < tl.load(valid))
    for i in tl.static_range(TOP_K):
        first = tl.load(ids + token * ids_stride + i, mask=real, other=0).to(tl.int32)
        seen = real & (first >= 0) & (first < EXPERTS)
        tl.atomic_add(counts + first, 1, mask=seen, sem="relaxed")
        weight = tl.load(weights + token * weights_stride + i, mask=real, other=0.0).to(tl.float32)
        place = tl.minimum(tl.maximum((weight * BINS).to(tl.int32), 0), BINS - 1)
        tl.atomic_add(counts + EXPERTS + EXPERTS * EXPERTS + place, 1, mask=seen, sem="relaxed")
        for j in tl.static_range(TOP_K):
            if j > i:
                second = tl.load(ids + token * ids_stride + j, mask=real, other=0).to(tl.int32)
                both = seen & (second >= 0) & (second < EXPERTS)
                pair = tl.minimum(first, second) * EXPERTS + tl.maximum(first, second)
                tl.atomic_add(counts + EXPERTS + pair, 1, mask=both, sem="relaxed")
    count = tl.sum(real.to(tl.int32), axis=0)
    tl.atomic_add(counts + EXPERTS + EXPERTS * EXPERTS + BINS, count, sem="relaxed")


def _type(array: Any) -> Any:
    """Triton's type for the elements of an array; KeyError for one that no router uses."""
    name = str(array.dtype).removeprefix("torch.")
    return {"int32": tl.int32, "int64": tl.int64, "uint32": tl.uint32, "float32": tl.float32, "bfloat16": tl.bfloat16, "float16": tl.float16}[name]


def launch(counters: Any, valid: Any, layers: list[tuple[int, Any, Any]], experts: int, bins: int) -> None:
    """Adds the routing of up to eight layers that are alike: row, ids [tokens, top_k], weights of the same shape; the first
    `valid` tokens count."""
    _, ids, weights = layers[0]
    tokens, top_k = ids.shape
    filled = layers + layers[:1] * (MOST_LAYERS - len(layers))
    _add[(triton.cdiv(tokens, _TOKENS), len(layers))](
        counters, valid, *(each[1].data_ptr() for each in filled), *(each[2].data_ptr() for each in filled), *(each[0] for each in filled),
        tokens, ids.stride(0), weights.stride(0), counters.stride(0),
        EXPERTS=experts, TOP_K=top_k, BINS=bins, TOKENS=_TOKENS, IDS=_type(ids), WEIGHTS=_type(weights),
    )  # fmt: skip
