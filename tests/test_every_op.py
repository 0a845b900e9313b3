"""Every op of the table on every back end: NumPy node by node, generated C and generated Python
give the same numbers.

What is exact (arithmetic, comparisons, choices, conversions, copies, views, everything on integers)
is compared bit for bit, NaN and the signs of zeros included. Functions that libraries approximate
may differ by as many units in the last place as their blocks say; sums by what adding in another
order can change.
"""

from __future__ import annotations

import inspect
import itertools
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph import ops
from kernelgraph.elementwise import OPS, DimShuffle, Elementwise
from kernelgraph.errors import DTypeError
from kernelgraph.function import function
from kernelgraph.graph import Variable
from kernelgraph.op import Op, Reduction
from kernelgraph.ops import (
    arithmetic,
    blocks,
    broadcasting,
    contraction,
    control,
    counting,
    cumulative,
    error_function,
    functions,
    gathering,
    indexing,
    labelled_products,
    masks,
    mixed,
    moments,
    passing,
    positions,
    powers,
    products,
    python,
    reductions,
    scan,
    softmax,
    sorting,
    sources,
    strided,
    views,
)
from kernelgraph.schedule.schedule import HostStep
from tests.support import (
    DTYPES,
    LAYOUTS,
    SIZES,
    TARGETS,
    Array,
    draw,
    is_complex,
    is_inexact,
    lay_out,
    on_all_targets,
    same,
    specials,
    tame,
    ulps_apart,
)  # fmt: skip

SIZE_OPS = ("slice_length", "range_length", "exact_div", "padded_size")
"""Computed with sizes only, which are int64 and not negative."""

GROUP = 30
"""So many cases make one function, which costs one run of the C compiler; of much longer ones it
needs more than twice the time for twice the text.
"""

MOST_PAIRS = 2200
"""So many pairs of special numbers are enough: all of them of real numbers."""

Compare = Callable[[Array, Array], bool]


@pytest.fixture(scope="module", autouse=True)
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGRAPH_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))
        yield


@dataclass(frozen=True, eq=False)
class Case:
    """One use of an op with its operands' values, and when two results of it count as equal."""

    label: str
    inputs: Sequence[Variable]
    outputs: Sequence[Variable]
    values: Sequence[Array]
    compare: Compare = field(default=same)


def _rng(label: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(label.encode()))


def _case(
    label: str, op: Any, values: Sequence[Array], compare: Compare = same, sizes: Sequence[Any] = ()
) -> Case:
    """`sizes` are declared; by default those of the values that are 1, and none else."""
    declared = sizes or [tuple(1 if n == 1 else None for n in value.shape) for value in values]
    inputs = [
        T.tensor(v.dtype.name, s, f"x{k}")
        for k, (v, s) in enumerate(zip(values, declared, strict=True))
    ]
    made = op(*inputs)
    return Case(label, inputs, made if isinstance(made, list) else [made], values, compare)


def within_ulps(bound: float) -> Compare:
    def compare(a: Array, b: Array) -> bool:
        return same(a, b) if a.dtype.kind not in "fc" else ulps_apart(a, b) <= bound

    return compare


# --------------------------------------------------------------------------------------------------


def elementwise_cases(op: Elementwise) -> Iterator[Case]:
    """All dtypes alone, pairs of equal dtypes, and some mixtures; all pairs of special numbers, and
    some others.
    """
    compare = within_ulps(op.ulps) if op.ulps else same
    for dtypes in _signatures(op):
        label = f"{op}({', '.join(dtypes)})"
        yield _case(label, op, _operands(label, dtypes), compare)


def _signatures(op: Elementwise) -> Iterator[tuple[str, ...]]:
    if op.name in SIZE_OPS:
        yield ("int64",) * op.arity
        return
    mixtures = list(itertools.product(DTYPES, repeat=op.arity))
    some = _rng(op.name).permutation(len(mixtures))[:22] if op.arity > 1 else ()
    wanted = [*((dtype,) * op.arity for dtype in DTYPES), *(mixtures[k] for k in some)]
    for dtypes in dict.fromkeys(wanted):
        try:
            op.signature(dtypes)
        except DTypeError:
            continue
        yield dtypes


def _operands(label: str, dtypes: Sequence[str]) -> list[Array]:
    rng = _rng(label)
    if len(dtypes) > 2:
        return [draw(rng, dtype, (150,)) for dtype in dtypes]
    places = np.meshgrid(*(np.arange(len(specials(dtype))) for dtype in dtypes), indexing="ij")
    some = np.arange(places[0].size)
    if len(some) > MOST_PAIRS:  # pairs of complex numbers
        some = rng.choice(some, MOST_PAIRS, replace=False)
    return [
        np.concatenate([specials(dtype)[place.ravel()[some]], draw(rng, dtype, (21,))])
        for dtype, place in zip(dtypes, places, strict=True)
    ]


def _slice_length(n: Variable, start: Variable, stop: Variable, step: Variable) -> Variable:
    """Of a size, which is not negative, and of a step, which is not 0, whatever numbers a program
    is tried on.
    """
    step = T.switch(T.eq(step, 0), 1, step)
    return indexing.slice_length(T.maximum(n, 0), start, stop, step)


def _exact_div(m: Variable, n: Variable) -> Variable:
    return sources.exact_div(T.maximum(m, 0), T.maximum(n, 0))


def size_cases() -> Iterator[Case]:
    ends = [indexing.MISSING, -7, -3, -2, -1, 0, 1, 2, 3, 7, indexing.FAR, -indexing.FAR]
    slices = np.array(
        list(
            itertools.product(
                [0, 1, 2, 5], ends, ends, [-indexing.FAR, -3, -2, -1, 1, 2, 3, indexing.FAR]
            )
        )
    )
    yield _case("slice_length", _slice_length, [*slices.T.copy()])
    ranges = np.array(list(itertools.product([*ends, 2**62], [*ends, -(2**62)], ends)))
    yield _case("range_length", indexing.range_length, [*ranges.T.copy()])
    quotients = np.array(
        list(itertools.product([0, 1, 2, 12, 2**62, indexing.FAR], [0, 1, 2, 3, 12, indexing.FAR]))
    )
    yield _case("exact_div", _exact_div, [*quotients.T.copy()])
    padded = np.array(list(itertools.product([0, 1, 5], [-2, -1, 0, 1, 3], [-1, 0, 2, 2**61])))
    yield _case("padded_size", blocks.padded_size, [*padded.T.copy()])


def cast_cases(source: str) -> Iterator[Case]:
    for dtype in DTYPES:
        if dtype != source and not (is_complex(source) and not is_complex(dtype)):
            label = f"cast {source} to {dtype}"
            yield _case(label, arithmetic.Cast(dtype), _operands(label, [source]))


# --------------------------------------------------------------------------------------------------


AXES = [(0,)], [(0,), (1,), (0, 1)], [(1,), (2,), (0, 2)]
"""The axes that are reduced, by rank."""

MORE_AXES = [(0,), (0, 1), (1, 2), (0, 1, 2)]
"""And for three dimensions of float64."""

WITH_ONES = [
    ((1,), (0,)),
    ((1, 9), (0,)),
    ((1, 9), (1,)),
    ((17, 1), (0, 1)),
    ((31, 2, 1), (1, 2)),
    ((1, 1), (0, 1)),
]


def reduction_cases(kind: type[Reduction]) -> Iterator[Case]:
    for dtype, shape, axes in _reduced():
        if _takes(kind, dtype, axes):
            yield from _reduction(kind, dtype, shape, axes)


def _takes(kind: type[Reduction], dtype: str, axes: Sequence[int]) -> bool:
    if issubclass(kind, reductions._Logical):
        return dtype == "bool"
    if is_complex(dtype) and issubclass(kind, reductions.OfReals):
        return False
    return len(axes) == 1 or not issubclass(kind, reductions._ExtremumAndPlace)


def _reduced() -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    shapes = [(33,), (9, 17), (5, 8, 3)]
    for dtype, shape in itertools.product(DTYPES, shapes):
        for axes in AXES[len(shape) - 1]:
            yield dtype, shape, axes
    yield from (("float64", shapes[2], axes) for axes in MORE_AXES)
    yield from (("float64", shape, axes) for shape, axes in WITH_ONES)


def _reduction(
    kind: type[Reduction], dtype: str, shape: Sequence[int], axes: tuple[int, ...]
) -> Iterator[Case]:
    label = f"{kind.name} of {dtype}{list(shape)} over {axes}"
    rng = _rng(label)
    if kind is moments.MeanAndVariance or (kind is reductions.Sum and is_inexact(dtype)):
        yield _case(label, kind(axes), [tame(rng, dtype, shape)], _as_sums(shape, axes))
    if kind is not moments.MeanAndVariance:
        exact = (
            tame(rng, "int8", shape).astype(dtype) if dtype != "bool" else tame(rng, dtype, shape)
        )
        yield _case(f"{label}, whole", kind(axes), [_with_odd(rng, exact)], _equal_but_for_zeros)


def _with_odd(rng: np.random.Generator, value: Array) -> Array:
    """Here and there something that is not a number, or the end of the range."""
    odd = specials(value.dtype.name)
    odd = odd[~np.isfinite(odd)] if value.dtype.kind in "fc" else odd
    return np.where(
        rng.random(size=value.shape) < 0.1, rng.choice(odd, size=value.shape), value
    ).astype(value.dtype)


def _equal_but_for_zeros(a: Array, b: Array) -> bool:
    """Which zero is the larger one, and whether a sum of negative zeros is one, is nobody's to
    say.
    """
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    )


def _as_sums(shape: Sequence[int], axes: Sequence[int]) -> Compare:
    """Sums of n numbers of about 1, in another order: 2 log2(n) roundings of their magnitude, at
    most n * 5.
    """
    count = math.prod(shape[axis] for axis in axes)

    def compare(a: Array, b: Array) -> bool:
        if a.dtype.kind not in "fc" or a.dtype != b.dtype or a.shape != b.shape:
            return same(a, b)
        bound = 2 * max(1.0, math.log2(count)) * np.finfo(a.dtype).eps * count * 5
        return bool(np.all(np.abs(a - b) <= bound))

    return compare


# --------------------------------------------------------------------------------------------------


def running_cases() -> Iterator[Case]:
    kinds = (cumulative.CumSum, cumulative.CumProd, cumulative.ProductBefore)
    for dtype, axis in itertools.product(DTYPES, (0, 1)):
        x = draw(_rng(f"running {dtype}"), dtype, (5, 9))
        for kind in kinds:
            yield _case(f"{kind.name} {dtype} along {axis}", kind(axis), [x])
        if is_inexact(dtype):
            label = f"recurrence {dtype} along {axis}"
            yield _case(label, cumulative.Recurrence(axis), [x, x[::-1]])


def sorted_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        rng = _rng(f"sorting {dtype}")
        x = rng.choice(specials(dtype), size=(3, 40))
        v = np.sort(draw(rng, dtype, (9,)))
        for op in (sorting.Sort(), sorting.ArgSort()):
            yield _case(f"{op} {dtype}", op, [x])
        for side in ("left", "right"):
            yield _case(f"search {side} {dtype}", sorting.SearchSorted(side), [v, x])
    for dtype in ("bool", "int8"):
        few = tame(_rng(dtype), "uint8", (9,)).astype(dtype)
        yield _case(f"highest {dtype}", counting.Highest((0,)), [few[:0]])
        yield _case(f"counts {dtype}", T.bincount, [few])
        yield _case(f"the largest {dtype}", lambda x: T.topk_and_argtopk(x, 3), [few])


def factor_cases() -> Iterator[Case]:
    for dtype, axes in itertools.product(DTYPES, [(0,), (1,), (0, 1)]):
        x = tame(_rng(f"products {dtype}"), dtype, (5, 20))
        for kind in (products.Prod, products.ProdOfNonzero):
            yield _case(f"{kind.name} {dtype} over {axes}", kind(axes), [x], within_ulps(200))


def dot_cases() -> Iterator[Case]:
    shapes = [
        ((7,), (7,)),
        ((3, 5), (5,)),
        ((5,), (5, 3)),
        ((4, 3), (3, 6)),
        ((33, 17), (17, 9)),
        ((2, 1), (1,)),
        ((1,), (1,)),
    ]
    for dtype, (left, right) in itertools.product(DTYPES, shapes):
        label = f"dot of {dtype}{list(left)} and {list(right)}"
        rng = _rng(label)
        values = [tame(rng, dtype, left), tame(rng, dtype, right)]
        yield _case(label, contraction.dot_op, values, _as_sums(left, [len(left) - 1]))
        if is_inexact(dtype):
            whole = [
                np.where(rng.random(size=v.shape) < 0.1, np.nan, np.round(v)).astype(dtype)
                for v in values
            ]
            yield _case(f"{label}, whole", contraction.dot_op, whole, _equal_but_for_zeros)
    for left, right in (
        ("int8", "float32"),
        ("int64", "uint64"),
        ("bool", "float64"),
        ("uint8", "int16"),
    ):
        label = f"dot of {left} and {right}"
        values = [tame(_rng(label), left, (5, 9)), tame(_rng(label), right, (9, 4))]
        yield _case(label, contraction.dot_op, values, _equal_but_for_zeros)
    for dtype in ("float32", "float64"):
        numbers = np.array([[1.0, np.inf, -2.0], [0.0, 3.0, np.nan]], dtype)
        counts = np.array([[True, False, True], [False, True, False]])
        below = np.array([[np.inf, 1.0], [np.nan, 2.0], [4.0, -np.inf]], dtype)
        yield _case(f"counted dot {dtype}", contraction.CountedDot(), [numbers, counts, below])


def _of_transposes(x: Variable, y: Variable) -> Variable:
    turn = DimShuffle((0, 2, 1))
    return labelled_products.BatchedDot()(turn(y), turn(x))


def product_cases() -> Iterator[Case]:
    """Of arrays of more dimensions: batches of matrices, and sums under labels."""
    forms = {
        "ab,bcd->acd": ((3, 4), (4, 2, 5)),
        "abc,acd->abd": ((2, 3, 4), (2, 4, 5)),
        "abcd,cdae->be": ((2, 3, 4, 5), (4, 5, 2, 3)),
        "abc,ac->ab": ((2, 3, 4), (2, 4)),
        "abc,acb->a": ((2, 3, 4), (2, 4, 3)),
    }
    for dtype, (form, shapes) in itertools.product(DTYPES, forms.items()):
        label = f"{form} of {dtype}"
        values = [tame(_rng(label), dtype, shape) for shape in shapes]
        yield _case(label, labelled_products.Einsum(form), values, _as_sums((60,), [0]))
    for dtype in DTYPES:
        label = f"batches of {dtype}"
        values = [tame(_rng(label), dtype, shape) for shape in ((2, 3, 4), (2, 4, 5))]
        yield _case(label, labelled_products.BatchedDot(), values, _as_sums((4,), [0]))
        yield _case(f"turned {label}", _of_transposes, values, _as_sums((4,), [0]))


def view_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        rng = _rng(f"views of {dtype}")
        matrix, column = draw(rng, dtype, (5, 3)), draw(rng, dtype, (5, 1))
        yield _case(f"transpose {dtype}", DimShuffle((1, 0)), [matrix])
        yield _case(f"dimshuffle {dtype}", DimShuffle(("x", 1, "x", 0)), [matrix])
        yield _case(f"passing {dtype}", passing.ZeroGrad(), [matrix])
        yield _case(f"drop {dtype}", DimShuffle((0,)), [column])
        yield _case(f"broadcast {dtype}", broadcasting.broadcast_like, [column, matrix])
        yield _case(f"paired {dtype}", positions.paired, [matrix, matrix])
        mask = np.arange(3) == np.array([0, 2, 1, 0, 1])[:, None]
        yield _case(f"picked {dtype}", positions.only, [mask, matrix])
        yield _case(f"reshape {dtype}", lambda x: x.reshape((3, -1)), [matrix])
        yield _case(f"flatten the transpose {dtype}", lambda x: x.T.flatten(), [matrix])
        yield _case(f"reshape to a scalar {dtype}", lambda x: x.reshape(()), [column[:1]])
        yield _case(f"a part {dtype}", lambda x: x[3:0:-2, 1], [matrix])
        yield _case(f"stack {dtype}", lambda x, y: T.stack(x, y, x), [matrix[0, 0], matrix[1, 1]])


def _second_half(x: Variable) -> Variable:
    """Blocks lie inside of their arrays: here that of the second operand of a join."""
    n = sources.size(x, 0)
    return blocks.Block((0,))(T.concatenate([x, x]), n, n)


def index_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        label = f"indexing {dtype}"
        x, y = draw(_rng(label), dtype, (7, 3)), draw(_rng(label), dtype, (7,))
        spec = (indexing.Slice(), indexing.Item())
        ends = [np.array(n) for n in (-1, 1, -2, -2)]
        yield _case(f"subtensor {dtype}", indexing.Subtensor(spec), [x, *ends])
        sizes = [np.array(n) for n in (7, 3)]
        yield _case(
            f"its transpose {dtype}", indexing.SubtensorTranspose(spec, 2), [y[:3], *ends, *sizes]
        )
        yield _case(f"joined {dtype}", lambda u, v: T.concatenate([u, v[:2], u]), [y, y])
        yield _case(f"joined columns {dtype}", lambda u: T.concatenate([u, u[:, :1]], 1), [x])
        yield _case(f"rolled {dtype}", lambda u: T.roll(u, 2, axis=0), [x])
        yield _case(f"a block {dtype}", _second_half, [x])
        yield _case(f"padded {dtype}", lambda u: T.pad(u, ((1, 1), (0, 2)), "constant", 1), [x])
        yield _case(f"set {dtype}", lambda u, v: T.set_subtensor(u[1:6:2, 1], v[:3]), [x, y])
        yield _case(f"added {dtype}", lambda u, v: T.inc_subtensor(u[-3:, 0], v[:3]), [x, y])
        where = np.array([0, -1, 3, 0])
        yield _case(f"set rows {dtype}", lambda u, w: T.set_subtensor(u[w], u[:4]), [x, where])
        yield _case(f"windows {dtype}", lambda v: strided.windows(v, (3, 2), 2), [x])
        yield _case(f"a diagonal {dtype}", lambda v: strided.diagonal(v, -1), [x])
        if dtype != "bool":
            part = tame(_rng(label), dtype, (5, 3))
            back = strided.StridedTranspose((((0, 1),), ((0, 2),)), 1)
            sizes = [np.array(n) for n in (5, 3, 9)]
            yield _case(f"add windows {dtype}", back, [part, *sizes])
        rows = np.array([[0, -1, 3], [6, -7, 3]])
        yield _case(f"take {dtype}", gathering.Gather(), [x, rows])
        yield _case(f"take columns {dtype}", lambda u, k: u[::2, k % 3], [x, rows])
        yield _case(f"take here and there {dtype}", lambda u, k: u[k, :, None][:, 1], [x, rows])
        yield _case(f"take one number {dtype}", gathering.Gather(), [y, rows[0]])
        yield _case(f"nonzero {dtype}", T.flatnonzero, [y])
        yield _case(f"masked {dtype}", lambda u, v: u[T.gt(v, 1), 1:], [x, y.real])
        if not is_inexact(dtype) and dtype not in ("bool", "uint64"):
            where = np.array([0, 2, 1, 0], dtype=dtype)
            yield _case(f"positions {dtype}", positions.position, [where, np.array(3)])
            labels = [where, np.array(3), np.zeros(4, "bool")]
            yield _case(f"labels {dtype}", positions.label, labels)
        if dtype != "bool":
            wide = tame(_rng(label), dtype, (2, 3, 4))
            yield _case(
                f"add to rows {dtype}", gathering.GatherTranspose(), [wide, rows % 7, np.array(7)]
            )


def size_of_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        x = draw(_rng(dtype), dtype, (3, 0, 4))
        yield _case(f"sizes {dtype}", lambda x: [sources.SizeOf(axis)(x) for axis in range(3)], [x])
        yield _case(f"counting {dtype}", lambda x: positions.count(T.shape(x)[2]), [x])
        yield _case(f"a shape {dtype}", lambda x: T.shape(x * x if x.dtype != "bool" else x), [x])


def softmax_cases() -> Iterator[Case]:
    kinds = (softmax.Softmax, softmax.LogSoftmax, softmax.LogSumExp)
    for dtype, kind, axis in itertools.product(("float64", "float32"), kinds, (0, 1)):
        label = f"{kind.name} {dtype} along {axis}"
        for scale in (1, 1000):  # of which no exponential is a number
            x = tame(_rng(label), dtype, (3, 5)) * np.asarray(scale, dtype)
            yield _case(f"{label} times {scale}", kind(axis), [x], within_ulps(8))
        p = tame(_rng(label), dtype, (3, 5))
        yield _case(f"peak {label}", softmax.Peak((axis,)), [p])
        yield _case(f"peak of nothing {label}", softmax.Peak((axis,)), [p[:0, :0]])
        yield _case(
            f"product {label}", softmax.SoftmaxProduct(axis), [p, p[::-1]], within_ulps(200)
        )


CASES: dict[str, list[Case]] = {
    **{
        f"elementwise {name}": list(elementwise_cases(op))
        for name, op in OPS.items()
        if name not in SIZE_OPS
    },
    **{f"cast {dtype}": list(cast_cases(dtype)) for dtype in DTYPES},
    **{
        f"reduction {kind.name}": list(reduction_cases(kind))
        for kind in (
            reductions.Sum,
            reductions.Max,
            reductions.Min,
            reductions.MaxAndArgmax,
            reductions.MinAndArgmin,
            reductions.AnyOf,
            reductions.AllOf,
            moments.MeanAndVariance,
        )
    },
    "running": list(running_cases()),
    "factors": list(factor_cases()),
    "sorted": list(sorted_cases()),
    "dot": list(dot_cases()),
    "products": list(product_cases()),
    "sizes": list(size_cases()),
    "views": list(view_cases()),
    "indices": list(index_cases()),
    "shapes": list(size_of_cases()),
    "softmax": list(softmax_cases()),
}

ALL = [case for cases in CASES.values() for case in cases]
POSITION = {case: k for k, case in enumerate(ALL)}


@lru_cache
def _group(number: int) -> dict[str, list[Any]]:
    """The results of a group of cases, by target."""
    cases = ALL[number * GROUP : (number + 1) * GROUP]
    inputs = [variable for case in cases for variable in case.inputs]
    made = on_all_targets(inputs, [out for case in cases for out in case.outputs])
    values = [value for case in cases for value in case.values]
    return {target: made[target](*values) for target in TARGETS}


def results(case: Case) -> dict[str, list[Any]]:
    """What each target computes for one case."""
    number, place = divmod(POSITION[case], GROUP)
    start = sum(len(other.outputs) for other in ALL[number * GROUP : number * GROUP + place])
    return {
        target: found[start : start + len(case.outputs)] for target, found in _group(number).items()
    }


@pytest.mark.parametrize("name", CASES)
def test_all_back_ends_agree(name: str) -> None:
    for case in CASES[name]:
        found = results(case)
        for target in ("python", "c"):
            for expected, got in zip(found["interpret"], found[target], strict=True):
                assert case.compare(expected, got), _disagreement(case, target, expected, got)


def _disagreement(case: Case, target: str, expected: Array, got: Array) -> str:
    lines = [
        (
            f"{case.label} on {target}: {got.dtype}{list(got.shape)}, "
            f"expected {expected.dtype}{list(expected.shape)}"
        )
    ]
    if expected.shape == got.shape == case.values[0].shape:
        for place in np.ndindex(expected.shape):
            if not case.compare(expected[place], got[place]):
                operands = ", ".join(repr(value[place]) for value in case.values)
                lines.append(f"  {operands} -> {got[place]!r}, expected {expected[place]!r}")
    return "\n".join(lines[:12])


def test_every_kind_of_op_is_here() -> None:
    """A new op fails here until it has cases above.

    What `ifelse`, `scan`, chance, printing and Python ops do is tested elsewhere.
    """
    elsewhere = {
        contraction.Products,
        control.ControlOp,
        control.IfElse,
        labelled_products.LabelledProduct,
        scan.Scan,
        python.CodedPythonOp,
        python.PythonOp,
        python.SizedPythonOp,
        cumulative.Running,
        sorting._AlongRows,
        reductions.OfReals,
        reductions._Extremum,
        reductions._ExtremumAndPlace,
        reductions._Logical,
        softmax.AlongAxis,
    }
    tested = {type(node.op) for case in ALL for node in _nodes(case)}
    modules = (
        arithmetic,
        broadcasting,
        contraction,
        control,
        counting,
        cumulative,
        products,
        sorting,
        scan,
        softmax,
        error_function,
        functions,
        gathering,
        indexing,
        moments,
        labelled_products,
        masks,
        mixed,
        positions,
        powers,
        python,
        reductions,
        sources,
        strided,
        views,
    )
    for module in modules:
        for kind in vars(module).values():
            if (
                inspect.isclass(kind)
                and issubclass(kind, Op)
                and kind.__module__ == module.__name__
            ):
                assert kind in tested | elsewhere, f"no case has a node of {kind.__name__}"
    others = (
        "operators", "mrg", "printing", "random", "random_mrg", "choice", "declared", "kinks",
        "logarithms", "logic", "loop", "numbers", "derivatives", "streams", "tape",
        "blocks", "coded", "joining", "solving", "subscripts", "updates", "moves",
        "decompositions", "inverses", "linear_solvers", "matrices", "matrix_functions", "spectra",
        "half_matrices", "binades", "complexes",
        "complex_angles", "complex_order", "complex_text", "einsum", "folding", "norms",
        "polar", "taps",
        "tensor_products",  # with tests of their own
        "axes", "coordinates", "creation", "grids", "patterns", "selection", "splitting",
        "stacking", "triangles",
        "enclosing", "no_gradient", "passing", "queries",
        "alike", "bits", "composed", "float_parts", "numpy_functions", "rounding", "special_values",
        "trigonometry",
        "bessel", "gamma_function", "incomplete_gamma", "inverse_error_function",
        "scalar_functions",
        "averages", "calculus", "conditions", "matrix_measures", "nan_functions", "quantiles",
        "rearranging", "second_names", "sequences", "sets", "stacks", "tapers",
    )  # fmt: skip
    names = {m.__name__ for m in modules} | {f"kernelgraph.ops.{name}" for name in others}
    assert {f"{ops.__name__}.{name}" for name in _module_names()} == names


def _module_names() -> list[str]:
    import pkgutil

    return [module.name for module in pkgutil.iter_modules(ops.__path__)]


def _nodes(case: Case) -> list[Any]:
    from kernelgraph.graph import walk

    return list(walk(case.outputs))


# ----------------------------------------------------------------------------------- shapes alone


def _kinds() -> dict[tuple[Any, ...], tuple[Case, Variable]]:
    """One result of every op that says how large it is without running."""
    found: dict[tuple[Any, ...], tuple[Case, Variable]] = {}
    for case in ALL:
        for out in case.outputs:
            node = out.owner
            if node is None or not out.ndim or None in node.op.sizes(node)[out.index]:
                continue
            key = (type(node.op), node.op.name, out.ndim)
            found.setdefault(key, (case, out))
    return found


def test_a_shape_alone_computes_nothing() -> None:
    """`op(x).shape` works out sizes; no loop and no call of the op is in the schedule."""
    for (kind, name, rank), (case, out) in _kinds().items():
        if kind is sources.MakeVector:  # a shape is such a list itself
            continue
        f = function(case.inputs, T.shape(out), target="python", on_unused_input="ignore")
        steps = f.stages.schedule.steps
        computed = [
            node
            for step in steps
            for node in ([step.node] if isinstance(step, HostStep) else step.body.nodes())
        ]
        assert out.owner is not None
        assert out.owner.op not in [node.op for node in computed], (name, rank, computed)


# ------------------------------------------------------------------------------------------- sizes


def _everything(dtype: str) -> tuple[list[Variable], list[Variable]]:
    """One use of every way to read memory, for a matrix, a row, a column, a vector and indices."""
    x, z = (T.tensor(dtype, (None, None), name) for name in "xz")
    row, column = T.tensor(dtype, (1, None), "row"), T.tensor(dtype, (None, 1), "column")
    v, k, n = T.tensor(dtype, (None,), "v"), T.lvector("k"), T.lscalar("n")
    outputs = [
        x + z,
        x * row,
        column + row,
        T.maximum(x, column),
        x + v,
        v.dimshuffle(0, "x") + v,
        T.eq(x, z),
        x.T,
        x.T + z.T,
        x[::2, ::-1],
        x[n:],
        x[:, n:],
        x[k],
        v[k],
        x.flatten(),
        x.T.flatten(),
        x.reshape((-1, 1)),
        T.sum(x),
        T.sum(x, axis=0),
        T.sum(x, axis=1),
        T.sum(x * z + row, axis=1),
        T.sum(column + row, axis=0, keepdims=True),
        T.argmax(v + v),
        T.switch(T.lt(x, row), x, z),
        v[::-1] * v,
        T.zeros_like(x),
        broadcasting.broadcast_like(row, x),
        x.astype("float32"),
        v,
        T.stack(v[0], v[-1]),
        T.dot(x, v),
        T.dot(x.T, z),
    ]
    return [x, z, row, column, v, k, n], outputs


def _values(
    rng: np.random.Generator, dtype: str, rows: int, columns: int, layout: str
) -> list[Any]:
    def made(*shape: int) -> Array:
        whole = tame(rng, "int8", shape).astype(dtype)
        return lay_out(whole, layout)

    k = lay_out(rng.integers(-rows, rows, size=6), layout)
    return [
        made(rows, columns),
        made(rows, columns),
        made(1, columns),
        made(rows, 1),
        made(columns),
        k % min(rows, columns),
        1,
    ]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
def test_sizes_and_layouts(dtype: str) -> None:
    """Arrays that lie in memory in every way, of every small size; the inputs stay as they were."""
    inputs, outputs = _everything(dtype)
    made = on_all_targets(inputs, outputs)
    rng = np.random.default_rng(0)
    sizes = [n for n in SIZES if n]
    for number, (layout, rows, columns) in enumerate(itertools.product(LAYOUTS, sizes, sizes)):
        arrays = _values(rng, dtype, rows, columns, layout)
        before = [np.array(value) for value in arrays]
        expected = made["interpret"](*arrays)
        targets = ("python", "c") if rows * columns < 50 and number % 7 == 0 else ("c",)
        for target in targets:
            for out, a, b in zip(outputs, expected, made[target](*arrays), strict=True):
                assert _equal_but_for_zeros(a, b), (
                    f"{out} of {rows} x {columns} numbers, {layout}, on {target}"
                )
        assert all(same(a, np.asarray(b)) for a, b in zip(before, arrays, strict=True)), (
            "an input was changed"
        )


@pytest.mark.parametrize("dtype", ["float64", "int8"])
@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0), (0, 1), (1, 0)])
def test_nothing(dtype: str, rows: int, columns: int) -> None:
    """Empty arrays: everything but what needs an element."""
    inputs, outputs = _everything(dtype)
    outputs = [
        out
        for out in outputs
        if "take" not in str(out) and "argmax" not in str(out) and "stack" not in str(out)
    ]
    made = on_all_targets(inputs, outputs)
    shapes = [(rows, columns), (rows, columns), (1, columns), (rows, 1), (columns,)]
    arrays = [np.zeros(shape, dtype) for shape in shapes]
    expected = made["interpret"](*arrays, [], 0)
    for target in ("python", "c"):
        for out, a, b in zip(outputs, expected, made[target](*arrays, [], 0), strict=True):
            assert same(a, b), f"{out} on {target}"
