"""Run a program whose kernels are on a device: what the host text of a program calls.

Arguments and shared values are sent to the device where a kernel first asks for them, results are
fetched at the end. The host's text is Python (`kernelgraph/python/host.py`); here is what its names
mean: memory is the device's, and a kernel is launched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.cuda.arrays import DeviceArray, Memory, empty, sent
from kernelgraph.cuda.launch import launch_of
from kernelgraph.errors import KernelError, merge_origins
from kernelgraph.interpret import computed
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import strides
from kernelgraph.loops.printer import helpers
from kernelgraph.loops.program import Program
from kernelgraph.python.host import HostPrinter
from kernelgraph.python.target import meanings
from kernelgraph.target import Binding, called_from_python
from kernelgraph.templates import definitions
from kernelgraph.types import Array
from kernelgraph.writer import Source, Writer, plain

FOUND = 4
"""What a kernel that can fail says: the number of a check, from 1 on, two integers that it found,
and the number of a check that only warns.
"""


class Kernel:
    """A kernel of a program, called with what its Python twin is called with."""

    def __init__(
        self, kernel: ir.Kernel, function: Any, memory: Memory, found: Callable[[Array], None]
    ) -> None:
        self.kernel = kernel
        self.function = function
        self.memory = memory
        self.found = found
        self.launch = launch_of(kernel)

    def __call__(self, *operands: Any) -> Any:
        """Launch it, and return its results: one, or a tuple. What its checks have `found` is shown
        to whom that concerns.
        """
        kernel = self.kernel
        numbers = operands[: len(kernel.dims) + len(kernel.scalars)]
        arrays: Sequence[DeviceArray] = operands[len(numbers) :]
        sizes = {dim.name: int(n) for dim, n in zip(kernel.dims, numbers, strict=False)}
        results = [empty(self.memory, (), name.dtype) for name in kernel.results]
        found = [sent(self.memory, np.zeros(FOUND, np.int64))] if kernel.can_fail else []
        grid, block = self.launch.shape(sizes)
        if all(grid) or results or found:
            steps = zip((*kernel.reads, *kernel.writes), arrays, strict=True)
            gaps = [step for buffer, array in steps for step in _steps(buffer, array)]
            pointers = [array.pointer for array in (*arrays, *results, *found)]
            front, back = pointers[: len(arrays)], pointers[len(arrays) :]
            whole = tuple(max(count, 1) for count in grid)
            self.function.launch(whole, block, [*numbers, *front, *gaps, *back])
        for each in found:
            self.found(each.fetched())
        values = tuple(result.fetched()[()] for result in results)
        return values[0] if len(values) == 1 else values


def _steps(buffer: ir.Buffer, array: DeviceArray) -> list[int]:
    """The strides that a kernel is given for a buffer, in elements."""
    itemsize = array.dtype.itemsize
    return [step // itemsize for step in array.strides[: len(strides(buffer))]]


def host_text(program: Program) -> Source:
    """What the host does, as Python: `program(values, call)`."""
    writer = Writer()
    for text in definitions(helpers(program.actions), "python"):
        for line in text.split("\n"):
            writer.line(line)
        writer.line("")
    HostPrinter(writer, "device.empty", "device.bound(values, {slot})").program(program)
    return writer.source("program")


class Device:
    """What the host's text asks of the device, by these names."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def empty(self, shape: Sequence[int], dtype: str) -> DeviceArray:
        """Memory for an array without gaps."""
        return empty(self.memory, shape, dtype)

    def bound(self, values: list[Any], slot: int) -> DeviceArray:
        """The array of a slot, on the device from now on."""
        if not isinstance(values[slot], DeviceArray):
            values[slot] = sent(self.memory, np.asarray(values[slot]))
        return values[slot]


Steps = Sequence[Sequence[tuple[int, int]]]
"""For each axis, along which strides of the base it goes, and how far."""


def _at_strides(base: DeviceArray, shape: Sequence[int], steps: Steps) -> DeviceArray:
    strides = [sum(base.strides[axis] * step for axis, step in along) for along in steps]
    return base.at_strides(shape, strides)


def on_host(value: Any) -> Any:
    """The value of a slot for NumPy."""
    return value.fetched() if isinstance(value, DeviceArray) else value


@dataclass(frozen=True)
class DeviceExecutable:
    """A program, the text of its kernels, and the module of these on a device."""

    program: Program
    source: Source
    module: Any
    device: Any

    def __repr__(self) -> str:
        return f"<program of {len(self.program.kernels)} kernels on {self.device!r}>"

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that checks arguments, runs the program, commits updates."""
        warnings: list[int] = []

        def report(found: Array) -> None:
            failed, first, second, told = map(int, found)
            if failed:
                self.program.checks[failed - 1].report([first, second, 0, 0])
            if told:
                warnings.append(told - 1)

        names = meanings(self.program, warnings.append)
        names |= {"device": Device(self.device), "at_strides": _at_strides}
        text = host_text(self.program).text
        exec(compile(text, f"<generated {plain(self.program.name)}>", "exec"), names)
        for kernel in self.program.kernels:
            function = self.module.function(kernel.name)
            names[kernel.name] = Kernel(kernel, function, self.device, report)
        run_program = names["program"]
        kept = {*binding.outputs, *(slot for slot, _ in binding.updates)}

        def run(values: list[Any]) -> None:
            warnings.clear()
            with np.errstate(all="ignore"):
                run_program(values, self.call)
            for slot in kept:
                values[slot] = on_host(values[slot])
            self._refuse_faults()
            for number in warnings[:1]:  # once a call, and as the caller's `errstate` says
                self.program.checks[number].report(())

        return called_from_python(binding, len(self.program.slots), self.program.constants, run)

    def _refuse_faults(self) -> None:
        """Raises `KernelError` (KG-X010) for what a device that checks has found."""
        reports = getattr(self.device, "reports", ())
        if not reports:
            return
        self.device.clear()
        nodes = self.source.lines.get(reports[0].line, ())
        more = f"; and {len(reports) - 1} more" if len(reports) > 1 else ""
        origins = merge_origins(node.origins for node in nodes)
        raise KernelError(f"{reports[0]}{more}", origins=origins)

    def call(self, number: int, values: list[Any]) -> None:
        """Python call `number` of the program."""
        call = self.program.calls[number]
        results = computed(call.node, [on_host(values[slot]) for slot in call.inputs])
        for slot, value in zip(call.outputs, results, strict=True):
            values[slot] = value
