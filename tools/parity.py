"""Writes docs/PARITY.md: every name of Theano's language, what stands behind it, and the test that
shows what it means.

`./kg python tools/parity.py` after a change of names; a test compares the page with what this would
write.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "PARITY.md"
sys.path.insert(0, str(ROOT))

from kernelgraph import theano as alias  # noqa: E402 - the path comes first
from kernelgraph.elementwise import Elementwise  # noqa: E402
from tests.theano.parity import ELSEWHERE, LATER, PATTERNS, PREFIXES, rows  # noqa: E402

HEAD = """\
# Parity with Theano

Every name of Theano's language that kernelgraph has under the alias
(`kernelgraph.theano.install()`), what stands behind it, and the test that shows what it means. The
page is written by `tools/parity.py` from the code and from the table in `tests/theano/parity.py`,
which has an expression for each name and what NumPy makes of it: row N of the table is the N-th
case of `tests/theano/test_parity.py::test_a_name_means_what_it_means_in_theano`.
"""


def page() -> str:
    """The text of the page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alias.install()
    try:
        return "\n".join([HEAD, *_shown(), *_constructors(), *_elsewhere(), *_later(), ""])
    finally:
        alias.uninstall()


def _shown() -> Iterator[str]:
    group = ""
    for number, row in enumerate(rows(), 1):
        if row.group != group:
            group = row.group
            yield from (f"\n## {group}\n", "| name | here | it means | row |", "|---|---|---|---|")
        name = row.name.rpartition(".")[2]
        module = group.partition(":")[0]
        cells = (f"`{name}`", _home(module, name), _code(f"{row.expression} = {row.expected}"))
        yield f"| {' | '.join(cells)} | {number} |"


def _home(module: str, name: str) -> str:
    """Where an object is defined here, and what it is."""
    if module.startswith("methods"):
        return "method"
    owner: Any = importlib.import_module(module)
    found = getattr(owner, name, None)
    if found is None:
        return "Python's own"
    if isinstance(found, Elementwise):
        return f"op `{found.name}`"
    return f"`{getattr(found, '__module__', type(found).__module__)}`"


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"


def _constructors() -> Iterator[str]:
    yield "\n## Constructors\n"
    prefixes = ", ".join(f"`{prefix}` {dtype}" for prefix, dtype in PREFIXES.items())
    patterns = ", ".join(f"`{pattern}`" for pattern in PATTERNS)
    yield f"{patterns}, each alone (floatX) and after {prefixes}, and the plural of each:"
    yield "`theano/test_parity.py::test_constructors`."


def _elsewhere() -> Iterator[str]:
    yield from ("\n## What one expression does not show\n", "| name | test |", "|---|---|")
    for module, names in ELSEWHERE.items():
        for listed, test in names.items():
            for name in listed.split():
                yield f"| `{module}.{name}` | `{test}` |"


def _later() -> Iterator[str]:
    yield from ("\n## What is not here\n", "| names | why |", "|---|---|")
    for names, why in LATER.items():
        module, _, listed = names.partition(": ")
        shown = "all" if listed == "*" else ", ".join(f"`{name}`" for name in listed.split())
        yield f"| `{module}`: {shown} | {why} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
