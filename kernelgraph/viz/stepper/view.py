"""The optimisation stepper: how an expression became what runs, one step at a time.

`steps(f)` takes a compiled function, its stages, a rewriting or an expression and gives a view: the
last line of a cell shows it, `print` writes it as text, `.save` as a page that needs no server.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any

from kernelgraph.compiler import Stages
from kernelgraph.errors import StepError
from kernelgraph.expect import (
    expect_file,
    expect_flag,
    expect_integer,
    expect_text,
    nearest,
    shortened,
    write_file,
)
from kernelgraph.function import Function
from kernelgraph.hooks import unwatched
from kernelgraph.lazy import cached_property
from kernelgraph.pickling import Remade
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.viz.html import escape, limits
from kernelgraph.viz.html.fragments import could_not_draw, page
from kernelgraph.viz.html.markup import Markup, html
from kernelgraph.viz.pictures.picture import MOST_NODES
from kernelgraph.viz.stepper.history import Entry, History, history
from kernelgraph.viz.stepper.page import MOST_PICTURE_BYTES, stepper_html
from kernelgraph.viz.stepper.text import stepper_text
from kernelgraph.viz.text.subjects import graph_of

Planned = Callable[[], Schedule] | None


@dataclass(frozen=True, repr=False)
class Stepper(Remade):
    """The steps from an expression to what runs; a notebook shows them one at a time.

    `rule` narrows the view to the steps of one rule or phase; `times` adds how long each step took;
    graphs of more than `limit` nodes are not drawn.
    """

    rewriting: Rewriting
    planned: Planned = None
    rule: str | None = None
    times: bool = False
    limit: int = MOST_NODES

    @cached_property
    def history(self) -> History:
        """What is shown, as data."""
        return history(self.rewriting, self.planned, limit=self.limit)

    @property
    def steps(self) -> tuple[Entry, ...]:
        """The steps that change something, in order."""
        return self.history.steps

    @cached_property
    def html(self) -> str:
        """The view as HTML: static where scripts do not run, live where they do."""
        return self.html_within(MOST_PICTURE_BYTES)

    def html_within(self, most: int) -> str:
        """The same with at most so many bytes of static pictures, those of the ends aside."""
        most = expect_integer(most, "most", least=0)
        return stepper_html(
            self.history, rule=self.rule, times=self.times, limit=self.limit, most=most
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the view to a file: `.html` as a page that works offline, `.txt` as text.

        Raises `OptionError` for other endings.
        """
        file = expect_file(path, (".html", ".txt"))
        match file.suffix:
            case ".html":
                content = page(f"the steps of {escape.name(self.history.name)}", Markup(self.html))
            case _:
                content = f"{self}\n"
        write_file(file, content)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        try:
            return {"text/html": self.html, "text/plain": repr(self)}
        except Exception as error:
            sentence = could_not_draw(error)
            shown = html("div", {"class": "kg", "data-kg": "stepper"}, html("p", None, sentence))
            return {"text/html": shown, "text/plain": f"steps {sentence}"}

    def __repr__(self) -> str:
        lines = str(self).splitlines()
        shown = limits.first_lines(lines, "print(…) writes them all", limits.PLAIN_LINES)
        return escape.visible("\n".join(shown))

    def __str__(self) -> str:
        return stepper_text(self.history, rule=self.rule, times=self.times)


def steps(
    obj: Any, *, rule: str | None = None, times: bool = False, limit: int | None = None
) -> Stepper:
    """A view of how `obj` was rewritten and planned, step by step.

    `obj` is a compiled function, its stages, a rewriting, a graph or variables; the latter are
    rewritten by all rules. `rule` narrows the view to one rule or phase. Raises `ArgumentError` for
    an object that has no graph, `StepError` for a `rule` that made no step.
    """
    times = expect_flag(times, "times")
    limit = MOST_NODES if limit is None else expect_integer(limit, "limit", least=0)
    rewriting, planned = rewriting_of(obj)
    view = Stepper(rewriting, planned, rule, times, limit)
    if rule is not None:
        _check_rule(view.history, rule)
    return view


def _check_rule(found: History, rule: str) -> None:
    expect_text(rule, "rule", "the name of a rule or of a phase")
    names = dict.fromkeys(entry.rule for entry in found.entries[1:])
    if not any(entry.is_of(rule) for entry in found.entries[1:]):
        listed = f"there are {', '.join(names)}" if names else "there are no steps"
        raise StepError(f"no step is of {shortened(rule)!r}: {listed}", hint=nearest(rule, names))


@singledispatch
def rewriting_of(obj: Any) -> tuple[Rewriting, Planned]:
    """How an object was rewritten, and what makes its plan."""
    with unwatched():
        rewriting = rewrite(graph_of(obj), DEFAULT)
    return rewriting, partial(_plan, rewriting)


@rewriting_of.register
def _(obj: Rewriting) -> tuple[Rewriting, Planned]:
    return obj, partial(_plan, obj)


@rewriting_of.register
def _(obj: Stages) -> tuple[Rewriting, Planned]:
    return obj.rewriting, partial(schedule_of, obj)


@rewriting_of.register
def _(obj: Function) -> tuple[Rewriting, Planned]:
    has_plan = obj.target != "interpret"
    return obj.stages.rewriting, partial(schedule_of, obj.stages) if has_plan else None


def schedule_of(stages: Stages) -> Schedule:
    """The plan of some stages: a function with a name can be pickled with the view that has it."""
    return stages.schedule


def _plan(rewriting: Rewriting) -> Schedule:
    with unwatched():
        return plan(rewriting.graph)
