"""Ops: what a node computes. One class per *kind* of op, one block per op.

The stages of the compiler know an op by its kind only: an `Elementwise` is a formula for one element, a `Reduction` a
state that is combined, a `View` a map between indices, and so on. A definition holds the op's NumPy meaning, its
derivative, its C text and its LaTeX; it imports neither the differentiator nor a printer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError, KernelgraphError, ShapeError, capture_origins
from kernelgraph.graph import Apply, Constant, Operators, Variable, describe
from kernelgraph.types import Array, Shape, TensorType, Type, as_array, autocast, check_dtype, to_float, upcast

OPERANDS = "xyzuvw"
"""Names of the operands in templates, in order."""

OPS: dict[str, Callable[..., Any]] = {}
"""The op table: elementwise definitions and the functions that build all other nodes, by name. Definitions that are each
other's derivative find each other here."""


@dataclass(frozen=True)
class Axis:
    """A size that is the size of axis `axis` of operand `operand`."""

    operand: int
    axis: int


Size = Axis | int | Variable | None
"""Where the size of an output's dimension comes from: an operand's axis, a number, a scalar expression of the operands,
or None: known only once the op has run."""

Cotangents = Sequence[Variable | None]


class Pattern(Operators):
    """An expression with holes, made by calling an op on a hole: the left side of a rewrite rule."""

    __slots__ = ("inputs", "name", "op")

    def __init__(self, op: Op | None, inputs: Sequence[Any], name: str = "") -> None:
        self.op = op
        self.inputs = tuple(inputs)
        self.name = name

    def __repr__(self) -> str:
        return self.name if self.op is None else f"{self.op}({', '.join(map(repr, self.inputs))})"


class Op:
    """An operation. Users subclass it as in Theano: `make_node`, `perform`, `grad`; `__props__` names what tells two
    instances apart (without it, an instance equals only itself)."""

    __props__: tuple[str, ...] | None = None
    name: str = ""
    commutative = False

    def make_node(self, *inputs: Any) -> Apply:
        """Check the inputs, work out the types of the outputs, and return the new node."""
        raise NotImplementedError(f"{type(self).__name__} does not define make_node")

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        """Compute the outputs with NumPy into `output_storage[k][0]`."""
        raise NotImplementedError(f"{type(self).__name__} does not define perform")

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The values of the outputs: the meaning of the op."""
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        self.perform(node, list(inputs), storage)
        return [cell[0] for cell in storage]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """For each input, the vector-Jacobian product with the outputs' cotangents (None: no dependence)."""
        if not hasattr(self, "grad"):
            raise KernelgraphError(f"{self} has no derivative", code="KG-G022", origins=node.origins)
        given = [c if c is not None else OPS["zeros_like"](v) for c, v in zip(cotangents, node.outputs, strict=True)]
        grads: Sequence[Variable | None] = self.grad(node.inputs, given)  # type: ignore[attr-defined]
        return grads

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """For each output, the Jacobian-vector product with the inputs' tangents (None: zero)."""
        raise KernelgraphError(f"{self} has no forward derivative", code="KG-G022", origins=node.origins)

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        """Pairs of operands' axes whose sizes must agree when the function runs."""
        return ()

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """For each output and axis, where its size comes from."""
        return [
            [None] * output.type.ndim if isinstance(output.type, TensorType) else [] for output in node.outputs
        ]

    def size_error(self, node: Apply, pair: tuple[Axis, Axis], sizes: tuple[int, int]) -> ShapeError:
        """The error for a pair of `equal_sizes` that disagree."""
        (a, b), (m, n) = pair, sizes
        left, right = node.inputs[a.operand], node.inputs[b.operand]
        return ShapeError(
            f"{self}: dimension {a.axis} of {describe(left)} has size {m}, "
            f"dimension {b.axis} of {describe(right)} has size {n}",
            code="KG-S001",
            origins=node.origins,
            because="sizes must be equal; only a dimension declared to have size 1 is repeated",
            hint="declare the repeated dimension: T.row, T.col, or x.dimshuffle(…, 'x')",
        )

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
        if any(isinstance(value, Pattern) for value in inputs):
            return Pattern(self, inputs)
        node = self.make_node(*inputs)
        if not node.origins:
            node.origins = capture_origins()
        return node.outputs[0] if len(node.outputs) == 1 else node.outputs

    def _identity(self) -> tuple[Any, ...]:
        names = self.__props__
        return (id(self),) if names is None else (type(self), *(getattr(self, name) for name in names))

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


def as_variable(value: Any, name: str | None = None) -> Any:
    """A symbol for `value`: variables (and patterns) stay themselves, numbers and arrays become constants.

    Raises `DTypeError` for values that are neither.
    """
    if isinstance(value, Variable | Pattern):
        return value
    if isinstance(value, bool | int | float):
        data = np.array(value, dtype=autocast(value))
    elif isinstance(value, list | tuple) and any(isinstance(item, Variable) for item in value):  # pyright: ignore
        return OPS["stack"](*value)  # pyright: ignore[reportUnknownArgumentType]
    else:
        data = as_array(value, "a constant")
        check_dtype(data.dtype)
        data = data.astype(data.dtype.newbyteorder("="), copy=False)
    constant = Constant(TensorType(data.dtype.name, data.shape), data, name)
    constant.origins = capture_origins()
    return constant


# ---------------------------------------------------------------------------------------------------- elementwise

Signature = Callable[[Sequence[str]], tuple[Sequence[str], str]]
"""From the operands' dtypes to the dtypes in which the op reads them, and the dtype of its result."""


def arithmetic(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Everything in the common dtype."""
    common = upcast(*dtypes)
    return [common] * len(dtypes), common


def numeric(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype, which must not be bool (as in NumPy's subtract and negative)."""
    operands, common = arithmetic(dtypes)
    if common == "bool":
        raise DTypeError("this operator is not defined for bool", code="KG-D003", hint="logical operators, or cast")
    return operands, common


def floating(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype made a float: functions such as exp."""
    common = to_float(upcast(*dtypes))
    return [common] * len(dtypes), common


def comparison(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Compared in the common dtype, with a truth value as result."""
    return [upcast(*dtypes)] * len(dtypes), "bool"


class Elementwise(Op):
    """A formula applied to each element. Operands of lower rank are padded on the left with broadcast dimensions.

    `c` is the formula as text with the operands in braces; it serves C, CUDA and, if no `python` is given, Python.
    `partials(*operands, out)` gives the partial derivative for each operand (None: zero everywhere).
    """

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        numpy: Callable[..., Any],
        c: str,
        python: str | None = None,
        cuda: str | None = None,
        latex: str | None = None,
        partials: Callable[..., Sequence[Any]] | None = None,
        signature: Signature = arithmetic,
        arity: int = 1,
        commutative: bool = False,
        parameters: tuple[Any, ...] = (),
        cost: int = 1,
    ) -> None:
        self.name = name
        self.__doc__ = doc
        self.numpy = numpy
        self.c = c
        self.python = python or c
        self.cuda = cuda or c
        self.latex = latex or rf"\operatorname{{{name}}}\left({', '.join('{' + v + '}' for v in OPERANDS[:arity])}\right)"
        self.partials = partials
        self.signature = signature
        self.arity = arity
        self.commutative = commutative
        self.parameters = parameters
        self.cost = cost

    def _identity(self) -> tuple[Any, ...]:
        return (Elementwise, self.name, self.parameters)

    def __str__(self) -> str:
        return self.name + (f"{{{', '.join(map(str, self.parameters))}}}" if self.parameters else "")

    __repr__ = __str__

    def make_node(self, *inputs: Any) -> Apply:
        """Align the operands by explicit DimShuffles. Raises `ShapeError` (KG-S001) for sizes known to differ."""
        if len(inputs) != self.arity:
            raise TypeError(f"{self} takes {self.arity} operands, got {len(inputs)}")
        variables: list[Variable] = [as_variable(value) for value in inputs]
        rank = max(variable.ndim for variable in variables)
        aligned = [pad_left(variable, rank) for variable in variables]
        try:
            _, dtype = self.signature([variable.dtype for variable in aligned])
        except DTypeError as error:
            described = ", ".join(map(describe, variables))
            raise DTypeError(
                f"{self}({described}): {error.message}", code=error.code, origins=capture_origins(), hint=error.hint
            ) from None
        shape = broadcast_shape(self, variables, aligned)
        return Apply(self, aligned, [Variable(TensorType(dtype, shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The formula by NumPy, in the dtypes of the signature."""
        dtypes, out = self.signature([variable.dtype for variable in node.inputs])
        operands = [np.asarray(value).astype(d, copy=False) for value, d in zip(inputs, dtypes, strict=True)]
        with np.errstate(all="ignore"):
            return [np.asarray(self.numpy(*operands)).astype(out, copy=False)]

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        """Along each dimension, all operands that are not broadcast."""
        for axis in range(node.out.ndim):
            full = [k for k, operand in enumerate(node.inputs) if not operand.broadcastable[axis]]
            for other in full[1:]:
                yield Axis(full[0], axis), Axis(other, axis)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """Along each dimension, the size of the first operand that is not broadcast."""
        out: list[Size] = []
        for axis in range(node.out.ndim):
            full = (k for k, operand in enumerate(node.inputs) if not operand.broadcastable[axis])
            first = next(full, None)
            out.append(1 if first is None else Axis(first, axis))
        return [out]


def elementwise(name: str, doc: str, **definition: Any) -> Elementwise:
    """Declare an elementwise op and enter it in the op table. See `Elementwise` for the parts of a definition."""
    op = Elementwise(name, doc, **definition)
    OPS[name] = op
    return op


def broadcast_shape(op: Op, operands: Sequence[Variable], aligned: Sequence[Variable]) -> Shape:
    """The sizes of an elementwise result; raises `ShapeError` (KG-S001) where two known sizes differ."""
    shape: list[int | None] = []
    for axis in range(aligned[0].ndim):
        sizes = [variable.tensor_type.shape[axis] for variable in aligned]
        full = {size for size in sizes if size is not None and size != 1}
        if len(full) > 1:
            raise _broadcast_error(op, operands, aligned, axis)
        shape.append(full.pop() if full else (None if None in sizes else 1))
    return tuple(shape)


def _broadcast_error(op: Op, operands: Sequence[Variable], aligned: Sequence[Variable], axis: int) -> ShapeError:
    rows = [[("?" if s is None else str(s)) for s in variable.tensor_type.shape] for variable in aligned]
    width = max(len(cell) for row in rows for cell in row)
    names = [variable.name or f"operand {k}" for k, variable in enumerate(operands)]
    left = max(map(len, names))
    table = [f"{n:>{left}}: " + "  ".join(f"{cell:>{width}}" for cell in row) for n, row in zip(names, rows, strict=True)]
    mark = " " * (left + 2) + "  ".join(("^" * width if k == axis else " " * width) for k in range(len(rows[0])))
    return ShapeError(
        f"{op}: shapes do not match along dimension {axis}: {' and '.join(map(describe, operands))}",
        code="KG-S001",
        origins=capture_origins(),
        because="\n    ".join(["aligned on the right:", *table, mark.rstrip()]),
        hint="sizes must be equal, or one of them declared as 1",
    )


# ---------------------------------------------------------------------------------------------------------- views


class View(Op):
    """A map from the indices of the result to those of its first operand; no number is computed."""

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        """The operand's index for the result's `index`; entries are taken from `index` or are the number 0."""
        raise NotImplementedError


class DimShuffle(View):
    """Reorder, drop and insert dimensions: `order` names the operand's axis for each result axis, or "x" for a new
    dimension of size 1. A dropped dimension must have size 1."""

    __props__ = ("order",)
    name = "dimshuffle"

    def __init__(self, order: Sequence[int | str]) -> None:
        self.order = tuple(order)

    @cached_property
    def inverse(self) -> dict[int, int]:
        """From the operand's axis to the result's."""
        return {source: axis for axis, source in enumerate(self.order) if isinstance(source, int)}

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` for an axis that is not there, twice there, or dropped without having size 1."""
        x: Variable = as_variable(inputs[0])
        kept = [source for source in self.order if source != "x"]
        if len(set(kept)) != len(kept) or any(not isinstance(k, int) or not 0 <= k < x.ndim for k in kept):
            raise ShapeError(f"dimshuffle{self.order} does not fit {describe(x)}", code="KG-S003", origins=capture_origins())
        for axis, broadcast in enumerate(x.broadcastable):
            if axis not in kept and not broadcast:
                raise ShapeError(
                    f"dimshuffle{self.order} drops dimension {axis} of {describe(x)}, whose size is not 1",
                    code="KG-S007",
                    origins=capture_origins(),
                )
        shape = tuple(x.tensor_type.shape[k] if isinstance(k, int) else 1 for k in self.order)
        return Apply(self, [x], [Variable(TensorType(x.dtype, shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """A NumPy view of the operand."""
        x: Array = np.asarray(inputs[0])
        kept = [k for k in self.order if isinstance(k, int)]
        dropped = [axis for axis in range(x.ndim) if axis not in kept]
        moved = x.transpose(kept + dropped)
        index = tuple(np.newaxis if k == "x" else slice(None) for k in self.order)
        return [moved[(..., *([0] * len(dropped)))][index]]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        """The same indices in the operand's order, 0 in dropped dimensions."""
        return [index[self.inverse[axis]] if axis in self.inverse else 0 for axis in range(node.inputs[0].ndim)]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """Moved with the axes; 1 for new ones."""
        return [[Axis(0, k) if isinstance(k, int) else 1 for k in self.order]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The axes moved back."""
        return [None if cotangents[0] is None else self.transposed(node.inputs[0].ndim)(cotangents[0])]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """Linear: the same view of the tangent."""
        return [None if tangents[0] is None else self(tangents[0])]

    def transposed(self, rank: int) -> DimShuffle:
        """The view that undoes this one for operands of the given rank."""
        return DimShuffle([self.inverse.get(axis, "x") for axis in range(rank)])


def dimshuffle(x: Variable, order: Sequence[int | str]) -> Variable:
    """`x` with its dimensions reordered; nothing happens when the order changes nothing."""
    return x if tuple(order) == tuple(range(x.ndim)) else DimShuffle(order)(x)


def pad_left(x: Variable, rank: int) -> Variable:
    """`x` with broadcast dimensions put before its own until it has `rank` of them."""
    missing = rank - x.ndim
    return x if missing == 0 else dimshuffle(x, ["x"] * missing + list(range(x.ndim)))


# ----------------------------------------------------------------------------------------- reductions and the rest


@dataclass(frozen=True)
class State:
    """One number that a reduction keeps: its dtype (or a function of the operand's dtype), and what it starts from."""

    name: str
    start: Callable[[str], Any]
    dtype: Callable[[str], str]
    combine: str
    python: str | None = None


class Reduction(Op):
    """Some dimensions folded into a state, number by number: `states` start, `lets` and `combine` take one element
    `{x}` (its place along the reduced axis is `{i}`), and `finish` makes the outputs from the states.

    `associative` says that the numbers may be combined in any grouping, so that several partial states may run side by
    side. A reduction over nothing starts and finishes; `nonempty` forbids it.
    """

    __props__ = ("name", "axes")
    states: tuple[State, ...] = ()
    lets: tuple[State, ...] = ()
    finish: tuple[str, ...] = ()
    associative = False
    nonempty = False
    merge: str | None = None

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

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """The kept axes."""
        kept = [Axis(0, axis) for axis in range(node.inputs[0].ndim) if axis not in self.axes]
        return [kept for _ in node.outputs]

    def check_not_empty(self, node: Apply, shape: Sequence[int]) -> None:
        """Raises `ShapeError` (KG-S010) where a reduced axis has size 0 and there is no value for that."""
        for axis in self.axes:
            if self.nonempty and shape[axis] == 0:
                raise self.empty_error(node, axis)

    def empty_error(self, node: Apply, axis: int) -> ShapeError:
        """The error for a reduction of nothing that has no value."""
        return ShapeError(
            f"{self.name} of an empty axis: dimension {axis} of {describe(node.inputs[0])} has size 0",
            code="KG-S010",
            origins=node.origins,
        )


class Contraction(Op):
    """Sums of products over shared axes: `dot`. Loops or a library do it; the plan decides."""


class Indexing(Op):
    """A part of an array: slices, or elements named by other arrays."""


class Control(Op):
    """An op that holds a graph, which it runs never, once or many times (`ifelse`, `scan`)."""


class Source(Op):
    """A value made from sizes alone."""


class Opaque(Op):
    """A Python function or a library call, of which only the operands' and results' types are known."""


def check_types(name: str, types: Sequence[Type]) -> None:
    """Raises `DTypeError` for anything that is not a type (a common slip: `T.dvector()` for `T.dvector`)."""
    for item in types:
        if not isinstance(item, Type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise DTypeError(f"{name} must be types such as T.dmatrix, got {item!r}", code="KG-D002")


def named_operands(template_values: Sequence[Any]) -> Mapping[str, Any]:
    """Operands by the names that templates give them."""
    return dict(zip(OPERANDS, template_values, strict=False))
