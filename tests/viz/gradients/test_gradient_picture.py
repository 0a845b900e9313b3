import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.functions import exp, log, sqrt
from kernelgraph.ops.reductions import sum_
from kernelgraph.viz.gradients.gradient_picture import (
    NEGATIVE,
    POSITIVE,
    GradientPicture,
    edge_state,
    gradient_picture,
)
from kernelgraph.viz.gradients.tape import Tape
from kernelgraph.viz.html.live import PageState
from kernelgraph.viz.pictures.drawing import LayoutError
from kernelgraph.viz.pictures.svg import FILLS, GROUND
from kernelgraph.viz.text.subjects import graph_of
from tests.viz.pictures.test_svg import contrast

MakeTensor = Callable[..., Variable]
NAMESPACE = "{http://www.w3.org/2000/svg}"


def shown(cost: Variable, *values: float) -> tuple[GradientPicture, PageState]:
    graph = graph_of(cost)
    tape = Tape(graph, cost, graph.inputs)
    reading = tape.read([np.asarray(value) for value in values])
    drawn = gradient_picture(tape, reading)
    return drawn, drawn.state(reading)


def test_every_box_has_a_value_and_a_gradient(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    _, state = shown(x * w - exp(x), 0.5, 2.0)
    said = {key: part["text"] for key, part in state.items() if key.endswith(("data", "grad"))}
    assert said == {
        "i0.data": "0.5", "i0.grad": "+0.3513", "i1.data": "2", "i1.grad": "+0.5",
        "n0.data": "1", "n0.grad": "+1", "n1.data": "1.649", "n1.grad": "−1",
        "n2.data": "−0.6487", "n2.grad": "+1", "o0.data": "−0.6487", "o0.grad": "+1",
    }  # fmt: skip


def test_arrows_are_thick_dashed_and_coloured_by_what_flows_back(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    drawn, state = shown(x * w - exp(x), 0.5, 2.0)
    pens = {
        (route.edge.source, route.edge.target): state[f"e{index}"]
        for index, route in enumerate(drawn.layout.routes)
    }
    assert pens["i0", "n0"]["stroke"] == POSITIVE
    assert pens["n1", "n2"]["stroke"] == NEGATIVE
    assert pens["n1", "n2"]["stroke-dasharray"] != pens["i0", "n0"]["stroke-dasharray"]
    assert float(pens["i0", "n0"]["stroke-width"]) > float(pens["i1", "n0"]["stroke-width"])


def test_the_two_uses_of_one_operand_have_an_arrow_each(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    drawn, _ = shown((x * x) * w, 3.0, 2.0)
    assert sorted(k for k in drawn.flows if k is not None) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("flow", "pen"),
    [(None, ("#57606a", "1 3")), (0.0, ("#57606a", "1 3")), (float("nan"), (NEGATIVE, "2 2"))],
)
def test_pens_of_nothing_zero_and_nan(flow: float | None, pen: tuple[str, str]) -> None:
    state = edge_state(flow)
    assert (state["stroke"], state["stroke-dasharray"]) == pen


def test_widths_grow_with_the_gradient_and_are_bounded() -> None:
    widths = [float(edge_state(10.0**k)["stroke-width"]) for k in range(-3, 300, 3)]
    assert widths == sorted(widths)
    assert widths[0] < 1.1
    assert widths[-1] == 7.0


def test_what_goes_wrong_first_is_said_once(tensor: MakeTensor) -> None:
    x = tensor("x")
    _, state = shown(exp(log(x)) + x, -1.0)
    remarks = {key: part["text"] for key, part in state.items() if key.endswith("remark")}
    assert [key for key, text in remarks.items() if text] == ["n0.remark"]
    assert remarks["n0.remark"] == "NaN first here"
    assert state["n1"]["stroke"] == NEGATIVE
    assert state["i0"]["stroke"] == NEGATIVE, "its gradient is NaN"


def test_a_gradient_that_goes_wrong_is_told_from_a_value(tensor: MakeTensor) -> None:
    x = tensor("x")
    _, state = shown(sqrt(x * 2), 0.0)
    assert state["n0.remark"]["text"] == "gradient infinite first here"


def test_painting_a_state_is_painting_it_into_the_page(tensor: MakeTensor) -> None:
    x = tensor("x")
    drawn, state = shown(exp(x) * x, 0.5)
    document = ElementTree.fromstring(drawn.paint(state))
    found = {e.get("data-live"): e for e in document.iter() if e.get("data-live")}
    assert set(found) == set(state)
    for key, part in state.items():
        for name, value in part.items():
            assert (found[key].text or "" if name == "text" else found[key].get(name)) == value


def test_arrays_have_room_for_their_range(tensor: MakeTensor) -> None:
    m = tensor("m", None, None)
    graph = Graph((m,), (sum_(m * m),))
    tape = Tape(graph, graph.outputs[0], [m])
    reading = tape.read([np.arange(6.0).reshape(2, 3)])
    drawn = gradient_picture(tape, reading)
    assert drawn.state(reading)["i0.data"]["text"] == "2×3: 0 … 5"
    assert drawn.layout.boxes[0].width > 200


def test_a_graph_that_is_too_large_is_refused(tensor: MakeTensor) -> None:
    y = tensor("x")
    for _ in range(201):
        y = exp(y)
    with pytest.raises(LayoutError, match="201 nodes are too many"):
        shown(y, 0.0)


def test_a_hostile_name_adds_no_element(hostile: str, tensor: MakeTensor) -> None:
    x, plain = tensor(hostile), tensor("x")
    found = [
        ElementTree.fromstring(d.paint(s)) for d, s in (shown(exp(x), 0), shown(exp(plain), 0))
    ]
    tags = [[e.tag for e in f.iter() if e.tag != f"{NAMESPACE}tspan"] for f in found]
    assert tags[0] == tags[1]


@pytest.mark.parametrize("ground", [*FILLS.values(), GROUND])
@pytest.mark.parametrize("ink", [POSITIVE, NEGATIVE])
def test_signs_can_be_read_on_every_box(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5
