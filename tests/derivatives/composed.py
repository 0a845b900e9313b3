"""Entries for all other ops: what is written with them, and the same in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops import (
    blocks,
    contraction,
    cumulative,
    labelled_products,
    moments,
    positions,
    products,
    reductions,
    softmax,
    strided,
)
from tests.derivatives import stepped as on_line
from tests.derivatives.entries import (
    Entry,
    away_from_zero,
    definite,
    inside,
    normal,
    positive,
    regular,
)
from tests.support import Array

V, M, ROWS = (5,), (3, 4), np.array([2, 0, 2])
BOTH = ("zeros", "ties")


def far_apart(rng: np.random.Generator) -> list[Array]:
    """Numbers of both signs, no two of which are as large as each other."""
    return [rng.permutation([0.6, -1.1, 1.7, -2.2, 2.9]) + rng.uniform(-0.1, 0.1, V)]


def _recurrence(a: Array, b: Array) -> Array:
    """s[0] = 0, s[k + 1] = a[k] s[k] + b[k]."""
    found = [np.zeros_like(b[:1])] if len(b) else []
    for one, other in zip(a[:-1], b[:-1], strict=True):
        found.append((one * found[-1][0] + other)[None])
    return np.concatenate(found) if found else b


REDUCTIONS: dict[str, Entry] = {
    "sum": Entry(lambda x: T.sum(x, axis=1), lambda x: x.sum(axis=1), normal(M)),
    "mean": Entry(lambda x: T.mean(x, axis=0), lambda x: x.mean(axis=0), normal(M)),
    "var": Entry(lambda x: T.var(x, axis=1), lambda x: x.var(axis=1) if not np.iscomplexobj(x)
                 else np.mean((x - x.mean(axis=1, keepdims=True)) ** 2, axis=1), normal(M)),
    "mean and variance": Entry(
        lambda x: T.stack(moments.MeanAndVariance((0,))(x)),
        lambda x: np.stack([x.mean(0), np.mean((x - x.mean(0)) ** 2, axis=0)]), normal(M),
    ),
    "std": Entry(
        lambda x: T.std(x, axis=1),
        lambda x: on_line.root(np.mean((x - x.mean(1, keepdims=True)) ** 2, axis=1)),
        normal(M), edges=(), kinks=BOTH,
    ),
    "max": Entry(lambda x: T.max(x, axis=1), lambda x: on_line.shared(x, 1, 1), normal(M),
                 edges=(), kinks=BOTH),
    "min": Entry(lambda x: T.min(x, axis=0), lambda x: on_line.shared(x, -1, 0), normal(M),
                 edges=(), kinks=BOTH),
    "max and argmax": Entry(
        lambda x: reductions.MaxAndArgmax((1,))(x)[0], lambda x: on_line.shared(x, 1, 1),
        normal(M), edges=(), outside=BOTH,
    ),
    "min and argmin": Entry(
        lambda x: reductions.MinAndArgmin((1,))(x)[0], lambda x: on_line.shared(x, -1, 1),
        normal(M), edges=(), outside=BOTH,
    ),
    "ptp": Entry(lambda x: T.ptp(x, axis=1),
                 lambda x: on_line.shared(x, 1, 1) - on_line.shared(x, -1, 1),
                 normal(M), edges=(), kinks=BOTH),
    "prod": Entry(lambda x: T.prod(x, axis=1), lambda x: x.prod(axis=1), away_from_zero(M)),
    "prod of all": Entry(T.prod, np.prod, away_from_zero((2, 3))),
    "prod of what is not zero": Entry(
        products.ProdOfNonzero((1,)), lambda x: np.where(x.real == 0, 1, x).prod(axis=1),
        away_from_zero(M), edges=("ties",), outside=("zeros",),
    ),
    "cumsum": Entry(lambda x: T.cumsum(x, axis=1), lambda x: x.cumsum(axis=1), normal(M)),
    "cumprod": Entry(lambda x: T.cumprod(x, axis=1), lambda x: x.cumprod(axis=1), normal(M)),
    "cumprod of all": Entry(T.cumprod, np.cumprod, normal((2, 3))),
    "product of those before": Entry(
        cumulative.ProductBefore(0),
        lambda x: np.concatenate([np.ones_like(x[:1]), x.cumprod(0)[:-1]]), normal(M),
    ),
    "recurrence": Entry(cumulative.Recurrence(0), _recurrence, normal(M, M)),
    "diff": Entry(lambda x: T.diff(x, axis=1), lambda x: np.diff(x, axis=1), normal(M)),
    "sum of picked": Entry(
        lambda x: positions.only(T.constant(np.eye(3, 4, dtype=bool)), x),
        lambda x: np.where(np.eye(3, 4, dtype=bool), x, 0).sum(axis=1), normal(M),
    ),
    "norm": Entry(T.nlinalg.norm, lambda x: on_line.root(np.sum(x * x)),
                  normal(V), edges=("ties",), kinks=("zeros",)),
    "norm 1": Entry(lambda x: T.nlinalg.norm(x, 1), lambda x: on_line.magnitude(x).sum(),
                    away_from_zero(V), edges=("ties",), kinks=("zeros",)),
    "norm inf": Entry(lambda x: T.nlinalg.norm(x, np.inf),
                      lambda x: on_line.shared(on_line.magnitude(x), 1), far_apart, edges=(),
                      kinks=BOTH),
    "norm 3": Entry(lambda x: T.nlinalg.norm(x, 3),
                    lambda x: np.sum(on_line.magnitude(x) ** 3) ** (1 / 3), away_from_zero(V),
                    edges=("ties",), outside=("zeros",)),
    "frobenius": Entry(lambda x: T.nlinalg.norm(x, "fro"), lambda x: on_line.root(np.sum(x * x)),
                       normal(M), edges=("ties",), kinks=("zeros",)),
    "softmax": Entry(T.softmax, on_line.softmax, normal(M)),
    "softmax along columns": Entry(
        softmax.Softmax(0), lambda x: on_line.softmax(x, 0), normal(M),
    ),
    "log_softmax": Entry(T.log_softmax, lambda x: np.log(on_line.softmax(x)), normal(M)),
    "logsumexp": Entry(lambda x: T.logsumexp(x, axis=1), lambda x: on_line.logsumexp(x, 1),
                       normal(M)),
    "product of softmax": Entry(
        softmax.SoftmaxProduct(1), lambda g, p: p * (g - np.sum(p * g, axis=1, keepdims=True)),
        normal(M, M),
    ),
    "peak": Entry(softmax.Peak((1,)), lambda x: on_line.shared(x, 1, 1), normal(M), edges=(),
                  outside=BOTH),
    "sort": Entry(lambda x: T.sort(x, axis=1), on_line.ordered, normal(M), edges=(), kinks=BOTH),
    "largest three": Entry(lambda x: T.topk(x, 3), lambda x: on_line.ordered(x)[:, -3:],
                           normal(M), edges=(), outside=BOTH),
    "crossentropy": Entry(
        T.nnet.binary_crossentropy,
        lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)), inside(0.2, 0.8, V, V),
        edges=("ties",), outside=("zeros",),
    ),
}  # fmt: skip


PRODUCTS: dict[str, Entry] = {
    "dot of vectors": Entry(T.dot, np.dot, normal(V, V)),
    "dot of matrices": Entry(T.dot, np.dot, normal((3, 4), (4, 2))),
    "matrix by vector": Entry(T.dot, np.dot, normal((3, 4), (4,))),
    "matmul": Entry(T.matmul, np.matmul, normal((2, 3, 4), (2, 4, 2))),
    "outer": Entry(T.outer, np.outer, normal((3,), (4,))),
    "tensordot": Entry(lambda x, y: T.tensordot(x, y, [[1, 2], [0, 1]]),
                       lambda x, y: np.tensordot(x, y, ((1, 2), (0, 1))),
                       normal((2, 3, 4), (3, 4, 2))),
    "einsum": Entry(lambda x, y: T.einsum("ijk,kj->ik", x, y),
                    lambda x, y: np.einsum("ijk,kj->ik", x, y), normal((2, 3, 4), (4, 3))),
    "einsum of three": Entry(lambda x, y, z: T.einsum("ij,jk,ki->i", x, y, z),
                             lambda x, y, z: np.einsum("ij,jk,ki->i", x, y, z),
                             normal((2, 3), (3, 4), (4, 2))),
    "einsum of a diagonal": Entry(lambda x: T.einsum("ii->i", x), lambda x: np.einsum("ii->i", x),
                                  normal((3, 3))),
    "kron": Entry(T.kron, np.kron, normal((2, 2), (2, 3))),
    "trace": Entry(T.nlinalg.trace, np.trace, normal((3, 3))),
    "dot of batches": Entry(labelled_products.BatchedDot(), np.matmul,
                            normal((2, 3, 4), (2, 4, 2))),
    "dot of what counts": Entry(
        lambda x, y: contraction.CountedDot()(x, T.constant(np.eye(3, 4) > 0), y),
        lambda x, y: (np.eye(3, 4) * x) @ y, normal((3, 4), (4, 2)),
    ),
}  # fmt: skip


def _updated(x: Array, index: Any, y: Array, adds: bool = False) -> Array:
    out = np.array(x + 0j)
    if adds:
        np.add.at(out, index, y)
    else:
        out[index] = y
    return out


MOVES: dict[str, Entry] = {
    "transpose": Entry(lambda x: x.T * x.T, lambda x: x.T * x.T, normal(M)),
    "broadcast": Entry(lambda x, y: x * y, lambda x, y: x * y, normal(M, (4,))),
    "broadcast to": Entry(lambda x: T.broadcast_to(x, (2, 4)), lambda x: x + np.zeros((2, 4)),
                          normal((1, 4))),
    "reshape": Entry(lambda x: x.reshape((-1, 2)), lambda x: x.reshape((-1, 2)), normal(M)),
    "flatten": Entry(lambda x: x.T.flatten(), lambda x: x.T.reshape(-1), normal(M)),
    "part": Entry(lambda x: x[1:, ::-2], lambda x: x[1:, ::-2], normal(M)),
    "item": Entry(lambda x: x[1, -1], lambda x: x[1, -1], normal(M)),
    "take": Entry(lambda x: x[T.constant(ROWS)], lambda x: x[ROWS], normal(M)),
    "take along": Entry(lambda x: T.take(x, T.constant(ROWS), axis=1), lambda x: x[:, ROWS],
                        normal(M)),
    "mixed index": Entry(lambda x: x[1:, T.constant(ROWS)], lambda x: x[1:, ROWS], normal(M)),
    "mask": Entry(lambda x: x[T.constant(np.array([True, False, True]))], lambda x: x[[0, 2]],
                  normal(M)),
    "set part": Entry(lambda x, y: T.set_subtensor(x[1:, 0], y) ** 2,
                      lambda x, y: _updated(x, (slice(1, None), 0), y) ** 2, normal(M, (2,))),
    "add to part": Entry(lambda x, y: T.inc_subtensor(x[1:, 0], y) ** 2,
                         lambda x, y: _updated(x, (slice(1, None), 0), y, True) ** 2,
                         normal(M, (2,))),
    "set rows": Entry(lambda x, y: T.set_subtensor(x[T.constant(ROWS)], y) ** 2,
                      lambda x, y: _updated(x, ROWS, y) ** 2, normal(M, M)),
    "add to rows": Entry(lambda x, y: T.inc_subtensor(x[T.constant(ROWS)], y) ** 2,
                         lambda x, y: _updated(x, ROWS, y, True) ** 2, normal(M, M)),
    "add to a mixed index": Entry(
        lambda x, y: T.inc_subtensor(x[1:, T.constant(ROWS)], y) ** 2,
        lambda x, y: _updated(x, (slice(1, None), ROWS), y, True) ** 2, normal(M, (2, 3)),
    ),
    "join": Entry(lambda x, y: T.concatenate([x, y, x], axis=1),
                  lambda x, y: np.concatenate([x, y, x], axis=1), normal(M, (3, 2))),
    "stack": Entry(lambda x, y: T.stack([x, y]), lambda x, y: np.stack([x, y]), normal(V, V)),
    "list": Entry(lambda x: T.stack(x[0], x[2] * x[0]), lambda x: np.stack([x[0], x[2] * x[0]]),
                  normal(V)),
    "roll": Entry(lambda x: T.roll(x, 2, axis=1), lambda x: np.roll(x, 2, axis=1), normal(M)),
    "split": Entry(lambda x: T.split(x, [1, 3], 2, axis=1)[1], lambda x: x[:, 1:], normal(M)),
    "block": Entry(lambda x, y: blocks.Block((0,))(T.concatenate([x, y]), x.shape[0], y.shape[0]),
                   lambda x, y: y + 0 * x.sum(), normal(M, (2, 4))),
    "pad": Entry(lambda x: T.pad(x, ((1, 2), (0, 1))), lambda x: np.pad(x, ((1, 2), (0, 1))),
                 normal(M)),
    "windows": Entry(lambda x: strided.windows(x, (2,), 1) ** 2,
                     lambda x: np.stack([x[:4], x[1:]], axis=1) ** 2, normal(V)),
    "diagonal": Entry(lambda x: strided.diagonal(x, 1), lambda x: np.diagonal(x, 1), normal(M)),
    "tril": Entry(T.tril, np.tril, normal(M)),
    "repeat": Entry(lambda x: T.repeat(x, [2, 0, 1], axis=0),
                    lambda x: np.repeat(x, [2, 0, 1], axis=0), normal(M)),
    "tile": Entry(lambda x: T.tile(x, 2), lambda x: np.tile(x, 2), normal(V)),
    "sizes of another": Entry(positions.paired, lambda x, y: x + 0 * y, normal(M, M)),
    "declared": Entry(lambda x: T.specify_shape(x, (3, 4)), lambda x: x, normal(M)),
    "switch": Entry(lambda x, y: T.switch(T.constant(np.eye(3, 4) > 0), x, y),
                    lambda x, y: np.where(np.eye(3, 4) > 0, x, y), normal(M, M)),
    "clip": Entry(lambda x: T.clip(x, -0.5, 0.5),
                  lambda x: np.where(abs(x.real) < 0.5, x, np.clip(x.real, -0.5, 0.5)), normal(V),
                  edges=("zeros",), kinks=("ties",)),
    "relu": Entry(T.nnet.relu, lambda x: np.where(x.real > 0, x, 0), away_from_zero(V),
                  edges=("ties",), outside=("zeros",)),
    "cast": Entry(lambda x: T.cast(T.cast(x, "complex128").real, "float64"), lambda x: x,
                  normal(V)),
    "choose": Entry(lambda x, y: T.choose(T.constant([0, 1, 1]), [x, y]),
                    lambda x, y: np.where(np.array([True, False, False]), x, y),
                    normal((3,), (3,))),
    "bincount": Entry(lambda x: T.bincount(T.constant(np.array([0, 2, 2, 1, 0])), weights=x),
                      lambda x: np.array([x[0] + x[4], x[3], x[1] + x[2]]), normal(V)),
}  # fmt: skip


def _matrix(z: Any) -> Any:
    return T.stack([z.real, z.imag])


COMPLEX_PARTS: dict[str, Entry] = {
    "abs of a complex": Entry(lambda x, y: abs(T.complex(x, y)),
                              lambda x, y: on_line.root(x * x + y * y), normal(V, V),
                              edges=("ties",), kinks=("zeros",)),
    "angle": Entry(lambda x, y: T.angle(T.complex(x, y)), lambda x, y: np.arctan(y / x),
                   positive(V, V), edges=("ties",), outside=("zeros",)),
    "real part of a product": Entry(
        lambda x, y: (T.complex(x, y) * T.complex(y, x * x)).real,
        lambda x, y: x * y - y * x * x, normal(V, V),
    ),
    "imaginary part of a quotient": Entry(
        lambda x, y: (1 / T.complex(x, y)).imag, lambda x, y: -y / (x * x + y * y),
        away_from_zero(V, V), edges=("ties",), outside=("zeros",),
    ),
    "exp of a complex": Entry(
        lambda x, y: _matrix(T.exp(T.complex(x, y))),
        lambda x, y: np.stack([np.exp(x) * np.cos(y), np.exp(x) * np.sin(y)]), normal(V, V),
    ),
    "conj": Entry(lambda x, y: _matrix(T.conj(T.complex(x, y)) ** 2),
                  lambda x, y: np.stack([x * x - y * y, -2 * x * y]), normal(V, V)),
    "polar": Entry(lambda r, t: _matrix(T.complex_from_polar(r, t)),
                   lambda r, t: np.stack([r * np.cos(t), r * np.sin(t)]), positive(V, V),
                   edges=("ties", "zeros")),
}  # fmt: skip


def stacked(rng: np.random.Generator) -> list[Array]:
    """Two matrices far from singular."""
    return [rng.normal(size=(2, 3, 3)) + np.diag([3.0, 4.0, 5.0])]


def stacked_equations(rng: np.random.Generator) -> list[Array]:
    """Such matrices, and right sides."""
    return [*stacked(rng), rng.normal(size=(2, 3, 2))]


# Vectors are compared by their squares: their signs are LAPACK's to choose, at each point.
MATRICES: dict[str, Entry] = {
    "inverse": Entry(T.nlinalg.inv, np.linalg.inv, regular((3, 3)), edges=(), outside=()),
    "determinant": Entry(T.nlinalg.det, np.linalg.det, regular((3, 3)), edges=()),
    "slogdet": Entry(lambda a: T.nlinalg.slogdet(a)[1],
                     lambda a: on_line.logarithm_of_magnitude(np.linalg.det(a)),
                     regular((3, 3)), edges=()),
    "solve": Entry(T.slinalg.solve, on_line.gaussian_solution, regular((3, 3), (3, 2)), edges=()),
    "lower triangle": Entry(T.slinalg.solve_lower_triangular,
                            lambda a, b: np.linalg.solve(np.tril(a), b),
                            regular((3, 3), (3, 2)), edges=()),
    "cholesky": Entry(T.slinalg.cholesky, on_line.cholesky, definite(3), edges=()),
    "q of qr": Entry(lambda a: T.nlinalg.qr(a)[0], lambda a: on_line.qr(a)[0], regular((4, 3)),
                     edges=()),
    "r of qr": Entry(lambda a: T.nlinalg.qr(a)[1], lambda a: on_line.qr(a)[1], regular((4, 3)),
                     edges=()),
    "r alone": Entry(lambda a: T.nlinalg.qr(a, "r"), lambda a: on_line.qr(a)[1],
                     regular((4, 3)), edges=()),
    "eigenvalues": Entry(T.nlinalg.eigvalsh,
                         lambda a: on_line.eigenpairs(on_line.symmetric(a))[0], definite(3),
                         edges=()),
    "eigenvectors": Entry(lambda a: T.nlinalg.eigh(a)[1] ** 2,
                          lambda a: on_line.eigenpairs(on_line.symmetric(a))[1] ** 2, definite(3),
                          edges=()),
    "singular values": Entry(lambda a: T.nlinalg.svd(a, compute_uv=False),
                             lambda a: on_line.singular(a)[1], regular((4, 3)), edges=()),
    "u of svd": Entry(lambda a: T.nlinalg.svd(a, full_matrices=False)[0] ** 2,
                      lambda a: on_line.singular(a)[0] ** 2, regular((4, 3)), edges=()),
    "v of svd": Entry(lambda a: T.nlinalg.svd(a, full_matrices=False)[2] ** 2,
                      lambda a: on_line.singular(a)[2] ** 2, regular((4, 3)), edges=()),
    "nuclear norm": Entry(lambda a: T.nlinalg.norm(a, "nuc"),
                          lambda a: on_line.singular(a)[1].sum(), regular((4, 3)), edges=()),
    "pinv": Entry(T.nlinalg.pinv, lambda a: np.linalg.inv(a.T @ a) @ a.T, regular((4, 3)),
                  edges=()),
    "lstsq": Entry(lambda a, b: T.nlinalg.lstsq(a, b)[0],
                   lambda a, b: np.linalg.inv(a.T @ a) @ a.T @ b, regular((4, 3), (4,)),
                   edges=()),
    "expm": Entry(T.slinalg.expm, on_line.exponential, normal((3, 3)), edges=("zeros", "ties")),
    "inverses": Entry(T.nlinalg.inv, np.linalg.inv, stacked, edges=()),
    "stacks of equations": Entry(T.slinalg.solve, np.linalg.solve, stacked_equations, edges=()),
    "pseudoinverses": Entry(
        lambda a: T.nlinalg.pinv(a[:, :, :2]),
        lambda a: np.stack([np.linalg.inv(b.T @ b) @ b.T for b in a[:, :, :2]]), stacked,
        edges=(),
    ),
    "matrix power": Entry(lambda a: T.nlinalg.matrix_power(a, 3), lambda a: a @ a @ a,
                          normal((3, 3))),
    "negative matrix power": Entry(lambda a: T.nlinalg.matrix_power(a, -2),
                                   lambda a: np.linalg.inv(a @ a), regular((3, 3)), edges=()),
}  # fmt: skip


def _loop(x: Any, s: Any) -> Any:
    return kg.scan(lambda v, state: T.tanh(v * state) + v, [x], [s])[0]


def _loop_in_numpy(x: Array, s: Array) -> Array:
    found = []
    for v in x:
        s = np.tanh(v * s) + v
        found.append(s)
    return np.stack(found) if found else np.zeros(0)


_A, _B = T.dvector("a"), T.dvector("b")
ENCLOSED = T.OpFromGraph([_A, _B], [T.sin(_A) * _B])

GRAPHS: dict[str, Entry] = {
    "loop": Entry(_loop, _loop_in_numpy, normal((4,), ())),
    "ifelse": Entry(lambda x, y: kg.ifelse(x[0] > 9, x * y, x * y * y), lambda x, y: x * y * y,
                    normal(V, V)),
    "enclosed": Entry(ENCLOSED, lambda x, y: np.sin(x) * y, normal(V, V)),
    "vector of a user's": Entry(
        lambda x: kg.scan(lambda v: T.exp(v) * v, [x])[0], lambda x: np.exp(x) * x, normal(V),
    ),
}  # fmt: skip

COMPOSED = {**REDUCTIONS, **PRODUCTS, **MOVES, **COMPLEX_PARTS, **MATRICES, **GRAPHS}
