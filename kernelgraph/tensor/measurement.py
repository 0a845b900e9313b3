"""`measure(f, …)`: where the time of a function goes, without touching what the function keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kernelgraph.calling_convention import CallingConvention
from kernelgraph.errors import ArgumentError
from kernelgraph.expect import expect_integer
from kernelgraph.function import Function
from kernelgraph.graph import SharedVariable
from kernelgraph.profile import Profile
from kernelgraph.types import copied

CALLS = 10
"""How often a function is called to be measured, unless another number is asked for."""

_FEWEST_CALLS, _MOST_CALLS, _MOST_ASKED = 3, 1000, 10**6
_LONG_ENOUGH, _LONGEST = 0.2, 2.0  # seconds of calls


def measure(f: Any, *arguments: Any, calls: int = CALLS, **named: Any) -> Profile:
    """Call a function `calls` times with these arguments and tell where the time went.

    The function is compiled once more, with clocks in its kernels. Its shared variables and states
    stay as they are: the calls work on copies. The result shows itself, as `f.profile` does.

    Raises `ArgumentError` for fewer than one call and for what is no compiled function, and what
    calling it raises.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> profile = measure(kg.function([x], (x * x).sum()), [1.0, 2.0], calls=3)
    >>> profile.calls
    3
    """
    if not isinstance(f, Function):
        raise ArgumentError(f"expected a compiled function, got {type(f).__name__}")
    if expect_integer(calls, "calls", most=_MOST_ASKED) < 1:
        raise ArgumentError(
            f"a function must be called at least once to be measured, not {calls} times"
        )
    profile, timed = _with_clocks(f)
    for _ in range(calls):
        timed(*arguments, **named)
    return profile


def profile_calls(
    f: Function, arguments: Sequence[Any], named: Mapping[str, Any], calls: int | None
) -> Profile:
    """What `f.profile(*arguments)` does: as `measure`, with as many calls as it takes (`calls`
    None) to see more than the clock's own noise.
    """
    if calls is not None:
        return measure(f, *arguments, calls=calls, **named)
    profile, timed = _with_clocks(f)
    while not _is_measured(profile):
        timed(*arguments, **named)
    return profile


def _is_measured(profile: Profile) -> bool:
    if profile.seconds >= _LONG_ENOUGH:
        return profile.calls >= _FEWEST_CALLS or profile.seconds >= _LONGEST
    return profile.calls >= _MOST_CALLS


def _with_clocks(f: Function) -> tuple[Profile, Function]:
    """A function that does what `f` does to values of its own, and the profile of its calls."""
    profile = Profile(f.name)
    return profile, Function(f.graph, convention_of_copy(f), f.target, f.rules, profile=profile)


def convention_of_copy(f: Function) -> CallingConvention:
    """How a copy of `f` is called that has shared variables and states of its own."""
    swap = {
        v: SharedVariable(v.type, [copied(v.container[0])], v.name) for v in f.convention.shared
    }
    return replace(f.convention.copy(swap, False, None), form=f.convention.form)
