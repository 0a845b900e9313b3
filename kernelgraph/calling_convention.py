"""The calling convention of a function: how arguments find their inputs, which defaults and states
there are, and what is returned.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernelgraph.arguments import In, Missing
from kernelgraph.errors import (
    AliasError,
    ArgumentError,
    DTypeError,
    KernelgraphError,
    Operand,
    Operands,
    Origins,
    resolve,
)
from kernelgraph.expect import (
    came,
    expect_choice,
    expect_flag,
    expect_integer,
    expect_kind,
    expect_list,
    expect_name,
    expect_pairs,
)
from kernelgraph.graph import SharedVariable, Variable, describe
from kernelgraph.locations import Located
from kernelgraph.names import called, listed_names, normal, quoted, same_name, shortened
from kernelgraph.target import Binding
from kernelgraph.turns import Turns, store, turns
from kernelgraph.types import TensorType, Type

_MOST_RESULTS = 3  # in the name of a function
_wordings: list[Callable[[KernelgraphError, CallingConvention], None]] = []


def set_wording(reword: Callable[[KernelgraphError, CallingConvention], None] | None) -> None:
    """Have `reword` look at the errors of calls, to say them in other words."""
    _wordings[:] = [] if reword is None else [reword]


@dataclass
class CallingConvention(Located):
    """How a function is called: its inputs and their defaults, what it updates, the form of its
    result.

    `cells` hold the defaults, one list of one item for each input, empty for an input without one;
    `updated` are the cells that the last outputs go to. Where neither the function nor its results
    have a name, `origins` say where it was made: that tells it from others.
    """

    name: str
    inputs: Sequence[In]
    cells: Sequence[list[Any]]
    shared: Sequence[SharedVariable]
    updated: Sequence[list[Any]]
    outputs: int
    names: Sequence[str]
    form: str
    allow_downcast: bool | None = None
    origins: Origins = ()

    def filter(self, position: int) -> Callable[[Any], Any]:
        """What makes an argument fit: conversion, or an error that names the input."""
        entry = self.inputs[position]
        label = self._label(position)
        kind = entry.variable.type
        downcast = self.allow_downcast if entry.allow_downcast is None else entry.allow_downcast

        def fit(value: Any) -> Any:
            if isinstance(value, Variable):
                raise DTypeError(
                    f"{label}: expected numbers, got the symbol {describe(value)}",
                    code="KG-D002",
                    hint=".get_value()" if isinstance(value, SharedVariable) else None,
                )
            dtype = str(getattr(value, "dtype", ""))
            if entry.strict and dtype and dtype != str(getattr(kind, "dtype", dtype)):
                raise DTypeError(
                    f"{label}: strict, so it takes {kind} only, not {dtype}",
                    code="KG-D002",
                    operands=_strict_mismatch(kind, label, value),
                )
            return kind.filter(value, label, allow_downcast=downcast)

        return fit

    def binding(self) -> Binding:
        """The convention in terms of slots: inputs, shared values, then outputs and updates."""
        count = len(self.inputs)
        first = count + len(self.shared)
        arguments = [
            (k, self.filter(k), _static_sizes(item.variable.type))
            for k, item in enumerate(self.inputs)
        ]
        cells = [(count + k, v.container) for k, v in enumerate(self.shared)]
        updates = [(first + self.outputs + k, cell) for k, cell in enumerate(self.updated)]
        outputs = list(range(first, first + self.outputs))
        return Binding(arguments, cells, outputs, updates, self.form == "one", self.turns())

    def turns(self) -> Turns | None:
        """How calls of this function take turns; None where nothing is updated."""
        return turns(shortened(self.name), [v.container for v in self.shared], self.updated)

    @property
    def keeps_defaults(self) -> bool:
        """Whether defaults of inputs are updated: then a call reads them before it begins."""
        return any(cell is updated for cell in self.cells for updated in self.updated)

    def sized(
        self, operands: Operands, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> Operands:
        """The operands of an error with the sizes of the values that a call came with, where they
        are inputs, shared variables, or transposes of those.
        """
        if not operands or any(operand.dtype for operand in operands):
            return operands
        given = zip(self.inputs, arguments, strict=False)
        values = [(str(item.name), value) for item, value in given] + list(named.items())
        values += [(str(v.name), v.container[0]) for v in self.shared]
        names = [name for name, _ in values]
        shapes = {name: _shape(value) for name, value in values if names.count(name) == 1}
        return tuple(_sized(operand, shapes) for operand in operands)

    @property
    def made(self) -> str:
        """Where a function without a name was made, in a few words; nothing for one with a name."""
        return f"made at {resolve(self.origins[0])}" if self.origins else ""

    def told(
        self, error: KernelgraphError, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> None:
        """Add to an error what only the call knows: the sizes of its values, and the function."""
        error.operands = self.sized(error.operands, arguments, named)
        about = isinstance(error, ArgumentError) or error.message.startswith("argument ")
        if about and self.origins and error.because is None:  # others point into the graph
            error.because = f"{shortened(self.name)} was {self.made}"
        for reword in _wordings:
            reword(error, self)

    def positional(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """All arguments in order.

        Raises `ArgumentError` (KG-G004) for too many, too few, or unknown ones, `AliasError`
        (KG-A001) for a read-only array in the place of a mutable input.
        """
        if len(arguments) > len(self.inputs):
            raise ArgumentError(
                f"too many arguments: {len(arguments)} given, {self} takes {len(self.inputs)}"
            )
        values = [
            *arguments,
            *(cell[0] if cell else Missing for cell in self.cells[len(arguments) :]),
        ]
        given = set(range(len(arguments)))
        for name, value in named.items():
            position = self._position(name)
            if position in given:
                raise ArgumentError(f"two values for input {quoted(name)} of {self}")
            given.add(position)
            values[position] = value
        missing = [
            shortened(item.name or f"input {k}")
            for k, item in enumerate(self.inputs)
            if values[k] is Missing
        ]
        if missing:
            raise ArgumentError(
                f"missing required input{'s' * (len(missing) > 1)} of {self}: "
                + listed_names(missing)
            )
        for position in sorted(given):
            if self.inputs[position].mutable:
                self._expect_writable(position, values[position])
        return values

    @property
    def has_mutable(self) -> bool:
        """Whether an input is mutable, so that a call looks at what it is given."""
        return any(item.mutable for item in self.inputs)

    def _expect_writable(self, position: int, value: Any) -> None:
        """Raises `AliasError` (KG-A001) for a read-only array."""
        if isinstance(value, np.ndarray) and not value.flags.writeable:
            raise AliasError(
                f"{self._label(position)}: the input is mutable, and the array is read-only",
                hint="pass a copy (value.copy()), or drop mutable=True",
            )

    def _label(self, position: int) -> str:
        """What errors of a call call an argument."""
        name = self.inputs[position].name
        label = f"argument {position}" + (f" {quoted(name)}" if name else "")
        return f"{label} of {shortened(self.name)}"

    def shaped(self, result: Any, subset: Sequence[int | str] | None) -> Any:
        """The result in the form that was asked for, or a part of it."""
        if self.form == "one":
            return result
        if self.form == "list":
            return result if subset is None else [result[self._place(k)] for k in _keys(subset)]
        table = dict(zip(self.names, result, strict=True))
        if subset is None:
            return table
        return {key: table[self._result_name(key)] for key in _keys(subset)}

    def _result_name(self, key: Any) -> str:
        """The name of a result in a dict, as it was given. Raises `ArgumentError`."""
        found = called(key, self.names, lambda name: name)
        what = f"an output of {shortened(self.name)}"
        return found[0] if found else expect_choice(key, what, self.names)

    def _place(self, key: Any) -> int:
        """The number of an output. Raises `ArgumentError`."""
        what = f"the number of an output of {shortened(self.name)}"
        return expect_integer(key, what, least=0, most=self.outputs - 1)

    def cell(self, key: Variable | str) -> list[Any]:
        """Where a state or a default lives.

        Raises `ArgumentError` (KG-G004) for what has none, or for a name that several have.
        """
        states = [(v, v.name, v.container) for v in self.shared]
        defaults = [
            (item.variable, item.name, cell)
            for item, cell in zip(self.inputs, self.cells, strict=True)
            if cell
        ]
        known = [*defaults, *states]
        found = [one for one in known if key is one[0]] or called(key, known, lambda one: one[1])
        if len(found) != 1:
            problem = "several values are" if found else "nothing with a value is"
            raise ArgumentError(f"{problem} called {came(key)} in {self}")
        return found[0][2]

    def store(self, key: Variable | str, value: Any) -> None:
        """Give a state or a default another value. Raises as `cell`, and `DTypeError`."""
        cell = self.cell(key)
        owners = [*(v for v in self.shared), *(item.variable for item in self.inputs)]
        kinds = [v.type for v in owners if key is v or same_name(key, v.name)]
        label = shortened(str(key))
        store([cell], [kinds[0].filter(value, label) if kinds else value])

    def copy(
        self, swap: Any = None, delete_updates: bool = False, name: str | None = None
    ) -> CallingConvention:
        """That of a copy: other shared variables, perhaps no updates, defaults of its own.

        Raises `ArgumentError` (KG-G009).
        """
        name = expect_name(name, "the name of a function")
        pairs = expect_pairs(swap, "swap", "old, new")
        for pair in pairs:
            for variable in pair:
                expect_kind(variable, SharedVariable, "each of swap", "a shared variable")
        swap = dict(pairs)
        for old, new in pairs:
            if old not in self.shared or old.type != new.type:
                problem = "is not in" if old not in self.shared else "has another type in"
                raise ArgumentError(
                    f"swap: {describe(old)} {problem} {self}, so {describe(new)} cannot replace it",
                    code="KG-G009",
                )
        shared = [swap.get(v, v) for v in self.shared]
        cells = [list(cell) for cell in self.cells]
        moved = {id(v.container): new.container for v, new in swap.items()}
        moved |= {id(old): new for old, new in zip(self.cells, cells, strict=True)}
        updated = [moved.get(id(cell), cell) for cell in self.updated]
        return replace(
            self,
            name=name or self.name,
            origins=() if name else self.origins,
            cells=cells,
            shared=shared,
            updated=[] if expect_flag(delete_updates, "delete_updates") else updated,
            form="list" if self.form == "one" else self.form,
        )

    def _position(self, name: str) -> int:
        numbers = range(len(self.inputs))
        matches = called(name, numbers, lambda k: self.inputs[k].name)
        if len(matches) != 1:
            problem = "unknown input" if not matches else "several inputs have the name"
            raise ArgumentError(f"{problem} {quoted(name)}: the signature is {self}")
        return matches[0]

    @property
    def parameters(self) -> inspect.Signature:
        """The inputs as Python's help shows them; without a name that a program can have, an input
        and those before it go by position.
        """
        names = [normal(item.name or "") for item in self.inputs]
        bad = [
            k
            for k, name in enumerate(names)
            if not name.isidentifier() or keyword.iskeyword(name) or name in names[:k]
        ]
        last = max(bad, default=-1)
        plain = [f"input_{k}" if k in bad else name for k, name in enumerate(names)]
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.POSITIONAL_ONLY
                    if k <= last
                    else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=cell[0] if cell else inspect.Parameter.empty,
                )
                for k, (name, cell) in enumerate(zip(plain, self.cells, strict=True))
            ]
        )

    def __repr__(self) -> str:
        return f"<calling convention {self}>"

    def __str__(self) -> str:
        parts = [
            f"{shortened(item.name or '?')}: {item.variable.type}"
            + (f" = {shortened(str(cell[0]))}" if cell else "")
            for item, cell in zip(self.inputs, self.cells, strict=True)
        ]
        return f"{shortened(self.name)}({listed_names(parts)})"


def name_of_results(results: Sequence[Variable], keys: Sequence[str]) -> str | None:
    """What a function without a name is called: its results, if all of them have names."""
    names = keys or [v.name for v in results if v.name is not None and v.owner is not None]
    if not names or len(names) < len(results):
        return None
    return listed_names(names, _MOST_RESULTS)


def _keys(subset: Any) -> list[Any]:
    return expect_list(subset, "output_subset", "numbers or names of outputs")


def _strict_mismatch(kind: Type, label: str, value: Any) -> Operands:
    """A type and a value of another dtype, where nothing is converted."""
    if not isinstance(kind, TensorType):
        return ()
    declared, found = kind.mismatch(label, value)
    return declared, replace(found, allowed=(kind.dtype,))


def _static_sizes(kind: Type) -> tuple[int, ...]:
    return tuple(-1 if s is None else s for s in kind.shape) if isinstance(kind, TensorType) else ()


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of a value of a call; None for rows of different lengths, or what is no array."""
    try:
        return None if isinstance(value, Variable | range) else np.shape(value)
    except Exception:  # an object may do anything when it is asked
        return None


def _sized(operand: Operand, shapes: Mapping[str, tuple[int, ...] | None]) -> Operand:
    """An operand with the sizes of the value of its name, if they agree with what is known."""
    shape = shapes.get(operand.name)
    if shape is None and operand.name.endswith(".T"):
        flipped = shapes.get(operand.name.removesuffix(".T"))
        shape = None if flipped is None else flipped[::-1]
    if shape is None or len(shape) != len(operand.sizes):
        return operand
    agrees = all(size in (None, found) for size, found in zip(operand.sizes, shape, strict=True))
    return replace(operand, sizes=shape) if agrees else operand
