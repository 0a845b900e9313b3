"""docs/STABILITY.md is what its tool would write now, and what it shows is good."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import stability as tool  # noqa: E402 - tools/ is no package


def test_the_page_is_true() -> None:
    page = (tool.DOCS / "STABILITY.md").read_text(encoding="utf-8")
    assert page == tool.page(), "run ./kg python tools/stability.py"


@pytest.mark.parametrize("row", tool.ROWS, ids=lambda row: row.text)
def test_rewriting_loses_no_digits(row: tool.Row) -> None:
    before, after, rules = tool.errors(row)
    assert after < 4
    assert after <= before
    assert rules
