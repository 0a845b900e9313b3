"""From a CUDA source to a shared object that the machine can run, by the C++ compiler of the user.

The compiler makes assembly, `assembly.py` changes it, the compiler's assembler and linker make a
shared object of that. What was made once is found in the compile cache, which C programs use too.
"""

from __future__ import annotations

import importlib.resources
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from kernelgraph.c import entry
from kernelgraph.c.cache import Cache, open_cache
from kernelgraph.c.entry import DamagedEntryError, Entry
from kernelgraph.c.process import compiling
from kernelgraph.c.toolchain import command_among, digest_of, files_of
from kernelgraph.cuda.simulator.assembly import SOURCE, change
from kernelgraph.cuda.simulator.source import Prepared, prepare
from kernelgraph.errors import CompileError

Mode = str

_CHOSEN = ("KERNELGRAPH_CXX", "CXX")
_ENVIRONMENT = (*_CHOSEN, "KERNELGRAPH_CACHE", "HOME", "PATH", "XDG_CACHE_HOME")

_COMMON = (
    "-std=c++17",
    "-fPIC",
    "-w",  # what is worth a warning is found when the kernel runs
    "-ffp-contract=off",  # as in compiled C: the same bits on every machine
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-exceptions",
    "-fvisibility=hidden",
)
_KERNEL = (
    "-fstack-clash-protection",  # a stack that overflows is a fault
    "-fno-zero-initialized-in-bss",
)
_QUICK = ("-O3",)
_WATCHED = (
    "-O1",
    "-g1",
    "-DKERNELGRAPH_WATCHED",
    "-fsanitize=thread",
    "-fsanitize-coverage=trace-pc",
    "-fno-optimize-sibling-calls",  # a hook returns to where it was called
)
# For gcc alone: an access stays one access of all its bytes, and blocks stay in the source's order.
_GCC_KERNEL = ("-fno-gnu-unique",)
_GCC_WATCHED = ("-fno-tree-sra", "-fno-reorder-blocks", "-fno-tree-loop-distribute-patterns")

_OF_MACHINE = (
    *("-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-fno-strict-aliasing"),
    "-fno-exceptions",
)
_HEADERS = ("dialect.h", "vectors.h", "atomics.h", "functions.h", "half.h", "launch.h")
_PARTS = (
    *("context.cpp", "fibers.cpp", "machine.cpp", "memory.cpp", "signals.cpp"),
    *("hooks.cpp", "checks.cpp", "measures.cpp"),
)
_OF_PARTS = ("machine.h", "checks.h", "measures.h")
_EMPTY = ("cuda.h", "cuda_runtime.h", "cuda_runtime_api.h", "device_launch_parameters.h")
_MACHINE = "machine.so"
_COMPLAINT = re.compile(
    re.escape(SOURCE) + r":(\d+):(?:\d+:)? (?:fatal )?error: (.*)", re.IGNORECASE
)
_PLACE = re.compile(re.escape(SOURCE) + r":(\d+)[:,]")
_WORDS = re.compile(r" error: (.*)")


def text_of(name: str) -> str:
    """A file of C++ that belongs to this package."""
    return (
        importlib.resources.files("kernelgraph.cuda.simulator")
        .joinpath(name)
        .read_text(encoding="utf-8")
    )


@dataclass(frozen=True)
class Compiled:
    """A shared object, whether the threads of each kernel wait, and the names of its variables."""

    body: bytes
    waits: dict[str, bool]
    objects: frozenset[str]


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler, and the cache in which results are kept."""

    command: tuple[str, ...]
    identity: str
    cache: Cache

    @property
    def is_gcc(self) -> bool:
        """Whether it knows the flags that only gcc has."""
        return "clang" not in os.path.basename(os.path.realpath(self.command[0]))

    @property
    def machine_key(self) -> str:
        """The key of the machine in the cache, which also tells it from others in a process."""
        texts = [text_of(name) for name in (*_OF_PARTS, *_PARTS)]
        return digest_of("machine", entry.FORMAT, self.identity, _OF_MACHINE, texts)

    @property
    def soname(self) -> str:
        """By what name the linker and the loader know the machine."""
        return f"kernelgraph-simulator-{self.machine_key[:16]}.so"

    def machine(self) -> bytes:
        """The shared object of the machine; raises CompileError."""
        key = self.machine_key
        found = self._kept(key)
        if found is not None:
            return found.body
        with self.cache.lock(f"simulator-{key[:2]}"):
            found = self._kept(key)
            if found is None:
                with self.cache.workspace() as folder:
                    body = self._compile_machine(folder)
                self.cache.store(key, body, {"compiler": self.command})
                return body
        return found.body

    def _compile_machine(self, folder: str) -> bytes:
        for name in (*_OF_PARTS, *_PARTS):
            _write(folder, name, text_of(name))
        # All parts at once: the headers of C++ take most of the time.
        _write(folder, "all.cpp", "".join(f'#include "{name}"\n' for name in _PARTS))
        flags = [*_OF_MACHINE, f"-Wl,-soname,{self.soname}"]
        self._run([*flags, "-o", _MACHINE, "all.cpp"], folder)
        return _read(folder, _MACHINE)

    def kernel(self, source: str, name: str, mode: Mode) -> tuple[Prepared, Compiled]:
        """A source compiled for a mode of the simulator. Raises CompileError: KG-K030 for what is
        not simulated, KG-K005 with the compiler's words for what is no CUDA.
        """
        prepared = prepare(source, name, self._expanded)
        texts = [text_of(header) for header in (*_HEADERS, "assembly.py", "source.py")]
        watched = mode != "run"
        parts = (self.identity, self.machine_key, self._flags(watched), texts, source)
        key = digest_of("kernel", entry.FORMAT, *parts)
        kept = self._kept(key)
        compiled = None if kept is None else _facts(kept)
        if compiled is not None:
            return prepared, compiled
        with self.cache.workspace() as folder:
            compiled = self._compile_kernel(prepared, name, watched, folder)
        facts = {"waits": compiled.waits, "objects": sorted(compiled.objects)}
        self.cache.store(key, compiled.body, {"compiler": self.command, **facts})
        return prepared, compiled

    def _expanded(self, source: str) -> str:
        """A source after the preprocessor, without what it includes."""
        text = re.sub(r"^[ \t]*#[ \t]*include\b.*", "", source, flags=re.MULTILINE)
        with self.cache.workspace() as folder:
            _write(folder, "program.cpp", text)
            self._run(["-E", "-P", "-w", "-o", "expanded", "program.cpp"], folder)
            return _read(folder, "expanded").decode("utf-8", "replace")

    def _flags(self, watched: bool) -> list[str]:
        flags = [*_COMMON, *_KERNEL, *(_WATCHED if watched else _QUICK)]
        if self.is_gcc:
            flags += [*_GCC_KERNEL, *(_GCC_WATCHED if watched else ())]
        return flags

    def _compile_kernel(
        self, prepared: Prepared, name: str, watched: bool, folder: str
    ) -> Compiled:
        for header in _HEADERS:
            _write(folder, header, text_of(header))
        _write(folder, "cuda_fp16.h", '#include "half.h"\n')
        for header in _EMPTY:
            _write(folder, header, "#pragma once\n")
        exports = "".join(f"KERNELGRAPH_KERNEL({kernel})\n" for kernel in prepared.kernels)
        head = '#include "dialect.h"\n#include "launch.h"\n'
        _write(folder, "program.cpp", f'{head}#line 1 "{SOURCE}"\n{prepared.text}\n{exports}')
        try:
            self._run([*self._flags(watched), "-I.", "-S", "-o", "made.s", "program.cpp"], folder)
        except CompileError as error:
            raise _complaint(error, prepared.text, name) from None
        made = change(_read(folder, "made.s").decode(), prepared.kernels, prepared.dynamic)
        _write(folder, "program.s", made.text)
        with open(os.path.join(folder, _MACHINE), "wb") as stream:
            stream.write(self.machine())
        self._run(["-shared", "-o", "program.so", "program.s", _MACHINE, "-lm"], folder)
        return Compiled(_read(folder, "program.so"), made.waits, made.objects)

    def _run(self, arguments: Sequence[str], folder: str) -> None:
        with compiling([*self.command, *arguments], folder) as compilation:
            compilation.wait()

    def _kept(self, key: str) -> Entry | None:
        try:
            return self.cache.find(key)
        except DamagedEntryError as error:
            self.cache.quarantine(key, str(error))
            return None


def find() -> Compiler:
    """The C++ compiler of this machine. Raises CompileError where there is none."""
    return _find(tuple(os.environ.get(name) for name in _ENVIRONMENT))


@lru_cache(maxsize=4)
def _find(_settings: tuple[str | None, ...]) -> Compiler:
    command = _command()
    identity = digest_of(entry.FORMAT, command, files_of(command), os.uname().machine)
    return Compiler(command, identity, open_cache())


def _command() -> tuple[str, ...]:
    if command := command_among(_CHOSEN, ("g++", "c++", "clang++"), "C++"):
        return command
    what = "there is no C++ compiler on this machine, which the CUDA simulator needs"
    raise CompileError(what, hint="install g++ or clang++")


def _complaint(error: CompileError, source: str, name: str) -> CompileError:
    """The compiler's first words about the kernel's source, with the line."""
    place, said = _PLACE.search(error.log), _WORDS.search(error.log)
    if found := _COMPLAINT.search(error.log):
        number, words = int(found.group(1)), found.group(2)
    elif place and said:  # in what a macro or a template of the dialect became there
        number, words = int(place.group(1)), said.group(1)
    else:
        return error
    lines = source.splitlines()
    line = lines[number - 1].strip() if number <= len(lines) else ""
    made = CompileError(f"{name}, line {number}: {words}", code="KG-K005", because=line or None)
    made.log = error.log
    return made


def _facts(kept: Entry) -> Compiled | None:
    """What was kept with a kernel, or None if that is anything else."""
    waits, objects = kept.description.get("waits"), kept.description.get("objects")
    if not isinstance(waits, dict) or not isinstance(objects, list):
        return None
    table = cast("dict[str, bool]", waits)
    names = cast("list[str]", objects)
    return Compiled(kept.body, dict(table), frozenset(names))


def _write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))


def _read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as stream:
        return stream.read()
