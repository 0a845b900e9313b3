"""Names: shown without what cannot be seen, and compared as Python compares them."""

from __future__ import annotations

import linecache
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.names import normal, one_line, same_name, shortened, visible
from kernelgraph.ops.functions import exp, log
from kernelgraph.rewrite.rule import rule
from kernelgraph.theano.tuples import pattern_sub

PAIRS = [  # as typed, and as Python has it
    ("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"),
    ("\N{LATIN SMALL LIGATURE FI}t", "fit"),
    ("\N{OHM SIGN}", "\N{GREEK CAPITAL LETTER OMEGA}"),
    ("x\N{SUPERSCRIPT TWO}", "x2"),
    ("\N{FULLWIDTH LATIN SMALL LETTER A}b", "ab"),
    ("\N{MATHEMATICAL ITALIC SMALL ALPHA}", "\N{GREEK SMALL LETTER ALPHA}"),
    ("e\N{COMBINING ACUTE ACCENT}", "\N{LATIN SMALL LETTER E WITH ACUTE}"),
    ("\N{GREEK PHI SYMBOL}", "\N{GREEK SMALL LETTER PHI}"),
]


@pytest.mark.parametrize(("typed", "known"), PAIRS)
def test_one_name_in_two_forms(typed: str, known: str) -> None:
    x, s = T.dscalar(typed), kg.shared(3.0, typed + "_s")
    y = x * s
    y.name = typed + "_y"
    f: Any = kg.function([kg.In(x, value=2.0)], {typed: y}, target="interpret")
    for name in (typed, known):
        assert f(**{name: 5.0}) == {typed: 15.0}
        assert f(5.0, output_subset=[name]) == {name: 15.0}
        assert (f[name], f[name + "_s"]) == (2.0, 3.0)
        assert f.symbols[name] is x
        assert f.symbols[name + "_y"] is y
        assert name in f.symbols
        f[name] = 2.0
    assert "nobody" not in f.symbols
    with pytest.raises(KeyError):
        f.symbols["nobody"]


def test_two_names_that_are_one_to_python() -> None:
    """Each is found as it is written; a keyword of a program is always in the second form."""
    one, other = PAIRS[0]
    a, b = T.dscalar(one), T.dscalar(other)
    f: Any = kg.function([a, b], a - b, target="interpret")
    assert f(**{one: 5.0, other: 3.0}) == 2.0


def test_wildcards_of_rules() -> None:
    typed, known = PAIRS[0]

    def definition(x: Any) -> Any:
        """As it was."""
        return exp(x) * 1, exp(x)

    names: dict[str, Any] = {"exp": exp}
    exec(f"def definition({typed}):\n    'Why.'\n    return exp({typed}) * 1, exp({typed})", names)
    made = rule(where={typed: "finite"}, when=lambda match: bool(match[typed] is match[known]))(
        names["definition"]
    )
    x = T.dvector("x")
    assert made.where == {known: "finite"}
    once: Any = exp(x) * 1
    undone: Any = exp(log(x))
    assert made.apply(once.owner) is not None
    assert pattern_sub((exp, (log, typed)), known).apply(undone.owner) is x


@given(st.text(max_size=8), st.text(max_size=8))
def test_names_are_compared_as_python_does(one: str, other: str) -> None:
    assert same_name(one, normal(one))
    assert same_name(one, other) == (
        unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    )
    if one.isidentifier():
        names: dict[str, Any] = {}
        exec(f"def f({one}): pass", names)
        assert names["f"].__code__.co_varnames == (normal(one),)


# ------------------------------------------------------------------------------------ what is shown


HOSTILE = [
    "\N{RIGHT-TO-LEFT OVERRIDE}abc", "a\x00b", "\x1b[31mred", "half\ud800", "two\nlines", "tab\tx",
    "\N{ZERO WIDTH SPACE}", "\r", "\N{LINE SEPARATOR}", "a" * 100_000, "word " * 20_000,
    "\N{RIGHT-TO-LEFT ISOLATE}" * 1000, "\ufeff", "\x7f", "bell\a", "{x}", "%s", "\udcff",
]  # fmt: skip


def check_text(text: str, most: int = 4000) -> None:
    """Nothing is hidden in a text that people read, it is not long, and it can be written."""
    assert text == visible(text)
    assert len(text) < most
    text.encode("utf-8")


def failures(name: Any) -> list[Any]:
    """Mistakes with things of this name, in many rooms."""
    m, s = T.dmatrix(name), kg.shared(np.ones(3), name)
    x: Any = T.dvector(name)
    y = x * 2
    y.name = name
    f: Any = kg.function([x, kg.In(m, name=name)], [x, m], target="interpret", name=name)
    one: Any = kg.function([x], x + s, target="interpret", name=name)
    three = T.TensorType("float64", (3,))(name)
    return [
        lambda: f(**{name: 1}),
        lambda: one(**{name: "no"}),
        lambda: one(x),
        lambda: one(*[]),
        lambda: one(1, 2),
        lambda: one(**{name + "?": 1}),
        lambda: one(np.ones(2)),
        lambda: one(np.ones((2, 2))),
        lambda: one[name + "?"],
        lambda: f[name],
        lambda: kg.function([x], [m], name=name),
        lambda: kg.function([x, m], x),
        lambda: kg.function([x, x], x),
        lambda: kg.function([x], x, updates=[(x, x)]),
        lambda: kg.function([x], x, updates=[(s, m)]),
        lambda: kg.function([x], x, givens={x: m}),
        lambda: kg.function([kg.In(x, name=name, value=[1.0]), m], [x, m]),
        lambda: kg.function([x], x, mode=name),
        lambda: kg.function([x], x, target=name),
        lambda: kg.function([x], x, on_unused_input=name),
        lambda: T.grad(x, x),
        lambda: T.grad(x.sum(), m),
        lambda: bool(x > 0),
        lambda: bool(y),
        lambda: len(x),
        lambda: list(y),
        lambda: float(x),
        lambda: x[name],
        lambda: x + name,
        lambda: T.dot(m, T.dtensor3(name)),
        lambda: three + T.TensorType("float64", (4,))("v"),
        lambda: kg.shared(x),
        lambda: x.dimshuffle(name),
        lambda: T.cast(x, name),
        lambda: x.reshape((2, name)),
        lambda: kg.scan(lambda a: a, sequences=[T.dscalar(name)]),
        lambda: kg.ifelse(x, x, x),
        lambda: kg.explore(one, at={name + "?": 1.0}),
        lambda: kg.get_mode("FAST_RUN").excluding(name),
        lambda: T.grad(kg.Op()(x), x),
    ]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:16])
def test_errors_show_names_that_can_be_read(name: str) -> None:
    seen = 0
    for fail in failures(name):
        try:
            fail()
        except KernelgraphError as error:
            seen += 1
            text = str(error)
            check_text(text)
            for note in error.__notes__:
                check_text(note, 10_000)
            assert len(text.splitlines()) <= 14, text
        except (NotImplementedError, AttributeError, TypeError, IndexError, KeyError, ValueError):
            pass  # not an error of ours: another page
    assert seen > 20


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:16])
def test_texts_show_names_that_can_be_read(name: str) -> None:
    x, s = T.dvector(name), kg.shared(np.ones(3), name)
    y = T.exp(x) * s
    y.name = name
    z = T.tanh(y).sum()
    f = kg.function([x], z, name=name, updates=[(s, s + y)], target="interpret")
    texts = [
        repr(f), repr(x), repr(y), repr(s), repr(y.owner), repr(f.graph), repr(f.stages),
        str(f.stages.rewriting), repr(f.stages.schedule), repr(f.profile), str(f.convention),
        kg.debugprint(z, file="str"), kg.debugprint(f, file="str"), repr(kg.explain(z)),
        repr(f.steps()), str(kg.lint(z)), repr(kg.In(x)), repr(T.constant(1.0, name)),
    ]  # fmt: skip
    for text in texts:
        check_text(text, 40_000)
        assert all(len(line) <= 2_000 for line in text.splitlines())


def test_a_file_that_no_system_can_have() -> None:
    for filename in ("half\ud800.py", "a\nb.py", "\N{RIGHT-TO-LEFT OVERRIDE}.py", "x" * 100_000):
        names: dict[str, Any] = {"T": T}
        exec(compile("y = T.dvector('x') * 2", filename, "exec"), names)
        error = KernelgraphError("no", origins=names["y"].owner.origins)
        check_text(str(error))
        assert "line 1" in str(error)


def test_a_line_without_end_is_shown_around_the_mistake() -> None:
    line = "z = [" + "0, " * 50_000 + "T.grad(x, x)]"
    linecache.cache["<long>"] = (len(line), None, [line + "\n"], "<long>")
    with pytest.raises(KernelgraphError) as caught:
        exec(compile(line, "<long>", "exec"), {"T": T, "x": T.dvector("x")})
    text = str(caught.value)
    check_text(text)
    shown = text.splitlines()
    at = next(k for k, part in enumerate(shown) if "^" in part)
    first, last = shown[at].index("^"), shown[at].rindex("^") + 1
    assert shown[at - 1][first:last] == "T.grad(x, x)"


@given(st.text())
def test_nothing_is_hidden(text: str) -> None:
    check_text(one_line(text))
    check_text(shortened(text))
    assert "\n" not in shortened(text)
