"""Line magics that show what the notebook has: `%symsteps f`, `%symgraph f` and their kin.

A name of the notebook, or an expression of its names, comes in; the value of the line is a view
that draws itself. Each is a line of Python in another spelling: `%symsteps f` is `kg.steps(f)`.
"""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from kernelgraph.autodiff import grad
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.jupyter.asking import HELP, THING, Asking, made
from kernelgraph.viz.display import Shown, show
from kernelgraph.viz.kernels.costs import differentiable
from kernelgraph.viz.kernels.viewer import SourceView, view_source
from kernelgraph.viz.stepper.view import Stepper, steps
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.viz.text.tree import tree_text


@magics_class
class ViewMagics(Asking):
    """The line magics that `%load_ext kernelgraph` adds."""

    @magic_arguments()
    @argument("thing", nargs="*", help=THING)
    @argument("--rule", help="only the steps of this rule or phase")
    @argument("--times", action="store_true", help="say how long each step took")
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symsteps(self, line: str) -> Stepper | None:
        """Show how a function was rewritten and planned, step by step: kg.steps(f)."""
        thing, chosen = self.asked(self.symsteps, line)
        if chosen.help:
            return None
        return made(lambda: steps(self.value(thing), rule=chosen.rule, times=chosen.times))

    @magic_arguments()
    @argument("thing", nargs="*", help=THING)
    @argument("--limit", type=int, default=150, help="draw at most so many nodes (150)")
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symgraph(self, line: str) -> Shown | None:
        """Show the graph of a function or an expression as a picture: kg.show(f)."""
        thing, chosen = self.asked(self.symgraph, line)
        if chosen.help:
            return None
        return made(lambda: show(self.value(thing), limit=chosen.limit))

    @magic_arguments()
    @argument("thing", nargs="*", help=THING)
    @argument("--types", action="store_true", help="with the types of all parts")
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symtree(self, line: str) -> None:
        """Print a function, as it really runs, or an expression as a tree: kg.debugprint(f)."""
        thing, chosen = self.asked(self.symtree, line)
        if not chosen.help:
            print(made(lambda: tree_text(self.value(thing), print_type=chosen.types)))

    @magic_arguments()
    @argument(
        "names", nargs="*", help="a scalar, then the variables: all floats where none is named"
    )
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symgrad(self, line: str) -> Shown | None:
        """Show the graph of a gradient, %symgrad cost w: kg.show(kg.grad(cost, w))."""
        names, chosen = self.asked(self.symgrad, line)
        if chosen.help:
            return None
        cost, *by = (self.value(name) for name in names.split() or [""])
        return made(lambda: _gradient(cost, by))

    @magic_arguments()
    @argument("thing", nargs="*", help=THING)
    @argument("--language", help="plan, loops, python, c or cuda alone; by default all of them")
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symsource(self, line: str) -> SourceView | None:
        """Show the generated source of a function beside its graph: f.source()."""
        thing, chosen = self.asked(self.symsource, line)
        if chosen.help:
            return None
        return made(lambda: _source(self.value(thing), chosen.language))


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
