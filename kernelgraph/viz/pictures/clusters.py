"""A graph too large to draw, folded: stretches of it become one box each.

A graph comes in, `Cluster`s go out, and the picture of them. A cluster is a stretch of the nodes in
the order in which they are computed, so values only ever run from earlier clusters to later ones.
It ends where the user's source line changes, as far as the number of boxes allows that. A number
such as the 0.5 in `0.5 * x` belongs to the cluster whose nodes use it, wherever it was computed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from types import CodeType

from kernelgraph.errors import Location, Origin, resolve
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.drawing import Box, Edge, Kind, Picture
from kernelgraph.viz.pictures.picture import describe_graph, is_number
from kernelgraph.viz.text.words import count, op_name, output_name, some, variable_text

MOST_CLUSTERS = 30
"""Boxes of a folded picture, inputs and outputs aside."""

_FEWEST_CLUSTERS = 5
_MOST_EDGES = 110
_MOST_ENDS = 10  # inputs or outputs that have a box each
_OPS_TOLD = 3
_LONGEST_LINE = 34


@dataclass(frozen=True)
class Cluster:
    """Nodes number `first` up to, not including, `end`, those aside that are numbers; there are
    `size` of them.

    `lines` are the user's lines that made them; of a single line, `source` is its text.
    """

    number: int
    first: int
    end: int
    size: int
    ops: Mapping[str, int]
    lines: Sequence[int]
    source: str = ""

    @property
    def key(self) -> str:
        """What the picture calls this cluster."""
        return f"k{self.number}"

    @property
    def label(self) -> tuple[str, ...]:
        """What its box says: the ops, where they were written, and which nodes they are."""
        told = Counter(self.ops).most_common()
        ops = [name if number == 1 else f"{name} × {number}" for name, number in told]
        last = self.end - 1
        which = f"n{self.first}" if self.first == last else f"n{self.first} … n{last}"
        place = self._place()
        title = f"cluster {self.number}: {count(self.size, 'node')}"
        return (title, some(ops, _OPS_TOLD, "more op"), *([place] if place else []), which)

    def _place(self) -> str:
        if not self.lines:
            return ""
        if len(self.lines) > 1:
            return f"lines {self.lines[0]} to {self.lines[-1]}"
        line = escape.one_line(self.source[: _LONGEST_LINE + 1])
        shown = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        return f"line {self.lines[0]}: {shown}" if shown else f"line {self.lines[0]}"


class SourceLines:
    """The user's line of each node; a code object is read once, however many nodes it made."""

    def __init__(self) -> None:
        self._lines: dict[CodeType, list[int | None]] = {}
        self._texts: dict[tuple[CodeType | Location, int], str] = {}

    def number(self, node: Apply) -> int:
        """The line of a node; 0 where nobody knows it."""
        if not node.origins:
            return 0
        origin: Origin = node.origins[0]
        if isinstance(origin, Location):
            return origin.line
        code, offset = origin
        if code not in self._lines:
            self._lines[code] = [position[0] for position in code.co_positions()]
        lines = self._lines[code]
        return (lines[offset // 2] or 0) if offset // 2 < len(lines) else 0

    def text(self, node: Apply) -> str:
        """What stands on that line; empty where nobody knows it."""
        if not node.origins:
            return ""
        origin: Origin = node.origins[0]
        key = origin if isinstance(origin, Location) else origin[0], self.number(node)
        if key not in self._texts:
            self._texts[key] = resolve(origin).text.strip()
        return self._texts[key]


Link = tuple[str, str]


class Folding:
    """A graph and its clusters: about `most` of them, fewer where so many values run between them
    that nobody could follow.

    `drawn` are the numbers of the nodes that have boxes: not those that are numbers themselves.
    `links` says how many values run from one box to another, by the keys of both.
    """

    def __init__(self, graph: Graph, most: int = MOST_CLUSTERS) -> None:
        self.graph = graph
        self.nodes = graph.apply_nodes()
        self.lines = SourceLines()
        shown = set(graph.outputs)
        self.drawn = [
            number
            for number, node in enumerate(self.nodes)
            if not all(is_number(out) and out not in shown for out in node.outputs)
        ]
        self._numbers = [self.lines.number(self.nodes[number]) for number in self.drawn]
        self._ops = {op: op_name(op) for op in {node.op for node in self.nodes}}
        while True:
            self.clusters = self._clusters(max(ceil(len(self.drawn) / most), 1))
            self.links = self._links()
            if len(self.links) <= _MOST_EDGES or most <= _FEWEST_CLUSTERS:
                break
            most = max(most // 2, _FEWEST_CLUSTERS)

    def _clusters(self, size: int) -> list[Cluster]:
        bounds = list(_stretches(self._numbers, size))
        return [self._cluster(k, *bounds[k : k + 2]) for k in range(len(bounds) - 1)]

    def _cluster(self, number: int, begin: int, end: int) -> Cluster:
        own = [self.nodes[which] for which in self.drawn[begin:end]]
        ops = Counter(self._ops[node.op] for node in own)
        numbers = sorted(set(self._numbers[begin:end]) - {0})
        source = self.lines.text(own[0]) if len(numbers) == 1 else ""
        first, last = self.drawn[begin], self.drawn[end - 1]
        return Cluster(number, first, last + 1, len(own), ops, numbers, source)

    def members(self, cluster: Cluster) -> list[Apply]:
        """The nodes of a cluster, in the order of computing."""
        begin, end = (bisect_left(self.drawn, each) for each in (cluster.first, cluster.end))
        return [self.nodes[number] for number in self.drawn[begin:end]]

    def _links(self) -> dict[Link, int]:
        home = self._homes()
        carried: dict[Link, set[Variable]] = {}
        for cluster in self.clusters:
            for node in self.members(cluster):
                for variable in node.inputs:
                    source = home.get(variable)
                    if source is not None and source != cluster.key:
                        carried.setdefault((source, cluster.key), set()).add(variable)
        several = len(self.graph.outputs) > _MOST_ENDS
        for index, variable in enumerate(self.graph.outputs):
            if variable in home:
                end = "o" if several else f"o{index}"
                carried.setdefault((home[variable], end), set()).add(variable)
        return {link: len(variables) for link, variables in carried.items()}

    def _homes(self) -> dict[Variable, str]:
        """The box in which each variable is made; constants have none."""
        several = len(self.graph.inputs) > _MOST_ENDS
        home = {v: "i" if several else f"i{k}" for k, v in enumerate(self.graph.inputs)}
        for cluster in self.clusters:
            for node in self.members(cluster):
                for out in node.outputs:
                    home[out] = cluster.key
        return home

    def inside(self, number: int) -> Graph:
        """What is in one cluster as a graph of its own: it takes what comes in from elsewhere,
        numbers aside, and gives what is used elsewhere. Raises IndexError for a cluster that there
        is not.
        """
        cluster = self.clusters[number]
        own = self.members(cluster)
        made = {out for node in own for out in node.outputs}
        taken = dict.fromkeys(v for node in own for v in node.inputs if v not in made)
        inner = set(own)
        elsewhere = {v for node in self.nodes if node not in inner for v in node.inputs}
        elsewhere.update(self.graph.outputs)
        used = tuple(out for node in own for out in node.outputs if out in elsewhere)
        ends = tuple(v for v in taken if not is_number(v))
        return Graph(ends, used, name=f"cluster {cluster.number}")


def _stretches(lines: Sequence[int], size: int) -> Iterator[int]:
    """Where clusters of about `size` nodes begin, and the end of the last; `lines` are the lines
    of the nodes.
    """
    begin = at = 0
    yield 0
    for _, group in groupby(lines):
        length = sum(1 for _ in group)
        if at > begin and at - begin + length > size:
            yield at
            begin = at
        while length > 2 * size:
            at += size
            length -= size
            yield at
            begin = at
        at += length
    if at > begin:
        yield at


# The picture --------------------------------------------------------------------------------------


def folded_picture(folding: Folding) -> Picture:
    """The picture in which every cluster is one box; a number at an arrow counts its values."""
    graph, found = folding.graph, folding.clusters
    outputs = [output_name(graph, index) for index in range(len(graph.outputs))]
    boxes = [
        *_ends("i", [variable_text(v) for v in graph.inputs], "input"),
        *(Box(each.key, each.label, "control", _hint(each)) for each in found),
        *_ends("o", outputs, "output"),
    ]
    edges = tuple(
        Edge(source, target, label=str(number) if number > 1 else "")
        for (source, target), number in folding.links.items()
    )
    description = f"{describe_graph(graph)}, folded into {count(len(found), 'cluster')}"
    return Picture(description.partition(":")[0], description, tuple(boxes), edges)


def _hint(cluster: Cluster) -> str:
    told = ", ".join(f"{name} × {number}" for name, number in Counter(cluster.ops).most_common(12))
    return f"{cluster.key}: {told}"


def _ends(letter: str, names: Sequence[str], kind: Kind) -> list[Box]:
    if len(names) <= _MOST_ENDS:
        return [Box(f"{letter}{k}", (name,), kind, name) for k, name in enumerate(names)]
    told = f"{', '.join(names[:3])} …"
    return [Box(letter, (count(len(names), kind), told), kind, told)]
