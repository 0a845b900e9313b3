"""The browser harness itself, proved on notebooks small enough to know by heart."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .conftest import OpenLab

SQUARE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'>"
    "<rect width='40' height='30' fill='teal'/></svg>"
)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Screenshots of this test only."""
    monkeypatch.setenv("KERNELGRAPH_E2E_RESULTS", str(tmp_path / "results"))
    return tmp_path / "results"


def test_runs_all_cells_and_sees_what_they_show(lab: OpenLab, results: Path) -> None:
    picture = (
        "import base64\n"
        "from IPython.display import HTML\n"
        f'svg = base64.b64encode("{SQUARE}".encode()).decode()\n'
        'HTML(f\'<img alt="a square" src="data:image/svg+xml;base64,{svg}">\')'
    )
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A notebook"),
            new_code_cell("six = 2 * 3\nprint('six is', six)"),
            new_code_cell("six * 7"),
            new_code_cell(picture),
        ]
    )
    page = lab(notebook)
    page.run_all()

    assert page.errors() == []
    assert page.outputs(1)[0]["text"] == "six is 6\n"
    assert page.outputs(2)[0]["data"]["text/plain"] == "42"
    assert page.text(2) == "42"
    (square,) = page.pictures(3)
    assert (square["alt"], square["width"], square["height"]) == ("a square", 40, 30)
    for saved in (page.screenshot("all.png"), page.screenshot("one.png", cell=3)):
        assert saved.parent == results
        assert saved.stat().st_size > 1000


def test_reports_the_cell_that_fails_and_stops_there(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell("1 / 0"), new_code_cell("print('not reached')")]))
    page.run_all()

    assert page.errors() == ["cell 0: ZeroDivisionError: division by zero"]
    assert page.outputs(1) == []


def test_two_notebooks_have_kernels_of_their_own(lab: OpenLab) -> None:
    first = lab(new_notebook(cells=[new_code_cell("x = 1\nx")]))
    second = lab(new_notebook(cells=[new_code_cell("'x' in globals()")]))
    first.run_all()
    second.run_all()

    assert first.text(0) == "1"
    assert second.text(0) == "False"


def test_hears_errors_of_the_page(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[]))
    page.page.evaluate("console.error('from the page')")
    page.page.evaluate("setTimeout(() => { throw new Error('uncaught') })")
    page.page.wait_for_timeout(200)

    heard = "\n".join(page.console_errors)
    assert "from the page" in heard
    assert "uncaught" in heard
    page.console_errors.clear()


def test_a_missing_browser_skips_with_a_reason_or_fails_where_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from . import conftest

    monkeypatch.setenv("KERNELGRAPH_CHROMIUM", "no-such-browser")
    monkeypatch.delenv("KERNELGRAPH_REQUIRE_E2E", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium was found"):
        conftest.chromium()
    monkeypatch.setenv("KERNELGRAPH_REQUIRE_E2E", "1")
    with pytest.raises(pytest.fail.Exception, match="KERNELGRAPH_REQUIRE_E2E=1"):
        conftest.chromium()
