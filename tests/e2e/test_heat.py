"""The display of a profile, in a real JupyterLab: with and without its script."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab

SHOW = """\
import time
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T

@kg.as_op(T.dvector, T.dvector)
def slow(value):
    time.sleep(0.005)
    return value

x = T.dvector("x")
f = kg.function([x], [T.exp(slow(x)).sum(), x.max()], target="c", profile=True, name="nap")
for _ in range(5):
    f(np.arange(1000.0))
f.profile
"""


def test_the_slowest_kernel_is_first_and_headings_sort(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(SHOW)]))
    page.run_all()
    assert page.errors() == []
    table = page.element(0).locator("table[data-sortable=kernels]")
    assert "slow" in table.locator("tbody tr").first.inner_text()
    graph, scale = page.pictures(0)
    assert "shares of time: (Python) " in graph["alt"]
    assert scale["alt"].startswith("colours by share of time: ")
    before = len(page.cells())

    button = table.get_by_role("button", name="share")
    button.focus()
    for key in ("Enter", "Enter", "x", "a"):
        page.page.keyboard.press(key)
    assert "slow" in table.locator("tbody tr").last.inner_text()
    assert len(page.cells()) == before
    page.theme("JupyterLab Dark")
    page.page.wait_for_timeout(300)
    page.screenshot("profile.png", 0)


def test_an_untrusted_notebook_shows_tables_and_pictures(lab: OpenLab) -> None:
    first = lab(new_notebook(cells=[new_code_cell(SHOW)]))
    first.run_all()
    assert first.errors() == []
    outputs = [nbformat.from_dict(output) for output in first.outputs(0)]
    page = lab(new_notebook(cells=[new_code_cell(SHOW, outputs=outputs)]))
    page.page.wait_for_timeout(500)
    assert [picture["complete"] for picture in page.pictures(0)] == [True, True]
    assert page.element(0).locator(".jp-OutputArea :is(script, button)").count() == 0
    for words in ("compiling, once", "5 calls", "slow", "rewriting, rule by rule"):
        assert words in page.text(0)
