"""Writes docs/RULES.md, the page of all rewrite rules, with a picture of each in docs/rules/.

`./kg python tools/rules.py` after a change of rules; a test compares the page with what this would
write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import theano_rewrites

import kernelgraph as kg
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.proof.check import Examination, examine
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import PHASES
from kernelgraph.viz.rules import example_sides

DOCS = Path(__file__).resolve().parents[1] / "docs"

HEAD = """\
# Rules

What rewriting may do to an expression, and why. The page is written by `tools/rules.py` from the
rules themselves and from trying to refute each of them.

*Exact* rules give the same bits, NaNs, infinities and signs of zero included; any other says what
changes, and was compared with the true value (mpmath): its result is no further from it than the
old one. *Tested* tells how many programs were made of the rule's examples, of all dtypes and shapes
that it admits, and on how many operands they ran; *proved* stands only where that was all operands
there are, which is so for one or two vectors of 8-bit integers.

Gradients are made before any rule is asked. What a switch, a mask, a maximum, an index or a branch
cuts off has derivative 0, whatever stands behind it: in a gradient, the choice stands outside of
the products (`kernelgraph/ops/derivatives.py`), so that no 0 meets an infinity there. A condition
holds where it is not 0. A kink has one derivative: 0 for relu, for abs at 0, for the root of a sum
of squares at 0; elements that tie in max, min, maximum or minimum have equal shares of it.
"""

PHASE_NOTES = {
    "merge": "What is written twice is computed once.",
    "fold": "Constants are computed while compiling.",
    "simplify": "Less to compute, the same numbers.",
    "stabilize": "The same function of the reals, with digits that the first writing of it lost.",
    "inner": "Graphs inside loops and branches.",
    "expand": "Composite ops are taken apart, so that loops can fuse their parts.",
}

THEANO = {
    "merge": "MergeOptimizer", "fold": "constant_folding", "times_one": "local_mul_canonizer",
    "divided_by_one": "local_mul_canonizer", "minus_zero": "local_add_canonizer",
    "plus_zero": "local_add_canonizer", "power_one": "local_pow_specialize",
    "power_zero": "local_pow_specialize", "power_two": "local_pow_specialize",
    "integer_times_zero": "local_mul_zero", "integer_minus_itself": "local_add_canonizer",
    "negative_twice": "local_neg_neg", "times_minus_one": "local_mul_specialize",
    "plus_negative": "local_add_specialize", "negative_divided": "local_neg_div_neg",
    "negative_times": "local_mul_canonizer", "times_reciprocal": "local_mul_canonizer",
    "choice_made": "local_useless_switch", "choice_refused": "local_useless_switch",
    "choice_of_one": "local_useless_switch", "cast_twice": "local_cast_cast",
    "shuffle_once": "local_dimshuffle_lift", "single_axes_last": "local_dimshuffle_lift",
    "negative_of_shuffled": "local_dimshuffle_lift",
    "transpose_of_dot": "local_lift_transpose_through_dot",
    "broadcast_late": "local_fill_sink", "broadcast_twice": "local_fill_sink",
    "reduce_one": "local_useless_reduce", "reduce_without_single_axes": "local_useless_reduce",
    "size_of_source": "local_shape_to_shape_i",
    "item_of_stack": "local_subtensor_make_vector",
    "negative_out_of_sum": "local_sum_prod_mul_by_scalar",
    "sum_of_one_number": "local_sum_of_alloc", "constants_together": "local_mul_canonizer",
    "log_of_exp": "local_func_inv", "log_one_plus": "local_log1p", "log_one_minus": "local_log1p",
    "log1p_of_exp": "log1pexp_to_softplus", "log_one_plus_exp": "log1pexp_to_softplus",
    "exp_minus_one": "local_expm1", "log_of_sigmoid": "logsigm_to_softplus",
    "sigmoid_of": "local_inv_1_plus_exp", "sigmoid_of_negative": "local_inv_1_plus_exp",
    "one_minus_sigmoid": "local_1msigmoid", "exp_times_sigmoid": "local_sigm_times_exp",
    "log_of_softmax": "local_logsoftmax", "softmax_by_hand": "local_softmax_simplification",
    "derivative_of_cross_entropy": "crossentropy_softmax_1hot_with_bias",
    "derivative_of_softmax": "local_softmax_grad_to_crossentropy_grad",
    "log_sum_exp": "local_log_sum_exp", "inside": "scan_inplace",
    "product_of_one": "local_mul_to_sqr", "log_of_two_exps": "local_log_add",
    "part_is_all": "local_useless_slice", "part_of_elementwise": "local_subtensor_lift",
    "part_of_dot": "local_subtensor_of_dot", "reshape_of_flat": "local_reshape_chain",
    "reshape_to_itself": "local_useless_reshape", "reduce_twice": "local_op_of_op",
    "power_minus_one": "local_pow_specialize", "whole_divided_by_one": "local_intdiv_by_one",
    "log_of_erfc": "local_log_erfc", "derivative_of_log_erfc": "local_grad_log_erfc_neg",
    "one_minus_erf": "local_one_minus_erf", "erf_minus_one": "local_erf_minus_one",
    "one_minus_erfc": "local_one_minus_erfc",
}  # fmt: skip
"""Which of Theano's rewrites do the same, where one does."""


def entry(rule: Rule, found: Examination) -> Iterator[str]:
    """The paragraph of a rule."""
    yield f"### {rule.name}\n"
    yield f"{rule.why}\n"
    sides = example_sides(rule)
    if sides is not None:
        before, after = (formula(side) for side in sides)
        yield f"`{before}` → `{after}`\n"
        yield f"![before and after](rules/{rule.name}.svg)\n"
    changes = "exact" if rule.changes is None else f"changes {rule.changes}"
    facts = [f"- {changes}"]
    if rule.where:
        domains = ", ".join(f"{name}: {domain}" for name, domain in rule.where.items())
        facts.append(f"- examples for {domains}")
    programs, cases = (f"{n:,}".replace(",", " ") for n in (found.programs, found.cases))
    facts.append(f"- tested: {programs} programs, {cases} operands")
    if found.enumerated and rule.changes is None:
        facts.append(f"- proved for {', '.join(found.enumerated)}: all operands were tried")
    if rule.name in THEANO:
        facts.append(f"- in Theano: `{THEANO[rule.name]}`")
    file = rule.place.filename.replace("\\", "/").rpartition("kernelgraph/")[2]
    facts.append(f"- defined in `kernelgraph/{file}`")
    yield "\n".join(facts) + "\n"


def page(examinations: dict[str, Examination]) -> str:
    """The whole page."""
    parts = [HEAD]
    for phase in PHASES:
        rules = [rule for rule in DEFAULT if rule.phase == phase]
        if rules:
            parts.append(f"## {phase.capitalize()}\n")
            parts.append(f"{PHASE_NOTES[phase]} {len(rules)} rules.\n")
        for rule in rules:
            parts += entry(rule, examinations[rule.name])
    return "\n".join([*parts, theano_rewrites.section()])


def drawing(rule: Rule) -> str | None:
    """Both sides of a rule's first example, side by side."""
    sides = example_sides(rule)
    if sides is None:
        return None
    pictures = [kg.show(side).svg for side in sides]
    sizes = [_size(text) for text in pictures]
    gap, height = 60, max(h for _, h in sizes)
    width = sizes[0][0] + gap + sizes[1][0]
    left, right = (
        _placed(text, x) for text, x in zip(pictures, (0, sizes[0][0] + gap), strict=True)
    )
    arrow = (
        f'<text x="{sizes[0][0] + gap / 2:g}" y="{height / 2:g}" text-anchor="middle" '
        'font-size="28" fill="#666">→</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">{left}{arrow}{right}</svg>\n'
    )


def _size(svg: str) -> tuple[float, float]:
    box = re.search(r'viewBox="([^"]*)"', svg)
    assert box is not None
    _, _, width, height = map(float, box[1].split())
    return width, height


def _placed(svg: str, x: float) -> str:
    width, height = _size(svg)
    attributes = f'<svg x="{x:g}" y="0" width="{width:g}" height="{height:g}"'
    return re.sub(r'<svg\b([^>]*?)\s(?:width|height)="[^"]*"', r"<svg\1", svg, count=2).replace(
        "<svg", attributes, 1
    )


def main() -> None:
    """Write the page and the pictures."""
    (DOCS / "rules").mkdir(exist_ok=True)
    for rule in DEFAULT:
        svg = drawing(rule)
        if svg is not None:
            (DOCS / "rules" / f"{rule.name}.svg").write_text(svg, encoding="utf-8")
    examinations = {rule.name: examine(rule) for rule in DEFAULT}
    (DOCS / "RULES.md").write_text(page(examinations), encoding="utf-8")
    wrong = [name for name, found in examinations.items() if found.counter_example]
    sys.exit(f"refuted: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
