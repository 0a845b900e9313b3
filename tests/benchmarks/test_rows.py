"""What the benchmarks compare computes the same, or the comparison means nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import environments, report, session
from benchmarks.libraries import kernelgraph_, numpy_
from benchmarks.worker import values
from benchmarks.workloads import DTYPES, FORMULAS, Formula, network, prepare, regression, vectors

TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_formulas_agree_with_numpy(formula: Formula, dtype: str) -> None:
    operands = vectors(1000, dtype)
    found = kernelgraph_.library().formula(formula, *operands)()
    assert found.dtype == dtype
    np.testing.assert_allclose(found, formula.build(np, *operands), rtol=TOLERANCE[dtype])


def test_a_network_learns_the_same() -> None:
    task = network(7, (5, 4, 3))
    ours, theirs = kernelgraph_.library().perceptron(*task), numpy_.library().perceptron(*task)
    for _ in range(20):
        np.testing.assert_allclose(ours(), theirs(), rtol=1e-12)


def test_a_regression_learns_the_same() -> None:
    task = regression(9, 4, 1.0)
    ours, theirs = kernelgraph_.library().logistic(*task), numpy_.library().logistic(*task)
    for _ in range(20):
        for found, expected in zip(values(ours()), values(theirs()), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_an_unknown_workload_is_refused() -> None:
    with pytest.raises(ValueError, match="'sorting'"):
        prepare(numpy_.library(), "sorting")


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[session.Worker]]:
    made = [session.Worker(peer, str(tmp_path)) for peer in environments.local_peers()]
    yield made
    for worker in made:
        worker.close()


def test_workers_compute_and_measure(workers: list[session.Worker]) -> None:
    found = session.prepared(workers, "formula/2/1000/float32", 1e-5)
    assert (found.right, found.wrong) == (workers, [])
    times = session.medians(found.right, rounds=1)
    assert set(times) == {"kernelgraph", "NumPy"}
    assert all(seconds > 0 for seconds in times.values())


def test_a_worker_with_other_numbers_is_set_apart(
    workers: list[session.Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(worker: session.Worker, calls: int) -> list[float]:
        return [float(calls) + (worker.peer.title == "NumPy") * 1e-6]

    monkeypatch.setattr(session, "computed", altered)
    strict, lenient = (session.prepared(workers, "scalar", most) for most in (1e-9, 1e-5))
    assert (strict.right, strict.wrong) == (workers[:1], workers[1:])
    assert (lenient.right, lenient.wrong) == (workers, [])


def test_an_error_in_a_worker_comes_back(workers: list[session.Worker]) -> None:
    with pytest.raises(session.WorkerError, match="no workload"):
        workers[0].ask("prepare", name="sorting")
    assert workers[0].ask("prepare", name="scalar")["there"]  # it is still at work


def test_a_peer_that_is_not_there_says_so(tmp_path: Path) -> None:
    peer = session.Peer("nobody", "nobody", sys.executable)
    with pytest.raises(session.WorkerError, match="nobody_"):
        session.Worker(peer, str(tmp_path))


def test_an_old_python_is_recognised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KERNELGRAPH_PYTHON37", sys.executable)
    assert environments.find_old_python() is None
    fake = tmp_path / "python3.7"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    assert environments.find_old_python() == str(fake)


def test_a_row_shows_units_and_ratios() -> None:
    titles = ["kernelgraph", "NumPy", "JAX"]
    times = {"kernelgraph": 6e-5, "NumPy": 1.2e-4, "JAX": 2.4e-4}
    assert " ".join(report.row("step", times, titles).split()) == "step 60 µs 120 µs 240 µs 0.50"
    assert report.ratios(times, titles).split() == ["×0.50", "×0.25"]
    assert "–" in report.row("step", {"kernelgraph": 1.0}, titles)
    wrong = {**times, "JAX": float("nan")}
    assert report.row("step", wrong, titles).split()[-2:] == ["≠", "0.50"]
    assert report.ratios(wrong, titles).split() == ["×0.50"]
