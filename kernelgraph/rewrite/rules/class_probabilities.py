"""Cross-entropy of class numbers that takes the logarithm last: `-log(p[arange(n), y])`.

The probability of the right class is picked before its logarithm is taken, and by then it may have
rounded to 0. Taken of all probabilities before one is picked, the logarithm meets the softmax.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, lt, switch
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.indexing import Item, Slice, Subtensor, SubtensorTranspose
from kernelgraph.ops.positions import count, only, picked
from kernelgraph.ops.reductions import PickedSum, Sum, sum_
from kernelgraph.ops.softmax import LogSoftmax, Softmax, SoftmaxProduct, softmax
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.rewrite.factors import Factor, conditions, edit_product, factors
from kernelgraph.rewrite.matching import Match, equal_constants
from kernelgraph.rewrite.picked import operands_of, picked_of, picks_one
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten
from kernelgraph.rewrite.rules.softmax import less_its_share
from kernelgraph.rewrite.wildcards import Factors, Operands

_SCORES = {"x": "moderate matrix"}


def _class(x: Variable) -> Variable:
    """A class for each row, for examples."""
    return cast(lt(sum_(x, axis=1), 0.0), "int64")


def _mask(x: Variable) -> Variable:
    """Where in each row its class stands."""
    return operands_of(operands_of(picked(softmax(x), _class(x)), PickedSum((1,)))[0], switch)[0]


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: picks_one(match["mask"]),
    where=_SCORES,
    examples=[lambda x: (log(picked(softmax(x), _class(x))), picked(LogSoftmax(1)(x), _class(x)))],
)
def log_of_picked(mask: Any, x: Any) -> LhsRhs:
    """The logarithm of the one element that is picked is picked from the logarithms."""
    picked_one = PickedSum((1,))(switch(mask, Softmax(1)(x), -0.0))
    return log(picked_one), lambda: only(mask, LogSoftmax(1)(x))


@rule(
    phase="stabilize",
    changes="rounding",
    where=_SCORES,
    examples=[
        lambda x: (log(softmax(x)[:, 0]), LogSoftmax(1)(x)[:, 0]),
        lambda x: (log(softmax(x)[1, 0]), LogSoftmax(1)(x)[1, 0]),
    ],
)
def log_of_part(x: Any, p: Softmax, part: Subtensor, ends: Operands) -> LhsRhs:
    """The logarithm of a part of a softmax is a part of its logarithm, which has digits where the
    probabilities rounded to 0.
    """
    return log(part(p(x), *ends)), lambda: part(LogSoftmax(p.axis)(x), *ends)


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    where=_SCORES,
    examples=[lambda x: unwritten(log(sum_(softmax(x)[:, 1:], axis=1)))],
)
def log_of_total_of_some(x: Any, p: Softmax, part: Subtensor, ends: Operands, total: Sum) -> LhsRhs:
    """The probability of some classes together is a sum of exponentials, whose logarithm has
    digits where all of them rounded to 0.
    """
    before = log(total(part(p(x), *ends)))
    return before, lambda: log(total(exp(part(LogSoftmax(p.axis)(x), *ends))))


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
def derivative_of_picked(node: Apply) -> Variable | None:
    """p (g - sum(g p)) with g = y / p at the picked elements and 0 elsewhere is y - p sum(y), also
    where p has rounded to 0.
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
    """A factor without its divisor, the elements of p that a mask picks; None if it has none."""
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


def _goes_to_its_place(match: Match) -> bool:
    """A guard: a derivative by a part of p is scattered to the places of that part."""
    part, put, ends, places = (match[name] for name in ("part", "put", "ends", "places"))
    pairs = zip(ends, places[: -put.ndim], strict=True)
    same = part.spec == put.spec and all(a is b or equal_constants(a, b) for a, b in pairs)
    return same and match["p"].axis == match["back"].axis


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=_goes_to_its_place,
    where=_SCORES,
    examples=[
        lambda x: (_from_column(x), 2 * (cast(eq(count(size(x, 1)), 1), x.dtype) - softmax(x)))
    ],
)
def derivative_of_part(
    x: Any, p: Softmax, part: Subtensor, ends: Operands, rest: Factors,
    put: SubtensorTranspose, places: Operands, back: SoftmaxProduct,
) -> LhsRhs:  # fmt: skip
    """p (g - sum(g p)) with g = y / p at one part of p and 0 elsewhere is y - p sum(y), also where
    p has rounded to 0.
    """
    before = back(put(rest / part(p(x), *ends), *places), p(x))
    return before, lambda: less_its_share(put(rest, *places), p(x), back.axis)


def _from_column(x: Variable) -> Variable:
    """What comes back to the scores from the second column of a softmax, for examples."""
    p = softmax(x)
    g = SubtensorTranspose((Slice(whole=True), Item()), 2)
    return SoftmaxProduct(1)(g(2.0 / p[:, 1], constant_size(1), size(p, 0), size(p, 1)), p)
