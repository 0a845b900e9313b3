"""Numbers and arrays that go wrong elsewhere: out of range, of dtypes that are none of ours, in
memory laid out oddly; and rules and ops of the user's that do.
"""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import promotion
from kernelgraph.errors import ArgumentError, DTypeError, GradientError, NonFiniteError
from kernelgraph.promotion import PromotionWarning
from kernelgraph.rewrite.engine import RewriteWarning
from kernelgraph.rewrite.rule import rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.types import INTEGERS, Array
from tests.support import TARGETS, specials

pytestmark = pytest.mark.usefixtures("cache_of_this_run")


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build


LIMITS = [("int8", 300), ("int8", -129), ("uint8", 256), ("int16", 2**15), ("int64", 2**63)]


@pytest.mark.parametrize(("dtype", "number"), LIMITS)
def test_h07_numbers_out_of_range(dtype: str, number: int) -> None:
    """A number makes an expression wide enough for it; what has its dtype refuses it."""
    x = T.tensor(dtype, (None,), "x")
    if abs(number) < 2**63:
        assert kg.function([x], x * 0 + number)([1]).tolist() == [number]
    f = kg.function([x], x)
    refused: dict[str, Callable[[], Any]] = {
        "an input": lambda: f([number]),
        "a constant": lambda: T.constant(number, dtype=dtype),
    }
    for label, make in refused.items():
        with pytest.raises(DTypeError) as caught:
            make()
        assert isinstance(caught.value, OverflowError) == (label == "a constant")
        assert str(number) in str(caught.value)
        assert dtype in str(caught.value)


def of_all_sizes(dtype: str) -> Array:
    """Floats of all exponents and both signs, with fractions and without, that fit an int64, and
    those beside powers of two, where integers end.
    """
    rng = np.random.default_rng(0)
    drawn = np.ldexp(rng.uniform(0.5, 1, 100), rng.integers(-3, 64, 100)).astype(dtype)
    powers = np.ldexp(1.0, np.arange(64)).astype(dtype)
    near = [powers - 1, np.nextafter(powers, 0), powers, powers + 0.5]
    positive = np.concatenate([drawn, np.rint(drawn), *near, specials(dtype)]).astype(dtype)
    found = np.concatenate([positive, -positive])
    wide = found.astype("float64")
    return found[(wide >= -(2.0**63)) & (wide < 2.0**63)]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_h09_floats_wrap_into_integers(dtype: str, compiled: Callable[..., Any]) -> None:
    """What fits an int64 is what NumPy makes of it by way of int64; and at once, where NumPy is
    defined, which on this architecture it also is for short integers.
    """
    x = T.tensor(dtype, (None,), "x")
    with np.errstate(over="ignore"):
        value = of_all_sizes(dtype)
    found = compiled([x], [T.cast(x, goal) for goal in INTEGERS])(value)
    for goal, got in zip(INTEGERS, found, strict=True):
        limits = np.iinfo(goal)
        assert got.dtype == goal
        np.testing.assert_array_equal(got, value.astype("int64").astype(goal))
        whole = np.trunc(value.astype("float64"))
        defined = (whole >= float(limits.min)) & (whole < float(int(limits.max) + 1))
        if platform.machine() in ("x86_64", "AMD64") and limits.bits < 32:
            defined = abs(whole) < 2.0**31
        assert defined.sum() > len(value) / 20
        np.testing.assert_array_equal(got[defined], value[defined].astype(goal))
    large = np.array([2.0**63, 1.5 * 2.0**63], "float64" if dtype == "float16" else dtype)
    if dtype != "float16":
        assert compiled([x], T.cast(x, "uint64"))(large).tolist() == [2**63, 3 * 2**62]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_h08_beyond_integers(dtype: str, compiled: Callable[..., Any]) -> None:
    """NaN is 0; what fits neither an int64 nor the dtype is the nearest end: one warning a call."""
    x = T.tensor(dtype, (None,), "x")
    beyond = [] if dtype == "float16" else [2.0**64, -(2.0**63) * 1.5, 1e20, -1e20]
    value = np.array([np.nan, np.inf, -np.inf, -np.nan, *beyond], dtype)
    with pytest.warns(RuntimeWarning, match="NaN made an int8 is 0") as told:
        found = compiled([x], [T.cast(x, goal) for goal in INTEGERS])(value)
    assert len(told) == 1
    for goal, got in zip(INTEGERS, found, strict=True):
        low, high = np.iinfo(goal).min, np.iinfo(goal).max
        assert got.tolist() == [0, high, low, 0, *[high, low, high, low][: len(beyond)]]
    for goal in ("uint8", "int64", "uint64"):
        f = compiled([x], T.cast(x, goal))
        for number in value:
            with pytest.warns(
                RuntimeWarning, match=f"NaN made an {goal} .* the nearest end"
            ) as told:
                f([number])
            assert len(told) == 1


def test_h09_integers_through_floats(compiled: Callable[..., Any]) -> None:
    """Between two integers a float that loses nothing changes nothing, for constants as well."""
    k = T.ivector("k")
    value = np.array([-1, 300, 70_000, -(2**31), 2**31 - 1], "int32")
    sources = (k, T.constant(value))
    through = [T.cast(T.cast(v, "float64"), goal) for goal in INTEGERS for v in sources]
    for rules in (DEFAULT, ()):
        found = compiled([k], through, rules=rules)(value)
        for goal, got, folded in zip(INTEGERS, found[::2], found[1::2], strict=True):
            np.testing.assert_array_equal(got, value.astype(goal))
            np.testing.assert_array_equal(folded, value.astype(goal))


def test_h15_long_sums_of_short_floats(compiled: Callable[..., Any]) -> None:
    ones = np.ones(2**25, "float32")
    single, half = T.fvector("x"), T.tensor("float16", (None,), "h")
    assert kg.function([single], single.sum(), target="c")(ones) == 2.0**25
    assert compiled([half], half.mean())(np.ones(70_000, "float16")) == 1.0


@pytest.mark.parametrize("dtype", ["bool", "int8", "int16", "int32", "uint8", "uint16", "uint32"])
def test_h16_sums_of_short_integers(dtype: str, compiled: Callable[..., Any]) -> None:
    x = T.tensor(dtype, (None,), "x")
    value = np.full(1000, 1 if dtype == "bool" else np.iinfo(dtype).max, dtype)
    found = compiled([x], x.sum())(value)
    assert found.dtype == np.sum(value).dtype
    assert found == np.sum(value)


@pytest.fixture
def short() -> Iterator[None]:
    """floatX is float32, and nothing has been noted of any line."""
    promotion.forget()
    with kg.config.change_flags(floatX="float32"):
        yield
    promotion.forget()


def noted(make: Callable[[], Any]) -> list[str]:
    """The dtype of an expression, and what was noted at its line."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        made = make()
    assert all(one.category is PromotionWarning for one in found)
    assert all(one.filename == __file__ for one in found)
    return [made.dtype, *(str(one.message) for one in found)]


K, S = T.lvector("k"), T.tensor("float32", (None,), "x")
MAXIMUM: Any = np.maximum
LONG = np.arange(3)

MIXED: dict[str, tuple[Callable[[], Any], str]] = {
    "an operator": (lambda: K + S, "k (int64[?]) makes the result of add a float64"),
    "another way round": (lambda: S**K, "k (int64[?]) makes the result of pow a float64"),
    "an array": (lambda: S * LONG, "makes the result of mul a float64"),
    "a function of NumPy's": (lambda: MAXIMUM(S, K), "k (int64[?]) makes"),
    "a choice": (lambda: T.switch(S > 0, S, K), "k (int64[?]) makes the result of switch"),
    "a product": (lambda: T.dot(S, K), "k (int64[?]) makes the result of dot"),
    "joined": (lambda: T.concatenate([S, K]), "k (int64[?]) makes the result of join"),
    "stacked": (lambda: T.stack([S[0], K[0]]), "subtensor{i} (int64) makes the result of stack"),
    "two": (lambda: T.switch(S > 0, S, K) + K, "k (int64[?]) makes the result of switch"),
    "a complex number": (
        lambda: T.tensor("complex64", (), "z") * T.iscalar("i"),
        "i (int32) makes the result of mul a complex128",
    ),
    "a short integer": (
        lambda: T.tensor("float16", (), "h") + T.iscalar("i"), "i (int32) makes"
    ),
}  # fmt: skip


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("case", MIXED)
def test_h17_integers_make_short_floats_long(case: str) -> None:
    """What comes of both has NumPy's dtype whatever floatX is, with a note for each line, once."""
    make, words = MIXED[case]
    dtype, *notes = noted(make)
    assert dtype == ("complex128" if case == "a complex number" else "float64")
    assert len(notes) == 1
    assert words in notes[0]
    assert notes[0].startswith("[KG-D010] ")
    name = {"stacked": "…", "an array": "…", "a complex number": "i", "a short integer": "i"}
    assert notes[0].endswith(f" Try: T.cast({name.get(case, 'k')}, 'float32')")
    assert noted(make) == [dtype]


SILENT: dict[str, tuple[Callable[[], Any], str]] = {
    "a cast": (lambda: T.cast(K, "float32") + S, "float32"),
    "asked for": (lambda: T.cast(S, "float64") + K, "float64"),
    "short integers": (lambda: T.bvector("b") + S, "float32"),
    "numbers of Python": (lambda: 3 * S + 2.5, "float32"),
    "compared": (lambda: S > K, "bool"),
    "a condition": (lambda: T.switch(K, S, S), "float32"),
    "a quotient of integers": (lambda: K / K, "float32"),
    "indices": (lambda: S[K], "float32"),
    "measures": (lambda: S.mean() + S.var() + T.nnet.softmax(S).std(), "float32"),
    "sizes cast": (lambda: S.sum() / T.cast(S.shape[0], "float32"), "float32"),
    "a gradient": (lambda: T.grad(MADE, S), "float32"),
    "a loop over numbers": (
        lambda: kg.scan(lambda a: a * 0.5 + 1, outputs_info=0, n_steps=6)[0], "float32"
    ),
    "a clone": (lambda: kg.clone(MADE, {S: S * 2}), "float64"),
}  # fmt: skip
with kg.config.change_flags(note_promotion="off"):
    MADE = ((S * K) ** K).sum()


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("case", SILENT)
def test_h17_nothing_is_noted_where_a_user_mixes_nothing(case: str) -> None:
    make, dtype = SILENT[case]
    assert noted(make) == [dtype]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("module", [T, T.nnet, T.nlinalg], ids=lambda module: module.__name__)
def test_h17_functions_of_short_floats_note_nothing(module: Any) -> None:
    """What a function mixes on its way is none of its user's concern."""
    matrix, other, number = T.fmatrix("m"), T.fmatrix("n"), T.fscalar("a")
    built = 0
    for name in sorted(module.__all__ if hasattr(module, "__all__") else vars(module)):
        make = getattr(module, name)
        if not callable(make) or isinstance(make, type) or name.startswith("_"):
            continue
        for given in ([S], [matrix], [number], [S, S], [matrix, other], [matrix, 1]):
            with warnings.catch_warnings():
                warnings.simplefilter("error", PromotionWarning)
                with suppress(kg.KernelgraphError, TypeError):
                    make(*given)
                    built += 1
    assert built > len(vars(module)) / 3


@pytest.mark.usefixtures("short")
def test_h17_notes_are_off_and_not_of_the_packages_own() -> None:
    with kg.config.change_flags(note_promotion="off"):
        assert noted(lambda: K + S) == ["float64"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = kg.function([S, K], [MADE, T.grad(MADE, S)], target="interpret")
    cost, slope = f([1, 2], [2, 1])
    assert (cost, slope.tolist()) == (6, [8, 1])
    with kg.config.change_flags(floatX="float64"):
        assert noted(lambda: K + S) == ["float64"]
    assert len(noted(lambda: K + S)) == 2


def test_h18_complex_numbers_where_only_real_ones_go() -> None:
    z = T.zvector("z")
    for op in (T.floor, T.gamma, T.ceil, T.arctan2, T.mod):
        with pytest.raises(DTypeError, match="KG-D003") as caught:
            op(*[z] * (2 if op in (T.arctan2, T.mod) else 1))
        assert "z (complex128[?])" in str(caught.value)
        assert ".real" in str(caught.value)
    with pytest.raises(GradientError, match="cost must be real"):
        T.grad(z.sum(), z)


def test_h20_dtypes_of_other_libraries() -> None:
    x, long = T.dvector("x"), np.zeros(2, np.longdouble)
    f = kg.function([x], x)
    refused = (
        lambda: kg.shared(long), lambda: f(long), lambda: T.cast(x, "float128"),
        lambda: T.tensor("bfloat16", (None,)), lambda: T.constant(long), lambda: x + long,
    )  # fmt: skip
    for make in refused:
        with pytest.raises(DTypeError, match="is not supported") as caught:
            make()
        assert "float16, float32, float64" in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "complex128", "float16"])
def test_h31_odd_memory(dtype: str, target: str) -> None:
    """A byte away from where numbers are read fast, and in the order of bytes of other machines."""
    x = T.tensor(dtype, (None,), "x")
    f = kg.function([x], [x + x, x.sum(), x[::-1]], target=target)
    value = np.arange(1, 40).astype(dtype)
    room = np.zeros(value.nbytes + 1, "uint8")
    shifted = room[1:].view(dtype)
    shifted[:] = value
    for odd in (shifted, value.astype(value.dtype.newbyteorder()), shifted[::-1][::-1]):
        for found, wanted in zip(f(odd), f(value), strict=True):
            assert found.dtype == wanted.dtype
            np.testing.assert_array_equal(found, wanted)


def test_h36_no_memory_for_results_is_given() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2)
    value = np.ones(3)
    with pytest.raises(ArgumentError, match="unknown input 'out'"):
        f(value, out=value)
    with pytest.raises(TypeError, match="leave out out="):
        np.exp(x, out=value)  # pyright: ignore[reportCallIssue, reportArgumentType]
    assert value.tolist() == [1, 1, 1]


def test_h63_a_rule_that_will_not_end(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")

    @rule(changes="rounding")
    def longer(v: Any) -> tuple[Any, Any]:
        """What other rules undo."""
        return T.sin(v), T.sin(v * 1.0)

    with pytest.warns(RewriteWarning, match="longer") as told:
        f = kg.function([x], T.sin(x), rules=[*DEFAULT, longer])
    assert any("switched off" in str(warning.message) for warning in told)
    np.testing.assert_allclose(f([1.0]), np.sin([1.0]))


class Wrong(kg.Op):
    """An op of the user's that makes something else than it says."""

    def make_node(self, x: Any) -> Any:
        return kg.Apply(self, [x], [T.dvector()])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.arange(3, dtype="int8")


@pytest.mark.parametrize("target", TARGETS)
def test_h64_an_op_that_makes_what_it_does_not_say(target: str) -> None:
    x = T.dvector("x")
    f = kg.function([x], Wrong()(x), target=target)
    with pytest.raises(kg.KernelgraphError) as caught:
        f([1.0])
    assert "Wrong" in str(caught.value)
    assert "int8" in str(caught.value)
    assert "f = kg.function" in str(caught.value)


def test_h65_the_first_nan_is_named() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.exp(T.log(x) * 2) + 1, mode=kg.NanGuardMode())
    assert f([1.0]).tolist() == [2.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NonFiniteError, match="KG-N001") as caught:
            f([2.0, -1.0])
    text = str(caught.value)
    assert "log" in text
    assert "f = kg.function" in text
    assert "from -1 to 2" in text
