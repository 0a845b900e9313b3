"""Sums of products as Einstein wrote them: `einsum("ij,jk->ik", x, y)`.

The subscripts name the axes of the operands by letters. Two operands at a time become one
(`labelled_products.py`); before that, an operand takes its diagonal where a label stands twice, and
its sum along labels that nothing else has.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from kernelgraph.access import Axis, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import expect_text
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.names import quoted
from kernelgraph.op import Cotangents, Size, View, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.contraction import dot_op
from kernelgraph.ops.labelled_products import Einsum, Labelled, aligned
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.strided import diagonal
from kernelgraph.partials import Linear
from kernelgraph.types import TensorType, upcast

__all__ = ["einsum"]

_FORM = 'einsum("ij,jk->ik", x, y): a letter for each axis, "..." for any number of them'


def einsum(subscripts: Any, *operands: Any) -> Variable:
    """The sum of products that `subscripts` describe, as NumPy's `einsum` with text.

    Every operand has a letter for each of its axes; axes of one letter run together. Behind the
    arrow stand the letters of the result, all others are summed over. A letter twice in an operand
    is a diagonal. `...` stands for axes without letters, which are aligned from the right as
    broadcasting does. Without an arrow, the result has the letters that stand there once, in
    alphabetic order, behind what `...` stands for.

    Several operands are multiplied two at a time, those first that leave the fewest axes. Raises
    `ArgumentError` for subscripts that cannot be read or do not fit the operands, `ShapeError`
    (KG-S002) for sizes of one letter that differ: here if they are known, else when the function
    runs.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x, y = T.dmatrix("x"), T.dmatrix("y")
    >>> f = kg.function([x, y], [einsum("ij,kj->ik", x, y), einsum("ii", x)])
    >>> [result.tolist() for result in f([[1, 2], [3, 4]], [[1, 0], [0, 1]])]
    [[[1.0, 2.0], [3.0, 4.0]], 5.0]
    """
    text = expect_text(subscripts, "the subscripts of einsum", hint=_FORM)
    arrays = [as_variable(operand) for operand in operands]
    if not arrays:
        raise ArgumentError("einsum of no operands", hint=_FORM)
    terms, result = _read(text, arrays)
    dtype = upcast(*(x.dtype for x in arrays))
    parts = [(cast(x, dtype), labels) for x, labels in zip(arrays, terms, strict=True)]
    return contracted(parts, result, string.ascii_letters)


def contracted(parts: Sequence[Labelled], result: str, repeated: str = "") -> Variable:
    """The sum of products of arrays with labelled axes, under the labels of the result; along
    `repeated` ones, what is declared to have size 1 is repeated.

    Raises `ShapeError` (KG-S002) for sizes of one label that are known to differ.
    """
    left = _without_ones([_only_once(part) for part in parts], repeated)
    while True:
        left = [_summed(part, result, [p for p in left if p is not part]) for part in left]
        if len(left) == 1:
            return aligned(left[0], result)
        one, other = min(
            combinations(range(len(left)), 2), key=lambda pair: _cost(left, pair, result)
        )
        rest = [part for k, part in enumerate(left) if k not in (one, other)]
        kept = _kept(left[one][1] + left[other][1], result, rest)
        left = [*rest, (_product(left[one], left[other], kept), kept)]


def _kept(labels: str, result: str, rest: Sequence[Labelled]) -> str:
    """Those of some labels, each once, that are needed later; in the order of the result."""
    later = result + "".join(labels for _, labels in rest)
    needed = [label for label in dict.fromkeys(labels) if label in later]
    return "".join(sorted(needed, key=later.index))


def _cost(parts: Sequence[Labelled], pair: tuple[int, int], result: str) -> int:
    """How many axes the product of a pair has."""
    rest = [part for k, part in enumerate(parts) if k not in pair]
    return len(_kept(parts[pair[0]][1] + parts[pair[1]][1], result, rest))


def _product(x: Labelled, y: Labelled, kept: str) -> Variable:
    """Two arrays multiplied: as `dot` or element by element where that says it, else by labels."""
    (a, left), (b, right) = x, y
    inner = [label for label in left if label in right and label not in kept]
    if not inner and not (set(left) & set(right)):
        return aligned(x, kept) * aligned(y, kept)
    if len(left) < 3 and len(right) < 3 and len(inner) == 1 == len(set(left) & set(right)):
        rows, columns = left.replace(inner[0], ""), right.replace(inner[0], "")
        if rows + columns == kept:
            return dot_op(aligned(x, rows + inner[0]), aligned(y, inner[0] + columns))
        return dot_op(aligned(y, columns + inner[0]), aligned(x, inner[0] + rows))
    return Einsum(f"{left},{right}->{kept}")(a, b)


def _summed(part: Labelled, result: str, others: Sequence[Labelled]) -> Labelled:
    """An array summed along the labels that nothing else has."""
    x, labels = part
    kept = "".join(k for k in labels if k in result or any(k in other for _, other in others))
    if kept == labels:
        return part
    axes = [axis for axis, label in enumerate(labels) if label not in kept]
    return cast(sum_(x, axis=axes), x.dtype), kept


def _only_once(part: Labelled) -> Labelled:
    """The diagonal along axes of one label."""
    x, labels = part
    for label in labels:
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = diagonal(Square(first, second)(x), 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    return x, labels


def _without_ones(parts: Sequence[Labelled], repeated: str) -> list[Labelled]:
    """Axes declared to have size 1 left out where another operand has more there."""
    longer = {
        label
        for x, labels in parts
        for label, one in zip(labels, x.broadcastable, strict=True)
        if label in repeated and not one
    }
    found: list[Labelled] = []
    for x, labels in parts:
        axes = [k for k, one in enumerate(x.broadcastable) if one and labels[k] in longer]
        kept = "".join(label for k, label in enumerate(labels) if k not in axes)
        kept_axes = [k for k in range(x.ndim) if k not in axes]
        found.append((dimshuffle(x, kept_axes), kept))
    return found


class Square(View):
    """An array as it is, two of whose axes must be equally long."""

    __props__ = ("first", "second")
    name = "square"
    linear = Linear()

    def __init__(self, first: int, second: int) -> None:
        self.first = first
        self.second = second

    def make_node(self, *inputs: Any) -> Apply:
        (x,) = inputs
        return fitting(Apply(self, [x], [Variable(TensorType(x.dtype, x.tensor_type.shape))]))

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [inputs[0]]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return index

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        yield Axis(0, self.first), Axis(0, self.second)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        (x,) = node.inputs
        return ShapeError(
            f"axes {self.first} and {self.second} of {describe(x)} must be equally long, "
            f"and have sizes {sizes[0]} and {sizes[1]}",
            code="KG-S002",
            origins=node.origins,
            operands=(sized(x, self.second, sizes[1]),),
        )

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return cotangents

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return tangents


def _read(text: str, arrays: Sequence[Variable]) -> tuple[list[str], str]:
    """The labels of each operand, and of the result: `...` has got letters of its own."""
    written, arrow, result = text.replace(" ", "").partition("->")
    terms = written.split(",")
    if len(terms) != len(arrays):
        what = f"{quoted(text)} describes {len(terms)} operands, and there are {len(arrays)}"
        raise ArgumentError(what, hint=_FORM)
    letters = [term.replace("...", "", 1) for term in (*terms, result)]
    if not all(term.isascii() and term.isalpha() for term in letters if term):
        raise ArgumentError(f"{quoted(text)} cannot be read as subscripts", hint=_FORM)
    more = [_more(x, term, len(own)) for x, term, own in zip(arrays, terms, letters, strict=False)]
    free = [letter for letter in string.ascii_letters if letter not in text]
    if max(more) > len(free):
        raise ArgumentError(f"{quoted(text)}: there are not letters enough for all axes")
    dots = "".join(free[: max(more)])
    if arrow and dots and "..." not in result:
        raise ArgumentError(f"{quoted(text)}: the result has no place for '...'", hint=_FORM)
    named = [
        term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, more, strict=True)
    ]
    if not arrow:
        once = sorted(k for k in set("".join(letters)) if "".join(letters).count(k) == 1)
        return named, dots + "".join(once)
    return named, _result(text, result.replace("...", dots), named)


def _more(x: Variable, term: str, letters: int) -> int:
    """How many axes of an operand `...` stands for."""
    if (x.ndim < letters) if "..." in term else (x.ndim != letters):
        raise ShapeError(
            f"the subscripts {quoted(term)} do not fit {describe(x)}, "
            f"which has {x.ndim} dimensions",
            code="KG-S002",
            operands=(sized(x),),
            hint=_FORM,
        )
    return x.ndim - letters


def _result(text: str, result: str, terms: Sequence[str]) -> str:
    """The labels of the result. Raises `ArgumentError` for one that is twice there or nowhere."""
    for label in result:
        if result.count(label) > 1 or not any(label in term for term in terms):
            fault = "twice in the result" if result.count(label) > 1 else "in no operand"
            raise ArgumentError(f"{quoted(text)}: {label} is {fault}", hint=_FORM)
    return result
