"""Run generated C and the runtime under sanitizers: `./kg python tools/sanitize.py`.

gcc's address and undefined-behaviour sanitizers watch the op table, random graphs, pairs of ops,
indices, work with matrices, loops and the runtime's calls, all with compared values; with
`--threads` the thread sanitizer watches loops on threads and calls side by side; with `--clang`
the clang of `pip install ziglang` looks for undefined behaviour. In go names of `PARTS`, or
arguments for pytest: `tests/ops/test_scan.py -k nested`. What comes out is every report with its
line of C, how much ran, and 1 as exit status if there is anything to mend.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(__file__).resolve().parent
COMPILED = TOOLS / "sanitizers"

UNDEFINED = "undefined,float-cast-overflow"
COLLECT = ("-g1", "-fsanitize-recover=all")
"""Lines are known, and a program goes on after a report."""

STRICT = ("-fno-wrapv", "-fsanitize=signed-integer-overflow")
"""For programs whose integers are indices and sizes alone: these must not wrap around."""


@dataclass(frozen=True)
class Sanitizer:
    """What is compiled with, what is loaded before all else, and what is run by default."""

    flags: tuple[str, ...]
    libraries: tuple[str, ...]
    parts: tuple[str, ...]
    clang: bool = False


PARTS: dict[str, tuple[str, ...]] = {
    "ops": (), "graphs": (), "pairs": (), "indices": (), "faults": (),
    "loops": (), "callers": (), "races": (),
    "sizes": ("tests/*every_op*", "-k", "sizes_and_layouts or test_nothing"),
    "matrices": (
        "tests/ops/test_decompositions.py", "tests/ops/test_inverses.py",
        "tests/ops/test_linear_solvers.py", "tests/ops/test_matrix_functions.py",
        "tests/ops/test_spectra.py", "tests/ops/test_complex_matrices.py",
        "tests/ops/test_half_matrices.py", "tests/c/test_products.py",
    ),
    "scans": (
        "tests/ops/test_scan.py", "tests/ops/test_taps.py", "tests/ops/test_control.py",
        "tests/ops/test_random_loops.py",
    ),
    "calls": (
        "tests/c/test_runtime.py", "tests/c/test_host.py", "tests/c/test_recycled.py",
        "tests/c/test_arena.py", "tests/c/test_own.py", "tests/c/test_states.py",
        "tests/c/test_mathematics.py", "tests/test_function.py",
        # What a process holds says nothing: a sanitizer keeps memory that was given back.
        "-k", "not ctypes and not fast and not level and not scratch_goes and not is_kept",
    ),
    "turns": ("tests/test_turns.py", "tests/test_function.py", "-k", "thread"),
}  # fmt: skip
"""What runs, by name: tests, or without any the programs of that name in `sanitized.py`."""

SANITIZERS = {
    "address": Sanitizer(
        ("-O0", f"-fsanitize=address,{UNDEFINED}", *COLLECT),
        ("libasan.so", "libubsan.so"),
        ("ops", "graphs", "pairs", "indices", "sizes", "matrices", "scans", "calls"),
    ),
    "threads": Sanitizer(
        ("-O0", "-fopenmp", "-fsanitize=thread", "-g1"),
        ("libtsan.so",),
        ("loops", "callers", "turns"),
    ),
    "clang": Sanitizer(
        ("-O0", f"-fsanitize={UNDEFINED}", "-fno-sanitize-trap=all", *COLLECT),
        ("libubsan.so",),
        ("ops", "graphs", "pairs"),
        clang=True,
    ),
}


@dataclass(frozen=True)
class Report:
    """What a sanitizer found, where, and the line of C."""

    kind: str
    place: str
    line: str

    def __str__(self) -> str:
        return f"{self.kind}\n    {self.place}\n    {self.line}"


@dataclass(frozen=True)
class Outcome:
    """What became of a part."""

    part: str
    count: str
    reports: list[Report]
    failed: bool
    minutes: float
    """Of one core."""

    def __str__(self) -> str:
        failed = "  FAILED" if self.failed else ""
        return (
            f"{self.part:10} {self.count:24} {len(self.reports):3} reports"
            f" {self.minutes:6.1f} minutes of a core{failed}"
        )


def main(arguments: list[str]) -> int:
    """Run parts, or pytest, and print what is reported."""
    parser = argparse.ArgumentParser(description="run programs under sanitizers")
    kinds = parser.add_mutually_exclusive_group()
    for name in ("threads", "clang"):
        kinds.add_argument(f"--{name}", dest="name", action="store_const", const=name)
    parser.set_defaults(name="address")
    options, given = parser.parse_known_args(arguments)
    chosen = SANITIZERS[options.name]
    parts = {part: PARTS[part] for part in given or chosen.parts if part in PARTS}
    if not set(given) <= PARTS.keys():
        parts = {"tests": tuple(given)}
    outcomes = [run(part, chosen, tests) for part, tests in parts.items()]
    print("\n".join(map(str, outcomes)))
    return int(any(outcome.reports or outcome.failed for outcome in outcomes))


def run(part: str, sanitizer: Sanitizer, tests: Sequence[str] = ()) -> Outcome:
    """Run one part in a process of its own, with a cache of its own, and print its reports."""
    start = _seconds()
    with tempfile.TemporaryDirectory(prefix="kernelgraph-sanitize-") as folder:
        command = [sys.executable, "-m"]
        command += ["pytest", "-n0", "-q", "-s", "-p", "no:cacheprovider", "-p", "sanitized"]
        if not tests:
            command = [sys.executable, "-m", "sanitized", part]
        with (Path(folder) / "errors").open("w") as errors:
            variables = environment(Path(folder), sanitizer)
            done = subprocess.run(
                [*command, *paths(tests)], cwd=ROOT, env=variables, stderr=errors, check=False
            )
        found = list(dict.fromkeys(reports(Path(folder))))
        count = Path(folder) / "count"
        said = count.read_text() if count.exists() else "nothing"
        if done.returncode:
            print((Path(folder) / "errors").read_text(errors="replace")[-4000:])
    for report in found:
        print(f"{part}: {report}")
    return Outcome(part, said, found, bool(done.returncode), (_seconds() - start) / 60)


def paths(tests: Sequence[str]) -> list[str]:
    """Arguments for pytest, patterns among them replaced by the files that they fit."""
    found = (
        [str(path.relative_to(ROOT)) for path in ROOT.glob(t)] if "*" in t else [t] for t in tests
    )
    return list(chain.from_iterable(found))


def _seconds() -> float:
    """What processes that are done have worked."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# ------------------------------------------------------------------------------------ what is set


def environment(folder: Path, sanitizer: Sanitizer) -> dict[str, str]:
    """That of this process, with compilers that instrument what they compile, and memory that is
    given back when it is let go.
    """
    (folder / "programs").mkdir()
    plain = compiler(folder / "cc", sanitizer, ())
    strict = compiler(folder / "cc-strict", sanitizer, STRICT)
    libraries = [library(name) for name in sanitizer.libraries]
    if "libtsan.so" in sanitizer.libraries:
        threads = folder / "libthreads.so"
        source = str(COMPILED / "threads.c")
        flags = ("-O1", "-g1", "-fsanitize=thread", "-shared", "-fPIC")
        subprocess.run(["gcc", *flags, source, "-o", str(threads)], check=True)
        libraries.append(str(threads))
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{TOOLS}",
        "PYTHONMALLOC": "malloc",
        "KERNELGRAPH_CC": str(plain),
        "KERNELGRAPH_CACHE": str(folder / "cache"),
        "KERNELGRAPH_SANITIZED": str(folder),
        "KERNELGRAPH_STRICT_CC": str(strict),
        "LD_PRELOAD": " ".join(libraries),
        # Python leaves memory to the system at its end; a leak of ours cannot be told from that.
        "ASAN_OPTIONS": (
            "detect_leaks=0:halt_on_error=0:redzone=256:max_malloc_fill_size=1048576"
            ":malloc_context_size=3:symbolize=0:allocator_may_return_null=1"
        ),
        "TSAN_OPTIONS": "halt_on_error=0:exitcode=0:symbolize=0:allocator_may_return_null=1",
    }


def compiler(path: Path, sanitizer: Sanitizer, more: Sequence[str]) -> Path:
    """A compiler that adds flags, last, and keeps every program for the reports to show."""
    flags = shlex.join([*sanitizer.flags, *more])
    command = f'exec gcc "$@" {flags}'
    if sanitizer.clang:
        command = f"{_with_clang(flags)}"
    path.write_text(
        "#!/bin/sh\n"
        "kept=\n"
        "for word do\n"
        "    shift\n"
        '    if [ "$word" = program.c ]; then\n'
        f"        kept=$(mktemp --suffix=.c {path.parent}/programs/XXXXXXXX)\n"
        '        cp program.c "$kept"\n'
        "        word=$kept\n"
        "    fi\n"
        '    set -- "$@" "$word"\n'
        "done\n"
        f"{command}\n"
    )
    path.chmod(0o755)
    return path


def _with_clang(flags: str) -> str:
    """Zig's clang makes the object, gcc the library, so that reports are those of gcc's library: a
    program goes on after one.
    """
    package = find_spec("ziglang")
    assert package is not None, "clang comes with:  pip install ziglang"
    assert package.submodule_search_locations is not None
    zig = Path(package.submodule_search_locations[0]) / "zig"
    return (
        f'[ -n "$kept" ] || exec {zig} cc "$@"\n'
        f'{zig} cc "$@" {flags} -c -o "$kept.o" -Wno-unused-command-line-argument || exit\n'
        'exec gcc -shared -o program.so "$kept.o" -lm'
    )


def library(name: str) -> str:
    """Where gcc has a library of its sanitizers."""
    asked = ["gcc", f"-print-file-name={name}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


# --------------------------------------------------------------------------------- what is reported

_UNDEFINED = re.compile(r"^(\S+?:\d+):\d+: runtime error: (.*)$")
_ADDRESS = re.compile(r"ERROR: AddressSanitizer:? (\S+)")
_THREADS = re.compile(r"WARNING: ThreadSanitizer: (.*?) \(pid")
_PLACE = re.compile(r"^\s+#\d+ .*\((\S+\.so)\+(0x[0-9a-f]+)\)")


def reports(folder: Path) -> Iterator[Report]:
    """What the sanitizers have written, in order; of the places of a report, the first that is in
    a program of ours.
    """
    kind = ""
    for line in (folder / "errors").read_text(errors="replace").splitlines():
        if match := _UNDEFINED.match(line):
            yield _report(match[2], match[1])
        elif match := _ADDRESS.search(line) or _THREADS.search(line):
            if kind:
                yield Report(kind, "", "")
            kind = match[1]
        elif kind and (match := _PLACE.match(line)):
            program = folder / "programs" / Path(match[1]).name
            if program.exists():
                yield _report(kind, _line_of(program, match[2]))
                kind = ""
    if kind:
        yield Report(kind, "", "")


def _line_of(library: Path, address: str) -> str:
    """File and line of an address."""
    asked = ["addr2line", "-e", str(library), address]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return found.partition(" ")[0].strip()


def _report(kind: str, place: str) -> Report:
    path, _, number = place.rpartition(":")
    try:
        line = Path(path).read_text().splitlines()[int(number) - 1].strip()
    except (OSError, IndexError):
        line = ""
    return Report(kind, place, line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
