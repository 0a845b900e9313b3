"""Graphs over many values at once: `vectorize_graph(y, {x: xs})` is y for each x of xs.

What a graph computes of one x, another graph computes of an array of them, which has new axes in
front. No loop is written around the graph: each op takes a batch in its own way. An elementwise op
takes it as it is, a sum goes along axes one further to the right, a matrix product has more rows.
The rules below say so for one new axis; several are put on one after the other, the last one first.
What has no rule is computed row by row, by a loop (`scan`).

Source of the method: J. Bradbury et al., JAX: composable transformations of Python+NumPy programs
(2018), where it is called `vmap`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_letters
from typing import Any, NamedTuple

from kernelgraph.elementwise import DimShuffle, Elementwise, dimshuffle, pad_left
from kernelgraph.errors import GraphError, ReplacementError, on_behalf_of
from kernelgraph.expect import expect_pairs
from kernelgraph.graph import Apply, Graph, Variable, describe, substitute
from kernelgraph.hooks import unwatched
from kernelgraph.mismatches import mismatched
from kernelgraph.op import Composite, Op, Reduction
from kernelgraph.ops.arithmetic import cast, switch
from kernelgraph.ops.blocks import Block, Pad
from kernelgraph.ops.broadcasting import Broadcast, zeros_like
from kernelgraph.ops.contraction import CountedDot, Dot, transposed
from kernelgraph.ops.control import IfElse
from kernelgraph.ops.cumulative import Running
from kernelgraph.ops.declared import Declared
from kernelgraph.ops.einsum import Square
from kernelgraph.ops.enclosing import Enclosed
from kernelgraph.ops.gathering import Gather, GatherTranspose
from kernelgraph.ops.indexing import Item, Slice, Subtensor, SubtensorTranspose
from kernelgraph.ops.joining import Join, Roll
from kernelgraph.ops.labelled_products import Einsum, LabelledProduct
from kernelgraph.ops.loop import scan
from kernelgraph.ops.matrices import Undetermined
from kernelgraph.ops.passing import Passing
from kernelgraph.ops.patterns import declared
from kernelgraph.ops.positions import Paired, Position, arange, long_of
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.softmax import AlongAxis
from kernelgraph.ops.solving import Equations
from kernelgraph.ops.sorting import ArgSort, SearchSorted, Sort
from kernelgraph.ops.sources import MakeVector, SizeOf, size
from kernelgraph.ops.stacks import OverMatrices, Stacked, stacked
from kernelgraph.ops.strided import Steps, Strided, StridedTranspose
from kernelgraph.ops.updates import SetSubtensor
from kernelgraph.ops.views import Reshape, reshape
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import TensorType, listed
from kernelgraph.walks import walk_as_written


def vectorize_graph(outputs: Any, replace: Any) -> Any:
    """`outputs`, one variable or a list, for arrays of values in the place of single ones.

    `replace`: {x: xs}, where xs has the dtype and the dimensions of x behind new ones; those of
    several variables stand in line from the right, and one of declared size 1 is repeated. Each
    result has the new axes in front. The numbers are those of the graph applied to one value after
    the other, stacked, up to the rounding of sums and matrix products.

    Raises `ReplacementError` (KG-G030) for another dtype or fewer dimensions, and `GraphError`
    (KG-G034) for what draws random numbers or holds no arrays.

    >>> import numpy as np, kernelgraph as kg, kernelgraph.tensor as T
    >>> x, xs = T.dvector("x"), T.dmatrix("xs")
    >>> lengths = kg.vectorize_graph((x * x).sum(), {x: xs})
    >>> kg.function([xs], lengths)([[3.0, 4.0], [1.0, 2.0]])
    array([25.,  5.])
    """
    wanted = expect_variables(outputs, "what is vectorized")
    places = _places(replace)
    axes = max((new.ndim - old.ndim for old, new in places.items()), default=0)
    if not axes:
        wanted = substitute(wanted, places)
    with unwatched():
        for _ in range(axes):
            wanted, places = _with_axis(wanted, places)
    return wanted if isinstance(outputs, list | tuple) else wanted[0]


def _places(replace: Any) -> dict[Variable, Variable]:
    """What is replaced, and by what. Raises `ReplacementError`."""
    places: dict[Variable, Variable] = {}
    for old, new in expect_pairs(replace, "replace", "symbol, array of such"):
        old = expect_variable(old, "what is replaced")
        places[old] = expect_variable(new, f"what replaces {describe(old)}")
        if old.dtype != places[old].dtype or places[old].ndim < old.ndim:
            raise ReplacementError(
                f"{describe(old)} cannot be replaced by {describe(places[old])}: its dtype and "
                "dimensions come behind new ones",
                operands=mismatched(old, places[old]),
            )
    return places


def _with_axis(
    outputs: Sequence[Variable], places: Mapping[Variable, Variable]
) -> tuple[list[Variable], dict[Variable, Variable]]:
    """The graph with one more axis, the last of the new ones, and what is still to be replaced."""
    known: dict[Variable, Batch] = {}
    later: dict[Variable, Variable] = {}
    inner = {v: new for v, new in places.items() if new.ndim - v.ndim >= 1}
    single = {v for v, new in inner.items() if new.broadcastable[new.ndim - v.ndim - 1]}
    for old, new in inner.items():
        shape = new.tensor_type.shape[new.ndim - old.ndim - 1 :]
        if old in single and len(single) < len(inner):  # repeated, so as good as without the axis
            rest = [k for k in range(new.ndim) if k != new.ndim - old.ndim - 1]
            new, shape = dimshuffle(new, rest), shape[1:]
        more = new.ndim > len(shape)
        here = Variable(TensorType(old.dtype, shape), old.name) if more else new
        if more:
            later[here] = new
        known[old] = Batch(here, here.ndim > old.ndim)
    for old, new in places.items():
        if old not in inner:
            known[old] = Batch(new, False)
    first = next(batch.variable for batch in known.values() if batch.is_batched)
    found = _Vectorizer(known, size(first, 0)).of(outputs)
    return found, later


class Batch(NamedTuple):
    """What stands for a variable: with a new axis in front, or the same for all rows."""

    variable: Variable
    is_batched: bool


class _Vectorizer:
    """One walk over a graph: what is `known` of variables, and how many `rows` there are."""

    def __init__(self, known: dict[Variable, Batch], rows: Variable) -> None:
        self.known = known
        self.rows = rows

    def of(self, outputs: Sequence[Variable]) -> list[Variable]:
        """The outputs, all with the new axis."""
        for node in walk_as_written(outputs, set(self.known)):
            behind = [v for out in node.outputs for v in out.derived_from]
            if any(v in self.known for v in (*node.inputs, *behind)):
                with on_behalf_of(node.origins):
                    self._visit(node)
        return [self.full(self.known.get(v, Batch(v, False))) for v in outputs]

    def _visit(self, node: Apply) -> None:
        operands = [self.known.get(v, Batch(v, False)) for v in node.inputs]
        if any(batch.is_batched for batch in operands):
            found = self._batched(node, operands)
        else:
            found = node.op.rebuild(node, [batch.variable for batch in operands]).outputs
        for old, new in zip(node.outputs, found, strict=True):
            if old.derived_from:
                new = self._derived(new, old.derived_from)
            is_array = isinstance(new.type, TensorType)
            self.known[old] = Batch(new, is_array and new.ndim > old.ndim)

    def _derived(self, new: Variable, behind: Sequence[Variable]) -> Variable:
        """A result that knows the graph that it came from, with the new axis as far as that has
        it: sizes that do not fit there are an error here too.
        """
        view = DimShuffle(range(new.ndim))(new)
        view.derived_from = tuple(self.known.get(v, Batch(v, False)).variable for v in behind)
        return view

    def full(self, batch: Batch) -> Variable:
        """A variable with the new axis, along which it is repeated if it had none."""
        x = batch.variable
        if batch.is_batched:
            return x
        if not isinstance(x.type, TensorType):
            raise GraphError(f"{describe(x)} is no array, so it has no rows", code="KG-G034")
        return Broadcast((0,))(dimshuffle(x, ["x", *range(x.ndim)]), self.rows)

    def _batched(self, node: Apply, operands: Sequence[Batch]) -> Sequence[Variable]:
        """The results of a node of which some operands have the new axis."""
        x, *rest = (batch.variable for batch in operands)
        alone = operands[0].is_batched and not any(batch.is_batched for batch in operands[1:])
        match node.op:
            case Elementwise() | Passing() | Sort() | ArgSort() | Undetermined():  # along rows
                return [node.op(x, *rest)]
            case DimShuffle(order=order):
                moved = [1 + k if isinstance(k, int) else "x" for k in order]
                return [DimShuffle([0, *moved])(x)]
            case SizeOf(axis=axis) if alone:
                return [size(x, 1 + axis)]
            case Join() | AlongAxis() | Running():
                return listed(_further(node.op)(*map(self.full, operands)))
            case Reduction() | Broadcast() | Block() | Pad() | Roll() if alone:
                return listed(_further(node.op)(x, *rest))
            case Reshape(ndim=ndim) if alone:
                return [Reshape(1 + ndim)(x, self.rows, *rest)]
            case MakeVector():
                columns = [dimshuffle(self.full(batch), (0, "x")) for batch in operands]
                kind = node.op.dtype
                return [Join(1)(*(cast(column, kind) for column in columns))]
            case Square(first=first, second=second):
                return [Square(1 + first, 1 + second)(x)]
            case LabelledProduct():
                return [_labelled(node.op, operands)]
            case Dot():
                return [cast(self._dot(node, *operands), node.out.dtype)]
            case CountedDot():
                return [_counted_dot(*map(self.full, operands))]
            case Equations() if not operands[0].is_batched:
                return [_right_sides(node.op, x, *rest)]
            case OverMatrices():
                return listed(stacked(node.op, [v.ndim for v in node.inputs])(x, *rest))
            case Stacked():
                return listed(node.op(x, *rest))
            case IfElse() if not operands[0].is_batched and not node.op.streams:
                return self._choice(node.op, operands)
            case Enclosed() if not node.op.places:
                inside = self._inside(node.op.graphs[0], [b.is_batched for b in operands])
                return listed(Enclosed(inside, node.op.name)(x, *rest))
            case Scan() if not operands[0].is_batched and not node.op.streams:
                return self._loop(node.op, operands)
            case _:
                return self._checked(node, operands, alone)

    def _checked(self, node: Apply, operands: Sequence[Batch], alone: bool) -> Sequence[Variable]:
        """What is handed on, or counted, when it fits."""
        x, *rest = (batch.variable for batch in operands)
        match node.op:
            case Paired() if alone:
                return [type(node.op)()(x, long_of(self.rows), *rest)]
            case SearchSorted() if not operands[0].is_batched:
                return [node.op(x, *rest)]
            case Position() if alone:
                number, *long = rest
                whole = declared(x, {1: size(long[0], 0)}) if long else x
                return [type(node.op)()(whole, number)]
            case Declared(shape=shape, axes=axes, label=label) if alone:
                moved = tuple(1 + axis for axis in axes)
                return [Declared((x.tensor_type.shape[0], *shape), moved, label)(x, *rest)]
            case _:
                return self._part(node, operands, alone)

    def _part(self, node: Apply, operands: Sequence[Batch], alone: bool) -> Sequence[Variable]:
        """A part, its transpose, or a write to it, at the same place in all rows."""
        x, *rest = (batch.variable for batch in operands)
        written = not any(batch.is_batched for batch in operands[2:])
        match node.op:
            case Subtensor() | SubtensorTranspose() | SetSubtensor() if _differs(node.op, operands):
                return self._spelled_out(node, operands, _by_arrays(node.op))
            case Subtensor(spec=spec) if alone:
                return [Subtensor([_WHOLE, *spec])(x, *rest)]
            case SubtensorTranspose(spec=spec, ndim=ndim) if alone:
                ends, sizes = rest[:-ndim], rest[-ndim:]
                return [SubtensorTranspose([_WHOLE, *spec], 1 + ndim)(x, *ends, self.rows, *sizes)]
            case Strided(steps=steps) if alone:
                return [Strided(_further_steps(steps))(x, self.rows, *rest)]
            case StridedTranspose(steps=steps, ndim=ndim) if alone:
                ends, sizes = rest[:-ndim], rest[-ndim:]
                op = StridedTranspose(_further_steps(steps), 1 + ndim)
                return [op(x, self.rows, *ends, self.rows, *sizes)]
            case SetSubtensor(forward=Subtensor(spec=spec)) if written:
                into, elements = map(self.full, operands[:2])
                return [type(node.op)(Subtensor([_WHOLE, *spec]))(into, elements, *rest[1:])]
            case Gather() if alone:
                return [Gather(*_further_place(node.op))(x, *rest)]
            case Gather() if not operands[0].is_batched:
                at = node.op.place.at
                return [_moved(Gather(node.op.place.axes, at)(x, *self._indices(operands)), at, 0)]
            case Gather():
                op, indices = self._in_rows(node.op, operands[1:])
                return [_moved(op(x, *indices), node.op.place.at, 0)]
            case GatherTranspose() if alone:
                return [GatherTranspose(*_further_place(node.op))(x, *rest)]
            case GatherTranspose(place=place) if not any(
                size.is_batched for size in operands[1 + len(place.axes) :]
            ):
                return [self._put_back(node.op, operands)]
            case SetSubtensor(forward=Gather() as forward):
                return [self._written(node.op, forward, operands)]
            case Composite():
                return self._spelled_out(node, operands, node.op.expand)
            case _:
                return self._row_by_row(node, operands)

    def _spelled_out(
        self, node: Apply, operands: Sequence[Batch], op: Callable[..., Variable]
    ) -> list[Variable]:
        """A node of which it is known how it is made of others."""
        ends = [Variable(v.type, v.name) for v in node.inputs]
        known = dict(zip(ends, operands, strict=True))
        return _Vectorizer(known, self.rows).of([op(*ends)])

    def _in_rows(
        self, op: Gather | GatherTranspose, indices: Sequence[Batch]
    ) -> tuple[Gather, Sequence[Variable]]:
        """The same elements in each row: the number of the row is one more index."""
        given = self._indices([Batch(self.rows, False), *indices])
        row = dimshuffle(arange(self.rows), [0, *["x"] * (given[0].ndim - 1)])
        axes, _ = _further_place(op)
        return Gather((0, *axes), op.place.at), [row, *given]

    def _indices(self, operands: Sequence[Batch]) -> list[Variable]:
        """The indices behind the first operand, with the new axis in front of theirs."""
        given = operands[1:]
        rank = max(batch.variable.ndim for batch in given)
        return [pad_left(batch.variable, rank) for batch in given]

    def _put_back(self, op: GatherTranspose, operands: Sequence[Batch]) -> Variable:
        """Elements added where indices of each row say."""
        count = len(op.place.axes)
        forward, indices = self._in_rows(op, operands[1 : 1 + count])
        g = _moved(self.full(operands[0]), 0, op.place.at)
        lengths = [batch.variable for batch in operands[1 + count :]]
        made = GatherTranspose(forward.place.axes, forward.place.at)
        return made(g, *indices, self.rows, *lengths)

    def _written(self, op: SetSubtensor, forward: Gather, operands: Sequence[Batch]) -> Variable:
        """Elements written where indices say, in each row its own."""
        x, v = map(self.full, operands[:2])
        if not any(batch.is_batched for batch in operands[2:]):
            indices = [batch.variable for batch in operands[2:]]
            return type(op)(Gather(*_further_place(forward)))(x, v, *indices)
        made, indices = self._in_rows(forward, operands[2:])
        return type(op)(made)(x, _moved(v, 0, forward.place.at), *indices)

    def _dot(self, node: Apply, left: Batch, right: Batch) -> Variable:
        """A product of vectors or matrices of which one or both have the new axis."""
        (x, y), (a, b) = (left.variable, right.variable), (v.ndim for v in node.inputs)
        if left.is_batched and right.is_batched:
            left_labels, right_labels = "bij"[:a] + "k", "bkj"[: 1 + b]
            return Einsum(f"{left_labels},{right_labels}->{'bi'[:a]}{'j'[: b - 1]}")(x, y)
        if left.is_batched:
            if a == 1:
                return Dot()(x, y)
            rows = [size(x, 0), size(x, 1)]
            product = Dot()(reshape(x, (rows[0] * rows[1], size(x, 2))), y)
            return reshape(product, (*rows, *(size(y, k) for k in range(1, b))))
        x = transposed(x) if a == 2 else x
        if b == 1:
            return Dot()(y, x)
        columns = [size(y, 0), size(y, 2)]
        turned = reshape(_moved(y, 2, 1), (columns[0] * columns[1], size(y, 1)))
        found = reshape(Dot()(turned, x), (*columns, *(size(x, k) for k in range(1, a))))
        return _moved(found, 2, 1) if a == 2 else found

    def _inside(self, graph: Graph, batched: Sequence[bool]) -> Graph:
        """A graph that a node holds, of which some inputs get the new axis, and all outputs."""
        inputs = [
            Variable(TensorType(v.dtype, (None, *v.tensor_type.shape)), v.name)
            if is_batched
            else v.clone()
            for v, is_batched in zip(graph.inputs, batched, strict=True)
        ]
        known = dict(zip(graph.inputs, map(Batch, inputs, batched), strict=True))
        first = next(batch.variable for batch in known.values() if batch.is_batched)
        return Graph(tuple(inputs), tuple(_Vectorizer(known, size(first, 0)).of(graph.outputs)))

    def _choice(self, op: IfElse, operands: Sequence[Batch]) -> Sequence[Variable]:
        """One condition for all rows."""
        condition, *reads = operands
        batched = [batch.is_batched for batch in reads]
        branches = [self._inside(graph, batched) for graph in op.graphs]
        made = IfElse(branches[0], branches[1])
        return listed(made(condition.variable, *(batch.variable for batch in reads)))

    def _loop(self, op: Scan, operands: Sequence[Batch]) -> Sequence[Variable]:
        """A loop whose states have all rows at once; in sequences, steps come first."""
        steps, sequences, states, fixed = op.split(operands)
        moving = [_moved(s.variable, 0, 1) if s.is_batched else s.variable for s in sequences]
        batched = [*(s.is_batched for s in sequences), *(True for _ in states)]
        step = self._inside(op.graphs[0], [*batched, *(v.is_batched for v in fixed)])
        made = Scan(step, op.sequences, op.states, [*op.last_only])
        others = [*map(self.full, states), *(v.variable for v in fixed)]
        found = listed(made(steps.variable, *moving, *others))
        return [v if k in op.last_only else _moved(v, 0, 1) for k, v in enumerate(found)]

    def _row_by_row(self, node: Apply, operands: Sequence[Batch]) -> Sequence[Variable]:
        """The node in a loop. Raises `GraphError` (KG-G034) for what is no map of arrays."""
        arrays = all(isinstance(v.type, TensorType) for v in node.outputs)
        if not arrays or node.op.next_states(node):
            raise GraphError(
                f"{node.op} cannot be applied to many values at once: its results are no arrays, "
                "or it draws random numbers",
                code="KG-G034",
                origins=node.origins,
                hint="kg.scan says what is drawn for each of them",
            )

        def step(*slices: Variable) -> list[Variable]:
            rows = iter(slices)
            own = [next(rows) if batch.is_batched else batch.variable for batch in operands]
            return list(node.op.rebuild(node, own).outputs)

        found, _ = scan(step, [batch.variable for batch in operands if batch.is_batched])
        return listed(found)


_WHOLE = Slice(whole=True)


def _labelled(op: LabelledProduct, operands: Sequence[Batch]) -> Variable:
    """The product with one label more, that of the new axis."""
    new = next(letter for letter in ascii_letters if letter not in "".join(op.labels))
    pairs = zip(operands, op.labels[:2], strict=True)
    left, right = (new + labels if batch.is_batched else labels for batch, labels in pairs)
    product = Einsum(f"{left},{right}->{new}{op.labels[2]}")
    return product(*(batch.variable for batch in operands))


def _right_sides(op: Equations, a: Variable, b: Variable) -> Variable:
    """Solutions of the same equations for many right sides at once: more columns."""
    if b.ndim == 2:
        return transposed(op(a, transposed(b)))
    sizes = [size(b, axis) for axis in (1, 0, 2)]
    found = op(a, reshape(_moved(b, 0, 1), (sizes[0], sizes[1] * sizes[2])))
    return _moved(reshape(found, sizes), 1, 0)


def _further(op: Any) -> Op:
    """The same op along axes one further to the right."""
    given: list[Any] = []
    for name in op.__props__:
        value = getattr(op, name)
        if name in ("axis", "axes"):
            value = 1 + value if isinstance(value, int) else tuple(1 + axis for axis in value)
        given += [] if name == "name" else [value]
    return type(op)(*given)


def _numbered(op: Any) -> tuple[Sequence[int], int]:
    """The axes of which an op on a part names one place by a number, and the operand where these
    numbers begin; no axes if the part is cut from others by slices.
    """
    forward = op if isinstance(op, Subtensor) else op.forward
    spec = forward.spec if isinstance(forward, Subtensor) else ()
    axes = [axis for axis, entry in enumerate(spec) if entry == Item()]
    whole = all(entry in (Item(), _WHOLE) for entry in spec)
    return axes if whole else [], 2 if isinstance(op, SetSubtensor) else 1


def _differs(op: Any, operands: Sequence[Batch]) -> bool:
    """Whether the rows have numbers of their own, `x[k]`, that name a place."""
    axes, first = _numbered(op)
    return any(batch.is_batched for batch in operands[first : first + len(axes)])


def _by_arrays(op: Any) -> Callable[..., Variable]:
    """A part by numbers as one by index arrays without axes."""
    axes, _ = _numbered(op)
    if isinstance(op, Subtensor):
        return Gather(axes)
    if isinstance(op, SetSubtensor):
        return type(op)(Gather(axes))

    def put_back(g: Variable, *ends: Variable) -> Variable:
        sizes = [ends[len(axes) + axis] for axis in axes]
        return GatherTranspose(axes)(g, *ends[: len(axes)], *sizes)

    return put_back


def _further_place(op: Gather | GatherTranspose) -> tuple[tuple[int, ...], int]:
    """The axes of indices, and the place of theirs in the result, one further to the right."""
    return tuple(1 + axis for axis in op.place.axes), 1 + op.place.at


def _further_steps(steps: Steps) -> Steps:
    """Steps along axes one further to the right, and along the new one from row to row."""
    moved = (tuple((1 + axis, step) for axis, step in each) for each in steps)
    return (((0, 1),), *moved)


def _moved(x: Variable, source: int, to: int) -> Variable:
    """An axis of an array at another place."""
    order = [k for k in range(x.ndim) if k != source]
    order.insert(to, source)
    return dimshuffle(x, order)


def _counted_dot(x: Variable, where: Variable, y: Variable) -> Variable:
    """The product of which those terms count for which `where` holds, for each row of a batch."""
    terms = dimshuffle(x, (0, 1, "x", 2)) * dimshuffle(y, (0, "x", 2, 1))
    counts = dimshuffle(where, (0, 1, "x", 2))
    return sum_(switch(counts, terms, zeros_like(terms)), axis=-1)
