"""Sorting along an axis: numbers, the order that sorts them, the largest few, places in a sorted
vector.

NaN comes last, and equal elements keep their order (the sort is stable). Complex numbers are in
NumPy's order: see `complex_order.py`. Compiled functions sort by a merge sort in C (Knuth, The Art
of Computer Programming 3, section 5.2.4): short stretches by insertion, then two sorted neighbours
are merged, and two such pairs, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import CountError, DTypeError, IndexingError, OptionError
from kernelgraph.expect import came, expect_choice, expect_flag, expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import Axis, Cotangents, Opaque, Operand, Size, as_variable
from kernelgraph.ops.arithmetic import abs_, cast, switch
from kernelgraph.ops.complex_order import BEFORE, comes_before
from kernelgraph.ops.moves import NoDerivative
from kernelgraph.ops.positions import Position, arange
from kernelgraph.ops.sources import constant_size, derived_size
from kernelgraph.ops.views import flatten, normalize_axes, reshape
from kernelgraph.partials import Linear
from kernelgraph.routines import OwnC
from kernelgraph.templates import Helper
from kernelgraph.types import INTEGERS, Array, is_complex, is_float, upcast

__all__ = [
    "argsort", "argtopk", "searchsorted", "sort", "topk", "topk_and_argtopk",
]  # fmt: skip

KINDS = ("quicksort", "mergesort", "heapsort", "stable")
"""Names of algorithms that programs ask for; all of them get the stable one."""


@lru_cache
def before(dtype: str) -> Helper:
    """Whether a number comes before another one in C: NaN comes last."""
    if is_complex(dtype):
        return BEFORE
    kind = _c_type(dtype)
    last = " || (y != y && x == x)" if is_float(dtype) else ""
    text = f"static inline bool8 before_{kind}({kind} x, {kind} y) {{ return x < y{last}; }}"
    if dtype == "float16":
        text = """\
static inline bool8 before_float16(float16 one, float16 other) {
    const float32 x = float_of_half(one), y = float_of_half(other);
    return x < y || (y != y && x == x);
}"""
    return Helper(f"before_{kind}", c=f"/* Whether x comes before y: NaN is last. */\n{text}\n")


def _c_type(dtype: str) -> str:
    return "bool8" if dtype == "bool" else dtype


_MERGE_SORT = """\
/* Sort n items, with room for as many; equal ones keep their order. */
static void {name}(const int64 n, {item} *items, {item} *room{more}) {{
    for (int64 start = 0; start < n; start += 16) {{
        const int64 stop = n - start < 16 ? n : start + 16;
        for (int64 i = start + 1; i < stop; i++) {{
            const {item} one = items[i];
            int64 j = i;
            for (; j > start && {one_first}; j--) items[j] = items[j - 1];
            items[j] = one;
        }}
    }}
    for (int64 width = 16; width < n; width *= 2) {{
        for (int64 start = 0; start < n - width; start += 2 * width) {{
            const int64 middle = start + width, stop = n - middle < width ? n : middle + width;
            if (!{out_of_order}) continue;
            for (int64 i = 0; i < width; i++) room[i] = items[start + i];
            int64 left = 0, right = middle, at = start;
            while (left < width && right < stop) {{
                const {item} a = room[left], b = items[right];
                const bool8 second = {second_first};
                items[at++] = second ? b : a;
                right += second;
                left += !second;
            }}
            while (left < width) items[at++] = room[left++];
        }}
    }}
}}
"""


def _merge_sort(name: str, item: str, more: str, first: str, need: Helper) -> Helper:
    """A sort of items; `first` says of two whether the first comes before the second."""

    def comes_first(x: str, y: str) -> str:
        return first.replace("{x}", x).replace("{y}", y)

    text = _MERGE_SORT.format(
        name=name,
        item=item,
        more=more,
        one_first=comes_first("one", "items[j - 1]"),
        out_of_order=comes_first("items[middle]", "items[middle - 1]"),
        second_first=comes_first("b", "a"),
    )
    return Helper(name, c=text, needs=(need,))


@lru_cache
def sorter(dtype: str) -> Helper:
    """A function of C that sorts numbers."""
    kind, need = _c_type(dtype), before(dtype)
    return _merge_sort(f"sort_{kind}", kind, "", f"{need.name}({{x}}, {{y}})", need)


@lru_cache
def order_sorter(dtype: str) -> Helper:
    """A function of C that sorts the places of numbers by these."""
    kind, need = _c_type(dtype), before(dtype)
    first = f"{need.name}(by[{{x}}], by[{{y}}])"
    return _merge_sort(f"order_{kind}", "int64", f", const {kind} *by", first, need)


class _AlongRows(Opaque):
    """What sorts each row: the elements along the last axis."""

    __props__ = ()

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def each_row(self, node: Apply, body: str, helper: Helper, room: str) -> OwnC:
        """C that does something for each row `x` of `n` numbers, whose result goes to `to`."""
        last = node.out.ndim - 1
        sizes = {f"n{axis}": Axis(0, axis) for axis in range(last)}
        rows = " * ".join(["1", *sizes])
        text = (
            f"for (int64 row = 0; row < {rows}; row++, x += n, out += n) {{\n"
            f"{body.replace('HELPER', helper.name)}"
            "}\n"
        )
        scratch = {"room": (room, [Axis(0, last)])}
        named = {**sizes, "n": Axis(0, last)}
        return OwnC(text, named, ("x",), ("out",), (helper,), scratch)


class Sort(_AlongRows):
    """The elements of each row in order."""

    name = "sort"
    linear = Linear()  # in what is near the operand, which has the same order

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[0].type)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.sort(inputs[0], axis=-1, kind="stable")]

    def routine(self, node: Apply) -> OwnC:
        body = "    for (int64 i = 0; i < n; i++) out[i] = x[i];\n    HELPER(n, out, room);\n"
        return self.each_row(node, body, sorter(node.out.dtype), node.out.dtype)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """Each element back to its place."""
        (x,), (g,) = node.inputs, cotangents
        if g is None:
            return [None]
        order = ArgSort()(x)
        return [along_rows(g, ArgSort()(order))]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (x,), (t,) = node.inputs, tangents
        return [None if t is None else along_rows(t, ArgSort()(x))]


class ArgSort(NoDerivative, _AlongRows):
    """For each row, the places of its elements in the order that sorts them."""

    name = "argsort"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[0].type.with_dtype("int64"))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.argsort(inputs[0], axis=-1, kind="stable").astype("int64", copy=False)]

    def routine(self, node: Apply) -> OwnC:
        body = "    for (int64 i = 0; i < n; i++) out[i] = i;\n    HELPER(n, out, room, x);\n"
        return self.each_row(node, body, order_sorter(node.inputs[0].dtype), "int64")


def along_rows(x: Variable, places: Variable) -> Variable:
    """The elements of each row of `x` at the places that the row of `places` has."""
    if x.ndim == 1:
        return x[places]
    sizes = [derived_size(places, axis) for axis in range(x.ndim)]
    length = derived_size(x, x.ndim - 1)
    rows = reshape(places, [-1 if x.ndim > 2 else sizes[0], sizes[-1]])
    starts = arange(derived_size(rows, 0)) * length
    return reshape(flatten(x)[rows + dimshuffle(starts, (0, "x"))], sizes)


class _Rows:
    """An axis moved behind all others, and back."""

    def __init__(self, x: Any, axis: Any) -> None:
        x = as_variable(x)
        if axis is None:
            x, axis = flatten(x), 0
        (along,) = normalize_axes([axis], x)
        self.order = [*(k for k in range(x.ndim) if k != along), along]
        self.x: Variable = dimshuffle(x, self.order)

    def back(self, found: Variable) -> Variable:
        """A result with the axis at its place."""
        return dimshuffle(found, [self.order.index(k) for k in range(len(self.order))])


def _check_kind(kind: Any, order: Any) -> None:
    if kind is not None:
        expect_choice(kind, "kind", KINDS)
    if order is not None:
        raise OptionError(
            f"order must be None, not {came(order)}: arrays of numbers have no fields to sort by"
        )


def sort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
    """The elements in order along `axis` (None: all of them, as a vector); NaN comes last.

    Equal elements keep their order, whatever `kind` of sort is asked for. The derivative of an
    element goes where it came from. Raises `AxisError` (KG-S003) for an axis that is not there and
    `OptionError` for another `kind`.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [T.sort(x), T.grad((T.sort(x) * [1, 10, 100]).sum(), x)])
    >>> [found.tolist() for found in f([3.0, 1.0, 2.0])]
    [[1.0, 2.0, 3.0], [100.0, 1.0, 10.0]]
    """
    _check_kind(kind, order)
    rows = _Rows(x, axis)
    return rows.back(Sort()(rows.x))


def argsort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
    """The places along `axis`, int64, that sort the elements: `x[T.argsort(x)]` is `T.sort(x)`.

    Arguments and errors are those of `T.sort`.
    """
    _check_kind(kind, order)
    rows = _Rows(x, axis)
    return rows.back(ArgSort()(rows.x))


# ------------------------------------------------------------------------------- the largest few


class Few(Position):
    """How many elements are meant, less one (the first operand), of as many as the second says."""

    name = "few"
    wraps = False

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """The error for none, or for more than there are."""
        return CountError(
            f"kth asks for {index + 1} of {size} numbers",
            origins=node.origins,
            hint=f"kth is a number from 1 to {size}, or from -{size} to -1 for the smallest"
            if size
            else "there are no numbers: leave it out where the axis is empty",
            operands=(Operand("the numbers", (size,), (0,)),),
        )


def _ends(x: Variable, kth: Any) -> tuple[Any, Any]:
    """From where to where the k largest (or, of a negative k, smallest) of each row are."""
    n = derived_size(x, x.ndim - 1)
    k = as_variable(kth)
    if k.ndim or k.dtype not in INTEGERS:
        raise OptionError(f"kth must be an integer that is not 0, not {describe(k)}")
    if isinstance(k, Constant):
        number = expect_integer(int(k.data), "kth")
        known = x.tensor_type.shape[-1]
        if number == 0:
            raise OptionError("kth must be an integer that is not 0, not 0")
        if known is not None and abs(number) > known:
            raise CountError(
                f"kth asks for {abs(number)} of {known} numbers, in {describe(x)}",
                operands=(sized(x, x.ndim - 1, known),),
            )
    k = cast(k, "int64")
    few = abs_(k) if _fits(k, x) else Few()(abs_(k) - 1, n) + 1
    return switch(k > 0, n - few, constant_size(0)), switch(k > 0, n, few)


def _fits(k: Variable, x: Variable) -> bool:
    return isinstance(k, Constant) and x.tensor_type.shape[-1] is not None


def topk_and_argtopk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> list[Variable]:
    """The `kth` largest elements along `axis` (None: of all), or of a negative number the smallest,
    and their places. Both are in the order of the elements, the smallest first, also where `sorted`
    does not ask for that.

    `kth` is an integer or a scalar of integers. Raises `OptionError` for 0 and `CountError`
    (KG-I009) for more elements than there are; so does a call of the function, for a scalar.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], T.topk_and_argtopk(x, 2))
    >>> [found.tolist() for found in f([3.0, 1.0, 5.0, 2.0])]
    [[3.0, 5.0], [0, 2]]
    """
    return [topk(x, kth, axis, sorted), argtopk(x, kth, axis, sorted, idx_dtype)]


def topk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> Variable:
    """The `kth` largest elements along `axis`, or of a negative number the smallest: see
    `T.topk_and_argtopk`.
    """
    _index_dtype(idx_dtype)
    return _few(Sort(), x, kth, axis, sorted)


def argtopk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> Variable:
    """The places of the `kth` largest elements along `axis`: see `T.topk_and_argtopk`."""
    return cast(_few(ArgSort(), x, kth, axis, sorted), _index_dtype(idx_dtype))


def _few(op: Opaque, x: Any, kth: Any, axis: Any, sorted: Any) -> Variable:
    expect_flag(sorted, "sorted")
    rows = _Rows(x, axis)
    start, stop = _ends(rows.x, kth)
    return rows.back(op(rows.x)[..., start:stop])


def _index_dtype(dtype: Any) -> str:
    return expect_choice(dtype, "idx_dtype", INTEGERS)


# ------------------------------------------------------------------------------ places in a vector


class SearchSorted(NoDerivative, Opaque):
    """For each number of the second operand, where it goes into the first, a sorted vector: before
    the first element that it does not come behind (left), or before the first that it comes before
    (right). By bisection, also of a vector that is not sorted.
    """

    __props__ = ("side",)
    name = "searchsorted"

    def __init__(self, side: str) -> None:
        self.side = side

    def make_node(self, *inputs: Any) -> Apply:
        x, v = inputs
        return Apply(self, [x, v], [Variable(v.type.with_dtype("int64"))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, v = (np.asarray(value) for value in inputs)
        low = np.zeros(v.shape, "int64")
        high: Array = np.full(v.shape, len(x), "int64")
        for _ in range(len(x).bit_length()):
            middle = (low + high) // 2
            there = x[np.minimum(middle, len(x) - 1)]
            behind = _comes_before(there, v) if self.side == "left" else ~_comes_before(v, there)
            low, high = (
                np.where((low < high) & behind, middle + 1, low),
                np.where((low < high) & ~behind, middle, high),
            )
        return [low]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(1, axis) for axis in range(node.out.ndim)]]

    def routine(self, node: Apply) -> OwnC:
        x, v = node.inputs
        helper = before(x.dtype)
        sizes = {f"n{axis}": Axis(1, axis) for axis in range(v.ndim)}
        one = "v[i]" if v.ndim else "v"
        test = f"{helper.name}(x[middle], {one})"
        if self.side == "right":
            test = f"!{helper.name}({one}, x[middle])"
        text = f"""
for (int64 i = 0; i < {" * ".join(["1", *sizes])}; i++) {{
    int64 low = 0, high = n;
    while (low < high) {{
        const int64 middle = low + (high - low) / 2;
        if ({test}) low = middle + 1; else high = middle;
    }}
    out[i] = low;
}}
"""
        named = {"n": Axis(0, 0), **sizes}
        return OwnC(text, named, ("x", "v"), ("out",), (helper,))


def _comes_before(x: Any, y: Any) -> Any:
    if is_complex(x.dtype.name):
        return comes_before(x, y)
    return (x < y) | ((y != y) & (x == x))


def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Variable:
    """Where the numbers `v` (of any shape) go into a sorted vector, so that it stays sorted: before
    equal elements (side "left") or behind them ("right"). int64, of the shape of `v`.

    `sorter` are places that sort the vector: `T.argsort(x)`. Raises `DTypeError` (KG-D002) for an
    `x` that is no vector and `OptionError` for another side.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x, v = T.dvector("x"), T.dvector("v")
    >>> f = kg.function([x, v], [T.searchsorted(x, v), T.searchsorted(x, v, side="right")])
    >>> [found.tolist() for found in f([1.0, 2.0, 2.0, 5.0], [2.0, 9.0])]
    [[1, 4], [3, 4]]
    """
    x, v = as_variable(x), as_variable(v)
    expect_choice(side, "side", ("left", "right"))
    if x.ndim != 1:
        what = f"searchsorted takes a sorted vector, not {describe(x)}"
        raise DTypeError(what, code="KG-D002", operands=(sized(x),))
    if sorter is not None:
        sorter = as_variable(sorter)
        if sorter.ndim != 1 or sorter.dtype not in INTEGERS:
            what = f"sorter is a vector of integers, not {describe(sorter)}"
            raise DTypeError(what, code="KG-D002", operands=(typed(sorter, INTEGERS),))
        x = x[sorter]
    dtype = upcast(x.dtype, v.dtype)
    return SearchSorted(side)(cast(x, dtype), cast(v, dtype))
