"""The straight line from an expression to something that runs: read this file first.

Every stage is a function between two values that print themselves; `Stages` keeps them all, each
made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from kernelgraph.config import config
from kernelgraph.graph import Graph
from kernelgraph.hooks import Displayed, unwatched
from kernelgraph.lazy import cached_property
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.names import shortened
from kernelgraph.rewrite.engine import Rewriting, Rule, rewrite
from kernelgraph.rewrite.proof.verdicts import warn_of_refuted
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.place import place
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.target import Compilation, Executable, Target, mapped
from kernelgraph.writer import Source


class Stages(Displayed):
    """What became of a graph on its way to machine code."""

    def __init__(
        self, graph: Graph, rules: Sequence[Rule], target: Target, fuse: bool = True
    ) -> None:
        self.graph = graph
        self.rules = rules
        self.target = target
        self.fuse = fuse

    def __reduce__(self) -> tuple[Any, ...]:
        """What the stages are made of; they are made again where they are asked for."""
        return Stages, (self.graph, self.rules, self.target, self.fuse)

    @cached_property
    def rewriting(self) -> Rewriting:
        """Graph -> a better graph that means the same, and every step from one to the other.

        Warns of rules that fail (`RewriteWarning`, or as `config.on_opt_error` says), and of rules
        of the user's that are refuted (`RefutedRuleWarning`).
        """
        with unwatched():
            found = rewrite(self.graph, self.rules, on_error=config.on_opt_error)
            warn_of_refuted(found)
            return found

    @cached_property
    def placed(self) -> Graph:
        """Graph -> the same graph with transfers between memories; the same graph on a CPU."""
        return place(self.rewriting.graph, self.target.name)

    @cached_property
    def schedule(self) -> Schedule:
        """Graph -> what runs, in which order, and which nodes share a loop."""
        with unwatched():
            found = plan(self.placed, self.target.facts, fuse=self.fuse)
            if config.verify_programs == "on":
                from kernelgraph.schedule.verify import verify_schedule  # few programs need it

                verify_schedule(found)
            return found

    @cached_property
    def program(self) -> Program:
        """Schedule -> loops over single numbers, fitted to the machine."""
        with unwatched():
            return mapped(_verified(lower(self.schedule), "lower"), self.target, _verified)

    @cached_property
    def source(self) -> Source:
        """Program -> text, each line of which knows its nodes."""
        return self.target.print(self.program)

    @cached_property
    def executable(self) -> Executable:
        """Text -> something that runs."""
        return self.target.build(cast("Compilation", self))  # pyright does not know our properties

    def __repr__(self) -> str:
        names = "graph, rewriting, placed, schedule, program, source, executable"
        return f"stages of {shortened(self.graph.name)}: {names}"


def _verified(program: Program, made_by: str) -> Program:
    """The program that a pass has made; with `config.verify_programs`, only if it is valid."""
    if config.verify_programs == "on":
        from kernelgraph.loops.verify import verify  # few programs need it

        verify(program, made_by)
    return program


def compile_graph(
    graph: Graph, target: Target, rules: Sequence[Rule] = DEFAULT, fuse: bool = True
) -> Stages:
    """All stages of a graph for one target; without `fuse`, every node has loops of its own."""
    return Stages(graph, rules, target, fuse)
