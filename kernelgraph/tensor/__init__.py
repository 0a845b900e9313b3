"""The names people type: `import kernelgraph.tensor as T`. Everything here is defined elsewhere."""

from kernelgraph.autodiff import grad as grad
from kernelgraph.op import as_variable as as_tensor_variable
from kernelgraph.op import as_variable as constant
from kernelgraph.ops import operators as _operators
from kernelgraph.ops.arithmetic import abs_ as abs
from kernelgraph.ops.arithmetic import (
    add,
    cast,
    eq,
    ge,
    gt,
    le,
    lt,
    maximum,
    minimum,
    mul,
    neg,
    neq,
    sign,
    sqr,
    sub,
    switch,
    true_div,
)  # fmt: skip
from kernelgraph.ops.arithmetic import pow_ as pow
from kernelgraph.ops.arithmetic import sign as sgn
from kernelgraph.ops.arithmetic import switch as where
from kernelgraph.ops.contraction import dot, outer
from kernelgraph.ops.control import ifelse
from kernelgraph.ops.functions import (
    cos,
    exp,
    expm1,
    log,
    log1p,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)
from kernelgraph.ops.python import as_op, flatnonzero
from kernelgraph.ops.reductions import argmax, max_and_argmax, mean, mean_and_variance, var
from kernelgraph.ops.reductions import max_ as max
from kernelgraph.ops.reductions import min_ as min
from kernelgraph.ops.reductions import sum_ as sum
from kernelgraph.ops.scan import scan
from kernelgraph.ops.sources import ones_like, shape, stack, zeros_like
from kernelgraph.ops.views import flatten, reshape, transpose
from kernelgraph.tensor.constructors import (
    bmatrix,
    bscalar,
    bvector,
    col,
    dcol,
    dmatrices,
    dmatrix,
    drow,
    dscalar,
    dscalars,
    dvector,
    dvectors,
    fcol,
    fmatrices,
    fmatrix,
    frow,
    fscalar,
    fscalars,
    fvector,
    fvectors,
    imatrix,
    iscalar,
    ivector,
    lmatrix,
    lscalar,
    lvector,
    matrices,
    matrix,
    row,
    scalar,
    scalars,
    tensor,
    tensor3,
    vector,
    vectors,
    wmatrix,
    wscalar,
    wvector,
)  # fmt: skip
from kernelgraph.tensor.nnet import logsumexp, softmax
from kernelgraph.types import ObjectType, SparseType, TensorType

del _operators

__all__ = [
    "ObjectType", "SparseType", "TensorType", "abs", "add", "argmax", "as_op",
    "as_tensor_variable", "bmatrix", "bscalar", "bvector", "cast", "col", "constant", "cos",
    "dcol", "dmatrices", "dmatrix", "dot", "drow", "dscalar", "dscalars", "dvector", "dvectors",
    "eq", "exp", "expm1", "fcol", "flatnonzero", "flatten", "fmatrices", "fmatrix", "frow",
    "fscalar", "fscalars", "fvector", "fvectors", "ge", "grad", "gt", "ifelse", "imatrix",
    "iscalar", "ivector", "le", "lmatrix", "log", "log1p", "logsumexp", "lscalar", "lt",
    "lvector", "matrices", "matrix", "max", "max_and_argmax", "maximum", "mean",
    "mean_and_variance", "min", "minimum", "mul", "neg", "neq", "ones_like", "outer", "pow",
    "reshape", "row", "scalar", "scalars", "scan", "sgn", "shape", "sigmoid", "sign", "sin",
    "softmax", "softplus", "sqr", "sqrt", "stack", "sub", "sum", "switch", "tanh", "tensor",
    "tensor3", "transpose", "true_div", "var", "vector", "vectors", "where", "wmatrix",
    "wscalar", "wvector", "zeros_like",
]  # fmt: skip
