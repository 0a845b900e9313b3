"""Nodes as statements of a kernel."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.schedule.fusion import plan
from tests.loops.lowered import lines

v, x, k, n = T.dvector("v"), T.dmatrix("x"), T.lvector("k"), T.lscalar("n")


def inside(found: list[str], loop: str, count: int) -> list[str]:
    """The first statements of a loop."""
    start = found.index(loop) + 1
    return found[start : start + count]


def test_a_formula_is_a_number_with_a_name_and_a_store() -> None:
    assert inside(lines([v], T.exp(v) * 2), "for i < v_n0", 3) == [
        "v_exp: float64 = exp(v[i])",
        "mul_1: float64 = v_exp * 2.0",
        "mul[i] ← mul_1",
    ]


def test_an_operand_that_a_formula_has_twice_is_read_once() -> None:
    assert inside(lines([v], T.sqr(v)), "for i < v_n0", 2) == [
        "v_1: float64 = v[i]",
        "sqr_1: float64 = v_1 * v_1",
    ]


def test_small_powers_are_products() -> None:
    found = lines([v], v**3)
    assert "square: float64 = base_of * base_of" in found
    assert not any("pow(" in line for line in found)


def test_an_index_is_checked_before_anything_is_read_there() -> None:
    assert inside(lines([x, k], x[k]), "for j < x_n1", 3) == [
        "v_row = v_k[i], from -x_n0 to below x_n0, else error 0",
        "take_1: float64 = x[v_row, j]",
        "take[i, j] ← take_1",
    ]


def test_labels_do_not_count_from_the_end() -> None:
    loss = T.nnet.categorical_crossentropy(T.nnet.softmax(x), k)
    assert any("from 0 to below x_n1" in line for line in lines([x, k], loss))


def test_elements_are_put_into_zeros() -> None:
    found = lines([v, n], T.grad((v[n:] * 2).sum(), v))
    assert inside(found, "for at < v_n0", 1) == ["subtensor_transpose[at] ← 0.0"]
    assert found.index("for at < v_n0") < found.index("for i < broadcast_n0")
    assert inside(found, "for i < broadcast_n0", 2)[1] == "v_part_[i] ← mul"


def test_three_formulas_stand_above_a_kernel() -> None:
    outputs = tuple(v * c for c in (2, 3, 4, 5))
    (kernel,) = lower(plan(Graph((v,), outputs))).kernels
    notes = kernel.note.splitlines()
    assert [note.split(" = ")[1] for note in notes[:3]] == ["v * 2", "v * 3", "v * 4"]
    assert notes[3:] == ["…"]


def test_numbers_are_given_back_and_arrays_are_written() -> None:
    (kernel,) = lower(plan(Graph((v,), (v.sum(), v + 1)))).kernels
    assert [r.dtype for r in kernel.results] == ["float64"]
    assert [len(b.dims) for b in kernel.writes] == [1]


def test_scalars_are_put_side_by_side_once() -> None:
    a, b = T.dscalars("a", "b")
    found = lines([a, b], T.stack([a + 1, b]) * 3)
    stores = [line for line in found if line.startswith("stack[")]
    assert stores == ["stack[0] ← add", "stack[1] ← b"]
    assert found.index(stores[-1]) < found.index("for i < 2")
