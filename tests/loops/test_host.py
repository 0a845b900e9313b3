"""Actions of the host: requests for memory are numbered in the order of the text."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Apply
from kernelgraph.loops import host, ir
from kernelgraph.loops.host import requests
from kernelgraph.routines import OwnC
from kernelgraph.schedule.dims import Dim

N = Dim("n")


def node() -> Apply:
    found = T.exp(T.dvector("x")).owner
    assert found is not None
    return found


def memory(name: str) -> host.Allocate:
    return host.Allocate(ir.Buffer(name, "float64", (N,)), None)


def test_requests_of_choices_loops_and_calls() -> None:
    a, b, c, d, copy, result = map(memory, ["a", "b", "c", "d", "copy", "result"])
    own = host.OwnC(OwnC(), (), (), (result,), (copy,))
    actions: tuple[host.Action, ...] = (
        a,
        host.If(ir.Name("yes", "bool"), (b,), (c,)),
        host.Call(0, node(), own),
        host.Call(1, node()),
        host.Repeat(ir.Name("step"), ir.Name("n"), (d,)),
    )
    assert list(requests(actions)) == [a, b, c, copy, result, d]


def test_a_product_names_what_it_flips() -> None:
    x, y = (ir.Buffer(name, "float64", (N, N)) for name in "xy")
    assert host.Product((x, y), (True, False), (memory("z"),)).names() == ["x.T", "y"]
