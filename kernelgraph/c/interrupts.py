"""Ctrl-C, held back while an exception would leave a half-finished state behind.

Python raises KeyboardInterrupt between any two instructions: also between starting a process and
remembering it, or inside a callback from C, where an exception cannot travel on. Inside a
`HeldInterrupts` block a Ctrl-C is only noted; leaving the block delivers it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class HeldInterrupts:
    """A `with` block that KeyboardInterrupt enters neither from above nor in the middle.

    Signals reach the main thread only, so in other threads, and where SIGINT is not handled by
    Python, the block does nothing.
    """

    def __init__(self) -> None:
        self.noted = False
        self._handler: Callable[[int, FrameType | None], Any] | None = None

    def __enter__(self) -> HeldInterrupts:
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler) and threading.current_thread() is threading.main_thread():
            self._handler = handler
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handler is None:
            return
        signal.signal(signal.SIGINT, self._handler)
        self._deliver()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call long Python code inside the block, an island where Ctrl-C works as usual.

        A Ctrl-C while it is left may find it still open. No generator must stand here, which would
        close it at some later time, and the process would be deaf from then on.
        """
        if self._handler is None:
            return function(*arguments)
        signal.signal(signal.SIGINT, self._handler)
        try:
            self._deliver()
            return function(*arguments)
        finally:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.noted = True

    def _deliver(self) -> None:
        if self.noted and self._handler is not None:
            self.noted = False
            self._handler(signal.SIGINT, None)
