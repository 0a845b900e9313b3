import pytest

from kernelgraph.viz.pictures.metrics import text_width


def test_widths_add_up() -> None:
    assert text_width("ab") == pytest.approx(text_width("a") + text_width("b"))
    assert text_width("") == 0


def test_wide_characters_are_wide_and_marks_have_no_width() -> None:
    assert text_width("世") > text_width("w")
    assert text_width("e\u0301") == text_width("e")


def test_widths_scale_with_the_font() -> None:
    assert text_width("sigmoid", 26.0) == pytest.approx(2 * text_width("sigmoid", 13.0))
