"""Modes as Theano's programs make them: `Mode(linker="py", optimizer="fast_compile")`.

>>> Mode(linker="py", optimizer="stabilize").target
'interpret'
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kernelgraph.expect import expect_choice, expect_text
from kernelgraph.rewrite import modes
from kernelgraph.rewrite.rule import Rule
from kernelgraph.tensor.watching import NanGuardMode
from kernelgraph.theano.databases import optdb
from kernelgraph.theano.flags import flags

OPTIMIZERS = {
    "None": "None", "merge": "FAST_COMPILE", "fast_compile": "FAST_COMPILE", "o1": "FAST_COMPILE",
    "default": "FAST_RUN", "fast_run": "FAST_RUN", "o2": "FAST_RUN", "o3": "FAST_RUN",
    "o4": "FAST_RUN", "fast_run_stable": "FAST_RUN", "stabilize": "STABILIZE", "unsafe": "FAST_RUN",
}  # fmt: skip
"""Theano's names for sets of rewrites: ours."""

LINKERS = {
    "py": "interpret", "vm_nogc": None, "vm": None, "cvm": None, "cvm_nogc": None, "c": "c",
    "c|py": None, "c|py_nogc": None,
}  # fmt: skip
"""Theano's names for ways to run a graph: our targets; None is the usual one."""

_own: dict[str, modes.Mode] = {}


def Mode(linker: Any = None, optimizer: Any = "default") -> modes.Mode:  # noqa: N802 - as in Theano
    """A mode from the names of a linker and an optimizer, or from a rule. Raises `OptionError`."""
    runs = None if linker is None else LINKERS[expect_choice(linker, "linker", LINKERS)]
    if isinstance(optimizer, Rule):
        return modes.Mode(optimizer.name, (optimizer,), runs)
    name = expect_choice("None" if optimizer is None else optimizer, "optimizer", OPTIMIZERS)
    found = modes.get_mode(OPTIMIZERS[name])
    return modes.Mode(found.name, found.rules, runs, found.fuse)


def get_default_mode() -> modes.Mode:
    """The mode of functions that are made without one: that of `theano.config.mode`."""
    return get_mode(None)


def get_mode(mode: Any) -> modes.Mode:
    """A mode by Theano's name of it; None is the one that `theano.config.mode` names."""
    return _adjusted(_named(flags.mode)) if mode is None else _named(mode)


def _adjusted(found: modes.Mode) -> modes.Mode:
    """With the words of `optimizer_including`, `_excluding` and `_requiring`, between colons."""
    for setting in ("including", "excluding", "requiring"):
        words = getattr(flags, f"optimizer_{setting}").replace(":", " ").split()
        if words:
            found = getattr(found, setting)(*words)
    return found


def _named(name: Any) -> modes.Mode:
    if isinstance(name, str):
        if name in _own:
            return _own[name]
        if name in ("Mode", "ProfileMode"):
            found = Mode(flags.linker, flags.optimizer)
            return found if flags.optimizer != "None" else modes.NONE
        if name == "FAST_RUN":
            return modes.get_mode(None)
        if name == "NanGuardMode":
            asked = flags.NanGuardMode
            return NanGuardMode(
                asked.nan_is_error, asked.inf_is_error, asked.big_is_error, asked.action
            )
    return modes.get_mode(name)


def register_mode(name: str, mode: modes.Mode) -> None:
    """Have a mode known by a name, as `mode="my_mode"`."""
    _own[expect_text(name, "the name of a mode")] = mode


def _reversed(register: Any, tags: tuple[str, ...], name: str | None, rule: Any) -> Any:
    return register(rule, *tags, name=name)


def _registering(*tags: str) -> Callable[..., Any]:
    def register(rule: Any, *more: str, name: str | None = None) -> Any:
        """Have a rule used by the usual modes. With tags only, a decorator."""
        if isinstance(rule, str):
            return partial(_reversed, register, (rule, *more), name)
        optdb.register(name or rule.name, rule, "fast_run", *tags, *more)
        return rule

    return register


register_canonicalize = _registering("canonicalize")
register_stabilize = _registering("stabilize")
register_specialize = _registering("specialize")
