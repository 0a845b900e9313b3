"""The parent of the workers: asks each in turn, checks what they computed, takes medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 11

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""What each library is told, so that all have one thread."""


@dataclass(frozen=True)
class Peer:
    """A library to measure: its column's title, its module, the Python that has it, settings."""

    title: str
    module: str
    python: str
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def command(self, *arguments: str) -> list[str]:
        """How to run a module of this project for this peer."""
        return [self.python, "-m", *arguments, self.module]

    def variables(self, cache: str) -> dict[str, str]:
        """The environment of its processes; what they compile goes to the folder `cache`."""
        caches = {
            "KERNELGRAPH_CACHE": os.path.join(cache, "kernelgraph"),
            "NUMBA_CACHE_DIR": os.path.join(cache, "numba"),
            "JAX_COMPILATION_CACHE_DIR": os.path.join(cache, "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), "kernelgraph-benchmarks"),
        }
        found = {**os.environ, **ONE_THREAD, **caches, **self.environment}
        found.pop("PYTHONDONTWRITEBYTECODE", None)  # as after the first start on any machine
        for name in ("THEANO_FLAGS", "PYTENSOR_FLAGS"):
            folder = f"base_compiledir={os.path.join(cache, name)}"
            found[name] = ",".join(filter(None, (folder, self.environment.get(name))))
        return found


class WorkerError(Exception):
    """A peer could not start or compute; the message is its traceback."""


class Worker:
    """One peer's process. Raises WorkerError where the peer fails."""

    def __init__(self, peer: Peer, folder: str) -> None:
        self.peer = peer
        self.process = subprocess.Popen(
            peer.command("benchmarks.worker"),
            cwd=ROOT,
            env=peer.variables(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self.version = str(self._answer()["version"])
        except WorkerError:
            self.close()
            raise

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise WorkerError(f"{self.peer.title} has ended: {error}") from error
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"{self.peer.title} ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.peer.title}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def computed(worker: Worker, calls: int) -> list[Any]:
    """What the worker's step returns at the last of so many calls."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "values.npz")
        worker.ask("check", calls=calls, path=path)
        with np.load(path) as arrays:
            return [arrays[name] for name in arrays.files]


@dataclass(frozen=True)
class Prepared:
    """Who has a workload: those that compute it, and those whose numbers are others."""

    right: list[Worker]
    wrong: list[Worker]


def prepared(workers: Sequence[Worker], name: str, tolerance: float) -> Prepared:
    """Have the workers prepare a workload; what the first one computes is right.

    Raises WorkerError where a worker fails.
    """
    there = [worker for worker in workers if worker.ask("prepare", name=name)["there"]]
    reference = computed(there[0], 3)
    found = Prepared(there[:1], [])
    for worker in there[1:]:
        same = all(
            np.allclose(found, expected, rtol=tolerance, atol=tolerance)
            for found, expected in zip(computed(worker, 3), reference, strict=True)
        )
        (found.right if same else found.wrong).append(worker)
    return found


def medians(workers: Sequence[Worker], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds a call by the peer's title: the median of the rounds, all peers in each round."""
    found: dict[str, list[float]] = {worker.peer.title: [] for worker in workers}
    for _ in range(rounds):
        for worker in workers:
            found[worker.peer.title].append(worker.ask("measure")["seconds"])
    return {title: statistics.median(times) for title, times in found.items()}
