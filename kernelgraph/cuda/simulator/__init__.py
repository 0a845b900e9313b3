"""CUDA C, unchanged, on the processor: run, checked for faults, and measured.

>>> import numpy as np
>>> simulator = Simulator("check")
>>> module = simulator.module('''
... extern "C" __global__ void shift(const float *x, float *y) {
...     int i = blockIdx.x * blockDim.x + threadIdx.x;
...     y[i] = x[i + 1];
... }''')
>>> x, y = simulator.allocate(4 * 8), simulator.allocate(4 * 8)
>>> simulator.upload(x, np.arange(8, dtype="float32"))
>>> module.function("shift").launch((2, 1, 1), (4, 1, 1), [x, y])
>>> print(simulator.reports[0])
line 4: out of bounds: reads 4 bytes: just behind a global array of 32 bytes
(kernel shift, block (1, 0, 0), thread (3, 0, 0))
"""

from __future__ import annotations

from kernelgraph.cuda.simulator.measures import METRICS, Accesses, Measures, Metric
from kernelgraph.cuda.simulator.reports import Report
from kernelgraph.cuda.simulator.simulator import Function, Module, Simulator

__all__ = [
    "METRICS",
    "Accesses",
    "Function",
    "Measures",
    "Metric",
    "Module",
    "Report",
    "Simulator",
]
