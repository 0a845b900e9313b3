"""docs/rules/ is what its tool would draw now; the page itself is compared where all rules are
tried, in test_every_rule.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import rules as tool  # noqa: E402 - tools/ is no package
import theano_rewrites  # noqa: E402

WRITE = "run ./kg python tools/rules.py"


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_every_rule_has_its_picture(tested: Rule) -> None:
    svg = tool.drawing(tested)
    assert svg is not None
    path = tool.DOCS / "rules" / f"{tested.name}.svg"
    assert path.read_text(encoding="utf-8") == svg, WRITE


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in (tool.DOCS / "rules").iterdir()} == {r.name for r in DEFAULT}


def test_theanos_names_belong_to_rules() -> None:
    assert set(tool.THEANO) <= {rule.name for rule in DEFAULT}


def test_what_became_of_theanos_list_names_rules() -> None:
    named = {name for names in theano_rewrites.OURS.values() for name in names}
    assert named <= {rule.name for rule in DEFAULT}
    assert not set(theano_rewrites.OURS) & set(theano_rewrites.OTHERWISE)
