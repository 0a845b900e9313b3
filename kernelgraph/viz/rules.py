"""Rules as people see them: what is written instead of what, why, and what speaks against it.

A rule comes in, text or HTML goes out. Showing a rule tries it: a counter-example is shown as a
program, and without one stands how much was tried, and what of it was all there is.
"""

from __future__ import annotations

import inspect

from kernelgraph.graph import Graph, Variable, leaves
from kernelgraph.op import as_variable
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.proof.check import Examination
from kernelgraph.rewrite.proof.verdicts import verdict_on
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.words import RANKS
from kernelgraph.types import TensorType
from kernelgraph.viz.display import Bundle, bundle, graph_figure
from kernelgraph.viz.html.fragments import fold, frame, guarded, line_of_code, preformatted
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.text.words import count

LhsRhs = tuple[Variable, Variable]


def verdict(rule: Rule) -> str:
    """One sentence: refuted, proved, or tested, and on how much.

    >>> from kernelgraph.ops.functions import exp
    >>> from kernelgraph.rewrite.rule import rule
    >>> @rule
    ... def nothing_lost(x):
    ...     '''Twice negative is positive.'''
    ...     return -(-x), x
    >>> verdict(nothing_lost).startswith("no counter-example: tested on")
    True
    """
    found = verdict_on(rule)
    if isinstance(found, str):
        return found
    if found.counter_example is not None:
        return f"refuted: {found.counter_example.removeprefix(f'{rule.name}: ')}"
    tested = f"{found.cases:,} operands in {count(found.programs, 'program')}".replace(",", " ")
    sentence = f"no counter-example: tested on {tested}"
    if found.enumerated and rule.changes is None:
        sentence += f"; proved for {', '.join(found.enumerated)}: all operands were tried"
    return sentence


def example_sides(rule: Rule) -> LhsRhs | None:
    """A rule's first example, as variables of the first types that fit it."""
    for build in rule.examples[:1]:
        for dtype in ("float64", "int64"):
            variables = [
                Variable(_type(rule.where.get(name, ""), dtype), name)
                for name in inspect.signature(build).parameters
            ]
            try:
                before, after = build(*variables)
                sides = before, after() if callable(after) else after
                return as_variable(sides[0]), as_variable(sides[1])
            except Exception:  # what is wrong with an example stands in the verdict
                continue
    return None


def _type(domain: str, dtype: str) -> TensorType:
    words = domain.split()
    shape = next((RANKS[word] for word in words if word in RANKS), (None,))
    return TensorType("int64" if "integer" in words else dtype, shape)


def rule_text(rule: Rule) -> str:
    """The rule with its verdict, as lines of text."""
    found = verdict_on(rule)
    code = found.code if isinstance(found, Examination) else None
    lines = [_equation(rule), f"why: {rule.why}", f"promise: {_exactness(rule)}", verdict(rule)]
    return "\n".join([*lines, *(f"    {line}" for line in (code or "").splitlines())])


def rule_html(rule: Rule) -> Markup:
    """The rule with its verdict and a picture of both sides."""
    found = verdict_on(rule)
    refuted = isinstance(found, Examination) and found.counter_example is not None
    mark = "✗" if refuted else "✓" if isinstance(found, Examination) else "–"
    parts = [
        line_of_code(_equation(rule)),
        html("p", None, rule.why),
        html("p", None, html("strong", None, f"{mark} {verdict(rule)}")),
        html("p", None, f"promise: {_exactness(rule)}"),
    ]
    if isinstance(found, Examination) and found.code is not None:
        parts.append(
            fold("the counter-example as a program", preformatted(found.code), is_open=True)
        )
    parts.append(guarded(lambda: fold("before and after", _pictures(rule))))
    return join(parts)


def _equation(rule: Rule) -> str:
    sides = example_sides(rule)
    if sides is None:
        return rule.name
    before, after = map(formula, sides)
    return f"{rule.name}: {before} → {after}"


def _exactness(rule: Rule) -> str:
    return "exact: the same bits" if rule.changes is None else f"changes {rule.changes}"


def _pictures(rule: Rule) -> Markup:
    sides = example_sides(rule)
    if sides is None:
        return html("p", None, "there is no example to draw")
    ends = [tuple(v for v in leaves([side]) if v.name is not None) for side in sides]
    return join([graph_figure(Graph(*each)) for each in zip(ends, zip(sides), strict=True)])


@bundle.register
def _(value: Rule) -> Bundle:
    return {"text/html": frame("rule", rule_html(value)), "text/plain": rule_text(value)}
