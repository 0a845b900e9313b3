from kernelgraph.errors import KernelgraphError
from kernelgraph.viz.html.fragments import fold, frame, guarded, page, preformatted, table
from kernelgraph.viz.html.markup import Markup, html


def test_the_frame_names_its_kind() -> None:
    assert frame("graph", html("b", None, "x")) == '<div class="kg" data-kg="graph"><b>x</b></div>'


def test_a_fold_opens_without_a_script() -> None:
    assert (
        fold("more", html("b", None, "x")) == "<details><summary>more</summary><b>x</b></details>"
    )
    assert fold("more", is_open=True).startswith('<details open="open">')


def test_a_table_has_headings() -> None:
    text = table(("a", "b"), [("1", "<2>")])
    assert text.count("<th ") == 2
    assert "&lt;2&gt;" in text


def test_a_page_is_one_document() -> None:
    text = page("<t>", preformatted("x"))
    assert text.startswith("<!doctype html>\n<html")
    assert "<title>&lt;t&gt;</title>" in text


def test_a_failure_becomes_a_sentence() -> None:
    def fail() -> Markup:
        raise ValueError("<script>alert(1)</script>")

    expected = "<p>(could not draw: &lt;script&gt;alert(1)&lt;/script&gt;)</p>"
    assert guarded(fail) == expected


def test_an_error_of_ours_is_told_without_the_code_around_it() -> None:
    def fail() -> Markup:
        raise KernelgraphError("sizes differ:\n  2 and 3", hint="look again")

    assert guarded(fail) == "<p>(could not draw: sizes differ: 2 and 3)</p>"


def test_an_empty_heading_is_no_heading_and_long_lines_can_be_scrolled_with_keys() -> None:
    text = table(("a", ""), [("1", "2")])
    assert (text.count("<th "), text.count("<td ")) == (1, 3)
    assert preformatted("x").startswith('<pre tabindex="0" ')
