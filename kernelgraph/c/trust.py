"""Opening files of the compile cache only after seeing that nobody else could have written them.

What the cache holds is run, so a folder or file that another user can write is an attack or an
accident: both are refused with an error that names the path and the command that mends it. Every
check looks at an open descriptor, so that what was checked is what is read.
"""

from __future__ import annotations

import errno
import os
import stat

from kernelgraph.errors import CacheSecurityError

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: a FIFO planted under the name of an entry must not make us wait for its writer.
_FILE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def open_folder(path: str, name: str = ".", parent: int | None = None) -> int:
    """A descriptor of the folder `name` inside `parent`; `path` is its full path, for messages.

    Raises CacheSecurityError for a symbolic link and for a folder that others own or can write;
    OSError where there is no folder.
    """
    target = path if parent is None else name
    try:
        folder = os.open(target, _FOLDER, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(target, parent):
            raise _refusal(
                "KG-C010", path, "is a symbolic link", f"rm -- {_quoted(path)}"
            ) from None
        raise
    try:
        status = os.fstat(folder)
        _require_own("KG-C010", path, status)
        if status.st_mode & _WRITABLE_BY_OTHERS:
            why = f"can be written by others (mode {stat.S_IMODE(status.st_mode):04o})"
            raise _refusal("KG-C010", path, why, f"chmod go-w -- {_quoted(path)}")
    except BaseException:
        os.close(folder)
        raise
    return folder


def make_folder(path: str, name: str = ".", parent: int | None = None) -> int:
    """As `open_folder`, but a missing folder is made first, with mode 0700 whatever the umask."""
    try:
        os.mkdir(path if parent is None else name, 0o700, dir_fd=parent)
    except FileExistsError:
        return open_folder(path, name, parent)
    folder = open_folder(path, name, parent)
    os.fchmod(folder, 0o700)
    return folder


def open_file(path: str, name: str, parent: int, flags: int) -> int:
    """A descriptor of the regular file `name` inside the folder `parent`; new files get 0600.

    Raises CacheSecurityError for anything but a regular file of our own that only we can write;
    IsADirectoryError for a folder; OSError where there is no such file.
    """
    try:
        file = os.open(name, flags | _FILE, 0o600, dir_fd=parent)
    except OSError as error:
        # ELOOP: a symbolic link. ENXIO: a socket, or a FIFO without a reader.
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise _planted(path, "is not a regular file") from None
        raise
    try:
        status = os.fstat(file)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder stands in the place of a file", path)
        if not stat.S_ISREG(status.st_mode):
            raise _planted(path, "is not a regular file")
        _require_own("KG-C011", path, status)
        if status.st_mode & _WRITABLE_BY_OTHERS:
            why = f"can be written by others (mode {stat.S_IMODE(status.st_mode):04o})"
            raise _planted(path, why)
        if status.st_nlink > 1:
            raise _planted(path, f"has {status.st_nlink} names (hard links)")
    except BaseException:
        os.close(file)
        raise
    return file


def _is_link(target: str, parent: int | None) -> bool:
    return stat.S_ISLNK(os.stat(target, dir_fd=parent, follow_symlinks=False).st_mode)


def _require_own(code: str, path: str, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        why = f"belongs to user {status.st_uid}, not to user {os.geteuid()} who runs this process"
        raise _refusal(code, path, why, "export KERNELGRAPH_CACHE=<a folder of your own>")


def _planted(path: str, why: str) -> CacheSecurityError:
    return _refusal("KG-C011", path, why, f"rm -- {_quoted(path)}")


def _quoted(path: str) -> str:
    import shlex  # what few need is not loaded

    return shlex.quote(path)


def _refusal(code: str, path: str, why: str, remedy: str) -> CacheSecurityError:
    return CacheSecurityError(
        f"the compile cache cannot be trusted: {path} {why}",
        code=code,
        because="What lies in this cache is run as code, so it must be private to you.",
        hint=remedy,
    )
