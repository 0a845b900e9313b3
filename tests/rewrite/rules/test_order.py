"""Every rule has its phase and its place in the order."""

from __future__ import annotations

import importlib
from pathlib import Path

from kernelgraph.rewrite import rules
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import PHASES

FILES = sorted(Path(rules.__file__).parent.glob("*.py"))


def written() -> list[Rule]:
    """The rules that the modules define."""
    modules = [importlib.import_module(f"{rules.__name__}.{file.stem}") for file in FILES]
    values = [value for module in modules for value in vars(module).values()]
    return [value for value in values if isinstance(value, Rule)]


def test_every_rule_has_a_place_in_the_order() -> None:
    assert {rule.name for rule in written()} == {rule.name for rule in DEFAULT}


def test_rules_are_written_phase_by_phase() -> None:
    numbers = [PHASES.index(rule.phase) for rule in DEFAULT]
    assert numbers == sorted(numbers)


def test_no_rule_of_the_package_is_a_users() -> None:
    assert [rule.name for rule in DEFAULT if rule.by_user] == []
