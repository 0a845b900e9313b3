r"""Names as people read them, and as Python compares them.

A name is whatever a user typed: control characters, marks that turn the text around them, half a
character, a megabyte of text. Every text of this package that shows one passes here (`visible`,
`one_line`, `shortened`), and everything that looks one up compares it here (`same_name`).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

LONGEST_NAME = 80
"""How many characters of a name go into a message."""

LONGEST_LINE = 1_000
"""How many characters a line of a message has."""

MOST_NAMES = 40
"""How many names a message lists one after the other."""

MOST_LINES = 1_000
"""How many lines a text has that a value prints of itself."""

Item = TypeVar("Item")

# What a reader cannot see, or what turns the text around it: control characters (tab and newline
# are dealt with apart), marks that change the writing direction, zero-width characters, line
# separators, half characters (lone surrogates), code points that are no characters, and the
# invisible "tag" alphabet.
# The joiners U+200C and U+200D stay: Persian and the emoji of families need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""`text` with every unseen character replaced by a sign for it; tabs and newlines stay.

    >>> print(visible("a\x00b\u202ec\ud800"))
    a\x00b\u202ec\ud800
    """
    return _UNSEEN.sub(_sign, text)


def one_line(text: str) -> str:
    r"""`visible` text in which tabs and newlines are written as Python writes them.

    >>> print(one_line("one\ttwo\nthree"))
    one\ttwo\nthree
    """
    return visible(text).replace("\t", r"\t").replace("\n", r"\n")


def shortened(name: str, limit: int = LONGEST_NAME) -> str:
    """A name as messages show it: on one line, not too long, with nothing hidden in it."""
    return one_line(name if len(name) <= limit else f"{name[:limit]}…")


def quoted(name: object, limit: int = LONGEST_NAME) -> str:
    """What a user gave as a name, in quotes if it is one."""
    return f"'{shortened(name, limit)}'" if isinstance(name, str) else shortened(repr(name), limit)


def lines_cut(text: str) -> str:
    """`visible` text, no line of which is longer than messages have them."""
    text = visible(text)
    if len(text) <= LONGEST_LINE:
        return text
    cut = (
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
        for line in text.split("\n")
    )
    return "\n".join(cut)


def first_lines(text: str, most: int = MOST_LINES) -> str:
    """The first lines of a text, and how many more there are."""
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    return "\n".join([*lines[:most], f"… {len(lines) - most} more lines"])


def listed_names(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Names with commas between them, the first of many and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f", … {more} more" if more > 0 else "")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The word that is most like another, for the end of a sentence; nothing where none is.

    >>> did_you_mean("sofmax", ["softmax", "sum"])
    ' (did you mean softmax?)'
    """
    near = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def normal(name: str) -> str:
    r"""A name as Python has it once it is part of a program: in the form NFKC.

    >>> normal("\N{LATIN SMALL LIGATURE FI}t"), ascii(normal("\N{MICRO SIGN}"))
    ('fit', "'\\u03bc'")
    """
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def normal_keys(table: Any) -> Any:
    """A dict by names, with names as Python has them; anything else as it is."""
    if not isinstance(table, Mapping):
        return table
    known: Mapping[Any, Any] = table  # pyright: ignore[reportUnknownVariableType]
    return {normal(key) if isinstance(key, str) else key: known[key] for key in known}


def same_name(one: object, other: object) -> bool:
    """Whether two names are one to Python."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    return one == other or normal(one) == normal(other)


def called(name: object, items: Iterable[Item], name_of: Callable[[Item], object]) -> list[Item]:
    """The items of this name: as it is written, or else as Python compares names."""
    items = list(items)
    if not isinstance(name, str):
        return []
    exact = [item for item in items if name_of(item) == name]
    return exact or [item for item in items if same_name(name_of(item), name)]


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
