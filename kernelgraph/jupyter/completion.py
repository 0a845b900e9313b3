"""What Tab offers behind a magic: its options, and the words that an option takes.

The line up to the cursor comes in, words go out; IPython picks those that continue what stands
there. Options are read from the magic itself, so that none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernelgraph.jupyter.options import SHOWN
from kernelgraph.jupyter.signature import (
    CONSTRUCTORS,
    SignatureError,
    parse_signature,
    split_options,
)
from kernelgraph.rewrite.modes import MODES
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import PHASES
from kernelgraph.viz.kernels.languages import TITLES


def install(shell: Any) -> None:
    """Have Tab offer the options of every magic of ours that the shell has."""
    for kind, sign in (("cell", "%%"), ("line", "%")):
        magics: dict[str, Any] = shell.magics_manager.magics[kind]
        for name, magic in magics.items():
            is_ours = name.startswith("sym") or name == "cuda"
            if is_ours and hasattr(magic, "parser"):
                shell.set_hook("complete_command", Completer(magic), str_key=sign + name)


class Completer:
    """Offers what may follow on a line of one magic."""

    def __init__(self, magic: Any) -> None:
        parser: Any = magic.parser
        self.choices: Mapping[str, list[str]] = {
            option: list(action.choices or ())
            for action in parser._actions
            for option in action.option_strings
        }

    def __call__(self, shell: Any, event: Any) -> list[str]:
        """What IPython asks; `event.text_until_cursor` ends at the cursor."""
        names: dict[str, Any] = shell.user_ns
        line: str = event.text_until_cursor
        return self.offered(line.partition(" ")[2], names)

    def offered(self, line: str, names: Mapping[str, Any]) -> list[str]:
        """The words that may continue a line of the magic, of which `line` is there already."""
        head, options = split_options(line)
        words = options.split(" ")
        option = next((w for w in reversed(words[:-1]) if w.startswith("--") or w == "-o"), "")
        follows = len(words) > 1 and (words[-2] == option or words[-2].endswith(","))
        values = self._values(option, head)
        if values and follows:
            return values
        if option == "--mode":
            return [*values, *self.choices]
        return [*self.choices, *([] if options else self._heads(names))]

    def _heads(self, names: Mapping[str, Any]) -> list[str]:
        """What stands before all options: types of a signature, or names of the notebook."""
        if "--mode" in self.choices:
            return list(CONSTRUCTORS)
        return [name for name in names if not name.startswith("_")]

    def _values(self, option: str, head: str) -> list[str]:
        match option:
            case "--show":
                return list(SHOWN)
            case "--mode":
                known = [*PHASES, *(rule.name for rule in DEFAULT)]
                return [*MODES, *(f"{sign}{name}" for name in known for sign in "-+=")]
            case "--grad":
                return _parameters(head)
            case "--language":
                return list(TITLES)
            case _:
                return self.choices.get(option, [])


def _parameters(head: str) -> list[str]:
    try:
        return [parameter.name for parameter in parse_signature(head).parameters]
    except SignatureError:
        return []
