"""Every view of the project once, of things that carry the texts of a test wherever a user can put
text: names of variables, functions, rules, ops and curves, docstrings, paths, lines of code, and
the texts of errors.

Texts come in, HTML goes out by the name of its view. The tests that look at all views at once
(nothing runs, everybody can use them) take them from here, so a new view is added in one place.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.jupyter.training import train
from kernelgraph.jupyter.views import SourceView
from kernelgraph.rewrite import engine
from kernelgraph.viz.errors.drawing import operands_html
from kernelgraph.viz.gradients.explorer import Explorer
from kernelgraph.viz.gradients.explorer_page import static_copy
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import frame, guarded
from kernelgraph.viz.html.markup import Markup

Texts = Sequence[str]

DEPTH = 160
"""Nodes of the large graph: too many for one picture."""


def views(texts: Texts) -> dict[str, str]:
    """The HTML of every view of things called and described by `texts`."""
    return {name: html(make(texts)) for name, make in VIEWS.items()}


def html(value: Any) -> str:
    """What a notebook shows for a value."""
    if isinstance(value, str):
        return value
    if hasattr(value, "_repr_mimebundle_"):
        return value._repr_mimebundle_()["text/html"]
    return value._repr_html_()


def symbols(texts: Texts) -> list[Any]:
    return [T.dvector(text) for text in texts]


def scalars(texts: Texts) -> list[Any]:
    return [T.dscalar(text) for text in texts]


def total(variables: Sequence[Any]) -> Any:
    return sum(variables[1:], variables[0])


def written_at(texts: Texts, code: str, **names: Any) -> Any:
    """What `code` makes of y, in a file whose path and whose comment are the first text."""
    path, line = f"{texts[0]}.py", f"{code}  # {escape.one_line(texts[0])}"
    linecache.cache[path] = (len(line), None, [f"{line}\n"], path)
    namespace: dict[str, Any] = {"T": T, "kg": kg, **names}
    exec(compile(code, path.replace("\0", ""), "exec"), namespace)
    return namespace["y"]


def function(texts: Texts, target: str | None = "python", **options: Any) -> Any:
    """A function all of whose parts have names, with an op of the user's own in it."""
    inputs = symbols(texts)
    weights = kg.shared(np.ones(3), texts[0])

    @kg.as_op(T.dvector, T.dvector)
    def twice(value: Any) -> Any:
        return value * 2

    doubled = twice(inputs[0])
    op: Any = doubled.owner.op
    op.name, op.__doc__ = texts[-1], f"{texts[0]}\n\n{texts[-1]}"
    result = written_at(texts, "y = T.exp(a * w).sum()", a=total([doubled, *inputs]), w=weights)
    result.name = texts[-1]
    updates = [(weights, weights * 0.5)]
    return kg.function(inputs, result, updates=updates, name=texts[0], target=target, **options)


def failing(texts: Texts) -> Any:
    """A function of which one view cannot be drawn."""
    f = function(texts)
    f.stages.__dict__.pop("source", None)

    def fail(_: object) -> Any:
        raise RuntimeError(texts[0])

    f.stages.target.print = fail
    return f


def profile(texts: Texts) -> Any:
    """Times of kernels: of C, whose text has the names in comments, if there is a compiler."""
    f = function(texts, None, profile=True)
    f(*[np.ones(3)] * len(texts))
    return f.profile


def rule(texts: Texts) -> Any:
    def half(a: Any) -> Any:
        return T.sin(a * 1), T.sin(a)

    half.__name__, half.__doc__ = texts[0], texts[-1]
    return kg.rule(half)


def refuted(texts: Texts) -> Any:
    def wrong(a: Any) -> Any:
        return a + 1, a + 2

    wrong.__name__, wrong.__doc__ = texts[0], texts[-1]
    return kg.rule(wrong)


def steps(texts: Texts) -> Any:
    variables = symbols(texts)
    result = written_at(texts, "y = T.sin(a * 1)", a=total(variables))
    graph = Graph(tuple(variables), (result,), name=texts[0])
    return kg.steps(engine.rewrite(graph, [rule(texts)]))


def neuron(texts: Texts) -> Any:
    result = T.tanh(total(scalars(texts)))
    result.name = texts[-1]
    return result


def backprop(texts: Texts) -> Any:
    variables = scalars(texts)
    result = T.sin(total(variables)) * variables[0]
    result.name = texts[-1]
    return kg.backprop(result, variables, at=dict.fromkeys(variables, 0.5))


def static_explorer(texts: Texts) -> Any:
    variables = scalars(texts)
    graph = Graph(tuple(variables), (T.tanh(total(variables)),), name=texts[0])
    return static_copy(Explorer(graph, {}, {}))


def large(texts: Texts) -> Any:
    result, names = neuron(texts), itertools.cycle(texts)
    for _ in range(DEPTH):
        result = written_at(texts, "y = T.tanh(a)", a=result)
        result.name = next(names)
    return kg.show(result)


def inside(texts: Texts) -> Any:
    return large(texts).inside(0)


def shapes(texts: Texts) -> Any:
    first, second = texts[0], texts[-1]
    try:
        _ = T.tensor("float64", (2,), first) + T.tensor("float64", (3,), second)
    except KernelgraphError as error:
        return operands_html(error.operands)
    raise AssertionError("sizes that differ must be refused")


def indices(texts: Texts) -> Any:
    try:
        T.tensor("float64", (2,), texts[0])[5]
    except KernelgraphError as error:
        return operands_html(error.operands)
    raise AssertionError("an index outside of its axis must be refused")


def types(texts: Texts) -> Any:
    """A ladder of dtypes: of an update, of an index that is a text, and of a call."""
    state, x = kg.shared(np.ones(2, "float32"), texts[0]), T.dvector(texts[-1])
    i = T.ivector(texts[0])
    attempts: list[Callable[[], Any]] = [
        lambda: kg.function([x], [], updates=[(state, x)]),
        lambda: x[texts[0]],
        lambda: kg.function([i], i * 2)(np.ones(2)),
    ]
    drawn: list[Markup] = []
    for attempt in attempts:
        try:
            attempt()
        except KernelgraphError as error:
            drawn.append(operands_html(error.operands))
    assert len(drawn) == len(attempts)
    return frame("errors", *drawn)


def refusals(texts: Texts) -> Any:
    """The texts of errors that repeat what was given, where a view could not be drawn."""
    attempts: list[Callable[[], Any]] = [
        lambda: T.tensor(texts[0], (2,), "x"),
        lambda: T.dvector("x")[texts[0]],
        lambda: kg.function([T.dvector("x")], T.dvector(texts[0])),
        lambda: function(["x"]).source(texts[0]),
        lambda: kg.get_mode(texts[0]),
        lambda: SimpleNamespace()._repr_html_(texts[0]),
    ]
    return frame("refusals", *(guarded(attempt) for attempt in attempts))


def training(texts: Texts) -> Any:
    weights = kg.shared(np.linspace(-1, 2, 20), texts[0])
    watched = train(range(4), title=texts[0], watch=dict.fromkeys(texts, weights))
    for step in watched:
        watched.report(**{text: 0.5**step * k for k, text in enumerate(texts, 1)})
        watched.look(**{texts[-1]: [0.0, np.nan, 1.0, np.inf]})
    return watched


def choice(texts: Texts) -> Any:
    """A graph with graphs inside."""
    x, y = T.dscalar(texts[0]), T.dscalar(texts[-1])
    result: Variable = kg.ifelse(x > 0, T.exp(y), T.sin(y))
    result.name = texts[0]
    return kg.show(result)


VIEWS: dict[str, Callable[[Texts], Any]] = {
    "function": function,
    "graph": lambda texts: function(texts).graph,
    "stages": lambda texts: function(texts).stages,
    "failing": failing,
    "kernels": lambda texts: function(texts).source(),
    "source": lambda texts: SourceView(function(texts).stages, "c"),
    "profile": profile,
    "choice": choice,
    "rule": rule,
    "refuted": refuted,
    "steps": steps,
    "explorer": lambda texts: kg.explore(neuron(texts), frames=3),
    "static explorer": static_explorer,
    "backprop": backprop,
    "large": large,
    "inside": inside,
    "shapes": shapes,
    "indices": indices,
    "types": types,
    "refusals": refusals,
    "training": training,
}


def formulas(texts: Texts) -> list[str]:
    """LaTeX of variables with these names."""
    variables = symbols(texts)
    shown = [*variables, T.exp(total(variables) ** 2).sum()]
    return [value._repr_mimebundle_()["text/latex"] for value in shown]
