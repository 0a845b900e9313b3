"""A `%%symfunc` cell as readers of Python write it: their functions mean what they know, and what
cannot be is answered in words that say what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kernelgraph.config import config
from kernelgraph.errors import KernelgraphError

from .conftest import Notebook


@pytest.fixture(autouse=True)
def nothing_is_compiled() -> Iterator[None]:
    with config.change_flags(target="interpret"):
        yield


V = np.array([-1.0, 0.5, 2.0])

MEANINGS: dict[str, tuple[str, Any]] = {
    "max(x, 0)": ("(x: dvector)", [0.0, 0.5, 2.0]),
    "max(0, x)": ("(x: dvector)", [0.0, 0.5, 2.0]),
    "min(x, 0)": ("(x: dvector)", [-1.0, 0.0, 0.0]),
    "max(x, 1, x * x)": ("(x: dvector)", [1.0, 1.0, 4.0]),
    "max(x)": ("(x: dvector)", 2.0),
    "min(x)": ("(x: dvector)", -1.0),
    "max(x, axis=0)": ("(x: dvector)", 2.0),
    "max([x[0], x[1]])": ("(x: dvector)", 0.5),
    "min(x[k] for k in range(3))": ("(x: dvector)", -1.0),
    "sum(x[k] * k for k in range(3))": ("(x: dvector)", 4.5),
    "sum([x, x])": ("(x: dvector)", [-2.0, 1.0, 4.0]),
    "sum(x)": ("(x: dvector)", 1.5),
    "sum(x, axis=0)": ("(x: dvector)", 1.5),
    "x * max(2, 3) + min([1, 2]) + sum([1, 2])": ("(x: dvector)", [1.0, 5.5, 10.0]),
    "abs(x) + abs(-1)": ("(x: dvector)", [2.0, 1.5, 3.0]),
    "pow(x, 2) * pow(2, 3)": ("(x: dvector)", [8.0, 2.0, 32.0]),
    "any(x > 1)": ("(x: dvector)", True),
    "all(x > 0)": ("(x: dvector)", False),
    "switch((x > 0) & ~(x > 1), 1.0, 0.0)": ("(x: dvector)", [0.0, 1.0, 0.0]),
    "switch((x < 0) | (x > 1), 1.0, 0.0)": ("(x: dvector)", [1.0, 0.0, 1.0]),
    "(y := x + 1) * y": ("(x: dvector)", [0.0, 2.25, 9.0]),
    "(lambda v: v * 2)(x)": ("(x: dvector)", [-2.0, 1.0, 4.0]),
    "np.exp(x)": ("(x: dvector)", np.exp(V)),
    "x * len(f'{x}')": ("(x: dvector)", V),
    "x * round(2.6) * float(1) * int('1')": ("(x: dvector)", 3 * V),
}


@pytest.mark.parametrize("body", MEANINGS)
def test_what_readers_of_python_expect(notebook: Notebook, body: str) -> None:
    signature, expected = MEANINGS[body]
    notebook.run("import numpy as np")
    ran = notebook.run(f"%%symfunc f{signature} --target interpret -q\n{body}")
    assert ran.error is None, ran.stdout
    np.testing.assert_array_equal(notebook["f"](V), expected)


LAYOUTS: dict[str, str] = {
    "a signature of two lines": "f(x: dvector,\n  s: dscalar) -> y\ny = x * s",
    "a closing bracket alone": (
        "f(\n    x: dvector,\n    s: dscalar,\n) -> y --target interpret\ny = x * s"
    ),
    "outputs on the next line": "f(x: dvector, s: dscalar) ->\n    y\ny = x * s",
    "return": "f(x: dvector, s: dscalar)\nreturn x * s",
    "return with a name": "f(x: dvector, s: dscalar) -> y\nreturn x * s",
    "return of a name": "f(x: dvector, s: dscalar) -> y\ny = x * s\nreturn y",
    "an indented body": "f(x: dvector, s: dscalar) -> y\n    # twice\n    z = x * s\n    y = z",
    "an indented body that returns": "f(x: dvector, s: dscalar)\n    z = x * s\n    return z",
    "a function inside": "f(x: dvector, s: dscalar)\ndef g(v):\n    return v * s\nreturn g(x)",
    "all at once": "f(x: dvector,\n  s: dscalar) -> y\n\n    return (x\n            * s)",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_of_a_cell(notebook: Notebook, name: str) -> None:
    ran = notebook.run(f"%%symfunc {LAYOUTS[name]}")
    assert ran.error is None, ran.stdout
    np.testing.assert_array_equal(notebook["f"](V, 2.0), 2 * V)
    head, _, body = LAYOUTS[name].partition("\n")
    notebook.run("%config SymfuncMagics.show = 'function'")
    if "--target" in LAYOUTS[name] or head.count("(") > head.count(")") or head.endswith("->"):
        return
    printed = notebook.run(f"%%symfunc {head} --python\n{body}")
    assert printed.error is None, printed.stdout
    names: dict[str, Any] = {}
    exec(compile(printed.stdout, "program", "exec"), names)
    np.testing.assert_array_equal(names["f"](V, 2.0), 2 * V)


def test_several_values_are_returned_under_their_names(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x: dvector) -> a, b\nreturn x + 1, x * 2")
    assert [str(v) for v in notebook["f"].graph.outputs] == ["a", "b"]
    ran = notebook.run("%%symfunc f(x: dvector) -> a, b\nreturn x")
    assert "the signature promises a, b, but the body returns 1 value" in str(ran.error)


WRONG: dict[str, tuple[str, ...]] = {
    "f(x: dvector)\nx & x": ("KG-D003", "line 2", "x & x", "&", "(x > 0) & (y > 0)"),
    "f(x: dvector)\n1 | x": ("KG-D003", "bits are those of", "(x > 0) & (y > 0)"),
    "f(x: dvector)\n~x": ("KG-D003", "bits are those of", "compare first"),
    "f(x: dvector)\nx << 2": ("KG-D003", "x ** y is a power"),
    "f(x: dmatrix)\nsum(x, 0)": ("KG-G004", "sum(x, axis=0), or sum(x) + 0"),
    "f(x: dmatrix)\nmax(x, 0, axis=1)": ("KG-G004", "max(x, axis=0) goes along an axis"),
    "f(n: lscalar)\nsum(k for k in range(n))": ("KG-G010", "n (int64)", "arange(n)"),
    "f(x: dvector)\nlen(x) * x": ("KG-G010", "x.shape[0]"),
    "f(x: dscalar)\nround(x, 2)": ("KG-G010", "T.round(x) rounds"),
    "f(x: dscalar)\nfloat(x)": ("KG-G010", "astype"),
    "f(x: dscalar)\nint(x)": ("KG-G010", "astype"),
    "f(x: dscalar)\nimport math\nmath.exp(x)": ("KG-G010", "line 3", "T.exp(x)"),
    "f(x: dscalar)\nimport math\nmath.floor(x)": ("KG-G010", "T.floor(x)"),
    "f(x: dscalar)\ny = x\nf'{x:.2f}'": ("KG-G010", "has no number yet"),
    "f(x: dscalar)\ny = x if 0 < x < 1 else -x": ("KG-G010", "truth value"),
    "f(x: dscalar)\ny = x > 0 and x": ("KG-G010", "truth value"),
    "f(x: dscalar)\nif x > 0:\n    y = x\nelse:\n    y = -x\ny": ("KG-G010", "line 2"),
    "f(x: dscalar)\nif x > 0:\n    y = x": ("KG-G010", "line 2", "truth value"),
    "f(x: dvector)\nfor v in x:\n    y = v": ("KG-G010", "cannot loop over x", "kg.scan"),
    "f(x: dvector)\ny = x\ndel y": ("neither in an expression nor in an assignment",),
    "f(x: dvector)\ny = x\ny[0] = 1": ("KG-G010", "y = T.set_subtensor(y[0], value)"),
    "f(x: dvector)\ny = x\ny[1:] += 1": ("KG-G010", "y = T.set_subtensor(y[1:], value)"),
    "f(x: dvector)\ny = 2 * x\ndel y[0]": ("KG-G010", "cannot be assigned"),
    "f(x: dvector)\nsofmax(x)": ("'sofmax' is not defined", "did you mean softmax?"),
    "f(x: dvector)\ntwo = 2\nx * tow": ("'tow' is not defined", "did you mean two?"),
    "f(x: dvector)\nx.summ()": ("has no attribute 'summ'", "did you mean sum?"),
    "f(x: dvector) --fast\nx": ("--fast", "did you mean", "--target, --mode"),
    "f(x: dvector) --traget c\nx": ("--traget", "did you mean --target"),
    "f(x: float)\nx": ("unknown type float of x (did you mean dscalar?)",),
    "f(x: int)\nx": ("did you mean lscalar?",),
    "f(x: np.ndarray)\nx": ("did you mean dvector?",),
    "f(x: T.dmatrix)\nx": ("did you mean dmatrix?",),
    "f(x: list[float])\nx": ("did you mean dvector?",),
    "f(x: 'dvector')\nx": ("did you mean dvector?",),
    "f(*x)\nx": ("plain parameters only",),
    "f(x: dvector,\n  y: float)\nx": ("did you mean dscalar?",),
    "f(x: dscalar)\nif True:\n    return x\nx": ("returns at its end only", "line 3"),
    "f(x: dscalar)\n{x}": ("a symbol or numbers, but the body gives a set",),
    "f(x: dscalar)\n(x for k in (1, 2))": ("the body gives a generator",),
    "f(x: dscalar)\nyy = yy + x": ("name 'yy' is not defined",),
    "f(x: dscalar)\nx^2": ("KG-D003", "x ** y is a power"),
    "f(x: dscalar)\n" + " + ".join(["x"] * 5000): ("too long for Python", "name parts of it"),
    "f(x: dscalar)\nreturn": ("returns nothing",),
}  # fmt: skip


@pytest.mark.parametrize("cell", WRONG)
def test_what_is_answered_in_words(notebook: Notebook, cell: str) -> None:
    number = notebook.next_number
    ran = notebook.run(f"%%symfunc {cell}")
    assert ran.error is not None
    shown = f"{ran.stdout}{ran.stderr}{ran.error}"
    for word in WRONG[cell]:
        assert word in shown, shown
    if isinstance(ran.error, KernelgraphError):
        assert f"Cell In[{number}]" in str(ran.error)


@pytest.mark.parametrize(
    "body", ["y = = x", "y = (x", "  y = x\nz = y", "for k in x\n  y = k", "x +"]
)
def test_a_syntax_error_shows_the_cell_alone(notebook: Notebook, body: str) -> None:
    number = notebook.next_number
    ran = notebook.run(f"%%symfunc f(x: dvector)\n{body}")
    assert isinstance(ran.error, SyntaxError)
    assert f"Cell In[{number}]" in ran.stdout
    for frame in ("run_cell_magic", "IPython", "ast_parse", "magics.py", "get_ipython()"):
        assert frame not in ran.stdout, ran.stdout


def test_a_parameter_of_the_second_line_is_shown_where_it_stands(notebook: Notebook) -> None:
    ran = notebook.run("%%symfunc f(x: dvector,\n            unused: dscalar) -> y\ny = x + 1")
    shown, carets = [line for line in str(ran.error).splitlines() if " | " in line]
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "unused: dscalar"
