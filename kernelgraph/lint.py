"""Expressions that compute what they say and are rarely meant: `kg.lint(cost)` names them.

A finding is no error. Each has a code, the place in the user's code, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import KernelgraphError, Located, Origins
from kernelgraph.graph import Apply, Graph, Variable, describe, walk
from kernelgraph.op import Reduction
from kernelgraph.symbols import expect_variables
from kernelgraph.types import TensorType

_CUTS = ("switch", "maximum", "minimum")
"""What lets some derivatives through, element by element, and others not."""

_MUCH_LARGER = 1000


@dataclass(frozen=True)
class Finding(Located):
    """What is suspicious, where it was written, and what to try."""

    code: str
    message: str
    hint: str
    origins: Origins

    def __str__(self) -> str:
        return str(
            KernelgraphError(self.message, code=self.code, origins=self.origins, hint=self.hint)
        )

    __repr__ = __str__


def lint(obj: Any) -> list[Finding]:
    """What is suspicious in a variable, a list of variables or a graph, producers first.

    KG-L001: a result at least 1000 times as large as any operand, because a column met a row.
    KG-L010: a derivative that a switch or a maximum cuts off, and that may be NaN all the same:
    that of an op of one's own, whose derivative gets the 0 as a number.

    >>> import kernelgraph.tensor as T
    >>> x = T.dmatrix("x")
    >>> lint(T.switch(x > 0, T.log(x), 0.0))
    []
    >>> row, column = T.tensor("float64", (1, 2000), "r"), T.tensor("float64", (2000, 1), "c")
    >>> [finding.code for finding in lint(row - column)]
    ['KG-L001']
    """
    outputs: list[Variable] = (
        list(obj.outputs) if isinstance(obj, Graph) else expect_variables(obj, "what is looked at")
    )
    seen: set[Apply] = set()
    return [found for node in walk(outputs) for check in CHECKS for found in check(node, seen)]


def _grown(node: Apply, _: set[Apply]) -> Iterator[Finding]:
    if not isinstance(node.op, Elementwise) or len(node.inputs) < 2:
        return
    sizes = [_known_size(v) for v in (node.outputs[0], *node.inputs)]
    whole, *parts = [size for size in sizes if size is not None] or [0]
    if len(parts) == len(node.inputs) and whole >= _MUCH_LARGER * max(parts):
        yield Finding(
            "KG-L001",
            f"{node.op} of {' and '.join(map(describe, node.inputs))} has {whole} elements",
            "was one of them meant to be turned? x.flatten() takes dimensions of size 1 away",
            node.origins,
        )


def _known_size(variable: Variable) -> int | None:
    shape = variable.type.shape if isinstance(variable.type, TensorType) else (None,)
    known = [size for size in shape if size is not None]
    return prod(known) if len(known) == len(shape) else None


def _not_cut_off(node: Apply, seen: set[Apply]) -> Iterator[Finding]:
    """What stands behind a cut and does not keep its zeros apart; the first cut is told of."""
    if not isinstance(node.op, Elementwise) or node.op.name not in _CUTS:
        return
    for operand in node.inputs[node.op.name == "switch" :]:
        for inner in _behind(operand, seen):
            yield Finding(
                "KG-L010",
                f"{node.op} cuts off elements of an op of your own: where {inner.op} or its "
                "derivative is infinite, the derivative that is cut off is 0 times infinity, "
                "which is NaN",
                f"choose the operand of {inner.op} first: {inner.op}(T.switch(condition, x, 1.0))",
                inner.origins or node.origins,
            )


def _behind(operand: Variable, seen: set[Apply]) -> Iterator[Apply]:
    """The ops of users behind a cut, as far as its mask is carried and nobody has `seen` them."""
    pending = [operand]
    while pending:
        node = pending.pop().owner
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.op.has_own_gradient:
            yield node
        elif isinstance(node.op, Elementwise | Reduction) or node.op.linear is not None:
            pending += node.inputs


CHECKS: tuple[Callable[[Apply, set[Apply]], Iterator[Finding]], ...] = (_grown, _not_cut_off)
"""Every check: a node in, what is suspicious about it out. What stands behind nodes is looked at
once in all: the nodes that checks have seen there.
"""
