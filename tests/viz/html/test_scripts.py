"""Views without what runs in them."""

from __future__ import annotations

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.html.scripts import without_scripts

EVIL = "<script>alert(1)</script><style>*{}</style>"


def test_scripts_styles_and_the_note_go_and_all_else_stays() -> None:
    f = kg.function([x := T.dvector(EVIL)], T.exp(x), target="python")
    for view in (f.source().html, f.steps().html):
        static = without_scripts(view)
        assert "<script" in view
        for live in ("<script", "<style", "data-static"):
            assert live not in static
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in static, "a name is text"
        assert static.count("<details") == view.count("<details")
        assert static.count("<img") == view.count("<img")


def test_what_has_no_script_stays_as_it_is() -> None:
    f = kg.function([x := T.dvector("x")], T.exp(x), target="python")
    view = f._repr_mimebundle_()["text/html"]
    assert without_scripts(view) == view
