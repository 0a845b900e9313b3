"""Theano's own texts of a graph: what `theano.printing.debugprint` prints, and `pp`.

Graphs come in, lines in Theano 1.0's form go out: `Elemwise{add,no_inplace} [id A] ''`, operands
below, a node that appears again without its operands. A compiled function shows the graph that
runs, with its order at the line ends and what an update overwrites. `pp` writes one line of
mathematics: `pp(x + y)` gives `(x + y)`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import IO, Any, Literal

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.expect import expect_choice, expect_flag, expect_integer, expect_kind, unfit
from kernelgraph.function import Function
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.enclosing import OpFromGraph
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import END, MISSING, Item, Subtensor
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.products import Prod
from kernelgraph.ops.reductions import AllOf, AnyOf, Max, MaxAndArgmax, Sum
from kernelgraph.ops.sources import SizeOf
from kernelgraph.ops.updates import SetSubtensor
from kernelgraph.ops.views import Reshape
from kernelgraph.theano.forms import theano_form
from kernelgraph.theano.ops import Printed
from kernelgraph.types import TensorType, Type, is_array, listed
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.subjects import graph_of, printed_graph_of
from kernelgraph.viz.text.tree import IDS, check_file, namer
from kernelgraph.viz.text.words import count
from kernelgraph.walks import producers_first

Ids = Literal["CHAR", "int", "id", "@", ""]

_RANKS = ("scalar", "vector", "matrix")
_SHORT = ("sigmoid", "softplus")
_RENAMED = {
    "abs": "abs_", "sign": "sgn",
    "bit_and": "and_", "bit_or": "or_", "bit_xor": "xor", "bit_not": "invert",
}  # fmt: skip
_LONGEST = 20

MOST_LINES = 4000
"""Lines of a tree that are printed unless more are asked for."""

_RAILS = 2 * 40  # characters: the rails of the innermost 40 levels


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: IO[str] | Literal["str"] | None = None,
    ids: Ids = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    *,
    max_lines: int | None = MOST_LINES,
) -> str | None:
    """Print variables, a list of them, a graph or a function as Theano does.

    `depth` limits the levels (-1: all), `stop_on_name` stops at variables that have a name,
    `print_type` adds types. `ids`: "CHAR" (`[id A]`), "int", "id", "@" (`[@A]`, as Theano before
    1.0) or "". `done` carries ids from one print to the next. `file="str"` returns the text.
    Rails are drawn for the innermost 40 levels, below `(+n levels)`; of more lines than `max_lines`
    a last line says how many nodes are missing (None: all are printed).
    Raises `ArgumentError` for an object that holds no graph, and for options that are none.
    """
    check_file(file)
    depth, print_type = expect_integer(depth, "depth"), expect_flag(print_type, "print_type")
    expect_choice(ids, "ids", (*IDS, "@"))
    if done is not None:
        expect_kind(done, dict, "done", "a dict, filled by the print before")
    stop_on_name = expect_flag(stop_on_name, "stop_on_name")
    if max_lines is not None:
        max_lines = expect_integer(max_lines, "max_lines", least=1, most=sys.maxsize)
    compiled = any(isinstance(item, Function) for item in listed(obj))
    graph = printed_graph_of(obj) if compiled else theano_form(printed_graph_of(obj))
    order = {node: n for n, node in enumerate(graph.apply_nodes())} if compiled else {}
    overwritten = {k: str(graph.inputs[source]) for k, source in graph.donations.items()}
    printer = _Printer(order, overwritten, print_type, ids, stop_on_name, done)
    trees = (printer.tree(output, depth, k) for k, output in enumerate(graph.outputs))
    written = chain.from_iterable(trees)
    lines = list(islice(written, max_lines))
    left = len(graph.apply_nodes()) - sum(isinstance(key, Apply) for key in printer.known)
    if next(written, None) is not None:
        more = count(left, "more node") if left > 0 else "more lines"
        lines.append(f"… {more}; max_lines=None prints them all")
    text = "\n".join(lines)
    if file == "str":
        return text + "\n"
    print(text, file=None if isinstance(file, str) else file)
    return None


class _Printer:
    def __init__(
        self,
        order: Mapping[Apply, int],
        overwritten: Mapping[int, str],
        print_type: bool,
        ids: Ids,
        stop_on_name: bool,
        done: dict[Any, str] | None,
    ) -> None:
        self.order = order
        self.overwritten = overwritten
        self.print_type = print_type
        self.name_of = _old_name if ids == "@" else namer(ids, letters)
        self.stop_on_name = stop_on_name
        self.known: dict[Any, str] = {} if done is None else done

    def tree(self, output: Variable, depth: int, number: int) -> Iterator[str]:
        """The lines of one output; a walk with a list, as deep as the graph may be."""
        update = self.overwritten.get(number)
        pending = [(output, "", "", 0, False)]
        while pending:
            variable, prefix, below, level, is_index = pending.pop()
            node = variable.owner
            fresh = node is None or node not in self.known
            end = f" update of {escape.name(update)}" if update and not level else ""
            yield _levels(level) + prefix + self.line(variable, is_index) + end
            if (
                node is None
                or not fresh
                or level == depth - 1
                or (self.stop_on_name and variable.name)
            ):
                continue
            inputs = printed_operands(node)
            last = len(inputs) - 1
            operands = [
                (
                    operand,
                    f"{below} |",
                    (below + ("  " if k == last else " |"))[-_RAILS:],
                    level + 1,
                    op_name(node.op, node).startswith("Subtensor") and k > 0,
                )
                for k, operand in enumerate(inputs)
            ]
            pending += reversed(operands)

    def line(self, variable: Variable, is_index: bool) -> str:
        """A variable without the rails before it; constants that are indices have a kind of their
        own in Theano.
        """
        node = variable.owner
        kind = f" <{type_name(variable.type)}>" if self.print_type else ""
        if node is None:
            leaf = _leaf(variable)
            leaf = leaf.removeprefix("Tensor") if is_index and not variable.name else leaf
            return f"{leaf}{self.identify(variable, is_index)}{kind}"
        index = f".{variable.index}" if len(node.outputs) > 1 else ""
        index = ".0" if isinstance(node.op, Max) else index  # in Theano, half of max_and_argmax
        name = escape.name(variable.name) if variable.name else _given_name(node, variable.index)
        number = self.order.get(node, "")
        return f"{op_name(node.op, node)}{index}{self.identify(node)}{kind} '{name}'   {number}"

    def identify(self, item: Variable | Apply, is_index: bool = False) -> str:
        key: object = item
        if isinstance(item, Constant) and item.type == TensorType(item.dtype, ()) and not is_index:
            key = (item.dtype, str(item.data))  # Theano keeps one constant of each small number
        if key not in self.known:
            self.known[key] = self.name_of(len(self.known), item)
        return self.known[key]


def _levels(level: int) -> str:
    """How many levels have no rails, where not all have them."""
    hidden = level - 1 - _RAILS // 2
    return f"(+{hidden} levels) " if hidden > 0 else ""


def _old_name(number: int, item: object) -> str:
    """As Theano named parts before 1.0."""
    del item
    return f" [@{letters(number)}]"


def letters(number: int) -> str:
    """A number in the base of the alphabet: after Z comes BA.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'BA')
    """
    text = "" if number else "A"
    while number:
        text, number = chr(ord("A") + number % 26) + text, number // 26
    return text


def op_name(op: Op, node: Apply) -> str:
    """What Theano calls an op."""
    match op:
        case Cast():
            return f"Elemwise{{Cast{{{op.dtype}}}}}"
        case Elementwise(name=name) if name in _SHORT:
            return name
        case Elementwise(name=name):
            return f"Elemwise{{{_RENAMED.get(name, name)},no_inplace}}"
        case DimShuffle():
            return f"InplaceDimShuffle{{{','.join(map(str, op.order))}}}"
        case Sum() | Prod():
            whole = len(op.axes) == node.inputs[0].ndim
            axes = "" if whole else f"axis={list(op.axes)}, "
            dtype = "float64" if node.out.dtype == "float32" else node.out.dtype
            return f"{op.name.capitalize()}{{{axes}acc_dtype={dtype}}}"
        case AnyOf() | AllOf():
            whole = len(op.axes) == node.inputs[0].ndim
            axes = "" if whole else f"{{{', '.join(map(str, op.axes))}}}"
            return f"{op.name.capitalize()}{axes}"
        case Reshape():
            return f"Reshape{{{node.out.ndim}}}"
        case Max() | MaxAndArgmax():
            return f"MaxAndArgmax{{axis={op.axes}}}"
        case Subtensor():
            return f"Subtensor{{{', '.join(entries(op, node))}}}"
        case Gather() if op.of_rows and node.inputs[1].ndim == 1:
            return "AdvancedSubtensor1"
        case Gather() | Index():
            return "AdvancedSubtensor"
        case SetSubtensor():
            return _update_name(op, node)
        case SizeOf():
            return f"Shape_i{{{op.axis}}}"
        case OpFromGraph(name=name, inline=inline):
            return f"{escape.name(name)}{{inline={inline}}}"
        case _:
            return escape.name(str(op))


def _update_name(op: SetSubtensor, node: Apply) -> str:
    """What Theano calls setting a part, or adding to it."""
    if isinstance(op.forward, Subtensor):
        x, _, *ends = node.inputs
        part = op.forward.make_node(x, *ends)
        return (
            f"IncSubtensor{{{'Inc' if op.adds else 'Set'};{', '.join(entries(op.forward, part))}}}"
        )
    if op.forward.of_rows and node.inputs[2].ndim == 1:
        return f"AdvancedIncSubtensor1{{no_inplace,{'inc' if op.adds else 'set'}}}"
    return f"AdvancedIncSubtensor{{inplace=False,  set_instead_of_inc={not op.adds}}}"


def printed_operands(node: Apply) -> list[Variable]:
    """The operands that Theano has: of a slice, only the ends that were given."""
    if not isinstance(node.op, Subtensor):
        return node.inputs
    found = node.inputs[:1]
    for axis, entry in enumerate(node.op.spec):
        ends = node.op.operands(node.inputs, axis)
        kept = ends[:2] if not isinstance(entry, Item) and _is_number(ends[2], 1) else ends
        found += [v for v in kept if not _is_left_out(v)]
    return found


def _is_number(variable: Variable, number: int) -> bool:
    return isinstance(variable, Constant) and variable.ndim == 0 and variable.data == number


def _is_left_out(end: Variable) -> bool:
    return _is_number(end, MISSING) or _is_number(end, END)


def entries(op: Subtensor, node: Apply) -> list[str]:
    """Which ends each axis is given, in Theano's words: `int64`, `int64::`."""
    found: list[str] = []
    for axis, entry in enumerate(op.spec):
        ends = op.operands(node.inputs, axis)
        texts = ["" if _is_left_out(v) else "int64" for v in ends]
        if not isinstance(entry, Item) and _is_number(ends[2], 1):
            texts[2] = ""
        found.append(":".join(texts))
    return found


def _given_name(node: Apply, index: int) -> str:
    """The names that Theano gives by itself."""
    match node.op:
        case Max():
            return "max"
        case MaxAndArgmax():
            return ("max", "argmax")[index]
        case DimShuffle(order=(1, 0) | (0,)) if node.inputs[0].name:
            return f"{escape.name(node.inputs[0].name)}.T"
        case _:
            return ""


def _leaf(variable: Variable) -> str:
    if variable.name:
        return escape.name(variable.name)
    if isinstance(variable, Constant):
        return constant_name(variable)
    return f"<{type_name(variable.type)}>"


def constant_name(constant: Constant) -> str:
    """A constant by its numbers, shortened in the middle; by one number where all are the same."""
    data = constant.data
    if is_array(data) and data.ndim and constant.scalar is not None:
        text = f"{data.shape} of {constant.scalar}"
    else:
        text = str(data)
    if len(text) > _LONGEST:
        text = f"{text[:10]}..{text[-10:]}"
    return f"TensorConstant{{{text}}}"


def type_name(kind: Type) -> str:
    """A type in Theano's words: `TensorType(float64, vector)`."""
    if not isinstance(kind, TensorType):
        return str(kind)
    pattern = kind.broadcastable
    if not any(pattern) and kind.ndim < len(_RANKS):
        shape = _RANKS[kind.ndim]
    elif not any(pattern):
        shape = f"{kind.ndim}D"
    else:
        special: dict[tuple[bool, ...], str] = {(True, False): "row", (False, True): "col"}
        shape = special.get(pattern, str(pattern))
    return f"TensorType({kind.dtype}, {shape})"


# One line of mathematics -------------------------------------------------------------------------

_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "true_div": "/", "pow": "**", "int_div": "//",
}  # fmt: skip
_MOST_CHARACTERS = 50_000
_CUT = f"… (cut after {_MOST_CHARACTERS} characters; theano.printing.debugprint prints the graph)"


def pp(variable: Variable) -> str:
    """The formula of a variable on one line, every operation in brackets; inputs have names.

    A formula of more than 50 000 characters is cut, which its end says.
    """
    outputs = theano_form(graph_of(variable)).outputs
    if len(outputs) != 1:
        raise unfit("what is printed on one line", "one symbol", variable)
    (variable,) = outputs
    nodes = list(producers_first([variable], lambda v: v.owner))
    uses = Counter(v for node in nodes for v in node.inputs)
    texts: dict[Variable, str] = {}
    for node in nodes:
        operands = _within_limits([_formula_of(v, texts) for v in node.inputs])
        for out in node.outputs:
            texts[out] = _apply(node, operands)[: _MOST_CHARACTERS + 1]
        for v in node.inputs:
            uses[v] -= 1
            if not uses[v] and v is not variable:
                texts.pop(v, None)  # many long texts at once would be too much
    text = _formula_of(variable, texts)
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + _CUT


def _within_limits(texts: list[str]) -> list[str]:
    """The operands of a formula; those whose place is certainly cut off are not written."""
    room = _MOST_CHARACTERS
    for k, text in enumerate(texts):
        if room < 0:
            texts[k] = "…"
        room -= len(text)
    return texts


pprint = pp
"""Theano's other name for `pp`."""


def _formula_of(variable: Variable, texts: dict[Variable, str]) -> str:
    return texts[variable] if variable in texts else _leaf(variable)


def _apply(node: Apply, operands: list[str]) -> str:
    op = node.op
    match op:
        case Elementwise(name=name) if name in _SIGNS:
            return f"({operands[0]} {_SIGNS[name]} {operands[1]})"
        case Elementwise(name="neg"):
            return f"(-{operands[0]})"
        case Elementwise(name="abs"):
            return f"|{operands[0]}|"
        case Cast():
            return f"{op.dtype}({operands[0]})"
        case DimShuffle(order=order) if order == tuple(reversed(range(node.inputs[0].ndim))):
            return f"{operands[0]}.T" if len(order) > 1 else operands[0]
        case DimShuffle(order=order) if _only_pads(order, node.inputs[0].ndim):
            return operands[0]
        case DimShuffle():
            return f"DimShuffle{{{', '.join(map(str, op.order))}}}({operands[0]})"
        case Dot():
            return f"({operands[0]} \\dot {operands[1]})"
        case Subtensor():
            parts = dict(zip(node.inputs, operands, strict=True))
            return f"{operands[0]}[{', '.join(_index(op, node, parts))}]"
        case Printed(text="Subtensor{int64}"):
            return f"{operands[0]}[{operands[1].removeprefix('Tensor')}]"
        case Printed():
            return op.filled(operands)
        case Elementwise(name=name):
            return f"{'sgn' if name == 'sign' else name}({', '.join(operands)})"
        case _:
            return f"{op_name(op, node)}({', '.join(operands)})"


def _index(op: Subtensor, node: Apply, parts: dict[Variable, str]) -> list[str]:
    """Single indices by their value, slices by their types, as Theano has them."""
    singles = [
        parts[op.operands(node.inputs, axis)[0]].replace("TensorConstant", "Constant")
        for axis, entry in enumerate(op.spec)
        if isinstance(entry, Item)
    ]
    slices = [text.removesuffix(":") for text in entries(op, node) if ":" in text]
    return slices or singles


def _only_pads(order: tuple[int | str, ...], rank: int) -> bool:
    """Whether new dimensions are put in front and nothing else: broadcasting does that unasked."""
    return order == ("x",) * (len(order) - rank) + tuple(range(rank))
