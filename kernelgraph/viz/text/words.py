"""What people call things: variables, constants, ops and types in a few harmless words.

Values of the graph come in, short texts go out. They are the same in the tree, in the picture and
in the signature, so that a reader finds a node again. Names of users are made visible and cut to a
sensible length here; quoting for HTML or SVG is still left to the painters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.op import Op
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import END, LEFT_OUT, MISSING, Subtensor
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.stacks import Stacked
from kernelgraph.types import Array, Type
from kernelgraph.viz.html import escape


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "node"), count(3, "node")
    ('1 node', '3 nodes')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some(names: Sequence[str], most: int, noun: str = "") -> str:
    """The first names with commas between them, and how many more there are.

    >>> some(["x", "y", "z"], 2), some(["x", "y", "z"], 1, "more name")
    ('x, y and 1 more', 'x and 2 more names')
    """
    more = len(names) - most
    rest = count(more, noun) if noun else f"{more} more"
    return ", ".join(names[:most]) + (f" and {rest}" if more > 0 else "")


def variable_text(variable: Variable) -> str:
    """What a variable is called: by its name, its number, or by its type if it has neither."""
    if variable.name is not None:
        name = escape.name(str(variable.name))
        return name if name.strip() else f"'{name}'"
    if isinstance(variable, Constant):
        return constant_text(variable)
    if variable.owner is None:
        return f"<{type_text(variable.type)}>"
    index = f".{variable.index}" if len(variable.owner.outputs) > 1 else ""
    return op_text(variable.owner.op) + index


def output_name(graph: Graph, index: int) -> str:
    """What an output is called: by what it replaces, by its own name, or by number."""
    donor = graph.donations.get(index)
    variable = graph.outputs[index]
    if donor is not None:
        return f"new {variable_text(graph.inputs[donor])}"
    if variable.name is not None or variable.owner is None:
        return variable_text(variable)
    return "output" if len(graph.outputs) == 1 else f"output {index}"


def type_text(type: Type) -> str:
    """A type on one line (a user's own type may say anything of itself)."""
    return escape.name(str(type), limit=80)


def constant_text(constant: Constant) -> str:
    """The numbers of a constant if they are few, else their type."""
    if not hasattr(constant.data, "dtype"):
        return escape.name(str(constant.data))
    if constant.scalar is not None:
        return number_text(constant.scalar)
    data: Array = constant.data
    if data.size <= 4:
        return escape.name(" ".join(np.array2string(data, separator=", ").split()))
    return f"constant {type_text(constant.type)}"


def number_text(number: Any) -> str:
    """One NumPy number as short as it can be read back.

    >>> number_text(np.float64(2)), number_text(np.float32(0.1)), number_text(np.int8(-3))
    ('2', '0.1', '-3')
    """
    kind = np.asarray(number).dtype.kind
    if kind == "i" and number in (MISSING, END):
        return LEFT_OUT
    if kind == "f" and (number == 0 or 1e-4 <= abs(number) < 1e7):
        return np.format_float_positional(number, trim="-")
    return str(number)


def op_text(op: Op) -> str:
    """An op with its parameters: `add`, `sum{axes=0}`, `dimshuffle{x, 0}`, `cast{float32}`."""
    detail = op_detail(op)
    return f"{op_name(op)}{{{detail}}}" if detail else op_name(op)


def op_name(op: Op) -> str:
    """The op without parameters."""
    return escape.name(str(op.name or type(op).__name__))


def op_detail(op: Op) -> str:
    """The parameters of an op, or nothing; a single one goes without its name."""
    pairs = op_parameters(op)
    if len(pairs) == 1:
        return pairs[0][1]
    return escape.name(", ".join(f"{name}={value}" for name, value in pairs))


def op_parameters(op: Op) -> list[tuple[str, str]]:
    """Names and values of the parameters of an op."""
    match op:
        case Elementwise():
            return [("", _value(op.parameters))] if op.parameters else []
        case DimShuffle():
            return [("", _value(op.order))]
        case (Subtensor() | Index()) | Gather(of_rows=False):
            return [("", op.text(None))]
        case Stacked(op=of_items):
            return op_parameters(of_items)
        case _:
            names = [name for name in op.__props__ or () if name != "name"]
            values = [_value(getattr(op, name)) for name in names]
            return [(name, value) for name, value in zip(names, values, strict=True) if value]


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return escape.name(str(value))


def first_sentence(op: Op) -> str:
    """What an op does, in the first line of its own documentation."""
    op = op.op if isinstance(op, Stacked) else op
    lines = (op.__doc__ or "").strip().splitlines()
    return escape.name(lines[0].strip(), limit=200) if lines else ""


def inner_graphs(node: Apply) -> Sequence[Graph]:
    """The graphs that an op such as scan or ifelse holds."""
    return getattr(node.op, "graphs", ())
