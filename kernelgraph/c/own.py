"""C of the user's own: a function for each call of an op that has some."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from kernelgraph.errors import CompileError
from kernelgraph.loops import host
from kernelgraph.loops.ctext import c_type
from kernelgraph.loops.names import safe_word
from kernelgraph.ops.coded import CodedOp, read_signature
from kernelgraph.types import TensorType
from kernelgraph.writer import Writer, plain


def write_own(actions: Sequence[host.Action], writer: Writer) -> None:
    """The functions of all calls among some actions.

    Raises `CompileError` (KG-K005) for an operand whose name means something else in C.
    """
    for action in _calls(actions):
        op = action.node.op
        assert isinstance(op, CodedOp)
        writer.line(f"/* {plain(str(op))}: C of its own */")
        writer.listing(f"static void own_{action.number}(", _parameters(action, op), ") {")
        with writer.nested("}"):
            for line in textwrap.dedent(op.c).strip("\n").split("\n"):
                writer.line(line.rstrip(), action.node)
        writer.line("")


def _parameters(action: host.Call, op: CodedOp) -> list[str]:
    node = action.node
    names = [*read_signature(op.signature).names, *op.operands[: len(node.inputs)], *op.results]
    for name in names:
        if safe_word(name) != name and not re.fullmatch("[ijklm]", name):
            raise CompileError(
                f"{op}: {name} is no name that its C can use",
                code="KG-K005",
                origins=node.origins,
                hint="name operands and sizes otherwise",
            )
    found = [f"const int64 {name}" for name in read_signature(op.signature).names]
    for name, variable in zip(op.operands, node.inputs, strict=False):
        star = "*" if variable.ndim else ""
        found.append(f"const {c_type(variable.dtype)} {star}{name}")
    for name, variable in zip(op.results, node.outputs, strict=True):
        assert isinstance(variable.type, TensorType)
        found.append(f"{c_type(variable.dtype)} *{name}")
    return found


def _calls(actions: Sequence[host.Action]) -> Iterator[host.Call]:
    for action in actions:
        match action:
            case host.Call(routine=host.OwnC()):
                yield action
            case host.If():
                yield from _calls((*action.then, *action.otherwise))
            case host.Repeat():
                yield from _calls(action.body)
            case _:
                pass
