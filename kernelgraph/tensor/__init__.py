"""The names people type: `import kernelgraph.tensor as T`. Everything here is defined elsewhere."""

from kernelgraph.autodiff import grad as grad
from kernelgraph.cloning import clone
from kernelgraph.op import as_variable as as_tensor_variable
from kernelgraph.op import as_variable as constant
from kernelgraph.ops import operators as _operators
from kernelgraph.ops.arithmetic import abs_ as abs
from kernelgraph.ops.arithmetic import (
    add,
    cast,
    clip,
    eq,
    ge,
    gt,
    int_div,
    le,
    lt,
    maximum,
    minimum,
    mod,
    mul,
    neg,
    neq,
    sign,
    sqr,
    sub,
    switch,
    true_div,
)  # fmt: skip
from kernelgraph.ops.arithmetic import int_div as floor_div
from kernelgraph.ops.arithmetic import sign as sgn
from kernelgraph.ops.arithmetic import switch as where
from kernelgraph.ops.blocks import pad
from kernelgraph.ops.broadcasting import ones_like, zeros_like
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.contraction import dot, outer
from kernelgraph.ops.error_function import erf, erfc, erfcx
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
from kernelgraph.ops.joining import concatenate, join, repeat, roll, stack, tile
from kernelgraph.ops.loop import scan
from kernelgraph.ops.positions import arange
from kernelgraph.ops.powers import pow_ as pow
from kernelgraph.ops.python import as_op, flatnonzero
from kernelgraph.ops.reductions import argmax, max_and_argmax, mean, mean_and_variance, std, var
from kernelgraph.ops.reductions import max_ as max
from kernelgraph.ops.reductions import min_ as min
from kernelgraph.ops.reductions import sum_ as sum
from kernelgraph.ops.sources import shape
from kernelgraph.ops.strided import diagonal, windows
from kernelgraph.ops.updates import inc_subtensor, set_subtensor
from kernelgraph.ops.views import flatten, reshape, transpose
from kernelgraph.tensor import constructors, nnet, slinalg
from kernelgraph.tensor.constructors import *  # noqa: F403
from kernelgraph.tensor.gradients import left_product as Lop
from kernelgraph.tensor.gradients import right_product as Rop
from kernelgraph.tensor.gradients import verify_grad
from kernelgraph.tensor.nnet import log_softmax, logsumexp, softmax
from kernelgraph.types import ObjectType, SparseType, TensorType

del _operators

__all__ = [
    "Lop",
    "ObjectType",
    "Rop",
    "SparseType",
    "TensorType",
    "abs",
    "add",
    "arange",
    "argmax",
    "as_op",
    "as_tensor_variable",
    "cast",
    "clip",
    "clone",
    "concatenate",
    "constant",
    "cos",
    "diagonal",
    "dot",
    "eq",
    "erf",
    "erfc",
    "erfcx",
    "exp",
    "expm1",
    "flatnonzero",
    "flatten",
    "floor_div",
    "ge",
    "grad",
    "gt",
    "ifelse",
    "inc_subtensor",
    "int_div",
    "join",
    "le",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "lt",
    "max",
    "max_and_argmax",
    "maximum",
    "mean",
    "mean_and_variance",
    "min",
    "minimum",
    "mod",
    "mul",
    "neg",
    "neq",
    "nnet",
    "ones_like",
    "outer",
    "pad",
    "pow",
    "repeat",
    "reshape",
    "roll",
    "scan",
    "set_subtensor",
    "sgn",
    "shape",
    "sigmoid",
    "sign",
    "sin",
    "slinalg",
    "softmax",
    "softplus",
    "sqr",
    "sqrt",
    "stack",
    "std",
    "sub",
    "sum",
    "switch",
    "tanh",
    "tile",
    "transpose",
    "true_div",
    "var",
    "verify_grad",
    "where",
    "windows",
    "zeros_like",
]  # fmt: skip
__all__ += constructors.__all__
