"""What two graphs have in common: nodes that compute the same of the same."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.hooks import Displayed, view
from kernelgraph.rewrite.notation import formula


@dataclass(frozen=True)
class Difference(Displayed):
    """The nodes that only one of two graphs has; those of `kept` are in both.

    A notebook shows it as two pictures with marks, `print` as lines, `latex` as formulas.
    """

    before: Graph
    after: Graph
    removed: tuple[Apply, ...]
    added: tuple[Apply, ...]
    kept: tuple[Apply, ...]

    def latex(self) -> str:
        """The lines as one LaTeX formula, which a notebook typesets."""
        return view("latex", self)

    def __str__(self) -> str:
        """A line for each node that came or went, as `diff` prints it."""
        lines = [f"- {formula(node.outputs[0])}" for node in self.removed]
        lines += [f"+ {formula(node.outputs[0])}" for node in self.added]
        nodes = "1 node" if len(self.kept) == 1 else f"{len(self.kept)} nodes"
        return "\n".join([*lines, f"  and {nodes} as before"])

    __repr__ = __str__


def difference(before: Graph, after: Graph) -> Difference:
    """What `after` has that `before` has not, and the other way round.

    Inputs of the two correspond by position; two nodes are the same if their ops are equal and
    their operands are the same.

    >>> import kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> print(difference(Graph((x,), (T.exp(x) + x,)), Graph((x,), (T.exp(x),))))
    - exp(x) + x
      and 1 node as before
    """
    names: dict[Hashable, int] = {}
    old, new = (_named(graph, names) for graph in (before, after))
    there, here = ({name for _, name in found} for found in (old, new))
    return Difference(
        before,
        after,
        tuple(node for node, name in old if name not in here),
        tuple(node for node, name in new if name not in there),
        tuple(node for node, name in new if name in there),
    )


def _named(graph: Graph, names: dict[Hashable, int]) -> Sequence[tuple[Apply, int]]:
    """Every node with a number that is the same for nodes that are the same."""

    def number(key: Hashable) -> int:
        return names.setdefault(key, len(names))

    known: dict[Variable, int] = {v: number(("input", k)) for k, v in enumerate(graph.inputs)}

    def of(variable: Variable) -> int:
        if variable not in known:
            constant = isinstance(variable, Constant)
            key = (str(variable.type), variable.data.tobytes()) if constant else (id(variable),)
            known[variable] = number(key)
        return known[variable]

    found: list[tuple[Apply, int]] = []
    for node in graph.apply_nodes():
        name = number((node.op, *map(of, node.inputs)))
        found.append((node, name))
        known.update((out, number((name, out.index))) for out in node.outputs)
    return found
