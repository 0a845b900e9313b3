"""What rewriting did, as data: the graph before, the graph after, and every step between them.

The log keeps for each step what was replaced and the nodes that came in, with their inputs at that
time; the graph after any number of steps is found by replaying the log from the start. That costs
little per step, where a copy of the whole graph per step would cost quadratically much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgraph.errors import Located, Location, Origins, StepError, merge_origins
from kernelgraph.expect import expect_integer, expect_text, shortened
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.hooks import Displayed
from kernelgraph.lazy import cached_property
from kernelgraph.rewrite.difference import Difference, difference
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rule import Rule

Pair = tuple[Variable, Variable]
"""A variable and what took its place."""


@dataclass(frozen=True)
class Change(Located):
    """One entry of the log: what a rule replaced, and the nodes that came in with their inputs."""

    rule: Rule
    pairs: tuple[Pair, ...]
    nodes: tuple[tuple[Apply, tuple[Variable, ...]], ...]
    origins: Origins = field(repr=False)
    seconds: float = field(default=0.0, repr=False)


@dataclass
class RuleUse:
    """How often a rule was asked about a node, how often it had something, and the seconds."""

    tried: int = 0
    applied: int = 0
    seconds: float = 0.0
    stopped: str = ""
    """Why the rule was switched off, where it was."""


@dataclass(frozen=True)
class Step(Located):
    """One step as people read it.

    `old` and `new` are variables of the graph that was edited; `before_text` and `after_text` are
    their formulas at that time, `nodes_before` and `nodes_after` the sizes of the graph. `origins`
    are the user's lines that wrote what was replaced, `seconds` what finding and making it took.
    """

    number: int
    rule: str
    why: str
    phase: str
    changes: str | None
    old: Variable
    new: Variable
    origins: Origins = field(repr=False)
    before_text: str
    after_text: str
    nodes_before: int
    nodes_after: int
    place: Location
    seconds: float = field(default=0.0, compare=False, repr=False)

    @property
    def shows(self) -> bool:
        """Whether the formula changed, not only the graph behind it (equal nodes become one)."""
        return self.before_text != self.after_text

    def __str__(self) -> str:
        return f"{self.number} {self.rule}: {self.before_text} -> {self.after_text}   # {self.why}"


@dataclass(frozen=True)
class Frame:
    """The graph after some steps. A node has the same number in every frame in which it occurs."""

    graph: Graph
    numbers: Mapping[Apply, int]


@dataclass(frozen=True, eq=False, repr=False)
class Rewriting(Displayed):
    """A graph, the better graph that means the same, and every step from one to the other.

    `inside` are the rewritings of graphs that ops of this one hold (loops and branches), in the
    order of their steps.
    """

    original: Graph
    graph: Graph
    log: tuple[Change, ...]
    copies: Mapping[Variable, Variable]
    inside: tuple[Rewriting, ...] = ()
    uses: Mapping[Rule, RuleUse] = field(default_factory=dict[Rule, RuleUse])

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order, with their formulas."""
        replay = _Replay(self)
        return tuple(replay.tell(number, change) for number, change in enumerate(self.log, 1))

    def graph_at(self, count: int) -> Graph:
        """The graph after the first `count` steps. Raises `StepError` if there are not so many."""
        return self.frame_at(count).graph

    def frame_at(self, count: int) -> Frame:
        """As `graph_at`, with numbers by which frames can be compared."""
        count = expect_integer(count, "the number of steps")
        if not 0 <= count <= len(self.log):
            raise StepError(f"there are {len(self.log)} steps, so no graph after {count}")
        replay = _Replay(self)
        for change in self.log[:count]:
            replay.advance(change)
        return Frame(replay.edited.graph(), replay.numbers)

    def frames(self) -> Iterator[Frame]:
        """The graph as it was and after each step, in order, found by one replay."""
        replay = _Replay(self)
        yield replay.frame()
        for change in self.log:
            replay.advance(change)
            yield replay.frame()

    def filtered(self, *names: str) -> tuple[Step, ...]:
        """The steps of certain rules or phases. Raises `StepError` for a name that made no step."""
        for name in names:
            expect_text(name, "the name of a rule or a phase")
            if not any(name in (step.rule, step.phase) for step in self.steps):
                listed = f"there are {', '.join(self.counts())}"
                raise StepError(f"no step is of {shortened(name)!r}: {listed}")
        return tuple(s for s in self.steps if s.rule in names or s.phase in names)

    def difference(self, number: int) -> Difference:
        """What step `number` (from 1) changed in the graph. Raises `StepError`."""
        number = expect_integer(number, "the number of a step")
        before, after = self.frame_at(number - 1), self.frame_at(number)
        return difference(before.graph, after.graph)

    def profile(self) -> str:
        """A table of the rules: how often each was tried and applied, and how long that took."""
        rows = sorted(self.uses.items(), key=lambda item: -item[1].seconds)
        lines = [f"{'rule':<40}{'tried':>8}{'applied':>9}{'µs':>10}"]
        lines += [
            f"{rule.name:<40}{use.tried:>8}{use.applied:>9}{use.seconds * 1e6:>10.0f}"
            for rule, use in rows
        ]
        return "\n".join(lines)

    def counts(self) -> Mapping[str, int]:
        """How often each rule was used, in order of first use."""
        return Counter(change.rule.name for change in self.log)

    def __str__(self) -> str:
        lines = [str(step) for step in self.steps]
        for k, rewriting in enumerate(self.inside, 1):
            lines.append(f"inside {rewriting.original.name} ({k} of {len(self.inside)}):")
            lines += [f"  {line}" for line in str(rewriting).splitlines()]
        return "\n".join(lines)

    __repr__ = __str__


class Editing:
    """A graph being rewritten: what comes in gets the names and origins of what leaves."""

    def __init__(self, graph: Graph) -> None:
        self.function_graph = FunctionGraph(graph)

    @property
    def nodes(self) -> dict[Apply, None]:
        """The nodes that the graph has now."""
        return self.function_graph.nodes

    def graph(self) -> Graph:
        """The present state, not to be edited any further."""
        return self.function_graph.present()

    def replace(
        self, pairs: Sequence[Pair], new_nodes: Sequence[Apply], origins: Origins | None = None
    ) -> Origins:
        """Put the right side of each pair in place of the left.

        New nodes get `origins`, by default those of the nodes that leave; returns them.
        """
        for old, new in pairs:
            self.function_graph.replace(old, new)
            if new.name is None and new.owner is not None:
                new.name = old.name
        if origins is None:
            origins = self._origins_of_gone([old for old, _ in pairs])
        for node in new_nodes:
            node.origins = origins
        for old, new in pairs:
            before, after = old.owner, new.owner
            if not new_nodes and before is not None and after is not None and before.op == after.op:
                after.origins = merge_origins([after.origins, origins])  # two that became one
        return origins

    def _origins_of_gone(self, variables: Sequence[Variable]) -> Origins:
        gone: dict[Apply, None] = {}
        pending = [variable.owner for variable in variables]
        while pending:
            node = pending.pop()
            if node is None or node in gone:
                continue
            if node not in self.nodes:
                gone[node] = None
                pending += [operand.owner for operand in reversed(node.inputs)]
        owners = [variable.owner for variable in variables if variable.owner is not None]
        return merge_origins(node.origins for node in (*owners, *gone))


class _Replay:
    """Applies the log once more, to a copy of the original graph."""

    def __init__(self, rewriting: Rewriting) -> None:
        self.edited = Editing(rewriting.original)
        copies = self.edited.function_graph.copies
        self.known = {copy: copies[variable] for variable, copy in rewriting.copies.items()}
        self.numbers = {node: number for number, node in enumerate(self.edited.nodes)}

    def advance(self, change: Change) -> None:
        """One step."""
        made: list[Apply] = []
        for node, inputs in change.nodes:
            copy = Apply(
                node.op,
                [self.known.get(variable, variable) for variable in inputs],
                [Variable(output.type) for output in node.outputs],
            )
            self.known.update(zip(node.outputs, copy.outputs, strict=True))
            self.numbers[copy] = len(self.numbers)
            made.append(copy)
        pairs = [(self.known[old], self.known.get(new, new)) for old, new in change.pairs]
        self.edited.replace(pairs, made, change.origins)

    def frame(self) -> Frame:
        """The graph as it is now, as a copy that later steps leave alone."""
        copy, new = self.edited.graph().clone()
        nodes = ((node, new[node.outputs[0]].owner) for node in self.edited.nodes)
        return Frame(copy, {made: self.numbers[node] for node, made in nodes if made is not None})

    def tell(self, number: int, change: Change) -> Step:
        """One step, told while it is made."""
        old, new = change.pairs[0]
        before_text, nodes_before = formula(self.known[old]), len(self.edited.nodes)
        self.advance(change)
        after_text = formula(self.known.get(new, new))
        rule = change.rule
        return Step(
            number, rule.name, rule.why, rule.phase, rule.changes, old, new, change.origins,
            before_text, after_text, nodes_before, len(self.edited.nodes), rule.place,
            change.seconds,
        )  # fmt: skip
