"""The stop button of a real kernel: whatever a cell is at, it ends soon, and the kernel goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

BEGINNING = """
%load_ext kernelgraph
import os
import kernelgraph as kg
import kernelgraph.tensor as T
x, start, n = T.dvector("x"), T.dscalar("start"), T.lscalar("n")
def twenty_turns(angle):
    for _ in range(20):
        angle = T.cos(angle)
    return angle
angles, _ = kg.scan(twenty_turns, outputs_info=start, n_steps=n)
turn = kg.function([start, n], angles[-1], target="c")
"""

SLEEPY = """#!/bin/sh
case " $* " in *" --version "*|*" -E "*) exec cc "$@";; esac
touch {started}
sleep 60
"""

CELLS = {
    "rewriting": """
y = x
for _ in range(20_000):
    y = T.sin(y) + x
open(started, "w").close()
f = kg.function([x], y)
""",
    "the C compiler": """
os.environ["KERNELGRAPH_CC"] = compiler
try:
    f = kg.function([x], (x * x).sum() + 0.015625, target="c")
finally:
    del os.environ["KERNELGRAPH_CC"]
""",
    "a loop in C": """
open(started, "w").close()
turn(1.0, 10**8)
""",
    "the body of a cell": """%%symfunc f(v: vector)
open(started, "w").close()
while True:
    pass
v
""",
}


class Kernel:
    """A kernel in a process of its own, and a folder in which a cell says that it has begun."""

    def __init__(self, manager: Any, client: Any, folder: Path) -> None:
        self.manager, self.client = manager, client
        self.started = folder / "started"
        compiler = folder / "cc"
        compiler.write_text(SLEEPY.format(started=self.started))
        compiler.chmod(0o755)
        self.run(BEGINNING)
        self.run(f"started, compiler = {str(self.started)!r}, {str(compiler)!r}")

    def run(self, code: str) -> str:
        """What a cell prints; the name of the error with which it ended otherwise."""
        return self.told(self.client.execute(code))

    def told(self, message: str) -> str:
        """What a cell that was sent had to say until it ended."""
        text = ""
        while True:
            heard = self.client.get_iopub_msg(timeout=60)
            content, kind = heard["content"], heard["msg_type"]
            if heard["parent_header"].get("msg_id") != message:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                return text.strip()
            text += content.get("ename", "") + content.get("text", "")

    def interrupted(self, code: str) -> tuple[str, float]:
        """The same for a cell that is stopped once it has begun, and how long it went on."""
        self.started.unlink(missing_ok=True)
        message = self.client.execute(code)
        deadline = time.monotonic() + 60
        while not self.started.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        self.manager.interrupt_kernel()
        began = time.monotonic()
        return self.told(message), time.monotonic() - began


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        yield Kernel(manager, client, tmp_path_factory.mktemp("kernel"))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("code", CELLS.values(), ids=list(CELLS))
def test_a_cell_ends_soon_and_the_kernel_goes_on(kernel: Kernel, code: str) -> None:
    said, seconds = kernel.interrupted(code)
    assert said.startswith("KeyboardInterrupt")
    assert seconds < 20  # the cell would go on for minutes
    assert kernel.run("print(round(float(turn(1.0, 10)), 6))") == "0.739085"
    assert kernel.run("f") == "NameError"
