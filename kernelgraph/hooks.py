"""What is filled in from above: how values draw themselves, and what operators on symbols build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Methods = dict[str, Callable[..., Any]]
_displays: list[Callable[[Any], dict[str, Any]]] = []


def set_display(display: Callable[[Any], dict[str, Any]]) -> None:
    """Fill the hook with which values draw themselves in a notebook: `display(value) -> {mime type:
    text}`.
    """
    _displays[:] = [display]


class Displayed:
    """A value that draws itself in a notebook once the viz room is there, and is plain text
    otherwise.
    """

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        if not _displays:
            return {"text/plain": repr(self)}
        return _displays[0](self)


class Operators:
    """Python's operators and the methods that people type (`x + y`, `x.sum()`), filled in by the
    ops room.
    """

    __slots__ = ()
    __array_priority__ = 1000

    @classmethod
    def install(cls, methods: Methods) -> None:
        """Give every operand these methods."""
        for name, method in methods.items():
            setattr(cls, name, method)
