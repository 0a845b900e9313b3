"""One function in every language that it can be printed in.

`Stages` come in, listings go out: the plan, the loops, and the text of each back end. Those back
ends that do not run the function print the same plan for the reader alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernelgraph.compiler import Stages
from kernelgraph.expect import expect_choice
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.hooks import unwatched
from kernelgraph.lazy import cached_property
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.target import mapped
from kernelgraph.targets import target_named
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.listing import Listing, listing
from kernelgraph.viz.text.words import op_text, variable_text
from kernelgraph.writer import Source

TITLES: Mapping[str, str] = {
    "plan": "Plan", "loops": "Loops", "python": "Python", "c": "C", "cuda": "CUDA",
}  # fmt: skip
"""The languages, in the order in which a function passes through them."""

ENDINGS: Mapping[str, str] = {".c": "c", ".cu": "cuda", ".py": "python"}
"""Which language a file's name asks for."""


@dataclass(frozen=True, eq=False)
class Languages:
    """The texts of one function."""

    stages: Stages
    _plans: dict[str, Schedule] = field(default_factory=dict[str, Schedule])
    """For machines of another kind than that of this function."""

    @property
    def schedule(self) -> Schedule:
        """The plan of the function that runs, which all languages for such a machine share."""
        return self.stages.schedule

    @property
    def graph(self) -> Graph:
        """The graph whose nodes the lines name."""
        return self.schedule.graph

    @cached_property
    def program(self) -> Program:
        """The loops before any back end has fitted them to a machine."""
        with unwatched():
            return lower(self.schedule)

    @cached_property
    def size(self) -> int:
        """How many nodes were planned."""
        return len(self.graph.apply_nodes())

    @cached_property
    def keys(self) -> dict[Apply, str]:
        """What nodes are called in every listing and in the picture: n0, n1, … as there, and m0,
        m1, … those of graphs inside the graph, in the order of the plan.
        """
        keys = node_keys(self.graph.apply_nodes())
        outer = len(keys)
        for inner in self.schedule.nested():
            for node in inner.graph.apply_nodes():
                keys.setdefault(node, f"m{len(keys) - outer}")
        return keys

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """In how many loops each node of the graph is computed."""
        return {
            self.keys[node]: len(domain.loops)
            for inner in self.schedule.nested()
            for node, domain in inner.domains.items()
            if node in self.keys
        }

    def source(self, language: str) -> Source:
        """The text in a language: exactly the file that is compiled, if this one runs.

        Raises what the printer raises for a program that the language cannot say.
        """
        match expect_choice(language, "a language", TITLES):
            case "plan":
                return plan_source(self.schedule, self.keys)
            case "loops":
                return self.program.text()
            case _ if language == self.stages.target.language:
                return self.stages.source
            case _:
                printed = target_named(language).print(self.program_in(language))
                return _renamed(printed, self.twins(language))

    def program_in(self, language: str) -> Program:
        """The program that is printed in a language, fitted to its machine."""
        if language == self.stages.target.language:
            return self.stages.program
        with unwatched():
            return mapped(lower(self._planned_for(language)), target_named(language))

    def _planned_for(self, language: str) -> Schedule:
        """The plan for the machine of a language: that of this function, if it is of that kind."""
        facts = target_named(language).facts
        if facts == self.stages.target.facts:
            return self.schedule
        if language not in self._plans:
            self._plans[language] = plan(self.stages.placed, facts, fuse=self.stages.fuse)
        return self._plans[language]

    def twins(self, language: str) -> Mapping[Apply, Apply]:
        """For the nodes of the plan for a language, those of this one that are the same op of the
        same operands.
        """
        other = self._planned_for(language)
        known: dict[object, Variable] = {}
        same: dict[Variable, Variable] = {}
        twins: dict[Apply, Apply] = {}
        for inner in self.schedule.nested():
            for node in inner.graph.apply_nodes():
                for variable in node.outputs:
                    known.setdefault((node.op, variable.index, tuple(node.inputs)), variable)
        pairs = zip(self.schedule.nested(), other.nested(), strict=False)
        for mine, theirs in pairs:
            same.update(zip(theirs.graph.inputs, mine.graph.inputs, strict=False))
            for node in theirs.graph.apply_nodes():
                inputs = tuple(same.get(v, v) for v in node.inputs)
                for variable in node.outputs:
                    twin = known.get((node.op, variable.index, inputs))
                    if twin is not None and twin.owner is not None:
                        same[variable] = twin
                        twins[node] = twin.owner
        return twins

    def listing(self, language: str) -> Listing:
        """The lines in a language with their nodes. Raises as `source` does."""
        expect_choice(language, "a language", TITLES)
        heads = {"plan": [" kernel"], "loops": ["kernel "]}.get(language)
        if heads is None:
            heads = [f"{kernel.name}(" for kernel in self.program_in(language).kernels]
        return listing(
            self.source(language), self.keys, self.depths, (language, TITLES[language]), heads
        )


def _renamed(source: Source, twins: Mapping[Apply, Apply]) -> Source:
    """A text whose lines name the nodes of another plan."""
    lines = {n: tuple(twins.get(node, node) for node in nodes) for n, nodes in source.lines.items()}
    return Source(source.text, lines, source.symbol)


def plan_source(schedule: Schedule, keys: Mapping[Apply, str]) -> Source:
    """The text of a schedule, each line with its nodes; results without a name are called by the
    key of their node.
    """

    def name(variable: Variable) -> str:
        node = variable.owner
        if variable.name is not None or node is None or node not in keys:
            return variable_text(variable)
        return keys[node] + (f".{variable.index}" if len(node.outputs) > 1 else "")

    return schedule.text(name, op_text)
