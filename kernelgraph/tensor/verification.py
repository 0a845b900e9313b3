"""`verify(f)`: whether a function computes what it says on every target, and its slopes are right.

A compiled function comes in, a `Verification` goes out: a line for each target, compared with the
expression as it was written, interpreted node by node, and a line for each gradient, compared with
differences. Values are drawn with a fixed seed where none are given. A check is no proof.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from kernelgraph.errors import (
    ArgumentError,
    CompileError,
    DeviceError,
    GradientError,
    KernelgraphError,
)
from kernelgraph.function import Function
from kernelgraph.graph import Graph, SharedVariable, Variable, substitute
from kernelgraph.hooks import Displayed, unwatched
from kernelgraph.interpret import interpret
from kernelgraph.ops.views import reshape
from kernelgraph.targets import TARGETS
from kernelgraph.tensor.gradients import verify_grad
from kernelgraph.tensor.measurement import convention_of_copy
from kernelgraph.types import copied
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import frame, table
from kernelgraph.viz.html.markup import html
from kernelgraph.viz.kernels.costs import differentiable, last_cost
from kernelgraph.viz.stepper.trial import NOT_COMPARED, Comparison, sample, verdict
from kernelgraph.viz.text.words import variable_text

_LONGEST_REASON = 200


@dataclass(frozen=True)
class Check:
    """One comparison: `same` is None where nothing could be compared."""

    what: str
    found: Comparison


@dataclass(frozen=True)
class Verification(Displayed):
    """What `verify` found. It is true where nothing differs and something was compared."""

    name: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing differs, and at least one comparison could be made."""
        found = [check.found.same for check in self.checks]
        return False not in found and True in found

    def __bool__(self) -> bool:
        return self.passed

    @property
    def headline(self) -> str:
        """The result in a few words."""
        wrong = sum(check.found.same is False for check in self.checks)
        if wrong:
            return f"{wrong} of {len(self.checks)} checks failed"
        return "passed" if self.passed else "nothing could be checked"

    def __str__(self) -> str:
        width = max((len(check.what) for check in self.checks), default=0)
        lines = [f"{check.what:<{width}}  {check.found}" for check in self.checks]
        return "\n".join([f"{escape.name(self.name)}: {self.headline}", *lines])

    __repr__ = __str__


@bundle.register
def _(value: Verification) -> Bundle:
    rows = [(check.found.sign, check.what, check.found.text) for check in value.checks]
    head = html("p", None, html("b", None, escape.name(value.name)), f": {value.headline}")
    shown = frame("verification", head, table(("", "what", "found"), rows))
    return {"text/html": shown, "text/plain": str(value)}


def verify(f: Any, *arguments: Any, **named: Any) -> Verification:
    """Compare a function's targets with each other, and its gradient with differences.

    Each target runs the rewritten graph and is compared with the graph as it was written. The
    gradient is that of the last scalar output, by each input and shared variable of floats
    (`T.verify_grad`). Without arguments, values are drawn; shared variables keep what they have.

    Raises `ArgumentError` for what is no compiled function; for arguments that do not fit, what
    calling it with them raises.

    >>> import kernelgraph.tensor as T
    >>> from kernelgraph.function import function
    >>> x = T.dvector("x")
    >>> f = function([x], (x * T.exp(x)).sum(), target="python")
    >>> verify(f, [0.5, -1.0]).passed
    True
    """
    if not isinstance(f, Function):
        raise ArgumentError(f"expected a compiled function, got {type(f).__name__}")
    given = _given(f, arguments, named) if arguments or named else None
    try:
        values = _drawn(f) if given is None else given
        expected = _interpreted(f.graph, values)
    except Exception as error:
        reason = f"{NOT_COMPARED}: {_one_line(error)}; give values to check it with"
        return Verification(f.name, (Check("values", Comparison(None, reason)),))
    rewritten = _compared(expected, lambda: _interpreted(f.stages.rewriting.graph, values))
    targets = [
        Check(f"target {name}", _compared(expected, partial(_on, f, name, values)))
        for name in TARGETS
        if name != "interpret" and not name.startswith("cuda-")  # its text is simulated on demand
    ]
    return Verification(f.name, (Check("rewriting", rewritten), *targets, *_gradients(f, values)))


def _given(f: Function, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """A value for every input of the graph: the arguments, then what is shared. Raises."""
    values = f.convention.positional(arguments, named)
    fitted = [f.convention.filter(k)(value) for k, value in enumerate(values)]
    return [*fitted, *_kept(f).values()]


def _drawn(f: Function) -> list[Any]:
    """A value for every input: its default, what is shared, or a drawn one. Raises ValueError."""
    cells = zip(f.convention.inputs, f.convention.cells, strict=True)
    defaults = {item.variable: cell[0] for item, cell in cells if cell}
    return sample(f.graph, {**defaults, **_kept(f)})


def _kept(f: Function) -> dict[Variable, Any]:
    shared = f.graph.inputs[len(f.convention.inputs) :]
    pairs = zip(shared, f.convention.shared, strict=True)
    return {symbol: copied(held.container[0]) for symbol, held in pairs}


# Targets -----------------------------------------------------------------------------------------


def _compared(expected: Sequence[Any], run: Callable[[], Sequence[Any]]) -> Comparison:
    """What `run` makes, compared with what the expression says; never raises."""
    try:
        return verdict(expected, run())
    except (CompileError, DeviceError) as error:
        return Comparison(None, f"not run here: {_one_line(error)}")
    except Exception as error:
        return Comparison(False, f"it fails: {_one_line(error)}")


def _interpreted(graph: Graph, values: Sequence[Any]) -> list[Any]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return interpret(graph, [copied(value) for value in values])


def _on(f: Function, target: str, values: Sequence[Any]) -> list[Any]:
    """Results, then what the updates store, on a target. Raises as compiling and calling do."""
    convention = replace(convention_of_copy(f), form="list")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Function(f.graph, convention, target, f.rules)
        results = made(*(copied(value) for value in values[: len(convention.inputs)]))
    return [*results, *(cell[0] for cell in convention.updated)]


def _one_line(error: Exception) -> str:
    text = error.message if isinstance(error, KernelgraphError) else str(error)
    return escape.name(" ".join(text.split()) or type(error).__name__, _LONGEST_REASON)


# Gradients ---------------------------------------------------------------------------------------


def _gradients(f: Function, values: Sequence[Any]) -> list[Check]:
    """A check for each variable that the last scalar output can be differentiated by."""
    cost = last_cost(f.graph.outputs[: f.convention.outputs])
    if cost is None:
        return []
    at = dict(zip(f.graph.inputs, values, strict=True))
    (value,) = _interpreted(Graph(f.graph.inputs, (cost,)), values)
    return [
        Check(
            f"d {_name(cost, 'result')} / d {_name(variable, 'input')}",
            _slope(cost, variable, at)
            if np.isfinite(value)
            else Comparison(None, f"{NOT_COMPARED}: the cost is {value} there; give other values"),
        )
        for variable in differentiable(cost)
    ]


def _name(variable: Variable, otherwise: str) -> str:
    return otherwise if variable.name is None else variable_text(variable)


def _slope(cost: Variable, variable: Variable, at: Mapping[Variable, Any]) -> Comparison:
    """The gradient by one variable, all others held where they are."""
    fixed: dict[Variable, Variable] = {
        other: SharedVariable(other.type, [value], other.name)
        for other, value in at.items()
        if other is not variable
    }
    sizes = np.shape(at[variable])

    def moved(point: Variable) -> Variable:
        here = reshape(point, sizes) if sizes else point  # with the sizes that are known of it
        return substitute([cost], {**fixed, variable: here})[0]

    try:
        with unwatched():
            verify_grad(moved, [at[variable]], mode="FAST_COMPILE")
    except GradientError as error:
        wrong = error.code == "KG-G023"
        words = _one_line(error).replace("the gradient by operand 0", "autodiff's slope")
        return Comparison(False if wrong else None, words)
    except Exception as error:
        return Comparison(None, f"{NOT_COMPARED}: {_one_line(error)}")
    return Comparison(True, "as differences say")
