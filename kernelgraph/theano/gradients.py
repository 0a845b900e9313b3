"""Gradients as Theano would have built them, for its texts.

Theano's gradient is a reverse sweep whose every node is kept: the seed `fill(cost, 1.0)`, a
`second` for every sum, products in the order of the chain rule. What an op contributes stands in
`SLOPES`, one line each, unless it is one other function, as its block says; where a graph has an op
that is not there, the text shows our own gradient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.elementwise import OPS, DimShuffle, Elementwise
from kernelgraph.graph import Apply, Variable, walk
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import add, mul, neg
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.reductions import Sum, insert_axes
from kernelgraph.theano.ops import SECOND, Printed
from kernelgraph.types import TensorType, is_float

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "true_div": "/", "pow": "**"}
_FORMULAS = {
    "neg": "(-%0)", "identity": "%0", "second": "fill(%*)", "scalar_sigmoid": "sigmoid(%*)",
}  # fmt: skip
_ALIKE = {"EQ": "eq", "Switch": "switch"}


class UnknownSlopeError(Exception):
    """A graph has an op whose slope Theano writes in a way that is not in the table."""


class Writer:
    """Writes the slopes of one elementwise node: functions of nodes, numbers as constants."""

    def __init__(self, kind: TensorType) -> None:
        self.kind = kind

    def __getattr__(self, name: str) -> Callable[..., Variable]:
        return lambda *operands: self.apply(name, *operands)

    def apply(self, name: str, *operands: Any) -> Variable:
        """An elementwise op; every mention makes a new node, as in Theano."""
        sign = _SIGNS.get(name)
        call = f"{_ALIKE.get(name, name)}(%*)"
        formula = f"(%0 {sign} %1)" if sign else _FORMULAS.get(name, call)
        nodes = [v if isinstance(v, Variable) else self.number(v) for v in operands]
        return Printed(f"Elemwise{{{name}}}", formula).node(nodes, self.kind)

    def number(self, value: Any) -> Variable:
        """A constant, given the dimensions of the others."""
        return DimShuffle(("x",) * self.kind.ndim)(as_variable(value))


Terms = list[Variable | None]
"""What goes back to each operand; None where nothing does."""

SLOPES: dict[str, Callable[[Any, Sequence[Variable], Variable, Variable], Terms]] = {
    "add": lambda e, x, y, g: [g for _ in x],
    "sub": lambda e, x, y, g: [g, e.neg(g)],
    "mul": lambda e, x, y, g: [e.mul(g, x[1]), e.mul(g, x[0])],
    "true_div": lambda e, x, y, g: [
        e.true_div(g, x[1]),
        e.true_div(e.neg(e.mul(g, x[0])), e.mul(x[1], x[1])),
    ],
    "neg": lambda e, x, y, g: [e.neg(g)],
    "abs": lambda e, x, y, g: [e.mul(g, e.sgn(x[0]))],
    "exp": lambda e, x, y, g: [e.mul(g, e.exp(x[0]))],
    "log": lambda e, x, y, g: [e.true_div(g, x[0])],
    "log1p": lambda e, x, y, g: [e.true_div(g, e.add(1, x[0]))],
    "tanh": lambda e, x, y, g: [e.mul(g, e.sub(1, e.sqr(e.tanh(x[0]))))],
    "sqr": lambda e, x, y, g: [e.mul(e.mul(g, x[0]), 2)],
    "sqrt": lambda e, x, y, g: [e.true_div(e.mul(g, 0.5), e.sqrt(x[0]))],
    "maximum": lambda e, x, y, g: [
        e.mul(e.EQ(y, x[0]), g),
        e.mul(e.sub(np.array(1.0, g.dtype), e.EQ(y, x[0])), g),
    ],
    "identity": lambda e, x, y, g: [g],
    "second": lambda e, x, y, g: [None, g],
    "scalar_sigmoid": lambda e, x, y, g: [
        e.mul(e.mul(g, e.scalar_sigmoid(x[0])), e.sub(1.0, e.scalar_sigmoid(x[0])))
    ],
    "switch": lambda e, x, y, g: [e.number(0.0), e.Switch(x[0], g, 0.0), e.Switch(x[0], 0.0, g)],
    "pow": lambda e, x, y, g: [
        e.mul(e.mul(g, x[1]), e.pow(x[0], e.sub(x[1], 1))),
        e.Switch(e.EQ(x[0], 0), 0, e.mul(e.mul(g, e.log(x[0])), e.pow(x[0], x[1]))),
    ],
}
"""What an elementwise op passes back to each operand: from a writer, the operands x, the result y,
and what came from above, g.
"""


class Reverse:
    """The reverse sweep from one cost, in Theano's form already."""

    def __init__(self, cost: Variable) -> None:
        self.cost = cost
        self.consumers = _consumers(cost)
        self.terms: dict[Apply, Terms] = {}
        self.gradients: dict[Variable, Variable] = {cost: _seed(cost)}

    def gradient(self, wrt: Variable) -> Variable:
        """The gradient with respect to a variable of the cost's graph.

        Raises `UnknownSlopeError`.
        """
        between = self._between(wrt)
        for node in reversed([n for n in walk([self.cost]) if n in between]):
            self._total(node.out)
        return self._total(wrt)

    def _between(self, wrt: Variable) -> set[Apply]:
        """The nodes on the ways from a variable to the cost."""
        found: set[Apply] = set()
        pending = [wrt]
        while pending:
            for node, _ in self.consumers.get(pending.pop(), ()):
                if node not in found:
                    found.add(node)
                    pending += node.outputs
        return found

    def _total(self, variable: Variable) -> Variable:
        """The sum of what all consumers of a variable pass back to it."""
        if variable not in self.gradients:
            terms = [self._term(*use) for use in self.consumers.get(variable, ())]
            if not terms:
                raise UnknownSlopeError
            total = reduce(add, terms)
            if self.cost.name and variable.name:
                total.name = f"(d{self.cost.name}/d{variable.name})"
            self.gradients[variable] = total
        return self.gradients[variable]

    def _term(self, node: Apply, place: int) -> Variable:
        if node not in self.terms:
            self.terms[node] = _passed_back(node, self.gradients[node.out])
        term = self.terms[node][place]
        if term is None:
            raise UnknownSlopeError
        return term


def _consumers(cost: Variable) -> dict[Variable, list[tuple[Apply, int]]]:
    """Where each variable is used, in the order in which Theano comes upon the uses: along the
    first operand as far as it goes, then back; the uses of one node together.
    """
    found: dict[Variable, dict[Apply, list[int]]] = {}
    way = [] if cost.owner is None else [(cost.owner, 0)]
    while way:
        node, place = way.pop()
        name = _elementwise(node)
        if place == len(node.inputs) or (name is None and _is_shape(node)):
            continue  # what Theano's shapes are made of passes nothing back
        way.append((node, place + 1))
        if name == "second" and place == 0:
            continue
        operand = node.inputs[place]
        is_new = operand not in found
        found.setdefault(operand, {}).setdefault(node, []).append(place)
        if is_new and operand.owner is not None:
            way.append((operand.owner, 0))
    return {v: [(n, k) for n, places in uses.items() for k in places] for v, uses in found.items()}


def _seed(cost: Variable) -> Variable:
    return SECOND.node([cost, as_variable(np.array(1.0, cost.dtype))], cost.tensor_type)


def _is_shape(node: Apply) -> bool:
    """Whether a node is of those that Theano's shapes are made of."""
    return isinstance(node.op, Printed) and str(node.op) != "dot"


def _elementwise(node: Apply) -> str | None:
    """The name under which an elementwise op, ours or Theano's, stands in the table."""
    if isinstance(node.op, Elementwise):
        return "scalar_sigmoid" if node.op.name == "sigmoid" else node.op.name
    found = re.fullmatch(r"Elemwise\{(\w+)(,no_inplace)?\}", str(node.op))
    return found[1] if found and isinstance(node.op, Printed) else None


def _passed_back(node: Apply, g: Variable) -> Terms:
    if not is_float(node.out.dtype):
        return [_zeros(x) for x in node.inputs]
    name, writer = _elementwise(node), Writer(node.out.tensor_type)
    if name in SLOPES:
        passed = SLOPES[name](writer, node.inputs, node.out, g)
    else:
        passed = _as_its_block_says(OPS.get(name or ""), writer, node, g)
    if passed:
        return [
            None if p is None else _summed(p, x, node.out)
            for p, x in zip(passed, node.inputs, strict=True)
        ]
    match node.op:
        case DimShuffle():
            return [_shuffled_back(node, g)]
        case Sum():
            x = node.inputs[0].tensor_type
            spread = insert_axes(g, node.op.axes, x.ndim)
            return [Writer(x).apply("second", node.inputs[0], spread)]
        case op if isinstance(op, Dot) or str(op) == "dot":
            return _dot(node.inputs[0], node.inputs[1], g)
        case _:
            raise UnknownSlopeError


def _as_its_block_says(op: Elementwise | None, e: Writer, node: Apply, g: Variable) -> Terms:
    """Of an op whose derivative is a function of its operand, or minus one: sin, cos, softplus."""
    formula = op.partials if op is not None and len(node.inputs) == 1 else None
    partial = formula(*node.inputs, node.out)[0] if formula is not None else None
    found = partial.owner if isinstance(partial, Variable) else None
    if found is not None and found.op == neg:
        g, found = e.neg(g), found.inputs[0].owner
    if found is None or len(found.inputs) != 1 or found.inputs[0] is not node.inputs[0]:
        return []
    return [e.mul(g, e.apply(name, *node.inputs)) for name in [_elementwise(found)] if name]


def _zeros(x: Variable) -> Variable | None:
    """What comes back through a comparison."""
    if not is_float(x.dtype):
        return None
    zero = np.array(0.0, x.dtype)
    filler = Writer(x.tensor_type).number(zero) if x.ndim else as_variable(zero)
    return SECOND.node([x, filler], x.tensor_type)


def _summed(passed: Variable, x: Variable, out: Variable) -> Variable:
    """Summed over the dimensions along which an operand was repeated."""
    pairs = zip(x.broadcastable, out.broadcastable, strict=True)
    axes = [axis for axis, (here, there) in enumerate(pairs) if here and not there]
    if not axes:
        return passed
    text = f"Sum{{axis={axes}, acc_dtype=float64}}"
    shape = tuple(n for axis, n in enumerate(out.tensor_type.shape) if axis not in axes)
    total = Printed(text, f"{text}(%*)").node([passed], TensorType(out.dtype, shape))
    return insert_axes(total, axes, x.ndim)


def _shuffled_back(node: Apply, g: Variable) -> Variable:
    assert isinstance(node.op, DimShuffle)
    inverse = node.op.inverse
    order = [inverse.get(axis, "x") for axis in range(node.inputs[0].ndim)]
    return DimShuffle(order)(Writer(g.tensor_type).apply("identity", g))


def _dot(x: Variable, y: Variable, g: Variable) -> Terms:
    match x.ndim, y.ndim:
        case 1, 1:
            wide = DimShuffle(("x",))(g)
            return [mul(wide, y), mul(wide, x)]
        case 1, 2:
            return [product(g, _turned(y)), _outer(_turned(x), g)]
        case 2, 1:
            return [_outer(g, _turned(y)), product(_turned(x), g)]
        case 2, 2:
            return [product(g, _turned(y)), product(_turned(x), g)]
        case _:
            raise UnknownSlopeError


def _turned(x: Variable) -> Variable:
    """`x.T`, of vectors as well."""
    return DimShuffle(tuple(reversed(range(x.ndim))))(x)


def _outer(x: Variable, y: Variable) -> Variable:
    return product(DimShuffle((0, "x"))(x), DimShuffle(("x", 0))(y))


def product(x: Variable, y: Variable) -> Variable:
    """Theano's `dot`."""
    shape = (*x.tensor_type.shape[:-1], *y.tensor_type.shape[1:])
    return Printed("dot", "(%0 \\dot %1)").node([x, y], TensorType(x.dtype, shape))
