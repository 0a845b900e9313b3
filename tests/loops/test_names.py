"""Names in generated text: like the user's own, unique, and harmless."""

from __future__ import annotations

import re

import pytest

from kernelgraph.loops.names import Names, safe_word


@pytest.mark.parametrize("wish", ["x", "weights", "learning_rate", "W1", "hidden_layer_2"])
def test_good_names_stay(wish: str) -> None:
    assert safe_word(wish) == wish


HOSTILE = [
    "", " ", "0", "2x", "é", "a b", "a-b", "*/", '";system("rm")', "//", "\\\n", "#include", "_x",
    "int", "for", "lambda", "None", "exp", "tanhf", "NAN", "size_t", "kg_host", "to_int8", "x_s0",
    "x_lanes", "i_base_2", "row", "lane", "exp_float64", "float32_parts", "floor_quotient", "fail",
    "divide", "x" * 99,
]  # fmt: skip


@pytest.mark.parametrize("wish", HOSTILE)
def test_names_that_mean_something_else_are_changed(wish: str) -> None:
    word = safe_word(wish)
    assert word != wish
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word)


def test_every_name_is_handed_out_once() -> None:
    names = Names()
    given = [names.fresh(wish) for wish in ("x", "x", "x_1", "x", "for", "v_for", "x")]
    assert len(set(given)) == len(given)
    assert given[:2] == ["x", "x_1"]
