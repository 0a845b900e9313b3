"""Lines of generated text: blocks, lists that wrap, comments, nodes and helpers of a line."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.templates import Helper
from kernelgraph.writer import WIDTH, Writer, plain


def test_blocks_are_indented() -> None:
    writer = Writer()
    with writer.block("if (x) {"):
        writer.line("y;")
    assert writer.text == ["if (x) {", "    y;", "}"]


@pytest.mark.parametrize("count", [0, 1, 5, 60])
def test_lists_wrap_and_lose_nothing(count: int) -> None:
    writer = Writer()
    items = [f"const int64 size_{k}" for k in range(count)]
    with writer.block("{"):
        writer.listing("void f(", items, ") {")
    lines = writer.text[1:-1]
    assert max(map(len, lines)) <= WIDTH
    joined = " ".join(line.strip() for line in lines)
    assert joined == f"void f({', '.join(items)}{') {' if count else ''}".rstrip()


@pytest.mark.parametrize("text", ["*/ x", "a\nb", "/*", "\\", '"', "é", "x; y"])
def test_comments_cannot_be_left(text: str) -> None:
    inside = plain(text)
    assert not set('\\\n";é') & set(inside)
    assert "*/" not in inside
    assert "/*" not in inside


def test_formulas_can_stand_in_comments() -> None:
    formula = "y = (a + b[i]) * c / d ** 2 < 1e-05"
    assert plain(formula) == formula
    assert plain("a */ evil(); /* // b") == "a _ evil()_ _ _ b"


def test_lines_know_their_nodes() -> None:
    x = T.dvector("x")
    source = kg.function([x], T.exp(x)).stages.source
    lines = source.text.splitlines()
    found = [node for nodes in source.lines.values() for node in nodes if str(node.op) == "exp"]
    (exp,) = set(found)
    assert any("exp(" in lines[number - 1] for number in source.lines_of(exp))
    assert source.text.endswith(source.body)
    assert "define exp" not in source.body


def test_what_is_included_brings_its_helpers() -> None:
    outer, inner = Writer(), Writer()
    inner.line(f"return {inner.call(Helper('half'))}(x);")
    outer.include(inner)
    assert inner.text == ["return half(x);"]
    assert outer.helpers == {Helper("half")}
