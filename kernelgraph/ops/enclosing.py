"""Expressions that are one op: `OpFromGraph([x, y], [x * y + x])` is an op of two operands.

The op has a name, stands in pictures as one node, whose inside is drawn, planned and compiled like
that of a loop, and may have derivatives of one's own. With `inline`, rewriting puts it in place.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x, y = T.dscalars("x", "y")
>>> area = kg.OpFromGraph([x, y], [x * y], name="area")
>>> a = T.dscalar("a")
>>> kg.function([a], [area(a, 2.0), kg.grad(area(a, a), a)])(3.0)
[array(6.), array(6.)]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgraph.errors import ArgumentError, MissingInputError
from kernelgraph.expect import expect_flag, expect_list, expect_name
from kernelgraph.graph import (
    Apply,
    Constant,
    Graph,
    SharedVariable,
    Variable,
    describe,
    leaves,
    substitute,
    walk,
)
from kernelgraph.mismatches import mismatched
from kernelgraph.op import Axis, Cotangents, Size, as_variable
from kernelgraph.ops.broadcasting import zeros_like
from kernelgraph.ops.control import (
    Branch,
    ControlOp,
    Differentiate,
    Pullback,
    Run,
    arrived,
    dtype_of,
)
from kernelgraph.ops.derivatives import Derivative, Derivatives, plain, settled
from kernelgraph.ops.no_gradient import as_cotangent
from kernelgraph.ops.sources import SizeOf, size
from kernelgraph.ops.streams import moves, next_state
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import TensorType, is_python_number, listed

__all__ = ["OpFromGraph"]

Override = Callable[..., Any]
DEFAULT = "default"
"""Stands for the derivative that follows from the graph."""


class Enclosed(ControlOp):
    """A graph as one op. Operands are what the graph reads; the first `streams` of the last outputs
    are the next states of random streams that it draws from, at `places` among the operands.
    """

    inline = False

    def __init__(self, graph: Graph, name: str, places: Sequence[int] = ()) -> None:
        self.graphs = (graph,)
        self.name = name
        self.places = tuple(places)

    def read_dtypes(self, inputs: Sequence[Variable]) -> Sequence[str | None]:
        return [dtype_of(v) for v in inputs]

    def next_states(self, node: Apply) -> Mapping[int, int]:
        first = len(node.outputs) - len(self.places)
        return {place: first + k for k, place in enumerate(self.places)}

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(v.type, v.name) for v in self.graphs[0].outputs])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [
            [self._size(node, v, axis) for axis in range(v.ndim)]
            if isinstance(v.type, TensorType)
            else []
            for v in self.graphs[0].outputs
        ]

    def _size(self, node: Apply, out: Variable, axis: int) -> Size:
        """A size of a result, if it follows from sizes of operands."""
        found, inputs = size(out, axis), self.graphs[0].inputs
        if isinstance(found, Constant):
            return int(found.data)
        for inner in walk([found]):
            of_operand = isinstance(inner.op, SizeOf) and inner.inputs[0] in inputs
            if not (of_operand or all(map(_is_scalar, inner.inputs))):
                return None
        if found.owner is not None and isinstance(found.owner.op, SizeOf):
            return Axis(inputs.index(found.owner.inputs[0]), found.owner.op.axis)
        return substitute([found], dict(zip(inputs, node.inputs, strict=True)))[0]

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        return run(self.graphs[0], inputs)

    def pullback_with(
        self, node: Apply, cotangents: Derivatives, pullback: Pullback
    ) -> Derivatives:
        """The graph's own cotangents, with the masks of what is cut off, by one more op."""
        back = Branch(self.graphs[0], cotangents, pullback)
        given = [g for g in cotangents if g is not None]
        arriving = [g.settled() for g in given] + [g.where for g in given if g.where is not None]
        reached = [k for k, found in enumerate(back.found) if found is not None]
        masks = {k: mask for k in reached if isinstance(mask := back.mask(k), Variable)}
        outputs = [*(back.number(k) for k in reached), *masks.values()]
        made = self._around(back.ends, outputs, [*node.inputs, *arriving])
        where = dict(zip(masks, made[len(reached) :], strict=True))
        found: list[Derivative | None] = [None] * len(node.inputs)
        for k, g in zip(reached, made, strict=False):
            found[k] = arrived(g, where.get(k), [back.found[k]])
        return found

    def jvp_with(self, node: Apply, tangents: Cotangents, push: Differentiate) -> Cotangents:
        """The graph's own tangents, by one more op."""
        graph = self.graphs[0]
        arriving = {k: t for k, t in enumerate(tangents) if t is not None}
        own = [Variable(t.type) for t in arriving.values()]
        found = push(graph.outputs, [graph.inputs[k] for k in arriving], own)
        there = {k: t for k, t in enumerate(found) if t is not None}
        operands = [*node.inputs, *arriving.values()]
        made = self._around([*graph.inputs, *own], list(there.values()), operands)
        by_output = dict(zip(there, made, strict=True))
        return [by_output.get(k) for k in range(len(node.outputs))]

    def _around(
        self, ends: Sequence[Variable], outputs: Sequence[Variable], operands: Sequence[Variable]
    ) -> list[Variable]:
        """The results of an op for a derivative, which reads only what it needs."""
        if not outputs:
            return []
        needed = set(leaves(outputs))
        used = [k for k, end in enumerate(ends) if end in needed]
        graph = Graph(tuple(ends[k] for k in used), tuple(outputs))
        derivative = Enclosed(graph, f"{self.name}'")
        derivative.inline = self.inline
        return listed(derivative(*(operands[k] for k in used)))


class OpFromGraph(Enclosed):
    """An op that computes `outputs`, expressions of `inputs`. Shared variables in them are read.

    Called with as many operands, of the dtypes and dimensions of the inputs, it gives one result
    or a list of several. With `inline`, rewriting puts the expressions in its place.

    Derivatives follow from the expressions, unless they are given: `lop_overrides(inputs, outputs,
    gradients)`, or `grad_overrides(inputs, gradients)` without the outputs, returns a gradient for
    each operand, `rop_overrides(inputs, tangents)` a tangent for each result. A list has a function
    for each of them that returns one, "default" for what follows from the expressions, None for 0,
    or a symbol such as `T.disconnected()`. `connection_pattern` has a list for each input, which
    says of each output whether it depends on that; by default the expressions say so.

    Raises `ArgumentError` for inputs that are no symbols without a value, `MissingInputError`
    (KG-G001) for an input that is not there, and, when called, `ArgumentError` (KG-G035) for
    operands that do not fit.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        inline: bool = False,
        lop_overrides: Any = DEFAULT,
        grad_overrides: Any = DEFAULT,
        rop_overrides: Any = DEFAULT,
        connection_pattern: Any = None,
        name: str | None = None,
    ) -> None:
        ends = [_expect_input(v) for v in expect_list(inputs, "the inputs of an op", "symbols")]
        results = expect_variables(outputs, "the outputs of an op")
        if _is_given(lop_overrides) and _is_given(grad_overrides):
            raise ArgumentError("lop_overrides or grad_overrides, not both: one gradient is used")
        found = leaves(results, ends)
        for v in found:
            if v not in ends and not isinstance(v, Constant | SharedVariable):
                raise MissingInputError(
                    f"the outputs need {describe(v)}, which is not among the inputs of the op",
                    origins=v.where,
                )
        self.shared_inputs = [v for v in found if isinstance(v, SharedVariable)]
        drawn = moves(walk(results, ends))
        results += [next_state(state, nodes) for state, nodes in drawn.items()]
        whole = [*ends, *self.shared_inputs]
        own = {v: Variable(v.type, v.name) for v in whole}
        graph = Graph(tuple(own[v] for v in whole), tuple(substitute(results, own)))
        label = expect_name(name, "the name of an op") or type(self).__name__
        super().__init__(graph, label, [whole.index(state) for state in drawn])
        self.inline = expect_flag(inline, "inline")
        self.lop, self.grads, self.rop = lop_overrides, grad_overrides, rop_overrides
        self.connections = None
        if connection_pattern is not None:
            what, wanted = "connection_pattern", "a list of True and False for each input"
            self.connections = [
                [expect_flag(one, what) for one in expect_list(row, what, "True and False")]
                for row in expect_list(connection_pattern, what, wanted)
            ]

    @property
    def inputs(self) -> Sequence[Variable]:
        """The symbols that stand for the operands inside."""
        return self.graphs[0].inputs[: self._count()]

    @property
    def outputs(self) -> Sequence[Variable]:
        """What is computed of them."""
        return self.graphs[0].outputs[: len(self.graphs[0].outputs) - len(self.places)]

    def _count(self) -> int:
        return len(self.graphs[0].inputs) - len(self.shared_inputs)

    def __call__(self, *inputs: Any) -> Any:
        """The results for these operands."""
        made = listed(super().__call__(*inputs))[: len(self.outputs)]
        return made[0] if len(made) == 1 else made

    def make_node(self, *inputs: Any) -> Apply:
        """Operands, and behind them the shared variables, which need not be given."""
        ends = self.graphs[0].inputs
        given = list(inputs)
        if len(given) == self._count():
            given += self.shared_inputs
        if len(given) != len(ends):
            raise ArgumentError(f"{self} takes {self._count()} operands, got {len(inputs)}")
        pairs = zip(given, ends, strict=True)
        return super().make_node(*(_operand(value, end, self) for value, end in pairs))

    def pullback_with(
        self, node: Apply, cotangents: Derivatives, pullback: Pullback
    ) -> Derivatives:
        """By the functions that were given, or as it follows from the graph; None for operands that
        no result with a cotangent is connected to.
        """
        found = list(self._pulled_back(node, cotangents, pullback))
        for k, row in enumerate(self.connections or ()):
            pairs = zip(row, cotangents, strict=False)
            if not any(is_connected and g is not None for is_connected, g in pairs):
                found[k] = None
        return found

    def _pulled_back(self, node: Apply, cotangents: Derivatives, pullback: Pullback) -> Derivatives:
        if not (_is_given(self.lop) or _is_given(self.grads)):
            return super().pullback_with(node, cotangents, pullback)
        shown = node.outputs[: len(self.outputs)]
        pairs = zip(shown, settled(cotangents), strict=False)
        gradients = [zeros_like(v) if g is None else g for v, g in pairs]
        operands = list(node.inputs[: self._count()])
        arguments = (operands, gradients)
        override = self.grads
        if _is_given(self.lop):
            arguments, override = (operands, list(shown), gradients), self.lop

        def default() -> Derivatives:
            return super(OpFromGraph, self).pullback_with(node, cotangents, pullback)

        found = _overridden(self, override, arguments, operands, default)
        return [*found, *[None] * len(self.shared_inputs)]

    def jvp_with(self, node: Apply, tangents: Cotangents, push: Differentiate) -> Cotangents:
        """By the functions that were given, or as it follows from the graph."""
        if not _is_given(self.rop):
            return super().jvp_with(node, tangents, push)
        operands = list(node.inputs[: self._count()])
        pairs = zip(operands, tangents, strict=False)
        given = [zeros_like(v) if t is None else t for v, t in pairs]

        def default() -> Derivatives:
            return plain(super(OpFromGraph, self).jvp_with(node, tangents, push))

        shown = node.outputs[: len(self.outputs)]
        found = _overridden(self, self.rop, (operands, given), shown, default)
        return [*settled(found), *[None] * len(self.places)]


def _is_scalar(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType) and variable.ndim == 0


def _is_given(override: Any) -> bool:
    return not (override is None or (isinstance(override, str) and override == DEFAULT))


def _overridden(
    op: OpFromGraph,
    override: Any,
    arguments: Sequence[Any],
    like: Sequence[Variable],
    default: Callable[[], Derivatives],
) -> list[Derivative | None]:
    """Derivatives as somebody gave them: by one function for all, or one for each of `like`."""
    if not isinstance(override, list | tuple):
        found = listed(override(*arguments))
        _check_count(op, found, like)
        return plain([as_cotangent(v) for v in found])
    each = listed(override)
    _check_count(op, each, like)
    followed = default() if any(isinstance(one, str) for one in each) else ()
    made: list[Derivative | None] = []
    for k, (one, variable) in enumerate(zip(each, like, strict=True)):
        if isinstance(one, str):
            made.append(followed[k])
        elif one is None:
            made += plain([zeros_like(variable)])
        else:
            value = one if isinstance(one, Variable) else one(*arguments)
            made += plain([as_cotangent(value)])
    return made


def _check_count(op: OpFromGraph, found: Sequence[Any], like: Sequence[Variable]) -> None:
    if len(found) != len(like):
        raise ArgumentError(f"{op}: {len(found)} derivatives were given, {len(like)} are needed")


def _expect_input(value: Any) -> Variable:
    """A symbol without a value. Raises `ArgumentError`."""
    variable = expect_variable(value, "each of the inputs of an op")
    if isinstance(variable, Constant | SharedVariable):
        raise ArgumentError(f"an input of an op is a symbol without a value, not {variable}")
    return variable


def _operand(value: Any, end: Variable, op: OpFromGraph) -> Variable:
    """An operand that fits an input of the graph. Raises `ArgumentError` (KG-G035)."""
    if is_python_number(value) and isinstance(end.type, TensorType):
        value = TensorType(end.dtype, ()).filter(value, f"an operand of {op}")
    variable = as_variable(value)
    fits = variable.type == end.type
    if isinstance(end.type, TensorType) and isinstance(variable.type, TensorType):
        fits = end.type.accepts(variable.type)
    if not fits:
        raise ArgumentError(
            f"{op}: {describe(variable)} does not fit {describe(end)}",
            code="KG-G035",
            origins=variable.where,
            operands=mismatched(end, variable),
        )
    return variable
