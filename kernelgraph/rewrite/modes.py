"""Modes: named sets of rules, and sets made from them by name.

>>> FAST_RUN.excluding("stabilize", "power_two").name
'FAST_RUN -stabilize -power_two'
>>> [rule.name for rule in STABILIZE.requiring("log_one_plus").rules]
['log_one_plus']
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from kernelgraph.errors import GraphError, capture_origins
from kernelgraph.rewrite.databases import optdb
from kernelgraph.rewrite.engine import DEFAULT
from kernelgraph.rewrite.rule import PHASES, Rule

THEANO = {
    "fast_run": PHASES, "fast_compile": ("merge", "fold"), "canonicalize": ("merge", "simplify"),
    "specialize": ("expand",), "constant_folding": ("fold",), "inplace": (), "fusion": (),
}  # fmt: skip
"""Theano's words for groups of rewrites, in phases of ours; what is empty here, planning does."""


@dataclass(frozen=True)
class Mode:
    """Which rules rewrite a graph, which back end runs it (None: that of `config.target`), and
    whether nodes may share loops (not after `excluding("fusion")`).

    `kg.function(…, mode=mode)`. Names are those of rules and of phases ("simplify", "stabilize"),
    and Theano's ("canonicalize").
    """

    name: str
    rules: tuple[Rule, ...]
    target: str | None = None
    fuse: bool = True

    def including(self, *names: str) -> Mode:
        """With these rules besides. Raises `GraphError` (KG-G008) for an unknown name."""
        _check_names(names, self)
        wanted = [rule for rule in DEFAULT if rule in self.rules or _is_named(rule, names)]
        own = [rule for rule in self.rules if rule not in DEFAULT]
        registered = [rule for rule in optdb.query(*names) if rule not in own]
        return self._with("+", names, [*wanted, *own, *registered])

    def excluding(self, *names: str) -> Mode:
        """Without these rules. Raises `GraphError` (KG-G008) for an unknown name."""
        _check_names(names, self)
        return self._with("-", names, [r for r in self.rules if not _is_named(r, names)])

    def requiring(self, *names: str) -> Mode:
        """These rules only. Raises `GraphError` (KG-G008) for an unknown name."""
        _check_names(names, self)
        return self._with("=", names, [r for r in self.rules if _is_named(r, names)])

    def with_rules(self, *rules: Rule) -> Mode:
        """With rules of your own besides, asked before ops are taken apart. Raises `GraphError`
        (KG-G008) for what is no rule.
        """
        for given in rules:
            if not isinstance(given, Rule):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise GraphError(
                    f"{given!r} is no rule",
                    code="KG-G008",
                    origins=capture_origins(),
                    hint="with_rules(my_rule, …); @kg.rule makes a function a rule",
                )
        return self._with("+", [rule.name for rule in rules], [*self.rules, *rules])

    def _with(self, sign: str, names: list[str] | tuple[str, ...], rules: list[Rule]) -> Mode:
        words = [self.name, *(f"{sign}{name}" for name in names)]
        fuse = self.fuse if "fusion" not in names else sign == "+"
        return Mode(" ".join(words), tuple(rules), self.target, fuse)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<mode {self.name}: {len(self.rules)} rules>"


def _is_named(rule: Rule, names: tuple[str, ...]) -> bool:
    phases = [phase for name in names for phase in THEANO.get(name, (name,))]
    return rule.phase in phases or rule.name in names or rule in optdb.query(*names)


def _check_names(names: tuple[Any, ...], mode: Mode) -> None:
    known = {r.name for r in (*DEFAULT, *mode.rules)} | set(PHASES) | set(THEANO)
    for name in names:
        if not isinstance(name, str) or (name not in known and name not in optdb):
            near = " or ".join(difflib.get_close_matches(str(name), sorted(known)))
            raise GraphError(
                f"no rule or phase is called {name!r}",
                code="KG-G008",
                origins=capture_origins(),
                hint=f"did you mean {near}?" if near else f"phases: {', '.join(PHASES)}",
            )


FAST_RUN = Mode("FAST_RUN", DEFAULT)
FAST_COMPILE = Mode("FAST_COMPILE", (), "interpret")
NONE = Mode("None", ())
STABILIZE = Mode(
    "STABILIZE",
    tuple(rule for rule in DEFAULT if rule.phase in ("merge", "fold", "stabilize", "expand")),
)

MODES = {mode.name: mode for mode in (FAST_RUN, FAST_COMPILE, STABILIZE, NONE)}


def get_mode(mode: Mode | str | None) -> Mode:
    """A mode by its name; None is FAST_RUN. Raises `GraphError` (KG-G008) for another name.

    Named modes have the rules of `optdb` besides that are registered under their name.
    """
    if isinstance(mode, Mode):
        return mode
    found = FAST_RUN if mode is None else next((m for m in MODES.values() if m.name == mode), None)
    if found is None:
        near = difflib.get_close_matches(f"{mode}".upper(), MODES)
        own = 'a mode with rules of yours: get_mode("FAST_RUN").with_rules(my_rule)'
        raise GraphError(
            f"no mode named {mode!r}; there are {', '.join(MODES)}",
            code="KG-G008",
            origins=capture_origins(),
            hint=f"did you mean {' or '.join(near)}?" if near else own,
        )
    registered = optdb.query(found.name.lower())
    return found.with_rules(*registered) if registered else found
