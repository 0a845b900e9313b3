"""Loops put together at random, with draws, choices and loops inside, against Python's own loops.

An expression is a tree that is read twice: with symbols, and with numbers and draws by hand from
copies of the streams' states. Each draw has a state of its own, so that the order does not matter;
a branch that is not taken draws nothing.
"""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import leaves
from kernelgraph.op import as_variable
from kernelgraph.ops.mrg import mrg31k3p
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams

SEEDS = st.integers(0, 2**32 - 1)
Tree = tuple[Any, ...]


# ------------------------------------------------------------------------------------------- trees


@dataclass
class Forest:
    """Makes trees: `scalars` and `vectors` are the names that leaves may have."""

    chance: random.Random
    draws: int = 0
    smooth: bool = False

    def scalar(self, depth: int, names: dict[str, str]) -> Tree:
        """A tree for a number."""
        make: list[Any] = [lambda: self.leaf("s", names)]
        if depth > 0:
            s = lambda: self.scalar(depth - 1, names)  # noqa: E731
            v = lambda: self.vector(depth - 1, names)  # noqa: E731
            make += [
                lambda: ("add", s(), s()),
                lambda: ("mul", s(), s()),
                lambda: ("sum", v()),
                lambda: ("choose", s(), s(), s()),
                lambda: ("last", *self.loop(depth - 1, names)),
                lambda: self.drawn("normal", s()),
                lambda: self.drawn("parallel", s()),
                lambda: self.drawn("some", s()),
            ]
            make += [] if self.smooth else [lambda: self.drawn("binomial", s())]
        return self.chance.choice(make)()

    def vector(self, depth: int, names: dict[str, str]) -> Tree:
        """A tree for a vector of the one length that all vectors have."""
        make: list[Any] = [lambda: self.leaf("v", names)]
        if depth > 0:
            s = lambda: self.scalar(depth - 1, names)  # noqa: E731
            v = lambda: self.vector(depth - 1, names)  # noqa: E731
            make += [
                lambda: ("add", v(), s()),
                lambda: ("mul", v(), v()),
                lambda: ("choose", s(), v(), v()),
                lambda: ("flip", v()),
                lambda: ("rows", *self.loop(depth - 1, names)),
                lambda: self.drawn("normal", v()),
                lambda: self.drawn("parallel", v()),
            ]
        return self.chance.choice(make)()

    def leaf(self, kind: str, names: dict[str, str]) -> Tree:
        """A name, or a number."""
        fitting = [name for name, its in names.items() if its == kind]
        if kind == "s" and (not fitting or self.chance.random() < 0.2):
            return ("number", self.chance.choice([0.5, -1.25, 2, 0, True]))
        return ("name", self.chance.choice(fitting))

    def drawn(self, kind: str, by: Tree) -> Tree:
        """A draw with a parameter."""
        self.draws += 1
        return ("draw", kind, f"draw{self.draws}", by)

    def loop(self, depth: int, names: dict[str, str]) -> Tree:
        """A loop over a vector, with one number that goes around: its length is that of vectors."""
        over, start = self.vector(depth, names), self.scalar(depth, names)
        item, state = f"item{len(names)}", f"state{len(names)}"
        inside = {**names, item: "s", state: "s"}
        return over, start, (item, state), self.scalar(depth, inside), self.chance.random() < 0.3


# ----------------------------------------------------------------------------------------- symbols


@dataclass
class Symbols:
    """Reads trees as expressions; `states` are the shared states of the draws, by name."""

    stream: RandomStreams
    parallel: MRG_RandomStreams
    some: Any
    smooth: bool
    states: dict[str, Any] = field(default_factory=dict[str, Any])

    def read(self, tree: Tree, names: dict[str, Any]) -> Any:
        """The expression of a tree."""
        match tree:
            case ("name", name):
                return names[name]
            case ("number", value):
                return value
            case ("add", a, b):
                return T.tanh(self.typed(a, names) + self.typed(b, names))
            case ("mul", a, b):
                return self.typed(a, names) * self.typed(b, names) * 0.5
            case ("sum", v):
                return T.tanh(self.read(v, names).sum())
            case ("flip", v):
                return self.read(v, names)[::-1]
            case ("choose", c, a, b):
                test = T.gt(self.read(c, names), 0.1)
                return kg.ifelse(test, self.typed(a, names), self.read(b, names))
            case ("last", *parts):
                return T.tanh(self.loop(parts, names).sum())
            case ("rows", *parts):
                return self.loop(parts, names)
            case ("draw", kind, name, by):
                return self.draw(kind, name, self.typed(by, names))
        raise AssertionError(tree)

    def typed(self, tree: Tree, names: dict[str, Any]) -> Any:
        """The expression of a tree; a number is a float64."""
        value = self.read(tree, names)
        return as_variable(np.float64(value) if isinstance(value, int | float) else value)

    def loop(self, parts: Any, names: dict[str, Any]) -> Any:
        over, start, (item, state), step, backwards = parts

        def body(x: Any, a: Any) -> Any:
            return T.tanh(self.typed(step, {**names, item: x, state: a}) + a * 0.5)

        first, rows = self.read(start, names), self.read(over, names)
        found = kg.scan(body, sequences=rows, outputs_info=first, go_backwards=backwards)
        return found[0]

    def draw(self, kind: str, name: str, by: Any) -> Any:
        before = len(self.stream.state_updates), len(self.parallel.state_updates)
        match kind:
            case "normal" if self.smooth:  # no derivative flows through a parameter
                sample = by + self.stream.normal(size=by.shape, std=0.5)
            case "normal":
                sample = self.stream.normal(avg=by, std=0.5)
            case "binomial":
                drawn = self.stream.binomial(size=by.shape, n=3, p=T.sigmoid(by))
                sample = T.cast(drawn, "float64")
            case "some":
                sample = by * self.stream.uniform(size=(self.some,)).sum()
            case _:
                sample = by + self.parallel.uniform(size=by.shape, nstreams=2, dtype="float64")
        made = [
            *self.stream.state_updates[before[0] :],
            *self.parallel.state_updates[before[1] :],
        ]
        ((self.states[name], _),) = made
        return sample


# ----------------------------------------------------------------------------------------- numbers


@dataclass
class Numbers:
    """Reads trees as numbers."""

    states: dict[str, Any]
    some: int

    def read(self, tree: Tree, names: dict[str, Any]) -> Any:
        """The value of a tree."""
        match tree:
            case ("name", name):
                return names[name]
            case ("number", value):
                return value
            case ("add", a, b):
                return np.tanh(self.read(a, names) + self.read(b, names))
            case ("mul", a, b):
                return self.read(a, names) * self.read(b, names) * 0.5
            case ("sum", v):
                return np.tanh(self.read(v, names).sum())
            case ("flip", v):
                return self.read(v, names)[::-1]
            case ("choose", c, a, b):
                return self.read(a if self.read(c, names) > 0.1 else b, names)
            case ("last", *parts):
                return np.tanh(self.loop(parts, names).sum())
            case ("rows", *parts):
                return self.loop(parts, names)
            case ("draw", kind, name, by):
                return self.draw(kind, name, np.asarray(self.read(by, names), "float64"))
        raise AssertionError(tree)

    def loop(self, parts: Any, names: dict[str, Any]) -> Any:
        over, start, (item, state), step, backwards = parts
        a, rows = self.read(start, names), []
        over = self.read(over, names)
        for x in over[::-1] if backwards else over:
            a = np.tanh(self.read(step, {**names, item: x, state: a}) + a * 0.5)
            rows.append(a)
        return np.array(rows, "float64")

    def draw(self, kind: str, name: str, by: Any) -> Any:
        state = self.states[name]
        match kind:
            case "normal":
                return state.normal(by, 0.5)
            case "binomial":
                return state.binomial(3, 1 / (1 + np.exp(-by)), by.shape)
            case "some":
                return by * state.uniform(size=self.some).sum()
            case _:
                self.states[name], drawn = mrg31k3p(np.array(state), by.size, "float64")
                return by + drawn.reshape(by.shape)


# ------------------------------------------------------------------------------------------- checks


@dataclass
class Case:
    """A random function of two numbers, two vectors and a count, and what it means."""

    seed: int
    smooth: bool = False

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        forest = Forest(chance, smooth=self.smooth)
        names = {"x": "s", "w": "s", "u": "v", "v": "v"}
        self.trees = [forest.scalar(4, names), forest.vector(4, names)]
        self.inputs = [T.dscalar("x"), kg.shared(0.4, "w"), T.dvector("u"), T.dvector("v")]
        self.some = T.lscalar("some")
        symbols = Symbols(
            RandomStreams(chance.randrange(99)), MRG_RandomStreams(7), self.some, self.smooth
        )
        known = dict(zip(names, self.inputs, strict=True))
        self.outputs = [as_variable(symbols.read(tree, known)) for tree in self.trees]
        self.states = symbols.states
        self.length = chance.choice([0, 1, 2, 3]) if not self.smooth else 2
        numbers = np.random.default_rng(self.seed)
        self.values = {
            "x": np.float64(numbers.normal()),
            "w": np.float64(0.4),
            "u": numbers.normal(size=self.length),
            "v": numbers.normal(size=self.length),
        }
        self.start = {name: s.get_value() for name, s in self.states.items()}

    def arguments(self) -> list[Any]:
        """What the function is called with."""
        return [self.values["x"], self.values["u"], self.values["v"], 3]

    def symbols(self) -> list[Any]:
        """Its inputs."""
        return [self.inputs[0], *self.inputs[2:], self.some]

    def reset(self) -> None:
        """Put all streams back to where they began."""
        for name, state in self.states.items():
            state.set_value(self.start[name])

    def expected(self, calls: int) -> list[list[Any]]:
        """What so many calls give."""
        by_hand = Numbers(deepcopy(self.start), 3)
        return [[by_hand.read(tree, self.values) for tree in self.trees] for _ in range(calls)]

    def check(self, function: Any, *arguments: Any, calls: int = 2) -> None:
        """The function gives what it means, each call from where the one before stopped."""
        self.reset()
        for expected in self.expected(calls):
            found = function(*arguments)
            for a, b, tree in zip(found, expected, self.trees, strict=True):
                np.testing.assert_allclose(
                    a, np.asarray(b, "float64"), rtol=1e-9, atol=1e-12, err_msg=f"{tree}"
                )


@given(SEEDS)
def test_loops_are_loops(seed: int) -> None:
    case = Case(seed)
    for target in ("interpret", "python"):
        f = kg.function(case.symbols(), case.outputs, target=target, on_unused_input="ignore")
        case.check(f, *case.arguments())


@given(SEEDS)
def test_streams_survive_what_is_done_to_graphs(seed: int) -> None:
    """Givens, clones, copies, and graphs cut in two."""
    case, chance = Case(seed), random.Random(seed)
    symbols = case.symbols()
    halves = {v: v.type(f"half_{v}") for v in symbols[:3]}
    doubled = {v: 2 * half for v, half in halves.items()}
    inputs = [*halves.values(), case.some]
    arguments = [*(v / 2 for v in case.arguments()[:3]), 3]
    options: dict[str, Any] = {"target": "interpret", "on_unused_input": "ignore"}
    way = chance.randrange(4)
    if way == 0:
        pairs = list(doubled.items())
        chance.shuffle(pairs)
        f = kg.function(inputs, case.outputs, givens=pairs, **options)
    elif way == 1:
        f = kg.function(inputs, kg.clone(case.outputs, doubled), **options)
    elif way == 2:
        fresh = {s: kg.shared(s.get_value()) for s in case.states.values()}
        f = kg.function(symbols, case.outputs, **options)
        used = {s: fresh[s] for s in f.get_shared() if s in fresh}
        f, arguments = f.copy(swap=used), case.arguments()
    else:
        outputs = kg.clone(case.outputs, share_inputs=False)
        new = {v.name: v for v in leaves(outputs) if v.name and v.name != "w"}
        inputs = [new.get(v.name, v) for v in symbols]
        f: Any = kg.function(inputs, outputs, **options)  # pyright: ignore[reportArgumentType]
        arguments = case.arguments()
    case.check(f, *arguments)


@given(SEEDS)
def test_derivatives_of_loops_that_draw(seed: int) -> None:
    """Against differences, with the same draws."""
    case = Case(seed, smooth=True)
    x, u = case.inputs[0], case.inputs[2]
    cost = as_variable(case.outputs[0]) + as_variable(case.outputs[1]).sum()
    derivatives = T.grad(cost, [x, u], disconnected_inputs="ignore")
    f = kg.function(
        case.symbols(),
        [cost, *derivatives],
        target="interpret",
        no_default_updates=True,
        on_unused_input="ignore",
    )
    at = case.arguments()
    value, by_x, by_u = f(*at)
    for position, derivative, index in ((0, by_x, ()), (1, by_u[0], (0,))):
        sides: list[float] = []
        for step in (1e-6, -1e-6, 5e-7, -5e-7):
            moved = [np.array(v, "float64") if k < 3 else v for k, v in enumerate(at)]
            moved[position][index] += step
            sides.append(float(f(*moved)[0]))
        coarse, fine = (sides[0] - sides[1]) / 2e-6, (sides[2] - sides[3]) / 1e-6
        if abs(coarse - fine) < 1e-4 * (1 + abs(coarse)):  # no branch changed
            assert abs(derivative - fine) < 1e-3 * (1 + abs(fine)), (value, case.trees)


def test_compiled_loops_are_loops() -> None:
    for seed in range(settings().max_examples // 12):
        case = Case(seed)
        f = kg.function(case.symbols(), case.outputs, target="c", on_unused_input="ignore")
        case.check(f, *case.arguments())
