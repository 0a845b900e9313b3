"""The language as a table of steps for random programs: whatever the package makes public is drawn,
a new op without being named anywhere here.

An elementwise op takes as many operands as it has places. Of a function the arguments are drawn by
the names of its parameters: `axis` is an axis of the first operand, `shift` some integer. What has
a meaning that no name tells is a form of its own (`forms.py`).
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.graph import Variable
from tests.fuzz.drawing import Drawn, UnfitError

Step = Callable[[Drawn], Any]


class Use(NamedTuple):
    """A way to make something of what is there."""

    name: str
    subject: str
    step: Step


DTYPES = (
    "float64", "float32", "float16", "int64", "int32", "int16", "int8",
    "uint8", "uint16", "uint32", "uint64", "bool", "complex128", "complex64",
)  # fmt: skip

NO_STEPS = {
    "name", "names", "cost", "f", "expression", "output", "outputs", "variables", "fun", "dtype",
    "op", "itypes", "inputs", "var1", "fn", "wrt", "one", "format", "why", "arg", "condition",
    "subscripts",
}  # fmt: skip
"""First parameters of what makes no step by itself: types, questions, and what `forms.py` has."""

LISTS = {"tensors", "values", "arrays", "xi", "args", "tensors_list", "matrices"}
ONE_LIST = {"tup", "tensor_list", "choices"}


def steps_of_the_language() -> list[Use]:
    """A step for every elementwise op and every function that is public."""
    found = [Use(op.name, "elementwise", partial(_elementwise, op)) for op in OPS.values()
             if op.public]  # fmt: skip
    modules = [value for name in T.__all__ if inspect.ismodule(value := getattr(T, name))]
    for module in (T, *modules):
        for name in module.__all__:
            function = getattr(module, name)
            if isinstance(function, Elementwise) or not _is_step(function):
                continue
            short = module.__name__.rpartition(".")[2]
            label = name if module is T else f"{short}.{name}"
            step = partial(_function, function, short.endswith("linalg"))
            found.append(Use(label, function.__module__, step))
    return found


def _is_step(function: Any) -> bool:
    if not isinstance(function, types.FunctionType):
        return False
    names = list(inspect.signature(function).parameters)
    return bool(names) and names[0] not in NO_STEPS


def _elementwise(op: Elementwise, draw: Drawn) -> Any:
    x = draw.pick()
    operands: list[Any] = [x, *(draw.like(x) for _ in range(op.arity - 1))]
    if op.arity > 1:
        draw.chance.shuffle(operands)
    return op(*operands)


def _function(function: Callable[..., Any], of_matrices: bool, draw: Drawn) -> Any:
    parameters = inspect.signature(function).parameters
    x = draw.pick(lambda v: v.ndim >= draw.chance.choice((0, 1, 2)))
    if of_matrices:
        x = _square(draw, x)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for position, (name, parameter) in enumerate(parameters.items()):
        optional = parameter.default is not inspect.Parameter.empty
        if optional and draw.chance.random() < 0.5:
            continue
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positional += _several(draw, name, x)
        elif optional or parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[name] = _argument(draw, name, parameter, x)
        else:
            positional.append(
                _argument(draw, name, parameter, x) if position else _first(draw, name, x)
            )
    return function(*positional, **named)


def _first(draw: Drawn, name: str, x: Variable) -> Any:
    if name in ONE_LIST:
        return _several(draw, name, x)
    return FIRSTS[name](draw, x) if name in FIRSTS else x


def _several(draw: Drawn, name: str, x: Variable) -> list[Any]:
    if name in ("shape", "axes"):
        count = draw.whole(0, 3)
        return [draw.whole(0, 3) for _ in range(count)]
    count = draw.chance.choice((1, 2, 2, 3))
    others = [
        draw.alike(x) if draw.chance.random() < 0.7 else draw.pick() for _ in range(count - 1)
    ]
    return [x, *others]


def _argument(draw: Drawn, name: str, parameter: inspect.Parameter, x: Variable) -> Any:
    default = parameter.default
    if isinstance(default, bool):
        return draw.chance.random() < 0.5
    if name == "k" and default is inspect.Parameter.empty:
        return draw.like(x)
    if name == "axis":
        return _axis(draw, parameter, x)
    if name in NAMED:
        return NAMED[name](draw, x)
    if default is not inspect.Parameter.empty:
        return default
    return draw.like(x)


def _axis(draw: Drawn, parameter: inspect.Parameter, x: Variable) -> Any:
    roll = draw.chance.random()
    if roll < 0.2 and parameter.default is None:
        return None
    if roll < 0.4 and x.ndim > 1 and "int" not in str(parameter.annotation):
        return tuple(draw.chance.sample(range(-x.ndim, 0), draw.whole(1, x.ndim)))
    return draw.axis(x)


def _square(draw: Drawn, x: Variable) -> Variable:
    """A matrix with as many rows as columns, far from singular."""
    if x.ndim < 2:
        x = draw.pick(lambda v: v.ndim >= 2 and np.dtype(v.dtype).kind in "fc")
    sizes = draw.shape(x)
    if not draw.is_moderate(x):  # LAPACK may look for singular values of infinity for ever
        raise UnfitError
    if draw.chance.random() < 0.2:
        return x
    if sizes[-1] != sizes[-2]:
        x = T.matmul(x, T.moveaxis(x, -1, -2))
    n = draw.shape(x)[-1]
    return x * 0.1 + T.constant(np.eye(n, dtype=x.dtype) * np.asarray(2, x.dtype))


def _second(draw: Drawn, x: Variable) -> Any:
    roll = draw.chance.random()
    if roll < 0.65:
        return draw.like(x)
    if roll < 0.8:
        return x.T
    return draw.pick()


def _shape(draw: Drawn, x: Variable) -> Any:
    """Sizes of as many elements as x has, as numbers, or one of them as -1 or a symbol."""
    count = int(np.prod(draw.shape(x)))
    sizes: list[Any] = []
    rest = max(count, 1)
    for prime in (2, 2, 3, 5, 7):
        if rest % prime == 0 and draw.chance.random() < 0.6:
            sizes.append(prime)
            rest //= prime
    sizes.insert(draw.whole(0, len(sizes)), rest if count else 0)
    if draw.chance.random() < 0.3:
        sizes.insert(draw.whole(0, len(sizes)), 1)
    if count and draw.chance.random() < 0.4:
        sizes[draw.chance.randrange(len(sizes))] = -1
    if draw.chance.random() < 0.2:
        return x.shape
    return tuple(sizes)


def _sizes(draw: Drawn, x: Variable) -> Any:
    """Sizes of a new array."""
    if draw.chance.random() < 0.3:
        return x.shape
    count = draw.whole(0, 3)
    sizes: list[Any] = [draw.chance.choice((0, 1, 2, 3, 5, 8)) for _ in range(count)]
    if x.ndim and draw.chance.random() < 0.5:
        sizes.append(x.shape[draw.axis(x)])
    return tuple(sizes)


def _count(draw: Drawn, x: Variable) -> Any:
    if x.ndim and draw.chance.random() < 0.3:
        return x.shape[draw.axis(x)]
    return draw.whole(0, 6)


def index_array(draw: Drawn, n: int) -> Any:
    """Integers that index n elements, as an array or a variable."""
    if not n:
        raise UnfitError
    rank = draw.chance.choice((0, 1, 1, 1, 2))
    if draw.chance.random() < 0.5:
        whole = [v for v in draw.known if v.dtype in ("int64", "int32", "int8") and v.ndim == rank]
        if whole:
            return draw.chance.choice(whole) % n
    sizes = tuple(draw.chance.choice((0, 1, 2, 3, 5)) for _ in range(rank))
    rng = np.random.default_rng(draw.chance.randrange(2**32))
    low = -n if draw.chance.random() < 0.5 else 0
    return T.constant(rng.integers(low, n, sizes))


def _indices(draw: Drawn, x: Variable) -> Any:
    sizes = draw.shape(x)
    return index_array(draw, min(sizes, default=1))


def _widths(draw: Drawn, x: Variable) -> Any:
    if draw.chance.random() < 0.3:
        return draw.whole(0, 2)
    return [(draw.whole(0, 2), draw.whole(0, 2)) for _ in range(x.ndim)]


def _axes(draw: Drawn, x: Variable) -> Any:
    if draw.chance.random() < 0.4:
        return draw.whole(0, 2)
    count = draw.whole(0, min(2, x.ndim))
    return [draw.chance.sample(range(x.ndim), count) for _ in "ab"]


def _split(draw: Drawn, x: Variable) -> Any:
    n = draw.shape(x)[0] if x.ndim else 0
    cut = draw.whole(0, n)
    return [cut, n - cut]


def _dtype(draw: Drawn, x: Variable) -> Any:
    return draw.chance.choice(DTYPES)


def _choice(*options: Any) -> Callable[[Drawn, Variable], Any]:
    return lambda draw, x: draw.chance.choice(options)


SMALL = _choice(-2, -1, 0, 1, 2)

NAMED: dict[str, Callable[[Drawn, Variable], Any]] = {
    "dtype": _dtype, "acc_dtype": _dtype, "idx_dtype": _choice("int64", "int32"),
    "shape": _shape, "repeats": _count, "reps": lambda d, x: d.chance.choice([
        d.whole(0, 3), tuple(d.whole(0, 3) for _ in range(d.whole(1, 3)))]),
    "shift": lambda d, x: d.whole(-9, 9), "offset": SMALL, "k": SMALL, "ddof": _choice(0, 1),
    "axis1": lambda d, x: d.axis(x), "axis2": lambda d, x: d.axis(x), "n": _choice(0, 1, 2, 3),
    "source": lambda d, x: d.axis(x), "destination": lambda d, x: d.axis(x),
    "start": _choice(0, 1, 2), "stop": _count, "step": _choice(1, 2, 3), "num": _choice(0, 1, 5),
    "m": _count, "n_ones": _choice(0, 1, 2), "ndim": _choice(1, 2), "splits_size": _split,
    "n_splits": _choice(2), "kth": _choice(1, 2, -1, -2), "side": _choice("left", "right"),
    "mode": _choice("raise", "wrap", "clip", "half_to_even", "half_away_from_zero", "constant",
                    "reflect", "edge", "symmetric", "reduced", "complete", "r"),
    "order": _choice("C", "F"), "indexing": _choice("xy", "ij"), "indices": _indices,
    "pad_width": _widths, "constant_values": _choice(0, 1, 2.5), "nb_class": _choice(4, 9),
    "minlength": _choice(0, 5, 40), "ord": _choice(1, 2, np.inf, -np.inf, 0, 3, "fro", "nuc"),
    "axes": _axes, "splits": _split, "lower_bound": _choice(-1.0, 0.0), "upper_bound": _choice(1.0),
    "multiplier": _choice(0.0, 2.0, -1.0), "number": _choice(0, 1, 2.5, -1),
    "fill_value": _choice(0, 1, 2.5, -1), "y": _second, "b": _second, "v": _second,
    "assume_a": _choice("gen", "sym", "pos"), "trans": _choice(0, 1, "T"),
    "UPLO": _choice("L", "U"),
    "ind": _choice(1, 2), "alpha": _choice(0, 0.1, 1), "rtol": _choice(1e-5, 0.1),
    "atol": _choice(0.0, 1e-3), "dims": _choice((3, 4), (2, 3, 5)), "rollaxis": SMALL,
}  # fmt: skip
"""An argument of a name, for the first operand x."""


FIRSTS: dict[str, Callable[[Drawn, Variable], Any]] = {
    "shape": _sizes, "n": _count, "start": NAMED["start"],
}  # fmt: skip
"""First arguments that are no operand."""


def subjects(uses: Sequence[Use]) -> list[str]:
    """The modules that the steps come from."""
    return sorted({use.subject for use in uses})
