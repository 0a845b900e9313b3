"""However a function is spelled, it keeps its digits: spellings drawn at random."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rewrite.spellings import KNOWN, exceeds, spelling
from tests.support import cases


@pytest.mark.hypothesis
@cases(tested=50, hunted=2000)
@given(st.integers(0, 2**32 - 1))
def test_a_spelling_keeps_its_digits(seed: int) -> None:
    found = spelling(seed)
    assert not exceeds(found), f"seed {seed}: {found.name}"


@pytest.mark.parametrize("family", KNOWN)
def test_what_is_known_to_lose_digits_still_does(family: str) -> None:
    assert exceeds(KNOWN[family].spelling()), (
        f"{family} is mended: draw it, and take it out of KNOWN"
    )
