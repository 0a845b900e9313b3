"""The target C: what it prints, what it builds, how errors of the compiler find the user's line."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.c.target import CExecutable, CTarget
from kernelgraph.c.toolchain import SOURCE
from kernelgraph.errors import CompileError, OutOfMemoryError


def test_it_says_what_it_is() -> None:
    assert repr(CTarget()) == "CTarget()"
    assert repr(CTarget(timed=True)) == "CTarget(timed=True)"
    assert CTarget.language == "c"


def executable() -> CExecutable:
    x = T.dvector("x")
    found = kg.function([x], T.exp(x), target="c").stages.executable
    assert isinstance(found, CExecutable)
    return found


def test_only_a_timed_program_has_times() -> None:
    assert executable().timings() == []


def test_an_executable_is_pickled_by_what_it_is_made_of() -> None:
    made = executable()
    again = pickle.loads(pickle.dumps(made))
    assert again.library.symbol == made.library.symbol
    assert again.program is not made.program


def test_an_error_of_the_compiler_is_at_the_users_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str, *_: Any, **__: Any) -> None:
        lines = list(enumerate(text.splitlines(), 1))
        number = next(k for k, line in lines if "sqr" in line and line.endswith(";"))
        error = CompileError("refused", code="KG-K005")
        error.log = f"{SOURCE}:{number}:5: error: no"
        raise error

    monkeypatch.setattr(target, "build", refuse)
    x = T.dvector("x")
    with pytest.raises(CompileError, match="computes sqr") as caught:
        kg.function([x], T.sqr(x), target="c")
    assert caught.value.origins


def test_a_request_that_was_refused_names_the_variable() -> None:
    with pytest.raises(OutOfMemoryError, match="no memory for"):
        executable().fail(-1, 0, [2**40])
