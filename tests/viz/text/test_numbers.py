import numpy as np
import pytest

from kernelgraph.viz.pictures.metrics import text_width
from kernelgraph.viz.text.numbers import largest, short_number, sign_of, value_text, widest_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.asarray(0.1), "0.1"),
        (np.array([[2.0]]), "2"),
        (np.asarray(True), "1"),
        (np.zeros(0), "0 entries: empty"),
        (np.arange(12.0), "12 entries: 0 … 11"),
        (np.array([1.0, np.nan]), "[1, NaN]"),
        (np.full((2, 2), 0.25), "2×2: all 0.25"),
        (np.array([1, 2, 3]), "[1, 2, 3]"),
        (object(), "object"),
    ],
)
def test_values_are_short(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize("shape", [(), (1,), (3,), (9,), (2, 3)])
def test_no_value_is_wider_than_its_room(shape: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    for exponent in range(-300, 300, 7):
        value = generator.normal(size=shape) * 10.0**exponent
        assert text_width(value_text(value, signed=True)) <= text_width(widest_text(value))


def test_signs_and_sizes() -> None:
    assert [sign_of(v) for v in ([1, 0], [-1, 0], [1, -1], 0, np.nan)] == [1, -1, 0, 0, 0]
    assert (largest([1, -3]), largest(np.zeros(0))) == (3.0, 0.0)
    assert short_number(float("-inf")) == "−∞"
