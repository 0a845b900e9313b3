"""Taps: rows that a step of `scan` is given besides its own.

`sequences=dict(input=x, taps=[-1, 0])` gives a step `x[t - 1]` and `x[t]`, so that the first step
is that of `t = 1`: each tap is a slice of x, and the loop goes through both. A state with
`taps=[-2, -1]` gives a step the two states before it, `s[t - 2]` and `s[t - 1]`: the loop carries
one state for each step back, and each becomes the one behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.errors import GraphError
from kernelgraph.graph import Variable, describe
from kernelgraph.op import as_variable
from kernelgraph.ops.numbers import Start, is_plain
from kernelgraph.ops.sources import size
from kernelgraph.types import listed


@dataclass(frozen=True)
class LoopStates:
    """All states that a loop carries: first those that the step computes, then those further back.

    `given` are those that the step is given, in its order; the k-th one further back becomes what
    the state `before[k]` is now.
    """

    starts: list[Start]
    given: list[int]
    before: list[int]

    @classmethod
    def of(cls, states: Sequence[TappedState]) -> LoopStates:
        """Those of the entries of `outputs_info` that are fed back."""
        starts = [state.starts[0] for state in states]
        before: list[int] = []
        given: list[int] = []
        for k, state in enumerate(states):
            places = [k, *range(len(starts), len(starts) + len(state.starts) - 1)]
            starts += state.starts[1:]
            before += places[:-1]
            given += [places[back] for back in state.given]
        return cls(starts, given, before)


@dataclass(frozen=True)
class TappedState:
    """A state as a loop carries it: first values of the steps back, the nearest first, and which of
    these (from 0) a step is given, in the order of its taps.
    """

    starts: tuple[Start, ...]
    given: tuple[int, ...]


def rows_of(position: int, entry: Any) -> list[Variable]:
    """The arrays whose rows a step is given for an entry of `sequences`, one for each tap.

    Raises `GraphError` (KG-G032) for a dict without an input, and for taps that are no integers.
    """
    if not isinstance(entry, dict):
        return [as_variable(entry)]
    name = f"sequences[{position}]"
    table = _checked(name, {**entry}, "input")
    sequence, taps = as_variable(table["input"]), _taps(name, table, [0], highest=None)
    if sequence.ndim == 0:
        return [sequence for _ in taps]  # refused with all that have no rows
    first, last = min(0, *taps), max(0, *taps)
    rows = size(sequence, 0)
    return [sequence[tap - first : rows - (last - tap) if tap < last else None] for tap in taps]


def state_of(position: int, entry: Any) -> TappedState | None:
    """The state that an entry of `outputs_info` begins; None for a result that is not fed back.

    Raises `GraphError` (KG-G032) for other keys than initial and taps, and for taps that do not
    point back.
    """
    if entry is None:
        return None
    if not isinstance(entry, dict):
        return TappedState((Start.of(entry),), (0,))
    name = f"outputs_info[{position}]"
    table = _checked(name, {**entry}, "initial")
    value, taps = table["initial"], _taps(name, table, [-1], highest=-1)
    if value is None:
        return None
    if taps == [-1]:
        return TappedState((Start.of(value),), (0,))
    count = -min(taps)
    rows = listed(value) if is_plain(value) else as_variable(value)
    _check_rows(name, rows, taps)
    starts = tuple(Start.of(rows[count - back]) for back in range(1, count + 1))
    return TappedState(starts, tuple(-tap - 1 for tap in taps))


def _checked(name: str, table: dict[Any, Any], needed: str) -> dict[Any, Any]:
    unknown = [key for key in table if key not in (needed, "taps")]
    if unknown or needed not in table:
        raise GraphError(
            f"scan: {name} is a dict with the key {unknown[0]!r}"
            if unknown
            else f"scan: {name} is a dict without {needed!r}",
            code="KG-G032",
            hint=f"dict({needed}=…, taps=[…]), of which taps may be left out",
        )
    return table


def _taps(
    name: str, table: Mapping[Any, Any], default: list[int], highest: int | None
) -> list[int]:
    found = table.get("taps")
    taps = default if found is None else [found] if isinstance(found, int) else listed(found)
    whole = all(isinstance(tap, int) and not isinstance(tap, bool) for tap in taps)
    if taps and whole and (highest is None or max(taps) <= highest):
        return taps
    raise GraphError(
        f"scan: {name} has taps={found!r}",
        code="KG-G032",
        hint="taps are whole numbers of steps from the one that runs, such as [-2, -1]"
        + ("" if highest is None else "; a state has only steps before it: they are negative"),
    )


def _check_rows(name: str, rows: Any, taps: list[int]) -> None:
    """There is a first value for each step back, the oldest first."""
    known = rows.tensor_type.shape[:1] if isinstance(rows, Variable) else (len(rows),)
    if known and (known[0] is None or known[0] >= -min(taps)):
        return
    what = describe(rows) if isinstance(rows, Variable) else repr(rows)
    raise GraphError(
        f"scan: {name} starts from {what} and has taps={taps}: it needs {-min(taps)} first values",
        code="KG-G032",
        hint="initial holds the states before the first step along its first axis, oldest first",
    )
