"""Tables that the runtime in Python refuses; how it calls programs is in test_runtime.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernelgraph.c.runtime_ctypes import CompiledFunction

REAL = np.dtype("float64").num
TABLES: dict[str, Any] = {
    "entry": 1, "slots": [(REAL, 1), (REAL, 0)], "arguments": [(0, np.asarray, (-1,))],
    "cells": [], "constants": [], "outputs": [1], "updates": [], "calls": [],
    "fail": print, "single": True,
}  # fmt: skip


def test_a_program_takes_its_arguments_by_position() -> None:
    program = CompiledFunction(**TABLES)
    with pytest.raises(TypeError, match="1 positional"):
        program()
    program.free()


@pytest.mark.parametrize(
    "wrong",
    [
        {"entry": 0},
        {"outputs": [0, 1]},
        {"outputs": [2]},
        {"arguments": [(0, np.asarray, ())]},
        {"arguments": [(5, np.asarray, (-1,))]},
        {"constants": [(-1, 0.0)]},
        {"calls": [(print, [0], [9])]},
        {"cells": [(0, (1.0,))]},
        {"slots": [(REAL, 99)]},
    ],
    ids=str,
)
def test_tables_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        CompiledFunction(**{**TABLES, **wrong})
