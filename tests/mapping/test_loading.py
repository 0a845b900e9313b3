"""No number is read under a condition: every op and dtype, alone, under reductions, beside
neighbours, in blocks of rows; and random graphs. What is chosen between has a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.elementwise import OPS
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Graph, Variable
from kernelgraph.types import DTYPES, is_complex
from tests.fuzz.programs import program

_CHOICE = re.compile(r"\?|&&|\|\|")
_ELEMENT = re.compile(r"\w\[")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_TARGET = re.compile(r"^\s*[\w ]+(\[[^=]*\])* = ")


def loads_under_conditions(text: str) -> Iterator[str]:
    """The lines of the kernels in a printed program that choose between elements of arrays."""
    inside = False
    for line in text.splitlines():
        if re.match(r"static .*\bint32_t kernel_|static .*\bint32_t copy", line):
            inside = True
        inside = inside and line != "}"
        short = _INDEX.sub("[]", line)  # an index may be chosen, where it is made of numbers
        if inside and _CHOICE.search(short) and _ELEMENT.search(_TARGET.sub("", short)):
            yield line.strip()


def printed(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> str:
    return compile_graph(Graph(tuple(inputs), tuple(outputs)), CTarget(), rules=()).source.text


def check(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
    found = list(loads_under_conditions(printed(inputs, outputs)))
    assert not found, "\n".join(found)


def test_the_check_finds_a_load_under_a_condition() -> None:
    text = """\
static inline int32_t kernel_0(kg_host *host) {
    v[i] = c ? a : b;
    v[i * v_s0] = c ? a[i] : b;
    best_lanes[lane] = best_lanes[lane] > x || y ? best_lanes[lane] : x;
    const bool8 w = x && y[i];
    u[i < n ? i : 16] = u[i < n ? i : 16] + x;
    u[i] = t[k[i] ? i : 16];
    if (row < -n || row >= n) return fail(host, 0, row, n, 0);
}
"""
    assert len(list(loads_under_conditions(text))) == 4


def operands(dtypes: Sequence[str], rank: int) -> list[Variable]:
    return [T.tensor(d, (None,) * rank, "xyz"[k]) for k, d in enumerate(dtypes)]


def uses(value: Variable) -> list[Variable]:
    """The value alone, under reductions, and with neighbours that choose."""
    last = value.ndim - 1
    if is_complex(value.dtype):  # they have no largest one
        return [value, T.sum(value, axis=last), T.switch(value, value, 1)]
    found = [value, T.sum(value, axis=last), T.max(value, axis=last), T.argmax(value, axis=last)]
    return [*found, T.switch(value, value, 1)]


def combinations(arity: int) -> Iterator[tuple[str, ...]]:
    """Each dtype beside itself, and beside a larger, a smaller and another kind."""
    for k in range(len(DTYPES)):
        for shift in (0, 1, 5)[: 2 * arity - 1]:
            yield tuple(DTYPES[(k + shift * position) % len(DTYPES)] for position in range(arity))


TABLE = {name: op for name, op in OPS.items() if name not in ("slice_length", "exact_div")}
"""What counts sizes is left out: it runs once a call."""


@pytest.mark.parametrize("first", range(0, len(TABLE), 8))
def test_every_op_and_dtype(first: int) -> None:
    for op in list(TABLE.values())[first : first + 8]:
        for number, dtypes in enumerate(combinations(op.arity)):
            inputs = operands(dtypes, 1 + number % 2)
            try:
                value = op(*inputs)
            except DTypeError:
                continue
            check(inputs, uses(value))


def test_blocks_of_rows() -> None:
    """Numbers that a row names become elements of small arrays."""
    x, w, b = T.dmatrix("x"), T.dvector("w"), T.dvector("b")
    z = T.dot(x, w)
    choices = [T.switch(z > 0, z, b), T.maximum(z, b), T.softplus(z), T.sigmoid(z), T.nnet.relu(z)]
    for choice in choices:
        outputs = [choice.sum(), T.grad(choice.sum(), w), T.max(choice)]
        check([x, w, b], outputs)


def test_columns_maxima_indices_and_slices() -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    outputs = [
        T.max(x, axis=0), T.argmax(x, axis=0), T.maximum(x[k], x[k]), T.switch(x[:, 0] > 0, 1, 2),
        x[T.arange(x.shape[0]), k], T.switch(x.T > 0, x.T, x[::-1].T),
        T.max(T.stack(x[0, 0], x[1, 1])),
        T.switch(T.eq(T.cast(x, "bool"), T.cast(x, "int8")), T.cast(x, "float32"), x),
        T.softmax(T.maximum(x, 0)), T.max(T.abs(x[:3, :3]), axis=1),
    ]  # fmt: skip
    for out in outputs:
        inputs = [v for v in (x, k) if v in set(Graph((x, k), (out,)).inputs)]
        check(inputs, [out])


@pytest.mark.parametrize("first", range(0, 60, 30))
def test_random_graphs(first: int) -> None:
    for seed in range(first, first + 30):
        graph = program(seed)
        text = compile_graph(graph, CTarget(), fuse=bool(seed % 3)).source.text
        found = list(loads_under_conditions(text))
        assert not found, f"seed {seed}: " + "\n".join(found)


SIZES = (15, 16, 17, 128, 1000)


def numbers(dtype: str, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.random(n) > 0.5
    if dtype.startswith("float"):
        return rng.normal(size=n).astype(dtype)
    return rng.integers(0 if dtype.startswith("u") else -5, 6, n).astype(dtype)


@pytest.mark.parametrize("condition", ["float64", "int8"])
def test_choices_under_reductions(condition: str) -> None:
    """Each in a loop of its own; gcc 12.2 gave garbage for numbers of 64 and of 8 bits."""
    inputs: list[Variable] = []
    outputs: list[Variable] = []
    for dtype in ("bool", "int8", "int64", "uint64", "float32", "float64"):
        for reduction in (T.sum, T.max, T.min):
            c = T.tensor(condition, (None,), "c")
            a, b = (T.tensor(dtype, (None,), name) for name in "ab")
            inputs += [c, a, b]
            outputs.append(reduction(T.switch(c > 0, a, b)))
    f = kg.function(inputs, outputs, target="c")
    g = kg.function(inputs, outputs, target="interpret")
    for n in SIZES:
        values = [numbers(v.dtype, n, k) for k, v in enumerate(inputs)]
        for out, right, got in zip(outputs, g(*values), f(*values), strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-5, atol=1e-4, err_msg=f"{out}, {n}")
