"""The names of `kernelgraph.tensor`: those of the op table, and what modules say is public."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kernelgraph.tensor as T
from kernelgraph import ops
from kernelgraph.elementwise import OPS
from kernelgraph.tensor import constructors

ROOT = Path(__file__).parents[2]

SECOND_NAMES = {"constant", "as_tensor_variable", "where"}
"""Theano's and NumPy's other names for something that has one."""

NO_OPS = {
    "grad", "Lop", "Rop", "vjp", "jvp", "jacobian", "hessian", "hessian_vector_product",
    "subgraph_grad", "vectorize_graph", "verify_grad", "clone", "graph_replace", "ObjectType",
    "SparseType", "TensorType",
}  # fmt: skip

HIDDEN = {"all", "any", "divmod", "max", "min", "round", "sum"}
"""Functions whose names are Python's, so that modules add a `_`."""


def test_an_elementwise_op_is_there_if_its_block_says_so() -> None:
    for name, op in OPS.items():
        assert (getattr(T, name, None) is op) == op.public, name
        assert (name in T.__all__) == op.public, name


def test_nothing_else_is_there() -> None:
    found = {name for name, op in OPS.items() if op.public}
    for file in pkgutil.iter_modules(ops.__path__):
        module = importlib.import_module(f"{ops.__name__}.{file.name}")
        found |= set(getattr(module, "__all__", ()))
    found |= {*constructors.__all__, *SECOND_NAMES, *NO_OPS, *HIDDEN}
    found |= {"linalg", "nlinalg", "nnet", "slinalg", "log_softmax", "logsumexp", "softmax"}
    assert set(T.__all__) == found


BLOCK = re.compile(r"```python\n(arctan = elementwise\(\n.*?\n\)  # fmt: skip\n)```", re.DOTALL)

USE = """
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
import kernelgraph.theano
from kernelgraph.jupyter.define import LANGUAGE
theano = kernelgraph.theano.install()
x = T.dvector("x")
assert "arctan" in T.__all__ and "arctan" in dir(theano.tensor) and "arctan" in LANGUAGE
assert theano.tensor.arctan is T.arctan and np.arctan(x).owner.op is T.arctan
y = T.arctan(x)
assert theano.printing.debugprint(y, file="str").startswith("Elemwise{arctan,no_inplace}")
assert "arctan" in kg.debugprint(y, file="str") and "arctan" in theano.printing.pp(y)
assert "arctan" in str(kg.function([x], y).stages.rewriting.graph)
"""


def test_a_new_elementwise_op_is_one_block(tmp_path: Path) -> None:
    """The block of CONTRIBUTING.md, put into a copy: the op is public, and tested."""
    for folder in ("kernelgraph", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "golden")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    block = BLOCK.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert block is not None
    functions = tmp_path / "kernelgraph" / "ops" / "functions.py"
    above, end, below = functions.read_text(encoding="utf-8").partition("__all__ =")
    functions.write_text(f"{above}{block[1]}\n{end}{below}", encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "KERNELGRAPH_REQUIRE_E2E"}
    tests = ["tests/test_op.py", "tests/test_every_op.py", "tests/tensor/test_names.py"]
    only = "(arctan and not arctan2 and not arctanh)"
    chosen = f"({only} or if_its_block_says_so or nothing_else)"
    for command in (
        ["-c", USE],
        ["-m", "pytest", *tests, "-k", chosen, "-q", "-n0", "-p", "no:cacheprovider"],
    ):
        ran = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=plain | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\b5 passed", ran.stdout), ran.stdout
