"""What is changed in the assembly that the compiler made of a kernel, before it is assembled.

Assembly comes in and goes out, with three changes, and with what was read on the way:

- The calls for the thread sanitizer and for coverage get names of ours, and behind each stands a
  label; a table says on which line of the source each label is.
- Before every variable stands a red zone: bytes that belong to nothing, so that an index that is
  out of bounds does not fall into the next array.
- Arrays of dynamic size get memory: the same for all, as CUDA has it.

Read is which kernels have threads that wait for each other: those that reach a barrier by any call.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SOURCE = "kernel.cu"
"""What the kernel's source is called in its lines' directives."""

RED_ZONE = 256
DYNAMIC_ROOM = 227 * 1024
"""Bytes of dynamic shared memory that a block can have, as on an H100."""

_HOOK = re.compile(r"\s+(?:call|bl)\s+(?:__tsan_|__sanitizer_cov_trace_pc)")
_BASIC_BLOCK = "kernelgraph_basic_block"
_BLOCK = re.compile(r"\.L\d+:")
_FILE = re.compile(r'\s*\.file\s+(\d+)\s+(?:"[^"]*"\s+)?"([^"]*)"')
_LOCATION = re.compile(r"\s*\.loc\s+(\d+)\s+(\d+)")
_OBJECT = re.compile(r"\s*\.type\s+([\w.$]+),\s*[@%]object")
_LABEL = re.compile(r"([A-Za-z_][\w.$]*):")
_SECTION = re.compile(r"\s*\.(?:section\s+)?(\.?[\w.$]+)")
_SYMBOL = re.compile(r"[A-Za-z_][\w.$]*")
_SECTIONS = ("text", "data", "bss", "section")
_VARIABLES = (".tbss", ".tdata", ".data", ".bss")
_WAITING = {"kernelgraph_barrier", "kernelgraph_warp", "kernelgraph_active"}
_WORD = ".long"


@dataclass(frozen=True)
class Assembled:
    """The changed text; for each kernel whether its threads wait; the names of its variables."""

    text: str
    waits: dict[str, bool]
    objects: frozenset[str]


@dataclass
class _Reader:
    """Goes through the lines, one after another."""

    out: list[str] = field(default_factory=list[str])
    sites: list[int] = field(default_factory=list[int])
    objects: set[str] = field(default_factory=set[str])
    mentions: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    files: set[str] = field(default_factory=set[str])
    line: int = 0
    is_own: bool = False  # whether what follows is on that line, not in a function of the dialect
    block: int | None = None  # the site of a basic block whose first line is still to come
    section: str = ".text"
    label: str = ""

    def read(self, line: str) -> None:
        """One line: note what it says, and put out what it becomes."""
        if found := _FILE.match(line):
            if found.group(2).endswith(SOURCE):
                self.files.add(found.group(1))
        elif found := _LOCATION.match(line):
            # A function of the dialect that was put in place has lines of its own: not of the user.
            self.is_own = found.group(1) in self.files
            if self.is_own:
                self.line = int(found.group(2))
                if self.block is not None:
                    self.sites[self.block] = self.line
                    self.block = None
        elif found := _OBJECT.match(line):
            self.objects.add(found.group(1))
        elif found := _LABEL.match(line):
            self.label = found.group(1)
            if self.label in self.objects and self.section.startswith(_VARIABLES):
                self.out.append(f"\t.zero\t{RED_ZONE}")
        elif line.startswith("\t."):
            self._directive(line)
        elif _BLOCK.match(line):
            self.block = None
        else:
            self._note_mentions(line)
        hook = _HOOK.match(line)
        line = line.replace("__tsan_", "kernelgraph_")
        line = line.replace("__sanitizer_cov_trace_pc", _BASIC_BLOCK)
        self.out.append(line)
        if hook:
            self.out.append(f".Lkernelgraph_site_{len(self.sites)}:")
            is_block = _BASIC_BLOCK in line
            self.block = len(self.sites) if is_block and not self.is_own else None
            self.sites.append(0 if self.block is not None else self.line)

    def _directive(self, line: str) -> None:
        word = line.split(maxsplit=1)[0].lstrip(".")
        if word in _SECTIONS and (found := _SECTION.match(line)):
            name = found.group(1)
            self.section = name if name.startswith(".") else f".{name}"
        elif word == "size":
            self.block = None
        elif word in ("quad", "xword", "long", "word"):
            self._note_mentions(line)

    def _note_mentions(self, line: str) -> None:
        self.mentions[self.label].update(_SYMBOL.findall(line))

    def reaches_waiting(self, start: str) -> bool:
        """Whether a function comes to a barrier, by whatever it mentions."""
        seen, todo = {start}, [start]
        while todo:
            for name in self.mentions.get(todo.pop(), ()):
                if name in _WAITING:
                    return True
                if name in self.mentions and name not in seen:
                    seen.add(name)
                    todo.append(name)
        return False


def change(text: str, kernels: Iterable[str], dynamic: Sequence[str]) -> Assembled:
    """See the module."""
    reader = _Reader()
    for line in text.splitlines():
        reader.read(line)
    waits = {name: reader.reaches_waiting(f"kernelgraph_one_{name}") for name in kernels}
    lines = [*reader.out, *_dynamic_memory(dynamic), *_table(reader.sites), ""]
    return Assembled("\n".join(lines), waits, frozenset(reader.objects))


def _dynamic_memory(names: Sequence[str]) -> list[str]:
    """All arrays of dynamic size at one place, the last of the thread's memory."""
    room = DYNAMIC_ROOM + RED_ZONE if names else 16
    lines = ['\t.section\t.tbss.kernelgraph,"awT",%nobits', "\t.balign 256", f"\t.zero\t{RED_ZONE}"]
    for name in ("kernelgraph_dynamic", *names):
        lines += [f"\t.globl\t{name}", f"\t.hidden\t{name}", f"\t.type\t{name}, %object"]
        lines += [f"\t.size\t{name}, {room}", f"{name}:"]
    return [*lines, f"\t.zero\t{room}"]


def _table(sites: Sequence[int]) -> list[str]:
    """How far it is from each entry to its label, and the line there."""
    lines = ['\t.section\t.kernelgraph_sites,"a",%progbits', "\t.balign 8"]
    lines += ["\t.globl\tkernelgraph_sites", "\t.type\tkernelgraph_sites, %object"]
    lines += [f"\t.size\tkernelgraph_sites, {8 * len(sites) + 8}", "kernelgraph_sites:"]
    for number, line in enumerate(sites):
        lines.append(f"\t{_WORD}\t.Lkernelgraph_site_{number} - .\n\t{_WORD}\t{line}")
    return [*lines, f"\t{_WORD}\t0, 0"]
