"""How long a student waits: for the import, and for the first result with an empty and with a full
cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.timing import Row

_IMPORT = """
import time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import kernelgraph
print(time.perf_counter() - middle)
"""

_FIRST = """
import time
import numpy as np
import kernelgraph
from benchmarks.calls import compiled_step
rng = np.random.RandomState(0)
data, labels, start_weights = rng.randn(400, 784), np.ones(400), rng.randn(784)
start = time.perf_counter()
compiled_step(start_weights)(data, labels)
print(time.perf_counter() - start)
"""


def _run(script: str, cache: str) -> float:
    environment = {**os.environ, "KERNELGRAPH_CACHE": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as after the first start on any machine
    environment["PYTHONPYCACHEPREFIX"] = os.path.join(os.path.dirname(cache), "bytecode")
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def rows() -> Iterator[Row]:
    """All rows of this page; each figure is the least of several fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        caches = [os.path.join(folder, f"cache{k}") for k in range(4)]
        _run(_IMPORT, caches[0])
        imported = min(_run(_IMPORT, caches[0]) for _ in range(5))
        yield Row("import, beyond NumPy's", imported, None, "wanted: at most 100 ms")
        cold = min(_run(_FIRST, cache) for cache in caches[1:])
        yield Row("first result, nothing compiled yet", cold, None, "wanted: at most 0.5 s")
        warm = min(_run(_FIRST, caches[1]) for _ in range(5))
        yield Row("first result, compiled before", warm, None, "wanted: at most 50 ms")
