import numpy as np
import pytest

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Constant
from kernelgraph.op import Op, as_variable
from kernelgraph.ops.arithmetic import Cast, add
from kernelgraph.ops.indexing import Item, Slice, Subtensor
from kernelgraph.ops.reductions import Sum
from kernelgraph.types import ObjectType, TensorType
from kernelgraph.viz.text import words


class Scale(Op):
    """Scales, by a factor.

    A user's own op.
    """

    __props__ = ("factor", "axis")

    def __init__(self, factor: float, axis: int) -> None:
        self.factor = factor
        self.axis = axis


@pytest.mark.parametrize(
    ("op", "text"),
    [
        (add, "add"),
        (Cast("float32"), "cast{float32}"),
        (Sum((0, 2)), "sum{0, 2}"),
        (DimShuffle((1, "x", 0)), "dimshuffle{1, x, 0}"),
        (Subtensor((Slice(whole=True), Item(), Slice())), "subtensor{:, i, ::}"),
        (Scale(2.5, 1), "Scale{factor=2.5, axis=1}"),
    ],
)
def test_ops_are_short(op: Op, text: str) -> None:
    assert words.op_text(op) == text


def test_a_users_op_speaks_for_itself() -> None:
    assert words.first_sentence(Scale(1.0, 0)) == "Scales, by a factor."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.1, "0.1"),
        (1e-9, "1e-09"),
        (1e22, "1e+22"),
        (np.zeros((2, 3)), "0"),
        (np.arange(3), "[0, 1, 2]"),
        (np.arange(9), "constant int64[9]"),
        (float("nan"), "nan"),
    ],
)
def test_constants_are_short(value: object, text: str) -> None:
    assert words.constant_text(as_variable(value)) == text


def test_constants_that_are_no_arrays_have_a_text() -> None:
    constant = Constant(ObjectType(), {"a": 1})
    assert words.constant_text(constant) == "{'a': 1}"


def test_an_invisible_name_is_put_in_quotes() -> None:
    assert words.variable_text(Constant(TensorType("int8", ()), np.array(1, "int8"), "")) == "''"
