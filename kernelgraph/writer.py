"""Lines of generated text, the nodes that each of them is for, and the helpers that they call.

>>> writer = Writer()
>>> with writer.block("for i in range(n):", end=""):
...     writer.line("total += x[i]")
>>> print(writer.source())
for i in range(n):
    total += x[i]
<BLANKLINE>
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kernelgraph.graph import Apply
from kernelgraph.names import first_lines
from kernelgraph.templates import Helper

WIDTH = 100
"""Columns of generated text."""


@dataclass(frozen=True)
class Source:
    """Generated text, and for each line (from 1) the nodes that it computes."""

    text: str
    lines: Mapping[int, tuple[Apply, ...]]
    symbol: str = ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return first_lines(self.text)

    @property
    def body(self) -> str:
        """The text without what every program begins with: from the first line for a node."""
        first = min(self.lines, default=1)
        return "".join(self.text.splitlines(keepends=True)[first - 1 :])

    def lines_of(self, node: Apply) -> list[int]:
        """The lines that compute a node."""
        return [number for number, nodes in self.lines.items() if node in nodes]


@dataclass
class Writer:
    """Collects indented lines, and the helpers that a printer calls in them."""

    text: list[str] = field(default_factory=list[str])
    lines: dict[int, tuple[Apply, ...]] = field(default_factory=dict[int, tuple[Apply, ...]])
    depth: int = 0
    helpers: set[Helper] = field(default_factory=set[Helper])

    def line(self, text: str, *nodes: Apply | None) -> None:
        """One line, and the nodes that it is for."""
        self.text.append("    " * self.depth + text if text else "")
        known = tuple(node for node in nodes if node is not None)
        if known:
            self.lines[len(self.text)] = known

    def call(self, helper: Helper) -> str:
        """The name of a helper, for a line that calls it."""
        self.helpers.add(helper)
        return helper.name

    def listing(self, head: str, items: Sequence[str], tail: str, *nodes: Apply | None) -> None:
        """A list on one line, or on as many as it needs."""
        lines = [head]
        for number, item in enumerate(items):
            part = item + (tail if number + 1 == len(items) else ", ")
            if 4 * self.depth + len(lines[-1]) + len(part.rstrip()) > WIDTH:
                lines.append("        ")
            lines[-1] += part
        for text in lines:
            self.line(text.rstrip(), *nodes)

    def indented(self) -> Block:
        """Lines that belong to the one before them."""
        return Block(self, "")

    def block(self, head: str, end: str = "}") -> Block:
        """A nested block: `with writer.block("if (…) {"): …`."""
        self.line(head)
        return self.nested(end)

    def nested(self, end: str) -> Block:
        """What follows a head that is written already."""
        return Block(self, end)

    def include(self, other: Writer) -> None:
        """All lines of another writer, at this depth."""
        shift = len(self.text)
        self.text += ["    " * self.depth + line if line else "" for line in other.text]
        self.lines.update({number + shift: nodes for number, nodes in other.lines.items()})
        self.helpers |= other.helpers

    def source(self, symbol: str = "") -> Source:
        """The text so far."""
        return Source("\n".join(self.text) + "\n", dict(self.lines), symbol)


@dataclass
class Block:
    """Indents what is written inside a `with` statement."""

    writer: Writer
    end: str

    def __enter__(self) -> None:
        self.writer.depth += 1

    def __exit__(self, *error: object) -> None:
        self.writer.depth -= 1
        if self.end:
            self.writer.line(self.end)


def plain(text: str) -> str:
    """Text that may stand in a comment of any language: letters, digits and simple punctuation, and
    nothing that ends a comment or begins one.

    >>> plain("y = exp(a) / b ** 2 */ evil")
    'y = exp(a) / b ** 2 _ evil'
    """
    text = text.replace("…", "...")
    found = re.sub(r"[^\w ,.+\-*/<>=!()\[\]]", "_", text, flags=re.ASCII)
    return re.sub(r"/[*/]+|\*+/[*/]*", "_", found)
