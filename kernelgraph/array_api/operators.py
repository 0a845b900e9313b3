"""Operators of arrays, `x + 1`, `x @ y`, `x += y`, `x[1:]`: which function each of them is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernelgraph.array_api import elementwise as e
from kernelgraph.array_api.array import Array
from kernelgraph.array_api.indexing import assigned, indexed
from kernelgraph.array_api.inspection import namespace_of
from kernelgraph.array_api.products import matmul
from kernelgraph.array_api.promotion import is_number

_BINARY: dict[str, Callable[[Any, Any], Array]] = {
    "add": e.add, "sub": e.subtract, "mul": e.multiply, "truediv": e.divide,
    "floordiv": e.floor_divide, "mod": e.remainder, "pow": e.pow,
    "and": e.bitwise_and, "or": e.bitwise_or, "xor": e.bitwise_xor,
    "lshift": e.bitwise_left_shift, "rshift": e.bitwise_right_shift,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Any, Any], Array]] = {
    "eq": e.equal, "ne": e.not_equal, "lt": e.less, "le": e.less_equal, "gt": e.greater,
    "ge": e.greater_equal,
}  # fmt: skip
_UNARY: dict[str, Callable[[Array], Array]] = {
    "neg": e.negative, "pos": e.positive, "abs": e.abs, "invert": e.bitwise_invert,
}  # fmt: skip


def _operator(function: Callable[[Any, Any], Array]) -> Callable[[Array, Any], Any]:
    def operator(self: Array, other: Any, /) -> Any:
        fits = isinstance(other, Array) or is_number(other)
        return function(self, other) if fits else NotImplemented

    return operator


def _reflected(function: Callable[[Any, Any], Array]) -> Callable[[Array, Any], Any]:
    def operator(self: Array, other: Any, /) -> Any:
        fits = isinstance(other, Array) or is_number(other)
        return function(other, self) if fits else NotImplemented

    return operator


def _in_place(function: Callable[[Any, Any], Array]) -> Callable[[Array, Any], Any]:
    def operator(self: Array, other: Any, /) -> Any:
        fits = isinstance(other, Array) or is_number(other)
        return self.replace(function(self, other)) if fits else NotImplemented

    return operator


def _unary(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    def operator(self: Array, /) -> Array:
        return function(self)

    return operator


def _product(self: Array, other: Any, /) -> Any:
    return matmul(self, other) if isinstance(other, Array) else NotImplemented


def _product_in_place(self: Array, other: Any, /) -> Any:
    return self.replace(matmul(self, other)) if isinstance(other, Array) else NotImplemented


def _reflected_product(self: Array, other: Any, /) -> Any:
    return matmul(other, self) if isinstance(other, Array) else NotImplemented


def _assign(self: Array, key: Any, value: Any, /) -> None:
    self.replace(assigned(self, key, value))


def _install() -> None:
    """Give arrays their operators; importing this module does it."""
    methods: dict[str, Any] = {
        "__matmul__": _product, "__rmatmul__": _reflected_product,
        "__imatmul__": _product_in_place, "__getitem__": indexed, "__setitem__": _assign,
        "__array_namespace__": namespace_of,
    }  # fmt: skip
    for name, function in _BINARY.items():
        methods[f"__{name}__"] = _operator(function)
        methods[f"__r{name}__"] = _reflected(function)
        methods[f"__i{name}__"] = _in_place(function)
    for name, function in _COMPARISONS.items():
        methods[f"__{name}__"] = _operator(function)
    for name, function in _UNARY.items():
        methods[f"__{name}__"] = _unary(function)
    for name, method in methods.items():
        setattr(Array, name, method)


_install()
