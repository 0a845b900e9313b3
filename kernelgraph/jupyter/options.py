"""What stands behind the signature of a `%%symfunc` line, read: names, modes and views.

Every option is a keyword of `kg.function` or `kg.explain` in another spelling; docs/MAGICS.md has
the table.
"""

from __future__ import annotations

import builtins
import difflib
import keyword
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from kernelgraph.names import did_you_mean, normal
from kernelgraph.rewrite.modes import Mode, get_mode
from kernelgraph.viz.explanation import PARTS, parse_parts

TARGETS = ("c", "cuda", "cuda-sim", "cuda-check", "python", "interpret")

OWN = "function"
"""What `--show` calls the function's own display, which is that of the cell's value."""

NOTHING = "none"

SHOWN = (*PARTS, "all", OWN, NOTHING)
"""The words of `--show`."""


class OptionError(ValueError):
    """An option that cannot be followed; the message is one line."""


@dataclass(frozen=True)
class Show:
    """What a cell shows of its function: parts of an explanation, and its own display or not."""

    parts: tuple[str, ...] = ()
    own: bool = True


def check_options(words: Sequence[str], known: Sequence[str]) -> None:
    """Raises `OptionError` for an option that is not there, with those that are most like it."""
    for word in words:
        name = word.partition("=")[0]
        is_short = any(option.startswith(name) for option in known)
        if word[:2] == "--" and len(name) > 2 and not is_short:
            options = [option for option in known if option[:2] == "--"]
            near = difflib.get_close_matches(name, options, n=2, cutoff=0.5)
            meant = f" (did you mean {' or '.join(near)}?)" if near else ""
            raise OptionError(
                f"unrecognized arguments: {name}{meant}; there are {', '.join(options)}"
            )


def read_show(text: str) -> Show:
    """The words of `--show`, separated by commas. Raises `OptionError`.

    >>> read_show("steps, graph")
    Show(parts=('graph', 'steps'), own=False)
    >>> read_show("none")
    Show(parts=(), own=False)
    """
    words = [word for part in text.split(",") if (word := part.strip().lower())]
    if not words:
        raise OptionError(f"--show needs one of {', '.join(SHOWN)}")
    for word in words:
        if word not in SHOWN:
            raise OptionError(
                f"--show {word}: there is no such view{did_you_mean(word, SHOWN)}; "
                f"there are {', '.join(SHOWN)}"
            )
    if NOTHING in words and len(words) > 1:
        raise OptionError("--show none stands alone")
    parts = parse_parts(None if "all" in words else [word for word in words if word in PARTS])
    return Show(parts, OWN in words)


def read_names(option: str, text: str) -> tuple[str, ...]:
    """Names separated by commas. Raises `OptionError` for what is no name."""
    words = [normal(word) for part in text.split(",") if (word := part.strip())]
    for word in words:
        if not is_name(word):
            raise OptionError(f"{option} {word}: that is no name")
    if not words:
        raise OptionError(f"{option} needs a name")
    return tuple(dict.fromkeys(words))


def is_name(word: str) -> bool:
    """Whether a value can be bound to this word."""
    return word.isidentifier() and not keyword.iskeyword(word)


def is_builtin(name: str) -> bool:
    """Whether Python itself calls something so."""
    return hasattr(builtins, name)


# Modes -------------------------------------------------------------------------------------------


_SIGNS = {"-": "excluding", "+": "including", "=": "requiring"}
"""The method of a mode behind each sign."""


def read_mode(text: str) -> Mode:
    """A mode as modes write themselves: a name, then `-rule`, `+rule` or `=rule`.

    Words are separated by spaces or commas; without a name, the usual mode is meant. Raises
    `GraphError` for a mode, a rule or a phase that does not exist.

    >>> read_mode("FAST_RUN -stabilize").name
    'FAST_RUN -stabilize'
    >>> read_mode("-stabilize, -times_one").name
    'FAST_RUN -stabilize -times_one'
    """
    words = text.replace(",", " ").split()
    name = words.pop(0) if words and words[0][0] not in _SIGNS else None
    mode = get_mode(name)
    for word in words:
        if word[0] not in _SIGNS:
            raise OptionError(f"--mode {text}: a rule has a sign before it, as in -{word}")
        mode = getattr(mode, _SIGNS[word[0]])(word[1:])
    return mode


def mode_program(text: str, package: str = "kg") -> str:
    """The same mode as an expression of Python, for a reader who calls the package so.

    >>> mode_program("FAST_RUN -stabilize,-times_one")
    'kg.get_mode("FAST_RUN").excluding("stabilize").excluding("times_one")'
    """
    words = text.replace(",", " ").split()
    name = f'"{words.pop(0)}"' if words and words[0][0] not in _SIGNS else "None"
    changes = [f'.{_SIGNS[word[0]]}("{word[1:]}")' for word in words]
    return "".join([f"{package}.get_mode({name})", *changes])


def joined_mode(options: str, known: Sequence[str]) -> list[str]:
    """The words of a line of options, with those of `--mode` as one word.

    Without this, `--mode FAST_RUN -stabilize` would ask for an option called -stabilize. Raises
    ValueError for quotes that do not close.

    >>> joined_mode("--mode FAST_RUN -stabilize -q", ["--mode", "-q"])
    ['--mode=FAST_RUN -stabilize', '-q']
    """
    found: list[str] = []
    inside = False
    for word in shlex.split(options):
        name = word.partition("=")[0]
        if name == "--mode":
            inside = True
        elif inside and name not in known and word[:2] != "--":
            inside = found[-1] == "--mode" or word[:1] in _SIGNS
        else:
            inside = False
        if inside and name != "--mode":
            found[-1] += f"={word}" if found[-1] == "--mode" else f" {word}"
        else:
            found.append(word)
    return found
