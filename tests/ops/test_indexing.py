"""Indexing by name: which indices there are, what they know of the result, and how they fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import IndexingError
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.types import Shape

MATRIX = np.arange(12.0).reshape(3, 4)


def known(*shape: int | None) -> Any:
    """A variable of these sizes."""
    return T.tensor("float64", shape, "x")


# ------------------------------------------------------------------------------- parts, by numbers

SPELLINGS = [
    np.s_[0],
    np.s_[-1],
    np.s_[-1, -4],
    np.s_[1:],
    np.s_[:-1],
    np.s_[::-1],
    np.s_[::2, 1::2],
    np.s_[2:0:-1],
    np.s_[-100:100],
    np.s_[100:],
    np.s_[2:1],
    np.s_[:, 0],
    np.s_[..., 0],
    np.s_[0, ...],
    np.s_[...],
    np.s_[None],
    np.s_[:, None, 1],
    np.s_[0, None],
    np.s_[()],
    np.s_[:: 2**80],
    np.s_[: -(2**80)],
    np.s_[np.int8(1)],
]


@pytest.mark.parametrize("index", SPELLINGS, ids=repr)
def test_an_index_means_what_it_means_to_numpy(index: Any) -> None:
    x = T.dmatrix("x")
    (found,) = kg.interpret(kg.Graph((x,), (x[index],)), [MATRIX])
    np.testing.assert_array_equal(found, MATRIX[index])


@pytest.mark.parametrize("index", SPELLINGS, ids=repr)
def test_known_sizes_give_known_sizes(index: Any) -> None:
    assert known(3, 4)[index].type.shape == MATRIX[index].shape


UNKNOWN: list[tuple[Any, Shape]] = [
    (np.s_[0], (4,)),
    (np.s_[:], (None, 4)),
    (np.s_[1:], (None, 4)),
    (np.s_[:, 1:], (None, 3)),
    (np.s_[1:, 0, None], (None, 1)),
]


@pytest.mark.parametrize(("index", "shape"), UNKNOWN, ids=repr)
def test_a_size_that_nobody_knows(index: Any, shape: Shape) -> None:
    assert known(None, 4)[index].type.shape == shape


def test_whole_axes_are_no_computation() -> None:
    """They are a part, which may be set; rewriting leaves it out."""
    x = known(None, 4)
    assert x[:, :] is not x
    graph = rewrite(Graph((x,), (x[:, :],)), DEFAULT).graph
    assert graph.outputs == graph.inputs


OUTSIDE = [
    (np.s_[3], "index 3 is out of bounds for dimension 0 of x .*, whose size is 3"),
    (np.s_[-4], "index -4 is out of bounds for dimension 0"),
    (np.s_[:, 4], "index 4 is out of bounds for dimension 1 of x .*, whose size is 4"),
    (np.s_[None, 0, -5], "index -5 is out of bounds for dimension 1"),
]


@pytest.mark.parametrize(("index", "words"), OUTSIDE, ids=repr)
def test_an_index_known_to_be_outside(index: Any, words: str) -> None:
    with pytest.raises(IndexingError, match=f"KG-I001.*{words}"):
        known(3, 4)[index]


def test_an_index_that_is_too_large_for_any_array() -> None:
    with pytest.raises(IndexingError, match="KG-I001"):
        known(3, 4)[2**80]


NO_INDEX: list[tuple[Any, str]] = [
    (np.s_[0, 0, 0], "3 indices for x .*, which has 2 dimensions"),
    (np.s_[..., ...], "with Ellipsis"),
    (np.s_[1.0], r"with 1\.0: integers and integer symbols only"),
    (np.s_[True], "with True"),
    (np.s_["a"], "with 'a'"),
    (np.s_[1.5:], r"with 1\.5"),
    (np.s_[T.dscalar("s")], "with s"),
    (np.s_[T.lvector("k"), 1.5], r"with 1\.5"),
    (np.s_[0, T.lvector("k") : 2], "with k"),
    (np.s_[0, T.tensor("bool", (None, None), "m")], "3 indices for x"),
    (np.s_[np.True_, T.lvector("k")], "with np.True_"),
    (np.s_[T.tensor("bool", (), "one")], "with one"),
    (np.s_[T.dvector("v")], r"with v \(float64\[\?\]\): integers are needed"),
    (np.s_[[True, False, True]], "integers are needed"),
]


@pytest.mark.parametrize(("index", "words"), NO_INDEX, ids=[words for _, words in NO_INDEX])
def test_what_is_no_index(index: Any, words: str) -> None:
    with pytest.raises(IndexingError, match=f"KG-I003.*{words}") as caught:
        known(3, 4)[index]
    assert isinstance(caught.value, TypeError)


def test_a_scalar_has_no_parts() -> None:
    with pytest.raises(IndexingError, match=r"KG-I003.*1 indices for x .*, which has 0 dimensions"):
        known()[0]


def test_a_scalar_may_get_a_dimension() -> None:
    assert known()[None].type.shape == (1,)


# ------------------------------------------------------------------------------- parts, by symbols

ENDS = [-100, -4, -3, -1, 0, 1, 2, 3, 4, 100]


@pytest.mark.parametrize("step", [-2, -1, 1, 2])
def test_symbols_as_ends_of_a_slice(compiled: Callable[..., Any], step: int) -> None:
    x, start, stop = T.dvector("x"), T.lscalar("start"), T.lscalar("stop")
    f = compiled([x, start, stop], [x[start:stop:step], x[start:stop:step].shape])
    values = np.arange(4.0)
    for a in ENDS:
        for b in ENDS:
            part, shape = f(values, a, b)
            np.testing.assert_array_equal(part, values[a:b:step])
            np.testing.assert_array_equal(shape, part.shape)


def test_a_symbol_as_a_step(compiled: Callable[..., Any]) -> None:
    x, step = T.dvector("x"), T.bscalar("step")
    f = compiled([x, step], x[::step])
    np.testing.assert_array_equal(f(np.arange(5.0), -2), [4.0, 2.0, 0.0])


def test_a_step_of_zero(compiled: Callable[..., Any]) -> None:
    x, step = T.dvector("x"), T.lscalar("step")
    f = compiled([x, step], x[::step])
    with pytest.raises(IndexingError, match=r"KG-I002.*slice step cannot be zero"):
        f([1.0, 2.0], 0)


@pytest.mark.parametrize("index", [2, -3, 2**62, -(2**62)])
def test_a_symbol_that_turns_out_to_be_outside(compiled: Callable[..., Any], index: int) -> None:
    x, k = T.dmatrix("x"), T.lscalar("k")
    f = compiled([x, k], x[:, k])
    with pytest.raises(IndexingError, match=rf"KG-I001.*index {index} .*dimension 1.*size is 2"):
        f(np.zeros((3, 2)), index)


# ----------------------------------------------------------------------------- rows, by their names


@pytest.mark.parametrize(
    ("indices", "shape"), [((5,), (5, 4)), ((None,), (None, 4)), ((2, None), (2, None, 4))]
)
def test_rows_come_in_the_shape_of_their_names(indices: Shape, shape: Shape) -> None:
    assert known(None, 4)[T.tensor("int32", indices, "k")].type.shape == shape


@pytest.mark.parametrize("rows", [[2, 0, 0], [-1, -3], np.array([], dtype="int64")], ids=repr)
def test_rows_by_a_list_of_numbers(rows: Any) -> None:
    x = T.dmatrix("x")
    (found,) = kg.interpret(kg.Graph((x,), (x[rows],)), [MATRIX])
    np.testing.assert_array_equal(found, MATRIX[rows])


@pytest.mark.parametrize("row", [3, -4])
def test_a_row_that_is_not_there(compiled: Callable[..., Any], row: int) -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    f = compiled([x, k], x[k])
    with pytest.raises(IndexingError, match=rf"(?s)KG-I001.*index {row} .*is an element of k"):
        f(MATRIX, [0, row, 1])


def test_no_names_no_rows(compiled: Callable[..., Any]) -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    assert compiled([x, k], x[k])(np.zeros((0, 4)), []).shape == (0, 4)


# -------------------------------------------------------------------------------------- derivatives


def test_a_row_that_is_read_twice_counts_twice(compiled: Callable[..., Any]) -> None:
    x, k = T.dvector("x"), T.lvector("k")
    f = compiled([x, k], T.grad(x[k].sum(), x))
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0], [2, 0, 2, -1]), [1.0, 0.0, 3.0])


def test_what_is_not_read_has_no_derivative(compiled: Callable[..., Any]) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = compiled([x, n], T.grad((x[n:] ** 2).sum(), x))
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0], 1), [0.0, 4.0, 6.0])


# --------------------------------------------------------------------------- ends that int64 has

LIMITS = (-(2**63), 1 - 2**63, -(2**62), -4, -3, -1, 0, 1, 3, 4, 2**31, 2**62, 2**63 - 2, 2**63 - 1)


def test_slices_from_any_end_to_any_other(compiled: Callable[..., Any]) -> None:
    x, a, b, c = T.dvector("x"), *T.lscalars("a", "b", "c")

    def parts(x: Any, a: Any, b: Any, c: Any) -> list[Any]:
        return [x[a:b:c], x[:b:c], x[a::c], x[:a], x[b:], x[a::-1], x[:b:-1], x[::c]]

    f = compiled([x, a, b, c], parts(x, a, b, c))
    value = np.arange(4.0)
    for ends in itertools.product(LIMITS, LIMITS, [step for step in LIMITS if step]):
        for found, wanted in zip(f(value, *ends), parts(value, *ends), strict=True):
            assert found.tolist() == wanted.tolist(), ends


def test_slices_with_known_and_unsigned_ends(compiled: Callable[..., Any]) -> None:
    x, u = T.dvector("x"), T.TensorType("uint64", ())("u")
    value = np.arange(4.0)
    f = compiled([x, u], [x[:u], x[u:], x[::u]])
    for n in (1, 3, 2**63, 2**64 - 1):
        wanted = [value[:n], value[n:], value[::n]]
        for found, part in zip(f(value, n), wanted, strict=True):
            assert found.tolist() == part.tolist()
    few = [(a, b, c) for a in (*LIMITS[::3], None) for b in (*LIMITS[1::4], None) for c in (1, -3)]
    g = compiled(
        [x], [x[a:b:c] for a, b, c in [*few, (None, None, -(2**63)), (2**70, -(2**70), -1)]]
    )
    wanted = [value[a:b:c] for a, b, c in [*few, (None, None, -(2**63)), (2**70, -(2**70), -1)]]
    for found, part in zip(g(value), wanted, strict=True):
        assert found.tolist() == part.tolist()


def test_an_index_that_is_aligned_with_none_names_nothing(compiled: Any) -> None:
    """As in NumPy, an index is outside only if an element is to be read by it."""
    x, rows, columns = T.dmatrix("x"), T.lcol("rows"), T.lrow("columns")
    part = x[rows, columns]
    outputs = [part, T.grad(part.sum(), x), T.inc_subtensor(part, 1)]
    f = compiled([x, rows, columns], outputs)
    for size in (0, 2):
        shapes = [v.shape for v in f(np.ones((size, 3)), np.zeros((0, 1), int), [[7]])]
        assert shapes == [(0, 1), (size, 3), (size, 3)]
    with pytest.raises(IndexingError, match="index 7"):
        f(np.ones((2, 3)), [[0]], [[7]])
