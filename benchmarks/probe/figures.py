"""Medians and their intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The median and an interval of at least 95 % confidence for it, by ranks, which asks nothing of how values spread.

    With fewer than six values no such interval exists: both ends are NaN.
    """
    ordered, count = sorted(values), len(values)
    below, lowest = 0.0, -1
    for rank in range(count // 2):
        below += math.comb(count, rank) / 2**count
        if below > 0.025:
            break
        lowest = rank
    middle = statistics.median(ordered)
    return (middle, ordered[lowest], ordered[-1 - lowest]) if lowest >= 0 else (middle, math.nan, math.nan)
