"""The census: which ops there are, and why some have no case of their own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from kernelgraph import ops
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.op import Op
from kernelgraph.ops.python import PythonOp
from kernelgraph.ops.stacks import Stacked

INNER = {
    "NewTape": "the derivative of a loop that draws keeps them there: tests/ops/test_random_loops",
    "PutAside": "as NewTape",
    "TakeAgain": "as NewTape",
    "Undetermined": "an error that runs: tests/ops/test_decompositions",
    "Print": "its result is what was printed: tests/ops/test_printing",
    "PdbBreakpoint": "it stops: tests/ops/test_printing",
    "Draw": "chance; a stream's numbers are compared in tests/ops/test_draws",
    "UniformMRG": "as Draw",
    "TruncatedNormalMRG": "as Draw",
    "PickByUniform": "as Draw",
}
"""Ops without a case, each with the reason and the place of its tests."""


TWICE = ("Declared",)
"""Classes of two modules have this name."""


def key(op: Op) -> str:
    """What an op is counted by: its name if it is a formula for one element, else its class."""
    return op.name if type(op) is Elementwise else _class_name(type(op))


def _class_name(kind: type[Op]) -> str:
    module = kind.__module__.rpartition(".")[2]
    return f"{module}.{kind.__name__}" if kind.__name__ in TWICE else kind.__name__


def every_op() -> set[str]:
    """Every op of the language: the formulas of the table, and the classes whose nodes are made."""
    return {*OPS, *(name for name, _ in classes_made())}


def classes_made() -> list[tuple[str, type[Op]]]:
    """The classes of the language of which nodes are made, by what they are counted by."""
    for module in pkgutil.iter_modules(ops.__path__):
        importlib.import_module(f"{ops.__name__}.{module.name}")
    return [(_class_name(kind), kind) for kind in _classes(Op) if _is_made(kind)]


def _classes(kind: type[Op]) -> Iterator[type[Op]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _classes(sub)


def _is_made(kind: type[Op]) -> bool:
    """Whether a class of the language's is more than what others have in common."""
    shared = not kind.name and kind.__subclasses__() and kind not in (PythonOp, Stacked)
    return kind.__module__.startswith(ops.__name__) and not shared
