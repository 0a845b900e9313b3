"""The stepper as HTML: sections that open anywhere, and one script that makes them a stepper.

The history of a graph comes in. What goes out is read in three ways: in a notebook that nobody
trusts and on pages without scripts, each step is a section with pictures of the graph before and
after; where scripts run, one inline script shows one step at a time, in a single pair of pictures
in which nothing moves; both say the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernelgraph.rewrite.notation import formula
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import could_not_draw, fold, preformatted, table
from kernelgraph.viz.html.markup import NOTHING, Markup, html, join, script
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.pictures.drawing import Layout, LayoutError, Mark, Picture, TooLargeError
from kernelgraph.viz.pictures.figure import image
from kernelgraph.viz.pictures.svg import SIGNS, STROKES, legend, paint_parts
from kernelgraph.viz.stepper.changes import Marks
from kernelgraph.viz.stepper.history import GROWTH, Entry, History
from kernelgraph.viz.stepper.history import history as history_of
from kernelgraph.viz.stepper.text import (
    chosen_steps,
    difference_lines,
    headline,
    inner_lines,
    reason,
    rule_place,
    short_sizes,
    sizes,
    time_text,
    title,
    user_places,
    warnings_of,
)
from kernelgraph.viz.stepper.union import Chapter, Span, chapters, spans
from kernelgraph.viz.text.words import count, some

MOST_PICTURE_BYTES = 200_000
"""Size of all static pictures together; steps beyond that have none."""

MOST_LIVE_BYTES = 700_000
"""About the size of the parts of the live pictures together; beyond that, chapters get longer."""

_MOST_INSIDE = 4  # graphs inside loops and choices that have a stepper of their own
_LONGEST_FORMULA = 80
_MOST_INNER_BYTES = 40_000
_BOX_BYTES, _EDGE_BYTES = 520, 430
_GROWTHS = (1.4, 2.0, 3.0, float("inf"))
_RULES_LISTED = 60

_STATIC_NOTE = "Static view: re-run or trust the notebook for the interactive one."

_SIGN_MEANINGS = (
    ("+, solid green outline", "a node that came in with this step"),
    ("−, dashed red outline", "a node that leaves with this step"),
    ("~, dashed and dotted amber outline", "a node that stays, but is made of something else"),
    ("the same place", "the same node, in every picture"),
)
_KEYS = "Arrow keys left and right step, Home and End go to the first and the last step."


def stepper_html(
    history: History, *, rule: str | None, times: bool, limit: int, most: int = MOST_PICTURE_BYTES
) -> Markup:
    """The whole view: `<div class="kg" data-kg="stepper" data-steps=… data-step="0">`, with `most`
    bytes of static pictures.
    """
    chosen = chosen_steps(history, rule)
    drawn, trouble = _drawn(history, limit)
    writer = _Writer(history, drawn, times)
    told = [history.entries[0], *chosen]
    rest = [entry for entry in history.entries[1:] if not any(entry is one for one in chosen)]
    images = writer.pictures(told, most)
    frames = [
        writer.section(entry, number, len(chosen), images[number], number in (0, len(chosen)))
        for number, entry in enumerate(told)
    ]
    hidden = [writer.section(entry, None, 0, NOTHING, False) for entry in rest]
    unused = some([escape.name(name) for name in history.unused], _RULES_LISTED, "more rule")
    attributes = {
        "class": "kg",
        "data-kg": "stepper",
        "data-steps": str(len(history.steps)),
        "data-step": "0",
        "data-lm-suppress-shortcuts": "true",
    }
    name, last = escape.name(history.name), history.entries[-1]
    return html(
        "div",
        attributes,
        html("p", None, html("b", None, name), f": {headline(history)}. {last.comparison}"),
        *(html("p", {"data-warning": ""}, line) for line in warnings_of(history)),
        *([html("p", None, trouble)] if trouble else []),
        html("p", {"data-static": ""}, _STATIC_NOTE),
        *frames,
        fold(history.hidden, *hidden, html("p", None, f"Found nothing: {unused}.")),
        *_inside(history, limit),
        _explained(history, drawn),
        script(_code(), writer.data(rule)),
    )


def _code() -> str:
    """The script: what steps, with what makes its pictures."""
    step, gallery = script_text("stepper/stepper.js"), script_text("stepper/pictures.js")
    return f"(root, data) => ({step})(root, data, {gallery})"


def _inside(history: History, limit: int) -> list[Markup]:
    """A stepper for each of the first graphs inside loops and choices that changed; of the others
    the steps as text.
    """
    changed = [found for found in history.inside if any(step.shows for step in found.steps)]
    views = [
        fold(
            f"inside {number} of {len(changed)}: "  # and what it computes, to tell it from others
            + escape.name(formula(found.original.outputs[0]), _LONGEST_FORMULA),
            stepper_html(
                history_of(found, limit=limit),
                rule=None,
                times=False,
                limit=limit,
                most=_MOST_INNER_BYTES,
            ),
        )
        for number, found in enumerate(changed[:_MOST_INSIDE], start=1)
    ]
    lines = inner_lines(changed[_MOST_INSIDE:])
    if lines:
        views.append(fold("steps inside further ones", preformatted("\n".join(lines))))
    return [fold("steps inside loops and choices", *views)] if views else []


def signs() -> Markup:
    """A table of the marks that boxes bear."""
    return table(("sign", "what it means"), _SIGN_MEANINGS)


def _explained(history: History, drawn: Sequence[Chapter]) -> Markup:
    parts = [html("p", None, _KEYS), signs()]
    if drawn:
        boxes = tuple(placed.box for chapter in drawn for placed in chapter.union.boxes)
        parts.append(legend(replace(history.entries[0].picture, boxes=boxes)))
    return fold("what am I looking at?", *parts)


def _drawn(history: History, limit: int) -> tuple[list[Chapter], str]:
    """Places for all boxes, or nothing and the reason why there are no pictures."""
    first = history.entries[0].nodes_after
    most = max(entry.nodes_after for entry in history.entries)
    try:
        if first > limit or most > GROWTH * limit:
            raise TooLargeError(
                f"{count(most, 'node')} are too many to read in one picture (at most {limit}); "
                f"steps(…, limit={most}) draws them all the same"
            )
        return _in_chapters([entry.picture for entry in history.entries]), ""
    except LayoutError as error:
        return [], could_not_draw(error)


def _in_chapters(pictures: Sequence[Picture]) -> list[Chapter]:
    """As many chapters as are good for the reader, but not more than fit into a notebook."""
    shared: list[Span] = []
    for growth in _GROWTHS:
        shared = spans(pictures, growth)
        if sum(_BOX_BYTES * s.boxes + _EDGE_BYTES * s.edges for s in shared) <= MOST_LIVE_BYTES:
            break
    return chapters(pictures, shared)


@dataclass
class _Writer:
    """Writes the sections of one history, and the data of its script."""

    history: History
    drawn: Sequence[Chapter]
    times: bool

    def __post_init__(self) -> None:
        self.number = {id(entry): k for k, entry in enumerate(self.history.entries)}

    def section(
        self, entry: Entry, number: int | None, of: int, images: Markup, is_open: bool
    ) -> Markup:
        """One step, in a section that opens; `number` is None for one that is not counted."""
        name = f"{escape.name(entry.rule)}, {sizes(entry)}"
        summary = name if number is None else title(entry, number, of)
        attributes = {
            "data-frame": str(self.number[id(entry)]),
            "data-rule": escape.name(entry.rule),
            "data-sizes": sizes(entry),
            "data-short": short_sizes(entry),
            **({"data-idle": ""} if entry.idle else {}),
            **({"data-phase": entry.phase} if entry.phase else {}),
            **({"open": "open"} if is_open else {}),
        }
        return html(
            "details",
            attributes,
            html("summary", None, summary),
            html("p", {"data-why": ""}, reason(entry)),
            _difference(entry),
            _formulas(entry),
            images,
            self._facts(entry),
        )

    def _facts(self, entry: Entry) -> Markup:
        rows = [("rule", rule_place(entry))] if entry.place is not None else []
        rows += [("your line", line) for line in user_places(entry)]
        rows.append(("check", str(entry.comparison)))
        cells = [[name, html("code", None, text)] for name, text in rows[:-1]]
        cells.append(["check", rows[-1][1]])
        if self.times and entry.seconds:
            cells.append(["time", html("span", {"class": "kg-time"}, time_text(entry))])
        return table(("", ""), cells)

    # Static pictures -----------------------------------------------------------------------------

    def pictures(self, entries: Sequence[Entry], most: int) -> list[Markup]:
        """Pictures before and after each step, for the first, the last, and then as many as fit."""
        found = [NOTHING] * len(entries)
        if not self.drawn:
            return found
        left = most
        last = len(entries) - 1
        for k in dict.fromkeys((0, last, *range(1, last))):
            made = self._images(entries[k])
            if len(made) > left and k not in (0, last):
                break
            found[k] = made
            left -= len(made)
        note = html("p", {"data-picture": ""}, "(the picture of this step needs the live view)")
        return [images or note for images in found]

    def _images(self, entry: Entry) -> Markup:
        number = self.number[id(entry)]
        chapter = next(found for found in self.drawn if number <= found.last)
        after = self._image(chapter, number, entry.marked.after)
        if number == 0 or not (entry.marked.before or entry.nodes_before != entry.nodes_after):
            return html("div", {"data-picture": "", "style": "overflow-x:auto"}, after)
        before = self._image(chapter, number - 1, entry.marked.before)
        pair = table(("before", "after"), [[before, after]])
        return html("div", {"data-picture": "", "style": "overflow-x:auto"}, pair)

    def _image(self, chapter: Chapter, number: int, marks: Marks) -> Markup:
        entry = self.history.entries[number]
        layout = chapter.union.layout(number - chapter.first, entry.picture, marks)
        alt = f"{entry.picture.description}: {'; '.join(entry.formulas)}"
        return image(layout, alt)

    # The live view -------------------------------------------------------------------------------

    def data(self, rule: str | None) -> dict[str, Any]:
        """What the script needs: its style, all boxes and edges once, and which of them each frame
        adds and takes away.
        """
        found: dict[str, Any] = {
            "css": script_text("stepper/stepper.css"),
            "name": escape.name(self.history.name),
            "hidden": self.history.hidden.partition(":")[0],
            "filter": rule or "",
            "all": rule is not None and any(e.idle and e.is_of(rule) for e in self.history.entries),
        }
        if not self.drawn:
            return found
        return found | {
            "marks": _mark_styles(),
            "chapters": [self._chapter(chapter) for chapter in self.drawn],
        }

    def _chapter(self, chapter: Chapter) -> dict[str, Any]:
        drawn, first = chapter.union, chapter.first
        title = self.history.entries[first].picture
        whole = Layout(title, drawn.width, drawn.height, drawn.boxes, drawn.routes, drawn.engine)
        return {
            "first": first,
            "svg": paint_parts(whole),
            "width": round(drawn.width),
            "at": [[round(b.x), round(b.y), round(b.width)] for b in drawn.boxes],
            "frames": [self._frame(chapter, k) for k in range(first, chapter.last + 1)],
        }

    def _frame(self, chapter: Chapter, number: int) -> list[list[int]]:
        """Boxes that come and go, edges that come and go, boxes marked ~ before and after; all that
        there is for the first frame of a chapter.
        """
        drawn, now = chapter.union, number - chapter.first
        lists: list[list[int]] = []
        for shown in (drawn.shown_boxes, drawn.shown_edges):
            then = set(shown[now - 1] if now else ())
            lists += [sorted(set(shown[now]) - then), sorted(then - set(shown[now]))]
        marked = self.history.entries[number].marked
        for at, marks in ((now - 1, marked.before), (now, marked.after)):
            seen = drawn.shown_boxes[at] if now else ()
            lists.append([k for k in seen if marks.get(drawn.boxes[k].box.key) == "changed"])
        return lists


def _difference(entry: Entry) -> Markup:
    lines = difference_lines(entry)
    if not lines:
        return NOTHING
    spans = [html("span", {"data-sign": line[0]}, f"{line}\n") for line in lines]
    return preformatted(join(spans))


def _formulas(entry: Entry) -> Markup:
    codes = [html("code", {"data-formula": ""}, text) for text in entry.formulas]
    return html("p", None, join(codes, " "))


def _mark_styles() -> dict[str, list[str]]:
    """Stroke, width, dashes and sign of each mark, as the painter of static pictures has them."""
    marks: tuple[Mark, ...] = ("removed", "added", "changed")
    return {
        mark: [*(str(STROKES[mark].get(name, "")) for name in _STROKE_NAMES), SIGNS[mark]]
        for mark in marks
    }


_STROKE_NAMES = ("stroke", "stroke-width", "stroke-dasharray")
