"""`clone` and `graph_replace`: expressions built anew, with variables replaced."""

from __future__ import annotations

from typing import Any

from kernelgraph.errors import ReplacementError
from kernelgraph.expect import expect_flag, expect_pairs
from kernelgraph.graph import Constant, Variable, describe, leaves, substitute, walk
from kernelgraph.mismatches import mismatched
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import TensorType


def clone(output: Any, replace: Any = None, strict: bool = True, share_inputs: bool = True) -> Any:
    """`output`, a variable or a list of them, built anew with variables replaced.

    A replacement may use what it replaces: `{x: x - x.mean()}`. It has the dtype and the dimensions
    of what it replaces; unless `strict`, it may have others, and what is computed of it, too.
    Unless `share_inputs`, the inputs become new ones as well. Raises `ArgumentError` for what are
    no variables, `ReplacementError` (KG-G030) for a variable of another kind.

    >>> import kernelgraph.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> float(clone(x * 2, {x: y + 1}).eval({y: 3.0}))
    8.0
    """
    outputs = expect_variables(output, "what is cloned")
    strict = expect_flag(strict, "strict")
    pairs = expect_pairs(replace, "replace", "old, new")
    replacements = dict(_replacement(old, new, strict) for old, new in pairs)
    if not expect_flag(share_inputs, "share_inputs"):
        inputs = [v for v in leaves(outputs) if not isinstance(v, Constant)]
        replacements = {v: v.clone() for v in inputs} | replacements
    found = substitute(outputs, replacements)
    return found if isinstance(output, list | tuple) else found[0]


def graph_replace(outputs: Any, replace: Any = None, *, strict: bool = True) -> Any:
    """`outputs`, a variable or a list of them, with variables inside replaced by others.

    What does not depend on them is shared, not copied. Raises `ReplacementError` (KG-G030) for a
    variable of another type and, if `strict`, for one that the outputs do not need.
    """
    wanted = expect_variables(outputs, "the outputs")
    pairs = expect_pairs(replace, "replace", "old, new")
    replacements = dict(_replacement(old, new, strict=True) for old, new in pairs)
    if expect_flag(strict, "strict"):
        needed = {v for node in walk(wanted) for v in (*node.inputs, *node.outputs)} | {*wanted}
        for old in replacements:
            if old not in needed:
                raise ReplacementError(
                    f"the outputs do not need {describe(old)}, which is to be replaced",
                    origins=old.where,
                    hint="strict=False leaves it at that",
                )
    found = substitute(wanted, replacements)
    return found if isinstance(outputs, list | tuple) else found[0]


def _replacement(old: Any, new: Any, strict: bool) -> tuple[Variable, Variable]:
    """What is replaced and by what; both are arrays, or neither is."""
    old = expect_variable(old, "what is replaced")
    new = expect_variable(new, f"what replaces {describe(old)}")
    fits = type(old.type) is type(new.type)
    if fits and strict and isinstance(old.type, TensorType):
        fits = (old.dtype, old.ndim) == (new.dtype, new.ndim)
    if not fits:
        is_array = isinstance(old.type, TensorType) and isinstance(new.type, TensorType)
        raise ReplacementError(
            f"{describe(old)} cannot be replaced by {describe(new)}: another type",
            origins=new.where,
            hint="T.cast gives it the dtype, x.dimshuffle dimensions" if is_array else None,
            operands=mismatched(old, new),
        )
    return old, new
