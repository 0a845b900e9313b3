"""`map`, `reduce`, `foldl`, `foldr`, `scan_checkpoints`: what Theano has beside `scan`, made of it.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> total, _ = reduce(lambda item, total: item + total, x, T.constant(0.0))
>>> kg.function([x], total, target="python")([1.0, 2.0, 4.0])
array(7.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce as reduce_all
from typing import Any

from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import expect_flag, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, int_div, minimum
from kernelgraph.ops.blocks import pad
from kernelgraph.ops.loop import scan
from kernelgraph.ops.positions import arange
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.views import reshape
from kernelgraph.types import listed

Looped = tuple[Any, Any]
"""The results, one or a list, and the updates of random streams."""


def map(  # noqa: A001 - as in Theano
    fn: Callable[..., Any],
    sequences: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Looped:
    """`fn` of every item along the first dimension; the results are stacked."""
    del mode, name  # a loop is compiled with what it is part of
    return scan(
        fn, sequences, (), () if non_sequences is None else non_sequences, go_backwards=go_backwards
    )


def reduce(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Looped:
    """What is left after `fn(item, …, result so far)` has been asked for every item."""
    del mode, name  # a loop is compiled with what it is part of
    found, updates = scan(
        fn,
        sequences,
        outputs_info,
        () if non_sequences is None else non_sequences,
        go_backwards=go_backwards,
    )
    last: list[Any] = [out[-1] for out in listed(found)]
    return (last if isinstance(found, list) else last[0]), updates


def foldl(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Looped:
    """`reduce` from the first item to the last."""
    return reduce(fn, sequences, outputs_info, non_sequences, False, mode, name)


def foldr(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Looped:
    """`reduce` from the last item to the first."""
    return reduce(fn, sequences, outputs_info, non_sequences, True, mode, name)


def scan_checkpoints(
    fn: Callable[..., Any],
    sequences: Any = (),
    outputs_info: Any = None,
    non_sequences: Any = None,
    name: str = "checkpointscan_fn",
    n_steps: Any = None,
    save_every_N: Any = 10,  # noqa: N803 - as in Theano
    padding: Any = True,
) -> Looped:
    """`scan`, of which only the results of every N-th step and of the last one are there: a loop
    over chunks of N steps, each of which is a loop.

    The gradient goes back chunk by chunk and computes the states inside of a chunk again, so that
    of n states n / N + N are kept: for N near the root of n, memory grows with that root, and every
    step is computed once more. Values and gradients are those of `scan`.

    Sequences whose length is no multiple of N are filled up with zeros, of which nothing is
    computed; without `padding` they raise `ShapeError`. Raises `ArgumentError` for taps, of which a
    chunk would need more than its last state, and as `scan` does.

    Source: J. Martens, I. Sutskever, Training deep and recurrent networks with Hessian-free
    optimization (2012), section 3.4.
    """
    del name  # a loop is compiled with what it is part of
    every = expect_integer(save_every_N, "save_every_N", least=1)
    infos, fixed = _items(outputs_info), _items(non_sequences)
    rows = [_sequence(s) for s in _items(sequences)]
    states: list[Any] = [None if info is None else _plain(info) for info in infos]
    n = cast(as_variable(_length(rows) if n_steps is None else n_steps), "int64")
    chunks = int_div(n + (every - 1), constant_size(every))
    lengths = minimum(n - arange(chunks) * every, constant_size(every))
    if expect_flag(padding, "padding"):
        missing = chunks * every - n
        rows = [pad(x[:n], [(0, missing), *[(0, 0)] * (x.ndim - 1)]) for x in rows]
    cut = [
        reshape(x, [chunks, constant_size(every), *(size(x, k) for k in range(1, x.ndim))])
        for x in rows
    ]

    def chunk(steps: Variable, *given: Any) -> Any:
        before = iter(given[len(cut) :])
        first = [None if state is None else next(before) for state in states]
        found, updates = scan(fn, list(given[: len(cut)]), first, fixed, n_steps=steps)
        several = isinstance(found, list)
        last: list[Any] = [out[-1] for out in listed(found)] if several else [found[-1]]
        return (last if several else last[0]), updates

    return scan(chunk, [lengths, *cut], states, fixed)


def _sequence(given: Any) -> Variable:
    x = as_variable(_plain(given))
    if not x.ndim:
        what = f"a sequence has a row for each step, which the scalar {describe(x)} has not"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return x


def _length(rows: list[Variable]) -> Variable:
    """How many steps the shortest sequence is enough for. Raises `ArgumentError`."""
    if not rows:
        raise ArgumentError("a loop needs a sequence or n_steps, to know when it ends")
    return reduce_all(minimum, [size(x, 0) for x in rows])


def _items(given: Any) -> list[Any]:
    """A list of what `scan` takes one or several of."""
    if given is None:
        return []
    return list(listed(given)) if isinstance(given, list | tuple) else [given]


def _plain(given: Any) -> Any:
    """A sequence or a state without taps. Raises `ArgumentError`."""
    if not isinstance(given, dict):
        return given
    entry: dict[Any, Any] = {**given}
    if entry.get("taps") not in (None, [0], [-1]):
        raise ArgumentError(
            "scan_checkpoints goes from one state to the next: it takes no taps",
            hint="scan takes them",
        )
    return entry.get("input", entry.get("initial"))
