"""What Theano's programs call in another way, and what its texts tell of calls."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano as alias
from kernelgraph.errors import AliasError, ArgumentError
from kernelgraph.theano.calls import GRADIENT_OF, shared_constructor
from kernelgraph.theano.text import debugprint


@pytest.fixture
def theano() -> Iterator[Any]:
    yield alias.install()
    alias.uninstall()


def test_a_gradient_is_the_same_with_another_text(theano: Any) -> None:
    x = T.dscalar("x")
    ours, theirs = T.grad(T.exp(x), x), theano.grad(T.exp(x), x)
    assert kg.debugprint(ours, file="str") == kg.debugprint(theirs, file="str")
    assert "second" not in str(debugprint(ours, file="str"))
    assert "second" in str(debugprint(theirs, file="str"))
    pair = theano.tensor.grad(x * x, [x, T.dscalar("y")], disconnected_inputs="ignore")
    assert [GRADIENT_OF[g][1].name for g in pair] == ["x", "y"]


def test_what_is_held_constant_has_our_text(theano: Any) -> None:
    x = T.dscalar("x")
    g = theano.tensor.grad(x * x, x, consider_constant=[T.dscalar("y")])
    assert g not in GRADIENT_OF


def test_gradients_are_not_kept_alive(theano: Any) -> None:
    def made() -> int:
        x = T.dscalar("x")
        held = theano.grad(T.exp(x), x)
        return len(GRADIENT_OF) + 0 * len(str(held))

    gc.collect()
    before = len(GRADIENT_OF)
    assert made() == before + 1
    gc.collect()
    assert len(GRADIENT_OF) == before


def test_an_outer_product_is_a_dot_of_theirs() -> None:
    x, y = T.dvectors("x", "y")
    by_hand = x.dimshuffle(0, "x") * y.dimshuffle("x", 0)
    assert str(debugprint(T.outer(x, y), file="str")).startswith("dot [id A]")
    assert str(debugprint(by_hand, file="str")).startswith("Elemwise{mul,no_inplace}")


@pytest.mark.parametrize("name", ["set_subtensor", "inc_subtensor"])
def test_flags_change_nothing(theano: Any, name: str) -> None:
    x = T.dvector("x")
    there, here = (getattr(t, name) for t in (theano.tensor, T))
    graph = kg.Graph((x,), (there(x[1:], 3.0, inplace=True), here(x[1:], 3.0)))
    one, other = kg.interpret(graph, [np.ones(3)])
    np.testing.assert_array_equal(one, other)
    with pytest.raises(ArgumentError, match="tolerate_inplace_aliasing"):
        there(x[1:], 3.0, tolerate_inplace_aliasing="yes")


def test_the_maker_of_a_function_is_there_under_the_alias_only(theano: Any) -> None:
    x = T.dvector("x")
    f: Any = theano.function([x], T.tanh(x))
    assert [node.op for node in f.maker.fgraph.toposort()] == [T.tanh]
    alias.uninstall()
    assert not hasattr(f, "maker")


def test_inputs_as_tuples(theano: Any) -> None:
    x, w = T.dscalar("x"), T.dscalar("w")
    f = theano.function([x, ((w, w + x), 10.0)], w * 2)
    assert [f(1.0), f(2.0), f[w]] == [20.0, 22.0, 13.0]
    g = theano.function([("named", x, 3.0)], x + 1)
    assert g() == 4
    assert g(named=5.0) == 6
    assert theano.function([(x,)], x + 1)(1.0) == 2


@pytest.mark.parametrize("item", [(), (1.0,), ("x",), ("x", 1.0, 2.0), ((1.0, 2.0), 3.0), 5])
def test_tuples_that_mean_nothing(item: Any, theano: Any) -> None:
    with pytest.raises(ArgumentError, match="must be a symbol"):
        theano.function([item], T.constant(1.0))


def test_flags_about_memory_are_understood_and_change_nothing(theano: Any) -> None:
    x = theano.tensor.dvector("x")
    entry = theano.In(x, mutable=True, borrow=True, implicit=False)
    f = theano.function([entry], x * 2, None, None, None, False, True, "f")
    given = np.ones(2)
    assert (f(given).tolist(), given.tolist(), f.name) == ([2.0, 2.0], [1.0, 1.0], "f")
    given.flags.writeable = False
    with pytest.raises(AliasError, match="mutable"):
        f(given)
    assert theano.function([theano.In(x, borrow=True)], x * 2)(given).tolist() == [2.0, 2.0]
    with pytest.raises(ArgumentError, match="accept_inplace"):
        theano.function([x], x, accept_inplace="no")
    assert theano.tensor.sgn is theano.tensor.sign


def test_a_sparse_gradient_is_the_gradient(theano: Any) -> None:
    x, i = T.dvector("x"), T.lvector("i")
    f = theano.function([x, i], T.grad((theano.sparse_grad(x[i]) ** 2).sum(), x))
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0], [2, 2]), [0, 0, 12])
    with pytest.raises(ArgumentError):
        theano.sparse_grad(1.0)


def test_shared_variables_of_ones_own(theano: Any) -> None:
    @shared_constructor
    def of_sets(value: Any, name: Any, strict: Any, allow_downcast: Any) -> Any:
        if not isinstance(value, set):
            raise TypeError("no set")
        return kg.shared(np.array(sorted(value)), name)

    try:
        assert theano.shared({3, 1}, "s").get_value().tolist() == [1, 3]
        assert theano.shared(2.5).get_value() == 2.5
    finally:
        shared_constructor(of_sets, remove=True)
    assert theano.shared({3, 1}).get_value() == {1, 3}


def test_where_values_lie(theano: Any) -> None:
    x, w = T.dscalar("x"), theano.shared(2.0, "w")
    f = theano.function([theano.In(x, value=3.0)], w * x + 5.0, updates=[(w, w + 1)])
    assert f() == 11
    kept = f.fn.storage_map
    assert (kept[w][0], kept[x][0]) == (3.0, 3.0)
    assert 5.0 in [float(cell[0]) for v, cell in kept.items() if v not in (w, x)]
