"""The graph: variables, the operations that make them, and walks over both.

A `Variable` is a symbol; an `Apply` is one use of an op, made at one place in the user's code.
Variables are compared by identity: `x + y` written twice is two nodes until a rule merges them.
Every walk is a loop, never a recursion, so that a graph may be deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from kernelgraph.branches import instead_of_branch
from kernelgraph.comparisons import with_number, with_symbol
from kernelgraph.errors import (
    ArgumentError,
    Origins,
    SharedValueError,
    SymbolicError,
    capture_origins,
)
from kernelgraph.expect import (
    came,
    expect_flag,
    expect_kind,
    expect_list,
    expect_name,
    expect_table,
    text_of,
    unfit,
)
from kernelgraph.names import listed_names, shortened
from kernelgraph.pickling import CarriedNode, CarriedVariable
from kernelgraph.turns import store
from kernelgraph.types import TensorType, Type, copied, is_array
from kernelgraph.walks import leaves, substitute, walk

if TYPE_CHECKING:
    from kernelgraph.op import Op
from kernelgraph.hooks import Displayed, Operators, is_true, text

_NUMBERS = (int, float, complex, list, tuple, np.generic, np.ndarray)


class Variable(Operators, Displayed, CarriedVariable):
    """A symbol of a certain type: an input, or an output of an `Apply`.

    `name` is for people and need not be unique. `tag` is a place for notes (`tag.test_value`).
    `derived_from` are the variables from which this one was worked out without using them, as a
    gradient from its cost, or a size from the result that has it: whoever computes it must find
    that the sizes fit which they ask for.
    """

    __slots__ = (
        "__weakref__", "_auto_name", "_evaluations", "_tag", "derived_from", "index", "name",
        "origins", "owner", "type",
    )  # fmt: skip
    __hash__ = object.__hash__

    if TYPE_CHECKING:  # what `install_operators` provides, for type checkers and editors

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Variable: ...
        def __radd__(self, other: Any) -> Variable: ...
        def __sub__(self, other: Any) -> Variable: ...
        def __rsub__(self, other: Any) -> Variable: ...
        def __mul__(self, other: Any) -> Variable: ...
        def __rmul__(self, other: Any) -> Variable: ...
        def __truediv__(self, other: Any) -> Variable: ...
        def __rtruediv__(self, other: Any) -> Variable: ...
        def __floordiv__(self, other: Any) -> Variable: ...
        def __rfloordiv__(self, other: Any) -> Variable: ...
        def __mod__(self, other: Any) -> Variable: ...
        def __rmod__(self, other: Any) -> Variable: ...
        def __pow__(self, other: Any) -> Variable: ...
        def __divmod__(self, other: Any) -> tuple[Variable, Variable]: ...
        def __rdivmod__(self, other: Any) -> tuple[Variable, Variable]: ...
        def __and__(self, other: Any) -> Variable: ...
        def __rand__(self, other: Any) -> Variable: ...
        def __or__(self, other: Any) -> Variable: ...
        def __ror__(self, other: Any) -> Variable: ...
        def __xor__(self, other: Any) -> Variable: ...
        def __rxor__(self, other: Any) -> Variable: ...
        def __lshift__(self, other: Any) -> Variable: ...
        def __rlshift__(self, other: Any) -> Variable: ...
        def __rshift__(self, other: Any) -> Variable: ...
        def __rrshift__(self, other: Any) -> Variable: ...
        def __invert__(self) -> Variable: ...
        def __neg__(self) -> Variable: ...
        def __lt__(self, other: Any) -> Variable: ...
        def __le__(self, other: Any) -> Variable: ...
        def __gt__(self, other: Any) -> Variable: ...
        def __ge__(self, other: Any) -> Variable: ...
        def __getitem__(self, index: Any) -> Variable: ...

    def __init__(self, type: Type, name: str | None = None) -> None:
        if not isinstance(type, Type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise unfit("the type of a symbol", "one such as T.dvector.type", type)
        self.type = type
        self.name = expect_name(name, "the name of a symbol")
        self.owner: Apply | None = None
        self.index = 0
        self.origins: Origins = ()
        self.derived_from: tuple[Variable, ...] = ()
        self._tag: SimpleNamespace | None = None

    @property
    def tag(self) -> SimpleNamespace:
        """Free notes on this variable."""
        if self._tag is None:
            self._tag = SimpleNamespace()
        return self._tag

    @property
    def tensor_type(self) -> TensorType:
        """The type, of which it is known that it is dense; raises `SymbolicError` for others."""
        if not isinstance(self.type, TensorType):
            raise SymbolicError(f"{self} is {self.type}, not a tensor", origins=self.where)
        return self.type

    @property
    def dtype(self) -> str:
        """dtype of the elements."""
        return self.tensor_type.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.tensor_type.ndim

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """For each dimension, whether its size is 1 by declaration."""
        return self.tensor_type.broadcastable

    @property
    def where(self) -> Origins:
        """Where in the user's code this variable was made."""
        return self.owner.origins if self.owner is not None else self.origins

    def clone(self) -> Variable:
        """A new leaf of the same type and name."""
        return Variable(self.type, self.name)

    def __bool__(self) -> bool:
        if is_true(self):
            return True
        where = capture_origins()
        raise SymbolicError(
            f"{describe(self)} has no truth value: it is a symbol, "
            "its numbers come when the function is called",
            origins=where,
            hint=instead_of_branch(where, is_scalar=getattr(self.type, "shape", None) == ()),
        )

    def __eq__(self, other: object) -> Any:
        """Whether it is the same symbol: variables live in dicts. `T.eq` compares values."""
        if self is other:
            return True
        if isinstance(other, Variable):
            with_symbol(self, other, "eq")
            return False
        if isinstance(other, _NUMBERS):
            with_number(self, other, "eq")
            return False
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        """Whether it is another symbol. `T.neq` compares values."""
        if self is other:
            return False
        if isinstance(other, Variable):
            with_symbol(self, other, "ne")
            return True
        if isinstance(other, _NUMBERS):
            with_number(self, other, "ne")
            return True
        return NotImplemented

    def __len__(self) -> int:
        raise SymbolicError(
            f"the length of {describe(self)} is not known yet", hint="x.shape[0] is its symbol"
        )

    def __iter__(self) -> Iterator[Variable]:
        sizes = self.tensor_type.shape
        if not sizes or sizes[0] is None:
            raise SymbolicError(
                f"cannot loop over {describe(self)}: how many items it has is not known yet",
                hint="kg.scan(...) loops inside the compiled function",
            )
        return (self[i] for i in range(sizes[0]))

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is None:
            return f"<{self.type}>"
        return text(self, f"{self.owner.op}.{self.index}")

    def __repr__(self) -> str:
        return str(self) if self.name is None else shortened(self.name)


class Constant(Variable):
    """A symbol whose numbers are known: a read-only copy of an array."""

    __slots__ = ("data",)

    def __init__(self, type: Type, data: Any, name: str | None = None) -> None:
        super().__init__(type, name)
        if is_array(data):
            data = np.array(data)  # a copy: the user may go on to change hers
            data.flags.writeable = False
        self.data: Any = data

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        if is_array(self.data):
            self.data.flags.writeable = False

    def clone(self) -> Constant:
        """A constant with the same numbers."""
        return Constant(self.type, self.data, self.name)

    @property
    def scalar(self) -> Any:
        """The one number of a constant whose elements are all the same bits, else None."""
        if not is_array(self.data) or self.data.size == 0:
            return None
        first = self.data.reshape(-1)[0]
        same = self.data.size == 1 or self.data.tobytes() == first.tobytes() * self.data.size
        return first if same else None

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if is_array(self.data) and self.data.size > 4:
            return f"<constant {self.type}>"
        return str(self.data)


class SharedVariable(Variable):
    """A symbol with a value of its own that functions read and update.

    `container` is a list of one item, the value; functions that share the variable share the list.
    """

    __slots__ = ("container", "default_update")

    def __init__(self, type: Type, container: list[Any], name: str | None = None) -> None:
        super().__init__(type, name)
        self.container = container
        self.default_update: Variable | None = None
        self.origins = capture_origins()

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """The current value: a copy, unless `borrow`. It is an array of NumPy's in any case, so
        `return_internal_type` changes nothing.
        """
        expect_flag(return_internal_type, "return_internal_type")
        value = self.container[0]
        return value if expect_flag(borrow, "borrow") else copied(value)

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Replace the value: by a copy, unless `borrow`.

        Lengths may change, dtype and rank may not. While a function in another thread updates the
        variable, this waits until it is done.

        Raises `DTypeError` and `ShapeError`.
        """
        fitting = self.type.filter(value, str(self))
        own = fitting if expect_flag(borrow, "borrow") else copied(fitting)
        store([self.container], [own])

    def zero(self, borrow: bool = False) -> None:
        """Fill the value with zeros: a new array, or with `borrow` the one that is there."""
        value = self.container[0]
        if expect_flag(borrow, "borrow") and is_array(value) and value.flags.writeable:
            value[...] = 0
        else:
            self.set_value(value * 0 if not is_array(value) else np.zeros_like(value), borrow=True)

    @property
    def value(self) -> Any:
        """Raises `SharedValueError`: values are read by `get_value()`, set by `set_value(…)`."""
        raise SharedValueError(
            f"{describe(self)} has no attribute value", hint="get_value() copies it out"
        )

    @value.setter
    def value(self, value: Any) -> None:
        raise SharedValueError(
            f"{describe(self)} has no attribute value", hint="set_value(…) replaces it"
        )

    def clone(self) -> SharedVariable:
        """A variable that shares the same container, and brings the same update."""
        copy = SharedVariable(self.type, self.container, self.name)
        copy.default_update = self.default_update
        return copy


class Apply(CarriedNode):
    """One use of an op: its inputs, its outputs, and where in the user's code it was written."""

    __slots__ = ("__weakref__", "inputs", "op", "origins", "outputs", "table")

    def __init__(self, op: Op, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        self.op = op
        self.inputs: list[Variable] = expect_list(inputs, "the inputs of a node", "symbols")
        self.outputs: list[Variable] = expect_list(outputs, "the outputs of a node", "symbols")
        self.origins: Origins = ()
        if isinstance(op, type) or not hasattr(op, "equal_sizes"):
            raise unfit("the op of a node", "an op", op, "subclasses of kg.Op, and kg.as_op")
        for variable in (*self.inputs, *self.outputs):
            if not isinstance(variable, Variable):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise unfit(f"an operand or result of {text_of(op)}", "a symbol", variable)
        others = set(map(id, self.inputs))
        for output in self.outputs:
            has_value = isinstance(output, (Constant, SharedVariable))
            if output.owner is not None or has_value or id(output) in others:
                message = f"a result of {text_of(op)} must be a new symbol, not {came(output)}"
                raise ArgumentError(message, hint="x.type() is a new symbol of the type of x")
            others.add(id(output))
        for index, output in enumerate(self.outputs):
            output.owner = self
            output.index = index

    @property
    def out(self) -> Variable:
        """The only output."""
        (out,) = self.outputs
        return out

    def clone_with(self, inputs: Sequence[Variable]) -> Apply:
        """The same op on other inputs of the same types, at the same place in the user's code."""
        outputs = [Variable(output.type, output.name) for output in self.outputs]
        node = Apply(self.op, inputs, outputs)
        node.origins = self.origins
        return node

    def __repr__(self) -> str:
        return self.op.applied([reference(v) for v in self.inputs])


def reference(variable: Variable) -> str:
    """A variable by its name, or as a result of its op: `exp.0`."""
    if variable.name is not None or variable.owner is None:
        return repr(variable)
    return f"{variable.owner.op}.{variable.index}"


def describe(variable: Variable) -> str:
    """A variable as errors name it: what people call it, and its type."""
    if variable.name:
        name = shortened(variable.name)
    elif variable.owner is not None:
        name = variable.owner.op.result_name(variable.owner)
    elif isinstance(variable, Constant):
        text = str(variable)
        name = "a constant" if text.startswith("<") or "\n" in text else f"the constant {text}"
    else:
        name = "an unnamed input"
    return f"{name} ({variable.type})"


Measure = int | tuple[Variable, int] | Variable
"""A size: a number, the size of an axis of a graph's input, or the value of an int64 scalar."""


COUNTED = "counted"
"""What a `SizeFact` about one size is for."""


@dataclass(frozen=True, eq=False)
class SizeFact:
    """Two products of sizes that are equal whenever the function runs without an error.

    `node` says so, as the user wrote it: for `pair`, two axes of its operands (see
    `Op.equal_sizes`), or, where that is None, for the number of elements that it keeps; where it is
    `COUNTED`, of a size that is given as a number, which equals the larger of itself and 0. What is
    `late` can be known only once some node has run.
    """

    node: Apply
    pair: Any
    left: tuple[Measure, ...]
    right: tuple[Measure, ...]
    late: bool = False

    @property
    def scalars(self) -> list[Variable]:
        """The sizes that are values of scalars."""
        return [m for m in (*self.left, *self.right) if isinstance(m, Variable)]

    def mapped(self, new: Mapping[Variable, Variable]) -> SizeFact:
        """The same fact of a copy of the graph."""
        return replace(self, left=_measures(self.left, new), right=_measures(self.right, new))


def _measures(measures: Sequence[Measure], new: Mapping[Variable, Variable]) -> tuple[Measure, ...]:
    def mapped(measure: Measure) -> Measure:
        if isinstance(measure, int):
            return measure
        if isinstance(measure, Variable):
            ends = leaves([measure], new.keys())
            return substitute([measure], {v: new[v] for v in ends if v in new})[0]
        return new.get(measure[0], measure[0]), measure[1]

    return tuple(mapped(measure) for measure in measures)


@dataclass(frozen=True, eq=False, repr=False)
class Graph(Displayed):
    """An expression with named ends: what a stage of the compiler takes and gives.

    It is not changed once made.

    `donations` says which output may overwrite which input's buffer (updates of shared variables):
    {output: input}. `facts` are the equalities between sizes that hold whatever rewriting makes of
    the nodes; None where they are still to be read from the nodes (see `size_facts`).
    """

    inputs: tuple[Variable, ...]
    outputs: tuple[Variable, ...]
    donations: Mapping[int, int] = field(default_factory=dict[int, int])
    name: str = "f"
    facts: tuple[SizeFact, ...] | None = None

    @property
    def late(self) -> list[Variable]:
        """The scalars, made by nodes of the graph, that facts compare once they are there."""
        return [v for fact in self.facts or () if fact.late for v in fact.scalars]

    def __post_init__(self) -> None:
        for what, ends in (("inputs", self.inputs), ("outputs", self.outputs)):
            for variable in expect_list(ends, f"the {what} of a graph", "symbols"):
                expect_kind(variable, Variable, f"each of the {what} of a graph", "a symbol")
        expect_table(self.donations, "donations", "inputs by output")

    def apply_nodes(self) -> list[Apply]:
        """The nodes, producers before consumers."""
        return list(walk((*self.outputs, *self.late), self.inputs))

    def clone(self) -> tuple[Graph, dict[Variable, Variable]]:
        """A deep copy with leaves of its own, and the map from old variables to new."""
        new: dict[Variable, Variable] = {variable: variable.clone() for variable in self.inputs}
        for node in self.apply_nodes():
            for variable in node.inputs:
                if variable not in new:
                    new[variable] = variable.clone()
            copy = node.clone_with([new[variable] for variable in node.inputs])
            new.update(zip(node.outputs, copy.outputs, strict=True))
        for variable in self.outputs:
            if variable not in new:
                new[variable] = variable.clone()
        inputs = tuple(new[variable] for variable in self.inputs)
        outputs = tuple(new[variable] for variable in self.outputs)
        facts = None if self.facts is None else tuple(fact.mapped(new) for fact in self.facts)
        return Graph(inputs, outputs, self.donations, self.name, facts), new

    def __repr__(self) -> str:
        nodes = self.apply_nodes()
        numbers = {node: number for number, node in enumerate(nodes)}
        inputs = set(self.inputs)

        def references(variables: Sequence[Variable]) -> list[str]:
            return [_reference(v, numbers, inputs) for v in variables]

        def line(node: Apply) -> str:
            made = listed_names(references(node.outputs))
            return f"  {made} = {node.op.applied(references(node.inputs))}"

        lines = [f"{shortened(self.name)}({listed_names([*map(describe, self.inputs)])})"]
        lines += map(line, nodes[:200])
        if len(nodes) > 200:
            lines.append(f"  … {len(nodes) - 200} more nodes")
        lines.append(f"  return {listed_names(references(self.outputs))}")
        return "\n".join(lines)


def _reference(variable: Variable, numbers: Mapping[Apply, int], inputs: Set[Variable]) -> str:
    if variable.owner is None or variable in inputs:
        return repr(variable)
    suffix = f".{variable.index}" if len(variable.owner.outputs) > 1 else ""
    return f"%{numbers[variable.owner]}{suffix}"
