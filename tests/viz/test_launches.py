"""What a launch shows: its source with counts by line, as text and as HTML."""

from __future__ import annotations

import numpy as np

from kernelgraph.cuda.written import Run, kernels
from tests.viz.test_display import Outline

SOURCE = """
__global__ void f(const float *x, float *y) { // <script>alert(1)</script> $x$
    __shared__ float held[32];
    held[threadIdx.x] = x[threadIdx.x * 2];
    __syncthreads();
    y[threadIdx.x] = held[31 - threadIdx.x];
    if (threadIdx.x == 0) printf("<b>%d", 1);
}
"""


def launched(watch: str) -> Run:
    x, y = np.arange(64, dtype="float32"), np.zeros(32, "float32")
    return kernels(SOURCE)["f"][1, 32](x, y, watch=watch)


def test_a_checked_launch_is_a_line() -> None:
    shown = launched("check")._repr_mimebundle_()
    assert shown["text/plain"] == "f<<<1, 32>>>: 32 threads, no fault found\n<b>1"
    assert "<b>" not in shown["text/html"]
    assert "<table" not in shown["text/html"]


def test_a_measured_launch_has_counts_beside_its_lines() -> None:
    run = launched("measure")
    shown = run._repr_mimebundle_()
    parsed = Outline(shown["text/html"])
    assert parsed.open == []
    for words in (
        "1 global load, 1 shared store", "8.00 sectors, 1.00 ways", "held[31 - threadIdx.x]",
        "of 32 lanes take part", *run.metrics,
    ):  # fmt: skip
        assert words in parsed.text, words
    assert "line 4: global load: 1 requests, 8.00 sectors" in shown["text/plain"]
    assert "<script" not in shown["text/html"]
    assert "alert(1)" in parsed.text
