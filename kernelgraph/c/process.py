"""A compiler at work: started, listened to within bounds, and ended together with all its children.

What comes in is an argument list (no shell ever sees it) and a folder to work in. What comes out is
what the compiler said, or a CompileError that tells apart a compiler that is missing, refuses,
crashes or hangs.
"""

from __future__ import annotations

import errno
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

from kernelgraph.c.interrupts import HeldInterrupts
from kernelgraph.errors import CompileError

TIME_LIMIT = 120.0
"""Seconds that a compiler may take."""

_KEPT_OUTPUT = 64 * 2**10
_MOST_OUTPUT = 64 * 2**20
_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded")
_CRASH = re.compile(r"internal compiler error|PLEASE submit a bug report|terminated program")


class Compilation:
    """A running compiler."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._output = bytearray()
        self._said = 0

    def wait(self) -> str:
        """What the compiler said, when it has finished and is content; a Ctrl-C ends the wait.

        Raises CompileError: KG-K002 it crashed, KG-K003 it took too long, KG-K004 it ran out of
        memory or said too much, KG-K005 it refused the program. Raises OSError when it found no
        room on the disk.
        """
        self._listen()
        status = self._finish()
        output = self._output.decode("utf-8", "replace")
        if status != 0:
            if _NO_ROOM.search(output):
                raise OSError(errno.ENOSPC, "the C compiler found no room on the disk")
            raise _failure(status, output)
        return output

    def _listen(self) -> None:
        """Read what the compiler says until it ends, keeping the beginning."""
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        os.set_blocking(stream, False)
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            # The end of the stream is not waited for alone: a server that the compiler started (as
            # caching wrappers do) may hold its other end for hours.
            while self._process.poll() is None:
                selector.select(min(0.05, self._remaining()))
                if not self._read(stream):
                    return
        self._read(stream)

    def _read(self, stream: int) -> bool:
        """Read what is there; False at the end of the stream."""
        while True:
            try:
                chunk = os.read(stream, 2**16)
            except BlockingIOError:
                return True
            self._output += chunk[: _KEPT_OUTPUT - len(self._output)]
            self._said += len(chunk)
            if self._said > _MOST_OUTPUT:
                message = f"the C compiler wrote more than {_MOST_OUTPUT >> 20} MB of messages"
                raise CompileError(message, code="KG-K004")
            if not chunk:
                return False
            self._remaining()

    def _finish(self) -> int:
        try:
            return self._process.wait(self._remaining())
        except subprocess.TimeoutExpired:
            raise self._late() from None

    def _remaining(self) -> float:
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise self._late()
        return seconds

    def _late(self) -> CompileError:
        message = f"the C compiler did not finish within {self._seconds:g} seconds"
        return CompileError(message, code="KG-K003")


@contextmanager
def compiling(
    command: Sequence[str], folder: str, seconds: float | None = None
) -> Generator[Compilation]:
    """Start a compiler in a folder; after the block it no longer runs, whatever happened."""
    process = None
    try:
        with HeldInterrupts():
            process = _start(command, folder)
        yield Compilation(process, TIME_LIMIT if seconds is None else seconds)
    finally:
        if process is not None:
            _end(process)


def _start(command: Sequence[str], folder: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "TMPDIR": folder},
            start_new_session=True,
        )
    except OSError as error:
        raise CompileError(f"the C compiler {command[0]} cannot be run: {error}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the compiler with all its children, if it still runs, and reap it."""
    assert process.stdout is not None
    with HeldInterrupts():
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def _failure(status: int, output: str) -> CompileError:
    error = _explained(status, output)
    error.log = output
    return error


def _explained(status: int, output: str) -> CompileError:
    because = _excerpt(output)
    if status == -signal.SIGKILL or "Killed signal terminated program" in output:
        message = "the C compiler was killed, most likely because memory ran out"
        return CompileError(message, code="KG-K004", because=because)
    if status < 0:
        message = f"the C compiler crashed with signal {-status}"
        return CompileError(message, code="KG-K002", because=because)
    if _CRASH.search(output):
        return CompileError("the C compiler crashed", code="KG-K002", because=because)
    message = f"the C compiler refused the program (exit status {status})"
    return CompileError(message, code="KG-K005", because=because)


def _excerpt(output: str) -> str | None:
    """The lines that say what is wrong: the first errors, or the last lines."""
    lines = output.strip().splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    return "\n  ".join(errors[:3] or lines[-3:]) or None
