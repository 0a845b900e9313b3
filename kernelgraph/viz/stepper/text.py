"""The stepper's words: what a step is called, what it says, and all steps as text for a terminal.

The history of a graph comes in, lines go out; the HTML says the same in the same words.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import kernelgraph.errors
from kernelgraph.errors import Location, resolve
from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.viz.html import escape
from kernelgraph.viz.stepper.history import Entry, History
from kernelgraph.viz.text.words import count

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(kernelgraph.errors.__file__)))
_MOST_PLACES = 3
_LONGEST_LINE = 1000
_WHY_LIMIT = 300


def title(entry: Entry, number: int, of: int) -> str:
    """What a step is called: `step 2 of 3: shuffle_once, 5 to 3 nodes`."""
    return f"step {number} of {of}: {escape.name(entry.rule)}, {sizes(entry)}"


def sizes(entry: Entry) -> str:
    """How the number of nodes changed."""
    if entry.nodes_before == entry.nodes_after:
        return count(entry.nodes_after, "node")
    return f"{entry.nodes_before} to {count(entry.nodes_after, 'node')}"


def short_sizes(entry: Entry) -> str:
    """The same in a narrow column."""
    before, after = entry.nodes_before, entry.nodes_after
    return str(after) if before == after else f"{before} → {after}"


def reason(entry: Entry) -> str:
    """Why the step is right, in the words of its rule."""
    return escape.name(entry.why, _WHY_LIMIT)


def difference_lines(entry: Entry) -> list[str]:
    """What was replaced and by what, as `diff` writes it."""
    lines = [f"- {entry.before_text}"] if entry.before_text else []
    lines += [f"+ {entry.after_text}"] if entry.after_text and entry.before_text else []
    lines += [f"~ {entry.after_text}"] if entry.after_text and not entry.before_text else []
    return [escape.name(line, _LONGEST_LINE) for line in lines]


def rule_place(entry: Entry) -> str:
    """Where the rule is written, `kernelgraph/rewrite/rules/sums.py:40`, and what it may change."""
    if entry.place is None:
        return ""
    exact = "" if entry.changes is None else f" (changes: {escape.name(entry.changes)})"
    phase = f", phase {entry.phase}" if entry.phase else ""
    return f"{_short(entry.place)}{phase}{exact}"


def _short(place: Location) -> str:
    inside = os.path.relpath(place.filename, _HOME) if place.filename.startswith(_HOME) else ""
    name = inside.replace(os.sep, "/") or place.label
    return f"{escape.name(name, 120)}:{place.line}"


def user_places(entry: Entry) -> list[str]:
    """The lines of the user that wrote what was replaced."""
    places = list(dict.fromkeys(resolve(origin) for origin in entry.origins))
    texts = [(escape.name(str(p), 120), escape.name(p.text.strip(), 120)) for p in places]
    lines = list(dict.fromkeys(f"{where}: {text}" if text else where for where, text in texts))
    more = len(lines) - _MOST_PLACES
    return lines[:_MOST_PLACES] + ([f"and {count(more, 'more line')}"] if more > 0 else [])


def time_text(entry: Entry) -> str:
    """How long the step took to find and to make."""
    return f"{entry.seconds * 1e6:.0f} µs"


def headline(history: History) -> str:
    """The whole history in one line."""
    steps, first, last = history.steps, history.entries[0], history.entries[-1]
    done = sum(entry.stands_for for entry in steps)
    if not steps:
        return f"no step changes anything: {count(last.nodes_after, 'node')}"
    return f"{count(done, 'step')} from {count(first.nodes_after, 'node')} to {last.nodes_after}"


def warnings_of(history: History) -> list[str]:
    """What a reader must know: rules that were switched off, a plan that is missing."""
    lines = [
        f"stopped: rule {escape.name(rule)} was switched off, because {escape.name(why, 300)}"
        for rule, why in history.stopped
    ]
    return lines + ([f"there is no plan: {history.trouble}"] if history.trouble else [])


def inner_lines(inside: Sequence[Rewriting]) -> list[str]:
    """The steps in graphs inside loops and choices, one line each."""
    lines: list[str] = []
    for rewriting in inside:
        lines.append(f"inside {escape.name(rewriting.original.name)}:")
        lines += [f"  {escape.one_line(str(step))}" for step in rewriting.steps if step.shows]
    return lines


def stepper_text(history: History, *, rule: str | None = None, times: bool = False) -> str:
    """All steps as text, with what each replaced."""
    chosen = chosen_steps(history, rule)
    lines = [f"{escape.name(history.name)}: {headline(history)}", *warnings_of(history)]
    lines += [f"  = {text}" for text in history.entries[0].formulas]
    told = history.entries[0].formulas
    for number, entry in enumerate(chosen, start=1):
        lines += _entry_lines(entry, number, len(chosen), times)
        lines += [f"  = {text}" for text in entry.formulas if text not in told]
        told = entry.formulas
    lines += inner_lines(history.inside)
    lines.append(history.hidden)
    return "\n".join(lines)


def chosen_steps(history: History, rule: str | None) -> Sequence[Entry]:
    """The steps that are told one by one: those that change something, or those of one rule."""
    if rule is None:
        return history.steps
    return [entry for entry in history.entries[1:] if entry.is_of(rule)]


def _entry_lines(entry: Entry, number: int, of: int, times: bool) -> Iterator[str]:
    took = f"   {time_text(entry)}" if times else ""
    yield f"{title(entry, number, of)}{took}"
    yield f"    {reason(entry)}"
    for line in difference_lines(entry):
        yield f"  {line}"
    place = rule_place(entry)
    if place:
        yield f"    rule: {place}"
    for line in user_places(entry):
        yield f"    your line: {line}"
    yield f"    {entry.comparison}"
