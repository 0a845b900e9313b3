"""Derivatives: reverse mode against complex steps, forward mode against reverse mode, both orders,
and loops by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import special

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.autodiff import jvp, vjp
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.errors import DisconnectedInputError, GradientError
from kernelgraph.graph import Variable
from kernelgraph.ops.broadcasting import ones_like
from tests.support import TARGETS, Array, on_all_targets

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

STEP = 1e-30
"""A complex step subtracts nothing, so it can be as small as one likes (Squire and Trapp, SIAM
Review 40, 1998).
"""

COMPLEX: dict[str, Callable[..., Any]] = {
    # What ops whose NumPy meaning knows only real numbers are on a line of the complex plane.
    "real": lambda x: x,
    "conj": lambda x: x,
    "abs": lambda x: np.where(x.real < 0, -x, x),
    "sign": lambda x: np.sign(x.real) + 0j,
    "floor": lambda x: np.floor(x.real) + 0j,
    "ceil": lambda x: np.ceil(x.real) + 0j,
    "trunc": lambda x: np.trunc(x.real) + 0j,
    "round_half_to_even": lambda x: np.rint(x.real) + 0j,
    "round_half_away_from_zero": lambda x: np.rint(x.real) + 0j,
    "cbrt": lambda x: np.sign(x.real) * (np.sign(x.real) * x) ** (1 / 3),
    "arctan2": lambda y, x: np.arctan(y / x),
    "hypot": lambda x, y: np.sqrt(x * x + y * y),
    "deg2rad": lambda x: x * (np.pi / 180),
    "rad2deg": lambda x: x * (180 / np.pi),
    "pow": lambda x, y: x**y,
    "maximum": lambda x, y: np.where(x.real >= y.real, x, y),
    "minimum": lambda x, y: np.where(x.real <= y.real, x, y),
    "switch": lambda c, x, y: np.where(c.real != 0, x, y),
    "mod": lambda x, y: x - y * np.floor(x.real / y.real),
    "copysign": lambda x, y: np.where((x.real < 0) == (y.real < 0), x, -x),
    "nextafter": lambda x, y: x + 0 * y,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "erf": special.erf,
    "erfc": special.erfc,
    "erfcx": special.erfcx,
    "gamma": special.gamma,
    "gammaln": special.loggamma,
    "psi": special.psi,
}  # fmt: skip

STEPS = (
    "sign", "floor", "ceil", "trunc", "round_half_to_even", "round_half_away_from_zero",
)  # fmt: skip
"""Their derivative is 0 everywhere, and they have no other."""

BETWEEN_ONES = ("arcsin", "arccos", "arctanh")
"""Functions of numbers from -1 to 1."""

POSITIVE = ("log", "log2", "log10", "sqrt", "pow", "gamma", "gammaln", "psi")

NO_DERIVATIVE = ("int_div", "left_shift", "right_shift", "imag")
"""Public ops of real numbers that have none."""

ELSEWHERE = (
    "erfcinv", "erfinv", "gammainc", "gammaincc", "i0", "i1", "iv", "j0", "j1", "jv", "polygamma",
    "tri_gamma",
)  # fmt: skip
"""Functions that nobody computes for complex numbers; their derivatives are tested beside them."""

SMOOTH = [
    op
    for op in OPS.values()
    if op.partials is not None
    and (op.public or op.name == "copy") and op.name not in (*NO_DERIVATIVE, *ELSEWHERE)
    and op.signature(["float64"] * op.arity)[1] not in ("bool", "complex128")
]  # fmt: skip


def points(op: Elementwise, count: int = 24) -> list[Array]:
    """Where derivatives are compared: positive where there is no logarithm else, and nowhere at a
    kink.
    """
    rng = np.random.default_rng(len(op.name))
    values = [rng.normal(size=count) * 1.5 for _ in range(op.arity)]
    if op.name in POSITIVE or op.name == "log1p":
        values[0] = np.abs(values[0]) + 0.5
    if op.name in ("true_div", "mod"):
        values[1] += np.copysign(0.5, values[1])
    if op.name in (*BETWEEN_ONES, "tan"):
        values[0] = np.tanh(values[0]) * 0.8
    if op.name == "arccosh":
        values[0] = np.abs(values[0]) + 1.5
    if op.name in ("cbrt", "hypot", "arctan2"):
        values[-1] += np.copysign(0.2, values[-1])
    if op.name == "switch":
        values[0] = np.round(rng.random(count))
    return values


def partial_by_complex_step(op: Elementwise, values: Sequence[Array], k: int) -> Array:
    """The partial derivative by operand `k`, element by element."""
    meaning = COMPLEX.get(op.name, op.numpy)
    moved = [value + STEP * 1j if k == other else value + 0j for other, value in enumerate(values)]
    return np.imag(meaning(*moved)) / STEP


# --------------------------------------------------------------------------------------------------


def _derivatives() -> tuple[
    list[Variable], list[Variable], list[Variable], list[Array], list[Array], list[str]
]:
    """For every op and operand: the gradient, the gradient of that, and what they should be."""
    inputs: list[Variable] = []
    first: list[Variable] = []
    second: list[Variable] = []
    values: list[Array] = []
    expected: list[Array] = []
    labels: list[str] = []
    for op in SMOOTH:
        operands = T.dvectors(op.arity)
        grads = T.grad(op(*operands).sum(), operands, disconnected_inputs="ignore")
        at = points(op)
        for k, g in enumerate(grads):
            first.append(g)
            second.append(T.grad(g.sum(), operands[k], disconnected_inputs="ignore"))
            expected.append(partial_by_complex_step(op, at, k))
            labels.append(f"{op} by operand {k}")
        inputs += operands
        values += at
    return inputs, first, second, values, expected, labels


@pytest.mark.parametrize("rewritten", [False, True])
def test_gradients_of_elementwise_ops(rewritten: bool) -> None:
    inputs, first, _, values, expected, labels = _derivatives()
    options: dict[str, Any] = {} if rewritten else {"rules": ()}
    for target in TARGETS:
        f = kg.function(inputs, first, target=target, on_unused_input="ignore", **options)
        for label, wanted, got in zip(labels, expected, f(*values), strict=True):
            np.testing.assert_allclose(
                got, wanted, rtol=1e-10, atol=1e-13, err_msg=f"{label} on {target}"
            )


def test_second_derivatives_of_elementwise_ops() -> None:
    """Differences of complex steps, by a rule whose error is of the fourth order."""
    inputs, _, second, values, _, labels = _derivatives()
    found = iter(zip(labels, on_all_targets(inputs, second)["c"](*values), strict=True))
    h = 1e-3
    for op in SMOOTH:
        at = points(op)
        for k in range(op.arity):

            def derivative(
                shift: float, op: Elementwise = op, at: Sequence[Array] = at, k: int = k
            ) -> Array:
                moved = [v + shift if k == other else v for other, v in enumerate(at)]
                return partial_by_complex_step(op, moved, k)

            wanted = (
                8 * (derivative(h) - derivative(-h)) - (derivative(2 * h) - derivative(-2 * h))
            ) / (12 * h)
            label, got = next(found)
            kinks = np.zeros(len(at[0]), bool)
            if op.name in ("abs", "sign"):
                kinks = np.abs(at[0]) < 3 * h
            if op.name == "mod":
                jump = at[0] % at[1]  # a whole multiple is near
                kinks = np.minimum(np.abs(jump), np.abs(jump - at[1])) < 50 * h
            if op.name in ("maximum", "minimum"):
                kinks = np.abs(at[0] - at[1]) < 3 * h
            if op.name == "switch" and k == 0:
                wanted = np.zeros_like(wanted)
            np.testing.assert_allclose(
                got[~kinks], wanted[~kinks], rtol=1e-8, atol=1e-8, err_msg=label
            )


def test_values_at_kinks_and_ends() -> None:
    """What is documented: the derivative of a magnitude at 0 is 0, those who tie have equal shares,
    sqrt is steep at 0.
    """
    x, y = T.dvectors("xy")
    grads = [
        T.grad(abs(x).sum(), x),
        *T.grad(T.maximum(x, y).sum(), [x, y]),
        *T.grad(T.minimum(x, y).sum(), [x, y]),
        T.grad(T.sqrt(x).sum(), x),
        T.grad((x**2).sum(), x),
        T.grad((x**0).sum(), x, disconnected_inputs="ignore"),
        T.grad(T.max(x), x),
    ]
    half, steep = [0.5, 0.5], [np.inf, np.inf]
    expected = [[0, 0], half, half, half, half, steep, [0, 0], [0, 0], half]
    for target in TARGETS:
        f = kg.function([x, y], grads, target=target, on_unused_input="ignore")
        np.testing.assert_array_equal(f(np.zeros(2), np.zeros(2)), expected, err_msg=target)


# ------------------------------------------------------------------------------------------- everyt


def linear_maps() -> Iterator[tuple[str, list[Variable], list[Variable], list[Array]]]:
    """Expressions, their inputs and values: every op with both modes."""
    rng = np.random.default_rng(1)
    x, z, v, s = T.dmatrix("x"), T.dmatrix("z"), T.dvector("v"), T.dscalar("s")
    row, col = T.drow("row"), T.dcol("col")
    at = {
        x: rng.normal(size=(4, 3)), z: rng.normal(size=(4, 3)), v: rng.normal(size=3),
        s: np.array(0.7), row: rng.normal(size=(1, 3)), col: rng.normal(size=(4, 1)),
    }  # fmt: skip
    k = T.constant(np.array([2, 0, -1, 2]))
    expressions: dict[str, Any] = {
        "dimshuffle": x.dimshuffle(1, "x", 0),
        "dropped": col.dimshuffle(0),
        "reshape": x.reshape((2, 6)),
        "flatten": x.T.flatten(),
        "broadcast": T.zeros_like(x) + row,
        "row and column": row * col,
        "row over matrix": x / (2 + row * row) - col,
        "vector over matrix": x * v,
        "scalar over matrix": s * x,
        "sum": T.sum(x),
        "sums": [x.sum(axis=0), x.sum(axis=1, keepdims=True)],
        "max": [T.max(x), T.max(x, axis=0), T.min(x, axis=1, keepdims=True)],
        "max and argmax": T.max_and_argmax(x * z, axis=1)[0],
        "mean and variance": [*T.mean_and_variance(x, axis=0), T.var(x), T.mean(x, axis=1)],
        "vector times vector": T.dot(v, v * 2),
        "matrix times vector": T.dot(x, v),
        "vector times matrix": T.dot(v, x.T),
        "matrix times matrix": T.dot(x, z.T),
        "slice": [x[1:, ::-2], x[-1], x[0, 2], x[::-1]],
        "take": [x[k], v[k]],
        "stack": T.stack(s, v[0], s * 2),
        "softmax": T.softmax(x),
        "softmax along columns": T.softmax(x, axis=0) * z,
        "derivative of softmax": T.grad((T.softmax(x) * z).sum(), x) * z,
        "log_softmax": T.log_softmax(x) * z,
        "logsumexp": T.logsumexp(x, axis=0),
        "cast": T.tanh(x).astype("float64"),
        "transposes": T.grad((x[1:, 1:] ** 3).sum() + (x[k] ** 3).sum(), x),
        **{
            f"elementwise {op}": op(*[_inside(op, x), T.abs(z) + 0.2, col][: op.arity])
            for op in SMOOTH
            if op.name not in ("switch", *STEPS)
        },
        "switch": T.switch(x > 0, x * z, z),
        "choice": kg.ifelse(s > 0, x * z, z),
        "loop": kg.scan(lambda row, a, w: T.tanh(a * row + w), [x], v, v * v)[0],
        "results of a loop": kg.scan(lambda row, w: row * w * w, [x], None, v)[0],
        "back through a loop": T.grad(
            kg.scan(lambda row, a, w: T.tanh(a * row + w), [x], v, v * v)[0].sum(), x
        ),
    }
    for label, made in expressions.items():
        outputs = made if isinstance(made, list) else [made]
        inputs = [u for u in at if any(u in kg.graph.leaves([out]) for out in outputs)]
        yield label, inputs, outputs, [at[u] for u in inputs]


def _inside(op: Elementwise, x: Variable) -> Variable:
    """Numbers of the domain of an op, made of any."""
    if op.name in BETWEEN_ONES:
        return T.tanh(x)
    return x * x + (1.1 if op.name == "arccosh" else 0.3)


def test_both_modes_agree() -> None:
    """<u, J v> = <J' u, v> to 1e-12, for every op that has both."""
    rng = np.random.default_rng(2)
    sides: list[Variable] = []
    arguments: dict[Variable, Array] = {}
    labels: list[str] = []
    for label, inputs, outputs, values in linear_maps():
        u, v = ([item.clone() for item in items] for items in (outputs, inputs))
        forward = jvp(outputs, inputs, v)
        backward = vjp(outputs, inputs, u)
        assert any(t is not None for t in forward), label
        sides += [_inner(u, forward), _inner(backward, v)]
        computed = kg.function(inputs, outputs, target="interpret")(*values)
        arguments |= dict(zip(inputs, values, strict=True))
        arguments |= {
            item: rng.normal(size=np.shape(value)) for item, value in zip(u, computed, strict=True)
        }
        arguments |= {
            item: rng.normal(size=np.shape(value)) for item, value in zip(v, values, strict=True)
        }
        labels.append(label)
    for target, f in on_all_targets(list(arguments), sides).items():
        found = f(*arguments.values())
        for label, one, other in zip(labels, found[::2], found[1::2], strict=True):
            np.testing.assert_allclose(
                one, other, rtol=1e-12, atol=1e-12, err_msg=f"{label} on {target}"
            )


def _inner(a: Sequence[Any], b: Sequence[Any]) -> Variable:
    parts: list[Variable] = [
        (m * n).sum() for m, n in zip(a, b, strict=True) if m is not None and n is not None
    ]
    return sum(parts[1:], parts[0])


def gradient_by_complex_steps(f: Callable[..., Any], values: Sequence[Array]) -> list[Array]:
    """The gradients of a scalar function of arrays, one number at a time."""
    grads: list[Array] = []
    for k, value in enumerate(values):
        grad = np.zeros(np.shape(value))
        for place in np.ndindex(np.shape(value)):
            moved = [np.array(v, dtype=complex) for v in values]
            moved[k][place] += STEP * 1j
            grad[place] = np.imag(f(*moved)) / STEP
        grads.append(grad)
    return grads


BROADCASTS: list[tuple[str, Any]] = [
    ("row", lambda x, r, c, s: (x * r).sum()),
    ("column", lambda x, r, c, s: (x * c * c).sum()),
    ("both", lambda x, r, c, s: (r * c + x).sum() * 1.0),
    ("squared", lambda x, r, c, s: ((x - r) ** 2 / (3 + c * c)).sum()),
    ("scalar", lambda x, r, c, s: (x * s + r * s * s).sum()),
    ("row alone", lambda x, r, c, s: (r * s + x * 0).sum() + (c * 0).sum()),
]


@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (1, 4), (3, 1), (1, 1)])
def test_gradients_through_broadcasting(rows: int, columns: int) -> None:
    """Rows and columns are repeated, also when there is nothing to repeat; matrices of one row or
    column are not.
    """
    rng = np.random.default_rng(3)
    variables = [T.dmatrix("x"), T.drow("r"), T.dcol("c"), T.dscalar("s")]
    values = [rng.normal(size=shape) for shape in ((rows, columns), (1, columns), (rows, 1), ())]
    grads: list[Variable] = []
    expected: list[Array] = []
    for _, f in BROADCASTS:
        grads += T.grad(f(*variables), variables, disconnected_inputs="ignore")
        expected += gradient_by_complex_steps(f, values)
    for target, f in on_all_targets(variables, grads).items():
        for wanted, got in zip(expected, f(*values), strict=True):
            assert got.shape == wanted.shape
            np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-13, err_msg=target)


def test_gradients_have_the_type_of_their_variable() -> None:
    x, k, f = T.tensor("float32", (None, 1), "x"), T.lvector("k"), T.dscalar("f")
    cost = (x.astype("float64") * f).sum() + (k * f).sum()
    gx, gk, gf = T.grad(cost, [x, k, f], disconnected_inputs="ignore")
    assert gx.type == x.type
    assert (gk.dtype, gk.ndim) == ("float64", 1)
    assert gf.type == f.type


MIXED = ("float32", "float64", "int8", "uint16", "bool")

MADE_OF_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "dot of vectors": lambda m, n: T.dot(m[0], n[0]),
    "matrix times vector": lambda m, n: T.dot(m, n[0]),
    "vector times matrix": lambda m, n: T.dot(m[0], n),
    "product of matrices": lambda m, n: T.dot(m, n.T),
    "outer": lambda m, n: T.outer(m[0], n[1]),
    "einsum": lambda m, n: T.einsum("ij,kj->ijk", m, n),
    "broadcast": lambda m, n: m[:, :1].dimshuffle(0, 1) * n,
    "stack": lambda m, n: T.stack(m[0, 0], n[0, 0]) ** 2,
    "switch": lambda m, n: T.switch(m > n, m, n),
    "maximum": T.maximum,
    "reductions": lambda m, n: T.max(m, axis=0) * T.min(n, axis=0) + m.mean() * n.sum(),
    "moments": lambda m, n: sum(T.mean_and_variance(m + n * 1.0, axis=1)),
    "softmax": lambda m, n: T.softmax(T.cast(m, "float32")) * n,
    "parts": lambda m, n: m[1:, ::2] * n[np.array([0, 1])][:1, ::2],
    "ifelse": lambda m, n: T.ifelse(m[0, 0] > 0, m * n, m + n),
    "scan": lambda m, n: kg.scan(lambda a, b: a * b, [m, n])[0],
}


def _pairs() -> Iterator[tuple[str, str]]:
    for one in MIXED:
        for other in MIXED:
            if "float" in one + other:
                yield one, other


def test_a_gradient_has_the_dtype_of_its_variable() -> None:
    """Whatever other dtypes are in the way: of every op, and where ops are put together; a tangent
    has the dtype of what it is the tangent of.
    """
    elementwise = {str(op): op for op in SMOOTH if op.arity <= 2}
    for name, make in {**elementwise, **MADE_OF_TWO}.items():
        arity = elementwise[name].arity if name in elementwise else 2
        for dtypes in _pairs():
            operands = [T.tensor(d, (None, None)) for d in dtypes][:arity]
            if arity == 1 and not dtypes[0].startswith("float"):
                continue
            out = make(*operands)
            floats = [v for v in operands if v.dtype.startswith("float")]
            for v, g in zip(floats, vjp([out], floats, [ones_like(out, "float64")]), strict=True):
                assert g is None or g.dtype == v.dtype, f"{name} of {dtypes}"
            if name in ("ifelse", "scan") or not out.dtype.startswith("float"):
                continue
            (tangent,) = jvp([out], floats, [ones_like(v, "float64") for v in floats])
            assert tangent is None or tangent.dtype == out.dtype, f"{name} of {dtypes}, forwards"


def test_a_float32_weight_beside_float64_data_can_be_updated() -> None:
    w = kg.shared(np.ones((3, 2), "float32"), "w")
    x = T.dmatrix("x")
    derivative = T.grad((T.dot(x, w) ** 2).sum(), w)
    assert derivative.dtype == "float32"
    for target in TARGETS:
        w.set_value(np.ones((3, 2), "float32"))
        kg.function([x], [], updates={w: w - np.float32(0.5) * derivative}, target=target)(
            [[1, 0, 2]]
        )
        np.testing.assert_array_equal(w.get_value(), [[-2, -2], [1, 1], [-5, -5]])


# --------------------------------------------------------------------------------------------------


def test_gradient_of_a_loop_by_hand() -> None:
    """A weighted sum that forgets: s' = k s + x; what flows back is written out in NumPy."""
    xs, s0, k, w = T.dmatrix("xs"), T.dvector("s0"), T.dscalar("k"), T.dvector("w")
    states, _ = kg.scan(lambda x, s, k: k * s + T.tanh(x), [xs], [s0], [k])
    cost = (states * w).sum()
    inputs = [xs, s0, k, w]
    rng = np.random.default_rng(4)
    values = [rng.normal(size=(5, 3)), rng.normal(size=3), np.array(0.6), rng.normal(size=3)]
    x, s, decay, weights = values
    history = [s]
    for item in x:
        history.append(decay * history[-1] + np.tanh(item))
    flow, gx, gk = np.zeros(3), np.zeros((5, 3)), 0.0
    for t in reversed(range(5)):
        flow = flow + weights
        gx[t] = flow * (1 - np.tanh(x[t]) ** 2)
        gk += (flow * history[t]).sum()
        flow = flow * decay
    expected = [gx, flow, gk, np.sum(history[1:], axis=0)]
    for target in TARGETS:
        found = kg.function(inputs, T.grad(cost, inputs), target=target)(*values)
        for wanted, got in zip(expected, found, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-12, err_msg=target)


def test_gradient_of_a_loop_with_a_result_and_fewer_steps() -> None:
    """Rows that the loop does not reach have no derivative; a result that is not fed back
    has one.
    """
    xs, n = T.dvector("xs"), T.lscalar("n")
    (states, squares), _ = kg.scan(
        lambda x, s: [s + x, s * x], [xs], [T.constant(np.array(0.5)), None], n_steps=n
    )
    cost = squares.sum() + states[-1] ** 2
    x = np.random.default_rng(5).normal(size=6)

    def total(x: Any) -> Any:
        s, result = 0.5, 0
        for item in x[:4]:
            result = result + s * item
            s = s + item
        return result + s**2

    expected = gradient_by_complex_steps(total, [x])[0]
    assert not expected[4:].any()
    for target in TARGETS:
        got = kg.function([xs, n], T.grad(cost, xs), target=target)(x, 4)
        np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=target)


def test_gradient_of_a_choice_by_hand() -> None:
    c, x, y = T.dscalar("c"), T.dvector("x"), T.dvector("y")
    shared_part = T.exp(x)
    first, second = kg.ifelse(c > 0, [shared_part * y, x], [y * y, shared_part])
    cost = (first * 2).sum() + (second * y).sum()
    rng = np.random.default_rng(6)
    xv, yv = rng.normal(size=(2, 4))
    for target in TARGETS:
        f = kg.function([c, x, y], T.grad(cost, [x, y]), target=target)
        for wanted, got in zip(
            [2 * yv * np.exp(xv) + yv, 2 * np.exp(xv) + xv], f(1.0, xv, yv), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=1e-13, err_msg=target)
        for wanted, got in zip(
            [np.exp(xv) * yv, 4 * yv + np.exp(xv)], f(-1.0, xv, yv), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=1e-13, err_msg=target)


def test_second_derivative_of_a_choice() -> None:
    c, x = T.dscalar("c"), T.dscalar("x")
    cost = kg.ifelse(c > 0, x**3, T.sin(x))
    second = T.grad(T.grad(cost, x), x)
    for target in TARGETS:
        f = kg.function([c, x], second, target=target)
        np.testing.assert_allclose([f(1.0, 0.7), f(-1.0, 0.7)], [4.2, -np.sin(0.7)], rtol=1e-14)


# --------------------------------------------------------------------------------------------------


def test_the_form_of_the_result_follows_the_question() -> None:
    x, y = T.dvectors("xy")
    cost = (x * y).sum()
    cost.name = "cost"
    assert isinstance(T.grad(cost, x), Variable)
    assert isinstance(T.grad(cost, [x, y]), list)
    assert isinstance(T.grad(cost, (x, y)), tuple)
    assert T.grad(T.exp(cost), [x])[0].type == x.type
    assert T.grad(T.sqr(x).sum(), x).name is None


def test_a_variable_that_the_cost_does_not_need() -> None:
    x, y = T.dvectors("xy")
    with pytest.raises(
        DisconnectedInputError, match=r"\[KG-G021\].*does not depend on y \(float64\[\?\]\)"
    ):
        T.grad(x.sum(), y)
    assert T.grad(x.sum(), y, disconnected_inputs="ignore").type == y.type
    with pytest.warns(UserWarning, match="does not depend on y"):
        zeros = T.grad(x.sum(), [x, y], disconnected_inputs="warn")[1]
    np.testing.assert_array_equal(kg.function([y], zeros, target="interpret")([1.0, 2.0]), [0, 0])
    with pytest.raises(ValueError, match="disconnected_inputs"):
        T.grad(x.sum(), y, disconnected_inputs="silent")


@pytest.mark.parametrize("wrong", ["x", 3, None])
def test_wrt_must_be_a_symbol(wrong: Any) -> None:
    with pytest.raises(GradientError, match="wrt must be"):
        T.grad(T.dvector("x").sum(), wrong)


def test_a_set_has_no_order() -> None:
    x = T.dvector("x")
    with pytest.raises(TypeError, match="a set has no order"):
        T.grad(x.sum(), {x})


def test_an_op_without_derivative_names_the_line() -> None:
    @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
    def cube(x: Any) -> Any:
        return x**3

    x = T.dvector("x")
    y = cube(x)
    with pytest.raises(kg.KernelgraphError, match=r"\[KG-G022\] cube has no derivative") as caught:
        T.grad(y.sum(), x)
    assert "y = cube(x)" in str(caught.value)


def test_derivatives_carry_the_lines_that_they_differentiate() -> None:
    x = T.dvector("x")
    y = T.exp(x) * 2
    g = T.grad(y.sum(), x)
    lines = {
        kg.errors.resolve(origin).text.strip()
        for node in kg.graph.walk([g])
        for origin in node.origins
    }
    assert "y = T.exp(x) * 2" in lines


def test_a_watcher_is_shown_every_contribution() -> None:
    x = T.dvector("x")
    square = x * x
    cost = (square + square).sum()
    seen: list[tuple[str, int]] = []
    shown: list[Variable] = []

    def watch(node: Any, position: int, adjoint: Variable) -> None:
        seen.append((str(node.op), position))
        if node.inputs[position] is x:
            shown.append(adjoint)

    (gradient,) = vjp([cost], [x], [ones_like(cost)], watch=watch)
    assert [name for name, _ in seen] == ["sum{(0,)}", "add", "add", "mul", "mul"]
    assert [position for _, position in seen] == [0, 0, 1, 0, 1]
    assert gradient is not None
    *parts, whole = kg.interpret(kg.Graph((x,), (*shown, gradient)), [np.array([1.0, -2.0])])
    np.testing.assert_allclose(sum(parts), whole)


STEPS_OF_LOOPS: dict[str, Any] = {
    "log(1 + s)": lambda s: T.log(1 + s),
    "sqrt(1 + s) - 1": lambda s: T.sqrt(1 + s) - 1,
    "exp(s) - 1": lambda s: T.exp(s) - 1,
    "(1 + s)**1.5 - 1": lambda s: (1 + s) ** 1.5 - 1,
    "s / (1 + s**2)": lambda s: s / (1 + s * s),
    "s log(s + 2)": lambda s: s * T.log(s + 2),
    "softmax": lambda s: T.log(T.softmax(T.stack([s, -s])))[0] + np.log(2),
    "dot": lambda s: T.log(T.dot(T.stack([s, 1.0]), T.stack([T.exp(s), 1.0]))),
}
COSTS_OF_LOOPS: dict[str, Any] = {
    "y": lambda y: y, "y**2": lambda y: y * y, "y**3": lambda y: y**3,
    "y**2 exp(y)": lambda y: y * y * T.exp(y), "y sqrt(1 + y)": lambda y: y * T.sqrt(1 + y),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS_OF_LOOPS)
def test_higher_derivatives_through_graphs_inside_of_ops(step: str) -> None:
    """Of a loop, a choice and an op of a graph they are those of the expression without it, also
    where the numbers that cross its borders happen to be 0.
    """
    function = STEPS_OF_LOOPS[step]
    x, z = T.dscalar("x"), T.dscalar("z")
    enclosed = kg.OpFromGraph([z], [function(z)])
    rows, _ = kg.scan(function, outputs_info=[x], n_steps=2)
    plain = function(function(x))
    forms = [plain, rows[-1], enclosed(enclosed(x)), kg.ifelse(T.gt(x, -0.5), plain, x)]
    found: list[Any] = []
    for form in forms:
        for cost in COSTS_OF_LOOPS.values():
            slope = T.grad(cost(form), x)
            bend = T.grad(slope, x)
            found += [slope, bend, T.grad(bend, x)]
    f = kg.function([x], found, target="interpret")
    for point in (0.0, -0.0, 0.25):
        first, *others = np.array(f(point)).reshape(len(forms), len(COSTS_OF_LOOPS), 3)
        for other in others:
            np.testing.assert_allclose(other, first, rtol=1e-9, atol=1e-12)
