"""Ops that are Python functions: a student's own, and library calls whose result sizes are known
only once they ran.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, DTypeError, capture_origins, on_behalf_of
from kernelgraph.expect import expect_function
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import Cotangents, Opaque, as_variable, check_types, owned, read_only
from kernelgraph.pickling import by_name
from kernelgraph.sides import mismatched, side
from kernelgraph.types import TensorType, Type, listed


class PythonOp(Opaque):
    """A Python function of values, with declared types."""

    def __init__(
        self, function: Callable[..., Any], itypes: Sequence[Type], otypes: Sequence[Type]
    ) -> None:
        self.function = function
        self.itypes = tuple(itypes)
        self.otypes = tuple(otypes)
        self.name = getattr(function, "__name__", "python")

    @property
    def written(self) -> Callable[..., Any]:
        """The function as the user wrote it."""
        return self.function

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Where a decorator made it, it is found under the function's name."""
        return by_name(self, self.function) or super().__reduce_ex__(protocol)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `DTypeError` for an operand that is not of the declared type."""
        variables = [as_variable(value) for value in inputs]
        if len(variables) != len(self.itypes):
            raise ArgumentError(
                f"{self.name} takes {len(self.itypes)} operands, got {len(variables)}",
                origins=capture_origins(),
            )
        for variable, wanted in zip(variables, self.itypes, strict=True):
            fits = (
                wanted.accepts(variable.type)
                if isinstance(wanted, TensorType)
                else wanted == variable.type
            )
            if not fits:
                raise DTypeError(
                    f"{self.name} takes {wanted}, got {describe(variable)}",
                    code="KG-D002",
                    origins=capture_origins(),
                    operands=mismatched(Variable(wanted, "declared"), variable),
                )
        return Apply(self, variables, [Variable(t) for t in self.otypes])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """What the function returns. It cannot write to its operands, and may keep its results:
        others get copies.

        Raises `DTypeError` and `ShapeError` for results that are not of the declared types.
        """
        found = self.function(*map(read_only, inputs))
        results: list[Any] = [found] if len(self.otypes) == 1 else listed(found)
        if len(results) != len(self.otypes):
            raise ArgumentError(
                f"{self.name} must return {len(self.otypes)} values, returned {len(results)}",
                origins=node.origins,
            )
        pairs = zip(self.otypes, results, strict=True)
        with on_behalf_of(node.origins):
            return [owned(t.filter(value, f"the result of {self.name}")) for t, value in pairs]


class SizedPythonOp(PythonOp):
    """A Python function that says beforehand how large its results will be."""

    def __init__(
        self,
        function: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        infer_shape: Callable[[Apply, Sequence[Any]], Sequence[Any]],
    ) -> None:
        super().__init__(function, itypes, otypes)
        self.infer_shape = infer_shape


def as_op(
    itypes: Any, otypes: Any, infer_shape: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], PythonOp]:
    """Decorator: make an op of a Python function of arrays.

    `itypes` and `otypes` are types such as `T.dmatrix`, one or a list. The function returns one
    value, or a sequence of as many as there are `otypes`. `infer_shape(node, shapes)` gives a tuple
    of sizes for each result, from those of the operands: so that a shape can be had without calling
    the function. Raises `DTypeError` for what is not a type.
    """
    lists = [listed(t) for t in (itypes, otypes)]
    types = [[_type_of(item) for item in items] for items in lists]
    for name, items in zip(("itypes", "otypes"), types, strict=True):
        check_types(name, items)

    if infer_shape is not None:
        expect_function(infer_shape, "infer_shape")

    def decorate(function: Callable[..., Any]) -> PythonOp:
        expect_function(function, "what becomes an op")
        if infer_shape is not None:
            return SizedPythonOp(function, types[0], types[1], infer_shape)
        return PythonOp(function, types[0], types[1])

    return decorate


def _type_of(value: Any) -> Any:
    """A type, also where what makes its symbols is named: `T.dvector`."""
    kind = getattr(value, "type", None)
    return kind if isinstance(kind, Type) and not isinstance(value, Variable) else value


class Nonzero(Opaque):
    """The indices of the elements of a vector that are not 0: how many there are shows only when it
    runs.
    """

    __props__ = ()
    name = "nonzero"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(TensorType("int64", (None,)))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.flatnonzero(inputs[0])]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None]


def flatnonzero(x: Any) -> Variable:
    """Indices, in order, of the elements of a vector that are not 0; int64."""
    x = as_variable(x)
    if x.ndim != 1:
        raise DTypeError(
            f"flatnonzero takes a vector, got {describe(x)}",
            code="KG-D002",
            origins=capture_origins(),
            operands=(side(x),),
        )
    return Nonzero()(x)
