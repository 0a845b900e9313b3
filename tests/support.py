"""What the tests of the core share: numbers that break things, the ways in which they can lie in
memory, and what it means for two results to be the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from kernelgraph.c import runtime_ctypes, toolchain
from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import DTypeError
from kernelgraph.function import Function, function
from kernelgraph.graph import Variable
from kernelgraph.ops.complex_text import joined
from kernelgraph.templates import OPERANDS
from kernelgraph.types import (
    COMPLEX,
    DTYPES,
    FLOATS,
    INTEGERS,
    TensorType,
    is_complex,
    is_float,
    is_inexact,
    real_part_of,
)

Array = np.ndarray[Any, Any]

TARGETS = ("interpret", "python", "c")
WAYS = (*TARGETS, "ctypes")
"""All ways in which a call can run: the targets, and C called by the runtime in Python."""

LAYOUTS = (
    "C",
    "F",
    "step",
    "negative",
    "repeated",
    "read-only",
    "unaligned",
    "byte-swapped",
    "transposed",
    "part",
)

SIZES = (0, 1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33)


def hunting() -> bool:
    """Whether this is a hunt: `./kg nightly`."""
    return settings.get_current_profile_name() == "nightly"


def within(seconds: float, limit: float) -> bool:
    """Whether something took no longer than a user should wait for it. A time says nothing of the
    code where the machine has other work: it is printed in every run, and judged by
    `./kg nightly`, which has the machine for itself.
    """
    print(f"{seconds:.3f} s, {limit:g} s allowed")
    return seconds <= limit or not hunting()


def takes(op: Elementwise, dtype: str) -> bool:
    """Whether an op is defined for operands of a dtype."""
    try:
        op.signature([dtype] * op.arity)
    except DTypeError:
        return False
    return True


def allowed(op: Elementwise, values: Sequence[Array]) -> list[Array]:
    """The rows of operands' values, vectors of one length, of which none is an error: an integer to
    the power of a negative one is.
    """
    node = op.make_node(*(TensorType(v.dtype.name, (None,))("x") for v in values))
    notice = op.notice(node)
    if notice is None or notice.error is None:
        return list(values)
    wrong = notice.holds(values[OPERANDS.index(notice.operand)])
    return [value[~wrong] for value in values]


def cases(tested: int, hunted: int) -> settings:
    """How many cases a property test draws: in a test run, and when it is what a hunt is for."""
    profile = settings.get_current_profile_name()
    sizes = {"nightly": hunted, "sampled": min(hunted, 5 * tested)}
    return settings(max_examples=sizes.get(profile, tested))


def quick_compiler(folder: Path, level: str) -> str:
    """The path of a C compiler that is this machine's, but optimises less: for tests of what the
    text says, not of what becomes of it. With -O0 it needs a tenth of the time.
    """
    compiler = folder / f"cc{level}"
    if not compiler.exists():
        command = toolchain.find(lambda _, compute: compute()).command
        compiler.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@" {level}\n')
        compiler.chmod(0o755)
    return str(compiler)


def specials(dtype: str) -> Array:
    """The numbers of a dtype at which formulas go wrong."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGERS:
        limits = np.iinfo(dtype)
        near = [
            limits.min,
            limits.min + 1,
            limits.max - 1,
            limits.max,
            limits.max // 2,
            limits.max // 2 + 1,
        ]
        small = [n for n in (0, 1, 2, 3, 7, 10, -1, -2, -3, -7) if limits.min <= n <= limits.max]
        return np.array([*small, *near], dtype=dtype)
    if is_complex(dtype):
        parts = specials_of_parts(real_part_of(dtype))
        return joined(*np.meshgrid(parts, parts)).ravel()
    limits = np.finfo(dtype)
    positive = [
        0.0,
        1.0,
        0.5,
        2.0,
        3.0,
        1e-3,
        np.pi,
        np.pi / 2,
        20.0,
        100.0,
        800.0,
        1e10,
        2.0**24,
        2.0**31,
        2.0**53,
        2.0**63,
        np.inf,
        limits.max,
        limits.tiny,
        limits.smallest_subnormal,
        1 + limits.eps,
        1 - limits.epsneg,
    ]
    with np.errstate(over="ignore"):  # float16 does not reach as far
        return np.array([*positive, *(-x for x in positive), np.nan]).astype(dtype)


def specials_of_parts(dtype: str) -> Array:
    """The numbers that the parts of complex numbers are, each with each."""
    limits = np.finfo(dtype)
    positive = [0.0, 1.0, 3.0, 1e-3, 20.0, 1e10, np.inf, limits.max]
    return np.array([*positive, -0.0, -1.0, -2.5, -np.inf, np.nan], dtype=dtype)


def draw(rng: np.random.Generator, dtype: str, shape: Sequence[int]) -> Array:
    """Numbers from a mixture: a third special, a third small and whole, a third normally
    distributed.
    """
    count = int(np.prod(shape, dtype=np.int64))
    special = rng.choice(specials(dtype), size=count)
    if dtype == "bool":
        return special.reshape(shape)
    low = 0 if dtype.startswith("uint") else -9
    whole = rng.integers(low, 10, size=count).astype(dtype)
    if is_complex(dtype):
        whole = whole + np.asarray(1j, dtype) * rng.integers(-3, 4, size=count)
        smooth = tame(rng, dtype, (count,)) * 3
    elif dtype in FLOATS:
        smooth = (rng.normal(size=count) * 3).astype(dtype)
    else:
        limits = np.iinfo(dtype)
        smooth = rng.integers(limits.min, limits.max, size=count, dtype=dtype, endpoint=True)
    return (
        np.choose(rng.integers(0, 3, size=count), [special, whole, smooth])
        .astype(dtype)
        .reshape(shape)
    )


def tame(rng: np.random.Generator, dtype: str, shape: Sequence[int]) -> Array:
    """Numbers without surprises, so that rounding is all that can differ."""
    if dtype == "bool":
        return rng.random(size=shape) > 0.5
    if is_complex(dtype):
        return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)
    if dtype in FLOATS:
        return rng.normal(size=shape).astype(dtype)
    return rng.integers(0 if dtype.startswith("uint") else -5, 6, size=shape).astype(dtype)


def lay_out(value: Array, layout: str) -> Array:
    """The same numbers in memory of another kind.

    "repeated" keeps only the first of the last axis's numbers.
    """
    match layout:
        case "F":
            return np.asfortranarray(value)
        case "step":
            room = np.zeros([2 * n for n in value.shape], dtype=value.dtype)
            view = room[tuple(slice(0, 2 * n, 2) for n in value.shape)]
        case "negative":
            room = np.zeros(value.shape, dtype=value.dtype)
            view = room[(slice(None, None, -1),) * value.ndim]
        case "repeated":
            return (
                np.broadcast_to(value[..., :1], value.shape) if value.ndim and value.size else value
            )
        case "read-only":
            view = value.copy()
            view.flags.writeable = False
            return view
        case "unaligned":
            room = np.zeros(value.nbytes + 1, dtype="uint8")
            view = room[1:].view(value.dtype).reshape(value.shape)
        case "byte-swapped":
            return value.astype(value.dtype.newbyteorder("S"))
        case "transposed":
            order = (*range(1, value.ndim), 0) if value.ndim else ()
            room = np.zeros([value.shape[k] for k in order], dtype=value.dtype)
            view = room.transpose(np.argsort(order).astype(int)) if value.ndim else room
        case "part":
            room = np.zeros([n + 3 for n in value.shape], dtype=value.dtype)
            view = room[tuple(slice(1, n + 1) for n in value.shape)]
        case _:
            return value.copy()
    view[...] = value
    return view


def builder(way: str, patch: pytest.MonkeyPatch) -> Callable[..., Function]:
    """`kg.function` for one of `WAYS`."""
    if way == "ctypes":
        patch.setattr("kernelgraph.c.target.runtime", lambda: runtime_ctypes)

    def build(*arguments: Any, **options: Any) -> Function:
        return function(*arguments, target="c" if way == "ctypes" else way, **options)

    return build


def same(a: Array, b: Array) -> bool:
    """Equal in dtype, shape and every bit, except that one NaN is as good as another."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind == "c":
        return same_complex(a, b)
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    number = ~np.isnan(a)
    return bool(
        np.array_equal(number, ~np.isnan(b))
        and np.array_equal(a[number], b[number])
        and np.array_equal(np.signbit(a[number]), np.signbit(b[number]))
    )


def same_complex(a: Array, b: Array) -> bool:
    """Both parts the same."""
    return same(a.real, b.real) and same(a.imag, b.imag)


def ulps_apart(a: Array, b: Array) -> float:
    """The largest distance of two float arrays in units of the last place; infinite where only one
    is NaN.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return np.inf
    if a.dtype.kind == "c":
        return complex_ulps_apart(a, b)
    missing = np.isnan(a) | np.isnan(b)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return np.inf
    kind = {2: "int16", 4: "int32", 8: "int64"}[a.dtype.itemsize]
    one, other = (_ordinals(v[~missing], kind) for v in (a, b))
    return float(max((abs(int(m) - int(n)) for m, n in zip(one, other, strict=True)), default=0))


def complex_ulps_apart(a: Array, b: Array) -> float:
    """The largest distance of two numbers in units of the last place of the larger magnitude; that
    of parts where one is infinite. Infinite where only one is NaN.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(abs(a), abs(b))
        finite = np.isfinite(size)
        unit = np.spacing(size[finite].astype(a.real.dtype))
        far = float(np.max(abs(a[finite] - b[finite]) / unit, initial=0))
    parts = ((one[~finite], other[~finite]) for one, other in ((a.real, b.real), (a.imag, b.imag)))
    return max(far, *(ulps_apart(one, other) for one, other in parts))


def _ordinals(values: Array, kind: str) -> Array:
    """Integers in the order of the floats, one apart for neighbours; both zeros are 0."""
    bits = np.ascontiguousarray(values).view(kind)
    return np.where(bits >= 0, bits, np.iinfo(kind).min - bits)


def on_all_targets(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    *,
    rules: Any = (),
    targets: Sequence[str] = TARGETS,
) -> dict[str, Function]:
    """One function per target, by default without any rewriting; each is on the target that it was
    asked for.
    """
    made = {
        target: function(
            inputs, list(outputs), target=target, rules=rules, on_unused_input="ignore"
        )
        for target in targets
    }
    assert all(made[target].target == target for target in targets)
    return made


__all__ = [
    "COMPLEX",
    "DTYPES",
    "FLOATS",
    "INTEGERS",
    "LAYOUTS",
    "SIZES",
    "TARGETS",
    "Array",
    "cases",
    "draw",
    "hunting",
    "is_complex",
    "is_float",
    "is_inexact",
    "lay_out",
    "on_all_targets",
    "quick_compiler",
    "same",
    "specials",
    "tame",
    "ulps_apart",
]
