"""The instructions of a compiled kernel (SASS), each with the line of CUDA that it is for.

They come from NVIDIA's nvdisasm, which `pip install nvidia-cuda-nvdisasm` brings; no GPU is needed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kernelgraph.c import process
from kernelgraph.c.files import private_folder
from kernelgraph.cuda.compiled import Compiled
from kernelgraph.cuda.nvrtc import HINT
from kernelgraph.errors import DeviceError

_SECTION = re.compile(r"^\.text\.(\w+):")
_LINE = re.compile(r'^\s*//## File "[^"]*", line ([0-9]+)')
_LABEL = re.compile(r"^(\.L\w+):")
_INSTRUCTION = re.compile(r"^\s*/\*([0-9a-f]+)\*/\s+(.*?)\s*;")


@dataclass(frozen=True)
class Instruction:
    """One instruction: where it lies, its text, its line in the CUDA text (0: none), and the names
    by which others jump to it.
    """

    address: int
    text: str
    line: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disassembly:
    """The instructions of each kernel of a program, by its name."""

    arch: str
    kernels: Mapping[str, tuple[Instruction, ...]]

    def __str__(self) -> str:
        lines: list[str] = []
        for name, instructions in self.kernels.items():
            lines.append(f"{name} ({self.arch}, {len(instructions)} instructions)")
            before = 0
            for one in instructions:
                lines += [f"  {label}:" for label in one.labels]
                where = f"line {one.line}" if one.line != before else ""
                lines.append(f"  {where:10} {one.address:04x}  {one.text}")
                before = one.line
        return "\n".join(lines)

    def of_line(self, number: int) -> list[Instruction]:
        """The instructions that a line of the CUDA text became."""
        return [one for kernel in self.kernels.values() for one in kernel if one.line == number]


def disassembled(made: Compiled) -> Disassembly:
    """The instructions of a compiled program.

    Raises `DeviceError` where there is no nvdisasm, `CompileError` where it cannot read the code.
    """
    command = find()
    with private_folder() as folder:
        with open(os.path.join(folder, "program.cubin"), "wb") as stream:
            stream.write(made.cubin)
        with process.compiling([command, "-c", "-g", "program.cubin"], folder) as running:
            listing = running.wait()
    return Disassembly(made.arch, dict(_kernels(listing)))


def find() -> str:
    """The path of nvdisasm: pip's package, or the one on PATH; raises `DeviceError`."""
    package = importlib.util.find_spec("nvidia")
    for folder in (package and package.submodule_search_locations) or ():
        for inside in ("cu13", "cuda_nvdisasm"):
            if path := shutil.which("nvdisasm", path=os.path.join(folder, inside, "bin")):
                return path
    if path := shutil.which("nvdisasm"):
        return os.path.abspath(path)
    raise DeviceError("there is no nvdisasm, which lists instructions", hint=HINT)


def _kernels(listing: str) -> Iterator[tuple[str, tuple[Instruction, ...]]]:
    name, found, number, labels = "", list[Instruction](), 0, list[str]()
    for row in listing.splitlines():
        if section := _SECTION.match(row):
            if name:
                yield name, tuple(found)
            name, found, number, labels = section.group(1), [], 0, []
        elif line := _LINE.match(row):
            number = int(line.group(1))
        elif label := _LABEL.match(row):
            labels.append(label.group(1))
        elif instruction := _INSTRUCTION.match(row):
            address, words = instruction.groups()
            text = " ".join(words.split())
            found.append(Instruction(int(address, 16), text, number, tuple(labels)))
            labels = []
    if name:
        yield name, tuple(found)
