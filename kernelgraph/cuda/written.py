"""Kernels that a user has written, run by the simulator on arrays of NumPy: checked, and measured.

>>> import numpy as np
>>> twice = kernels('''
... __global__ void twice(int n, float *x) {
...     int i = blockIdx.x * blockDim.x + threadIdx.x;
...     if (i < n) x[i] *= 2;
... }''')["twice"]
>>> x = np.arange(5, dtype="float32")
>>> print(twice[2, 4](5, x))
twice<<<2, 4>>>: 8 threads, no fault found
>>> x.tolist()
[0.0, 2.0, 4.0, 6.0, 8.0]

A launch is checked first; only what has no fault changes arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import numpy as np

from kernelgraph.cuda.parameters import Pointer, pointers
from kernelgraph.cuda.simulator import Function, Measures, Report, Simulator
from kernelgraph.errors import ArgumentError, CompileError, KernelError, Origins
from kernelgraph.expect import came
from kernelgraph.hooks import later
from kernelgraph.types import Array, is_array, is_integer, listed

Size = tuple[int, int, int]
Watch = Literal["check", "measure"]

BUDGET = 50_000_000
"""Basic blocks that a launch may run: some seconds. One that runs more has most likely no end."""

_MOST_TOLD = 5

_bundle = later("viz.launches", "bundle_of_run")


@dataclass(frozen=True)
class Run:
    """What a launch did: of which kernel, with which grid, what was found and counted.

    `measures` is None if it was only checked; `printed` is what the kernel wrote by `printf`.
    """

    kernel: str
    grid: Size
    block: Size
    shared: int
    source: str
    measures: Measures | None
    printed: str

    @property
    def threads(self) -> int:
        """How many threads ran."""
        return math.prod(self.grid) * math.prod(self.block)

    @property
    def metrics(self) -> dict[str, float]:
        """What was counted, by Nsight Compute's names; empty if it was only checked."""
        return {} if self.measures is None else self.measures.metrics

    @property
    def launch(self) -> str:
        """The launch as CUDA writes it: `add<<<4, 256>>>`."""
        sizes = [_size_text(self.grid), _size_text(self.block)]
        sizes += [str(self.shared)] if self.shared else []
        return f"{self.kernel}<<<{', '.join(sizes)}>>>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return _bundle(self)

    def __str__(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads:,} threads"
        head = f"{self.launch}: {threads}, no fault found"
        counted = [] if self.measures is None else str(self.measures).split("\n")[1:]
        return "\n".join([head, *counted, *self.printed.splitlines()])


def _size_text(size: Size) -> str:
    kept = size[: max((k + 1 for k, n in enumerate(size) if n != 1), default=1)]
    return str(kept[0]) if len(kept) == 1 else f"dim3({', '.join(map(str, kept))})"


@dataclass(frozen=True)
class Kernel:
    """A kernel of a source: `kernel[grid, block]`, or `kernel[grid, block, bytes of dynamic shared
    memory]`, is called with its arguments. Sizes are ints, or tuples along x, y and z.
    """

    name: str
    source: str
    place: Callable[[int], Origins]
    """Where in the user's text a line of the source is."""

    @property
    def pointers(self) -> Mapping[int, Pointer]:
        """The parameters that are pointers to numbers, by their positions."""
        return pointers(self.source).get(self.name, {})

    def __getitem__(self, launch: Any) -> Callable[..., Run]:
        """Raises `ArgumentError` (KG-X011) for what is no grid and block."""
        given: Sequence[Any] = listed(launch)
        if not 2 <= len(given) <= 3:
            words = f"a launch is {self.name}[grid, block], perhaps with bytes of shared memory"
            raise ArgumentError(f"{words}, not {came(launch)}", code="KG-X011")
        grid, block = _size("grid", given[0]), _size("block", given[1])
        shared = _count("shared memory", given[2]) if len(given) == 3 else 0

        def called(*arguments: Any, watch: Watch = "check") -> Run:
            return self._run(grid, block, shared, arguments, watch)

        return called

    def _run(
        self, grid: Size, block: Size, shared: int, arguments: Sequence[Any], watch: Watch
    ) -> Run:
        """Check a launch, and where there is no fault, measure it if that is wanted.

        Raises `KernelError` (KG-X010) for a fault, at the line of the user's text; `ArgumentError`
        (KG-X011) for arguments that do not fit.
        """
        self._check_arrays(arguments)
        launched = _Launched(self, "check", arguments)
        launched.go(grid, block, shared)
        printed, measures = launched.printed, None
        if watch == "measure":
            measured = _Launched(self, "measure", arguments)
            measures = measured.go(grid, block, shared)
        launched.store()
        return Run(self.name, grid, block, shared, self.source, measures, printed)

    def _check_arrays(self, arguments: Sequence[Any]) -> None:
        for number, pointer in self.pointers.items():
            if number >= len(arguments):
                return  # the launch says how many there are
            value = arguments[number]
            what = f"argument {number + 1} of {self.name}, {pointer.text}"
            if not is_array(value):
                hint = f"np.array({came(value)}, {str(pointer.dtype)!r}) is an array"
                raise ArgumentError(f"{what}: an array is wanted", code="KG-X011", hint=hint)
            found: Array = value
            if pointer.dtype is not None and found.dtype != pointer.dtype:
                raise ArgumentError(
                    f"{what}: the array is {found.dtype}, not {pointer.dtype}",
                    code="KG-X011",
                    hint=f".astype({str(pointer.dtype)!r}) converts it",
                )


class _Launched:
    """Arguments on the device of a simulator, for one launch."""

    def __init__(self, kernel: Kernel, watch: Watch, arguments: Sequence[Any]) -> None:
        self.kernel = kernel
        self.device = device(watch)
        self.function: Function = _compiled(watch, kernel.source).function(kernel.name)
        self.arrays: list[tuple[Array, Array]] = []
        self.arguments = list(arguments)
        self.printed = ""

    def go(self, grid: Size, block: Size, shared: int) -> Measures | None:
        """Run it. What arrays hold afterwards is kept until `store`."""
        device, held = self.device, list[tuple[int, Array]]()
        device.clear()
        try:
            for number, value in enumerate(self.arguments):
                if is_array(value):
                    data: Array = np.ascontiguousarray(value)
                    pointer = device.allocate(data.nbytes)
                    held.append((pointer, value))
                    device.upload(pointer, data)
                    self.arguments[number] = pointer
            self._launch(grid, block, shared)
            for pointer, array in held:
                found = np.empty(array.shape, array.dtype)
                device.download(found, pointer)
                self.arrays.append((array, found))
            self.printed = device.printed
            return device.measures.get(self.kernel.name)
        finally:
            for pointer, _ in held:
                device.free(pointer)
            device.clear()

    def _launch(self, grid: Size, block: Size, shared: int) -> None:
        stopped = None
        try:
            self.function.launch(grid, block, self.arguments, shared)
        except KernelError as error:
            stopped = error
        reports = self.device.reports
        if reports:
            raise _fault(self.kernel, reports)
        if stopped is not None:
            raise KernelError(stopped.message, hint="a loop ends when its condition is false")

    def store(self) -> None:
        """Give arrays what the kernel has written. Raises `ArgumentError` for a read-only one."""
        changed = [(to, found) for to, found in self.arrays if to.tobytes() != found.tobytes()]
        for to, _ in changed:
            if not to.flags.writeable:
                words = f"{self.kernel.name} wrote to an array that is read-only"
                raise ArgumentError(words, code="KG-X011", hint="give it a copy: x.copy()")
        for to, found in changed:
            to[...] = found


def _fault(kernel: Kernel, reports: Sequence[Report]) -> KernelError:
    """The error for what was found first; it names a few of the others."""
    first, rest = reports[0], reports[1:]
    others = [str(report) for report in islice(rest, _MOST_TOLD - 1)]
    if len(rest) >= _MOST_TOLD:
        others.append(f"and {len(rest) - _MOST_TOLD + 1} more")
    origins = kernel.place(first.line)
    if first.other_line is not None and first.other_line != first.line:
        origins = (*origins, *kernel.place(first.other_line))
    return KernelError(str(first), origins=origins, because="\n".join(others) or None)


@lru_cache
def device(watch: Watch) -> Simulator:
    """The simulator that checks, or measures, what users have written."""
    return Simulator(watch, budget=BUDGET)


@lru_cache(maxsize=64)
def _compiled(watch: Watch, source: str) -> Any:
    return device(watch).module(source, "the source")


def _nowhere(line: int) -> Origins:
    return ()


def kernels(source: str, place: Callable[[int], Origins] = _nowhere) -> dict[str, Kernel]:
    """The kernels of a CUDA source by their names; `place` says where in the user's text a line is.

    Raises `CompileError`: KG-K005 with the compiler's words and the line, KG-K030 for what the
    simulator does not know.
    """
    try:
        module = _compiled("check", source)
    except CompileError as error:
        line = _line_of(error)
        error.origins = place(line) if line else error.origins
        raise
    return {name: Kernel(name, source, place) for name in module.kernels}


def _line_of(error: CompileError) -> int:
    """The line of the source that a compiler complains about, or 0."""
    words = error.message.partition(", line ")[2].partition(":")[0]
    return int(words) if words.isdigit() else 0


def _size(what: str, value: Any) -> Size:
    """Blocks or threads along x, y and z."""
    items: Sequence[Any] = listed(value)
    if not 1 <= len(items) <= 3:
        raise ArgumentError(f"a {what} has 1 to 3 sizes, not {came(value)}", code="KG-X011")
    found = [_count(what, item) for item in items]
    x, y, z = (*found, 1, 1)[:3]
    return x, y, z


def _count(what: str, value: Any) -> int:
    if isinstance(value, bool | np.bool_) or not is_integer(value):
        hint = "(n + 255) // 256 is a whole number" if isinstance(value, float) else None
        words = f"the size of a {what} is a whole number, not {came(value)}"
        raise ArgumentError(words, code="KG-X011", hint=hint)
    return int(value)
