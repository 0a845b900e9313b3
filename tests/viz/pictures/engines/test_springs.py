import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.viz.pictures.engines.springs import closest_places

FLOATS = st.floats(-100, 100, allow_nan=False)
PULLS = st.lists(st.tuples(FLOATS, st.floats(0.1, 50)), min_size=1, max_size=12)


def energy(places: list[float], pulls: list[tuple[float, float]]) -> float:
    return sum(
        strength * (place - wanted) ** 2
        for place, (wanted, strength) in zip(places, pulls, strict=True)
    )


@given(PULLS, st.floats(0, 20))
def test_gaps_are_kept(pulls: list[tuple[float, float]], gap: float) -> None:
    places = closest_places(pulls, [0.0] + [gap] * (len(pulls) - 1))
    assert all(b - a >= gap - 1e-6 for a, b in itertools.pairwise(places))


@given(PULLS, st.floats(0, 20), st.data())
def test_no_other_places_are_better(
    pulls: list[tuple[float, float]], gap: float, data: st.DataObject
) -> None:
    places = closest_places(pulls, [0.0] + [gap] * (len(pulls) - 1))
    steps = st.lists(st.floats(0, 30), min_size=len(pulls), max_size=len(pulls))
    other = [data.draw(FLOATS)]
    for step in data.draw(steps)[1:]:
        other.append(other[-1] + gap + step)
    assert energy(places, pulls) <= energy(other, pulls) + 1e-6


def test_who_is_free_stands_where_it_wants() -> None:
    assert closest_places([(0.0, 1.0), (50.0, 1.0)], [0.0, 10.0]) == [0.0, 50.0]


def test_the_stronger_gives_way_less() -> None:
    left, right = closest_places([(0.0, 3.0), (0.0, 1.0)], [0.0, 8.0])
    assert (left, right) == pytest.approx((-2.0, 6.0))
