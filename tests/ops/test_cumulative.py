"""Running sums and products: along every axis, with derivatives of any order, fused in loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import AxisError, OptionError
from kernelgraph.ops.cumulative import ProductBefore, Recurrence
from tests.support import same, specials

NAMES = ["cumsum", "cumprod"]
AXES: list[Any] = [None, 0, 1, -1]
ZEROS = np.array([[2.0, 0.0, -1.0, 3.0], [0.5, 4.0, 0.0, 0.0], [1.0, -2.0, 3.0, 0.25]])


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float32"])
def test_they_are_those_of_numpy(compiled: Callable[..., Any], dtype: str) -> None:
    """To the last bit, of numbers of all kinds; integers wrap round."""
    odd = specials(dtype)
    values = np.resize(odd, (3, 4 + len(odd)))
    x = T.TensorType(dtype, (None, None))("x")
    cases = [(name, axis) for name in NAMES for axis in AXES]
    outputs = [getattr(T, name)(x, axis=axis) for name, axis in cases]
    with np.errstate(all="ignore"):
        for (name, axis), found in zip(cases, compiled([x], outputs)(values), strict=True):
            wanted = getattr(np, name)(values, axis=axis)
            assert same(found, wanted.astype(found.dtype)), (name, axis)
            assert found.dtype == wanted.dtype


@pytest.mark.parametrize("shape", [(0, 3), (3, 1)])
def test_of_nothing_and_of_one(compiled: Callable[..., Any], shape: tuple[int, int]) -> None:
    """Sizes that are declared, so that no loop runs, and sizes that are not."""
    for declared in (shape, (None, None)):
        x = T.tensor("float64", declared, "x")
        outputs = [getattr(T, name)(x, axis=axis) for name in NAMES for axis in AXES[:3]]
        outputs += [T.grad(out.sum(), x) for out in outputs]
        outputs += [ProductBefore(axis)(x) for axis in (0, 1)]
        values = np.full(shape, 3.0)
        found = compiled([x], outputs)(values)
        wanted = [getattr(np, name)(values, axis=axis) for name in NAMES for axis in AXES[:3]]
        for mine, numpy in zip(found, wanted, strict=False):
            np.testing.assert_array_equal(mine, numpy)
        assert all(v.shape == shape for v in found[6:])


def complex_step(cost: Callable[..., Any], at: Any) -> Any:
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = at + 0j
        moved[place] += 1e-30j
        found[place] = cost(moved).imag / 1e-30
    return found


@pytest.mark.parametrize("axis", AXES[:3], ids=repr)
@pytest.mark.parametrize("name", NAMES)
def test_derivatives_where_elements_are_zero(
    compiled: Callable[..., Any], name: str, axis: Any
) -> None:
    """Backwards, forwards, and backwards through both."""
    x, v = T.dmatrix("x"), T.dmatrix("v")
    weights = np.cos(np.arange(12.0)).reshape(getattr(np, name)(ZEROS, axis=axis).shape)
    out = (getattr(T, name)(x, axis=axis) * weights).sum()
    along = np.sin(np.arange(12.0)).reshape(3, 4)
    gradient = T.grad(out, x)
    products = [T.Rop(out, x, v), T.Rop(gradient, x, v) if name == "cumprod" else v]
    second = T.grad((gradient * v).sum(), x, disconnected_inputs="ignore")
    first, forward, hessian, back = compiled([x, v], [gradient, *products, second])(ZEROS, along)

    def cost(at: Any) -> Any:
        return (getattr(np, name)(at, axis=axis) * weights).sum()

    exact = complex_step(cost, ZEROS)
    np.testing.assert_allclose(first, exact, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(forward, (exact * along).sum(), rtol=1e-12)
    if name == "cumprod":
        step = 1e-4
        near = (complex_step(cost, ZEROS + k * step * along) * k for k in (1, -1))
        np.testing.assert_allclose(back, sum(near) / (2 * step), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(hessian, back, rtol=1e-12, atol=1e-13)


def test_a_recurrence_and_its_derivatives() -> None:
    a, b = T.dmatrix("a"), T.dmatrix("b")
    out = Recurrence(1)(a, b)
    values = ZEROS, ZEROS[::-1].copy()
    rows = [np.zeros(3)]
    for k in range(3):
        rows.append(values[1][:, k] + values[0][:, k] * rows[-1])
    (found,) = kg.interpret(kg.Graph((a, b), (out,)), values)
    np.testing.assert_array_equal(found, np.stack(rows, axis=1))
    for op in (Recurrence(0), lambda a, b: T.exp(Recurrence(1)(a, b) / 4)):
        T.verify_grad(op, list(values), rng=np.random.default_rng(0))


def test_infinities_stay_where_they_are(compiled: Callable[..., Any]) -> None:
    """The last factor of a product is in no derivative of those before it."""
    x = T.dvector("x")
    f = compiled([x], T.grad(ProductBefore(0)(x).sum(), x))
    np.testing.assert_array_equal(f([2.0, 3.0, np.inf]), [4.0, 2.0, 0.0])


def test_loops_take_in_what_reads_them(compiled: Callable[..., Any]) -> None:
    """A running sum of sums of rows, and loops over columns that read it."""
    x, w = T.dmatrix("x"), T.dvector("w")
    total = T.cumsum((x * w).sum(axis=1))
    down = T.cumprod(T.exp(x / 8), axis=0)
    outputs = [total, total[:, None] * x + w, (down * w).sum(axis=1), T.cumsum(down.sum(axis=0))]
    rng = np.random.default_rng(0)
    for rows, columns in ((1, 1), (7, 5), (33, 17), (70, 3)):
        values, weights = rng.normal(size=(rows, columns)), rng.normal(size=columns)
        found = compiled([x, w], outputs)(values, weights)
        sums = np.cumsum((values * weights).sum(axis=1))
        products = np.cumprod(np.exp(values / 8), axis=0)
        wanted = [sums, sums[:, None] * values + weights, products @ weights]
        wanted.append(np.cumsum(products.sum(axis=0)))
        for mine, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-11)


def test_a_running_sum_is_one_kernel_and_no_call() -> None:
    x = T.dmatrix("x")
    for axis in (None, 0, 1):
        stages = compile_graph(kg.Graph((x,), (T.cumprod(T.exp(x), axis),)), CTarget())
        assert not stages.program.calls
        assert len(stages.program.kernels) == 1


def test_methods_and_functions_of_numpy() -> None:
    x = T.dmatrix("x")
    for name in (*NAMES, "prod"):
        for made in (getattr(x, name)(axis=0), getattr(np, name)(x, axis=0)):
            assert made.owner.op == getattr(T, name)(x, axis=0).owner.op


@pytest.mark.parametrize("name", NAMES)
def test_an_axis_that_is_not_there(name: str) -> None:
    with pytest.raises(AxisError, match="KG-S003"):
        getattr(T, name)(T.dvector("x"), axis=1)
    with pytest.raises(TypeError, match=r"KG-S003.*an axis is an integer, not .* in x"):
        getattr(T, name)(T.dmatrix("x"), axis=(0, 1))


@pytest.mark.parametrize(("n", "axis"), [(0, 0), (1, -1), (2, 0), (5, 1)])
def test_differences(compiled: Callable[..., Any], n: int, axis: int) -> None:
    x, flags = T.dmatrix("x"), T.tensor("bool", (None, None), "flags")
    f = compiled([x, flags], [T.diff(x, n, axis), T.diff(flags, n, axis)])
    for mine, values in zip(f(ZEROS, ZEROS > 0), (ZEROS, ZEROS > 0), strict=True):
        wanted = np.diff(values, n, axis)
        np.testing.assert_array_equal(mine, wanted)
        assert mine.dtype == wanted.dtype


def test_a_difference_is_taken_some_times() -> None:
    with pytest.raises(OptionError, match="n must be an integer from 0 to 1000"):
        T.diff(T.dvector("x"), n=-1)
    with pytest.raises(AxisError):
        T.diff(T.dvector("x"), axis=1)
