"""Steps of random programs that no signature tells: indices of every form, writes into parts,
loops, choices, graphs in graphs, sums under labels, and derivatives in the middle of a program.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import OPS
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.drawing import Drawn, UnfitError, is_real
from tests.fuzz.language import Use, index_array

# Indices ------------------------------------------------------------------------------------------


def _end(draw: Drawn, n: int) -> Any:
    roll = draw.chance.random()
    if roll < 0.3:
        return None
    if roll < 0.4:
        scalars = [v for v in draw.known if v.ndim == 0 and v.dtype in ("int64", "int8", "int32")]
        if scalars:
            return draw.chance.choice(scalars)
    return draw.whole(-n - 1, n + 1)


def _part(draw: Drawn, n: int, symbol: Any) -> Any:
    """An index for one axis of n elements."""
    roll = draw.chance.random()
    if roll < 0.15:
        return slice(None)
    if roll < 0.55:
        step = draw.chance.choice([None, None, 1, 2, 3, -1, -1, -2])
        return slice(_end(draw, n), _end(draw, n), step)
    if roll < 0.65:
        return slice(draw.whole(0, 2), symbol - draw.whole(0, 2))
    if n and roll < 0.85:
        return draw.whole(-n, n - 1)
    return index_array(draw, n)


def index_of(draw: Drawn, v: Variable) -> Any:
    """An index that fits: slices, numbers, arrays, masks, new axes."""
    sizes = draw.shape(v)
    if draw.chance.random() < 0.12:
        axes = draw.whole(1, v.ndim)
        return _mask(draw, sizes[:axes])
    count = draw.whole(1, v.ndim)
    parts = [_part(draw, n, v.shape[axis]) for axis, n in enumerate(sizes[:count])]
    if count < v.ndim and draw.chance.random() < 0.3:
        tail = [_part(draw, n, v.shape[axis]) for axis, n in enumerate(sizes)][count + 1 :]
        parts = [*parts, ..., *tail]
    if draw.chance.random() < 0.15:
        parts.insert(draw.whole(0, len(parts)), None)
    return tuple(parts) if len(parts) > 1 else parts[0]


def _mask(draw: Drawn, sizes: tuple[int, ...]) -> Any:
    masks = [v for v in draw.known if v.dtype == "bool" and draw.shape(v) == sizes]
    if masks and draw.chance.random() < 0.7:
        return draw.chance.choice(masks)
    rng = np.random.default_rng(draw.chance.randrange(2**32))
    return T.constant(rng.random(sizes) < 0.5)


def _long(draw: Drawn) -> Variable:
    return draw.pick(lambda v: v.ndim > 0)


def indexed(draw: Drawn) -> Any:
    """A part of a variable."""
    v = _long(draw)
    return v[index_of(draw, v)]


def _written(draw: Drawn, part: Variable) -> Any:
    """What is written to a part: a number, or something of its sizes."""
    roll = draw.chance.random()
    if roll < 0.3:
        return draw.constant()
    if roll < 0.55:
        return part * draw.constant()
    return draw.like(part)


def updated(draw: Drawn) -> Any:
    """A variable in which a part is set or added to."""
    v = _long(draw)
    part = v[index_of(draw, v)]
    write = draw.chance.choice((T.set_subtensor, T.inc_subtensor))
    return write(part, _written(draw, part))


def written_in_turn(draw: Drawn) -> Any:
    """Several writes one after the other, of which some read what was written."""
    v = _long(draw)
    for _ in range(draw.whole(2, 4)):
        part = v[index_of(draw, v)]
        write = draw.chance.choice((T.set_subtensor, T.inc_subtensor))
        v = write(part, _written(draw, part))
        draw.compute([v])
    return v


def viewed(draw: Drawn) -> Any:
    """Views of views: transposed, flipped, cut, with new axes and without."""
    v = _long(draw)
    for _ in range(draw.whole(2, 5)):
        if v.ndim == 0:
            break
        order = draw.chance.sample(range(v.ndim), v.ndim)
        v = draw.chance.choice([
            lambda v=v, order=order: v.transpose(*order), lambda v=v: v[::-1],
            lambda v=v: v[index_of(draw, v)], lambda v=v: v.flatten(), lambda v=v: v[..., None],
            lambda v=v: T.diagonal(v) if v.ndim > 1 else v[1:], lambda v=v: v[..., ::2],
            lambda v=v: T.windows(v, 2, 1, 0), lambda v=v: v.reshape((-1,)),
        ])()  # fmt: skip
        draw.compute([v])
    return v


# Numbers ------------------------------------------------------------------------------------------


def with_constant(draw: Drawn) -> Any:
    """A formula with a number that rules look for."""
    v, c = draw.pick(), draw.constant()
    op = draw.chance.choice(
        (T.add, T.sub, T.mul, T.true_div, T.pow, T.maximum, T.minimum, T.eq, T.gt)
    )
    return op(v, c) if draw.chance.random() < 0.5 else op(c, v)


def chosen(draw: Drawn) -> Any:
    """One of two by a comparison."""
    v = draw.pick()
    w = draw.like(v)
    test = draw.chance.choice((T.gt, T.le, T.eq, T.neq, T.lt, T.ge))(v, draw.like(v))
    return T.switch(test, v, w) if draw.chance.random() < 0.7 else test * w


def power(draw: Drawn) -> Any:
    v = draw.pick()
    return v ** draw.chance.choice((0, 1, 2, 3, -1, 0.5, -0.5, 1.5, 2.0, 4))


def converted(draw: Drawn) -> Any:
    v = draw.pick()
    names = ("float64", "float32", "float16", "int64", "int8", "uint8", "bool", "complex128")
    return T.cast(v, draw.chance.choice(names))


def twice(draw: Drawn) -> Any:
    """The same node made twice, one of them hidden."""
    v = draw.pick()
    op = draw.chance.choice([op for op in OPS.values() if op.arity == 1 and op.public])
    hidden = draw.chance.choice([lambda: v, lambda: v + 0, lambda: v * 1, lambda: v.T.T])()
    join = draw.chance.choice((T.sub, T.true_div, T.add, T.maximum, T.eq, T.mul))
    return join(op(v), op(hidden))


def spelled_for_a_rule(draw: Drawn) -> Any:
    """What some rule rewrites, of what is there: so rules meet one another's results."""
    rule = draw.chance.choice([rule for rule in DEFAULT if rule.examples])
    example: Any = draw.chance.choice(rule.examples)
    x = draw.pick(lambda v: v.dtype in ("float64", "float32"))
    names = list(inspect.signature(example).parameters)
    operands = [x, *(as_variable(draw.like(x)) for _ in names[1:])][: len(names)]
    if any(getattr(v, "dtype", x.dtype) != x.dtype for v in operands):
        raise UnfitError
    try:
        return example(*operands)[0]
    except (TypeError, AttributeError, IndexError, AssertionError) as error:
        raise UnfitError from error  # an example is written for some ranks, and for symbols


def einsum(draw: Drawn) -> Any:
    """A sum under labels drawn by sizes."""
    operands = [draw.pick(lambda v: 0 < v.ndim < 4)]
    if draw.chance.random() < 0.7:
        operands.append(draw.pick(lambda v: 0 < v.ndim < 4))
    used: dict[str, int] = {}
    terms: list[str] = []
    for v in operands:
        term = ""
        for size in draw.shape(v):
            fitting = [label for label, n in used.items() if n == size]
            new = "abcdefgh"[len(used)] if len(used) < 8 else None
            reuse = fitting and (new is None or draw.chance.random() < 0.6)
            label = draw.chance.choice(fitting) if reuse else new
            if label is None:
                raise UnfitError
            used[label] = size
            term += label
        terms.append(term)
    kept = draw.chance.sample(list(used), draw.whole(0, min(3, len(used))))
    return T.einsum(f"{','.join(terms)}->{''.join(kept)}", *operands)


# Graphs in graphs ---------------------------------------------------------------------------------


def inner(draw: Drawn, ends: Sequence[Variable], values: Sequence[Any], steps: int) -> Drawn:
    """A small program over new variables."""
    numbers = {**draw.at, **dict(zip(ends, values, strict=True))}
    part = Drawn(draw.chance, draw.tame, draw.smooth, list(ends), numbers)
    for _ in range(steps):
        for _ in range(20):
            try:
                part.learn(_listed(draw.chance.choice(INNER)(part)))
                break
            except Exception as error:
                if not _is_refusal(error):
                    raise
    return part


def _listed(made: Any) -> list[Any]:
    return list(made) if isinstance(made, list | tuple) else [made]


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, kg.KernelgraphError | UnfitError)


def _elementwise(draw: Drawn) -> Any:
    op = draw.chance.choice([op for op in OPS.values() if op.public])
    v = draw.pick()
    return op(v, *(draw.like(v) for _ in range(op.arity - 1)))


def _folded(draw: Drawn) -> Any:
    v = draw.pick()
    return draw.chance.choice((T.sum, T.max, T.mean))(v) if v.ndim else T.tanh(v)


INNER: list[Callable[[Drawn], Any]] = [
    _elementwise, _elementwise, _folded, with_constant, chosen, indexed, updated,
]  # fmt: skip


def _state(part: Drawn, first: Variable, value: Any) -> Variable:
    """What has the type and the sizes that a state has."""
    fitting = [v for v in part.known
               if v.type == first.type and part.shape(v) == np.shape(value)]  # fmt: skip
    return part.chance.choice(fitting[-4:])


def looped(draw: Drawn) -> Any:
    """A loop of few steps: sequences and states with one tap or two, and fixed values."""
    chance = draw.chance
    state = draw.pick()
    value = np.asarray(draw.at[state])
    has_sequence = chance.random() < 0.6
    sequence = draw.pick(lambda v: v.ndim > 0 and draw.shape(v)[0] > 1) if has_sequence else None
    fixed = [draw.pick()] if chance.random() < 0.5 else []
    two = chance.random() < 0.25
    taps = chance.choice(([0], [0], [0, 1], [-1, 0])) if sequence is not None else []
    first = T.stack([state, state * 1]) if two else state
    if first.dtype != state.dtype:
        raise UnfitError

    def step(*given: Variable) -> Any:
        rows = [draw.at[sequence][0]] * len(taps) if sequence is not None else []
        values = [*rows, *[value] * (2 if two else 1), *(draw.at[v] for v in fixed)]
        part = inner(draw, given, [np.asarray(v) for v in values], draw.whole(1, 4))
        return [_state(part, given[len(taps)], value), chance.choice(part.known)]

    steps = chance.choice((None, 0, 1, 2)) if sequence is not None else chance.choice((0, 1, 2, 3))
    made, _ = kg.scan(
        step,
        sequences=[] if sequence is None else [{"input": sequence, "taps": taps}],
        outputs_info=[{"initial": first, "taps": [-2, -1]} if two else first, None],
        non_sequences=fixed,
        n_steps=None if steps is None else min(steps, _rows(draw, sequence) - len(taps) + 1),
        go_backwards=chance.random() < 0.3,
    )
    return made


def _rows(draw: Drawn, v: Variable | None) -> int:
    return 100 if v is None else draw.shape(v)[0]


def branched(draw: Drawn) -> Any:
    """A choice at run time."""
    a = draw.pick()
    b = draw.pick(lambda o: o.type == a.type)
    test = draw.pick()
    condition = T.gt(T.sum(test), 0) if test.dtype[:4] != "comp" else T.constant(True)
    return kg.ifelse(condition, a, b)


def enclosed(draw: Drawn) -> Any:
    """A graph as one op, applied to what it was drawn for."""
    given = [draw.pick() for _ in range(draw.whole(1, 2))]
    ends = [v.type(f"e{k}") for k, v in enumerate(given)]
    part = inner(draw, ends, [draw.at[v] for v in given], draw.whole(1, 4))
    op = kg.OpFromGraph(ends, part.known[-draw.whole(1, 2) :], inline=draw.chance.random() < 0.3)
    return op(*given)


def vectorized(draw: Drawn) -> Any:
    """A small program for each row of a variable."""
    v = draw.pick(lambda v: v.ndim > 0 and draw.shape(v)[0] > 0)
    row = T.TensorType(v.dtype, v.tensor_type.shape[1:])("row")
    part = inner(draw, [row], [np.asarray(draw.at[v][0])], draw.whole(1, 4))
    return T.vectorize_graph(part.known[-1], {row: v})


# Derivatives --------------------------------------------------------------------------------------


def _cost(draw: Drawn) -> Variable:
    v = draw.pick(lambda v: v.dtype.startswith(("float", "complex")) and v.owner is not None)
    real = T.real(v) if v.dtype.startswith("complex") else v
    return T.sum(real * draw.constant()) if draw.chance.random() < 0.3 else T.sum(real)


def gradient(draw: Drawn) -> Any:
    """The gradient by inputs, or by something on the way; sometimes one of its square's sum."""
    cost = _cost(draw)
    wrt = [draw.pick(is_real) for _ in range(draw.whole(1, 2))]
    slopes = T.grad(cost, wrt, disconnected_inputs="ignore")
    if draw.chance.random() < 0.3:
        total: Any = sum(T.sum(g * g) for g in slopes)
        return T.grad(total, wrt, disconnected_inputs="ignore")
    return slopes


def forward(draw: Drawn) -> Any:
    """The derivative along a direction."""
    y, x = draw.pick(is_real), draw.pick(is_real)
    return T.Rop(y, x, draw.chance.choice((T.ones_like(x), x)))


def jacobian(draw: Drawn) -> Any:
    """All derivatives of a few numbers."""
    y = draw.pick(lambda v: is_real(v) and v.ndim < 2 and np.size(draw.at[v]) < 10)
    x = draw.pick(lambda v: is_real(v) and np.size(draw.at[v]) < 10)
    return T.jacobian(y, x, disconnected_inputs="ignore")


def curved(draw: Drawn) -> Any:
    """Second derivatives times a vector, or all of them."""
    x = draw.pick(lambda v: is_real(v) and np.size(draw.at[v]) < 20)
    cost = _cost(draw)
    if x.ndim == 1 and draw.chance.random() < 0.3:
        return T.hessian(cost, x, disconnected_inputs="ignore")
    return T.hessian_vector_product(cost, x, x)


FORMS = [
    Use(form.__name__, subject, form)
    for subject, forms in {
        "indices": (indexed, updated, written_in_turn, viewed),
        "numbers": (with_constant, chosen, power, converted, twice, einsum),
        "rules": (spelled_for_a_rule,),
        "graphs": (looped, branched, enclosed, vectorized),
        "derivatives": (gradient, forward, jacobian, curved),
    }.items()
    for form in forms
]
