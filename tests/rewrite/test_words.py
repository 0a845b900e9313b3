"""The words with which rules speak of themselves."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.rewrite.rule import Rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import DOMAINS, PHASES, RANKS


def test_a_phase_that_does_not_exist() -> None:
    def log_of_exp(x: Any) -> tuple[Any, Any]:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    with pytest.raises(RuleError, match="no phase is called 'stabilise'") as raised:
        rule(phase="stabilise")(log_of_exp)
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("there are merge, fold, simplify, stabilize")


def test_rules_of_users_run_last() -> None:
    @rule
    def log_of_exp(x: Any) -> tuple[Any, Any]:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    assert log_of_exp.phase == "user" == PHASES[-2]  # composite ops are taken apart after them


def test_words_that_name_a_shape_are_domains() -> None:
    assert set(RANKS) < DOMAINS
    assert all(len(RANKS[word]) <= 2 for word in RANKS)


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_rules_speak_in_these_words(tested: Rule) -> None:
    assert tested.phase in PHASES
    assert {word for words in tested.where.values() for word in words.split()} <= DOMAINS
