"""How a graph became what runs, as a list of entries: what the stepper shows, one at a time.

The record of a rewriting comes in, and the plan of what came of it. Entry 0 is the graph as it was
written; then comes an entry for each step of rewriting and one for each decision of the plan, with
its reason, the lines of the user that it concerns, the graph after it and what to mark in the
pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kernelgraph.errors import Location, Origins, resolve
from kernelgraph.graph import Apply, Graph
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.steps import Frame, Rewriting, Step
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.prepare import prepare
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.schedule.values import Decision
from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.drawing import Picture
from kernelgraph.viz.pictures.picture import MOST_NODES
from kernelgraph.viz.stepper.changes import (
    Marked,
    Marks,
    Numbers,
    carried_numbers,
    changes,
    numbered_picture,
    same_drawing,
)
from kernelgraph.viz.stepper.trial import NOT_COMPARED, Comparison, Trial
from kernelgraph.viz.text.words import count, output_name

MOST_STEPS = 200
"""Steps that change something which are shown one by one; the rest is counted by rule."""

GROWTH = 2
"""A graph that is drawn may become so many times as large as may be at first."""

_MOST_IDLE = 100  # steps that change nothing which are kept as well
_MOST_DECISIONS = 40
_PLAN = "plan"
_FORMULAS = 4  # outputs whose formulas are written
_RULES_TOLD = 12
_NODES_STEPPED = 150_000  # steps times nodes: a step copies the graph, 100 000 nodes a second
_NODES_RUN = 60_000  # node by node, in all trials of one history


@dataclass(frozen=True)
class Entry:
    """The graph at one time, and how it came to be what it is.

    `picture` calls the boxes as the entry before does, `marked` says how it differs from that.
    `idle`: nothing that is drawn or written is different. `stands_for` counts the steps that the
    entry stands for.
    """

    rule: str
    why: str
    graph: Graph
    numbers: Numbers
    picture: Picture
    nodes_before: int
    nodes_after: int
    marked: Marked = field(default_factory=lambda: Marked({}, {}))
    phase: str = ""
    before_text: str = ""
    after_text: str = ""
    place: Location | None = None
    origins: Origins = ()
    idle: bool = False
    changes: str | None = None
    stands_for: int = 1
    seconds: float = 0.0
    comparison: Comparison = field(default_factory=lambda: Comparison(None, NOT_COMPARED))

    def is_of(self, name: str) -> bool:
        """Whether the entry is of this rule or phase."""
        return name in (self.rule, self.phase)

    @property
    def formulas(self) -> list[str]:
        """Each output of the graph as a formula, the first few of many."""
        outputs = self.graph.outputs
        named = len(outputs) > 1 or any(v.name is not None and v.owner is not None for v in outputs)
        lines = [
            f"{output_name(self.graph, k)} = {formula(output)}" if named else formula(output)
            for k, output in enumerate(outputs[:_FORMULAS])
        ]
        more = len(outputs) - _FORMULAS
        return [escape.one_line(line) for line in lines] + ([f"… {more} more"] if more > 0 else [])


@dataclass(frozen=True)
class History:
    """All entries in order, and what happened besides.

    `unused` are the rules that were asked and found nothing, `stopped` those that were switched
    off with the reason, `inside` the steps in graphs that ops of this one hold, `trouble` says why
    the plan is missing, where it is.
    """

    name: str
    entries: tuple[Entry, ...]
    unused: tuple[str, ...]
    stopped: tuple[tuple[str, str], ...]
    inside: tuple[Rewriting, ...]
    trouble: str = ""

    @property
    def steps(self) -> tuple[Entry, ...]:
        """The entries after the first one that change something."""
        return tuple(entry for entry in self.entries[1:] if not entry.idle)

    @property
    def hidden(self) -> str:
        """How many passes a reader is spared, and of which kinds they are."""
        idle = sum(entry.stands_for for entry in self.entries if entry.idle)
        parts = [f"{count(idle, 'step')} without a visible change"] if idle else []
        parts += [f"{count(len(self.unused), 'rule')} that found nothing"] if self.unused else []
        total = idle + len(self.unused)
        passes = "pass" if total == 1 else "passes"
        return f"hid {total} {passes}" + (f": {', '.join(parts)}" if parts else "")


def history(
    rewriting: Rewriting, planned: Callable[[], Schedule] | None = None, *, limit: int = MOST_NODES
) -> History:
    """Everything that happened to a graph until it was planned; `planned` makes the plan.

    A plan that cannot be made is told in a sentence, not raised. A graph of more than `limit` nodes
    is not drawn: its pictures are empty.
    """
    draws = len(rewriting.original.apply_nodes()) <= limit
    draw = _Drawer(limit * GROWTH if draws else -1)
    schedule, trouble = _made(planned)
    decisions = 0 if schedule is None else _worthwhile(schedule)
    entries = list(_rewritten(rewriting, draw, MOST_STEPS - decisions))
    if schedule is not None:
        entries += _planned(entries[-1], schedule, draw)
    uses = rewriting.uses.items()
    return History(
        rewriting.original.name,
        tuple(_compared(entries)),
        tuple(rule.name for rule, use in uses if use.tried and not use.applied),
        tuple((rule.name, use.stopped) for rule, use in uses if use.stopped),
        rewriting.inside,
        trouble,
    )


# Rewriting ---------------------------------------------------------------------------------------


def _rewritten(rewriting: Rewriting, draw: _Drawer, most: int) -> Iterator[Entry]:
    """The graph as written and after each step, until `most` have changed something, or until there
    was too much to look at; what is left then is one entry.
    """
    frames = rewriting.frames()
    latest = _first(next(frames), draw)
    yield latest
    shown = idle = 0
    for step, frame in zip(rewriting.steps, frames, strict=True):
        tired = step.number * latest.nodes_after > _NODES_STEPPED
        if (shown == most - 1 or tired) and step.number < len(rewriting.steps):
            yield _rest(latest, rewriting, step.number - 1, draw)
            return
        entry = _stepped(latest, step, frame, draw)
        latest = entry
        shown += not entry.idle
        idle += entry.idle
        if not entry.idle or idle <= _MOST_IDLE:
            yield entry


@dataclass(frozen=True)
class _Drawer:
    """Makes pictures of graphs that are not too large, and empty ones of the others."""

    limit: int

    def __call__(self, graph: Graph, numbers: Numbers) -> Picture:
        if len(numbers) > self.limit:
            return Picture(graph.name, f"graph of {graph.name}", (), ())
        return numbered_picture(graph, numbers)


def _first(frame: Frame, draw: _Drawer) -> Entry:
    size = len(frame.graph.apply_nodes())
    drawn = draw(frame.graph, frame.numbers)
    why = "The expression as it was written."
    return Entry("as written", why, frame.graph, frame.numbers, drawn, size, size)


def _stepped(before: Entry, step: Step, frame: Frame, draw: _Drawer) -> Entry:
    drawn = draw(frame.graph, frame.numbers)
    return Entry(
        step.rule,
        step.why,
        frame.graph,
        frame.numbers,
        drawn,
        step.nodes_before,
        step.nodes_after,
        changes(before.picture, drawn),
        step.phase,
        step.before_text,
        step.after_text,
        step.place,
        step.origins,
        _is_idle(step, before.picture, drawn),
        step.changes,
        seconds=step.seconds,
    )


def _is_idle(step: Step, before: Picture, after: Picture) -> bool:
    """Whether nothing can be seen of a step; one inside a loop or a choice is seen elsewhere."""
    return not step.shows and step.phase != "inner" and same_drawing(before, after)


def _rest(before: Entry, rewriting: Rewriting, done: int, draw: _Drawer) -> Entry:
    """All further steps as one entry, counted by rule."""
    rules = Counter(change.rule.name for change in rewriting.log[done:])
    told = [f"{rule} × {times}" for rule, times in rules.most_common(_RULES_TOLD)]
    more = len(rules) - _RULES_TOLD
    told += [f"and {count(more, 'more rule')}"] if more > 0 else []
    final = rewriting.frame_at(len(rewriting.log))
    drawn = draw(final.graph, final.numbers)
    left = sum(rules.values())
    return Entry(
        f"{left} more steps",
        ", ".join(told),
        final.graph,
        final.numbers,
        drawn,
        before.nodes_after,
        len(final.graph.apply_nodes()),
        changes(before.picture, drawn),
        stands_for=left,
    )


# The plan ----------------------------------------------------------------------------------------


def _made(planned: Callable[[], Schedule] | None) -> tuple[Schedule | None, str]:
    """The plan, or why there is none."""
    if planned is None:
        return None, ""
    try:
        return planned(), ""
    except Exception as error:
        return None, escape.name(str(error).split("\n")[0] or type(error).__name__, 200)


def _is_alone(decision: Decision) -> bool:
    """Whether a node is a kernel by itself: that is no decision worth a look."""
    return decision.what.startswith("fused ") and len(decision.nodes) == 1


def _worthwhile(schedule: Schedule) -> int:
    """How many steps at most show the plan."""
    found = sum(not _is_alone(decision) for decision in schedule.decisions)
    return min(found + 1, _MOST_DECISIONS + 2) if found else 0


def _planned(rewritten: Entry, schedule: Schedule, draw: _Drawer) -> Iterator[Entry]:
    """The graph as planned, where that differs, and then each decision."""
    later = carried_numbers(rewritten.graph, rewritten.numbers, schedule.graph)
    drawn = draw(schedule.graph, later)
    marked = changes(rewritten.picture, drawn)
    planned = Entry(
        _PLAN,
        "What the host calls, and what goes out, gets memory of its own: copies and library calls "
        "become nodes.",
        schedule.graph,
        later,
        drawn,
        rewritten.nodes_after,
        len(schedule.graph.apply_nodes()),
        marked,
        _PLAN,
        place=resolve((prepare.__code__, 0)),
        idle=marked.is_empty,
    )
    if not planned.idle:
        yield planned
    shown = 0
    for number, decision in enumerate(schedule.decisions):
        if shown == _MOST_DECISIONS:
            left = count(len(schedule.decisions) - number, "more decision")
            yield _decided(planned, Decision(left, "f.stages.schedule.decisions has them all."), [])
            return
        entry = replace(_decided(planned, decision, decision.nodes), idle=_is_alone(decision))
        shown += not entry.idle
        yield entry


def _decided(planned: Entry, decision: Decision, nodes: Sequence[Apply]) -> Entry:
    """The planned graph with the nodes that a decision is about marked."""
    keys = {f"n{planned.numbers[node]}" for node in nodes}
    about: Marks = {box.key: "changed" for box in planned.picture.boxes if box.key in keys}
    return replace(
        planned,
        why=decision.why,
        nodes_before=planned.nodes_after,
        marked=Marked({}, about),
        after_text=decision.what,
        place=resolve((plan.__code__, 0)),
        origins=decision.origins,
        idle=False,
    )


# Trials ------------------------------------------------------------------------------------------


def _compared(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries, each with what a trial of its graph found; only the last one of a long history
    of large graphs is tried.
    """
    trial = Trial(entries[0].graph)
    tried = sum(entry.nodes_after for entry in entries) <= _NODES_RUN
    latest: tuple[Graph, Comparison] | None = None
    for entry in entries:
        if latest is None or latest[0] is not entry.graph:
            if tried or entry.graph is entries[-1].graph:
                latest = entry.graph, trial.compare(entry.graph)
            else:
                latest = entry.graph, Comparison(None, f"{NOT_COMPARED}: only the last one is")
        yield replace(entry, comparison=latest[1])
