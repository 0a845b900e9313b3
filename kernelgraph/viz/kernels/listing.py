"""Generated text line by line: which nodes a line computes, and which ones the loop around it
computes.

A `Source` and the keys of its nodes come in, a `Listing` goes out. Lines that compute nothing
themselves (the head of a loop, a counter, a closing bracket) stand for the nodes of their block, so
that every line of a loop leads to the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kernelgraph.graph import Apply
from kernelgraph.viz.html import escape
from kernelgraph.writer import Source

Keys = tuple[str, ...]

# A loop over a dimension; not one over the lanes, the rows or the strips of another.
_LOOP = re.compile(r"(for|repeat)\b(?!.*\b(lane|row|\w+_start) = )")
_MOST_KEYS = 14  # characters of the column of nodes
_LEAST_PART = 0.005
_MOST_AROUND = 500  # nodes that a line of a loop stands for


@dataclass(frozen=True)
class Line:
    """One line: its number (from 1), its text, the nodes that it computes (`own`), those that it
    stands for, how many loops repeat it, and what part of the time its own nodes take (None: not
    known).
    """

    number: int
    text: str
    own: Keys = ()
    keys: Keys = ()
    loops: int = 0
    part: float | None = None
    is_estimate: bool = True

    @property
    def heat(self) -> str:
        """The part of the time in a few characters, `≈` before an estimate."""
        if self.part is None or self.part < _LEAST_PART:
            return ""
        return f"{'≈' * self.is_estimate}{max(round(self.part * 100), 1)}%"

    @property
    def column(self) -> str:
        """Its own nodes in a few characters."""
        return brief(self.own)


@dataclass(frozen=True)
class Listing:
    """A generated text in a language, and its lines from the first that has to do with the graph;
    `prelude` is what stands before them.
    """

    language: str
    title: str
    text: str
    prelude: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join(numbered(self.lines))


def brief(keys: Sequence[str]) -> str:
    """The keys of nodes in a column; of many, the first and the last."""
    text = " ".join(keys)
    return text if len(text) <= _MOST_KEYS else f"{keys[0]} … {keys[-1]}"


def numbered(lines: Iterable[Line]) -> list[str]:
    """Lines behind their numbers, their nodes, and a mark for each loop that repeats them."""
    return [f"{before}{line.text}".rstrip() for line, before in gutters(list(lines))]


def gutters(lines: list[Line]) -> Iterator[tuple[Line, str]]:
    """Each line with what stands to the left of it."""
    width = max((len(line.column) for line in lines), default=0)
    deepest = max((line.loops for line in lines), default=0)
    hottest = max((len(line.heat) for line in lines), default=0)
    for line in lines:
        marks = "▪" * line.loops
        heat = f"{line.heat:>{hottest}} " if hottest else ""
        yield line, f"{line.number:>4} {marks:<{deepest}} {line.column:<{width}} {heat}│ "


def heated(made: Listing, shares: Mapping[str, tuple[float, bool]]) -> Listing:
    """A listing whose lines say what part of the time their nodes take: for the key of a node, its
    part and whether that is estimated. Of the lines of a node, those are hot that the most loops
    repeat.
    """
    deepest: dict[str, int] = {}
    for line in made.lines:
        for key in line.own:
            deepest[key] = max(deepest.get(key, 0), line.loops)
    lines: list[Line] = []
    for line in made.lines:
        hot = [key for key in line.own if key in shares and line.loops == deepest[key]]
        found = [shares[key] for key in hot]
        total = sum(part for part, _ in found)
        is_estimate = any(estimate for _, estimate in found)
        lines.append(replace(line, part=total, is_estimate=is_estimate) if found else line)
    return replace(made, lines=tuple(lines))


def listing(
    source: Source,
    keys: Mapping[Apply, str],
    depths: Mapping[str, int],
    title: tuple[str, str],
    kernels: Iterable[str],
) -> Listing:
    """The listing of a source; `title` is its language and how that is called, `depths` tells in
    how many loops a node is computed, `kernels` are the words with which a kernel's text begins.
    """
    own = {
        number: in_order({keys[node] for node in nodes if node in keys})
        for number, nodes in source.lines.items()
    }
    texts = source.text.removesuffix("\n").split("\n")
    first = first_of_interest(texts, own)
    blocks = _Blocks(texts, own)
    stands_for = _stands_for(blocks, set(kernels))
    lines = [
        Line(
            number,
            escape.visible(text),
            own.get(number, ()),
            own.get(number) or stands_for.get(number, ()),
            min(blocks.loops[number - 1], max((depths.get(k, 0) for k in own[number]), default=0))
            if number in own
            else 0,
        )
        for number, text in enumerate(texts[first:], start=first + 1)
    ]
    prelude = "".join(f"{text}\n" for text in texts[:first])
    return Listing(*title, source.text, prelude, tuple(lines))


def in_order(keys: Iterable[str]) -> Keys:
    """Keys by their letter and their number.

    >>> in_order({"n10", "m0", "n9"})
    ('m0', 'n9', 'n10')
    """
    return tuple(sorted(keys, key=lambda key: (key[0], int(key[1:]))))


def first_of_interest(texts: list[str], computing: Iterable[int]) -> int:
    """How many lines there are before the block in which the first node is computed; `computing`
    are the numbers of the lines that compute nodes.
    """
    number = min(computing, default=1)
    while number > 1 and texts[number - 2].strip():
        number -= 1
    return number - 1


class _Blocks:
    """The blocks of a text, as its indentation shows them. Lines count from 0 here."""

    def __init__(self, texts: list[str], own: Mapping[int, Keys]) -> None:
        self.texts = texts
        self.heads: list[int | None] = []
        """For each line, the line at the head of the block that it stands in."""
        self.loops: list[int] = []
        """For each line, how many loops it stands in."""
        self._own_block: list[int] = []
        self._collected: dict[int, dict[str, None]] = {}
        self._ordered: dict[int, Keys] = {}
        open_heads: list[tuple[int, int]] = []
        is_loop = [_LOOP.match(text.strip()) is not None for text in texts]
        for index, text in enumerate(texts):
            indent = len(text) - len(text.lstrip(" "))
            closed = index
            while text and open_heads and open_heads[-1][0] >= indent:
                closed = open_heads.pop()[1]
            self._own_block.append(closed if text.startswith("}", indent) else index)
            self.heads.append(open_heads[-1][1] if open_heads else None)
            self.loops.append(sum(map(is_loop.__getitem__, (h for _, h in open_heads))))
            for _, head in open_heads:
                self._collected.setdefault(head, {}).update(dict.fromkeys(own.get(index + 1, ())))
            if text:
                open_heads.append((indent, index))

    def inside(self, head: int | None) -> Keys:
        """The nodes that are computed below a head: the first of them, where there are many."""
        if head is None:
            return ()
        if head not in self._ordered:
            self._ordered[head] = in_order(self._collected.get(head, ()))[:_MOST_AROUND]
        return self._ordered[head]

    def at_or_around(self, index: int) -> Keys:
        """The nodes of the block that a line opens or closes, or else of the one it stands in."""
        found = self.inside(self._own_block[index])
        head = self.heads[index]
        while not found and head is not None:
            found, head = self.inside(head), self.heads[head]
        return found


def _stands_for(blocks: _Blocks, kernels: set[str]) -> dict[int, Keys]:
    """For each line of a kernel (from 1), the nodes of its block."""
    found: dict[int, Keys] = {}
    kernel: int | None = None
    for index, text in enumerate(blocks.texts):
        if text and not text.startswith((" ", "}", "{")):
            kernel = index if any(word in text for word in kernels) else None
        if kernel is not None and text.strip():
            found[index + 1] = blocks.at_or_around(index)
        if text.startswith("}"):
            kernel = None
    return found
