"""A C compiler's complaint finds the line of the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.diagnostics import locate
from kernelgraph.elementwise import elementwise, floating
from kernelgraph.errors import CompileError
from kernelgraph.writer import Source


def broken_op() -> Any:
    """An op whose C text is no C."""
    return elementwise(
        "sinus", "Sine.",
        numpy=np.sin, c="sin({x} +)", latex=r"\sin {x}", signature=floating, cost=20,
        partials=lambda x, out: (None,),
    )  # fmt: skip


def source_of(node: Any) -> Source:
    return Source("a\nb\nc\n", {2: (node,)})


def error_with(log: str) -> CompileError:
    error = CompileError("refused", because="an excerpt")
    error.log = log
    return error


def test_the_nodes_of_the_refused_line_are_found() -> None:
    y = T.exp(T.dvector("x"))
    error = error_with("program.c: In function f:\nprogram.c:2:33: error: expected expression\n")
    locate(error, source_of(y.owner))
    assert error.origins == y.owner.origins
    assert error.because == "an excerpt\n  Line 2 of the generated program computes exp."


@pytest.mark.parametrize(
    "log",
    [
        "",
        "program.c:2:33: warning: unused",
        "program.c:3:1: error: no node is on this line",
        "program.c:99: error: nor here",
        "other.h:2:1: error: somebody else's file",
    ],
)
def test_nothing_is_found_without_evidence(log: str) -> None:
    error = error_with(log)
    locate(error, source_of(T.exp(T.dvector("x")).owner))
    assert (error.origins, error.because) == ((), "an excerpt")


def test_a_real_compiler_is_understood(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    x = T.dvector("x")
    sinus = broken_op()
    y = sinus(x)
    with pytest.raises(CompileError) as caught:
        kg.function([x], (y * 2).sum(), target="c")
    error = caught.value
    assert error.code == "KG-K005"
    assert error.places[0].text.strip() == "y = sinus(x)"
    assert "computes sinus" in str(error.because)
    assert "error" in error.log
