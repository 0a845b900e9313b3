"""Line magics that show what the notebook has: `%symsteps f`, `%symgraph f` and their kin.

A name of the notebook, or an expression of its names, comes in; the value of the line is a view
that draws itself. Each is a line of Python in another spelling: `%symsteps f` is `kg.steps(f)`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import (
    argument,
    magic_arguments,
    parse_argstring,  # pyright: ignore[reportUnknownVariableType]
)

from kernelgraph.autodiff import grad, has_derivative
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.errors import KernelgraphError
from kernelgraph.function import Function
from kernelgraph.graph import Constant, Variable, leaves
from kernelgraph.viz.code import source_text
from kernelgraph.viz.compiled import stage_source
from kernelgraph.viz.display import Shown, show
from kernelgraph.viz.fragments import frame
from kernelgraph.viz.stepper import Stepper, steps
from kernelgraph.viz.subjects import graph_of
from kernelgraph.viz.tree import tree_text

_OPTIONS = re.compile(r"(?:^|\s)(?=--?[A-Za-z])")
_THING = "a compiled function, a graph or a variable: a name of the notebook or an expression"
_HELP = "say what this magic does"


@dataclass(frozen=True)
class SourceView:
    """The generated source of a function; a notebook shows it with the nodes beside its lines."""

    stages: Stages

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        html = frame("source", stage_source(self.stages))
        return {"text/html": html, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return source_text(self.stages.source, self.stages.schedule.graph.apply_nodes())


@magics_class
class ViewMagics(Magics):
    """The line magics that `%load_ext kernelgraph` adds."""

    shell: Any

    @magic_arguments()
    @argument("thing", nargs="*", help=_THING)
    @argument("--rule", help="only the steps of this rule or phase")
    @argument("--times", action="store_true", help="say how long each step took")
    @argument("-h", "--help", action="store_true", help=_HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symsteps(self, line: str) -> Stepper | None:
        """Show how a function was rewritten and planned, step by step: kg.steps(f)."""
        thing, chosen = self._asked(self.symsteps, line)
        if chosen.help:
            return None
        return _made(lambda: steps(self._value(thing), rule=chosen.rule, times=chosen.times))

    @magic_arguments()
    @argument("thing", nargs="*", help=_THING)
    @argument("--limit", type=int, default=150, help="draw at most so many nodes (150)")
    @argument("-h", "--help", action="store_true", help=_HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symgraph(self, line: str) -> Shown | None:
        """Show the graph of a function or an expression as a picture: kg.show(f)."""
        thing, chosen = self._asked(self.symgraph, line)
        if chosen.help:
            return None
        return _made(lambda: show(self._value(thing), limit=chosen.limit))

    @magic_arguments()
    @argument("thing", nargs="*", help=_THING)
    @argument("--types", action="store_true", help="with the types of all parts")
    @argument("-h", "--help", action="store_true", help=_HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symtree(self, line: str) -> None:
        """Print a function, as it really runs, or an expression as a tree: kg.debugprint(f)."""
        thing, chosen = self._asked(self.symtree, line)
        if not chosen.help:
            print(_made(lambda: tree_text(self._value(thing), print_type=chosen.types)))

    @magic_arguments()
    @argument(
        "names", nargs="*", help="a scalar, then the variables: all floats where none is named"
    )
    @argument("-h", "--help", action="store_true", help=_HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symgrad(self, line: str) -> Shown | None:
        """Show the graph of a gradient, %symgrad cost w: kg.show(kg.grad(cost, w))."""
        names, chosen = self._asked(self.symgrad, line)
        if chosen.help:
            return None
        cost, *by = (self._value(name) for name in names.split() or [""])
        return _made(lambda: _gradient(cost, by))

    @magic_arguments()
    @argument("thing", nargs="*", help=_THING)
    @argument("-h", "--help", action="store_true", help=_HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symsource(self, line: str) -> SourceView | None:
        """Show the generated source of a function with the nodes beside its lines."""
        thing, chosen = self._asked(self.symsource, line)
        if chosen.help:
            return None
        return _made(lambda: _source(self._value(thing)))

    def _asked(self, magic: Any, line: str) -> tuple[str, Any]:
        """What stands before the options, and the options; help is printed at once."""
        start = _OPTIONS.search(line)
        head, options = (line[: start.start()], line[start.start() :]) if start else (line, "")
        try:
            chosen = cast(Any, parse_argstring(magic, options))
        except ValueError as error:  # of the quotes
            raise UsageError(f"{error} in {options.strip()}") from None
        if chosen.help:
            print(magic.parser.format_help())
        return head.strip(), chosen

    def _value(self, text: str) -> Any:
        """What a name of the notebook, or an expression, stands for."""
        names: dict[str, Any] = self.shell.user_ns
        if not text:
            raise UsageError("what shall be shown? Give a name of the notebook")
        if text.isidentifier() and text not in names:
            near = difflib.get_close_matches(text, [n for n in names if not n.startswith("_")], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise UsageError(f"there is nothing called {text} in this notebook{hint}")
        try:
            return eval(text, names)
        except Exception as error:
            raise UsageError(f"{text} cannot be shown: {_one_line(error)}") from None


def _made(make: Callable[[], Any]) -> Any:
    """What `make` makes; what a reader did wrong is told in one line."""
    try:
        return make()
    except (TypeError, KeyError, ValueError, KernelgraphError) as error:
        raise UsageError(_one_line(error)) from None


def _one_line(error: Exception) -> str:
    if isinstance(error, KernelgraphError):
        text = error.message
    else:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


def _gradient(cost: Any, by: list[Any]) -> Shown:
    if not isinstance(cost, Variable):
        raise TypeError(f"expected a variable to differentiate, got {type(cost).__name__}")
    found = by or [
        variable
        for variable in leaves([cost])
        if has_derivative(variable) and not isinstance(variable, Constant)
    ]
    if not found:
        raise TypeError("it depends on no variable with a derivative")
    return show(grad(cost, found))


def _source(thing: Any) -> SourceView:
    match thing:
        case Function():
            view = SourceView(thing.stages)
        case Stages():
            view = SourceView(thing)
        case _:
            view = SourceView(compile_graph(graph_of(thing), CTarget()))
    _ = view.stages.source  # whatever stands in the way is told by the magic, not by the display
    return view
