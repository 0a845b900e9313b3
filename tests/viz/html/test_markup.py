import ast
import json
import re
from pathlib import Path

from kernelgraph import viz
from kernelgraph.viz.html.markup import Markup, html, number, script, svg

MAKERS = {"markup.py", "escape.py"}


def test_children_and_values_are_escaped_once() -> None:
    inner = html("b", None, "<&>")
    assert inner == "<b>&lt;&amp;&gt;</b>"
    assert html("p", {"title": 'a"b'}, inner) == f'<p title="a&quot;b">{inner}</p>'


def test_svg_without_children_closes_itself() -> None:
    assert svg("rect", {"x": 1.25, "y": -0.001}) == '<rect x="1.2" y="0"/>'


def test_numbers_are_short() -> None:
    assert [number(value) for value in (0.0, -0.04, 10.0, 2.55, 1e6)] == [
        "0",
        "0",
        "10",
        "2.5",
        "1000000",
    ]


def test_markup_is_a_type_of_its_own() -> None:
    assert isinstance(html("br"), Markup)
    assert not isinstance("<br>", Markup)


def test_no_other_module_writes_tags() -> None:
    """A tag in a literal or an f-string outside `markup` would be a way around the escaping."""
    for file in sorted(Path(viz.__file__).parent.rglob("*.py")):
        if file.name in MAKERS:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_tag = re.search(r"</?[a-z]+[ >/]", node.value)
                assert id(node) in notes or not is_tag, f"{file.name}:{node.lineno}"


def test_no_text_ends_a_script_early() -> None:
    text = "</script><script>alert(1)</script> & \ud800 \u2028"
    made = script("(root, data) => {}", {"text": text})
    assert made.count("<") == 2
    assert made.startswith("<script>((root, data) => {})(document.currentScript.parentNode, {")
    assert json.loads(made[made.index("{", 27) : made.rindex("}") + 1]) == {"text": text}
