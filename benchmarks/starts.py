"""How long a student waits: for the import, and for the first result with an empty and with a full
cache. Each figure is the median of fresh processes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterable

from benchmarks.session import ROOT, Peer, WorkerError

TIMES = 3


def _run(peer: Peer, cache: str) -> tuple[float, float]:
    """Seconds of the import beyond NumPy's, and then from the formula to its first result."""
    done = subprocess.run(
        peer.command("benchmarks.first"),
        cwd=ROOT,
        env=peer.variables(cache),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WorkerError(f"{peer.title}: {done.stderr}")
    imported, first = map(float, done.stdout.split()[-2:])
    return imported, first


def measure(peers: Iterable[Peer]) -> dict[str, dict[str, float]]:
    """Seconds by row's name and peer's title."""
    rows: dict[str, dict[str, float]] = {
        "import, beyond NumPy's": {},
        "first result, nothing compiled yet": {},
        "first result, compiled before": {},
    }
    imports, colds, warms = rows.values()
    for peer in peers:
        with tempfile.TemporaryDirectory() as folder:
            caches = [os.path.join(folder, f"cache{k}") for k in range(TIMES)]
            cold = [_run(peer, cache) for cache in caches]
            warm = [_run(peer, caches[0]) for _ in range(TIMES)]
        title = peer.title
        imports[title] = statistics.median(seconds for seconds, _ in warm)
        colds[title] = statistics.median(seconds for _, seconds in cold)
        warms[title] = statistics.median(seconds for _, seconds in warm)
    return rows
