"""Whether what a rule put in is as good as what it took out, number by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.rewrite.proof.counter_example import CounterExample, Index, simplicity, tell
from kernelgraph.rewrite.proof.operands import Case
from kernelgraph.rewrite.rule import Rule
from kernelgraph.types import Array

SLACK = 2.0
"""By how many units of the last digit a rule may be worse that is not exact: a rounding or two."""

CANCELS = "rounding where terms cancel"
"""What a rule changes whose old and new forms both take two numbers from each other: where those
are nearly alike, what is left is noise on either side, and the new may have some more of it.
"""

_CANCELLING = 8.0


@dataclass
class Noise:
    """The largest errors of the old and the new form, where terms cancel, over a case's values."""

    old: float = 0.0
    new: float = 0.0

    def excess(self, rule: Rule) -> CounterExample | None:
        """What speaks against a rule whose new form has clearly more of it."""
        if self.new <= _CANCELLING * self.old + SLACK:
            return None
        return CounterExample(
            f"{rule.name}: where terms cancel, it is off by up to {self.new:.3g} units of the "
            f"last digit, not {self.old:.3g}"
        )


@dataclass(frozen=True)
class Compared:
    """How many elements were compared, and the simplest at which the new side is wrong."""

    elements: int
    wrong: CounterExample | None = None


def compare(rule: Rule, case: Case, values: Sequence[Array], noise: Noise) -> Compared:
    """Both sides on one set of operands: how many elements there were, and what is wrong."""
    try:
        (lhs,) = interpret(case.lhs, values)
    except KernelgraphError:
        return Compared(0)  # these sizes do not fit each other
    (rhs,) = interpret(case.rhs, values)
    count = max(1, lhs.size)
    if lhs.dtype != rhs.dtype or lhs.shape != rhs.shape:
        kinds = f"{lhs.dtype}{lhs.shape} becomes {rhs.dtype}{rhs.shape}"
        return Compared(count, CounterExample(f"{rule.name}: {kinds}"))
    if rule.changes is None or lhs.dtype.kind != "f":
        wrong = dict.fromkeys(_differences(lhs, rhs), "")
    else:
        known = noise if rule.changes == CANCELS else None
        wrong = dict(_worse(case, values, lhs, rhs, known))
    if not wrong:
        return Compared(count)
    index = min(wrong, key=lambda place: simplicity(values, place))
    return Compared(count, tell(rule, case, values, (lhs, rhs), index, wrong[index]))


def _differences(lhs: Array, rhs: Array) -> list[Index]:
    """The places where the bits differ; NaNs are all alike."""
    same = lhs == rhs
    if lhs.dtype.kind == "f":
        same &= np.signbit(lhs) == np.signbit(rhs)
        same |= np.isnan(lhs) & np.isnan(rhs)
    return [tuple(map(int, place)) for place in np.argwhere(~same)]


def _worse(
    case: Case, values: Sequence[Array], lhs: Array, rhs: Array, noise: Noise | None
) -> Iterator[tuple[Index, str]]:
    """The places where `rhs` is further from the truth than `lhs`, or hides a NaN, and how.

    Where terms cancel, errors are not compared place by place but gathered as `noise`.
    """
    from kernelgraph.rewrite.proof.truth import error_in_digits, true_values  # needs mpmath

    dtype = coarsest(case.lhs)
    truths = np.broadcast_to(true_values(case.lhs, values), lhs.shape)
    for index in np.ndindex(lhs.shape):
        b, a, truth = lhs[index], rhs[index], truths[index]
        if truth != truth:
            # A difference that was lost in rounding may be 0, or have no logarithm.
            found = noise is not None and not np.isnan(b) and not np.isfinite(a)
            if not found and not _alike(b, a):
                yield index, "no real number is meant"
            continue
        old, new = (error_in_digits(v, truth, dtype) for v in (b, a))
        if noise is not None:
            noise.old, noise.new = max(noise.old, old), max(noise.new, new)
        elif new > old + SLACK:
            off = f"off by {new:.3g} units of the last digit, not {old:.3g}"
            yield index, f"the true value is {float(truth)!r}: {off}"


def coarsest(graph: Graph) -> str:
    """The float dtype with the fewest digits on the way: nobody can be better than those."""
    made = {out.dtype for node in graph.apply_nodes() for out in node.outputs}
    return next((dtype for dtype in ("float16", "float32") if dtype in made), "float64")


def _alike(lhs: Any, rhs: Any) -> bool:
    """Where no true value is known, NaN stays NaN, and numbers change by roundings alone."""
    if np.isnan(lhs) or np.isnan(rhs):
        return bool(np.isnan(lhs) and np.isnan(rhs))
    return bool(lhs == rhs or abs(lhs - rhs) <= (1 + SLACK) * np.spacing(abs(lhs)))
