"""Run tests with generated C under gcc's sanitizers, which report undefined behaviour and accesses
out of bounds: `./kg python tools/sanitize.py`.

In go arguments for pytest; without any, it is the op table and random programs. What comes out is
every report, and 1 as exit status if there is one. All programs are compiled anew into a cache of
their own. Integer overflow is no report: generated C is compiled with -fwrapv, which defines it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLAGS = (
    "-g1",
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fsanitize-recover=all",
)
"""Reports are collected; a program goes on after one."""

TESTS = ("tests/test_every_op.py", "tests/fuzz/test_fuzz.py::test_generated_c_agrees")


def main(arguments: list[str]) -> int:
    """Run pytest under the sanitizers and print what they report."""
    with tempfile.TemporaryDirectory(prefix="kernelgraph-sanitize-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pytest", "-n0", "-q", "-s", "-p", "no:cacheprovider"]
        with (folder / "report.errors").open("w") as errors:
            run = subprocess.run(
                [*command, *(arguments or TESTS)], cwd=ROOT, env=environment(folder), stderr=errors
            )
        found = reports(folder)
    for text in found:
        print(text)
    print(f"{len(found)} reports of the sanitizers")
    return int(bool(found)) or run.returncode


def environment(folder: Path) -> dict[str, str]:
    """That of this process, with a compiler that instruments what it compiles."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CFLAGS": " ".join(FLAGS),
        "KERNELGRAPH_CACHE": str(folder / "cache"),
        "LD_PRELOAD": f"{library('libasan.so')} {library('libubsan.so')}",
        # Python leaves memory to the system at its end; a leak of ours cannot be told from that.
        "ASAN_OPTIONS": f"detect_leaks=0:halt_on_error=0:log_path={folder / 'report'}",
    }


def library(name: str) -> str:
    """Where gcc has a library of its sanitizers."""
    asked = ["gcc", f"-print-file-name={name}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def reports(folder: Path) -> list[str]:
    """What the sanitizers have written, each report once: to files of their own, or as errors."""
    texts = (path.read_text(errors="replace") for path in sorted(folder.glob("report.*")))
    lines = (
        line
        for text in texts
        for line in text.splitlines()
        if "runtime error:" in line or "AddressSanitizer:" in line
    )
    return list(dict.fromkeys(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
