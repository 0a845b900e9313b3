"""Profiles: what was timed, and the table of it."""

from __future__ import annotations

import time

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.target import STAGES


def test_stages_and_calls_are_timed() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, profile=True, name="double", target="c")
    f([1.0])
    f([2.0])
    assert f.profile is not None
    assert tuple(f.profile.stages) == STAGES
    assert all(seconds > 0 for seconds in f.profile.stages.values())
    assert f.profile.calls == 2
    assert 0 < f.profile.longest <= f.profile.seconds


def test_the_table() -> None:
    x = T.dvector("x")

    @kg.as_op(T.dvector, T.dvector)
    def slow(value: object) -> object:
        time.sleep(0.02)
        return value

    f = kg.function([x], slow(x), profile=True, name="nap")
    f([1.0])
    lines = str(f.profile).split("\n")
    assert lines[0] == "profile of nap"
    assert lines[1].startswith("compiling: rewriting")
    assert any(line.startswith("1 calls, in all") and line.endswith("ms") for line in lines)


def test_a_call_that_fails_counts() -> None:
    x = T.dvector("x")

    @kg.as_op(T.dvector, T.dvector)
    def broken(value: object) -> object:
        raise ValueError("no")

    f = kg.function([x], broken(x), profile=True)
    try:
        f([1.0])
    except ValueError:
        assert f.profile is not None
        assert f.profile.calls == 1


def test_without_a_profile_there_is_none() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2)
    assert not f.profile
    assert str(f.profile) == (
        "no profile of f: f.profile(…) with arguments measures some calls, "
        "kg.function(…, profile=True) all that are to come"
    )
    copy = f.copy(profile=True)
    copy([1.0])
    assert copy.profile is not None
    assert copy.profile.calls == 1


def test_kernels_and_python_calls_are_timed() -> None:
    x = T.dvector("x")

    @kg.as_op(T.dvector, T.dvector)
    def nap(value: object) -> object:
        time.sleep(0.01)
        return value

    f = kg.function([x], T.exp(nap(T.exp(x))).sum(), profile=True, target="c")
    assert f.profile is not None
    for _ in range(3):
        f([1.0, 2.0])
    first, call, last = f.profile.kernels
    assert [timing.runs for timing in (first, call, last)] == [3, 3, 3]
    assert call.name == "(Python)"
    assert 0.03 <= call.seconds < f.profile.seconds
    assert {"exp", "sum{(0,)}"} <= {str(node.op) for node in last.nodes}
    lines = f.profile.summary().split("\n")
    assert lines[-4].split() == ["kernel", "in", "all", "share", "runs", "a", "run", "what"]
    assert lines[-3].startswith("(Python)")  # the longest first


def test_kernels_in_branches_and_loops_are_timed() -> None:
    x = T.dvector("x")
    states, _ = kg.scan(lambda s: T.tanh(s) + 1, outputs_info=x, n_steps=5)
    chosen = kg.ifelse(x.sum() > 0, T.exp(x), T.log(x))
    f = kg.function([x], [states, chosen], profile=True, target="c")
    f([1.0, 2.0])
    assert f.profile is not None
    runs = [timing.runs for timing in f.profile.kernels]
    assert 5 in runs  # the loop's body
    assert 0 in runs  # the branch that was not taken


def test_only_a_profiled_program_measures_itself() -> None:
    x = T.dvector("x")
    plain = kg.function([x], x * 2, target="c")
    timed = kg.function([x], x * 2, target="c", profile=True)
    assert "now()" not in plain.stages.source.text
    assert "now()" in timed.stages.source.text
    assert plain([3.0]) == timed([3.0])


def test_a_profile_is_called_to_measure_some_calls() -> None:
    x, w = T.dvector("x"), kg.shared(np.zeros(2), "w")
    f = kg.function([x], T.exp(x).sum(), updates=[(w, w + x)], target="c", name="f")
    profile = f.profile([1.0, 2.0], calls=4)
    assert profile
    assert profile.calls == 4
    assert profile.shapes == [(2,)]
    assert [timing.runs for timing in profile.kernels] == [4] * len(profile.kernels)
    assert list(w.get_value()) == [0, 0]
    assert not f.profile
    assert f.profile(x=[1.0, 2.0], calls=1).calls == 1
    often = f.profile([1.0, 2.0])
    assert often.calls == 1000 or often.seconds >= 0.2
    with pytest.raises(kg.errors.ArgumentError, match="knows no function"):
        profile([1.0, 2.0])
    with pytest.raises(kg.errors.ArgumentError, match="at least once"):
        f.profile([1.0, 2.0], calls=0)
    with pytest.raises(kg.errors.ArgumentError, match="missing required input"):
        f.profile()


def test_a_profile_of_all_calls_can_be_called_too() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, profile=True, target="c")
    f([1.0])
    assert f.profile([1.0], calls=3).calls == 3
    assert f.profile.calls == 1


def test_slow_calls_are_few() -> None:
    x = T.dvector("x")

    @kg.as_op(T.dvector, T.dvector)
    def nap(value: object) -> object:
        time.sleep(0.1)
        return value

    f = kg.function([x], nap(x))
    assert f.profile([1.0]).calls == 3


def test_the_clock_begins_anew_for_every_function() -> None:
    """Two functions of one text are one library."""
    x = T.dvector("x")
    first = kg.function([x], T.exp(x) * 3, profile=True, target="c")
    first([1.0])
    second = kg.function([x], T.exp(x) * 3, profile=True, target="c")
    assert first.profile is not None
    assert second.profile is not None
    assert [timing.runs for timing in second.profile.kernels] == [0]
    second([1.0])
    second([1.0])
    assert [timing.runs for timing in second.profile.kernels] == [2]
