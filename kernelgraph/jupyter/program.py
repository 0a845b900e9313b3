"""The program in plain Python that does what a `%%symfunc` cell does.

Signature, body and options come in, the text of a program goes out: for those who leave the magic
behind, for editors that check types, and for whoever wonders what the magic adds. It uses the names
of the notebook that the body uses, and says which.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import kernelgraph
import kernelgraph.tensor as tensor
from kernelgraph.jupyter.cell import assigned
from kernelgraph.jupyter.define import LANGUAGE
from kernelgraph.jupyter.options import mode_program
from kernelgraph.jupyter.signature import CONSTRUCTORS, Literal, Parameter, Reference, Signature
from kernelgraph.tensor import builtin

_WIDTH = 88


@dataclass(frozen=True)
class Added:
    """What the options add to a cell: keywords of `kg.function`, and gradients of the output at
    `cost` (None: of the only one).
    """

    target: str | None = None
    mode: str | None = None
    gradients: tuple[str, ...] = ()
    cost: int | str | None = None
    bound_to: str | None = None


@dataclass(frozen=True)
class Writer:
    """Writes the program of one cell; `head` is the text of the signature, `notebook` the names
    that the user has bound, which go before those of the tensor language.
    """

    signature: Signature
    head: str
    body: str
    added: Added
    notebook: Mapping[str, Any]

    @property
    def tree(self) -> ast.Module:
        """The body."""
        return ast.parse(self.body)

    def text(self) -> str:
        """The program."""
        body, outputs = self.outputs()
        parts = [self.imports(), self.inputs(), body, self.gradients(outputs), self.call(outputs)]
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"

    # What stands before the body ------------------------------------------------------------------

    def imports(self) -> list[str]:
        """The imports that the program needs, and what it takes from the notebook."""
        lines = [_import(kernelgraph, self.kg)]
        if self.signature.parameters:
            lines.append(_import(tensor, self.T))
        free = [name for name in self._names(ast.Load) if name not in self._parameters]
        if language := sorted(n for n in free if n in LANGUAGE and n not in self.notebook):
            lines += _from_tensor(language)
        defaults = [p.default for p in self.signature.parameters]
        named = [default.name for default in defaults if isinstance(default, Reference)]
        used = {*free, *self.added.gradients, *named}
        bound = {*self._names(ast.Store), *self._parameters, self.kg, self.T}
        if names := sorted(n for n in used if n in self.notebook and n not in bound):
            lines.append(f"# of the notebook: {', '.join(names)}")
        return lines

    @property
    def kg(self) -> str:
        """What the program calls the package."""
        return self._free("kg", kernelgraph)

    @property
    def T(self) -> str:  # noqa: N802 - so it is called everywhere
        """What the program calls the tensor language."""
        return self._free("T", tensor)

    @property
    def _parameters(self) -> list[str]:
        return [parameter.name for parameter in self.signature.parameters]

    def _names(self, context: type[ast.expr_context]) -> list[str]:
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return list(dict.fromkeys(node.id for node in found if isinstance(node.ctx, context)))

    def _free(self, name: str, meaning: object = None) -> str:
        """The name, or one like it where the cell means something else by it."""
        ours = meaning is not None and self.notebook.get(name) is meaning
        stored = [*self._parameters, *self._names(ast.Store), *self.added.gradients]
        taken = {*stored, self.signature.name, *(() if ours else self._names(ast.Load))}
        while name in taken:
            name += "_"
        return name

    # Inputs ---------------------------------------------------------------------------------------

    def inputs(self) -> list[str]:
        """A line for each input; one more if the body gives the name of an input away."""
        lines = [f"{p.name} = {self._constructed(p)}" for p in self.signature.parameters]
        return [*lines, f"{self._kept} = {self._list()}"] if self._kept else lines

    @property
    def _kept(self) -> str:
        rebound = set(self._parameters) & set(self._names(ast.Store))
        return self._free("inputs") if rebound else ""

    def _constructed(self, parameter: Parameter) -> str:
        first, last = parameter.columns
        line = self.head.split("\n")[parameter.line - 1]
        text = line.encode()[first:last].decode()
        annotation = text.partition(":")[2].strip() or "scalar"
        if annotation in CONSTRUCTORS:
            return f'{self.T}.{annotation}("{parameter.name}")'
        kind = parameter.type
        return f'{self.T}.tensor("{kind.dtype}", {kind.shape}, "{parameter.name}")'

    def _list(self) -> str:
        return f"[{', '.join(map(self._end, self.signature.parameters))}]"

    def _end(self, parameter: Parameter) -> str:
        match parameter.default:
            case None:
                return parameter.name
            case Reference(name):
                return f"{self.kg}.In({parameter.name}, value={name})"
            case Literal(value):
                return f"{self.kg}.In({parameter.name}, value={value!r})"

    # The body and its outputs ---------------------------------------------------------------------

    def outputs(self) -> tuple[list[str], list[str]]:
        """The lines of the body, and the names of its outputs."""
        lines = self.body.strip("\n").split("\n")
        last = self.tree.body[-1] if self.tree.body else ast.Pass()
        names = list(self.signature.outputs)
        if not isinstance(last, ast.Return) and (names or not isinstance(last, ast.Expr)):
            return lines, names or assigned(last)
        assert last.value is not None
        names = names or [self._free("outputs")]
        text = _with_name(self.body, last, last.value, ", ".join(names))
        return text.strip("\n").split("\n"), names

    def gradients(self, outputs: Sequence[str]) -> list[str]:
        """A line for each gradient."""
        cost = self.added.cost
        of = outputs[0] if cost is None else f"{outputs[0]}[{cost!r}]"
        if len(outputs) > 1 and isinstance(cost, int):
            of = outputs[cost]
        return [
            f"{name} = {self.kg}.grad({of}, {by})"
            for name, by in zip(self._slopes(), self.added.gradients, strict=True)
        ]

    def _slopes(self) -> list[str]:
        return [self._free(f"grad_{name}") for name in self.added.gradients]

    def _results(self, outputs: Sequence[str]) -> str:
        """All outputs as one expression."""
        slopes = self._slopes()
        if len(outputs) > 1:
            return f"[{', '.join([*outputs, *slopes])}]"
        if not slopes:
            return outputs[0]
        if isinstance(self.added.cost, str):
            named = (f'"grad_{n}": {s}' for n, s in zip(self.added.gradients, slopes, strict=True))
            return f"{{**{outputs[0]}, {', '.join(named)}}}"
        first = outputs[0] if self.added.cost is None else f"*{outputs[0]}"
        return f"[{', '.join([first, *slopes])}]"

    def call(self, outputs: Sequence[str]) -> list[str]:
        """The function itself."""
        arguments = [self._kept or self._list(), self._results(outputs)]
        if self.added.mode is not None:
            arguments.append(f"mode={mode_program(self.added.mode, self.kg)}")
        arguments.append(f'name="{self.signature.name}"')
        if self.added.target is not None:
            arguments.append(f'target="{self.added.target}"')
        head = f"{self.added.bound_to or self.signature.name} = {self.kg}.function("
        line = f"{head}{', '.join(arguments)})"
        return [line] if len(line) <= _WIDTH else [head, *(f"    {a}," for a in arguments), ")"]


def _import(module: Any, name: str) -> str:
    full: str = module.__name__
    return f"import {full} as {name}"


def _from_tensor(names: Sequence[str]) -> list[str]:
    """What the body uses of the language: of the tensor language, and of Python's own."""
    python = [name for name in names if name in builtin.__all__]
    others = [name for name in names if name not in python]
    return [*_from("kernelgraph.tensor", others), *_from("kernelgraph.tensor.builtin", python)]


def _from(module: str, names: Sequence[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if not names or len(line) <= _WIDTH:
        return [line] if names else []
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _with_name(text: str, last: ast.stmt, value: ast.expr, name: str) -> str:
    """The body with the value of its last statement bound to a name."""
    lines = text.encode().split(b"\n")
    start, end = last.lineno - 1, (last.end_lineno or last.lineno) - 1
    first_column, last_column = last.col_offset, last.end_col_offset or 0
    if isinstance(last, ast.Return) and value.lineno == last.lineno:
        word = len(b"return")
        line = lines[start]
        lines[start] = line[:first_column] + line[first_column + word :].lstrip()
        last_column -= (len(line) - len(lines[start])) * (start == end)
    after = lines[end][last_column:]
    lines[end] = lines[end][:last_column]
    expression = b"\n".join([lines[start][first_column:], *lines[start + 1 : end + 1]])
    written = b"(" + expression + b")" if start != end else expression
    head = [*lines[:start], lines[start][:first_column] + name.encode() + b" = " + written + after]
    return b"\n".join([*head, *lines[end + 1 :]]).decode()
