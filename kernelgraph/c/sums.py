"""Loops that add up, as C, in the order of `kernelgraph.mapping.sums` whatever is around them.
Sums of a loop go into a tree; those of a block of rows keep their lanes in registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kernelgraph.c.states import (
    EVERY_LANE,
    every_row,
    lane_of,
    state_of,
)
from kernelgraph.c.trees import levels, tree
from kernelgraph.c.trees import reduction as tree_of_lanes
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, expression, size
from kernelgraph.mapping.rows import four_rows
from kernelgraph.mapping.sums import CHAIN, GROUP, LANES, LEVELS, is_sum
from kernelgraph.writer import Writer

_ROLLED = '_Pragma("GCC unroll 1")'
"""Before a loop that is to stay one."""

_BLOCK = CHAIN * LANES
"""How many numbers are a block, and how many are a group of blocks."""
_FULL = GROUP * _BLOCK


Summed = tuple[ir.Reduce, ir.For | None]
"""A sum, and the loop over the rows of a block that have one each."""


class Iterations(Protocol):
    """What prints the iterations of a loop, whatever they do."""

    def iterations(self, item: ir.For, start: str, stop: str) -> None:
        """Those from `start` to `stop`."""
        ...

    def one_by_one(self, item: ir.For, start: str, stop: str) -> None:
        """Those that are too few for all lanes."""
        ...

    def whole_rounds(self, item: ir.For, base: str, start: str, stop: str) -> None:
        """As many at a time as there are lanes."""
        ...


class SumPrinter:
    """Prints the loops of a kernel that add up."""

    def __init__(self, loops: Iterations, writer: Writer) -> None:
        self.loops = loops
        self.writer = writer

    def adding(self, item: ir.For, sums: Sequence[Summed], end: str) -> None:
        """A loop that adds up, of one row or of those of a block."""
        rows = sums[0][1]
        if rows is None:
            self.tree(item, [reduction for reduction, _ in sums], end)
        else:
            self.rows_of_lanes(item, sums, rows, end)

    def rows_of_lanes(self, item: ir.For, sums: Sequence[Summed], rows: ir.For, end: str) -> None:
        """A loop that adds up for each row of a block, four at a time. Lanes begin anew with each
        block of iterations, so that they stay in registers.
        """
        line, whole = self.writer.line, f"{item.index}_whole"
        line(f"const int64 {whole} = {end} - {end} % {LANES};")
        for reduction, _ in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            line(f"{kind} {name}_rest[{size(rows.dim)}];", reduction.node)
            line(f"{every_row(rows)} {name}_rest[row] = -0.0;")
        with self.writer.block(f"if ({whole}) {{"):
            fours = f"for (int64 four = 0; four < {size(rows.dim)}; four += 4)"
            with self.writer.block(f"{_ROLLED} {fours} {{"):
                self.blocks_of_iterations(four_rows(item, rows), whole)
        self.loops.one_by_one(item, whole, end)
        for reduction, _ in sums:
            state = state_of(reduction)
            line(
                f"{every_row(rows)} {state} = {state} + {reduction.name}_rest[row];", reduction.node
            )

    def blocks_of_iterations(self, item: ir.For, whole: str) -> None:
        """Whole rounds of lanes, a block after the other; the sums of several go into a tree."""
        (rows,) = item.body
        assert isinstance(rows, ir.For)
        sums = [x for x in rows.body if isinstance(x, ir.Reduce) and is_sum(x)]
        line, start, stop = self.writer.line, f"{item.index}_start", f"{item.index}_stop"
        every, count, several = every_row(rows), size(rows.dim), f"{whole} > {_BLOCK}"
        lanes = f"{every} {EVERY_LANE}"
        for reduction in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            line(f"{kind} {name}_last[{count}][{LANES}], {name}_sums[{count}][{LANES}];")
            line(f"{kind} {name}_levels[{count}][{LEVELS}][{LANES}];")
            self.seldom(several, f"{lanes} {name}_sums[of_four][lane] = -0.0;")
        head = f"for (int64 {start} = 0; {start} < {whole}; {start} += {_BLOCK}) {{"
        with self.writer.block(head):
            limit = f"{whole} - {start} < {_BLOCK} ? {whole} : {start} + {_BLOCK}"
            line(f"const int64 {stop} = {limit};")
            for reduction in sums:
                line(f"{c_type(reduction.start.dtype)} {reduction.name}_lanes[{count}][{LANES}];")
                line(f"{lanes} {lane_of(reduction)} = -0.0;")
            self.loops.whole_rounds(item, f"{item.index}_base", start, stop)
            for reduction in sums:
                line(f"{lanes} {reduction.name}_last[of_four][lane] = {lane_of(reduction)};")
            with self.writer.block(f"if ({several}) {{"):
                for reduction in sums:
                    self.add_block(reduction, rows, stop)
        for reduction in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            last, all_levels = f"{name}_last[of_four]", f"{name}_levels[of_four]"
            self.seldom(several, f"{lanes} {last}[lane] = {name}_sums[of_four][lane];")
            add = f"add_levels_{kind}({all_levels}, {last}, {whole} / {_FULL})"
            self.seldom(f"{whole} >= {_FULL}", f"{every} {add};")
            reduce = self.writer.call(tree_of_lanes(kind))
            total = f"{name}_rest[four + of_four] = {reduce}({last})"
            line(f"{_ROLLED} {every} {total};", reduction.node)

    def add_block(self, reduction: ir.Reduce, rows: ir.For, stop: str) -> None:
        """The lanes of a block are added to those of the blocks before, after its last
        iteration.
        """
        line, name, every = self.writer.line, reduction.name, every_row(rows)
        total = f"{name}_sums[of_four][lane]"
        line(
            f"{_ROLLED} {every} {EVERY_LANE} {total} = {total} + {name}_last[of_four][lane];",
            reduction.node,
        )
        group = f"{name}_levels[of_four], {name}_sums[of_four], {stop} / {_FULL} - 1"
        add = f"{self.writer.call(levels(reduction.start.dtype))}({group})"
        self.seldom(f"{stop} % {_FULL} == 0", f"{every} {add};")

    def seldom(self, condition: str, rows: str) -> None:
        """What is done for all rows after so many iterations that gcc need not unroll it: unrolled,
        it is a fifth of the time that a program takes to compile.
        """
        self.writer.line(f"if ({condition}) {{ {_ROLLED} {rows} }}")

    def tree(self, item: ir.For, sums: Sequence[ir.Reduce], end: str) -> None:
        """A loop that adds up, a block of iterations after the other: a full one goes into the
        tree.
        """
        for reduction in sums:
            self.begin(reduction)
        start, stop, block = f"{item.index}_start", f"{item.index}_stop", CHAIN * item.lanes
        head = f"for (int64 {start} = 0; {start} < {end}; {start} += {block}) {{"
        with self.writer.block(head):
            if item.strip:
                every = 1 << (item.strip - 1).bit_length()
                look = f"{start} % {every} == 0 && host->poll(host)"
                self.writer.line(f"if ({look}) return KG_PYTHON_ERROR;")
            limit = f"{end} - {start} < {block} ? {end} : {start} + {block}"
            self.writer.line(f"const int64 {stop} = {limit};")
            self.loops.iterations(item, start, stop)
            with self.writer.block(f"if ({stop} - {start} == {block}) {{"):
                self.push(sums)
        for reduction in sums:
            self.gather_tree(reduction)

    def dealt(self, item: ir.For, end: str) -> None:
        """A loop with loops inside that adds up: each iteration adds to its lane. Those that are
        left over have a lane each.
        """
        for reduction in item.sums:
            self.begin(reduction, 2 * LANES)
        whole = f"{item.index}_whole"
        self.writer.line(f"const int64 {whole} = {end} - {end} % {LANES};")
        self.loops.iterations(item, "0", end)
        for reduction in item.sums:
            head = f"for (int64 lane = {LANES}; lane < {LANES} + {end} - {whole}; lane++)"
            self.writer.line(
                f"{head} {reduction.name} = {reduction.name} + {lane_of(reduction)};",
                reduction.node,
            )
            self.gather_tree(reduction)

    def begin_iteration(self, item: ir.For) -> None:
        """At the begin of an iteration, its lane; and a block that is full goes into the tree."""
        if not item.sums:
            return
        index, whole = item.index, f"{item.index}_whole"
        lane = f"{index} < {whole} ? {index} % {LANES} : {LANES} + {index} - {whole}"
        self.writer.line(f"const int64 {index}_lane = {lane};")
        with self.writer.block(f"if ({index} && {index} % {_BLOCK} == 0) {{"):
            self.push(item.sums)

    def begin(self, reduction: ir.Reduce, lanes: int = LANES) -> None:
        """Lanes, and the tree that blocks of them go into, before the first iteration."""
        kind, name = c_type(reduction.start.dtype), reduction.name
        self.writer.line(f"{kind} {name}_lanes[{lanes}];", reduction.node)
        self.writer.line(f"tree_{kind} {name}_tree;", reduction.node)
        head = f"for (int64 lane = 0; lane < {lanes}; lane++)"
        self.writer.line(f"{head} {lane_of(reduction)} = -0.0;")
        self.writer.line(f"{name}_tree.blocks = 0;")

    def push(self, sums: Sequence[ir.Reduce]) -> None:
        """The lanes of a block go into the tree."""
        for item in sums:
            kind = c_type(item.start.dtype)
            self.writer.line(f"block_{kind}(&{item.name}_tree, {item.name}_lanes);")

    def gather_tree(self, reduction: ir.Reduce) -> None:
        """The sum: what was left over, then all lanes."""
        gather, name = self.writer.call(tree(c_type(reduction.start.dtype))), reduction.name
        lanes = f"{gather}(&{name}_tree, {name}_lanes)"
        self.writer.line(f"{name} = {name} + {lanes};", reduction.node)


def dealt(reduction: ir.Reduce) -> str:
    """The partial state of an iteration; in a block of rows, that of a row."""
    iteration, row = reduction.iteration, ""
    if isinstance(iteration, ir.Operation):
        iteration, row = iteration.operands["x"], f" + {expression(iteration.operands['y'])}"
    assert isinstance(iteration, ir.Name)
    return f"{reduction.name}_lanes[{iteration.name}_lane{row}]"
