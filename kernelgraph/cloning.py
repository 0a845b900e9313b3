"""`clone`: expressions built anew, with variables replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernelgraph.errors import ReplacementError
from kernelgraph.expect import expect_flag, expect_pairs
from kernelgraph.graph import Constant, Variable, describe, leaves, substitute
from kernelgraph.mismatches import mismatched
from kernelgraph.symbols import expect_variable, expect_variables


def clone(
    output: Any, replace: Mapping[Variable, Variable] | None = None, share_inputs: bool = True
) -> Any:
    """`output`, a variable or a list of them, built anew with variables replaced.

    A replacement may use what it replaces: `{x: x - x.mean()}`. Unless `share_inputs`, the inputs
    become new ones as well. Raises `ArgumentError` for what are no variables, `ReplacementError`
    for a variable of another kind.
    """
    outputs = expect_variables(output, "what is cloned")
    pairs = expect_pairs(replace, "replace", "old, new")
    replacements = dict(_replacement(old, new) for old, new in pairs)
    if not expect_flag(share_inputs, "share_inputs"):
        inputs = [v for v in leaves(outputs) if not isinstance(v, Constant)]
        replacements = {v: v.clone() for v in inputs} | replacements
    found = substitute(outputs, replacements)
    return found if isinstance(output, list | tuple) else found[0]


def _replacement(old: Any, new: Any) -> tuple[Variable, Variable]:
    """What is replaced and by what; both are arrays, or neither is."""
    old = expect_variable(old, "what is replaced")
    new = expect_variable(new, f"what replaces {describe(old)}")
    if type(old.type) is not type(new.type):
        raise ReplacementError(
            f"{describe(old)} cannot be replaced by {describe(new)}: another type",
            operands=mismatched(old, new),
        )
    return old, new
