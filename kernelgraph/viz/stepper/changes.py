"""What changed between two pictures of one graph, box by box.

Pictures of the same graph before and after a step come in, marks go out: a box was added, removed,
or changed (what it says, or what it is made of). For that, a node must be called the same in both:
`numbered_picture` names its box after the number that the node keeps through all steps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.op import Op
from kernelgraph.viz.pictures.drawing import Box, Edge, Mark, Picture
from kernelgraph.viz.pictures.picture import picture

Numbers = Mapping[Apply, int]
Marks = Mapping[str, Mark]
"""What happened to boxes, by their keys; a box that is not in it stayed as it was."""

_NO_LIMIT = 10**9


def numbered_picture(graph: Graph, numbers: Numbers) -> Picture:
    """The picture of a graph in which the box of a node is called by the node's lasting number.

    A constant is called by what it says, and which of those it is.
    """
    drawn = picture(graph, limit=_NO_LIMIT)
    keys = {f"n{k}": f"n{numbers[node]}" for k, node in enumerate(graph.apply_nodes())}
    seen: Counter[str] = Counter()
    for box in drawn.boxes:
        if box.key not in keys and box.key.startswith("c"):
            text = " ".join(box.lines)
            keys[box.key] = f"c {text} {seen[text]}"
            seen[text] += 1
    boxes = [_renamed(box, keys.get(box.key, box.key)) for box in drawn.boxes]
    edges = [
        replace(edge, source=keys.get(edge.source, edge.source), target=keys[edge.target])
        if edge.target in keys
        else replace(edge, source=keys.get(edge.source, edge.source))
        for edge in drawn.edges
    ]
    return replace(drawn, boxes=tuple(boxes), edges=tuple(edges))


def _renamed(box: Box, key: str) -> Box:
    hint = box.hint.removeprefix(f"{box.key}:")
    shown = key if key.startswith("n") else box.key[0]
    return replace(box, key=key, hint=f"{shown}:{hint}" if key != box.key else box.hint)


def arrivals(picture: Picture) -> dict[str, list[Edge]]:
    """The edges that arrive at each box, in the order of the operands."""
    found: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in picture.edges:
        found[edge.target].append(edge)
    return found


@dataclass(frozen=True)
class Marked:
    """What to mark in the picture before a step, and in the one after it."""

    before: Marks
    after: Marks

    @property
    def is_empty(self) -> bool:
        """Whether nothing that is drawn changed."""
        return not self.before and not self.after


def changes(before: Picture, after: Picture) -> Marked:
    """The marks of a step: − on what left, + on what came, ~ on what stayed but is made otherwise.

    Inputs and outputs are the ends of the graph, which are not marked.
    """
    old, new = ({box.key: box for box in drawn.boxes} for drawn in (before, after))
    used, uses = arrivals(before), arrivals(after)
    changed = {
        key
        for key, box in new.items()
        if key in old
        and box.kind != "output"
        and (old[key].lines != box.lines or _made_of(used, key) != _made_of(uses, key))
    }
    removed: dict[str, Mark] = {key: "removed" for key in old if key not in new}
    added: dict[str, Mark] = {key: "added" for key in new if key not in old}
    both: dict[str, Mark] = {key: "changed" for key in new if key in changed}
    return Marked({**removed, **both}, {**added, **both})


def _made_of(edges: Mapping[str, Sequence[Edge]], key: str) -> list[tuple[str, int, str]]:
    return [(edge.source, edge.output, edge.label) for edge in edges.get(key, ())]


def same_drawing(before: Picture, after: Picture) -> bool:
    """Whether two pictures look the same, whatever their boxes are called."""
    return _looks(before) == _looks(after)


def _looks(picture: Picture) -> object:
    number = {box.key: k for k, box in enumerate(picture.boxes)}
    boxes = [(box.lines, box.kind) for box in picture.boxes]
    edges = [(number[e.source], number[e.target], e.output, e.label) for e in picture.edges]
    return boxes, edges


def carried_numbers(graph: Graph, numbers: Numbers, later: Graph) -> dict[Apply, int]:
    """Numbers for the nodes of `later`: a node that computes the same of the same as one of `graph`
    has its number; so have those that are left over, where both graphs have as many of their op.
    Every other one has a number of its own.

    Inputs of the two graphs correspond by position.
    """
    names: dict[Hashable, int] = {}
    known: defaultdict[int, list[Apply]] = defaultdict(list)
    for node, name in _named(graph, names):
        known[name].append(node)
    found = {n: numbers[known[name].pop(0)] for n, name in _named(later, names) if known[name]}
    taken = set(found.values())
    left = _by_op(node for node in graph.apply_nodes() if numbers[node] not in taken)
    for op, nodes in _by_op(node for node in later.apply_nodes() if node not in found).items():
        if len(nodes) == len(left[op]):
            found |= {new: numbers[old] for new, old in zip(nodes, left[op], strict=True)}
    fresh = count(max(numbers.values(), default=-1) + 1)
    return {node: found[node] if node in found else next(fresh) for node in later.apply_nodes()}


def _by_op(nodes: Iterable[Apply]) -> defaultdict[Op, list[Apply]]:
    found: defaultdict[Op, list[Apply]] = defaultdict(list)
    for node in nodes:
        found[node.op].append(node)
    return found


def _named(graph: Graph, names: dict[Hashable, int]) -> Iterable[tuple[Apply, int]]:
    """Every node with a number that is the same for nodes that compute the same of the same."""
    known: dict[Variable, Hashable] = {v: ("input", k) for k, v in enumerate(graph.inputs)}
    for node in graph.apply_nodes():
        operands = tuple(known.get(v) or _leaf(v) for v in node.inputs)
        name = names.setdefault((node.op, operands), len(names))
        known.update((output, (name, output.index)) for output in node.outputs)
        yield node, name


def _leaf(variable: Variable) -> Hashable:
    is_array = isinstance(variable, Constant) and hasattr(variable.data, "tobytes")
    return (str(variable.type), variable.data.tobytes()) if is_array else id(variable)
