"""What a function computes in all: outputs with what `givens` put in places, and the updates that
shared variables bring along.

A random stream moves on wherever the function draws from it: its next state is a result of the
nodes that draw, so it depends on all that they depend on, however the graph came about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from kernelgraph.arguments import In, fitting_symbol, read_pairs, update_value
from kernelgraph.errors import Operands, ReplacementError
from kernelgraph.graph import SharedVariable, Variable, describe, leaves, substitute, walk
from kernelgraph.mismatches import mismatched, or_parts
from kernelgraph.op import Control
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.declared import as_type
from kernelgraph.ops.streams import Move, moves, next_state
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import TensorType

Replacements = dict[Variable, Variable]


def read_givens(givens: Any, signature: Sequence[In], strict: bool = True) -> Replacements:
    """What is put in which place; unless `strict`, another dtype is cast.

    What a replacement uses is itself replaced where another pair says so, in whatever order they
    come; what it replaces stands for the original in it. Raises `ReplacementError` (KG-G007,
    KG-G030).
    """
    found: Replacements = {}
    for old, value in read_pairs(givens, "givens"):
        _check_place(old, found, signature)
        found[old] = _replacement(old, value, strict)
    return _all_at_once(found)


def _check_place(old: Variable, found: Replacements, signature: Sequence[In]) -> None:
    if old in found:
        raise ReplacementError(
            f"givens: {describe(old)} is to be replaced twice, by {describe(found[old])} "
            "and by something else",
            code="KG-G007",
            hint="keep one of the pairs",
        )
    if any(old is entry.variable for entry in signature):
        raise ReplacementError(
            f"{describe(old)} is an input, so givens cannot replace it", code="KG-G007"
        )


def _replacement(old: Variable, value: Any, strict: bool) -> Variable:
    """A variable of the type of `old`: checked now where the sizes are known, else in each call."""
    new = fitting_symbol(value, old, f"what replaces {describe(old)}")
    if not (isinstance(old.type, TensorType) and isinstance(new.type, TensorType)):
        if new.type != old.type:
            raise _wrong_type(old, new, None, mismatched(old, new))
        return new
    if not strict and new.dtype != old.dtype:
        new = cast(new, old.dtype)
    if new.ndim != old.ndim:
        axis = "x.dimshuffle(…, 'x') adds a dimension, x[0] or x.sum(axis=0) takes one away"
        hint = f"{describe(old)} has {old.ndim} dimensions, {describe(new)} has {new.ndim}: {axis}"
        raise _wrong_type(old, new, hint, mismatched(old, new))
    if new.dtype != old.dtype:
        hint = or_parts(new, old.dtype, "rebuild_strict=False casts to the other dtype")
        raise _wrong_type(old, new, hint, mismatched(old, new))
    return as_type(new, old)


def _wrong_type(old: Variable, new: Variable, hint: str | None, sides: Operands) -> Exception:
    return ReplacementError(
        f"givens: {describe(old)} cannot be replaced by {describe(new)}: another type",
        hint=hint,
        operands=sides,
    )


def _all_at_once(found: Replacements) -> Replacements:
    """The replacements with what they use replaced. Raises `ReplacementError` for a circle."""
    uses = {old: _used(new, found) - {old} for old, new in found.items()}
    done: Replacements = {}
    while len(done) < len(found):
        ready = [old for old in found if old not in done and uses[old] <= done.keys()]
        if not ready:
            circle = [old for old in found if old not in done]
            raise ReplacementError(
                "givens: each of these is replaced by something that uses another: "
                + ", ".join(map(describe, circle)),
                code="KG-G007",
                hint="replace one of them by an expression of inputs or shared variables",
            )
        for old in ready:
            inside = {v: done[v] for v in uses[old]}
            done[old] = substitute([found[old]], inside)[0] if inside else found[old]
    return done


def _used(new: Variable, places: Replacements) -> set[Variable]:
    """The replaced variables that `new` is made of."""
    inner = (v for node in walk([new], places) for v in node.inputs)
    return {v for v in (new, *inner) if v in places}


@dataclass
class Wanted:
    """What a function computes: `outputs` as the user wrote them, and `updates` besides.

    `inputs` have values of their own; of the shared variables, `skipped` bring no updates.
    """

    outputs: Sequence[Variable]
    inputs: Sequence[Variable]
    replacements: Replacements
    skipped: set[Variable]
    written: dict[SharedVariable, Variable] = field(default_factory=dict[SharedVariable, Variable])

    def resolve(self) -> tuple[list[Variable], list[tuple[SharedVariable, Variable]]]:
        """The outputs with all that is replaced, and the updates that shared variables bring
        along, in the order in which the variables are met.
        """
        while True:
            everything = [*self.outputs, *self.written.values()]
            new = substitute(everything, self.replacements)
            drawn = moves(walk(new, self.inputs))
            found = [v for v in leaves(new, self.inputs) if self._brings_update(v)]
            more = [
                v for v in found if v not in self.written and not _moves_on(v, drawn.get(v, []))
            ]
            if not more:
                break
            for v in more:
                self.written[v] = update_value(v, v.default_update)
        count = len(self.outputs)
        written = dict(zip(self.written, new[count:], strict=True))
        updates = [(v, written[v] if v in written else next_state(v, drawn[v])) for v in found]
        return new[:count], updates

    def _brings_update(self, variable: Variable) -> TypeGuard[SharedVariable]:
        return (
            isinstance(variable, SharedVariable)
            and variable.default_update is not None
            and variable not in self.skipped
        )


def _moves_on(state: SharedVariable, drawn: list[Move]) -> bool:
    """Whether the nodes that draw from a state say what it becomes, and no update of the user's."""
    default = state.default_update
    known = None if default is None else expect_variable(default, "the update of a shared variable")
    owner = None if known is None else known.owner
    by_stream = (
        owner is not None
        and default is not None
        and any(output == default.index for output in owner.op.next_states(owner).values())
    )
    return bool(drawn) and (by_stream or any(isinstance(n.op, Control) for n, _ in drawn))


def with_updates(
    outputs: Sequence[Variable],
    last: int,
    signature: Sequence[In],
    replacements: Replacements,
    left_out: Any,
    given: Sequence[SharedVariable],
) -> tuple[list[Variable], list[SharedVariable]]:
    """The outputs with what is replaced and, before the `last` so many, the updates that shared
    variables bring along, but for those `given` or `left_out` (True: all); and all variables that
    are updated.
    """
    if left_out is True:
        return substitute(list(outputs), replacements), list(given)
    named: Any = [] if left_out is False or left_out is None else left_out
    skipped: set[Variable] = {*given, *expect_variables(named, "no_default_updates")}
    inputs = [item.variable for item in signature]
    new, found = Wanted(outputs, inputs, replacements, skipped).resolve()
    end = len(new) - last
    wanted = [*new[:end], *(update for _, update in found), *new[end:]]
    return wanted, [*given, *(v for v, _ in found)]
