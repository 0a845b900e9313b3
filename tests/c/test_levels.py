"""Every op and dtype at every level of the processor and with every compiler that there is.

Each use of an op is a kernel of its own: alone, under a sum, under a maximum, beside a neighbour
that chooses. A function has few of them, since compilers do less, and less wrong, in large ones.
Trials are off, since they would hide what a compiler gets wrong.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import toolchain
from kernelgraph.config import config
from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable, leaves
from kernelgraph.op import OPS
from kernelgraph.types import DTYPES, is_float
from tests.support import Array, cases

MOST_KERNELS = 3

SIZES = (1, 15, 16, 17, 127, 128, 129, 4095, 4096, 4097)

TABLE = {
    name: op
    for name, op in OPS.items()
    if isinstance(op, Elementwise) and name not in ("slice_length", "exact_div")
}

POSITIVE = ("log", "log1p", "sqrt", "pow", "erfcx", "acosh")
"""Functions of whose NaN a sum would tell nothing."""

USES: tuple[Callable[[Variable], Variable], ...] = (
    lambda value: value,
    T.sum,
    T.max,
    lambda value: T.sum(T.switch(T.neq(value, 0), value, 3)),
    T.argmax,
)


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
        self, name: str, dtypes: Sequence[str], op: Callable[..., Variable] | None = None
    ) -> None:
        """All uses of an op, each with operands of its own."""
        op = op or TABLE[name]
        for number, use in enumerate(USES):
            operands = [T.tensor(d, (None,), "xyz"[k]) for k, d in enumerate(dtypes)]
            try:
                value = use(op(*operands))
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

    def check(self) -> None:
        """Compare compiled code with NumPy, for all kernels."""
        for part in self.parts():
            part.compare()

    def compare(self) -> None:
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
                assert close(one, other), f"{label}, {n} elements: {other}, expected {one}"


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
    finite = one[np.isfinite(one)] if one.ndim else one
    scale = max(1.0, float(np.max(abs(finite), initial=0.0)), float(one.ndim == 0) * 100)
    digits = 1e-5 if one.dtype == np.float32 else 1e-12
    return np.allclose(other, one, rtol=digits, atol=digits * scale, equal_nan=True)


@given(
    compiler=st.sampled_from(sorted(compilers())),
    dtype=st.sampled_from(DTYPES),
    first=st.integers(0, len(TABLE) - 1),
)
@cases(tested=2, hunted=150)
def test_every_op(compiler: str, dtype: str, first: int) -> None:
    """A hunt goes through the whole table with each pair that it draws."""
    names = list(TABLE)
    some = len(names) if settings.get_current_profile_name() == "nightly" else 1
    other = DTYPES[(DTYPES.index(dtype) + 4) % len(DTYPES)]
    table = Table()
    for k in range(some):
        name = names[(first + 7 * k) % len(names)]
        arity = TABLE[name].arity
        table.add(name, (dtype, dtype, dtype)[:arity])
        if arity > 1:
            table.add(name, (other, dtype, dtype)[:arity])
    table.add("chosen", (dtype, other, dtype), chosen)
    with mock.patch.dict(os.environ, compilers()[compiler]):
        table.check()


@pytest.mark.parametrize("compiler", sorted(compilers()))
def test_choices(compiler: str) -> None:
    """The ops that choose, at every level: what gcc 12.2 got wrong."""
    if compiler == "zig" and settings.get_current_profile_name() == "default":
        pytest.skip("its first start takes a quarter of a minute")
    table = Table()
    table.add("chosen", ("float64", "int64", "int64"), chosen)
    with mock.patch.dict(os.environ, compilers()[compiler]):
        table.check()
