import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.functions import exp, log, sigmoid, tanh
from kernelgraph.ops.reductions import sum_
from kernelgraph.viz.gradients.explorer import Explorer, defaults_of, recorded_states
from kernelgraph.viz.gradients.explorer_page import (
    explorer_text,
    recorded_html,
    specification,
    static_copy,
    widget_script,
)
from kernelgraph.viz.pictures.drawing import TooLargeError
from kernelgraph.viz.text.subjects import graph_of
from tests.viz.test_display import Outline

MakeTensor = Callable[..., Variable]


@pytest.fixture
def neuron(tensor: MakeTensor) -> Explorer:
    x, w, b = tensor("x"), tensor("w"), tensor("b")
    y = sigmoid(w * x + b)
    y.name = "y"
    ranges = {"x": (-3, 3), "w": (0, 2)}
    return Explorer(Graph((x, w, b), (y,)), ranges, {"x": -1.5, "w": 1.0, "b": 0.25})


def logistic_of(x: float, w: float, b: float) -> float:
    return float(1 / (1 + np.exp(-(w * x + b))))


def test_numbers_are_those_of_the_function(neuron: Explorer) -> None:
    f = kg.function(list(neuron.tape.graph.inputs), neuron.tape.cost, target="interpret")
    for place in range(0, 61, 7):
        neuron.move([("i0", 0, place)])
        x = -3 + place / 10
        assert neuron.result == f(x, 1.0, 0.25)
        p = logistic_of(x, 1.0, 0.25)
        assert neuron.slope == pytest.approx(p * (1 - p))
        assert neuron.state()["o0.data"]["text"] == f"{p:.4g}"


def test_the_derivative_is_checked(neuron: Explorer) -> None:
    assert neuron.state()["check"]["text"] == "autodiff 0.1731, numeric 0.1731, ok"


def test_every_state_has_the_same_elements(neuron: Explorer) -> None:
    first = neuron.state()
    neuron.move([("i1", 0, 60), ("i0", 0, 0)])
    second = neuron.state()
    assert {k: set(p) for k, p in first.items()} == {k: set(p) for k, p in second.items()}


def test_the_input_that_moves_is_the_one_on_the_axis(neuron: Explorer) -> None:
    neuron.move([("i1", 0, 30)])
    state = neuron.state()
    assert (state["plot.i0"]["display"], state["plot.i1"]["display"]) == ("none", "inline")
    assert state["plot.output"]["text"].startswith("at 1: ")


def test_the_same_call_gives_the_same_bytes(tensor: MakeTensor) -> None:
    y = tanh(tensor("x") * tensor("w"))
    views = [recorded_html(Explorer(graph_of(y), {}, {}, steps=20, seed=s)) for s in (1, 1, 2)]
    assert views[0] == views[1] != views[2]


def test_one_entry_of_an_array_moves(tensor: MakeTensor) -> None:
    v = tensor("v", None)
    explorer = Explorer(graph_of(sum_(v * v)), {"v": (-3, 3)}, {"v": [1.0, 2.0]})
    assert explorer.entries_of(explorer.sliders[0]) == ["[0]", "[1]"]
    explorer.move([("i0", 1, None)])
    assert (explorer.number(explorer.sliders[0]), explorer.slope) == (2.0, 4.0)
    explorer.move([("i0", 1, 60)])
    assert (explorer.result, explorer.slope) == (10.0, 6.0)
    assert explorer.state()["i0.data"]["text"] == "[1, 3]"


def test_an_array_is_explored_as_its_sum(tensor: MakeTensor) -> None:
    v = tensor("v", None)
    y = exp(v)
    y.name = "y"
    explorer = Explorer(graph_of(y), {}, {"v": [0.0, 0.0]})
    assert (explorer.output, explorer.result) == ("sum of y", 2.0)


def test_a_function_brings_its_defaults_and_its_shared_values(tensor: MakeTensor) -> None:
    x, w = T.dscalars("x", "w")
    s = kg.shared(3.0, name="s")
    f = kg.function([x, kg.In(w, value=0.5)], x * w * s, updates={s: s + 1}, target="interpret")
    explorer = Explorer(
        graph_of(f), {"x": (0, 2), "s": (0, 5)}, {"x": 2.0}, defaults=defaults_of(f)
    )
    assert explorer.result == 3.0
    explorer.move([("i2", 0, 60)])
    assert explorer.result == 5.0
    assert float(s.get_value()) == 3.0


def test_nan_is_named_where_it_began(tensor: MakeTensor) -> None:
    x = tensor("x")
    explorer = Explorer(graph_of(log(x) * 2), {"x": (-3, 3)}, {"x": -1.0})
    assert explorer.note() == "NaN first at n0."
    assert explorer.state()["n0.remark"]["text"] == "NaN first here"
    assert "nothing to compare" in explorer.state()["check"]["text"]


def test_a_kink_is_told_from_an_error(tensor: MakeTensor) -> None:
    x = tensor("x")
    explorer = Explorer(graph_of(T.switch(x > 0, x, 0.0)), {"x": (-3, 3)}, {"x": 0.0})
    assert (
        "at a kink (from the left and from the right: 0 and 1)"
        in (explorer.state()["check"]["text"])
    )


def test_integers_have_no_slope(tensor: MakeTensor) -> None:
    k, x = tensor("k", dtype="int64"), tensor("x")
    explorer = Explorer(graph_of(x * k), {"k": (0, 4)}, {"k": 2, "x": 1.5})
    assert explorer.state()["check"]["text"].startswith("no derivative: this input is int64")
    explorer.move([("i1", 0, 4)])
    assert explorer.result == 6.0


def test_single_precision_agrees_too(tensor: MakeTensor) -> None:
    x = tensor("x", dtype="float32")
    for value in np.linspace(-3, 3, 25):
        explorer = Explorer(graph_of(sigmoid(x)), {"x": (-3, 3)}, {"x": np.float32(value)})
        assert explorer.state()["check"]["text"].endswith(", ok")


def test_a_wrong_derivative_is_found() -> None:
    class Wrong(kg.Op):
        __props__ = ()

        def make_node(self, *inputs: Any) -> kg.Apply:
            return kg.Apply(self, inputs, [inputs[0].type()])

        def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
            output_storage[0][0] = np.asarray(inputs[0] ** 3)

        def grad(self, inputs: Any, gradients: Any) -> Any:
            return [gradients[0] * inputs[0]]

    explorer = Explorer(graph_of(Wrong()(T.dscalar("x"))), {"x": (-3, 3)}, {"x": 2.0})
    assert explorer.state()["check"]["text"] == "autodiff 2, numeric 12: they differ"


def test_where_it_cannot_be_computed_the_numbers_stay_and_it_says_so(tensor: MakeTensor) -> None:
    v, k = tensor("v", None), tensor("k", dtype="int64")
    graph = Graph((v, k), (v[k] * 2.0,))
    explorer = Explorer(graph, {"k": (0, 3)}, {"v": [1.0, 2.0], "k": 0})
    explorer.move([("i1", 0, 3)])
    assert (
        explorer.note()
        == "The graph cannot be computed here (IndexingError); the numbers are older."
    )
    assert explorer.result == 2.0
    explorer.move([("i1", 0, 1)])
    assert (explorer.note(), explorer.result) == ("", 4.0)


def test_wrong_questions_are_refused(neuron: Explorer) -> None:
    wrong: list[tuple[str, int, int | None]] = [("i9", 0, 0), ("i0", 3, 0), ("i0", 0, 61)]
    for change in wrong:
        with pytest.raises(ArgumentError):
            neuron.move([change])


def test_what_cannot_be_explored_is_refused(tensor: MakeTensor) -> None:
    x, k = tensor("x", None), tensor("k", dtype="int64")
    with pytest.raises(ArgumentError, match="there is no output 1"):
        Explorer(graph_of(x), {}, {}, output=1)
    with pytest.raises(ArgumentError, match="nothing to move"):
        Explorer(graph_of(k + 1), {}, {})
    with pytest.raises(ShapeError) as caught:
        Explorer(graph_of(x + tensor("y", None)), {}, {"x": [1, 2]})
    assert "unknown sizes taken as 3" in str(caught.value.__notes__)


def test_recorded_states_are_those_of_moving(neuron: Explorer) -> None:
    start = neuron.state()
    states = recorded_states(neuron)
    assert neuron.state() == start
    assert [list(map(len, states[key])) for key in ("i0", "i1")] == [[61], [61]]
    neuron.move([("i1", 0, 7)])
    assert states["i1"][0][7] == neuron.state()


def training(steps: int = 20) -> Explorer:
    x, y = T.dmatrix("X"), T.dvector("y")
    w, b = kg.shared(np.array([0.5, -0.3, 0.2]), "w"), kg.shared(0.1, "b")
    cost = ((sigmoid(x.dot(w) + b) - y) ** 2).mean()
    at = {"X": np.eye(3)[:2], "y": [0.0, 1.0]}
    return Explorer(graph_of(cost), {"w": (-3, 3), "b": (-1, 1)}, at, steps=steps)


def test_every_entry_of_a_small_array_is_recorded() -> None:
    explorer = training()
    states = recorded_states(explorer)
    assert list(map(len, states["i1"])) == [21, 21, 21]
    explorer.move([("i1", 2, 5)])
    assert states["i1"][2][5] == explorer.state()
    (block,) = re.findall(r"json\">(.*?)</script>", recorded_html(training()))
    spec = json.loads(block)
    assert [len(entry) for entry in spec["frames"]["i1"]] == [21, 21, 21]
    assert spec["begins"] == {"i1": [12, 9, 11], "i2": [11]}


def test_of_a_large_array_so_many_entries_are_recorded_and_the_view_says_so() -> None:
    x = T.dvector("x")
    explorer = Explorer(graph_of((x**2).sum()), {"x": (-3, 3)}, {"x": np.arange(50.0)}, steps=20)
    view = Outline(recorded_html(explorer)).text
    assert "Of x the first 14 numbers of 50 can move." in view
    assert len(recorded_states(explorer)["i0"]) == 14


def test_another_seed_draws_other_values_and_leaves_the_given_ones(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w", 2)
    graph = Graph((x, w), (sum_(w * x),))
    explorer = Explorer(graph, {"x": (-3, 3)}, {"x": 2.0}, seed=1)
    assert explorer.drawn == ["w"]
    first = explorer.values[1]
    explorer.move([("seed", 5, None)])
    assert explorer.values[0] == 2.0
    assert not np.array_equal(explorer.values[1], first)
    other = Explorer(graph, {"x": (-3, 3)}, {"x": 2.0}, seed=5)
    assert explorer.state() == other.state()
    assert specification(explorer, explorer.state())["seed"] == 5


def test_a_graph_with_too_many_nodes_is_refused_with_advice(tensor: MakeTensor) -> None:
    y = tensor("x")
    for _ in range(201):
        y = tanh(y)
    with pytest.raises(TooLargeError, match=r"201 nodes .*at most 200.* kg\.explore\(h\)"):
        Explorer(graph_of(y), {}, {})


# Views --------------------------------------------------------------------------------------------


def test_the_text_has_every_number(neuron: Explorer) -> None:
    text = explorer_text(neuron)
    assert re.search(r"n0 +mul +−1.5 +\+0.1731", text)
    assert text.endswith("autodiff 0.1731, numeric 0.1731, ok")


def test_views_follow_the_conventions(neuron: Explorer) -> None:
    recorded = recorded_html(neuron)
    assert recorded.startswith(
        '<div class="kg" data-kg="explorer" data-lm-suppress-shortcuts="true"'
    )
    for view in (recorded, static_copy(neuron)):
        parsed = Outline(view)
        assert parsed.open == []
        assert len(parsed.images) == 2
        assert all("id" not in names for _, names in parsed.elements)
        assert "autodiff 0.1731" in parsed.text
    assert "Static view" in Outline(recorded).text
    assert "<details><summary>static copy</summary>" in static_copy(neuron)


def test_a_recorded_view_of_thirty_nodes_is_not_too_heavy(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    y = x
    for _ in range(15):
        y = tanh(y * w)
    view = recorded_html(Explorer(graph_of(y), {"x": (-3, 3), "w": (0, 2)}, {}, steps=20))
    assert len(view) < 300_000
    (code,) = re.findall(r"<script>(.*?)</script>", view, re.DOTALL)
    assert len(code) <= 10_000


def test_a_hostile_name_is_harmless_everywhere(hostile: str, tensor: MakeTensor) -> None:
    x, plain = tensor(hostile), tensor("x")
    views: list[Outline] = []
    for variable in (x, plain):
        y = tanh(variable)
        y.name = variable.name
        graph = Graph((variable,), (y,), name=str(variable.name))
        explorer = Explorer(graph, {variable: (-3, 3)}, {variable: 0.5}, steps=4)
        views.append(Outline(recorded_html(explorer)))
        assert "\x1b" not in explorer_text(explorer)
    found, expected = ([e for e in v.elements if e[0] != "span"] for v in views)
    assert found == expected


def test_the_widget_is_one_module_with_no_network() -> None:
    module = widget_script()
    assert module.count("export default") == 1
    assert not re.search(r"https?:|import |fetch|innerHTML|eval", module)


def test_data_of_a_page_is_json_that_ends_no_script(neuron: Explorer) -> None:
    view = recorded_html(neuron)
    (block,) = re.findall(r'<script type="application/json">(.*?)</script>', view)
    spec = json.loads(block)
    assert [each["key"] for each in spec["inputs"]] == ["i0", "i1"]
    assert len(spec["frames"]["i0"][0]) == 61
