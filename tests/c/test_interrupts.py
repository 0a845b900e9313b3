"""A Ctrl-C is held back until a block is left, but for islands inside of it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from kernelgraph.c import interrupts


class TestInterrupts:
    def test_held_until_the_end(self) -> None:
        reached = [0]

        def hold() -> None:
            with interrupts.HeldInterrupts():
                os.kill(os.getpid(), signal.SIGINT)
                for step in range(1000):
                    reached[0] = step

        handler = signal.getsignal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            hold()
        assert reached == [999]
        assert signal.getsignal(signal.SIGINT) is handler

    def test_delivered_on_an_island(self) -> None:
        reached: list[str] = []

        def hold() -> None:
            with interrupts.HeldInterrupts() as held:
                os.kill(os.getpid(), signal.SIGINT)
                reached.append("held")
                held.call(reached.append, "island")

        with pytest.raises(KeyboardInterrupt):
            hold()
        assert reached == ["held"]

    def test_other_threads_are_not_concerned(self) -> None:
        done: list[bool] = []

        def work() -> None:
            with interrupts.HeldInterrupts() as held:
                held.call(done.append, True)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert done == [True]
