"""The options of a `%%symfunc` line."""

from __future__ import annotations

import pytest

from kernelgraph.errors import GraphError
from kernelgraph.jupyter.options import (
    OptionError,
    Show,
    joined_mode,
    mode_program,
    read_mode,
    read_names,
    read_show,
)
from kernelgraph.rewrite.modes import FAST_RUN, NONE, Mode, get_mode
from kernelgraph.viz.explanation import PARTS

KNOWN = ("--mode", "--target", "-q")


@pytest.mark.parametrize(
    ("text", "show"),
    [
        ("graph", Show(("graph",), False)),
        ("steps,graph", Show(("graph", "steps"), False)),
        (" Source , ", Show(("source",), False)),
        ("all", Show(tuple(PARTS), False)),
        ("none", Show((), False)),
        ("function", Show((), True)),
        ("function,steps", Show(("steps",), True)),
    ],
)
def test_what_is_shown(text: str, show: Show) -> None:
    assert read_show(text) == show


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--show needs one of graph, tree"),
        (",", "--show needs one of graph, tree"),
        ("grph", "there is no such view (did you mean graph?)"),
        ("none,graph", "--show none stands alone"),
    ],
)
def test_what_cannot_be_shown_is_told(text: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_show(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names() -> None:
    assert read_names("--grad", "w, b,w") == ("w", "b")
    for wrong in ("w[0]", "1", "lambda", "", " , "):
        with pytest.raises(OptionError, match="--grad"):
            read_names("--grad", wrong)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("FAST_RUN", FAST_RUN),
        ("None", NONE),
        ("FAST_RUN -stabilize", FAST_RUN.excluding("stabilize")),
        ("FAST_RUN,-stabilize,-power_two", FAST_RUN.excluding("stabilize").excluding("power_two")),
        ("-stabilize", FAST_RUN.excluding("stabilize")),
        ("None +times_one", NONE.including("times_one")),
        ("FAST_RUN =times_one", FAST_RUN.requiring("times_one")),
    ],
)
def test_modes_and_their_programs(text: str, mode: Mode) -> None:
    assert read_mode(text) == mode
    kg = type("Package", (), {"get_mode": staticmethod(get_mode)})
    assert eval(mode_program(text), {"kg": kg}) == mode


@pytest.mark.parametrize("mode", [FAST_RUN.excluding("stabilize", "power_two"), NONE])
def test_a_mode_reads_what_it_writes(mode: Mode) -> None:
    assert read_mode(str(mode)).rules == mode.rules


@pytest.mark.parametrize("text", ["FAST", "FAST_RUN -nosuch", "--stabilize"])
def test_an_unknown_mode(text: str) -> None:
    with pytest.raises(GraphError, match="KG-G008"):
        read_mode(text)


def test_a_rule_needs_a_sign() -> None:
    with pytest.raises(OptionError, match="as in -stabilize"):
        read_mode("FAST_RUN stabilize")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--mode FAST_RUN -stabilize -q", ["--mode=FAST_RUN -stabilize", "-q"]),
        ("--mode FAST_RUN,-stabilize -q", ["--mode=FAST_RUN,-stabilize", "-q"]),
        ("--mode 'FAST_RUN -a +b' =c", ["--mode=FAST_RUN -a +b =c"]),
        ("--mode=FAST_RUN -a --target c", ["--mode=FAST_RUN -a", "--target", "c"]),
        ("--mode -a", ["--mode=-a"]),
        ("--mode --target c", ["--mode", "--target", "c"]),
        ("--mode FAST_RUN --wrong", ["--mode=FAST_RUN", "--wrong"]),
        ("--mode FAST_RUN word", ["--mode=FAST_RUN", "word"]),
        ("-q -a", ["-q", "-a"]),
        ("", []),
    ],
)
def test_a_mode_is_one_word(options: str, words: list[str]) -> None:
    assert joined_mode(options, KNOWN) == words
