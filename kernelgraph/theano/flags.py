"""Theano's settings: `THEANO_FLAGS` and `.theanorc`, as far as they mean something here."""

from __future__ import annotations

import os
import warnings
from configparser import ConfigParser, Error
from pathlib import Path

from kernelgraph.config import config
from kernelgraph.errors import SettingError

KNOWN = ("floatX", "cast_policy", "on_unused_input", "compute_test_value")
"""Settings that are ours as well."""

HARMLESS = ("mode", "device", "optimizer", "linker", "cxx", "openmp", "allow_gc")
"""Settings that ask for what is done anyway, or for what no result depends on."""


def apply_flags() -> None:
    """Read both sources; what the environment says stands above the files. Warns of settings that
    mean nothing here, and of values that are not possible.
    """
    found = {**_from_files(), **_from_environment(os.environ.get("THEANO_FLAGS", ""))}
    ours = _from_environment(os.environ.get("KERNELGRAPH_FLAGS", ""))
    unknown: list[str] = []
    for name, value in found.items():
        if name in KNOWN and name not in ours:
            try:
                setattr(config, name, value)
            except SettingError as error:
                warnings.warn(f"Theano's flags: {error.message}", stacklevel=3)
        elif name not in (*KNOWN, *HARMLESS):
            unknown.append(name)
    if unknown:
        warnings.warn(
            f"Theano's flags: {', '.join(unknown)} mean nothing to kernelgraph", stacklevel=3
        )


def _from_environment(flags: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in flags.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _from_files() -> dict[str, str]:
    """`name = value` under [global], `section.name` under another heading; later files win."""
    paths = os.environ.get("THEANORC", "").split(os.pathsep)
    files = [Path(path) for path in paths if path] or [Path.home() / ".theanorc"]
    found: dict[str, str] = {}
    for file in files:
        parser = ConfigParser(interpolation=None)
        parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
        try:
            parser.read(file, encoding="utf-8")
        except (Error, UnicodeDecodeError) as error:
            warnings.warn(f"cannot read {file}: {error}", stacklevel=4)
            continue
        for section in parser.sections():
            prefix = "" if section == "global" else f"{section}."
            found.update({prefix + name: value for name, value in parser.items(section)})
    return found
