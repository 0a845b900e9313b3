import json
import re
from collections.abc import Callable

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.autodiff import grad
from kernelgraph.errors import ArgumentError, GradientError
from kernelgraph.graph import Graph, Variable, walk
from kernelgraph.interpret import interpret
from kernelgraph.viz.gradients.backprop import Walk, backprop
from tests.viz.test_display import Outline

MakeTensor = Callable[..., Variable]


def fan_out() -> tuple[Walk, Variable, Variable]:
    u, v = T.dscalars("u", "v")
    shared = T.sin(u * v)
    cost = shared * u + T.exp(shared) + shared
    return backprop(cost, [u, v], at={"u": 2.0, "v": 0.25}), u, v


def on_the_path(cost: Variable, wrt: list[Variable]) -> int:
    """How many nodes depend on one of `wrt` and are needed for the cost."""
    reached: set[Variable] = set(wrt)
    found = 0
    for node in walk([cost]):
        if any(operand in reached for operand in node.inputs):
            reached.update(node.outputs)
            found += 1
    return found


def test_there_is_a_step_for_each_node_on_the_path() -> None:
    taken, u, v = fan_out()
    assert len(taken.steps) == on_the_path(taken.tape.cost, [u, v]) == 6
    alone = backprop(taken.tape.cost, v, at={"u": 2.0, "v": 0.25})
    assert len(alone.steps) == 6
    assert [added.operand for step in alone.steps for added in step.additions].count(u) == 0


def test_steps_come_in_the_order_of_reverse_mode() -> None:
    taken, _, _ = fan_out()
    numbers = [int(step.key[1:]) for step in taken.steps]
    assert numbers == sorted(numbers, reverse=True)
    assert [step.number for step in taken.steps] == [1, 2, 3, 4, 5, 6]


def test_what_arrives_at_a_fan_out_adds_up_to_its_adjoint() -> None:
    taken, u, v = fan_out()
    sine = next(step for step in taken.steps if step.rule == "d sin(u) = cos(u) du")
    assert len(sine.parts) == 3
    np.testing.assert_allclose(sum(part for _, part in sine.parts), sine.adjoint, rtol=1e-15)
    cost, values = taken.tape.cost, [2.0, 0.25]
    graph = Graph((u, v), (*grad(cost, [u, v]), grad(cost, sine.node.out)))
    expected = interpret(graph, values)
    np.testing.assert_allclose([*taken.gradients, sine.adjoint], expected, rtol=1e-14)


def test_every_running_sum_is_right() -> None:
    taken, _, _ = fan_out()
    last: dict[Variable, object] = {}
    for step in taken.steps:
        for added in step.additions:
            before = last.get(added.operand)
            assert added.before is before
            total = added.amount if added.before is None else added.before + added.amount
            assert added.after == total
            last[added.operand] = added.after
    assert all(last[variable] == taken.reading.adjoints[variable] for variable in last)


def test_arrays_walk_too(logistic: Graph) -> None:
    cost = logistic.outputs[1]
    x, y, w, b = logistic.inputs
    at = {x: np.eye(3), y: [0.0, 1.0, 1.0], w: [0.1, -0.2, 0.3], b: 0.5}
    taken = backprop(cost, [w, b], at=at)
    expected = interpret(
        Graph((x, y, w, b), tuple(grad(cost, [w, b]))), [at[v] for v in (x, y, w, b)]
    )
    for found, wanted in zip(taken.gradients, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert len(taken.steps) == on_the_path(cost, [w, b])


def test_the_text_has_a_line_for_each_step() -> None:
    taken, _, _ = fan_out()
    lines = repr(taken).splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("the adjoint of n5 add is +1")
    assert re.search(r"\+\d.* and \+\d.* make \+\d", repr(taken))


def test_the_view_has_all_steps_and_opens_the_ends() -> None:
    taken, _, _ = fan_out()
    view = taken._repr_mimebundle_()["text/html"]
    assert 'data-kg="backprop" data-steps="6"' in view
    parsed = Outline(view)
    assert parsed.open == []
    assert all("id" not in names for _, names in parsed.elements)
    steps = re.findall(r'<details data-step="(\d)"( open="open")?>', view)
    assert [step for step, _ in steps] == list("0123456")
    assert [step for step, is_open in steps if is_open] == ["0", "6"]
    assert "d sin(u) = cos(u) du" in parsed.text
    assert "(from n" in parsed.text
    assert len(parsed.images) == 1


def test_the_picture_shows_what_has_arrived_so_far() -> None:
    taken, _, _ = fan_out()
    view = taken._repr_mimebundle_()["text/html"]
    (block,) = re.findall(r'<script type="application/json">(.*?)</script>', view)
    spec = json.loads(block)
    column = spec["varying"].index(["i0.grad", "text"])
    shown = [spec["strings"][frame[column]] for frame in spec["frames"]]
    arrivals = [added for step in taken.steps for added in step.additions]
    assert shown[0] == "–"
    assert len(set(shown)) == 1 + sum(each.operand.name == "u" for each in arrivals)


def test_the_same_walk_is_the_same_bytes() -> None:
    one, other = (fan_out()[0]._repr_mimebundle_() for _ in range(2))
    assert one == other


def test_a_hostile_name_is_harmless(hostile: str, tensor: MakeTensor) -> None:
    views: list[Outline] = []
    for name in (hostile, "x"):
        x = tensor(name)
        y = T.sin(x) * x
        y.name = name
        taken = backprop(y, x, at={x: 0.5})
        views.append(Outline(taken._repr_mimebundle_()["text/html"]))
        assert "\x1b" not in repr(taken)
    found, expected = ([e for e in v.elements if e[0] != "span"] for v in views)
    assert found == expected


def test_a_long_walk_is_cut_and_says_so(tensor: MakeTensor) -> None:
    x = tensor("x")
    y = x
    for _ in range(300):
        y = T.sin(y)
    taken = backprop(y, x, at={"x": 1.0})
    view = Outline(taken._repr_mimebundle_()["text/html"]).text
    assert len(taken.steps) == 300
    assert "The first 200 of 300 steps." in view
    assert "could not draw: 300 nodes are too many" in view
    assert repr(taken).endswith("… 100 more steps")


def test_what_has_no_walk_is_refused(tensor: MakeTensor) -> None:
    x, y = tensor("x"), tensor("y")
    with pytest.raises(GradientError, match="must be a scalar"):
        backprop(tensor("v", 3), x)
    with pytest.raises(GradientError, match="does not depend"):
        backprop(T.sin(x), y)
    with pytest.raises(ArgumentError, match="no input is called so"):
        backprop(T.sin(x), x, at={"z": 1})


def test_a_whole_number_and_a_stranger_are_told_apart(tensor: MakeTensor) -> None:
    x, k = tensor("x"), T.iscalar("k")
    with pytest.raises(GradientError, match=r"k .* takes whole numbers only") as raised:
        backprop(k * x, k)
    assert "T.dscalar('k')" in str(raised.value)
    with pytest.raises(GradientError, match="does not depend on these variables: z") as raised:
        backprop(k * x, tensor("z"))
    assert "it is made from k, x" in str(raised.value)
    both = backprop(k * x, [k, x, tensor("z")], at={"k": 3})
    assert [None if g is None else float(g) for g in both.gradients] == [None, 3.0, None]
    assert "none: the cost does not depend on it" in both._repr_mimebundle_()["text/html"]


def unrolled_loop(s: Variable) -> Variable:
    turns, _ = kg.scan(lambda h: T.tanh(h * s), outputs_info=T.cast(1.0, "float64"), n_steps=4)
    return turns[-1] * s


CONTROL = {
    "loop": unrolled_loop,
    "choice": lambda s: kg.ifelse(s > 0, T.exp(s), T.sin(s)) * s,
    "switch": lambda s: T.switch(s > 0, T.exp(s), T.sin(s)) + s,
    "entries": lambda s: (T.arange(3) * s + T.sqr(s)).sum(),
    "unused": lambda s: T.exp(s) + T.cast(T.cast(s, "int32"), "float64"),
}


@pytest.mark.parametrize("name", CONTROL)
def test_loops_choices_and_arrays_are_steps_whose_parts_add_up(name: str) -> None:
    s = T.dscalar("s")
    cost = CONTROL[name](s)
    taken = backprop(cost, s, at={s: 0.7})
    expected = interpret(Graph((s,), (grad(cost, s),)), [0.7])[0]
    np.testing.assert_allclose(taken.gradients[0], expected, rtol=1e-13)
    parts = [a.amount for step in taken.steps for a in step.additions if a.operand is s]
    np.testing.assert_allclose(sum(parts), expected, rtol=1e-13)
    for step in taken.steps:
        if step.parts:
            total = sum(np.asarray(part) for _, part in step.parts)
            np.testing.assert_allclose(total, step.adjoint, rtol=1e-13)
    assert len(taken.steps) == len({step.node for step in taken.steps})
    assert Outline(taken._repr_mimebundle_()["text/html"]).open == []
