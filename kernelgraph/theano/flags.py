"""Theano's settings: `THEANO_FLAGS`, `.theanorc` and `theano.config`, as far as they mean something
here.

`theano.config.floatX` is `kernelgraph.config.floatX`. What only says how Theano was to compile is
kept and read again, and changes nothing; `mode` is that of functions that are made without one.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any

from kernelgraph.config import Changed, config
from kernelgraph.errors import SettingError
from kernelgraph.expect import expect_table, nearest

KNOWN = (
    "floatX", "cast_policy", "on_unused_input", "compute_test_value", "on_opt_error",
    "exception_verbosity",
)  # fmt: skip
"""Settings that are ours as well."""

KEPT: Mapping[str, Any] = {
    "mode": "Mode", "device": "cpu", "optimizer": "fast_run", "linker": "cvm", "cxx": "g++",
    "openmp": False, "allow_gc": True, "force_device": False, "init_gpu_device": "",
    "print_active_device": True, "optimizer_including": "", "optimizer_excluding": "",
    "optimizer_requiring": "", "optimizer_verbose": False, "profile": False,
    "profile_memory": False, "profile_optimizer": False, "int_division": "int",
    "warn_float64": "ignore", "print_test_value": False, "compute_test_value_opt": "off",
    "on_shape_error": "warn", "base_compiledir": "", "compiledir": "", "compile.timeout": 300,
    "compile.wait": 5, "cmodule.preload_cache": False, "gcc.cxxflags": "", "blas.ldflags": "",
    "traceback.limit": 8, "scan.allow_gc": False, "scan.allow_output_prealloc": True,
    "numpy.seterr_all": "ignore", "NanGuardMode.nan_is_error": True,
    "NanGuardMode.inf_is_error": True, "NanGuardMode.big_is_error": True,
    "NanGuardMode.action": "raise", "DebugMode.check_c": True, "DebugMode.check_py": True,
    "DebugMode.check_finite": True, "DebugMode.patience": 10, "dnn.enabled": "auto",
    "unittests.rseed": 666, "warn.ignore_bug_before": "0.9", "deterministic": "default",
    "cycle_detection": "regular", "check_stack_trace": "off", "metaopt.verbose": 0,
    "reoptimize_unpickled_function": True, "unpickle_function": True, "pickle_test_value": True,
}  # fmt: skip
"""Settings of Theano's that are kept, with its defaults."""

MEANT = (
    "device", "int_division", "warn_float64", "print_test_value", "compute_test_value_opt",
    "on_shape_error",
    "numpy.seterr_all", "profile", "profile_memory", "profile_optimizer", "optimizer_verbose",
    "DebugMode.check_c", "DebugMode.check_py", "DebugMode.check_finite", "DebugMode.patience",
)  # fmt: skip
"""Those of them that ask for something which does not happen here: who changes one is warned."""


class Flags:
    """`theano.config`: settings as attributes, those with a dot in sections:
    `theano.config.blas.ldflags`.
    """

    def __init__(self, prefix: str = "", kept: dict[str, Any] | None = None) -> None:
        object.__setattr__(self, "_prefix", prefix)
        object.__setattr__(self, "_kept", dict(KEPT) if kept is None else kept)

    def __getattr__(self, name: str) -> Any:
        full = self._prefix + name
        if full in KNOWN:
            return getattr(config, full)
        if full in self._kept:
            return self._kept[full]
        if any(key.startswith(f"{full}.") for key in self._kept):
            return Flags(f"{full}.", self._kept)
        if full.startswith("__"):
            raise AttributeError(full)
        raise _unknown(full)

    def __setattr__(self, name: str, value: Any) -> None:
        full = self._prefix + name
        if full in KNOWN:
            setattr(config, full, value)
        elif full in self._kept:
            if full in MEANT and value != KEPT[full]:
                warnings.warn(f"theano.config.{full} changes nothing here", stacklevel=2)
            self._kept[full] = value
        else:
            raise _unknown(full)

    def __dir__(self) -> list[str]:
        names = [key for key in (*KNOWN, *self._kept) if key.startswith(self._prefix)]
        return sorted({key.removeprefix(self._prefix).partition(".")[0] for key in names})

    def reset(self) -> None:
        """Go back to the defaults of what is kept."""
        self._kept.update(KEPT)

    def change_flags(self, flags: Mapping[str, Any] | None = None, **more: Any) -> Changed:
        """Change settings in a block, or in all calls of a function that it decorates."""
        table = expect_table(flags, "flags", "values by the name of a setting")
        return Changed(_Dotted(self), {**table, **more})


class _Dotted:
    """Settings by their whole names, `blas.ldflags`, as attributes."""

    def __init__(self, flags: Flags) -> None:
        object.__setattr__(self, "_flags", flags)

    def __getattr__(self, name: str) -> Any:
        found = self._flags
        for part in name.split("."):
            found = getattr(found, part)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        section, _, last = name.rpartition(".")
        setattr(getattr(self, section) if section else self._flags, last, value)


def _unknown(name: str) -> SettingError:
    hint = nearest(name, [*KNOWN, *KEPT])
    return SettingError(f"theano.config has no {name!r} here", hint=hint)


flags = Flags()
change_flags = flags.change_flags


def apply_flags() -> None:
    """Begin with Theano's defaults, then read both sources; what the environment says stands above
    the files. Warns of settings that mean nothing here, and of values that are not possible.
    """
    flags.reset()
    found = {**_from_files(), **_from_environment(os.environ.get("THEANO_FLAGS", ""))}
    ours = _from_environment(os.environ.get("KERNELGRAPH_FLAGS", ""))
    unknown: list[str] = []
    for name, value in found.items():
        if name in ours:
            continue
        if name not in (*KNOWN, *KEPT):
            unknown.append(f"{name}{_meant(name)}")
            continue
        try:
            setattr(_Dotted(flags), name, _read(value, KEPT.get(name)))
        except SettingError as error:
            warnings.warn(f"Theano's flags: {error.message}", stacklevel=3)
    if unknown:
        warnings.warn(
            f"Theano's flags: {', '.join(unknown)} mean nothing to kernelgraph", stacklevel=3
        )


def _meant(name: str) -> str:
    near = nearest(name, [*KNOWN, *KEPT])
    return f" ({near})" if near else ""


def _read(text: str, default: Any) -> Any:
    """A setting as it is written, of the type of its default."""
    if isinstance(default, bool):
        return text.lower() in ("true", "1", "yes")
    return int(text) if isinstance(default, int) and text.lstrip("-").isdigit() else text


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
