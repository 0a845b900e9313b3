"""A process that serves one library: `python -m benchmarks.worker theano`.

It reads a request a line and answers each with a line, both JSON: `{"do": "prepare", "name": …}`,
then `check`, `measure` and `train`. The parent asks one worker after the other, so that only one
computes at a time. Python 3.7 suffices.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

import numpy as np

from benchmarks.workloads import Library, Step, prepare

SECONDS = 0.02


def values(result: Any) -> list[Any]:
    """The arrays of a result, as lists of float64."""
    parts = result if isinstance(result, (list, tuple)) else [result]
    parts = [part.detach() if hasattr(part, "detach") else part for part in parts]
    return [np.asarray(part).astype("float64") for part in parts]


class Worker:
    """One library, and the step that was prepared last."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.step: Step | None = None
        self.count = 0

    def prepare(self, name: str) -> dict[str, Any]:
        """Compile a workload; the answer says whether the library has it."""
        self.count = 0
        self.step = prepare(self.library, name)
        return {"there": self.step is not None}

    def check(self, calls: int, path: str) -> dict[str, Any]:
        """Call the step, and save what the last call returned as `path`, an .npz file."""
        result = None
        for _ in range(calls):
            result = self.run()
        np.savez(path, *values(result))
        return {}

    def measure(self) -> dict[str, Any]:
        """Seconds a call, over a batch of about `SECONDS`; the first one chooses its length."""
        if self.count == 0:
            one = min(self._batch(3), self._batch(3))
            self.count = max(1, int(SECONDS / max(one, 1e-9)))
        return {"seconds": self._batch(self.count)}

    def train(self, calls: int) -> dict[str, Any]:
        """Seconds of many steps, and whether every loss looked at was finite."""
        finite = True
        began = time.perf_counter()
        for k in range(calls):
            result = self.run()
            if k % 100 == 0:
                finite = finite and all(np.isfinite(v).all() for v in values(result))
        return {"seconds": time.perf_counter() - began, "finite": bool(finite)}

    def run(self) -> Any:
        """One call of the step."""
        if self.step is None:
            raise ValueError("prepare a workload first")
        return self.step()

    def _batch(self, count: int) -> float:
        step = self.step
        if step is None:
            raise ValueError("prepare a workload first")
        began = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - began) / count


def load(name: str) -> Library:
    """The library of that name, imported now."""
    found: Library = importlib.import_module(f"benchmarks.libraries.{name}_").library()
    return found


def serve(name: str) -> None:
    """Answer requests until the input ends; anything that a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # Not on every system, nor everywhere allowed.
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        worker = Worker(load(name))
        answer: dict[str, Any] = {"version": worker.library.version}
    except Exception:
        answers.write(json.dumps({"error": traceback.format_exc()}) + "\n")
        answers.flush()
        return
    while True:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        line = sys.stdin.readline()
        if not line:
            return
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception:
            answer = {"error": traceback.format_exc()}


if __name__ == "__main__":
    np.seterr(all="ignore")
    serve(sys.argv[1])
