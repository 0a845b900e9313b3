"""Mistakes in the definition of a rule, found when it is defined: each is told with the rule's name
and line.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kernelgraph.errors import RuleError, capture_origins
from kernelgraph.expect import text_of
from kernelgraph.op import Op
from kernelgraph.rewrite.words import DOMAINS, PHASES

_STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def wrong(function: Callable[..., Any], message: str, hint: str | None = None) -> RuleError:
    """The error that says what is wrong with the rule of a function, at its line."""
    return RuleError(
        f"rule {function.__name__}{message}", origins=((function.__code__, 0),), hint=hint
    )


def check_definition(function: Any) -> list[str]:
    """The wildcards of a rule: its function's parameters.

    Raises `RuleError` for what is no function, and for parameters that are not plain names.
    """
    if not inspect.isfunction(function):
        raise RuleError(
            f"a rule is made of a function, not of {text_of(function)}",
            origins=capture_origins(),
            hint='what it changes is given by name: @rule(changes="rounding")',
        )
    if _is_plain(function):
        return parameters_of(function)
    parameters = inspect.signature(function).parameters.values()
    for one in parameters:
        if one.kind not in _PLAIN or one.default is not one.empty:
            raise wrong(
                function, f": its parameter {one.name} is no wildcard",
                "write plain names, with no star and no default",
            )  # fmt: skip
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
            raise wrong(
                function, f": its example {text_of(example)} is no function",
                "an example builds both sides: lambda x: (exp(x), x)",
            )  # fmt: skip


def _listed(function: Any, name: str, value: Any) -> Iterable[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise wrong(function, f": {name}={text_of(value)} is no list", f"write {name}=[…]")
    return value  # pyright: ignore[reportUnknownVariableType]


def check_options(
    function: Callable[..., Any], holes: Iterable[str], phase: Any, changes: Any, when: Any,
    where: Any,
) -> None:  # fmt: skip
    """Raises `RuleError` for options that are not what they must be: `where` has domains by
    wildcard, in words that are known.
    """
    if not isinstance(phase, str) or phase not in PHASES:
        raise wrong(
            function, f": no phase is called {text_of(phase)}", f"there are {', '.join(PHASES)}"
        )
    if changes is not None and not isinstance(changes, str):
        raise wrong(
            function, f": changes={text_of(changes)} is no text", 'write changes="rounding"'
        )
    if when is not None and not callable(when):
        raise wrong(
            function, f": when={text_of(when)} is no function",
            "write a function of the match that returns whether it counts",
        )  # fmt: skip
    if where is None:
        return
    if not isinstance(where, Mapping):
        raise wrong(
            function, f": where={text_of(where)} is no dict", 'write where={"x": "positive"}'
        )
    domains: Mapping[Any, Any] = where  # pyright: ignore[reportUnknownVariableType]
    known = set(holes)
    for hole, words in domains.items():
        if hole not in known:
            raise wrong(
                function, f": where names {text_of(hole)}, which is no wildcard of it",
                f"its wildcards are {', '.join(sorted(known))}",
            )  # fmt: skip
        for word in words.split() if isinstance(words, str) else ():
            if word not in DOMAINS:
                import difflib  # slow to import, and only mistakes need it

                near = difflib.get_close_matches(word, DOMAINS)
                hint = f"did you mean {' or '.join(near)}?" if near else ", ".join(sorted(DOMAINS))
                raise wrong(function, f": no domain is called {text_of(word)}", hint)
