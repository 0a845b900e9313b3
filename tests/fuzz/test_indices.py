"""Random indices of every kind, compared with NumPy's: parts, what is set and added there, and the
derivatives of all of them, on every back end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.support import Array, cases, on_all_targets

pytestmark = pytest.mark.usefixtures("any_numbers")

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Index:
    """An index as it is written with symbols, and as NumPy sees it."""

    written: list[Any] = field(default_factory=list[Any])
    meant: list[Any] = field(default_factory=list[Any])
    inputs: list[Variable] = field(default_factory=list[Variable])
    values: list[Any] = field(default_factory=list[Any])

    def symbol(self, value: Any) -> Variable:
        """An input of the function; sizes of 1 are declared, as what is repeated has to be."""
        array = np.asarray(value)
        shape = tuple(1 if n == 1 else None for n in array.shape)
        variable = T.tensor(array.dtype.name, shape, f"i{len(self.inputs)}")
        self.inputs.append(variable)
        self.values.append(array)
        return variable

    def add(self, written: Any, meant: Any) -> None:
        self.written.append(written)
        self.meant.append(meant)


def end(draw: Draw, index: Index, numbers: st.SearchStrategy[int]) -> tuple[Any, Any]:
    """An end of a slice: left out, a number or a symbol."""
    value = draw(st.none() | numbers)
    if value is None or draw(st.booleans()):
        return value, value
    return index.symbol(value), value


def add_slice(draw: Draw, index: Index) -> None:
    steps = st.integers(-3, 3).filter(bool)
    ends = [end(draw, index, kind) for kind in (st.integers(-5, 5), st.integers(-5, 5), steps)]
    index.add(slice(*(e[0] for e in ends)), slice(*(e[1] for e in ends)))


def add_number(draw: Draw, index: Index, size: int) -> None:
    number = draw(st.integers(-size, size - 1))
    index.add(index.symbol(number) if draw(st.booleans()) else number, number)


def add_array(draw: Draw, index: Index, size: int, named: tuple[int, ...]) -> None:
    """An array that fits the others: of fewer axes, or with sizes of 1, perhaps."""
    rank = draw(st.integers(1, len(named))) if size else len(named)
    shape = tuple(1 if draw(st.booleans()) and n > 1 else n for n in named[len(named) - rank :])
    count = int(np.prod(shape))
    places = st.integers(-size, size - 1) if size else st.just(0)
    dtype = draw(st.sampled_from(["int64", "int32", "int8"]))
    numbers = draw(st.lists(places, min_size=count, max_size=count))
    array = np.array(numbers, dtype).reshape(shape)
    index.add(index.symbol(array) if draw(st.booleans()) else array, array)


def add_mask(draw: Draw, index: Index, sizes: tuple[int, ...], count: int) -> None:
    """A mask of so many elements."""
    mask = np.zeros(int(np.prod(sizes)), "bool")
    mask[draw(st.permutations(range(mask.size)))[:count]] = True
    mask = mask.reshape(sizes)
    index.add(index.symbol(mask) if draw(st.booleans()) else mask, mask)


def an_index(draw: Draw, shape: tuple[int, ...]) -> Index:
    """An index for an array of this shape."""
    index, axis = Index(), 0
    named = tuple(draw(st.lists(st.integers(0, 3), min_size=1, max_size=2)))
    kinds = ["slice", "slice", "number", "array", "array", "mask", "new", "rest", "stop"]
    dots = False
    while axis < len(shape):
        size = shape[axis]
        kind = draw(st.sampled_from(kinds))
        if kind == "stop" or len(index.meant) > 5:
            break
        if kind == "new":
            index.add(None, None)
            continue
        if kind == "rest" and not dots:
            dots = True
            index.add(..., ...)
            axis += draw(st.integers(0, len(shape) - axis))
            continue
        last = draw(st.integers(axis + 1, len(shape))) if kind == "mask" else axis + 1
        if kind == "mask" and named[-1] <= np.prod(shape[axis:last]):
            add_mask(draw, index, shape[axis:last], named[-1])
            axis = last
            continue
        if kind == "array" and (size or 0 in named):
            add_array(draw, index, size, named)
        elif kind == "number" and size:
            add_number(draw, index, size)
        else:
            add_slice(draw, index)
        axis += 1
    return settled(index, shape, axis, dots)


def settled(index: Index, shape: tuple[int, ...], axis: int, dots: bool) -> Index:
    """With an Ellipsis, all axes behind it must be spoken for."""
    if dots:
        for _ in range(axis, len(shape)):
            index.add(slice(None), slice(None))
    return index


@dataclass
class Wanted:
    """What NumPy says about an array, an index and what is put there."""

    x: Array
    meant: Any
    v: Array
    w: Array

    def results(self) -> list[Array]:
        part = self.x[self.meant]
        put, added, back = self.x.copy(), self.x.copy(), np.zeros_like(self.x)
        put[self.meant] = self.v
        np.add.at(added, self.meant, self.v)
        np.add.at(back, self.meant, part)
        return [part, put, added, back, *self._of_set(part), self.w[self.meant], *self._forward()]

    def _of_set(self, part: Array) -> list[Array]:
        left, numbers = self.w.copy(), np.arange(part.size).reshape(part.shape)
        left[self.meant] = 0
        writers = np.full(self.x.shape, -1)
        writers[self.meant] = numbers
        return [left, np.where(writers[self.meant] == numbers, self.w[self.meant], 0)]

    def _forward(self) -> list[Array]:
        tangent = self.w.copy()
        tangent[self.meant] = self.v
        return [self.w[self.meant], tangent]


def symbolic(x: Variable, index: Any, v: Variable, w: Variable) -> list[Variable]:
    """The same with symbols."""
    part = x[index]
    put, added = T.set_subtensor(part, v), T.inc_subtensor(x[index], v)
    return [
        part, put, added, T.grad(T.sum(T.sqr(part)) / 2, x), *T.grad(T.sum(put * w), [x, v]),
        T.grad(T.sum(added * w), v), T.Rop(part, x, w), T.Rop(put, [x, v], [w, v]),
    ]  # fmt: skip


def compare(draw: Draw, targets: tuple[str, ...]) -> None:
    shape = tuple(draw(st.lists(st.sampled_from([0, 1, 2, 3, 4]), min_size=1, max_size=4)))
    index = an_index(draw, shape)
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    meant = tuple(index.meant)
    v, w = np.sin(np.ones_like(x[meant]).cumsum()).reshape(x[meant].shape), np.cos(x)
    known = draw(st.booleans())
    sizes = shape if known else tuple(1 if n == 1 else None for n in shape)
    symbols = [T.tensor("float64", s, name) for s, name in ((sizes, "x"), (sizes, "w"))]
    made = T.tensor("float64", tuple(1 if n == 1 else None for n in v.shape), "v")
    inputs = [symbols[0], made, symbols[1], *index.inputs]
    outputs = symbolic(symbols[0], tuple(index.written), made, symbols[1])
    wanted = Wanted(x, meant, v, w).results()
    functions = on_all_targets(inputs, outputs, targets=targets)
    for target, function in functions.items():
        found = function(x, v, w, *index.values)
        for k, (got, want) in enumerate(zip(found, wanted, strict=True)):
            message = f"result {k} of x{list(shape)}[{meant}] on {target}"
            assert got.shape == want.shape, message
            np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13, err_msg=message)


@given(data=st.data())
@cases(20, 3000)
def test_indices_mean_what_they_mean_to_numpy(data: st.DataObject) -> None:
    compare(data.draw, ("interpret", "python"))


@given(data=st.data())
@cases(6, 1000)
def test_compiled_indices_are_numpys(data: st.DataObject) -> None:
    compare(data.draw, ("c",))
