"""Cross-entropy of class numbers that takes the logarithm last: `-log(p[arange(n), y])`.

The probability of the right class is picked before its logarithm is taken, and by then it may have
rounded to 0. Taken of all probabilities before one is picked, the logarithm meets the softmax.
"""

from __future__ import annotations

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, lt, switch
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.indexing import Item, Slice, Subtensor, SubtensorTranspose
from kernelgraph.ops.positions import count, picked
from kernelgraph.ops.reductions import PickedSum, Sum, sum_
from kernelgraph.ops.softmax import LogSoftmax, Softmax, SoftmaxProduct, softmax
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.rewrite.factors import Factor, conditions, edit_product, factors
from kernelgraph.rewrite.matching import equal_constants
from kernelgraph.rewrite.picked import log_of_some, operands_of, picked_of
from kernelgraph.rewrite.rule import computed_rule

_SCORES = {"x": "moderate matrix"}


def _class(x: Variable) -> Variable:
    """A class for each row, for examples."""
    return cast(lt(sum_(x, axis=1), 0.0), "int64")


def _mask(x: Variable) -> Variable:
    """Where in each row its class stands."""
    return operands_of(operands_of(picked(softmax(x), _class(x)), PickedSum((1,)))[0], switch)[0]


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where=_SCORES,
    examples=[lambda x: (log(picked(softmax(x), _class(x))), picked(LogSoftmax(1)(x), _class(x)))],
)
def log_of_picked(node: Apply) -> Variable | None:
    """The logarithm of the one element that is picked is picked from the logarithms."""
    total = node.inputs[0].owner
    is_picked = total is not None and isinstance(total.op, PickedSum)
    return log_of_some(node.inputs[0]) if is_picked else None


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where=_SCORES,
    examples=[
        lambda x: (log(softmax(x)[:, 0]), LogSoftmax(1)(x)[:, 0]),
        lambda x: (log(softmax(x)[1, 0]), LogSoftmax(1)(x)[1, 0]),
    ],
)
def log_of_part(node: Apply) -> Variable | None:
    """The logarithm of a part of a softmax is a part of its logarithm, which has digits where the
    probabilities rounded to 0.
    """
    part = node.inputs[0].owner
    is_part = part is not None and isinstance(part.op, Subtensor)
    return log_of_some(node.inputs[0]) if is_part else None


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding where terms cancel",
    where=_SCORES,
    examples=[
        lambda x: (log(sum_(softmax(x)[:, 1:], axis=1)), log(sum_(softmax(x)[:, 1:], axis=1))),
    ],
)
def log_of_total_of_some(node: Apply) -> Variable | None:
    """The probability of some classes together is a sum of exponentials, whose logarithm has
    digits where all of them rounded to 0.
    """
    total = node.inputs[0].owner
    if total is None or not isinstance(total.op, Sum):
        return None
    part = total.inputs[0].owner
    if part is None or not isinstance(part.op, Subtensor):
        return None
    logarithm = log_of_some(part.out)
    return None if logarithm is None else log(total.op(exp(logarithm)))


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="rounding where terms cancel",
    where={**_SCORES, "y": "unit column"},
    examples=[
        lambda x, y: (
            SoftmaxProduct(1)(
                switch(
                    _mask(x),
                    dimshuffle(dimshuffle(y, (0,)) / picked(softmax(x), _class(x)), (0, "x")),
                    np.zeros((1, 1), x.dtype),
                ),
                softmax(x),
            ),
            y * (_mask(x) - softmax(x)),
        )
    ],
    depth=8,
)
def slope_of_picked(node: Apply) -> Variable | None:
    """A slope that is not zero at the picked probabilities alone, and there divides by them, meets
    them again: they cancel, even where they rounded to 0.
    """
    g, p = node.inputs
    if node.op != SoftmaxProduct(1):
        return None
    for factor in factors(g)[0]:
        rest = _without_picked(factor, conditions(g, factor.path), p)
        y = None if rest is None else edit_product(g, {factor.path: rest})
        if y is not None and y.type == g.type:
            return y - p * sum_(y, axis=1, keepdims=True)
    return None


def _without_picked(factor: Factor, masks: list[Variable], p: Variable) -> Variable | None:
    """What is left of a factor that divides by the elements of p that one of the masks picks; None
    if it does not.
    """
    inner = operands_of(factor.variable, DimShuffle((0, "x")))
    for part in factors(inner[0])[0] if inner else []:
        found = picked_of(part.variable)
        if found is None or found[1] is not p or part.inverted == factor.inverted:
            continue
        if any(mask is found[0] for mask in masks):
            one = as_variable(np.ones(1, p.dtype))  # a float, as what it stands for
            rest = edit_product(inner[0], {part.path: one})
            return None if rest is None else DimShuffle((0, "x"))(rest)
    return None


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="rounding where terms cancel",
    where=_SCORES,
    examples=[
        lambda x: (_slope_of_column(x), 2 * (cast(eq(count(size(x, 1)), 1), x.dtype) - softmax(x)))
    ],
    depth=5,
)
def slope_of_part(node: Apply) -> Variable | None:
    """A slope that is not zero at one part of the probabilities alone, and there divides by them,
    meets them again: they cancel, even where they rounded to 0.
    """
    g, p = node.inputs
    scattered, made = g.owner, p.owner
    if scattered is None or not isinstance(scattered.op, SubtensorTranspose) or made is None:
        return None
    assert isinstance(node.op, SoftmaxProduct)
    values, *places = scattered.inputs
    for factor in factors(values)[0]:
        if factor.inverted and made.op == Softmax(node.op.axis) and _is_part(factor, p, scattered):
            one = as_variable(np.ones((1,) * values.ndim, p.dtype))
            rest = edit_product(values, {factor.path: one})
            assert rest is not None
            y = scattered.op(rest, *places)
            return y - p * sum_(y, axis=node.op.axis, keepdims=True)
    return None


def _is_part(factor: Factor, p: Variable, scattered: Apply) -> bool:
    """Whether a factor is the part of p whose places a slope is scattered to."""
    part, op = factor.variable.owner, scattered.op
    assert isinstance(op, SubtensorTranspose)
    if part is None or part.op != Subtensor(op.spec) or part.inputs[0] is not p:
        return False
    ends = scattered.inputs[1 : -op.ndim]
    return all(a is b or equal_constants(a, b) for a, b in zip(part.inputs[1:], ends, strict=True))


def _slope_of_column(x: Variable) -> Variable:
    """What comes back to the scores from the second column of a softmax, for examples."""
    p = softmax(x)
    g = SubtensorTranspose((Slice(whole=True), Item()), 2)
    return SoftmaxProduct(1)(g(2.0 / p[:, 1], constant_size(1), size(p, 0), size(p, 1)), p)
