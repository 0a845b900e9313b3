"""Functions of the namespace, called as a program calls them: as the strict reference answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.array_api.array import Array

Call = Callable[[Any, Any, Any, Any], Any]

MATRIX = [[0.5, -1.5, 2.0], [3.0, 0.25, 0.25]]
WHOLE = [[3, -1, 2], [0, 2, 2]]
CUBE = [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]

CALLS: dict[str, Call] = {
    "arange": lambda s, x, k, c: s.arange(5),
    "arange from, to, by": lambda s, x, k, c: s.arange(7, -2, -3),
    "arange of floats": lambda s, x, k, c: s.arange(0.0, 1.0, 0.25),
    "arange in a dtype": lambda s, x, k, c: s.arange(3, dtype=s.float32),
    "arange of nothing": lambda s, x, k, c: s.arange(3, 3),
    "asarray of a list": lambda s, x, k, c: s.asarray([[1, 2], [3, 4]]),
    "asarray of truth": lambda s, x, k, c: s.asarray([True, False]),
    "asarray in a dtype": lambda s, x, k, c: s.asarray([1, 2], dtype=s.uint8),
    "asarray of an array": lambda s, x, k, c: s.asarray(x, dtype=s.float32),
    "zeros": lambda s, x, k, c: s.zeros((2, 0, 3)),
    "ones of one size": lambda s, x, k, c: s.ones(3, dtype=s.int16),
    "full": lambda s, x, k, c: s.full((2, 2), 7),
    "full of truth": lambda s, x, k, c: s.full((2,), True),
    "full like": lambda s, x, k, c: s.full_like(k, 3),
    "zeros like": lambda s, x, k, c: s.zeros_like(x),
    "ones like in a dtype": lambda s, x, k, c: s.ones_like(x, dtype=s.bool),
    "eye": lambda s, x, k, c: s.eye(3),
    "eye with a shift": lambda s, x, k, c: s.eye(3, 4, k=1, dtype=s.int32),
    "eye below": lambda s, x, k, c: s.eye(3, 2, k=-1),
    "linspace": lambda s, x, k, c: s.linspace(0.0, 1.0, 5),
    "linspace without its end": lambda s, x, k, c: s.linspace(-1, 1, 4, endpoint=False),
    "linspace of one": lambda s, x, k, c: s.linspace(2.0, 3.0, 1),
    "linspace of none": lambda s, x, k, c: s.linspace(2.0, 3.0, 0),
    "meshgrid": lambda s, x, k, c: s.meshgrid(s.arange(2), s.arange(3))[0],
    "meshgrid, second": lambda s, x, k, c: s.meshgrid(s.arange(2), s.arange(3))[1],
    "meshgrid ij": lambda s, x, k, c: s.meshgrid(s.arange(2), s.arange(3), indexing="ij")[1],
    "tril": lambda s, x, k, c: s.tril(x),
    "triu": lambda s, x, k, c: s.triu(c, k=1),
    "astype": lambda s, x, k, c: s.astype(x, s.int64),
    "astype of truth": lambda s, x, k, c: s.astype(k, s.bool),
    "broadcast_to": lambda s, x, k, c: s.broadcast_to(x, (4, 2, 3)),
    "broadcast a row": lambda s, x, k, c: s.broadcast_to(x[:1, :], (2, 3)),
    "broadcast_arrays": lambda s, x, k, c: s.broadcast_arrays(x, x[:, :1])[1],
    "concat": lambda s, x, k, c: s.concat([x, x], axis=1),
    "concat of all": lambda s, x, k, c: s.concat([x, x], axis=None),
    "concat promotes": lambda s, x, k, c: s.concat([k, s.asarray([[1, 2, 3]], dtype=s.int8)]),
    "expand_dims": lambda s, x, k, c: s.expand_dims(x, axis=1),
    "expand_dims at the end": lambda s, x, k, c: s.expand_dims(x, axis=-1),
    "flip": lambda s, x, k, c: s.flip(x),
    "flip an axis": lambda s, x, k, c: s.flip(c, axis=(0, 2)),
    "moveaxis": lambda s, x, k, c: s.moveaxis(s.ones((2, 3, 4)), 0, -1),
    "moveaxis of two": lambda s, x, k, c: s.moveaxis(s.ones((2, 3, 4)), (0, 1), (2, 0)),
    "permute_dims": lambda s, x, k, c: s.permute_dims(s.ones((2, 3, 4)), (2, 0, 1)),
    "repeat": lambda s, x, k, c: s.repeat(x, 2),
    "repeat along": lambda s, x, k, c: s.repeat(x, 2, axis=1),
    "repeat by an array": lambda s, x, k, c: s.repeat(x, s.asarray([1, 0, 2]), axis=1),
    "reshape": lambda s, x, k, c: s.reshape(x, (3, -1)),
    "reshape to one": lambda s, x, k, c: s.reshape(x, (-1,)),
    "roll": lambda s, x, k, c: s.roll(x, 1),
    "roll along": lambda s, x, k, c: s.roll(x, -1, axis=1),
    "roll along two": lambda s, x, k, c: s.roll(x, (1, 2), axis=(0, 1)),
    "squeeze": lambda s, x, k, c: s.squeeze(s.ones((1, 3, 1)), axis=0),
    "squeeze two": lambda s, x, k, c: s.squeeze(s.ones((1, 3, 1)), axis=(0, -1)),
    "stack": lambda s, x, k, c: s.stack([x, x], axis=-1),
    "tile": lambda s, x, k, c: s.tile(x, (2, 1, 2)),
    "unstack": lambda s, x, k, c: s.unstack(x, axis=1)[2],
    "sum": lambda s, x, k, c: s.sum(x),
    "sum along": lambda s, x, k, c: s.sum(c, axis=(0, -1), keepdims=True),
    "sum of integers": lambda s, x, k, c: s.sum(s.asarray([100, 100], dtype=s.int8)),
    "sum of unsigned": lambda s, x, k, c: s.sum(s.asarray([200, 100], dtype=s.uint8)),
    "sum in a dtype": lambda s, x, k, c: s.sum(k, axis=0, dtype=s.float32),
    "sum of a float32": lambda s, x, k, c: s.sum(s.astype(x, s.float32)),
    "sum of nothing": lambda s, x, k, c: s.sum(s.zeros((0, 2)), axis=0),
    "prod": lambda s, x, k, c: s.prod(x, axis=1),
    "mean": lambda s, x, k, c: s.mean(x, axis=0, keepdims=True),
    "var": lambda s, x, k, c: s.var(x, axis=1),
    "std with a correction": lambda s, x, k, c: s.std(x, correction=1.0),
    "max": lambda s, x, k, c: s.max(x, axis=1),
    "min": lambda s, x, k, c: s.min(k),
    "all": lambda s, x, k, c: s.all(k, axis=1),
    "any": lambda s, x, k, c: s.any(x > 2, axis=0, keepdims=True),
    "argmax": lambda s, x, k, c: s.argmax(x),
    "argmin": lambda s, x, k, c: s.argmin(k, axis=1, keepdims=True),
    "count_nonzero": lambda s, x, k, c: s.count_nonzero(k, axis=0),
    "cumulative_sum": lambda s, x, k, c: s.cumulative_sum(x, axis=1),
    "cumulative_sum from 0": lambda s, x, k, c: s.cumulative_sum(x, axis=0, include_initial=True),
    "cumulative_sum of integers": lambda s, x, k, c: s.cumulative_sum(s.ones(3, dtype=s.int8)),
    "cumulative_prod": lambda s, x, k, c: s.cumulative_prod(x, axis=-1, include_initial=True),
    "diff": lambda s, x, k, c: s.diff(x),
    "diff twice": lambda s, x, k, c: s.diff(k, n=2, axis=1),
    "diff with ends": lambda s, x, k, c: s.diff(x, axis=0, prepend=x[:1, :], append=x[1:, :]),
    "nonzero": lambda s, x, k, c: s.nonzero(k)[1],
    "where": lambda s, x, k, c: s.where(x > 0, x, -x),
    "where with a number": lambda s, x, k, c: s.where(x > 0, x, 0),
    "where promotes": lambda s, x, k, c: s.where(x > 0, k, s.astype(k, s.int8)),
    "clip": lambda s, x, k, c: s.clip(x, 0, 1),
    "clip below": lambda s, x, k, c: s.clip(k, min=0),
    "clip by arrays": lambda s, x, k, c: s.clip(x, s.zeros((3,)), s.ones((2, 1))),
    "matmul": lambda s, x, k, c: s.matmul(x, x.T),
    "matmul of stacks": lambda s, x, k, c: c @ c,
    "matmul with a vector": lambda s, x, k, c: x @ s.ones(3),
    "matmul of integers": lambda s, x, k, c: k @ k.T,
    "tensordot": lambda s, x, k, c: s.tensordot(c, c, axes=2),
    "tensordot of axes": lambda s, x, k, c: s.tensordot(c, x, axes=((0,), (0,))),
    "tensordot of none": lambda s, x, k, c: s.tensordot(x, x, axes=0),
    "vecdot": lambda s, x, k, c: s.vecdot(x, x),
    "vecdot along": lambda s, x, k, c: s.vecdot(c, c, axis=-2),
    "matrix_transpose": lambda s, x, k, c: s.matrix_transpose(c),
    "take": lambda s, x, k, c: s.take(x, s.asarray([2, 0, 2]), axis=1),
    "take of a vector": lambda s, x, k, c: s.take(s.arange(5), s.asarray([4, 0])),
    "take_along_axis": lambda s, x, k, c: s.take_along_axis(x, s.argsort(x, axis=1), axis=1),
    "take_along_axis of one": lambda s, x, k, c: s.take_along_axis(c, s.asarray([[[1]]]), axis=1),
    "sort": lambda s, x, k, c: s.sort(x),
    "sort down": lambda s, x, k, c: s.sort(k, axis=0, descending=True),
    "sort with NaN": lambda s, x, k, c: s.sort(s.asarray([2.0, s.nan, -s.inf, 0.0])),
    "argsort": lambda s, x, k, c: s.argsort(k),
    "argsort down": lambda s, x, k, c: s.argsort(k, axis=1, descending=True),
    "searchsorted": lambda s, x, k, c: s.searchsorted(s.arange(4), k),
    "searchsorted behind": lambda s, x, k, c: s.searchsorted(s.arange(4), k, side="right"),
    "searchsorted unsorted": lambda s, x, k, c: s.searchsorted(
        x[0, :], x, sorter=s.argsort(x[0, :])
    ),
    "unique_values": lambda s, x, k, c: s.unique_values(k),
    "unique_values of NaN": lambda s, x, k, c: s.unique_values(s.asarray([s.nan, 1.0, s.nan])),
    "unique_counts": lambda s, x, k, c: s.unique_counts(k).counts,
    "unique_inverse": lambda s, x, k, c: s.unique_inverse(k).inverse_indices,
    "unique_all": lambda s, x, k, c: s.unique_all(x).indices,
    "unique_all of truth": lambda s, x, k, c: s.unique_all(x > 0).values,
    "asarray of complex": lambda s, x, k, c: s.asarray([1j, 2.0]),
    "a full one of complex": lambda s, x, k, c: s.full((2,), 1j),
    "linspace of complex": lambda s, x, k, c: s.linspace(0.0, 1j, 3),
    "astype to complex": lambda s, x, k, c: s.astype(x, s.complex64),
    "complex products": lambda s, x, k, c: (x + 1j * x) @ (x - 1j).T,
    "vecdot of complex": lambda s, x, k, c: s.vecdot(x * 1j, x + 1j),
    "sum of complex": lambda s, x, k, c: s.sum(x * 1j, axis=0),
    "mean of complex": lambda s, x, k, c: s.mean(x * 1j + 1),
    "cumulative_prod of complex": lambda s, x, k, c: s.cumulative_prod(x * (1 + 1j), axis=1),
    "the different ones of complex": lambda s, x, k, c: s.unique_values(s.asarray([1j, 1.0, 1j])),
    "parts of complex": lambda s, x, k, c: s.real(x + 1j) * s.imag(x + 2j),
    "where of complex": lambda s, x, k, c: s.where(x > 0, x * 1j, 1j),
    "an item": lambda s, x, k, c: x[1, -1],
    "a row": lambda s, x, k, c: x[0, ...],
    "a slice": lambda s, x, k, c: x[::-1, 1:],
    "a new axis": lambda s, x, k, c: x[:, None, :],
    "a mask": lambda s, x, k, c: x[x > 0],
    "a mask of rows": lambda s, x, k, c: x[s.asarray([False, True])],
    "a mask of everything": lambda s, x, k, c: x[s.asarray(True)],
    "a mask of nothing": lambda s, x, k, c: x[s.asarray(False)],
    "places": lambda s, x, k, c: x[s.asarray([1, 0]), s.asarray([2, 2])],
    "an array as index": lambda s, x, k, c: x[s.asarray(1), 0],
    "a masked array and one": lambda s, x, k, c: x[x == 3.0] + s.ones(2),
}


def arrays(space: Any) -> tuple[Any, Any, Any, Any]:
    return space, space.asarray(MATRIX), space.asarray(WHOLE), space.asarray(CUBE)


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_a_call_gives_what_the_reference_gives(call: Call) -> None:
    with np.errstate(all="ignore"):
        wanted = call(*arrays(strict))
    found = call(*arrays(xp))
    assert isinstance(found, Array)
    assert f"array_api_strict.{found.dtype.name}" == repr(wanted.dtype)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found.value, np.asarray(wanted), rtol=1e-14)


REFUSED: dict[str, Call] = {
    "an index too few": lambda s, x, k, c: x[0],
    "an index too many": lambda s, x, k, c: x[0, 0, 0],
    "a float index": lambda s, x, k, c: x[0.0, 0],
    "a place that is not there": lambda s, x, k, c: float(x[2, 0]),
    "mean of integers": lambda s, x, k, c: s.mean(k),
    "complex to real": lambda s, x, k, c: s.astype(x * 1j, s.float64),
    "the larger of complex": lambda s, x, k, c: s.maximum(x * 1j, x),
    "float of complex": lambda s, x, k, c: float(s.asarray(1j)),
    "sum of truth": lambda s, x, k, c: s.sum(x > 0),
    "an axis that is not there": lambda s, x, k, c: s.sum(x, axis=2),
    "an axis twice": lambda s, x, k, c: s.sum(x, axis=(0, 0)),
    "squeeze of a size": lambda s, x, k, c: s.squeeze(x, axis=0),
    "reshape to another number": lambda s, x, k, c: s.reshape(x, (4, 2)),
    "reshape with two unknowns": lambda s, x, k, c: s.reshape(x, (-1, -1)),
    "concat of kinds": lambda s, x, k, c: s.concat([x, k]),
    "concat of nothing": lambda s, x, k, c: s.concat([]),
    "stack of shapes": lambda s, x, k, c: s.stack([x, x.T]),
    "broadcast to another size": lambda s, x, k, c: s.broadcast_to(x, (2, 4)),
    "where without a condition": lambda s, x, k, c: s.where(x, x, x),
    "a matrix product of sizes": lambda s, x, k, c: s.matmul(x, x),
    "a product with a scalar": lambda s, x, k, c: s.matmul(x, s.asarray(1.0)),
    "vecdot of sizes": lambda s, x, k, c: s.vecdot(x, x[:, :1]),
    "the transpose of a stack": lambda s, x, k, c: c.T,
    "cumulative_sum of a matrix": lambda s, x, k, c: s.cumulative_sum(x),
    "bool of a matrix": lambda s, x, k, c: bool(x),
    "int of a matrix": lambda s, x, k, c: int(x),
    "another dtype in place": lambda s, x, k, c: k.__iadd__(s.asarray(0.5)),
    "a loop over a scalar": lambda s, x, k, c: list(s.asarray(1.0)),
    "asarray of a text": lambda s, x, k, c: s.asarray("1"),
    "asarray without a copy": lambda s, x, k, c: s.asarray([1.0], copy=False),
    "another device": lambda s, x, k, c: s.ones(2, device="gpu"),
    "result_type of nothing": lambda s, x, k, c: s.result_type(),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=list(REFUSED))
def test_what_the_reference_refuses_is_refused(call: Call) -> None:
    expected = (TypeError, ValueError, IndexError)
    with pytest.raises(expected):
        call(*arrays(strict))
    with pytest.raises(expected):
        call(*arrays(xp))
