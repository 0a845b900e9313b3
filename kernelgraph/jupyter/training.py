"""A live view of a training loop: its steps come in, a progress bar and curves go out, and below
them how the numbers of chosen arrays are spread.

It wraps whatever the loop runs over, so a loop is watched by changing one line. The picture is
redrawn in place a few times a second and stays behind as a static one, also when the loop is
interrupted. No widget is involved, so a saved notebook shows what the live one did.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import suppress
from typing import Any, Generic, TypeVar

import numpy as np

from kernelgraph.errors import ArgumentError
from kernelgraph.function import function
from kernelgraph.graph import Constant, SharedVariable, Variable, leaves
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.markup import join
from kernelgraph.viz.training.curve import Progress, Series, curves_html, curves_text
from kernelgraph.viz.training.spread import Spread, spread, spreads_html, spreads_text

Item = TypeVar("Item")
Bundle = Mapping[str, str]
Array = np.ndarray[Any, Any]
Read = Callable[[], Any]

SECONDS_BETWEEN_PICTURES = 0.2
_MOST_TIME_SPENT_DRAWING = 0.1  # as a share of the loop's whole time


def train(
    items: Iterable[Item],
    *,
    title: str = "training",
    every: float = SECONDS_BETWEEN_PICTURES,
    watch: Mapping[str, Any] | None = None,
) -> Training[Item]:
    """Watch a training loop: iterate over the result, and report numbers to it.

    `items` is what the loop runs over (`range(200)`, a list of batches, a generator), `title`
    stands above the curves, and `every` is the least number of seconds between two pictures.
    `watch` names arrays whose numbers are shown as histograms: weights (shared variables), an
    activation or a gradient as an expression of shared variables or as a function of no arguments.
    They are read when a picture is due; `look` shows arrays that only the loop knows.

    Raises `ArgumentError` when `items` cannot be iterated over, or when what is to be watched needs
    inputs or is no real number.

    >>> training = train(range(3), title="halving")
    >>> for step in training:
    ...     training.report(loss=0.5**step)
    >>> print(training)
    halving: 3 steps
      loss  █▃▁  1 → 0.25
    >>> training.values["loss"]
    [1.0, 0.5, 0.25]
    """
    readers = {name: reader(name, thing) for name, thing in (watch or {}).items()}
    return Training(items, title, every, readers)


class Training(Generic[Item]):
    """A loop that is being watched, and afterwards the values that it reported.

    Shown as the last expression of a cell it is the picture of its curves.
    """

    def __init__(
        self,
        items: Iterable[Item],
        title: str,
        every: float,
        readers: Mapping[str, Read] | None = None,
    ) -> None:
        try:
            iter(items)
        except TypeError:
            raise ArgumentError(
                f"cannot loop over {items!r}",
                hint="give what the loop runs over: train(range(200)), or a list of batches",
            ) from None
        self._items = items
        self._title = title
        self._every = every
        self._step = 0
        self._done = 0
        self._series: dict[str, Series] = {}
        self._readers = dict(readers or {})
        self._given: dict[str, Array] = {}
        self._spreads: list[Spread] = []
        self._view = Hidden()
        self._next_picture = 0.0

    @property
    def values(self) -> dict[str, list[float]]:
        """What was reported so far: for each name its values, in the order of the steps."""
        return {name: list(series.values) for name, series in self._series.items()}

    @property
    def progress(self) -> Progress:
        """How many steps are done, and of how many."""
        total = len(self._items) if isinstance(self._items, Sized) else None
        return Progress(self._done, total)

    def report(self, **values: Any) -> None:
        """Add one number to each of the named curves, at the present step.

        Raises `ArgumentError` for anything that is not one real number.
        """
        numbers = {name: _number(name, value) for name, value in values.items()}
        self._done = self._step
        for name, number in numbers.items():
            series = self._series.setdefault(name, Series(name))
            series.steps.append(self._step)
            series.values.append(number)
        self._redraw_now_and_then()

    def look(self, **arrays: Any) -> None:
        """Show how the numbers of these arrays are spread, below the curves, until newer ones come.

        Raises `ArgumentError` for anything that is not an array of real numbers.
        """
        self._given |= {name: numbers(name, value) for name, value in arrays.items()}
        self._redraw_now_and_then()

    @property
    def spreads(self) -> dict[str, Spread]:
        """What the last picture showed of each watched array."""
        return {one.name: one for one in self._spreads}

    def __iter__(self) -> Iterator[Item]:
        """Run the loop from the start; values of an earlier run are forgotten."""
        self._step = self._done = 0
        self._series.clear()
        self._given.clear()
        self._spreads = []
        self._view = view_here()
        self._view.begin()
        self._next_picture = 0.0
        try:
            for item in self._items:
                self._step += 1
                self._redraw_now_and_then()
                yield item
                self._done = self._step
        finally:  # also after `break`, an error, or an interrupt
            view, self._view = self._view, Hidden()
            # What cannot be read any more is shown as it was; the loop may have failed over it.
            with suppress(Exception):
                self._read_arrays()
            view.end(self._bundle())

    def _redraw_now_and_then(self) -> None:
        begun = time.monotonic()
        if begun < self._next_picture:
            return
        self._read_arrays()
        self._view.draw(self._bundle())
        ended = time.monotonic()
        self._next_picture = ended + max(self._every, (ended - begun) / _MOST_TIME_SPENT_DRAWING)

    def _read_arrays(self) -> None:
        arrays = {name: numbers(name, read()) for name, read in self._readers.items()}
        self._spreads = [spread(name, array) for name, array in (arrays | self._given).items()]

    def _bundle(self) -> dict[str, str]:
        series, progress = list(self._series.values()), self.progress
        text = [curves_text(self._title, series, progress), spreads_text(self._spreads)]
        curves = curves_html(self._title, series, progress)
        return {
            "text/plain": "\n".join(filter(None, text)),
            "text/html": join([curves, spreads_html(self._spreads)]),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return self._bundle()

    def __repr__(self) -> str:
        return self._bundle()["text/plain"]


def _number(name: str, value: Any) -> float:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        what = f"an array of shape {array.shape}" if array.ndim else f"{type(value).__name__}"
        raise ArgumentError(f"{name}: a curve needs one number for each step, not {what}")
    return float(array.reshape(()))


# What is watched --------------------------------------------------------------------------------


def reader(name: str, thing: Any) -> Read:
    """How the array called `name` is read.

    An expression is computed from shared variables, and changes none. Raises `ArgumentError` for
    one that needs inputs, since nobody but the loop knows those.
    """
    match thing:
        case SharedVariable():
            return lambda: thing.get_value(borrow=True)
        case Variable():
            return _computed(name, thing)
        case _ if callable(thing):
            return thing
        case _:
            return lambda: thing


def _computed(name: str, expression: Variable) -> Read:
    inputs = [
        variable
        for variable in leaves([expression])
        if not isinstance(variable, SharedVariable | Constant)
    ]
    if inputs:
        listed = ", ".join(escape.name(str(variable)) for variable in inputs)
        raise ArgumentError(
            f"{name}: the expression needs {listed}, and only the loop knows what that is",
            hint="give a function of no arguments, or hand its values to training.look(…)",
        )
    return function([], expression, no_default_updates=True, target="interpret")


def numbers(name: str, value: Any) -> Array:
    """An array of real numbers. Raises `ArgumentError` for anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        what = f"an array of {array.dtype}" if array.ndim else type(value).__name__
        raise ArgumentError(f"{name}: what is watched must be real numbers, not {what}")
    return array


# Where the picture goes --------------------------------------------------------------------------


class Hidden:
    """A place for a picture that changes: it is begun, drawn over and over, and ended for good.

    This one is no view at all: outside of a loop, or where there is nothing to write to.
    """

    def begin(self) -> None:
        """Take a place for the picture."""

    def draw(self, bundle: Bundle) -> None:
        """Show this state of the picture."""

    def end(self, bundle: Bundle) -> None:
        """Leave the last state behind."""


def view_here() -> Hidden:
    """The view that suits where this code runs: a notebook's kernel, a terminal, or a file."""
    interactive: Any = sys.modules.get("IPython")
    shell: Any = interactive.get_ipython() if interactive is not None else None
    if hasattr(shell, "kernel"):
        return InNotebook()
    if sys.stderr is None or sys.stderr.closed:
        return Hidden()
    return InTerminal() if sys.stderr.isatty() else InFile()


_EMPTY: Bundle = {"text/plain": "", "text/html": ""}


class InNotebook(Hidden):
    """One output that is replaced while the loop runs, and a second one that stays.

    The first ends as empty as it began. So whoever runs the notebook again and compares what was
    published with what was saved finds no difference: neither holds a state in between.
    """

    def begin(self) -> None:
        """Publish the empty output."""
        import IPython.display as ipython  # here because only a notebook has IPython

        self._publish: Callable[..., Any] = ipython.display  # pyright: ignore[reportUnknownMemberType]
        self._handle = self._publish(_EMPTY, raw=True, display_id=True)

    def draw(self, bundle: Bundle) -> None:
        """Replace the output by this picture."""
        self._handle.update(bundle, raw=True)

    def end(self, bundle: Bundle) -> None:
        """Empty the output, and publish the last picture as one of its own."""
        self._handle.update(_EMPTY, raw=True)
        self._publish(bundle, raw=True)


class InTerminal(Hidden):
    """Lines on the terminal that are written over while the loop runs."""

    def begin(self) -> None:
        """Nothing is written yet."""
        self._lines = 0

    def draw(self, bundle: Bundle) -> None:
        """Write the text over the one before it."""
        text = bundle["text/plain"]
        back = f"\x1b[{self._lines}F\x1b[J" if self._lines else ""
        sys.stderr.write(f"{back}{text}\n")
        sys.stderr.flush()
        self._lines = text.count("\n") + 1

    def end(self, bundle: Bundle) -> None:
        """The last text stays."""
        self.draw(bundle)


class InFile(Hidden):
    """A log file or a pipe: it gets the last state only."""

    def end(self, bundle: Bundle) -> None:
        """Write the text once."""
        sys.stderr.write(bundle["text/plain"] + "\n")
