"""`map`, `reduce`, `foldl`, `foldr`: what Theano has for simple loops, made of `scan`.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> total, _ = reduce(lambda item, total: item + total, x, T.constant(0.0))
>>> kg.function([x], total, target="python")([1.0, 2.0, 4.0])
array(7.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernelgraph.ops.loop import scan
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
