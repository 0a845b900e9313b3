"""Numbers that a traced function does not know yet: the sizes of its arrays, and what is made of
them.

A size behaves as the number of Python that it will be: `x.shape[0] // 2` is another one, and
beside an array it takes the array's dtype: `xp.sum(x) / x.shape[0]` is a float32 for a float32 x.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernelgraph import tensor as T
from kernelgraph.errors import SymbolicError
from kernelgraph.graph import Variable, describe


class Scalar:
    """An int or a float of Python whose value comes when the compiled function is called."""

    __slots__ = ("kind", "variable")

    def __init__(self, variable: Variable) -> None:
        self.kind = float if variable.dtype == "float64" else int
        self.variable = T.cast(variable, "float64" if self.kind is float else "int64")

    def __repr__(self) -> str:
        return f"Scalar({self.variable})"

    def __bool__(self) -> bool:
        raise self._no_value("a condition")

    def __index__(self) -> int:
        raise self._no_value("a number of Python")

    def __int__(self) -> int:
        raise self._no_value("a number of Python")

    def __float__(self) -> float:
        raise self._no_value("a number of Python")

    def _no_value(self, what: str) -> SymbolicError:
        return SymbolicError(
            f"{describe(self.variable)} is no {what.removeprefix('a ')} "
            "while a function is traced: sizes come when it is called",
            hint="array_api.function(f, static_shapes=True) traces f for each shape anew",
        )

    def __neg__(self) -> Scalar:
        return Scalar(-self.variable)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        raise self._no_value("a condition")

    __hash__ = object.__hash__


def unwrapped(number: Any) -> Any:
    """A size as the tensor language takes it."""
    return number.variable if isinstance(number, Scalar) else number


def _operation(op: Callable[[Any, Any], Any]) -> Callable[[Scalar, Any], Any]:
    def operation(self: Scalar, other: Any) -> Any:
        if type(other) not in (int, float, Scalar):
            return NotImplemented
        return Scalar(op(_wide(self), _wide(other)))

    return operation


def _wide(number: Any) -> Variable:
    if isinstance(number, Scalar):
        return number.variable
    return T.cast(number, "float64" if type(number) is float else "int64")


def _reflected(operation: Callable[[Any, Any], Any]) -> Callable[[Scalar, Any], Any]:
    def reflected(self: Scalar, other: Any) -> Any:
        if type(other) not in (int, float):
            return NotImplemented
        return operation(Scalar(_wide(other)), self)

    return reflected


def _quotient(x: Variable, y: Variable) -> Variable:
    return T.true_div(T.cast(x, "float64"), T.cast(y, "float64"))


def _install() -> None:
    for name, op in {
        "add": T.add, "sub": T.sub, "mul": T.mul, "truediv": _quotient, "floordiv": T.int_div,
        "mod": T.mod, "pow": T.pow,
    }.items():  # fmt: skip
        operation = _operation(op)
        setattr(Scalar, f"__{name}__", operation)
        setattr(Scalar, f"__r{name}__", _reflected(operation))


_install()
