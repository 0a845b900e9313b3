"""What every op answers: identity, sizes, rebuilding, errors; and ops that users write as
classes.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import OPS, DimShuffle
from kernelgraph.errors import ArgumentError, AxisError, DTypeError, ShapeError
from kernelgraph.graph import Apply, Graph, Variable, walk
from kernelgraph.interpret import interpret
from kernelgraph.op import (
    Axis,
    Composite,
    Op,
    Pattern,
    as_variable,
)
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.reductions import Max, Sum
from kernelgraph.templates import OPERANDS
from kernelgraph.types import TensorType
from tests.graphs import RandomGraph
from tests.support import TARGETS, takes

pytestmark = pytest.mark.usefixtures("any_numbers")


@pytest.mark.parametrize("seed", range(40))
def test_sizes_are_predicted(seed: int) -> None:
    """What an op says of its results' sizes, and what its type says, is what comes out."""
    grown = RandomGraph(2000 + seed, 20)
    ends = (*grown.inputs, *grown.shared)
    nodes = list(walk(list(grown.values)))
    variables = [v for node in nodes for v in (*node.inputs, *node.outputs)]
    computed = interpret(Graph(ends, tuple(variables)), [grown.values[v] for v in ends])
    found = dict(zip(variables, computed, strict=True))
    for node in nodes:
        for out, sizes in zip(node.outputs, node.op.sizes(node), strict=True):
            shape = np.shape(found[out])
            assert len(sizes) == out.ndim == len(shape)
            for axis, (size, declared) in enumerate(zip(sizes, out.tensor_type.shape, strict=True)):
                assert declared in (None, shape[axis]), node
                if isinstance(size, Axis):
                    assert np.shape(found[node.inputs[size.operand]])[size.axis] == shape[axis], (
                        node
                    )
                elif isinstance(size, int):
                    assert size == shape[axis], node
                elif size is not None:
                    graph = Graph(ends, (size,))
                    assert interpret(graph, [grown.values[v] for v in ends])[0] == shape[axis], node


def test_ops_are_equal_by_their_parameters() -> None:
    assert Sum((0,)) == Sum([0]) != Sum((1,))
    assert Sum((0,)) != Max((0,))
    assert hash(DimShuffle((1, 0))) == hash(DimShuffle([1, 0]))
    assert Cast("float32") == Cast("float32") != Cast("float64")
    assert len({Sum((0,)), Sum((0,)), Cast("int8"), Cast("int8"), T.add, T.mul}) == 4


def test_ops_as_text() -> None:
    texts = [str(op) for op in (T.add, Sum((0, 1)), DimShuffle((1, "x")), Cast("int8"))]
    assert texts == ["add", "sum{(0, 1)}", "dimshuffle{(1, 'x')}", "cast{int8}"]


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.public])
def test_what_is_steep_makes_infinities_of_finite_numbers(name: str) -> None:
    """As values or as derivatives."""
    op = OPS[name]
    if not takes(op, "float64"):
        assert not op.steep, "integers are finite"
        return
    numbers = np.array([-2000.0, -1, -0.5, 0, 0.5, 1, 2, 2000])
    operands = [x.ravel() for x in np.meshgrid(*[numbers] * op.arity)]
    symbols = [T.dvector() for _ in operands]
    out = op(*symbols)
    results = interpret(Graph(tuple(symbols), (out,)), operands)
    if op.steep and np.isfinite(results[0]).all():
        slopes = kg.grad(out.sum(), symbols, disconnected_inputs="ignore")
        results += interpret(Graph(tuple(symbols), tuple(slopes)), operands)
    assert op.steep == (not all(np.isfinite(found).all() for found in results))


@pytest.mark.parametrize("name", list(OPS))
def test_a_definition_is_complete(name: str) -> None:
    op = OPS[name]
    assert op.name == name
    assert op.__doc__
    assert op.__doc__[-1] in ".:"
    for template in (op.c, op.python, op.cuda, op.latex):
        for letter in OPERANDS[: op.arity]:
            assert f"{{{letter}}}" in template or op.arity == 0, (
                f"{letter} is missing in {template}"
            )
    dtype = "float64" if takes(op, "float64") else "int64"
    operands = [TensorType(dtype, ())() for _ in range(op.arity)]
    out = op(*operands)
    assert op.partials is not None
    assert len(op.partials(*out.owner.inputs, out)) == op.arity


def test_sums_and_products_of_several_operands() -> None:
    x, y, z = T.dvectors("x", "y", "z")
    assert str(T.add(x, y, z)) == "x + y + z"
    assert str(T.mul(x, y, z, 2)) == "x * y * z * 2"
    with pytest.raises(ArgumentError, match="sub takes 2 operands, got 3"):
        T.sub(x, y, z)


def test_the_wrong_number_of_operands() -> None:
    x = T.dvector("x")
    with pytest.raises(ArgumentError, match=r"KG-G004.*add takes 2 operands, got 1"):
        T.add(x)
    with pytest.raises(ArgumentError, match="exp takes 1 operands, got 2"):
        T.exp(x, x)


def test_operators_that_a_dtype_does_not_have() -> None:
    flags = T.tensor("bool", (None,), "flags")
    for wrong in (
        lambda: flags - flags,
        lambda: -flags,
        lambda: T.sign(flags),
        lambda: flags**flags,
    ):
        with pytest.raises(DTypeError, match=r"KG-D003.*flags \(bool\[\?\]\)"):
            wrong()


def test_views_check_their_order() -> None:
    x = T.dmatrix("x")
    for wrong in ((0, 0), (0, 2), (0, 1, 1)):
        with pytest.raises(AxisError, match=r"KG-S003.*x \(float64\[\?, \?\]\)"):
            x.dimshuffle(*wrong)
    for wrong in ((0,), ("y", 0, 1)):
        with pytest.raises(ShapeError, match=r"KG-S00[37].*x \(float64\[\?, \?\]\)"):
            x.dimshuffle(*wrong)
    assert x.dimshuffle(0, 1) is x
    assert T.dcol("c").dimshuffle(0).type == TensorType("float64", (None,))


def test_calling_an_op_on_a_hole_makes_a_pattern() -> None:
    hole: Any = Pattern(None, (), "x")
    assert repr(T.log(1 + hole)) == "log(add(1, x))"
    assert repr(hole.sum()) if hasattr(Pattern, "ndim") else True


def test_as_variable() -> None:
    x = T.dvector("x")
    assert as_variable(x) is x
    assert as_variable(3).dtype == "int8"
    assert as_variable(np.int16(3)).dtype == "int16"
    assert as_variable(np.array([1], ">f4")).data.dtype.isnative
    stacked = as_variable([x[0], 2.0])
    assert stacked.type == TensorType("float64", (2,))
    for wrong in ("a", None, {}, object(), [x, 1.0]):
        with pytest.raises((DTypeError, ShapeError), match="KG-"):
            as_variable(wrong)


# ------------------------------------------------------------------------ ops that users write


class Cumulative(Op):
    """As in Theano: `make_node`, `perform` and `grad`."""

    __props__ = ("reverse",)

    def __init__(self, reverse: bool = False) -> None:
        self.reverse = reverse

    def make_node(self, *inputs: Any) -> Apply:
        x = as_variable(inputs[0])
        return Apply(self, [x], [Variable(x.type)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        x = inputs[0][::-1] if self.reverse else inputs[0]
        sums = np.cumsum(x, axis=0)
        output_storage[0][0] = sums[::-1] if self.reverse else sums

    def grad(self, inputs: Sequence[Variable], output_grads: Sequence[Variable]) -> list[Variable]:
        return [Cumulative(not self.reverse)(output_grads[0])]


@pytest.mark.parametrize("target", TARGETS)
def test_a_class_with_perform_and_grad(target: str) -> None:
    x = T.dvector("x")
    y = Cumulative()(x * 2)
    f = kg.function([x], [y + 1, T.grad((y * y).sum(), x)], target=target)
    value = np.array([1.0, -2.0, 3.0])
    sums = np.cumsum(2 * value)
    found = f(value)
    np.testing.assert_allclose(found[0], sums + 1)
    np.testing.assert_allclose(found[1], 4 * np.cumsum(sums[::-1])[::-1])
    assert Cumulative() == Cumulative() != Cumulative(reverse=True)
    assert str(Cumulative(reverse=True)) == "Cumulative{True}"


class Unfinished(Op):
    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, list(inputs), [Variable(inputs[0].type)])


@pytest.mark.parametrize("target", TARGETS)
def test_a_class_without_perform(target: str) -> None:
    x = T.dvector("x")
    y = Unfinished()(x)
    f = kg.function([x], y, target=target)
    with pytest.raises(NotImplementedError, match="Unfinished does not define perform") as caught:
        f([1.0])
    assert "y = Unfinished()(x)" in str(caught.value)
    with pytest.raises(kg.KernelgraphError, match=r"KG-G022.*Unfinished has no derivative"):
        T.grad(y.sum(), x)
    assert Unfinished() != Unfinished(), "without __props__ an op equals only itself"


# ------------------------------------------------------------------ what kinds leave to their ops

ASKED_SOMETIMES = {
    "elements_error": "asked of ops with `kept_elements`",
    "out_of_bounds": "asked of ops that read at an index",
    "vjp_with": "an op has this or `pullback_with`",
}
"""Methods without a body that not every op below has to define; the test below knows who must."""


def left_open() -> Iterator[tuple[type[Any], str]]:
    """The methods of kinds that have no body but `raise NotImplementedError`, found in the text."""
    for file in sorted((Path(kg.__file__).parent).rglob("*.py")):
        name = ".".join(file.relative_to(Path(kg.__file__).parents[1]).with_suffix("").parts)
        for kind in ast.parse(file.read_text(encoding="utf-8")).body:
            for method in kind.body if isinstance(kind, ast.ClassDef) else ():
                last = method.body[-1] if isinstance(method, ast.FunctionDef) else None
                if isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last):
                    assert isinstance(kind, ast.ClassDef)
                    assert isinstance(method, ast.FunctionDef)
                    yield getattr(importlib.import_module(name), kind.name), method.name


LEFT_OPEN = [pair for pair in left_open() if pair[1] not in ASKED_SOMETIMES]


def concrete(kind: type[Any]) -> list[type[Any]]:
    """The classes of the package below a kind that have none below themselves."""
    below = [c for c in kind.__subclasses__() if c.__module__.startswith("kernelgraph.")]
    return [leaf for c in below for leaf in (concrete(c) or [c])]


@pytest.mark.parametrize(("kind", "method"), LEFT_OPEN, ids=lambda v: getattr(v, "__name__", v))
def test_every_op_answers_what_its_kind_leaves_open(kind: type[Any], method: str) -> None:
    classes = concrete(kind)
    assert classes
    for one in classes:
        # what a composite op means says `expand` alone
        composite = method == "numpy" and issubclass(one, Composite)
        assert composite or getattr(one, method) is not getattr(kind, method), one


def test_what_is_left_open_is_found() -> None:
    found = {(kind.__name__, method) for kind, method in LEFT_OPEN}
    assert {("View", "source_index"), ("Products", "pullback"), ("Rule", "start")} <= found
    assert {method for _, method in left_open()} >= set(ASKED_SOMETIMES)


def test_every_op_that_can_fail_has_the_error_of_it() -> None:
    for one in concrete(Op):
        if one.kept_elements is not Op.kept_elements:
            assert one.elements_error is not Op.elements_error, one
    for one in concrete(ControlOp):
        derivatives = ("vjp_with", "pullback_with")
        assert any(getattr(one, n) is not getattr(ControlOp, n) for n in derivatives), one
