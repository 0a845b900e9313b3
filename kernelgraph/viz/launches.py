"""A launch of a kernel that a user has written: its source with what each line cost.

Counts stand beside the lines that they are of. What is in the table is in the text as well, and as
values in `Run.measures`; a line of the source is text of a user's, and escaped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from kernelgraph.cuda.simulator import Accesses, Measures
from kernelgraph.cuda.written import Run
from kernelgraph.viz.display import Bundle
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, preformatted, table
from kernelgraph.viz.html.markup import Markup, html

_HEADINGS = ("", "line", "requests", "sectors or ways each", "lanes each", "lanes per warp")

_LEGEND = (
    "A warp is 32 threads that go together. A request is one access of a warp. In global memory it "
    "touches sectors of 32 bytes: 4 are the least where 32 lanes read a float each, and 32 where "
    "their floats lie far apart. In shared memory it takes as many ways as lanes want different "
    "words of one bank. Lanes per warp says how many of its 32 threads run a line. All numbers are "
    "exact counts of the simulator, the same in every run, and have the names of Nsight Compute in "
    "metrics."
)


def bundle_of_run(value: Run) -> Bundle:
    """A run as text and as HTML."""
    parts = [html("p", None, str(value).split("\n")[0])]
    if value.measures is not None:
        parts += [
            _lines(value, value.measures),
            html("p", None, _summary(value.measures)),
            fold("all counts, by Nsight Compute's names", _metrics(value)),
            fold("what am I looking at?", html("p", None, _LEGEND)),
        ]
    if value.printed:
        parts.append(preformatted(value.printed))
    return {"text/html": frame("launch", *parts), "text/plain": escape.visible(str(value))}


def _lines(run: Run, measures: Measures) -> Markup:
    """The source from its first line that is not empty, each with its accesses."""
    accesses: defaultdict[int, list[Accesses]] = defaultdict(list)
    for access in measures.accesses:
        accesses[access.line].append(access)
    rows: list[Sequence[str]] = []
    for number, line in enumerate(run.source.rstrip().split("\n"), 1):
        if not (rows or line.strip()):
            continue
        found = accesses[number]
        steps, lanes = measures.lines.get(number, (0, 0))
        code = html("code", {"style": "white-space:pre"}, line)
        rows.append((
            str(number), code,
            _each(found, lambda a: f"{a.requests:,} {a.memory} {a.kind}"),
            _each(found, _cost),
            _each(found, lambda a: f"{a.lanes_per_request:.1f}"),
            f"{lanes / steps:.1f}" if steps else "",
        ))  # fmt: skip
    return html("div", {"style": "overflow-x:auto", "tabindex": 0}, table(_HEADINGS, rows))


def _each(found: Sequence[Accesses], text: Callable[[Accesses], str]) -> str:
    return ", ".join(text(access) for access in found)


def _cost(access: Accesses) -> str:
    if access.memory == "global":
        return f"{access.sectors_per_request:.2f} sectors"
    return f"{access.ways:.2f} ways"


def _summary(measures: Measures) -> str:
    return (
        f"{measures.bytes_moved:,} bytes of sectors moved; "
        f"{measures.lanes_per_instruction:.1f} of 32 lanes take part, on average."
    )


def _metrics(run: Run) -> Markup:
    rows = [(name, f"{value:,g}") for name, value in run.metrics.items()]
    return table(("metric", "value"), rows)
