"""Verdicts: what became of trying a rule, tried once and remembered with the rule.

A rule that somebody wrote may be wrong, and then so is all that it rewrites. Whoever compiles with
one that is refuted is told so, once, with numbers for which it is wrong.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from kernelgraph.errors import RuleError
from kernelgraph.locations import level_of_user
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.steps import Rewriting

if TYPE_CHECKING:
    from kernelgraph.rewrite.proof.check import Examination


class RefutedRuleWarning(UserWarning):
    """A rule of the user's was refuted, and rewrote something: results may be wrong."""


_verdicts: WeakKeyDictionary[Rule, Examination | str] = WeakKeyDictionary()
_told: WeakSet[Rule] = WeakSet()


def verdict_on(rule: Rule) -> Examination | str:
    """What became of trying a rule, tried once; a sentence where it could not be tried."""
    found = _verdicts.get(rule)
    if found is None:
        found = _verdicts[rule] = _tried(rule)
    return found


def _tried(rule: Rule) -> Examination | str:
    if not rule.examples:
        return "not tried: it has no example"
    try:
        return import_module("kernelgraph.rewrite.proof.check").examine(rule)  # few ever try one
    except ModuleNotFoundError as error:
        return f"not tried: true values need {error.name} (pip install {error.name})"


def warn_of_refuted(rewriting: Rewriting) -> None:
    """Warn (KG-O001) of each rule of the user's that made a step and is refuted, once for a rule:
    its name, the counter-example and its line.
    """
    for rule in dict.fromkeys(_own_rules(rewriting)):
        if rule in _told:
            continue
        found = verdict_on(rule)
        if isinstance(found, str) or found.counter_example is None:
            continue
        _told.add(rule)
        warnings.warn(
            f"[{RuleError.default_code}] rewrite rule {rule.name} is refuted, results may be "
            f"wrong: {found.counter_example.removeprefix(f'{rule.name}: ')} ({rule.place})",
            RefutedRuleWarning,
            stacklevel=level_of_user(),
        )


def _own_rules(rewriting: Rewriting) -> Iterator[Rule]:
    """The rules that were written elsewhere and made steps, in inner graphs too; of those that
    were switched off people have been told already.
    """
    for rule, use in rewriting.uses.items():
        if rule.by_user and use.applied and not use.stopped:
            yield rule
    for inner in rewriting.inside:
        yield from _own_rules(inner)
