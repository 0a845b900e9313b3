"""What a provider does with the stand-in for the driver library (`driver.c`): run as a program of
its own, in which that library is the one that the system finds. It prints what it saw, as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from kernelgraph.cuda.driver import open_driver
from kernelgraph.cuda.gpu import Gpu
from kernelgraph.errors import KernelgraphError

PROVIDER = sys.argv[-1]

TEXT = """\
typedef long long int64;
struct complex64 { float re, im; };
extern "C" __global__ void f(int64 n, const float *__restrict__ x, bool b, short k, complex64 z,
                             double y) {}
"""

LAYOUT = [("n", "<i8"), ("x", "<u8"), ("b", "?"), ("k", "<i2"), ("z", "<c8"), ("y", "<f8")]


class Launch(ctypes.Structure):
    _fields_ = [
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared", ctypes.c_uint),
        ("function", ctypes.c_void_p),
        ("stream", ctypes.c_void_p),
        ("sizes", ctypes.c_int * 64),
        ("count", ctypes.c_int),
        ("length", ctypes.c_size_t),
        ("data", ctypes.c_ubyte * 4096),
    ]


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL("libcuda.so.1")


@cache
def record() -> Launch:
    """What the last launch was."""
    return Launch.in_dll(library(), "stand_in_launch")


def refuse(call: str, number: int) -> None:
    library().stand_in_refuse(call.encode(), number)


def told(action: Callable[[], Any]) -> list[str]:
    """The kind of error that an action raises, and its text."""
    try:
        action()
    except KernelgraphError as error:
        return [type(error).__name__, str(error)]
    return ["nothing", ""]


def fresh() -> Gpu:
    """A driver that no scene has used."""
    module = __import__(f"kernelgraph.cuda.providers.{PROVIDER}", fromlist=["Calls"])
    return Gpu(module.Calls(0))


def memory() -> dict[str, Any]:
    gpu = open_driver(PROVIDER)
    numbers = np.arange(10.0)
    first, second = gpu.allocate(numbers.nbytes), gpu.allocate(numbers.nbytes)
    gpu.upload(first, numbers)
    gpu.copy(second, first, numbers.nbytes)
    found = np.empty_like(numbers)
    gpu.download(found, second)
    full = told(lambda: gpu.allocate(2**21))
    gpu.free(first)
    gpu.free(second)
    gpu.synchronise()
    unfit = told(lambda: gpu.upload(0, numbers[::2]))
    return {
        "arch": gpu.arch, "found": found.tolist(), "full": full, "unfit": unfit,
        "used": library().stand_in_used(), "depth": library().stand_in_depth(),
    }  # fmt: skip


def launch() -> dict[str, Any]:
    gpu, launched = open_driver(PROVIDER), record()
    module = gpu.module(TEXT, "program")
    function = module.function("f")
    sizes = [np.dtype(kind).itemsize for _, kind in LAYOUT]
    launched.count = len(sizes)
    for k, size in enumerate(sizes):
        launched.sizes[k] = size
    word: Any = "n"
    given: list[Any] = [7, 0x1234, True, -3, 1.5 - 2j, np.float64(0.1)]
    function.launch((3, 2, 1), (64, 4, 1), given, shared=60_000)
    layout = np.dtype(LAYOUT, align=PROVIDER == "pycuda")  # which lays arguments out itself
    data = bytes(launched.data[: launched.length]).ljust(layout.itemsize, b"\0")
    (values,) = np.frombuffer(data, layout)
    seen = {
        "grid": [*launched.grid], "block": [*launched.block], "shared": launched.shared,
        "values": [str(value) for value in values],
    }  # fmt: skip
    launched.grid[0] = 99
    function.launch((0, 1, 1), (64, 1, 1), given)
    seen["empty"] = launched.grid[0]
    function.launch((1, 1, 1), (1, 1, 1), given, stream=gpu.stream())
    seen["stream"] = launched.stream
    start = gpu.record()
    seen["seconds"] = gpu.record().since(start)
    seen["missing"] = told(lambda: module.function("g"))
    seen["few"] = told(lambda: function.launch((1, 1, 1), (1, 1, 1), [1]))
    seen["kind"] = told(lambda: function.launch((1, 1, 1), (1, 1, 1), [word, *given[1:]]))
    seen["refused"] = told(lambda: gpu.module("mistake", "program"))
    return seen


def function() -> dict[str, Any]:
    """A function on the device: what its kernel is given, and that no memory is left behind."""
    import kernelgraph as kg
    import kernelgraph.tensor as T

    x = T.fvector("x")
    f = kg.function([x], x * 2, device="cuda")
    launched, before = record(), library().stand_in_used()
    launched.count = 3
    for k in range(3):
        launched.sizes[k] = 8  # a size and two pointers
    result = f(np.arange(300, dtype="float32"))
    size, operand, out = np.frombuffer(bytes(launched.data[:24]), np.uint64).tolist()
    return {
        "target": f.target, "grid": [*launched.grid], "block": [*launched.block], "size": size,
        "apart": abs(operand - out) >= 1200, "result": [str(result.dtype), *result.shape],
        "used": library().stand_in_used() - before, "depth": library().stand_in_depth(),
        "full": told(lambda: f(np.zeros(2**20, "float32"))), "again": f(np.zeros(3, "f")).shape[0],
    }  # fmt: skip


def no_device() -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, number in (("none", 100), ("driver", 803), ("forked", 3)):
        refuse("cuInit", number)
        seen[name] = told(fresh)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    refuse("cuInit", 100)
    seen["hidden"] = told(fresh)
    refuse("", 0)
    return seen


def old_driver() -> dict[str, Any]:
    library().stand_in_version(12040)
    gpu = fresh()
    seen = {"old": told(lambda: gpu.module(TEXT, "program"))}
    library().stand_in_version(13000)
    return seen


def lost() -> dict[str, Any]:
    depth = library().stand_in_depth()  # PyCUDA leaves one behind for each context that it drops
    gpu = fresh()
    pointer = gpu.allocate(64)
    refuse("cuCtxSynchronize", 700)
    first = told(gpu.synchronise)
    refuse("", 0)
    again = told(gpu.synchronise)
    before = library().stand_in_calls()
    gpu.free(pointer)
    import kernelgraph as kg
    import kernelgraph.tensor as T

    x = T.dvector("x")
    on_cpu = kg.function([x], x * 2, target="python")([1.0, 2.0])
    return {
        "first": first, "again": again, "calls": library().stand_in_calls() - before,
        "depth": library().stand_in_depth() - depth, "on_cpu": list(on_cpu),
    }  # fmt: skip


def forked() -> dict[str, Any]:
    gpu = open_driver(PROVIDER)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = library().stand_in_calls()
        seen = [told(gpu.synchronise), told(lambda: open_driver(PROVIDER))]
        gpu.free(0)
        os.write(writing, json.dumps([seen, library().stand_in_calls() - before]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        seen, calls = json.load(stream)
    os.waitpid(child, 0)
    return {"child": seen, "calls": calls, "parent": told(gpu.synchronise)}


def only_compiles() -> dict[str, Any]:
    """A compilation asks the driver for nothing."""
    from kernelgraph.cuda import nvrtc

    before = library().stand_in_calls()
    nvrtc.find().compile(TEXT, "sm_90")
    return {"calls": library().stand_in_calls() - before}


SCENES = (only_compiles, memory, launch, function, no_device, old_driver, forked, lost)

if __name__ == "__main__":
    print(json.dumps({scene.__name__: scene() for scene in SCENES}))
