"""Which line of the user's a compiler complains of.

An error of the compiler and the source that it refused come in. The first line of the source that
the compiler names has nodes, and these know where in the user's code they were made.
"""

from __future__ import annotations

import re

from kernelgraph.c.toolchain import SOURCE
from kernelgraph.errors import CompileError, merge_origins
from kernelgraph.writer import Source, plain

_ERROR = re.compile(re.escape(SOURCE) + r":([0-9]+):[^\n]*error", re.IGNORECASE)
_MOST_OPS = 4


def locate(error: CompileError, source: Source) -> None:
    """Give an error the place of the nodes that are on the line which the compiler refused."""
    found = _ERROR.search(error.log)
    if found:
        blame(error, source, int(found.group(1)))


def blame(error: CompileError, source: Source, number: int) -> None:
    """Give an error the place of the nodes that are on a line of the source."""
    nodes = source.lines.get(number, ())
    if not nodes:
        return
    ops = ", ".join(plain(str(node.op)) for node in nodes[:_MOST_OPS])
    words = f"Line {number} of the generated program computes {ops}."
    error.origins = merge_origins(node.origins for node in nodes) or error.origins
    error.because = f"{error.because}\n  {words}" if error.because else words
