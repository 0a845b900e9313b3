"""Python's operators and methods for variables and rule patterns: which op each of them builds."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from kernelgraph.elementwise import OPS, DimShuffle, public_ops
from kernelgraph.errors import Origins, SymbolicError, capture_origins, resolve
from kernelgraph.expect import text_of
from kernelgraph.graph import Variable, describe
from kernelgraph.hooks import install_operators
from kernelgraph.ops import arithmetic as a
from kernelgraph.ops import (
    axes,
    bits,
    broadcasting,
    complexes,
    composed,
    creation,
    cumulative,
    error_function,
    float_parts,
    functions,
    logic,
    masks,
    moments,
    norms,
    powers,
    products,
    queries,
    reductions,
    rounding,
    selection,
    sorting,
    sources,
    special_values,
    splitting,
    strided,
    subscripts,
    tensor_products,
    trigonometry,
    updates,
    views,
)
from kernelgraph.ops.numpy_functions import array_function, array_ufunc
from kernelgraph.types import listed


def _method(op: Callable[..., Any]) -> Callable[..., Any]:
    def operator(self: Any, *others: Any) -> Any:
        return op(self, *others)

    return operator


def _reflected(op: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: op(other, self)


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": a.add, "sub": a.sub, "mul": a.mul, "truediv": a.true_div, "pow": powers.raised,
    "floordiv": a.int_div, "mod": a.mod, "divmod": composed.divmod_,
    "matmul": tensor_products.matmul,
    "and": logic.both, "or": logic.either, "xor": logic.differ,
    "lshift": bits.left_shift, "rshift": bits.right_shift,
}  # fmt: skip
_COMPARISONS = {"lt": a.lt, "le": a.le, "gt": a.gt, "ge": a.ge}

_OPS_OF = (
    a, bits, error_function, float_parts, functions, powers, rounding, special_values, trigonometry,
)  # fmt: skip
"""The modules that declare elementwise ops."""
_FUNCTIONS = [OPS[name] for module in _OPS_OF for name in public_ops(vars(module))]
"""What a variable has as a method, if it is a function of one number."""


_ALONG: dict[str, Callable[..., Any]] = {
    "sum": reductions.sum_, "max": reductions.max_, "min": reductions.min_,
    "any": reductions.any_, "all": reductions.all_, "ptp": reductions.ptp,
    "argmax": reductions.argmax, "argmin": reductions.argmin,
    "mean": moments.mean, "var": moments.var, "std": moments.std,
    "norm": norms.vector_norm, "prod": products.prod,
    "cumsum": cumulative.cumsum, "cumprod": cumulative.cumprod,
    "sort": sorting.sort, "argsort": sorting.argsort, "searchsorted": sorting.searchsorted,
}  # fmt: skip
"""Methods that go along axes."""


def _no_number(self: Any, *arguments: Any, **options: Any) -> Any:
    """What asks a symbol for its value: `float(x)`, `range(x)`, `np.asarray(x)`."""
    del arguments, options
    raise SymbolicError(
        f"{describe(self) if isinstance(self, Variable) else self} has no number yet: "
        "it is a symbol, its numbers come when the function is called",
        hint=_instead_of_number(capture_origins()),
    )


def _instead_of_number(where: Origins) -> str:
    """What to write in place of a call that wants a number, as far as the user's line says."""
    usual = "kg.function([…], x) computes it"
    place = resolve(where[0]) if where else None
    written = place.text[place.column : place.end_column] if place is not None else ""
    name = written.partition("(")[0].removeprefix("math.").strip()
    if name in _NUMBERS:
        return f"{_NUMBERS[name]}; {usual}"
    is_function = written.startswith("math.") and name in OPS and OPS[name].public
    return f"T.{name}(x) is that of symbols; {usual}" if is_function else usual


_NUMBERS = {
    "float": 'x.astype("float64") changes the dtype', "int": 'x.astype("int64") cuts the fraction',
    "round": "T.round(x) rounds to whole numbers", "math.fabs": "abs(x)", "pow": "x ** y",
    "range": "T.arange(n) counts inside the function",
}  # fmt: skip


def _compress(self: Any, condition: Any, axis: Any = None) -> Any:
    return selection.compress(condition, self, axis)


_MOVED: dict[str, Callable[..., Any]] = {
    "swapaxes": axes.swapaxes, "squeeze": axes.squeeze, "flatten": views.flatten,
    "ravel": views.ravel, "take": selection.take, "choose": selection.choose,
    "compress": _compress, "nonzero": masks.nonzero, "nonzero_values": masks.nonzero_values,
    "diagonal": strided.diagonal, "repeat": splitting.repeat, "fill": creation.fill,
    "zeros_like": broadcasting.zeros_like, "ones_like": broadcasting.ones_like,
    "set": updates.set_subtensor, "inc": updates.inc_subtensor,
}  # fmt: skip
"""Methods that move elements or take parts."""


def _format(self: Any, form: str) -> str:
    """A symbol in a text is its name; a form such as `.2f` is one of numbers."""
    return str(self) if not form else _no_number(self)


def _contains(self: Any, item: Any) -> bool:
    """`item in x`, which asks `==` of the elements."""
    raise SymbolicError(
        f"whether {text_of(item)} is in {describe(self)} is not known yet: it is a symbol, "
        "its numbers come when the function is called",
        hint="T.any(T.eq(x, item)) is the symbol for it",
    )


def _assign(self: Any, index: Any, value: Any = None) -> None:
    """`x[0] = 1` and `del x[0]`: a symbol is not changed, a new one is made."""
    where = capture_origins()
    place = resolve(where[0]) if where else None
    written = place.text[place.column : place.end_column] if place is not None else ""
    name = written.partition("[")[0] if written.endswith("]") else ""
    name, part = (name, written) if name.isidentifier() else ("x", "x[index]")
    raise SymbolicError(
        f"elements of {describe(self)} cannot be assigned: it is a symbol, and does not change",
        origins=where,
        hint=f"{name} = T.set_subtensor({part}, value) makes a new one; T.inc_subtensor adds",
    )


def _size(self: Any) -> Any:
    return reductions.count(self, range(self.ndim))


def _reshape(self: Any, *shape: Any, ndim: int | None = None) -> Any:
    several = len(shape) != 1 or isinstance(shape[0], int)
    return views.reshape(self, shape if several else shape[0], ndim)


def _copy(self: Any) -> Any:
    """A new symbol for the same numbers."""
    return DimShuffle(range(self.ndim))(self)


def _number(self: Any) -> Any:
    """The one number that all its elements are: `T.get_scalar_constant_value`."""
    return queries.get_scalar_constant_value(self)


def _transpose(self: Any, *axes: Any) -> Any:
    if not axes:
        return views.transpose(self)
    return views.transpose(self, listed(axes[0]) if len(axes) == 1 else axes)


def install() -> None:
    """Fill in the operators; importing this module does it."""
    methods: dict[str, Any] = {}
    for name, op in _BINARY.items():
        methods[f"__{name}__"] = _method(op)
        methods[f"__r{name}__"] = _reflected(op)
    for name, op in _COMPARISONS.items():
        methods[f"__{name}__"] = _method(op)
    methods.update({op.name: _method(op) for op in _FUNCTIONS if op.arity == 1})
    methods.update(_ALONG)
    methods.update(_MOVED)
    methods.update(
        __neg__=_method(a.neg), __abs__=_method(a.abs_), __getitem__=subscripts.getitem,
        __array_ufunc__=array_ufunc, __array_function__=array_function,
        __invert__=logic.opposite, __round__=_no_number, __format__=_format,
        __array__=_no_number, __dlpack__=_no_number, __dlpack_device__=_no_number,
        __contains__=_contains, __setitem__=_assign, __delitem__=_assign,
        __float__=_no_number, __int__=_no_number, __index__=_no_number,
        dot=tensor_products.dot, trace=tensor_products.trace,
        real=property(complexes.real), imag=property(complexes.imag), conj=_method(complexes.conj),
        conjugate=_method(complexes.conj), get_scalar_constant_value=_number,
        dimshuffle=views.shuffle, round=rounding.round_, astype=a.cast, clip=a.clip,
        eval=queries.evaluated, get_parents=queries.parents,
        auto_name=property(queries.automatic_name), copy=_copy,
        reshape=_reshape, transpose=_transpose, T=property(_transpose),
        __vector__=staticmethod(sources.stack), shape=property(sources.shape), size=property(_size),
    )  # fmt: skip
    install_operators({name: _called(name, method) for name, method in methods.items()})


def _called(name: str, method: Any) -> Any:
    """A method under the name that people type, by which pickle finds `x.sum` again."""
    if not isinstance(method, FunctionType) or name.startswith("__") or method.__name__ == name:
        return method
    code, defaults, closure = method.__code__, method.__defaults__, method.__closure__
    copy = FunctionType(code, method.__globals__, name, defaults, closure)
    copy.__kwdefaults__, copy.__doc__ = method.__kwdefaults__, method.__doc__
    copy.__annotations__, copy.__qualname__ = method.__annotations__, f"Variable.{name}"
    return copy


install()
