"""Derivatives that know where they are cut off: what both modes of differentiation carry.

What a switch, a mask, a maximum or an index does not let through has derivative 0, whatever stands
behind it. The number 0 cannot say that: further on it would meet the derivative of what stands
behind, and 0 times infinity is NaN. So a cotangent or a tangent is its numbers and, where something
cuts it off, a mask. Numbers outside the mask mean nothing. Zeros take their place once, outermost,
after all products of a chain: `settled` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernelgraph.graph import Variable
from kernelgraph.ops.arithmetic import eq, neq, switch
from kernelgraph.ops.broadcasting import broadcast_like, full_like
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.kinks import is_nothing
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.special_values import isfinite
from kernelgraph.partials import Only, RealLinear
from kernelgraph.types import is_complex


@dataclass(frozen=True)
class Derivative:
    """A cotangent or a tangent: `value` where `where` holds (None: everywhere), 0 elsewhere.

    `pending` is the part of the mask that `value` still has to be given: outside `where` but inside
    `pending` it is 0 already. Masks may have size 1 where `value` has more. Of numbers that came
    without a mask, `guard` says where they were not 0: where it does not hold, what is infinite or
    NaN cuts off, and nothing else does, so that a number that happens to be 0 has derivatives.
    """

    value: Variable
    where: Variable | None = None
    pending: Variable | None = None
    guard: Variable | None = None

    def settled(self) -> Variable:
        """The numbers, with zeros where the derivative is cut off."""
        if self.pending is None:
            return self.value
        return switch(self.pending, self.value, _zero(self.value))

    def holding(self, value: Variable) -> Derivative:
        """The same with these numbers in place of its own."""
        return self if value is self.value else replace(self, value=value)

    def times(self, partial: Any) -> Derivative:
        """The product with a partial derivative: `Only`, a variable, or a number."""
        if isinstance(partial, Only):
            return self.only(partial.condition).times(partial.derivative)
        if isinstance(partial, Variable):  # it may be infinite where this is cut off
            kept = self if self.guard is None else self.guarded(finite(partial))
            return Derivative(self.value * partial, kept.where, kept.where, self.guard)
        if partial in (1, -1):
            return self if partial == 1 else replace(self, value=-self.value)
        return replace(self, value=self.value * partial)

    def only(self, condition: Variable) -> Derivative:
        """Cut off where the condition does not hold."""
        where, pending = both(self.where, condition), both(self.pending, condition)
        return replace(self, where=where, pending=pending)

    def plus(self, other: Derivative) -> Derivative:
        """The sum, cut off where both are."""
        same = self.where is other.where and self.pending is other.pending
        if same and self.guard is other.guard:
            return replace(self, value=self.value + other.value)
        where, guard = either(self.where, other.where), either(self.guard, other.guard)
        return Derivative(self.settled() + other.settled(), where, guard=guard)

    def moved(self, move: Callable[[Variable], Variable]) -> Derivative:
        """The same numbers elsewhere: `move` takes numbers and masks alike."""
        masks = (None if mask is None else move(mask) for mask in self.masks)
        return Derivative(move(self.value), *map(as_mask, masks))

    @property
    def masks(self) -> tuple[Variable | None, Variable | None, Variable | None]:
        """All masks, in their order."""
        return self.where, self.pending, self.guard

    def added(self, add: Callable[[Variable], Variable]) -> Derivative:
        """Numbers added together by `add`: a sum counts where one of its terms does."""
        where, guard = (m if m is None else as_mask(add(m)) for m in (self.where, self.guard))
        return Derivative(add(self.settled()), where, guard=guard)

    def with_full_masks(self) -> Derivative:
        """The same with masks of all of the sizes of `value`."""
        full = (None if m is None else broadcast_like(m, self.value) for m in self.masks)
        return Derivative(self.value, *full)

    def guarded(self, meets: Variable) -> Derivative:
        """Cut off where numbers were 0 and what they meet is not finite, as `meets` says."""
        if self.guard is None:
            return self
        counts = either(self.guard, meets)
        return self if counts is None else self.only(counts)

    def counted(self) -> Variable:
        """The mask, also where nothing is cut off."""
        return full_like(self.value, True, "bool") if self.where is None else self.where


def passed_back(g: Derivative, partial: Any) -> Derivative:
    """The cotangent of an operand from that of the result. Of a complex number z it is
    dC/dRe(z) + i dC/dIm(z), so it is multiplied by the conjugate of the derivative.
    """
    if isinstance(partial, RealLinear):
        return _mapped(g, partial, partial.backward)
    return g.times(_conjugated(partial))


def passed_on(t: Derivative, partial: Any) -> Derivative:
    """The tangent of the result from that of an operand."""
    if isinstance(partial, RealLinear):
        return _mapped(t, partial, partial.forward)
    return t.times(partial)


def _mapped(
    derivative: Derivative, partial: RealLinear, change: Callable[[Any], Any]
) -> Derivative:
    if partial.condition is not None:
        derivative = derivative.only(partial.condition)
    where = derivative.where
    return Derivative(change(derivative.value), where, where, derivative.guard)


def _conjugated(partial: Any) -> Any:
    if isinstance(partial, Only):
        return Only(partial.condition, _conjugated(partial.derivative))
    return conjugate(partial) if isinstance(partial, Variable) else partial


Derivatives = Sequence[Derivative | None]
"""Cotangents or tangents; None stands for no dependence."""


def total(derivatives: Sequence[Derivative]) -> Derivative | None:
    """The sum of derivatives; None of none."""
    found: Derivative | None = None
    for derivative in derivatives:
        found = derivative if found is None else found.plus(derivative)
    return found


def settled(derivatives: Derivatives) -> list[Variable | None]:
    """The numbers of each."""
    return [None if derivative is None else derivative.settled() for derivative in derivatives]


def plain(values: Sequence[Variable | None]) -> list[Derivative | None]:
    """Derivatives of which nothing is cut off."""
    return [None if value is None else Derivative(value) for value in values]


def by_numbers(value: Variable | None) -> Derivative | None:
    """A derivative that came as numbers alone: what was cut off is 0."""
    return None if value is None else Derivative(value, guard=as_mask(value))


def as_mask(numbers: Variable | None) -> Variable | None:
    """Whether numbers are not 0."""
    if numbers is None or numbers.dtype == "bool":
        return numbers
    return neq(numbers, _zero(numbers))


def both(a: Variable | None, b: Variable | None) -> Variable | None:
    """Where both masks hold."""
    if a is None or b is None or a is b:
        return b if a is None else a
    return a * b


def either(a: Variable | None, b: Variable | None) -> Variable | None:
    """Where one of two masks holds; None, everywhere, also for a condition and its opposite."""
    if a is None or b is None or _is_opposite(a, b) or _is_opposite(b, a):
        return None
    return a if a is b else a + b


def _is_opposite(a: Variable, b: Variable) -> bool:
    """Whether a is `x == 0`, and b is x itself, or `x != 0`."""
    if a.owner is None or a.owner.op != eq or not is_nothing(a.owner.inputs[1]):
        return False
    x = a.owner.inputs[0]
    if b.owner is not None and b.owner.op == neq and b.owner.inputs[0] is x:
        return is_nothing(b.owner.inputs[1])
    return x is b


def finite(numbers: Variable) -> Variable:
    """Whether numbers are no infinities and no NaN."""
    whole = is_complex(numbers.dtype)
    return eq(numbers - numbers, _zero(numbers)) if whole else isfinite(numbers)


def all_finite(numbers: Variable, axes: Sequence[int]) -> Variable:
    """Whether all are finite along axes, which keep their places with size 1."""
    odd = any_along(eq(finite(numbers), _zero(finite(numbers))), axes)
    return eq(odd, _zero(odd))


def any_along(mask: Variable, axes: Sequence[int]) -> Variable:
    """Whether a mask holds anywhere along axes, which keep their places with size 1."""
    long = [axis for axis in axes if not mask.broadcastable[axis]]
    if not long:
        return mask
    count = sum_(mask, axis=long, keepdims=True)
    return neq(count, _zero(count))


def cut_along(
    found: Sequence[Variable | None], given: Derivatives, axes: Sequence[int]
) -> Derivatives:
    """The numbers that an op made of derivatives that it looks at along axes: cut off where all of
    those are.
    """
    there = [derivative for derivative in given if derivative is not None]
    masks = there[0].where, there[0].guard
    for one in there[1:]:
        masks = either(masks[0], one.where), either(masks[1], one.guard)
    where, guard = (None if mask is None else any_along(mask, axes) for mask in masks)
    cut = (None if v is None else Derivative(v, where, where, guard) for v in found)
    return [None if d is None else d.guarded(finite(d.value)) for d in cut]


def _zero(like: Variable) -> Any:
    return np.zeros((1,) * like.ndim, like.dtype)
