"""What people do wrong, and what machines do to them: every case ends in the right error or the
right numbers.

An error has a stable code, names the operands with dtypes and sizes, and shows the user's own line
with a caret under the expression at fault. The numbers H-… are those of the project's catalogue of
hostile cases.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import errors
from kernelgraph.errors import (
    ArgumentError,
    CompileError,
    DTypeError,
    GradientError,
    IndexingError,
    KernelgraphError,
    MissingInputError,
    ShapeError,
    StaticShapeError,
    SymbolicError,
    UnusedInputError,
)
from kernelgraph.graph import Graph
from kernelgraph.ops.arithmetic import identity
from tests.support import TARGETS, quick_compiler, same, within

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build


def pointed_at(error: KernelgraphError) -> str:
    """The text over the caret: the expression that the error blames."""
    place = error.places[0]
    assert place.filename == __file__
    return place.text[place.column : place.end_column]


def check(error: KernelgraphError, code: str, *words: str, at: str | None = None) -> None:
    """The code, what the message must say, and the expression that it must blame."""
    text = str(error)
    assert error.code == code, text
    for word in words:
        assert word in text, f"{word!r} is missing in:\n{text}"
    assert len(text.splitlines()) <= 12
    if at is not None:
        assert pointed_at(error) == at
        assert "^" * len(at) in text


# -------------------------------------------------------------------------------- values and dtypes


INTEGER_DTYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def integer_ends(dtype: str) -> np.ndarray[Any, Any]:
    """Pairs of integers at which arithmetic goes wrong, as two rows."""
    limits = np.iinfo(dtype)
    numbers = [limits.min, limits.min + 1, 0, 1, 7, limits.max]
    numbers += [] if dtype.startswith("u") else [-1, -7]
    return np.array([(a, b) for a in numbers for b in numbers], dtype).T


@pytest.mark.parametrize("dtype", INTEGER_DTYPES)
def test_h01_to_h05_integers_at_their_ends(dtype: str) -> None:
    """Quotients and rests of the least number, by 0, what wraps, shifts: as vectors, as numbers,
    fused with each other, and as constants that are folded. A call with a divisor of 0 warns.
    """
    a, b = integer_ends(dtype)
    functions: list[Callable[[Any, Any], Any]] = [
        lambda x, y: x // y, lambda x, y: x % y, lambda x, y: x + y, lambda x, y: x - y,
        lambda x, y: x * y, lambda x, y: x << y, lambda x, y: x >> y, lambda x, y: abs(x),
        lambda x, y: -x, lambda x, y: ((x // y) * y + x % y) ^ (x << (y >> y)),
        lambda x, y: divmod(x, y)[1] - abs(-x) // y,
    ]  # fmt: skip
    with np.errstate(all="ignore"):
        wanted = [f(a, b) for f in functions]
    x, y = T.tensor(dtype, (None,), "x"), T.tensor(dtype, (None,), "y")
    p, q = T.tensor(dtype, (), "p"), T.tensor(dtype, (), "q")
    folded = [f(T.constant(a), T.constant(b)) for f in functions]
    for target in TARGETS:
        compiled = kg.function([x, y], [f(x, y) for f in functions], target=target)
        with pytest.warns(RuntimeWarning, match="division of integers by 0"):
            vectors = compiled(a, b)
        assert all(same(v, w) for v, w in zip(vectors, wanted, strict=True))
        with pytest.warns(RuntimeWarning, match="division of integers by 0"):
            constants = kg.function([], folded, target=target)()
        assert all(same(v, w) for v, w in zip(constants, wanted, strict=True))
        scalars = kg.function([p, q], [f(p, q) for f in functions], target=target)
        for k in range(len(a)):
            with np.errstate(divide="ignore"):
                found = scalars(a[k], b[k])
            assert all(same(v, w[k]) for v, w in zip(found, wanted, strict=True))


def test_h06_integers_to_negative_powers() -> None:
    i = T.lvector("i")
    for make in (lambda: i**-1, lambda: i ** np.array([2, -3])):
        with pytest.raises(ValueError, match="KG-V004") as caught:
            make()
        assert "i ** -" in str(caught.value)
    x, u = T.dvector("x"), T.ivector("u")
    found = kg.function([x, u], [x**-1, u**-1.0, u**2])([2.0], [4])
    assert [v[0] for v in found] == [0.5, 0.25, 16]
    power = kg.function([i, u], i**u)
    with pytest.raises(ValueError, match="KG-V004") as caught:
        power([2, 3], [1, -1])
    assert all(word in str(caught.value) for word in ("i (int64", "u (int32", "power = kg", "Try:"))


def test_h08_and_h09_floats_to_integers(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    dtypes = ("int8", "uint8", "int32", "int64", "uint64")
    f = compiled([x], [x.astype(d) for d in dtypes])
    with pytest.warns(RuntimeWarning, match="NaN made an int8 is 0") as told:
        found = f([np.nan, np.inf, -np.inf, 1e20, -1.5])
    assert len(told) == 1
    for dtype, got in zip(dtypes, found, strict=True):
        limits = np.iinfo(dtype)
        assert got.tolist() == [
            0,
            limits.max,
            limits.min,
            limits.max,
            -1 if limits.min else limits.max,
        ]


def test_h10_to_h14_numbers_that_are_none(compiled: Callable[..., Any]) -> None:
    """NaN goes through, zeros keep their signs, subnormal numbers stay, rewritten or not."""
    for dtype, bits, tiny in (("float64", "uint64", 5e-324), ("float32", "uint32", 1e-45)):
        x, y = T.tensor(dtype, (None,), "x"), T.tensor(dtype, (None,), "y")
        a = np.array([np.nan, np.nan, 1, -0.0, 0.0, tiny, -tiny, np.inf, -0.5], dtype)
        a.view(bits)[0] = 0x7FF0000000000001 if dtype == "float64" else 0x7F800001  # it signals
        b = np.array([1, 1, np.nan, 0.0, -0.0, tiny, 1, np.inf, -0.0], dtype)
        functions: list[Callable[[Any, Any], Any]] = [
            np.maximum, np.minimum, lambda u, v: abs(u), lambda u, v: -u, lambda u, v: u + 0,
            lambda u, v: u * 1, lambda u, v: u * 0, lambda u, v: u - u, lambda u, v: u / u,
            lambda u, v: np.rint(u), lambda u, v: np.ceil(u), lambda u, v: u + v,
            lambda u, v: u / 2, lambda u, v: u // 1, lambda u, v: u % 1,
        ]  # fmt: skip
        with np.errstate(all="ignore"):
            wanted = [f(a, b).astype(dtype) for f in functions]
        for rules in ((), None):
            options: dict[str, Any] = {} if rules is None else {"rules": rules}
            found = compiled([x, y], [f(x, y) for f in functions], **options)(a, b)
            for k, (got, expected) in enumerate(zip(found, wanted, strict=True)):
                assert same(got, expected), (k, got, expected)


NOT_NUMBERS = [
    np.array([object()]), np.array(["a"]), np.array([b"a"]),
    np.array(["2020-01-01"], dtype="datetime64[D]"), np.array([5], dtype="timedelta64[s]"),
    np.zeros(2, dtype=[("a", float)]), np.zeros(2, dtype="V4"),
    np.zeros(2, dtype=np.longdouble),
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda v: str(v.dtype))
def test_h19_dtypes_that_are_not_supported(value: Any, compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], x * 2)
    with pytest.raises(DTypeError) as caught:
        f(value)
    check(
        caught.value, "KG-D001", "argument 0 'x'", "is not supported", "float32, float64", "int64"
    )
    with pytest.raises(DTypeError) as caught:
        _ = x * value
    check(caught.value, "KG-D001", "a constant", at="x * value")
    with pytest.raises(TypeError, match="KG-D001"):
        kg.shared(value)
    with pytest.raises(TypeError, match="KG-D001"):
        T.tensor(value.dtype, (None,))


RAGGED: list[tuple[Any, str, str]] = [
    (
        [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3]],
        "KG-D002",
        "ragged: row 2 has 3 items, row 0 has 4 items",
    ),
    ([[1, 2], 3], "KG-D002", "ragged: row 1 is a number, row 0 has 2 items"),
    ([1, [2]], "KG-D002", "ragged: row 1 has 1 items, row 0 is a number"),
    ([[[1, 2], [3]]], "KG-D002", "inhomogeneous"),
    ((i for i in range(3)), "KG-D002", "got generator"),
    (None, "KG-D002", "got NoneType"),
    ("abc", "KG-D002", "got str"),
    (b"abc", "KG-D002", "got bytes"),
    ({1: 2}, "KG-D002", "got dict"),
    ({1, 2}, "KG-D002", "got set"),
    ([1.0, "a"], "KG-D001", "dtype str"),
    ([None], "KG-D001", "dtype object"),
    (object(), "KG-D001", "dtype object"),
]


@pytest.mark.parametrize(
    ("value", "code", "words"), RAGGED, ids=lambda v: str(v).split(" at 0x")[0][:30]
)
def test_h44_values_that_are_no_arrays(value: Any, code: str, words: str) -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, target="interpret")
    with pytest.raises(DTypeError) as caught:
        f(value)
    check(caught.value, code, "argument 0 'x'", words)


def test_h44_a_symbol_is_no_value() -> None:
    x, s = T.dvector("x"), kg.shared(np.zeros(2), "s")
    f = kg.function([x], x * 2, target="interpret")
    with pytest.raises(DTypeError) as caught:
        f(x)
    check(caught.value, "KG-D002", "got the symbol x (float64[?])")
    with pytest.raises(DTypeError) as caught:
        f(s)
    check(caught.value, "KG-D002", "got the symbol s (float64[?])", "Try:  .get_value()")


def test_h61_constants_are_copies(compiled: Callable[..., Any]) -> None:
    array, row = np.arange(4.0), [1.0, 2.0, 3.0, 4.0]
    x = T.dvector("x")
    y = x * array + T.constant(array) + row
    array[:] = np.nan
    row[:] = [np.nan] * 4
    f = compiled([x], y)
    array[:] = 7
    np.testing.assert_array_equal(f(np.ones(4)), [1, 4, 7, 10])
    constant = T.constant(np.arange(3.0))
    with pytest.raises(ValueError, match="read-only"):
        constant.data[0] = 1


LITERALS: list[tuple[str, list[Any]]] = [
    ("float64", [np.inf, -np.inf, np.nan, -0.0, 0.0, 1e308, -1e308, 5e-324, -5e-324,
                 2.2250738585072014e-308, 0.1, 1 / 3, np.pi, 1e22, 123456789012345678,
                 1.7976931348623157e308, 9007199254740993.0, 1e-310]),
    ("float32", [np.inf, -np.inf, np.nan, -0.0, 0.0, 3.4028235e38, 1.1754944e-38, 1.4e-45, -1.4e-45,
                 9.9e-40, 0.1, 1 / 3, 16777217.0, 1e10, 1e-10]),
    ("int64", [-(2**63), -(2**63) + 1, 2**63 - 1, 0, -1, 2**31, -(2**31), 2**32, 2**53 + 1]),
    ("uint64", [0, 2**63, 2**64 - 1, 2**32]),
    ("int32", [-(2**31), 2**31 - 1, -1]),
    ("uint32", [2**31, 2**32 - 1, 0]),
    ("int16", [-(2**15), 2**15 - 1]),
    ("uint16", [2**16 - 1]),
    ("int8", [-128, 127]),
    ("uint8", [255, 128]),
    ("bool", [True, False]),
]  # fmt: skip


def test_h102_constants_keep_every_bit() -> None:
    """As numbers written into the generated text, alone and as operands, and as arrays."""
    flag = T.tensor("bool", (None,), "flag")
    outputs: list[Any] = []
    expected: list[Any] = []
    for dtype, numbers in LITERALS:
        for number in numbers:
            literal = T.constant(np.array(number, dtype))
            outputs += [identity(literal), T.switch(flag, literal, literal)]
            expected += [literal.data, np.array([literal.data] * 2)]
        outputs.append(identity(T.constant(np.array(numbers, dtype))))
        expected.append(np.array(numbers, dtype))
    for target in TARGETS:
        f = kg.function([flag], outputs, target=target, rules=())
        for wanted, got in zip(expected, f([True, False]), strict=True):
            assert same(wanted, got), f"{wanted!r} became {got!r} on {target}"
        if target == "c":
            text = f.stages.source.text
            text = re.sub(r"/\*.*?\*/", "", text)
            assert not re.search(r"\b(inf|nan)\b", text), "infinities are spelled INFINITY in C"


# ------------------------------------------------------------------------------------------- shapes


def test_h22_inner_sizes_known_to_differ() -> None:
    x, w = T.tensor("float64", (32, 784), "X"), T.tensor("float32", (256, 10), "W")
    with pytest.raises(ShapeError) as caught:
        _ = T.exp(T.dot(x, w) + 1)
    check(
        caught.value, "KG-S002", "cannot multiply X (float64[32, 784]) by W (float32[256, 10])",
        "X (float64[32, 784]) has 784 columns", "W (float32[256, 10]) has 256 rows",
        at="T.dot(x, w)",
    )  # fmt: skip
    assert caught.value.hint is None, "neither transpose fits"
    assert isinstance(caught.value, ValueError)


def test_h22_a_hint_that_works() -> None:
    x, w = T.tensor("float64", (32, 784), "X"), T.tensor("float64", (10, 784), "W")
    with pytest.raises(ShapeError, match=r"Try:  did you mean W\.T\?"):
        x.dot(w)
    assert x.dot(w.T).type.shape == (32, 10)


@pytest.mark.parametrize(
    ("rank", "words"), [(1, "w (float64[?]) has 4 elements"), (2, "w (float64[?, ?]) has 4 rows")]
)
def test_h22_inner_sizes_found_to_differ(
    compiled: Callable[..., Any], rank: int, words: str
) -> None:
    x, w = T.dmatrix("x"), T.tensor("float64", (None,) * rank, "w")
    f = compiled([x, w], T.exp(2 * x.dot(w) - 1).sum())
    with pytest.raises(ShapeError) as caught:
        f(np.ones((2, 3)), np.ones((4, 5)[:rank]))
    check(caught.value, "KG-S002", "x (float64[?, ?]) has 3 columns", words, at="x.dot(w)")


def test_h22_of_transposes(compiled: Callable[..., Any]) -> None:
    x, w = T.dmatrix("x"), T.dmatrix("w")
    f = compiled([x, w], T.dot(x.T, w))
    with pytest.raises(ShapeError) as caught:
        f(np.ones((3, 2)), np.ones((4, 5)))
    check(
        caught.value, "KG-S002", "has 3 columns", "w (float64[?, ?]) has 4 rows", at="T.dot(x.T, w)"
    )


def test_h23_shapes_known_to_differ() -> None:
    a, b = T.tensor("float64", (2, 3), "a"), T.tensor("int8", (4, 3), "b")
    with pytest.raises(ShapeError) as caught:
        _ = (a * 2, a - b)
    check(
        caught.value,
        "KG-S001",
        "along dimension 0",
        "a (float64[2, 3])",
        "b (int8[4, 3])",
        at="a - b",
    )
    lines = str(caught.value).splitlines()
    table = [line.strip() for line in lines if line.strip().startswith(("a:", "b:"))]
    assert table == ["a: 2  3", "b: 4  3"]
    below = lines[lines.index(next(line for line in lines if line.strip() == "b: 4  3")) + 1]
    assert below.strip() == "^"
    assert below.index("^") == next(line for line in lines if line.strip() == "b: 4  3").index("4")


def test_h23_shapes_found_to_differ(compiled: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.fmatrix("y")
    f = compiled([x, y], T.log(1 + T.exp(x - y)).sum(axis=1))
    with pytest.raises(ShapeError) as caught:
        f(np.ones((2, 3)), np.ones((4, 3), "float32"))
    check(
        caught.value, "KG-S001", "dimension 0 of x (float64[?, ?]) has size 2",
        "dimension 0 of y (float32[?, ?]) has size 4", "Try:", at="x - y",
    )  # fmt: skip


def test_a_row_is_not_repeated_unless_it_is_declared(compiled: Callable[..., Any]) -> None:
    x, y, row = T.dmatrix("x"), T.dmatrix("y"), T.drow("row")
    f, g = compiled([x, y], x + y), compiled([x, row], x + row)
    with pytest.raises(ShapeError, match="KG-S001"):
        f(np.ones((2, 3)), np.ones((1, 3)))
    np.testing.assert_array_equal(g(np.ones((2, 3)), np.ones((1, 3))), np.full((2, 3), 2.0))


def test_h43_a_value_contradicts_a_declared_size(compiled: Callable[..., Any]) -> None:
    x, row = T.tensor("float64", (None, 3), "x"), T.drow("row")
    f = compiled([x, row], x * row)
    with pytest.raises(StaticShapeError) as caught:
        f(np.ones((2, 4)), np.ones((1, 3)))
    check(caught.value, "KG-S005", "argument 0 'x'", "dimension 1", "size 3", "(2, 4)")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)
    with pytest.raises(
        StaticShapeError, match=r"KG-S005.*'row' of f: dimension 0 was declared to have size 1"
    ):
        f(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(TypeError, match=r"KG-S006.*expected 2, got 1 with shape \(3,\)"):
        f(np.ones(3), np.ones((1, 3)))


def test_constants_of_two_sizes_meet_one_vector(compiled: Callable[..., Any]) -> None:
    """Nothing is known of x alone, and every value of it is wrong."""
    x = T.dvector("x")
    f = compiled([x], [x + np.ones(5), x * np.ones(7)])
    for size in (5, 7):
        with pytest.raises(ShapeError, match="KG-S001"):
            f(np.ones(size))


# ------------------------------------------------------------------------------- building functions


def test_h48_an_input_is_missing() -> None:
    x = T.dvector("x")
    y = T.imatrix("y")
    with pytest.raises(MissingInputError) as caught:
        kg.function([x], (x * y).sum())
    check(caught.value, "KG-G001", "y (int32[?, ?])", "Try:  add y", at='T.imatrix("y")')
    assert isinstance(caught.value, TypeError)


def test_h49_an_input_is_not_used() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    with pytest.raises(UnusedInputError) as caught:
        kg.function([x, y], x * 2)
    check(
        caught.value,
        "KG-G002",
        "input 1, y (float64[?])",
        'on_unused_input="ignore"',
        at='T.dvector("y")',
    )
    assert isinstance(caught.value, ValueError)
    assert (
        kg.function([x, y], x * 2, on_unused_input="ignore", target="interpret")([1.0], [2.0]) == 2
    )
    with pytest.warns(UserWarning, match=r"y \(float64\[\?\]\), is not used"):
        kg.function([x, y], x * 2, on_unused_input="warn", target="interpret")


def test_h50_an_input_is_given_twice() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    with pytest.raises(UnusedInputError) as caught:
        kg.function([x, y, x], x * y)
    check(
        caught.value,
        "KG-G003",
        "x (float64[?])",
        "positions 0 and 2",
        at="kg.function([x, y, x], x * y)",
    )


def test_h50_names_may_be_the_same(compiled: Callable[..., Any]) -> None:
    first, second = T.dvector("a"), T.dvector("a")
    f = compiled([first, second], first - 2 * second)
    np.testing.assert_array_equal(f([5.0], [1.0]), [3.0])
    with pytest.raises(ArgumentError, match=r"KG-G004.*several inputs have the name 'a'"):
        f([5.0], a=[1.0])


def test_h51_arguments_that_do_not_fit_the_signature(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dscalar("y")
    f = compiled([x, kg.In(y, value=2.0)], x * y, name="scaled")
    signature = "scaled(x: float64[?], y: float64 = 2.0)"
    for arguments, named, words in (
        (([1.0], 2.0, 3.0), {}, "too many arguments: 3 given"),
        ((), {}, "missing required input"),
        ((), {"y": 1.0}, "missing required input"),
        (([1.0],), {"z": 1.0}, "unknown input 'z'"),
        (([1.0],), {"x": [1.0]}, "two values for input 'x'"),
    ):
        with pytest.raises(ArgumentError) as caught:
            f(*arguments, **named)
        check(caught.value, "KG-G004", words, signature)
        assert isinstance(caught.value, TypeError)
    np.testing.assert_array_equal(f([1.0, 2.0], y=3.0), [3.0, 6.0])


def test_h52_symbols_where_python_wants_values() -> None:
    x = T.dvector("x")
    with pytest.raises(SymbolicError) as caught:
        _ = 1 if x > 0 else 2
    check(caught.value, "KG-G010", "the result of gt (bool[?])", "T.switch", "kg.ifelse", "kg.scan")
    converters: list[Any] = [len, list, float, int, range, np.asarray]
    for wrong in converters:
        with pytest.raises(SymbolicError) as caught:
            wrong(x)
        check(caught.value, "KG-G010", "x (float64[?])", at="wrong(x)")


def test_h53_numpy_functions_of_symbols(compiled: Callable[..., Any]) -> None:
    x: Any = T.dvector("x")
    y: Any = T.dvector("y")
    made = [
        np.exp(x),
        np.float64(2) * x,
        np.ones(3) - x,
        np.dot(x, y),
        np.sum(x),
        np.where(x > y, x, y),
        np.maximum(x, 0),
    ]
    f = compiled([x, y], made)
    a, b = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, -3.0])
    expected = [np.exp(a), 2 * a, 1 - a, a @ b, a.sum(), np.where(a > b, a, b), np.maximum(a, 0)]
    for wanted, got in zip(expected, f(a, b), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-15)
    for wrong in (np.spacing, np.fft.fft, np.unwrap):
        with pytest.raises(SymbolicError) as caught:
            wrong(x)
        check(caught.value, "KG-G011", "x (float64[?])", at="wrong(x)")


def test_h54_the_cost_is_not_a_scalar() -> None:
    x = T.fmatrix("x")
    loss = x**2
    loss.name = "loss"
    with pytest.raises(GradientError) as caught:
        _ = [T.grad(loss, x)]
    check(
        caught.value,
        "KG-G020",
        "loss (float32[?, ?]) has 2 dimensions",
        "loss.sum() or loss.mean()",
        at="T.grad(loss, x)",
    )
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


# ------------------------------------------------------------ the place survives what happens to it


def test_places_survive_rewriting_and_fusion(compiled: Callable[..., Any]) -> None:
    """log(1 + exp(…)) becomes another op, and all is one loop: the line is still that of the
    index.
    """
    x, rows = T.dmatrix("x"), T.ivector("rows")
    chosen = x[rows]
    f = compiled([x, rows], T.log(1 + T.exp(chosen * 2)).sum(axis=1) + 1)
    with pytest.raises(IndexingError) as caught:
        f(np.ones((3, 2)), np.array([0, -4], "int32"))
    check(
        caught.value,
        "KG-I001",
        "index -4",
        "dimension 0 of x (float64[?, ?])",
        "size is 3",
        at="x[rows]",
    )


def test_places_survive_differentiation(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    cost = (T.tanh(x * y) ** 2).sum()
    gradient = T.grad(cost, [x, y])
    f = compiled([x, y], gradient)
    with pytest.raises(ShapeError) as caught:
        f(np.ones(3), np.ones(4))
    check(
        caught.value,
        "KG-S001",
        "x (float64[?]) has size 3",
        "y (float64[?]) has size 4",
        at="x * y",
    )


def test_places_of_expressions_over_several_lines(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    # fmt: off
    total = (x
             + [f for f in [T.exp(y)] if f is not y][-1])
    # fmt: on
    f = compiled([x, y], total * 2)
    with pytest.raises(ShapeError) as caught:
        f(np.ones(3), np.ones(4))
    assert caught.value.places[0].text.strip() == "total = (x"
    assert "the result of exp" in str(caught.value)


def test_places_inside_loops_and_branches(compiled: Callable[..., Any]) -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    sums, _ = kg.scan(lambda row, w: (row * w).sum(), [x], non_sequences=[w])
    f = compiled([x, w], sums)
    with pytest.raises(ShapeError) as caught:
        f(np.ones((2, 3)), np.ones(4))
    check(caught.value, "KG-S001", "has size 3", "has size 4", at="row * w")
    flag = T.dscalar("flag")
    g = compiled([flag, x, w], kg.ifelse(flag > 0, x.dot(w), w))
    np.testing.assert_array_equal(g(-1.0, np.ones((2, 3)), np.ones(4)), np.ones(4))
    with pytest.raises(ShapeError) as caught:
        g(1.0, np.ones((2, 3)), np.ones(4))
    check(caught.value, "KG-S002", "has 3 columns", "has 4 elements", at="x.dot(w)")


def test_failed_calls_leave_shared_variables_alone(compiled: Callable[..., Any]) -> None:
    x, w, count = T.dvector("x"), kg.shared(np.ones(3), "w"), kg.shared(0, "count")
    f = compiled([x], x + w, updates=[(count, count + 1), (w, w * x)])
    with pytest.raises(ShapeError):
        f(np.ones(4))
    assert count.get_value() == 0
    np.testing.assert_array_equal(w.get_value(), np.ones(3))
    f(2 * np.ones(3))
    assert count.get_value() == 1
    np.testing.assert_array_equal(w.get_value(), 2 * np.ones(3))


# -------------------------------------------------------------------------------------------- depth


DEPTH = 100_000
STACK = 2**20
"""Bytes for the stages to run in: an eighth of what a process begins with, so that what goes down
into a graph by calls, in Python or in C, gets no further than in one of five times the depth.
"""


def test_h59_a_hundred_thousand_nodes_deep(record_property: Callable[[str, object], None]) -> None:
    """Every stage walks in loops, in time that grows like the graph; the seconds are noted with the
    result. The thread has an eighth of the usual stack.
    """
    before = threading.stack_size(STACK)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_deep_graph)
    threading.stack_size(before)
    seconds = running.result()
    record_property("seconds", seconds)
    assert within(sum(seconds.values()), 300), f"not linear in the size of the graph: {seconds}"


def _deep_graph() -> dict[str, float]:
    """What each stage took for a graph that is one long chain."""
    seconds: dict[str, float] = {}
    last = time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[stage] = round(now - last, 2)
        last = now

    x = T.dvector("x")
    y = x
    for k in range(DEPTH // 2):
        y = T.sin(y) * (0.75 if k % 2 else 1.25)
    lap("build")
    gradient = T.grad(y.sum(), x)
    lap("differentiate")
    text = kg.debugprint(y, file="str")
    assert text is not None
    assert len(text) < 1_000_000
    assert len(repr(Graph((x,), (y,)))) < 100_000
    assert len(str(y)) < 100
    lap("print")
    value = np.array([0.5, -1.0])
    expected = kg.function([x], y, target="interpret")(value)
    lap("interpret")
    slope = kg.function([x], gradient, target="interpret", rules=())(value)
    lap("interpret the gradient")
    f = kg.function([x], y, target="c")
    lap("compile")
    np.testing.assert_allclose(f(value), expected, rtol=1e-10)
    lap("run")
    wanted, point = np.ones(2), value
    for k in range(DEPTH // 2):
        factor = 0.75 if k % 2 else 1.25
        wanted, point = wanted * np.cos(point) * factor, np.sin(point) * factor
    np.testing.assert_allclose(slope, wanted, rtol=1e-9, atol=1e-300)
    return seconds


def test_h60_a_graph_of_shared_parts(compiled: Callable[..., Any]) -> None:
    """x + x a thousand times over: 2 to the power of 1000 paths, a thousand nodes."""
    x = y = T.dscalar("x")
    for _ in range(1000):
        y = y + y
    f = compiled([x], [y, T.grad(y, x)])
    assert f(1.0)[0] == f(1.0)[1] == 2.0**1000


def test_sizes_made_of_shared_parts(compiled: Callable[..., Any]) -> None:
    """The same of a size: what the host computes is not written out path by path."""
    x, n = T.dvector("x"), T.lscalar("n")
    size = n
    for _ in range(60):
        size = size + size - size
    f = compiled([x, n], x[:size] * 2)
    np.testing.assert_array_equal(f(np.arange(9.0), 4), [0, 2, 4, 6])


# -------------------------------------------------------------------------- a machine that does not


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python with this package."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_h66_no_compiler(tmp_path: Path) -> None:
    """NumPy takes over, with one warning in a process; who asks for C by name gets an error."""
    code = """
    import sys, warnings
    sys.modules["ziglang"] = None  # a compiler that pip can install
    import numpy as np, kernelgraph as kg, kernelgraph.tensor as T
    x, w = T.dvector("x"), kg.shared(1.0, "w")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f = kg.function([x], x * w, updates=[(w, w + 1)])
        g = kg.function([x], T.grad((x ** 2).sum(), x))
    assert f.target == g.target == "interpret"
    assert list(f([1.0, 2.0])) == [1.0, 2.0]
    assert list(f([1.0, 2.0])) == [2.0, 4.0]
    assert w.get_value() == 3.0
    assert list(g([1.0, 2.0])) == [2.0, 4.0]
    assert len(caught) == 1 and "KG-K001" in str(caught[0].message), caught
    assert caught[0].filename == "<string>", "it points into the package"
    try:
        kg.function([x], x * 2, target="c")
    except kg.errors.CompileError as error:
        assert error.code == "KG-K001" and "pip install" in error.hint
    else:
        raise AssertionError("no error")
    """
    environment = dict.fromkeys(("CC", "KERNELGRAPH_CC"), "")
    done = python(
        code, PATH=str(tmp_path), KERNELGRAPH_CACHE=str(tmp_path / "cache"), **environment
    )
    assert done.returncode == 0, done.stderr


def test_a_compiler_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = tmp_path / "cc"
    false.write_text("#!/bin/sh\nexit 1\n")
    false.chmod(0o755)
    monkeypatch.setenv("KERNELGRAPH_CC", str(false))
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    x = T.dvector("x")
    with pytest.raises(CompileError, match="KG-K0"):
        kg.function([x], x * 2, target="c")


INTERRUPTED = """
    import numpy as np, kernelgraph as kg, kernelgraph.tensor as T, time
    x, s, n = T.dvector("x"), T.dscalar("s"), T.lscalar("n")
    y = x
    for _ in range(20):
        y = T.sin(y)
    states, _ = kg.scan(lambda a: T.cos(a), outputs_info=[s], n_steps=n)
    wide = T.dmatrix("wide")
    jobs = [
        ("elementwise", [x], y, [np.ones(20_000_000)], [np.ones(3)]),
        ("loop", [s, n], states[-1], [1.0, 100_000_000], [1.0, 3]),
        ("rows", [wide], T.tanh(T.sin(wide)).sum(axis=1),
         [np.ones((2, 40_000_000))], [np.ones((2, 3))]),
    ]
    for name, inputs, out, long, short in jobs:
        a, b = kg.shared(0.0, "a"), kg.shared(np.zeros(3), "b")
        f = kg.function(inputs, out, updates=[(a, a + 1), (b, b + out.sum())], target="c")
        expected = f(*short)
        before = a.get_value(), b.get_value()
        for _ in range(3):
            print("go", name, flush=True)
            try:
                f(*long)
                print("finished", flush=True)
            except KeyboardInterrupt:
                print("interrupted", time.time(), flush=True)
            assert a.get_value() == before[0], "half an update"
            assert (b.get_value() == before[1]).all(), "half an update"
        assert np.array_equal(f(*short), expected), "the next call is wrong"
        assert a.get_value() == 2.0
"""


def test_h82_ctrl_c_in_a_c_loop(record_property: Callable[[str, object], None]) -> None:
    """It ends at once, nothing is updated, and the next call is right."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    delays: dict[str, list[float]] = {}
    for line in child.stdout:
        name = line.split()[1]
        time.sleep(0.2)
        sent = time.time()
        child.send_signal(signal.SIGINT)
        answer = child.stdout.readline().split()
        assert answer[:1] == ["interrupted"], f"{name}: {answer}"
        delays.setdefault(name, []).append(float(answer[1]) - sent)
    _, complaints = child.communicate(timeout=60)
    assert child.returncode == 0, complaints
    assert set(delays) == {"elementwise", "loop", "rows"}
    record_property("seconds", delays)
    for name, found in delays.items():
        assert min(found) < 0.1, f"{name} took {found} seconds to stop"


# ------------------------------------------------------------------------------------ hostile names


NAMES = [
    "<img src=x onerror=alert(1)>", '"]; evil [label="', "</svg><script>",
    r"$\href{javascript:alert(1)}$", "a" * 1_000_000, "\N{SNAKE}", "\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "nul\0byte", "\ud800", "*/ #include </etc/passwd> /*", 'x; system("id")', "new\nline",
    "#define int", "??/", "\\", "//", "'''", '"""', "{x}", "{{}}", "%s", "", " ", "0", "1x", "_",
    "__init__", "__attribute__", "_Bool", "é", "λ", "x y",
]  # fmt: skip

KEYWORDS_AND_COMPANY = """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while _Generic asm typeof bool true
    and as assert async await class def del elif except finally from global import in is lambda
    nonlocal not or pass raise try with yield None True False self print len range int str np
    min max sum abs pow
    I NAN INFINITY NULL EOF M_PI INT64_MIN UINT8_MAX HUGE_VAL errno complex imaginary size_t
    int8_t uint64_t ptrdiff_t int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64
    bool8 double_t
    exp expf expl expm1 log log1p sqrt sin cos tanh pow powf fabs fabsf cexp gamma lgamma j0 y0
    y1 index div isnan floor
    magnitude power power_integer truncate_int8 wrap_int8 to_int8 to_float64 to_bool sign divide
    slice_start slice_stop slice_length bytes_of fail host values status lane work kg_host block
    kg_value KG_DONE KG_EXPORT PROGRAM program call check in_bounds part scratch_mark
    i j k l m i_start i_stop i_base j_base i_next x_s0 x_s1 x_n0 x_at0 x_lanes x_out x_next
    total_lanes sum_total max_best kernel_0 kernel_1 copy copy_1 x x_1 x_1_1 v_x turn step row
    constant input at_strides all_blocks
"""
WORDS = KEYWORDS_AND_COMPANY.split()


def _computed_with(names: list[str]) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Vectors with these names through loops, sums and indices; and single numbers and results
    with the same.
    """
    inputs: list[Any] = []
    outputs: list[Any] = []
    values: list[Any] = []
    expected: list[Any] = []
    rng = np.random.default_rng(0)
    for number, name in enumerate(names):
        vector, scalar = T.dvector(name), T.dscalar(name)
        product = vector * scalar
        product.name = name
        a, b = rng.normal(size=5), float(number + 1)
        inputs += [vector, scalar]
        values += [a, b]
        outputs += [product.sum(), vector[1::-1] + scalar]
        expected += [(a * b).sum(), a[1::-1] + b]
    return inputs, outputs, values, expected


@pytest.fixture
def unoptimised(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """C is compiled quickly, where it is long and only has to be right."""
    compiler = quick_compiler(tmp_path_factory.getbasetemp(), "-O0")
    monkeypatch.setenv("KERNELGRAPH_CC", compiler)


@pytest.mark.usefixtures("unoptimised")
@pytest.mark.parametrize("target", ["python", "c"])
@pytest.mark.parametrize("names", [NAMES, *(WORDS[k::5] for k in range(5)), ["x"] * 20])
def test_h84_names(target: str, names: list[str]) -> None:
    """Of a name, letters, digits and underscores reach the generated text, and no name means
    anything else there.
    """
    inputs, outputs, values, expected = _computed_with(names)
    f = kg.function(inputs, outputs, target=target)
    for wanted, got in zip(expected, f(*values), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-14)
    text = f.stages.source.text
    assert text.isascii()
    for piece in ("alert(", "<img", "etc/passwd", "system(", "href{", "#include </", "evil ["):
        assert piece not in text
    assert max(map(len, text.splitlines())) < 20_000


@pytest.mark.parametrize("name", NAMES)
def test_h84_names_in_errors_and_text(name: str) -> None:
    """Errors and texts about a variable with such a name can be made, and written."""
    x = T.dvector(name)
    f = kg.function([x], x * 2, target="interpret", name=name)
    for make in (
        lambda: str(f),
        lambda: repr(f.graph),
        lambda: str(f.stages.schedule),
        lambda: kg.debugprint(f, file="str"),
    ):
        assert isinstance(make(), str)
    with pytest.raises(KernelgraphError) as caught:
        f("no array")
    assert len(str(caught.value)) < 2_000


def test_every_error_has_a_code() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, KernelgraphError)
    ]
    assert len(kinds) > 15
    for kind in kinds:
        assert re.fullmatch(r"KG-[A-Z]\d{3}", kind.default_code)
        assert str(kind("text")).startswith(f"[{kind.default_code}] text")


# ---------------------------------------------------------------------- what comes from elsewhere


def test_h21_digits_that_would_be_lost(compiled: Callable[..., Any]) -> None:
    """float64 numbers for a float32 input: refused, unless the caller says that it is meant."""
    x = T.fvector("x")
    with pytest.raises(DTypeError) as caught:
        compiled([x], x * 2)(np.array([0.1, -7.3]))
    check(
        caught.value,
        "KG-D004",
        "argument 0 'x'",
        "float32",
        "float64",
        "largest value that would change is 0.1",
    )
    meant = compiled([x], x * 2, allow_input_downcast=True)(np.array([0.1, -7.3]))
    assert meant.dtype == "float32"


@pytest.mark.parametrize("value", [3.0, 3, np.float64(3), np.float32(3), np.array(3.0), True])
def test_h27_single_numbers_of_every_kind(value: Any, compiled: Callable[..., Any]) -> None:
    x, v = T.dscalar("x"), T.dvector("v")
    result = compiled([x], x * 2)(value)
    assert (result.ndim, float(result)) == (0, 2 * float(value))
    with pytest.raises(StaticShapeError, match="expected 1, got 0"):
        compiled([v], v * 2)(value)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_h45_relatives_of_arrays(compiled: Callable[..., Any], tmp_path: Path) -> None:
    x = T.dmatrix("x")
    f = compiled([x], x * 2)
    mapped = np.memmap(tmp_path / "numbers", dtype="float64", shape=(1, 2), mode="w+")
    mapped[:] = [[1, 2]]
    matrix: Any = np.array([[1.0, 2.0]]).view(np.matrix)
    for value in (matrix, mapped):
        result = f(value)
        assert type(result) is np.ndarray
        assert result.tolist() == [[2.0, 4.0]]
    with pytest.raises(DTypeError, match=r"KG-D006.*mask"):
        f(np.ma.masked_array([[1.0, 2.0]], [[False, True]]))
    with pytest.raises(DTypeError, match="KG-D"):
        f(np.rec.array([(1.0, 2)], dtype=[("a", "f8"), ("b", "i8")]))


class Offer:
    """An object that offers an array by one of the protocols."""

    def __init__(self, **methods: Any) -> None:
        self.array = np.array([1.0, 2.0])
        for name, method in methods.items():
            setattr(type(self), name, method)


def offer(**methods: Any) -> Any:
    return type("Offer", (Offer,), {})(**methods)


def test_h46_arrays_of_other_libraries(compiled: Callable[..., Any]) -> None:
    f = compiled([x := T.dvector("x")], x * 2)
    good = [
        offer(__array__=lambda self, dtype=None, copy=None: self.array),
        offer(
            __dlpack__=lambda self, **options: self.array.__dlpack__(**options),
            __dlpack_device__=lambda self: self.array.__dlpack_device__(),
        ),
        offer(__array_interface__={
            "shape": (2,), "typestr": "<f8", "data": np.array([1.0, 2.0]).tobytes(), "version": 3,
        }),
    ]  # fmt: skip
    for value in good:
        assert f(value).tolist() == [2.0, 4.0]


def boom(self: Any, dtype: Any = None, copy: Any = None) -> Any:
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    ("methods", "text"),
    [
        ({"__array__": boom}, "boom"),
        ({"__dlpack__": boom, "__dlpack_device__": boom}, "boom"),
        ({"__array_interface__": {
            "shape": (10**6,), "typestr": "<f8", "data": bytes(16), "version": 3,
        }}, "too small"),
        ({"__array_interface__": {
            "shape": (10**6,), "typestr": "<f8", "data": (4096, False), "version": 3,
        }}, "names an address"),
    ],
)  # fmt: skip
def test_h46_offers_that_cannot_be_kept(
    methods: dict[str, Any], text: str, compiled: Callable[..., Any]
) -> None:
    x = T.dvector("x")
    with pytest.raises(DTypeError, match=f"KG-D007.*argument 0 'x'.*{text}"):
        compiled([x], x * 2)(offer(**methods))


# --------------------------------------------------------------------------------- odd derivatives


def test_h55_derivatives_by_what_has_none(compiled: Callable[..., Any]) -> None:
    x, n = T.dscalar("x"), T.lscalar("n")
    for other in (n, T.dscalar("other"), T.constant(2.0)):
        with pytest.raises(errors.DisconnectedInputError) as caught:
            T.grad(x * n, other)
        check(caught.value, "KG-G021", "does not depend on", 'disconnected_inputs="ignore"')
        zero = T.grad(x * n, other, disconnected_inputs="ignore")
        assert zero.dtype.startswith("float")
        assert compiled([], zero)() == 0


def test_h56_an_op_without_a_derivative_names_its_line() -> None:
    x = T.dvector("x")
    halved = kg.as_op([x.type], [x.type])(lambda v: v / 2)
    cost = (halved(x) * x).sum()
    with pytest.raises(ValueError, match=r"KG-G022[\s\S]*halved\(x\) \* x"):
        T.grad(cost, x)
    assert T.grad(cost, x, consider_constant=[cost.owner.inputs[0].owner.inputs[0]]) is not None


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_h58_hessians_through_loops(steps: int, compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    rows, _ = kg.scan(lambda a: a * x * x, outputs_info=T.exp(x), n_steps=T.lscalar("n"))
    (n,) = (v for v in T.graph_inputs(rows) if v.name == "n")
    slope = T.grad(rows.sum(), x)
    found = compiled([x, n], [slope, kg.hessian(rows.sum(), x)])([0.5, -1.0], steps)
    at = np.array([0.5, -1.0])
    terms = [(np.exp(at), 2 * k) for k in range(1, steps + 1)]  # exp(x) * x ** p, differentiated
    first = sum((e * (at**p + p * at ** (p - 1)) for e, p in terms), np.zeros(2))
    second = sum(
        (e * (at**p + 2 * p * at ** (p - 1) + p * (p - 1) * at ** (p - 2)) for e, p in terms),
        np.zeros(2),
    )
    np.testing.assert_allclose(found[0], first, rtol=1e-12)
    np.testing.assert_allclose(found[1], np.diag(second), rtol=1e-12, atol=1e-15)


def test_h62_replacements_of_another_type() -> None:
    x, m = T.dvector("x"), T.fmatrix("m")
    calls: list[Callable[[], Any]] = [
        lambda: kg.clone(x * 2, {x: m}),
        lambda: kg.graph_replace(x * 2, {x: m}),
        lambda: kg.vectorize_graph(x * 2, {x: m}),
        lambda: kg.function([m], x * 2, givens={x: m}),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"KG-G030[\s\S]*") as caught:
            call()
        assert "float64[?]" in str(caught.value)
        assert "float32[?, ?]" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "at", "slope"),
    [
        (T.sqrt, 0.0, np.inf),
        (abs, 0.0, 0.0),
        (lambda x: x**0, 0.0, 0.0),
        (lambda x: T.maximum(x, 0.0), 0.0, 0.5),
        (T.nnet.relu, 0.0, 0.0),
        (lambda x: T.clip(x, 0.0, 1.0), 1.0, 0.0),
        (lambda x: T.sqrt(x * x), 0.0, 0.0),
        (lambda x: T.switch(x > 0, T.sqrt(x), 0.0), 0.0, 0.0),
        (lambda x: T.switch(x > 0, T.log(T.switch(x > 0, x, 1.0)), 0.0), 0.0, 0.0),
    ],
)
def test_h57_slopes_where_functions_bend(
    make: Any, at: float, slope: float, compiled: Callable[..., Any]
) -> None:
    """At a bend the slope is one between those on either side; a vertical one is infinite, and 0
    where it is not chosen.
    """
    x = T.dscalar("x")
    found = compiled([x], T.grad(make(x), x), on_unused_input="ignore")(at)
    assert found == slope


def test_h57_what_is_not_chosen_has_no_slope(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    chosen = T.switch(x > 0, T.log(x), 0.0).sum()
    assert kg.lint(chosen) == []
    np.testing.assert_array_equal(compiled([x], T.grad(chosen, x))([0.0, -1.0, 2.0]), [0, 0, 0.5])


def test_h57_a_product_behind_a_choice_counts_what_is_chosen() -> None:
    m = T.dmatrix("m")
    chosen = T.switch(m > 0, T.dot(T.log(m), m), 0.0).sum()
    assert kg.lint(chosen) == []
    safe = T.switch(m > 0, T.dot(T.log(T.switch(m > 0, m, 1.0)), m), 0.0).sum()
    slope = kg.function([m], [T.grad(cost, m) for cost in (chosen, safe)], target="interpret")
    found, shielded = slope([[1.0, 2.0], [3.0, 0.5]])
    np.testing.assert_allclose(found, shielded)
    found, _ = slope([[1.0, 2.0], [3.0, 0.0]])
    assert not np.isnan(found).any()


def test_h24_a_row_that_met_a_column_is_named() -> None:
    a = T.TensorType("float64", (5000,))("a")
    b = T.TensorType("float64", (5000, 1))("b")
    (finding,) = kg.lint(a + b)
    assert (finding.code, "25000000" in finding.message) == ("KG-L001", True)
    assert kg.lint(a + b.flatten()) == []


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_declared_size_is_checked_against_every_operand(
    size: int, length: int, compiled: Callable[..., Any]
) -> None:
    if size == length:
        return
    x, v = T.TensorType("float64", (None, size))("x"), T.dvector("v")
    y = T.TensorType("float64", (3,))("y")
    with pytest.raises(ShapeError):
        compiled([x, v], T.dot(x, v))(np.ones((3, size)), np.ones(length))
    with pytest.raises(ShapeError):
        compiled([v, y], T.exp(v * 2) + y)(np.ones(length), np.ones(3))


def test_an_integer_has_no_sign_of_zero(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [1 / T.cast(x, "int64"), T.cast(T.cast(x, "float32"), "float64")])
    with np.errstate(all="ignore"):
        quotient, kept = f(np.array([-0.0, -0.5, 0.5] * 9))
    assert (quotient == np.inf).all()
    assert np.signbit(kept[:2]).all()
