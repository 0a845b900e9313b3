"""What the compile cache is made of: locks, whole writes, temporary folders, pruning.

Everything here works on descriptors or on names inside one folder, runs on any POSIX system, and
imports what is slow to import or missing on Windows only when it is needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from kernelgraph.errors import CacheSecurityError

_HOUR = 3600.0
_DAY = 24 * _HOUR
_GLANCE = 0.2  # seconds between two looks at who holds a lock
_SILENCE = 1.0  # seconds after which one who waits says so


@contextmanager
def closing(descriptor: int) -> Generator[int]:
    """A descriptor, closed at the end of the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class IgnoredTroubles:
    """A `with` block that passes over what the file system refuses, but never a breach of trust."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: object, _traceback: object) -> bool:
        return isinstance(error, OSError) and not isinstance(error, CacheSecurityError)


@contextmanager
def private_folder() -> Generator[str]:
    """As `new_private_folder`, and removed at the end of the block."""
    path = new_private_folder()
    try:
        yield path
    finally:
        remove(path)


def new_private_folder() -> str:
    """A new folder of mode 0700 and of unguessable name among the system's temporary files."""
    import tempfile

    return tempfile.mkdtemp(prefix="kernelgraph-")


def remove(path: str) -> None:
    """Remove a file or a folder with all that is in it; what cannot be removed stays."""
    import shutil

    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)


def random_name() -> str:
    """A name that no two processes share, forked or not."""
    return os.urandom(8).hex()


def read_whole(file: int) -> bytes:
    """All bytes of an open file; its time of modification becomes the (rough) time of last use."""
    with open(file, "rb", buffering=0, closefd=False) as stream:
        if time.time() - os.fstat(file).st_mtime > _DAY:
            with suppress(OSError):
                os.utime(file)
        return stream.readall()


def write_durably(path: str, data: bytes) -> None:
    """Write a new file of mode 0600, whatever the umask, and wait until it is on the disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "wb") as stream:
        os.fchmod(file, 0o600)
        stream.write(data)
        stream.flush()
        os.fsync(file)


def prune(folder: int, limit: int) -> None:
    """Cut a folder down to `limit` bytes, longest unused first, nothing younger than an hour."""
    with os.scandir(folder) as entries:
        files = [(entry.stat(follow_symlinks=False), entry.name) for entry in entries]
    excess = sum(status.st_size for status, _ in files) - limit
    for status, name in sorted(files, key=lambda file: file[0].st_mtime):
        if excess <= 0 or time.time() - status.st_mtime < _HOUR:
            break
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
            excess -= status.st_size


def take_lock(file: int, operation: str, seconds: float) -> bool:
    """Try for a while to get a lock, "LOCK_EX" or "LOCK_SH"; a Ctrl-C ends the wait.

    False when it is held elsewhere for all that time, or where the file system has no locks.
    """
    try:
        import fcntl
    except ImportError:
        return False
    deadline = time.monotonic() + seconds
    pause = 0.001
    while True:
        try:
            fcntl.flock(file, getattr(fcntl, operation) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
        except OSError:
            return False
        else:
            return True
        time.sleep(pause)
        pause = min(2 * pause, 0.02)


def await_lock(file: int, seconds: float, say: Callable[[int | None], None]) -> bool:
    """Wait for an exclusive lock as long as its holder may be at work; its number is in the file.

    When nothing has been seen of the holder for a while, `say` is told who it is (None: not known).
    False when the lock was not to be had: its holder was stopped, or seemed dead, or took more than
    so many seconds, or there are no locks here.
    """
    began = last_seen = time.monotonic()
    seen: int | None = None
    said = False
    while not take_lock(file, "LOCK_EX", min(_GLANCE, seconds)):
        now = time.monotonic()
        holder = _holder(file)
        state, activity = _process_state(holder)
        if activity is not None and activity != seen:
            seen, last_seen = activity, now
        quiet = now - last_seen
        is_stopped = state == "T" and quiet >= _GLANCE
        if is_stopped or now - began > seconds or now - began < _GLANCE / 2:
            return False
        if quiet > 2 * _SILENCE and seen is not None:
            return False
        if quiet > _SILENCE and not said:
            said = True
            say(holder)
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode("ascii"), 0)
    return True


def _holder(file: int) -> int | None:
    """The number of the process that says it holds a lock."""
    try:
        return int(os.pread(file, 20, 0))
    except (OSError, ValueError):
        return None


def _process_state(process: int | None) -> tuple[str, int | None]:
    """A letter, as `ps` shows it (T is stopped), and how often the process gave up its processor,
    which it does many times a second while it waits for a compiler. None: the system does not tell.
    """
    letter, count = "", None
    with suppress(OSError, ValueError):
        for thread in os.listdir(f"/proc/{process}/task"):
            path = f"/proc/{process}/task/{thread}/status"
            with open(path, encoding="ascii", errors="replace") as stream:
                for line in stream:
                    name, _, value = line.partition(":")
                    if name == "State" and thread == str(process):
                        letter = value.split()[0].upper()
                    elif name == "voluntary_ctxt_switches":
                        count = (count or 0) + int(value)
    return letter, count


def free_lock(file: int) -> None:
    """Give a lock back; closing would not, while a forked child holds a copy of the descriptor."""
    take_lock(file, "LOCK_UN", 0.0)
