"""Ops: what a node computes. One class per *kind* of op, one block per op.

The stages of the compiler know an op by its kind only: an `Elementwise` is a formula for one
element, a `Reduction` a state that is combined, a `View` a map between indices, and so on. A
definition holds the op's NumPy meaning, its derivative, its C text and its LaTeX; it imports
neither the differentiator nor a printer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from kernelgraph.access import Access, Axis, Layout, Need, Picked
from kernelgraph.comparisons import as_operand
from kernelgraph.errors import (
    DTypeError,
    IndexingError,
    KernelgraphError,
    Operand,
    ShapeError,
    UnfinishedOpError,
    capture_origins,
)
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe
from kernelgraph.hooks import node_made
from kernelgraph.mismatches import sized, sizes_differ
from kernelgraph.names import listed_names
from kernelgraph.notices import Notice
from kernelgraph.partials import Linear, checked_gradients
from kernelgraph.routines import Routine
from kernelgraph.symbols import Pattern
from kernelgraph.templates import ScalarOp, State, Template
from kernelgraph.types import (
    DTYPES,
    Array,
    TensorType,
    as_array,
    autocast,
    check_dtype,
    computing,
    is_python_number,
    listed,
    owned,
    read_only,
    set_variable,
)

Size = Axis | int | Variable | None
"""Where the size of an output's dimension comes from: an operand's axis, a number, a scalar
expression of the operands, or None: known only once the op has run.
"""

Cotangents = Sequence[Variable | None]
set_variable(Variable)


class Op:
    """An operation.

    Users subclass it: `make_node`, `perform`, `grad`; `__props__` names what tells two instances
    apart (without it, an instance equals only itself).
    """

    __props__: tuple[str, ...] | None = None
    name: str = ""
    commutative = False
    linear: Linear | None = None
    looped = False
    """Whether loops compute it: what it reads says `access`."""
    virtual = False
    """Whether it is only another way to index its operand, or a size: no memory, no work."""
    lies_in: int | None = None
    """The operand in whose memory the result lies, a part of it or written to it; None: its own."""
    host_work = "run by the host", "its work is not a loop over elements"
    """What the plan says of an op that the host runs, and why it does."""

    def make_node(self, *inputs: Any) -> Apply:
        """Check the inputs, work out the types of the outputs, and return the new node."""
        raise UnfinishedOpError(
            f"{type(self).__name__} does not define make_node",
            hint="a class of ops has make_node and perform; of a function, kg.as_op makes an op",
        )

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        """Compute the outputs with NumPy into `output_storage[k][0]`."""
        message = f"{type(self).__name__} does not define perform"
        raise UnfinishedOpError(message, origins=node.origins)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The values of the outputs: the meaning of the op."""
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        self.perform(node, [read_only(value) for value in inputs], storage)
        return [owned(cell[0]) for cell in storage]

    @property
    def foreign(self) -> bool:
        """Whether a function of the user's says what it means, here `perform`."""
        return type(self).perform is not Op.perform

    @property
    def has_own_gradient(self) -> bool:
        """Whether a user wrote `grad` or `L_op`, which are there only then."""
        return hasattr(self, "grad") or hasattr(self, "L_op")

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """For each input, the vector-Jacobian product with the outputs' cotangents (None: no
        dependence; a user's `grad` gets zeros).
        """
        user_op: Any = self
        if not self.has_own_gradient:
            what = f"{self} has no derivative"
            raise KernelgraphError(what, code="KG-G022", origins=node.origins)
        if hasattr(self, "L_op"):
            found = user_op.L_op(node.inputs, node.outputs, cotangents)
        else:
            found = user_op.grad(node.inputs, cotangents)
        return checked_gradients(node, found)

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """For each output, the Jacobian-vector product with the inputs' tangents (None: zero)."""
        user_op: Any = self
        if hasattr(self, "R_op"):
            return user_op.R_op(node.inputs, tangents)
        what = f"{self} has no forward derivative"
        raise KernelgraphError(what, code="KG-G022", origins=node.origins)

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        """Pairs of operands' axes whose sizes must agree when the function runs."""
        return ()

    def kept_elements(self, node: Apply) -> tuple[Sequence[Size], Sequence[Size]] | None:
        """Two lists of sizes whose products must agree when the function runs, if there are such:
        those of an operand and of the result that has all its elements.
        """
        return None

    def counts(self, node: Apply) -> Sequence[Size]:
        """Sizes of the result that are given as numbers, which must not be negative."""
        return ()

    def next_states(self, node: Apply) -> Mapping[int, int]:
        """The operands that are states of random streams, each with the output that follows."""
        return {}

    def access(self, node: Apply) -> Access:
        """Which elements of its operands make an element of the result, for ops that loops compute;
        numbers, unless the kind says otherwise.
        """
        return Access([(k, ()) for k in range(len(node.inputs))])

    def needs(self, node: Apply) -> Sequence[Need]:
        """How each operand must be there."""
        return [Need.ANY if self.looped or self.virtual else Need.SLOT] * len(node.inputs)

    def routine(self, node: Apply) -> Routine | None:
        """What does the same without Python, if the host runs it."""
        return None

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """For each output and axis, where its size comes from."""
        return [
            [None] * output.type.ndim if isinstance(output.type, TensorType) else []
            for output in node.outputs
        ]

    def result_name(self, node: Apply) -> str:
        """What errors call a result of `node` that has no name."""
        return f"the result of {self}"

    def size_error(
        self, node: Apply, pair: tuple[Axis, Axis], sizes: tuple[int, int]
    ) -> ShapeError:
        """The error for a pair of `equal_sizes` that disagree."""
        return sizes_differ(node, pair, sizes)

    def elements_error(self, node: Apply, old: Sequence[int], new: Sequence[int]) -> ShapeError:
        """The error for `kept_elements` whose products disagree."""
        raise NotImplementedError(f"{self} keeps no elements")

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """The error for an index of the operands that lies outside an axis of this size."""
        raise NotImplementedError(f"{self} has no indices")

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        """The error for a result that would have less than no rows."""
        message, found = f"{node!r}: a size cannot be {size}", Operand(str(self), (size,), (0,))
        return ShapeError(message, code="KG-S009", origins=node.origins, operands=(found,))

    def rebuild(self, node: Apply, inputs: Sequence[Variable]) -> Apply:
        """This op on other inputs, at the same place in the user's code."""
        same = all(
            isinstance(a.type, type(b.type)) and a.type == b.type
            for a, b in zip(inputs, node.inputs, strict=True)
        )
        if same:
            return node.clone_with(inputs)
        copy = self.make_node(*inputs)
        copy.origins = node.origins
        for old, new in zip(node.outputs, copy.outputs, strict=True):
            new.name = old.name
        return copy

    def __call__(self, *inputs: Any) -> Any:
        for value in inputs:
            if isinstance(value, Pattern):
                return Pattern(self, inputs)
        node = self.make_node(*inputs)
        if not node.origins:
            node.origins = capture_origins()
        node_made(node)
        return node.outputs[0] if len(node.outputs) == 1 else node.outputs

    def _identity(self) -> tuple[Any, ...]:
        names = self.__props__
        return (
            (id(self),) if names is None else (type(self), *(getattr(self, name) for name in names))
        )

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Op) and self._identity() == other._identity())

    def __hash__(self) -> int:
        return hash(self._identity())

    def __str__(self) -> str:
        if not self.__props__ or self.__props__ == ("name",):
            return self.name or type(self).__name__
        values = ", ".join(str(getattr(self, name)) for name in self.__props__ if name != "name")
        return f"{self.name or type(self).__name__}{{{values}}}"

    __repr__ = __str__

    def applied(self, operands: Sequence[str], name: str | None = None) -> str:
        """The op, perhaps by another name, with its operands in words: `exp(x)`, `x[1:]`."""
        return f"{name or self}({listed_names(operands)})"


def _constant_data(value: Any) -> Array:
    try:
        data = as_array(value, "a constant")
        check_dtype(data.dtype)
    except DTypeError as error:
        error.origins = capture_origins()
        raise
    return data.astype(data.dtype.newbyteorder("="), copy=False)


_DTYPES = {np.dtype(name): name for name in DTYPES}
"""Of arrays that become constants as they are; `np.dtype.name` is worked out at each look."""


def as_variable(value: Any, name: str | None = None) -> Any:
    """A symbol for `value`: variables (and patterns) stay themselves, numbers and arrays become
    constants. A scalar of NumPy keeps its dtype; a number of Python gets one from `autocast`.

    Raises `DTypeError` for values that are neither.
    """
    if isinstance(value, (Variable, Pattern)):
        return value
    if isinstance(value, bool):
        as_operand(value)
    data: Array
    if type(value) is np.ndarray and value.dtype in _DTYPES:
        data, dtype = value, _DTYPES[value.dtype]
    elif is_python_number(value):
        data = np.array(value, dtype := autocast(value))
    elif symbols := [item for item in listed(value) if isinstance(item, Variable)]:
        return symbols[0].__vector__(*listed(value))
    else:
        dtype = (data := _constant_data(value)).dtype.name
    constant = Constant(TensorType(dtype, data.shape), data, name)
    constant.origins = capture_origins()
    return constant


class View(Op):
    """A map from the indices of the result to those of its first operand; no number is computed."""

    virtual = True

    linear = Linear()

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        """The operand's index for the result's `index`: entries of `index`, or the number 0."""
        raise NotImplementedError


class Accumulation(Op):
    """Some dimensions folded into a state, element by element: `states` start, `lets` and `combine`
    take one element `{x}` (its place along the reduced axis is `{i}`), and `finish` makes the
    outputs from the states.

    An element is one of the operand, or what `product` makes of one of each operand.
    `associative` says that elements may be combined in any grouping, so that several partial
    states may run side by side. `gives` says when the outputs are made: at the end, or for every
    element, "before" or "after" it went into the states (running sums; elements by `OPERANDS`).
    `notice` is about a state at the end.
    """

    looped = True

    states: tuple[State, ...] = ()
    lets: tuple[State, ...] = ()
    finish: tuple[Template, ...] = ()
    product: ScalarOp | None = None
    associative = False
    gives = "at the end"
    notice: Notice | None = None

    def element_dtype(self, node: Apply) -> str:
        """The dtype in which operands are read; for it, the states say what theirs are."""
        return computing(node.inputs[0].dtype)


class Reduction(Accumulation):
    """An operand folded along some of its axes. A reduction over nothing starts and finishes;
    `nonempty` forbids it.
    """

    __props__ = ("name", "axes")
    nonempty = False
    chooses = False
    """Whether the results are exact: elements that were there before, or places of such."""

    def __init__(self, axes: Sequence[int]) -> None:
        self.axes = tuple(axes)

    def make_node(self, *inputs: Any) -> Apply:
        """Outputs have the operand's sizes without the reduced axes."""
        x: Variable = as_variable(inputs[0])
        shape = tuple(s for axis, s in enumerate(x.tensor_type.shape) if axis not in self.axes)
        outputs = [Variable(TensorType(dtype, shape)) for dtype in self.output_dtypes(x.dtype)]
        return Apply(self, [x], outputs)

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        """dtypes of the outputs for an operand of `dtype`."""
        return [dtype]

    def partials(self, node: Apply) -> Sequence[Any]:
        """For each output, its derivative by each element, as `Elementwise` has them."""
        raise NotImplementedError

    def access(self, node: Apply) -> Access:
        """All elements along the axes that are reduced."""
        kept = iter(range(node.inputs[0].ndim))
        entries = [
            ~self.axes.index(axis) if axis in self.axes else next(kept)
            for axis in range(node.inputs[0].ndim)
        ]
        return Access([(0, entries)], [Axis(0, axis) for axis in self.axes])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """The kept axes."""
        kept = [Axis(0, axis) for axis in range(node.inputs[0].ndim) if axis not in self.axes]
        return [kept for _ in node.outputs]

    def check_not_empty(self, node: Apply, shape: Sequence[int]) -> None:
        """Raises `ShapeError` (KG-S010) if a reduced axis has size 0 and that has no value."""
        for axis in self.axes:
            if self.nonempty and shape[axis] == 0:
                raise self.empty_error(node, axis)

    def empty_error(self, node: Apply, axis: int) -> ShapeError:
        """The error for a reduction of nothing that has no value."""
        return ShapeError(
            f"{self.name} of an empty axis: "
            f"dimension {axis} of {describe(node.inputs[0])} has size 0",
            code="KG-S010",
            origins=node.origins,
            hint=f"where it may be empty: kg.ifelse(T.gt(x.shape[{axis}], 0), …, 0.0)",
            operands=(sized(node.inputs[0], axis, 0),),
        )


class Contraction(Accumulation):
    """Sums of products over shared axes: `dot`. Loops or a library do it; the plan decides."""

    states = (State("total", lambda dtype: 0, lambda dtype: dtype, "{total} + {x}"),)
    finish = (Template("dot", "{total}"),)
    associative = True

    def element_dtype(self, node: Apply) -> str:
        """The common one, in which the products are summed."""
        return computing(node.out.dtype)


class Placing(Op):
    """Elements of an array, or for one, at places that the operands behind the first say."""

    def layout(self, node: Apply) -> Layout | None:
        """Where the elements lie in the array; None: not in one place."""
        return None

    def picked(self, node: Apply) -> Picked | None:
        """Which axes of the array those operands, if they are index arrays, are for."""
        return None


class Indexing(Placing):
    """A part of an array: slices, or elements named by other arrays."""

    def pieces(self, *operands: Variable) -> Sequence[Piece]:
        """What the result is put together from: pieces for the operand that it needs as its `OWN`,
        or for new memory, all of which they fill; else none.
        """
        return ()

    def needs(self, node: Apply) -> Sequence[Need]:
        """The plan makes writes of what has no loops."""
        return [Need.ANY] * len(node.inputs)


class Selection(Indexing):
    """What an index of NumPy's picks from the first operand; elements can be written there, too."""

    def numpy_index(self, node: Apply, x: Any, where: Sequence[Any]) -> Any:
        """That index of `x`, for a node that reads or writes there."""
        raise NotImplementedError


class Piece(NamedTuple):
    """Elements put, or added, where `forward` would read with the operands `where`."""

    elements: Variable
    forward: Selection
    where: Sequence[Variable]
    adds: bool = False


class Part(Indexing):
    """Another description of the memory of the first operand; the others, numbers, say which."""

    lies_in = 0

    def layout(self, node: Apply) -> Layout:
        raise NotImplementedError

    def needs(self, node: Apply) -> Sequence[Need]:
        return [Need.MEMORY, *[Need.NUMBER] * (len(node.inputs) - 1)]


class Scatter(Placing):
    """Elements of the first operand put where others say: the transpose of a part.

    All else of the result is `fill`; None: what was written before. `adds` says whether several
    elements may come to one place; they are added in their order.
    """

    looped = True

    adds = False
    fill: Any = 0

    def needs(self, node: Apply) -> Sequence[Need]:
        where = Need.ANY if self.layout(node) is None else Need.NUMBER
        return [Need.ANY, *[where] * (len(node.inputs) - 1)]

    def access(self, node: Apply) -> Access:
        """An element of the first operand at a time."""
        rank = node.inputs[0].ndim
        return Access([(0, [~k for k in range(rank)])], [Axis(0, k) for k in range(rank)], True)


class Control(Op):
    """An op that holds a graph, which it runs never, once or many times (`ifelse`, `scan`)."""

    graphs: tuple[Graph, ...]

    def needs(self, node: Apply) -> Sequence[Need]:
        """What graphs read, wherever it lies."""
        return [Need.MEMORY] * len(node.inputs)


class Creation(Op):
    """A value made from sizes alone."""


class Opaque(Op):
    """A Python function or a library call, of which only types are known."""

    hands_on: int | None = None
    """Its results are the operands from this one on, with an effect besides; None: neither."""


class Composite(Opaque):
    """Simpler ops that are one op for a while. Its meaning is what `expand` makes of operands."""

    def expand(self, *operands: Variable) -> Variable:
        """The result, made of simpler ops."""
        raise NotImplementedError
