"""Line magics that show what the notebook has, `%symsteps f`, or run it: `%symprofile f args`.

A name of the notebook, or an expression of its names, comes in; the value of the line is a view
that draws itself. Each is a line of Python in another spelling: `%symsteps f` is `kg.steps(f)`.
Neither `%symprofile` nor `%symcheck` touches the values that a function keeps.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from IPython.core.magic import magics_class

from kernelgraph.autodiff import grad
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.jupyter.asking import Asking, line_of, made, option
from kernelgraph.profile import Profile
from kernelgraph.tensor.measurement import CALLS, measure
from kernelgraph.tensor.verification import Verification, verify
from kernelgraph.viz.display import Shown, show
from kernelgraph.viz.kernels.costs import differentiable
from kernelgraph.viz.kernels.viewer import SourceView, view_source
from kernelgraph.viz.stepper.view import Stepper, steps
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.viz.text.tree import tree_text

_CALL = "a compiled function, then its arguments: f x0, w0 or f(x0, w0)"


@magics_class
class ViewMagics(Asking):
    """The line magics that `%load_ext kernelgraph` adds."""

    @line_of(
        option("--rule", help="only the steps of this rule or phase"),
        option("--times", action="store_true", help="say how long each step took"),
    )
    def symsteps(self, thing: str, chosen: Any) -> Stepper:
        """Show how a function was rewritten and planned, step by step: kg.steps(f)."""
        return made(lambda: steps(self.value(thing), rule=chosen.rule, times=chosen.times))

    @line_of(option("--limit", type=int, default=150, help="draw at most so many nodes (150)"))
    def symgraph(self, thing: str, chosen: Any) -> Shown:
        """Show the graph of a function or an expression as a picture: kg.show(f)."""
        return made(lambda: show(self.value(thing), limit=chosen.limit))

    @line_of(option("--types", action="store_true", help="with the types of all parts"))
    def symtree(self, thing: str, chosen: Any) -> None:
        """Print a function, as it really runs, or an expression as a tree: kg.debugprint(f)."""
        print(made(lambda: tree_text(self.value(thing), print_type=chosen.types)))

    @line_of(head="a scalar, then the variables: all floats where none is named", name="names")
    def symgrad(self, names: str, _: Any) -> Shown:
        """Show the graph of a gradient, %symgrad cost w: kg.show(kg.grad(cost, w))."""
        cost, *by = (self.value(name) for name in names.split() or [""])
        return made(lambda: _gradient(cost, by))

    @line_of(
        option("--language", help="plan, loops, python, c or cuda alone; by default all of them")
    )
    def symsource(self, thing: str, chosen: Any) -> SourceView:
        """Show the generated source of a function beside its graph: f.source()."""
        return made(lambda: _source(self.value(thing), chosen.language))

    @line_of(
        option(
            "-n", "--calls", type=int, default=CALLS, metavar="N", help=f"call it N times ({CALLS})"
        ),
        head=_CALL,
        name="call",
    )
    def symprofile(self, call: str, chosen: Any) -> Profile:
        """Call a function and show where the time goes: kg.measure(f, x0, w0)."""
        f, (given, named) = self.call(call)
        return made(partial(measure, f, *given, calls=chosen.calls, **named))

    @line_of(head=f"{_CALL}; without arguments, values are drawn", name="call")
    def symcheck(self, call: str, _: Any) -> Verification:
        """Compare all targets, and the gradient with differences: kg.verify(f)."""
        f, (given, named) = self.call(call)
        return made(partial(verify, f, *given, **named))


def _gradient(cost: Any, by: list[Any]) -> Shown:
    if not isinstance(cost, Variable):
        raise TypeError(f"expected a variable to differentiate, got {type(cost).__name__}")
    found = by or differentiable(cost)
    if not found:
        raise TypeError("it depends on no variable with a derivative")
    return show(grad(cost, found))


def _source(thing: Any, language: str | None) -> SourceView:
    if not isinstance(thing, Function | Stages):
        thing = compile_graph(graph_of(thing), CTarget())
    view = view_source(thing, language)
    _ = view.text  # whatever stands in the way is told by the magic, not by the display
    return view
