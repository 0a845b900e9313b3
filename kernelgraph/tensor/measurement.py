"""`measure(f, …)`: where the time of a function goes, without touching what the function keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kernelgraph.contract import Contract
from kernelgraph.errors import ArgumentError, capture_origins
from kernelgraph.function import Function
from kernelgraph.graph import SharedVariable
from kernelgraph.profile import Profile
from kernelgraph.types import copied

CALLS = 10
"""How often a function is called to be measured, unless another number is asked for."""


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
        raise ArgumentError(
            f"expected a compiled function, got {type(f).__name__}", origins=capture_origins()
        )
    if calls < 1:
        raise ArgumentError(
            f"a function must be called at least once to be measured, not {calls} times",
            origins=capture_origins(),
        )
    profile = Profile(f.name)
    timed = Function(f.graph, contract_of_copy(f), f.target, f.rules, profile=profile)
    for _ in range(calls):
        timed(*arguments, **named)
    return profile


def contract_of_copy(f: Function) -> Contract:
    """How a copy of `f` is called that has shared variables and states of its own."""
    swap = {v: SharedVariable(v.type, [copied(v.container[0])], v.name) for v in f.contract.shared}
    return replace(f.contract.copy(swap, False, None), form=f.contract.form)
