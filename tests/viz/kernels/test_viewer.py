import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.function import Function
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.kernels.languages import TITLES
from kernelgraph.viz.kernels.viewer import SourceView, view_source

MOST_BYTES_OF_SCRIPT = 10_240
MOST_BYTES = 300_000


def logistic(name: str = "w", **options: Any) -> Function:
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector(name)
    p = T.nnet.sigmoid(T.dot(x, w))
    cost = -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean()
    return kg.function([x, w, y], [cost, kg.grad(cost, w)], name="train", **options)


@pytest.fixture(scope="module")
def view() -> SourceView:
    return logistic(target="c").source()


class Page(HTMLParser):
    """The lines of each tab, the copied text of each, and all tags and attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.lines: dict[str, list[dict[str, str | None]]] = {}
        self.copied: dict[str, str] = {}
        self._tab = ""
        self._open: list[tuple[str, str]] = []
        self._gutter_seen = False
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._tab = attributes.get("data-tab") or self._tab
        if "data-line" in attributes:
            self.lines.setdefault(self._tab, []).append(attributes)
        in_line = bool(self._open) and self._open[-1][1] == "line"
        what = "line" if "data-line" in attributes else "text" if "data-text" in attributes else ""
        if in_line:  # the first span of a line is its gutter
            what = "gutter" if not self._gutter_seen else "text"
            self._gutter_seen = True
        if what == "line":
            self._gutter_seen = False
        if tag not in ("img", "br"):
            self._open.append((tag, what or (self._open[-1][1] if self._open else "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][1] in ("line", "text"):
            self.copied[self._tab] = self.copied.get(self._tab, "") + data


# The view ----------------------------------------------------------------------------------------


def test_the_view_has_text_and_page(view: SourceView) -> None:
    bundle = view._repr_mimebundle_()
    assert bundle.keys() == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith('<div class="kg" data-kg="source" data-front="c"')
    assert bundle["text/plain"] == repr(view)
    assert len(bundle["text/html"].encode()) < MOST_BYTES


def test_the_text_is_the_file_that_was_compiled() -> None:
    f = logistic(target="c")
    assert f.source().text == str(f.source()) == f.stages.source.text
    assert f.source("c").text == f.stages.source.text
    assert "def kernel_0" in f.source("python").text
    assert "__global__" in f.source("CUDA").text


def test_stages_have_the_same_view() -> None:
    f = logistic(target="python")
    assert view_source(f.stages).html == f.source().html


def test_wrong_questions() -> None:
    f = logistic(target="python")
    with pytest.raises(ArgumentError, match=r"no source is written in 'fortran'") as caught:
        f.source("fortran")
    assert caught.value.hint == "there are plan, loops, python, c, cuda"
    assert caught.value.places[0].filename == __file__
    with pytest.raises(TypeError, match="expected a compiled function, got int"):
        view_source(3)


def test_plain_text_has_notes_and_numbered_lines(view: SourceView) -> None:
    lines = repr(view).split("\n")
    assert len(lines) <= 100
    assert lines[0].startswith("train(x: float64[?, ?], w: float64[?], y: float64[?]) → ")
    assert lines[1].startswith("kernel_0: A kernel of 2 loops")
    assert "C, this text is what runs." in lines
    assert any(re.match(r" +\d+ ▪▪ n0 +≈\d+% │ +dot_total", line) for line in lines)
    assert lines[-1].startswith("… ")


def test_saved_files(tmp_path: Path) -> None:
    f = logistic(target="c")
    f.source().save(tmp_path / "f.c")
    assert (tmp_path / "f.c").read_text(encoding="utf-8") == f.stages.source.text
    for ending, words in ((".py", "def kernel_0"), (".cu", "__global__"), (".txt", "kernel_0(")):
        f.source().save(tmp_path / f"f{ending}")
        assert words in (tmp_path / f"f{ending}").read_text(encoding="utf-8")
    f.source("plan").save(tmp_path / "plan.txt")
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8").startswith("0 kernel\n")
    f.source().save(tmp_path / "f.html")
    page = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert f.source().html in page
    with pytest.raises(ValueError, match=r"must end in \.html, \.c"):
        f.source().save(tmp_path / "f.exe")


# The page ----------------------------------------------------------------------------------------


def test_all_languages_are_tabs_and_the_one_that_runs_is_open(view: SourceView) -> None:
    tabs = [a for tag, a in Page(view.html).tags if tag == "details" and "data-tab" in a]
    assert [a["data-tab"] for a in tabs] == list(TITLES)
    assert [a["data-tab"] for a in tabs if "open" in a] == ["c"]


def test_one_language_alone() -> None:
    page = Page(logistic(target="python").source("cuda").html)
    assert list(page.lines) == ["cuda"]


def test_every_line_below_a_loop_has_nodes(view: SourceView) -> None:
    page = Page(view.html)
    kernel = view.stages.program.kernels[0]
    wanted = {view.languages.keys[node] for node in kernel.nodes}
    for language, lines in page.lines.items():
        named = {k for a in lines for k in str(a.get("data-nodes", "")).split()}
        assert named == wanted, language
    text = view.stages.source.text.split("\n")
    start = next(k for k, line in enumerate(text) if "int32_t kernel_0(" in line)
    end = text.index("}", start)
    inside = [a for a in page.lines["c"] if start < int(str(a["data-line"])) - 1 < end]
    assert len(inside) == end - start - 1
    assert all(a.get("data-nodes") for a in inside)


def test_lines_say_what_part_of_the_work_they_do(view: SourceView) -> None:
    heat = {key: part for key, (part, _) in view.heat.items()}
    assert sum(heat.values()) == pytest.approx(1)
    for language in TITLES:
        lines = view.listing(language).lines
        assert {key for line in lines for key in line.own if line.heat} >= {
            key for key, part in heat.items() if part >= 0.005
        }
        assert all(line.heat.startswith("≈") for line in lines if line.heat)
    dots = [key for key, node in view_keys(view).items() if node == "dot"]
    assert sum(heat[key] for key in dots) > 0.5, "matrices are larger than vectors"
    assert re.search(r'<span style="background:#[0-9a-f]{6};color:#[0-9a-f]{6}">≈', view.html)
    assert "≈12% beside a line" in view.html


def view_keys(view: SourceView) -> dict[str, str]:
    return {key: node.op.name for node, key in view.languages.keys.items()}


def test_a_function_that_measured_itself_shows_what_it_measured() -> None:
    import time

    x = T.dvector("x")

    @kg.as_op(T.dvector, T.dvector)
    def nap(value: Any) -> Any:
        time.sleep(0.005)
        return value

    f = kg.function([x], T.exp(nap(x)) + 1, profile=True, target="c")
    assert all(estimate for _, estimate in f.source().heat.values())
    f([1.0])
    view = f.source()
    (slow,) = (key for key, name in view_keys(view).items() if name == "nap")
    part, is_estimate = view.heat[slow]
    assert part > 0.5
    assert not is_estimate
    (line,) = (line for line in view.listing("plan").lines if line.own == (slow,))
    assert re.fullmatch(r"\d+%", line.heat)
    assert 'class="kg-time">' in view.html


def test_what_is_copied_is_the_file(view: SourceView) -> None:
    copied = Page(view.html).copied
    assert copied["c"] == view.stages.source.text
    for language in TITLES:
        assert copied[language] == view.languages.source(language).text, language


def test_a_long_text_is_copied_whole() -> None:
    x = T.dvector("x")
    outputs = [T.exp(x[k : k + 2]).sum() for k in range(160)]  # views keep their loops apart
    view = kg.function([x], outputs, target="python").source("python")
    page = Page(view.html)
    assert view.text.count("\n") > 1000
    assert len(page.lines["python"]) == 1000
    assert page.copied["python"] == view.text


def test_what_does_not_run_says_so(view: SourceView) -> None:
    text = readable(view.html)
    assert "This text is what runs." in text
    assert text.count("Not run here: printed for reading, this function runs as C.") == 2
    banners = re.findall(r'data-banner="(\w+)"', view.html)
    assert banners == ["runs", "runs", "idle", "runs", "idle"]
    interpreted = readable(logistic(target="interpret").source().html)
    assert interpreted.count("Not run here: printed for reading, NumPy runs this function") == 3


def test_nodes_notes_and_reasons_are_told(view: SourceView) -> None:
    text = readable(view.html)
    for words in (
        "what each kernel does", "computes 22 nodes", "Memory traffic: ", "why these loops",
        "fused 22 nodes in one kernel over x_n0", "n0dot → float64[?]", "x_n0 · w_n0 times",
        "Static view: re-run or trust the notebook", "what am I looking at?",
    ):  # fmt: skip
        assert words in text, words


def test_nothing_but_one_script_and_one_style(view: SourceView) -> None:
    page = Page(view.html)
    names = [tag for tag, _ in page.tags]
    assert (names.count("script"), names.count("style")) == (1, 1)
    assert all("id" not in a and not any(k.startswith("on") for k in a) for _, a in page.tags)
    assert 'data-lm-suppress-shortcuts="true"' in view.html
    assert "http" not in re.sub(r'src="[^"]*"', "", view.html)


def test_the_script_is_small_and_keeps_to_itself() -> None:
    script, style = script_text("kernels/viewer.js"), script_text("kernels/viewer.css")
    assert len(script.encode()) + len(style.encode()) <= MOST_BYTES_OF_SCRIPT * 1.5
    assert len(script.encode()) <= MOST_BYTES_OF_SCRIPT
    for word in ("fetch(", "XMLHttpRequest", "import(", "innerHTML", "window.", "getElementById"):
        assert word not in script, word
    assert "</" not in script + style
    for rule in re.findall(r"(?m)^([^\s@}][^{;]*)\{", style):
        parts = re.sub(r":\w+\([^()]*\)", "", rule).split(", ")
        assert all("[data-kg=source]" in part for part in parts), rule


def test_the_same_bytes_in_two_processes() -> None:
    code = (
        "import hashlib, kernelgraph as kg, kernelgraph.tensor as T\n"
        "x = T.dmatrix('x')\n"
        "f = kg.function([x], T.exp(x - x.max(axis=1, keepdims=True)), target='python')\n"
        "print(hashlib.sha256(f.source().html.encode()).hexdigest())"
    )
    root = Path(kg.__file__).parents[1]
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_hostile_names_are_text(hostile: str) -> None:
    x = T.dvector(hostile)
    y = T.exp(x) * x
    y.name = hostile
    view = kg.function([x], y, name=hostile, target="python").source()
    page = Page(view.html)
    assert {tag for tag, _ in page.tags} <= KNOWN_TAGS
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "could not draw" not in view.html
    assert repr(view)


KNOWN_TAGS = {"div", "p", "code", "pre", "img", "details", "summary", "span", "style", "script"}
KNOWN_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}


def test_a_part_that_fails_says_so_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(program: object) -> Any:
        raise RuntimeError("no <b>threads</b>")

    monkeypatch.setattr("kernelgraph.cuda.target.print_cuda", fail)
    html = logistic(target="python").source().html
    assert "(could not draw: no &lt;b&gt;threads&lt;/b&gt;)" in html
    assert "def kernel_0" in readable(html)


def test_a_large_graph_is_told_and_not_drawn() -> None:
    x = T.dvector("x")
    y = x
    for k in range(170):
        y = T.exp(y * (k + 2.0))
    view = kg.function([x], y, target="python").source()
    assert "too many to read in one picture" in view.html
    assert "<img" not in view.html


def test_a_view_that_would_be_too_large_leaves_languages_out() -> None:
    x = T.dvector("x")
    outputs = [T.exp(x[k : k + 2] * k).sum() for k in range(120)]
    view = kg.function([x], outputs, target="python").source()
    assert len(view.html.encode()) < 2 * MOST_BYTES
    page = Page(view.html)
    assert page.copied["python"] == view.text
    assert "cuda" not in page.lines
    assert "f.source(&quot;cuda&quot;) shows it" in view.html
    tabs = [a["data-tab"] for tag, a in page.tags if tag == "details" and "data-tab" in a]
    assert tabs == list(TITLES)


def test_a_function_of_ten_thousand_nodes_is_folded() -> None:
    x = T.dvector("x")
    y: Any = x
    for k in range(5000):
        y = T.tanh(y) + x if k % 2 else T.exp(-y) * x
    f = kg.function([x], y, target="python", name="deep")
    assert len(f.stages.schedule.graph.apply_nodes()) > 10_000
    view = f.source()
    lowered = f.stages.program
    page = Page(view.html)
    assert "program" not in vars(view.languages), "nothing is lowered again"
    assert f.stages.program is lowered
    assert page.lines.keys() == {"python"}
    assert "told of up to 2000 nodes" in view.html
    assert "too large to hold it as well" in view.html
    *copied, last = page.copied["python"].splitlines()
    assert view.text.startswith("\n".join(copied) + "\n")
    more = view.text.count("\n") - len(copied)
    assert last == f'… {more} more lines; print(f.source("python")) writes them all'
    assert max(len(str(line.get("data-nodes")).split()) for line in page.lines["python"]) <= 500
    listing = {str(line.number): line.text for line in view.languages.listing("python").lines}
    for line in page.lines["python"]:
        indented = listing[str(line["data-line"])].startswith("  ")
        assert bool(line.get("data-nodes")) >= indented
    assert "more nodes" in view.html
    assert "exp, " not in repr(view).split("\n")[1]


def test_other_stages_are_left_alone() -> None:
    f = logistic(target="python")
    before = f.stages.source
    _ = f.source().html
    assert f.stages.source is before
    x = np.ones((3, 2))
    assert f(x, np.zeros(2), np.ones(3))[0] == pytest.approx(np.log(2))


def readable(html: str) -> str:
    html = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    return unescape(re.sub("<[^>]*>", "", html))
