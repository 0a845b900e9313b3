"""Linear algebra, as Theano's `tensor.nlinalg` and NumPy's `linalg` have it: `T.nlinalg.inv(a)`."""

from kernelgraph.ops.decompositions import qr
from kernelgraph.ops.half_matrices import alloc_diag, extract_diag
from kernelgraph.ops.inverses import det, inv, pinv, slogdet
from kernelgraph.ops.inverses import inv as matrix_inverse
from kernelgraph.ops.linear_solvers import lstsq, tensorinv, tensorsolve
from kernelgraph.ops.matrix_functions import matrix_power, norm
from kernelgraph.ops.matrix_measures import cond, eigvals, matrix_rank, multi_dot, svdvals
from kernelgraph.ops.spectra import eig, eigh, eigvalsh, svd
from kernelgraph.ops.tensor_products import matrix_dot, trace

__all__ = [
    "alloc_diag", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "extract_diag", "inv",
    "lstsq", "matrix_dot", "matrix_inverse", "matrix_power", "matrix_rank", "multi_dot", "norm",
    "pinv", "qr", "slogdet", "svd", "svdvals", "tensorinv", "tensorsolve", "trace",
]  # fmt: skip
