"""Writes docs/STAGES.md: one expression on its way through every stage, as each prints itself.

`./kg python tools/stages.py`; a test compares the page with what this would write.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.target import Target, mapped

DOCS = Path(__file__).resolve().parents[1] / "docs"

HEAD = """\
# One expression through every stage

```python
x, w = T.dmatrix("x"), T.dvector("w")
loss = T.log(1 + T.exp(T.dot(x, w))).mean()
f = kg.function([x, w], loss)
```

`f.stages` keeps what each stage has made; each prints itself as below. The page is written by
`tools/stages.py`, and a test keeps it true.
"""

GRAPH = """
## 1. The graph, as it was written: `f.stages.graph`

Nodes in the order of their operands. `1` is no array, so a dimension is added to it; a mean is a
sum and a division by the size.
"""

REWRITING = """
## 2. Rewriting: `f.stages.rewriting`

Each step names its rule, what was there, what is there now, and why. `exp(dot(x, w))` overflows
at 710; the softplus does not.
"""

REWRITTEN = """
## 3. The graph, rewritten: `f.stages.rewriting.graph`
"""

SCHEDULE = """
## 4. The schedule: `f.stages.schedule`

What runs in which order. Nodes below one loop share it: while a row of `x` is at hand, its
product, the softplus of that and the sum are computed, so `x` is read once.
"""

DECISIONS = """
Why, in `f.stages.schedule.decisions`:
"""

LOWERED = """
## 5. The program, before any pass: `lower(f.stages.schedule)`

Loops over single numbers, and what the host does: sizes, checks, memory, kernels. Every op is
called by its name.
"""

PASSES = """
## 6. The passes of the target: `f.stages.program`

Each fits the loops to the machine and gives another program; what does not change is left out.
The last program is `f.stages.program`.
"""

SOURCE = """
## 7. The text: `f.stages.source`

The printer decides nothing; it says in C what the program says. Below is the kernel, without the
helpers above it and the function of the host below it.
"""

CUDA = """
## 8. The same schedule for a GPU

Passes of another target put marks for its threads: rows share the sum, so here they run in order,
on one thread, and the text says so.
"""


def stages() -> Stages:
    """Those of the expression of the page."""
    x, w = T.dmatrix("x"), T.dvector("w")
    loss = T.log(1 + T.exp(T.dot(x, w))).mean()
    return compile_graph(Graph((x, w), (loss,)), CTarget())


def block(text: str, language: str = "") -> str:
    """Text as it stands."""
    lines = "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
    return f"\n```{language}\n{lines}\n```\n"


def passes(made: Stages, target: Target) -> Iterator[str]:
    """For each pass, its name, what it is for, and the lines that it changed."""
    program = lower(made.schedule)
    for one in target.passes:
        before, program = str(program).splitlines(), one(program)
        about = (one.__doc__ or "").split("\n")[0].strip()
        yield f"\n**`{one.__name__}`**: {about[0].lower()}{about[1:]}\n"
        found = changed(before, str(program).splitlines())
        yield block("\n".join(found), "diff") if found else "\nNothing changes here.\n"


def changed(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The lines that differ, with two lines around them."""
    found = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    return ["…" if line.startswith("@@") else line for line in found][1:]


def kernel_text(made: Stages) -> str:
    """The first kernel's function alone."""
    text = made.source.body
    return text[: text.index("\n}\n") + 2]


def page() -> str:
    """The whole page."""
    made = stages()
    decisions = "\n".join(f"{d.what}: {d.why}" for d in made.schedule.decisions)
    program = mapped(lower(made.schedule), CudaTarget())
    cuda = CudaTarget().print(program).body
    return "".join([
        HEAD,
        GRAPH, block(str(made.graph)),
        REWRITING, block(str(made.rewriting)),
        REWRITTEN, block(str(made.rewriting.graph)),
        SCHEDULE, block(str(made.schedule)),
        DECISIONS, block(decisions),
        LOWERED, block(str(lower(made.schedule))),
        PASSES, *passes(made, CTarget()),
        SOURCE, block(kernel_text(made), "c"),
        CUDA, block(cuda, "c++"),
    ])  # fmt: skip


if __name__ == "__main__":
    with kg.config.change_flags(floatX="float64"):
        (DOCS / "STAGES.md").write_text(page(), encoding="utf-8")
