"""The contract between a function and its callers: inputs, defaults, updates, givens, results."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    GraphError,
    MissingInputError,
    UnusedInputError,
    capture_origins,
)
from kernelgraph.graph import (
    Constant,
    SharedVariable,
    Variable,
    describe,
    substitute,
)
from kernelgraph.op import as_variable
from kernelgraph.target import Binding
from kernelgraph.types import (
    TensorType,
    Type,
    listed,
)


class Missing:
    """Stands for a default value that was not given."""


class In:
    """An input with a default value or another name: `In(x, value=1.0, name="step")`."""

    def __init__(self, variable: Variable, value: Any = Missing, name: str | None = None) -> None:
        self.variable = variable
        self.value = value
        self.name = name or variable.name


def read_inputs(inputs: Any) -> list[In]:
    """The inputs as `In`s. Raises `ArgumentError` (KG-G005) and `UnusedInputError` (KG-G003)."""
    if not isinstance(inputs, list | tuple):
        raise ArgumentError(
            "the inputs of a function must be a list, even if there is only one",
            code="KG-G005",
            origins=capture_origins(),
            hint="kg.function([x], …)",
        )
    signature: list[In] = []
    for position, item in enumerate(listed(inputs)):
        entry = item if isinstance(item, In) else In(item) if isinstance(item, Variable) else None
        if entry is None or isinstance(entry.variable, Constant | SharedVariable):
            what = (
                "a constant"
                if isinstance(item, Constant)
                else "a shared variable"
                if entry
                else repr(item)
            )
            raise ArgumentError(
                f"input {position} must be a symbol without a value, not {what}",
                code="KG-G005",
                origins=capture_origins(),
                hint="a shared variable is an input of itself; givens= replaces it",
            )
        if any(entry.variable is other.variable for other in signature):
            first = next(k for k, other in enumerate(signature) if other.variable is entry.variable)
            raise UnusedInputError(
                f"{describe(entry.variable)} is an input twice, "
                f"at positions {first} and {position}",
                code="KG-G003",
                origins=capture_origins(),
            )
        signature.append(entry)
    return signature


def read_outputs(outputs: Any) -> tuple[list[Variable], list[str], str]:
    """The variables to compute, their names in a dict, and the form of the result."""
    if outputs is None:
        return [], [], "list"
    if isinstance(outputs, Mapping):
        table: Mapping[str, Any] = outputs  # pyright: ignore[reportUnknownVariableType]
        names = sorted(table)
        return [as_variable(table[key]) for key in names], names, "dict"
    if isinstance(outputs, list | tuple):
        return [as_variable(v) for v in listed(outputs)], [], "list"
    return [as_variable(outputs)], [], "one"


def _pairs(pairs: Any) -> list[tuple[Variable, Any]]:
    table: Any = pairs
    items = [listed(item) for item in (table.items() if isinstance(pairs, Mapping) else table)]
    for item in items:
        if len(item) != 2:
            raise GraphError(
                "expected pairs (variable, expression)", code="KG-G006", origins=capture_origins()
            )
    return [(pair[0], pair[1]) for pair in items]


def read_updates(updates: Any) -> list[tuple[SharedVariable, Variable]]:
    """The updates as pairs. Raises `GraphError` (KG-G006) and `DTypeError` (KG-D008)."""
    checked: dict[SharedVariable, Variable] = {}
    for variable, value in _pairs(updates):
        if not isinstance(variable, SharedVariable):
            raise ArgumentError(
                f"only shared variables can be updated, not {variable}",
                code="KG-G006",
                origins=capture_origins(),
            )
        if variable in checked:
            raise GraphError(
                f"{describe(variable)} has two updates", code="KG-G006", origins=capture_origins(),
                hint="combine them in one expression: all updates use the old values",
            )  # fmt: skip
        checked[variable] = _update_value(variable, value)
    return list(checked.items())


def _update_value(variable: SharedVariable, value: Any) -> Variable:
    new = _symbol(value, variable, f"the update of {describe(variable)}")
    fits = (
        variable.type.accepts(new.type)
        if isinstance(variable.type, TensorType)
        else variable.type == new.type
    )
    if not fits:
        raise DTypeError(
            f"an update must have the type of its variable: {describe(variable)} "
            f"cannot become {describe(new)}",
            code="KG-D008",
            origins=new.where,
            hint="T.cast(…, dtype) gives it the dtype",
        )
    return new


def _symbol(value: Any, stands_for: Variable, label: str) -> Variable:
    """A Python number becomes a constant of the dtype of what it stands for, which must hold it."""
    if isinstance(value, int | float) and isinstance(stands_for.type, TensorType):
        value = TensorType(stands_for.dtype, ()).filter(value, label)
    return as_variable(value)


def apply_givens(
    wanted: Sequence[Variable], givens: Any, signature: Sequence[In]
) -> list[Variable]:
    """The outputs with what `givens` replaces replaced. Raises `GraphError` (KG-G007, KG-G030)."""
    replacements: dict[Variable, Variable] = {}
    for old, value in _pairs(givens):
        if any(old is entry.variable for entry in signature):
            raise GraphError(
                f"{describe(old)} is an input, so givens cannot replace it",
                code="KG-G007",
                origins=capture_origins(),
            )
        new = _symbol(value, old, f"what replaces {describe(old)}")
        if isinstance(old.type, TensorType) and (new.dtype != old.dtype or new.ndim != old.ndim):
            raise GraphError(
                f"givens: {describe(old)} cannot be replaced by {describe(new)}: another type",
                code="KG-G030",
                origins=capture_origins(),
            )
        replacements[old] = new
    return substitute(list(wanted), replacements) if replacements else list(wanted)


def check_complete(found: Sequence[Variable], inputs: Sequence[Variable]) -> None:
    """Raises `MissingInputError` (KG-G001) for a symbol without a value."""
    for variable in found:
        if variable not in inputs and not isinstance(variable, Constant | SharedVariable):
            raise MissingInputError(
                f"the outputs need {describe(variable)}, which is not among the inputs",
                origins=variable.where or capture_origins(),
                hint=f"add {variable.name or 'it'} to the list of inputs, "
                "or give it a value with givens=",
            )


def check_used(found: Sequence[Variable], inputs: Sequence[Variable], policy: str) -> None:
    """Raises `UnusedInputError` (KG-G002) for an input that no output needs."""
    for position, variable in enumerate(inputs):
        if variable in found or policy == "ignore":
            continue
        message = f"input {position}, {describe(variable)}, is not used by any output"
        if policy == "warn":
            warnings.warn(message, stacklevel=4)
            continue
        raise UnusedInputError(
            message,
            origins=variable.where or capture_origins(),
            hint='on_unused_input="ignore" accepts it',
        )


class Contract:
    """How a function is called: its inputs and their defaults, what it updates, the form of its
    result.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[In],
        shared: Sequence[SharedVariable],
        updated: Sequence[SharedVariable],
        outputs: int,
        names: Sequence[str],
        form: str,
        allow_downcast: bool | None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.shared = shared
        self.updated = updated
        self.outputs = outputs
        self.names = names
        self.form = form
        self.allow_downcast = allow_downcast

    def filter(self, position: int) -> Callable[[Any], Any]:
        """What makes an argument fit: conversion, or an error that names the input."""
        entry = self.inputs[position]
        label = f"argument {position}" + (f" {entry.name!r}" if entry.name else "")
        kind = entry.variable.type

        def fit(value: Any) -> Any:
            if isinstance(value, Variable):
                raise DTypeError(
                    f"{label}: expected numbers, got the symbol {describe(value)}",
                    code="KG-D002",
                    hint=".get_value()" if isinstance(value, SharedVariable) else None,
                )
            return kind.filter(value, label, allow_downcast=self.allow_downcast)

        return fit

    def binding(self) -> Binding:
        """The contract in terms of slots: inputs, shared values, then outputs and updates."""
        count = len(self.inputs)
        first = count + len(self.shared)
        arguments = [
            (k, self.filter(k), _static_sizes(item.variable.type))
            for k, item in enumerate(self.inputs)
        ]
        cells = [(count + k, v.container) for k, v in enumerate(self.shared)]
        updates = [(first + self.outputs + k, v.container) for k, v in enumerate(self.updated)]
        return Binding(
            arguments, cells, list(range(first, first + self.outputs)), updates, self.form == "one"
        )

    def positional(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """All arguments in order.

        Raises `ArgumentError` (KG-G004) for too many, too few, or unknown ones.
        """
        if len(arguments) > len(self.inputs):
            raise ArgumentError(
                f"too many arguments: {len(arguments)} given, {self} takes {len(self.inputs)}"
            )
        values = [*arguments, *(item.value for item in self.inputs[len(arguments) :])]
        given = set(range(len(arguments)))
        for name, value in named.items():
            position = self._position(name)
            if position in given:
                raise ArgumentError(f"two values for input {name!r} of {self}")
            given.add(position)
            values[position] = value
        missing = [
            item.name or f"input {k}" for k, item in enumerate(self.inputs) if values[k] is Missing
        ]
        if missing:
            raise ArgumentError(
                f"missing required input{'s' * (len(missing) > 1)} of {self}: {', '.join(missing)}"
            )
        return values

    def _position(self, name: str) -> int:
        matches = [k for k, item in enumerate(self.inputs) if item.name == name]
        if len(matches) != 1:
            problem = "unknown input" if not matches else "several inputs have the name"
            raise ArgumentError(f"{problem} {name!r}: the signature is {self}")
        return matches[0]

    def __str__(self) -> str:
        parts = [
            f"{item.name or '?'}: {item.variable.type}"
            + ("" if item.value is Missing else f" = {item.value}")
            for item in self.inputs
        ]
        return f"{self.name}({', '.join(parts)})"


def _static_sizes(kind: Type) -> tuple[int, ...]:
    return tuple(-1 if s is None else s for s in kind.shape) if isinstance(kind, TensorType) else ()
