"""Compiled code, kept from one process to the next in a folder that only this user can write.

A key goes in; the bytes stored under it come out, or None. Any number of processes may use the
folder at once, and any of them may be killed at any moment: an entry is one file, written elsewhere
and moved into place whole, and checked byte by byte before it is used. What cannot be used (a full
disk, a read-only home, a damaged entry) costs a compilation and one warning, never a wrong result.

    ab/<key>.kg   the entries, in 256 folders      bad/     damaged entries, out of the way
    locks/…-ab    a lock file for each of them     debug/   programs that a compiler refused
    tmp/          where compilers work; swept when nobody compiles
"""

from __future__ import annotations

import os
import time
import warnings
import weakref
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from kernelgraph.c.entry import DamagedEntryError, Entry, decode, encode
from kernelgraph.c.files import (
    IgnoredTroubles,
    await_lock,
    closing,
    free_lock,
    new_private_folder,
    private_folder,
    prune,
    random_name,
    read_whole,
    remove,
    take_lock,
    write_durably,
)
from kernelgraph.c.trust import make_folder, open_file, open_folder
from kernelgraph.errors import CacheSecurityError
from kernelgraph.locations import level_of_user

_BYTES_PER_FOLDER = 2 * 2**20  # 512 MB in 256 folders
_MOST_BYTES = 2**30  # no compiler makes such a program
_GRUDGE = 60.0  # seconds for which a process that kept others waiting is not waited for again


class CacheWarning(RuntimeWarning):
    """The compile cache could not do its work; results are right, but slower to come."""


class Cache:
    """The compile cache in the folder `root`, which is made when it is first needed.

    Methods raise CacheSecurityError when somebody else could have written what they find. Other
    troubles of the file system are a miss when reading and one warning when writing.
    """

    patience = 10.0
    """Seconds to wait for another process that compiles the same thing, before doing it too."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._warned: set[str] = set()
        self._gave_up = -_GRUDGE

    def path(self, key: str) -> str:
        """The file that holds the entry of a key, or would hold it."""
        return os.path.join(self.root, key[:2], _file_name(key))

    def prepare(self) -> None:
        """Make the root folder if there is none, and see that it can be trusted."""
        os.makedirs(os.path.dirname(self.root), mode=0o700, exist_ok=True)
        os.close(make_folder(self.root))

    # ------------------------------------------------------------------------------------- entries

    def load(self, key: str) -> bytes | None:
        """The body stored under a key, or None; DamagedEntryError for one that must not be used."""
        entry = self.find(key)
        return None if entry is None else entry.body

    def find(self, key: str) -> Entry | None:
        """As `load`, with what is known about the body."""
        try:
            with self._open(key[:2]) as folder:
                file = open_file(self.path(key), _file_name(key), folder, os.O_RDONLY)
                with closing(file):
                    if os.fstat(file).st_size > _MOST_BYTES:
                        raise DamagedEntryError("it is far too long")
                    data = read_whole(file)
        except CacheSecurityError:
            raise
        except IsADirectoryError:
            raise DamagedEntryError("a folder stands in its place") from None
        except OSError:
            return None
        return decode(key, data)

    def store(self, key: str, body: bytes, description: Mapping[str, Any]) -> None:
        """Keep a body for later processes; where that fails, say so once and go on."""
        try:
            with self.workspace() as workspace, self._make(key[:2]) as folder:
                temporary = os.path.join(workspace, "entry")
                write_durably(temporary, encode(key, body, description))
                os.replace(temporary, _file_name(key), dst_dir_fd=folder)
                prune(folder, _BYTES_PER_FOLDER)
        except CacheSecurityError:
            raise
        except OSError as error:
            self._warn_unwritable(error)

    def remember(self, key: str, compute: Callable[[], bytes]) -> bytes:
        """The body stored under a key; if there is none, compute it and keep it.

        Where `compute` has a method `accepts`, a body that it does not accept is computed anew.
        """
        accepts = getattr(compute, "accepts", None)
        with suppress(DamagedEntryError):
            body = self.load(key)
            if body is not None and (accepts is None or accepts(body)):
                return body
        body = compute()
        self.store(key, body, {})
        return body

    def quarantine(self, key: str, reason: str) -> None:
        """Move an entry that cannot be used to bad/, and warn."""
        with IgnoredTroubles(), self._open(key[:2]) as folder, self._make("bad") as bad:
            os.rename(_file_name(key), f"{key}.{random_name()}", src_dir_fd=folder, dst_dir_fd=bad)
            prune(bad, _BYTES_PER_FOLDER)
        self._warn(
            f"damaged {key}",
            "KG-C020: a program is compiled again, because the stored one was not usable: "
            f"{reason}. It was {self.path(key)} and lies in bad/ now.",
        )

    def keep_refused(self, key: str, source: str, report: str) -> str | None:
        """Keep a program that a compiler refused, with what it said; the path, or None."""
        comment = "".join(f"// {line}\n" for line in report.splitlines())
        text = f"{source}\n{comment}".encode("utf-8", "backslashreplace")
        with IgnoredTroubles(), self.workspace() as workspace, self._make("debug") as folder:
            temporary = os.path.join(workspace, "refused")
            write_durably(temporary, text)
            os.replace(temporary, f"{key}.c", dst_dir_fd=folder)
            prune(folder, _BYTES_PER_FOLDER)
            return os.path.join(self.root, "debug", f"{key}.c")
        return None

    # ------------------------------------------------------------------------- locks and workspaces

    @contextmanager
    def lock(self, name: str) -> Generator[None]:
        """Hold a lock of this name, so that one process compiles and the others find its result.

        The lock saves work, and nothing depends on it: without it (a file system that has none, a
        holder that was stopped) two processes compile the same thing and the last one's is kept.
        The kernel frees it when its holder dies; a holder that was stopped is not waited for.
        """
        with self._lock_file(name) as file:
            if file is not None and time.monotonic() - self._gave_up > _GRUDGE:
                if not await_lock(file, self.patience, self._say_that_it_waits):
                    self._gave_up = time.monotonic()
            elif file is not None:
                take_lock(file, "LOCK_EX", 0.0)
            yield

    def _say_that_it_waits(self, holder: int | None) -> None:
        who = "another process" if holder is None else f"process {holder}"
        self._warn(
            "waiting",
            f"KG-C030: {who} has been compiling the same program for some time; this one waits up "
            f"to {self.patience:g} seconds, and then compiles it too.",
        )

    @contextmanager
    def workspace(self) -> Generator[str]:
        """A new folder for temporary files, in the cache if possible; removed at the end."""
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(self._workspace_inside())
            except CacheSecurityError:
                raise
            except OSError as error:
                self._warn_unwritable(error)
                folder = stack.enter_context(private_folder())
            yield folder

    @contextmanager
    def _workspace_inside(self) -> Generator[str]:
        path = os.path.join(self.root, "tmp", random_name())
        with self._make("tmp") as folder, self._lock_file("tmp") as lock:
            if lock is not None:
                self._sweep_and_share(folder, lock)
            os.close(make_folder(path, os.path.basename(path), folder))
            try:
                yield path
            finally:
                remove(path)

    def _sweep_and_share(self, folder: int, lock: int) -> None:
        """Hold the lock of tmp/ together with all who work there.

        Who gets it for himself alone knows that whatever lies there was left behind by the dead.
        """
        if take_lock(lock, "LOCK_EX", 0.0):
            for name in os.listdir(folder):
                remove(os.path.join(self.root, "tmp", name))
        take_lock(lock, "LOCK_SH", 1.0)

    @contextmanager
    def _lock_file(self, name: str) -> Generator[int | None]:
        """An open lock file; None where the file system does not let us have one."""
        file = None
        with IgnoredTroubles(), self._make("locks") as folder:
            path = os.path.join(self.root, "locks", name)
            file = open_file(path, name, folder, os.O_RDWR | os.O_CREAT)
        try:
            yield file
        finally:
            if file is not None:
                free_lock(file)
                os.close(file)

    # ------------------------------------------------------------------------------------- folders

    @contextmanager
    def _open(self, name: str) -> Generator[int]:
        with (
            closing(open_folder(self.root)) as root,
            closing(open_folder(os.path.join(self.root, name), name, root)) as folder,
        ):
            yield folder

    @contextmanager
    def _make(self, name: str) -> Generator[int]:
        self.prepare()
        with (
            closing(open_folder(self.root)) as root,
            closing(make_folder(os.path.join(self.root, name), name, root)) as folder,
        ):
            yield folder

    def _warn_unwritable(self, error: OSError) -> None:
        self._warn(
            "unwritable",
            f"KG-C001: compiled programs cannot be kept in {self.root} "
            f"({error.strerror or error}); every new process will compile again. "
            "Set KERNELGRAPH_CACHE to a folder of your own.",
        )

    def _warn(self, subject: str, message: str) -> None:
        if subject not in self._warned:
            self._warned.add(subject)
            warnings.warn(CacheWarning(message), stacklevel=level_of_user())


def open_cache() -> Cache:
    """The cache of this user; a private one that dies with this process where there can be none.

    Raises CacheSecurityError when the folder exists and others can write it.
    """
    try:
        cache = Cache(location())
        cache.prepare()
    except CacheSecurityError:
        raise
    except OSError as error:
        cache = Cache(new_private_folder())
        weakref.finalize(cache, _remove_own, cache.root, os.getpid())
        warnings.warn(
            CacheWarning(
                f"KG-C001: there is no place to keep compiled programs ({error}); this process "
                "uses a temporary folder. Set KERNELGRAPH_CACHE to a folder of your own."
            ),
            stacklevel=level_of_user(),
        )
    return cache


def location() -> str:
    """Where the environment says that the cache is: an absolute path, not checked.

    Raises PermissionError when the home is another user's, as under sudo: files left there would
    belong to the wrong user. Raises FileNotFoundError when there is no home at all.
    """
    if chosen := os.environ.get("KERNELGRAPH_CACHE"):
        return os.path.abspath(os.path.expanduser(chosen))
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser(os.path.join("~", ".cache"))
    if not os.path.isabs(base):
        raise FileNotFoundError("this user has no home folder")
    existing = base
    while not os.path.exists(existing):
        existing = os.path.dirname(existing)
    if os.stat(existing).st_uid not in (os.geteuid(), 0):
        raise PermissionError(f"{existing} belongs to another user")
    return os.path.join(base, "kernelgraph")


def _remove_own(path: str, process: int) -> None:
    """At exit; a forked child must not remove the folder that its parent still uses."""
    if os.getpid() == process:
        remove(path)


def _file_name(key: str) -> str:
    return f"{key}.kg"
