"""From the text of a C program to the address of its function: the cache first, then the compiler.

What comes in is a source and the name of a function in it; what comes out is a `Library` that stays
loaded as long as somebody has it, and on request the runtime whose `Program` can call it. The
runtime and a first program do not need each other, so their two compilers run side by side.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import ModuleType
from typing import Any
from weakref import WeakValueDictionary

from kernelgraph.c.cache import Cache, open_cache
from kernelgraph.c.entry import DamagedEntryError, Entry
from kernelgraph.c.library import Library, Loaded, load_image, load_library
from kernelgraph.c.runtime_native import load_runtime, runtime_unit
from kernelgraph.c.toolchain import Toolchain, Unit, find, program_unit, quicker
from kernelgraph.errors import CacheSecurityError, CompileError

_ENVIRONMENT = (
    "CC",
    "CFLAGS",
    "HOME",
    "KERNELGRAPH_CACHE",
    "KERNELGRAPH_CC",
    "KERNELGRAPH_ISA",
    "PATH",
    "XDG_CACHE_HOME",
)

_NO_ROOM = r"failed to map|[Cc]annot allocate memory|cannot create"

TRIAL = 1
"""Which kind of trial an entry of the cache has passed; another number is tried anew."""


@dataclass(frozen=True)
class Found:
    """A shared object, and what is known of it: whether it passed a trial, or why it is refused."""

    body: bytes
    tried: bool = False
    refused: str | None = None
    fresh: bool = False


Finish = Callable[[], Found]
"""Waits for a compiler and gives the shared object; raises CompileError."""


Check = Callable[[Library, ModuleType], str | None]
"""Tries a program with a runtime; gives None, or words for what is wrong."""

Trial = Callable[[Library], tuple[bool, str | None]]
"""The same, and first whether there was a trial."""


def build(source: str, symbol: str, check: Check | None = None, *, lasting: bool = True) -> Library:
    """Compile and load a C program, or find it in the cache. Unless it is `lasting`, it is unloaded
    when nobody has the library any more: those who take its addresses must keep it.

    With `check`, a program that did not yet pass a trial is tried, and if that goes wrong compiled
    more carefully. Raises CompileError when there is no compiler, or it fails, or makes no program
    that is right (KG-K011); CacheSecurityError when others could have written what is in the cache.
    """
    try:
        return _builder(_settings()).build(source, symbol, check, lasting=lasting)
    except MemoryError as error:
        raise _full() from error


def runtime() -> ModuleType:
    """The module whose `Program` calls compiled programs: in C if that can be, else in Python."""
    return _builder(_settings()).runtime()


class Builder:
    """A compiler, a cache, and what they have brought into this process."""

    def __init__(self, cache: Cache, toolchain: Toolchain) -> None:
        self.cache = cache
        self.toolchain = toolchain
        self.native_problem: str | None = None
        """Why the runtime is not the one in C, once that has been found out."""
        self._runtime: ModuleType | None = None
        self._libraries: WeakValueDictionary[tuple[str, str], Library] = WeakValueDictionary()
        self._lasting: set[Library] = set()

    def build(
        self, source: str, symbol: str, check: Check | None = None, *, lasting: bool = True
    ) -> Library:
        """See the function `build`."""
        unit = program_unit(source)
        key = self.toolchain.key(unit)
        library = self._libraries.get((key, symbol))
        if library is None or not (library.tried or check is None):
            with (
                self._preparing_runtime() as finish_runtime,
                self._obtaining(unit, check is not None) as finish,
            ):
                found = finish()
                runtime = finish_runtime()
                library = self._trusted(unit, symbol, found, partial(_try, check, runtime))
            self._libraries[key, symbol] = library
        if lasting:
            self._lasting.add(library)
        return library

    def _trusted(self, unit: Unit, symbol: str, found: Found, trial: Trial) -> Library:
        """A program that was found or made, in this process; tried, if that is wanted and new."""
        if found.refused is not None:
            raise _wrong(found.refused)
        key = self.toolchain.key(unit)
        library, found = self._loaded(unit, symbol, found)
        if found.tried:
            return replace(library, tried=True)
        passed, problem = trial(library)
        if problem is not None:
            return self._made_with_care(unit, symbol, trial, problem)
        if found.fresh or passed:
            self._keep(key, found.body, tried=TRIAL if passed else 0)
        return replace(library, tried=passed)

    def _made_with_care(self, unit: Unit, symbol: str, trial: Trial, problem: str) -> Library:
        """A program that the compiler got wrong, compiled again until it passes its trial."""
        key = self.toolchain.key(unit)
        for toolchain, flags in self.toolchain.careful():
            careful = Unit(unit.source, flags)
            with suppress(CompileError):
                found = Found(toolchain.compile(careful))
                library, _ = self._loaded(careful, symbol, found)
                if trial(library) == (True, None):
                    care = (*toolchain.command, *flags)
                    self._keep(key, found.body, tried=TRIAL, care=care)
                    return replace(library, key=key, tried=True, care=care)
        if path := self.cache.keep_refused(key, unit.source, problem):
            problem = f"{problem} (the program is kept as {path})"
        self._keep(key, b"", tried=TRIAL, refused=problem)
        raise _wrong(problem)

    def _loaded(self, unit: Unit, symbol: str, found: Found) -> tuple[Library, Found]:
        key = self.toolchain.key(unit)
        entry = self.cache.path(key)
        return self._load(unit, found, lambda path: load_library(path, key, entry, symbol))

    def _keep(self, key: str, body: bytes, **facts: Any) -> None:
        self.cache.store(key, body, {"compiler": self.toolchain.command, **facts})

    def runtime(self) -> ModuleType:
        """See the function `runtime`."""
        with self._preparing_runtime() as finish:
            return finish()

    @contextmanager
    def _preparing_runtime(self) -> Generator[Callable[[], ModuleType]]:
        """Start compiling the runtime, if need be; what is handed out waits for it."""
        if self._runtime is not None:
            yield partial(_same, self._runtime)
            return
        with ExitStack() as stack:
            try:
                unit = runtime_unit()
                body = stack.enter_context(self._obtaining(unit))
                finish = partial(self._load_runtime, unit, body)
            except CompileError as error:
                finish = partial(self._settle_for_python, error)
            yield finish

    def _load_runtime(self, unit: Unit, finish: Finish) -> ModuleType:
        try:
            self._runtime, found = self._load(unit, finish(), load_runtime)
        except CompileError as error:
            return self._settle_for_python(error)
        if found.fresh:
            self._keep(self.toolchain.key(unit), found.body)
        return self._runtime

    def _settle_for_python(self, error: CompileError) -> ModuleType:
        from kernelgraph.c import runtime_ctypes  # what a warm start does not need is not loaded

        self.native_problem = str(error)
        self._runtime = runtime_ctypes
        return runtime_ctypes

    @contextmanager
    def _obtaining(self, unit: Unit, try_it: bool = False) -> Generator[Finish]:
        """Find a unit in the cache, or start to compile it; what is handed out waits for it.

        What was refused after a trial is compiled again only where no trial is wanted.
        """
        key = self.toolchain.key(unit)
        try:
            found = _found(self.cache.find(key), try_it)
        except DamagedEntryError:
            found = None  # looked at again below, alone
        if found is not None:
            yield partial(_same, found)
            return
        with self.cache.lock(f"{unit.role}-{key[:2]}"):
            found = self._find_or_quarantine(key, try_it)
            if found is not None:
                yield partial(_same, found)
                return
            with self._compiling(key, unit) as finish:
                yield finish

    def _find_or_quarantine(self, key: str, try_it: bool) -> Found | None:
        try:
            return _found(self.cache.find(key), try_it)
        except DamagedEntryError as error:
            self.cache.quarantine(key, str(error))
            return None

    @contextmanager
    def _compiling(self, key: str, unit: Unit) -> Generator[Finish]:
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(self.cache.workspace())
                finish = stack.enter_context(self.toolchain.compiling(unit, folder))
            except CacheSecurityError:
                raise
            except OSError:  # such as a full disk
                finish = partial(self.toolchain.compile, unit)

            yield lambda: Found(self._finish_or_retry(key, unit, finish), fresh=True)

    def _finish_or_retry(self, key: str, unit: Unit, finish: Callable[[], bytes]) -> bytes:
        try:
            return self._finish_or_hurry(unit, finish)
        except CacheSecurityError:
            raise
        except OSError:
            return self.toolchain.compile(unit)  # among the system's temporary files
        except CompileError as error:
            if path := self.cache.keep_refused(key, unit.source, str(error)):
                error.hint = f"see what was compiled: {path}"
            raise

    def _finish_or_hurry(self, unit: Unit, finish: Callable[[], bytes]) -> bytes:
        """What a compiler takes too long over is compiled once more, at a lower level."""
        try:
            return finish()
        except CompileError as error:
            if error.code != "KG-K003":
                raise
        return self.toolchain.compile(quicker(unit))

    def _load(
        self, unit: Unit, found: Found, loader: Callable[[str], Loaded]
    ) -> tuple[Loaded, Found]:
        """Load a shared object; one from the cache that cannot be loaded here is compiled anew."""
        key = self.toolchain.key(unit)
        name = f"kg_{key[:24]}"
        try:
            return load_image(found.body, name, loader), found
        except (OSError, ImportError) as error:
            if re.search(_NO_ROOM, str(error)):
                raise _full() from error
            self.cache.quarantine(key, str(error))
        with self._compiling(key, unit) as finish:
            found = finish()
        try:
            return load_image(found.body, name, loader), found
        except (OSError, ImportError) as error:
            message = f"the compiled program cannot be loaded: {error}"
            raise CompileError(message, code="KG-K006") from error


def _same(value: Loaded) -> Loaded:
    return value


def _found(entry: Entry | None, try_it: bool) -> Found | None:
    """What an entry of the cache says; None where it is as good as none."""
    if entry is None:
        return None
    tried = entry.description.get("tried") == TRIAL
    refused = entry.description.get("refused")
    if not tried or not isinstance(refused, str):
        return Found(entry.body, tried)
    return Found(entry.body, tried, refused) if try_it else None


def _try(check: Check | None, runtime: ModuleType, library: Library) -> tuple[bool, str | None]:
    return (False, None) if check is None else (True, check(library, runtime))


def _full() -> CompileError:
    return CompileError(
        "there is no memory left in which to make or load another compiled program",
        code="KG-K004",
        because="A process may have only so many files in its memory (vm.max_map_count), "
        "and each function that still exists takes a few.",
        hint="let go of functions that are no longer called",
    )


def _wrong(problem: str) -> CompileError:
    return CompileError(
        "the C compiler makes a wrong program of this function",
        code="KG-K011",
        because=f"It was tried on small inputs: {problem}.",
        hint="name another compiler:  export KERNELGRAPH_CC=clang",
    )


def _settings() -> tuple[str | None, ...]:
    return tuple(os.environ.get(name) for name in _ENVIRONMENT)


@lru_cache(maxsize=8)
def _cache(_settings: tuple[str | None, ...]) -> Cache:
    return open_cache()


@lru_cache(maxsize=8)
def _builder(settings: tuple[str | None, ...]) -> Builder:
    """One builder for each environment, since notebooks change theirs while they run."""
    # Without a compiler nothing is opened, made or warned of.
    toolchain = find(lambda key, compute: _cache(settings).remember(key, compute))
    return Builder(_cache(settings), toolchain)
