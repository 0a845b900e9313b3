"""Views of graphs with numbers, and of large ones, in a notebook that nobody has trusted yet."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab
from .test_hostile_names import FORMULAS, PAYLOADS

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


HOSTILE = """
import json
import kernelgraph as kg
import kernelgraph.tensor as T
name = json.loads({payload!r})
u = T.dscalar(name)
y = T.sin(u) * u
y.name = name
display(kg.explore(y, frames=3), kg.backprop(y, u))
for k in range(200):
    y = T.tanh(y)
    y.name = name
kg.show(y)
"""


def test_no_name_is_run_or_typeset(lab: OpenLab) -> None:
    payloads = [payload for payload in PAYLOADS if "$" in payload or "onerror" in payload]
    sources = [HOSTILE.format(payload=json.dumps(payload)) for payload in payloads]
    page = lab(new_notebook(cells=[new_code_cell(source) for source in sources]))
    page.run_all()
    assert page.errors() == []
    page.page.wait_for_timeout(1000)
    for cell, payload in enumerate(payloads):
        element = page.element(cell)
        assert element.locator("[data-kg] svg").count() == 4
        element.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
        assert page.text(cell).count(payload[:40]) >= 3, payload
    page.page.wait_for_timeout(500)
    assert page.page.evaluate("window.canary") is None
    assert page.page.locator(FORMULAS).count() == 0
    assert page.page.locator("mjx-container").count() == 0
