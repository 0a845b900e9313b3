"""`tools/sanitize.py`: what the sanitizers report is found, once each."""

from __future__ import annotations

from pathlib import Path

import sanitize


def test_reports_are_collected(tmp_path: Path) -> None:
    shift = "program.c:3:41: runtime error: shift exponent 70 is too large for 64-bit type"
    (tmp_path / "report.errors").write_text(f"warning\n{shift}\n{shift}\n")
    (tmp_path / "report.17").write_text("==17==ERROR: AddressSanitizer: heap-buffer-overflow\n")
    found = sanitize.reports(tmp_path)
    assert found == ["==17==ERROR: AddressSanitizer: heap-buffer-overflow", shift]
