"""CUDA that this package prints, in the simulator: values are those of `interpret`, no reports."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.simulator import Simulator
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.loops.ctext import strides
from tests.cuda.test_printer import on_grid
from tests.test_golden import elementwise_chain, row_sums, softmax_rows


@pytest.fixture(scope="module", params=["run", "check"])
def simulator(request: pytest.FixtureRequest) -> Simulator:
    return Simulator(request.param)


@pytest.mark.parametrize("make", [elementwise_chain, row_sums, softmax_rows])
def test_a_printed_kernel(simulator: Simulator, make: Callable[[], Graph]) -> None:
    graph = make()
    rng = np.random.default_rng(1)
    types = [x.tensor_type for x in graph.inputs]
    shape = (5, 300)[-types[0].ndim :]
    inputs = [rng.standard_normal(shape).astype(t.dtype) for t in types]
    (expected,) = interpret(graph, inputs)

    program = on_grid(graph)
    (kernel,) = program.kernels
    values = dict(zip((x.name for x in kernel.reads), inputs, strict=True))
    sizes = {f"x_n{axis}": size for axis, size in enumerate(shape)}
    arguments: list[int] = [sizes[dim.name] for dim in kernel.dims]
    pointers = dict[str, int]()
    for buffer in (*kernel.reads, *kernel.writes):
        pointers[buffer.name] = simulator.allocate(8 * int(np.prod(shape)))
        if buffer.name in values:
            simulator.upload(pointers[buffer.name], values[buffer.name])
        arguments.append(pointers[buffer.name])
    for buffer in (*kernel.reads, *kernel.writes):
        arguments += [shape[-1] for _ in strides(buffer)]
    function = simulator.module(print_cuda(program).text).function(kernel.name)
    function.launch((3, 1, 1), (256, 1, 1), arguments)
    found = np.empty_like(expected)
    simulator.download(found, pointers[kernel.writes[-1].name])
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert [str(report) for report in simulator.reports] == []
