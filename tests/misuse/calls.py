"""Wrong calls and what comes of them.

A right call comes in, wrong ones go out: each with one argument replaced, an argument too many or
too few, or an unknown name. Running one gives a verdict: an error of ours, Python's own for a
signature, a result, or what should not be, a raw error from deep inside or no answer in time.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, TracebackType
from typing import Any

import kernelgraph as kg
from kernelgraph import theano
from kernelgraph.errors import KernelgraphError
from tests.misuse.catalogue import Example, examples, world
from tests.misuse.values import wrong_values

LIMIT = 2.0
"""Seconds of the processor that a wrong call may take: others may use it, too."""

PATIENCE = 60.0
"""Seconds after which it is taken to wait for ever."""

MEMORY = 6 << 30
PACKAGE = str(Path(kg.__file__).parent) + os.sep


@dataclass(frozen=True)
class Location:
    """What is wrong in a call: which argument (a position, a name), and what stands there."""

    example: str
    argument: int | str
    value: str


@dataclass(frozen=True)
class Verdict:
    """What came of a wrong call, and the text that shows it."""

    kind: str
    place: Location
    text: str = ""
    where: str = ""


class TooSlow(BaseException):
    """Raised by the alarm clock."""


def places(example: Example, names: list[str]) -> Iterator[Location]:
    """Every way to make one argument of a call wrong."""
    arguments: list[int | str] = list(range(len(example.positional)))
    arguments += [*dict.fromkeys((*example.named, *example.options))]
    for argument in arguments:
        for name in names:
            yield Location(example.name, argument, name)
    yield Location(example.name, "+", "one too many")
    yield Location(example.name, "-", "one too few")
    yield Location(example.name, "no_such_option", "1")


def arguments(example: Example, place: Location, value: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the wrong call."""
    positional, named = list(example.positional), dict(example.named)
    match place.argument:
        case int(k):
            positional[k] = value
        case "+":
            positional.append(1)
        case "-":
            del positional[-1:]
        case name:
            code = getattr(example.call, "__code__", None)
            order = code.co_varnames if code is not None else ()
            if name in order[: len(positional)]:
                positional[order.index(name)] = value
            else:
                named[name] = value
    return positional, named


def innermost(trace: TracebackType | None) -> tuple[str, bool]:
    """The last frame of this package in a traceback, and whether the error came from the call
    itself, before any frame of another file.
    """
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if frame.filename.startswith(PACKAGE)]
    here = not [frame for frame in frames if frame.filename != __file__]
    if not own:
        return "", here
    last = own[-1]
    return f"{last.filename.removeprefix(PACKAGE)}:{last.lineno} in {last.name}", here


def run(example: Example, place: Location, value: Any) -> Verdict:
    """Make the call and judge what comes of it."""
    positional, named = arguments(example, place, value)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        try:
            example.call(*positional, **named)
            kind, text, where = "returned", "", ""
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KernelgraphError as error:
        kind, text, where = _judged(error)
    except TooSlow as error:
        kind, text, where = "SLOW", "", innermost(error.__traceback__)[0]
    except BaseException as error:
        where, at_the_call = innermost(error.__traceback__)
        is_signature = isinstance(error, TypeError) and at_the_call
        kind = "signature" if is_signature else "RAW"
        text = f"{type(error).__name__}: {_text(error)}"
        if (not where and not at_the_call) or _calls(example, place, value, error):
            kind = "test"
    return Verdict(kind, place, text, where)


def _calls(example: Example, place: Location, value: Any, error: BaseException) -> bool:
    """Whether a function is asked for, and one written in C came, which may have raised this."""
    asked = example.positional[place.argument] if isinstance(place.argument, int) else None
    in_c = callable(value) and not hasattr(value, "__code__")
    return isinstance(asked, FunctionType) and in_c and isinstance(error, TypeError)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:
        return "(no text)"


def _judged(error: KernelgraphError) -> tuple[str, str, str]:
    """An error of ours is well made if it can be printed, is short, and shows the user's line."""
    try:
        text = str(error)
        text.encode("utf-8")
    except Exception as problem:
        return "RAW", f"the error cannot be printed: {problem!r}", innermost(error.__traceback__)[0]
    where = innermost(error.__traceback__)[0]
    if len(text) > 4000:
        return "LONG", f"{len(text)} characters: {text[:300]}", where
    return ("ours" if error.places else "NO LINE"), text, where


def _alarm(signum: int, frame: Any) -> None:
    raise TooSlow


def prepare() -> None:
    """Limits of this process, and settings that keep a call short."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGPROF, _alarm)
    warnings.simplefilter("ignore")
    kg.config.target = "interpret"


SETTINGS = ("floatX", "target", "cast_policy", "on_unused_input", "compute_test_value", "layout")


def storm(seed: int, count: int) -> Iterator[Verdict]:
    """`count` wrong calls, drawn with this seed; a new world every 500."""
    draw = random.Random(seed)
    before = {name: getattr(kg.config, name) for name in SETTINGS}
    theano.install()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for first in range(0, count, 500):
            here = world(Path(folder))
            makers = wrong_values(here)
            known = {e.name: e for e in examples(here)}
            weights = [e.weight * (2 + len(e.positional) + len(e.options)) for e in known.values()]
            for _ in range(min(500, count - first)):
                (example,) = draw.choices(list(known.values()), weights)
                place = draw.choice(list(places(example, list(makers))))
                value = makers[place.value]() if place.value in makers else 1
                hush = contextlib.redirect_stdout(io.StringIO())
                with hush, contextlib.redirect_stderr(io.StringIO()):
                    yield run(example, place, value)
                for name, old in before.items():
                    setattr(kg.config, name, old)


def main(argv: list[str]) -> int:
    """Run a storm and print what should not be: `python -m tests.misuse.calls SEED COUNT`; 1 where
    there is any.
    """
    prepare()
    began, counts = time.monotonic(), dict[str, int]()
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in storm(int(argv[0]), int(argv[1])):
        counts[verdict.kind] = counts.get(verdict.kind, 0) + 1
        if verdict.kind.isupper():
            groups.setdefault((verdict.kind, verdict.where), []).append(verdict)
    print(counts, f"{time.monotonic() - began:.0f} s")
    for (kind, where), found in sorted(groups.items(), key=lambda item: -len(item[1])):
        print(f"\n{len(found):5} {kind} {where}")
        for verdict in found[: int(argv[2]) if len(argv) > 2 else 3]:
            place = verdict.place
            print(
                f"        {place.example} [{place.argument}] = {place.value}: {verdict.text!r:.160}"
            )
    return int(bool(groups))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
