"""Which C compiler there is, what it is told, and how to recognise it again.

What comes in is the environment (`KERNELGRAPH_CC`, `CC`, `CFLAGS`, `PATH`) and the processor; what
comes out is a `Toolchain` that starts compilations and gives every C file the key under which its
result can be kept. The flags are chosen for the same bits on every machine: nothing that lets a
compiler reorder, contract or assume away floating point is ever passed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

from kernelgraph.c import entry
from kernelgraph.c.entry import read_json
from kernelgraph.c.files import private_folder
from kernelgraph.errors import CompileError
from kernelgraph.lazy import cached_property

FLAGS = (
    "-O3",
    "-std=c11",
    "-ffp-contract=off",  # a*b + c is rounded twice on every machine, with or without FMA
    "-fno-math-errno",  # sqrt may be one instruction
    "-fno-trapping-math",  # nobody looks at the flags, so loops with comparisons may be vectors
    "-fwrapv",  # integers wrap, as NumPy's do
    "-fno-strict-aliasing",
    "-fvisibility=hidden",
    "-fPIC",
    "-shared",
)

WHERE_KNOWN = ("-fno-tree-sink",)
"""Flags for the compilers that know them: gcc moves what is read before a choice behind it, which
makes a masked load of it (see `loading.py`).
"""

CAREFUL = ("-O1", "-fno-tree-vectorize", "-fno-tree-slp-vectorize")
"""Flags, after the usual ones, for a program that those made a mistake in."""

MOST_LOOPS, MOST_LINES = 400, 10_000
"""Loops and lines of a program that is compiled with the usual flags: a compiler takes up to 40 ms
over a loop, and a second over a thousand lines.
"""

_QUICKER = ("-O1",)
_QUICKEST = ("-O0",)

_CHOSEN = ("KERNELGRAPH_CC", "CC")

SOURCE, OUTPUT = "program.c", "program.so"
"""Names inside the folder of a compilation: the same for all, so that a result holds no path."""

_UNSAFE = (
    r"-Ofast|-f(fast-math|unsafe-math-optimizations|finite-math-only|associative-math"
    r"|reciprocal-math|no-signed-zeros|no-honor-nans|no-honor-infinities|approx-func"
    r"|fp-model=(fast|aggressive)|cx-limited-range|single-precision-constant)"
    r"|.*crtfastmath\.o|-mdaz-ftz|@.*"
)

_V2 = {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}
_V3 = {*_V2, "abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}
_V4 = {*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
_LEVELS = (
    ("x86-64-v4", _V4), ("x86-64-v3", _V3), ("x86-64-v2", _V2), ("x86-64", set[str]()),
)  # fmt: skip
_SPELLINGS = {name: (f"-march={name}", f"-march={name.replace('-', '_')}") for name, _ in _LEVELS}
"""The flags for each level: Zig spells them with underscores."""

_BASELINE = "-mcpu=baseline"

Remember = Callable[[str, Callable[[], bytes]], bytes]
"""`remember(key, compute)` gives the bytes kept under a key, computing them if there are none."""


@dataclass(frozen=True)
class Unit:
    """One C file to compile, and the flags it needs beyond the usual ones."""

    source: str
    flags: tuple[str, ...] = ()
    role: str = "program"

    @cached_property
    def digest(self) -> str:
        """What tells it from all others."""
        return digest_of(self.flags, self.source)


def program_unit(source: str) -> Unit:
    """The unit of a program. A large one is compiled at a lower level, which gives the same bits,
    so that the time for it stays within bounds.
    """
    large = source.count("for (") > MOST_LOOPS or source.count("\n") > MOST_LINES
    return Unit(source, _QUICKER if large else ())


def quicker(unit: Unit) -> Unit:
    """The same unit at a level that takes a compiler less time."""
    lower = _QUICKEST if "-O1" in unit.flags else _QUICKER
    return replace(unit, flags=(*unit.flags, *lower))


@dataclass(frozen=True)
class Toolchain:
    """A C compiler: how to run it, and all that its output depends on besides the source."""

    command: tuple[str, ...]
    flags: tuple[str, ...]
    identity: str
    """A digest of the compiler's files, of what it says of itself, and of the C library."""

    def key(self, unit: Unit) -> str:
        """Under which name the compiled unit can be kept: 64 hexadecimal digits."""
        return digest_of(entry.FORMAT, self.identity, self.flags, unit.digest)

    @contextmanager
    def compiling(self, unit: Unit, folder: str) -> Generator[Callable[[], bytes]]:
        """Start compiling in a folder; calling what is handed out waits for the shared object.

        Leaving the block ends a compiler that still runs. Raises CompileError.
        """
        from kernelgraph.c import process  # what a warm start does not need is not loaded

        with open(os.path.join(folder, SOURCE), "wb") as stream:
            stream.write(unit.source.encode("utf-8", "backslashreplace"))
        command = [*self.command, *self.flags, *unit.flags, "-o", OUTPUT, SOURCE, "-lm"]
        with process.compiling(command, folder) as compilation:

            def finish() -> bytes:
                report = compilation.wait()
                return _read_output(os.path.join(folder, OUTPUT), report)

            yield finish

    def careful(self) -> Iterator[tuple[Toolchain, tuple[str, ...]]]:
        """What to compile a program with that this toolchain made a mistake in, more careful each
        time. Where the user named the compiler, no other one is taken.
        """
        yield self, CAREFUL
        if not any(map(words_of, _CHOSEN)):
            for path in filter(None, (*map(which, ("gcc", "clang")), _zig())):
                if os.path.realpath(path) != os.path.realpath(self.command[0]):
                    command = (path, "cc") if os.path.basename(path) == "zig" else (path,)
                    yield Toolchain(command, FLAGS, ""), ("-O1",)
        yield self, ("-O0",)

    def compile(self, unit: Unit) -> bytes:
        """The unit as a shared object; raises CompileError."""
        try:
            with private_folder() as folder, self.compiling(unit, folder) as finish:
                return finish()
        except OSError as error:
            message = f"there is no room to compile in: {error}"
            raise CompileError(message, code="KG-K004") from error


def find(remember: Remember) -> Toolchain:
    """The C compiler of this machine; raises CompileError when there is none, or flags are unsafe.

    Asking a compiler for its version takes longer than loading a compiled program, so the answer is
    kept with `remember` for as long as the compiler's files stay the same.
    """
    if os.name != "posix":
        raise CompileError("compiled C runs on Linux, macOS and WSL")
    command = _command()
    user_flags = tuple(words_of("CFLAGS"))
    _refuse_unsafe([*command[1:], *user_flags])
    levels = _levels()
    # The user's flags come first: where they disagree with ours, the later ones win.
    flags = (*user_flags, *FLAGS)
    known = digest_of(entry.FORMAT, command, files_of(command), (*flags, *WHERE_KNOWN), levels)
    examination = _Examination(command, flags, levels)
    facts = _facts(remember(known, examination)) or _facts(examination())
    assert facts is not None
    identity = digest_of(known, facts, _c_library())
    if any(flag.startswith("-m") for flag in (*command[1:], *user_flags)):
        identity = digest_of(identity, sorted(_cpu_flags()))  # such as -march=native
    return Toolchain(command, (*flags, *facts["known"], *facts["architecture"]), identity)


# ------------------------------------------------------------------------------------ the compiler


def _command() -> tuple[str, ...]:
    """The beginning of the argument list: the compiler's full path, and words that belong to it."""
    if command := command_among(_CHOSEN, ("cc", "gcc", "clang"), "C"):
        return command
    if zig := _zig():
        return (zig, "cc")
    what = "there is no C compiler on this machine"
    raise CompileError(what, hint="install gcc or clang, or:  pip install ziglang")


def command_among(
    chosen: Sequence[str], names: Sequence[str], language: str
) -> tuple[str, ...] | None:
    """The compiler that an environment variable names, or the first of these that is here.

    Raises CompileError where a variable names no program.
    """
    for variable in chosen:
        if words := words_of(variable):
            if path := which(words[0]):
                return (path, *words[1:])
            raise CompileError(
                f"the environment variable {variable} names {words[0]!r}, which is no program here",
                hint=f"unset {variable}, or set it to a {language} compiler",
            )
    found = next((path for name in names if (path := which(name))), None)
    return None if found is None else (found,)


def words_of(variable: str) -> list[str]:
    """The words of an environment variable, read as a shell would; raises CompileError."""
    words = os.environ.get(variable, "")
    if not words:
        return []
    import shlex  # what few need is not loaded

    try:
        return shlex.split(words)
    except ValueError as error:
        message = f"the environment variable {variable} cannot be read: {error}"
        raise CompileError(message, code="KG-K010") from None


def which(name: str) -> str | None:
    """The full path of a program, or None."""
    if os.sep in name:
        candidates = [os.path.abspath(name)]
    else:
        # A relative entry of PATH means another program in every folder.
        folders = filter(os.path.isabs, os.get_exec_path())
        candidates = [os.path.join(folder, name) for folder in folders]
    for path in candidates:
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _zig() -> str | None:
    """The compiler inside the package `ziglang`, if that is installed."""
    package = importlib.util.find_spec("ziglang")
    for folder in (package and package.submodule_search_locations) or ():
        if path := which(os.path.join(folder, "zig")):
            return path
    return None


def _refuse_unsafe(flags: Sequence[str]) -> None:
    for flag in flags:
        if re.fullmatch(_UNSAFE, flag):
            raise CompileError(
                f"the compiler flag {flag!r} is not allowed",
                code="KG-K010",
                because="It would change what NaN, infinity, zero and rounding mean, "
                "or hides flags that could.",
                hint="remove it from CFLAGS or CC",
            )


def files_of(command: Sequence[str]) -> list[tuple[str, int, int]]:
    """Path, size and time of change of each program that the command names (`ccache gcc`: two)."""
    found: list[tuple[str, int, int]] = []
    for word in command:
        if not word.startswith("-") and (path := which(word)):
            real = os.path.realpath(path)
            status = os.stat(real)
            found.append((real, status.st_size, status.st_mtime_ns))
    return found


@dataclass(frozen=True)
class _Examination:
    """Asks a compiler for its version, for how to tell it the best level of processor that it
    knows, and which of the flags of `WHERE_KNOWN` it takes; the answers, as JSON.
    """

    command: Sequence[str]
    flags: Sequence[str]
    levels: Sequence[str]

    def __call__(self) -> bytes:
        try:
            version = _ask([*self.command, "--version"])
        except CompileError as error:
            message = f"the C compiler {self.command[0]} does not say its version: {error.message}"
            raise CompileError(message) from error
        facts = {
            "version": version,
            "architecture": _architecture(self.command, self.flags, self.levels),
            "known": [flag for flag in WHERE_KNOWN if _takes([*self.command, *self.flags, flag])],
        }
        return json.dumps(facts).encode("ascii")

    def accepts(self, kept: bytes) -> bool:
        """Whether bytes that were kept are such answers."""
        return _facts(kept) is not None


def _facts(kept: bytes) -> dict[str, Any] | None:
    """What was kept of a compiler, or None if it is anything else."""
    try:
        facts = read_json(kept)
    except entry.DamagedEntryError:
        return None
    if not isinstance(facts, dict):
        return None
    table = cast("dict[str, Any]", facts)
    version, architecture = table.get("version"), table.get("architecture")
    if not isinstance(version, str) or not isinstance(architecture, list):
        return None
    flags = cast("list[object]", architecture)
    known = all(flag in (_BASELINE, *chain(*_SPELLINGS.values())) for flag in flags)
    ours = table.get("known") in ([], [*WHERE_KNOWN])
    return table if known and ours and len(flags) <= 1 else None


def _architecture(command: Sequence[str], flags: Sequence[str], levels: Sequence[str]) -> list[str]:
    """The flag for the best level that the compiler, which may be old, knows too."""
    spellings = [spelling for level in levels for spelling in _SPELLINGS[level]]
    for spelling in spellings or [_BASELINE]:  # else Zig takes the processor that it runs on
        if _takes([*command, *flags, spelling]):
            return [spelling]
    return []


def _takes(command: Sequence[str]) -> bool:
    """Whether a compiler takes these flags."""
    try:
        _ask([*command, "-E", "-x", "c", os.devnull])
    except CompileError:
        return False
    return True


def _ask(command: Sequence[str]) -> str:
    from kernelgraph.c import process

    try:
        with private_folder() as folder, process.compiling(command, folder) as compilation:
            return compilation.wait()
    except OSError as error:
        raise CompileError(f"there is no room to work in: {error}", code="KG-K004") from error


def _read_output(path: str, report: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            output = stream.read()
    except FileNotFoundError:
        output = b""
    if not output:
        raise CompileError(
            "the C compiler reported success but made nothing", because=report.strip()[:400] or None
        )
    return output


# ----------------------------------------------------------------------------------- the processor


def _levels() -> tuple[str, ...]:
    """The levels of x86-64 that this processor has, best first; `KERNELGRAPH_ISA` caps them."""
    if os.uname().machine not in ("x86_64", "amd64"):
        return ()
    flags = _cpu_flags()
    levels = tuple(name for name, needed in _LEVELS if needed <= flags)
    highest = os.environ.get("KERNELGRAPH_ISA") or levels[0]
    if highest not in levels:
        what = f"KERNELGRAPH_ISA is {highest!r}, but this processor has {', '.join(levels)}"
        raise CompileError(what, code="KG-K010")
    return levels[levels.index(highest) :]


def _cpu_flags() -> set[str]:
    """What the processor can do, by Linux's names; nothing where the system does not say."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as stream:
            for line in stream:
                if line.startswith("flags"):
                    return set(line.partition(":")[2].split())
    except OSError:
        pass
    return set()


def _c_library() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""


def digest_of(*parts: object) -> str:
    """64 hexadecimal digits that stand for these parts."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("ascii")).hexdigest()
