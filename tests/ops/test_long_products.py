"""A Ctrl-C ends the wait for a long product of matrices on every target."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops import contraction
from kernelgraph.ops.contraction import matmul
from tests.support import TARGETS

x, y, v = T.dmatrix("x"), T.dmatrix("y"), T.dvector("v")


@pytest.fixture(autouse=True)
def every_product_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "LONG", 0)


PRODUCTS: dict[str, tuple[Any, list[Any]]] = {
    "matrices": (T.dot(x, y), [x, y]),
    "transposed": (T.dot(x.T, y) + 1, [x, y]),
    "a vector": (T.dot(v, T.dot(x, y)), [v, x, y]),
    "in a loop": (kg.scan(lambda h: T.dot(h, x), outputs_info=[y], n_steps=2)[0][-1], [x, y]),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_ctrl_c_while_a_product_is_computed(
    name: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, inputs = PRODUCTS[name]
    n = kg.shared(0, "n")
    f = kg.function(inputs, output, updates=[(n, n + 1)], target=target)
    values = [np.ones((3,) * i.ndim, i.dtype) for i in inputs]
    right = f(*values)
    finished = threading.Event()

    def endless(_x: Any, _y: Any) -> Any:
        threading.Timer(0.02, signal.raise_signal, [signal.SIGINT]).start()
        finished.wait(60)

    with monkeypatch.context() as patch:
        patch.setattr(contraction, "_multiplied", endless)
        with pytest.raises(KeyboardInterrupt):
            f(*values)
        assert not finished.is_set()
    finished.set()
    assert n.get_value() == 1
    np.testing.assert_array_equal(f(*values), right)


def test_errors_come_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_x: Any, _y: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr(contraction, "_multiplied", fails)
    with pytest.raises(MemoryError, match="no room"):
        matmul(np.ones((2, 2)), np.ones((2, 2)))


@pytest.mark.parametrize("inside", [True, False], ids=["main thread", "other thread"])
def test_results_are_numpys(inside: bool) -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(70, 50)), rng.normal(size=(50, 60))
    found: list[Any] = []

    def work() -> None:
        for a, b in ((one, other), (one[0], other), (one, other[:, 0]), (one[0], other[:, 0])):
            found.append((matmul(a, b), np.matmul(a, b)))

    run: Callable[[], Any] = work
    if not inside:
        thread = threading.Thread(target=work)
        run = thread.start
    run()
    if not inside:
        thread.join()
    assert len(found) == 4
    for ours, numpys in found:
        np.testing.assert_array_equal(ours, numpys)


def test_numbers_that_overflow_say_nothing() -> None:
    huge = np.full((2, 2), 1e200)
    assert np.isinf(matmul(huge, huge)).all()


def test_a_process_ends_after_a_product_that_was_left() -> None:
    """BLAS that still works when a process ends kept it from ending."""
    text = """
import signal, threading
import numpy as np
from kernelgraph.ops import contraction
contraction.LONG = 0
x = np.ones((2500, 2500))
threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
try:
    while True:
        contraction.matmul(x, x)
except KeyboardInterrupt:
    print("left")
"""
    found = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout == "left\n"
