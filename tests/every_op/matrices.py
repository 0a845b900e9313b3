"""Cases of linear algebra: one matrix of every dtype, Hermitian, positive and far from singular."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kernelgraph.ops import (
    decompositions,
    inverses,
    joining,
    linear_solvers,
    matrix_functions,
    solving,
    spectra,
)
from tests.every_op.cases import Case, Compare, accepted, some_dtypes
from tests.support import Array, is_complex, same

WHOLE = np.array([[7.0, 1, 0, 2], [1, 8, 2, 0], [0, 2, 9, 1], [2, 0, 1, 12]])
TURNED = np.array([[0.0, 1, -1, 0], [-1, 0, 0, 1], [1, 0, 0, 0], [0, -1, 0, 0]])

OF_ONE: dict[str, Callable[[Any], Any]] = {
    "inverse": inverses.inv,
    "determinant": inverses.det,
    "sign and logarithm": inverses.slogdet,
    "pseudoinverse": inverses.pinv,
    "exponential of a matrix": lambda a: matrix_functions.expm(a / 8),
    "power of a matrix": lambda a: matrix_functions.matrix_power(a, 3),
    "cholesky": decompositions.cholesky,
    "qr": decompositions.qr,
    "full qr": lambda a: decompositions.qr(a[:, :2], "complete"),
    "r of qr": lambda a: decompositions.qr(a, "r"),
    "eigenvalues": spectra.eigvalsh,
    "eigenvectors": spectra.eigh,
    "all eigenvectors": spectra.eig,
    "singular values": lambda a: spectra.svd(a, compute_uv=False),
    "svd": lambda a: spectra.svd(a[:, :3], full_matrices=False),
    "full svd": spectra.svd,
    "inverses": lambda a: inverses.inv(joining.stack([a, a + a])),
    "pseudoinverses": lambda a: inverses.pinv(joining.stack([a, a + a])),
}

OF_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "solve": linear_solvers.solve,
    "solve for a vector": lambda a, b: linear_solvers.solve(a, b[:, 0]),
    "solve a lower triangle": solving.TriangularSolution(lower=True),
    "solve an upper triangle": solving.TriangularSolution(lower=False, unit=True),
}


def matrix(dtype: str) -> Array:
    """Of every dtype, and positive: of truth values, ones along the diagonal."""
    if dtype == "bool":
        return np.eye(4, dtype=bool)
    return (WHOLE + 1j * TURNED if is_complex(dtype) else WHOLE).astype(dtype)


def matrix_cases() -> Iterator[Case]:
    """For the dtypes that an op takes."""
    for name, use in (*OF_ONE.items(), *OF_TWO.items()):
        for dtype in some_dtypes(name, "float64"):
            a = matrix(dtype)
            values = [a, a[:, ::-1].copy()] if name in OF_TWO else [a]
            yield from accepted(f"{name} {dtype}", use, values, as_solutions(200))


def as_solutions(bound: float) -> Compare:
    """Floats may be so many times the precision apart, of the largest number there is."""

    def compare(a: Array, b: Array) -> bool:
        if a.dtype.kind not in "fc" or a.dtype != b.dtype or a.shape != b.shape:
            return same(a, b)
        if not np.isfinite(b).all():
            return np.array_equal(np.isfinite(a), np.isfinite(b))
        far = float(np.max(abs(a - b), initial=0.0))
        return far <= bound * np.finfo(a.dtype).eps * np.max(abs(b), initial=0.0)

    return compare
