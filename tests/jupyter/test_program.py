"""`--python`: the program without magic does what the cell does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernelgraph.function import Function

from .conftest import Notebook

PREPARE = """
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
two = 2.0
weights = kg.shared(np.array([1.0, -2.0, 0.5]), name="weights")
start = [0.5, 0.25, 1.0]
def twice(value): return two * value
"""

V = np.array([0.3, -1.2, 2.0])
U = np.array([1.5, 0.2, -0.7])

CELLS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "named": (
        "f(x: vector, w: f64[n], c=0.1) -> z, g --target python\nz = c * dot(x, w)\ng = grad(z, w)",
        (V, U),
    ),
    "one name": ("f(x: dvector) -> y\ny = exp(x) + sum(x)", (V,)),
    "last expression": ("f(x: dvector)\n# a comment\ny = x * 2\n(y * y).sum()  # the end", (V,)),
    "one of several lines": (
        "f(x: dvector)\ny = x * 2\nexp(\n    y\n    + 1  # one\n).sum()\n",
        (V,),
    ),
    "after a semicolon": ("f(x)\nλ = x * 2; λ + 1", (3.0,)),
    "several values": ("f(x)\nx + 1, x * 2", (3.0,)),
    "a dict": ("f(x) --grad x\ny = x * x\n{'y': y, 'z': y + 1}", (3.0,)),
    "last assignment": ("f(x: row, n: lscalar)\ny, z = x + n, x * n", ([[1.0, 2.0]], 3)),
    "no input": ("f()\nweights.sum()", ()),
    "rebound input": ("f(x: dvector, y: dvector)\nx += y\nx.sum()", (V, U)),
    "notebook": ("f(x: dvector = start)\ntwice(x) * weights", (V,)),
    "own name": ("f(sum: dvector, T: dvector) -> out --grad sum,T\nout = (sum * T).sum()", (V, U)),
    "gradients": ("f(x: dvector) --grad x,weights\n(x * weights).sum()", (V,)),
    "second output": ("f(x: dvector) --grad x\nexp(x).sum(), x", (V,)),
    "many": ("f(x: dvector) -> a, b --grad x\nb = sqr(x).sum()\na = x", (V,)),
    "mode": ("f(x: dvector) --mode FAST_RUN -stabilize,-times_one\nlog(1 + exp(x * 1))", (V,)),
    "sizes": ("f(x: f32[3], i: u8[None, 2])\nx.sum() + i.sum()", (V.astype("f4"), [[1, 2]])),
    "kg itself": ("f(x)\nkg.ifelse(kg_ > 0, x, -x) if False else kg.grad(x * x, x)", (2.0,)),
}


@pytest.fixture
def prepared(notebook: Notebook) -> Notebook:
    assert notebook.run(PREPARE).error is None
    return notebook


@pytest.mark.parametrize("name", CELLS)
def test_the_program_makes_the_same_function(prepared: Notebook, name: str) -> None:
    cell, arguments = CELLS[name]
    head, _, body = cell.partition("\n")
    names = dict(prepared.shell.user_ns)
    ran = prepared.run(f"%%symfunc {head} --python\n{body}")
    assert ran.error is None, ran.stdout
    assert ran.value is None

    exec(compile(ran.stdout, "program", "exec"), names)
    plain, magic = names["f"], prepared["f"]
    assert isinstance(plain, Function)
    assert plain is not magic
    assert (plain.name, plain.target) == (magic.name, magic.target)
    assert [str(rule.name) for rule in plain.rules] == [str(rule.name) for rule in magic.rules]
    assert str(plain.convention) == str(magic.convention)
    _same(plain(*arguments), magic(*arguments))


def _same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if not isinstance(one, list):
        one, other = [one], [other]
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_text_of_a_program(prepared: Notebook) -> None:
    ran = prepared.run(
        "%%symfunc f(x: vector, lr=0.1) -> cost --grad x -o g --target python --python\n"
        "# the cost\ncost = (twice(x) - lr).sum()"
    )
    assert ran.stdout == (
        "import kernelgraph as kg\n"
        "import kernelgraph.tensor as T\n"
        "# of the notebook: twice\n"
        "\n"
        'x = T.vector("x")\n'
        'lr = T.scalar("lr")\n'
        "\n"
        "# the cost\n"
        "cost = (twice(x) - lr).sum()\n"
        "\n"
        "grad_x = kg.grad(cost, x)\n"
        "\n"
        'g = kg.function([x, kg.In(lr, value=0.1)], [cost, grad_x], name="f", target="python")\n'
    )


def test_a_call_that_is_too_long_has_a_line_for_each_argument(prepared: Notebook) -> None:
    head = "%%symfunc f(x: vector, rate=0.125) --grad x --target interpret --mode FAST_COMPILE"
    ran = prepared.run(f"{head} --python\nrate * x.sum()")
    assert ran.stdout.endswith(
        "f = kg.function(\n"
        "    [x, kg.In(rate, value=0.125)],\n"
        "    [outputs, grad_x],\n"
        '    mode=kg.get_mode("FAST_COMPILE"),\n'
        '    name="f",\n'
        '    target="interpret",\n'
        ")\n"
    )
