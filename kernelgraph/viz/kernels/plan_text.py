"""The plan as text with nodes; results are called as in the picture."""

from __future__ import annotations

from collections.abc import Mapping

from kernelgraph.graph import Apply, Variable
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.viz.text.words import op_text, variable_text
from kernelgraph.writer import Source


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
