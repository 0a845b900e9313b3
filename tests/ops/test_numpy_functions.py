"""NumPy's functions on symbols: they mean what NumPy means, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, SymbolicError

MATRIX = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]])
OTHER = np.array([[1.0, 2.0, -3.0], [0.5, 4.0, 1.0]])

CALLS: dict[str, Callable[..., Any]] = {
    "a ufunc": lambda x, y: np.exp(x),
    "a ufunc with an array": lambda x, y: np.add(MATRIX, x),
    "a ufunc in a dtype": lambda x, y: np.exp(x, dtype="float32"),
    "reduce goes along the first axis": lambda x, y: np.add.reduce(x),
    "reduce along all axes": lambda x, y: np.add.reduce(x, axis=None),
    "reduce with its axis kept": lambda x, y: np.maximum.reduce(x, axis=1, keepdims=True),
    "the outer product": np.multiply.outer,
    "the outer difference": lambda x, y: np.subtract.outer(x, MATRIX),
    "an axis by name": lambda x, y: np.sum(x, axis=0),
    "an axis by place": lambda x, y: np.sum(x, 0),
    "keepdims": lambda x, y: np.mean(x, axis=1, keepdims=True),
    "a dtype": lambda x, y: np.sum(x > 0, dtype="int64"),
    "an option that is left as it is": lambda x, y: np.sum(x, out=None),
    "degrees of freedom": lambda x, y: np.var(x, axis=0, ddof=1),
    "bits": lambda x, y: np.bitwise_and(x > 0, y > 0),
    "a quotient and its rest": lambda x, y: np.divmod(x, y)[1],
    "rounding": lambda x, y: np.floor(x) + np.trunc(y),
    "a list of symbols": lambda x, y: np.concatenate([x, y], axis=1),
    "a list with an array": lambda x, y: np.concatenate([MATRIX, y]),
    "a stack": lambda x, y: np.stack([x, y], axis=1),
    "a shape": lambda x, y: np.reshape(x, (3, -1)),
    "the number of elements": lambda x, y: np.size(x) + np.size(x, 1),
    "bounds by place": lambda x, y: np.clip(x, 0, 1),
    "bounds by name": lambda x, y: np.clip(x, a_min=0, a_max=1),
    "a choice": lambda x, y: np.where(x > y, x, y),
    "axes": lambda x, y: np.transpose(x, (1, 0)),
    "a product": lambda x, y: np.matmul(x, np.transpose(y)),
    "labels": lambda x, y: np.einsum("ij,kj->ik", x, y),
    "a second name": lambda x, y: np.amax(x, axis=0),
    "linear algebra": lambda x, y: np.linalg.solve(x[:, :2], y[:, :2]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_a_function_of_numpy_builds_what_it_means(call: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    found = kg.function([x, y], call(x, y), target="interpret", on_unused_input="ignore")
    wanted = np.asarray(call(MATRIX, OTHER))
    result = found(MATRIX, OTHER)
    assert result.dtype == wanted.dtype
    np.testing.assert_allclose(result, wanted, rtol=1e-12 if wanted.dtype == "float64" else 1e-6)


def test_the_rank_is_a_number() -> None:
    x: Any = T.dmatrix("x")
    assert np.ndim(x) == 2


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda x: np.exp(x, out=np.zeros((2, 3))), "out="),
        (lambda x: np.exp(x, where=np.ones((2, 3), bool)), "where="),
        (lambda x: np.add.reduce(x, initial=1.0), "initial="),
        (lambda x: np.sum(x, out=np.zeros(())), "out="),
        (lambda x: np.sum(x, where=np.ones((2, 3), bool)), "where="),
        (lambda x: np.reshape(x, (3, 2), order="F"), "order="),
    ],
)
def test_an_option_that_symbols_have_not_is_refused(
    call: Callable[[Any], Any], option: str
) -> None:
    with pytest.raises(SymbolicError, match=f"KG-G011.*(?s:.*)leave out {option}"):
        call(T.dmatrix("x"))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add.at(x, 0, 1.0),
        lambda x: np.add.reduceat(x, [0, 1]),
        np.arctan2.reduce,
        np.frexp,
        np.unwrap,
        np.packbits,
        np.fft.fft,
        lambda x: np.clip(x, 0),
    ],
)
def test_a_function_that_symbols_have_not_is_refused(call: Callable[[Any], Any]) -> None:
    with pytest.raises(SymbolicError, match=r"KG-G011.*cannot be applied to x"):
        call(T.dmatrix("x"))


def test_a_dtype_that_numpy_would_not_compute_in_is_refused() -> None:
    x: Any = T.dvector("x")
    with pytest.raises(DTypeError, match="KG-D009"):
        np.add(x, 1.0, dtype="int32")


def test_a_symbol_has_no_memory_to_share() -> None:
    x: Any = T.dvector("x")
    for ask in (np.from_dlpack, np.asarray):
        with pytest.raises(SymbolicError, match="no number yet"):
            ask(x)


def test_rules_may_be_written_with_numpy() -> None:
    @kg.rule
    def twice(x: Any) -> Any:
        """A rule with NumPy's names."""
        return np.negative(np.negative(x)), x

    x = T.dvector("x")
    f = kg.function([x], T.neg(T.neg(T.exp(x))), rules=[twice], target="interpret")
    assert str(f.stages.rewriting.graph.outputs[0]) == "exp(x)"
