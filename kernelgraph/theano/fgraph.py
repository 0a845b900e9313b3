"""`theano.gof.FunctionGraph`: a graph that is edited, with features that are told of every change.

>>> import kernelgraph.tensor as T
>>> x, y = T.dvectors("x", "y")
>>> graph = FunctionGraph([x, y], [T.exp(x) + y])
>>> a, b = graph.inputs
>>> graph.replace_validate(graph.outputs[0], a * b)
>>> [str(node.op) for node in graph.toposort()]
['mul']
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kernelgraph.errors import GraphError, ReplacementError
from kernelgraph.expect import expect_flag, expect_list
from kernelgraph.function_graph import FunctionGraph as Edited
from kernelgraph.graph import Apply, Graph, Variable, describe, leaves
from kernelgraph.remembered import forget
from kernelgraph.symbols import expect_variables

_HOOKS = ("on_attach", "on_detach", "on_import", "on_prune", "on_change_input", "validate")


class FunctionGraph:
    """The graph between `inputs` and `outputs`, copied as with Theano's `clone=True`.

    `features` are objects with any of the methods on_attach(graph), on_detach(graph),
    on_import(graph, node, reason), on_prune(graph, node, reason),
    on_change_input(graph, node, i, old, new, reason), validate(graph).
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        features: Sequence[Any] = (),
        clone: bool = True,
    ) -> None:
        expect_flag(clone, "clone")
        given = expect_variables(expect_list(inputs, "inputs", "variables"), "each of inputs")
        wanted = expect_variables(expect_list(outputs, "outputs", "variables"), "each of outputs")
        missing = [v for v in leaves(wanted, given) if v not in given and not _has_value(v)]
        if missing:
            raise GraphError(f"{describe(missing[0])} is no input of the graph", code="KG-G001")
        self._edited = Edited(Graph(tuple(given), tuple(wanted), facts=()))
        self.features: list[Any] = []
        for feature in expect_list(features, "features", "objects that are told of edits"):
            self.attach_feature(feature)

    @property
    def inputs(self) -> list[Variable]:
        """The inputs, which are copies of those given."""
        return list(self._edited.inputs)

    @property
    def outputs(self) -> list[Variable]:
        """The outputs as they are now."""
        return list(self._edited.outputs)

    @property
    def apply_nodes(self) -> set[Apply]:
        """All nodes."""
        return set(self._edited.nodes)

    @property
    def variables(self) -> set[Variable]:
        """All variables: inputs, constants, results of nodes."""
        made = (v for node in self._edited.nodes for v in (*node.inputs, *node.outputs))
        return {*self.inputs, *self.outputs, *made}

    def clients(self, variable: Variable) -> list[tuple[Apply | str, int]]:
        """Who uses a variable: nodes with the number of the operand, and "output" likewise."""
        users = self._edited.clients.get(variable, ())
        nodes = [(n, k) for n in users for k, v in enumerate(n.inputs) if v is variable]
        ends = [("output", k) for k, v in enumerate(self.outputs) if v is variable]
        return [*nodes, *ends]

    def toposort(self) -> list[Apply]:
        """The nodes, each after those that it needs."""
        return list(self._edited.present().apply_nodes())

    def clone(self) -> FunctionGraph:
        """A copy, without the features."""
        return FunctionGraph(self.inputs, self.outputs)

    def replace(self, old: Variable, new: Variable, reason: Any = None) -> None:
        """Let all who use `old` use `new`. Raises `ReplacementError` for another type."""
        if old.type != new.type:
            message = f"{describe(old)} cannot be replaced by {describe(new)}, of another type"
            raise ReplacementError(message)
        before = dict(self._edited.nodes)
        users = [(n, k) for n, k in self.clients(old) if isinstance(n, Apply)]
        self._edited.replace(old, new)
        for node in self._edited.nodes:
            if node not in before:
                self._tell("on_import", node, reason)
        for node, k in users:
            self._tell("on_change_input", node, k, old, new, reason)
        for node in before:
            if node not in self._edited.nodes:
                self._tell("on_prune", node, reason)

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], reason: Any = None) -> None:
        """`replace` for each pair."""
        for old, new in pairs:
            self.replace(old, new, reason)

    def replace_validate(self, old: Variable, new: Variable, reason: Any = None) -> None:
        """`replace`, then ask the features whether the graph is still valid."""
        self.replace_all_validate([(old, new)], reason)

    def replace_all_validate(
        self, pairs: Iterable[tuple[Variable, Variable]], reason: Any = None
    ) -> None:
        """`replace_all`; if a feature's `validate` raises, everything is put back first."""
        edited = self._edited
        kept = {n: list(n.inputs) for n in edited.nodes}
        clients = {v: dict(users) for v, users in edited.clients.items()}
        outputs = list(edited.outputs)
        self.replace_all(pairs, reason)
        try:
            self.validate()
        except Exception:
            forget()
            for node, operands in kept.items():
                node.inputs = operands
            edited.nodes, edited.clients, edited.outputs = dict.fromkeys(kept), clients, outputs
            raise

    def validate(self) -> None:
        """Ask every feature. Raises what one raises."""
        self._tell("validate")

    def attach_feature(self, feature: Any) -> None:
        """Tell a feature of every change from now on. Raises `GraphError` for what can be told
        nothing.
        """
        if not any(hasattr(feature, hook) for hook in _HOOKS):
            raise GraphError(f"a feature has one of {', '.join(_HOOKS)}, {feature!r} has none")
        self.features.append(feature)
        if hasattr(feature, "on_attach"):
            feature.on_attach(self)
        for node in self.toposort():
            if hasattr(feature, "on_import"):
                feature.on_import(self, node, "init")

    def remove_feature(self, feature: Any) -> None:
        """Tell a feature no more."""
        self.features.remove(feature)
        if hasattr(feature, "on_detach"):
            feature.on_detach(self)

    def _tell(self, hook: str, *about: Any) -> None:
        for feature in list(self.features):
            if hasattr(feature, hook):
                getattr(feature, hook)(self, *about)

    def __contains__(self, item: Any) -> bool:
        return item in self._edited.nodes or item in self.variables

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.outputs))}]"


def _has_value(variable: Variable) -> bool:
    return hasattr(variable, "data") or hasattr(variable, "container")
