"""From a `%%symfunc` cell to a compiled function.

A signature, a body and what the options say come in. The body is run once with symbols for the
inputs, gradients are added, and the whole is compiled. `define` is what a magic does; it knows of
IPython only the names of the notebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import EllipsisType, NoneType
from typing import Any, cast

import kernelgraph.tensor as tensor
from kernelgraph.arguments import In, named_symbols, read_outputs
from kernelgraph.autodiff import grad, has_derivative
from kernelgraph.errors import on_behalf_of
from kernelgraph.function import Function, function
from kernelgraph.graph import Variable
from kernelgraph.jupyter.cell import Body, OutputError
from kernelgraph.jupyter.options import OptionError
from kernelgraph.jupyter.signature import Signature
from kernelgraph.names import did_you_mean
from kernelgraph.rewrite.modes import Mode
from kernelgraph.tensor import builtin
from kernelgraph.types import listed
from kernelgraph.viz.kernels.costs import last_cost

LANGUAGE: dict[str, Any] = {
    **{name: getattr(tensor, name) for name in vars(tensor)["__all__"]},
    **{name: getattr(builtin, name) for name in builtin.__all__},
}
"""The names of the tensor language that every body sees; Python's own mean what they mean to it."""


@dataclass(frozen=True)
class How:
    """What the options say of the function itself."""

    target: str | None = None
    mode: Mode | None = None
    gradients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Defined:
    """A function and the place of the cost among its outputs, if gradients were added."""

    function: Function
    cost: int | str | None = None


def define(
    signature: Signature, body: Body, names: Mapping[str, Any], how: How, column: int
) -> Defined:
    """Run the body over `names` and compile what it computes; the signature stands at `column`.

    Raises `SignatureError`, `OutputError`, `OptionError`, what the body raises, and
    `KernelgraphError` for what cannot be compiled.
    """
    __tracebackhide__ = True
    inputs = declare(signature, body, column)
    ends = [
        x if parameter.default is None else In(x, value=parameter.default_value(names))
        for x, parameter in zip(inputs, signature.parameters, strict=True)
    ]
    scope = LANGUAGE | dict(names)
    outputs = body.outputs({str(x.name): x for x in inputs}, scope, signature.outputs)
    _check(outputs)
    cost = None
    with on_behalf_of(body.origin((column, column + len(signature.name.encode())))):
        if how.gradients:
            symbols = {name: v for name, v in names.items() if isinstance(v, Variable)}
            known = {**symbols, **_made(inputs, body, outputs)}
            outputs, cost = with_gradients(outputs, how.gradients, known)
        made = function(ends, outputs, how.mode, name=signature.name, target=how.target)
    return Defined(made, cost)


_NO_OUTPUT: tuple[type[Any], ...] = (
    NoneType, str, bytes, set, frozenset, dict, EllipsisType, Iterator,
)  # fmt: skip


def _check(outputs: Any) -> None:
    """Raises `OutputError` for what is neither a symbol nor numbers."""
    match outputs:
        case dict():
            values = list(cast("dict[str, Any]", outputs).values())
        case list() | tuple():
            values = listed(outputs)
        case _:
            values = [outputs]
    for value in values:
        if isinstance(value, _NO_OUTPUT) or callable(value):
            kind = type(cast(Any, value)).__name__
            raise OutputError(f"an output must be a symbol or numbers, but the body gives a {kind}")


def declare(signature: Signature, body: Body, column: int) -> list[Variable]:
    """A symbol for each parameter, whose place is the signature that starts at `column`."""
    inputs: list[Variable] = []
    for parameter in signature.parameters:
        symbol = Variable(parameter.type, parameter.name)
        first, last = parameter.columns
        put = column if parameter.line == 1 else 0
        symbol.origins = body.origin((put + first, put + last), parameter.line)
        inputs.append(symbol)
    return inputs


# Gradients ---------------------------------------------------------------------------------------


def with_gradients(
    outputs: Any, wanted: tuple[str, ...], known: Mapping[str, Variable]
) -> tuple[Any, int | str | None]:
    """The outputs, then `grad_a`, … of the last scalar among them; and where that one stands.

    The place is None where it is the only output; `known` are the symbols by name. Raises
    `OptionError` for a name that stands for no symbol of floats, and where no output is a scalar.
    """
    results, keys, form = read_outputs(outputs)
    cost = last_cost(results)
    if cost is None:
        raise OptionError("--grad needs an output that is a single float: add .sum() or .mean()")
    symbols = [_symbol(name, known) for name in wanted]
    with on_behalf_of(cost.where):
        slopes: list[Variable] = grad(cost, symbols, add_names=False)
    for name, slope in zip(wanted, slopes, strict=True):
        slope.name = f"grad_{name}"
    place = len(results) - 1 - results[::-1].index(cost)
    if form == "dict":
        named = {f"grad_{name}": slope for name, slope in zip(wanted, slopes, strict=True)}
        return {**dict(zip(keys, results, strict=True)), **named}, keys[place]
    return [*results, *slopes], None if form == "one" else place


def _made(inputs: list[Variable], body: Body, outputs: Any) -> dict[str, Variable]:
    """The symbols that the cell itself gives a name to."""
    names = {*(symbol.name for symbol in inputs), *body.bound}
    found = named_symbols(inputs, read_outputs(outputs)[0])
    return {name: symbol for name, symbol in found.items() if name in names}


def _symbol(name: str, known: Mapping[str, Variable]) -> Variable:
    found = known.get(name)
    if found is not None and has_derivative(found):
        return found
    if found is not None:
        raise OptionError(f"--grad {name}: {name} is {found.type}, which has no derivative")
    hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
    raise OptionError(f"--grad {name}: no symbol is called so{hint}")
