"""The helpers of generated CUDA mean what the ops mean to NumPy: compiled here as C++."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

from kernelgraph.cuda.prelude import HELPERS, TYPES, helpers_for
from kernelgraph.elementwise import OPS
from kernelgraph.ops.arithmetic import saturate
from kernelgraph.types import DTYPES, FLOATS, INTEGERS
from tests.support import same, specials, ulps_apart

MEANINGS = {
    "floor_quotient": "int_div",
    "floor_remainder": "mod",
    "power": "pow",
    "magnitude": "abs",
}
"""The op that each helper is for."""

NUMBERS = [dtype for dtype in DTYPES if dtype != "bool"]
CONVERSIONS = [(a, b) for a in NUMBERS for b in (*INTEGERS, *FLOATS)]


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
    loops += [loop(f"{a}_to_{b}", f"to_{b}(x[i])", a, b, 1) for a, b in CONVERSIONS]
    body = "\n".join(loops)
    folder = tmp_path_factory.mktemp("cuda")
    head = "#include <math.h>\n#define __device__\n"
    (folder / "helpers.cpp").write_text(f"{head}{TYPES}{helpers_for(body)}{body}\n")
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


@pytest.mark.parametrize(("source", "goal"), CONVERSIONS, ids="-".join)
def test_conversions_end_at_the_limits(source: str, goal: str, library: Any) -> None:
    numbers = specials(source)
    with np.errstate(all="ignore"):
        wanted = saturate(numbers, goal)
    assert same(called(getattr(library, f"{source}_to_{goal}"), numbers, out=goal), wanted)


def test_only_what_is_called_is_printed_in_the_order_of_the_table() -> None:
    assert helpers_for("x + powers(y)") == ""
    text = helpers_for("power(to_int8(x), magnitude(y))")
    assert text == "\n".join(HELPERS[name] for name in ("to_int8", "magnitude", "power"))
