"""Kernels as C: a function each, its loops mapped to lanes, strips and blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from kernelgraph.c.parameters import is_specialized, parameters
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, element, expression, size
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.columns import BLOCK, LOOK
from kernelgraph.mapping.loading import any_choice, chooses
from kernelgraph.mapping.sums import CHAIN, GROUP, LANES, LEVELS, is_sum
from kernelgraph.writer import Writer, plain

_FEW = 12
"""Loops of at most so many statements have a text of their own for few iterations."""

_BLOCK = CHAIN * LANES
"""How many numbers are a block, and how many are a group of blocks."""
_FULL = GROUP * _BLOCK


Summed = tuple[ir.Reduce, ir.For | None]
"""A sum, and the loop over the rows of a block that have one each."""


class KernelPrinter:
    """Prints one kernel."""

    def __init__(self, kernel: ir.Kernel, writer: Writer) -> None:
        self.kernel = kernel
        self.writer = writer
        self.blocks = 0
        self.polls = any(isinstance(item, ir.Poll) for item in nested(kernel.body))

    def write(self) -> None:
        """The function."""
        kernel, writer = self.kernel, self.writer
        for text in kernel.note.split("\n"):
            writer.line(f"/* {plain(text)} */", *kernel.nodes)
        inline = "__attribute__((always_inline)) " if is_specialized(kernel) else ""
        head = f"static inline {inline}int32_t {kernel.name}("
        writer.listing(head, parameters(kernel), ") {")
        with writer.nested("}"):
            if self.polls:
                writer.line("int64 work = 0;")
            self.body(kernel.body)
            for name in kernel.results:
                writer.line(f"*{name.name}_out = {name.name};")
            writer.line("return KG_DONE;")
        if is_specialized(kernel):
            self.write_general()

    def write_general(self) -> None:
        """The kernel for operands with gaps: rarely called, so compiled small and quickly."""
        names = [parameter.split()[-1].lstrip("*") for parameter in parameters(self.kernel)]
        head = f"static __attribute__((noinline, cold)) int32_t {self.kernel.name}_gaps("
        self.writer.listing(head, parameters(self.kernel), ") {")
        with self.writer.nested("}"):
            self.writer.listing(f"return {self.kernel.name}(", names, ");")

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
            case ir.Variable():
                line(
                    f"{c_type(item.start.dtype)} {item.name} = {expression(item.start)};", item.node
                )
            case ir.Assign():
                line(f"{item.name} = {expression(item.value)};", item.node)
            case ir.Reduce():
                self.reduction(item, _state(item) if item.iteration is None else dealt(item))
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
            case ir.For():
                self.loop(item)

    def carry(self, item: ir.Carry) -> None:
        """Whole blocks of sums move on, or all come back."""
        kind, count = c_type(item.sums.dtype), " * ".join(map(size, item.sums.dims)) or "1"
        operands = f"({item.sums.name}, {item.blocks.name}, {count}, {item.counter})"
        if item.end:
            self.writer.line(f"all_blocks_{kind}{operands};", item.node)
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
        self.writer.line(f"{state} = {_combined(item, now)};", item.node)

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
            f"return fail(host, {item.check}, {item.name}, {limit}, 0);"
        )
        if item.wraps:
            self.writer.line(f"if ({item.name} < 0) {item.name} += {limit};")

    def loop(self, item: ir.For) -> None:
        """A loop: plain, or in strips, or with partial states side by side."""
        end = size(item.dim)
        if item.runs == "threads":
            self.writer.line("#pragma omp parallel for")
        states = _states(item) if item.lanes > 1 else []
        sums = [state for state in states if is_sum(state[0])]
        states = [state for state in states if state not in sums]
        for reduction, rows in states:
            self.lanes(reduction, item.lanes, rows)
        if item.sums:
            with self.writer.block("{"):  # the names of its lanes are its own
                self.dealt(item, end)
        elif sums:
            self.adding(item, sums, end)
        elif item.strip:
            step = f"{item.index}_start"
            with self.writer.block(
                f"for (int64 {step} = 0; {step} < {end}; {step} += {item.strip}) {{"
            ):
                self.writer.line("if (host->poll(host)) return KG_PYTHON_ERROR;")
                stop = f"{item.index}_stop"
                self.writer.line(
                    f"const int64 {stop} = "
                    f"{end} - {step} < {item.strip} ? {end} : {step} + {item.strip};"
                )
                self.iterations(item, step, stop)
        else:
            self.iterations(item, "0", end)
        for reduction, rows in states:
            self.gather(reduction, item.lanes, rows)

    def adding(self, item: ir.For, sums: Sequence[Summed], end: str) -> None:
        """A loop that adds up; less numbers than lanes, as many rows have, need none of these."""
        rows = sums[0][1]
        few = item.dim.size is None and sum(1 for _ in nested(item.body)) <= _FEW
        if few:
            with self.writer.block(f"if ({end} < {item.lanes}) {{"):
                self.one_by_one(item, "0", end)
        with self.writer.block("else {" if few else "{"):  # the names of lanes are its own
            if rows is None or item.strip or any_choice(item.body):
                self.tree(item, sums, end)
            else:
                self.rows_of_lanes(item, sums, rows, end)

    def rows_of_lanes(self, item: ir.For, sums: Sequence[Summed], rows: ir.For, end: str) -> None:
        """A loop that adds up for each row of a block. Its lanes begin anew with each block of
        iterations, so that they stay in registers; gcc 12 has mistaken such lanes where an
        iteration chooses.
        """
        line, whole = self.writer.line, f"{item.index}_whole"
        line(f"const int64 {whole} = {end} - {end} % {LANES};")
        for reduction, _ in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            line(f"{kind} {name}_rest[{size(rows.dim)}];", reduction.node)
            line(f"{_every(rows)} {name}_rest[row] = -0.0;")
        with self.writer.block(f"if ({whole}) {{"):
            self.blocks_of_iterations(item, sums, rows, whole)
        self.one_by_one(item, whole, end)
        for reduction, _ in sums:
            state = _state(reduction)
            line(f"{_every(rows)} {state} = {state} + {reduction.name}_rest[row];", reduction.node)

    def blocks_of_iterations(
        self, item: ir.For, sums: Sequence[Summed], rows: ir.For, whole: str
    ) -> None:
        """Whole rounds of lanes, a block after the other; the sums of several go into a tree."""
        line, start, stop = self.writer.line, f"{item.index}_start", f"{item.index}_stop"
        every, count, several = _every(rows), size(rows.dim), f"if ({whole} > {_BLOCK})"
        lanes = f"{every} {_EVERY_LANE}"
        for reduction, _ in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            line(f"{kind} {name}_last[{count}][{LANES}], {name}_sums[{count}][{LANES}];")
            line(f"{kind} {name}_levels[{count}][{LEVELS}][{LANES}];")
            line(f"{several} {lanes} {name}_sums[row][lane] = -0.0;")
        head = f"for (int64 {start} = 0; {start} < {whole}; {start} += {_BLOCK}) {{"
        with self.writer.block(head):
            limit = f"{whole} - {start} < {_BLOCK} ? {whole} : {start} + {_BLOCK}"
            line(f"const int64 {stop} = {limit};")
            for reduction, _ in sums:
                line(f"{c_type(reduction.start.dtype)} {reduction.name}_lanes[{count}][{LANES}];")
                line(f"{lanes} {_lane(reduction)} = -0.0;")
            self.whole_rounds(item, f"{item.index}_base", start, stop)
            for reduction, _ in sums:
                line(f"{lanes} {reduction.name}_last[row][lane] = {_lane(reduction)};")
            with self.writer.block(f"{several} {{"):
                for reduction, _ in sums:
                    self.add_block(reduction, rows, stop)
        for reduction, _ in sums:
            kind, name = c_type(reduction.start.dtype), reduction.name
            line(f"{several} {lanes} {name}_last[row][lane] = {name}_sums[row][lane];")
            levels = f"add_levels_{kind}({name}_levels[row], {name}_last[row], {whole} / {_FULL})"
            line(f"if ({whole} >= {_FULL}) {every} {levels};")
            line("#pragma GCC unroll 1")
            line(f"{every} {name}_rest[row] = reduce_{kind}({name}_last[row]);", reduction.node)

    def add_block(self, reduction: ir.Reduce, rows: ir.For, stop: str) -> None:
        """The lanes of a block are added to those of the blocks before, after its last
        iteration.
        """
        line, name, every = self.writer.line, reduction.name, _every(rows)
        total = f"{name}_sums[row][lane]"
        line(f"{every} {_EVERY_LANE} {total} = {total} + {name}_last[row][lane];", reduction.node)
        group = f"{name}_levels[row], {name}_sums[row], {stop} / {_FULL} - 1"
        add = f"add_group_{c_type(reduction.start.dtype)}({group})"
        line(f"if ({stop} % {_FULL} == 0) {every} {add};")

    def tree(self, item: ir.For, sums: Sequence[Summed], end: str) -> None:
        """A loop that adds up, a block of iterations after the other: a full one goes into the
        tree.
        """
        for reduction, rows in sums:
            self.begin(reduction, rows)
        start, stop, block = f"{item.index}_start", f"{item.index}_stop", CHAIN * item.lanes
        head = f"for (int64 {start} = 0; {start} < {end}; {start} += {block}) {{"
        with self.writer.block(head):
            if item.strip:
                every = 1 << (item.strip - 1).bit_length()
                look = f"{start} % {every} == 0 && host->poll(host)"
                self.writer.line(f"if ({look}) return KG_PYTHON_ERROR;")
            limit = f"{end} - {start} < {block} ? {end} : {start} + {block}"
            self.writer.line(f"const int64 {stop} = {limit};")
            self.iterations(item, start, stop)
            with self.writer.block(f"if ({stop} - {start} == {block}) {{"):
                self.push(sums)
        for reduction, rows in sums:
            self.gather_tree(reduction, rows)

    def dealt(self, item: ir.For, end: str) -> None:
        """A loop with loops inside that adds up: each iteration adds to its lane. Those that are
        left over have a lane each.
        """
        for reduction in item.sums:
            self.begin(reduction, None, 2 * LANES)
        whole = f"{item.index}_whole"
        self.writer.line(f"const int64 {whole} = {end} - {end} % {LANES};")
        self.iterations(item, "0", end)
        for reduction in item.sums:
            head = f"for (int64 lane = {LANES}; lane < {LANES} + {end} - {whole}; lane++)"
            self.writer.line(
                f"{head} {reduction.name} = {reduction.name} + {_lane(reduction)};", reduction.node
            )
            self.gather_tree(reduction, None)

    def begin_iteration(self, item: ir.For) -> None:
        """At the begin of an iteration, its lane; and a block that is full goes into the tree."""
        if item.sums:
            index, whole = item.index, f"{item.index}_whole"
            lane = f"{index} < {whole} ? {index} % {LANES} : {LANES} + {index} - {whole}"
            self.writer.line(f"const int64 {index}_lane = {lane};")
            with self.writer.block(f"if ({index} && {index} % {_BLOCK} == 0) {{"):
                self.push([(reduction, None) for reduction in item.sums])

    def begin(self, reduction: ir.Reduce, rows: ir.For | None, lanes: int = LANES) -> None:
        """Lanes, and the tree that blocks of them go into, before the first iteration."""
        block = "" if rows is None else f"[{size(rows.dim)}]"
        kind = c_type(reduction.start.dtype)
        self.writer.line(f"{kind} {reduction.name}_lanes{block}[{lanes}];", reduction.node)
        self.writer.line(f"tree_{kind} {reduction.name}_tree{block};", reduction.node)
        with self.each_row(rows):
            head = f"for (int64 lane = 0; lane < {lanes}; lane++)"
            self.writer.line(f"{head} {_lane(reduction)} = -0.0;")
            self.writer.line(f"{reduction.name}_tree{at_row(reduction)}.blocks = 0;")

    def push(self, sums: Sequence[Summed]) -> None:
        """The lanes of a block go into the tree."""
        for reduction, rows in sums:
            with self.each_row(rows):
                at, kind = at_row(reduction), c_type(reduction.start.dtype)
                self.writer.line(
                    f"block_{kind}(&{reduction.name}_tree{at}, {reduction.name}_lanes{at});"
                )

    def gather_tree(self, reduction: ir.Reduce, rows: ir.For | None) -> None:
        """The sum: what was left over, then all lanes."""
        with self.each_row(rows):
            at, kind = at_row(reduction), c_type(reduction.start.dtype)
            lanes = f"gather_{kind}(&{reduction.name}_tree{at}, {reduction.name}_lanes{at})"
            total = f"{reduction.name}{at}"
            self.writer.line(f"{total} = {total} + {lanes};", reduction.node)

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
                    self.begin_iteration(item)
                    self.body(item.body)
                with self.writer.block(f"for (; {index} < {stop}; {index}++) {{"):
                    self.begin_iteration(item)
                    self.body(item.rest)
            return
        if item.lanes == 1:
            if item.rolled:  # unrolled first, it is not made of vectors
                self.writer.line("#pragma GCC unroll 1")
            with self.writer.block(
                f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"
            ):
                self.begin_iteration(item)
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
                    self.reduction(item, _lane(item))
                case ir.For():
                    with self.writer.block(_iterations(item)):
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
        with self.each_row(rows):
            self.writer.line(
                f"for (int64 lane = 0; lane < {count}; lane++) "
                f"{_lane(reduction)} = {expression(reduction.start)};"
            )

    def gather(self, reduction: ir.Reduce, count: int, rows: ir.For | None) -> None:
        """Partial states combined pairwise: half as many each time."""
        with self.each_row(rows):
            state, half = _lane(reduction), count // 2
            while half:  # spelled out: a loop over halves costs the compiler and the processor more
                head = f"for (int64 lane = 0; lane < {half}; lane++)"
                if chooses(reduction.op):
                    with self.writer.block(f"{head} {{"):
                        self.take_lane(reduction, f"lane + {half}", state)
                else:
                    other = replace(reduction, element=ir.Name(_lane(reduction, f"lane + {half}")))
                    self.writer.line(f"{head} {state} = {_combined(other, state)};", reduction.node)
                half //= 2
            self.take_lane(reduction, "0", _state(reduction))

    def take_lane(self, reduction: ir.Reduce, lane: str, state: str) -> None:
        """The partial state of a lane goes into another state."""
        other = self.read_first(reduction, _lane(reduction, lane), f"{reduction.name}_other")
        self.reduction(replace(reduction, element=ir.Name(other)), state)

    def each_row(self, rows: ir.For | None) -> AbstractContextManager[None]:
        """The loop over the rows of a block, if there is one."""
        return nullcontext() if rows is None else self.writer.block(_iterations(rows))


_EVERY_LANE = f"for (int64 lane = 0; lane < {LANES}; lane++)"


def _every(loop: ir.For) -> str:
    index = loop.index
    return f"for (int64 {index} = 0; {index} < {size(loop.dim)}; {index}++)"


def _iterations(loop: ir.For) -> str:
    return f"{_every(loop)} {{"


def _state(reduction: ir.Reduce) -> str:
    return reduction.name if reduction.row is None else f"{reduction.name}[{reduction.row.name}]"


def _combined(reduction: ir.Reduce, state: str) -> str:
    """The next value of a state, as text."""
    return expression(reduction.combined(ir.Name(state, reduction.start.dtype), reduction.element))


def at_row(reduction: ir.Reduce) -> str:
    """Which row's state, in a block of rows."""
    return "" if reduction.row is None else f"[{reduction.row.name}]"


def dealt(reduction: ir.Reduce) -> str:
    """The partial state of an iteration; in a block of rows, that of a row."""
    iteration, row = reduction.iteration, ""
    if isinstance(iteration, ir.Operation):
        iteration, row = iteration.operands["x"], f" + {expression(iteration.operands['y'])}"
    assert isinstance(iteration, ir.Name)
    return f"{reduction.name}_lanes[{iteration.name}_lane{row}]"


def _lane(reduction: ir.Reduce, lane: str = "lane") -> str:
    """A partial state."""
    row = "" if reduction.row is None else f"[{reduction.row.name}]"
    return f"{reduction.name}_lanes{row}[{lane}]"


def _states(loop: ir.For) -> list[tuple[ir.Reduce, ir.For | None]]:
    """The states that a loop carries, and the loop over the rows that have one each."""
    plain = [(item, None) for item in loop.body if isinstance(item, ir.Reduce)]
    rows = [item for item in loop.body if isinstance(item, ir.For)]
    begun = _begun(loop.body)
    inner = (
        (reduction, row)
        for row in rows
        for reduction, _ in _states(row)
        if reduction.name not in begun
    )
    return [*plain, *inner]


def _begun(statements: Sequence[ir.Statement]) -> frozenset[str]:
    """The states that begin among some statements."""
    return frozenset(item.name for item in statements if isinstance(item, ir.Variable))
