"""True values: what an expression is for real numbers: log(1 + exp(-800)) is 3.7e-348, not 0.

A stabilising rule changes the last digits, and is right if it brings them closer to the truth. This
module finds the truth with mpmath, with 480 digits, so that `1 + 1e-320` is not 1. It is imported
only when such a rule is tried; nothing else needs mpmath.
"""

# mpmath has no types to offer.
# pyright: reportMissingTypeStubs=false, reportUnknownLambdaType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.indexing import Subtensor, SubtensorTranspose
from kernelgraph.ops.moments import MeanAndVariance
from kernelgraph.ops.passing import Passing
from kernelgraph.ops.positions import Arange, Position
from kernelgraph.ops.products import Prod
from kernelgraph.ops.reductions import Max, PickedSum, Sum
from kernelgraph.ops.softmax import AlongAxis
from kernelgraph.ops.sources import SizeOf
from kernelgraph.types import is_array, is_float

_DIGITS = 480
_LARGEST_EXPONENT = 10**400
_FAR = 10**200
"""Beyond it, even the logarithm of erfc is beyond any float."""
_mp: Any = mpmath

_FARTHEST = _mp.mpf("1e300")
"""The largest error that is told, in units of the last digit."""

_remembered = lru_cache(maxsize=20_000)
"""For functions that cost many digits: examples meet the same special numbers over and over."""


class UnknownTruthError(NotImplementedError):
    """There is no exact meaning on record for an op."""


def _divide(x: Any, y: Any) -> Any:
    return _mp.nan if y == 0 else x / y  # the sign of an infinite quotient depends on the sign of 0


def _real(value: Any) -> Any:
    """Functions outside their domain give complex numbers; here they have no value."""
    if isinstance(value, bool):
        return _mp.mpf(value)
    return _mp.nan if isinstance(value, _mp.mpc) else value


@_remembered
def _exp(x: Any) -> Any:
    """Beyond what mpmath can hold, and far beyond any float, exp ends at infinity and at 0."""
    if abs(x) > _LARGEST_EXPONENT:
        return _mp.inf if x > 0 else _mp.mpf(0)
    return _mp.exp(x)


_log = _remembered(_mp.log)


@_remembered
def _sigmoid(x: Any) -> Any:
    return 1 / (1 + _exp(-x))


@_remembered
def _softplus(x: Any) -> Any:
    return x if x > _LARGEST_EXPONENT else _log(1 + _exp(x))


@_remembered
def _erfc(x: Any) -> Any:
    return _mp.mpf(0) if x > _FAR else _mp.erfc(x)


def _first_nan(x: Any, y: Any) -> Any:
    return x if _mp.isnan(x) else y if _mp.isnan(y) else None


@_remembered
def _power(x: Any, y: Any) -> Any:
    return _mp.nan if x == 0 and y < 0 else x**y


_MEANINGS: Mapping[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "true_div": _divide,
    "neg": lambda x: -x,
    "maximum": lambda x, y: _first_nan(x, y) or max(x, y),
    "minimum": lambda x, y: _first_nan(x, y) or min(x, y),
    "switch": lambda c, x, y: x if c != 0 else y,
    "eq": lambda x, y: x == y,
    "neq": lambda x, y: x != y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "abs": abs,
    "sqr": lambda x: x * x,
    "pow": _power,
    "exp": _exp,
    "expm1": lambda x: _exp(x) - 1,
    "log": _log,
    "log1p": lambda x: _log(1 + x),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "erfc": _erfc,
    "erfcx": lambda x: _exp(x * x) * _erfc(x),
}


@lru_cache
def _function(op: Elementwise) -> Callable[..., Any] | None:
    """What an op is for real numbers: a call of one function, as its C says (`sin({x})`), is that
    function of mpmath.
    """
    call = re.fullmatch(r"(\w+)\(\{x\}\)", op.text("c"))
    named = getattr(_mp, call[1], None) if call else None
    return _MEANINGS.get(op.name) or (named and _remembered(named))


def true_values(graph: Graph, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """The first output of `graph` as an array of mpmath numbers.

    NaN stands where no real number is meant, nor an infinity. Raises `UnknownTruthError` for an op
    without an exact meaning here.
    """
    with _mp.workdps(_DIGITS):
        known = dict(zip(graph.inputs, map(_exactly, values), strict=True))
        for node in graph.apply_nodes():
            operands = [_value(variable, known) for variable in node.inputs]
            if isinstance(node.op, MeanAndVariance):
                known.update(zip(node.outputs, _moments(node.op, operands[0]), strict=True))
            else:
                known[node.out] = _meaning(node, operands)
        return _value(graph.outputs[0], known)


def _value(variable: Variable, known: Mapping[Variable, Any]) -> Any:
    return _exactly(variable.data) if isinstance(variable, Constant) else known[variable]


def _exactly(values: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(values)
    exact = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        exact[index] = _mp.mpf(array[index].item())
    return exact


def _meaning(node: Apply, operands: Sequence[Any]) -> Any:
    op = node.op
    match op:
        case Cast() if is_float(op.dtype) or node.inputs[0].dtype == "bool":
            return operands[0]
        case Elementwise() if function := _function(op):
            exact = np.frompyfunc(lambda *x: _real(function(*x)), len(operands), 1)
            return _objects(exact(*operands))
        case DimShuffle() | Passing():
            return op.evaluate(node, operands)[0]
        case Broadcast():
            return op.evaluate(node, [operands[0], *(int(size.item()) for size in operands[1:])])[0]
        case Arange() | Position():
            return _exactly(op.evaluate(node, [values.astype("int64") for values in operands])[0])
        case SizeOf():
            return _exactly(np.shape(operands[0])[op.axis])
        case Prod():
            return _objects(np.prod(operands[0], axis=op.axes))
        case Sum() | PickedSum():
            return _objects(np.sum(operands[0], axis=op.axes))
        case Max():
            return _objects(np.max(operands[0], axis=op.axes))
        case Subtensor():
            ends = [int(end.item()) for end in operands[1:]]
            return _objects(operands[0][op.index(node, [operands[0], *ends])])
        case SubtensorTranspose():
            ends = [int(end.item()) for end in operands[1:]]
            whole = _exactly(np.zeros(ends[-op.ndim :]))
            whole[Subtensor(op.spec).index(node, [whole, *ends])] = operands[0]
            return whole
        case Dot():
            return _objects(np.dot(*operands))
        case AlongAxis():
            return _along_axis(op, operands)
        case _:
            raise UnknownTruthError(f"the exact meaning of {op} is not on record")


def _moments(op: MeanAndVariance, x: Any) -> tuple[Any, Any]:
    count = np.prod([np.shape(x)[axis] for axis in op.axes], dtype=object)
    mean = np.sum(x, axis=op.axes, keepdims=True) / count
    variance = np.sum((x - mean) ** 2, axis=op.axes) / count
    return _objects(np.squeeze(mean, axis=op.axes)), _objects(variance)


def _along_axis(op: AlongAxis, operands: Sequence[Any]) -> Any:
    """Softmax and its kin, as they are defined: with so many digits, nothing has to be shifted."""

    def total(values: Any) -> Any:
        return np.sum(values, axis=op.axis, keepdims=True)

    function = np.frompyfunc(_exp, 1, 1)
    logarithm = np.frompyfunc(_log, 1, 1)
    if op.name == "softmax_product":
        g, p = operands
        return p * (g - total(g * p))
    (x,) = operands
    powers = function(x)
    if op.name == "softmax":
        return powers / total(powers)
    return logarithm(total(powers)) if op.name == "logsumexp" else x - logarithm(total(powers))


def _objects(value: Any) -> np.ndarray[Any, Any]:
    if is_array(value):
        return value
    scalar = np.empty((), dtype=object)
    scalar[()] = value
    return scalar


@dataclass(frozen=True)
class _Reach:
    """How far the numbers of a float dtype go, as numbers of mpmath."""

    beyond: Any
    """What is larger is rounded to infinity."""
    smallest_exponent: int
    digits: int


@lru_cache
def _reach(dtype: Any) -> _Reach:
    info = np.finfo(dtype)
    beyond = _mp.mpf(float(info.max)) * (1 + _mp.mpf(float(info.eps)) / 4)
    return _Reach(beyond, int(info.minexp), int(info.nmant))


def error_in_digits(value: Any, truth: Any, coarsest: str) -> float:
    """How far `value` is from `truth`, in units of the last digit that `coarsest` has there.

    Infinite for a NaN, and for an infinity in place of a number that the dtype of `value` has.
    """
    if np.isnan(value):
        return float("inf")
    with _mp.workdps(_DIGITS):
        if abs(truth) > _reach(value.dtype).beyond:
            return 0.0 if np.isinf(value) and (value > 0) == (truth > 0) else float("inf")
        if np.isinf(value):
            return float("inf")
        coarse = _reach(coarsest)
        least = coarse.smallest_exponent
        exponent = max(int(_mp.frexp(truth)[1]) - 1, least) if truth != 0 else least
        digits = _mp.ldexp(_mp.mpf(float(value)) - truth, coarse.digits - exponent)
        return float(min(abs(digits), _FARTHEST))
