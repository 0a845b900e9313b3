"""Modes that watch a function while NumPy runs it node by node: `NanGuardMode`, `MonitorMode`.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dscalar("x")
>>> f = kg.function([x], T.log(x) * 2, mode=NanGuardMode(inf_is_error=True))
>>> f(1.0)
array(0.)
>>> f(0.0)
Traceback (most recent call last):
kernelgraph.errors.NonFiniteError: [KG-N001] the result of log (float64) has 1 infinite number of 1
  <doctest kernelgraph.tensor.watching[2]>, line 1
    1 | f = kg.function([x], T.log(x) * 2, mode=NanGuardMode(inf_is_error=True))
      |                      ^^^^^^^^
  x (float64) from 0 to 0

A mode is a value; `kg.function(…, mode="NanGuardMode")` makes one with its defaults.
"""

from __future__ import annotations

import pdb
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from kernelgraph.errors import NonFiniteError
from kernelgraph.expect import expect_choice, expect_flag, expect_function
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.interpret import Watch, evaluate
from kernelgraph.locations import level_of_user
from kernelgraph.ops.control import Run
from kernelgraph.rewrite.modes import Mode, get_mode
from kernelgraph.target import Compilation
from kernelgraph.targets import target_named
from kernelgraph.types import is_array
from kernelgraph.watched import Start, WatchedTarget

TOO_BIG = 1e10
"""What counts as much too large, as in Theano."""


def watched(name: str, start: Start, mode: Mode | str | None) -> Mode:
    """A mode with the rules of another, that runs watched."""
    usual = get_mode(mode)
    return Mode(name, usual.rules, WatchedTarget(target_named("c"), start), usual.fuse)


# Numbers that are none ---------------------------------------------------------------------------


def NanGuardMode(  # noqa: N802 - as in Theano
    nan_is_error: bool = True,
    inf_is_error: bool = True,
    big_is_error: bool = True,
    action: str = "raise",
    mode: Mode | str | None = None,
) -> Mode:
    """A mode that stops at the first node that makes NaN, infinity, or numbers beyond ±1e10.

    `action`: "raise" (`NonFiniteError`, KG-N001, with the line where the node was made and the
    ranges of what went in), "warn", or "pdb" to look around first. `mode`: whose rules are used;
    "FAST_COMPILE" watches the expression as it was written.
    """
    flags = (nan_is_error, "nan_is_error"), (inf_is_error, "inf_is_error")
    nan, infinite = (expect_flag(value, name) for value, name in flags)
    big = expect_flag(big_is_error, "big_is_error")
    expect_choice(action, "action", ("raise", "warn", "pdb"))
    return watched("NanGuardMode", _Guard(nan, infinite, big, action), mode)


@dataclass(frozen=True)
class _Guard:
    """What counts as wrong, and what happens then."""

    nan: bool
    infinite: bool
    big: bool
    action: str

    def __call__(self, made: Compilation, values: Sequence[Any]) -> Watch:
        for variable, value in zip(made.graph.inputs, values, strict=True):
            wrong = self.wrong(value)
            if wrong:
                self._act(NonFiniteError(f"{describe(variable)} has {wrong}", origins=()))
        return self._watch

    def _watch(self, node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
        results = evaluate(node, operands, run)
        for variable, value in zip(node.outputs, results, strict=True):
            wrong = self.wrong(value)
            if wrong:
                because = "; ".join(_ranges(node.inputs, operands))
                message = f"{describe(variable)} has {wrong}"
                self._act(NonFiniteError(message, origins=node.origins, because=because or None))
        return results

    def wrong(self, value: Any) -> str:
        """What is wrong with a value, in a few words; empty if nothing is."""
        if not is_array(value) or np.asarray(value).dtype.kind not in "fc":
            return ""
        array = np.asarray(value)
        found = ""
        if self.nan:
            found = _counted(np.isnan(array), "NaN", "NaN")
        if self.infinite and not found:
            found = _counted(np.isinf(array), "infinite number", "infinite numbers")
        if self.big and not found:
            large = np.isfinite(array) & (np.abs(array) > TOO_BIG)
            found = _counted(large, f"number beyond ±{TOO_BIG:g}", f"numbers beyond ±{TOO_BIG:g}")
        return found

    def _act(self, error: NonFiniteError) -> None:
        if self.action == "warn":
            warnings.warn(str(error), stacklevel=level_of_user())
            return
        if self.action == "pdb":
            print(error)
            pdb.set_trace()
        raise error


def _counted(wrong: Any, one: str, several: str) -> str:
    number = int(np.count_nonzero(wrong))
    return f"{number} {one if number == 1 else several} of {np.size(wrong)}" if number else ""


def _ranges(variables: Sequence[Variable], values: Sequence[Any]) -> Iterator[str]:
    """Of each operand that has numbers: the least and the largest."""
    for variable, value in zip(variables, values, strict=True):
        if is_array(value) and np.size(value) and np.asarray(value).dtype.kind in "iuf":
            array = np.asarray(value)
            yield f"{describe(variable)} from {array.min():.6g} to {array.max():.6g}"


# Your own eyes -----------------------------------------------------------------------------------


@dataclass
class Thunk:
    """A node that is run: its values, each in a list of one."""

    inputs: list[list[Any]]
    outputs: list[list[Any]]


Watcher = Callable[[int, Apply, Thunk], Any]


def MonitorMode(  # noqa: N802 - as in Theano
    pre_func: Watcher | None = None,
    post_func: Watcher | None = None,
    mode: Mode | str | None = None,
) -> Mode:
    """A mode that calls functions of yours at each node: `pre_func(i, node, thunk)` before it runs,
    `post_func(i, node, thunk)` after. `i` counts the nodes of a call, `thunk.inputs` and
    `thunk.outputs` have the values, each in a list of one; what `post_func` puts there counts.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> def look(i, node, thunk):
    ...     print(i, node.op, [float(cell[0]) for cell in thunk.outputs])
    >>> x = T.dscalar("x")
    >>> f = kg.function([x], T.exp(x) + 1, mode=MonitorMode(post_func=look))
    >>> f(0.0)
    0 exp [1.0]
    1 add [2.0]
    array(2.)
    """
    for given, name in ((pre_func, "pre_func"), (post_func, "post_func")):
        if given is not None:
            expect_function(given, name)
    return watched("MonitorMode", _Monitor(pre_func, post_func), mode)


@dataclass(frozen=True)
class _Monitor:
    before: Watcher | None
    after: Watcher | None

    def __call__(self, made: Compilation, values: Sequence[Any]) -> Watch:
        return partial(self._watch, count())

    def _watch(
        self, numbers: Iterator[int], node: Apply, operands: Sequence[Any], run: Run
    ) -> Sequence[Any]:
        number = next(numbers)
        thunk = Thunk([[value] for value in operands], [[None] for _ in node.outputs])
        if self.before is not None:
            self.before(number, node, thunk)
        results = evaluate(node, [cell[0] for cell in thunk.inputs], run)
        thunk.outputs = [[value] for value in results]
        if self.after is not None:
            self.after(number, node, thunk)
        return [cell[0] for cell in thunk.outputs]
