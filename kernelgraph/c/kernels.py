"""Kernels as C: a function each, its loops mapped to lanes, strips and blocks of rows."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from kernelgraph.c.parameters import parameters
from kernelgraph.c.prelude import FAIL
from kernelgraph.c.states import (
    combined,
    each_row,
    has_text_for_few,
    lane_of,
    rows_head,
    state_of,
)
from kernelgraph.c.sums import Summed, SumPrinter, dealt
from kernelgraph.c.trees import columns
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, element, expression, size
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.columns import BLOCK, LOOK
from kernelgraph.mapping.loading import chooses
from kernelgraph.mapping.rows import one_row_at_a_time
from kernelgraph.mapping.sums import is_sum
from kernelgraph.writer import Writer, plain

_QUICK = 64
"""How many rounds of lanes are quicker one by one where the larger or smaller number is kept: that
is two instructions, but lanes are brought together by branches that no processor foresees.
"""


class KernelPrinter:
    """Prints one kernel; `apart`: as a function that its caller does not take in."""

    def __init__(self, kernel: ir.Kernel, writer: Writer, apart: bool = False) -> None:
        self.kernel = kernel
        self.writer = writer
        self.apart = apart
        self.sums = SumPrinter(self, writer)
        self.blocks = 0
        self.polls = any(isinstance(item, ir.Poll) for item in nested(kernel.body))
        flags = (item for item in nested(kernel.body) if isinstance(item, ir.Flag))
        self.flags = {item.name: item for item in flags}

    def write(self) -> None:
        """The function."""
        kernel, writer = self.kernel, self.writer
        for text in kernel.note.split("\n"):
            writer.line(f"/* {plain(text)} */", *kernel.nodes)
        head = f"static int32_t {kernel.name}("
        if self.apart:
            head = f"__attribute__((noinline)) {head}"
        writer.listing(head, parameters(kernel), ") {")
        with writer.nested("}"):
            if self.polls:
                writer.line("int64 work = 0;")
            for name in self.flags:
                writer.line(f"bool8 {name} = 0;")
            self.body(kernel.body)
            for flag in self.flags.values():
                self.raised(flag)
            for name in kernel.results:
                writer.line(f"*{name.name}_out = {name.name};")
            writer.line("return KG_DONE;")

    def body(self, statements: Sequence[ir.Statement]) -> None:
        """Statements in order."""
        for item in statements:
            self.statement(item)

    def statement(self, item: ir.Statement) -> None:
        """One statement."""
        line = self.writer.line
        match item:
            case ir.Let():
                line(
                    f"const {c_type(item.value.dtype)} {item.name} = {expression(item.value)};",
                    item.node,
                )
            case ir.Local():
                line(
                    f"{c_type(item.start.dtype)} {item.name} = {expression(item.start)};", item.node
                )
            case ir.Assign():
                line(f"{item.name} = {expression(item.value)};", item.node)
            case ir.Reduce():
                self.reduction(item, state_of(item) if item.iteration is None else dealt(item))
            case ir.Store():
                line(f"{element(item.buffer, item.index)} = {expression(item.value)};", item.node)
            case ir.Bounded():
                self.bounded(item)
            case ir.Carry():
                self.carry(item)
            case ir.Barrier():
                pass  # threads of a processor have no blocks
            case ir.Poll():
                line(f"work += {expression(item.work)};")
                with self.writer.block("if (work > 262144) {"):
                    line("if (host->poll(host)) return KG_PYTHON_ERROR;")
                    line("work = 0;")
            case ir.Flag():
                line(f"{item.name} |= {expression(item.condition)};", item.node)
            case ir.For():
                self.loop(item)

    def raised(self, flag: ir.Flag) -> None:
        """What a flag that was raised means to the host: an error, or the first warning."""
        if flag.fails:
            failed = f"return {self.writer.call(FAIL)}(host, {flag.check}, 0, 0, 0);"
            self.writer.line(f"if ({flag.name}) {failed}", flag.node)
        else:
            warning = f"if ({flag.name} && !host->warning) host->warning = {flag.check + 1};"
            self.writer.line(warning, flag.node)

    def carry(self, item: ir.Carry) -> None:
        """Whole blocks of sums move on, or all come back."""
        kind, count = c_type(item.sums.dtype), " * ".join(map(size, item.sums.dims)) or "1"
        operands = f"({item.sums.name}, {item.blocks.name}, {count}, {item.counter})"
        if item.end:
            self.writer.line(f"{self.writer.call(columns(kind))}{operands};", item.node)
            return
        assert item.dim is not None
        end, count = size(item.dim), item.counter
        self.writer.line(f"{count} += {LOOK if item.several else 1};", item.node)
        whole = f"{count} % {BLOCK} < {LOOK}"
        if not item.several:
            eighth = f"{item.index} % {LOOK} == {LOOK - 1} && {whole}"
            whole = f"{item.index} < {end} - {end} % {LOOK} ? {eighth} : {count} % {BLOCK} == 0"
        self.writer.line(f"if ({whole}) whole_block_{kind}{operands};", item.node)

    def reduction(self, item: ir.Reduce, state: str) -> None:
        """The next value of a state that is written `state`."""
        now = self.read_first(item, state, f"{item.name}_now")
        self.writer.line(f"{state} = {combined(item, now)};", item.node)

    def read_first(self, reduction: ir.Reduce, element: str, name: str) -> str:
        """A state in an array, or a local with its value where a reduction chooses."""
        if "[" not in element or not chooses(reduction.op):
            return element
        self.writer.line(
            f"const {c_type(reduction.start.dtype)} {name} = {element};", reduction.node
        )
        return name

    def bounded(self, item: ir.Bounded) -> None:
        """An index, checked."""
        limit = expression(item.size)
        self.writer.line(f"int64 {item.name} = {expression(item.value)};", item.node)
        self.writer.line(
            f"if ({item.name} < {f'-{limit}' if item.wraps else 0} || {item.name} >= {limit}) "
            f"return {self.writer.call(FAIL)}(host, {item.check}, {item.name}, {limit}, 0);"
        )
        if item.wraps:
            self.writer.line(f"if ({item.name} < 0) {item.name} += {limit};")

    def loop(self, item: ir.For) -> None:
        """A loop: plain, or in strips, or with partial states side by side."""
        end = size(item.dim)
        if item.runs == "threads":
            found = {part.name for part in nested(item.body) if isinstance(part, ir.Flag)}
            flags = "".join(f" reduction(|:{name})" for name in sorted(found))
            self.writer.line(f"#pragma omp parallel for{flags}")
        states = _states(item) if item.lanes > 1 else []
        sums = [state for state in states if is_sum(state[0])]
        states = [state for state in states if state not in sums]
        if not (sums or item.sums):
            self.combining(item, states, end)
            return
        if item.sums:
            with self.partial_states(item, states), self.writer.block("{"):  # lanes of its own
                self.sums.dealt(item, end)
            return
        few = has_text_for_few(item)  # as many rows have
        if few:
            with self.writer.block(f"if ({end} < {item.lanes}) {{"):
                self.one_by_one(item, "0", end)
        with self.writer.block("else {" if few else "{"):
            self.adding_up(item)

    def adding_up(self, item: ir.For) -> None:
        """A loop that adds up more numbers than lanes: in a block of rows, for all of them side by
        side or for one after the other.
        """
        states = _states(item)
        sums = [state for state in states if is_sum(state[0])]
        rows = sums[0][1]
        if rows is None or not rows.rolled:
            with self.partial_states(item, [state for state in states if state not in sums]):
                self.sums.adding(item, sums, size(item.dim))
            return
        self.writer.line("#pragma GCC unroll 1")
        with self.writer.block(rows_head(rows)):
            for part in one_row_at_a_time(item, rows):
                if isinstance(part, ir.For):
                    self.adding_up(part)
                else:
                    self.statement(part)

    def combining(self, item: ir.For, states: Sequence[Summed], end: str) -> None:
        """A loop that combines its states in any grouping; few iterations do it as they come, since
        lanes cost more to bring together.
        """
        rounds = _QUICK if all(chooses(reduction.op) for reduction, _ in states) else 1
        few = rounds * item.lanes if states else 0
        if item.dim.size is not None and item.dim.size < few:
            self.one_by_one(item, "0", end)
            return
        if not (few and has_text_for_few(item)):
            with self.partial_states(item, states):
                self.strips(item, end)
            return
        with self.writer.block(f"if ({end} < {few}) {{"):
            self.one_by_one(item, "0", end)
        with self.writer.block("else {"), self.partial_states(item, states):
            self.strips(item, end)

    @contextmanager
    def partial_states(self, item: ir.For, states: Sequence[Summed]) -> Generator[None]:
        """Partial states around a loop: declared before it, gathered behind it."""
        for reduction, rows in states:
            self.lanes(reduction, item.lanes, rows)
        yield
        for reduction, rows in states:
            self.gather(reduction, item.lanes, rows)

    def strips(self, item: ir.For, end: str) -> None:
        """All iterations, with a look now and then at whether the user wants to stop."""
        if not item.strip:
            self.iterations(item, "0", end)
            return
        step, stop = f"{item.index}_start", f"{item.index}_stop"
        head = f"for (int64 {step} = 0; {step} < {end}; {step} += {item.strip}) {{"
        with self.writer.block(head):
            self.writer.line("if (host->poll(host)) return KG_PYTHON_ERROR;")
            limit = f"{end} - {step} < {item.strip} ? {end} : {step} + {item.strip}"
            self.writer.line(f"const int64 {stop} = {limit};")
            self.iterations(item, step, stop)

    def side_by_side(self, item: ir.For, start: str, stop: str) -> None:
        """As many iterations at a time as there are lanes; those left over go to the state itself,
        so that the lanes can stay in registers.
        """
        index, self.blocks = item.index, self.blocks + 1
        mark = "" if self.blocks == 1 else f"_{self.blocks - 1}"
        base, last = f"{index}_base{mark}", f"{index}_last{mark}"
        count = f"({stop} - {start})" if start != "0" else stop
        # Known beforehand: an index that is used after its loop is made a vector, too.
        self.writer.line(f"const int64 {last} = {stop} - {count} % {item.lanes};")
        self.whole_rounds(item, base, start, last)
        self.one_by_one(item, last, stop)

    def whole_rounds(self, item: ir.For, base: str, start: str, stop: str) -> None:
        """As many iterations at a time as there are lanes."""
        head = f"for (int64 {base} = {start}; {base} < {stop}; {base} += {item.lanes})"
        with (
            self.writer.block(f"{head} {{"),
            self.writer.block(f"for (int64 lane = 0; lane < {item.lanes}; lane++) {{"),
        ):
            self.writer.line(f"const int64 {item.index} = {base} + lane;")
            self.lane_body(item.body)

    def one_by_one(self, item: ir.For, start: str, stop: str) -> None:
        """Iterations that are too few for all lanes."""
        index = item.index
        with self.writer.block(f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"):
            self.body(item.body)

    def iterations(self, item: ir.For, start: str, stop: str) -> None:
        """The iterations from `start` to `stop`."""
        index = item.index
        if item.step > 1:
            with self.writer.block("{"):
                self.writer.line(f"int64 {index} = {start};")
                head = f"for (; {index} + {item.step} <= {stop}; {index} += {item.step})"
                with self.writer.block(f"{head} {{"):
                    self.arrays(item.arrays)
                    self.sums.begin_iteration(item)
                    self.body(item.body)
                with self.writer.block(f"for (; {index} < {stop}; {index}++) {{"):
                    self.sums.begin_iteration(item)
                    self.body(item.rest)
            return
        if item.lanes == 1:
            if item.rolled:  # unrolled first, it is not made of vectors
                self.writer.line("#pragma GCC unroll 1")
            with self.writer.block(
                f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"
            ):
                self.sums.begin_iteration(item)
                self.body(item.body)
            return
        self.side_by_side(item, start, stop)

    def arrays(self, arrays: Sequence[ir.Buffer]) -> None:
        """Declarations of small arrays."""
        for dtype in dict.fromkeys(array.dtype for array in arrays):
            alike = [array for array in arrays if array.dtype == dtype]
            items = [f"{a.name}{''.join(f'[{size(dim)}]' for dim in a.dims)}" for a in alike]
            self.writer.listing(f"{c_type(dtype)} ", items, ";")

    def lane_body(
        self, statements: Sequence[ir.Statement], begun: frozenset[str] = frozenset()
    ) -> None:
        """One iteration, whose states are those of its lane, but for those that begin in it."""
        begun |= _begun(statements)
        for item in statements:
            match item:
                case ir.Reduce() if item.name not in begun:
                    self.reduction(item, lane_of(item))
                case ir.For():
                    with self.writer.block(rows_head(item)):
                        self.lane_body(item.body, begun)
                case _:
                    self.statement(item)

    def lanes(self, reduction: ir.Reduce, count: int, rows: ir.For | None) -> None:
        """Partial states before the first iteration."""
        block = "" if rows is None else f"[{size(rows.dim)}]"
        self.writer.line(
            f"{c_type(reduction.start.dtype)} {reduction.name}_lanes{block}[{count}];",
            reduction.node,
        )
        with each_row(self.writer, rows):
            self.writer.line(
                f"for (int64 lane = 0; lane < {count}; lane++) "
                f"{lane_of(reduction)} = {expression(reduction.start)};"
            )

    def gather(self, reduction: ir.Reduce, count: int, rows: ir.For | None) -> None:
        """Partial states combined pairwise: half as many each time."""
        with each_row(self.writer, rows):
            state, half = lane_of(reduction), count // 2
            while half:  # spelled out: a loop over halves costs the compiler and the processor more
                head = f"for (int64 lane = 0; lane < {half}; lane++)"
                if chooses(reduction.op):
                    with self.writer.block(f"{head} {{"):
                        self.take_lane(reduction, f"lane + {half}", state)
                else:
                    other = replace(
                        reduction, element=ir.Name(lane_of(reduction, f"lane + {half}"))
                    )
                    self.writer.line(f"{head} {state} = {combined(other, state)};", reduction.node)
                half //= 2
            self.take_lane(reduction, "0", state_of(reduction))

    def take_lane(self, reduction: ir.Reduce, lane: str, state: str) -> None:
        """The partial state of a lane goes into another state."""
        other = self.read_first(reduction, lane_of(reduction, lane), f"{reduction.name}_other")
        self.reduction(replace(reduction, element=ir.Name(other)), state)


def _states(loop: ir.For) -> list[tuple[ir.Reduce, ir.For | None]]:
    """The states that a loop carries, and the loop over the rows that have one each; a loop inside
    may also add to one state for all of its iterations.
    """
    plain = [(item, None) for item in loop.body if isinstance(item, ir.Reduce)]
    rows = [item for item in loop.body if isinstance(item, ir.For)]
    begun = _begun(loop.body)
    inner = (
        (reduction, row if reduction.row is not None else None)
        for row in rows
        for reduction, _ in _states(row)
        if reduction.name not in begun
    )
    return [*plain, *inner]


def _begun(statements: Sequence[ir.Statement]) -> frozenset[str]:
    """The states that begin among some statements."""
    return frozenset(item.name for item in statements if isinstance(item, ir.Local))
