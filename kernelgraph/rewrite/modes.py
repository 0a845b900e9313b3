"""Modes: named sets of rules, and sets made from them by name.

>>> FAST_RUN.excluding("stabilize", "power_two").name
'FAST_RUN -stabilize -power_two'
>>> [rule.name for rule in STABILIZE.requiring("log_one_plus").rules]
['log_one_plus']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kernelgraph.errors import GraphError
from kernelgraph.expect import expect_flag, expect_kind, expect_list, expect_text, nearest, text_of
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import PHASES


class Vocabulary(Protocol):
    """Words for rules besides the names of rules and phases, such as the tags of a database."""

    @property
    def phases(self) -> Mapping[str, Sequence[str]]:
        """Words for phases."""
        ...

    def query(self, *names: str) -> Sequence[Rule]:
        """The rules that have one of these names as a tag."""
        ...


_vocabularies: list[Vocabulary] = []


def add_vocabulary(words: Vocabulary) -> None:
    """Have modes understand more words; named modes have the rules besides whose tag they are."""
    _vocabularies.append(words)


def _tagged(*names: str) -> list[Rule]:
    return [rule for words in _vocabularies for rule in words.query(*names)]


def _phases(name: str) -> Sequence[str]:
    """What a word means: phases, none for what planning does."""
    if name == "fusion":
        return ()
    found = (words.phases[name] for words in _vocabularies if name in words.phases)
    return next(found, (name,) if name in PHASES else ())


@dataclass(frozen=True)
class Mode:
    """Which rules rewrite a graph, which back end runs it (its name, or a target of your own; None:
    that of `config.target`), and whether nodes may share loops (not after `excluding("fusion")`).

    `kg.function(…, mode=mode)`. Names are those of rules and of phases ("simplify", "stabilize").
    """

    name: str
    rules: tuple[Rule, ...]
    target: Any = None
    fuse: bool = True

    def __post_init__(self) -> None:
        expect_text(self.name, "the name of a mode", 'kg.get_mode("FAST_RUN") is a mode')
        rules = expect_list(self.rules, "the rules of a mode", "rules")
        for one in rules:
            expect_kind(one, Rule, "a rule of a mode", "a rule", "@kg.rule makes one")
        object.__setattr__(self, "rules", tuple(rules))
        if self.target is not None and not hasattr(self.target, "build"):
            expect_text(self.target, "the target of a mode")
        expect_flag(self.fuse, "fuse")

    def including(self, *names: str) -> Mode:
        """With these rules besides. Raises `GraphError` (KG-G008) for an unknown name."""
        _check_names(names, self)
        wanted = [rule for rule in DEFAULT if rule in self.rules or _is_named(rule, names)]
        own = [rule for rule in self.rules if rule not in DEFAULT]
        registered = [rule for rule in _tagged(*names) if rule not in own]
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
        """With your own rules, asked before ops are taken apart. Raises `GraphError` (KG-G008)."""
        for given in rules:
            if not isinstance(given, Rule):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise GraphError(
                    f"{text_of(given)} is no rule",
                    code="KG-G008",
                    hint="with_rules(my_rule, …); @kg.rule makes a function a rule",
                )
        return self._with("+", [rule.name for rule in rules], [*self.rules, *rules])

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A mode of this package is its name."""
        if MODES.get(self.name) is self:
            return get_named, (self.name,)
        return Mode, (self.name, self.rules, self.target, self.fuse)

    def _with(self, sign: str, names: list[str] | tuple[str, ...], rules: list[Rule]) -> Mode:
        words = [self.name, *(f"{sign}{name}" for name in names)]
        fuse = self.fuse if "fusion" not in names else sign == "+"
        return Mode(" ".join(words), tuple(rules), self.target, fuse)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<mode {self.name}: {len(self.rules)} rules>"


def rules_of(given: Any, usual: Mode) -> Sequence[Rule]:
    """The rules that are asked for; None: those of a mode. Raises `ArgumentError`."""
    if given is None:
        return usual.rules
    rules = expect_list(given, "rules", "rules", "kg.get_mode(None).rules are the usual ones")
    return [expect_kind(one, Rule, "each of rules", "a rule") for one in rules]


def _is_named(rule: Rule, names: tuple[str, ...]) -> bool:
    phases = [phase for name in names for phase in _phases(name)]
    return rule.phase in phases or rule.name in names or rule in _tagged(*names)


def _check_names(names: tuple[Any, ...], mode: Mode) -> None:
    known = {r.name for r in (*DEFAULT, *mode.rules)} | {*PHASES, "fusion"}
    known.update(word for words in _vocabularies for word in words.phases)
    for name in names:
        if not isinstance(name, str) or (name not in known and not _tagged(name)):
            raise GraphError(
                f"no rule or phase is called {text_of(name)}",
                code="KG-G008",
                hint=nearest(name, sorted(known)) or f"phases: {', '.join(PHASES)}",
            )


FAST_RUN = Mode("FAST_RUN", DEFAULT)
FAST_COMPILE = Mode("FAST_COMPILE", (), "interpret")
NONE = Mode("None", ())
STABILIZE = Mode(
    "STABILIZE",
    tuple(rule for rule in DEFAULT if rule.phase in ("merge", "fold", "stabilize", "expand")),
)

MODES = {mode.name: mode for mode in (FAST_RUN, FAST_COMPILE, STABILIZE, NONE)}


_made: dict[str, Callable[[], Mode]] = {}


def add_mode(name: str, make: Callable[[], Mode]) -> None:
    """Have `get_mode` know one more name, of a mode that is made when it is asked for."""
    _made[name] = make


def get_named(name: str) -> Mode:
    """A mode of this package, with no rules that are registered besides."""
    return MODES[name]


def get_mode(mode: Mode | str | None) -> Mode:
    """A mode by its name; None is FAST_RUN. Raises `GraphError` (KG-G008) for another name.

    Named modes have the rules besides that are registered under their name.
    """
    if isinstance(mode, Mode):
        return mode
    if isinstance(mode, str) and mode in _made:
        return _made[mode]()
    named = MODES.get(mode) if isinstance(mode, str) else None
    found = FAST_RUN if mode is None else named
    if found is None:
        own = 'a mode with rules of yours: get_mode("FAST_RUN").with_rules(my_rule)'
        what = f"no mode named {text_of(mode)}; there are {', '.join([*MODES, *_made])}"
        raise GraphError(what, code="KG-G008", hint=nearest(mode, MODES) or own)
    registered = _tagged(found.name.lower())
    return found.with_rules(*registered) if registered else found
