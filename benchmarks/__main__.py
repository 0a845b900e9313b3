"""Run every benchmark and print one table: `./kg bench`, with all peers `./kg bench --peers`.

Every peer has a process and one thread of its own; all are measured in turn in one run. A peer
whose numbers are not NumPy's has no time in that row, but the mark ≠.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import platform
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence

from benchmarks import environments, rewriting, starts
from benchmarks.report import heading, ratios, row
from benchmarks.session import Peer, Worker, WorkerError, medians, prepared
from benchmarks.workloads import DTYPES, FORMULAS, SIZES

STEPS = 10_000
TOLERANCES = {"float64": 1e-9, "float32": 2e-5}

Times = Mapping[str, float | None]


def workloads() -> Iterator[tuple[str, str, float]]:
    """Title, name and tolerance of every workload that is measured by the call."""
    yield "call, scalar in and out", "scalar", 1e-12
    yield "logistic regression step, 400 × 784", "logistic", 1e-9
    yield "MLP step, 60 × 784 - 500 - 10", "perceptron", 1e-9
    for dtype in DTYPES:
        for index, formula in enumerate(FORMULAS):
            for size in SIZES:
                title = f"{formula.name}, {_spaced(size)} {dtype}"
                yield title, f"formula/{index}/{size}/{dtype}", TOLERANCES[dtype]


def by_the_call(workers: Sequence[Worker]) -> Iterator[tuple[str, Times]]:
    """Rows of medians; NumPy, the reference, comes first while values are compared."""
    reference = sorted(workers, key=lambda worker: worker.peer.title != "NumPy")
    for title, name, tolerance in workloads():
        found = prepared(reference, name, tolerance)
        wrong = {worker.peer.title: math.nan for worker in found.wrong}
        yield title, {**medians(found.right), **wrong}


def long_training(workers: Sequence[Worker], rounds: int = 3) -> Iterator[tuple[str, Times]]:
    """Logistic regression as the tutorials start it, medians, and whose losses stayed finite."""
    there = [worker for worker in workers if worker.ask("prepare", name="tutorial")["there"]]
    found: dict[str, list[float]] = {worker.peer.title: [] for worker in there}
    finite: dict[str, bool] = {}
    for _ in range(rounds):
        for worker in there:
            worker.ask("prepare", name="tutorial")
            answer = worker.ask("train", calls=STEPS)
            title = worker.peer.title
            found[title].append(answer["seconds"])
            finite[title] = answer["finite"]
    yield (
        f"logistic regression, {_spaced(STEPS)} steps",
        {title: statistics.median(times) for title, times in found.items()},
    )
    lost = ", ".join(title for title, kept in finite.items() if not kept)
    yield f"  (losses not finite: {lost or 'none'})", {}


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def started(peers: Sequence[Peer], folder: str, stack: contextlib.ExitStack) -> list[Worker]:
    """A worker for each peer that starts; one that does not is named and left out."""
    workers: list[Worker] = []
    for peer in peers:
        try:
            worker = Worker(peer, f"{folder}/{len(workers)}")
        except WorkerError as error:
            print(f"left out: {error}")
            continue
        stack.callback(worker.close)
        workers.append(worker)
    return workers


def report(peers: Sequence[Peer]) -> None:
    """Print the table, a line as soon as it is measured."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        workers = started(peers, folder, stack)
        titles = [worker.peer.title for worker in workers]
        print(", ".join(f"{worker.peer.title} {worker.version}" for worker in workers))
        print(f"Python {platform.python_version()}, {platform.machine()}, medians, one thread each")
        print(heading(titles))
        for rows in (by_the_call(workers), long_training(workers)):
            for name, times in rows:
                _print(name, times, titles)
    measured = starts.measure(
        peer for peer in peers if peer.title in titles and peer.title != "NumPy"
    )
    for name, times in measured.items():
        _print(name, times, titles)
    for line in rewriting.measure():
        print(line, flush=True)


def _print(name: str, times: Times, titles: Sequence[str]) -> None:
    if not times:
        print(name, flush=True)
        return
    print(row(name, times, titles))
    if len(titles) > 2:
        print(ratios(times, titles))
    print(end="", flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="./kg bench", description=__doc__)
    parser.add_argument(
        "--peers",
        action="store_true",
        help="also numexpr, PyTensor, JAX, torch and, with a Python 3.7, Theano; the first time "
        "they are installed into .venv-peers (2 GB)",
    )
    peers = environments.local_peers()
    if parser.parse_args().peers:
        peers += [*environments.old_peers(), *environments.modern_peers()]
    report(peers)


if __name__ == "__main__":
    main()
