"""A lesson with `%%symfunc` and its kin, in a real JupyterLab."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab

LOAD = "%load_ext kernelgraph\nimport numpy as np\nimport kernelgraph as kg"

DEFINE = """\
%%symfunc f(x: vector, w: f64[n]) -> cost --target c --grad w --show graph,steps,source
z = x * 1 * w
cost = log(1 + exp(z)).sum()
"""

CALL = "cost, slope = f([1.0, 2.0], w=[0.5, -1.0])\nprint(round(float(cost), 4), slope.round(4))"

PRINT = """\
%%symfunc g(x: vector, lr=0.1) -> y --target python --python
y = lr * tanh(x).sum()
"""

CHECK = "%symcheck f"
PROFILE = "%symprofile f np.ones(1000), np.ones(1000) -n 5"
EXPLAIN = "kg.explain(f)"

WRONG = """\
%%symfunc h(x: vector)
y = x + 1
z = nobody_made_it * y
"""

COMPLETE = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const reply = await kernel.requestComplete({code: code, cursor_pos: code.length});
    return reply.content.matches;
}"""
"""What JupyterLab asks the kernel when Tab is pressed."""

CELLS = [LOAD, DEFINE, CALL, PRINT, CHECK, PROFILE, EXPLAIN]


def notebook(*sources: str) -> Any:
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_a_lesson_from_the_first_line_to_the_last_stage(lab: OpenLab) -> None:
    page = lab(notebook(*CELLS))
    page.run_all()
    assert page.errors() == []
    assert page.text(2).strip() == "1.101 [0.6225 0.2384]"
    assert "y = lr * tanh(x).sum()" in page.text(3)
    assert 'name="g"' in page.text(3)
    assert "f: passed" in page.text(4)
    assert "d cost / d w" in page.text(4)
    assert "5 calls" in page.text(5)

    for cell in (1, 6):
        stepper = page.element(cell).locator("[data-kg=stepper]")
        stepper.evaluate("one => { one.closest('details').open = true; }")
        assert stepper.get_attribute("data-step") == "0"
        stepper.focus()
        for key in ("ArrowRight", "x", "d", "d"):
            page.page.keyboard.press(key)
        assert stepper.get_attribute("data-step") == "1"
        source = page.element(cell).locator("[data-kg=source]")
        source.evaluate("one => { one.closest('details').open = true; }")
        assert source.get_by_role("tab").count() == 5
    assert [len(page.cells()), page.cells()[1]["cell_type"]] == [len(CELLS), "code"]
    page.screenshot("symfunc.png")
    page.theme("JupyterLab Dark")
    page.page.wait_for_timeout(300)
    page.screenshot("explain_dark.png", 6)
    page.theme("JupyterLab Light")


def test_a_mistake_points_at_the_line_of_the_cell(lab: OpenLab) -> None:
    page = lab(notebook(LOAD, WRONG))
    page.run_all()
    assert page.errors() == ["cell 1: NameError: name 'nobody_made_it' is not defined"]
    assert "Cell In[2], line 3" in page.text(1)
    assert "----> 3 z = nobody_made_it * y" in page.text(1)
    assert "magics.py" not in page.text(1)
    page.screenshot("symfunc_error.png", 1)


def test_the_kernel_offers_the_options(lab: OpenLab) -> None:
    page = lab(notebook(LOAD))
    page.run_all()
    for code, word in [
        ("%%symfunc f(x) --sh", "--show"),
        ("%%symfunc f(x) --show graph,st", "steps"),
        ("%symsource f --language cu", "cuda"),
    ]:
        assert word in page.page.evaluate(COMPLETE, code), code


def test_an_untrusted_notebook_shows_every_stage(lab: OpenLab) -> None:
    first = lab(notebook(LOAD, DEFINE, EXPLAIN, DEFINE + "\n", "kg.explain(f, static=True)"))
    first.run_all()
    assert first.errors() == []
    cells = [
        new_code_cell("", outputs=[nbformat.from_dict(output) for output in first.outputs(cell)])
        for cell in (1, 2, 4)
    ]
    page = lab(new_notebook(cells=cells))
    page.element(1).locator("img").first.wait_for()
    page.screenshot("explain_untrusted.png", 1)
    for cell in range(3):
        page.element(cell).locator("img").first.wait_for()
        page.element(cell).locator("summary").evaluate_all(
            "all => all.forEach(one => { one.parentNode.open = true; })"
        )
        assert all(picture["width"] > 0 for picture in page.pictures(cell))
        assert page.element(cell).locator(".jp-OutputArea :is(script, style, button)").count() == 0
        for words in ("softplus does not overflow", "for (int64"):
            assert words in page.text(cell)
