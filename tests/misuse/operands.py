"""Functions of arrays with operands that are right, and the ways in which one of them can be wrong:
a size, a number that is an index, a size or a place.

What comes of a wrong one is said by NumPy, node by node, of the expression as it is written: an
error of ours, or a result. Every mode and every back end must say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable

Make = Callable[..., Any]


def right(kind: str) -> Any:
    """A right operand: m is (3, 4), t (4, 3), s (3, 3) and not singular, v of 3, u of 4, x and y of
    3 axes, k indices for 3, K for rows of 4, r numbers of repeats, b a mask for 3, B one for m, n a
    number, i an index, c and d counts.
    """
    chance = np.random.default_rng(5)
    return {
        "m": chance.normal(size=(3, 4)), "t": chance.normal(size=(4, 3)),
        "s": np.eye(3) * 4 + chance.normal(size=(3, 3)) * 0.1, "v": chance.normal(size=3),
        "u": chance.normal(size=4), "x": chance.normal(size=(2, 3, 4)),
        "y": chance.normal(size=(2, 4, 3)), "k": np.array([0, 2, 1]), "b": np.array([1, 0, 1]) > 0,
        "B": np.arange(12).reshape(3, 4) % 3 > 0, "n": np.array(1.5), "i": np.array(1),
        "c": np.array(3), "d": np.array(2), "r": np.array([0, 2, 1]),
        "K": np.array([[0, 1, 2, 0], [2, 1, 0, 1], [1, 1, 1, 0]]),
    }[kind]  # fmt: skip


def _scanned(m: Any, v: Any) -> Any:
    return kg.scan(lambda row, state: row * 0.5 + state, sequences=m.T, outputs_info=v)[0]


def _walked(v: Any, w: Any) -> Any:
    return kg.scan(lambda a, b: a * b, sequences=[v, w])[0]


FUNCTIONS: dict[str, tuple[str, Make]] = {
    "add": ("mm", lambda a, b: a + b), "add a vector": ("mu", lambda a, b: a + b),
    "sub turned": ("mt", lambda a, b: a - b.T), "mul": ("vv", lambda a, b: a * b),
    "pow": ("vv", lambda a, b: abs(a) ** b), "maximum": ("mm", T.maximum),
    "arctan2": ("vv", T.arctan2), "compare": ("mm", lambda a, b: a > b),
    "switch": ("Bmm", T.switch), "switch of rows": ("bvv", T.switch),
    "clip": ("vvv", T.clip), "isclose": ("vv", T.isclose), "allclose": ("mm", T.allclose),
    "logaddexp": ("vv", T.logaddexp), "largest": ("vvv", T.largest),
    "floor division": ("kk", lambda a, b: a // (b + 1)), "bits": ("kk", lambda a, b: a & b),
    "ones_like": ("mm", lambda a, b: T.ones_like(a) * b), "fill": ("mm", T.fill),
    "dot": ("mt", T.dot), "dot, vector": ("mu", T.dot), "dot, left": ("vm", T.dot),
    "dot, vectors": ("vv", T.dot), "dot, turned": ("mm", lambda a, b: T.dot(a, b.T)),
    "matmul": ("xy", T.matmul), "batched_dot": ("xy", T.batched_dot), "inner": ("mm", T.inner),
    "vdot": ("vv", T.vdot), "outer": ("vu", T.outer), "kron": ("mm", T.kron),
    "tensordot": ("mm", lambda a, b: T.tensordot(a, b, 2)),
    "tensordot, axes": ("xy", lambda a, b: T.tensordot(a, b, [[0, 1], [0, 2]])),
    "batched_tensordot": ("xx", lambda a, b: T.batched_tensordot(a, b, 2)),
    "einsum": ("mt", lambda a, b: T.einsum("ij,jk->ik", a, b)),
    "einsum, three": ("vmu", lambda a, b, c: T.einsum("i,ij,j->", a, b, c)),
    "einsum, diagonal": ("sv", lambda a, b: T.einsum("ii,i->i", a, b)),
    "matrix_dot": ("mtm", T.matrix_dot), "trace": ("s", T.trace),
    "solve": ("sv", T.slinalg.solve), "solve, columns": ("sm", T.slinalg.solve),
    "solve_triangular": ("sv", T.slinalg.solve_triangular),
    "cho_solve": ("sv", lambda a, b: T.slinalg.cho_solve((a, True), b)),
    "det": ("s", T.nlinalg.det), "inv": ("s", T.nlinalg.inv), "expm": ("s", T.slinalg.expm),
    "slogdet": ("s", lambda a: T.nlinalg.slogdet(a)[1]),
    "cholesky": ("s", lambda a: T.slinalg.cholesky(T.dot(a, a.T))),
    "matrix_power": ("s", lambda a: T.nlinalg.matrix_power(a, 3)),
    "eigvalsh": ("s", lambda a: T.nlinalg.eigvalsh(a + a.T)),
    "lstsq": ("tu", lambda a, b: T.nlinalg.lstsq(a, b)[0]),
    "svd": ("m", lambda a: T.nlinalg.svd(a)[1]), "pinv": ("m", T.nlinalg.pinv),
    "join": ("mm", lambda a, b: T.join(0, a, b)), "concatenate": ("mm", lambda a, b:
        T.concatenate([a, b], 1)), "append": ("mm", lambda a, b: T.append(a, b, 0)),
    "stack": ("mm", lambda a, b: T.stack([a, b], 1)), "stack of numbers": ("nn", T.stack),
    "vstack": ("mu", lambda a, b: T.vstack([a, b])),
    "hstack": ("mm", lambda a, b: T.hstack([a, b])),
    "dstack": ("mm", lambda a, b: T.dstack([a, b])),
    "column_stack": ("vv", lambda a, b: T.column_stack([a, b])),
    "reshape": ("m", lambda a: a.reshape((2, 6))), "reshape, rest": ("m", lambda a:
        a.reshape((2, -1))), "reshape to a size": ("mc", lambda a, n: a.reshape((n, 4))),
    "reshape, rest of a size": ("mc", lambda a, n: a.reshape((n, -1))),
    "reshape to a vector": ("mk", lambda a, k: a.reshape(k[1:] + 2, ndim=2)),
    "specify_shape": ("m", lambda a: T.specify_shape(a, (3, 4))),
    "specify a size": ("mc", lambda a, n: T.specify_shape(a, (n, 4))),
    "unbroadcast": ("m", lambda a: T.unbroadcast(a, 0)),
    "addbroadcast": ("m", lambda a: T.addbroadcast(a[:1], 0) * a),
    "broadcast_to": ("uc", lambda a, n: T.broadcast_to(a, (n, 4))),
    "repeat": ("vr", T.repeat), "repeat, rows": ("mr", lambda a, k: T.repeat(a, k, 0)),
    "repeat, number": ("mc", lambda a, n: T.repeat(a, n, 1)), "tile": ("mc", lambda a, n:
        T.tile(a, (n, 2))), "roll": ("mi", lambda a, n: T.roll(a, n, 0)),
    "alloc": ("nc", lambda a, n: T.alloc(a, n, 2)), "alloc a vector": ("uc", lambda a, n:
        T.alloc(a, n, 4)), "zeros": ("c", lambda n: T.zeros((n, 2))), "eye": ("cc", T.eye),
    "tri": ("c", T.tri), "arange": ("dd", lambda n, i: T.arange(n, 9, i)),
    "linspace": ("nc", lambda a, n: T.linspace(0.0, a, n)),
    "x[i]": ("mi", lambda a, i: a[i]), "x[:, i]": ("mi", lambda a, i: a[:, i]),
    "x[i, i]": ("mii", lambda a, i, j: a[i, j]), "x[k]": ("mk", lambda a, k: a[k]),
    "x[:, k]": ("mk", lambda a, k: a[:, k]), "x[k, k]": ("mkk", lambda a, k, j: a[k, j]),
    "x[k, i]": ("mki", lambda a, k, i: a[k, i]), "x[1:, k]": ("mk", lambda a, k: a[1:, k]),
    "x[k, None, 1:]": ("mk", lambda a, k: a[k, None, 1:]), "x[b]": ("mb", lambda a, b: a[b]),
    "x[B]": ("mB", lambda a, b: a[b]), "x[b, k]": ("mbk", lambda a, b, k: a[b, k[:2]]),
    "x[a:b]": ("vii", lambda a, i, j: a[i:j]), "x[::i]": ("vi", lambda a, i: a[::i]),
    "set x[i]": ("mui", lambda a, v, i: T.set_subtensor(a[i], v)),
    "set x[1:]": ("mm", lambda a, v: T.set_subtensor(a[1:], v[1:])),
    "set x[k]": ("mmk", lambda a, v, k: T.set_subtensor(a[k], v)),
    "set x[b]": ("vvb", lambda a, v, b: T.set_subtensor(a[b], v[:2])),
    "inc x[:, i]": ("mvi", lambda a, v, i: T.inc_subtensor(a[:, i], v)),
    "inc x[k]": ("mmk", lambda a, v, k: T.inc_subtensor(a[k], v)),
    "inc x[k, k]": ("mvkk", lambda a, v, k, j: T.inc_subtensor(a[k, j], v)),
    "take": ("mk", lambda a, k: T.take(a, k, 0)), "take, flat": ("mk", T.take),
    "take_along_axis": ("mK", lambda a, k: T.take_along_axis(a, k, 0)),
    "choose": ("kvvv", lambda k, a, b, c: T.choose(k, [a, b, c])),
    "choose, stacked": ("km", lambda k, a: T.choose(k, a.T)),
    "compress": ("bm", lambda b, a: T.compress(b, a, 0)),
    "split": ("vr", lambda a, k: T.split(a, k, 3, 0)[1]),
    "permute_row_elements": ("mK", T.permute_row_elements),
    "diag": ("mi", lambda a, i: T.diag(a, 1)), "fill_diagonal": ("mn", T.fill_diagonal),
    "fill_diagonal_offset": ("mni", T.fill_diagonal_offset),
    "unravel_index": ("k", lambda k: T.unravel_index(k, (2, 2))[0]),
    "ravel_multi_index": ("kk", lambda k, j: T.ravel_multi_index([k, j], (3, 3))),
    "to_one_hot": ("kc", T.to_one_hot), "bincount": ("rv", T.bincount),
    "searchsorted": ("vu", lambda a, b: T.searchsorted(T.sort(a), b)),
    "searchsorted, sorter": ("vuk", lambda a, b, k: T.searchsorted(a, b, sorter=k)),
    "topk": ("vc", T.topk), "windows": ("v", lambda a: T.windows(a, 2)),
    "pad": ("v", lambda a: T.pad(a, 2)), "max": ("m", lambda a: T.max(a, 0)),
    "argmax": ("m", lambda a: T.argmax(a, 1)), "ptp": ("m", lambda a: T.ptp(a, 1)),
    "mean": ("m", lambda a: T.sum(a.mean(0) * a)), "var": ("mu", lambda a, b: a.var(0) * b),
    "softmax": ("mu", lambda a, b: T.softmax(a) * b),
    "logsumexp": ("mv", lambda a, b: T.logsumexp(a, 1) + b),
    "cross entropy": ("mk", lambda a, k: T.nnet.categorical_crossentropy(T.softmax(a), k)),
    "cross entropy of rows": ("mm", lambda a, b: T.nnet.categorical_crossentropy(
        T.softmax(a), T.softmax(b))),
    "binary cross entropy": ("vv", lambda a, b: T.nnet.binary_crossentropy(
        T.nnet.sigmoid(a), T.nnet.sigmoid(b))),
    "ifelse": ("nvv", lambda c, a, b: kg.ifelse(c > 0, a + b, a - b)),
    "scan": ("tv", lambda a, b: _scanned(a.T, b)), "scan of two": ("vv", _walked),
    "scan, steps": ("vc", lambda a, n: kg.scan(lambda s: s * 2.0, outputs_info=a, n_steps=n)[0]),
    "cumsum": ("mm", lambda a, b: T.cumsum(a, 0) * b),
    "diff": ("vv", lambda a, b: T.diff(a) * b[1:]),
    "meshgrid": ("vuc", lambda a, b, n: T.meshgrid(a, b)[0].reshape((n + 1, 3))),
    "Rop": ("vv", lambda a, b: T.Rop(T.exp(a), a, b)),
    "shape of a sum": ("mm", lambda a, b: (a + b).shape),
    "norm": ("mv", lambda a, b: T.vector_norm(a, 2, 1) / b),
    "complex": ("vv", T.complex), "one row": ("mu", lambda a, b: a * b[None, :]),
    "one column": ("mv", lambda a, b: a * b[:, None]),
    "squeeze": ("m", lambda a: T.squeeze(T.addbroadcast(a[:, :1], 1), 1)),
}  # fmt: skip

INDICES: tuple[int, ...] = (3, 4, -4, -5, 9, 2**31, 2**62, -(2**31), -(2**63), 2**63 - 1)
COUNTS: tuple[int, ...] = (0, -1, 2, 5, -(2**31), -(2**63))


@dataclass(frozen=True)
class Wrong:
    """Which operand is wrong, and what stands in its place."""

    text: str
    operands: tuple[Any, ...]


def wrong(kinds: str) -> Iterator[Wrong]:
    """The operands as they are right, then every way in which one is wrong."""
    given = tuple(right(kind) for kind in kinds)
    yield Wrong("all right", given)
    for number, (kind, value) in enumerate(zip(kinds, given, strict=True)):
        for text, other in (*_sizes(value), *_numbers(kind, value)):
            operands = (*given[:number], other, *given[number + 1 :])
            yield Wrong(f"operand {number}: {text}", operands)


def _sizes(value: Any) -> Iterator[tuple[str, Any]]:
    for axis, size in enumerate(value.shape):
        for other in (0, 1, size - 1, size + 1):
            yield f"axis {axis} of {other}", np.take(value, np.arange(other) % size, axis)


def _numbers(kind: str, value: Any) -> Iterator[tuple[str, Any]]:
    if kind in "iKk":
        for number in INDICES:
            changed = np.array(value)
            changed.reshape(-1)[-1] = number
            yield f"{number} in it", changed
    if kind in "cdr":
        for number in COUNTS if kind == "c" else COUNTS[:4]:
            changed = np.array(value)
            changed.reshape(-1)[-1] = number
            yield f"{number} in it", changed


def symbols(operands: Sequence[Any], known: bool = False) -> list[Variable]:
    """Symbols for operands, of sizes that are declared or not."""
    return [
        T.tensor(v.dtype.name, v.shape if known else (None,) * v.ndim, name)
        for v, name in zip(operands, "abcdefg", strict=False)
    ]


def expressions(name: str, inputs: Sequence[Variable]) -> list[Variable]:
    """What a function makes of symbols, and its gradients where it has some."""
    made = FUNCTIONS[name][1](*inputs)
    wanted = [v for v in inputs if v.dtype == "float64"]
    if made.dtype != "float64" or not wanted:
        return [made]
    found = T.grad(made.sum(), wanted, disconnected_inputs="ignore", null_gradients="return")
    return [made, *(g for g in found if isinstance(g.type, T.TensorType))]
