"""Rules on display: what they say, what was tried, what speaks against them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.rewrite.proof.verdicts import verdict_on
from kernelgraph.rewrite.rule import Rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.theano.tuples import node_rewriter, pattern_sub
from kernelgraph.viz import mimebundle
from kernelgraph.viz.rules import rule_html, rule_text, verdict

BY_NAME = {known.name: known for known in DEFAULT}


@rule
def zero_wins(x: Any) -> tuple[Any, Any]:
    """Wrong: -1 times 0 is -0."""
    return x * 0, 0


def test_a_wrong_rule_is_refuted_by_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    found = mimebundle(zero_wins)
    assert set(found) == {"text/plain", "text/html"}
    assert "refuted: for x = -0.5 (float64[?]): x * 0 = -0.0" in found["text/plain"]
    assert "✗ refuted" in found["text/html"]
    code = "\n".join(
        line[4:] for line in found["text/plain"].splitlines() if line.startswith("    ")
    )
    exec(code, {"zero_wins": zero_wins})
    assert capsys.readouterr().out == "[-0.0]\n[0.0]\n"


def test_a_right_rule_says_how_much_was_tried() -> None:
    told = verdict(BY_NAME["negative_twice"])
    assert told.startswith("no counter-example: tested on ")
    assert told.endswith("proved for int8, uint8: all operands were tried")
    assert "proved" not in verdict(BY_NAME["log_one_plus"])
    assert "exact: the same bits" in rule_text(BY_NAME["negative_twice"])
    assert rule_html(BY_NAME["log_one_plus"]).count("data:image/svg+xml") == 2


def test_a_rule_with_no_example_was_not_tried() -> None:
    @node_rewriter([T.exp])
    def nothing(node: Any) -> None:
        """Finds nothing."""

    assert verdict(nothing) == "not tried: it has no example"
    assert "– not tried" in rule_html(nothing)


def test_without_the_library_that_knows_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kernelgraph.rewrite.proof.truth", raising=False)
    monkeypatch.setitem(sys.modules, "mpmath", None)
    fresh = pattern_sub((T.log, (T.exp, "x")), "x", name="undone", changes="rounding")
    assert verdict(fresh) == "not tried: true values need mpmath (pip install mpmath)"


def test_a_rule_is_tried_once() -> None:
    assert verdict_on(zero_wins) is verdict_on(zero_wins)


def test_names_are_escaped(hostile: str) -> None:
    def meaning(x: Any) -> tuple[Any, Any]:
        return T.neg(T.neg(x)), x

    meaning.__doc__ = hostile.strip() or "blank"
    made: Rule = rule(meaning)
    assert "<script" not in rule_html(made)
    assert "<img src=x" not in rule_html(made)
