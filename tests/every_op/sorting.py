"""Cases of sorting, searching, counting, and of what a mask or an index chooses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.ops import counting, sorting
from tests.every_op.cases import Case, case, rng_of
from tests.support import DTYPES, draw, specials, tame


def sorted_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        rng = rng_of(f"sorting {dtype}")
        x = rng.choice(specials(dtype), size=(3, 40))
        v = np.sort(draw(rng, dtype, (9,)))
        for op in (sorting.Sort(), sorting.ArgSort()):
            yield case(f"{op} {dtype}", op, [x])
        for side in ("left", "right"):
            yield case(f"search {side} {dtype}", sorting.SearchSorted(side), [v, x])
    for dtype in ("bool", "int8"):
        few = tame(rng_of(dtype), "uint8", (9,)).astype(dtype)
        yield case(f"highest {dtype}", counting.Highest((0,)), [few[:0]])
        yield case(f"counts {dtype}", T.bincount, [few])
        yield case(f"the largest {dtype}", lambda x: T.topk_and_argtopk(x, 3), [few])
