"""Linear algebra, as Theano's `tensor.slinalg` and SciPy's `linalg` have it: `T.slinalg.solve`."""

from kernelgraph.ops.decompositions import cholesky
from kernelgraph.ops.linear_solvers import (
    cho_solve,
    solve,
    solve_lower_triangular,
    solve_triangular,
    solve_upper_triangular,
)
from kernelgraph.ops.linear_solvers import generalized_eigenvalues as eigvalsh
from kernelgraph.ops.matrix_functions import expm
from kernelgraph.ops.tensor_products import kron

__all__ = [
    "cho_solve", "cholesky", "eigvalsh", "expm", "kron", "solve", "solve_lower_triangular",
    "solve_triangular", "solve_upper_triangular",
]  # fmt: skip
