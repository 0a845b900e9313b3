"""How much of a large graph a view writes: the one place for these numbers.

A text comes in, its first lines go out, and below them a line that says how many are missing and
what writes them all. Views of small graphs never come here; those of large ones stay some hundreds
of kilobytes, so that notebooks can be saved and terminals scrolled.
"""

from __future__ import annotations

from collections.abc import Iterable

PLAIN_LINES = 98
"""Lines of the plain text that a notebook saves; `print` writes more of them."""

PART_LINES = 500
"""Lines of one part of a text that shows several."""

PART_CHARACTERS = 50_000
"""Characters of such a part."""

VIEW_BYTES = 900_000
"""Bytes of a view of several sections; those that do not fit are left out, which is said."""

SOURCE_BYTES = 300_000
"""Bytes of the lines of a source beside its graph: those that can be chosen, then the others."""

ROWS = 200
"""Rows of a table."""


def first_lines(
    lines: Iterable[str], whole: str, most: int = PART_LINES, characters: int | None = None
) -> list[str]:
    """The first of the lines, `most` of them and no more than `characters`; `whole` says what
    writes all of them.

    >>> first_lines("abcde", "print(f) writes them all", most=3)
    ['a', 'b', 'c', '… 2 more lines; print(f) writes them all']
    """
    lines, shown, room = list(lines), 0, characters
    for line in lines[:most]:
        if room is not None:
            room -= len(line) + 1
            if room < 0:
                break
        shown += 1
    more = len(lines) - shown
    if not more:
        return lines
    return [*lines[:shown], f"… {more} more {'line' if more == 1 else 'lines'}; {whole}"]
