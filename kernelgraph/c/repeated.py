"""Kernels that differ in nothing but names are one function, called with other arguments.

An unrolled recurrence is the same step many times over. In a program of many kernels each text is
printed once, and no kernel is moved into the function that calls it: what a compiler takes for a
function grows faster than the function, so the time for a program follows the number of kernels
that differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernelgraph.c.kernels import KernelPrinter
from kernelgraph.c.parameters import parameters
from kernelgraph.loops import ir
from kernelgraph.writer import Writer

MANY = 16
"""With more kernels than this a program is large: equal ones are looked for, and stay functions."""

_TYPE = r"(?:u?int(?:8|16|32|64)|float(?:16|32|64)|complex(?:64|128)|bool8|tree_\w+)"
_DECLARED = re.compile(rf"\b{_TYPE} \*?(?:const |restrict )*(\w+)")
_LISTED = re.compile(rf" *{_TYPE} [^=()]*;")
_NAME = re.compile(r"\b[A-Za-z_]\w*\b(?! *\()")


def print_kernels(kernels: Sequence[ir.Kernel], writer: Writer) -> dict[ir.Kernel, str]:
    """Print the functions of some kernels, and say which function is that of each kernel."""
    many = len(kernels) > MANY
    functions: dict[ir.Kernel, str] = {}
    printed: dict[str, tuple[str, int, int]] = {}
    for kernel in kernels:
        part = Writer()
        KernelPrinter(kernel, part, apart=many).write()
        key = without_names(kernel, part.text) if many else kernel.name
        if key in printed:
            functions[kernel], first, last = printed[key]
            _attribute(writer, first, last, kernel, part)
            continue
        first = len(writer.text) + 1
        writer.include(part)
        printed[key] = kernel.name, first, len(writer.text)
        writer.line("")
        functions[kernel] = kernel.name
    return functions


def without_names(kernel: ir.Kernel, lines: Sequence[str]) -> str:
    """The text of a kernel with a number for each name of its own: equal for kernels that do the
    same with other arguments. What is called, and each name that is not declared in the text, stays
    as it is.
    """
    code = [line for line in lines if not line.startswith("/*")]
    own = {item.rpartition(" ")[2].lstrip("*") for item in parameters(kernel)}
    for line in code:
        own.update(_DECLARED.findall(line))
        if _LISTED.fullmatch(line):
            own.update(re.findall(r"(\w+)\[", line))
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found[0]
        return numbers.setdefault(name, f"${len(numbers)}") if name in own else name

    text = " ".join(" ".join(code).split())  # a list of longer names takes more lines
    return _NAME.sub(numbered, text.replace(f" {kernel.name}(", " ("))


def _attribute(writer: Writer, first: int, last: int, kernel: ir.Kernel, part: Writer) -> None:
    """Lines that are there already are for the nodes of another kernel, too. Heads may differ in
    their number of lines, bodies do not.
    """
    body = next(k for k, line in enumerate(part.text, start=1) if line.endswith(") {"))
    found = {last - len(part.text) + k: nodes for k, nodes in part.lines.items() if k > body}
    for number, nodes in {first: kernel.nodes, **found}.items():
        writer.lines[number] = tuple(dict.fromkeys((*writer.lines.get(number, ()), *nodes)))
