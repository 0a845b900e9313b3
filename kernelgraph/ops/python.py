"""Ops that are Python functions of a student's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kernelgraph.errors import ArgumentError, DTypeError, on_behalf_of
from kernelgraph.expect import came, expect_function, expect_text
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import mismatched
from kernelgraph.names import quoted
from kernelgraph.op import Opaque, as_variable
from kernelgraph.ops.coded import ArraySignature, CodedOp, read_signature
from kernelgraph.pickling import by_name
from kernelgraph.types import TensorType, Type, listed, owned, read_only

__all__ = ["as_op"]


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
    def foreign(self) -> bool:
        return True

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
            )
        for variable, wanted in zip(variables, self.itypes, strict=True):
            kind = variable.type
            fits = wanted.accepts(kind) if isinstance(wanted, TensorType) else wanted == kind
            if not fits:
                raise DTypeError(
                    f"{self.name} takes {wanted}, got {describe(variable)}",
                    code="KG-D002",
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
            what = f"{self.name} must return {len(self.otypes)} values, returned {len(results)}"
            raise ArgumentError(what, origins=node.origins)
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


class CodedPythonOp(CodedOp, PythonOp):
    """A Python function of values, and C that does the same."""

    def __init__(
        self,
        function: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        signature: str,
        c: str,
    ) -> None:
        super().__init__(function, itypes, otypes)
        self.signature = signature
        self.c = c
        self.operands = tuple(inspect.signature(function).parameters)
        ranks = [[len(sizes) for sizes in side] for side in _sides(read_signature(signature))]
        if ranks != [[getattr(t, "ndim", None) for t in side] for side in (itypes, otypes)]:
            raise ArgumentError(
                f"the signature {quoted(signature)} has other ranks than the types of {self.name}",
            )


def _sides(signature: ArraySignature) -> Sequence[Sequence[Sequence[Any]]]:
    return signature.operands, signature.results


def as_op(
    itypes: Any,
    otypes: Any,
    infer_shape: Callable[..., Any] | None = None,
    *,
    signature: str | None = None,
    c: str | None = None,
) -> Callable[[Callable[..., Any]], PythonOp]:
    """Decorator: make an op of a Python function of arrays.

    `itypes` and `otypes` are types such as `T.dmatrix`, one or a list. The function returns one
    value, or a sequence of as many as there are `otypes`. `infer_shape(node, shapes)` gives a tuple
    of sizes for each result, from those of the operands: so that a shape can be had without calling
    the function. `c` is C that does the same in compiled functions, for arrays of the sizes that
    `signature` gives (`"(m,n),(n)->(m)"`): see `CodedOp`. Raises `DTypeError` for what is not a
    type, `ArgumentError` for a signature that does not fit the types.

    >>> import numpy as np, kernelgraph as kg, kernelgraph.tensor as T
    >>> @kg.as_op([T.dvector, T.dvector], T.dscalar, signature="(n),(n)->()", c='''
    ...     double total = 0;
    ...     for (int64 i = 0; i < n; i++) total += fabs(x[i] - y[i]);
    ...     *out = total;
    ... ''')
    ... def distance(x, y):
    ...     return np.abs(x - y).sum()
    >>> x = T.dvector("x")
    >>> kg.function([x], distance(x, x[::-1]) + 1, target="c")([1.0, 5.0, 2.5])
    array(4.)
    """
    lists = [listed(t) for t in (itypes, otypes)]
    types = [[_type_of(item) for item in items] for items in lists]
    for name, items in zip(("itypes", "otypes"), types, strict=True):
        _check_types(name, items)

    if infer_shape is not None:
        expect_function(infer_shape, "infer_shape")
    own = _own_c(signature, c)

    def decorate(function: Callable[..., Any]) -> PythonOp:
        expect_function(function, "what becomes an op")
        if own is not None:
            return CodedPythonOp(function, types[0], types[1], *own)
        if infer_shape is not None:
            return SizedPythonOp(function, types[0], types[1], infer_shape)
        return PythonOp(function, types[0], types[1])

    return decorate


def _own_c(signature: str | None, c: str | None) -> tuple[str, str] | None:
    if c is None and signature is None:
        return None
    sizes = expect_text(signature, "signature", 'the sizes of arrays, as in "(m,n),(n)->(m)"')
    return sizes, expect_text(c, "c", "C that computes the results from the operands")


def _type_of(value: Any) -> Any:
    """A type, also where what makes its symbols is named: `T.dvector`."""
    kind = getattr(value, "type", None)
    return kind if isinstance(kind, Type) and not isinstance(value, Variable) else value


def _check_types(name: str, types: Sequence[Type]) -> None:
    """Raises `DTypeError` for what is no type (a common slip: `T.dvector()` for `T.dvector`)."""
    for item in types:
        if not isinstance(item, Type):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"{name} must be types such as T.dmatrix, got {came(item)}"
            raise DTypeError(message, code="KG-D002")
