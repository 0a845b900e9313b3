"""The kernel viewer: the code that a function became, beside its graph.

`f.source()` is a view with the plan, the loops and the text of every back end; each line knows its
nodes. A notebook shows picture and text side by side, joined by one small inline script; where no
script runs, the same texts stand in sections that open, with the numbers of the nodes in a column.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kernelgraph.compiler import Stages
from kernelgraph.errors import ArgumentError
from kernelgraph.expect import expect_file, expect_text, write_file
from kernelgraph.function import Function
from kernelgraph.lazy import cached_property
from kernelgraph.pickling import Remade
from kernelgraph.profile import Profile
from kernelgraph.viz.display import Bundle, signature
from kernelgraph.viz.html import escape, limits
from kernelgraph.viz.html.fragments import (
    could_not_draw,
    fold,
    guarded,
    line_of_code,
    page,
    preformatted,
    table,
)
from kernelgraph.viz.html.markup import NOTHING, Markup, html
from kernelgraph.viz.html.scripts import script_on_parent, script_text
from kernelgraph.viz.kernels.code import node_text
from kernelgraph.viz.kernels.compiled import decisions_table
from kernelgraph.viz.kernels.heat import colour
from kernelgraph.viz.kernels.languages import ENDINGS, TITLES, Languages
from kernelgraph.viz.kernels.listing import Line, Listing, gutters, heated, numbered
from kernelgraph.viz.kernels.notes import notes
from kernelgraph.viz.kernels.shares import estimated_shares, node_shares, shares
from kernelgraph.viz.pictures.drawing import TooLargeError
from kernelgraph.viz.pictures.figure import hinted_figure
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import picture, summary
from kernelgraph.viz.pictures.svg import INK, legend
from kernelgraph.viz.text.words import count

_MOST_CHARACTERS = 250_000  # of all listings together
_MOST_LINES = 1000  # lines that can be chosen; what follows them is text alone
_MOST_NODES = 2000  # of a graph all of whose languages are shown, with notes about its kernels
_MOST_ROWS = limits.ROWS

_ABOUT = {
    "plan": "What runs in which order: nodes that stand below one loop share it.",
    "loops": "What every back end then says in its own language; ← changes a number, = names one.",
}


@dataclass(frozen=True, eq=False)
class SourceView(Remade):
    """The code of a function in one language, or (`language` None) in all of them.

    `running` is what runs the function: "c", "python" or "interpret". The heat of its lines is
    that of `profile`, if it has measured calls, else an estimate. `room` is that for the lines of a
    text which can be chosen, and as much for those that cannot.
    """

    stages: Stages
    running: str
    language: str | None = None
    profile: Profile | None = None
    room: int = limits.SOURCE_BYTES

    @cached_property
    def languages(self) -> Languages:
        """The texts that are shown."""
        return Languages(self.stages)

    @cached_property
    def heat(self) -> dict[str, tuple[float, bool]]:
        """For the key of a node, its part of the time, and whether that is an estimate."""
        measured = node_shares(shares(self.profile)) if self.profile else []
        found = measured or estimated_shares(self.stages)
        return {share.key: (share.part, share.is_estimate) for share in found}

    def listing(self, language: str) -> Listing:
        """The lines in a language with their nodes and their heat. Raises what printing raises."""
        return heated(self.languages.listing(language), self.heat)

    @property
    def front(self) -> str:
        """The language that is shown first: the one asked for, else the one that runs."""
        return self.language or self.stages.target.language

    @property
    def text(self) -> str:
        """The text itself: of the language that runs, exactly the file that is compiled."""
        return self.languages.source(self.front).text

    @property
    def html(self) -> str:
        """The view as a piece of a page."""
        return viewer_html(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the view as a page (`.html`), or the text: in the language that `.c`, `.cu` or
        `.py` ask for, or (`.txt`) in the one in front. Raises `OptionError` for other endings.
        """
        file = expect_file(path, (".html", ".c", ".cu", ".py", ".txt"))
        ending = file.suffix
        if ending == ".html":
            content = page(self.stages.graph.name, Markup(self.html))
        elif ending == ".txt":
            content = self.text
        else:
            content = self.languages.source(ENDINGS[ending]).text
        write_file(file, content)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        del include, exclude
        return {"text/html": self.html, "text/plain": repr(self)}

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        lines = list(_plain_lines(self))
        shown = limits.first_lines(lines, "print(f.source())", limits.PLAIN_LINES)
        return escape.visible("\n".join(shown))


def view_source(value: Any, language: str | None = None) -> SourceView:
    """The source view of a compiled function or of its stages.

    Raises `ArgumentError` for anything else, and for a language that is none of "plan",
    "loops", "python", "c", "cuda".
    """
    match value:
        case Function():
            return SourceView(value.stages, value.target, _checked(language), value.profile)
        case Stages():
            return SourceView(value, value.target.name, _checked(language))
        case _:
            raise ArgumentError(f"expected a compiled function, got {type(value).__name__}")


def _checked(language: str | None) -> str | None:
    if language is None:
        return None
    wanted = expect_text(language, "a language", f"there are {', '.join(TITLES)}").lower()
    if wanted not in TITLES:
        raise ArgumentError(
            f"no source is written in {escape.name(language)!r}",
            hint=f"there are {', '.join(TITLES)}",
        )
    return wanted


def _plain_lines(view: SourceView) -> Iterator[str]:
    """Signature, notes and the listing in front, for a terminal."""
    yield signature(view.stages.graph)
    try:
        listing = view.listing(view.front)
        for heading, sentences in notes(view.languages) if not _is_large(view) else ():
            yield f"{heading}: {sentences}"
    except Exception as error:
        yield could_not_draw(error)
        return
    yield ""
    yield f"{listing.title}, {_state(view, view.front) or _ABOUT[view.front]}"
    yield from numbered(listing.lines)


# HTML --------------------------------------------------------------------------------------------


def viewer_html(view: SourceView) -> Markup:
    """The whole view; a part that fails says so in its place."""
    panels = _panels(view, [view.language] if view.language else list(TITLES))
    root = {"class": "kg", "data-kg": "source", "data-front": view.front}
    return html(
        "div",
        {**root, "data-lm-suppress-shortcuts": "true"},
        html("style", None, Markup(script_text("kernels/viewer.css"))),
        line_of_code(signature(view.stages.graph)),
        html("p", {"data-static": ""}, _STATIC),
        html(
            "div",
            {"data-panes": ""},
            html("div", {"data-picture": ""}, guarded(lambda: _picture(view))),
            html("div", {"data-texts": ""}, *panels),
        ),
        guarded(lambda: _notes(view)),
        guarded(lambda: _nodes(view)),
        guarded(lambda: _decisions(view)),
        guarded(lambda: _legend(view)),
        script_on_parent("kernels/viewer.js"),
    )


_STATIC = "Static view: re-run or trust the notebook for the interactive one."
_HEAT = (
    "an estimate of the part of all kernels' work that the nodes of the line do, from their "
    "formulas and arrays, where sizes that are not known are taken to be alike; once a function "
    "with profile=True has been called, the part of the time"
)
_LEGEND = (
    ("n3 beside a line", "the line computes node n3 of the picture"),
    ("m0 beside a line", "a node of a graph inside the picture: of a branch or of a loop's body"),
    ("▪, ▪▪", "the line is repeated by one loop, by two loops inside each other: where time goes"),
    ("≈12% beside a line", _HEAT),
    ("a thick mark at the left", "the lines that are chosen; their boxes are outlined by dashes"),
    ("Tab, arrows, Enter, Escape", "move along lines or boxes, choose one, choose none"),
)


def _is_large(view: SourceView) -> bool:
    """Whether more than one language, and sentences about it, would take too long for a reader."""
    return view.languages.size > _MOST_NODES


def _panels(view: SourceView, shown: list[str]) -> list[Markup]:
    """The listings in their order. Where all would be too much for a notebook, those that do not
    run are left to be asked for alone.
    """
    made: dict[str, Markup] = {}
    size, most = 0, min(_MOST_CHARACTERS, 2 * view.room)
    for language in sorted(shown, key=lambda name: name != view.front):
        words = f'The view is too large to hold it as well: f.source("{language}") shows it.'
        panel = _section(view, language, TITLES[language], html("p", _IDLE, words))
        if not made or not (size > most or _is_large(view)):
            whole = guarded(lambda language=language: _panel(view, language))
            panel = panel if made and size + len(whole) > most else whole
        made[language] = panel
        size += len(panel)
    return [made[language] for language in shown]


def _picture(view: SourceView) -> Markup:
    """The graph that was planned, numbered as the lines are."""
    graph = view.languages.graph
    try:
        return hinted_figure(layout(picture(graph)))
    except TooLargeError as error:
        return html("p", None, f"{error.message}. It has {summary(graph)}.")


def _legend(view: SourceView) -> Markup:
    signs = table(("sign", "what it stands for"), _LEGEND)
    try:
        outlines = legend(picture(view.languages.graph))
    except TooLargeError:
        return fold("what am I looking at?", signs)
    return fold("what am I looking at?", signs, outlines)


def _panel(view: SourceView, language: str) -> Markup:
    """One listing in a section that opens."""
    listing = view.listing(language)
    lines = listing.text.count("\n")
    state = _state(view, language)
    kind = "idle" if state.startswith("not") else "runs"
    words = state or _ABOUT[language]
    parts = [html("p", {"data-banner": kind}, words[0].upper() + words[1:])]
    if listing.prelude:
        title = f"lines 1 to {listing.prelude.count(chr(10))}: what the kernels below use"
        parts.append(fold(title, preformatted(_text(listing.prelude))))
    chosen = _lines(listing, view.room)
    parts.append(html("pre", {"data-code": "", "tabindex": 0, "style": _CODE}, *chosen))
    rest = listing.lines[len(chosen) :]
    if rest:
        parts.append(fold(f"{count(len(rest), 'more line')}", _rest(rest, language, view.room)))
    return _section(view, language, f"{listing.title}: {count(lines, 'line')}", *parts)


def _section(view: SourceView, language: str, title: str, *parts: Markup) -> Markup:
    """A section that opens, and that the script makes a tab of."""
    attributes = {"data-tab": language, "data-title": TITLES[language]}
    return fold(title, *parts, is_open=language == view.front, attributes=attributes)


_IDLE = {"data-banner": "idle"}


_CODE = "max-height:480px;overflow:auto;white-space:pre;line-height:1.35"


def _state(view: SourceView, language: str) -> str:
    """Whether a text runs, in a few words; nothing for the plan and the loops."""
    if language in _ABOUT:
        return ""
    if language == view.running:
        return "this text is what runs."
    runs = TITLES.get(view.running)
    what = f"this function runs as {runs}" if runs else "NumPy runs this function node by node"
    return f"not run here: printed for reading, {what}."


def _lines(listing: Listing, room: int) -> list[Markup]:
    """The lines that can be chosen: the first, as many as there is room for."""
    shown: list[Markup] = []
    for line, gutter in gutters(list(listing.lines[:_MOST_LINES])):
        made = _line(line, gutter)
        room -= len(made)
        if room < 0 and shown:
            break
        shown.append(made)
    return shown


def _rest(lines: Sequence[Line], language: str, room: int) -> Markup:
    """What follows, as text alone; where that is too long, its last line (which is copied as well)
    says what writes all of it.
    """
    texts = [line.text for line in lines]
    whole = f'print(f.source("{language}")) writes them all'
    shown = limits.first_lines(texts, whole, len(texts), room)
    return preformatted(_text("".join(f"{text}\n" for text in shown)))


def _line(line: Line, gutter: str) -> Markup:
    attributes = {"data-line": str(line.number)}
    if line.keys:
        attributes["data-nodes"] = " ".join(line.keys)
        if not line.own:
            attributes["data-around"] = ""
    return html("span", attributes, _gutter(line, gutter), f"{line.text}\n")


def _gutter(line: Line, gutter: str) -> Markup:
    """What stands to the left of a line; its heat on a ground of that colour."""
    if not line.heat:
        return html("span", None, gutter)
    before, heat, after = gutter.partition(line.heat)
    look = {"style": f"background:{colour(line.part or 0.0)};color:{INK}"}
    if not line.is_estimate:
        look["class"] = "kg-time"
    return html("span", None, before, html("span", look, heat), after)


def _text(text: str) -> Markup:
    """A part of the text that the Copy button copies, besides all lines behind their gutters."""
    return html("span", {"data-text": ""}, text)


def _notes(view: SourceView) -> Markup:
    if _is_large(view):
        return html("p", None, f"What each kernel does is told of up to {_MOST_NODES} nodes.")
    told = notes(view.languages)
    more = len(told) - _MOST_ROWS
    rest = html("p", None, f"and {count(more, 'more step')}") if more > 0 else NOTHING
    words = table(("step", "notes"), told[:_MOST_ROWS])
    return fold("what each kernel does", words, rest, is_open=True)


def _nodes(view: SourceView) -> Markup:
    domains = view.languages.schedule.domains
    rows: list[tuple[str, str, str]] = []
    for node, key in islice(view.languages.keys.items(), _MOST_ROWS):
        names = [loop.dim.name for loop in domains[node].loops] if node in domains else []
        turns = f"{' · '.join(names)} times" if names else "once" if node in domains else ""
        rows.append((key, node_text(node), turns))
    more = len(view.languages.keys) - _MOST_ROWS
    rest = html("p", None, f"and {count(more, 'more node')}") if more > 0 else NOTHING
    return fold("nodes", table(("node", "computes", "runs"), rows), rest)


def _decisions(view: SourceView) -> Markup:
    schedule = view.languages.schedule
    if not schedule.decisions:
        return fold("why these loops", html("p", None, "There was nothing to decide."))
    return fold("why these loops", decisions_table(schedule))
