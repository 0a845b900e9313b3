"""What a function is asked to be: its inputs, outputs, updates and givens, read and checked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgraph.config import config
from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    GraphError,
    MissingInputError,
    UnusedInputError,
)
from kernelgraph.expect import (
    came,
    expect_choice,
    expect_downcast,
    expect_flag,
    expect_name,
    expect_pairs,
    expect_text,
)
from kernelgraph.graph import Constant, SharedVariable, Variable, describe, leaves, walk
from kernelgraph.locations import level_of_user
from kernelgraph.mismatches import mismatched, or_parts, source_of_dtype, typed
from kernelgraph.names import called, quoted, shortened
from kernelgraph.op import as_variable
from kernelgraph.symbols import expect_variable
from kernelgraph.types import TensorType, is_python_number, listed


class Missing:
    """Stands for a default value that was not given."""


class In:
    """An input with a default value, another name, or a state of its own.

    `In(x, value=1.0)` may be left out of a call. With `update`, the default becomes the value of
    that expression after every call. `strict` accepts arrays of the exact dtype only;
    `allow_downcast` says whether a value may lose digits. `mutable` permits that results lie in the
    memory of an array that a call gives, so a read-only one is then refused (`AliasError`,
    KG-A001). No function makes use of the permission so far: a caller's array is never written to.

    Raises `ArgumentError` (KG-G005) for an update without a value.
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        value: Any = Missing,
        update: Any = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        mutable: bool = False,
    ) -> None:
        self.variable = expect_variable(variable, "an input")
        own = variable.name if expect_flag(autoname, "autoname") else None
        self.name = expect_name(name, "the name of an input") or own
        self.value = Missing if value is None else value
        self.update = update
        self.strict = expect_flag(strict, "strict")
        self.allow_downcast = expect_downcast(allow_downcast, "allow_downcast")
        self.mutable = expect_flag(mutable, "mutable")
        if update is not None and self.value is Missing:
            raise ArgumentError(
                f"the input {describe(variable)} has an update, so it needs a value to start from",
                code="KG-G005",
            )

    def __repr__(self) -> str:
        name = "" if self.name == self.variable.name else f", {quoted(self.name)}"
        value = "" if self.value is Missing else f", value={shortened(repr(self.value))}"
        return f"In({describe(self.variable)}{name}{value})"


class Out:
    """An output, of which `borrow` says that the caller may be given memory that the next call
    writes to. Results have memory of their own all the same, so it changes nothing.
    """

    def __init__(self, variable: Any, borrow: bool = False) -> None:
        self.variable: Variable = as_variable(variable)
        self.borrow = expect_flag(borrow, "borrow")

    def __repr__(self) -> str:
        return f"Out({describe(self.variable)})"


def _as_output(value: Any) -> Variable:
    return value.variable if isinstance(value, Out) else as_variable(value)


def read_inputs(inputs: Any) -> list[In]:
    """The inputs as `In`s. Raises `ArgumentError` (KG-G005) and `UnusedInputError` (KG-G003)."""
    if not isinstance(inputs, list | tuple):
        raise ArgumentError(
            "the inputs of a function must be a list, even if there is only one",
            code="KG-G005",
            hint="kg.function([x], …)",
        )
    signature: list[In] = []
    for position, item in enumerate(listed(inputs)):
        entry = _as_in(item)
        if entry is None or isinstance(entry.variable, Constant | SharedVariable):
            what = "a shared variable" if entry else came(item)
            what = "a constant" if isinstance(item, Constant) else what
            raise ArgumentError(
                f"input {position} must be a symbol without a value, not {what}",
                code="KG-G005",
                hint="a shared variable is an input of itself; givens= replaces it",
            )
        if any(entry.variable is other.variable for other in signature):
            first = next(k for k, other in enumerate(signature) if other.variable is entry.variable)
            raise UnusedInputError(
                f"{describe(entry.variable)} is an input twice, "
                f"at positions {first} and {position}",
                code="KG-G003",
            )
        signature.append(entry)
    _check_order(signature)
    return signature


_forms: list[Callable[[Any], In | None]] = []


def set_input_form(read: Callable[[Any], In | None] | None) -> None:
    """Have `read` make inputs of what is written in another form, and None of what is none."""
    _forms[:] = [] if read is None else [read]


def _as_in(item: Any) -> In | None:
    """An input: an `In`, a variable, or what is written in another form."""
    if isinstance(item, In):
        return item
    if isinstance(item, Variable):
        return In(item)
    return next((found for read in _forms if (found := read(item)) is not None), None)


def _check_order(signature: Sequence[In]) -> None:
    """As in Python: once there is a default, all that follow have one."""
    optional: In | None = None
    for item in signature:
        if item.value is not Missing:
            optional = optional or item
        elif optional is not None:
            raise ArgumentError(
                f"input {_called(item)} without a default follows "
                f"{_called(optional)}, which has one",
                code="KG-G005",
            )


def _called(item: In) -> str:
    return shortened(item.name) if item.name else describe(item.variable)


def read_outputs(outputs: Any) -> tuple[list[Variable], list[str], str]:
    """The variables to compute, their names in a dict, and the form of the result."""
    if outputs is None:
        return [], [], "list"
    if isinstance(outputs, Mapping):
        table: Mapping[str, Any] = outputs  # pyright: ignore[reportUnknownVariableType]
        names = sorted(expect_text(key, "the name of an output") for key in table)
        return [_as_output(table[key]) for key in names], names, "dict"
    if isinstance(outputs, list | tuple):
        return [_as_output(v) for v in listed(outputs)], [], "list"
    return [_as_output(outputs)], [], "one"


def read_pairs(pairs: Any, what: str) -> list[tuple[Variable, Any]]:
    """Pairs as a list. Raises `GraphError` (KG-G006) for items that are no pairs."""
    try:
        table = expect_pairs(pairs, what, "variable, expression")
    except ArgumentError as error:
        raise GraphError(error.message, code="KG-G006") from None
    return [(expect_variable(old, f"the first of each pair of {what}"), new) for old, new in table]


def read_updates(updates: Any) -> list[tuple[SharedVariable, Variable]]:
    """The updates as pairs. Raises `GraphError` (KG-G006) and `DTypeError` (KG-D008)."""
    checked: dict[SharedVariable, Variable] = {}
    for variable, value in read_pairs(updates, "updates"):
        if not isinstance(variable, SharedVariable):
            raise ArgumentError(
                f"only shared variables can be updated, not {variable}", code="KG-G006"
            )
        if variable in checked:
            raise GraphError(
                f"{describe(variable)} has two updates",
                code="KG-G006",
                hint="combine them in one expression: all updates use the old values",
            )
        checked[variable] = update_value(variable, value)
    return list(checked.items())


def state_update(item: In) -> Variable:
    """What the state of an input becomes. Raises `DTypeError` (KG-D008)."""
    return update_value(item.variable, item.update)


def default_cell(item: In) -> list[Any]:
    """The default of an input, checked; empty if it has none. Raises `DTypeError`."""
    if item.value is Missing:
        return []
    label = f"the default of {describe(item.variable)}"
    return [item.variable.type.filter(item.value, label)]


def update_value(variable: Variable, value: Any) -> Variable:
    """What a variable becomes. Raises `DTypeError` (KG-D008) for another type."""
    new = fitting_symbol(value, variable, f"the update of {describe(variable)}")
    fits = (
        variable.type.accepts(new.type)
        if isinstance(variable.type, TensorType)
        else variable.type == new.type
    )
    if not fits:
        sides = mismatched(variable, new)
        is_dtype = any(side.allowed for side in sides)
        source = source_of_dtype(new) if is_dtype else new
        raise DTypeError(
            f"an update must have the type of its variable: {describe(variable)} "
            f"cannot become {describe(new)}",
            code="KG-D008",
            origins=new.where,
            because=None if source is new else f"the dtype comes from {describe(source)}",
            hint=or_parts(new, variable.dtype, "T.cast(…, dtype) gives it the dtype")
            if is_dtype
            else _size_hint(variable, new),
            operands=sides if source is new else (*sides, typed(source)),
        )
    return new


def _size_hint(variable: Variable, new: Variable) -> str | None:
    kinds = (variable.type, new.type)
    if not all(isinstance(kind, TensorType) for kind in kinds) or variable.ndim != new.ndim:
        return None
    return f"declare for {describe(variable)} only the sizes that its updates have for certain"


def fitting_symbol(value: Any, stands_for: Variable, label: str) -> Variable:
    """A symbol for `value`. A Python number becomes a constant of the dtype of what it stands for,
    which must hold it.
    """
    if is_python_number(value) and isinstance(stands_for.type, TensorType):
        value = TensorType(stands_for.dtype, ()).filter(value, label)
    return as_variable(value)


class Symbols(dict[str, Variable]):
    """Symbols by name; a name that is not there is looked up as Python compares names."""

    def __missing__(self, name: str) -> Variable:
        found = called(name, self, lambda known: known)
        if not found:
            raise KeyError(name)
        return self[found[-1]]

    def __contains__(self, name: object) -> bool:
        return bool(called(name, self, lambda known: known))

    def get(self, name: str, default: Any = None) -> Any:
        """The symbol of this name, or `default`."""
        try:
            return self[name]
        except KeyError:
            return default


def named_symbols(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> dict[str, Variable]:
    """Every symbol with a name from `inputs` to `outputs`; of several, the one made last."""
    made = (result for node in walk(outputs) for result in node.outputs)
    return Symbols((v.name, v) for v in (*inputs, *leaves(outputs), *made) if v.name)


def check_complete(found: Sequence[Variable], inputs: Sequence[Variable]) -> None:
    """Raises `MissingInputError` (KG-G001) for a symbol without a value."""
    for variable in found:
        if variable not in inputs and not isinstance(variable, Constant | SharedVariable):
            raise MissingInputError(
                f"the outputs need {describe(variable)}, which is not among the inputs",
                origins=variable.where,
                hint=f"add {shortened(variable.name or 'it')} to the list of inputs, "
                "or give it a value with givens=",
            )


def check_used(found: Sequence[Variable], inputs: Sequence[Variable], policy: Any) -> None:
    """Raises `UnusedInputError` (KG-G002) for an input that no output needs, unless the `policy`
    is "warn" or "ignore" (None: that of the settings).
    """
    asked = config.on_unused_input if policy is None else policy
    policy = expect_choice(asked, "on_unused_input", ("raise", "warn", "ignore"))
    for position, variable in enumerate(inputs):
        if variable in found or policy == "ignore":
            continue
        message = f"input {position}, {describe(variable)}, is not used by any output"
        if policy == "warn":
            warnings.warn(message, stacklevel=level_of_user())
            continue
        raise UnusedInputError(
            message, origins=variable.where, hint='on_unused_input="ignore" accepts it'
        )
