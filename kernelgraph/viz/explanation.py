"""One view of everything: an expression, its gradient, how it is rewritten, the plan, the code.

`explain(f)` takes a compiled function or an expression and gives an `Explanation`: the last line of
a cell shows it, each stage in a section that opens; a terminal prints the same stages as text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kernelgraph.autodiff import grad
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.errors import ArgumentError
from kernelgraph.expect import expect_file, expect_flag, expect_list, expect_text, write_file
from kernelgraph.function import Function
from kernelgraph.graph import Graph, Variable
from kernelgraph.hooks import unwatched
from kernelgraph.lazy import cached_property
from kernelgraph.names import did_you_mean
from kernelgraph.pickling import Remade
from kernelgraph.viz.display import Bundle, graph_parts, graph_text, signature
from kernelgraph.viz.html import escape, limits
from kernelgraph.viz.html.fragments import (
    could_not_draw,
    fold,
    frame,
    guarded,
    line_of_code,
    page,
    preformatted,
    table,
)
from kernelgraph.viz.html.markup import NOTHING, Markup, html, join
from kernelgraph.viz.html.scripts import without_scripts
from kernelgraph.viz.kernels.code import source_text
from kernelgraph.viz.kernels.compiled import decisions_table
from kernelgraph.viz.kernels.costs import differentiable, last_cost
from kernelgraph.viz.kernels.languages import TITLES, Languages
from kernelgraph.viz.kernels.notes import notes
from kernelgraph.viz.kernels.viewer import SourceView
from kernelgraph.viz.stepper.text import headline
from kernelgraph.viz.stepper.view import Stepper, schedule_of
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.viz.text.tree import tree_html, tree_text
from kernelgraph.viz.text.words import count, some, variable_text

_LONGEST_LINE = 400
_STEP_PICTURE_BYTES = 60_000  # of static pictures: the stages beside them have theirs
_MOST_NAMED = 8
_SOURCE_BYTES = limits.SOURCE_BYTES // 8


def explain(
    obj: Any, parts: str | Sequence[str] | None = None, *, static: bool = False
) -> Explanation:
    """Show stage by stage what becomes of a compiled function, a graph or an expression.

    `parts` picks from "graph", "tree", "gradient", "steps", "plan", "source", as a list or as text
    with commas; by default all. The gradient is that of the last scalar output by all inputs.
    `static` leaves out everything that runs in the page: what readers see who do not trust the
    notebook. Nothing is compiled or called that was not before.

    Raises `ArgumentError` for an object that has no graph, and for another part.

    >>> import kernelgraph.tensor as T
    >>> x = T.dscalar("x")
    >>> print(explain(T.exp(x * 1), "graph, plan"))
    (x: float64) → output: float64
    <BLANKLINE>
    1. graph: the expression as written: 2 nodes
    exp [id A]
    └─ mul [id B]
       ├─ x [id C]
       └─ 1 [id D]
    <BLANKLINE>
    2. plan: what runs in which order: 1 step
    0 kernel
        exp(x)
        n0 in a register that the host reads: it is a result
    kernel_0: This kernel has no loop and computes 1 node: exp. It reads no array and writes the
    number v_exp.
    """
    stages, results, running = _subject(obj)
    chosen = parse_parts(parts)
    static = expect_flag(static, "static")
    return Explanation(stages, results, running, chosen, parts is not None, static)


def parse_parts(parts: str | Sequence[str] | None) -> tuple[str, ...]:
    """The parts that are asked for, in the order of the stages. Raises `ArgumentError`."""
    if parts is None:
        return tuple(PARTS)
    known = f"there are {', '.join(PARTS)}"
    wanted = parts.split(",") if isinstance(parts, str) else expect_list(parts, "parts", "names")
    texts = [expect_text(part, "a part", known) for part in wanted]
    names = [word for part in texts if (word := part.strip().lower())]
    if names == ["all"]:
        return tuple(PARTS)
    for name in names:
        if name not in PARTS:
            raise ArgumentError(
                f"nothing is called {escape.name(name)!r} that can be shown"
                f"{did_you_mean(name, PARTS)}",
                hint=f"there are {', '.join(PARTS)}, or all of them: all",
            )
    return tuple(part for part in PARTS if part in names)


def _subject(obj: Any) -> tuple[Stages, int, str]:
    """The stages of an object, how many of its outputs are results, and what runs it."""
    match obj:
        case Function():
            return obj.stages, obj.convention.outputs, obj.target
        case Stages():
            return obj, len(obj.graph.outputs), obj.target.name
        case _:
            graph = graph_of(obj)
            return compile_graph(graph, CTarget()), len(graph.outputs), "c"


@dataclass(frozen=True, eq=False)
class Explanation(Remade):
    """What `explain` returns; `save` writes it as a page (`.html`) or as text (`.txt`).

    `parts` are what it shows; in the page they begin open if they were `asked` for. `results` says
    how many outputs are results, not updates; `running` what runs the function.
    """

    stages: Stages
    results: int
    running: str
    parts: tuple[str, ...]
    asked: bool = False
    static: bool = False

    @cached_property
    def gradient(self) -> Graph | None:
        """The gradient of the last scalar output, or None where there is no such output."""
        cost = last_cost(self.stages.graph.outputs[: self.results])
        if cost is None:
            return None
        inputs = differentiable(cost)
        with unwatched():
            slopes: list[Variable] = grad(cost, inputs, disconnected_inputs="ignore")
        name = f"gradient of {variable_text(cost)}"
        return Graph(self.stages.graph.inputs, tuple(slopes), name=name)

    @cached_property
    def stepper(self) -> Stepper:
        """The steps of rewriting, and of planning where the plan is what runs."""
        has_plan = self.running != "interpret"
        planned = partial(schedule_of, self.stages) if has_plan else None
        return Stepper(self.stages.rewriting, planned)

    @cached_property
    def html(self) -> str:
        """The view as a piece of a page: a section for each stage."""
        head = guarded(lambda: line_of_code(signature(self.stages.graph)))
        sections: list[Markup] = []
        room = limits.VIEW_BYTES
        for number, part in enumerate(self.parts, start=1):
            section = self._section(number, part, number == 1 or self.asked, room)
            sections.append(section)
            room -= len(section)
        shown = frame("explanation", head, *sections)
        return without_scripts(shown) if self.static else shown

    def _section(self, number: int, part: str, is_open: bool, room: int) -> Markup:
        try:
            heading = f"{number}. {part}: {PARTS[part].title(self)}"
            shown = guarded(lambda: PARTS[part].html(self))
            if number > 1 and len(shown) > room:
                words = f'The view is too large to hold it as well: kg.explain(…, "{part}") has it.'
                shown = html("p", None, words)
        except Exception as error:
            heading, shown = f"{number}. {part}", html("p", None, could_not_draw(error))
        body = html("div", _INDENTED, shown)
        look = {"data-part": part, "style": "margin:6px 0"}
        return fold(html("b", None, heading), body, is_open=is_open, attributes=look)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the view to a file: `.html` as a page that works offline, `.txt` as text.

        Raises `OptionError` for other endings.
        """
        file = expect_file(path, (".html", ".txt"))
        match file.suffix:
            case ".html":
                content = page(escape.name(self.stages.graph.name), Markup(self.html))
            case _:
                content = f"{self}\n"
        write_file(file, content)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        del include, exclude
        return {"text/html": self.html, "text/plain": repr(self)}

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        lines = str(self).splitlines()
        shown = limits.first_lines(lines, "print(…) writes them all", limits.PLAIN_LINES)
        return escape.visible("\n".join(shown))

    def _lines(self) -> Iterator[str]:
        yield signature(self.stages.graph)
        for number, part in enumerate(self.parts, start=1):
            yield ""
            try:
                heading, body = PARTS[part].title(self), PARTS[part].text(self)
            except Exception as error:
                yield f"{number}. {part}: {could_not_draw(error)}"
                continue
            yield f"{number}. {part}: {heading}"
            lines = [escape.shorten(line, _LONGEST_LINE) for line in body.splitlines()]
            yield from limits.first_lines(
                lines, PARTS[part].whole, characters=limits.PART_CHARACTERS
            )


_INDENTED = {"style": "margin:4px 0 10px 18px"}


# The parts ---------------------------------------------------------------------------------------


def _gradient_title(shown: Explanation) -> str:
    if shown.gradient is None:
        return "none, because no output is a single number with a derivative"
    cost = last_cost(shown.stages.graph.outputs[: shown.results])
    assert cost is not None
    by = some([variable_text(v) for v in differentiable(cost)], _MOST_NAMED)
    words = "of the result" if cost.name is None else f"of {variable_text(cost)}"
    return f"{words} by {by}: {_nodes(shown.gradient)}"


def _nodes(graph: Graph) -> str:
    return count(len(graph.apply_nodes()), "node")


def _plan_html(shown: Explanation) -> Markup:
    languages = Languages(shown.stages)
    text = languages.source("plan").text.splitlines()
    lines = [escape.shorten(line, _LONGEST_LINE) for line in text]
    shown_lines = limits.first_lines(lines, PARTS["plan"].whole, characters=limits.PART_CHARACTERS)
    parts = [preformatted("\n".join(shown_lines))]
    parts.append(guarded(lambda: table(("step", "what it does"), notes(languages)[: limits.ROWS])))
    if shown.stages.schedule.decisions:
        parts.append(fold("why", decisions_table(shown.stages.schedule)))
    return join(parts)


def _plan_text(shown: Explanation) -> str:
    languages = Languages(shown.stages)
    said = [f"{step}: {words}" for step, words in notes(languages)]
    return languages.source("plan").text + "\n".join(said)


def _source_title(shown: Explanation) -> str:
    name = shown.stages.target.language
    lines = count(len(shown.stages.source.body.splitlines()), "line")
    return f"what became of it in {TITLES.get(name, name)}: {lines}"


@dataclass(frozen=True)
class Part:
    """A stage that can be shown: a heading, a view, the same as text, and what writes the whole
    text where it is too long.
    """

    title: Callable[[Explanation], str]
    html: Callable[[Explanation], Markup]
    text: Callable[[Explanation], str]
    whole: str


PARTS: dict[str, Part] = {
    "graph": Part(
        lambda shown: f"the expression as written: {_nodes(shown.stages.graph)}",
        lambda shown: join(graph_parts(shown.stages.graph)[1:]),
        lambda shown: tree_text(shown.stages.graph, max_lines=limits.PART_LINES),
        "kg.debugprint(…, max_lines=None) prints them all",
    ),
    "tree": Part(
        lambda _: "the same expression, as a tree",
        lambda shown: tree_html(shown.stages.graph),
        lambda shown: tree_text(shown.stages.graph, print_type=True, max_lines=limits.PART_LINES),
        "kg.debugprint(…, print_type=True, max_lines=None) prints them all",
    ),
    "gradient": Part(
        _gradient_title,
        lambda shown: NOTHING if shown.gradient is None else join(graph_parts(shown.gradient)),
        lambda shown: "" if shown.gradient is None else graph_text(shown.gradient),
        "kg.debugprint(T.grad(…), max_lines=None) prints them all",
    ),
    "steps": Part(
        lambda shown: f"how it was rewritten: {headline(shown.stepper.history)}",
        lambda shown: Markup(shown.stepper.html_within(_STEP_PICTURE_BYTES)),
        lambda shown: str(shown.stepper),
        "print(kg.steps(…)) writes them all",
    ),
    "plan": Part(
        lambda shown: (
            f"what runs in which order: {count(len(shown.stages.schedule.steps), 'step')}"
        ),
        _plan_html,
        _plan_text,
        'print(f.source("plan")) writes them all',
    ),
    "source": Part(
        _source_title,
        lambda shown: Markup(SourceView(shown.stages, shown.running, room=_SOURCE_BYTES).html),
        lambda shown: source_text(shown.stages.source, shown.stages.schedule.graph.apply_nodes()),
        "print(f.source()) writes them all",
    ),
}
"""The stages that can be shown, in their order."""
