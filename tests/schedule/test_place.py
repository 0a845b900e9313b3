"""In which memory values live: on a processor there is one."""

from __future__ import annotations

import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import CompileError
from kernelgraph.graph import Graph
from kernelgraph.schedule.place import place


def test_on_a_processor_nothing_moves() -> None:
    x = T.dvector("x")
    graph = Graph((x,), (T.exp(x),))
    for target in ("c", "python", "interpret"):
        assert place(graph, target) is graph


def test_no_transfers_to_a_gpu_so_far() -> None:
    x = T.dvector("x")
    with pytest.raises(CompileError) as error:
        place(Graph((x,), (T.exp(x),)), "cuda")
    assert error.value.code == "KG-X001"
