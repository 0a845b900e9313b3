"""What CUDA has, in every mode of the simulator: results are right, and checks find nothing."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from kernelgraph.cuda.simulator import Function, Module, Simulator
from kernelgraph.errors import ArgumentError, CompileError, KernelError, OptionError
from tests.support import within

SOURCE = (Path(__file__).parent / "kernels.cu").read_text(encoding="utf-8")
MODES = ("run", "check", "measure")
LANES = np.arange(32)


class Device:
    """A simulator with the kernels of the file; arrays go in and out by name."""

    def __init__(self, mode: str) -> None:
        self.simulator = Simulator(mode, 2)  # pyright: ignore[reportArgumentType]
        self.module: Module = self.simulator.module(SOURCE, "kernels.cu")

    def put(self, array: np.ndarray) -> int:
        pointer = self.simulator.allocate(array.nbytes)
        self.simulator.upload(pointer, array)
        return pointer

    def call(self, name: str, grid, block, *arguments, shared: int = 0) -> None:
        """Launch a kernel; arrays among the arguments have their values from the device after."""
        given = [self.put(a) if isinstance(a, np.ndarray) else a for a in arguments]
        self.simulator.clear()
        self.module.function(name).launch(three(grid), three(block), given, shared)
        for argument, pointer in zip(arguments, given, strict=True):
            if isinstance(argument, np.ndarray):
                self.simulator.download(argument, pointer)
                self.simulator.free(pointer)
        assert [str(report) for report in self.simulator.reports] == []


def three(sizes) -> tuple[int, int, int]:
    x, y, z, *_ = *np.atleast_1d(sizes).tolist(), 1, 1
    return x, y, z


@pytest.fixture(scope="module", params=MODES)
def device(request: pytest.FixtureRequest) -> Device:
    return Device(request.param)


@pytest.fixture(scope="module")
def runner() -> Simulator:
    return Simulator("run", 2)


def test_saxpy(device: Device) -> None:
    x, y = np.arange(1000, dtype="float32"), np.ones(1000, dtype="float32")
    device.call("saxpy", 3, 64, 0.5, x, y, 1000)
    assert (y == np.arange(1000) / 2 + 1).all()


def test_a_tiled_product(device: Device) -> None:
    a, b = np.random.default_rng(1).integers(-4, 5, (2, 24, 24)).astype("float32")
    c = np.zeros_like(a)
    device.call("matmul", (3, 3), (8, 8), a, b, c, 24)
    assert (c == a @ b).all()


def test_sums_of_two_types(device: Device) -> None:
    x = np.arange(1000, dtype="float32")
    total, squares = np.zeros(1, "float32"), np.zeros(1)
    device.call("sums", 3, 96, x, total, squares, 1000)
    assert total == x.sum()
    assert squares == (x.astype("float64") ** 2).sum()


def test_dynamic_shared_memory(device: Device) -> None:
    x, counts = np.arange(100, dtype="int32") ** 2, np.zeros(16, "int32")
    device.call("histogram", 1, 32, x, counts, 100, shared=64)
    assert (counts == np.bincount(x & 15, minlength=16)).all()
    x, y = np.arange(50.0), np.zeros(50)
    device.call("reversed", 1, 50, x, y, shared=400)
    assert (y == x[::-1]).all()


def test_compaction_by_ballot(device: Device) -> None:
    x = (np.arange(32) % 3).astype("float32")
    y, count = np.zeros(32, "float32"), np.zeros(1, "int32")
    device.call("compact", 1, 32, x, y, count)
    assert count == 21
    assert (y[:21] == x[x != 0]).all()


def test_short_vectors(device: Device) -> None:
    x = np.arange(40, dtype="float32").reshape(10, 4)
    y, z = np.zeros_like(x), np.zeros((10, 2))
    device.call("vectors", 1, 10, x, y, z)
    assert (y == x[:, ::-1]).all()
    assert (z == x.reshape(10, 2, 2).sum(-1)).all()


def test_variables_of_the_device(device: Device) -> None:
    y = np.zeros(33, "float32")
    device.call("variables", 1, 33, y)
    assert (y == np.array([0.25, 0.5, 0.25] * 11)).all()
    pointer, size = device.module.variable("weights")
    assert size == 12
    device.simulator.upload(pointer, np.array([1, 2, 3], "float32"))
    device.call("variables", 1, 33, y)
    assert (y == np.array([1, 2, 3] * 11)).all()
    calls = np.zeros(1, "int32")
    device.simulator.download(calls, device.module.variable("calls")[0])
    assert calls == 66


def test_indices_of_three_axes(device: Device) -> None:
    y = np.zeros((24, 30), "int32")
    device.call("indices", (2, 3, 4), (5, 3, 2), y)
    assert (y == 1000 * np.arange(24)[:, None] + np.arange(30)).all()


def test_lanes(device: Device) -> None:
    y = np.zeros((32, 12), "int32")
    device.call("lanes", 1, 32, y)
    assert (y[:, 0] == 25).all()
    assert (y[:, 1] == LANES // 8 * 8 + (LANES + 1) % 8).all()
    assert (y[:, 2] == np.where(LANES < 3, LANES, LANES - 3)).all()
    assert (y[:, 3] == np.where(LANES % 16 > 12, LANES, LANES + 3)).all()
    assert (y[:, 4] == LANES ^ 7).all()
    assert (y[:, 5] == 3).all()
    assert (y[:, 6] == np.where(LANES % 3 < 2, 11, 10)).all()
    assert (y[:, 7] == np.where(LANES < 10, 10, -1)).all()
    assert (y[:, 9] == np.where(LANES % 2, 3, 4)).all()
    assert (y[:, 10:] == 1).all()


def test_barriers_with_predicates(device: Device) -> None:
    y = np.zeros(50, "int32")
    device.call("predicates", 1, 50, y)
    assert (y == 25 + 2000 + 4000).all()


def test_atomics(device: Device) -> None:
    y, u = np.array([0, 0, 0, 0, 255, 0, 0, 0, 0], "int32"), np.array([0, 3], "uint32")
    f, w = np.zeros(2, "float32"), np.zeros(2, "uint64")
    device.call("atomics", 1, 64, y, u, f, w)
    total = 63 * 64 // 2
    assert y[:8].tolist() == [total, -total, 63, -63, 0, 255, 0, 5]
    assert 1 <= y[8] <= 64
    assert u.tolist() == [64 % 7, (3 - 64) % 7]
    assert f.tolist() == [32, 2]
    assert w.tolist() == [64 << 33, 63]


def test_functions(device: Device) -> None:
    x, y, bits = np.array([0.25], "float32"), np.zeros(14, "float32"), np.zeros(14, "int32")
    device.call("functions", 1, 1, x, y, bits)
    v = 0.25
    both = np.sin(v) + np.exp(v)
    expected = [np.exp(v), 2, 4, v * v + 1, 1.5, v, 2, v, v, v, both, 0.5, v * 3**0.5, 3]
    np.testing.assert_allclose(y, expected, rtol=3e-7)
    assert bits.tolist() == [
        *(8, 64, 4, 31, -(2**31), 2, 3, 5, 32, 41, 0x00020406, 3, 3, 2),
    ]  # fmt: skip


def test_half_numbers(device: Device) -> None:
    x = np.array([0, 1, -2.5, 65504, 6e-8, np.inf, 0.1], "float16")
    y, z = np.zeros_like(x), np.zeros(7, "float32")
    with np.errstate(over="ignore"):
        expected = x * np.float16(2) + x
    device.call("halves", 1, 7, x, y, z)
    assert (y == expected).all()
    assert (z == x).all()


def test_structs_and_small_arguments(device: Device) -> None:
    y = np.zeros(3)
    pair = np.array([(3, 0.5)], np.dtype([("first", "i4"), ("second", "f8")], align=True))[0]
    device.call("structs", 1, 1, pair, True, 200, y)
    assert y.tolist() == [3.5, 1, 200]


def test_kernels_that_a_macro_makes(device: Device) -> None:
    x = np.arange(4, dtype="int32")
    device.call("add_numbers", 1, 4, x)
    device.call("double_numbers", 1, 4, x)
    assert x.tolist() == [4, 6, 8, 10]


def test_what_kernels_print(device: Device) -> None:
    device.call("prints", 1, 4, 2)
    lines = device.simulator.printed.splitlines()
    assert sorted(lines) == ["thread 0 of 4: 0.00", "thread 1 of 4: 0.50"]
    assert device.simulator.printed == ""


def test_threads_that_wait_in_a_loop(device: Device) -> None:
    guard, y = np.zeros(1, "int32"), np.zeros(1, "int32")
    device.call("lock", 2, 40, guard, y)
    assert y == 80


def test_functions_that_call(device: Device) -> None:
    y = np.zeros(64, "int32")
    device.call("calls_of_functions", 1, 64, y)
    t = np.arange(64)
    fibonacci = np.array([0, 1, 1, 2, 3, 5, 8, 13])
    values = np.where(t & 1, t * t, 2 * t) + fibonacci[t % 8]
    assert (y == values[::-1] + 1000 * ((3 - t) % 16)).all()


def test_common_algorithms(device: Device) -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal(64).astype("float32")
    expected, y = np.sort(x), np.zeros(1, "float32")
    device.call("largest", 1, 64, x, y)
    assert y == expected[-1]
    device.call("bitonic_sort", 1, 64, x)
    assert (x == expected).all()
    x, y = rng.integers(0, 100, 64).astype("int32"), np.zeros(64, "int32")
    device.call("running_sums", 1, 64, x, y, shared=512)
    assert (y == x.cumsum()).all()
    y, count = np.full(64, -1, "int32"), np.zeros(1, "int32")
    device.call("aggregated", 1, 64, x, y, count)
    chosen = x[x % 3 == 0]
    assert count == len(chosen)
    assert sorted(y[: len(chosen)]) == sorted(chosen)
    x, y = rng.integers(0, 256, (64, 4)).astype("uint8"), np.zeros(64, "int32")
    device.call("from_tables", 1, 64, x, y)
    primes = np.array([2, 3, 5, 7, 11, 13, 17, 19])
    assert (y == primes[x[:, 0] & 7] + 2 * (x[:, 1] & 3) + 1 + x[:, 2] + x[:, 3]).all()


# ----------------------------------------------------------------------------- faults of use


@pytest.fixture(scope="module")
def saxpy(runner: Simulator) -> Function:
    return runner.module(SOURCE, "kernels.cu").function("saxpy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([1.0, 0, 0], "takes 4 arguments"),
        ([1.0, 0, 0, 2.5], "argument 4 of the kernel saxpy is an int of 64 bits, not 2.5"),
        ([1.0, 0.5, 0, 1], "argument 2 of the kernel saxpy is a pointer"),
        ([1.0, -1, 0, 1], "argument 2 of the kernel saxpy is a pointer"),
        ([1.0, 0, 0, 2**63], "argument 4"),
        (["1", 0, 0, 0], "argument 1 of the kernel saxpy is a float of 32 bits, not '1'"),
    ],
)
def test_arguments_that_do_not_fit(saxpy: Function, arguments: list, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        saxpy.launch((1, 1, 1), (1, 1, 1), arguments)


@pytest.mark.parametrize(
    ("grid", "block", "shared"),
    [
        ((0, 1, 1), (1, 1, 1), 0),
        ((1, 1, 1), (1025, 1, 1), 0),
        ((1, 1, 1), (32, 33, 1), 0),
        ((1, 1, 1), (1, 1, 65), 0),
        ((1, 65536, 1), (1, 1, 1), 0),
        ((1, 1, 1), (1, 1, 1), 2**20),
    ],
)
def test_sizes_that_no_device_has(saxpy: Function, grid, block, shared: int) -> None:
    with pytest.raises(ArgumentError):
        saxpy.launch(grid, block, [0.0, 0, 0, 0], shared)


def test_names_that_are_not_there(saxpy: Function) -> None:
    with pytest.raises(ArgumentError, match="has no kernel 'sax'; its kernels are: saxpy, matmul"):
        saxpy.module.function("sax")
    with pytest.raises(ArgumentError, match=r"its variables are: .*weights"):
        saxpy.module.variable("weight")
    with pytest.raises(OptionError, match="run, check, measure"):
        Simulator("fast")  # pyright: ignore[reportArgumentType]


def test_memory_that_is_not_there(runner: Simulator) -> None:
    pointer = runner.allocate(16)
    for far, size in ((pointer, 20), (pointer + 8, 12), (pointer - 4, 4), (1234, 4)):
        with pytest.raises(ArgumentError):
            runner.download(np.zeros(size, "uint8"), far)
    with pytest.raises(ArgumentError, match="C-contiguous"):
        runner.upload(pointer, np.zeros((2, 2), "float32").T)
    runner.free(pointer)
    with pytest.raises(ArgumentError):
        runner.free(pointer)


def test_copies_on_the_device(device: Device) -> None:
    x = np.arange(10)
    a, b = device.put(x), device.simulator.allocate(x.nbytes)
    device.simulator.copy(b, a, x.nbytes)
    y = np.zeros_like(x)
    device.simulator.download(y, b)
    assert (y == x).all()


def test_what_no_gpu_takes(runner: Simulator) -> None:
    """A maximum of an int and a float is ambiguous in CUDA, so it is here."""
    with pytest.raises(CompileError, match=r"kernel\.cu, line 2: .*ambiguous"):
        runner.module("__global__ void f(float *y) {\n*y = max(*y, 3);\n}")


def test_threads_that_share_a_device(device: Device) -> None:
    """Each with memory and launches of its own, side by side."""
    found: list[bool] = []

    def work(seed: int) -> None:
        for size in range(1, 30):
            x, y = np.full(size, seed, "float32"), np.ones(size, "float32")
            pointers = device.put(x), device.put(y)
            function = device.module.function("saxpy")
            function.launch((1, 1, 1), (32, 1, 1), [2.0, *pointers, size])
            device.simulator.download(y, pointers[1])
            for pointer in pointers:
                device.simulator.free(pointer)
            found.append(bool((y == 2 * seed + 1).all()))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 116


def test_a_source_that_is_no_cuda(runner: Simulator) -> None:
    source = 'extern "C" __global__ void f(float *y) {\n    *y = 1;\n    *y = nothing;\n}\n'
    with pytest.raises(CompileError, match=r"mine\.cu, line 3: .nothing. was not declared") as got:
        runner.module(source, "mine.cu")
    assert got.value.because == "*y = nothing;"


@pytest.mark.parametrize(
    "line",
    [
        'asm volatile("bar.sync 0;");',
        "auto block = cooperative_groups::this_thread_block();",
        "float v = tex2D<float>(0, 0, 0);",
        "f<<<1, 1>>>();",
    ],
)
def test_what_is_not_simulated_is_said(runner: Simulator, line: str) -> None:
    with pytest.raises(CompileError, match=r"kernel\.cu, line 2: the simulator does not know"):
        runner.module(f"__global__ void f() {{\n{line}\n}} // asm: no code")


# --------------------------------------------------------------- kernels that do not come back

BAD = """
extern "C" __global__ void endless(int *y) {
    while (true) atomicAdd(y, 1);
}
extern "C" __global__ void endless_with_barriers(int *y) {
    while (true) __syncthreads();
}
extern "C" __global__ void wild(int *y, int64_t far) {
    if (threadIdx.x == 3) *(int *)far = 1;
}
extern "C" __global__ void divides(int *y, int by) { *y = 3 / by; }
__device__ int deep(int n, int *y) {
    volatile int own[64] = {};
    return own[n & 63] + deep(n + 1, y) + *y;
}
extern "C" __global__ void overflows(int *y) { *y = deep(0, y); }
extern "C" __global__ void asserts(int *y) { assert(threadIdx.x < 2); }
extern "C" __global__ void waits(int *y) {
    if (threadIdx.x < 3) __syncthreads();
    else __syncwarp(0xff);
}
extern "C" __global__ void fine(int *y) { y[threadIdx.x] = threadIdx.x; }
"""


@pytest.fixture(scope="module", params=MODES)
def bad(request: pytest.FixtureRequest) -> tuple[Module, int]:
    simulator = Simulator(request.param, 2, budget=200_000)
    pointer = simulator.allocate(64)
    simulator.upload(pointer, np.zeros(16, "int32"))
    return simulator.module(BAD), pointer


@pytest.mark.parametrize(
    ("name", "more", "words", "kind"),
    [
        ("wild", [4096], "an address that is not the device's", "out of bounds"),
        ("divides", [0], "an integer is divided by zero", "fault"),
        ("overflows", [], "an address that is not the device's", "fault"),
        ("asserts", [], "the assertion does not hold: threadIdx.x < 2", "assertion"),
        ("waits", [], "wait for each other for ever", "deadlock"),
    ],
)
def test_faults_end_no_process(bad, name: str, more: list, words: str, kind: str) -> None:
    if name == "divides" and platform.machine() != "x86_64":
        pytest.skip("other processors give a number")
    module, pointer = bad
    simulator: Simulator = module.simulator
    simulator.clear()
    run = lambda: module.function(name).launch((2, 1, 1), (8, 1, 1), [pointer, *more])  # noqa: E731
    if simulator.mode == "run":
        with pytest.raises(KernelError, match=words):
            run()
    else:
        run()
        kind = kind if simulator.mode == "check" else kind.replace("out of bounds", "fault")
        assert {report.kind for report in simulator.reports} == {kind}
    module.function("fine").launch((1, 1, 1), (8, 1, 1), [pointer])
    values = np.zeros(8, "int32")
    simulator.download(values, pointer)
    assert (values == np.arange(8)).all()


@pytest.mark.parametrize("name", ["endless", "endless_with_barriers"])
def test_a_loop_without_end(bad, name: str) -> None:
    module, pointer = bad
    if module.simulator.mode != "run":
        with pytest.raises(KernelError, match=r"line [36]: the kernel does not end within 200000"):
            module.function(name).launch((2, 1, 1), (8, 1, 1), [pointer])


@pytest.mark.parametrize("mode", ["check", "measure"])
def test_a_loop_of_which_only_the_jump_is_left(mode) -> None:
    simulator = Simulator(mode)
    module = simulator.module(
        "__global__ void f(float *y, int i) { while (i == 0) y[1] = 2; y[0] = 1; }"
    )
    pointer = simulator.allocate(64)
    with pytest.raises(KernelError, match="it does not end: it is in an empty loop"):
        module.function("f").launch((1, 1, 1), (1, 1, 1), [pointer, 0])
    module.function("f").launch((1, 1, 1), (1, 1, 1), [pointer, 1])


@pytest.mark.parametrize("name", ["endless", "endless_with_barriers"])
@pytest.mark.parametrize("mode", MODES)
def test_ctrl_c_stops_a_kernel(mode, name: str) -> None:
    simulator = Simulator(mode, 2, budget=2**62)
    function = simulator.module(BAD).function(name)
    pointer = simulator.allocate(64)
    simulator.upload(pointer, np.zeros(16, "int32"))
    sent: list[float] = []

    def send() -> None:
        time.sleep(0.1)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        function.launch((4, 1, 1), (64, 1, 1), [pointer])
    late = time.monotonic() - sent[0]
    thread.join()
    assert late < 20  # the kernel would go on for years
    assert within(late, 1)
    function.module.function("fine").launch((1, 1, 1), (8, 1, 1), [pointer])
