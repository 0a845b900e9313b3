"""Arrays of other libraries as arguments: what each protocol offers is read where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError
from kernelgraph.protocols import foreign_array


class Frame:
    """As a column of pandas: it has `__array__` and an index of its own."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.values if dtype is None else self.values.astype(dtype)

    def __len__(self) -> int:
        return len(self.values)


class Tensor:
    """As a tensor of another library: DLPack is all that it offers."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


OFFERS = [Frame, Tensor, memoryview]


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
def test_memory_is_shared(offer: Any, dtype: str) -> None:
    values = np.arange(4, dtype=dtype)
    found = foreign_array(offer(values), "x")
    assert found.dtype == dtype
    assert np.shares_memory(found, values)


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("target", ["interpret", "python"])
def test_a_function_takes_it(offer: Any, target: str) -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, target=target)
    np.testing.assert_array_equal(f(offer(np.array([1.0, 2.0]))), [2.0, 4.0])


@pytest.mark.parametrize("offer", OFFERS)
def test_a_shared_variable_borrows_it(offer: Any) -> None:
    values = np.array([1.0, 2.0])
    assert np.shares_memory(kg.shared(offer(values), borrow=True).get_value(borrow=True), values)
    assert not np.shares_memory(kg.shared(offer(values)).get_value(borrow=True), values)


@pytest.mark.parametrize("offer", OFFERS)
def test_a_constant_is_a_copy(offer: Any) -> None:
    values = np.array([1.0, 2.0])
    constant = T.constant(offer(values))
    values[0] = 9.0
    np.testing.assert_array_equal(constant.data, [1.0, 2.0])


class Elsewhere(Tensor):
    """A tensor in the memory of a graphics card."""

    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("not in the memory of the processor")


def test_what_is_not_in_memory_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"KG-D007.*not in the memory"):
        foreign_array(Elsewhere([1.0]), "x")


def test_a_dtype_that_does_not_fit_is_refused() -> None:
    f = kg.function([x := T.ivector("x")], x + 1, target="interpret")
    with pytest.raises(DTypeError, match="float64"):
        f(Tensor([1.5]))
