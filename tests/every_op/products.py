"""Cases of products of vectors, matrices, batches of them, and sums under labels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Variable
from kernelgraph.ops import contraction, labelled_products
from tests.every_op.cases import Case, as_sums, case, equal_but_for_zeros, rng_of
from tests.support import DTYPES, is_inexact, tame


def dot_cases() -> Iterator[Case]:
    shapes = [
        ((7,), (7,)),
        ((3, 5), (5,)),
        ((5,), (5, 3)),
        ((4, 3), (3, 6)),
        ((33, 17), (17, 9)),
        ((2, 1), (1,)),
        ((1,), (1,)),
    ]
    for dtype, (left, right) in itertools.product(DTYPES, shapes):
        label = f"dot of {dtype}{list(left)} and {list(right)}"
        rng = rng_of(label)
        values = [tame(rng, dtype, left), tame(rng, dtype, right)]
        yield case(label, contraction.dot_op, values, as_sums(left, [len(left) - 1]))
        if is_inexact(dtype):
            whole = [
                np.where(rng.random(size=v.shape) < 0.1, np.nan, np.round(v)).astype(dtype)
                for v in values
            ]
            yield case(f"{label}, whole", contraction.dot_op, whole, equal_but_for_zeros)
    for left, right in (
        ("int8", "float32"),
        ("int64", "uint64"),
        ("bool", "float64"),
        ("uint8", "int16"),
    ):
        label = f"dot of {left} and {right}"
        values = [tame(rng_of(label), left, (5, 9)), tame(rng_of(label), right, (9, 4))]
        yield case(label, contraction.dot_op, values, equal_but_for_zeros)
    for dtype in ("float32", "float64"):
        numbers = np.array([[1.0, np.inf, -2.0], [0.0, 3.0, np.nan]], dtype)
        counts = np.array([[True, False, True], [False, True, False]])
        below = np.array([[np.inf, 1.0], [np.nan, 2.0], [4.0, -np.inf]], dtype)
        yield case(f"counted dot {dtype}", contraction.CountedDot(), [numbers, counts, below])


def _of_transposes(x: Variable, y: Variable) -> Variable:
    turn = DimShuffle((0, 2, 1))
    return labelled_products.BatchedDot()(turn(y), turn(x))


def product_cases() -> Iterator[Case]:
    """Of arrays of more dimensions: batches of matrices, and sums under labels."""
    forms = {
        "ab,bcd->acd": ((3, 4), (4, 2, 5)),
        "abc,acd->abd": ((2, 3, 4), (2, 4, 5)),
        "abcd,cdae->be": ((2, 3, 4, 5), (4, 5, 2, 3)),
        "abc,ac->ab": ((2, 3, 4), (2, 4)),
        "abc,acb->a": ((2, 3, 4), (2, 4, 3)),
    }
    for dtype, (form, shapes) in itertools.product(DTYPES, forms.items()):
        label = f"{form} of {dtype}"
        values = [tame(rng_of(label), dtype, shape) for shape in shapes]
        yield case(label, labelled_products.Einsum(form), values, as_sums((60,), [0]))
    for dtype in DTYPES:
        label = f"batches of {dtype}"
        values = [tame(rng_of(label), dtype, shape) for shape in ((2, 3, 4), (2, 4, 5))]
        yield case(label, labelled_products.BatchedDot(), values, as_sums((4,), [0]))
        yield case(f"turned {label}", _of_transposes, values, as_sums((4,), [0]))
