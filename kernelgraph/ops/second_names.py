"""Second names of functions, from NumPy, the array API standard and PyTensor.

Each is the same object as the one under Theano's name:

>>> import kernelgraph.tensor as T
>>> T.multiply is T.mul and T.acos is T.arccos
True
"""

from __future__ import annotations

from kernelgraph.ops import arithmetic as a
from kernelgraph.ops import (
    bits,
    complexes,
    composed,
    creation,
    functions,
    gamma_function,
    joining,
    logic,
    powers,
    reductions,
    trigonometry,
    views,
)

absolute, negative, multiply, subtract = a.abs_, a.neg, a.mul, a.sub
divide = true_divide = a.true_div
floor_divide, remainder, square = a.int_div, a.mod, a.sqr
power, reciprocal = powers.pow_, composed.inv

equal, not_equal = a.eq, a.neq
less, less_equal, greater, greater_equal = a.lt, a.le, a.gt, a.ge

acos, acosh = trigonometry.arccos, trigonometry.arccosh
asin, asinh = trigonometry.arcsin, trigonometry.arcsinh
atan, atanh, atan2 = trigonometry.arctan, trigonometry.arctanh, trigonometry.arctan2
degrees, radians = trigonometry.rad2deg, trigonometry.deg2rad

conjugate, bitwise_invert = complexes.conj, logic.opposite
bitwise_left_shift, bitwise_right_shift = bits.left_shift, bits.right_shift

amax, amin = reductions.max_, reductions.min_
concat, permute_dims, as_tensor = joining.concatenate, views.transpose, creation.as_tensor_variable

expit, log1pexp = functions.sigmoid, functions.softplus
digamma, lgamma, trigamma = gamma_function.psi, gamma_function.gammaln, gamma_function.tri_gamma

__all__ = [
    "absolute", "acos", "acosh", "amax", "amin", "as_tensor", "asin", "asinh", "atan", "atan2",
    "atanh", "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift", "concat", "conjugate",
    "degrees", "digamma", "divide", "equal", "expit", "floor_divide", "greater", "greater_equal",
    "less", "less_equal", "lgamma", "log1pexp", "multiply", "negative", "not_equal", "permute_dims",
    "power", "radians", "reciprocal", "remainder", "square", "subtract", "trigamma", "true_divide",
]  # fmt: skip
