"""NumPy's functions on symbols: `np.sum(x, axis=0)` builds the node that `T.sum(x, axis=0)` builds.

NumPy asks the operands what a function of its own does with them (NEP 13 and NEP 18). The answer is
looked up by name: that of a ufunc in the op table, any other in `kernelgraph.tensor`, so a function
that is new there is NumPy's too. Arguments are passed on by NumPy's names where ours are the same,
else by their places; what we have no argument for is refused (`out`, `where`, `order`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from kernelgraph.comparisons import by_operator, with_number
from kernelgraph.elementwise import OPS
from kernelgraph.errors import Detail, DTypeError, SymbolicError
from kernelgraph.graph import Variable, describe
from kernelgraph.hooks import function_named
from kernelgraph.op import as_variable
from kernelgraph.ops import composed, logic, reductions, splitting, tensor_products
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.views import normalize_axes
from kernelgraph.types import check_dtype

Function = Callable[..., Any]


def _ndim(x: Any) -> int:
    return as_variable(x).ndim


def _size(x: Any, axis: Any = None) -> Variable:
    x = as_variable(x)
    return reductions.count(x, range(x.ndim) if axis is None else normalize_axes(axis, x))


_UFUNCS: dict[Any, Function] = {
    **{op.numpy: op for op in OPS.values() if isinstance(op.numpy, np.ufunc)},
    np.matmul: tensor_products.matmul,
    np.bitwise_and: logic.both, np.bitwise_or: logic.either, np.bitwise_xor: logic.differ,
    np.invert: logic.opposite, np.divmod: composed.divmod_,
}  # fmt: skip
"""Ufuncs; others are looked up by name."""

_FUNCTIONS: dict[str, Function] = {"ndim": _ndim, "size": _size, "split": splitting.sections}
"""What is no function of `kernelgraph.tensor`, or has another meaning there."""

_FOLDS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
          "logical_and": "all", "logical_or": "any"}  # fmt: skip
"""The function that `ufunc.reduce` is."""

_SCANS = {"add": "cumsum", "multiply": "cumprod"}
"""The function that `ufunc.accumulate` is."""


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """A ufunc on symbols: `np.exp(x)`, `np.add.reduce(x)`, `np.multiply.outer(x, y)`.

    `array == x` comes here too, and is what `x == array` is: whether both are one thing.
    """
    if ufunc in (np.equal, np.not_equal) and by_operator():
        sign = "eq" if ufunc is np.equal else "ne"
        with_number(self, next((v for v in inputs if v is not self), None), sign)
        return ufunc is np.not_equal
    if method in ("reduce", "accumulate"):
        return _along(self, ufunc, method, *inputs, **options)
    op = _of_ufunc(ufunc)
    if op is None or method not in ("__call__", "outer"):
        raise _refused(self, ufunc)
    if method == "outer":
        inputs = _outer(*inputs)
    dtype = options.pop("dtype", None)
    if options:
        raise _refused(self, ufunc, _option_hint(options))
    return op(*inputs) if dtype is None else _in_dtype(op, inputs, check_dtype(dtype))


def array_function(self: Any, function: Any, types: Any, inputs: Any, options: Any) -> Any:
    """Any other function of NumPy that meets a symbol."""
    del types
    ours = _named(function.__module__, function.__name__)
    if ours is None:
        raise _refused(self, function)
    return _passed_on(self, function, ours, inputs, options)


def _of_ufunc(ufunc: Any) -> Function | None:
    return _UFUNCS.get(ufunc) or _named("numpy", ufunc.__name__)


def _named(module: str, name: str) -> Function | None:
    own = _FUNCTIONS.get(name) if module == "numpy" else None
    return own or function_named(module, name)


def _along(self: Any, ufunc: Any, method: str, x: Any, axis: Any = 0, **options: Any) -> Any:
    """`np.add.reduce(x, axis)` is a sum, `np.add.accumulate(x, axis)` a sum so far; of all axes
    only if it is asked, as NumPy has it.
    """
    table = _FOLDS if method == "reduce" else _SCANS
    name = table.get(ufunc.__name__, "")
    ours = function_named("numpy", name) if name else None
    if ours is None:
        raise _refused(self, ufunc, f"its {method} is no op here")
    return _passed_on(self, getattr(np, name), ours, (x,), {"axis": axis, **options})


def _outer(x: Any, y: Any) -> tuple[Any, Any]:
    """Operands of which each element of one meets each of the other."""
    x, y = as_variable(x), as_variable(y)
    return x.dimshuffle(*range(x.ndim), *["x"] * y.ndim), y


def _in_dtype(op: Function, inputs: Any, dtype: str) -> Any:
    """A ufunc computed in a dtype; raises `DTypeError` (KG-D009) where NumPy would not cast."""
    operands = [as_variable(value) for value in inputs]
    for operand in operands:
        if not np.can_cast(operand.dtype, dtype, "same_kind"):
            raise DTypeError(f"{describe(operand)} is not computed in {dtype}", code="KG-D009")
    return op(*(cast(operand, dtype) for operand in operands))


def _passed_on(self: Any, function: Any, ours: Function, inputs: Any, options: Any) -> Any:
    theirs, here = _parameters(function), _parameters(ours)
    if theirs is None or here is None:
        if options:
            raise _refused(self, function, _option_hint(options))
        return ours(*inputs)
    places: list[Any] = []
    named: dict[str, Any] = {}
    given = inspect.Signature([*theirs.values()]).bind(*inputs, **options).arguments
    for name, value in given.items():
        default = theirs[name].default
        if name not in here and (value is default or (value is None and name == "out")):
            continue
        target = name if name in here else _at_the_place(name, theirs, here)
        if target is None:
            raise _refused(self, function, _option_hint([name]))
        _enter(here[target], theirs[name], value, places, named)
    missing = _missing(here, places, named)
    if missing:
        raise _refused(self, function, f"give {' and '.join(missing)}")
    return ours(*places, **named)


def _missing(here: Any, places: list[Any], named: dict[str, Any]) -> list[str]:
    """Arguments that ours cannot do without; without a name are those that come by place."""
    needed = [p.name for p in here.values() if p.default is p.empty and p.kind not in _ANY_NUMBER]
    return [name for name in needed[len(places) :] if name not in named]


_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _enter(
    ours: inspect.Parameter,
    theirs: inspect.Parameter,
    value: Any,
    places: list[Any],
    named: dict[str, Any],
) -> None:
    """Put an argument where our function takes it."""
    if theirs.kind is theirs.VAR_POSITIONAL:
        places.extend(value)
    elif ours.kind in (ours.VAR_POSITIONAL, ours.POSITIONAL_ONLY):
        places.append(value)
    else:
        named[ours.name] = value


def _at_the_place(name: str, theirs: Any, here: Any) -> str | None:
    """Our argument at the place of NumPy's, if NumPy has none of that name."""
    if name in _REFUSED:
        return None
    place, ours = list(theirs).index(name), list(here)
    if place < len(ours) and ours[place] not in theirs:
        return ours[place]
    return None


_REFUSED = ("out", "where", "order", "casting", "initial", "decimals")
"""Arguments of NumPy's that no place stands for."""


@lru_cache(maxsize=512)
def _parameters(function: Function) -> dict[str, inspect.Parameter] | None:
    """The parameters of a function by name; None for an op and for what does not tell them."""
    if not inspect.isroutine(function) and not hasattr(function, "_implementation"):
        return None
    try:
        return dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None


def _option_hint(names: Any) -> str:
    listed = " and ".join(f"{name}=" for name in names)
    return f"leave out {listed}: a symbol's function takes no such argument"


def _refused(symbol: Any, function: Any, hint: Detail = None) -> SymbolicError:
    described = describe(symbol) if isinstance(symbol, Variable) else symbol
    module = function.__module__ if not isinstance(function, np.ufunc) else "numpy"
    return SymbolicError(
        f"{module}.{function.__name__} cannot be applied to {described}",
        code="KG-G011",
        hint=hint or f"T.{function.__name__}, if there is one",
    )
