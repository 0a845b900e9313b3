"""Elementwise ops: a formula for one element, applied to all; and the view that aligns their
operands.

Calling an elementwise op puts operands of lower rank into line with explicit `DimShuffle` nodes, so
that a graph shows every broadcast that it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, Required, TypedDict, Unpack

import numpy as np

from kernelgraph.access import Access
from kernelgraph.comparisons import as_condition
from kernelgraph.errors import ArgumentError, DTypeError, Operand, Operands, ShapeError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.lazy import cached_property
from kernelgraph.mismatches import REAL_PARTS, expect_order, sized, typed
from kernelgraph.names import shortened
from kernelgraph.notices import Notice, comes_up, no_notice, tell
from kernelgraph.op import Axis, Cotangents, Op, Size, View, as_variable
from kernelgraph.templates import CALLED, OPERANDS, Helper
from kernelgraph.types import (
    DTYPES,
    Array,
    Shape,
    TensorType,
    computing,
    is_complex,
    real_part_of,
    to_float,
    upcast,
)


class DimShuffle(View):
    """Reorder, drop and insert dimensions: `order` names the operand's axis for each result axis,
    or "x" for a new dimension of size 1. A dropped dimension must have size 1.
    """

    __props__ = ("order",)
    name = "dimshuffle"

    def __init__(self, order: Sequence[int | str]) -> None:
        self.order = tuple(order)

    @cached_property
    def inverse(self) -> dict[int, int]:
        """From the operand's axis to the result's."""
        return {source: axis for axis, source in enumerate(self.order) if isinstance(source, int)}

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `AxisError` for an axis that is not there or twice there, `ShapeError` (KG-S007)
        for one that is dropped without having size 1.
        """
        x: Variable = as_variable(inputs[0])
        sizes, kept = x.tensor_type.shape, self.inverse
        twice = len(kept) != len(self.order) - self.order.count("x")
        if twice or not all(0 <= k < len(sizes) for k in kept):
            expect_order(self.order, x)
        for axis, size in enumerate(sizes):
            if axis not in kept and size != 1:
                raise ShapeError(
                    f"dimshuffle{self.order} drops dimension {axis} of {describe(x)}, "
                    "whose size is not 1",
                    code="KG-S007",
                    operands=(sized(x, axis, size),),
                )
        shape = tuple([sizes[k] if isinstance(k, int) else 1 for k in self.order])
        return Apply(self, [x], [Variable(TensorType(x.dtype, shape))])

    def result_name(self, node: Apply) -> str:
        x = node.inputs[0]
        is_transpose = x.ndim > 1 and self.order == tuple(reversed(range(x.ndim)))
        return f"{shortened(x.name)}.T" if is_transpose and x.name else super().result_name(node)

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
        return [
            index[self.inverse[axis]] if axis in self.inverse else 0
            for axis in range(node.inputs[0].ndim)
        ]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """Moved with the axes; 1 for new ones."""
        return [[Axis(0, k) if isinstance(k, int) else 1 for k in self.order]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The axes moved back."""
        return [
            None if cotangents[0] is None else self.transposed(node.inputs[0].ndim)(cotangents[0])
        ]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """Linear: the same view of the tangent."""
        return [None if tangents[0] is None else self(tangents[0])]

    def transposed(self, rank: int) -> DimShuffle:
        """The view that undoes this one for operands of the given rank."""
        return _shuffle(tuple(self.inverse.get(axis, "x") for axis in range(rank)))


def dimshuffle(x: Variable, order: Sequence[int | str]) -> Variable:
    """`x` with its dimensions reordered; nothing happens when the order changes nothing."""
    order = tuple(order)
    return x if order == tuple(range(x.ndim)) else _shuffle(order)(x)


def pad_left(x: Variable, rank: int) -> Variable:
    """`x` with broadcast dimensions put before its own until it has `rank` of them."""
    return x if x.ndim == rank else _padding(rank - x.ndim, x.ndim)(x)


@lru_cache(256)
def _padding(missing: int, rank: int) -> DimShuffle:
    return DimShuffle(["x"] * missing + list(range(rank)))


_shuffle = lru_cache(1024)(DimShuffle)


DtypeSignature = Callable[[Sequence[str]], tuple[Sequence[str], str]]
"""From the operands' dtypes to those in which the op reads them, and the dtype of its result."""


def arithmetic(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Everything in the common dtype."""
    common = upcast(*dtypes)
    return [common] * len(dtypes), common


def numeric(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype, which must not be bool (as in NumPy's subtract and negative)."""
    operands, common = arithmetic(dtypes)
    if common == "bool":
        raise DTypeError(
            "this operator is not defined for bool",
            code="KG-D003",
            hint="logical operators, or cast",
        )
    return operands, common


def floating(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype made a float: functions such as exp."""
    common = to_float(upcast(*dtypes))
    return [common] * len(dtypes), common


def comparison(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Compared in the common dtype, with a truth value as result."""
    return [upcast(*dtypes)] * len(dtypes), "bool"


def magnitude(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype, and a real result: the magnitude, or a part, of complex numbers."""
    common = upcast(*dtypes)
    return [common] * len(dtypes), real_part_of(common)


@dataclass(frozen=True)
class OfReals:
    """A signature that refuses complex numbers."""

    signature: DtypeSignature

    def __call__(self, dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
        if any(map(is_complex, dtypes)):
            raise DTypeError(
                "this op is not defined for complex numbers",
                code="KG-D003",
                hint=REAL_PARTS,
            )
        return self.signature(dtypes)


@dataclass(frozen=True)
class OverComplex:
    """The formula of an elementwise op for complex operands: text of C and CUDA, with the helpers
    that it calls, and what it means to NumPy, where that differs. Without a text, the formula for
    real numbers serves complex ones too.
    """

    c: str | None = None
    helpers: tuple[Helper, ...] = ()
    numpy: Callable[..., Any] | None = None


class Elementwise(Op):
    """A formula applied to each element.

    Operands of lower rank are padded on the left with broadcast dimensions.

    `c` is the formula as text with the operands in braces; it serves C, CUDA and, if no `python` is
    given, Python. `helpers` are the functions that it calls and a language lacks.
    `partials(*operands, out)` gives the partial derivative for each operand: a
    variable, a number, `Only` where the op chooses, or None (zero everywhere).
    A `variadic` op of two operands takes more, from left to right: `add(x, y, z)` is x + y + z.
    `ulps` says how far compiled code may be from NumPy, in units in the last place; `steep`, if
    finite numbers may give an infinity or NaN; `public`, if `kernelgraph.tensor` has it.
    `over_complex` is the formula for complex numbers: an op without one refuses them (KG-D003).
    `notice(node)` is what callers are told of numbers that came, if anything.
    """

    looped = True

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        numpy: Callable[..., Any],
        c: str,
        python: str | None = None,
        cuda: str | None = None,
        helpers: tuple[Helper, ...] = (),
        latex: str | None = None,
        partials: Callable[..., Sequence[Any]] | None = None,
        signature: DtypeSignature = arithmetic,
        arity: int = 1,
        commutative: bool = False,
        variadic: bool = False,
        parameters: tuple[Any, ...] = (),
        cost: int = 1,
        ulps: int = 0,
        steep: bool = False,
        public: bool = True,
        over_complex: OverComplex | None = None,
        notice: Callable[[Apply], Notice | None] = no_notice,
    ) -> None:
        self.name = name
        self.__doc__ = doc
        self.numpy = numpy
        self.c = c
        self.python = python or c
        self.cuda = cuda or c
        self.helpers = helpers
        self.latex = (
            latex
            or rf"\operatorname{{{name}}}\left("
            + ", ".join(f"{{{letter}}}" for letter in OPERANDS[:arity])
            + r"\right)"
        )
        self.partials = partials
        self.over_complex = over_complex
        self.signature = signature if over_complex is not None else OfReals(signature)
        self.arity = arity
        self.commutative = commutative
        self.variadic = variadic
        self.parameters = parameters
        self.cost = cost
        self.ulps = ulps
        self.steep = steep
        self.public = public
        self.notice = notice

    @property
    def module(self) -> str:
        """The module of the block, whose derivative it has."""
        return getattr(self.partials, "__module__", "")

    @cached_property
    def complex_form(self) -> Elementwise:
        """The op that programs compute with complex operands; in Python, its meaning is called."""
        form = self.over_complex
        if form is None or form.c is None:
            return self
        name = f"complex_{self.name}"
        operands = ", ".join(f"{{{letter}}}" for letter in OPERANDS[: self.arity])
        return Elementwise(
            name, self.__doc__ or "", numpy=form.numpy or self.numpy, c=form.c,
            python=f"{name}({operands})", helpers=form.helpers, signature=self.signature,
            arity=self.arity, parameters=self.parameters, cost=self.cost, ulps=self.ulps,
            over_complex=form,
        )  # fmt: skip

    def computes(self, dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
        """The dtypes of the operands and of the result while it computes: those of the signature,
        but float32 for float16, which is for memory only.
        """
        read, out = self.signature(dtypes)
        return [computing(dtype) for dtype in read], computing(out)

    def text(self, language: str) -> str:
        """The formula as text in C, CUDA or Python, with the operands in braces."""
        return {"c": self.c, "cuda": self.cuda, "python": self.python}[language]

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Elementwise):
            return self is other
        return self.name == other.name and self.parameters == other.parameters

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """An op of this package is its name; pickle takes one of the user's by its parts."""
        if self.module.startswith("kernelgraph.") and OPS.get(self.name) is self:
            return op_named, (self.name,)
        return super().__reduce_ex__(protocol)

    def __str__(self) -> str:
        return self.name + (
            f"{{{', '.join(map(str, self.parameters))}}}" if self.parameters else ""
        )

    __repr__ = __str__

    def __call__(self, *inputs: Any) -> Any:
        if self.variadic and len(inputs) > self.arity:
            return reduce(super().__call__, inputs)
        return super().__call__(*inputs)

    def make_node(self, *inputs: Any) -> Apply:
        """Align the operands by explicit DimShuffles.

        Raises `ShapeError` (KG-S001) for sizes known to differ.
        """
        if len(inputs) != self.arity:
            raise ArgumentError(f"{self} takes {self.arity} operands, got {len(inputs)}")
        first = as_condition(inputs[0], "switch") if self.name == "switch" else inputs[0]
        variables: list[Variable] = [as_variable(value) for value in (first, *inputs[1:])]
        types = [variable.tensor_type for variable in variables]
        rank = max([kind.ndim for kind in types])
        aligned = [pad_left(variable, rank) for variable in variables]
        try:
            _, dtype = self.signature([kind.dtype for kind in types])
        except DTypeError as error:
            described = ", ".join(map(describe, variables))
            raise DTypeError(
                f"{self}({described}): {error.message}",
                code=error.code,
                hint=error.hint,
                operands=self._sides(variables),
            ) from None
        shape = broadcast_shape(self, variables, aligned)
        return Apply(self, aligned, [Variable(TensorType(dtype, shape))])

    def _sides(self, variables: Sequence[Variable]) -> Operands:
        """Operands whose dtypes the signature refuses, each with those that would do instead."""
        dtypes = [variable.dtype for variable in variables]
        return tuple(
            typed(variable, [d for d in DTYPES if self._takes([*dtypes[:k], d, *dtypes[k + 1 :]])])
            for k, variable in enumerate(variables)
        )

    def _takes(self, dtypes: Sequence[str]) -> bool:
        try:
            self.signature(dtypes)
        except DTypeError:
            return False
        return True

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The formula by NumPy, in the dtypes in which it computes."""
        dtypes, _ = self.computes([variable.dtype for variable in node.inputs])
        operands = [
            np.asarray(value).astype(d, copy=False) for value, d in zip(inputs, dtypes, strict=True)
        ]
        op = self.complex_form if any(map(is_complex, dtypes)) else self
        notice = self.notice(node)
        if notice is not None and comes_up(notice, operands):
            tell(notice, node)
        with np.errstate(all="ignore"):
            return [np.asarray(op.numpy(*operands)).astype(node.out.dtype, copy=False)]

    def access(self, node: Apply) -> Access:
        """The element at the same place, or the only one along an axis that is broadcast."""
        return Access([
            (number, [None if only else axis for axis, only in enumerate(v.broadcastable)])
            for number, v in enumerate(node.inputs)
        ])  # fmt: skip

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


class Definition(TypedDict, total=False):
    """The parts of an elementwise definition; see `Elementwise`."""

    numpy: Required[Callable[..., Any]]
    c: Required[str]
    python: str
    cuda: str
    helpers: tuple[Helper, ...]
    latex: str
    partials: Callable[..., Sequence[Any]]
    signature: DtypeSignature
    arity: int
    commutative: bool
    variadic: bool
    cost: int
    ulps: int
    steep: bool
    public: bool
    over_complex: OverComplex | None
    notice: Callable[[Apply], Notice | None]


OPS: dict[str, Elementwise] = {}
"""The op table: the elementwise ops of this package by name."""


def elementwise(name: str, doc: str, **definition: Unpack[Definition]) -> Elementwise:
    """Declare an elementwise op and enter it in the op table. See `Elementwise` for its parts."""
    op = Elementwise(name, doc, **definition)
    if f"{name}(" in op.python:  # it is called what it means to NumPy
        CALLED.add(name)
    if op.complex_form is not op:
        CALLED.add(op.complex_form.name)
    OPS[name] = op
    return op


def public_ops(module: Mapping[str, Any], *functions: str) -> Iterator[str]:
    """For a module's `__all__`: these functions, and public ops declared under their own names."""
    yield from functions
    for name, op in OPS.items():
        if op.public and module.get(name) is op and op.module == module["__name__"]:
            yield name


def op_named(name: str) -> Any:
    """An op of the table; its module is imported with this package."""
    return OPS[name]


def broadcast_shape(op: Op, operands: Sequence[Variable], aligned: Sequence[Variable]) -> Shape:
    """An elementwise result's sizes; raises `ShapeError` (KG-S001) where two known ones differ."""
    shapes = [variable.tensor_type.shape for variable in aligned]
    if shapes.count(shapes[0]) == len(shapes):
        return shapes[0]
    shape: list[int | None] = []
    for axis, sizes in enumerate(zip(*shapes, strict=True)):
        full = {size for size in sizes if size is not None and size != 1}
        if len(full) > 1:
            raise _broadcast_error(op, operands, aligned, axis)
        shape.append(full.pop() if full else (None if None in sizes else 1))
    return tuple(shape)


def _broadcast_error(
    op: Op, operands: Sequence[Variable], aligned: Sequence[Variable], axis: int
) -> ShapeError:
    rows = [
        [("?" if s is None else str(s)) for s in variable.tensor_type.shape] for variable in aligned
    ]
    width = max(len(cell) for row in rows for cell in row)
    names = [variable.name or f"operand {k}" for k, variable in enumerate(operands)]
    left = max(map(len, names))
    table = [
        f"{n:>{left}}: " + "  ".join(f"{cell:>{width}}" for cell in row)
        for n, row in zip(names, rows, strict=True)
    ]
    mark = " " * (left + 2) + "  ".join(
        ("^" * width if k == axis else " " * width) for k in range(len(rows[0]))
    )
    return ShapeError(
        f"{op}: shapes do not match along dimension {axis}: "
        f"{' and '.join(map(describe, operands))}",
        code="KG-S001",
        because="\n    ".join(["aligned on the right:", *table, mark.rstrip()]),
        hint="sizes must be equal, or one of them declared as 1",
        operands=tuple(_side(variable, axis - len(rows[0])) for variable in operands),
    )


def _side(operand: Variable, axis: int) -> Operand:
    """An operand whose `axis`, counted from the end, is at fault unless it is repeated."""
    sizes = operand.tensor_type.shape
    if len(sizes) < -axis or sizes[axis] in (1, None):
        return sized(operand)
    return sized(operand, len(sizes) + axis, sizes[axis])
