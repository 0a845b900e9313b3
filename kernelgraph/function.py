"""Functions: graphs that can be called.

What a call accepts, which values persist, and what it returns.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kernelgraph.c.target import CTarget
from kernelgraph.compiler import DEFAULT, Stages, compile_graph
from kernelgraph.config import config
from kernelgraph.errors import (
    ArgumentError,
    CompileError,
    DTypeError,
    GraphError,
    KernelgraphError,
    MissingInputError,
    UnusedInputError,
    capture_origins,
)
from kernelgraph.graph import (
    Constant,
    Displayed,
    Graph,
    SharedVariable,
    Variable,
    describe,
    leaves,
    substitute,
)
from kernelgraph.interpret import interpret
from kernelgraph.op import as_variable
from kernelgraph.python.target import PythonTarget
from kernelgraph.rewrite.engine import Rule
from kernelgraph.target import Binding, Target
from kernelgraph.types import (
    ObjectType,
    SparseType,
    TensorType,
    Type,
    as_array,
    check_dtype,
    is_array,
    listed,
)

Pairs = Sequence[tuple[Variable, Any]] | Mapping[Variable, Any]


def shared(value: Any, name: str | None = None, borrow: bool = False) -> SharedVariable:
    """A variable with a value of its own, that functions read and update.

    The value is copied unless `borrow`. Python ints become int64, floats float64, arrays keep their
    dtype; lists must be arrays. No size is fixed: `set_value` may change lengths. Raises
    `DTypeError` for a symbol or what is not numbers.
    """
    if isinstance(value, Variable):
        raise DTypeError(
            f"a shared variable needs numbers, not the symbol {describe(value)}",
            code="KG-D002",
            origins=value.where,
        )
    kind, start = _shared_type(value)
    fitting = kind.filter(start, name or "the value")
    if fitting is value and is_array(value) and not borrow:
        fitting = np.array(fitting)
    return SharedVariable(kind, [fitting], name)


def _shared_type(value: Any) -> tuple[Type, Any]:
    if getattr(value, "format", None) in ("csr", "csc"):
        return SparseType(value.format, str(value.dtype)), value
    if not hasattr(value, "__array__") and not isinstance(
        value, int | float | complex | list | tuple | str
    ):
        return ObjectType(), value
    array = as_array(value, "the value of a shared variable")
    return TensorType(
        check_dtype(array.dtype), (None,) * array.ndim
    ), value if array is value else array


class Missing:
    """Stands for a default value that was not given."""


class In:
    """An input with a default value or another name: `In(x, value=1.0, name="step")`."""

    def __init__(self, variable: Variable, value: Any = Missing, name: str | None = None) -> None:
        self.variable = variable
        self.value = value
        self.name = name or variable.name


def function(
    inputs: Sequence[Variable | In],
    outputs: Any = None,
    *,
    updates: Pairs = (),
    givens: Pairs = (),
    name: str = "f",
    target: str | None = None,
    rules: Sequence[Rule] = DEFAULT,
    on_unused_input: str | None = None,
    allow_input_downcast: bool | None = None,
) -> Function:
    """Compile a function of `inputs` that returns `outputs`: one variable, a list, a dict by name,
    or nothing.

    `updates`: pairs (shared variable, new value), all computed from the old values and stored
    together at the end. `givens`: pairs (variable, what stands in its place). `target`: "c",
    "python" (the same loops, slowly), or "interpret" (NumPy, node by node); by default
    `config.target`, and interpret where there is no C compiler.

    Raises `MissingInputError` (KG-G001), `UnusedInputError` (KG-G002), `GraphError` for inputs or
    updates given twice (KG-G003, KG-G006), `DTypeError` for an update of another type.
    """
    signature = _inputs(inputs)
    results, names, form = _outputs(outputs)
    pairs = _updates(updates)
    wanted = [*results, *(new for _, new in pairs)]
    wanted = _apply_givens(wanted, givens, signature)
    variables = [item.variable for item in signature]
    found = leaves(wanted, variables)
    kept = [v for v in found if isinstance(v, SharedVariable)]
    kept += [target_ for target_, _ in pairs if target_ not in kept]
    _check_complete(found, variables)
    _check_used(found, variables, on_unused_input or config.on_unused_input)
    position = {v: len(variables) + k for k, v in enumerate(kept)}
    donations = {len(results) + k: position[target_] for k, (target_, _) in enumerate(pairs)}
    graph = Graph((*variables, *kept), tuple(wanted), donations, name)
    contract = Contract(
        signature, kept, [t for t, _ in pairs], len(results), names, form, allow_input_downcast
    )
    return Function(graph, contract, target, rules)


# -------------------------------------------------------------------------------------------- readi


def _inputs(inputs: Any) -> list[In]:
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


def _outputs(outputs: Any) -> tuple[list[Variable], list[str], str]:
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


def _updates(updates: Any) -> list[tuple[SharedVariable, Variable]]:
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


def _apply_givens(
    wanted: Sequence[Variable], givens: Any, signature: Sequence[In]
) -> list[Variable]:
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


def _check_complete(found: Sequence[Variable], inputs: Sequence[Variable]) -> None:
    for variable in found:
        if variable not in inputs and not isinstance(variable, Constant | SharedVariable):
            raise MissingInputError(
                f"the outputs need {describe(variable)}, which is not among the inputs",
                origins=variable.where or capture_origins(),
                hint=f"add {variable.name or 'it'} to the list of inputs, "
                "or give it a value with givens=",
            )


def _check_used(found: Sequence[Variable], inputs: Sequence[Variable], policy: str) -> None:
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


# --------------------------------------------------------------------------------------------------


class Contract:
    """How a function is called: its inputs and their defaults, what it updates, the form of its
    result.
    """

    def __init__(
        self,
        inputs: Sequence[In],
        shared: Sequence[SharedVariable],
        updated: Sequence[SharedVariable],
        outputs: int,
        names: Sequence[str],
        form: str,
        allow_downcast: bool | None,
    ) -> None:
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
        label = f"argument {position}" + (f", {entry.name!r}," if entry.name else "")
        kind = entry.variable.type

        def fit(value: Any) -> Any:
            if isinstance(value, Variable):
                raise DTypeError(
                    f"{label}: expected numbers, got the symbol {describe(value)}",
                    code="KG-D002",
                    hint=".get_value()",
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
        return f"f({', '.join(parts)})"


def _static_sizes(kind: Type) -> tuple[int, ...]:
    return tuple(-1 if s is None else s for s in kind.shape) if isinstance(kind, TensorType) else ()


class Function(Displayed):
    """A compiled graph and the values that belong to it. Call it with numbers.

    `stages` shows every stage of its compilation.
    """

    def __init__(
        self, graph: Graph, contract: Contract, target: str | None, rules: Sequence[Rule]
    ) -> None:
        self.graph = graph
        self.contract = contract
        self.name = graph.name
        self.target, self.stages, self._call = _make_callable(graph, contract, target, rules)
        self._simple = contract.form in ("one", "list") and all(
            item.value is Missing for item in contract.inputs
        )
        self._arity = len(contract.inputs)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The outputs for these values of the inputs, after which the updates have happened."""
        if self._simple and not named and len(arguments) == self._arity:
            return self._call(*arguments)
        result = self._call(*self.contract.positional(arguments, named))
        if self.contract.form == "dict":
            return dict(zip(self.contract.names, result, strict=True))
        return result

    def __repr__(self) -> str:
        return f"<function {self.contract!s} on {self.target}>".replace(" f(", f" {self.name}(", 1)


_TARGETS: dict[str, Callable[[], Target]] = {"c": CTarget, "python": PythonTarget}
_said: list[str] = []


def _make_callable(
    graph: Graph, contract: Contract, target: str | None, rules: Sequence[Rule]
) -> tuple[str, Stages, Callable[..., Any]]:
    wanted = target or config.target
    if wanted not in (*_TARGETS, "interpret"):
        choices = ", ".join((*_TARGETS, "interpret"))
        raise GraphError(
            f"no target named {wanted!r}; there are {choices}",
            code="KG-G008",
            origins=capture_origins(),
        )
    stages = compile_graph(graph, _TARGETS.get(wanted, CTarget)(), rules)
    if wanted != "interpret":
        try:
            return wanted, stages, stages.executable.bind(contract.binding())
        except CompileError as error:
            if target is not None or error.code == "KG-G033":
                raise
            _say_once(error)
    return "interpret", stages, _interpreted(graph, contract)


def _say_once(error: KernelgraphError) -> None:
    """A machine without a compiler is no reason to stop, but its user should know."""
    if error.code in _said:
        return
    _said.append(error.code)
    warnings.warn(
        f"running on NumPy, node by node, because compiling failed: {error}", stacklevel=5
    )


def _interpreted(graph: Graph, contract: Contract) -> Callable[..., Any]:
    filters = [contract.filter(k) for k in range(len(contract.inputs))]

    def call(*arguments: Any) -> Any:
        values = [fit(value) for fit, value in zip(filters, arguments, strict=True)]
        results = interpret(graph, [*values, *(v.container[0] for v in contract.shared)])
        for variable, value in zip(contract.updated, results[contract.outputs :], strict=True):
            variable.container[0] = value
        outputs = results[: contract.outputs]
        return outputs[0] if contract.form == "one" else outputs

    return call
