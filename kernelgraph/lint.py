"""Expressions that compute what they say and are rarely meant: `kg.lint(cost)` names them.

A finding is no error. Each has a code, the place in the user's code, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.errors import KernelgraphError, Located, Origins
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe, walk
from kernelgraph.op import Reduction
from kernelgraph.ops.contraction import Dot
from kernelgraph.symbols import expect_variables
from kernelgraph.types import TensorType

_CUTS = ("switch", "maximum", "minimum")
"""What lets some slopes through, element by element, and others not."""

_STEEP = ("log", "log1p", "sqrt", "true_div", "pow")
"""Functions that are infinite, or no number, for some finite ones."""

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
    KG-L010: a slope that a switch or a maximum cuts off, and that is NaN all the same, since the 0
    cannot be kept apart from an infinity: elements of a product of matrices that are not finite, or
    an op of one's own, whose derivative gets the 0 as a number.
    KG-L011: the square of a root, whose slope is 0 times infinity at 0.

    >>> import kernelgraph.tensor as T
    >>> x = T.dmatrix("x")
    >>> lint(T.switch(x > 0, T.log(x), 0.0))
    []
    >>> [finding.code for finding in lint(T.switch(x > 0, T.dot(T.log(x), x), 0.0))]
    ['KG-L010']
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


def _not_cut_off(node: Apply) -> Iterator[Finding]:
    """What stands behind a cut and does not keep its zeros apart."""
    if not _is(node, *_CUTS):
        return
    for operand in node.inputs[node.op.name == "switch" :]:
        for inner in _behind(operand):
            steep = _steep_factor(inner) if isinstance(inner.op, Dot) else inner
            if steep is None:
                continue
            kind = "a product of matrices" if isinstance(inner.op, Dot) else "an op of your own"
            yield Finding(
                "KG-L010",
                f"{node.op} cuts off elements of {kind}: where {steep.op} or its slope is "
                "infinite, the slope that is cut off is 0 times infinity, which is NaN",
                f"choose the operand of {steep.op} first: {steep.op}(T.switch(condition, x, 1.0))",
                steep.origins or node.origins,
            )


def _behind(operand: Variable) -> Iterator[Apply]:
    """The products of matrices and the ops of users behind a cut, as far as its mask is carried."""
    pending = [operand]
    seen: set[Apply] = set()
    while pending:
        node = pending.pop().owner
        if node is None or node in seen:
            continue
        seen.add(node)
        own = hasattr(node.op, "grad") or hasattr(node.op, "L_op")
        if own or (isinstance(node.op, Dot) and all(v.ndim == 2 for v in node.inputs)):
            yield node
        elif isinstance(node.op, Elementwise | Reduction) or node.op.linear is not None:
            pending += node.inputs


def _steep_factor(product: Apply) -> Apply | None:
    """What makes an operand of a product infinite, if anything does."""
    return next((node for node in walk(product.inputs) if _is_steep(node)), None)


def _is_steep(node: Apply) -> bool:
    """Whether this is infinite, or no number, for some numbers that its operands may be."""
    if not _is(node, *_STEEP):
        return False
    if _is(node, "pow"):
        base, exponent = map(_unpadded, node.inputs)
        number = exponent.scalar if isinstance(exponent, Constant) else None
        return not isinstance(base, Constant) and (number is None or number < 1)
    operand = _unpadded(node.inputs[-1])
    kept = operand.owner is not None and _is(operand.owner, *_CUTS)
    return not kept and not isinstance(operand, Constant)


def _squared_root(node: Apply) -> Iterator[Finding]:
    """The square of a root."""
    operands = [_unpadded(v) for v in node.inputs]
    square = (
        _is(node, "sqr")
        or (_is(node, "mul") and operands[0] is operands[1])
        or (_is(node, "pow") and isinstance(operands[1], Constant) and operands[1].scalar == 2)
    )
    root = operands[0].owner if square else None
    if root is not None and _is(root, "sqrt"):
        yield Finding(
            "KG-L011",
            f"{node.op} of {root.op}: at 0 its slope is 0 times infinity, which is NaN",
            "leave both out",
            root.origins or node.origins,
        )


def _unpadded(variable: Variable) -> Variable:
    """Without the dimensions of size 1 that broadcasting put in."""
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, DimShuffle) else variable


def _is(node: Apply, *names: str) -> bool:
    return isinstance(node.op, Elementwise) and node.op.name in names


CHECKS: tuple[Callable[[Apply], Iterator[Finding]], ...] = (_grown, _not_cut_off, _squared_root)
"""Every check: a node in, what is suspicious about it out."""
