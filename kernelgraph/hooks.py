"""What is filled in from above: how values draw themselves, what operators on symbols build, and
who looks at the nodes that are made.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

Methods = dict[str, Callable[..., Any]]
_displays: list[Callable[[Any], dict[str, Any]]] = []


def later(module: str, name: str) -> Callable[..., Any]:
    """A function of a module of this package that is imported when it is first called."""

    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(f"kernelgraph.{module}"), name)(*arguments, **options)

    return call


def set_display(display: Callable[[Any], dict[str, Any]]) -> None:
    """Say how values draw themselves in a notebook: `display(value) -> {mime type: text}`."""
    _displays[:] = [display]


_views: dict[str, Callable[..., Any]] = {}


def set_view(name: str, make: Callable[..., Any]) -> None:
    """Fill the hook behind a method that shows a value in a view of its own: `f.steps()`."""
    _views[name] = make


def view(name: str, value: Any, **options: Any) -> Any:
    """The view of a value that is called `name`; raises `KeyError` if there is none."""
    return _views[name](value, **options)


_texts: list[Callable[[Any], str]] = []
_truths: list[Callable[[Any], bool]] = []


def set_text(write: Callable[[Any], str]) -> None:
    """Say how a computed symbol without a name is written."""
    _texts[:] = [write]


def text(symbol: Any, otherwise: str) -> str:
    """A computed symbol as text."""
    return _texts[0](symbol) if _texts else otherwise


def set_truth(judge: Callable[[Any], bool] | None) -> None:
    """Have `judge` say which symbols count as true in `if`; without one, none does."""
    _truths[:] = [] if judge is None else [judge]


def is_true(symbol: Any) -> bool:
    """Whether a symbol counts as true."""
    return any(judge(symbol) for judge in _truths)


_functions: list[Callable[[str, str], Callable[..., Any] | None]] = []


def set_functions(find: Callable[[str, str], Callable[..., Any] | None]) -> None:
    """Say which function of symbols one of NumPy's means: `find("numpy", "sum")`."""
    _functions[:] = [find]


def function_named(module: str, name: str) -> Callable[..., Any] | None:
    """The function of symbols that one of NumPy's means; None if there is none."""
    return _functions[0](module, name) if _functions else None


_vectorizers: list[Callable[[Any, Any], Any]] = []


def set_vectorizer(vectorize: Callable[[Any, Any], Any]) -> None:
    """Say how a graph of one value becomes one of many: `vectorize(outputs, {x: xs})`."""
    _vectorizers[:] = [vectorize]


def vectorized(outputs: Any, replace: Any) -> Any:
    """Outputs for arrays of values in the place of single ones."""
    return _vectorizers[0](outputs, replace)


Watcher = Callable[[Any], None]
_watchers: list[Watcher] = []
_is_unwatched: ContextVar[bool] = ContextVar("_is_unwatched", default=False)


def watch_nodes(watcher: Watcher) -> None:
    """Have every node shown to `watcher` when a user's expression makes it."""
    if watcher not in _watchers:
        _watchers.append(watcher)


_collections: ContextVar[tuple[list[Any], ...]] = ContextVar("collections", default=())


def node_made(node: Any) -> None:
    """Show a new node to those who watch."""
    for made in _collections.get():
        made.append(node)
    if _watchers and not _is_unwatched.get():
        for watcher in _watchers:
            watcher(node)


@contextmanager
def nodes_made() -> Generator[list[Any]]:
    """A list of the nodes that expressions make in this thread inside of the `with` block."""
    made: list[Any] = []
    token = _collections.set((*_collections.get(), made))
    try:
        yield made
    finally:
        _collections.reset(token)


@contextmanager
def unwatched() -> Generator[None]:
    """While the compiler makes nodes of its own, nobody looks, but for those of other threads."""
    token = _is_unwatched.set(True)
    try:
        yield
    finally:
        _is_unwatched.reset(token)


_is_provisional: ContextVar[bool] = ContextVar("_is_provisional", default=False)


@contextmanager
def provisional(holds: bool) -> Generator[None]:
    """Inside, if that holds, expressions are of symbols whose dtypes may still become others."""
    token = _is_provisional.set(holds or is_provisional())
    try:
        yield
    finally:
        _is_provisional.reset(token)


def is_provisional() -> bool:
    """Whether the dtype of a new node says nothing yet of that of the result."""
    return _is_provisional.get()


class Displayed:
    """A value that draws itself in a notebook once viz is there, and is plain text otherwise."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        if not _displays:
            return {"text/plain": repr(self)}
        return _displays[0](self)


class Operators:
    """Python's operators and the methods that people type (`x + y`, `x.sum()`), filled in by the
    ops package; `__vector__` lists operands: `[x, 1]` is a vector where one is asked for.
    """

    __slots__ = ()
    __array_priority__ = 1000


def install_operators(methods: Methods) -> None:
    """Give every operand these methods."""
    for name, method in methods.items():
        setattr(Operators, name, method)
