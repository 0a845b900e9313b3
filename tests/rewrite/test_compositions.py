"""Compositions of exponentials have their values far out, and so have their derivatives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rewrite.compositions import composition, wrong
from tests.support import cases


@pytest.mark.hypothesis
@cases(tested=15, hunted=2000)
@given(st.integers(0, 2**32 - 1))
def test_a_composition_has_its_value(seed: int) -> None:
    assert not (found := wrong(composition(seed))), f"seed {seed}: {found}"
