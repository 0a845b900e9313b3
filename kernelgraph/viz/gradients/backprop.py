"""The walk of backpropagation: one step for each node that reverse mode visits.

A cost and the variables that its gradient is wanted for come in. `backprop` yields a `Walk`: at
each step the node, the rule of its derivative, the adjoint that has arrived at it, and what it adds
to the adjoints of its operands. Adjoints are sums: where a value is used more than once, each use
adds its part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kernelgraph.errors import GradientError
from kernelgraph.expect import expect_integer, expect_table
from kernelgraph.graph import Apply, Graph, Variable, describe, walk
from kernelgraph.lazy import cached_property
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import is_float
from kernelgraph.viz.gradients.gradient_picture import gradient_picture
from kernelgraph.viz.gradients.local_rules import local_rule
from kernelgraph.viz.gradients.starts import starting_values
from kernelgraph.viz.gradients.tape import Tape, TapeValues
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import could_not_draw, fold, svg_data, table
from kernelgraph.viz.html.live import TEXT, PageState, data, packed, script
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.pictures.drawing import LayoutError
from kernelgraph.viz.pictures.picture import describe_graph
from kernelgraph.viz.text.numbers import value_text
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.viz.text.words import count, op_text, variable_text

HERE = "#8a5a00"
_MOST_STEPS = 200
_STATIC_NOTE = "Static view: run the cell, or trust the notebook, to step through with arrow keys."


@dataclass(frozen=True)
class Addition:
    """What a node adds to the adjoint of one of its operands: `before` + `amount` = `after`.

    `before` is None for the first part of a sum. `name` is how people find the operand.
    """

    operand: Variable
    name: str
    amount: Any
    before: Any
    after: Any

    def __str__(self) -> str:
        said = f"{self.name} gets {value_text(self.amount, signed=True)}"
        if self.before is None:
            return said
        sums = (value_text(part, signed=True) for part in (self.before, self.amount, self.after))
        return "{}: {} and {} make {}".format(said, *sums)


@dataclass(frozen=True)
class BackwardStep:
    """A node that reverse mode visits: the adjoint of its result, which is complete by then, and
    what it adds to its operands.

    `parts` are the contributions that the adjoint is the sum of, with the users that made them.
    """

    number: int
    node: Apply
    key: str
    rule: str
    adjoint: Any
    parts: Sequence[tuple[str, Any]]
    additions: Sequence[Addition]

    def __str__(self) -> str:
        added = "; ".join(map(str, self.additions))
        arrived = value_text(self.adjoint, signed=True)
        return f"{self.number}. {self.key} {op_text(self.node.op)}: {arrived}, {self.rule}; {added}"


class Walk:
    """The steps of reverse mode from a cost to some variables, at certain values of the inputs.

    As the last expression of a cell it is a view that steps with the arrow keys.
    """

    def __init__(self, tape: Tape, reading: TapeValues) -> None:
        self.tape = tape
        self.reading = reading
        self.names = _names(tape)

    @cached_property
    def steps(self) -> tuple[BackwardStep, ...]:
        """One step for each node on a path from the variables to the cost, the cost's first."""
        sums: dict[Variable, Any] = {self.tape.cost: self.reading.adjoints[self.tape.cost]}
        parts: dict[Variable, list[tuple[str, Any]]] = {}
        numbers = iter(self.reading.contributions)
        steps: list[BackwardStep] = []
        for node, group in groupby(self.tape.contributions, key=lambda each: each.node):
            key = self.names[node.outputs[0]].partition(" ")[0]
            arrived = next(sums[out] for out in node.outputs if out in sums)
            additions: list[Addition] = []
            for each in group:
                operand, amount = each.operand, next(numbers)
                before = sums.get(operand)
                sums[operand] = amount if before is None else before + amount
                parts.setdefault(operand, []).append((key, amount))
                after = sums[operand]
                additions.append(Addition(operand, self._name(operand), amount, before, after))
            arrivals = [part for out in node.outputs for part in parts.get(out, ())]
            rule = local_rule(node)
            steps.append(
                BackwardStep(len(steps) + 1, node, key, rule, arrived, arrivals, additions)
            )
        return tuple(steps)

    @property
    def gradients(self) -> list[Any]:
        """The derivative of the cost with respect to each variable, None where there is none."""
        return [self.reading.adjoints.get(variable) for variable in self.tape.wrt]

    def _name(self, variable: Variable) -> str:
        return self.names.get(variable, variable_text(variable))

    def partial_reading(self, step: int) -> TapeValues:
        """What is known after so many steps: the adjoints so far, and what has flowed back."""
        step = expect_integer(step, "the number of steps")
        taken = sum(len(each.additions) for each in self.steps[:step])
        adjoints: dict[Variable, Any] = {self.tape.cost: self.reading.adjoints[self.tape.cost]}
        for each in self.steps[:step]:
            adjoints |= {added.operand: added.after for added in each.additions}
        numbers = self.reading.contributions
        known = [number if k < taken else None for k, number in enumerate(numbers)]
        return TapeValues(self.reading.values, adjoints, known)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return {"text/html": walk_html(self), "text/plain": repr(self)}

    def __repr__(self) -> str:
        lines = [f"the adjoint of {self._name(self.tape.cost)} is +1"]
        shown = self.steps[:_MOST_STEPS]
        lines += map(str, shown)
        if len(self.steps) > len(shown):
            lines.append(f"… {count(len(self.steps) - len(shown), 'more step')}")
        return escape.visible("\n".join(lines))


def backprop(
    cost: Variable, wrt: Any, at: Mapping[Any, Any] | None = None, *, seed: int = 0
) -> Walk:
    """The steps by which the gradient of a scalar `cost` comes about, for one variable or a list.

    `at` gives values of inputs, by name or variable; what is not given is drawn from `seed`.
    The `Walk` has the `steps` themselves, with what each adds, and the `gradients`, which are those
    of `kg.grad`; that one returns expressions, so the steps to them have a name of their own.

    Raises `GradientError` if the cost is not a scalar, does not depend on `wrt`, or an op on the
    way has no derivative; `ArgumentError` for names that no input has; and what computing raises.

    >>> import kernelgraph.tensor as T
    >>> u = T.dscalar("u")
    >>> backprop(T.sin(u) * u, u, at={"u": 2.0})
    the adjoint of n1 mul is +1
    1. n1 mul: +1, d(u * v) = v du + u dv; n0 sin gets +2; i0 u gets +0.9093
    2. n0 sin: +2, d sin(u) = cos(u) du; i0 u gets −0.8323: +0.9093 and −0.8323 make +0.077
    """
    if expect_variable(cost, "the cost").ndim != 0:
        raise GradientError(
            f"the cost must be a scalar; {describe(cost)} has {cost.ndim} dimensions",
            code="KG-G020",
            hint=f"take {cost.name or 'cost'}.sum() or {cost.name or 'cost'}.mean() first",
        )
    graph = graph_of(cost)
    tape = Tape(graph, cost, expect_variables(wrt, "wrt"))
    if tape.problem:
        raise GradientError(tape.problem)
    if not tape.contributions:
        raise _nowhere(tape)
    given = expect_table(at, "at", "values by input")
    values = starting_values(graph, given, {}, (), expect_integer(seed, "seed", least=0))
    return Walk(tape, tape.read(values))


def _nowhere(tape: Tape) -> GradientError:
    """Why nothing flows back to any of the variables."""
    there = set(walk([tape.cost]))
    within = {*tape.graph.inputs, *(out for node in there for out in node.outputs)}
    whole = [v for v in tape.wrt if v in within and not is_float(getattr(v.type, "dtype", ""))]
    said = ", ".join(map(variable_text, tape.wrt)) or "no variable"
    if whole:
        names = ", ".join(map(describe, whole))
        return GradientError(
            f"nothing flows back to {said}: {names} takes whole numbers only, and a derivative "
            "asks for small steps",
            hint=f"make it a float: T.dscalar({variable_text(whole[0])!r})",
        )
    known = ", ".join(map(variable_text, tape.graph.inputs)) or "no input"
    return GradientError(
        f"the cost does not depend on these variables: {said}",
        hint=f"it is made from {known}; a path that only an integer, a shape or a comparison makes "
        "carries no gradient",
    )


def _names(tape: Tape) -> dict[Variable, str]:
    """How people find a variable in the picture: its key, and its name or its op."""
    names = {v: f"i{k} {variable_text(v)}" for k, v in enumerate(tape.graph.inputs)}
    for k, node in enumerate(tape.nodes):
        names |= {out: f"n{k} {variable_text(out)}" for out in node.outputs}
    return names


# The view -----------------------------------------------------------------------------------------


def walk_html(walk: Walk) -> Markup:
    """The walk as a static view, which a script turns into one step at a time."""
    steps = walk.steps[:_MOST_STEPS]
    last = len(steps)
    sections = [_start(walk), *(_section(walk, step, last) for step in steps)]
    root = {"class": "kg", "data-kg": "backprop", "data-steps": str(last)}
    note = html("p", {"data-still": "yes"}, _STATIC_NOTE)
    result = table(("variable", "gradient of the cost"), _results(walk))
    parts: list[Markup] = [note, *sections, *_stage(walk), fold("the gradients", result)]
    if last < len(walk.steps):
        parts.append(html("p", None, f"The first {last} of {count(len(walk.steps), 'step')}."))
    return html("div", {**root, "data-lm-suppress-shortcuts": "true"}, join(parts))


def _stage(walk: Walk) -> list[Markup]:
    """The picture with all adjoints, and what a script needs to show it at every step."""
    try:
        drawn = gradient_picture(walk.tape, walk.reading)
    except LayoutError as error:
        return [html("p", None, could_not_draw(error))]
    last = min(len(walk.steps), _MOST_STEPS)
    states = [_state(walk, drawn.state(walk.partial_reading(k)), k) for k in range(last + 1)]
    whole = drawn.paint(drawn.state(walk.reading))
    image = html(
        "img",
        {
            "alt": describe_graph(Graph(walk.tape.graph.inputs, (walk.tape.cost,))),
            "data-role": "picture",
            "style": "max-width:100%",
            "src": svg_data(whole),
        },
    )
    still = html("div", {"data-still": "yes", "style": "overflow-x:auto"}, image)
    call = "if (document.currentScript) walk(document.currentScript.parentNode);"
    return [still, data(packed(states)), script("html/live.js", "gradients/backprop.js", call=call)]


def _state(walk: Walk, state: PageState, step: int) -> PageState:
    """The state with the node of this step in a heavy frame."""
    if step:
        key = walk.steps[step - 1].key
        if key in state:
            state[key] = {"stroke": HERE, "stroke-width": "3.6"}
            state[f"{key}.remark"] = {TEXT: f"step {step}", "fill": HERE}
    return state


def _start(walk: Walk) -> Markup:
    name = walk.names.get(walk.tape.cost, "the cost")
    said = f"The adjoint of {name} is d cost / d cost = 1; all others begin with nothing."
    return fold("start", html("p", None, said), is_open=True, attributes={"data-step": "0"})


def _section(walk: Walk, step: BackwardStep, last: int) -> Markup:
    title = f"step {step.number} of {last}: {step.key} {op_text(step.node.op)}"
    arrived = value_text(step.adjoint, signed=True)
    if len(step.parts) > 1:
        sums = " ".join(
            f"{value_text(part, signed=True)} (from {user})" for user, part in step.parts
        )
        arrived = f"{sums} = {arrived}"
    rows = [("its rule", step.rule), *(("it adds", str(added)) for added in step.additions)]
    shown, number = table(("its adjoint", arrived), rows), {"data-step": str(step.number)}
    return fold(title, shown, is_open=step.number == last, attributes=number)


def _results(walk: Walk) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for variable, gradient in zip(walk.tape.wrt, walk.gradients, strict=True):
        said = "none: the cost does not depend on it"
        if gradient is not None:
            said = value_text(gradient, signed=True)
        rows.append((walk.names.get(variable, variable_text(variable)), said))
    return rows
