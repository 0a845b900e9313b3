"""Programs of arrays, compiled: `function` traces a Python function, `compute` what arrays are.

A call of a traced function runs the Python function once for each signature, the dtypes and ranks
of its arrays, with arrays that have no numbers yet; what it returns is compiled, and the call runs
that. Later calls of the same signature run the compiled function alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from typing import Any

import numpy as np

from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import OBJECTS
from kernelgraph.array_api.scalars import Scalar
from kernelgraph.array_api.values import behind, constant_of, expect_known, remember, value_behind
from kernelgraph.errors import ArgumentError, DTypeError
from kernelgraph.expect import came, expect_flag, expect_function
from kernelgraph.function import Function
from kernelgraph.function import function as compiled
from kernelgraph.graph import Variable
from kernelgraph.protocols import foreign_array, offers_array
from kernelgraph.types import Array as Numbers
from kernelgraph.types import TensorType, listed
from kernelgraph.walks import substitute


def compute(*arrays: Array, target: Any = None) -> Any:
    """The arrays, computed together by one compiled function; one array, or a tuple of them.

    `target` is as in `kg.function`. Raises `SymbolicError` (KG-G010) in a function that is traced.

    >>> from kernelgraph import array_api as xp
    >>> x = xp.asarray([1.0, 2.0])
    >>> compute(x + 1, x * x, target="python")
    (Array([2., 3.], dtype=float64), Array([1., 4.], dtype=float64))
    """
    outputs = [expect_array(x, "what is computed").variable for x in arrays]
    expect_known(outputs)
    wanted = [v for v in dict.fromkeys(outputs) if v.owner is not None]
    known = [v for v in behind(wanted)[1] if value_behind(v) is not None and v.ndim]
    inputs = [Variable(v.type, v.name) for v in known]
    results = substitute(wanted, dict(zip(known, inputs, strict=True)))
    if results:
        f = compiled(inputs, results, target=target, on_unused_input="ignore")
        for variable, value in zip(wanted, f(*map(value_behind, known)), strict=True):
            remember(variable, value)
    return tuple(arrays) if len(arrays) != 1 else arrays[0]


def function(
    python_function: Any = None,
    /,
    *,
    target: Any = None,
    mode: Any = None,
    static_shapes: bool = False,
) -> Any:
    """Have a function of arrays compiled when it is called: a decorator, with or without options.

    Arguments are arrays, floats, and lists, tuples and dicts of them; of these the values may
    change from call to call. All others (ints, texts, None) are part of the signature, for which
    the function is traced. So are the dtypes and ranks of arrays, and which sizes are 1; with
    `static_shapes` all sizes. `target` and `mode` are as in `kg.function`.

    >>> from kernelgraph import array_api as xp
    >>> @function(target="python")
    ... def normalized(x):
    ...     return (x - xp.mean(x)) / xp.std(x)
    >>> normalized(xp.asarray([1.0, 2.0, 3.0])).shape
    (3,)
    >>> [f.name for f in normalized.functions.values()]
    ['normalized']
    """
    options = {"target": target, "mode": mode}
    fixed = expect_flag(static_shapes, "static_shapes")
    if python_function is None:
        return partial(TracedFunction, options=options, fixed=fixed)
    return TracedFunction(python_function, options, fixed)


@dataclass(frozen=True)
class _Leaf:
    """An argument whose value may change: its place among the inputs, its type, if it is a float
    of Python.
    """

    place: int
    type: TensorType
    weak: bool = False


@dataclass
class _Arguments:
    """Arguments taken apart: values of the inputs, their names, and what is left of the form."""

    fixed: bool
    values: list[Numbers] = field(default_factory=list[Numbers])
    names: list[str] = field(default_factory=list[str])

    def form(self, value: Any, name: str) -> Any:
        """A value with leaves in place of arrays and floats; hashable, if all else is."""
        if isinstance(value, list | tuple):
            items = (self.form(v, f"{name}[{k}]") for k, v in enumerate(listed(value)))
            return _kind(value), *items
        if isinstance(value, dict):
            named = ((key, self.form(v, f"{name}[{key!r}]")) for key, v in _pairs(value))
            return dict, *named
        if type(value) is float:
            return self._leaf(np.asarray(value), name, weak=True)
        if isinstance(value, Array):
            return self._leaf(value.value, name)
        if offers_array(value):
            return self._leaf(foreign_array(value, name), name)
        return value

    def _leaf(self, value: Numbers, name: str, weak: bool = False) -> _Leaf:
        if value.dtype.name not in OBJECTS:
            raise DTypeError(f"{name}: there is no dtype {value.dtype} here", code="KG-D001")
        self.values.append(value)
        self.names.append(name)
        shape = value.shape if self.fixed else tuple(1 if n == 1 else None for n in value.shape)
        return _Leaf(len(self.values) - 1, TensorType(value.dtype.name, shape), weak)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items())


def _kind(value: Any) -> Any:
    """A list, a tuple, or a tuple with names for its items."""
    kind: Any = value.__class__
    return list if isinstance(value, list) else kind if hasattr(kind, "_make") else tuple


def _filled(form: Any, leaf: Callable[[_Leaf], Any]) -> Any:
    """A form with something in place of its leaves."""
    match form:
        case _Leaf():
            return leaf(form)
        case (kind, *items) if kind is dict:
            return {key: _filled(item, leaf) for key, item in items}
        case (kind, *items) if kind is list:
            return [_filled(item, leaf) for item in items]
        case (kind, *items) if kind is tuple:
            return tuple(_filled(item, leaf) for item in items)
        case (kind, *items) if hasattr(kind, "_make"):
            return kind._make(_filled(item, leaf) for item in items)
        case _:
            return form


class TracedFunction:
    """A function of arrays that is compiled for each signature with which it is called.

    `functions` has the compiled ones by signature: `next(iter(f.functions.values())).stages` shows
    what became of the program.
    """

    def __init__(self, python_function: Any, options: dict[str, Any], fixed: bool) -> None:
        self.python_function = expect_function(python_function, "what is traced")
        self.functions: dict[Any, Function] = {}
        self._forms: dict[Any, Any] = {}
        self._options = options
        self._fixed = fixed
        self._signature = inspect.signature(self.python_function)
        update_wrapper(self, self.python_function)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        bound = self._signature.bind(*arguments, **named)
        taken = _Arguments(self._fixed)
        form = taken.form(dict(bound.arguments), "")
        try:
            is_new = form not in self.functions
        except TypeError as error:
            raise ArgumentError(f"an argument cannot be part of a signature: {error}") from error
        if is_new:
            self._trace(form, bound, taken)
        found = self.functions[form](*taken.values)
        return _filled(self._forms[form], lambda leaf: _result(found[leaf.place], leaf))

    def _trace(self, form: Any, bound: inspect.BoundArguments, taken: _Arguments) -> None:
        """Run the Python function with symbols, and compile what it returns."""
        inputs: list[Variable] = []

        def symbol(leaf: _Leaf) -> Any:
            inputs.append(Variable(leaf.type, _readable(taken.names[leaf.place])))
            return Scalar(inputs[-1]) if leaf.weak else Array(inputs[-1])

        bound.arguments.update(_filled(form, symbol))
        returned = self.python_function(*bound.args, **bound.kwargs)
        outputs: list[Variable] = []
        self._forms[form] = _output_form(returned, outputs)
        name = getattr(self.python_function, "__name__", "f")
        self.functions[form] = compiled(
            inputs, outputs, on_unused_input="ignore", name=name, **self._options
        )


def _readable(name: str) -> str:
    """`['x'][0]` is the first item of the argument x: `x[0]`."""
    first, _, rest = name.removeprefix("['").partition("']")
    return first + rest


def _output_form(value: Any, outputs: list[Variable]) -> Any:
    if isinstance(value, list | tuple):
        return _kind(value), *(_output_form(item, outputs) for item in listed(value))
    if isinstance(value, dict):
        return dict, *((key, _output_form(item, outputs)) for key, item in _pairs(value))
    if isinstance(value, Array | Scalar):
        outputs.append(value.variable)
        leaf = TensorType(value.variable.dtype, value.variable.tensor_type.shape)
        return _Leaf(len(outputs) - 1, leaf, isinstance(value, Scalar))
    if isinstance(value, Variable):
        raise ArgumentError(f"a traced function returns arrays, not {came(value)}")
    return value


def _result(value: Numbers, leaf: _Leaf) -> Any:
    return value.item() if leaf.weak else Array(constant_of(value))
