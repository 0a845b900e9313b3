"""One layout for many pictures of one graph, so that what stays keeps its place.

Pictures of the same graph after each of some steps come in; a `Union` goes out that has a place for
every box of every picture. A box that takes over the work of another one takes over its place, too:
that keeps the union hardly larger than its largest picture. Places and routes never move; a picture
is shown by showing some of the boxes and edges and hiding the others.

A long story comes in `chapters`, so that no picture is lost in the room that others need. The last
picture of a chapter is also the first of the next: no step is taken between two layouts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kernelgraph.viz.pictures.drawing import Box, Edge, Layout, Picture, PlacedBox, Route, box_size
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.stepper.changes import Marks, arrivals

_SPARE_PLACES = 6  # a small picture may be surrounded by so many empty places

Link = tuple[str, str, str, int]
"""An edge between two places: from, to, label, and which of several such edges it is."""


@dataclass(frozen=True)
class Union:
    """Places for the boxes and courses for the edges of several pictures.

    `places` says which place each box has, by their keys; edges run between places. `boxes` are all
    the different boxes, `routes` all the edges; `shown_boxes[k]` and `shown_edges[k]` are the
    numbers of those that picture `k` consists of.
    """

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    shown_boxes: tuple[tuple[int, ...], ...]
    shown_edges: tuple[tuple[int, ...], ...]
    places: Mapping[str, str]
    engine: str

    def layout(self, index: int, picture: Picture, marks: Marks) -> Layout:
        """Picture `index` alone, at its places, with marks."""
        boxes = [self.boxes[k] for k in self.shown_boxes[index]]
        marked = [replace(p, box=replace(p.box, mark=marks.get(p.box.key, ""))) for p in boxes]
        at = {self.places[placed.box.key]: placed.box.key for placed in boxes}
        shown = [self.routes[k] for k in self.shown_edges[index]]
        ends = [replace(r.edge, source=at[r.edge.source], target=at[r.edge.target]) for r in shown]
        routes = [replace(r, edge=edge) for r, edge in zip(shown, ends, strict=True)]
        return Layout(picture, self.width, self.height, tuple(marked), tuple(routes), self.engine)


def union(pictures: Sequence[Picture], engine: str | None = None) -> Union:
    """A common layout of pictures in which equal keys mean the same box.

    Raises `LayoutError` where the engine does.
    """
    places = _Places()
    links = [places.enter(drawn) for drawn in pictures]
    placed = layout(places.skeleton(pictures, links), engine)
    where = {box.box.key: box for box in placed.boxes}
    boxes: dict[tuple[str, tuple[str, ...], str, str], int] = {}
    shown_boxes: list[tuple[int, ...]] = []
    at: list[PlacedBox] = []
    for drawn in pictures:
        shown: list[int] = []
        for box in drawn.boxes:
            same = (box.key, box.lines, box.kind, box.hint)
            if same not in boxes:
                boxes[same] = len(at)
                at.append(replace(where[places.of[box.key]], box=box))
            shown.append(boxes[same])
        shown_boxes.append(tuple(shown))
    routes, number = _routes(placed, places, where)
    return Union(
        placed.width,
        placed.height,
        tuple(at),
        routes,
        tuple(shown_boxes),
        tuple(tuple(number[link] for link in drawn) for drawn in links),
        places.of,
        placed.engine,
    )


@dataclass(frozen=True)
class Chapter:
    """The common layout of pictures that follow each other, from number `first` on."""

    first: int
    union: Union

    @property
    def last(self) -> int:
        """The number of the last picture."""
        return self.first + len(self.union.shown_boxes) - 1


@dataclass(frozen=True)
class Span:
    """Pictures that are to share a layout: the first, the last, and how many parts that has."""

    first: int
    last: int
    boxes: int
    edges: int


def spans(pictures: Sequence[Picture], growth: float) -> list[Span]:
    """Which pictures are to share a layout: as many as follow each other without one that has so
    few boxes that there are more than `growth` times as many places.
    """
    found: list[Span] = []
    first = 0
    places, smallest = _Places(), len(pictures[0].boxes)
    for number, drawn in enumerate(pictures):
        before = places.span(first, number - 1)
        places.enter(drawn)
        smallest = min(smallest, len(drawn.boxes))
        if number > first + 1 and places.size > growth * smallest + _SPARE_PLACES:
            found.append(before)
            first, places = number - 1, _Places()
            places.enter(pictures[first])
            places.enter(drawn)
            smallest = min(len(pictures[first].boxes), len(drawn.boxes))
    return [*found, places.span(first, len(pictures) - 1)]


def chapters(pictures: Sequence[Picture], shared: Sequence[Span]) -> list[Chapter]:
    """A common layout for each span of pictures. Raises `LayoutError` where the engine does."""
    return [Chapter(span.first, union(pictures[span.first : span.last + 1])) for span in shared]


def _routes(
    placed: Layout, places: _Places, where: dict[str, PlacedBox]
) -> tuple[tuple[Route, ...], dict[Link, int]]:
    """The courses of all edges; one that would have closed a circle goes straight."""
    number: dict[Link, int] = {}
    routes: list[Route] = []
    for link, route in zip(places.straight, placed.routes, strict=True):
        number[link] = len(routes)
        routes.append(replace(route, edge=Edge(link[0], link[1], 0, link[2])))
    for link in places.loose:
        number[link] = len(routes)
        source, target = where[link[0]], where[link[1]]
        start = (source.x, source.y + source.height / 2)
        end = (target.x, target.y - target.height / 2)
        bends = ((start[0], start[1] + 24), (end[0], end[1] - 24))
        routes.append(Route(Edge(link[0], link[1], 0, link[2]), (start, *bends, end)))
    return tuple(routes), number


@dataclass
class _Places:
    """Which place each box has, and the edges between places."""

    of: dict[str, str] = field(default_factory=dict[str, str])
    straight: dict[Link, None] = field(default_factory=dict[Link, None])
    loose: dict[Link, None] = field(default_factory=dict[Link, None])
    below: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    latest: Picture | None = None
    used: set[str] = field(default_factory=set[str])

    def span(self, first: int, last: int) -> Span:
        """What has been entered, as a span."""
        return Span(first, last, len(self.of), len(self.straight) + len(self.loose))

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.used)

    def enter(self, picture: Picture) -> list[Link]:
        """Give every box of the next picture its place; the links that it consists of."""
        new = [box.key for box in picture.boxes if box.key not in self.of]
        if self.latest is not None and new:
            self._inherit(self.latest, picture)
        for key in new:
            self.used.add(self.of.setdefault(key, key))
        self.latest = picture
        links = self._links(picture)
        for link in links:
            self._connect(link)
        return links

    def _inherit(self, before: Picture, after: Picture) -> None:
        """Let new boxes stand where those stood whose clients they feed now."""
        keys = {box.key for box in after.boxes}
        taken = {self.of[key] for key in keys if key in self.of}
        used, uses = arrivals(before), arrivals(after)
        pending = [(key, key) for key in (box.key for box in after.boxes) if key in self.of]
        while pending:
            old, new = pending.pop(0)
            if len(used.get(old, ())) != len(uses.get(new, ())):
                continue
            for was, now in zip(used.get(old, ()), uses.get(new, ()), strict=True):
                place = self.of.get(was.source)
                if now.source in self.of or was.source in keys or place is None or place in taken:
                    continue
                if self._would_turn(now.source, place, after):
                    continue
                self.of[now.source] = place
                taken.add(place)
                pending.append((was.source, now.source))

    def _would_turn(self, key: str, place: str, picture: Picture) -> bool:
        """Whether the edges of box `key`, standing at `place`, would close a circle of places."""
        sources = {
            self.of[e.source] for e in picture.edges if e.target == key and e.source in self.of
        }
        targets = {
            self.of[e.target] for e in picture.edges if e.source == key and e.target in self.of
        }
        if place in sources or place in targets:
            return True
        return any(self._reaches(place, source) for source in sources) or any(
            self._reaches(target, place) for target in targets
        )

    def _links(self, picture: Picture) -> list[Link]:
        seen: Counter[tuple[str, str, str]] = Counter()
        links: list[Link] = []
        for edge in picture.edges:
            ends = (self.of[edge.source], self.of[edge.target], edge.label)
            links.append((*ends, seen[ends]))
            seen[ends] += 1
        return links

    def _connect(self, link: Link) -> None:
        source, target, *_ = link
        if link in self.straight or link in self.loose:
            return
        if target not in self.below[source] and self._reaches(target, source):
            self.loose[link] = None
            return
        self.straight[link] = None
        self.below[source].add(target)

    def _reaches(self, start: str, goal: str) -> bool:
        pending, seen = [start], {start}
        while pending:
            place = pending.pop()
            if place == goal:
                return True
            further = self.below[place] - seen
            seen |= further
            pending += further
        return False

    def skeleton(self, pictures: Sequence[Picture], links: Sequence[Sequence[Link]]) -> Picture:
        """A picture with one box for each place, as large as any that stands there.

        Edges share a trunk only where they are always seen together: each group of such edges is a
        value of its own to the engine.
        """
        largest: dict[str, Box] = {}
        for drawn in pictures:
            for box in drawn.boxes:
                place = self.of[box.key]
                marked = replace(box, key=place, mark="changed")
                largest[place] = _larger(largest.get(place, marked), marked)
        times: defaultdict[Link, list[int]] = defaultdict(list)
        for index, drawn in enumerate(links):
            for link in drawn:
                times[link].append(index)
        groups: dict[tuple[str, tuple[int, ...]], int] = {}
        edges = [
            Edge(link[0], link[1], groups.setdefault((link[0], tuple(times[link])), len(groups)))
            for link in self.straight
        ]
        first = pictures[0]
        return Picture(first.title, first.description, tuple(largest.values()), tuple(edges))


def _larger(one: Box, other: Box) -> Box:
    """A box with room for both."""
    (width, height), (wide, high) = box_size(one), box_size(other)
    if wide <= width and high <= height:
        return one
    if wide >= width and high >= height:
        return other
    base, lines = (one, len(other.lines)) if width > wide else (other, len(one.lines))
    return replace(base, lines=base.lines + ("",) * max(lines - len(base.lines), 0))
