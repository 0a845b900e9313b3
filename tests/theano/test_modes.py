"""Theano's names of modes: each of them is a mode of ours."""

from __future__ import annotations

import pytest

from kernelgraph.errors import OptionError
from kernelgraph.rewrite import modes as own
from kernelgraph.theano import modes


@pytest.mark.parametrize("optimizer", modes.OPTIMIZERS)
@pytest.mark.parametrize("linker", [None, "py", "cvm", "c|py"])
def test_every_pair_of_names(linker: str | None, optimizer: str) -> None:
    made = modes.Mode(linker, optimizer)
    assert made.rules == own.get_mode(modes.OPTIMIZERS[optimizer]).rules
    assert made.target == ("interpret" if linker == "py" else None)


def test_names_of_modes() -> None:
    assert modes.get_mode("FAST_COMPILE").target == "interpret"
    assert modes.get_mode("FAST_RUN").rules == own.FAST_RUN.rules
    assert modes.get_default_mode().rules == own.FAST_RUN.rules
    assert modes.get_mode(own.STABILIZE) is own.STABILIZE
    assert modes.get_mode("DebugMode").name == "DebugMode"
    with pytest.raises(OptionError):
        modes.Mode(optimizer="fastest")
