"""Where an exploration begins: the inputs that can be moved, and a first value for every input.

A graph, ranges and values by name come in; `Slider`s and arrays go out. What nobody has given is
drawn from a seed, so that the same call shows the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.autodiff import has_derivative
from kernelgraph.errors import ArgumentError
from kernelgraph.graph import Graph, SharedVariable, Variable, describe
from kernelgraph.names import called, quoted
from kernelgraph.types import Array, TensorType, copied, is_float
from kernelgraph.viz.text.words import variable_text

Range = tuple[float, float]
Keys = Mapping[Any, Any]
"""Values by an input, or by its name."""

STEPS = 60
"""Places of a slider, less one."""

MOST_SLIDERS = 12
MOST_ENTRIES = 200
"""Entries of one array that can be picked."""

_DEFAULT_RANGE: Range = (-3.0, 3.0)
UNKNOWN_SIZE = 3
"""The size of every dimension of a drawn array that its type leaves open."""


@dataclass(frozen=True)
class Slider:
    """An input that can be moved: its number among the inputs, and the numbers that it can take."""

    index: int
    variable: Variable
    places: tuple[float, ...]

    @property
    def key(self) -> str:
        """What the picture calls this input."""
        return f"i{self.index}"

    def nearest(self, value: float) -> int:
        """The place whose number is nearest to `value`; the first, where `value` is no number."""
        distances = [abs(place - value) for place in self.places]
        return distances.index(min(distances)) if np.isfinite(value) else 0


def sliders(graph: Graph, ranges: Keys, steps: int = STEPS) -> list[Slider]:
    """The sliders for these ranges; without any, for every scalar or array of floats.

    Raises `ArgumentError` for a name that no input has, and for what is no range.
    """
    wanted = by_input(graph, ranges, "a range")
    if not wanted:
        floats = [v for v in graph.inputs if has_derivative(v)]
        wanted = dict.fromkeys(floats[:MOST_SLIDERS], _DEFAULT_RANGE)
    number = {variable: index for index, variable in enumerate(graph.inputs)}
    return [
        Slider(number[variable], variable, _places(variable, limits, steps))
        for variable, limits in wanted.items()
    ]


def starting_values(
    graph: Graph, at: Keys, defaults: Mapping[Variable, Any], moved: Sequence[Slider], seed: int
) -> list[Any]:
    """A value for each input: the one in `at`, its default, its example value, or a drawn one.

    Raises `ArgumentError` for a name that no input has and for an input that cannot be drawn,
    `DTypeError` and `ShapeError` for a value that does not fit.
    """
    given = {**defaults, **by_input(graph, at, "a value")}
    places = {slider.variable: slider.places for slider in moved}
    values: list[Any] = []
    for index, variable in enumerate(graph.inputs):
        if is_drawn(variable, given):
            generator = np.random.default_rng([seed, index])
            value = _drawn(variable, generator, places.get(variable))
        elif isinstance(variable, SharedVariable) and variable not in given:
            value = variable.container[0]
        else:
            example = getattr(variable.tag, "test_value", None)
            value = variable.type.filter(given.get(variable, example), variable_text(variable))
        values.append(copied(value))
    return values


def is_drawn(variable: Variable, given: Mapping[Variable, Any]) -> bool:
    """Whether the value of an input comes from the seed alone, where these are given."""
    known = variable in given or isinstance(variable, SharedVariable)
    return not known and not hasattr(variable.tag, "test_value")


def by_input(graph: Graph, given: Keys, what: str) -> dict[Variable, Any]:
    """The same values by variable; raises `ArgumentError` for a name that no input has."""
    found: dict[Variable, Any] = {}
    for key, value in given.items():
        variable: Any = key
        if isinstance(key, str):
            named = called(key, graph.inputs, lambda v: v.name)
            variable = named[-1] if named else None
        if variable not in graph.inputs:
            known = ", ".join(map(variable_text, graph.inputs)) or "none"
            raise ArgumentError(
                f"{what} is given for {quoted(key)}, but no input is called so",
                hint=f"the inputs are: {known}",
            )
        found[variable] = value
    return found


def _places(variable: Variable, limits: Any, steps: int) -> tuple[float, ...]:
    if not _is_tensor(variable):
        raise ArgumentError(f"{describe(variable)} is no array of numbers and cannot be moved")
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        low = high = float("nan")
    if not low < high or not np.isfinite(high - low):
        raise ArgumentError(
            f"the range of {variable_text(variable)} must be two numbers, the smaller first, "
            f"not {limits!r}",
            hint='x=(-3, 3); values of arrays go to at={"X": array}',
        )
    if not is_float(variable.dtype):
        steps = max(1, min(steps, int(high) - int(low)))
        return tuple(float(round(low + (high - low) * k / steps)) for k in range(steps + 1))
    return tuple(_rounded(low + (high - low) * k / steps, high - low) for k in range(steps + 1))


def _rounded(value: float, width: float) -> float:
    """`value` without the noise of its last digits: 0.1 for 0.10000000000000009."""
    digits = 6 - int(np.floor(np.log10(width)))
    return round(value, digits) + 0.0


def _drawn(
    variable: Variable, generator: np.random.Generator, places: Sequence[float] | None
) -> Array:
    if not _is_tensor(variable):
        raise ArgumentError(
            f"{describe(variable)} needs a value", hint=f'at={{"{variable_text(variable)}": …}}'
        )
    kind = variable.tensor_type
    shape = tuple(UNKNOWN_SIZE if size is None else size for size in kind.shape)
    if places is not None:
        inside = places[len(places) // 6 : -(len(places) // 6) or None]  # not at the rims, nor at 0
        inner = [place for place in inside if place] or inside
        return generator.choice(inner, size=shape).astype(kind.dtype)
    if kind.dtype == "bool":
        return generator.integers(0, 2, size=shape).astype(bool)
    if is_float(kind.dtype):
        return generator.normal(size=shape).round(2).astype(kind.dtype)
    return generator.integers(0, UNKNOWN_SIZE, size=shape).astype(kind.dtype)


def _is_tensor(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType)
