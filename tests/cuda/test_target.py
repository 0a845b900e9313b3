"""The target for GPUs: what it answers, and that it says where it ends."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.cuda.gpu import Gpu
from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.errors import DeviceError, GraphError, OptionError, SettingError
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.verify import verify
from kernelgraph.loops.walks import nested
from kernelgraph.target import mapped


def test_its_program_is_mapped_to_a_grid_and_printed() -> None:
    x = T.dmatrix("x")
    target = CudaTarget()
    lowered = lower(compile_graph(Graph((x,), (T.exp(x),)), CTarget()).schedule)
    program = mapped(lowered, target, verify)
    loops = [loop for kernel in program.kernels for loop in nested(kernel.body)]
    assert "grid" in {getattr(loop, "runs", "") for loop in loops}
    text = target.print(program).text
    assert text == print_cuda(program).text
    assert "__global__" in text


def no_gpu(*arguments: object) -> Gpu:
    raise DeviceError("there is no GPU that can be used here", hint="pip install pycuda")


def test_without_a_gpu_it_says_what_runs_the_same_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelgraph.cuda.target.open_driver", no_gpu)
    x = T.dvector("x")
    words = r"(?s)KG-X001.*pip install pycuda; or device=.cuda-"
    with pytest.raises(DeviceError, match=words):
        kg.function([x], x + 1, target="cuda")
    with pytest.raises(DeviceError, match=words):
        kg.function([x], x + 1, device="cuda")
    with kg.config.change_flags(device="cuda"), pytest.raises(DeviceError, match="KG-X001"):
        kg.function([x], x + 1)
    assert kg.function([x], x + 1, device="cpu")([1.0]) == [2.0]


def test_the_device_is_chosen_by_name() -> None:
    x = T.fvector("x")
    with kg.config.change_flags(device="cuda-check"):
        f, on_cpu = kg.function([x], x * 2), kg.function([x], x * 2, target="python")
        again = kg.function([x], x * 2, device="cpu")
        as_mode_says = kg.function([x], x * 2, mode="FAST_COMPILE")
    assert (f.target, on_cpu.target, again.target) == ("cuda-check", "python", kg.config.target)
    assert as_mode_says.target == "interpret"
    assert kg.function([x], x * 2, device="cuda-sim").target == "cuda-sim"
    np.testing.assert_array_equal(f([1, 2]), np.array([2, 4], "float32"))
    with pytest.raises(GraphError, match=r"KG-G008.*both say where it runs"):
        kg.function([x], x, device="cuda-sim", target="c")
    with pytest.raises(OptionError, match="cuda-sim"):
        kg.function([x], x, device="gpu")
    with pytest.raises(SettingError, match="cuda-sim"):
        kg.config.device = "cuda-simulator"


def test_a_function_that_runs_elsewhere_shows_its_text() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, target="python")
    assert "__global__" in f.source("cuda").text
    assert repr(CudaTarget()) == "CudaTarget()"
