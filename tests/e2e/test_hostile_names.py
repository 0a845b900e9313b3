"""Names that are markup, shown in a real JupyterLab: they must be read, not run."""

from __future__ import annotations

import json

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab

CANARY = "window.canary=1"

PAYLOADS = [
    f"<img src=x onerror={CANARY}>",
    f"<svg onload={CANARY}>",
    f"<script>{CANARY}</script>",
    f"</svg><script>{CANARY}</script>",
    f"</style><script>{CANARY}</script>",
    f'"]; evil [label="<img src=x onerror={CANARY}>',
    f"' onmouseover='{CANARY}",
    f'" autofocus onfocus="{CANARY}',
    f"]]><script>{CANARY}</script>",
    f"&lt;img src=x onerror={CANARY}&gt;",
    f"$\\href{{javascript:{CANARY}}}{{x}}$",
    f"[x](javascript:{CANARY})",
    f"<iframe src=javascript:parent.{CANARY}>",
    "$\\unicode{60}script$",
    "\x1b]8;;javascript:window.canary=1\x07x\x1b]8;;\x07",
    "name\u202eeman",
    "nul\x00name",
    "half \ud800 a character",
    "tears of joy 😂",
    "שלום",
]

SHOW = """
import json
import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.jupyter import train
name = json.loads({payload!r})
x = T.dvector(name)
w = kg.shared(1.5, name=name)
y = (x * w).sum()
y.name = name
f = kg.function([x], y, name=name)
training = train(range(2), title=name)
for step in training:
    training.report(**{{name: step}})
display(x, w, y, y.owner, f, f.graph, f.stages, f.stages.rewriting, training, f.steps())
kg.debugprint(f)
"""

FORMULAS = "mjx-container a, mjx-container script, mjx-container [href]"


def test_no_name_runs_as_code_and_every_name_can_be_read(lab: OpenLab) -> None:
    sources = [SHOW.format(payload=json.dumps(payload)) for payload in PAYLOADS]
    page = lab(new_notebook(cells=[new_code_cell(source) for source in sources]))
    page.page.on("dialog", lambda dialog: page.console_errors.append(dialog.message))
    page.run_all()
    page.page.wait_for_timeout(500)

    assert page.errors() == []
    assert page.page.evaluate("window.canary") is None
    assert page.page.locator(FORMULAS).count() == 0
    for cell, payload in enumerate(PAYLOADS):
        element = page.element(cell)
        element.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
        for picture in page.pictures(cell):
            assert picture["complete"], payload
            assert picture["width"] > 0, payload
            assert picture["source"].startswith("data:image/svg+xml;base64,"), payload
        readable = payload.split("\x1b")[0].split("\x00")[0].split("\ud800")[0].split("\u202e")[0]
        assert page.text(cell).count(readable[:50]) >= 3, payload
    assert page.page.evaluate("window.canary") is None
    page.screenshot("hostile_names.png")


def test_a_saved_notebook_with_hostile_names_is_harmless_when_opened_untrusted(
    lab: OpenLab,
) -> None:
    first = lab(new_notebook(cells=[new_code_cell(SHOW.format(payload=json.dumps(PAYLOADS[0])))]))
    first.run_all()
    assert first.errors() == []
    outputs = [nbformat.from_dict(output) for output in first.outputs(0)]
    page = lab(new_notebook(cells=[new_code_cell("", outputs=outputs)]))
    page.page.wait_for_timeout(500)

    pictures = page.pictures(0)
    assert len(pictures) >= 3
    assert all(picture["width"] > 0 for picture in pictures)
    assert PAYLOADS[0] in page.text(0)
    assert page.page.evaluate("window.canary") is None
