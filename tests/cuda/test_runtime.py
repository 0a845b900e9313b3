"""Programs on the simulator: the numbers of `interpret`, and no fault of any kernel.

Every op of the table runs in check mode, so an index out of bounds, a race, a missing barrier or a
number that was never written is an error here. A plain run takes some of the cases, a hunt all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.cuda.target import SimulatedTarget
from kernelgraph.errors import IndexingError, KernelError, ShapeError
from tests.every_op.cases import Case
from tests.every_op.table import ALL
from tests.support import hunting

pytestmark = pytest.mark.usefixtures("any_numbers", "cache_of_this_run")

GROUP = 20
EVERY = 1 if hunting() else 30
"""Of so many groups one runs."""


def run(cases: list[Case], target: str) -> Iterator[list[Any]]:
    """The results of each case, from one function of all of them."""
    inputs = [v for case in cases for v in case.inputs]
    f = kg.function(inputs, [out for case in cases for out in case.outputs], target=target)
    found = iter(f(*(v for case in cases for v in case.values)))
    for case in cases:
        yield [np.asarray(next(found)) for _ in case.outputs]


@pytest.mark.parametrize("first", range(0, len(ALL), GROUP * EVERY))
def test_every_op_is_the_same_on_the_device(first: int) -> None:
    group = ALL[first : first + GROUP]
    pairs = zip(group, run(group, "interpret"), run(group, "cuda-check"), strict=True)
    for case, wanted, found in pairs:
        for expected, got in zip(wanted, found, strict=True):
            assert case.compare(expected, got), f"{case.label}: {got}, expected {expected}"


def programs() -> dict[str, Any]:
    """Whole programs: what they compute, and values of their inputs."""
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector("w")
    k = T.lscalar("k")
    rng = np.random.default_rng(7)
    a, b, c = rng.normal(size=(6, 5)), rng.normal(size=6), rng.normal(size=5)
    p = T.sigmoid(T.dot(x, w))
    cost = -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean()
    states, _ = kg.scan(lambda s, v: T.tanh(s + v), sequences=x, outputs_info=w)
    return {
        "logistic": ([x, y, w], [cost, T.grad(cost, w)], [a, b > 0, c]),
        "row kernel": ([x], [(x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)], [a]),
        "softmax of a product": ([x], [T.softmax(T.dot(x, x.T))], [a]),
        "transposes": ([x], [x.T.reshape((6, 5)) + 1, x[::-1, 1::2].sum(0)], [a]),
        "three axes": ([x], [T.exp(x)[:, :, None] * x[0] + 1], [a]),
        "scan": ([x, w], [states, T.grad(states[-1].sum(), w)], [a, c]),
        "choice": ([k, x], [kg.ifelse(k > 0, x + 1, x * 2)], [1, a]),
        "written": ([x, k], [T.set_subtensor(x[k, :2], 0), T.inc_subtensor(x[[1, 1]], 1)], [a, 2]),
        "masks": ([x], [x[x > 0], T.nonzero(x > 1)[0]], [a]),
        "linear algebra": ([x], [T.linalg.inv(T.dot(x.T, x)), T.linalg.svd(x)[1]], [a]),
    }


@pytest.mark.parametrize("name", programs())
def test_whole_programs(name: str) -> None:
    inputs, outputs, values = programs()[name]
    wanted, found = (
        kg.function(inputs, outputs, target=target, allow_input_downcast=True)(*values)
        for target in ("interpret", "cuda-check")
    )
    for expected, got in zip(wanted, found, strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.fixture(scope="module")
def formulas() -> tuple[Any, ...]:
    """The same formulas on NumPy and on the device."""
    x = T.dmatrix("x")
    outputs = [x + 1, x.sum(), x.sum(0), x.sum(1), x.T * 2, T.cumsum(x, axis=1), T.softmax(x)]
    return tuple(kg.function([x], outputs, target=t) for t in ("interpret", "cuda-check"))


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("columns", [0, 1, 300])
def test_sizes_that_threads_do_not_divide(formulas: Any, rows: int, columns: int) -> None:
    a = np.arange(rows * columns, dtype=float).reshape(rows, columns) / 7
    for wanted, found in zip(*(f(a) for f in formulas), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_what_comes_in_any_layout_is_sent(formulas: Any) -> None:
    a = np.arange(24.0).reshape(4, 6)
    for layout in (np.asfortranarray(a), a[::-1, ::2], a.T, np.broadcast_to(a[:1], (3, 6))):
        for wanted, found in zip(*(f(layout) for f in formulas), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_updates_are_stored_and_old_values_stay() -> None:
    total, x = kg.shared(np.zeros(3), "total"), T.dvector("x")
    f = kg.function([x], total * 2, updates=[(total, total + x)], target="cuda-check")
    before = total.get_value(borrow=True)
    assert f(np.ones(3)).tolist() == [0, 0, 0]
    assert f(np.ones(3)).tolist() == [2, 2, 2]
    assert total.get_value().tolist() == [2, 2, 2]
    assert before.tolist() == [0, 0, 0]


def test_errors_are_those_of_every_target() -> None:
    x, y, k = T.dvector("x"), T.dvector("y"), T.lscalar("k")
    f = kg.function([x, y, k], [x + y, x[T.stack([k, k])]], target="cuda-check")
    with pytest.raises(IndexingError, match="index 7"):
        f([1, 2, 3], [1, 2, 3], 7)
    with pytest.raises(ShapeError, match="KG-S001"):
        f([1, 2, 3], [1, 2], 0)
    assert f([1, 2, 3], [1, 2, 3], 2)[1].tolist() == [3, 3]  # and it goes on


def test_a_division_by_zero_warns_once() -> None:
    k = T.lvector("k")
    f = kg.function([k], 5 // k, target="cuda-check")
    with np.errstate(all="warn"), pytest.warns(RuntimeWarning, match="by 0 gives 0") as told:
        assert f([0, 0, 1]).tolist() == [0, 0, 5]
    assert len(told) == 1


def test_a_fault_of_a_kernel_is_an_error_at_the_users_line() -> None:
    """A kernel of ours that is spoilt: it reads one past the end."""

    class Spoilt(SimulatedTarget):
        def print(self, program: Any) -> Any:
            source = super().print(program)
            assert "exp(x[i])" in source.text
            return type(source)(source.text.replace("x[i]", "x[i + 1]"), source.lines)

    x = T.dvector("x")
    f = kg.function([x], T.exp(x), target=Spoilt("check"))
    with pytest.raises(KernelError, match="out of bounds") as error:
        f(np.ones(3))
    assert "T.exp(x)" in str(error.value)
    assert kg.function([x], T.exp(x), target="cuda-check")([0.0]) == [1.0]
