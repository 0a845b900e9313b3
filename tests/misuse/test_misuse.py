"""Every public function answers wrong arguments with an error of ours, or Python's own for a wrong
signature: never with one from deep inside, and never with silence.
"""

# pyright: reportArgumentType=false

from __future__ import annotations

import contextlib
import io
import math
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano
from kernelgraph.errors import KernelgraphError
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from kernelgraph.theano.tuples import op_sub
from tests.misuse.catalogue import examples, world

ROOT = Path(__file__).parents[2]

CALLS_PER_EXAMPLE = 30
"""How many wrong calls stand for one case of Hypothesis: 1500 in each run, 60 000 at night."""


@pytest.fixture
def alias() -> Iterator[None]:
    """The alias for one test: the others must not find it, as symbols are true under it."""
    theano.install()
    yield
    theano.uninstall()


@pytest.mark.usefixtures("alias")
def test_the_right_calls_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with kg.config.change_flags(target="interpret"):
        here = world(tmp_path)
        for example in examples(here):
            with contextlib.redirect_stdout(io.StringIO()):
                example.call(*example.positional, **example.named)


@pytest.mark.hypothesis
def test_wrong_calls(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """In a process of its own, so that no call can do harm; a crash fails too."""
    asked = request.config.getoption("--hypothesis-seed", None)
    fresh = 0 if settings().derandomize else random.SystemRandom().randrange(2**31)
    seed = fresh if asked in (None, "random") else int(asked)
    count = CALLS_PER_EXAMPLE * settings().max_examples
    command = [sys.executable, "-m", "tests.misuse.calls", str(seed), str(count)]
    record_property("cases", count)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}\n{done.stderr}"


x, m, v, s = T.dvector("x"), T.dmatrix("m"), T.lvector("v"), T.dscalar("s")
w = kg.shared(np.ones(2), "w")
cost = (x * x).sum()
f = kg.function([x, s], x * s, target="interpret")
unprintable = type("Unprintable", (), {"__repr__": lambda self: 1 / 0})()

deep: list[Any] = []
for _ in range(3000):
    deep = [deep]
endless: list[Any] = []
endless += [endless, endless]

WRONG: dict[str, tuple[Callable[[], Any], str, str]] = {
    "clone of None": (lambda: kg.clone(None), "KG-G004", "must be a symbol, not None"),
    "clone, replace": (lambda: kg.clone(x, {"x": x}), "KG-G004", "not 'x'"),
    "clone by a set": (lambda: kg.clone(x, {x}), "KG-G004", "a dict or a list of pairs"),
    "clone by a sparse": (lambda: kg.clone(x, {x: T.SparseType("csr", "float64")("sp")}),
                          "KG-G030", "another type"),
    "Lop of a number": (lambda: T.Lop(1.0, x, x), "KG-G004", "f must be a symbol, not 1.0"),
    "Lop, too few points": (lambda: T.Lop([x, x], x, [x]), "KG-G020", "2 parts"),
    "Rop by a text": (lambda: T.Rop(x * 2, "x", x), "KG-G004", "wrt must be a symbol, not 'x'"),
    "known_grads": (lambda: kg.grad(None, x, known_grads={1: x}), "KG-G004", "not 1"),
    "known_grads, rank": (lambda: kg.grad(None, x, known_grads={x: m}), "", "2"),
    "consider_constant": (lambda: kg.grad(cost, x, consider_constant="x"), "KG-G004", "not 'x'"),
    "disconnected_inputs": (lambda: kg.grad(cost, x, disconnected_inputs=None), "", "None"),
    "outputs": (lambda: kg.function([x], {1: x}), "KG-G004", "must be a text, not 1"),
    "outputs, some": (lambda: kg.function([x], {"a": x, 2.5: x}), "KG-G004", "not 2.5"),
    "explore, output": (lambda: kg.explore(cost, output=10**5000), "KG-G004", "16610 bits"),
    "ifelse, deep": (lambda: kg.ifelse(s, x, deep), "KG-D007", "cannot make an array"),
    "ifelse, endless": (lambda: kg.ifelse(s, endless, x), "KG-G031", "as many results"),
    "no make_node": (lambda: kg.Op()(x), "KG-G017", "Op does not define make_node"),
    "a step that is an op": (lambda: kg.scan(kg.Op(), sequences=x), "KG-G017", "make_node"),
    "a result that is an operand": (lambda: kg.Apply(T.exp, [x], [x]), "KG-G004", "a new symbol"),
    "a result with a formula": (lambda: kg.Apply(T.exp, [x], [cost]), "KG-G004", "a new symbol"),
    "a result twice": (lambda: kg.Apply(T.exp, [x], [v, v]), "KG-G004", "not the symbol v"),
    "a result with a value": (lambda: kg.Apply(T.exp, [x], [w]), "KG-G004", "not the symbol w"),
    "a constant result": (lambda: kg.Apply(T.exp, [x], [T.constant(1.0)]), "KG-G004", "new symbol"),
    "givens": (lambda: kg.function([x], x, givens={"x": x}), "", "not 'x'"),
    "updates": (lambda: kg.function([x], x, updates=7), "KG-G006", "not 7"),
    "mode": (lambda: kg.function([x], x, mode=np.ones(2)), "KG-G008", "an array of dtype"),
    "rules": (lambda: kg.function([x], x, rules=[abs]), "KG-G004", "the function abs"),
    "target": (lambda: kg.function([x], x, target="pyhton"), "KG-G008", "did you mean python?"),
    "on_unused_input": (lambda: kg.function([x, s], x, on_unused_input="ingore"), "KG-G012",
                        "did you mean ignore?"),
    "copy, swap": (lambda: f.copy(swap={x: x}), "KG-G004", "a shared variable, not the symbol x"),
    "copy, name": (lambda: f.copy(name=3), "KG-G004", "a text or None, not 3"),
    "output_subset": (lambda: f(np.ones(2), 1.0, output_subset="ab") if False else
                      kg.function([x], [x], target="interpret")([1.0], output_subset="a"),
                      "KG-G004", "a list"),
    "dimshuffle": (lambda: m.dimshuffle({0, 1}), "KG-S003", "the set {0, 1}"),
    "dimshuffle of lists": (lambda: m.dimshuffle([0], [1]), "KG-S003", "the list [0]"),
    "reshape": (lambda: x.reshape(2**70), "KG-G012", "at most 9223372036854775807"),
    "reshape, ndim": (lambda: x.reshape(v, ndim=2**70), "KG-G012", "from 0 to 64"),
    "vectors": (lambda: T.vectors(2**70), "KG-G012", "from 0 to 100000"),
    "a shape": (lambda: T.tensor("float64", 3), "KG-G004", "a list of sizes, not 3"),
    "a size": (lambda: T.tensor("float64", (2.5,)), "KG-G004", "not 2.5"),
    "65 dimensions": (lambda: T.tensor("float64", (1,) * 65), "KG-S005", "there can be 64"),
    "keepdims": (lambda: m.sum(0, keepdims=np.ones(2)), "KG-G004", "True or False, not an array"),
    "axis": (lambda: m.sum(axis="0"), "KG-S003", "an axis is an integer, not '0'"),
    "cast": (lambda: T.cast(x, m), "KG-D001", "not the symbol m"),
    "cast to None": (lambda: x.astype(None), "KG-D001", "not None"),
    "a huge integer": (lambda: x + 10**5000, "KG-D005", "an integer of 16610 bits"),
    "a name": (lambda: T.dvector(7), "KG-G004", "a text or None, not 7"),
    "shared, shape": (lambda: kg.shared(np.ones(2), shape=2), "KG-G004", "a list of sizes"),
    "shared, a module": (lambda: kg.shared(math), "KG-G004", "cannot copy the module math"),
    "borrow": (lambda: w.get_value(borrow="no"), "KG-G004", "True or False, not 'no'"),
    "steps": (lambda: kg.steps(f, rule="abc"), "KG-G014", "no step is of 'abc'"),
    "steps of a text": (lambda: f.steps(rule=3), "KG-G004", "rule must be a text, not 3"),
    "source": (lambda: f.source(3), "KG-G004", "a language must be a text, not 3"),
    "a listing": (lambda: f.source().listing("cobol"), "KG-G012", "a language must be one of"),
    "no scalars": (T.stack, "KG-S008", "no scalars"),
    "explain": (lambda: kg.explain(f, 3), "KG-G004", "a list of names, not 3"),
    "show": (lambda: kg.show(3), "KG-G004", "got int"),
    "save": (lambda: kg.save(x, 3), "KG-G004", "a text or a path, not 3"),
    "save, ending": (lambda: kg.save(x, "a.jpg"), "KG-G012", "must end in .svg"),
    "save, folder": (lambda: kg.save(x, "/no/such/folder/a.svg"), "KG-V013", "cannot write"),
    "debugprint, ids": (lambda: kg.debugprint(x, ids="char"), "KG-G012", "did you mean CHAR?"),
    "lint": (lambda: kg.lint([1]), "KG-G004", "not 1"),
    "interpret": (lambda: kg.interpret(x, []), "KG-G004", "a graph, not the symbol x"),
    "measure": (lambda: kg.measure(f, np.ones(2), 1.0, calls="3"), "KG-G004", "not '3'"),
    "verify_grad, rng": (lambda: T.verify_grad(lambda a: a, [np.ones(2)], rng=3), "KG-G004",
                         "a generator such as"),
    "verify_grad, fun": (lambda: T.verify_grad(lambda a, b: a, [np.ones(2)]), "KG-G004",
                         "1 arguments (input 0)"),
    "a step": (lambda: kg.scan(lambda: x, sequences=x), "KG-G004", "1 arguments (slice)"),
    "a class for a step": (lambda: kg.scan(str, [x], 0.0), "KG-G004", "not the class str"),
    "a seed": (lambda: RandomStreams("x"), "KG-G012", "a seed is an integer"),
    "MRG, streams": (lambda: MRG_RandomStreams(1).uniform((2,), nstreams=2**40), "KG-G012",
                     "nstreams"),
    "MRG, size": (lambda: MRG_RandomStreams(1).uniform((2.5,)), "KG-S012", "integers"),
    "config": (lambda: setattr(kg.config, "floatX", None), "KG-G013", "one of 'float32'"),
    "change_flags": (lambda: kg.config.change_flags([1]), "KG-G004", "a dict of settings"),
    "In": (lambda: kg.In("x"), "KG-G004", "must be a symbol, not 'x'"),
    "Apply": (lambda: kg.Apply(T.exp, x, [x]), "KG-G004", "a list of symbols"),
    "Apply, op": (lambda: kg.Apply([x], [x], [T.dvector()]), "KG-G004", "an op, not the list"),
    "op_sub": (lambda: op_sub(T.exp, x), "KG-G004", "an op, not the symbol x"),
    "an index": (lambda: x[unprintable], "KG-I003", "Unprintable"),
    "a slice": (lambda: x["a":], "KG-I003", "'a'"),
    "as_op": (lambda: kg.as_op([unprintable], [T.dvector]), "KG-D002", "an Unprintable"),
    "a range": (lambda: f(range(10**12), 1.0), "KG-D002", "range"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(name: str) -> None:
    call, code, words = WRONG[name]
    with pytest.raises(KernelgraphError) as caught:
        call()
    text = str(caught.value)
    assert words in text, text
    assert caught.value.code == (code or caught.value.code), text
    assert any(place.filename == __file__ for place in caught.value.places), text


ROWS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "whole numbers": (T.fvector, np.ones(2), ("every element fits float32", "a list", "astype")),
    "digits lost": (T.fvector, np.array([0.1]), ("float32 cannot store", ".astype('float32')")),
    "large integers": (T.ivector, np.array([2**40]), ("int32", "allow_input_downcast=True")),
    "a vector for a scalar": (T.dscalar, np.ones(3), ("Try:", "T.dvector", "[f(value) for")),
    "a matrix for a scalar": (T.dscalar, np.ones((2, 2)), ("Try:", "T.dmatrix")),
    "a number for a vector": (T.dvector, 1.0, ("Try:", "[number]")),
    "a vector for a matrix": (T.dmatrix, np.ones(3), ("Try:", "x[None, :]", "x[:, None]")),
    "a matrix for a vector": (T.dvector, np.ones((2, 2)), ("Try:", "x.ravel()")),
}


@pytest.mark.parametrize("name", ROWS)
def test_values_that_do_not_fit_say_what_to_try(name: str) -> None:
    make, value, words = ROWS[name]
    symbol = make("a")
    with pytest.raises(KernelgraphError) as caught:
        kg.function([symbol], symbol * 1, target="interpret")(value)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_lists_and_downcasts_are_taken() -> None:
    a = T.fvector("a")
    double = kg.function([a], a * 2, target="interpret")
    assert double([1.0, 2.0]).tolist() == [2.0, 4.0]
    allowed = kg.function([a], a * 2, target="interpret", allow_input_downcast=True)
    assert allowed(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert double(np.array([1.0, 2.0]).astype("float32")).tolist() == [2.0, 4.0]
