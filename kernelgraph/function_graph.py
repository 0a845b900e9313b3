"""A graph that is being edited: what rewriting works on."""

from __future__ import annotations

from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.remembered import forget
from kernelgraph.walks import producers_first


class FunctionGraph:
    """A graph that is being edited: it knows the clients of every variable.

    Made from a copy of a `Graph`, so that the user's own graph is never touched.
    """

    def __init__(self, graph: Graph) -> None:
        copy, self.copies = graph.clone()
        self.name = copy.name
        self.donations = copy.donations
        self.inputs = copy.inputs
        self.facts = copy.facts
        self.results = len(copy.outputs)
        self.outputs = [*copy.outputs, *copy.late]
        """The results, then the scalars that facts about sizes compare."""
        self.nodes: dict[Apply, None] = {}
        self.clients: dict[Variable, dict[Apply, None]] = {}
        self.left_alone: list[Apply] = []
        """Nodes that have become the only user of an operand; whoever cares takes them away."""
        for node in copy.apply_nodes():
            self._adopt(node)

    def _adopt(self, node: Apply) -> None:
        self.nodes[node] = None
        for variable in node.inputs:
            self.clients.setdefault(variable, {})[node] = None

    def new_nodes(self, variable: Variable) -> list[Apply]:
        """The nodes behind `variable` that this graph does not have yet, producers first."""
        return list(
            producers_first([variable], lambda v: None if v.owner in self.nodes else v.owner)
        )

    def replace(self, old: Variable, new: Variable) -> None:
        """Let every client of `old` use `new`; nodes that nobody uses any more leave the graph."""
        forget()
        for node in self.new_nodes(new):
            self._adopt(node)
        for client in list(self.clients.get(old, ())):
            client.inputs = [new if variable is old else variable for variable in client.inputs]
            self.clients.setdefault(new, {})[client] = None
        self.clients.pop(old, None)
        self.outputs = [new if variable is old else variable for variable in self.outputs]
        self._forget(old)

    def is_used(self, variable: Variable) -> bool:
        """Whether any node or output uses the variable."""
        return bool(self.clients.get(variable)) or any(
            variable is output for output in self.outputs
        )

    def _forget(self, variable: Variable) -> None:
        stack = [variable]
        while stack:
            node = stack.pop().owner
            if node is None or node not in self.nodes or any(map(self.is_used, node.outputs)):
                continue
            del self.nodes[node]
            for operand in node.inputs:
                users = self.clients.get(operand)
                if users is not None:
                    users.pop(node, None)
                    self.left_alone += users if len(users) == 1 else ()
            stack.extend(node.inputs)

    def graph(self) -> Graph:
        """A copy of the present state."""
        return self.present().clone()[0]

    def present(self) -> Graph:
        """The present state, not to be edited any further."""
        late = Graph(self.inputs, (), facts=self.facts).late
        new = dict(zip(late, self.outputs[self.results :], strict=True))
        facts = self.facts
        if facts is not None and new:
            facts = tuple(fact.mapped(new) if fact.late else fact for fact in facts)
        outputs = tuple(self.outputs[: self.results])
        return Graph(self.inputs, outputs, self.donations, self.name, facts)
