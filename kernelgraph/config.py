"""Typed settings, read at the edges of the package and never deep inside it.

Precedence: assignment, then the environment variable `KERNELGRAPH_FLAGS`
(`"floatX=float32,target=python"`), then a file, then the defaults below. The file is
`~/.config/kernelgraph.toml` (`floatX = "float32"`, a line for each setting), or the one that
`KERNELGRAPH_CONFIG` names.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import ContextDecorator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kernelgraph.errors import SettingError
from kernelgraph.expect import expect_choice, expect_table, expect_text, nearest

DEVICES = ("cpu", "cuda", "cuda-sim", "cuda-check")
"""Where functions can run."""

_CHOICES = {
    "floatX": ("float16", "float32", "float64"),
    "target": ("c", "python", "interpret"),
    "device": DEVICES,
    "cast_policy": ("custom", "numpy+floatX"),
    "on_unused_input": ("raise", "warn", "ignore"),
    "compute_test_value": ("off", "ignore", "warn", "raise"),
    "on_opt_error": ("warn", "raise", "ignore"),
    "exception_verbosity": ("low", "high"),
    "try_compiled": ("on", "off"),
    "verify_programs": ("on", "off"),
    "note_promotion": ("on", "off"),
    "layout": ("layered", "wasi", "dot", "pygraphviz", "text"),
}


class Changed(ContextDecorator):
    """A block, or a function, in which settings are others."""

    def __init__(self, settings: Any, wanted: Mapping[str, Any]) -> None:
        self._settings = settings
        self._wanted = wanted
        self._before: list[dict[str, Any]] = []  # the last is that of the innermost block

    def __enter__(self) -> None:
        known = [name for name in self._wanted if hasattr(self._settings, name)]
        self._before.append({name: getattr(self._settings, name) for name in known})
        try:
            for name, value in self._wanted.items():
                setattr(self._settings, name, value)
        except SettingError:
            self._restore()
            raise

    def __exit__(self, *error: object) -> None:
        self._restore()

    def _restore(self) -> None:
        for name, value in self._before.pop().items():
            setattr(self._settings, name, value)


@dataclass
class Config:
    """The settings of this process; assigning an unknown name or value raises `SettingError`."""

    floatX: str = "float64"
    """dtype of constructors without one (`T.vector`), of integer division and of Python floats.
    Operands promote as in NumPy whatever it is: an int32 or int64 beside a float32 is a float64.
    """
    target: str = "c"
    """Which back end runs a function: generated C, the loops in Python, or NumPy node by node."""
    device: str = "cpu"
    """Where functions run: on the processor, by `target`; on a GPU; or on a GPU that is simulated,
    where "cuda-check" makes a fault of a kernel an error. A mode with a target of its own, such as
    FAST_COMPILE, has that.
    """
    cast_policy: str = "custom"
    """How Python numbers get a dtype: the smallest that holds them, or NumPy's capped at floatX."""
    on_unused_input: str = "raise"
    """What `function` does with an input that no output needs."""
    compute_test_value: str = "off"
    """Whether expressions are computed as they are built, on the examples in `tag.test_value`, and
    what happens where one is missing.
    """
    on_opt_error: str = "warn"
    """What happens when a rule fails: it is left out in any case, and a warning or an error says
    so.
    """
    exception_verbosity: str = "low"
    """Whether an error in a call also tells the values that the failing node got."""
    try_compiled: str = "on"
    """Whether a program that has just been compiled runs on a few small inputs, and is compared
    with NumPy, before it is used: compilers make mistakes.
    """
    verify_programs: str = "off"
    """Whether each pass over a program must make a valid one, or raise `InvalidProgramError`."""
    note_promotion: str = "on"
    """Whether a warning (KG-D010, once a line) says that an integer made floats wider than floatX.
    """
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

    def change_flags(self, flags: Mapping[str, str] | None = None, **more: str) -> Changed:
        """Change settings inside a `with` block, or in all calls of a function that it decorates.

        >>> with config.change_flags(floatX="float32"):
        ...     config.floatX
        'float32'
        """
        given = expect_table(flags, "the flags", "settings by name")
        names = [expect_text(name, "the name of a setting") for name in given]
        return Changed(self, {**dict(zip(names, given.values(), strict=True)), **more})


_NAMES = tuple(field.name for field in fields(Config))


def _initial(environment: Mapping[str, str]) -> Config:
    """The settings that a process starts with. Warns of what is unknown or impossible."""
    settings = Config()
    _apply(settings, _from_file(environment), "the settings file")
    flags = environment.get("KERNELGRAPH_FLAGS", "").split(",")
    pairs = (flag.partition("=") for flag in flags if flag.strip())
    given = {name.strip(): value.strip() for name, _, value in pairs}
    _apply(settings, given, "KERNELGRAPH_FLAGS")
    return settings


def _apply(settings: Config, given: Mapping[str, Any], source: str) -> None:
    for name, value in given.items():
        try:
            setattr(settings, name, value)
        except SettingError as error:
            hint = f"; {error.hint}" if error.hint else ""
            warnings.warn(f"{source}: {error.message}{hint}", stacklevel=3)


def _from_file(environment: Mapping[str, str]) -> Mapping[str, Any]:
    named = environment.get("KERNELGRAPH_CONFIG")
    folder = environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    path = Path(named or os.path.join(folder, "kernelgraph.toml"))
    try:
        if not path.is_file():
            if named:
                warnings.warn(f"KERNELGRAPH_CONFIG: there is no file {named}", stacklevel=3)
            return {}
        import tomllib  # most people have no such file

        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        warnings.warn(f"cannot read settings from {path}: {error}", stacklevel=3)
        return {}


config = _initial(os.environ)
