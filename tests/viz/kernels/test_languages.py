import re
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.viz.kernels.languages import ENDINGS, TITLES, Languages

COMPILED = ("python", "c", "cuda")


def softmax(**options: Any) -> Function:
    x = T.dmatrix("x")
    e = T.exp(x - x.max(axis=1, keepdims=True))
    return kg.function([x], e / e.sum(axis=1, keepdims=True), name="softmax", **options)


def nested(**options: Any) -> Function:
    x = T.dvector("x")
    states, _ = kg.scan(lambda s: T.tanh(s) + 1, outputs_info=x, n_steps=5)
    chosen = kg.ifelse(x.sum() > 0, T.exp(x), T.log(x))
    return kg.function([x], [states, chosen, T.exp(x) * 2], name="nested", **options)


@pytest.mark.parametrize("target", ["c", "python"])
def test_what_runs_is_shown_as_it_is(target: str) -> None:
    f = softmax(target=target)
    assert Languages(f.stages).source(target) is f.stages.source
    assert Languages(f.stages).listing(target).text == f.stages.source.text


def test_a_profiled_program_is_shown_with_its_clocks() -> None:
    f = softmax(target="c", profile=True)
    assert "now()" in Languages(f.stages).listing("c").text


def test_all_languages_are_of_one_plan() -> None:
    languages = Languages(softmax(target="python").stages)
    texts = {language: languages.listing(language).text for language in TITLES}
    assert "for (int64 " in texts["c"]
    assert "__global__ void kernel_0" in texts["cuda"]
    assert "def kernel_0(" in texts["python"]
    assert "kernel kernel_0" in texts["loops"]
    assert "exp(" in texts["plan"]


@pytest.mark.parametrize("language", ["loops", *COMPILED])
@pytest.mark.parametrize("make", [softmax, nested])
def test_every_line_of_a_loop_names_nodes_and_all_nodes_are_named(make: Any, language: str) -> None:
    languages = Languages(make(target="python").stages)
    listing = languages.listing(language)
    head = {"loops": "kernel {}"}.get(language, "{}(")
    twins = languages.twins(language) if language != "loops" else {}
    program = languages.program_in(language) if language != "loops" else languages.program
    for kernel in program.kernels:
        wanted = {languages.keys[twins.get(node, node)] for node in kernel.nodes}
        lines = body_of(listing.lines, head.format(kernel.name))
        assert lines, kernel.name
        assert all(line.keys for line in lines), kernel.name
        assert {key for line in lines for key in line.keys} == wanted
        assert {key for line in lines for key in line.own} == wanted


def body_of(lines: Any, head: str) -> list[Any]:
    """The lines of a kernel's text below its head."""
    texts = [line.text for line in lines]
    pattern = re.compile(rf"(^|\s){re.escape(head)}($|\b|(?<=\())")
    start = next(k for k, t in enumerate(texts) if t[:1] not in ("", " ") and pattern.search(t))
    end = next((k for k, t in enumerate(texts[start + 1 :], start + 1) if t[:1] != " "), len(texts))
    return list(lines[start + 1 : end])


def test_nodes_inside_the_graph_have_keys_of_their_own() -> None:
    languages = Languages(nested(target="python").stages)
    keys = [key for key in languages.keys.values() if key.startswith("m")]
    assert keys == [f"m{k}" for k in range(len(keys))]
    assert len(keys) == 4  # tanh, add; exp; log
    for language in ("loops", *COMPILED):
        used = {key for line in languages.listing(language).lines for key in line.own}
        assert set(keys) <= used, language


def test_marks_of_loops_follow_the_plan() -> None:
    languages = Languages(softmax(target="python").stages)
    for language in ("loops", *COMPILED):
        deepest = max(line.loops for line in languages.listing(language).lines)
        assert deepest == 2, language


def test_every_ending_names_a_language() -> None:
    assert set(ENDINGS.values()) == set(COMPILED)
