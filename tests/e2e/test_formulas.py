"""Every formula that the project writes, typeset by the MathJax that JupyterLab brings, and read by
KaTeX, which VS Code and other readers of notebooks use.
"""

from __future__ import annotations

import json
from importlib.metadata import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.viz.display import mimebundle
from kernelgraph.viz.text.subjects import graph_of
from tests.every_op.table import ALL
from tests.graphs import RandomGraph

from .conftest import OpenLab, require
from .payloads import PAYLOADS

pytestmark = pytest.mark.usefixtures("any_numbers")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = Path(__file__).parents[1] / "viz" / "hostile_names.json"

TYPESET = """async formulas => {
    const typesetter = window.jupyterapp.shell.currentWidget.content.rendermime.latexTypesetter;
    const place = document.createElement('div');
    document.body.append(place);
    const shown = formulas.map(formula => {
        const line = document.createElement('p');
        line.textContent = formula;
        place.append(line);
        return line;
    });
    await typesetter.typeset(place);
    for (let turn = 0; turn < 50; turn += 1) {
        if (place.querySelectorAll('mjx-container').length >= formulas.length) break;
        await new Promise(done => setTimeout(done, 100));
    }
    const wrong = 'mjx-merror, [data-mjx-error], [style*="color: red"], a, [href], script, img';
    const found = shown.map((line, k) => [line, formulas[k]])
        .filter(([line]) => line.querySelectorAll('mjx-container').length !== 1
            || line.querySelector(wrong) || line.childNodes.length !== 1)
        .map(([line, formula]) => `${formula} became ${line.innerHTML.slice(0, 300)}`);
    place.remove();
    return found;
}"""


def formula(variable: Variable) -> str:
    return mimebundle(variable)["text/latex"]


def of_every_op() -> list[str]:
    return [formula(output) for case in ALL for output in case.outputs]


def of_random_graphs() -> list[str]:
    graphs = [RandomGraph(seed, nodes=5 + seed) for seed in range(60)]
    return [formula(output) for graph in graphs for output in graph.outputs]


def of_hostile_names() -> list[str]:
    names: list[str] = [*json.loads(HOSTILE.read_text()), *PAYLOADS]
    shown: list[str] = []
    for name in names:
        x = T.dvector(name)
        shared = T.exp(x * T.dvector(name[::-1]) + 1)
        shared.name = name
        shown += [formula(x), formula(shared * T.log(shared))]
    return shown


def of_differences() -> list[str]:
    graphs = [RandomGraph(seed, nodes=5 + seed) for seed in range(24)]
    rewritings = [rewrite(graph_of(graph.outputs), DEFAULT) for graph in graphs]
    return [
        f"${rewriting.difference(step.number).latex()}$"
        for rewriting in rewritings
        for step in rewriting.steps
    ]


FORMULAS = {
    "differences": of_differences,
    "ops": of_every_op,
    "random graphs": of_random_graphs,
    "hostile names": of_hostile_names,
}


@pytest.fixture
def page(lab: OpenLab) -> Any:
    return lab(new_notebook(cells=[new_code_cell("")])).page


def test_mathjax_reads_every_formula(page: Any) -> None:
    for kind, make in FORMULAS.items():
        formulas = list(dict.fromkeys(make()))
        assert len(formulas) > 100, kind
        assert page.evaluate(TYPESET, formulas) == [], kind
    assert page.evaluate("window.hit") is None


def test_the_check_sees_what_mathjax_cannot_read(page: Any) -> None:
    wrong = [r"$\frac{1$", r"$\nosuchcommand{x}$", r"$\left( x$", "no formula"]
    found = page.evaluate(TYPESET, [*wrong, "$x$"])
    assert len(found) == len(wrong), found


READ = """formulas => formulas.map(formula => {
    // Letters that it has no widths for are shown all the same.
    const strict = code => /^unknownSymbol$/.test(code) ? 'ignore' : 'error';
    const text = formula.trim().replace(/^\\$/, '').replace(/\\$$/, '');
    try {
        const made = katex.renderToString(text, { throwOnError: true, strict });
        return /<(a|img|script)\\b|<[^>]* href=/.test(made) ? `${text} became ${made}` : '';
    } catch (error) { return `${text}: ${error}`; }
}).filter(trouble => trouble)"""


@pytest.fixture
def katex(browser: Browser) -> Any:
    """A page in which KaTeX can be called, and nothing else."""
    require("sphinxcontrib.katex")
    (script,) = (f for f in files("sphinxcontrib-katex") or () if f.name == "katex.min.js")
    page = browser.new_page()
    page.add_script_tag(path=str(script.locate()))
    yield page
    page.close()


def test_katex_reads_every_formula(katex: Any) -> None:
    for kind, make in FORMULAS.items():
        assert katex.evaluate(READ, list(dict.fromkeys(make()))) == [], kind


def test_the_check_sees_what_katex_cannot_read(katex: Any) -> None:
    wrong = [r"$\frac{1$", r"$\nosuchcommand{x}$", r"$\left( x$"]
    assert len(katex.evaluate(READ, [*wrong, "$x$"])) == len(wrong)
