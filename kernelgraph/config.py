"""Typed settings, read at the edges of the package and never deep inside it.

Precedence: assignment, then the environment variable `KERNELGRAPH_FLAGS`
(`"floatX=float32,target=python"`), then the defaults below.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from typing import Any

from kernelgraph.errors import SettingError
from kernelgraph.expect import expect_choice, expect_table, expect_text, nearest

_CHOICES = {
    "floatX": ("float32", "float64"),
    "target": ("c", "python", "interpret"),
    "cast_policy": ("custom", "numpy+floatX"),
    "on_unused_input": ("raise", "warn", "ignore"),
    "compute_test_value": ("off", "ignore", "warn", "raise"),
    "try_compiled": ("on", "off"),
    "verify_programs": ("on", "off"),
    "layout": ("layered", "wasi", "dot", "pygraphviz", "text"),
}


@dataclass
class Config:
    """The settings of this process; assigning an unknown name or value raises `SettingError`."""

    floatX: str = "float64"
    """dtype of constructors without one (`T.vector`), of integer division and of Python floats."""
    target: str = "c"
    """Which back end runs a function: generated C, the loops in Python, or NumPy node by node."""
    cast_policy: str = "custom"
    """How Python numbers get a dtype: the smallest that holds them, or NumPy's capped at floatX."""
    on_unused_input: str = "raise"
    """What `function` does with an input that no output needs."""
    compute_test_value: str = "off"
    """Whether expressions are computed as they are built, on the examples in `tag.test_value`, and
    what happens where one is missing.
    """
    try_compiled: str = "on"
    """Whether a program that has just been compiled runs on a few small inputs, and is compared
    with NumPy, before it is used: compilers make mistakes.
    """
    verify_programs: str = "off"
    """Whether each pass over a program must make a valid one, or raise `InvalidProgramError`."""
    layout: str = "layered"
    """Which engine places the boxes of a picture."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _NAMES:
            raise SettingError(
                f"no setting named {name!r}; there are {', '.join(_NAMES)}",
                hint=nearest(name, _NAMES),
            )
        expect_choice(value, f"config.{name}", _CHOICES[name], SettingError)
        object.__setattr__(self, name, value)

    def change_flags(
        self, flags: Mapping[str, str] | None = None, **more: str
    ) -> AbstractContextManager[None]:
        """Change settings inside a `with` block.

        >>> with config.change_flags(floatX="float32"):
        ...     config.floatX
        'float32'
        """
        given = expect_table(flags, "the flags", "settings by name")
        names = [expect_text(name, "the name of a setting") for name in given]
        return self._changed({**dict(zip(names, given.values(), strict=True)), **more})

    @contextmanager
    def _changed(self, wanted: Mapping[str, Any]) -> Generator[None]:
        before = {name: getattr(self, name) for name in wanted if name in _NAMES}
        try:
            for name, value in wanted.items():
                setattr(self, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)


_NAMES = tuple(field.name for field in fields(Config))


def _from_environment(flags: str) -> Config:
    settings = Config()
    for flag in filter(None, (part.strip() for part in flags.split(","))):
        name, _, value = flag.partition("=")
        try:
            setattr(settings, name.strip(), value.strip())
        except SettingError as error:
            warnings.warn(f"KERNELGRAPH_FLAGS: {error.message}", stacklevel=2)
    return settings


config = _from_environment(os.environ.get("KERNELGRAPH_FLAGS", ""))
