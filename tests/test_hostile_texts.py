"""What errors say of hostile numbers, shapes and indices: the variables by name, the user's line,
the sizes, dtypes or indices at fault, and what to try. The numbers H-… are those of the project's
catalogue of hostile cases.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AliasError
from tests.support import TARGETS

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

prices, limits = T.dvectors("prices", "limits")
table, weights = T.dmatrices("table", "weights")
cube, fixed = T.dtensor3("cube"), T.tensor("float64", (2, 3), "fixed")
votes, ways = T.lvectors("votes", "ways")
rates, signal = T.fvector("rates"), T.zvector("signal")
n, m = T.lscalars("n", "m")
small, counts = T.bvector("small"), T.tensor("uint8", (None,), "counts")
keep = T.tensor("bool", (None,), "keep")


def ones(*shape: int) -> Any:
    return np.ones(shape)


Fragments = tuple[str, ...]


@dataclass(frozen=True)
class AtRunTime:
    """A call that fails: the expression, its inputs with their values, and what the error says."""

    make: Callable[[], Any]
    given: dict[Any, Any]
    code: str
    fragments: Fragments


RUN: dict[str, AtRunTime] = {
    "H-06 powers": AtRunTime(
        lambda: T.exp((votes**ways) * 2.0), {votes: [2, 3], ways: [1, -2]}, "KG-V004",
        ("votes (int64[?]) to the power of ways (int64[?])", "votes ** T.cast(ways, 'float64')"),
    ),
    "H-06 a power of a number": AtRunTime(
        lambda: 2**ways, {ways: [1, -1]}, "KG-V004", ("the constant 2 (int8) to the power of ways",)
    ),
    "H-22 products": AtRunTime(
        lambda: T.tanh(T.dot(table, weights)).sum(), {table: ones(2, 3), weights: ones(4, 2)},
        "KG-S002", ("table (float64[?, ?]) has 3 columns, weights (float64[?, ?]) has 4 rows",
                    "did you mean"),
    ),
    "H-22 stacks": AtRunTime(
        lambda: T.matmul(cube, weights), {cube: ones(2, 3, 4), weights: ones(3, 4)}, "KG-S002",
        ("cube", "by weights", "4 along axis 2, 3 along axis 0", "dimshuffle"),
    ),
    "H-23 sums": AtRunTime(
        lambda: T.exp(table + weights), {table: ones(2, 3), weights: ones(4, 3)}, "KG-S001",
        ("dimension 0 of table (float64[?, ?]) has size 2",
         "dimension 0 of weights (float64[?, ?]) has size 4", "weights[:2]"),
    ),
    "H-23 a vector in line with a matrix": AtRunTime(
        lambda: T.where(table > 0, table, prices), {table: ones(2, 3), prices: ones(4)}, "KG-S001",
        ("dimension 0 of prices (float64[?]) has size 4", "prices[:, None]"),
    ),
    "H-23 a size that turns out to be 1": AtRunTime(
        lambda: table - weights, {table: ones(2, 3), weights: ones(1, 3)}, "KG-S001",
        ("dimension 0 of weights (float64[?, ?]) has size 1", "T.row, T.col"),
    ),
    "H-25 the largest of nothing": AtRunTime(
        lambda: T.max(prices) * 2, {prices: ones(0)}, "KG-S010",
        ("max of an empty axis", "dimension 0 of prices (float64[?]) has size 0", "x.shape[0]"),
    ),
    "H-25 the place of the largest": AtRunTime(
        lambda: T.argmax(table, axis=1), {table: ones(3, 0)}, "KG-S010",
        ("dimension 1 of table (float64[?, ?]) has size 0", "x.shape[1]"),
    ),
    "H-29 a reshape": AtRunTime(
        lambda: T.exp(table.reshape((n, 4))), {table: ones(2, 3), n: 2}, "KG-S004",
        ("table (float64[?, ?])", "to (2, 4)", "6 elements, 2 × 4 asks for 8", "-1"),
    ),
    "H-29 sizes that divide nothing": AtRunTime(
        lambda: table.reshape((n, -1)), {table: ones(2, 3), n: 4}, "KG-S004",
        ("table (float64[?, ?])", "6 elements, which is no multiple of ", "must divide 6"),
    ),
    "H-29 any size would do": AtRunTime(
        lambda: table.reshape((n, -1)), {table: ones(0, 3), n: 0}, "KG-S004",
        ("table (float64[?, ?]) to (n, -1)", "have the product 0, so -1 may be any size"),
    ),
    "H-29 a negative size": AtRunTime(
        lambda: table.reshape((n, 3)), {table: ones(2, 3), n: -2}, "KG-S004",
        ("table (float64[?, ?])", "no dimension can have size -2"),
    ),
    "H-32 an index": AtRunTime(
        lambda: T.exp(table[:, n]), {table: ones(2, 3), n: -4}, "KG-I001",
        ("index -4 is out of bounds for dimension 1 of table (float64[?, ?])", "size is 3",
         "from -3 to 2"),
    ),
    "H-32 an index array": AtRunTime(
        lambda: T.inc_subtensor(prices[votes], 1.0), {prices: ones(3), votes: [0, 7]}, "KG-I001",
        ("index 7 is out of bounds for dimension 0 of prices", "an element of votes (int64[?])",
         "from -3 to 2"),
    ),
    "H-32 a mask": AtRunTime(
        lambda: prices[keep], {prices: ones(3), keep: [True]}, "KG-I006",
        ("the mask keep (bool[?]) has size 1 along axis 0", "has 3", "x[x > 0]"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", RUN)
def test_calls_that_fail(row: str) -> None:
    case = RUN[row]
    for target in TARGETS:
        f = kg.function(list(case.given), case.make(), target=target)
        with pytest.raises(kg.KernelgraphError) as caught:
            f(*case.given.values())
        _expect(caught.value, case.code, case.fragments)


def _expect(error: kg.KernelgraphError, code: str, fragments: Fragments) -> None:
    text = str(error)
    assert text.startswith(f"[{code}]"), text
    for fragment in (*fragments, "test_hostile_texts.py, line ", "^^", "Try:  "):
        assert fragment in text, f"{fragment!r} is missing in\n{text}"


Build = tuple[Callable[[], Any], type[Exception], str, Fragments]

BUILT: dict[str, Build] = {
    "H-06": (lambda: votes**-2, ValueError, "KG-V004", ("votes (int64[?])", "votes ** -2.0")),
    "H-07 a constant": (
        lambda: T.constant(300, dtype="int8"), OverflowError, "KG-D005",
        ("300 is no int8", "-128 to 127"),
    ),
    "H-07 filled": (
        lambda: T.full((n, 2), -1, dtype="uint8"), OverflowError, "KG-D005",
        ("-1 is no uint8", "0 to 255"),
    ),
    "H-07 filled alike": (
        lambda: T.full_like(small, 300), OverflowError, "KG-D005", ("300 is no int8",)
    ),
    "H-07 set": (
        lambda: T.set_subtensor(small[0], 300), OverflowError, "KG-D005", ("300 is no int8",)
    ),
    "H-07 on a diagonal": (
        lambda: T.fill_diagonal(T.cast(table, "int8"), 300), OverflowError, "KG-D005",
        ("300 is no int8",),
    ),
    "H-07 around": (
        lambda: T.pad(counts, 1, constant_values=300), OverflowError, "KG-D005",
        ("300 is no uint8",),
    ),
    "H-07 too large for any": (
        lambda: prices + 2**70, OverflowError, "KG-D005", (str(2**70), "int64", "float")
    ),
    "H-18 an op": (
        lambda: T.floor(signal), TypeError, "KG-D003", ("floor(signal (complex128[?]))", ".real")
    ),
    "H-18 softmax": (
        lambda: T.softmax(signal), TypeError, "KG-D003",
        ("softmax is for real numbers", "signal (complex128[?])", ".real"),
    ),
    "H-18 quantiles": (
        lambda: T.quantile(signal, 0.5), TypeError, "KG-D003", ("signal (complex128[?])", ".real")
    ),
    "H-18 set": (
        lambda: T.set_subtensor(prices[:2], signal), TypeError, "KG-D003",
        ("signal (complex128[?]) does not fit into prices (float64[?])", ".real"),
    ),
    "H-18 givens": (
        lambda: kg.function([signal], prices * 2, givens={prices: signal}), TypeError, "KG-G030",
        ("prices (float64[?])", "signal (complex128[?])", ".real"),
    ),
    "H-18 gradients": (
        lambda: T.grad(signal.sum(), signal), TypeError, "KG-G020", ("cost must be real", ".real")
    ),
    **{
        f"H-19 {value.dtype}": (
            lambda value=value: kg.function([prices], prices)(value), TypeError, "KG-D001",
            ("argument 0 'prices'", "is not supported", "float16, float32, float64", ".astype"),
        )
        for value in (
            np.array([None]), np.array(["a"]), np.array(["2020-01-01"], "M8[D]"),
            np.zeros(2, [("a", "f8")]), np.zeros(2, "V4"), np.zeros(2, np.longdouble),
        )
    },
    "H-20": (
        lambda: T.cast(prices, "bfloat16"), TypeError, "KG-D001",
        ("dtype bfloat16 is not supported", "float16, float32, float64"),
    ),
    "H-21": (
        lambda: kg.function([rates], rates * 2)(np.array([0.1, np.nan, 2.0])), TypeError, "KG-D004",
        ("argument 0 'rates'", "float32", "float64", "value that would change is 0.1",
         "allow_input_downcast=True"),
    ),
    "H-21 a shared variable": (
        lambda: kg.shared(np.float32(1), "bias").set_value(np.float64(0.1)), TypeError, "KG-D004",
        ("bias: float32", "value that would change is 0.1", ".astype('float32')"),
    ),
    "H-22": (
        lambda: T.dot(fixed, T.tensor("float64", (2, 3), "other")), ValueError, "KG-S002",
        ("fixed (float64[2, 3]) has 3 columns, other (float64[2, 3]) has 2 rows",
         "fixed.T or other.T"),
    ),
    "H-23": (
        lambda: fixed + T.tensor("float64", (4, 3), "other"), ValueError, "KG-S001",
        ("fixed: 2  3\n", "other: 4  3\n           ^"),
    ),
    "H-28 out of range": (
        lambda: table.sum(axis=2), IndexError, "KG-S003",
        ("axis 2 does not exist in table (float64[?, ?])", "2 dimensions", "from -2 to 1"),
    ),
    "H-28 twice": (
        lambda: T.mean(table, axis=(0, -2)), ValueError, "KG-S003",
        ("(0, -2) names axis 0 twice in table (float64[?, ?])",),
    ),
    "H-28 a truth value": (
        lambda: T.cumsum(table, axis=True), ValueError, "KG-S003",
        ("an axis is an integer, not True, in table",),
    ),
    "H-28 of a stack": (
        lambda: T.stack([table, weights], axis=5), ValueError, "KG-S003",
        ("axis 5 does not exist in a stack of arrays like table", "from -3 to 2"),
    ),
    "H-28 new": (
        lambda: T.expand_dims(table, 9), ValueError, "KG-S003",
        ("axis 9 does not exist in table (float64[?, ?]) with new axes", "from -3 to 2"),
    ),
    "H-28 an order": (
        lambda: table.dimshuffle(0, 5), IndexError, "KG-S003",
        ("dimshuffle(0, 5): axis 5 does not exist in table", "from 0 to 1"),
    ),
    "H-28 an order that repeats": (
        lambda: table.dimshuffle(1, 1), IndexError, "KG-S003", ("names axis 1 twice in table",)
    ),
    "H-29": (
        lambda: fixed.reshape((4, -1)), ValueError, "KG-S004",
        ("fixed (float64[2, 3])", "2 × 3 = 6 elements, which is no multiple of 4"),
    ),
    "H-29 two sizes left open": (
        lambda: table.reshape((-1, -1)), ValueError, "KG-S004",
        ("table (float64[?, ?])", "one size at most may be -1"),
    ),
    "H-32": (
        lambda: fixed[:, -5], IndexError, "KG-I001",
        ("index -5 is out of bounds for dimension 1 of fixed (float64[2, 3])", "size is 3",
         "from -3 to 2"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", BUILT)
def test_what_cannot_be_built(row: str) -> None:
    make, kind, code, fragments = BUILT[row]
    with pytest.raises(kind) as caught:
        make()
    assert isinstance(caught.value, kg.KernelgraphError)
    _expect(caught.value, code, fragments)


TOLD: dict[str, tuple[Callable[[], Any], dict[Any, Any], Any, str]] = {
    "H-02": (lambda: votes % ways + 1, {votes: [5, -7], ways: [0, 2]}, [1, 2], "integers by 0"),
    "H-08": (
        lambda: T.cast(prices * 2, "int8"), {prices: [np.nan, 1e20, -np.inf, 1.5]},
        [0, 127, -128, 3], "NaN made an int8 is 0, a number beyond int64 the nearest end",
    ),
    "H-26": (lambda: T.var(prices), {prices: []}, np.nan, "no numbers is NaN"),
    "H-26 medians": (lambda: T.median(prices), {prices: []}, np.nan, "elements that is 0"),
    "H-26 medians of rows": (
        lambda: T.median(table, axis=1), {table: ones(2, 0)}, [np.nan, np.nan], "elements that is 0"
    ),
    "H-26 medians of integers": (
        lambda: T.median(votes), {votes: []}, np.nan, "elements that is 0"
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", TOLD)
def test_what_is_told_once(row: str) -> None:
    make, given, wanted, words = TOLD[row]
    for target in TARGETS:
        f = kg.function(list(given), make(), target=target)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            np.testing.assert_array_equal(f(*given.values()), wanted)
        (warning,) = found
        assert warning.category is RuntimeWarning
        assert words in str(warning.message)
        assert "test_hostile_texts.py, line " in str(warning.message)


def test_h25_nothing_that_is_no_error() -> None:
    """As in NumPy: counts of nothing, and medians of rows that are not there."""
    outputs = [*T.histogram(prices, 4), T.median(table, axis=0)]
    counted, ends = np.histogram(ones(0), 4)
    for target in TARGETS:
        found = kg.function([prices, table], outputs, target=target)(ones(0), ones(3, 0))
        for got, wanted in zip(found, (counted, ends, ones(0)), strict=True):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("target", TARGETS)
def test_h33_a_read_only_array_for_a_mutable_input(target: str) -> None:
    """Refused with the name of the input, however it is given; what may be written to is taken,
    and stays as it was.
    """
    entries = [kg.In(prices, mutable=True), limits]
    f = kg.function(entries, T.set_subtensor(prices[0], 7.0) + limits, target=target, name="f")
    value, plain = np.arange(3.0), np.ones(3)
    assert f(value, plain).tolist() == [8, 2, 3]
    assert value.tolist() == [0, 1, 2]
    value.flags.writeable = False
    calls: list[Callable[[], Any]] = [
        lambda: f(value, plain), lambda: f(value[::-1], plain), lambda: f(value, limits=plain),
        lambda: f(limits=plain, prices=value), lambda: f.copy(name="f")(value, plain),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ValueError, match="KG-A001") as caught:
            call()
        assert type(caught.value) is AliasError
        assert "argument 0 'prices' of f: the input is mutable" in str(caught.value)
        assert "Try:  pass a copy (value.copy()), or drop mutable=True" in str(caught.value)
    assert f(value.copy(), value).tolist() == [7, 2, 4]
    assert f([1.0, 2.0, 3.0], plain).tolist() == [8, 3, 4]
    assert value.tolist() == [0, 1, 2]
    again = pickle.loads(pickle.dumps(f))
    with pytest.raises(AliasError):
        again(value, plain)


def test_h33_a_default_of_a_mutable_input() -> None:
    """What a function keeps itself is no array of the caller's."""
    value = np.arange(3.0)
    value.flags.writeable = False
    f = kg.function([kg.In(prices, value=value, mutable=True)], prices * 2)
    assert f().tolist() == [0, 2, 4]
    with pytest.raises(AliasError):
        f(value)
    with pytest.raises(kg.KernelgraphError, match="mutable"):
        kg.In(prices, mutable="yes")  # pyright: ignore[reportArgumentType]
