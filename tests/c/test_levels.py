"""Every op and dtype at every level of the processor and with every compiler that there is.

Each use of an op is a kernel of its own: alone, under a sum, under a maximum, beside a neighbour
that chooses. A function has few of them, since compilers do less, and less wrong, in large ones: of
120 choices with a load under a condition gcc 12.2 gets 34 wrong with up to 6 of them in a function,
16 with 8, none with 13. Trials are off, since they would hide what a compiler gets wrong.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import toolchain
from kernelgraph.config import config
from kernelgraph.elementwise import OPS
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable, leaves
from kernelgraph.types import DTYPES, is_float
from tests.support import Array, cases, hunting

MOST_KERNELS = 5

SIZES = (1, 15, 16, 17, 127, 128, 129, 4095, 4096, 4097)

TABLE = {name: op for name, op in OPS.items() if name not in ("slice_length", "exact_div")}

POSITIVE = ("log", "log1p", "sqrt", "pow", "erfcx", "acosh")
"""Functions of whose NaN a sum would tell nothing."""

USES: tuple[Callable[[Variable], Variable], ...] = (
    lambda value: value,
    T.sum,
    T.max,
    lambda value: T.sum(T.switch(T.neq(value, 0), value, 3)),
    T.argmax,
)

ALL, THE_FOUR, REDUCED, SUMMED = range(len(USES)), range(4), range(1, 4), (1,)


def chosen(x: Variable, y: Variable, z: Variable) -> Variable:
    """A choice by comparison."""
    return T.switch(x > 0, y, z)


def compilers() -> dict[str, dict[str, str]]:
    """What to set in the environment for each level and compiler of this machine."""
    found = {level: {"KERNELGRAPH_ISA": level} for level in toolchain._levels()} or {"": {}}
    if clang := shutil.which("clang"):
        found["clang"] = {"KERNELGRAPH_CC": clang}
    if zig := toolchain._zig():
        found["zig"] = {"KERNELGRAPH_CC": f"{zig} cc"}
    return found


@dataclass
class Table:
    """A function with a kernel for each use of some ops."""

    inputs: list[Variable] = field(default_factory=list[Variable])
    outputs: list[Variable] = field(default_factory=list[Variable])
    labels: list[str] = field(default_factory=list[str])
    positive: list[bool] = field(default_factory=list[bool])

    def add(
        self,
        name: str,
        dtypes: Sequence[str],
        op: Callable[..., Variable] | None = None,
        uses: Iterable[int] = ALL,
    ) -> None:
        """Uses of an op, each with operands of its own."""
        op = op or TABLE[name]
        for number in uses:
            operands = [T.tensor(d, (None,), "xyz"[k]) for k, d in enumerate(dtypes)]
            try:
                value = USES[number](op(*operands))
            except DTypeError:
                return
            self.inputs += operands
            self.outputs.append(value)
            self.labels.append(f"use {number} of {name} of {', '.join(dtypes)}")
            self.positive += [name in POSITIVE] * len(operands)

    def parts(self) -> Iterator[Table]:
        """Tables with a few of the kernels each."""
        for first in range(0, len(self.outputs), MOST_KERNELS):
            part = Table(
                outputs=self.outputs[first : first + MOST_KERNELS],
                labels=self.labels[first : first + MOST_KERNELS],
            )
            needed = set(leaves(part.outputs))
            pairs = zip(self.inputs, self.positive, strict=True)
            kept = [(v, positive) for v, positive in pairs if v in needed]
            part.inputs = [v for v, _ in kept]
            part.positive = [positive for _, positive in kept]
            yield part

    def wrong(self) -> list[str]:
        """Compare compiled code with NumPy, for all kernels; which are wrong, and how."""
        return [found for part in self.parts() for found in part.compare()]

    def compare(self) -> Iterator[str]:
        """Compare one function, for all sizes."""
        kinds: dict[str, Any] = {"rules": (), "on_unused_input": "ignore"}
        right = kg.function(self.inputs, self.outputs, target="interpret", **kinds)
        with config.change_flags(try_compiled="off"):
            compiled = kg.function(self.inputs, self.outputs, target="c", **kinds)
        for n in SIZES:
            rng = np.random.default_rng(n)
            values = [
                numbers(rng, v.dtype, n, positive)
                for v, positive in zip(self.inputs, self.positive, strict=True)
            ]
            for label, one, other in zip(
                self.labels, right(*values), compiled(*values), strict=True
            ):
                if not close(one, other):
                    yield f"{label}, {n} elements: {other}, expected {one}"


def numbers(rng: np.random.Generator, dtype: str, n: int, positive: bool) -> Array:
    if dtype == "bool":
        return rng.random(n) > 0.5
    if is_float(dtype):
        drawn = np.where(rng.random(n) < 0.2, np.round(rng.normal(size=n)), rng.normal(size=n))
        return (abs(drawn) + 0.1 if positive else drawn).astype(dtype)
    return rng.integers(0 if positive or dtype.startswith("u") else -5, 6, n).astype(dtype)


def close(one: Array, other: Array) -> bool:
    """Equal, or nearly so for floats, whose order of addition is not NumPy's."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.kind != "f":
        return np.array_equal(one, other)
    finite = one[np.isfinite(one)]
    scale = max(1.0, float(np.max(abs(finite), initial=0.0)), float(one.ndim == 0) * 100)
    digits = 1e-5 if one.dtype == np.float32 else 1e-12
    return np.allclose(other, one, rtol=digits, atol=digits * scale, equal_nan=True)


def other_than(dtype: str, steps: int) -> str:
    return DTYPES[(DTYPES.index(dtype) + steps) % len(DTYPES)]


def whole_table(dtype: str, steps: int) -> Table:
    """Every op of a dtype, alone, reduced and beside a neighbour; with a second dtype, `steps` on
    in the list, under a sum; and choices by that between this dtype and every other, reduced.
    """
    table = Table()
    other = other_than(dtype, steps)
    for name, op in TABLE.items():
        table.add(name, (dtype,) * op.arity, uses=THE_FOUR)
        if op.arity > 1:
            table.add(name, (other, *(dtype,) * (op.arity - 1)), uses=SUMMED)
    for last in DTYPES:
        table.add("chosen", (other, dtype, last), chosen, uses=REDUCED)
    return table


@pytest.mark.hypothesis
@pytest.mark.skipif(not hunting(), reason="the whole table is for `./kg nightly`")
@pytest.mark.parametrize("compiler", sorted(compilers()))
def test_the_whole_table(
    compiler: str, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """Its second dtypes are other ones with another seed."""
    seed = request.config.getoption("--hypothesis-seed", None)
    steps = 1 + random.Random(str(seed)).randrange(len(DTYPES) - 1)
    wrong: list[str] = []
    count = 0
    for dtype in DTYPES:
        table = whole_table(dtype, steps)
        count += len(table.outputs)
        with mock.patch.dict(os.environ, compilers()[compiler]):
            wrong += table.wrong()
    record_property("cases", count)
    assert not wrong, "\n".join(wrong)


@given(
    compiler=st.sampled_from(sorted(compilers())),
    dtype=st.sampled_from(DTYPES),
    steps=st.integers(0, len(DTYPES) - 1),
    name=st.sampled_from(sorted(TABLE)),
)
@cases(tested=2, hunted=50)
def test_every_use_of_an_op(compiler: str, dtype: str, steps: int, name: str) -> None:
    other = other_than(dtype, steps)
    table = Table()
    arity = TABLE[name].arity
    table.add(name, (dtype,) * arity)
    if arity > 1:
        table.add(name, (other, *(dtype,) * (arity - 1)))
    table.add("chosen", (dtype, other, dtype), chosen)
    with mock.patch.dict(os.environ, compilers()[compiler]):
        assert not table.wrong()


@pytest.mark.parametrize("compiler", sorted(compilers()))
def test_choices(compiler: str) -> None:
    """The ops that choose, at every level: what gcc 12.2 got wrong."""
    if compiler == "zig" and not hunting():
        pytest.skip("its first start takes a quarter of a minute")
    table = Table()
    table.add("chosen", ("float64", "int64", "int64"), chosen)
    with mock.patch.dict(os.environ, compilers()[compiler]):
        assert not table.wrong()


ROWS = ((1, 16), (3, 48), (9, 48), (15, 33), (8, 131), (9, 8))


def row_programs(dtype: str, index: str) -> tuple[list[Variable], list[Variable]]:
    """Choices between the elements of rows, under sums and maxima of the rows and the columns."""
    m, v, k = T.tensor(dtype, (None, None), "m"), T.tensor(index, (None,), "v"), T.lvector("k")
    chosen = T.switch(T.eq(T.arange(m.shape[1]), k.dimshuffle(0, "x")), m, 0)
    limited = T.switch(v.dimshuffle(0, "x") > 0, m, v.dimshuffle(0, "x"))
    rows = T.arange(m.shape[0])
    outputs = [m[rows, k], m[rows, rows], *(T.sum(c, axis=1) for c in (chosen, limited))]
    return [m, v, k], [*outputs, T.sum(limited, axis=0), T.max(chosen, axis=1)]


@given(
    compiler=st.sampled_from(sorted(compilers().keys() - {"zig"})),
    dtype=st.sampled_from(DTYPES),
    index=st.sampled_from(DTYPES),
)
@example("x86-64-v4", "float64", "int64")
@cases(tested=1, hunted=100)
def test_choices_in_rows(compiler: str, dtype: str, index: str) -> None:
    """What is read before a choice stays there: gcc 12.2 moved it behind the choice."""
    inputs, outputs = row_programs(dtype, index)
    environment = compilers().get(compiler, {})
    for out in outputs:
        kinds: dict[str, Any] = {"on_unused_input": "ignore"}
        with config.change_flags(try_compiled="off"), mock.patch.dict(os.environ, environment):
            compiled = kg.function(inputs, out, target="c", **kinds)
        right = kg.function(inputs, out, target="interpret", **kinds)
        for rows, columns in ROWS:
            rng = np.random.default_rng(rows)
            values = [numbers(rng, dtype, rows * columns, False).reshape(rows, columns)]
            values += [numbers(rng, index, rows, False), rng.integers(-columns, columns, rows)]
            if rows <= columns or out is not outputs[1]:
                one, other = compiled(*values), right(*values)
                assert close(other, one), f"{out} of {dtype}, {index}, {rows} × {columns}"


@given(
    compiler=st.sampled_from(sorted(set(compilers()) - {"zig"})),
    dtype=st.sampled_from(("float64", "float32", "int64")),
    first=st.integers(0, len(TABLE) - 1),
)
@cases(tested=1, hunted=60)
def test_sums_of_rows(compiler: str, dtype: str, first: int) -> None:
    """Each op under a sum along rows that share an operand, so that eight rows are added a turn."""
    names = list(TABLE)
    weights, shared = T.tensor(dtype, (None,), "w"), T.tensor(dtype, (None,), "u")
    for k in range(5):
        name = names[(first + 7 * k) % len(names)]
        matrix = T.tensor(dtype, (None, None), "x")
        operands = [matrix, *[shared] * (TABLE[name].arity - 1)]
        inputs: list[Variable] = [matrix, shared, weights]
        try:
            value = T.cast(TABLE[name](*operands), "float64")
        except DTypeError:
            continue
        terms = value * weights
        output = terms.sum(axis=1)
        kinds: dict[str, Any] = {"rules": (), "on_unused_input": "ignore"}
        right = kg.function(inputs, [output, terms], target="interpret", **kinds)
        with (
            mock.patch.dict(os.environ, compilers()[compiler]),
            config.change_flags(try_compiled="off"),
        ):
            compiled = kg.function(inputs, output, target="c", **kinds)
        for n in (1, 15, 17, 100, 512, 513, 1100, 4113):
            rng = np.random.default_rng(n)
            positive = name in POSITIVE
            drawn = [numbers(rng, dtype, size, positive) for size in (11 * n, n, n)]
            drawn[0] = drawn[0].reshape(11, n)
            (one, added), other = right(*drawn), compiled(*drawn)
            # Where large numbers of both signs meet, their order says whether a sum overflows.
            with np.errstate(over="ignore"):
                sure = np.isfinite(abs(added).sum(axis=1)) | ~np.isfinite(added).all(axis=1)
            one, other = one[sure], other[sure]
            digits = 1e-5 if dtype == "float32" else 1e-11
            scale = max(1.0, float(np.max(abs(one[np.isfinite(one)]), initial=0.0)))
            close_enough = np.allclose(other, one, digits, digits * scale, equal_nan=True)
            assert close_enough, f"{name} of {dtype}, rows of {n}: {other}, expected {one}"
