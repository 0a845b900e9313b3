"""A graph over an array of values gives what it gives of one value after the other, stacked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError, KernelgraphError, ReplacementError
from kernelgraph.graph import Graph, Variable, walk
from kernelgraph.ops.scan import Scan
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from kernelgraph.types import TensorType
from tests.fuzz.programs import program, values
from tests.graphs import RandomGraph
from tests.support import cases
from tests.test_every_op import CASES, Case

pytestmark = pytest.mark.usefixtures("any_numbers")

ROWS = 3


def batched(v: Variable, rows: int | None = None) -> Variable:
    return Variable(TensorType(v.dtype, (rows, *v.tensor_type.shape)), v.name)


def variants(value: Any, rng: np.random.Generator) -> Any:
    """Other values of the same shape and dtype: the same numbers in other places, some turned."""
    rows = [rng.permutation(value.reshape(-1)).reshape(value.shape) for _ in range(ROWS)]
    signs = rng.choice([1, -1], size=ROWS) if value.dtype.kind == "f" else np.ones(ROWS, int)
    return np.stack(
        [(row * sign).astype(value.dtype) for row, sign in zip(rows, signs, strict=True)]
    )


def row_by_row(graph: Graph, values: list[Any], many: dict[int, Any], rows: int) -> list[list[Any]]:
    """What a graph computes for each row of the operands that are `many`."""
    return [
        kg.interpret(graph, [many[k][row] if k in many else v for k, v in enumerate(values)])
        for row in range(rows)
    ]


def checked(graph: Graph, given_values: list[Any], places: list[int], seed: int) -> bool:
    """Compare a vectorized graph with the graph, row by row; whether all rows had a result."""
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(v) for v in given_values]
    many = {k: variants(arrays[k], rng) for k in places}
    inputs = [batched(v) if k in many else v for k, v in enumerate(graph.inputs)]
    replaced = {v: new for v, new in zip(graph.inputs, inputs, strict=True) if v is not new}
    vectorized = Graph(tuple(inputs), tuple(kg.vectorize_graph(list(graph.outputs), replaced)))
    with np.errstate(all="ignore"):
        try:
            rows = row_by_row(graph, arrays, many, ROWS)
        except KernelgraphError:
            return False
        try:
            found = kg.interpret(vectorized, [many.get(k, v) for k, v in enumerate(arrays)])
        except GraphError as error:
            if error.code != "KG-G032":
                raise
            return False  # rows of different lengths make no array
    for number, array in enumerate(found):
        wanted = np.stack([row[number] for row in rows])
        assert array.dtype == wanted.dtype
        exact = 1e-3 if array.dtype == "float32" else 1e-9
        np.testing.assert_allclose(array, wanted, rtol=exact, atol=exact)
    return True


def some_places(graph: Graph, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return [k for k in range(len(graph.inputs)) if rng.random() < 0.6] or [0]


@cases(15, 400)
@given(st.integers(0, 2**32))
def test_random_formulas(seed: int) -> None:
    graph = program(seed)
    checked(graph, values(graph, seed), some_places(graph, seed), seed)


@cases(12, 400)
@given(st.integers(0, 2**32))
def test_random_graphs_with_loops_and_choices(seed: int) -> None:
    found = RandomGraph(seed, 12)
    graph = Graph(tuple(found.inputs), tuple(found.outputs))
    if graph.inputs:
        operands = [found.values[v] for v in graph.inputs]
        checked(graph, operands, some_places(graph, seed), seed)


x, A, w = T.dvector("x"), T.dmatrix("A"), T.dvector("w")
i = T.lvector("i")


def total(fn: Any, start: Any) -> Any:
    return kg.scan(fn, sequences=[x], outputs_info=[start], non_sequences=[w])[0]


EXPRESSIONS: dict[str, Any] = {
    "matrix times vector": T.dot(A, x), "vector times matrix": T.dot(x, A.T),
    "matrix product": T.dot(A, A.T), "outer": T.outer(x, w), "mask": T.switch(x > 0, T.log(x), 0.0),
    "softmax": T.softmax(A * x), "cross entropy": T.nnet.categorical_crossentropy(
        T.softmax(T.dot(A, T.outer(x, x))), i[:2] % 3),
    "take": x[i], "rows": A[i % 2], "write": T.set_subtensor(x[1:], w[1:] * 2),
    "add": T.inc_subtensor(x[i], 1.0), "pad": T.pad(A, 1), "roll": T.roll(x, 1),
    "windows": T.windows(x, 2).sum(axis=1), "diagonal": T.diagonal(T.dot(A.T, A)),
    "join": T.concatenate([x, w * 2]), "stacked numbers": T.stack(x[0], w[1], x.sum()),
    "reshape": (A * x).flatten().reshape((3, 2)), "loop": total(lambda s, a, f: a * s + f, w),
    "choice": kg.ifelse(i[0] > 0, x * w, x - w), "argmax": T.argmax(A * x, axis=1),
    "gradient": T.grad(T.tanh(T.dot(A, x * w)).sum() ** 2, A),
    "gradient of a loop": T.grad(total(lambda s, a, f: T.tanh(a * s + f), w)[-1].sum(), x),
    "gradient of parts": T.grad((x[i] * x[1:].sum()).sum() + T.roll(x, 1)[0] * T.pad(x, 1)[2], x),
    "second derivative": T.grad(T.grad(T.exp(x * w).sum(), x).sum(), w),
    "running": T.cumsum(A, axis=1) + T.cumprod(A, axis=0), "trace": T.einsum("ii->", T.outer(x, w)),
    "three": T.einsum("i,ij,j->i", w, T.outer(x, w), x), "any": T.any(A * x > 0, axis=1),
    "sorted": T.sort(A * x, axis=0), "order": T.argsort(A * x), "places": T.searchsorted(x, w),
    "equations": T.slinalg.solve(T.outer(x, x) + np.eye(3) * 9, w),
    "mixed": T.outer(x, w)[:, i % 3], "pairs": T.outer(x, w)[i, i[::-1]],
    "write rows": T.set_subtensor(A[:, i % 3], 2.0), "logical": T.prod(A * x, axis=0),
    "max": T.grad(T.max(A * x, axis=1).sum(), x), "norm": T.sqrt((A * x).var(axis=1) + 1),
}  # fmt: skip
VALUES = [
    np.array([0.5, -1.5, 2.0]), np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]]),
    np.array([1.0, -2.0, 0.25]), np.array([2, 0, 1]),
]  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("places", [[0], [1], [0, 2], [0, 1, 2], [3], [0, 3]])
def test_ops(name: str, places: list[int]) -> None:
    graph = Graph((x, A, w, i), (EXPRESSIONS[name],))
    assert checked(graph, VALUES, places, 7)


@pytest.mark.parametrize("target", ["interpret", "python", "c"])
def test_several_axes_stand_in_line_from_the_right(target: str) -> None:
    many_x, many_w, some = (
        batched(batched(x)),
        batched(w),
        Variable(TensorType("float64", (1, None))),
    )
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(2, 4, 3)), rng.normal(size=(4, 3)), rng.normal(size=(1, 3))
    y = T.dot(A, T.tanh(x * w))
    made = kg.vectorize_graph([y, A], {x: many_x, w: many_w})
    found = kg.function([A, many_x, many_w], made, target=target)(VALUES[1], a, b)
    np.testing.assert_allclose(found[0], np.tanh(a * b) @ VALUES[1].T)
    np.testing.assert_array_equal(found[1], np.broadcast_to(VALUES[1], (2, 4, 2, 3)))
    made = kg.vectorize_graph(y, {x: many_x, w: some})
    found = kg.function([A, many_x, some], made, target=target)(VALUES[1], a, c)
    np.testing.assert_allclose(found, np.tanh(a * c) @ VALUES[1].T)


def test_nothing_new_is_a_replacement() -> None:
    assert kg.vectorize_graph([x * 2, w], {x: w})[0].owner.inputs[0] is w


def test_a_graph_of_many_values_has_no_loop() -> None:
    made = kg.vectorize_graph(T.softmax(T.tanh(T.dot(A, x))), {x: batched(x)})
    assert "scan" not in str(Graph((), (made,)))


@pytest.mark.parametrize(
    ("place", "new", "kind"),
    [
        (A, x, ReplacementError),
        (x, T.fmatrix("m"), ReplacementError),
        (x, 3, KernelgraphError),
        (3, x, KernelgraphError),
    ],
)
def test_what_does_not_fit(place: Any, new: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        kg.vectorize_graph(x * 2, {place: new})


def test_a_draw_is_refused() -> None:
    stream = RandomStreams(1)
    with pytest.raises(GraphError, match="KG-G034"):
        kg.vectorize_graph(stream.uniform((x[0].astype("int64"),)), {x: batched(x)})


# -------------------------------------------------------------------------------- the table of ops


def some_of(group: list[Case]) -> Iterator[Case]:
    """A case for every op and every number of dimensions, of one float and one integer dtype."""
    seen: set[Any] = set()
    for case in group:
        ops = frozenset((node.op.name, len(node.inputs)) for node in walk(case.outputs))
        ranks = tuple((v.ndim, v.dtype.rstrip("0123456789")) for v in case.inputs)
        if (ops, ranks) not in seen:
            seen.add((ops, ranks))
            yield case


def in_rows(case: Case, places: tuple[int, ...], lead: tuple[int, ...], few: int) -> None:
    """Compare an op over new axes of some operands with the op, slice by slice."""
    rng, rows = np.random.default_rng(5), int(np.prod(lead))
    values = [v[:few] if v.ndim == 1 else v for v in map(np.asarray, case.values)]
    many = {
        k: np.stack([rng.permutation(v.ravel()).reshape(v.shape) for v in [values[k]] * rows])
        for k in places
    }
    inputs = [
        Variable(TensorType(v.dtype, ((None,) * len(lead) + v.tensor_type.shape)))
        if k in many
        else v
        for k, v in enumerate(case.inputs)
    ]
    places_of = {v: new for v, new in zip(case.inputs, inputs, strict=True) if v is not new}
    made = kg.vectorize_graph(list(case.outputs), places_of)
    graph = Graph(tuple(case.inputs), tuple(case.outputs))
    given = [many[k].reshape(*lead, *v.shape) if k in many else v for k, v in enumerate(values)]
    with np.errstate(all="ignore"):
        try:
            wanted = row_by_row(graph, values, many, rows)
        except np.linalg.LinAlgError:  # of a matrix whose elements have changed places
            return
        if any(len({np.shape(v) for v in results}) > 1 for results in zip(*wanted, strict=True)):
            return  # rows of different lengths make no array
        found = kg.interpret(Graph(tuple(inputs), tuple(made)), given)
    for array, results in zip(found, zip(*wanted, strict=True), strict=True):
        stacked = np.stack(results).reshape(*lead, *results[0].shape)
        assert array.dtype == stacked.dtype, case.label
        exact = {"e": 1e-2, "f": 1e-4, "F": 1e-4}.get(array.dtype.char, 1e-9)
        np.testing.assert_allclose(array, stacked, rtol=exact, atol=exact, err_msg=case.label)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_op_over_new_axes(name: str) -> None:
    few = 12 if name.startswith("elementwise") else 10**6
    for case in some_of(CASES[name]):
        count = len(case.inputs)
        some = itertools.chain(*(itertools.combinations(range(count), r + 1) for r in range(count)))
        for number, places in enumerate(itertools.islice(some, 6)):
            in_rows(case, places, ((3,), (2, 3))[number % 2], few)


def test_rows_with_numbers_of_their_own_are_no_loop() -> None:
    k, j = T.lscalars("k", "j")
    parts: list[Any] = [
        A[k], A[:, j], A[k, j], T.set_subtensor(A[k], 7.0), T.inc_subtensor(A[:, j], A[:, 0]),
        T.grad(A[k, j] ** 2 + A[k].sum(), A), T.to_one_hot(T.stack(k, j), 3),
    ]  # fmt: skip
    new: Any = {A: batched(A), k: batched(k), j: batched(j)}
    arrays = [np.arange(18.0).reshape(3, 2, 3), np.array([1, 0, -1]), np.array([2, 0, -3])]
    arrays[2][2] = 1
    for replaced in ([A, k], [k, j], [A, k, j]):
        places = {v: new[v] for v in replaced}
        made = kg.vectorize_graph(parts, places)
        assert not any(isinstance(node.op, Scan) for node in walk(made))
        given = [a if v in replaced else a[0] for v, a in zip(new, arrays, strict=True)]
        found = kg.interpret(Graph(tuple(places.get(v, v) for v in new), tuple(made)), given)
        for row in range(3):
            one = [a[row] if v in replaced else a[0] for v, a in zip(new, arrays, strict=True)]
            for array, wanted in zip(
                found, kg.interpret(Graph(tuple(new), tuple(parts)), one), strict=True
            ):
                np.testing.assert_array_equal(array[row], wanted)
