"""`DebugMode`: a mode in which every node and every rewriting is checked while a function runs.

NumPy runs the graph as it was written, node by node. Each node is asked whether its results are of
the types that it declares, whether it left its operands alone, and whether it makes the same of
them twice; the loops in C and in Python run the same node and are compared. The rewritten graph
must give the same outputs, or the rule is named after which they differ.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> f = kg.function([x], T.exp(x).sum(), mode=DebugMode(targets=("python",)))
>>> f([0.0, 0.0])
array(2.)
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.errors import CompileError, DebugModeError, KernelgraphError
from kernelgraph.expect import expect_choice, expect_list
from kernelgraph.function import function
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe
from kernelgraph.interpret import Watch, evaluate, interpret
from kernelgraph.locations import level_of_user
from kernelgraph.ops.control import Run
from kernelgraph.rewrite.modes import NONE, Mode
from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.target import Compilation
from kernelgraph.targets import TARGETS
from kernelgraph.tensor.watching import watched
from kernelgraph.types import TensorType, copied, is_array
from kernelgraph.viz.stepper.trial import verdict

GROUP = 20
"""So many nodes are compiled at once: a run of the C compiler costs more than its text."""


def DebugMode(  # noqa: N802 - as in Theano
    targets: Sequence[str] = ("c", "python"), mode: Mode | str | None = None
) -> Mode:
    """A mode that checks all that it runs, and is slow. `targets` run each node besides NumPy;
    `mode`: whose rules are checked.

    Calls raise `DebugModeError` (KG-V020), with the line where the node was made.
    """
    names = expect_list(targets, "targets", "names of targets")
    for name in names:
        expect_choice(name, "each of targets", [t for t in TARGETS if t != "interpret"])
    return watched("DebugMode", _Debugged(tuple(names)), mode)


@dataclass(frozen=True)
class _Debugged:
    """What a mode checks."""

    targets: tuple[str, ...]

    def __call__(self, made: Compilation, values: Sequence[Any]) -> Watch:
        """Check the graph as it was written and its rewriting; then nothing is left to watch."""
        seen = _Seen({}, set(made.graph.apply_nodes()))
        expected = interpret(made.graph, [copied(value) for value in values], seen.watch)
        comparable = [n for n in seen.calls if not n.op.foreign and not n.op.next_states(n)]
        for target in self.targets:
            for start in range(0, len(comparable), GROUP):
                group = {n: seen.calls[n] for n in comparable[start : start + GROUP]}
                _compare_target(group, target)
        _compare_rewriting(made.rewriting, values, expected)
        return evaluate


Calls = dict[Apply, tuple[Sequence[Any], Sequence[Any]]]
"""Nodes with the values of their operands and of their results."""


@dataclass
class _Seen:
    """The nodes of a graph that ran, checked one by one; those inside of loops are not kept."""

    calls: Calls
    outer: set[Apply]

    def watch(self, node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
        before = [copied(value) for value in operands]
        results = evaluate(node, operands, run)
        _check_operands(node, before, operands)
        _check_types(node, results)
        if not node.op.next_states(node) and node.op.__props__ is not None:
            again = evaluate(node, before, run)
            _expect_same(node, results, again, "makes other numbers of the same operands")
        if node in self.outer:
            self.calls[node] = before, [copied(value) for value in results]
        return results


def _check_operands(node: Apply, before: Sequence[Any], after: Sequence[Any]) -> None:
    for k, (old, new) in enumerate(zip(before, after, strict=True)):
        if is_array(old) and old.tobytes() != np.asarray(new).tobytes():
            message = f"{node.op} changed its operand {k}, {describe(node.inputs[k])}"
            hint = "an op makes new arrays; x.copy() is one that may be changed"
            raise DebugModeError(message, origins=node.origins, hint=hint)


def _check_types(node: Apply, results: Sequence[Any]) -> None:
    for variable, value in zip(node.outputs, results, strict=True):
        if not isinstance(variable.type, TensorType):
            continue
        found = np.asarray(value)
        sizes = zip(variable.type.shape, found.shape, strict=False)
        fits = found.dtype == variable.dtype and found.ndim == variable.ndim
        if not fits or any(wanted not in (None, size) for wanted, size in sizes):
            made = TensorType(str(found.dtype), found.shape)
            message = f"{node.op} declares {describe(variable)} and made {made}"
            raise DebugModeError(message, origins=node.origins)


def _expect_same(node: Apply, results: Sequence[Any], others: Sequence[Any], what: str) -> None:
    found = verdict(results, others)
    if found.same is False:
        raise DebugModeError(f"{node.op} {what}: {found.text}", origins=node.origins)


# Targets -----------------------------------------------------------------------------------------


def _compare_target(calls: Calls, target: str) -> None:
    """Each node alone, on its own operands, as one function of all of them."""
    inputs: list[Variable] = []
    outputs: list[Variable] = []
    values: list[Any] = []
    for node, (operands, _) in calls.items():
        ends = [v if isinstance(v, Constant) else Variable(v.type, v.name) for v in node.inputs]
        pairs = list(zip(ends, operands, strict=True))
        inputs += [end for end, _ in pairs if not isinstance(end, Constant)]
        values += [value for end, value in pairs if not isinstance(end, Constant)]
        outputs += node.op.rebuild(node, ends).outputs
    try:
        call = function(inputs, outputs, NONE, target=target, on_unused_input="ignore")
        found = iter(call(*values))
    except CompileError as error:
        warnings.warn(
            f"DebugMode leaves out target {target}: {error.message}", stacklevel=level_of_user()
        )
        return
    for node, (_, results) in calls.items():
        theirs = [next(found) for _ in node.outputs]
        _expect_same(node, results, theirs, f"is not on target {target} what it is in NumPy")


# Rewriting ---------------------------------------------------------------------------------------


def _compare_rewriting(
    rewriting: Rewriting, values: Sequence[Any], expected: Sequence[Any]
) -> None:
    """Whether the outputs are still the same; if not, the first rule is named that changed them."""
    graph = rewriting.original
    if any(n.op.next_states(n) or n.op.foreign for n in graph.apply_nodes()):
        return
    if _differs(rewriting.graph, values, expected) is None:
        return
    for step, count in zip(rewriting.log, range(1, len(rewriting.log) + 1), strict=True):
        difference = _differs(rewriting.graph_at(count), values, expected)
        if difference is not None:
            message = f"rule {step.rule.name} changes what is computed: {difference}"
            hint = f'mode=kg.get_mode("FAST_RUN").excluding("{step.rule.name}")'
            raise DebugModeError(message, origins=step.origins, hint=hint)


def _differs(graph: Graph, values: Sequence[Any], expected: Sequence[Any]) -> str | None:
    try:
        found = interpret(graph, [copied(value) for value in values])
    except KernelgraphError as error:
        return f"it fails with {error.message}"
    compared = verdict(expected, found)
    return compared.text if compared.same is False else None
