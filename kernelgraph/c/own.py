"""C of the user's own: a function for each call of an op that has some."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply
from kernelgraph.loops import host
from kernelgraph.loops.ctext import c_type
from kernelgraph.loops.names import safe_word
from kernelgraph.routines import OwnC
from kernelgraph.types import TensorType
from kernelgraph.writer import Writer, plain


def write_own(actions: Sequence[host.Action], writer: Writer) -> None:
    """The functions of all calls among some actions.

    Raises `CompileError` (KG-K005) for an operand whose name means something else in C.
    """
    for action in host.every(actions):
        if not (isinstance(action, host.Call) and isinstance(action.routine, host.OwnC)):
            continue
        code = action.routine.code
        writer.line(f"/* {plain(str(action.node.op))}: C of its own */")
        writer.listing(f"static void own_{action.number}(", _parameters(action.node, code), ") {")
        with writer.nested("}"):
            for line in textwrap.dedent(code.text).strip("\n").split("\n"):
                writer.line(line.rstrip(), action.node)
        writer.line("")


def _parameters(node: Apply, code: OwnC) -> list[str]:
    operands = code.operands[: len(node.inputs)]
    for name in (*code.sizes, *operands, *code.results, *code.scratch):
        if safe_word(name) != name and not re.fullmatch("[ijklm]", name):
            raise CompileError(
                f"{node.op}: {name} is no name that its C can use",
                code="KG-K005",
                origins=node.origins,
                hint="name operands and sizes otherwise",
            )
    found = [f"const int64 {name}" for name in code.sizes]
    for name, variable in zip(code.operands, node.inputs, strict=False):
        star = "*" if variable.ndim else ""
        found.append(f"const {c_type(variable.dtype)} {star}{name}")
    for name, variable in zip(code.results, node.outputs, strict=True):
        assert isinstance(variable.type, TensorType)
        found.append(f"{c_type(variable.dtype)} *{name}")
    found += [f"{c_type(dtype)} *{name}" for name, (dtype, _) in code.scratch.items()]
    return found
