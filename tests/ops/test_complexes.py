"""Complex numbers: parts, conjugates, their derivatives in both parts, what is refused, and that
rewriting leaves every bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, GradientError
from kernelgraph.graph import Variable
from tests.support import TARGETS, same

N = 3


def _pairs(rng: np.random.Generator, dtype: str, *shape: int) -> Any:
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)


def _values(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [
        *(_pairs(rng, "complex128", *shape) for shape in ((N,), (N,), (N, N))),
        rng.normal(size=N),
    ]


def _inputs() -> list[Variable]:
    return [T.zvector("z"), T.zvector("w"), T.zmatrix("m"), T.dvector("x")]


Cost = Callable[[Any, Any, Any, Any], Any]

COSTS: dict[str, Cost] = {
    "magnitude": lambda z, w, m, x: T.abs(z),
    "real part": lambda z, w, m, x: (z * w).real,
    "imaginary part": lambda z, w, m, x: (z / w).imag,
    "conjugate": lambda z, w, m, x: (z.conj() * w * z).real,
    "pair": lambda z, w, m, x: T.abs(T.complex(x, 2 * x) * z),
    "exp": lambda z, w, m, x: T.abs(T.exp(z) * w),
    "log": lambda z, w, m, x: T.log(z * w).imag,
    "sin and cos": lambda z, w, m, x: T.abs(T.sin(z) + T.cos(w)),
    "tanh": lambda z, w, m, x: (T.tanh(z) ** 2).real,
    "power": lambda z, w, m, x: T.abs(z**w),
    "cube": lambda z, w, m, x: (z**3).imag,
    "square root": lambda z, w, m, x: T.sqrt(z).real,
    "expm1 and log1p": lambda z, w, m, x: T.abs(T.expm1(z) - T.log1p(w)),
    "product of matrix and vector": lambda z, w, m, x: T.abs(T.dot(m, z)),
    "product of vectors": lambda z, w, m, x: T.abs(T.dot(z, w)),
    "product of matrices": lambda z, w, m, x: T.abs(T.dot(m, m.T)),
    "real factor": lambda z, w, m, x: T.abs(x * z + x),
    "mean": lambda z, w, m, x: T.abs(z.mean()),
    "variance": lambda z, w, m, x: z.var(),
    "part": lambda z, w, m, x: T.abs(z[1:] * z[:-1]),
    "choice": lambda z, w, m, x: T.abs(T.switch(z.real > 0, z, w * z)),
    "joined": lambda z, w, m, x: T.abs(T.concatenate([z, x * w])),
    "prod": lambda z, w, m, x: T.abs(T.prod(z)),
    "cumprod": lambda z, w, m, x: T.cumprod(z * x).real,
    "cumsum": lambda z, w, m, x: T.abs(T.cumsum(z)),
    "tangents": lambda z, w, m, x: T.abs(T.tan(z) * T.arctan(w)),
    "inverses of sine and cosine": lambda z, w, m, x: (T.arcsin(z) * T.arccos(w)).imag,
    "hyperbolic functions": lambda z, w, m, x: T.abs(T.sinh(z) - T.cosh(w)),
    "their inverses": lambda z, w, m, x: (T.arcsinh(z) * T.arccosh(w) * T.arctanh(z * w)).real,
    "powers and logarithms": lambda z, w, m, x: T.abs(T.exp2(z) * T.log2(w) - T.log10(z)),
    "direction": lambda z, w, m, x: (T.sign(z) * w).real,
    "reciprocal": lambda z, w, m, x: T.abs(T.inv(z) - w),
    "larger and smaller": lambda z, w, m, x: T.abs(T.maximum(z, w) * z - T.minimum(z, w)),
    "largest and smallest": lambda z, w, m, x: T.abs(T.max(z) * T.min(w) - T.ptp(w)),
    "clipped": lambda z, w, m, x: T.abs(T.clip(z, w, w + 1) * z),
    "sorted": lambda z, w, m, x: (T.sort(z) * x).imag,
    "largest by its place": lambda z, w, m, x: T.abs(z[T.argmax(z)] * w[T.argmin(w)]),
    "casts": lambda z, w, m, x: T.abs(T.cast(T.cast(x, "complex128").real, "complex128") * z),
}


def _numerical(f: Any, values: list[Any], k: int) -> Any:
    """The gradient by central differences, in both parts."""
    found = np.zeros_like(values[k])
    for place in np.ndindex(found.shape):
        for direction in (1, 1j) if found.dtype.kind == "c" else (1,):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [value.copy() for value in values]
                moved[k][place] += step * direction
                ends.append(float(f(*moved)))
            found[place] += direction * (ends[0] - ends[1]) / 2e-6
    return found


@pytest.mark.parametrize("name", COSTS)
def test_gradients_are_derivatives_by_both_parts(name: str) -> None:
    inputs, values = _inputs(), _values(5)
    cost = COSTS[name](*inputs).sum()
    f = kg.function(inputs, cost, target="interpret", on_unused_input="ignore")
    gradients = T.grad(cost, inputs, disconnected_inputs="ignore")
    assert [g.dtype for g in gradients] == [v.dtype for v in inputs]
    g = kg.function(inputs, gradients, target="interpret", on_unused_input="ignore")
    for k, found in enumerate(g(*values)):
        np.testing.assert_allclose(found, _numerical(f, values, k), rtol=1e-6, atol=1e-7)


def test_forward_mode_and_reverse_mode_agree() -> None:
    """Re(conj(g) t) of the gradient g is the tangent of the cost along t."""
    inputs, values, steps = _inputs(), _values(6), _values(7)
    tangents = _inputs()
    outputs: list[Any] = []
    for make in COSTS.values():
        cost = make(*inputs).sum()
        gradients = T.grad(cost, inputs, disconnected_inputs="ignore")
        by_gradient = sum(
            (g.conj() * t).real.sum() for g, t in zip(gradients, tangents, strict=True)
        )
        outputs += [T.Rop(cost, inputs, tangents), by_gradient]
    f = kg.function([*inputs, *tangents], outputs, target="interpret")
    found = f(*values, *steps)
    np.testing.assert_allclose(found[::2], found[1::2], rtol=1e-9)


def test_the_derivative_of_a_magnitude_is_0_at_0() -> None:
    z = T.zvector("z")
    for target in TARGETS:
        f = kg.function([z], T.grad(T.abs(z * z).sum(), z), target=target)
        assert same(f([0j, 3j]), np.array([0, 6j]))


def test_parts() -> None:
    narrow: Any = np.array([1 + 2j, -0.0 - 0j, complex(np.inf, np.nan)], "complex64")
    z, x = T.cvector("z"), T.dvector("x")
    outputs = [z.real, z.imag, z.conj(), T.real(x), T.imag(x), T.conj(x), T.abs(z)]
    assert [v.dtype for v in outputs] == [
        "float32", "float32", "complex64", "float64", "float64", "float64", "float32",
    ]  # fmt: skip
    for target in TARGETS:
        found = kg.function([z, x], outputs, target=target)(narrow, [1.0, -0.0])
        expected = [narrow.real, narrow.imag, narrow.conj(), [1.0, -0.0], [0.0, 0.0], [1.0, -0.0]]
        for one, other in zip(found, expected, strict=False):
            assert same(one, np.asarray(other, one.dtype))


@pytest.mark.parametrize(
    "make",
    [
        lambda z: z // 2, lambda z: z % 2, T.sigmoid, T.floor, T.cbrt,
        lambda z: T.arctan2(z, z), lambda z: T.complex(z, z),
        lambda z: T.cast(z, "float64"), lambda z: T.cast(z, "int8"),
    ],
)  # fmt: skip
def test_what_complex_numbers_have_not(make: Callable[[Any], Any]) -> None:
    with pytest.raises(DTypeError) as caught:
        make(T.zvector("z"))
    assert caught.value.code == "KG-D003"


@pytest.mark.parametrize("name", ["arcsin", "arccos", "arccosh", "arcsinh", "log", "sqrt"])
def test_derivatives_on_the_sides_of_a_cut(name: str) -> None:
    """The sign of a zero says on which side of a cut a number is."""
    z, upright = T.zvector("z"), name == "arcsinh"
    points: Any = np.array([complex(a, b) for a in (2, -2) for b in (0.0, -0.0)])
    if upright:
        points = np.array([complex(b, a) for a in (2, -2) for b in (0.0, -0.0)])
    ends: list[Any] = []
    for step in (1e-6, -1e-6):
        moved = points.copy()
        along = moved.imag if upright else moved.real
        along += step
        ends.append(getattr(np, name)(moved))
    wanted = (ends[0] - ends[1]) / (2e-6j if upright else 2e-6)
    slope = T.Rop(getattr(T, name)(z), [z], [T.ones_like(z)])
    for target in TARGETS:
        found = kg.function([z], slope, target=target)(points)
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-9)


ORDERED: Any = np.array([
    1 + 2j, 1 - 2j, 0, -1, complex(np.nan, 1), complex(2, np.nan), 1 + 2j, complex(np.nan, np.nan),
    complex(np.inf, -1), complex(-np.inf, np.nan), complex(np.nan, -3), 1 + 2j, complex(2, np.nan),
])  # fmt: skip


def _beyond(x: Any, y: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return x > y


def test_order_is_that_of_numpy() -> None:
    z = T.zvector("z")
    outputs = [
        T.sort(z), T.argsort(z), *T.unique(z, True, True, True), T.unique(z, equal_nan=False),
        T.searchsorted(T.sort(z), z), T.searchsorted(T.sort(z), z, "right"), T.max(z[:4]),
        T.argmax(z), T.argmin(z[:4]), T.topk(z, 3), T.isclose(z, z[::-1], equal_nan=True),
        T.round(z), T.clip(z[:4], 0, 1 + 1j), T.any(z[2:3]), T.all(z), z[::-1] > z[:, None],
    ]  # fmt: skip
    a = np.sort(ORDERED)
    wanted = [
        a, np.argsort(ORDERED, kind="stable"), *np.unique(ORDERED, True, True, True),
        np.unique(ORDERED, equal_nan=False), np.searchsorted(a, ORDERED),
        np.searchsorted(a, ORDERED, "right"), np.max(ORDERED[:4]), np.argmax(ORDERED),
        np.argmin(ORDERED[:4]), a[-3:], np.isclose(ORDERED, ORDERED[::-1], equal_nan=True),
        np.round(ORDERED), np.clip(ORDERED[:4], 0, 1 + 1j), np.any(ORDERED[2:3]),
        np.all(ORDERED), _beyond(ORDERED[::-1], ORDERED[:, None]),
    ]  # fmt: skip
    for target in TARGETS:
        found = kg.function([z], outputs, target=target)(ORDERED)
        for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
            assert same(one, np.asarray(other)), (target, number, one, other)


def test_a_complex_cost_is_refused() -> None:
    z = T.zscalar("z")
    with pytest.raises(GradientError, match="must be real"):
        T.grad(z * z, z)


def test_products_have_one_rounding_for_each_operation() -> None:
    """No instruction that multiplies and adds at once, whatever the number of elements."""
    rng = np.random.default_rng(1)
    for dtype in ("complex64", "complex128"):
        z, w = T.tensor(dtype, (None,), "z"), T.tensor(dtype, (None,), "w")
        f = kg.function([z, w], z * w, target="c")
        for n in range(1, 40):
            a, b = (_pairs(rng, dtype, n) for _ in "ab")
            real = a.real * b.real - a.imag * b.imag
            assert same(f(a, b).real, real)
            assert same(f(a, b).imag, a.real * b.imag + a.imag * b.real)


def _random_graph(rng: np.random.Generator, leaves: list[Variable]) -> list[Variable]:
    """Expressions of complex matrices, with the patterns that rules for real numbers look for."""
    one = [
        lambda z: -z, lambda z: z.conj(), T.sqr, lambda z: z * 1, lambda z: z + 0,
        lambda z: z / 1, lambda z: z**1, lambda z: z**2, lambda z: z.T.T, lambda z: z - 0,
        lambda z: T.exp(T.log(z)), lambda z: T.log(T.exp(z)), lambda z: T.sqrt(z * z),
        lambda z: T.exp(z) / T.exp(z), lambda z: T.log(1 + T.exp(z)), lambda z: T.exp(z) - 1,
        lambda z: 1 - T.tanh(z) ** 2, lambda z: T.complex(T.abs(z), z.real),
        lambda z: z[::-1][::-1],
        lambda z: T.sqr(T.abs(z)) + z, lambda z: T.abs(-z) * z, lambda z: 0 - z, lambda z: z * -1,
        lambda z: T.switch(np.True_, z, z * z), lambda z: T.log1p(T.expm1(z)),
        lambda z: T.log(z * z), lambda z: z.sum(axis=0, keepdims=True) + z,
        lambda z: T.concatenate([z, z])[2:],
    ]  # fmt: skip
    two = [
        lambda z, w: z + w, lambda z, w: z - w, lambda z, w: z * w, lambda z, w: z / w,
        lambda z, w: z - -w, lambda z, w: (z * w) / w, lambda z, w: z * (1 / w),
        lambda z, w: T.exp(z) * T.exp(w), lambda z, w: z * w + z * w, lambda z, w: (-z) * w,
    ]  # fmt: skip
    made: list[Any] = [*leaves]
    for _ in range(7):
        if rng.random() < 0.5:
            made.append(one[rng.integers(len(one))](made[rng.integers(len(made))]))
        else:
            left, right = (made[rng.integers(len(made))] for _ in "ab")
            made.append(two[rng.integers(len(two))](left, right))
    return [*made[len(leaves) :], T.abs(made[-1]), made[-1].real.sum()]


@pytest.mark.filterwarnings("error")
def test_rewriting_leaves_complex_numbers_as_they_are() -> None:
    """Random graphs with the patterns of the rules: rewritten or not, the same bits."""
    rng = np.random.default_rng(11)
    for number in range(60):
        dtype = ("complex128", "complex64")[number % 2]
        leaves = [T.tensor(dtype, (None, None), name) for name in "ab"]
        outputs = _random_graph(rng, leaves)
        plain = kg.function(leaves, outputs, target="interpret", on_unused_input="ignore", rules=())
        better = kg.function(leaves, outputs, on_unused_input="ignore", target="interpret")
        rewritten = better.stages.rewriting.graph
        again = kg.function(
            list(rewritten.inputs), list(rewritten.outputs), target="interpret", rules=(),
            on_unused_input="ignore",
        )  # fmt: skip
        values = [_pairs(rng, dtype, 2, 2)]
        values.append(rng.choice([0, -0.0, 1j, np.inf, np.nan, -1], size=(2, 2)).astype(dtype))
        for before, after in zip(plain(*values), again(*values), strict=True):
            assert same(before, after), [str(step) for step in better.stages.rewriting.steps]
