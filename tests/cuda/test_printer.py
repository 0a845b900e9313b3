"""Kernels as CUDA text: golden files, and the real compiler where there is one."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.compiler import compile_graph
from kernelgraph.cuda.nvrtc import Nvrtc
from kernelgraph.cuda.printer import TYPES, print_cuda
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.formats import types
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.conversion import convert
from kernelgraph.target import mapped
from kernelgraph.templates import OPERANDS, definitions
from kernelgraph.types import COMPLEX, DTYPES, FLOATS, INTEGERS
from tests.cuda.complex_numbers import hard_numbers
from tests.cuda.conftest import QUICK
from tests.support import same, specials, takes, tame, ulps_apart
from tests.test_golden import GRAPHS, elementwise_chain, row_sums, softmax_rows

MEANINGS = {
    "floor_quotient": "int_div",
    "floor_remainder": "mod",
    "power": "pow",
    "magnitude": "abs",
}
"""The op that each helper is for."""

NUMBERS = [dtype for dtype in DTYPES if dtype in (*INTEGERS, "float32", "float64")]
"""dtypes in which programs compute with real numbers."""

CONVERSIONS = [(a, b) for a in (*NUMBERS, "float16") for b in (*INTEGERS, *FLOATS)]
OVER_COMPLEX = [op for op in OPS.values() if op.complex_form is not op and op.arity < 3]


HEAD = """\
#include <math.h>
#include <stdint.h>
#include <string.h>
#define __device__
#define __dmul_rn(x, y) ((x) * (y))
"""
"""What a C++ compiler lacks."""


def loop(name: str, call: str, dtype: str, out: str, arity: int) -> str:
    operands = ", ".join(f"const {dtype} *{letter}" for letter in "xy"[:arity])
    return f"""
extern "C" void {name}(int n, {operands}, {out} *out) {{
    for (int i = 0; i < n; i++) out[i] = {call};
}}"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("there is no C++ compiler here")
    loops = [
        loop(f"{name}_{dtype}", f"{name}(x[i]{', y[i]' * (OPS[op].arity - 1)})", dtype, dtype,
             OPS[op].arity)
        for name, op in MEANINGS.items() for dtype in NUMBERS
    ]  # fmt: skip
    read = {"float16": "float_of_half(x[i])"}  # as programs read it, before anything else
    loops += [
        loop(f"{a}_to_{b}", f"to_{b}({read.get(a, 'x[i]')})", a, b, 1) for a, b in CONVERSIONS
    ]
    loops += [
        loop(f"{op}_{dtype}", op.complex_form.cuda.format(x="x[i]", y="y[i]"), dtype,
             op.signature([dtype] * op.arity)[1], op.arity)
        for op in OVER_COMPLEX for dtype in COMPLEX
    ]  # fmt: skip
    body = "\n".join(loops)
    folder = tmp_path_factory.mktemp("cuda")
    more = "".join(types("cuda", DTYPES))
    forms = [op.complex_form for op in OVER_COMPLEX]
    ops = [
        *(OPS[op] for op in MEANINGS.values()),
        *forms,
        *(Cast(dtype) for dtype in (*INTEGERS, *FLOATS)),
    ]
    helpers = "\n".join(definitions([h for op in ops for h in op.helpers], "cuda"))
    (folder / "helpers.cpp").write_text(f"{HEAD}{TYPES}{more}{helpers}{body}\n")
    command = [compiler, "-O1", "-fwrapv", "-shared", "-fPIC", "-o", "helpers.so", "helpers.cpp"]
    subprocess.run(command, cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "helpers.so"))


def called(function: Any, *operands: np.ndarray[Any, Any], out: str) -> np.ndarray[Any, Any]:
    kept = [np.ascontiguousarray(x) for x in operands]
    result = np.empty(kept[0].shape, out)
    function(result.size, *(ctypes.c_void_p(x.ctypes.data) for x in (*kept, result)))
    return result


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("name", MEANINGS)
def test_a_helper_means_what_the_op_means(name: str, dtype: str, library: Any) -> None:
    op = OPS[MEANINGS[name]]
    numbers = specials(dtype)
    operands = [x.ravel() for x in np.meshgrid(*[numbers] * op.arity)]
    with np.errstate(all="ignore"):
        wanted = np.asarray(op.numpy(*operands)).astype(dtype)
    found = called(getattr(library, f"{name}_{dtype}"), *operands, out=dtype)
    if op.ulps and dtype in FLOATS:
        assert ulps_apart(found, wanted) <= op.ulps
    else:
        assert same(found, wanted)


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("op", OVER_COMPLEX, ids=str)
def test_complex_numbers(op: Elementwise, dtype: str, library: Any) -> None:
    """Without a library for C's functions of complex numbers: by formulas, of moderate numbers."""
    rng = np.random.default_rng(1)
    operands = [tame(rng, dtype, (500,)) for _ in range(op.arity)]
    out = op.signature([dtype] * op.arity)[1]
    found = called(getattr(library, f"{op}_{dtype}"), *operands, out=out)
    wanted = np.asarray(op.complex_form.numpy(*operands))
    np.testing.assert_allclose(found, wanted, rtol=200 * float(np.finfo(dtype).eps))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another library, other digits")
@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("op", OVER_COMPLEX, ids=str)
def test_hard_complex_numbers(op: Elementwise, dtype: str, library: Any) -> None:
    """As near to NumPy as compiled C, which calls the functions that NumPy calls: of numbers near
    branch points, of infinities, NaN, zeros of both signs, and of what overflows.
    """
    operands = [hard_numbers(dtype)]
    if op.arity > 1:
        rng = np.random.default_rng(2)
        others = np.concatenate([specials(dtype), tame(rng, dtype, (500,)) * 3])
        operands = [rng.choice(some, 4000) for some in (*operands, others)]
    out = op.signature([dtype] * op.arity)[1]
    with np.errstate(all="ignore"):
        wanted = np.asarray(op.complex_form.numpy(*operands))
    found = called(getattr(library, f"{op}_{dtype}"), *operands, out=out)
    if op.ulps:
        assert ulps_apart(found, wanted) <= op.ulps
    else:
        assert same(found, wanted)


@pytest.mark.parametrize(("source", "goal"), CONVERSIONS, ids="-".join)
def test_conversions_end_at_the_limits(source: str, goal: str, library: Any) -> None:
    numbers = specials(source)
    with np.errstate(all="ignore"):
        wanted = convert(numbers, goal)
    assert same(called(getattr(library, f"{source}_to_{goal}"), numbers, out=goal), wanted)


Golden = Callable[[str, str], None]


def cuda_text(graph: Graph) -> str:
    """A graph as it would run on a GPU."""
    return print_cuda(on_grid(graph)).text


def on_grid(graph: Graph) -> Program:
    return mapped(lower(compile_graph(graph, CudaTarget()).schedule), CudaTarget(), verify)


@pytest.mark.parametrize("make", [elementwise_chain, row_sums, softmax_rows])
def test_golden(make: Callable[[], Graph], golden: Golden) -> None:
    golden(f"cuda/{make.__name__}.cu", cuda_text(make()))
    golden(f"cuda/{make.__name__}.txt", str(on_grid(make())))


def test_elementwise_loops_get_a_thread_per_iteration() -> None:
    text = cuda_text(elementwise_chain())
    assert "a thread for each of" in text
    assert "blockIdx.x * blockDim.x + threadIdx.x" in text


def test_rows_get_a_block_with_a_tree() -> None:
    text = cuda_text(row_sums())
    assert "a block of 256 threads for each of" in text
    assert "__syncthreads()" in text


def test_rows_that_depend_on_each_other_get_one_thread() -> None:
    x, g = T.dmatrix("x"), T.dvector("g")
    assert "1 block of 1 thread" in cuda_text(Graph((g,), (T.cumsum(g),)))
    text = cuda_text(Graph((x, g), (T.dot(x.T, g),)))  # a column to each thread
    assert "a thread for each of x_n1 iterations" in text


@pytest.mark.parametrize("make", GRAPHS)
def test_the_real_compiler_takes_it(make: Callable[[], Graph], compiler: Nvrtc) -> None:
    made = compiler.compile(cuda_text(make()), "sm_90", QUICK)
    assert made.cubin.startswith(b"\x7fELF")


def test_every_formula_is_a_text_that_a_compiler_takes(tmp_path: Path) -> None:
    """With what CUDA has beyond C++ declared; numbers are compared for the helpers above."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("there is no C++ compiler here")
    parts = [HEAD, "double erfcx(double);", TYPES, *types("cuda", DTYPES)]
    parts += definitions([h for op in OPS.values() for h in op.helpers], "cuda")
    for op in OPS.values():
        for dtype in ("float64", "float32", "int8", "uint64"):
            if not takes(op, dtype):
                continue
            operands, out = op.signature([dtype] * op.arity)
            if out.startswith("complex"):
                continue  # CUDA has no complex numbers so far
            names = [f"{d} {letter}" for d, letter in zip(operands, OPERANDS, strict=False)]
            formula = op.cuda.format(**dict(zip(OPERANDS, OPERANDS, strict=True)))
            parts.append(
                f"{out} test_{op.name}_{dtype}({', '.join(names)}) {{ return {formula}; }}"
            )
    (tmp_path / "formulas.cpp").write_text("\n".join(parts))
    command = [compiler, "-fsyntax-only", "formulas.cpp"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[:3000]
