"""Products of matrices: their transposes, columns as vectors, and exponentials in them.

`log(dot(exp(a), w))` is a mixture's likelihood for every row of `a`. Beside a vector of weights the
product is a sum that other rules know. Of a matrix of weights each column is a mixture, and what is
taken out of the exponents must be right for all of them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import cast, lt, mul, switch, true_div
from kernelgraph.ops.contraction import Dot, dot, dot_op, transposed
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.reductions import insert_axes, sum_
from kernelgraph.ops.softmax import Peak, Softmax
from kernelgraph.rewrite.exponential_sums import log_of_positive, roots_of
from kernelgraph.rewrite.factors import Factor, edit_product, factors, holds_curve
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match, constant
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten
from kernelgraph.rewrite.rules.softmax import is_raw
from kernelgraph.rewrite.rules.views import put_back_axes, without_axes
from kernelgraph.types import is_float

_MATRICES = {"x": "moderate matrix", "y": "positive matrix"}

_ROOM = {"float64": (-600.0, 690.0), "float32": (-60.0, 70.0)}
"""Between these, exponentials are left as they are: they neither vanish together nor overflow."""


_turn = DimShuffle((1, 0))


@rule(phase="simplify", changes="rounding", where={"x": "positive matrix", "y": "positive matrix"})
def transpose_of_dot(x: Any, y: Any) -> LhsRhs:
    """The transpose of a product of transposes is the product in the other order."""
    return _turn(dot_op(_turn(x), _turn(y))), dot_op(y, x)


@rule(
    phase="simplify",
    changes="rounding",
    when=lambda match: match["y"].broadcastable == (False, True),
    where={"x": "positive matrix", "y": "positive column"},
)
def column_as_vector(x: Any, y: Any) -> LhsRhs:
    """A matrix of one column is a vector: sums over rows fuse with what uses them."""
    return dot_op(x, y), lambda: put_back_axes(
        dot_op(x, without_axes(y, {1})), {x.ndim - 1}, x.ndim
    )


@rule(
    phase="simplify",
    changes="rounding",
    when=lambda match: match["x"].broadcastable == (True, False),
    where={"x": "positive row", "y": "positive matrix"},
)
def row_as_vector(x: Any, y: Any) -> LhsRhs:
    """A matrix of one row is a vector: sums over columns fuse with what uses them."""
    return dot_op(x, y), lambda: put_back_axes(dot_op(without_axes(x, {0}), y), {0}, y.ndim)


class _Part(NamedTuple):
    """The exponential in an operand of a product of matrices, and what it is of."""

    factor: Factor
    exponent: Variable
    axis: int


def _part(operand: Variable, axis: int, dtype: str) -> _Part | None:
    """The exponential that an operand is or has for a factor, if there is one that was not shifted
    along the axis that is summed. Its exponent is of this dtype, which weights may have made wider.
    """
    found: list[_Part] = []
    for factor in factors(operand)[0]:
        variable = factor.variable
        exponent = None if factor.inverted else log_of_positive(variable)
        if exponent is None or variable.broadcastable != operand.broadcastable:
            continue
        roots = list(roots_of(variable))
        is_exp = all(root.owner is not None and root.owner.op == exp for root in roots)
        if roots and is_exp and _is_raw(exponent, axis):
            found.append(_Part(factor, cast(exponent, dtype), axis))
    return found[0] if len(found) == 1 else None


def _is_raw(exponent: Variable, axis: int) -> bool:
    """Whether nothing was taken out of an exponent yet, in front of a transposition or behind; of
    one number, which is its own maximum, nothing need be.
    """
    if exponent.broadcastable[axis]:
        return False
    node = exponent.owner
    if node is not None and isinstance(node.op, DimShuffle):
        before = node.op.order[axis]
        if isinstance(before, int):
            return _is_raw(node.inputs[0], before)
    return is_raw(exponent, axis)


def _axes(x: Variable) -> tuple[int, int]:
    """The axes of the operands of a product along which it sums."""
    return x.ndim - 1, 0


def _shift(part: _Part) -> Variable:
    """What to take from the exponents, along the axis that is summed: so much that the largest has
    room. Not more of large ones, for beside other weights it may be small ones that count.
    """
    top = Peak((part.axis,))(part.exponent)
    low, high, zero, infinity = (constant(n, top) for n in (*_ROOM[top.dtype], 0.0, math.inf))
    is_large = mul(lt(high, top), lt(top, infinity))
    is_small = mul(lt(-infinity, top), lt(top, low))
    shift = switch(is_large, top - high, switch(is_small, top, zero))
    return insert_axes(shift, (part.axis,), part.exponent.ndim)


def _holds_exp(product: Variable) -> bool:
    """Whether a product has an exponential or a softmax for a factor."""
    makers = [factor.variable.owner for factor in factors(product)[0] if not factor.inverted]
    return any(n is not None and (n.op == exp or isinstance(n.op, Softmax)) for n in makers)


def _is_used_by_logs(node: Apply, graph: FunctionGraph) -> bool:
    """Whether a logarithm is taken of a result, or it is divided, or divides."""
    pending = list(graph.clients.get(node.out, ()))
    views = [client for client in pending if isinstance(client.op, DimShuffle)]
    pending += [client for view in views for client in graph.clients.get(view.out, ())]
    return any(client.op in (log, true_div) for client in pending)


def _is_mixture(match: Match) -> bool:
    """A guard: a product of a matrix and a vector, or of two vectors, with exponentials in the
    larger one, of which a logarithm is taken or which divides.
    """
    x, y, graph = match["x"], match["y"], match.graph
    if x.ndim + y.ndim > 3 or not floats(match) or graph is None:
        return False
    if not _is_used_by_logs(match.node, graph) or x.broadcastable[-1] != y.broadcastable[0]:
        return False
    return any(_holds_exp(v) for v in (x, y) if v.ndim == max(x.ndim, y.ndim))


def _weighted_sum(x: Variable, y: Variable) -> Variable:
    """The product of two vectors, or of a matrix and a vector, as a sum of products."""
    if x.ndim == y.ndim:
        return sum_(x * y, axis=0)
    if x.ndim == 2:
        return sum_(x * dimshuffle(y, ("x", 0)), axis=1)
    return sum_(dimshuffle(x, (0, "x")) * y, axis=0)


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_mixture,
    where={"x": "moderate matrix", "y": "positive vector"},
    examples=[
        lambda x, y: (log(dot(exp(x), y)), log(sum_(exp(x) * dimshuffle(y, ("x", 0)), axis=1))),
        lambda x, y: (log(dot(y, exp(x))), log(sum_(dimshuffle(y, (0, "x")) * exp(x), axis=0))),
    ],
    over_halves=False,
)
def mixture_by_dot(x: Any, y: Any) -> LhsRhs:
    """The product of exponentials and a vector of weights is a weighted sum, whose logarithm has
    rules.
    """
    return dot_op(x, y), lambda: _weighted_sum(x, y)


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where=_MATRICES,
    examples=[
        lambda x, y: unwritten(log(dot(exp(x), y))),
        lambda x, y: unwritten(log(dot(y, exp(x)))),
    ],
    depth=3,
    over_halves=False,
)
def log_of_dot(node: Apply) -> Variable | None:
    """The logarithm of mixtures of exponentials, one for each column of weights: what has no room
    is taken out of the exponents.
    """
    product = node.inputs[0].owner
    if product is None or not isinstance(product.op, Dot) or not is_float(node.out.dtype):
        return None
    for k, axis in enumerate(_axes(product.inputs[0])):
        part = _part(product.inputs[k], axis, node.out.dtype)
        if part is None:
            continue
        shift = _shift(part)
        operands = [*product.inputs]
        powered = exp(part.exponent - shift)
        shifted = edit_product(operands[k], {part.factor.path: powered})
        if shifted is None:
            continue
        operands[k] = shifted
        rest = log(product.op(*operands))
        return rest + _beside(shift, k, product.out)
    return None


def _beside(shift: Variable, k: int, product: Variable) -> Variable:
    """A shift of the left operand's rows (k = 0) or the right one's columns, beside the product."""
    if shift.ndim == 1:
        return dimshuffle(shift, ("x",) * product.ndim) if product.ndim else shift.dimshuffle()
    if product.ndim == 2:
        return shift
    return dimshuffle(shift, (k,))


@computed_rule(
    phase="stabilize",
    on=(mul,),
    factor=(Dot, DimShuffle),
    changes="rounding",
    where=_MATRICES,
    examples=[
        lambda x, y: unwritten(exp(x) * dot(1 / dot(exp(x), y), transposed(y))),
        lambda x, y: unwritten(dot(transposed(y), 1 / dot(y, exp(x))) * exp(x)),
    ],
    depth=6,
    over_halves=False,
)
def share_of_dot(node: Apply) -> Variable | None:
    """The derivative of such a logarithm: the same is taken out of the exponentials and of the
    mixtures that divide.
    """
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for power in found:
        curve = power.curve
        if curve is None or curve.kind != "exp" or power.inverted:
            continue
        for other in found:
            for k in (0, 1):
                shifted = _divided_by_mixture(other, power.variable, k)
                if shifted is not None:
                    edits = {power.path: shifted[0], other.path: shifted[1]}
                    return edit_product(node.out, edits)
    return None


def _divided_by_mixture(other: Factor, power: Variable, k: int) -> tuple[Variable, Variable] | None:
    """Operand k of a product of matrices, divided by a product of the exponentials `power`: these
    shifted, and the outer product with the shifted ones in it.
    """
    root, turned = _unturned(other.variable)
    outer = root.owner
    if outer is None or not isinstance(outer.op, Dot) or other.inverted:
        return None
    for inner in factors(outer.inputs[k])[0]:
        divisor = inner.variable.owner
        if divisor is None or not isinstance(divisor.op, Dot) or not inner.inverted:
            continue
        operand, is_turned = _unturned(divisor.inputs[k])
        if operand is not power or is_turned != turned:
            continue
        axis = _axes(divisor.inputs[0])[k]
        part = _part(power, 1 - axis if turned else axis, power.dtype)
        if part is None:
            continue
        powered = exp(part.exponent - _shift(part))
        operands = [*divisor.inputs]
        operands[k] = transposed(powered) if turned else powered
        edited = edit_product(outer.inputs[k], {inner.path: divisor.op(*operands)})
        assert edited is not None
        around = [*outer.inputs]
        around[k] = edited
        product = outer.op(*around)
        return powered, transposed(product) if turned else product
    return None


def _unturned(variable: Variable) -> tuple[Variable, bool]:
    """A matrix, and whether it stands here transposed."""
    node = variable.owner
    if node is not None and node.op == DimShuffle((1, 0)):
        return node.inputs[0], True
    return variable, False
