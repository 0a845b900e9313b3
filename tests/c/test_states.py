"""How states of reductions are written: alone, for a row of a block, for a lane."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.c.states import (
    EVERY_LANE,
    combined,
    each_row,
    every_row,
    lane_of,
    state_of,
)
from kernelgraph.loops import ir
from kernelgraph.mapping.sums import LANES
from kernelgraph.ops.reductions import Sum
from kernelgraph.schedule.dims import Dim
from kernelgraph.writer import Writer

ALONE = ir.Reduce("s", Sum.states[0], ir.Name("e", "float64"), ir.Number(0.0, "float64"))
OF_A_ROW = replace(ALONE, row=ir.Name("row"))
ROWS = ir.For("row", Dim("rows", 8), ())


def test_a_state_of_its_own() -> None:
    assert (state_of(ALONE), lane_of(ALONE)) == ("s", "s_lanes[lane]")
    assert combined(ALONE, "s") == "s + e"


def test_a_state_of_each_row_of_a_block() -> None:
    assert state_of(OF_A_ROW) == "s[row]"
    assert lane_of(OF_A_ROW, "lane + 8") == "s_lanes[row][lane + 8]"


def test_loops_over_rows_and_lanes() -> None:
    assert every_row(ROWS) == "for (int64 row = 0; row < 8; row++)"
    assert f"lane < {LANES};" in EVERY_LANE
    writer = Writer()
    with each_row(writer, None):
        writer.line("once;")
    with each_row(writer, ROWS):
        writer.line("each;")
    assert writer.text == ["once;", f"{every_row(ROWS)} {{", "    each;", "}"]
