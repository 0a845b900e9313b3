"""Views of graphs with numbers, and of large ones, in a notebook that nobody has trusted yet."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab

SHOW = """
import kernelgraph as kg
import kernelgraph.tensor as T
u, v = T.dscalars("u", "v")
s = T.sin(u * v)
y = s * u + T.exp(s)
"""

VIEWS = {
    "explorer": ("kg.explore(y, u=(-3, 3), v=(0, 1), frames=9)", "autodiff", 2),
    "backprop": ("kg.backprop(y, [u, v], at={'u': 2.0, 'v': 0.25})", "d sin(u) = cos(u) du", 1),
    "large": (
        "for k in range(200):\n    y = T.tanh(y)\nkg.show(y)",
        "205 nodes are too many to read in one picture",
        1,
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_and_words_are_there_and_no_data_spills(view: str, lab: OpenLab) -> None:
    call, words, pictures = VIEWS[view]
    first = lab(new_notebook(cells=[new_code_cell(SHOW + call)]))
    first.run_all()
    assert first.errors() == []
    assert first.element(0).locator("[data-kg] svg").count() == pictures, "the script has run"
    outputs: list[Any] = [nbformat.from_dict(output) for output in first.outputs(0)]

    page = lab(new_notebook(cells=[new_code_cell("", outputs=outputs)]))
    page.element(0).locator("img").first.wait_for()
    page.element(0).locator("summary").evaluate_all(
        "all => all.forEach(one => { one.parentNode.open = true; })"
    )
    assert words in page.text(0)
    assert len(page.pictures(0)) == pictures
    assert all(picture["width"] > 0 for picture in page.pictures(0))
    assert "strings" not in page.text(0)
    assert "function" not in page.text(0)
    page.screenshot(f"untrusted_{view}.png", 0)
