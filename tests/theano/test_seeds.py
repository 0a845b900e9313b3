"""The five tutorials that people bring along: each runs through the alias, and prints what it says.

The texts are doctests; arrays are printed as NumPy printed them at the time.
"""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kernelgraph import theano as alias

SEEDS = sorted((Path(__file__).parent / "seeds").glob("*.txt"))


@pytest.fixture
def theano() -> Iterator[object]:
    yield alias.install()
    alias.uninstall()


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_a_tutorial(
    seed: Path, theano: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the tutorials write pictures
    with np.printoptions(legacy="1.13"):
        failures, tried = doctest.testfile(
            str(seed),
            module_relative=False,
            globs={"training_steps": 10_000},
            optionflags=doctest.NORMALIZE_WHITESPACE,
        )
    assert failures == 0
    assert tried > 5


def test_there_are_five() -> None:
    assert len(SEEDS) == 5
