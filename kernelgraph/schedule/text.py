"""How a schedule prints itself: which nodes run in which loops, and in which order.

Below, `exp` and the sum share a loop over the columns of `x`:

    0 kernel
        for x_n0
            for x_n1
                exp(x[x_n0, x_n1])
                sum{(1,)}(exp.0[x_n0, x_n1]) over x_n1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kernelgraph.graph import Apply, Variable, reference
from kernelgraph.names import shortened
from kernelgraph.op import Op
from kernelgraph.schedule.values import Body, Domain, HostStep, Index, Loop, LoopId, Step, Use
from kernelgraph.writer import Source, Writer


def steps_text(
    steps: Sequence[Step],
    domains: Mapping[Apply, Domain],
    variable: Callable[[Variable], str] = reference,
    op: Callable[[Op], str] = str,
) -> Source:
    """The steps, each line with its nodes; `variable` and `op` say what these are called."""
    text = _Steps(domains, variable, op)
    for number, step in enumerate(steps):
        if isinstance(step, HostStep):
            text.host(number, step.node)
        else:
            with text.writer.block(f"{number} kernel", ""):
                text.body(step.body)
                text.parts(step.views)
    return text.writer.source()


class _Steps:
    """Writes steps."""

    def __init__(
        self,
        domains: Mapping[Apply, Domain],
        variable: Callable[[Variable], str],
        op: Callable[[Op], str],
    ) -> None:
        self.domains = domains
        self.variable = variable
        self.op = op
        self.writer = Writer()

    def host(self, number: int, node: Apply) -> None:
        operands = ", ".join(map(self.variable, node.inputs))
        self.writer.line(f"{number} host {self.op(node.op)}({operands})", node)

    def body(self, body: Body) -> None:
        for item in body.items:
            if isinstance(item, Loop):
                with self.writer.block(f"for {_loop(item.id)}", ""):
                    self.body(item.body)
            else:
                self.writer.line(self._node(item), item)

    def parts(self, nodes: Sequence[Apply]) -> None:
        """What is another description of memory that the kernel writes."""
        for node in nodes:
            operands = ", ".join(map(self.variable, node.inputs))
            self.writer.line(f"in place {self.op(node.op)}({operands})", node)

    def _node(self, node: Apply) -> str:
        domain = self.domains[node]
        uses = ", ".join(map(self._use, domain.uses))
        over = f" over {_listed(domain.folded)}" if domain.folded else ""
        return f"{self.op(node.op)}({uses}){over}"

    def _use(self, use: Use) -> str:
        return self.variable(use.base) + (f"[{_listed(use.at)}]" if use.at else "")


def _listed(index: Index) -> str:
    return ", ".join("0" if entry is None else _loop(entry) for entry in index)


def _loop(loop: LoopId) -> str:
    return shortened(repr(loop))
