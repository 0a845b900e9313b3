"""Expressions that compute what they say and are rarely meant: `kg.lint(cost)` names them.

A finding is no error. Each has a code, the place in the user's code, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.errors import KernelgraphError, Origins
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe, walk
from kernelgraph.symbols import expect_variables
from kernelgraph.types import TensorType

_STEEP = ("log", "log1p", "sqrt", "true_div", "pow")
"""Functions whose slope can be infinite where they themselves are defined or were not chosen."""

_BOUNDS = ("switch", "maximum", "minimum")
"""What keeps an operand where a slope is finite."""

_MUCH_LARGER = 1000


@dataclass(frozen=True)
class Finding:
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
    KG-L010: `switch(x > 0, log(x), 0)`: where 0 is chosen the value is 0, but the slope is 0 times
    that of log(x), which may be infinite, so it is NaN.

    >>> import kernelgraph.tensor as T
    >>> x = T.dscalar("x")
    >>> [finding.code for finding in lint(T.switch(x > 0, T.log(x), 0.0))]
    ['KG-L010']
    >>> lint(T.switch(x > 0, T.log(T.switch(x > 0, x, 1.0)), 0.0))
    []
    """
    outputs: list[Variable] = (
        list(obj.outputs) if isinstance(obj, Graph) else expect_variables(obj, "what is looked at")
    )
    return [found for node in walk(outputs) for check in CHECKS for found in check(node)]


def _grown(node: Apply) -> Iterator[Finding]:
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
    if not isinstance(variable.type, TensorType):
        return None
    size = 1
    for length in variable.type.shape:
        if length is None:
            return None
        size *= length
    return size


def _unshielded(node: Apply) -> Iterator[Finding]:
    if not _is(node, "switch"):
        return
    for branch in node.inputs[1:]:
        steep = _steep_inside(branch)
        if steep is not None:
            yield Finding(
                "KG-L010",
                f"{node.op} chooses between values, but its slope takes in that of {steep.op}, "
                "which may be infinite where it is not chosen: 0 times infinity is NaN",
                f"choose the operand first: {steep.op}(switch(condition, x, 1.0))",
                node.origins,
            )


def _steep_inside(branch: Variable) -> Apply | None:
    """A steep function of something that no switch keeps in bounds, on the elementwise way up."""
    pending = [branch]
    seen: set[Apply] = set()
    while pending:
        node = pending.pop().owner
        if node is None or node in seen or not isinstance(node.op, Elementwise):
            continue
        seen.add(node)
        if _is(node, *_BOUNDS):
            continue
        if _is(node, *_STEEP) and not _is_harmless(node):
            return node
        pending += node.inputs
    return None


def _is_harmless(node: Apply) -> bool:
    """Whether the slope of a steep function is finite after all: for constants, for operands that
    are kept in bounds, for whole powers from 1 on.
    """
    if _is(node, "pow"):
        base, exponent = map(_unpadded, node.inputs)
        number = exponent.scalar if isinstance(exponent, Constant) else None
        return isinstance(base, Constant) or (number is not None and number >= 1)
    operand = _unpadded(node.inputs[-1])
    kept = operand.owner is not None and _is(operand.owner, *_BOUNDS)
    return kept or isinstance(operand, Constant)


def _unpadded(variable: Variable) -> Variable:
    """Without the dimensions of size 1 that broadcasting put in."""
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, DimShuffle) else variable


def _is(node: Apply, *names: str) -> bool:
    return isinstance(node.op, Elementwise) and node.op.name in names


CHECKS: tuple[Callable[[Apply], Iterator[Finding]], ...] = (_grown, _unshielded)
"""Every check: a node in, what is suspicious about it out."""
