import re
from collections.abc import Callable
from html import unescape

import numpy as np
import pytest

import kernelgraph as kg
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.ops.functions import exp
from kernelgraph.ops.reductions import sum_
from kernelgraph.viz.display import mimebundle, show
from kernelgraph.viz.kernels.compiled import stage_source
from kernelgraph.viz.text.tree import debugprint

MakeTensor = Callable[..., Variable]


@pytest.fixture
def train(tensor: MakeTensor) -> Function:
    x = tensor("x", None)
    w = kg.shared(np.zeros(3), "w")
    cost = sum_(exp(x * w) * 1)
    cost.name = "cost"
    rate = kg.grad(cost, w)
    return kg.function([x], cost, updates=[(w, w - 0.5 * rate)], name="train", target="python")


def text_of(value: object) -> str:
    return unescape(re.sub("<[^>]*>", "", mimebundle(value)["text/html"]))


def test_a_function_shows_its_graph_and_its_stages(train: Function) -> None:
    bundle = train._repr_mimebundle_()
    assert bundle.keys() == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith('<div class="kg" data-kg="function">')
    text = text_of(train)
    assert "train(x: float64[?], w: float64[?]) → cost: float64, new w: float64[?]" in text
    assert re.search(r"after rewriting: \d+ nodes \(before: \d+; \d+ steps\)", text)
    assert "Python source: " in text
    assert "could not draw" not in text


def test_the_source_is_all_there(train: Function) -> None:
    shown = unescape(re.sub("<[^>]*>", "", stage_source(train.stages)))
    for line in train.stages.source.text.splitlines():
        assert line.rstrip() in shown


def test_every_node_of_the_source_is_explained(train: Function) -> None:
    text = stage_source(train.stages)
    used = {key for keys in re.findall(r'data-nodes="([^"]+)"', text) for key in keys.split()}
    assert used
    assert used == set(re.findall(r">(n\d+)</td>", text))


def test_plain_text_begins_with_the_signature(train: Function) -> None:
    assert train._repr_mimebundle_()["text/plain"].startswith(f"{train!r}\nsum{{0}} [id A] 'cost'")


def test_debugprint_shows_what_really_runs(train: Function) -> None:
    printed = debugprint(train, file="str")
    assert printed is not None
    assert printed == debugprint(train.stages, file="str")
    written = debugprint(train.graph, file="str")
    assert written is not None
    assert len(printed.splitlines()) < len(written.splitlines())
    assert "→ new w" in printed


def test_show_draws_a_function_as_it_was_written(train: Function) -> None:
    assert show(train).graph is train.graph
    assert show(train.stages).graph is train.graph


def test_stages_have_a_display(train: Function) -> None:
    assert 'data-kg="stages"' in mimebundle(train.stages)["text/html"]


def test_a_stage_that_fails_says_so_in_its_place(train: Function) -> None:
    def fail(_: object) -> object:
        raise RuntimeError("no compiler here")

    train.stages.__dict__.pop("source", None)
    train.stages.target.print = fail  # type: ignore[method-assign]
    text = text_of(train)
    assert "(could not draw: no compiler here)" in text
    assert "after rewriting" in text


def test_no_time_and_no_address_is_shown(train: Function) -> None:
    html = mimebundle(train)["text/html"]
    assert not re.search(r"0x[0-9a-f]{6}", html)
    assert not re.search(r"\d (ms|µs|s)\b", text_of(train))
