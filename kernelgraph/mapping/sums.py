"""Sums in a fixed tree: what a sum is, and one sum for each loop that it runs over.

A sum of n numbers that adds one after the other is off by up to n units of its last digit. Here
the numbers are dealt to 16 lanes in turn; in each lane 32 of them are added, then 8 such sums, and
these are added in pairs, pairs of pairs and so on. What is left over when n is no multiple of 16 is
added last. The order depends on n alone, and the result is off by less than 36 + log2(n) units of
the sum of magnitudes, hardly ever by more than two.

A sum over a loop inside a loop adds up the sums of the inner one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.loops import ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import nested

LANES = 16
"""Partial sums side by side; enough vectors in flight to hide the latency of an addition."""

CHAIN = 32
"""How many numbers of a lane are added one after the other: a block."""

GROUP = 8
"""How many blocks are added one after the other."""

LEVELS = 24
"""Pairs of pairs: enough for 2**36 numbers. From there on the last level adds up."""


def is_sum(reduction: ir.Reduce) -> bool:
    """Whether a reduction adds floats, so that the order of the numbers matters."""
    return reduction.op.adds and reduction.start.dtype in ("float32", "float64")


def in_a_tree(first: Any, numbers: Sequence[Any]) -> Any:
    """`first` and all numbers, added in the order that this module is about."""
    whole = len(numbers) - len(numbers) % LANES
    total = first
    for number in numbers[whole:]:
        total = total + number
    if not whole:
        return total
    iterations: Any = np.asarray(numbers[:whole]).reshape(-1, LANES)
    blocks = [_in_order(iterations[k : k + CHAIN]) for k in range(0, len(iterations), CHAIN)]
    full = len(iterations) // CHAIN // GROUP * GROUP
    groups = [_in_order(blocks[k : k + GROUP]) for k in range(0, full, GROUP)]
    lanes = _in_order(blocks[full:])
    while groups:  # the pairs of this level, and one that has no other
        if len(groups) % 2:
            lanes = groups[-1] + lanes
        groups = [left + right for left, right in zip(groups[::2], groups[1::2], strict=False)]
    half = LANES // 2
    while half:
        lanes = lanes[:half] + lanes[half:]
        half //= 2
    return total + lanes[0]


def _in_order(rows: Sequence[Any]) -> Any:
    total = np.full(LANES, -0.0, rows[0].dtype) if len(rows) else np.full(LANES, -0.0, "float32")
    for row in rows:
        total = total + row
    return total


def one_loop_each(program: Program) -> Program:
    """The program with sums over several loops taken apart, into a sum for each."""
    return program.with_kernels(
        lambda kernel: kernel.with_body(_nested_sums(kernel.body, frozenset()))
    )


def _nested_sums(
    statements: Sequence[ir.Statement], around: frozenset[str]
) -> tuple[ir.Statement, ...]:
    """Statements of which no loop adds to a sum that begins outside of a loop around it; `around`
    has the sums that do.
    """
    found: list[ir.Statement] = []
    begun_here = {part.name for part in statements if isinstance(part, ir.Local)}
    for item in statements:
        if isinstance(item, ir.Reduce) and is_sum(item) and item.name in begun_here:
            found.append(_one_number(item))
            continue
        if not isinstance(item, ir.For):
            found.append(item)
            continue
        outer = [reduction for reduction in _sums_within(item) if reduction.name in around]
        body = item.body
        for reduction in outer:
            body = renamed(body, reduction.name, part_of(reduction.name))
        begun = [
            ir.Local(part_of(reduction.name), reduction.start, reduction.node)
            for reduction in outer
        ]
        within = frozenset(reduction.name for reduction in _sums_within(replace(item, body=body)))
        found += [*begun, replace(item, body=_nested_sums(body, within))]
        for reduction in outer:
            part = ir.Name(part_of(reduction.name), reduction.start.dtype)
            found.append(replace(reduction, element=part))
    return tuple(found)


def _one_number(reduction: ir.Reduce) -> ir.Assign:
    """A sum over an axis of size 1, which has no loop."""
    value = reduction.combined(ir.Name(reduction.name, reduction.start.dtype), reduction.element)
    return ir.Assign(reduction.name, value, reduction.node)


def part_of(name: str) -> str:
    """The name of a sum that will be added to another."""
    return f"{name}_part"


def _sums_within(loop: ir.For) -> Iterator[ir.Reduce]:
    """What adds, inside a loop, to sums that begin outside of it."""
    begun = {item.name for item in nested(loop.body) if isinstance(item, ir.Local)}
    for item in nested(loop.body):
        if isinstance(item, ir.Reduce) and is_sum(item) and item.name not in begun:
            yield item


def renamed(statements: Sequence[ir.Statement], old: str, new: str) -> tuple[ir.Statement, ...]:
    """The statements with a sum of another name."""
    found: list[ir.Statement] = []
    for item in statements:
        if isinstance(item, ir.For):
            found.append(replace(item, body=renamed(item.body, old, new)))
        elif isinstance(item, ir.Reduce) and item.name == old:
            found.append(replace(item, name=new))
        else:
            found.append(item)
    return tuple(found)
