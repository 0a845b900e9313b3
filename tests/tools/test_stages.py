"""docs/STAGES.md is what its tool would write."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import stages as tool


def test_the_page_is_true() -> None:
    written = (tool.DOCS / "STAGES.md").read_text(encoding="utf-8")
    assert written == tool.page(), "run ./kg python tools/stages.py"


def test_it_goes_through_every_stage() -> None:
    page = tool.page()
    for stage in ("graph", "rewriting", "schedule", "program", "source"):
        assert f"`f.stages.{stage}`" in page
    assert "log_one_plus_exp" in page
    assert "dot_total ← dot_total + (x[i, j] * w[j])" in page
