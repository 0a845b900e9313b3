"""Memory and slots of values, as the schedule says where they live."""

from __future__ import annotations

from typing import Any

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.loops.lowered import lines


@kg.as_op(T.dvector, T.dvector)
def there_and_back(value: Any) -> Any:
    return value


x, v, n = T.dmatrix("x"), T.dvector("v"), T.lscalar("n")


def allocated(found: list[str]) -> list[str]:
    return [line.removeprefix("allocate ") for line in found if line.startswith("allocate ")]


def test_inputs_are_bound_to_their_slots() -> None:
    found = lines([v, n], v * n)
    assert "v: float64[v_n0] is in slot 0, or a copy without gaps in rows" in found
    assert "n: int64 is the number in slot 1" in found


def test_a_result_gets_memory_in_its_slot() -> None:
    assert allocated(lines([v], T.exp(v))) == ["v_exp: float64[v_n0] in slot 1"]


def test_scratch_of_a_row_is_as_long_as_a_row() -> None:
    e = T.exp(x)
    found = allocated(lines([x], e / e.sum(axis=1, keepdims=True)))
    assert [line.split(": ")[1] for line in found] == [
        "float64[x_n0, x_n1] in slot 1",
        "float64[x_n1]",
    ]


def test_what_python_reads_gets_a_slot_of_its_own() -> None:
    found = lines([v], there_and_back(T.exp(v)) + 1)
    assert allocated(found)[0] == "v_exp: float64[v_n0] in slot 2"
    assert "slot 2 ← v_sum" in lines([v], kg.as_op(T.dscalar, T.dscalar)(lambda s: s)(v.sum()))


def test_a_number_is_put_into_the_slot_of_a_result() -> None:
    assert "slot 1 ← v_sum" in lines([v], v.sum())


def test_a_join_has_one_memory_and_its_result_is_that() -> None:
    assert len(allocated(lines([v], T.concatenate([v, v])))) == 1


def test_an_inner_graph_has_other_names_for_outer_arrays() -> None:
    found = lines([v, n], kg.ifelse(n > 0, T.exp(v), v * 2))
    assert "v_1: float64[v_n0_1] is v" in found
    assert "v_2: float64[v_n0_2] is v" in found
    assert len([line for line in allocated(found) if line.endswith("in slot 2")]) == 2
