"""Another process that loads what a test pickled, and answers what becomes of it there."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def send(stream: Any, data: bytes) -> None:
    stream.write(struct.pack("<q", len(data)) + data)
    stream.flush()


def receive(stream: Any) -> bytes:
    (length,) = struct.unpack("<q", stream.read(8))
    return stream.read(length)


class Loader:
    """One long-lived process; `ask(data, answer)` loads `data` there and returns `answer(thing)`,
    a function of a module that both can import.
    """

    def __init__(self, **environment: str) -> None:
        code = "from tests.loader import serve; serve()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    def ask(self, data: bytes, answer: Callable[[Any], Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        send(self.process.stdin, data)
        send(self.process.stdin, pickle.dumps(answer))
        good, found = pickle.loads(receive(self.process.stdout))
        assert good, found
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()


def serve() -> None:
    """The other side of `Loader`."""
    import traceback

    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while True:
        try:
            data = receive(sys.stdin.buffer)
        except struct.error:
            return
        try:
            answer = pickle.loads(receive(sys.stdin.buffer))
            reply = True, answer(pickle.loads(data))
        except BaseException:
            reply = False, traceback.format_exc()
        send(answers, pickle.dumps(reply))
