"""Derivatives of graphs, as graphs: reverse mode (`grad`, `vjp`) and forward mode (`jvp`).

An op's block says how cotangents pass through one node; this module walks the graph and adds them
up. What an op cuts off (a branch that is not taken, a mask, a part that is not looked at) takes
part in no product with what stands behind it: `kernelgraph/ops/derivatives.py` says how.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kernelgraph.collector import without_collector
from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.errors import GradientError, KernelgraphError, on_behalf_of
from kernelgraph.expect import expect_flag, expect_text
from kernelgraph.gradient_arguments import (
    check_choice,
    connected,
    expect_wrt,
    known_gradients,
    refuse_null,
    scalar_cost,
)
from kernelgraph.graph import Apply, Variable, walk
from kernelgraph.op import Cotangents, Op, Reduction
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.broadcasting import broadcast_like, ones_like, unbroadcast, zeros_like
from kernelgraph.ops.complexes import real_part
from kernelgraph.ops.contraction import Products
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.derivatives import (
    Derivative,
    Derivatives,
    as_mask,
    cut_along,
    passed_back,
    passed_on,
    plain,
    settled,
    total,
)
from kernelgraph.ops.kinks import holds_steep
from kernelgraph.ops.logarithms import NATURAL, Itself, divides, logarithmic_partials
from kernelgraph.ops.no_gradient import connected_only, is_null, null_of
from kernelgraph.ops.powers import power_of_root
from kernelgraph.ops.reductions import insert_axes, sum_
from kernelgraph.ops.softmax import AlongAxis
from kernelgraph.partials import Linear
from kernelgraph.symbols import expect_variables
from kernelgraph.types import TensorType, is_complex, is_inexact, listed, to_float

Watcher = Callable[[Apply, int, Variable], None]
"""Is shown each step of reverse mode: a node, which of its operands, what cotangent that gets."""


def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Variable, Variable] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """The gradient of a scalar `cost` with respect to one variable or a list (a list gives a list).

    Each gradient has the shape of its variable and dtype of it (a float dtype, for integers:
    zeros). Nothing flows through the variables of `consider_constant`. `known_grads` gives
    gradients of the cost with respect to variables inside; then there need be no cost.
    `disconnected_inputs`: "raise", "warn" or "ignore", for variables that the cost does not depend
    on; the latter two give zeros, or what `return_disconnected` names: "none", or "disconnected",
    a symbol of `DisconnectedType`. `null_gradients`: "raise", or "return" a symbol of `NullType`
    where an op on the way has no derivative. Raises `GradientError` (KG-G020) if the cost is not a
    scalar, `DisconnectedInputError` (KG-G021), `NullGradientError` (KG-G022).

    Source of the method: Linnainmaa, BIT 16 (1976), 146-160.
    """
    check_choice("disconnected_inputs", disconnected_inputs, ("raise", "warn", "ignore"))
    instead = expect_text(return_disconnected, "return_disconnected").lower()
    check_choice("return_disconnected", instead, ("zero", "none", "disconnected"))
    check_choice("null_gradients", null_gradients, ("raise", "return"))
    if isinstance(wrt, set | frozenset | dict):
        raise GradientError("wrt must be a variable or a list: a set has no order")
    add_names = expect_flag(add_names, "add_names")
    known = known_gradients(known_grads)
    if cost is not None or not known:
        cost = scalar_cost(cost)
        known.setdefault(cost, ones_like(cost, to_float(cost.dtype)))
    variables: list[Variable] = [expect_wrt(v) for v in listed(wrt)]
    held: Any = [] if consider_constant is None else consider_constant
    constant = expect_variables(held, "what is considered constant")
    found = settled(pullback(list(known), variables, plain(list(known.values())), constant))
    if null_gradients == "raise":
        refuse_null(found)
    policy = (disconnected_inputs, instead, list(known), cost)
    grads = [connected(g, v, *policy) for g, v in zip(found, variables, strict=True)]
    for g, v in zip(grads, variables, strict=True):
        if add_names and g is not None and g.name is None and g.owner is not None:
            g.name = (
                f"d{cost.name}/d{v.name}" if cost is not None and cost.name and v.name else None
            )
    if not isinstance(wrt, list | tuple):
        return grads[0]
    return tuple(grads) if isinstance(wrt, tuple) else grads


def vjp(
    outputs: Sequence[Variable],
    inputs: Sequence[Variable],
    cotangents: Cotangents,
    constant: Sequence[Variable] = (),
    watch: Watcher | None = None,
) -> list[Variable | None]:
    """Reverse mode: the cotangents of `inputs`, given those of `outputs` (None: no dependence).

    Nothing flows through the variables that are taken as `constant`. `watch` is shown what each
    node adds to the cotangents of its operands, in the order in which nodes are visited.
    Raises `NullGradientError` (KG-G022) where an op on the way has no derivative.
    """
    found = settled(pullback(outputs, inputs, plain(cotangents), constant, watch))
    refuse_null(found)
    return found


@without_collector()
def pullback(
    outputs: Sequence[Variable],
    inputs: Sequence[Variable],
    cotangents: Derivatives,
    constant: Sequence[Variable] = (),
    watch: Watcher | None = None,
) -> list[Derivative | None]:
    """What `vjp` does, with the masks of what is cut off. What is not there is of `NullType`."""
    nodes, wanted = list(walk(outputs, constant)), set(inputs)
    way = _WayBack(_reachable(nodes, wanted), wanted, set(constant), watch)
    for output, g in zip(outputs, cotangents, strict=True):
        if g is not None:
            _accumulate(way.sums, output, g)
    for node in filter(way.relevant.__contains__, reversed(nodes)):
        with on_behalf_of(node.origins):
            way.visit(node)
    kept = {v for node in nodes for v in node.outputs}
    kept.update(g.value for g in cotangents if g is not None)
    return [_derived(way.sums.get(v), outputs, kept) for v in inputs]


def _pullback_inside(
    outputs: Sequence[Variable], inputs: Sequence[Variable], cotangents: Derivatives
) -> Derivatives:
    """The same for a graph inside of a node. Raises `NullGradientError`."""
    found = pullback(outputs, inputs, cotangents)
    refuse_null([None if g is None else g.value for g in found])
    return found


@dataclass
class _WayBack:
    """What reverse mode has found so far: the cotangents of variables, and, where a logarithm is
    taken factor by factor, those of variables' logarithms.
    """

    relevant: set[Apply]
    wanted: set[Variable]
    blocked: set[Variable]
    watch: Watcher | None
    sums: dict[Variable, Derivative] = field(default_factory=dict[Variable, Derivative])
    logs: dict[Variable, Derivative] = field(default_factory=dict[Variable, Derivative])

    def visit(self, node: Apply) -> None:
        """Pass the cotangents of one node on to its operands."""
        out = node.outputs[0]
        if out in self.logs and out in self.sums:  # the rules for sums of both look at one variable
            _accumulate(self.sums, out, self.logs[out].times(1 / out))
        elif out in self.logs:
            self._pass_logarithm(node, self.logs[out])
        if not any(out in self.sums for out in node.outputs):
            return
        given = [self.sums.get(out) for out in node.outputs]
        times = NATURAL.get(node.op)
        if times and given[0] is not None and self._divides(node.inputs[0]):
            g = given[0] if times == 1 else given[0].times(times)
            self._add_logarithm(node.inputs[0], g)
            return
        if given[0] is not None and all(map(self._skips, node.inputs)):
            found = power_of_root(node)
            if found is not None and self._leads_on(found[0]):
                _accumulate(self.sums, found[0], given[0].times(found[1]))
                return
        for position, g in enumerate(_pullback_or_null(node, given)):
            if g is not None and self._leads_on(node.inputs[position]):
                added = _accumulate(self.sums, node.inputs[position], g)
                if self.watch is not None:
                    self.watch(node, position, added.settled())

    def _leads_on(self, operand: Variable) -> bool:
        through = operand.owner in self.relevant and operand not in self.blocked
        return operand in self.wanted or through

    def _skips(self, operand: Variable) -> bool:
        """Whether a cotangent may pass an operand by. Who watches sees each node's own rule."""
        return operand not in self.wanted and self.watch is None

    def _divides(self, operand: Variable) -> bool:
        """Whether the cotangent of a logarithm goes on to logarithms."""
        inside = self._leads_on(operand) and self._skips(operand)
        return inside and operand.owner is not None and divides(operand.owner)

    def _add_logarithm(self, operand: Variable, g: Derivative) -> None:
        """Add to the cotangent of a variable's logarithm, or of the variable where that ends."""
        if self._divides(operand):
            _accumulate(self.logs, operand, g)
        elif self._leads_on(operand):
            _accumulate(self.sums, operand, g.times(1 / operand))

    def _pass_logarithm(self, node: Apply, g: Derivative) -> None:
        """Pass the cotangent of a result's logarithm on to the logarithms of operands."""
        partials: Sequence[Any] = [1] * len(node.inputs)
        if isinstance(node.op, Elementwise):
            partials = logarithmic_partials(node)
            plain_ones = [p.partial if isinstance(p, Itself) else p for p in partials]
            found = _elementwise_derivatives(node, g, plain_ones)
        elif isinstance(node.op, Reduction):
            found = [_reduction_pullback(node, node.op, [g])]
        else:
            assert node.op.linear is not None
            found = _linear_pullback(node, node.op.linear, g)
        for operand, partial, derivative in zip(node.inputs, partials, found, strict=True):
            if derivative is None:
                continue
            if not isinstance(partial, Itself):
                self._add_logarithm(operand, derivative)
            elif self._leads_on(operand):
                _accumulate(self.sums, operand, derivative)


def _derived(
    derivative: Derivative | None, outputs: Sequence[Variable], kept: Container[Variable]
) -> Derivative | None:
    """A derivative that knows the graph that it came from: sizes that do not fit there are an error
    here too. One that is `kept`, a variable of somebody else, is looked at through a view.
    """
    if derivative is None:
        return None
    value = derivative.value
    if is_null(value):
        return derivative
    if value in kept or value.owner is None:
        value = DimShuffle(range(value.ndim))(value)
    value.derived_from = (*value.derived_from, *outputs)
    return replace(derivative, value=value)


def _reachable(nodes: Sequence[Apply], wanted: set[Variable]) -> set[Apply]:
    """The nodes that depend on one of the inputs."""
    found: set[Apply] = set()
    for node in nodes:
        if any(v in wanted or v.owner in found for v in node.inputs):
            found.add(node)
    return found


def _accumulate(sums: dict[Variable, Derivative], variable: Variable, g: Derivative) -> Derivative:
    """Add `g` to the cotangent of a variable, in its dtype and sizes, and return what was added."""
    if is_null(g.value) or (variable in sums and is_null(sums[variable].value)):
        sums[variable] = g if is_null(g.value) else sums[variable]
        return sums[variable]  # what is not there makes no sum either
    if g.value.broadcastable != variable.broadcastable and g.value.ndim == variable.ndim:
        g = _summed_like(g, variable)  # it does not know as much of its sizes
    g = _typed_like(g, variable)
    sums[variable] = g if variable not in sums else sums[variable].plus(g)
    return g


def _typed_like(derivative: Derivative, variable: Variable) -> Derivative:
    """A derivative in the dtype of its variable; as it is for integers, which have none."""
    if not isinstance(variable.type, TensorType) or not is_inexact(variable.dtype):
        return derivative
    value = derivative.value if is_complex(variable.dtype) else real_part(derivative.value)
    return derivative.holding(cast(value, variable.dtype))


def _summed_like(g: Derivative, like: Variable) -> Derivative:
    """The transpose of repeating, for numbers and masks."""
    sizes = zip(like.broadcastable, g.value.broadcastable, strict=True)
    if all(one == other for one, other in sizes):
        return g
    return g.added(lambda v: unbroadcast(v, like))


def _pullback_or_null(node: Apply, cotangents: Derivatives) -> Derivatives:
    """The cotangents of one node's inputs; nulls where there are none to be had."""
    nulls = [g for g in cotangents if g is not None and is_null(g.value)]
    if not nulls:
        try:
            return node_pullback(node, cotangents)
        except KernelgraphError as error:
            if error.code != "KG-G022":
                raise
            nulls = [Derivative(null_of(error))]
    return [nulls[0] if has_derivative(v) else None for v in node.inputs]


def node_pullback(node: Apply, cotangents: Derivatives) -> Derivatives:
    """The cotangents of one node's inputs."""
    match node.op:
        case Elementwise():
            return _elementwise_pullback(node, cotangents[0])
        case Reduction():
            return [_reduction_pullback(node, node.op, cotangents)]
        case Products():
            return node.op.pullback(node, cotangents[0])
        case ControlOp():
            return node.op.pullback_with(node, cotangents, _pullback_inside)
        case Op(linear=Linear() as kind):
            return _linear_pullback(node, kind, cotangents[0])
        case AlongAxis():
            return _along(node.op, node, cotangents, node.op.vjp(node, settled(cotangents)))
        case _:
            given = settled(cotangents)
            if node.op.has_own_gradient:
                pairs = zip(given, node.outputs, strict=True)
                given = [zeros_like(v) if g is None else g for g, v in pairs]
            return plain(connected_only(node, settled(cotangents), node.op.vjp(node, given)))


def _along(op: AlongAxis, node: Apply, given: Derivatives, found: Cotangents) -> Derivatives:
    """What an op that looks along an axis makes of derivatives, all of which may be cut off there.
    To say so costs something: it is done for operands that finite inputs can make infinite.
    """
    steep = any(map(holds_steep, node.inputs))
    return cut_along(found, given, op.axes) if steep else plain(found)


def _partials(node: Apply, op: Elementwise) -> Sequence[Any]:
    if op.partials is None:
        raise GradientError(f"{op} has no derivative", code="KG-G022", origins=node.origins)
    return op.partials(*node.inputs, node.out)


def _elementwise_pullback(node: Apply, g: Derivative | None) -> Derivatives:
    op = node.op
    assert isinstance(op, Elementwise)
    if g is None:
        return [None] * len(node.inputs)
    return _elementwise_derivatives(node, g, _partials(node, op))


def _elementwise_derivatives(
    node: Apply, g: Derivative, partials: Sequence[Any]
) -> list[Derivative | None]:
    """The cotangents of operands, given that of the result and a derivative for each."""
    found: list[Derivative | None] = []
    for operand, partial in zip(node.inputs, partials, strict=True):
        if partial is None or not is_inexact(operand.dtype):
            found.append(None)
            continue
        if isinstance(partial, Variable) and is_null(partial):
            found.append(Derivative(partial))
            continue
        product = _spread_like(passed_back(g, partial), node.out)
        found.append(_typed_like(_summed_like(product, operand), operand))
    return found


def _spread_like(derivative: Derivative, like: Variable) -> Derivative:
    """A derivative with its numbers repeated to the sizes of `like`."""
    return derivative.holding(broadcast_like(derivative.value, like))


def _reduction_pullback(node: Apply, op: Reduction, cotangents: Derivatives) -> Derivative | None:
    """Each element gets the cotangents of the results that it went into."""
    (x,) = node.inputs
    parts = [
        passed_back(g.moved(lambda v: insert_axes(v, op.axes, x.ndim)), partial)
        for g, partial in zip(cotangents, op.partials(node), strict=True)
        if g is not None and partial is not None
    ]
    found = total(parts)
    return None if found is None else _spread_like(found, x)


def _linear_pullback(node: Apply, kind: Linear, g: Derivative | None) -> Derivatives:
    """The transpose of a map that moves numbers and adds them up, of numbers and masks."""
    if g is None:
        return [None] * len(node.inputs)
    g = g.with_full_masks()
    value, where, pending = g.value, g.where, g.pending
    if kind.repeats:  # numbers will be added together
        value, pending = g.settled(), None
    if kind.drops:
        where = g.counted()

    def back(v: Variable | None) -> Cotangents:
        return [None] * len(node.inputs) if v is None else node.op.vjp(node, [v])

    parts = zip(back(value), *map(back, (where, pending, g.guard)), strict=True)
    return [None if v is None else Derivative(v, *map(as_mask, masks)) for v, *masks in parts]


def jvp(
    outputs: Sequence[Variable], inputs: Sequence[Variable], tangents: Cotangents
) -> list[Variable | None]:
    """Forward mode: the tangents of `outputs`, given those of `inputs` (None: zero)."""
    return settled(pushforward(outputs, inputs, plain(tangents)))


@without_collector()
def pushforward(
    outputs: Sequence[Variable], inputs: Sequence[Variable], tangents: Derivatives
) -> list[Derivative | None]:
    """What `jvp` does, with the masks of what is cut off."""
    pairs = zip(inputs, tangents, strict=True)
    known = {v: _typed_like(t, v) for v, t in pairs if t is not None}
    for node in walk(outputs, inputs):
        given = [known.get(v) for v in node.inputs]
        if all(t is None for t in given):
            continue
        with on_behalf_of(node.origins):
            tangents_out = _pushed_through_root(node, known) or node_pushforward(node, given)
        pairs = zip(node.outputs, tangents_out, strict=True)
        known.update({out: t for out, t in pairs if t is not None})
    kept = {*inputs, *(t.value for t in tangents if t is not None)}
    return [_derived(known.get(v), outputs, kept) for v in outputs]


def _pushed_through_root(node: Apply, known: Mapping[Variable, Derivative]) -> Derivatives | None:
    """The tangent of a power of a root, from that of what is under the root."""
    found = power_of_root(node)
    return [known[found[0]].times(found[1])] if found is not None and found[0] in known else None


def node_jvp(node: Apply, tangents: Cotangents) -> Cotangents:
    """The tangents of one node's outputs."""
    return settled(node_pushforward(node, plain(tangents)))


def node_pushforward(node: Apply, tangents: Derivatives) -> Derivatives:
    """What `node_jvp` does, with the masks of what is cut off."""
    match node.op:
        case Elementwise():
            return [_elementwise_pushforward(node, node.op, tangents)]
        case Reduction():
            return _reduction_pushforward(node, node.op, tangents[0])
        case Products():
            return [node.op.pushforward(node, tangents)]
        case Op(linear=Linear() as kind):
            return [_linear_pushforward(node, kind, tangents)]
        case AlongAxis():
            return _along(node.op, node, tangents, node.op.jvp(node, settled(tangents)))
        case ControlOp():
            return node.op.pushforward_with(node, tangents, pushforward)
        case _:
            return plain(node.op.jvp(node, settled(tangents)))


def _elementwise_pushforward(
    node: Apply, op: Elementwise, tangents: Derivatives
) -> Derivative | None:
    if not is_inexact(node.out.dtype):
        return None
    pairs = zip(tangents, _partials(node, op), strict=True)
    there = [(t, partial) for t, partial in pairs if t is not None and partial is not None]
    refuse_null([partial for _, partial in there if isinstance(partial, Variable)])
    found = total([passed_on(t, partial) for t, partial in there])
    return None if found is None else _spread_like(_typed_like(found, node.out), node.out)


def _reduction_pushforward(node: Apply, op: Reduction, t: Derivative | None) -> Derivatives:
    """The sum of each element's share."""
    partials = op.partials(node)
    if t is None:
        return [None] * len(partials)
    (x,) = node.inputs
    shares = (None if partial is None else passed_on(t, partial) for partial in partials)
    spread = (None if share is None else _spread_like(share, x) for share in shares)
    return [None if one is None else one.added(lambda v: sum_(v, op.axes)) for one in spread]


def _linear_pushforward(node: Apply, kind: Linear, tangents: Derivatives) -> Derivative | None:
    """A map that moves numbers and adds them up, of numbers and masks."""
    (value,) = node.op.jvp(node, settled(tangents))
    if value is None:
        return None
    fixed = [t is None and has_derivative(v) for t, v in zip(tangents, node.inputs, strict=True)]
    there = [t for t in tangents if t is not None]
    guard = as_mask(value) if any(t.guard is not None for t in there) else None
    if not kind.pads and not any(fixed) and all(t.where is None for t in there):
        return Derivative(value, guard=guard)
    masks = [None if t is None else t.with_full_masks().counted() for t in tangents]
    return Derivative(value, as_mask(node.op.jvp(node, masks)[0]), guard=guard)


def has_derivative(variable: Variable) -> bool:
    """Whether a gradient by this variable makes sense."""
    return isinstance(variable.type, TensorType) and is_inexact(variable.dtype)
