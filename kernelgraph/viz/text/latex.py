r"""Expressions as LaTeX formulas.

Variables come in, a formula goes out that both MathJax and KaTeX read. Each op brings its own
notation; parts that are used more than once, or are long, get a name and a line of their own:
`t_1 = …`. Casts of counts, broadcasting and padding with dimensions of size 1 are not written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Constant, Variable, walk
from kernelgraph.op import Contraction, Op, Reduction, View
from kernelgraph.ops.blocks import Block
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import LEFT_OUT, Subtensor
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.updates import SetSubtensor
from kernelgraph.templates import OPERANDS
from kernelgraph.types import TensorType
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.notation import ATOM, PRODUCT, SUM, LatexFormula, Notation, read_template
from kernelgraph.viz.text.words import number_text, op_detail, op_name, type_text

MOST_NODES = 200
"""A formula of more nodes than this is not written: nobody could read it."""

_MOST_OPERANDS = 5 * MOST_NODES
_SMALL = 40  # nodes; a formula of more is written in shorter parts
_LONGEST_PART = 240  # characters of LaTeX; a longer part gets a name
_SHARED_SIZE = 3  # ops; a shared part that is smaller is written out every time

_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_WORD_AND_INDEX = re.compile(r"([A-Za-z]+)(?:_([A-Za-z0-9]+)|([0-9]+))")


def latex(*variables: Variable) -> str:
    r"""The formula of one or several variables, without dollar signs.

    More than `MOST_NODES` nodes, or very many operands, give a sentence that says so instead.
    """
    nodes = list(walk(variables))
    operands = max(sum(len(node.inputs) for node in nodes), len(variables))
    if len(nodes) > MOST_NODES or operands > _MOST_OPERANDS:
        size = f"{len(nodes)} operations" if len(nodes) > MOST_NODES else f"{operands} operands"
        return (
            rf"\text{{a formula of {size} is too long to read; "
            r"kg.debugprint prints it as text}"
        )
    writer = _Writer(nodes, variables)
    written = [variable for variable in variables if not writer.is_written(variable)]
    rows = [*writer.lets.values(), *map(writer.row, written)]
    if len(rows) == 1:
        return rows[0].replace("&= ", "= ", 1).removeprefix("&")
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


class LatexText(str):
    """LaTeX that a notebook typesets; anywhere else it is text."""

    __slots__ = ()

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self}$"


class _Writer:
    """Formulas for all variables behind some outputs, and the lines that name parts of them."""

    def __init__(self, nodes: Sequence[Apply], outputs: Sequence[Variable]) -> None:
        self.formulas: dict[Variable, LatexFormula] = {}
        self.lets: dict[Variable, str] = {}
        self.nameless = 0
        self.longest_part = _LONGEST_PART if len(nodes) <= _SMALL else _LONGEST_PART // 2
        self.outputs = set(outputs)
        self.uses = Counter(variable for node in nodes for variable in node.inputs)
        self.uses.update(outputs)
        leaves = {v.name for node in nodes for v in (*node.inputs, *node.outputs) if v.name}
        self.letter = r"\tau" if any(re.fullmatch(r"t_?\d*", leaf) for leaf in leaves) else "t"
        for node in nodes:
            for output in node.outputs:
                if self.uses[output]:
                    self.formulas[output] = self._named(output, self._apply(node, output))

    def is_written(self, output: Variable) -> bool:
        """Whether the line of an output stands already among those of the parts."""
        return output in self.lets and output.name is not None

    def row(self, output: Variable) -> str:
        """The line of an output: its name, if it has one, and its formula."""
        formula = self._operand(output)
        if output.owner is None or output.name is None:
            return f"&{formula.text}" if self.lets or len(self.outputs) > 1 else formula.text
        return f"{name_latex(output.name)} &= {formula.text}"

    def _operand(self, variable: Variable) -> LatexFormula:
        if variable in self.formulas:
            return self.formulas[variable]
        return leaf_formula(variable)

    def _named(self, variable: Variable, formula: LatexFormula) -> LatexFormula:
        """The formula itself, or a name for it if it is shared or long."""
        least = 1 if variable.name is not None else _SHARED_SIZE
        shared = self.uses[variable] > 1 and formula.size >= least
        if variable in self.outputs and self.uses[variable] == 1:
            return formula
        if not shared and len(formula.text) <= self.longest_part:
            return formula
        if variable.name is not None:
            name = name_latex(variable.name)
        else:
            self.nameless += 1
            name = f"{self.letter}_{{{self.nameless}}}"
        self.lets[variable] = f"{name} &= {formula.text}"
        return LatexFormula(name)

    def _apply(self, node: Apply, output: Variable) -> LatexFormula:
        operands = [self._operand(variable) for variable in node.inputs]
        if _is_silent(node):
            return operands[0]
        notation = _notation(node)
        if _in_brackets(node.op):
            return _indexed(node.op, operands)
        if isinstance(node.op, Block):
            return _block(node.op, operands)
        if isinstance(node.op, SetSubtensor) and _in_brackets(node.op.forward):
            x, v, *ends = operands
            return _call(node, output, [_indexed(node.op.forward, [x, *ends]), v], "")
        if notation is not None:
            return notation.fill(dict(zip(OPERANDS, operands, strict=False)))
        return _call(node, output, operands, op_detail(node.op))


def leaf_formula(variable: Variable) -> LatexFormula:
    """A variable that nothing computes: its name, its number, or a sign for its type."""
    if variable.name is not None:
        return LatexFormula(name_latex(variable.name))
    if isinstance(variable, Constant):
        return constant_formula(variable)
    return LatexFormula(rf"\langle{escape.latex(type_text(variable.type))}\rangle")


def constant_formula(constant: Constant) -> LatexFormula:
    r"""Numbers as mathematicians write them: `2.5 \cdot 10^{-7}`.

    An array of more than four different numbers is a bold c.
    """
    data = constant.data
    if constant.scalar is not None:
        return _number(number_text(constant.scalar))
    if isinstance(data, np.ndarray) and data.ndim == 1 and 0 < data.size <= 4:
        return LatexFormula(
            rf"\left[{', '.join(_number(number_text(n)).text for n in data)}\right]"
        )
    return LatexFormula(r"\mathbf{c}")


def _number(text: str) -> LatexFormula:
    words = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}
    words |= {LEFT_OUT: LEFT_OUT, "True": r"\mathrm{true}", "False": r"\mathrm{false}"}
    if text in words:
        return LatexFormula(words[text], SUM if text == "-inf" else ATOM)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        power = f"10^{{{int(exponent)}}}"
        text = power if mantissa == "1" else rf"{mantissa} \cdot {power}"
        return LatexFormula(text, SUM if text.startswith("-") else PRODUCT)
    return LatexFormula(text, SUM if text.startswith("-") else ATOM)


def name_latex(name: str) -> str:
    r"""A user's name in a formula: letters and Greek letters with an index, else upright text.

    >>> print(*map(name_latex, ["x", "theta", "W1", "w_new", "cost", "$\\href{x}$"]))
    x \theta W_{1} w_{\mathrm{new}} \mathrm{cost} \mathrm{\${\backslash}href\{x\}\$}
    """
    name = str(name)
    if _GREEK.fullmatch(name):
        return rf"\{name}"
    if len(name) == 1 and name.isascii() and name.isalpha():
        return name
    match = _WORD_AND_INDEX.fullmatch(name) if len(name) <= escape.NAME_LIMIT else None
    if match is None:
        return escape.latex(escape.name(name) if name.strip() else f"'{escape.name(name)}'")
    base, index = match.group(1), match.group(2) or match.group(3)
    return f"{name_latex(base)}_{{{index if index.isdigit() else name_latex(index)}}}"


# Notation of the ops that are not elementwise -----------------------------------------------------

_TEMPLATES: Mapping[str, str] = {
    "sum": r"\sum{axes} {x}",
    "prod": r"\prod{axes} {x}",
    "any": r"\bigvee{axes} {x}",
    "all": r"\bigwedge{axes} {x}",
    "max": r"\max{axes}\left({x}\right)",
    "min": r"\min{axes}\left({x}\right)",
}


def _is_silent(node: Apply) -> bool:
    """Whether an op only arranges numbers for another: broadcasting, padding, a count as float."""
    match node.op:
        case DimShuffle(order=order):
            kept = [axis for axis in order if axis != "x"]
            return kept == sorted(kept, key=int)
        case View(name="broadcast" | "fitted"):
            return True
        case _:
            return op_name(node.op) == "cast" and _is_count(node.inputs[0])


def _is_count(variable: Variable) -> bool:
    kind = variable.type
    return isinstance(kind, TensorType) and kind.ndim == 0 and "int" in kind.dtype


def _notation(node: Apply) -> Notation | None:
    """The template of an op: its own, or the one above for its name."""
    template = getattr(node.op, "latex", None)
    if not isinstance(template, str):
        template = _template(node)
    return None if template is None else read_template(template, node.op.commutative)


def _template(node: Apply) -> str | None:
    match node.op:
        case DimShuffle():
            is_reversal = node.op.order == tuple(reversed(range(len(node.op.order))))
            return r"{x}^{\top}" if is_reversal else None
        case Contraction(name="dot"):
            is_vector = isinstance(kind := node.inputs[0].type, TensorType) and kind.ndim == 1
            return r"{x}^{\top}\,{y}" if is_vector else r"{x}\,{y}"
        case Reduction() if node.op.name in _TEMPLATES:
            axes = _subscript(", ".join(map(str, node.op.axes)))
            is_all = len(node.op.axes) == node.inputs[0].ndim
            return _TEMPLATES[node.op.name].replace("{axes}", "" if is_all else axes)
        case _:
            return None


def _subscript(detail: str) -> str:
    if not detail:
        return ""
    return f"_{{{detail if detail.isdigit() else escape.latex(detail)}}}"


def _in_brackets(op: Op) -> TypeGuard[Subtensor | Index | Gather]:
    """Whether an op is written as an index."""
    return isinstance(op, Subtensor | Index) or (isinstance(op, Gather) and not op.of_rows)


def _indexed(op: Subtensor | Index | Gather, operands: Sequence[LatexFormula]) -> LatexFormula:
    return _part(operands, op.text([operand.text for operand in operands]))


def _block(op: Block, operands: Sequence[LatexFormula]) -> LatexFormula:
    entries = [":"] * (1 + max(op.axes))
    ends = [operand.text for operand in operands[1:]]
    for k, axis in enumerate(op.axes):
        start, length = ends[k], ends[k + len(op.axes)]
        entries[axis] = f":{length}" if start == "0" else f"{start}:{start} + {length}"
    return _part(operands, ", ".join(entries))


def _part(operands: Sequence[LatexFormula], index: str) -> LatexFormula:
    x = operands[0].text if operands[0].level == ATOM else rf"\left({operands[0].text}\right)"
    return LatexFormula(rf"{x}\left[{index}\right]", ATOM, 1 + sum(part.size for part in operands))


def _call(
    node: Apply, output: Variable, operands: Sequence[LatexFormula], detail: str
) -> LatexFormula:
    """An op without a notation of its own: `name(operands)`, with its parameters as an index."""
    name = escape.latex(op_name(node.op)).replace(r"\mathrm", r"\operatorname", 1)
    arguments = ", ".join(operand.text for operand in operands)
    index = rf"_{{[{output.index}]}}" if len(node.outputs) > 1 else ""
    call = rf"{name}{_subscript(detail)}\left({arguments}\right)"
    text = rf"{{{call}}}{index}" if index else call
    return LatexFormula(text, ATOM, 1 + sum(operand.size for operand in operands))
