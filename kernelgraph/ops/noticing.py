"""What ops tell of numbers that came: integers divided by 0, floats that are no integer, negative
exponents of integers, means of nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.errors import ExponentError
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import unwidened
from kernelgraph.notices import Notice
from kernelgraph.op import Creation
from kernelgraph.ops.conversion import LEAST_WHOLE, limit_of_wholes
from kernelgraph.templates import Template
from kernelgraph.types import INTEGERS, Array, is_float

_MOST_NODES = 32
"""A size is a formula of at most so many nodes."""


def _is_zero(y: Array) -> Array:
    return y == 0


_NO_DIVISOR = Notice(
    "y", _is_zero, Template("is_zero", "{y} == 0"), "division of integers by 0 gives 0", "divide"
)

MEAN_OF_NOTHING = Notice(
    "count", _is_zero, Template("is_zero", "{count} == 0"), "the mean of no numbers is NaN",
    "invalid",
)  # fmt: skip

_BY_NO_SIZE = Notice(
    "y", _is_zero, Template("is_zero", "{y} == 0"), "division by a number of elements that is 0",
    "invalid",
)  # fmt: skip


def _no_integer(node: Apply) -> ExponentError:
    x, y = map(unwidened, node.inputs)
    return ExponentError(
        f"{describe(x)} to the power of {describe(y)} is no integer where that is negative",
        hint=f"use a float exponent: {x.name or 'x'} ** T.cast({y.name or 'y'}, 'float64')",
        origins=node.origins,
    )


_NEGATIVE_EXPONENT = Notice(
    "y", lambda y: y < 0, Template("is_negative", "{y} < 0"), "a negative exponent", "invalid",
    _no_integer,
)  # fmt: skip


def integers_by_zero(node: Apply) -> Notice | None:
    """Of x // y and x % y."""
    return _NO_DIVISOR if node.out.dtype in INTEGERS else None


def integer_to_negative(node: Apply) -> Notice | None:
    """Of x ** y."""
    return _NEGATIVE_EXPONENT if node.out.dtype in INTEGERS else None


def by_no_size(node: Apply) -> Notice | None:
    """Of x / n, where n is a number of elements: 0 / 0 is a mean of nothing."""
    return _BY_NO_SIZE if is_size(node.inputs[1]) else None


def float_to_integer(node: Apply) -> Notice | None:
    """Of a cast."""
    kind = node.out.dtype
    return _beyond(kind) if kind in INTEGERS and is_float(node.inputs[0].dtype) else None


@lru_cache
def _beyond(dtype: str) -> Notice:
    """A float that is NaN, or fits neither an int64 nor the dtype."""
    above = limit_of_wholes(dtype)

    def holds(x: Array) -> Array:
        wide = np.asarray(x, "float64")
        return ~((wide >= LEAST_WHOLE) & (wide < above))

    within = f"({{x}} >= {LEAST_WHOLE!r}) & ({{x}} < {above!r})"
    beyond = "beyond int64" if above == -LEAST_WHOLE else "beyond int64 and uint64"
    return Notice(
        "x", holds,
        Template(
            f"is_no_{dtype}", f"!({within})", f"not {LEAST_WHOLE!r} <= float({{x}}) < {above!r}",
        ),
        f"NaN made an {dtype} is 0, a number {beyond} the nearest end", "invalid",
    )  # fmt: skip


def is_size(variable: Variable) -> bool:
    """Whether a number follows from sizes and constants alone."""
    left, seen, measured = [variable], 0, False
    while left:
        seen += 1
        found = left.pop()
        node = found.owner
        if isinstance(found, Constant):
            continue
        if node is None or seen > _MOST_NODES:
            return False
        if isinstance(node.op, Creation) and node.op.virtual:
            measured = True
            continue
        if not isinstance(node.op, Elementwise | DimShuffle):
            return False
        left += node.inputs
    return measured
