"""The CUDA text of every op compiles: for the oldest and the newest GPUs that programs are for.

A run of the tests compiles the formula of each op for each dtype, and one use of each op, with a
dtype drawn by its name; a hunt compiles every case (`tests/every_op`) for each architecture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from kernelgraph.cuda.nvrtc import Nvrtc
from kernelgraph.cuda.printer import TYPES, macros
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.errors import CompileError
from kernelgraph.formats import types
from kernelgraph.graph import Graph
from kernelgraph.loops.ctext import c_type
from kernelgraph.templates import OPERANDS, definitions
from kernelgraph.types import is_complex
from tests.cuda.conftest import QUICK
from tests.cuda.test_printer import cuda_text
from tests.every_op.cases import Case, rng_of
from tests.every_op.census import key
from tests.every_op.table import ALL, CASES
from tests.support import DTYPES, hunting, takes

GROUP = 60
"""So many cases make one program."""

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")

pytestmark = pytest.mark.usefixtures("any_numbers")


def refusals(compiler: Nvrtc, text: str, arch: str) -> list[str]:
    """What the compiler refuses of a text, each with its line."""
    try:
        compiler.compile(text, arch, QUICK)
    except CompileError as error:
        lines = text.splitlines()
        found = re.findall(r"\((\d+)\): error: (.*)", error.log)
        return [f"{words}: {lines[int(number) - 1].strip()}" for number, words in found]
    return []


def program(cases: Sequence[Case]) -> str:
    """Some cases as one CUDA text."""
    inputs = tuple(variable for case in cases for variable in case.inputs)
    return cuda_text(Graph(inputs, tuple(out for case in cases for out in case.outputs)))


def groups(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for first in range(0, len(cases), GROUP):
        yield cases[first : first + GROUP]


def one_of_each_op() -> list[Case]:
    """For each op, one of the cases in which it is the last node."""
    found: dict[str, list[Case]] = {}
    for case in ALL:
        for node in case.nodes()[-1:]:
            found.setdefault(key(node.op), []).append(case)
    chosen = [cases[rng_of(name).integers(len(cases))] for name, cases in found.items()]
    return list(dict.fromkeys(chosen))


def test_a_use_of_each_op_compiles(compiler: Nvrtc) -> None:
    chosen = one_of_each_op()
    assert len(chosen) > 150
    texts = [program(group) for group in groups(chosen)]
    assert sum(text.count("__global__") for text in texts) > 100
    assert [words for text in texts for words in refusals(compiler, text, "compute_75")] == []


def formula(op: Elementwise, dtype: str) -> str:
    """A function of CUDA for one op over operands of a dtype."""
    form = op.complex_form if is_complex(dtype) else op
    operands, out = op.signature([dtype] * op.arity)
    names = list(zip(operands, OPERANDS, strict=False))
    parameters = ", ".join(f"{c_type(kind)} {letter}" for kind, letter in names)
    text = form.text("cuda").format(**dict(zip(OPERANDS, OPERANDS, strict=True)))
    return f"__device__ {c_type(out)} test_{op.name}_{dtype}({parameters}) {{ return {text}; }}"


def test_every_formula_of_every_dtype_compiles(compiler: Nvrtc) -> None:
    """The text of each op alone. Programs compute with float16 in float32."""
    pairs = [(op, d) for op in OPS.values() for d in DTYPES if d != "float16" and takes(op, d)]
    helpers = [h for op in OPS.values() for form in (op, op.complex_form) for h in form.helpers]
    parts = [*types("cuda", DTYPES), *definitions(helpers, "cuda")]
    parts += [formula(op, dtype) for op, dtype in pairs]
    assert len(pairs) > 1000
    text = "\n".join([TYPES, *macros("\n".join(parts)), *parts])
    assert refusals(compiler, text, "compute_75") == []


@pytest.mark.hypothesis
@pytest.mark.skipif(not hunting(), reason="every case is for `./kg nightly`")
@pytest.mark.parametrize("name", CASES)
def test_every_case_compiles(
    name: str, compiler: Nvrtc, record_property: Callable[[str, object], None]
) -> None:
    for group in groups(CASES[name]):
        text = program(group)
        for arch in ARCHITECTURES:
            assert refusals(compiler, text, arch) == []
    record_property("cases", len(ARCHITECTURES) * len(CASES[name]))
