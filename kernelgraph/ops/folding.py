"""The dtypes of sums and products: what they give, and in what they are accumulated.

Numbers that are short are accumulated in 64 bits: integers give an int64 (unsigned ones a uint64),
floats keep their dtype, which the total is rounded to once. `dtype` asks for another result,
`acc_dtype` for other totals on the way; neither may hold less than the operand does. The rules are
those of Theano.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, DTypeError
from kernelgraph.expect import came
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import typed
from kernelgraph.op import Reduction
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.complexes import real_part
from kernelgraph.types import DTYPES, accumulator, check_dtype, is_complex, is_inexact, upcast

KEEPDIMS_FOURTH = "keepdims is at index 3: sum(x, axis, dtype, keepdims); write keepdims=True"


def expect_dtype(dtype: Any, hint: str = KEEPDIMS_FOURTH) -> str | None:
    """The name of a dtype; None for None. Raises `ArgumentError` for True and False, which are
    meant for `keepdims`, and `DTypeError` for what is no dtype.
    """
    if isinstance(dtype, bool | np.bool_):
        raise ArgumentError(f"a dtype must be a name such as 'float64', not {came(dtype)}: {hint}")
    return None if dtype is None else check_dtype(dtype)


def expect_wider(x: Variable, dtype: str, what: str, name: str) -> str:
    """A dtype that holds all that `x` does, or is a float where `x` has integers.

    Raises `DTypeError` (KG-D009).
    """
    if _fits(x.dtype, dtype):
        return dtype
    raise DTypeError(
        f"Cannot build {name} node with input dtype {x.dtype} and {what} {dtype}, as precision "
        f"would be lost: the operand is {describe(x)}",
        code="KG-D009",
        hint=f"leave {what} out, name one that holds {x.dtype}, or cast the operand: "
        f'x.astype("{dtype}") loses digits where you say so',
        operands=(typed(x, [d for d in DTYPES if _fits(d, dtype)]),),
    )


def _fits(given: str, wanted: str) -> bool:
    return (_is_discrete(given) and not _is_discrete(wanted)) or upcast(given, wanted) == wanted


def _is_discrete(dtype: str) -> bool:
    return np.dtype(dtype).kind in "biu"


def folded(
    kind: type[Reduction], x: Variable, axes: tuple[int, ...], dtype: Any, acc_dtype: Any
) -> Variable:
    """The sum, or the product, of `x` along axes.

    What is accumulated in fewer bits than our totals have is what these have in their lowest bits.
    """
    wanted, inside = expect_dtype(dtype), expect_dtype(acc_dtype)
    name = kind.name.capitalize()
    whole = _is_discrete(x.dtype)
    if wanted is not None:
        expect_wider(x, wanted, "output dtype", name)
    if inside is not None:
        expect_wider(x, inside, "acc_dtype", name)
    else:
        inside = accumulator(x.dtype) if whole else x.dtype
    out = wanted or (accumulator(x.dtype) if whole else x.dtype)
    if whole and not _is_discrete(inside):
        x = cast(x, inside)
    elif not whole:
        x = cast(x, upcast(x.dtype, out))
    total = kind(axes)(x)
    if whole and is_inexact(x.dtype):
        return cast(total if is_complex(out) else real_part(total), out)
    return cast(cast(total, inside), out) if whole else cast(total, out)
