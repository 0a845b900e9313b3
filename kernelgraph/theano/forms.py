"""Graphs as Theano would have built them, for its texts: where one op of ours stands for several of
Theano's, or several for one, the nodes to print are put in.

The nodes made here are for reading only; nothing computes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import Cast, mul, neg, sub, true_div
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.moments import MeanAndVariance
from kernelgraph.ops.powers import pow_ as power
from kernelgraph.ops.reductions import Max, MaxAndArgmax, Min, MinAndArgmin, Sum, insert_axes
from kernelgraph.ops.softmax import Softmax
from kernelgraph.ops.sources import MakeVector, SizeOf
from kernelgraph.ops.updates import Fitted
from kernelgraph.ops.views import Reshape
from kernelgraph.theano.calls import GRADIENT_OF
from kernelgraph.theano.gradients import Reverse, UnknownSlopeError, product
from kernelgraph.theano.ops import SECOND, Printed
from kernelgraph.types import TensorType, is_float
from kernelgraph.walks import producers_first


def theano_form(graph: Graph) -> Graph:
    """The graph with the nodes that Theano has; the same graph where nothing differs."""
    forms = _Forms()
    forms.visit(graph.outputs)
    if not any(v in forms.new for v in graph.outputs):
        return graph
    outputs = tuple(forms.seen(v) for v in graph.outputs)
    return Graph(graph.inputs, outputs, graph.donations, graph.name)


class _Forms:
    def __init__(self) -> None:
        self.new: dict[Variable, Variable] = {}
        self.shapes: dict[Variable, Variable] = {}
        self.sweeps: dict[Variable, Reverse] = {}
        self.plain: set[Variable] = set()

    def visit(self, outputs: Sequence[Variable]) -> None:
        """Find what stands for each variable behind `outputs`."""
        for gradient in self._gradients(outputs):
            self._differentiate(gradient)
        for node in producers_first(outputs, self._producer):
            form = self.of(node)
            if form is not None:
                self.new[node.outputs[form[0]]] = form[1]
            elif any(v in self.new for v in node.inputs):
                copy = node.clone_with([self.seen(v) for v in node.inputs])
                self.new.update(zip(node.outputs, copy.outputs, strict=True))

    def _producer(self, variable: Variable) -> Apply | None:
        """The node to look at: none where the text has a form already."""
        return None if variable in self.new else variable.owner

    def _gradients(self, outputs: Sequence[Variable]) -> list[Variable]:
        """The gradients behind `outputs` that no other gradient hides."""
        found: dict[Variable, None] = {}

        def behind(variable: Variable) -> Apply | None:
            if variable in GRADIENT_OF and variable not in self.plain:
                found[variable] = None
                return None
            return variable.owner

        for _ in producers_first(outputs, behind):
            pass
        return list(found)

    def _differentiate(self, gradient: Variable) -> None:
        """Put Theano's gradient in the place of ours, where its way of writing it is known."""
        cost, wrt = GRADIENT_OF[gradient]
        self.visit([cost])
        try:
            sweep = self.sweeps.setdefault(cost, Reverse(self.seen(cost)))
            self.new[gradient] = sweep.gradient(self.seen(wrt))
        except UnknownSlopeError:
            self.plain.add(gradient)
            self.visit([gradient])

    def seen(self, variable: Variable) -> Variable:
        """What stands for a variable in the text."""
        return self.new.get(variable, variable)

    def of(self, node: Apply) -> tuple[int, Variable] | None:
        """Which output of a node is printed differently, and how."""
        match node.op:
            case MakeVector():
                return 0, self._stacked(node)
            case Broadcast():
                form = self._filled(node)
            case Fitted():
                made = node.inputs[0].owner
                repeated = made is not None and isinstance(made.op, Broadcast)
                form = self.seen(made.inputs[0] if repeated and made else node.inputs[0])
            case Reshape():
                form = self._reshaped(node)
            case Min():
                form = neg(Max(node.op.axes)(neg(self.seen(node.inputs[0]))))
            case MinAndArgmin():
                return 1, MaxAndArgmax(node.op.axes)(neg(self.seen(node.inputs[0])))[1]
            case MeanAndVariance():
                return 1, self._variance(node)
            case Softmax() if node.op.axis == node.out.ndim - 1:
                softmax = Printed("Softmax", "Softmax(%*)")
                form = softmax.node([self.seen(node.inputs[0])], node.out.tensor_type)
            case op if op == mul and _is_outer(node):
                form = product(*(self.seen(v) for v in node.inputs))
            case op if op == true_div:
                form = self._mean(node)
            case op if op == sqrt and isinstance(_op(node.inputs[0]), MeanAndVariance):
                form = _named(sqrt(self.seen(node.inputs[0])), "std")
            case _:
                form = None
        return None if form is None else (0, form)

    def shape(self, x: Variable) -> Variable:
        """`Shape(x)`, once for each x."""
        if x not in self.shapes:
            kind = TensorType("int64", (x.ndim,))
            self.shapes[x] = Printed("Shape", "Shape(%*)").node([self.seen(x)], kind)
        return self.shapes[x]

    def _stacked(self, node: Apply) -> Variable:
        operands = [self.seen(v) for v in node.inputs]
        sizes = [_size_of(v) for v in node.inputs]
        x = sizes[0][0] if sizes and sizes[0] is not None else None
        if x is not None and sizes == [(x, axis) for axis in range(x.ndim)]:
            return self.shape(x)
        return _vector(operands, node.out.dtype)

    def _filled(self, node: Apply) -> Variable | None:
        """One number wherever another array has elements: Theano's `second`."""
        source, *sizes = node.inputs
        value = source.scalar if isinstance(source, Constant) else None
        found = [_size_of(v) for v in sizes]
        like = found[0][0] if found and found[0] is not None else None
        if value is None or like is None or found != [(like, axis) for axis in range(like.ndim)]:
            return None
        number = dimshuffle(as_variable(value), ["x"] * like.ndim)
        return SECOND.node([self.seen(like), number], node.out.tensor_type)

    def _reshaped(self, node: Apply) -> Variable | None:
        x, *sizes = node.inputs
        numbers = [v.data for v in sizes if isinstance(v, Constant)]
        operands = [self.seen(v) for v in sizes]
        known = len(numbers) == len(sizes)
        shape = (
            as_variable(np.array(numbers, dtype="int64")) if known else _vector(operands, "int64")
        )
        text = f"Reshape{{{node.out.ndim}}}"
        return Printed(text, f"{text}(%*)").node([self.seen(x), shape], node.out.tensor_type)

    def _mean(self, node: Apply) -> Variable | None:
        top, bottom = node.inputs
        top = _source(top) if isinstance(_op(top), Cast) else top
        total, count = _unpadded(top), _unpadded(bottom)
        op = _op(total)
        if not isinstance(op, Sum) or not isinstance(_op(count), Cast):
            return None
        if not op.axes or _factors(_source(count)) != len(op.axes):
            return None
        x, seen = _source(total), self.seen(top)
        if isinstance(_op(x), Cast) and not is_float(_source(x).dtype):
            x = _source(x)  # Theano adds up integers as they are
            seen = op(self.seen(x)) if total is top else dimshuffle(op(self.seen(x)), _order(top))
        return _named(self._divided(seen, x, op.axes), "mean")

    def _divided(self, total: Variable, x: Variable, axes: Sequence[int]) -> Variable:
        """A sum over axes divided by their lengths, one after the other."""
        dtype = total.dtype if is_float(total.dtype) else "float64"
        sizes = Printed(f"Elemwise{{Cast{{{dtype}}}}}", f"{dtype}(%0)")
        lengths = sizes.node([self.shape(x)], TensorType(dtype, (x.ndim,)))
        result = total
        for axis in axes:
            index = Printed("Subtensor{int64}", "%0[%1]")
            place = as_variable(axis)
            result = true_div(result, index.node([lengths, place], TensorType(dtype, ())))
        return result

    def _variance(self, node: Apply) -> Variable:
        assert isinstance(node.op, MeanAndVariance)
        x, axes = node.inputs[0], node.op.axes
        seen = self.seen(x)
        text = f"Sum{{axis={list(axes)}, acc_dtype=float64}}"
        total = Printed(text, f"{text}(%*)")
        kind = node.outputs[1].tensor_type
        sums = insert_axes(total.node([seen], kind), axes, x.ndim)
        square = power(sub(seen, _named(self._divided(sums, x, axes), "mean")), as_variable(2.0))
        return _named(self._divided(total.node([square], kind), square, axes), "var")


def _is_outer(node: Apply) -> bool:
    """Whether a product is that of `outer`: of a column and a row that the same call made."""
    column, row = node.inputs
    made = (node, column.owner, row.owner)
    orders = [op.order for op in map(_op, node.inputs) if isinstance(op, DimShuffle)]
    is_one_call = all(n is not None and n.origins == node.origins for n in made)
    return orders == [(0, "x"), ("x", 0)] and is_one_call and bool(node.origins)


def _op(variable: Variable) -> Any:
    return None if variable.owner is None else variable.owner.op


def _source(variable: Variable) -> Variable:
    assert variable.owner is not None
    return variable.owner.inputs[0]


def _unpadded(variable: Variable) -> Variable:
    """Without the dimensions of size 1 that were put in for broadcasting."""
    return _source(variable) if isinstance(_op(variable), DimShuffle) else variable


def _order(variable: Variable) -> tuple[int | str, ...]:
    """How a variable's dimensions were arranged."""
    op = _op(variable)
    assert isinstance(op, DimShuffle)
    return op.order


def _size_of(variable: Variable) -> tuple[Variable, int] | None:
    """Of a size: which variable's, along which dimension."""
    op = _op(variable)
    return (_source(variable), op.axis) if isinstance(op, SizeOf) else None


def _factors(count: Variable) -> int:
    """How many numbers a product is made of."""
    if _op(count) == mul and count.owner is not None:
        return sum(map(_factors, count.owner.inputs))
    return 1


def _named(variable: Variable, name: str) -> Variable:
    variable.name = name
    return variable


def _vector(operands: Sequence[Variable], dtype: str) -> Variable:
    made = Printed(f"MakeVector{{dtype='{dtype}'}}", "[%*]")
    return made.node(operands, TensorType(dtype, (len(operands),)))
