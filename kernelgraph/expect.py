"""What arguments must be: one function for each kind, used by everything that people call.

An argument comes in with the words that name it ("axis", "the name of a function") and goes out in
the form that the code behind it reads. Anything else is an `ArgumentError` that says what was
expected, what came, and where.
"""

# What arguments are is what this module finds out.
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import inspect
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kernelgraph import names
from kernelgraph.errors import ArgumentError, Detail, FileError, KernelgraphError, OptionError
from kernelgraph.names import LONGEST_NAME

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

_short = reprlib.Repr()
_short.maxlevel = 3
_short.maxstring = _short.maxlong = 40
_short.maxother = LONGEST_NAME


def shortened(name: Any) -> str:
    """A name as messages show it."""
    return names.shortened(name) if isinstance(name, str) else came(name)


def came(value: Any) -> str:
    """What a value is, in a few words. Nothing that the value does can make this fail.

    >>> came(None), came([1, 2]), came(len), came(iter([]))
    ('None', 'the list [1, 2]', 'the function len', 'a list_iterator')
    """
    match value:
        case None | bool() | int() | float() | complex() | str() | bytes():
            return text_of(value)
        case type() | ModuleType():
            kind = "class" if isinstance(value, type) else "module"
            return f"the {kind} {text_of(getattr(value, '__name__', ''))[1:-1]}"
        case np.ndarray():
            return f"an array of dtype {value.dtype} and shape {value.shape}"
        case list() | tuple() | dict() | set() | frozenset() | range() | slice():
            return f"the {_class(value)} {text_of(value)}"
        case _:
            return _object(value)


def _object(value: Any) -> str:
    if hasattr(type(value), "tensor_type"):
        return f"the symbol {text_of(value)} ({names.shortened(str(value.type))})"
    if inspect.isroutine(value):
        return f"the function {value.__name__}"
    name = _class(value)
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _class(value: object) -> str:
    return type(value).__name__


def text_of(value: Any) -> str:
    """The text of a value, short and safe to print; of a number with thousands of digits, how many
    bits it has.
    """
    try:
        text = _short.repr(value)
    except Exception:
        bits = isinstance(value, int)
        return f"an integer of {value.bit_length()} bits" if bits else f"<{type(value).__name__}>"
    return names.shortened(text)


def unfit(
    what: str,
    wanted: str,
    value: Any,
    hint: Detail = None,
    kind: type[KernelgraphError] = ArgumentError,
) -> KernelgraphError:
    """The error for an argument that is not what it must be."""
    return kind(f"{what} must be {wanted}, not {came(value)}", hint=hint)


def expect_kind(
    value: Any, kind: type[T] | tuple[type[T], ...], what: str, wanted: str, hint: Detail = None
) -> T:
    """An object of a class, or of one of several. Raises `ArgumentError`."""
    if not isinstance(value, kind):
        raise unfit(what, wanted, value, hint)
    return value


def expect_flag(value: Any, what: str) -> bool:
    """True or False, also as NumPy has them, and 1 or 0. Raises `ArgumentError`.

    >>> expect_flag(1, "keepdims")
    True
    """
    if isinstance(value, bool | np.bool_) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise unfit(what, "True or False", value)


def expect_downcast(value: Any, what: str) -> bool | None:
    """Whether values may lose digits; None: Python's floats alone. Raises `ArgumentError`."""
    return None if value is None else expect_flag(value, what)


def expect_integer(value: Any, what: str, least: int | None = None, most: int | None = None) -> int:
    """A whole number of Python or NumPy, within bounds.

    Raises `ArgumentError`; `OptionError` for one out of bounds.
    """
    wanted = "an integer"
    if least is not None:
        wanted += f" of at least {least}" if most is None else f" from {least} to {most}"
    elif most is not None:
        wanted += f" of at most {most}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise unfit(what, wanted, value)
    found = int(value)
    if (least is not None and found < least) or (most is not None and found > most):
        raise unfit(what, wanted, found, kind=OptionError)
    return found


def expect_number(value: Any, what: str, least: float | None = None) -> float:
    """A real number that is finite. Raises `ArgumentError`; `OptionError` for one out of bounds."""
    wanted = "a number" if least is None else f"a number of at least {least:g}"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise unfit(what, wanted, value)
    try:
        found = float(value)
    except OverflowError:
        raise unfit(what, wanted, value, kind=OptionError) from None
    if not np.isfinite(found) or (least is not None and found < least):
        raise unfit(what, wanted, value, kind=OptionError)
    return found


def expect_text(value: Any, what: str, hint: Detail = None) -> str:
    """A text. Raises `ArgumentError`."""
    return expect_kind(value, str, what, "a text", hint)


def expect_name(value: Any, what: str) -> str | None:
    """A name, or None. Raises `ArgumentError`."""
    if value is not None and not isinstance(value, str):
        raise unfit(what, "a text or None", value)
    return value


def expect_choice(
    value: Any, what: str, choices: Iterable[str], kind: type[OptionError] = OptionError
) -> str:
    """One of several words. Raises `OptionError`, which names the nearest ones.

    >>> expect_choice("ignore", "on_unused_input", ("raise", "warn", "ignore"))
    'ignore'
    """
    words = list(choices)
    if isinstance(value, str) and value in words:
        return value
    wanted = f"one of {', '.join(map(repr, words))}"
    raise unfit(what, wanted, value, nearest(value, words), kind)


def nearest(word: Any, words: Iterable[str]) -> str | None:
    """A hint that names the words most like one; None where none is.

    >>> nearest("sofmax", ["softmax", "sum"])
    'did you mean softmax?'
    """
    if not isinstance(word, str) or len(word) > LONGEST_NAME:
        return None
    known = {each.lower(): each for each in words}
    import difflib  # slow to import, and only mistakes need it

    near = difflib.get_close_matches(word.lower(), known, cutoff=0.6)
    return f"did you mean {' or '.join(known[each] for each in near)}?" if near else None


def expect_list(value: Any, what: str, wanted: str, hint: Detail = None) -> list[Any]:
    """The items of a list or tuple. Raises `ArgumentError`: a set has no order, and an iterator is
    used up by looking.
    """
    if not isinstance(value, list | tuple):
        raise unfit(what, f"a list of {wanted}", value, hint)
    return list(value)


def expect_pairs(value: Any, what: str, wanted: str) -> list[tuple[Any, Any]]:
    """The pairs of a dict, or of a list of pairs; none for None. Raises `ArgumentError`."""
    table: Any = [] if value is None else value
    items: Any = list(table.items()) if isinstance(value, Mapping) else table
    if not isinstance(items, list | tuple):
        raise unfit(what, f"a dict or a list of pairs ({wanted})", value)
    pairs: list[Any] = list(items)
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise unfit(f"each item of {what}", f"one of pairs ({wanted})", pair)
    return [(first, second) for first, second in pairs]


def expect_table(value: Any, what: str, wanted: str) -> dict[Any, Any]:
    """A dict; an empty one for None. Raises `ArgumentError`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise unfit(what, f"a dict of {wanted}", value)
    return dict(value)


def expect_function(value: Any, what: str, hint: Detail = None) -> Callable[..., Any]:
    """Something that can be called. Raises `ArgumentError`."""
    if not callable(value):
        raise unfit(what, "a function", value, hint)
    return value


def expect_arity(function: Callable[..., Any], arguments: Sequence[str], what: str) -> None:
    """A function that takes so many arguments. Raises `ArgumentError`, which says what they are."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some of C have none
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        given = ", ".join(arguments) or "nothing"
        name = shortened(getattr(function, "__name__", type(function).__name__))
        raise ArgumentError(
            f"{what} is called with {len(arguments)} arguments ({given}), "
            f"but its signature is {name}{signature}"
        ) from None


def expect_path(value: Any, what: str) -> Path:
    """The name of a file. Raises `ArgumentError`."""
    if not isinstance(value, str | os.PathLike):
        raise unfit(what, "a text or a path", value)
    name = os.fspath(value)
    if not isinstance(name, str) or "\0" in name:
        raise unfit(what, "a text without zero bytes", value)
    from pathlib import Path  # slow to import, and few programs write files

    return Path(name)


def expect_file(value: Any, endings: Sequence[str]) -> Path:
    """Where to write a file that has one of these endings. Raises `ArgumentError` for what is no
    name, `OptionError` for another ending.
    """
    path = expect_path(value, "the name of a file")
    if path.suffix not in endings:
        listed = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise OptionError(f"the name must end in {listed}: {text_of(str(path))}")
    return path


def write_file(path: Path, content: str | bytes) -> None:
    """Write a text, with what no encoding has spelled out, or bytes. Raises `FileError`."""
    is_text = isinstance(content, str)
    data = content.encode("utf-8", "backslashreplace") if is_text else content
    try:
        path.write_bytes(data)
    except (OSError, UnicodeEncodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file can be called so"
        raise FileError(f"cannot write {shortened(str(path))}: {why}") from error
