"""The gradient explorer: a graph that shows at every node what it is worth and what its gradient
is, while its inputs are moved.

A graph, ranges and values come in; an `Explorer` knows where the inputs stand, what to show there
and how to show it: as a static picture, as a page with recorded frames whose sliders need no
kernel, or as the states that keep a live page up to date.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, KernelgraphError
from kernelgraph.expect import text_of
from kernelgraph.function import Function
from kernelgraph.graph import Graph, Variable
from kernelgraph.hooks import unwatched
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType, is_float
from kernelgraph.viz.gradients.gradient_picture import GradientPicture, gradient_picture
from kernelgraph.viz.gradients.plot import Course, Point, plot_state
from kernelgraph.viz.gradients.starts import (
    MOST_ENTRIES,
    STEPS,
    UNKNOWN_SIZE,
    Keys,
    Slider,
    by_input,
    is_drawn,
    sliders,
    starting_values,
)
from kernelgraph.viz.gradients.tape import (
    Tape,
    TapeValues,
    first_strange_adjoint,
    first_strange_value,
    has_nan,
)
from kernelgraph.viz.html.live import TEXT, PageState
from kernelgraph.viz.text.numbers import short_number, value_text
from kernelgraph.viz.text.words import output_name, variable_text

Change = tuple[str, int, int | None]
"""What a page asks for: the key of an input, an entry of it, and the place that its slider has
gone to (None: only another entry was picked). The key `SEED` asks for the values that this seed
gives.
"""

SEED = "seed"

_EVALUATIONS = 12_000  # nodes computed for one curve
_MOST_PLACES, _FEWEST_PLACES = 61, 9
_REMEMBERED = 16  # curves
_MOST_RECORDED = 300  # states in a page
_AGREE = 1e-3  # relative
_ROUNDING = 100.0  # last digits of the output that a difference may be off by


class Explorer:
    """A graph at certain values of its inputs, which can be moved.

    `output` says which output of the graph is explored; of an array, it is the sum. Raises
    `ArgumentError` for names that no input has, for ranges that are none and for an output that is
    not numbers, and what computing the graph raises.
    """

    def __init__(
        self,
        graph: Graph,
        ranges: Keys,
        at: Keys,
        *,
        defaults: Mapping[Variable, Any] | None = None,
        steps: int = STEPS,
        seed: int = 0,
        output: int = 0,
    ) -> None:
        explored, self.output = _explored(graph, output)
        self.tape = Tape(explored, explored.outputs[0], explored.inputs)
        self.sliders = sliders(explored, ranges, steps)
        self.given = {**(defaults or {}), **by_input(explored, at, "a value")}
        self.seed = seed
        self.values = self._starting_values()
        self.entries = {slider.key: 0 for slider in self.sliders}
        self.sliders = [s for s in self.sliders if np.size(self.values[s.index]) > 0]
        if not self.sliders:
            raise ArgumentError(
                "there is nothing to move: no input is an array of floats",
                hint="x=(-3, 3) gives the input x a range",
            )
        self.moved = self.sliders[0]
        self.reading = self._first_reading()
        self.picture: GradientPicture = gradient_picture(self.tape, self.reading)
        self.failure = ""
        self._courses: dict[Any, Course] = {}

    def _first_reading(self) -> TapeValues:
        try:
            return self.tape.read(self.values)
        except KernelgraphError as error:
            error.add_note(
                f"Inputs without a value were drawn, unknown sizes taken as {UNKNOWN_SIZE}: "
                'give what must fit in at={"X": …}.'
            )
            raise

    def _starting_values(self) -> list[Any]:
        return starting_values(self.tape.graph, {}, self.given, self.sliders, self.seed)

    @property
    def drawn(self) -> list[str]:
        """The names of the inputs whose values come from the seed."""
        inputs = self.tape.graph.inputs
        return [variable_text(v) for v in inputs if is_drawn(v, self.given)]

    # Moving --------------------------------------------------------------------------------------

    def move(self, changes: Iterable[Change]) -> None:
        """Move inputs to other places, and read all values and gradients there.

        Where the graph cannot be computed the numbers stay what they were, and `note` says so.
        Raises `ArgumentError` for a key, an entry or a place that does not exist.
        """
        for key, entry, place in changes:
            if key == SEED:
                self.seed = entry
                self.values = self._starting_values()
                continue
            slider = next((each for each in self.sliders if each.key == key), None)
            if slider is None or not 0 <= entry < len(self.entries_of(slider)):
                raise ArgumentError(f"there is no entry {entry} of {key} to move")
            self.moved, self.entries[key] = slider, entry
            if place is not None:
                if not 0 <= place < len(slider.places):
                    raise ArgumentError(f"the slider of {key} has no place {place}")
                self.values[slider.index] = self._with(slider, slider.places[place])
        self.failure = ""
        try:
            self.reading = self.tape.read(self.values)
        except Exception as error:  # whatever an op may raise
            self.failure = type(error).__name__

    def entries_of(self, slider: Slider) -> list[str]:
        """What the entries of an input are called: one empty name for a scalar."""
        shape = np.shape(self.values[slider.index])
        if not shape:
            return [""]
        indices = list(np.ndindex(*shape))[:MOST_ENTRIES]
        return [f"[{', '.join(map(str, index))}]" for index in indices]

    def number(self, slider: Slider) -> float:
        """The number that a slider moves, where it is now."""
        return float(np.reshape(self.values[slider.index], -1)[self.entries[slider.key]])

    def _with(self, slider: Slider, number: float) -> Any:
        """The value of an input with another number in the entry that moves."""
        value = np.array(self.values[slider.index])
        value.reshape(-1)[self.entries[slider.key]] = number
        return value

    # What is seen --------------------------------------------------------------------------------

    @property
    def slope(self) -> float | None:
        """The derivative of the output with respect to the number that moves; None without one."""
        adjoint = self.reading.adjoints.get(self.moved.variable)
        if adjoint is None:
            return None
        return float(np.reshape(adjoint, -1)[self.entries[self.moved.key]])

    @property
    def result(self) -> float:
        """The output."""
        return float(self.reading.values[self.tape.cost])

    def output_at(self, number: float) -> float:
        """The output, if the number that moves were this one."""
        there = [self._with(self.moved, number)]
        return self.tape.course(self.reading.values, self.moved.variable, there)[0]

    def state(self) -> PageState:
        """All that changes in a page: the picture, the plot, the sliders and the sentences."""
        plot = plot_state(self._course(), Point(self.number(self.moved), self.result, self.slope))
        state = {**self.picture.state(self.reading), **plot}
        for slider in self.sliders:
            place, number = slider.nearest(self.number(slider)), self.number(slider)
            visible = "inline" if slider is self.moved else "none"
            state[f"plot.{slider.key}"] = {"display": visible}
            state[f"{slider.key}.slider"] = {"value": str(place)}
            state[f"{slider.key}.shown"] = {TEXT: short_number(number)}
        state["check"] = {TEXT: _derivative_check(self)}
        state["note"] = {TEXT: self.note()}
        return state

    def note(self) -> str:
        """What went wrong on the way, in one sentence; empty where nothing did."""
        if self.failure:
            return f"The graph cannot be computed here ({self.failure}); the numbers are older."
        if self.tape.problem:
            return "No gradients: an op of this graph has no derivative."
        keys = {variable: key for key, variable in reversed(self.picture.shown.items())}
        first = first_strange_value(self.tape, self.reading)
        if first is not None:
            what = "NaN" if has_nan(self.reading.values[first]) else "An infinity"
            return f"{what} first at {keys.get(first, 'a number')}."
        back = first_strange_adjoint(self.tape, self.reading)
        if back is not None:
            return f"All values are finite; the gradient is not, first at {keys.get(back, '?')}."
        return ""

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Key, name, value and gradient of everything that the picture shows."""
        names = {box.box.key: box.box.lines[0] for box in self.picture.layout.boxes}
        rows: list[tuple[str, str, str, str]] = []
        for key, variable in self.picture.shown.items():
            adjoint = self.reading.adjoints.get(variable)
            gradient = "–" if adjoint is None else value_text(adjoint, signed=True)
            rows.append((key, names[key], value_text(self.reading.values[variable]), gradient))
        return rows

    def _course(self) -> Course:
        """The output over the whole range of the slider; it is kept, for while one input moves the
        curve stays the same.
        """
        others = self._with(self.moved, 0.0)
        held = [others if k == self.moved.index else v for k, v in enumerate(self.values)]
        entry = self.entries[self.moved.key]
        key = (self.moved.index, entry, *(np.asarray(v).tobytes() for v in held))
        if key not in self._courses:
            places = self._curve_places()
            there = (self._with(self.moved, place) for place in places)
            outputs = self.tape.course(self.reading.values, self.moved.variable, there)
            if len(self._courses) >= _REMEMBERED:
                self._courses.pop(next(iter(self._courses)))
            self._courses[key] = Course(places, outputs)
        return self._courses[key]

    def _curve_places(self) -> Sequence[float]:
        most = _EVALUATIONS // max(len(self.tape.nodes), 1)
        count = min(max(most, _FEWEST_PLACES), _MOST_PLACES)
        first, last = self.moved.places[0], self.moved.places[-1]
        if self.moved.variable.dtype.startswith(("int", "uint", "bool")):
            return self.moved.places
        return [float(place) for place in np.linspace(first, last, count)]


def _explored(graph: Graph, output: int) -> tuple[Graph, str]:
    """The graph of one output alone, summed up where it is an array, and what that is called."""
    if not 0 <= output < len(graph.outputs):
        raise ArgumentError(
            f"there is no output {text_of(output)}: the graph has {len(graph.outputs)}"
        )
    variable, name = graph.outputs[output], output_name(graph, output)
    if not isinstance(variable.type, TensorType):
        raise ArgumentError(f"{name} is no number: {variable.type}")
    if variable.ndim:
        with unwatched():
            variable = sum_(variable)
        name = f"sum of {name}"
        variable.name = name
    return Graph(graph.inputs, (variable,), name=graph.name), name


def _derivative_check(explored: Explorer) -> str:
    """What autodiff says, what a central difference says, and whether they agree.

    The step is the cube root of the machine's precision, which balances the error of the formula
    with that of rounding (Press et al., Numerical Recipes, 3rd ed., section 5.7).
    """
    dtype = explored.moved.variable.dtype
    slope = explored.slope
    if not is_float(dtype):
        return f"no derivative: this input is {dtype}, which takes steps"
    if slope is None:
        return "no derivative: the output does not depend on this input, or an op has none"
    here = explored.number(explored.moved)
    precision = float(np.finfo(dtype).eps)
    step = precision ** (1 / 3) * max(1.0, abs(here))
    left, right = here - step, here + step
    below, above = explored.output_at(left), explored.output_at(right)
    numeric = (above - below) / (right - left)
    said = f"autodiff {short_number(slope)}, numeric {short_number(numeric)}"
    if not (math.isfinite(slope) and math.isfinite(numeric)):
        return f"{said}: nothing to compare"
    size = max(abs(below), abs(above), abs(explored.result))
    rounding = _ROUNDING * precision * size / step
    allowed = _AGREE * max(abs(slope), abs(numeric)) + rounding
    if abs(slope - numeric) <= allowed:
        return f"{said}, ok"
    sides = (explored.result - below) / (here - left), (above - explored.result) / (right - here)
    if abs(sides[0] - sides[1]) > allowed:
        at = " and ".join(short_number(side) for side in sides)
        return f"{said}: they differ, at a kink (from the left and from the right: {at})"
    return f"{said}: they differ"


def input_names(explorer: Explorer) -> list[tuple[str, str]]:
    """Key and name of every input that can be moved."""
    return [(slider.key, variable_text(slider.variable)) for slider in explorer.sliders]


def defaults_of(obj: Any) -> dict[Variable, Any]:
    """The defaults that the inputs of a compiled function have; nothing for other objects."""
    if not isinstance(obj, Function):
        return {}
    convention = obj.convention
    pairs = zip(convention.inputs, convention.cells, strict=True)
    return {item.variable: cell[0] for item, cell in pairs if cell and cell[0] is not None}


def recorded_entries(explorer: Explorer, slider: Slider) -> int:
    """How many entries of an input are recorded: all, unless they are too many."""
    states = len(slider.places) * len(explorer.sliders)
    return min(len(explorer.entries_of(slider)), max(_MOST_RECORDED // states, 1))


def recorded_states(explorer: Explorer) -> dict[str, list[list[PageState]]]:
    """For each slider and each entry that it can move, the state at each of its places while the
    others stay where they are.
    """
    start = list(explorer.values)
    states: dict[str, list[list[PageState]]] = {}
    for slider in explorer.sliders:
        states[slider.key] = []
        for entry in range(recorded_entries(explorer, slider)):
            states[slider.key].append([])
            for place in range(len(slider.places)):
                explorer.values = list(start)
                explorer.move([(slider.key, entry, place)])
                states[slider.key][entry].append(explorer.state())
        explorer.entries[slider.key] = 0
    explorer.values = start
    explorer.moved = explorer.sliders[0]
    explorer.move([])
    return states
