"""Every differentiable op: derivatives against complex steps, both modes against each other, second
derivatives against first ones; at random points, with zeros, with ties, empty and of size 1.

`./kg nightly tests/derivatives -s` asks for all of it at more points, and prints the counts.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from kernelgraph.elementwise import OPS
from kernelgraph.errors import KernelgraphError
from kernelgraph.ops.moves import NoDerivative
from tests.derivatives.checks import derivative, resized, special, wrong_at, wrong_second
from tests.derivatives.composed import COMPOSED
from tests.derivatives.elementwise import NO_DERIVATIVE, elementwise_entries
from tests.derivatives.entries import Entry
from tests.every_op.cases import rng_of
from tests.every_op.census import classes_made, key
from tests.support import hunting

pytestmark = pytest.mark.usefixtures("any_numbers")

ENTRIES: dict[str, Entry] = {**elementwise_entries(), **COMPOSED}

UNTRUE = {
    "AllOf": "truth values", "AnyOf": "truth values",
    "DisconnectedGrad": "another derivative, on purpose", "ZeroGrad": "as DisconnectedGrad",
    "UndefinedGrad": "as DisconnectedGrad", "GradClip": "as DisconnectedGrad",
    "GradScale": "as DisconnectedGrad", "Undetermined": "an error that runs",
    "Print": "prints; tests/ops/test_printing.py", "PdbBreakpoint": "as Print",
    "PythonOp": "the user's own", "SizedPythonOp": "the user's own",
    "CodedPythonOp": "the user's own", "AllEigenvectors": "refused, with the reason",
    "declared.Declared": "stands for a replaced variable; tests/test_givens.py",
}  # fmt: skip
"""Ops whose derivatives are nothing to compare."""


def faults(name: str, done: Counter[str]) -> Iterator[str]:
    """What is wrong at the points of an entry; counts what was looked at."""
    entry, rng = ENTRIES[name], rng_of(name)
    for _ in range(5 if hunting() else 1):
        values = entry.points(rng)
        made = derivative(entry, values)
        yield from wrong_at(made, values, rng)
        done["points"] += 1
        if entry.second:
            yield from wrong_second(made, values, rng)
            done["second derivatives"] += 1
    for edge in (*entry.edges, *entry.kinks, *entry.outside):
        signed = ("zeros", "negative zeros") if edge == "zeros" else (edge,)
        for what in signed:
            at = special(values, what)
            yield from (f"{what}: {w}" for w in wrong_at(made, at, rng, edge not in entry.outside))
            done[f"points, {what}"] += 1
        if edge in entry.edges and entry.second:
            at = special(values, edge)
            yield from (f"{edge}: {w}" for w in wrong_second(made, at, rng))
            done[f"second derivatives, {edge}"] += 1
    yield from _of_other_sizes(entry, values, rng, done)


def _of_other_sizes(
    entry: Entry, values: list[np.ndarray], rng: np.random.Generator, done: Counter[str]
) -> Iterator[str]:
    """Empty, of size 1, and numbers; where an op or NumPy takes them."""
    for what, n in (("empty", 0), ("size 1", 1), ("0-d", None)):
        at = [v.reshape(-1)[0] * np.ones(()) for v in values] if n is None else resized(values, n)
        try:
            made = derivative(entry, at)
            entry.theirs(*(v + 0j for v in at))
            found = [f"{what}: {w}" for w in wrong_at(made, at, rng)]
        except (KernelgraphError, ValueError, IndexError, TypeError, np.linalg.LinAlgError):
            done[f"points, {what}, that are refused"] += 1
            continue
        done[f"points, {what}"] += 1
        yield from found


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """Numbers outside of a domain are tried on purpose."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.parametrize("name", ENTRIES)
def test_derivatives(name: str) -> None:
    assert list(faults(name, Counter())) == []


def test_every_differentiable_op_has_an_entry() -> None:
    """A new op with a derivative fails here until it has one."""
    tested = {
        key(node.op)
        for entry in ENTRIES.values()
        for node in derivative(entry, entry.points(rng_of("names"))).nodes()
    }
    none = {name for names in NO_DERIVATIVE.values() for name in names}
    named = {name for name, kind in classes_made() if not issubclass(kind, NoDerivative)}
    wanted = (set(OPS) - none) | named
    assert wanted - tested == set(UNTRUE), "without an entry: UNTRUE has the reason, or nothing"


@pytest.mark.hypothesis
@pytest.mark.skipif(not hunting(), reason="counts are for `./kg nightly`")
def test_how_many(
    record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    done: Counter[str] = Counter()
    wrong = [f"{name}: {w}" for name in ENTRIES for w in faults(name, done)]
    record_property("cases", sum(done.values()))
    with capsys.disabled():
        print(f"\n{len(ENTRIES)} functions with derivatives")
        print(*(f"{count:6} {what}" for what, count in done.items()), sep="\n")
    assert wrong == []
