"""The simulator as a device: memory, modules, and launches of kernels.

What is here has the names and meanings that a driver of a real GPU has, so that a program can have
either. Memory of the device is memory of this process; a pointer to it is an int.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import threading
import weakref
from collections.abc import Sequence
from typing import Literal

import numpy as np

from kernelgraph.c.library import load_image
from kernelgraph.cuda.parameters import require_contiguous, require_named
from kernelgraph.cuda.simulator import compilation, elf, runtime
from kernelgraph.cuda.simulator.arguments import packed
from kernelgraph.cuda.simulator.assembly import DYNAMIC_ROOM
from kernelgraph.cuda.simulator.measures import Measures, read_measures
from kernelgraph.cuda.simulator.reports import Report, read_reports
from kernelgraph.errors import (
    ArgumentError,
    CompileError,
    KernelError,
    OptionError,
    OutOfMemoryError,
)

Mode = Literal["run", "check", "measure"]
Size = tuple[int, int, int]

_MODES = ("run", "check", "measure")
_ROOMS = (2**40, 2**36, 2**32, 2**30)
_WATCHED_ROOMS = (2**37, 2**34, 2**32, 2**30)
_MOST_THREADS = 1024
_LARGEST_BLOCK = (1024, 1024, 64)
_LARGEST_GRID = (2**31 - 1, 65535, 65535)
_GLANCE = 20  # milliseconds between two looks whether there was a Ctrl-C
BUDGET = 500_000_000


class Simulator:
    """A CUDA device on the processor.

    In mode "run", kernels run as fast as they can, on `threads` threads of the processor (as many
    as there are, by default). In mode "check", faults of kernels are noted in `reports`. In mode
    "measure", what their accesses cost is counted in `measures`. The latter two run one thread at a
    time, in the same order in every run, and stop a launch that runs more basic blocks than
    `budget`, which then has most likely no end.

    Raises `CompileError` where there is no C++ compiler, `OptionError` for an unknown mode.
    """

    def __init__(
        self, mode: Mode = "run", threads: int | None = None, *, budget: int = BUDGET
    ) -> None:
        if mode not in _MODES:
            raise OptionError(f"a simulator's mode is one of {', '.join(_MODES)}, not {mode!r}")
        if threads is not None and threads < 1:
            raise OptionError(f"a simulator runs on at least 1 thread, not {threads}")
        self.mode: Mode = mode
        self._compiler = compilation.find()
        self._runtime = runtime.load(self._compiler)
        count = threads or len(os.sched_getaffinity(0))
        for room in _ROOMS if mode == "run" else _WATCHED_ROOMS:
            machine = self._runtime.machine(_MODES.index(mode), count, budget, room)
            if machine:
                break
        else:
            raise OutOfMemoryError("there is no memory for the simulator's device")
        self._machine: int = machine
        self._lock = threading.Lock()
        self._modules: list[Module] = []  # the machine knows their addresses
        weakref.finalize(self, self._runtime.machine_end, machine).atexit = False

    def __repr__(self) -> str:
        return f"Simulator({self.mode!r})"

    # ------------------------------------------------------------------------------------- memory

    def allocate(self, size: int) -> int:
        """A pointer to so many bytes, whose values are undefined until they are written."""
        if size < 0:
            raise ArgumentError(f"memory of {size} bytes cannot be", code="KG-X011")
        with self._lock:
            pointer = self._runtime.allocate(self._machine, size)
        if not pointer:
            raise OutOfMemoryError(f"the simulator's device has no room for {size} bytes")
        return pointer

    def free(self, pointer: int) -> None:
        """Give memory back. Raises `ArgumentError` for what `allocate` did not give."""
        with self._lock:
            freed = self._runtime.free(self._machine, pointer)
        if not freed:
            raise ArgumentError(f"{pointer:#x} is no memory that was allocated", code="KG-X011")

    def upload(self, pointer: int, data: np.ndarray) -> None:
        """Copy a C-contiguous array to the device."""
        require_contiguous(data)
        with self._lock:
            self._require_own(pointer, data.nbytes)
            ctypes.memmove(pointer, data.ctypes.data, data.nbytes)
            self._runtime.wrote(self._machine, pointer, data.nbytes)

    def download(self, data: np.ndarray, pointer: int) -> None:
        """Copy from the device into a C-contiguous array."""
        require_contiguous(data)
        if not data.flags.writeable:
            raise ArgumentError("an array that cannot be written takes no values", code="KG-X011")
        with self._lock:
            self._require_own(pointer, data.nbytes)
            ctypes.memmove(data.ctypes.data, pointer, data.nbytes)

    def copy(self, target: int, source: int, size: int) -> None:
        """Copy so many bytes on the device; what was not written stays so."""
        with self._lock:
            self._require_own(target, size)
            self._require_own(source, size)
            self._runtime.copy(self._machine, target, source, size)

    def _require_own(self, pointer: int, size: int) -> None:
        if size < 0 or not self._runtime.owns(self._machine, pointer, size):
            what = f"{size} bytes at {pointer:#x} are not in memory that was allocated"
            raise ArgumentError(what, code="KG-X011")

    # ------------------------------------------------------------------------------------ programs

    def module(self, source: str, name: str = "kernel.cu") -> Module:
        """Compile CUDA C. `name` is what errors call it.

        Raises `CompileError`: KG-K005 with the compiler's words and the line, KG-K030 for what the
        simulator does not know.
        """
        prepared, compiled = self._compiler.kernel(source, name, self.mode)
        try:
            library = load_image(compiled.body, "kg_kernel", _open)
        except OSError as error:
            raise CompileError(f"the compiled kernel cannot be loaded: {error}") from error
        with self._lock:
            module = Module(self, name, prepared.kernels, compiled, library)
            self._modules.append(module)
        return module

    def synchronise(self) -> None:
        """Wait for launches; here each launch waits for itself."""

    # ------------------------------------------------------------------------------------- results

    @property
    def reports(self) -> list[Report]:
        """What the checks have found since the last `clear`, in the order in which it was found."""
        return read_reports(self._text("reports"))

    @property
    def measures(self) -> dict[str, Measures]:
        """What was counted since the last `clear`, by the names of the kernels."""
        return read_measures(self._text("measures")) if self.mode == "measure" else {}

    @property
    def printed(self) -> str:
        """What kernels have printed by `printf` since this was last read."""
        return self._text("output")

    def clear(self) -> None:
        """Forget reports and measures."""
        with self._lock:
            self._runtime.clear(self._machine)
            if self.mode == "measure":
                self._runtime.clear_measures(self._machine)

    def _text(self, what: str) -> str:
        with self._lock:
            text: bytes = getattr(self._runtime, what)(self._machine)
        return text.decode("utf-8", "replace")

    def launch(self, function: Function, grid: Size, block: Size, data: bytes, shared: int) -> None:
        """Run a kernel with its arguments laid out in memory; see `Function.launch`."""
        buffer = ctypes.create_string_buffer(data, max(len(data), 1))
        start = ctypes.addressof(buffer)
        offsets = function.offsets
        pointers = (ctypes.c_void_p * max(len(offsets), 1))(*(start + o for o in offsets))
        sizes = (ctypes.c_uint * 3)(*grid), (ctypes.c_uint * 3)(*block)
        with self._lock:
            started = self._runtime.start(
                self._machine, function.module.handle, function.name.encode(), function.one,
                function.all, function.waits, pointers, *sizes, shared,
            )  # fmt: skip
            if not started:
                raise KernelError("there is no thread of the processor for a launch")
            try:
                while not self._runtime.wait(self._machine, _GLANCE):
                    pass
            except BaseException:
                self._runtime.stop(self._machine)
                raise
            failure = self._runtime.failure(self._machine).decode("utf-8", "replace")
        if failure:
            if self.mode == "run":
                hint = 'Simulator("check") says on which line'
            else:
                hint = f"if it takes long and does end:  Simulator({self.mode!r}, budget=…)"
            raise KernelError(f"the kernel {function.name} was stopped: {failure}", hint=hint)


class Module:
    """A compiled source: kernels, and variables that are there as long as the module is."""

    def __init__(
        self,
        simulator: Simulator,
        name: str,
        kernels: Sequence[str],
        compiled: compilation.Compiled,
        library: ctypes.CDLL,
    ) -> None:
        self.simulator = simulator
        self.name = name
        self.kernels = tuple(kernels)
        self.library = library
        self.waits = compiled.waits
        self._variables: dict[str, tuple[int, int]] = {}
        weakref.finalize(self, _ctypes.dlclose, library._handle).atexit = False
        self.handle = self._tell(elf.read(compiled.body), compiled.objects)

    def _tell(self, image: elf.Image, objects: frozenset[str]) -> int:
        """Tell the machine where the module's code and variables lie."""
        machine = self.simulator._machine  # pyright: ignore[reportPrivateUsage] - they are one
        library, run = self.library, self.simulator._runtime  # pyright: ignore[reportPrivateUsage]
        shared = _address(library, "kernelgraph_shared")
        base = shared - image.offsets["kernelgraph_shared"]
        sites = ctypes.addressof(ctypes.c_char.in_dll(library, "kernelgraph_sites"))
        sites_size = image.sizes["kernelgraph_sites"]
        dynamic = image.offsets["kernelgraph_dynamic"]
        room = DYNAMIC_ROOM if image.sizes["kernelgraph_dynamic"] > DYNAMIC_ROOM else 0
        handle = run.module(
            machine, sites, sites_size // 8 - 1, shared, dynamic, room, image.thread_size, base,
            base + image.size,
        )  # fmt: skip
        for variable in image.variables:
            if variable.symbol not in objects or "kernelgraph_" in variable.symbol:
                continue
            start = variable.offset if variable.of_threads else base + variable.offset
            name = variable.name.encode()
            run.variable(handle, name, variable.of_threads, start, variable.size)
            if not variable.of_threads:
                self._variables[variable.name] = start, variable.size
        return handle

    def __repr__(self) -> str:
        return f"<module {self.name}: {', '.join(self.kernels)}>"

    def function(self, name: str) -> Function:
        """A kernel by its name. Raises `ArgumentError` where there is none."""
        require_named("kernel", name, self.kernels, self.name)
        return Function(self, name)

    def variable(self, name: str) -> tuple[int, int]:
        """The pointer to a `__device__` or `__constant__` variable, and how many bytes it has."""
        require_named("variable", name, self._variables, self.name)
        return self._variables[name]


class Function:
    """A kernel that can be launched."""

    def __init__(self, module: Module, name: str) -> None:
        self.module = module
        self.name = name
        self.one = _address(module.library, f"kernelgraph_one_{name}")
        self.all = _address(module.library, f"kernelgraph_all_{name}")
        self.waits = int(module.waits.get(name, True))
        types = module.library[f"kernelgraph_type_{name}"]
        types.restype = ctypes.c_char_p
        words: list[str] = types().decode().split()
        self.parameters = tuple((word[0], int(word[1:])) for word in words)
        self.offsets = tuple(16 * i for i in _starts([size for _, size in self.parameters]))

    def __repr__(self) -> str:
        return f"<kernel {self.name} of {self.module.name}>"

    def launch(
        self,
        grid: Size,
        block: Size,
        arguments: Sequence[int | float | np.generic],
        shared: int = 0,
    ) -> None:
        """Run the kernel and wait for its end.

        `arguments` are converted to the kernel's own types; pointers are ints. `shared` is how many
        bytes of dynamic shared memory each block has. Raises `ArgumentError` where these do not fit
        (KG-X011), `KernelError` for a kernel that was stopped.
        """
        self._require_sizes("grid", grid, _LARGEST_GRID)
        self._require_sizes("block", block, _LARGEST_BLOCK)
        if block[0] * block[1] * block[2] > _MOST_THREADS:
            what = f"a block has at most {_MOST_THREADS} threads, not {block}"
            raise ArgumentError(what, code="KG-X011")
        if not 0 <= shared <= DYNAMIC_ROOM:
            what = f"a block has at most {DYNAMIC_ROOM} bytes of shared memory, not {shared}"
            raise ArgumentError(what, code="KG-X011")
        data = packed(self.name, self.parameters, self.offsets, arguments)
        self.module.simulator.launch(self, grid, block, data, shared)

    def _require_sizes(self, what: str, sizes: Size, largest: Size) -> None:
        fits = len(sizes) == 3 and all(
            1 <= n <= most for n, most in zip(sizes, largest, strict=True)
        )
        if not fits:
            words = f"a {what} has three sizes from 1 to {largest}, not {sizes}"
            raise ArgumentError(words, code="KG-X011")


def _starts(sizes: Sequence[int]) -> list[int]:
    """Where each parameter begins, in pieces of 16 bytes, which every type may begin at."""
    starts, place = list[int](), 0
    for size in sizes:
        starts.append(place)
        place += -(-size // 16)
    return starts


def _address(library: ctypes.CDLL, name: str) -> int:
    address = ctypes.cast(library[name], ctypes.c_void_p).value
    assert address is not None
    return address


def _open(path: str) -> ctypes.CDLL:
    return ctypes.CDLL(path, os.RTLD_NOW | os.RTLD_LOCAL)
