"""Prints how long a library's import takes, and its first step of logistic regression from formula
to numbers: `python -m benchmarks.first kernelgraph`.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from benchmarks.worker import load
from benchmarks.workloads import prepare

if __name__ == "__main__":
    np.seterr(all="ignore")
    start = time.perf_counter()
    library = load(sys.argv[1])
    middle = time.perf_counter()
    step = prepare(library, "logistic")
    if step is not None:
        step()
    print(middle - start, time.perf_counter() - middle)
