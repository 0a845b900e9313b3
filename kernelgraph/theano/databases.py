"""Databases of rules: what is registered under tags is found by tags. Modes know those of `optdb`.

>>> from kernelgraph.ops.functions import tanh
>>> from kernelgraph.theano.tuples import op_remove
>>> own = Database()
>>> own.register("no_tanh", op_remove(tanh), "fast_run", "of_mine")
>>> [rule.name for rule in own.query("of_mine")]
['remove_tanh']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kernelgraph.errors import RuleError
from kernelgraph.expect import came, expect_choice, expect_list, expect_number, expect_text
from kernelgraph.rewrite.modes import add_vocabulary
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.words import PHASES


class Database:
    """Rules by tags. Rules are asked in the order of their positions, then of registration."""

    def __init__(
        self, name: str = "own rules", phases: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        self.name = name
        self.phases = phases
        self._entries: dict[str, tuple[float, Rule, frozenset[str]]] = {}

    def register(self, name: str, entry: Rule, *tags: str | float, position: float = 50) -> None:
        """Remember a rule under its name and tags.

        A number among the tags is the position, as Theano has it. Raises `RuleError` for a name
        that is taken, and for what is no rule.
        """
        if not isinstance(name, str) or not isinstance(entry, Rule):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RuleError(
                f"{self.name} keeps rules under names, not {came(entry)} under {came(name)}",
                hint='register("my_rule", my_rule, "fast_run"); @kg.rule makes a function a rule',
            )
        if name in self._entries:
            raise RuleError(
                f"{self.name} has a rule {name!r} already",
                hint=f"take it out first: {self.name}.remove({name!r})",
            )
        words = frozenset(tag for tag in tags if isinstance(tag, str))
        numbers = [
            expect_number(tag, "a tag that is no text, the position,")
            for tag in tags
            if not isinstance(tag, str)
        ]
        where = numbers[0] if numbers else expect_number(position, "position")
        self._entries[name] = (where, entry, words | {name, entry.name})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return "optdb" if self is optdb else super().__reduce_ex__(protocol)

    def remove(self, name: str) -> None:
        """Forget a rule. Raises `OptionError` for a name that is not there."""
        del self._entries[expect_choice(name, f"a rule of {self.name}", self._entries)]

    def query(
        self, *include: str, exclude: Sequence[str] = (), require: Sequence[str] = ()
    ) -> tuple[Rule, ...]:
        """The rules that have one of `include`, all of `require` and none of `exclude`."""
        wanted = {expect_text(tag, "a tag") for tag in include}
        needed = {expect_text(tag, "a tag") for tag in expect_list(require, "require", "tags")}
        unwanted = {expect_text(tag, "a tag") for tag in expect_list(exclude, "exclude", "tags")}
        found = [
            (position, entry)
            for position, entry, tags in self._entries.values()
            if tags & wanted and tags >= needed and not tags & unwanted
        ]
        return tuple(entry for _, entry in sorted(found, key=lambda pair: pair[0]))

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{self.name}: {', '.join(self._entries) or 'no rules'}>"


PHASES_OF = {
    "fast_run": PHASES, "fast_compile": ("merge", "fold"), "canonicalize": ("merge", "simplify"),
    "specialize": ("expand",), "constant_folding": ("fold",), "inplace": (),
}  # fmt: skip
"""Theano's words for groups of rewrites, in phases of ours; what is empty here, planning does."""

optdb = Database("optdb", PHASES_OF)
"""Rules that named modes have besides: those registered as "fast_run" or "fast_compile"."""

add_vocabulary(optdb)
