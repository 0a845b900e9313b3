"""Planted faults are found, on their lines and with the other access's; their twins are clean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kernelgraph.cuda.simulator import Module, Report, Simulator

SOURCE = (Path(__file__).parent / "faults.cu").read_text(encoding="utf-8")
KINDS = (
    "out of bounds|uninitialised|misaligned|race|divergent barrier|divergent warp|deadlock|shuffle"
    "|mask|assertion|fault"
)
N = 256
USUAL = {"grid": 1, "block": 64, "shared": 0}


@dataclass
class Planted:
    """A kernel of the file: how it is launched, and what is to be found in it."""

    grid: int
    block: int
    shared: int
    kind: str = ""
    line: int = 0
    other: int | None = None


def read() -> dict[str, Planted]:
    kernels: dict[str, Planted] = {}
    here, settings = Planted(1, 1, 0), dict[str, int]()
    for number, line in enumerate(SOURCE.splitlines(), 1):
        if found := re.fullmatch(r"// (grid|block|shared) (\d+)", line):
            settings[found.group(1)] = int(found.group(2))
        elif found := re.search(r"__global__ void (\w+)\(", line):
            grid, block, shared = (settings.pop(what, usual) for what, usual in USUAL.items())
            here = kernels[found.group(1)] = Planted(grid, block, shared)
        elif found := re.search(rf"// ({KINDS})$", line):
            here.kind, here.line = found.group(1), number
        elif line.endswith("// other"):
            here.other = number
    return kernels


KERNELS = read()


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator("check")


@pytest.fixture(scope="module")
def module(simulator: Simulator) -> Module:
    return simulator.module(SOURCE, "faults.cu")


def reports(simulator: Simulator, module: Module, name: str) -> list[Report]:
    planted = KERNELS[name]
    x, z = simulator.allocate(4 * N), simulator.allocate(4 * N)
    simulator.upload(x, np.arange(N, dtype="float32"))
    simulator.clear()
    function = module.function(name)
    function.launch((planted.grid, 1, 1), (planted.block, 1, 1), [x, z, N], planted.shared)
    found = simulator.reports
    simulator.free(x)
    simulator.free(z)
    return found


def test_every_fault_has_a_twin() -> None:
    faults = {name for name, planted in KERNELS.items() if planted.kind}
    assert len(faults) >= 30
    assert {f"{name}_right" for name in faults} <= KERNELS.keys() - faults
    assert {KERNELS[name].kind for name in faults} == set(KINDS.split("|"))


@pytest.mark.parametrize("name", [name for name, planted in KERNELS.items() if planted.kind])
def test_a_planted_fault_is_found(simulator: Simulator, module: Module, name: str) -> None:
    planted = KERNELS[name]
    found = reports(simulator, module, name)
    (report,) = (report for report in found if report.kind == planted.kind)
    lines = {report.line, report.other_line or report.line}
    assert lines == {planted.line, planted.other or planted.line}, str(report)
    assert report.kernel == name
    assert str(report).startswith(f"line {report.line}: {planted.kind}: ")
    assert found == reports(simulator, module, name), "the same in every run"


@pytest.mark.parametrize("name", [name for name, planted in KERNELS.items() if not planted.kind])
def test_its_twin_is_clean(simulator: Simulator, module: Module, name: str) -> None:
    assert [str(report) for report in reports(simulator, module, name)] == []
