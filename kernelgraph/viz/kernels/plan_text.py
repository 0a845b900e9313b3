"""The plan and the loops as text with nodes, for readers of any language.

A schedule or a program comes in, a `Source` goes out, as the printers of C and Python make one: the
plan says in which order nodes run and which of them share a loop, the loops say what every back end
then prints in its own language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.printer import Source, Writer
from kernelgraph.python.printer import expression as python_expression
from kernelgraph.python.printer import size
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.values import Body, HostStep, Index, Loop, LoopId, Schedule, Use
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.words import op_text, variable_text


def plan_source(schedule: Schedule, keys: Mapping[Apply, str]) -> Source:
    """The text of a schedule, each line with its nodes; results without a name are called by the
    key of their node.
    """
    plan = _Plan(schedule, keys)
    for number, step in enumerate(schedule.steps):
        if isinstance(step, HostStep):
            plan.host(number, step.node)
        else:
            with plan.writer.block(f"{number} kernel", ""):
                plan.body(step.body)
    return plan.writer.source()


class _Plan:
    """Writes the steps of a schedule."""

    def __init__(self, schedule: Schedule, keys: Mapping[Apply, str]) -> None:
        self.domains = schedule.domains
        self.keys = keys
        self.writer = Writer()

    def host(self, number: int, node: Apply) -> None:
        operands = ", ".join(map(self._name, node.inputs))
        self.writer.line(f"{number} host {op_text(node.op)}({operands})", node)

    def body(self, body: Body) -> None:
        for item in body.items:
            if isinstance(item, Loop):
                with self.writer.block(f"for {_loop(item.id)}", ""):
                    self.body(item.body)
            else:
                self.writer.line(self._node(item), item)

    def _node(self, node: Apply) -> str:
        domain = self.domains[node]
        uses = ", ".join(self._use(use) for use in domain.uses)
        folds = f" over {_listed(domain.folded)}" if domain.folded else ""
        return f"{op_text(node.op)}({uses}){folds}"

    def _use(self, use: Use) -> str:
        index = f"[{_listed(use.at)}]" if use.at else ""
        return self._name(use.base) + index

    def _name(self, variable: Variable) -> str:
        node = variable.owner
        if variable.name is not None or node is None or node not in self.keys:
            return variable_text(variable)
        return self.keys[node] + (f".{variable.index}" if len(node.outputs) > 1 else "")


def _listed(index: Index) -> str:
    return ", ".join("0" if entry is None else _loop(entry) for entry in index)


def _loop(loop: LoopId) -> str:
    return escape.name(repr(loop))


def loops_source(program: ir.Program) -> Source:
    """The kernels of a program, and below them what the host does."""
    writer = Writer()
    for kernel in program.kernels:
        _kernel(kernel, writer)
        writer.line("")
    with writer.block(f"host of {escape.name(program.name)}", ""):
        _actions(program.actions, writer)
    return writer.source()


# Kernels -----------------------------------------------------------------------------------------


def _kernel(kernel: ir.Kernel, writer: Writer) -> None:
    with writer.block(f"kernel {kernel.name}", ""):
        for buffer in kernel.reads:
            writer.line(f"reads   {_array(buffer)}")
        for buffer in kernel.writes:
            writer.line(f"writes  {_array(buffer)}")
        _statements(kernel.body, writer)
        for name in kernel.results:
            writer.line(f"gives   {name.name}: {name.dtype}")


def expression(value: ir.Expression) -> str:
    """An expression in the words of Python."""
    match value:
        case ir.Operation():
            return operation(value, "python", expression)
        case ir.Load():
            index = [
                str(e.value) if isinstance(e, ir.Number) else expression(e) for e in value.index
            ]
            return f"{value.buffer.name}[{', '.join(index) or '()'}]"
        case _:
            return python_expression(value)


def _array(buffer: ir.Buffer) -> str:
    return f"{buffer.name}: {buffer.dtype}[{_sizes(buffer.dims)}]"


def _sizes(dims: Sequence[Dim]) -> str:
    return ", ".join(map(size, dims))


def _element(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    return expression(ir.Load(buffer, tuple(index)))


def _statements(statements: Sequence[ir.Statement], writer: Writer) -> None:
    for item in statements:
        match item:
            case ir.Let():
                writer.line(f"{item.name} = {expression(item.value)}", item.node)
            case ir.Variable():
                writer.line(f"{item.name} ← {expression(item.start)}", item.node)
            case ir.Assign():
                writer.line(f"{item.name} ← {expression(item.value)}", item.node)
            case ir.Fold():
                writer.line(f"{item.name} ← {_folded(item)}", item.node)
            case ir.Store():
                place = _element(item.buffer, item.index)
                writer.line(f"{place} ← {expression(item.value)}", item.node)
            case ir.Bounded():
                limits = f"within {expression(item.size)}"
                writer.line(f"{item.name} = {expression(item.value)}, {limits}", item.node)
            case ir.For():
                lanes = f", {item.lanes} side by side" if item.lanes > 1 else ""
                with writer.block(f"for {item.index} below {size(item.dim)}{lanes}", ""):
                    _statements(item.body, writer)
                if item.rest:
                    with writer.block("the rest of them", ""):
                        _statements(item.rest, writer)
            case ir.Poll():
                pass  # only compiled code has to look at the keyboard


def _folded(item: ir.Fold) -> str:
    return expression(item.combined(ir.Name(item.name), item.element))


# The host ----------------------------------------------------------------------------------------


def _actions(actions: Sequence[ir.Action], writer: Writer) -> None:
    for action in actions:
        _action(action, writer)


def _action(action: ir.Action, writer: Writer) -> None:
    match action:
        case ir.Bind():
            writer.line(f"{_array(action.buffer)} is in slot {action.slot}")
        case ir.BindScalar():
            writer.line(f"{action.name.name} is the number in slot {action.slot}")
        case ir.Define():
            writer.line(f"{action.dim.name} = {expression(action.value)}")
        case ir.CheckEqual():
            writer.line(f"check {expression(action.left)} = {expression(action.right)}")
        case ir.CheckNotEmpty():
            writer.line(f"check {size(action.dim)} ≠ 0")
        case ir.Allocate():
            where = "" if action.slot is None else f" in slot {action.slot}"
            writer.line(f"new memory for {_array(action.buffer)}{where}")
        case ir.Reserve():
            writer.line(f"memory for {_array(action.buffer)} in slot {action.slot}, empty so far")
        case ir.FirstRow():
            with writer.block(f"if {action.turn.name} = 0", ""):
                for dim, value in action.sizes:
                    writer.line(f"{dim.name} = {expression(value)}")
                writer.line(f"new memory for {_array(action.buffer)} in slot {action.slot}")
        case ir.StoreScalar():
            writer.line(f"slot {action.slot} ← {expression(action.value)}")
        case ir.Run():
            writer.line(f"run {action.kernel.name}", *action.kernel.nodes)
        case ir.Window():
            writer.line(f"{action.buffer.name} is a part of {action.base.name}")
        case ir.Alias():
            writer.line(f"{action.buffer.name} is {action.base.name} under other sizes")
        case ir.CallPython():
            writer.line(f"call Python, number {action.call}", action.node)
        case ir.If():
            with writer.block(f"if {expression(action.condition)}", ""):
                _actions(action.then, writer)
            with writer.block("else", ""):
                _actions(action.otherwise, writer)
        case ir.Repeat():
            head = f"repeat {action.index.name} below {expression(action.count)}"
            with writer.block(head, ""):
                _actions(action.body, writer)
