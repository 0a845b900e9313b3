"""Parts of arrays set and added to: NumPy's numbers, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    IndexingError,
    KernelgraphError,
    ShapeError,
)
from tests.schedule.test_parts import calls

TARGETS = ("interpret", "python", "c")
M43 = np.arange(12.0).reshape(4, 3)


def numpys(index: Any, value: Any, add: bool) -> Any:
    out = M43.copy()
    if add:
        np.add.at(out, index, value)
    else:
        out[index] = value
    return out


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("add", [False, True])
def test_they_are_numpys(add: bool, target: str) -> None:
    m = T.dmatrix("m")
    update = T.inc_subtensor if add else T.set_subtensor
    parts: list[tuple[Any, Any]] = [
        (1, 5.0), (-1, np.ones(3)), (slice(1, None, 2), np.ones((2, 3))), ((2, 1), 7.0),
        ((slice(None), 0), np.arange(4.0)), (slice(None, None, -1), M43 * 2),
        ([0, 2, 0], M43[:3] + 1), ([1, 1], 1.0), (slice(3, 1), 9.0),
        ((slice(0, 2), slice(1, 3)), np.ones((2, 1))),
    ]  # fmt: skip
    f = kg.function([m], [update(m[index], value) for index, value in parts], target=target)
    for got, (index, value) in zip(f(M43), parts, strict=True):
        np.testing.assert_array_equal(got, numpys(index, value, add))
    np.testing.assert_array_equal(M43, np.arange(12.0).reshape(4, 3))


@pytest.mark.parametrize("target", TARGETS)
def test_shared_values_are_updated_by_parts(target: str) -> None:
    table, i = kg.shared(np.zeros((3, 2))), T.lvector("i")
    rows = T.inc_subtensor(table[i], 1.0)
    f = kg.function(
        [i], rows.sum(), updates=[(table, T.set_subtensor(rows[0], -1.0))], target=target
    )
    assert [float(f([2, 0, 2])), float(f([1]))] == [6.0, 4.0]
    np.testing.assert_array_equal(table.get_value(), [[-1, -1], [1, 1], [2, 2]])


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_put_over_has_no_derivative(target: str) -> None:
    """Of two numbers for one place the last one counts, forwards and backwards."""
    v, i, x = T.dvector("v"), T.lvector("i"), T.dvector("x")
    y = T.set_subtensor(T.sqrt(x)[i], v * v)
    outputs = [*T.grad(y.sum(), [v, x]), T.Rop(y, [x, v], [T.ones_like(x), T.ones_like(v)])]
    f = kg.function([x, v, i], outputs, target=target)
    derivatives = f([0, 4, 0], [1, 2, 3], [0, 2, 0])
    np.testing.assert_allclose(derivatives[0], [0, 4, 6])
    np.testing.assert_allclose(derivatives[1], [0, 0.25, 0])
    np.testing.assert_allclose(derivatives[2], [6, 0.25, 4])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_sizes_that_differ_are_an_error_at_the_line(mode: str, target: str) -> None:
    x, v = T.dvector("x"), T.dvector("v")
    y = T.set_subtensor(x[1:4], v)  # the line
    f = kg.function([x, v], [y, T.grad(y.sum(), x)], target=target, mode=mode)
    with pytest.raises(ShapeError, match="size 2 along axis 0 for a part with 3") as caught:
        f(np.ones(7), np.ones(2))
    assert "the line" in str(caught.value)
    assert f(np.ones(3), np.ones(2))[0].tolist() == [1, 1, 1]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("index", [7, np.array([0, 7])], ids=["item", "rows"])
def test_an_index_outside_is_an_error_at_the_line(index: Any, target: str) -> None:
    x, i = T.dmatrix("x"), T.lscalar("i") if isinstance(index, int) else T.lvector("i")
    y = T.set_subtensor(x[i], 1.0)  # the line
    f = kg.function([x, i], y, target=target)
    with pytest.raises(IndexingError, match="index 7 is out of bounds") as caught:
        f(M43, index)
    assert "the line" in str(caught.value)


x, m = T.dvector("x"), T.dmatrix("m")
WRONG: dict[str, tuple[Callable[[], Any], type[KernelgraphError], str]] = {
    "no part": (lambda: T.set_subtensor(x, 1.0), ArgumentError, "a part of an array is needed"),
    "a number": (lambda: T.inc_subtensor(3, 1.0), ArgumentError, "a part of an array is needed"),
    "another dtype": (
        lambda: T.set_subtensor(T.lvector("k")[1:], 0.5), DTypeError, "does not fit into"
    ),
    "more dimensions": (lambda: T.set_subtensor(x[1:], m), ShapeError, "more dimensions"),
    "known sizes": (
        lambda: T.set_subtensor(T.tensor("float64", (4,), "v")[1:], np.ones(2)), ShapeError,
        "size 2 along axis 0 for a part with 3"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls_are_clear_errors(name: str) -> None:
    call, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        call()


@pytest.mark.parametrize("target", ["c", "python"])
def test_no_python_call_in_a_loop_that_sets(target: str) -> None:
    rows, i = T.dmatrix("rows"), T.lvector("i")

    def step(row: Any, k: Any, before: Any) -> Any:
        return T.inc_subtensor(T.set_subtensor(before[k], row[0])[1:], T.tanh(row[1:]))

    states, _ = kg.scan(step, sequences=[rows, i], outputs_info=T.zeros_like(rows[0]))
    outputs = [states, T.grad((states**2).sum(), rows)]
    values = np.sin(np.arange(15.0)).reshape(5, 3), [0, 2, 1, 0, 2]
    wanted = kg.function([rows, i], outputs, target="interpret")(*values)
    f = kg.function([rows, i], outputs, target=target)
    for got, want in zip(f(*values), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert calls(f.stages.program.actions) == 0


def test_the_plan_says_what_is_copied_and_what_is_not() -> None:
    y = T.set_subtensor(T.set_subtensor(x[0], 1.0)[1], 2.0)
    f = kg.function([x], y, target="c")
    texts = [str(d) for d in f.stages.schedule.decisions if "written where" in d.what]
    assert ["a copy" in text for text in texts] == [True, False]
    assert len(f.stages.program.kernels) == 1


def test_all_of_a_part_is_set_in_the_part() -> None:
    """`z[:]` is a part of z, whatever z is a part of."""
    y = T.dvector("y")
    z = y[1:3]
    for target in TARGETS:
        f = kg.function(
            [y], [T.set_subtensor(z[:], 5.0), T.inc_subtensor(y[:], 1.0)], target=target
        )
        part, whole = f(np.arange(4.0))
        assert part.tolist() == [5.0, 5.0]
        assert whole.tolist() == [1.0, 2.0, 3.0, 4.0]
