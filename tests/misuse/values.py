"""What people hand to a function by mistake: one maker for each kind of wrong argument.

Makers, not values: generators are used up, arrays may be written to, and symbols belong to a world.
"""

# pyright: reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

import decimal
import fractions
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T

Makers = dict[str, Callable[[], Any]]


class Unprintable:
    """Its text cannot be had."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")


class Unanswering:
    """Every question about it fails."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __iter__(self) -> Any:
        raise RuntimeError("no items")

    __hash__ = None  # type: ignore[assignment]


def nested(depth: int) -> list[Any]:
    found: list[Any] = [1.0]
    for _ in range(depth):
        found = [found]
    return found


NUMBERS: Makers = {
    "None": lambda: None, "True": lambda: True, "False": lambda: False, "0": lambda: 0,
    "1": lambda: 1, "-1": lambda: -1, "7": lambda: 7, "2**31": lambda: 2**31,
    "2**62": lambda: 2**62, "2**63": lambda: 2**63, "-2**63": lambda: -(2**63),
    "2**64": lambda: 2**64, "2**70": lambda: 2**70, "-2**70": lambda: -(2**70),
    "10**5000": lambda: 10**5000, "0.5": lambda: 0.5, "1.0": lambda: 1.0, "nan": lambda: math.nan,
    "inf": lambda: math.inf, "-inf": lambda: -math.inf, "1e300": lambda: 1e300, "1j": lambda: 1j,
    "Decimal": lambda: decimal.Decimal(1), "Fraction": lambda: fractions.Fraction(1, 3),
    "float32": lambda: np.float32(2), "int64": lambda: np.int64(-5), "bool_": lambda: np.bool_(1),
    "longdouble": lambda: np.longdouble(1), "datetime": lambda: np.datetime64("2020-01-01"),
}  # fmt: skip

TEXTS: Makers = {
    "''": lambda: "", "'x'": lambda: "x", "'abc'": lambda: "abc", "' '": lambda: " ",
    "surrogate": lambda: "\udc80", "nul": lambda: "a\0b", "long text": lambda: "ab" * 50_000,
    "b'abc'": lambda: b"abc", "bytearray": lambda: bytearray(b"abc"),
    "np.str_": lambda: np.str_("abc"),
}  # fmt: skip

CONTAINERS: Makers = {
    "[]": list, "()": lambda: (), "{}": dict, "set()": set, "[[]]": lambda: [[]],
    "{1, 2}": lambda: {1, 2}, "frozenset": lambda: frozenset((0, 1)),
    "{'a': 1}": lambda: {"a": 1}, "{0: 1}": lambda: {0: 1}, "[None]": lambda: [None],
    "[1, 'a']": lambda: [1, "a"], "[1, [2]]": lambda: [1, [2]],
    "ragged": lambda: [[1.0, 2.0], [3.0]], "[[1, 2], [3, 4]]": lambda: [[1, 2], [3, 4]],
    "(0, 0)": lambda: (0, 0), "[0.5]": lambda: [0.5], "[2**70]": lambda: [2**70],
    "[nan]": lambda: [math.nan], "['a', 'b']": lambda: ["a", "b"], "[object]": lambda: [object()],
    "deep list": lambda: nested(3000), "list of 40 lists": lambda: nested(40),
    "range": lambda: range(3), "long range": lambda: range(10**12),
    "generator": lambda: (k for k in (0, 1)), "iterator": lambda: iter([0]),
    "dict view": {"a": 1}.keys, "zip": lambda: zip([1], [2], strict=True),
    "slice": lambda: slice(None, 2), "mappingproxy": lambda: type("C", (), {}).__dict__,
}  # fmt: skip

ARRAYS: Makers = {
    "zeros(0)": lambda: np.zeros(0), "zeros(3)": lambda: np.zeros(3),
    "zeros((2, 3, 4))": lambda: np.zeros((2, 3, 4)), "array(1)": lambda: np.array(1),
    "array(True)": lambda: np.array(True), "objects": lambda: np.array([object(), None]),
    "strings": lambda: np.array(["a", "b"]), "complex": lambda: np.array([1j]),
    "records": lambda: np.zeros(2, dtype=[("a", float)]), "float16": lambda: np.zeros(2, "float16"),
    "masked": lambda: np.ma.masked_array([1.0, 2.0], [0, 1]), "np.matrix": lambda: np.eye(2).view(
        np.matrix), "ints": lambda: np.arange(3), "bools": lambda: np.array([True, False]),
    "40 axes": lambda: np.zeros((1,) * 40),
}  # fmt: skip

OBJECTS: Makers = {
    "object()": object, "lambda: 0": lambda: lambda: 0, "lambda *a: None": lambda: lambda *a: None,
    "lambda x: x": lambda: lambda x: x, "int": lambda: int, "float": lambda: float,
    "np.ndarray": lambda: np.ndarray, "len": lambda: len, "math": lambda: math,
    "np.sum": lambda: np.sum, "np.exp": lambda: np.exp, "Exception": lambda: ValueError("v"),
    "Ellipsis": lambda: ..., "NotImplemented": lambda: NotImplemented,
    "dtype": lambda: np.dtype("float32"), "np.float32": lambda: np.float32,
    "unprintable": Unprintable, "unanswering": Unanswering, "namespace": SimpleNamespace,
    "Unprintable": lambda: Unprintable, "memoryview": lambda: memoryview(b"abc"),
}  # fmt: skip


def symbols(world: Any) -> Makers:
    """Things of this package where others are wanted."""
    return {
        "dscalar": lambda: world.s, "lscalar": lambda: world.i, "dvector": lambda: world.x,
        "dmatrix": lambda: world.m, "lvector": lambda: world.iv, "fvector": lambda: world.fx,
        "bool symbol": lambda: world.x > 0, "tensor4": lambda: T.ftensor4("t4"),
        "vector of 2": lambda: T.tensor("int64", (2,), "two"), "unnamed": T.dvector,
        "object symbol": lambda: T.ObjectType()("o"),
        "sparse symbol": lambda: T.SparseType("csr", "float64")("sp"),
        "expression": lambda: T.exp(world.x), "cost": lambda: world.cost,
        "constant": lambda: T.constant(2.0), "constant vector": lambda: T.constant([1.0, 2.0]),
        "shared": lambda: world.w, "shared scalar": lambda: world.c,
        "[x]": lambda: [world.x], "(x, m)": lambda: (world.x, world.m),
        "[x, None]": lambda: [world.x, None], "[x, 1]": lambda: [world.x, 1],
        "{x: x}": lambda: {world.x: world.x}, "{x: 'a'}": lambda: {world.x: "a"},
        "{x: None}": lambda: {world.x: None}, "{x: m}": lambda: {world.x: world.m},
        "{1: x}": lambda: {1: world.x}, "{'x': 1.0}": lambda: {"x": 1.0},
        "{w: w}": lambda: {world.w: world.w}, "[(x, m)]": lambda: [(world.x, world.m)],
        "[(x, x)]": lambda: [(world.x, world.x)], "[(x,)]": lambda: [(world.x,)],
        "[[x]]": lambda: [[world.x]], "{x}": lambda: {world.x},
        "(x for …)": lambda: (v for v in (world.x,)), "x == x": lambda: world.x is world.x,
        "function": lambda: world.f, "Graph": lambda: world.f.graph, "T.exp": lambda: T.exp,
        "Apply": lambda: world.cost.owner, "type": lambda: world.x.type,
        "T.dvector": lambda: T.dvector, "Mode": lambda: kg.get_mode(None),
        "In": lambda: kg.In(world.x, value=1.0), "kg": lambda: kg, "T": lambda: T,
        "kg.Op": lambda: kg.Op, "kg.Op()": kg.Op, "config": lambda: kg.config,
        "TensorType": lambda: T.TensorType, "rule": lambda: world.rule,
        "stream": lambda: world.streams, "Variable": lambda: kg.graph.Variable,
    }  # fmt: skip


def wrong_values(world: Any) -> Makers:
    """Every wrong value by name."""
    return NUMBERS | TEXTS | CONTAINERS | ARRAYS | OBJECTS | symbols(world)
