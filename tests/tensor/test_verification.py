"""`kg.verify`: what is right passes, and each kind of fault is found and named."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.python.target import PythonTarget
from kernelgraph.tensor.verification import Check, Verification
from kernelgraph.viz.stepper.trial import Comparison


def found(check: Verification) -> dict[str, bool | None]:
    return {one.what: one.found.same for one in check.checks}


RIGHT = {"rewriting": True, "target python": True, "target c": True, "target cuda": None}


def test_a_right_function_passes() -> None:
    x, w = T.dvector("x"), kg.shared(np.array([0.5, -1.0, 2.0]), name="w")
    cost = T.log(1 + T.exp(x * w)).sum()
    cost.name = "cost"
    f = kg.function([x], [x * 2, cost], updates=[(w, w - 0.1 * kg.grad(cost, w))], target="python")
    check = kg.verify(f)
    assert check.passed
    assert check
    assert found(check) == {**RIGHT, "d cost / d x": True, "d cost / d w": True}
    assert str(check).splitlines()[0] == "f: passed"
    assert w.get_value().tolist() == [0.5, -1.0, 2.0]
    assert str(check) == str(kg.verify(f)), "the same numbers every time"


def test_rows_columns_and_known_sizes_keep_their_types() -> None:
    r, m = T.drow("r"), T.tensor("float64", (3, None), "m")
    f = kg.function([r, m], (r + m).sum() + T.exp(r).sum(), target="interpret")
    assert found(kg.verify(f)) == {**RIGHT, "d result / d r": True, "d result / d m": True}


def test_single_precision_and_integers() -> None:
    x, n = T.fvector("x"), T.lscalar("n")
    f = kg.function([x, n], T.tanh(x * n).sum(), target="interpret", name="g")
    check = kg.verify(f, np.array([0.3, -0.2], dtype="float32"), 2)
    assert found(check) == {**RIGHT, "d result / d x": True}


class WrongSlope(kg.Op):
    """Twice its operand, with the slope of three times."""

    def make_node(self, x: Any) -> kg.Apply:
        x = T.as_tensor_variable(x)
        return kg.Apply(self, [x], [x.type()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = np.asarray(2 * inputs[0])

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        return [3 * output_grads[0]]


def test_a_wrong_slope_is_named() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    cost = (WrongSlope()(x) * y).sum()
    cost.name = "cost"
    check = kg.verify(kg.function([x, y], cost, target="interpret"), [1.0, 2.0], [1.0, 1.0])
    assert found(check) == {**RIGHT, "d cost / d x": False, "d cost / d y": True}
    assert not check.passed
    assert check.headline == "1 of 6 checks failed"
    assert "autodiff's slope is 3" in str(check)
    assert "differences give 2" in str(check) or "differences give 1.99" in str(check)


def test_a_wrong_rule_is_found() -> None:
    @kg.rule
    def wrong(a: Any) -> Any:
        """No."""
        return T.sin(a), T.cos(a)

    x = T.dvector("x")
    f = kg.function([x], T.sin(x), mode=kg.get_mode(None).with_rules(wrong), target="interpret")
    check = kg.verify(f)
    assert found(check) == {
        "rewriting": False, "target python": False, "target c": False, "target cuda": None,
    }  # fmt: skip
    assert "✗ the values differ" in str(check)


def test_a_target_that_computes_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    x = T.dvector("x")
    f = kg.function([x], x + 1, target="interpret")
    real = PythonTarget.build

    def off_by_one(self: Any, made: Any) -> Any:
        text = made.source.text.replace("float64(1.0)", "float64(2.0)")
        source = replace(made.source, text=text)
        return real(self, SimpleNamespace(program=made.program, source=source))  # type: ignore[arg-type]

    monkeypatch.setattr(PythonTarget, "build", off_by_one)
    assert found(kg.verify(f)) == {**RIGHT, "target python": False}


def test_a_target_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    f = kg.function([x := T.dvector("x")], x + 1, target="interpret")

    def broken(*_: Any) -> Any:
        raise RuntimeError("no\nway")

    monkeypatch.setattr(PythonTarget, "build", broken)
    check = kg.verify(f)
    assert found(check) == {**RIGHT, "target python": False}
    assert "✗ it fails: no way" in str(check)


def test_values_without_a_slope_are_no_failure() -> None:
    x = T.dvector("x")
    check = kg.verify(kg.function([x], T.log(x).sum(), target="interpret"), [-1.0, 2.0])
    assert found(check)["d result / d x"] is None
    assert "the cost is nan there; give other values" in str(check)


def test_values_that_cannot_be_drawn_are_asked_for() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = kg.function([x, n], x[n + 10], target="interpret")
    check = kg.verify(f)
    assert check.headline == "nothing could be checked"
    assert not check
    assert "give values to check it with" in str(check)
    assert kg.verify(f, np.zeros(20), 1).passed


def test_what_is_no_function_and_what_does_not_fit() -> None:
    x = T.dvector("x")
    f = kg.function([x], x + 1, target="interpret")
    with pytest.raises(ArgumentError, match="expected a compiled function, got Variable"):
        kg.verify(x)
    with pytest.raises(ArgumentError, match="too many arguments"):
        kg.verify(f, [1.0], [2.0])


def test_it_shows_itself_and_names_are_text() -> None:
    check = Verification("<b>", (Check("d <i> / d x", Comparison(False, "<script>")),))
    bundle = check._repr_mimebundle_()
    assert 'data-kg="verification"' in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert bundle["text/plain"] == "<b>: 1 of 1 checks failed\nd <i> / d x  ✗ <script>"
