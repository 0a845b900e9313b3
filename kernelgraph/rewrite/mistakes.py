"""Mistakes in rules, found when they are defined: each is told with the rule's name and line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kernelgraph.errors import RuleError
from kernelgraph.expect import text_of
from kernelgraph.op import Op
from kernelgraph.rewrite.words import DOMAINS, PHASES

_STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def wrong(function: Callable[..., Any], message: str, hint: str | None = None) -> RuleError:
    """The error that says what is wrong with the rule of a function, at its line."""
    place = (function.__code__, 0)
    return RuleError(f"rule {function.__name__}{message}", origins=(place,), hint=hint)


def check_definition(function: Any) -> list[str]:
    """The wildcards of a rule: its function's parameters.

    Raises `RuleError` for what is no function, and for parameters that are not plain names.
    """
    if not inspect.isfunction(function):
        what = f"a rule is made of a function, not of {text_of(function)}"
        raise RuleError(what, hint='what it changes is given by name: @rule(changes="rounding")')
    if _is_plain(function):
        return parameters_of(function)
    parameters = inspect.signature(function).parameters.values()
    for one in parameters:
        if one.kind not in _PLAIN or one.default is not one.empty:
            hint = "write plain names, with no star and no default"
            raise wrong(function, f": its parameter {one.name} is no wildcard", hint)
    return [one.name for one in parameters]


def parameters_of(function: Any) -> list[str]:
    """The names of a function's parameters."""
    if _is_plain(function):  # what `inspect` says, but sooner
        return list(function.__code__.co_varnames[: function.__code__.co_argcount])
    return list(inspect.signature(function).parameters)


def _is_plain(function: Any) -> bool:
    """Whether it is a function of plain names, and neither wraps another nor says so of itself."""
    if not inspect.isfunction(function) or function.__defaults__ or vars(function):
        return False
    code = function.__code__
    return not (code.co_kwonlyargcount or code.co_flags & _STARS)


def check_computed(function: Any, on: Any, factor: Any, divisor: Any, examples: Any) -> bool:
    """Whether the function of a computed rule takes a graph besides the node.

    Raises `RuleError` for one that takes something else, and for lists that are not of what they
    must be.
    """
    count = len(check_definition(function))
    if count not in (1, 2):
        raise wrong(function, f" takes {count} arguments", "a node, or a node and its graph")
    for name, ops in (("on", on), ("factor", factor), ("divisor", divisor)):
        for op in _listed(function, name, ops):
            if not isinstance(op, Op) and not (isinstance(op, type) and issubclass(op, Op)):
                hint = "name ops, or classes of ops"
                raise wrong(function, f": {name}={text_of(op)} is no op", hint)
    check_examples(function, examples)
    return count == 2


def check_examples(function: Callable[..., Any], examples: Any) -> None:
    """Raises `RuleError` for examples that are not a list of functions."""
    for example in _listed(function, "examples", examples):
        if not callable(example):
            hint = "an example builds both sides: lambda x: (exp(x), x)"
            raise wrong(function, f": its example {text_of(example)} is no function", hint)


def _listed(function: Any, name: str, value: Any) -> Iterable[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise wrong(function, f": {name}={text_of(value)} is no list", f"write {name}=[…]")
    return value  # pyright: ignore[reportUnknownVariableType]


def check_options(
    function: Callable[..., Any], holes: Iterable[str], phase: Any, changes: Any, when: Any,
    where: Any,
) -> None:  # fmt: skip
    """Raises `RuleError` for wrong options; `where` has domains by wildcard, in known words."""
    if not isinstance(phase, str) or phase not in PHASES:
        hint = f"there are {', '.join(PHASES)}"
        raise wrong(function, f": no phase is called {text_of(phase)}", hint)
    if changes is not None and not isinstance(changes, str):
        hint = 'write changes="rounding"'
        raise wrong(function, f": changes={text_of(changes)} is no text", hint)
    if when is not None and not callable(when):
        hint = "write a function of the match that returns whether it counts"
        raise wrong(function, f": when={text_of(when)} is no function", hint)
    if where is None:
        return
    if not isinstance(where, Mapping):
        hint = 'write where={"x": "positive"}'
        raise wrong(function, f": where={text_of(where)} is no dict", hint)
    domains: Mapping[Any, Any] = where  # pyright: ignore[reportUnknownVariableType]
    known = set(holes)
    for hole, words in domains.items():
        if hole not in known:
            hint = f"its wildcards are {', '.join(sorted(known))}"
            what = f"where names {text_of(hole)}, which is no wildcard of it"
            raise wrong(function, f": {what}", hint)
        for word in words.split() if isinstance(words, str) else ():
            if word not in DOMAINS:
                import difflib  # slow to import, and only mistakes need it

                near = difflib.get_close_matches(word, DOMAINS)
                hint = f"did you mean {' or '.join(near)}?" if near else ", ".join(sorted(DOMAINS))
                raise wrong(function, f": no domain is called {text_of(word)}", hint)
