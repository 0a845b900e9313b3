"""What is counted: sectors, banks and lanes, line by line, where they are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kernelgraph.cuda.simulator import METRICS, Accesses, Measures, Module, Simulator

SOURCE = (Path(__file__).parent / "measured.cu").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator("measure")


@pytest.fixture(scope="module")
def module(simulator: Simulator) -> Module:
    return simulator.module(SOURCE)


def measured(module: Module, name: str, *more: int, block: int = 32, arrays: int = 1) -> Measures:
    simulator = module.simulator
    simulator.clear()
    pointers = [simulator.allocate(2**14) for _ in range(arrays)]
    for pointer in pointers:
        simulator.upload(pointer, (np.arange(2**12) % 7).astype("float32"))
    module.function(name).launch((1, 1, 1), (block, 1, 1), [*pointers, *more])
    (measures,) = simulator.measures.values()
    return measures


def on_line(measures: Measures, mark: str, kind: str, memory: str = "global") -> Accesses:
    lines = SOURCE.splitlines()
    (line,) = (n for n, text in enumerate(lines, 1) if text.endswith(f"// {mark}"))
    (found,) = (a for a in measures.accesses if (a.line, a.kind, a.memory) == (line, kind, memory))
    return found


@pytest.mark.parametrize(
    ("stride", "sectors"), [(0, 1), (1, 4), (2, 8), (3, 12), (4, 16), (8, 32), (9, 32)]
)
def test_sectors_of_a_stride(module: Module, stride: int, sectors: int) -> None:
    measures = measured(module, "strided", stride, arrays=2)
    load, store = (on_line(measures, "strided", kind) for kind in ("load", "store"))
    assert (load.requests, load.lanes, load.bytes, load.sectors) == (1, 32, 128, sectors)
    assert store.sectors_per_request == 4
    assert measures.bytes_moved == 32 * (4 + sectors)


@pytest.mark.parametrize(
    ("stride", "ways"), [(0, 1), (1, 1), (2, 2), (4, 4), (3, 1), (16, 16), (32, 32), (33, 1)]
)
def test_banks_of_a_stride(module: Module, stride: int, ways: int) -> None:
    measures = measured(module, "shared_strided", stride)
    store = on_line(measures, "shared", "store", "shared")
    assert (store.ways, store.conflicts) == (ways, ways - 1)
    assert on_line(measures, "broadcast", "load", "shared").ways == 1
    conflicts = measures.metrics["l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum"]
    assert conflicts == ways - 1


def test_wide_accesses(module: Module) -> None:
    measures = measured(module, "wide", arrays=2)
    load = on_line(measures, "sixteen", "load")
    assert (load.requests, load.sectors, load.bytes) == (1, 16, 512)
    store = on_line(measures, "sixteen", "store", "shared")
    assert (store.requests, store.ways, store.conflicts) == (1, 4, 0)
    store = on_line(measures, "eight", "store", "shared")
    assert (store.requests, store.ways, store.conflicts) == (1, 2, 0)


def test_lanes_that_go_apart(module: Module) -> None:
    measures = measured(module, "even_and_odd")
    for mark in ("even", "odd"):
        assert on_line(measures, mark, "load").lanes_per_request == 16
    together = on_line(measures, "together", "store")
    assert (together.requests, together.lanes) == (1, 32)
    assert 0.5 < measures.simt_efficiency < 1
    assert measured(module, "by_warps", block=64).simt_efficiency == 1


def test_a_loop_that_lanes_leave_one_by_one(module: Module) -> None:
    measures = measured(module, "triangle")
    inner, outer = on_line(measures, "inner", "load"), on_line(measures, "outer", "store")
    assert (inner.requests, inner.lanes) == (2 * 32, 2 * 32 * 33 // 2)
    assert (outer.requests, outer.lanes) == (2, 64)


@pytest.mark.parametrize("name", ["switches", "breaks", "nested", "returns", "conditions"])
def test_lanes_that_went_apart_meet_again(module: Module, name: str) -> None:
    measures = measured(module, name, arrays=2)
    marked = {n for n, text in enumerate(SOURCE.splitlines(), 1) if text.endswith("// all")}
    together = [a for a in measures.accesses if a.line in marked]
    assert together
    assert {a.lanes_per_request for a in together} == {32}


def test_lanes_meet_after_a_call(module: Module) -> None:
    measures = measured(module, "calls", arrays=2)
    assert on_line(measures, "called", "load").lanes == 8
    after = on_line(measures, "after", "store")
    assert (after.requests, after.lanes) == (1, 32)


def test_atomics_are_counted(module: Module) -> None:
    measures = measured(module, "counts")
    assert on_line(measures, "atomic", "atomic").sectors == 1
    name = "l1tex__t_requests_pipe_lsu_mem_global_op_atom.sum"
    assert measures.metrics[name] == 1


def test_counts_add_up_over_launches_and_are_the_same_each_time(module: Module) -> None:
    once = measured(module, "triangle")
    assert measured(module, "triangle") == once
    pointer = module.simulator.allocate(2**14)
    module.function("triangle").launch((2, 1, 1), (32, 1, 1), [pointer])
    measures = module.simulator.measures["triangle"]
    assert measures.steps == 3 * once.steps
    assert str(measures).startswith("kernel triangle: ")


def test_every_metric_has_a_name_and_a_meaning(module: Module) -> None:
    measures = measured(module, "triangle")
    assert measures.metrics.keys() <= {metric.nsight for metric in METRICS}
    assert all(metric.meaning for metric in METRICS)
    names = {
        "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum",
        "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum",
        "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum",
        "l1tex__data_pipe_lsu_wavefronts_mem_shared.sum",
        "smsp__thread_inst_executed_per_inst_executed.ratio",
    }
    assert names <= measures.metrics.keys()
