"""Texts and views of wide, deep and shared graphs: bounded, and small ones whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.theano.text import debugprint, pp
from kernelgraph.viz.html import limits
from kernelgraph.viz.text.latex import latex


def terms(count: int) -> Any:
    """A sum of so many squares."""
    total: Any = T.dscalar("x0")
    for k in range(1, count):
        x = T.dscalar(f"x{k}")
        total = total + x * x
    return total


def operands(count: int) -> Any:
    """One op of so many operands."""
    return T.stack([T.dscalar(f"x{k}") for k in range(count)]).sum()


def chain(count: int) -> Any:
    """So many ops, one after the other."""
    x: Any = T.dvector("x")
    for k in range(count):
        x = T.sin(x) if k % 2 else T.exp(x)
    return x.sum()


def doubled(count: int) -> Any:
    """2**count times x, if it is written as a tree."""
    x: Any = T.dscalar("x")
    for _ in range(count):
        x = x + x
    return x


def products(count: int) -> Any:
    """Deep and shared: the formula of a part stands twice in that of the next."""
    x: Any = T.dscalar("x")
    for _ in range(count):
        x = T.sin(x) * x
    return x


def wide_and_shared(count: int) -> Any:
    """One op of operands that all hold the same large part."""
    y = doubled(60)
    return T.stack([y + k for k in range(count)]).sum()


def results(count: int) -> Any:
    """As many results as inputs."""
    return [T.exp(T.dscalar(f"x{k}")) for k in range(count)]


SHAPES: dict[str, tuple[Callable[[int], Any], int]] = {
    "terms": (terms, 800),
    "operands": (operands, 3000),
    "chain": (chain, 3000),
    "doubled": (doubled, 60),
    "deep and doubled": (doubled, 2000),
    "products": (products, 1000),
    "wide and shared": (wide_and_shared, 1000),
    "results": (results, 1500),
}


def all_of(obj: Any) -> list[Any]:
    return obj if isinstance(obj, list) else [obj]


FORMS: dict[str, tuple[Callable[[Any], str], int]] = {
    "kg.debugprint": (lambda v: str(kg.debugprint(v, file="str")), 200_000),
    "with types": (lambda v: str(kg.debugprint(v, print_type=True, file="str")), 200_000),
    "theano.debugprint": (lambda v: str(debugprint(v, file="str")), 600_000),
    "pp": (lambda v: pp(all_of(v)[0]), 51_000),
    "formula": (lambda v: kg.formula(all_of(v)[0]), 100),
    "repr": (lambda v: repr(all_of(v)[0]), 100),
    "str": (lambda v: str(all_of(v)[0]), 100),
    "node": (lambda v: repr(all_of(v)[0].owner), 1_000),
    "graph": (lambda v: repr(Graph((), tuple(all_of(v)))), 50_000),
    "latex": (lambda v: latex(*all_of(v)), 100_000),
    "a symbol": (lambda v: str(all_of(v)[0]._repr_mimebundle_()), 150_000),
    "show": (lambda v: str(kg.show(v)._repr_mimebundle_()), 400_000),
}


@pytest.fixture(scope="module")
def graphs() -> dict[str, Any]:
    return {name: make(count) for name, (make, count) in SHAPES.items()}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_too_long(shape: str, form: str, graphs: dict[str, Any]) -> None:
    write, most = FORMS[form]
    assert len(write(graphs[shape])) <= most


@pytest.mark.parametrize("shape", ["terms", "operands", "chain", "doubled"])
def test_views_of_all_stages_stay_small(shape: str, graphs: dict[str, Any]) -> None:
    view = kg.explain(graphs[shape])
    assert len(str(view)) <= 6 * (limits.PART_CHARACTERS + 1_000)
    assert len(repr(view)) <= 50_000
    assert len(view.html) <= limits.VIEW_BYTES + 50_000
    assert len(str(view.stepper)) <= 100_000
    if shape != "doubled":
        assert "more" in str(view)
        assert "could not draw" not in str(view)


@pytest.mark.parametrize("make", [doubled, products])
def test_twice_the_depth_is_twice_the_text(make: Callable[[int], Any]) -> None:
    for form in ("kg.debugprint", "theano.debugprint", "graph", "latex"):
        write, _ = FORMS[form]
        once, twice = (len(write(make(count))) for count in (60, 120))
        assert twice <= 2.5 * once, form


def test_what_is_cut_says_so(graphs: dict[str, Any]) -> None:
    assert str(debugprint(chain(5000), file="str")).endswith(
        "… 1001 more nodes; max_lines=None prints them all\n"
    )
    assert "\n(+2000 levels) " in str(debugprint(graphs["chain"], file="str"))
    assert len(str(debugprint(chain(5000), file="str", max_lines=None)).splitlines()) == 5002
    assert "(cut after 50000 characters" in pp(graphs["doubled"])
    assert "… 2960 more" in repr(graphs["operands"].owner.inputs[0].owner)
    assert "3001 operands is too long" in latex(graphs["operands"])


def test_functions_and_their_errors_list_some_inputs() -> None:
    xs = [T.dscalar(f"x{k}") for k in range(1500)]
    f = kg.function(xs, T.stack(xs).sum(), target="interpret")
    assert "… 1460 more" in repr(f)
    assert len(repr(f)) < 2_000
    with pytest.raises(kg.errors.ArgumentError) as caught:
        f(1.0)
    assert len(str(caught.value)) < 3_000


def test_first_lines() -> None:
    assert limits.first_lines("abc", "all") == ["a", "b", "c"]
    assert limits.first_lines("abc", "all", most=2) == ["a", "b", "… 1 more line; all"]
    assert limits.first_lines("abc", "all", characters=2) == ["a", "… 2 more lines; all"]
