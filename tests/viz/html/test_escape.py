import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from kernelgraph.viz.html import escape

LATEX_COMMANDS = {"mathrm", "text", "backslash", "wedge", "sim", "lt", "gt", "backprime"}


class TextOf(HTMLParser):
    """Collects the text of a fragment and the names of its elements."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_text_is_the_name_and_nothing_but_the_name(hostile: str) -> None:
    shown = escape.name(hostile)
    parsed = TextOf(f"<p>{escape.html(shown)}</p>")
    assert parsed.text == shown
    assert set(parsed.tags) <= {"p", "span"}


def test_attribute_text_stays_in_its_attribute(hostile: str) -> None:
    shown = escape.name(hostile)
    element = ElementTree.fromstring(f'<a b="{escape.xml(shown)}" c="1"/>')
    assert element.attrib == {"b": shown, "c": "1"}


def test_svg_text_is_well_formed_and_literal(hostile: str) -> None:
    shown = escape.name(hostile)
    element = ElementTree.fromstring(f"<text>{escape.svg(shown)}</text>")
    assert "".join(element.itertext()) == shown
    assert {child.tag for child in element} <= {"tspan"}


def test_dot_text_is_one_quoted_string(hostile: str) -> None:
    quoted = escape.dot(hostile)
    assert re.fullmatch(r'"(?:[^"\\]|\\[\\"n])*"', quoted)
    quoted.encode()


def test_latex_text_has_no_command_of_its_own(hostile: str) -> None:
    text = escape.latex(escape.name(hostile))
    assert set(re.findall(r"\\([a-zA-Z]+)", text)) <= LATEX_COMMANDS
    bare = re.sub(r"\\.", "", text)
    assert bare.count("{") == bare.count("}")
    assert not set(bare) & set("$&#%<>~^_\n")


def test_plain_text_has_no_control_character(hostile: str) -> None:
    shown = escape.name(hostile)
    assert shown.isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert len(shown) <= escape.NAME_LIMIT * 10 + 40
    shown.encode()


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x00", "\ud800"]
)
def test_what_cannot_be_seen_is_spelt_out(hidden: str) -> None:
    assert hidden not in escape.visible(f"a{hidden}b")
    assert re.fullmatch(r"a\\[xu][0-9a-f]+b", escape.visible(f"a{hidden}b"))


def test_letters_of_all_scripts_stay() -> None:
    text = "λ é 日本語 שלום سلام 👩‍👩‍👧‍👦 Ω"
    assert escape.visible(text) == text


def test_a_megabyte_of_name_becomes_a_line() -> None:
    shown = escape.name("n" * 1_000_000)
    assert shown.endswith("… (1000000 characters)")
    assert len(shown) < 100


def test_no_formula_survives_in_html() -> None:
    assert "$" not in re.sub(r"<span>\$</span>", "", escape.html("$x$ and $$y$$"))
    assert "\\begin" not in escape.html(r"\begin{equation}")
