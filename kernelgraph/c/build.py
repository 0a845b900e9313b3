"""From the text of a C program to the address of its function: the cache first, then the compiler.

What comes in is a source and the name of a function in it; what comes out is a `Library` that stays
loaded as long as the process lives, and on request the runtime whose `Program` can call it. The
runtime and a first program do not need each other, so their two compilers run side by side.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from types import ModuleType

from kernelgraph.c import runtime_ctypes
from kernelgraph.c.cache import Cache, open_cache
from kernelgraph.c.entry import DamagedEntryError
from kernelgraph.c.image import Loaded, load_image
from kernelgraph.c.runtime_native import load_runtime, runtime_unit
from kernelgraph.c.toolchain import Toolchain, Unit, find
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

Finish = Callable[[], bytes]
"""Waits for a compiler and gives the shared object; raises CompileError."""


@dataclass(frozen=True)
class Library:
    """A compiled program in this process: its key, its file in the cache, the addresses of its
    function and of its table of times (0 where it keeps none).
    """

    key: str
    path: str
    symbol: str
    address: int
    clock: int


def build(source: str, symbol: str) -> Library:
    """Compile and load a C program, or find it in the cache.

    Raises CompileError when there is no compiler or it fails, CacheSecurityError when others could
    have written what is in the cache.
    """
    return _builder(_settings()).build(source, symbol)


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
        self._libraries: dict[tuple[str, str], Library] = {}

    def build(self, source: str, symbol: str) -> Library:
        """See the function `build`."""
        unit = Unit(source)
        key = self.toolchain.key(unit)
        library = self._libraries.get((key, symbol))
        if library is None:
            with self._preparing_runtime() as finish_runtime, self._obtaining(unit) as finish:
                body = finish()
                finish_runtime()
            found = self._load(unit, body, partial(_addresses, symbol))
            library = Library(key, self.cache.path(key), symbol, *found)
            self._libraries[key, symbol] = library
        return library

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
            self._runtime = self._load(unit, finish(), load_runtime)
        except CompileError as error:
            return self._settle_for_python(error)
        return self._runtime

    def _settle_for_python(self, error: CompileError) -> ModuleType:
        self.native_problem = str(error)
        self._runtime = runtime_ctypes
        return runtime_ctypes

    @contextmanager
    def _obtaining(self, unit: Unit) -> Generator[Finish]:
        """Find a unit in the cache, or start to compile it; what is handed out waits for it."""
        key = self.toolchain.key(unit)
        try:
            body = self.cache.load(key)
        except DamagedEntryError:
            body = None  # looked at again below, alone
        if body is not None:
            yield partial(_same, body)
            return
        with self.cache.lock(f"{unit.role}-{key[:2]}"):
            body = self._load_or_quarantine(key)
            if body is not None:
                yield partial(_same, body)
                return
            with self._compiling(key, unit) as finish:
                yield finish

    def _load_or_quarantine(self, key: str) -> bytes | None:
        try:
            return self.cache.load(key)
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

            def compile_and_store() -> bytes:
                body = self._finish_or_retry(key, unit, finish)
                self.cache.store(key, body, {"compiler": self.toolchain.command})
                return body

            yield compile_and_store

    def _finish_or_retry(self, key: str, unit: Unit, finish: Finish) -> bytes:
        try:
            return finish()
        except CacheSecurityError:
            raise
        except OSError:
            return self.toolchain.compile(unit)  # among the system's temporary files
        except CompileError as error:
            if path := self.cache.keep_refused(key, unit.source, str(error)):
                error.hint = f"see what was compiled: {path}"
            raise

    def _load(self, unit: Unit, body: bytes, loader: Callable[[str], Loaded]) -> Loaded:
        """Load a shared object; one that cannot be loaded here is compiled once more."""
        key = self.toolchain.key(unit)
        name = f"kg_{key[:24]}"
        try:
            return load_image(body, name, loader)
        except (OSError, ImportError) as error:
            self.cache.quarantine(key, str(error))
        with self._compiling(key, unit) as finish:
            body = finish()
        try:
            return load_image(body, name, loader)
        except (OSError, ImportError) as error:
            message = f"the compiled program cannot be loaded: {error}"
            raise CompileError(message, code="KG-K006") from error


def _same(value: Loaded) -> Loaded:
    return value


def _addresses(symbol: str, path: str) -> tuple[int, int]:
    library = ctypes.CDLL(path, os.RTLD_NOW | os.RTLD_LOCAL)  # never unloaded
    try:
        function = library[symbol]
    except AttributeError as error:
        raise OSError(str(error)) from None
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    try:
        table = ctypes.c_char.in_dll(library, f"{symbol}_clock")
    except ValueError:
        return address, 0
    return address, ctypes.addressof(table)


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
