"""Random programs over the whole language, with values for them.

A seed decides on a few subjects of the language that it draws from more often, so that rules meet;
on dtypes, ranks and sizes; on the layouts of its inputs, and on whether their numbers are tame.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.types import TensorType
from tests.fuzz.drawing import Drawn, UnfitError
from tests.fuzz.forms import FORMS
from tests.fuzz.language import DTYPES, Use, steps_of_the_language, subjects
from tests.support import LAYOUTS, SIZES, draw, lay_out, tame

COMMON_SIZES = (0, 1, 1, 2, 2, 3, 3, 5, 7, 8)
TRIES = 60


@cache
def uses() -> Sequence[Use]:
    """All steps: those of the language and the forms."""
    return (*steps_of_the_language(), *FORMS)


@dataclass
class Whole:
    """A program with its inputs' values, and what was tried in vain."""

    seed: int
    policy: str
    graph: Graph
    values: list[Any]
    steps: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


def joined(wholes: Sequence[Whole]) -> tuple[Graph, list[Any]]:
    """Several programs as one, which a compiler compiles once."""
    inputs = tuple(v for one in wholes for v in one.graph.inputs)
    outputs = tuple(v for one in wholes for v in one.graph.outputs)
    return Graph(inputs, outputs), [value for one in wholes for value in one.values]


def whole(seed: int, smooth: bool = False) -> Whole:
    """The program of a seed; a smooth one can be derived by differences."""
    chance = random.Random(seed)
    policy = chance.choice(list(POLICIES))
    made = Drawn(chance, tame=chance.random() < 0.75 or smooth, smooth=smooth)
    inputs = _inputs(made, policy)
    weights = POLICIES[policy](chance)
    result = Whole(seed, policy, Graph((), ()), [])
    for _ in range(chance.randint(5, 40)):
        _grow(made, weights, result)
    outputs = _outputs(made, result)
    result.graph = Graph(tuple(inputs), tuple(outputs))
    result.values = [made.at[v] for v in inputs]
    return result


def _grow(made: Drawn, weights: Sequence[float], result: Whole) -> None:
    for _ in range(TRIES):
        (use,) = made.chance.choices(uses(), weights)
        state = made.chance.getstate()
        if _tried(made, use, result):
            result.steps[use.name] += 1
            if made.chance.random() < 0.1:  # the same again: another node that computes it
                made.chance.setstate(state)
                _tried(made, use, result)
            return


def _tried(made: Drawn, use: Use, result: Whole) -> bool:
    try:
        out = use.step(made)
        made.learn(list(out) if isinstance(out, list | tuple) else [out])
    except UnfitError:
        return False
    except (KernelgraphError, TypeError, ValueError, IndexError) as error:
        result.refused[use.name, f"{type(error).__name__}: {error}"[:160]] += 1
        return False
    return True


def _outputs(made: Drawn, result: Whole) -> list[Variable]:
    """The last result, some others, and for two programs in five a gradient."""
    derived = [v for v in made.known if v.owner is not None]
    outputs = derived[-1:] + made.chance.sample(
        derived, min(len(derived), made.chance.randint(0, 3))
    )
    if made.chance.random() < 0.4:
        state = len(made.known)
        for _ in range(5):
            if _tried(made, GRADIENT, result):
                outputs += made.known[state:]
                break
    return list(dict.fromkeys(outputs)) or [made.known[0] * 1]


GRADIENT = next(use for use in FORMS if use.name == "gradient")


# Inputs -------------------------------------------------------------------------------------------


def _inputs(made: Drawn, policy: str) -> list[Variable]:
    chance = made.chance
    rng = np.random.default_rng(chance.randrange(2**32))
    dtypes = ["float64"] if made.smooth else _dtypes(chance, policy)
    lengths = [chance.choice(COMMON_SIZES if chance.random() < 0.8 else SIZES) for _ in range(3)]
    inputs: list[Variable] = []
    for name in "uvwxyz"[: chance.randint(1, 5)]:
        rank = chance.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))
        sizes = [chance.choice(lengths) for _ in range(rank)]
        while np.prod(sizes) > 400:
            sizes[int(np.argmax(sizes))] = 2
        value = _numbers(made, rng, chance.choice(dtypes), sizes)
        declared = tuple(
            1 if n == 1 and chance.random() < 0.7 else n if chance.random() < 0.15 else None
            for n in sizes
        )
        variable = TensorType(value.dtype.name, declared)(name)
        made.at[variable] = _laid_out(value, chance)
        inputs.append(variable)
    made.known += inputs
    return inputs


def _dtypes(chance: random.Random, policy: str) -> Sequence[str]:
    if policy == "integers":
        return [d for d in DTYPES if "int" in d or d == "bool"]
    roll = chance.random()
    if roll < 0.4:
        return ["float64"]
    if roll < 0.6:
        return ["float64", "float32", "int64", "bool"]
    return chance.sample(DTYPES, 3)


def _numbers(made: Drawn, rng: np.random.Generator, dtype: str, sizes: Sequence[int]) -> Any:
    if not made.tame:
        return draw(rng, dtype, sizes)
    numbers = tame(rng, dtype, sizes)
    zeros = rng.random(np.shape(numbers)) < (0 if made.smooth else 0.05)
    return np.where(zeros, np.zeros((), dtype), numbers).astype(dtype)


def _laid_out(value: Any, chance: random.Random) -> Any:
    """The numbers in some layout; among them parts of one memory that overlap."""
    if not value.ndim:
        return lay_out(value, chance.choice(("C", "read-only", "unaligned", "byte-swapped")))
    layout = chance.choice((*LAYOUTS, "overlapping"))
    if layout != "overlapping" or value.ndim != 2 or not value.size:
        return lay_out(value, "C" if layout == "overlapping" else layout)
    rows, columns = value.shape
    line = np.resize(value.ravel(), rows + columns - 1)
    return np.lib.stride_tricks.sliding_window_view(line, columns)


# Policies -----------------------------------------------------------------------------------------


def _everything(chance: random.Random) -> list[float]:
    return [1.0 for _ in uses()]


def _subjects(chance: random.Random) -> list[float]:
    """A few subjects much more often."""
    chosen = chance.sample(subjects(uses()), 3)
    return [12.0 if use.subject in chosen else 1.0 for use in uses()]


def _few(chance: random.Random) -> list[float]:
    """A few steps again and again."""
    chosen = set(chance.sample(range(len(uses())), 15))
    return [25.0 if k in chosen else 1.0 for k in range(len(uses()))]


def _of(subject: str, weight: float) -> Callable[[random.Random], list[float]]:
    return lambda chance: [weight if use.subject == subject else chance.random() for use in uses()]


def _named(*names: str) -> Callable[[random.Random], list[float]]:
    return lambda chance: [
        20.0 if any(name in use.name for name in names) else 0.5 for use in uses()
    ]


POLICIES: dict[str, Callable[[random.Random], list[float]]] = {
    "everything": _everything,
    "subjects": _subjects,
    "few": _few,
    "elementwise": _of("elementwise", 6.0),
    "indices": _of("indices", 40.0),
    "graphs": _of("graphs", 30.0),
    "numbers": _of("numbers", 30.0),
    "derivatives": _of("derivatives", 15.0),
    "rules": _of("rules", 300.0),
    "integers": _everything,
    "exponentials": _named("exp", "log", "soft", "sigmoid", "tanh", "sum", "with_constant"),
    "sums": _named("sum", "mean", "max", "min", "prod", "any", "all", "dot", "norm", "var"),
}
"""What a seed may draw more often."""
