"""Polynomials and products of sequences: what a polynomial is at a place, powers as columns, and
sums of products of shifted sequences.

    convolve(a, v)[k] = sum over i of a[i] v[k - i]
"""

from __future__ import annotations

from typing import Any

from kernelgraph.elementwise import dimshuffle
from kernelgraph.expect import expect_choice, expect_flag
from kernelgraph.graph import Variable
from kernelgraph.mismatches import expect_rank
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, int_div, maximum, minimum, mul, switch
from kernelgraph.ops.axes import flip
from kernelgraph.ops.blocks import count_of, pad
from kernelgraph.ops.broadcasting import ones_like, zeros_like
from kernelgraph.ops.complexes import conj
from kernelgraph.ops.cumulative import cumprod
from kernelgraph.ops.joining import concatenate, reshaped_like, stack
from kernelgraph.ops.patterns import repeated_to
from kernelgraph.ops.positions import arange
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.strided import windows
from kernelgraph.ops.tensor_products import dot
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import is_complex, upcast

__all__ = ["convolve", "correlate", "cross", "polyval", "vander"]

MODES = "full", "same", "valid"
"""What is kept: all, as much as the longer sequence has, or where none hangs over."""


def vander(x: Any, N: Any = None, increasing: bool = False) -> Variable:  # noqa: N803 - NumPy's
    """The powers of the numbers of a vector as columns, from x ** (N - 1) down to 1, or up
    (`increasing`); N is as many as there are numbers unless given. As NumPy's `vander`.

    Raises `ShapeError` (KG-S008) for no vector, `ArgumentError` for an N that is no size.
    """
    x = expect_rank(as_variable(x), 1, "vander")
    x = cast(x, upcast(x.dtype, "int64"))
    columns = size(x, 0) if N is None else count_of(N, "a number of columns", 0)
    column = dimshuffle(x, (0, "x"))
    repeated = repeated_to(column, [size(x, 0), maximum(columns - 1, constant_size(0))])
    powers = cumprod(concatenate([ones_like(column), repeated], 1), 1)[:, :columns]
    return powers if expect_flag(increasing, "increasing") else flip(powers, 1)


def polyval(p: Any, x: Any) -> Variable:
    """What a polynomial with the coefficients p (the highest power first) is at x, of any shape. As
    NumPy's `polyval`.

    Raises `ShapeError` (KG-S008) for coefficients that are no vector.
    """
    p, x = expect_rank(as_variable(p), 1, "polyval"), as_variable(x)
    number = p.tensor_type.shape[0]
    if number is None:
        place = flatten(x)
        exponents = size(p, 0) - 1 - arange(size(p, 0))
        total = dot(dimshuffle(place, (0, "x")) ** dimshuffle(exponents, ("x", 0)), p)
        return reshaped_like(total, x)
    total = cast(zeros_like(x), upcast(x.dtype, p.dtype))
    for k in range(number):
        total = total * x + p[k]
    return total


def convolve(a: Any, v: Any, mode: str = "full") -> Variable:
    """Sums of the products of the elements of one vector with those of the other one turned round,
    at every place where they meet. As NumPy's `convolve`.

    `mode`: "full" are all places, "same" as many in the middle as the longer vector has, "valid"
    those where the shorter one lies inside of the longer one. Raises `ShapeError` (KG-S008) for
    what is no vector (and KG-S009 when one has no elements), `OptionError` for another mode.
    """
    a, v = expect_rank(as_variable(a), 1, "convolve"), expect_rank(as_variable(v), 1, "convolve")
    expect_choice(mode, "mode", MODES)
    n, m = size(a, 0), size(v, 0)
    return _kept(_all_places(a, v), n, m, mode, int_div(minimum(n, m) - 1, constant_size(2)))


def correlate(a: Any, v: Any, mode: str = "valid") -> Variable:
    """Sums of the products of the elements of one vector with the (conjugate) elements of the other
    one, at every place where they meet. As NumPy's `correlate`; else as `convolve`.
    """
    a, v = expect_rank(as_variable(a), 1, "correlate"), expect_rank(as_variable(v), 1, "correlate")
    expect_choice(mode, "mode", MODES)
    n, m = size(a, 0), size(v, 0)
    first = int_div(minimum(n, m) - switch(n < m, 0, 1), constant_size(2))
    other = conj(v) if is_complex(v.dtype) else v
    return _kept(_all_places(a, flip(other)), n, m, mode, first)


def _all_places(a: Variable, v: Variable) -> Variable:
    more = size(v, 0) - 1
    return dot(windows(pad(a, [(more, more)]), size(v, 0)), flip(v))


def _kept(full: Variable, n: Variable, m: Variable, mode: str, middle: Variable) -> Variable:
    """The places that a mode keeps; those of "same" begin at `middle`."""
    if mode == "same":
        return full[middle : middle + maximum(n, m)]
    return full[minimum(n, m) - 1 : maximum(n, m)] if mode == "valid" else full


def cross(a: Any, b: Any, axis: Any = -1) -> Variable:
    """The vectors that are perpendicular to two others in space, of which the three components
    stand along an axis: (a1 b2 - a2 b1, a2 b0 - a0 b2, a0 b1 - a1 b0). As NumPy's `cross`.

    Raises `AxisError` for an axis that is not there, and `ShapeError` (KG-S014) when it has not
    three components.
    """
    x, y = ([*_components(as_variable(v), axis)] for v in (a, b))
    turns = ((1, 2), (2, 0), (0, 1))
    return stack([mul(x[i], y[j]) - mul(x[j], y[i]) for i, j in turns], axis=axis)


def _components(x: Variable, axis: Any) -> list[Variable]:
    (along,) = normalize_axes([axis], x)
    sizes = [size(x, k) for k in range(x.ndim)]
    sizes[along] = constant_size(3)
    whole = repeated_to(x, sizes)
    return [whole[(*[slice(None)] * along, k)] for k in range(3)]
