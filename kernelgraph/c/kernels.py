"""Kernels as C: a function each, its loops mapped to lanes, strips and blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from kernelgraph.c.loading import chooses
from kernelgraph.c.trees import BLOCK, FULL
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import atom, c_type, element, expression, size, strides
from kernelgraph.loops.printer import Writer, formula, plain
from kernelgraph.loops.sums import LANES, is_sum
from kernelgraph.loops.walks import nested

_SMALL = 160
"""Kernels of at most so many statements are also compiled for contiguous rows."""

_FEW = 4
"""Loops of at most so many statements are also there for few turns, where they add up."""

Summed = tuple[ir.Fold, ir.For | None]
"""A sum, and the loop over the rows of a block that have one each."""


class KernelPrinter:
    """Prints one kernel."""

    def __init__(self, kernel: ir.Kernel, writer: Writer) -> None:
        self.kernel = kernel
        self.writer = writer
        self.blocks = 0
        self.rarely = False
        self.polls = any(isinstance(item, ir.Poll) for item in nested(kernel.body))

    def write(self) -> None:
        """The function."""
        kernel, writer = self.kernel, self.writer
        writer.line(f"/* {plain(kernel.note)} */", *kernel.nodes)
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
            case ir.Fold():
                self.fold(item, _state(item) if item.turn is None else dealt(item))
            case ir.Store():
                line(f"{element(item.buffer, item.index)} = {expression(item.value)};", item.node)
            case ir.Bounded():
                self.bounded(item)
            case ir.Poll():
                line(f"work += {expression(item.work)};")
                with self.writer.block("if (work > 262144) {"):
                    line("if (host->poll(host)) return KG_PYTHON_ERROR;")
                    line("work = 0;")
            case ir.For():
                self.loop(item)

    def fold(self, item: ir.Fold, state: str) -> None:
        """The next value of a state that is written `state`."""
        now = self.read_first(item, state, f"{item.name}_now")
        self.writer.line(f"{state} = {_combined(item, now)};", item.node)

    def read_first(self, fold: ir.Fold, element: str, name: str) -> str:
        """A state in an array, or a local with its value where a fold chooses."""
        if "[" not in element or not chooses(fold.combine):
            return element
        self.writer.line(f"const {c_type(fold.start.dtype)} {name} = {element};", fold.node)
        return name

    def bounded(self, item: ir.Bounded) -> None:
        """An index, checked."""
        limit = expression(item.size)
        self.writer.line(f"int64 {item.name} = {expression(item.value)};", item.node)
        self.writer.line(
            f"if ({item.name} < {f'-{limit}' if item.wraps else 0} || {item.name} >= {limit}) "
            f"return fail(host, {item.site}, {item.name}, {limit}, 0);"
        )
        if item.wraps:
            self.writer.line(f"if ({item.name} < 0) {item.name} += {limit};")

    def loop(self, item: ir.For) -> None:
        """A loop: plain, or in strips, or with partial states side by side."""
        end = size(item.dim)
        states = _states(item) if item.lanes > 1 else []
        sums = [state for state in states if is_sum(state[0])]
        states = [state for state in states if state not in sums]
        for fold, rows in states:
            self.lanes(fold, item.lanes, rows)
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
                self.turns(item, step, stop)
        else:
            self.turns(item, "0", end)
        for fold, rows in states:
            self.gather(fold, item.lanes, rows)

    def adding(self, item: ir.For, sums: Sequence[Summed], end: str) -> None:
        """A loop that adds up. Less than a block of numbers have no use for a tree, and then their
        lanes stay in registers; fewer numbers than lanes have no use for these. So a loop of few
        statements is there for each of these lengths.
        """
        whole, length = self.fresh(f"{item.index}_whole"), item.dim.size
        self.writer.line(f"const int64 {whole} = {end} - {end} % {LANES};")
        once = self.rarely or sum(1 for _ in nested(item.body)) > _FEW
        if length is not None or once:
            short = length is not None and length < BLOCK
            sized = self.short_sums if short else self.long_sums
            sized(item, sums, whole, end)
            return
        with self.writer.block(f"if ({whole} == 0) {{"):  # many loops in loops are that short
            self.left_over(item, "0", end)
        with self.writer.block(f"else if ({whole} < {BLOCK}) {{"):
            self.short_sums(item, sums, whole, end)
        with self.writer.block("else {"):
            self.long_sums(item, sums, whole, end)

    def short_sums(self, item: ir.For, sums: Sequence[Summed], whole: str, end: str) -> None:
        """Sums of less than a block; turns that are left over come last."""
        for fold, rows in sums:
            self.begin(fold, rows, "lanes")
        self.whole_turns(item, "0", whole)
        self.left_over(item, whole, end)
        for fold, rows in sums:
            self.gather_sum(fold, rows, "lanes")

    def long_sums(self, item: ir.For, sums: Sequence[Summed], whole: str, end: str) -> None:
        """Sums of blocks, which go into a tree; turns that are left over come last."""
        start, stop = f"{item.index}_start", f"{item.index}_stop"
        for fold, rows in sums:
            self.begin(fold, rows, "sums")
        head = f"for (int64 {start} = 0; {start} < {whole}; {start} += {BLOCK}) {{"
        with self.writer.block(head):
            if item.strip:
                every = 1 << (item.strip - 1).bit_length()
                look = f"{start} % {every} == 0 && host->poll(host)"
                self.writer.line(f"if ({look}) return KG_PYTHON_ERROR;")
            limit = f"{whole} - {start} < {BLOCK} ? {whole} : {start} + {BLOCK}"
            self.writer.line(f"const int64 {stop} = {limit};")
            for fold, rows in sums:
                self.begin(fold, rows, "lanes")
            self.whole_turns(item, start, stop)
            self.add_blocks(sums, stop)
        self.left_over(item, whole, end)
        for fold, rows in sums:
            self.gather_tree(fold, rows, whole)

    def dealt(self, item: ir.For, end: str) -> None:
        """A loop with loops inside that adds up: each turn adds to its lane. Those that are left
        over have a lane each.
        """
        for fold in item.sums:
            self.begin(fold, None, "sums")
            self.begin(fold, None, "lanes", 2 * LANES)
        whole = f"{item.index}_whole"
        self.writer.line(f"const int64 {whole} = {end} - {end} % {LANES};")
        self.turns(item, "0", end)
        for fold in item.sums:
            name, rest = fold.name, f"for (int64 lane = {LANES}; lane < {2 * LANES}; lane++)"
            self.writer.line(f"{rest} {name} = {name} + {_lane(fold)};")
            with self.writer.block(f"if ({whole} % {BLOCK}) {{"):
                self.add_blocks([(fold, None)], whole)
            self.gather_tree(fold, None, whole)

    def turn(self, item: ir.For, body: Sequence[ir.Statement], step: int = 1) -> None:
        """One turn, or a block of rows: where it adds, what it does, and a block that it fills."""
        if not item.sums:
            self.body(body)
            return
        index, whole = item.index, f"{item.index}_whole"
        lane = f"{index} < {whole} ? {index} % {LANES} : {index} - {whole} + {LANES}"
        self.writer.line(f"const int64 {index}_lane = {lane};")
        self.body(body)
        with self.writer.block(f"if (({index} + {step}) % {BLOCK} == 0) {{"):
            self.add_blocks([(fold, None) for fold in item.sums], f"({index} + {step})")
            for fold in item.sums:
                self.clear(fold, None, "lanes")

    def begin(self, fold: ir.Fold, rows: ir.For | None, part: str, lanes: int = LANES) -> None:
        """Lanes that nothing has been added to; the sums of blocks have a tree, too."""
        block = "" if rows is None else f"[{size(rows.dim)}]"
        kind = c_type(fold.start.dtype)
        self.writer.line(f"{kind} {fold.name}_{part}{block}[{lanes}];", fold.node)
        if part == "sums":
            self.writer.line(f"tree_{kind} {fold.name}_tree{block};", fold.node)
        self.clear(fold, rows, part, lanes)

    def clear(self, fold: ir.Fold, rows: ir.For | None, part: str, lanes: int = LANES) -> None:
        """The number to which anything may be added, in each lane."""
        head = f"for (int64 lane = 0; lane < {lanes}; lane++)"
        with self.each_row(rows):
            self.writer.line(f"{head} {_lane(fold, part=part)} = -0.0;")

    def add_blocks(self, sums: Sequence[Summed], turns: str) -> None:
        """The lanes of a block are added to those of the blocks before, after its last turn."""
        for fold, rows in sums:
            lane, total = _lane(fold), _lane(fold, part="sums")
            with self.each_row(rows):
                head = f"for (int64 lane = 0; lane < {LANES}; lane++)"
                self.writer.line(f"{head} {total} = {total} + {lane};")
        with self.writer.block(f"if ({turns} % {FULL} == 0) {{"):
            for fold, rows in sums:
                self.with_tree("add_group", fold, rows, f"{turns} / {FULL} - 1")

    def gather_tree(self, fold: ir.Fold, rows: ir.For | None, turns: str) -> None:
        """The sum: what was left over, then all lanes."""
        with self.writer.block(f"if ({turns} >= {FULL}) {{"):
            self.with_tree("gather", fold, rows, f"{turns} / {FULL}")
        self.gather_sum(fold, rows, "sums")

    def with_tree(self, what: str, fold: ir.Fold, rows: ir.For | None, groups: str) -> None:
        """Sums go into a tree, or come from it."""
        with self.each_row(rows):
            at, kind, name = at_row(fold), c_type(fold.start.dtype), fold.name
            self.writer.line(f"{what}_{kind}(&{name}_tree{at}, {name}_sums{at}, {groups});")

    def gather_sum(self, fold: ir.Fold, rows: ir.For | None, part: str) -> None:
        """All lanes of a sum."""
        if rows is not None:
            self.writer.line("#pragma GCC unroll 1")  # unrolled, it adds one number at a time
        self.gather(fold, LANES, rows, part)

    def fresh(self, name: str) -> str:
        """A name for a loop of which there may be several over the same index."""
        self.blocks += 1
        return name if self.blocks == 1 else f"{name}_{self.blocks - 1}"

    def side_by_side(self, item: ir.For, start: str, stop: str) -> None:
        """As many turns at a time as there are lanes; those left over go to the state itself, so
        that the lanes can stay in registers.
        """
        whole = self.fresh(f"{item.index}_whole")
        count = f"({stop} - {start})" if start != "0" else stop
        # Known beforehand: an index that is used after its loop is made a vector, too.
        self.writer.line(f"const int64 {whole} = {stop} - {count} % {item.lanes};")
        self.whole_turns(item, start, whole)
        self.left_over(item, whole, stop)

    def whole_turns(self, item: ir.For, start: str, stop: str) -> None:
        """As many turns at a time as there are lanes."""
        index, base = item.index, f"{item.index}_base"
        head = f"for (int64 {base} = {start}; {base} < {stop}; {base} += {item.lanes})"
        with (
            self.writer.block(f"{head} {{"),
            self.writer.block(f"for (int64 lane = 0; lane < {item.lanes}; lane++) {{"),
        ):
            self.writer.line(f"const int64 {index} = {base} + lane;")
            self.lane_body(item.body)

    def left_over(self, item: ir.For, start: str, stop: str) -> None:
        """Turns that are too few for all lanes."""
        index = item.index
        with self.writer.block(f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"):
            self.body(item.body)

    def turns(self, item: ir.For, start: str, stop: str) -> None:
        """The turns from `start` to `stop`."""
        index = item.index
        if item.step > 1:
            with self.writer.block("{"):
                self.writer.line(f"int64 {index} = {start};")
                head = f"for (; {index} + {item.step} <= {stop}; {index} += {item.step})"
                with self.writer.block(f"{head} {{"):
                    self.arrays(item.arrays)
                    self.turn(item, item.body, item.step)
                with self.writer.block(f"for (; {index} < {stop}; {index}++) {{"):
                    self.rarely = True  # fewer rows than a block: the text matters more than speed
                    self.turn(item, item.rest)
                    self.rarely = False
            return
        if item.lanes == 1:
            if item.rolled:  # unrolled first, it is not made of vectors
                self.writer.line("#pragma GCC unroll 1")
            with self.writer.block(
                f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"
            ):
                self.turn(item, item.body)
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
        """One turn, whose states are those of its lane, but for those that begin in it."""
        begun |= _begun(statements)
        for item in statements:
            match item:
                case ir.Fold() if item.name not in begun:
                    self.fold(item, _lane(item))
                case ir.For():
                    with self.writer.block(_turns(item)):
                        self.lane_body(item.body, begun)
                case _:
                    self.statement(item)

    def lanes(self, fold: ir.Fold, count: int, rows: ir.For | None) -> None:
        """Partial states before the first turn."""
        block = "" if rows is None else f"[{size(rows.dim)}]"
        self.writer.line(
            f"{c_type(fold.start.dtype)} {fold.name}_lanes{block}[{count}];", fold.node
        )
        with self.each_row(rows):
            self.writer.line(
                f"for (int64 lane = 0; lane < {count}; lane++) "
                f"{_lane(fold)} = {expression(fold.start)};"
            )

    def gather(self, fold: ir.Fold, count: int, rows: ir.For | None, part: str = "lanes") -> None:
        """Partial states combined pairwise: half as many each time."""
        with self.each_row(rows):
            state, half = _lane(fold, part=part), count // 2
            while half:  # spelled out: a loop over halves costs the compiler and the processor more
                head = f"for (int64 lane = 0; lane < {half}; lane++)"
                if chooses(fold.combine):
                    with self.writer.block(f"{head} {{"):
                        self.take_lane(fold, _lane(fold, f"lane + {half}", part), state)
                else:
                    other = replace(fold, element=ir.Name(_lane(fold, f"lane + {half}", part)))
                    self.writer.line(f"{head} {state} = {_combined(other, state)};", fold.node)
                half //= 2
            self.take_lane(fold, _lane(fold, "0", part), _state(fold))

    def take_lane(self, fold: ir.Fold, lane: str, state: str) -> None:
        """The partial state of a lane goes into another state."""
        other = self.read_first(fold, lane, f"{fold.name}_other")
        self.fold(replace(fold, element=ir.Name(other)), state)

    def each_row(self, rows: ir.For | None) -> AbstractContextManager[None]:
        """The loop over the rows of a block, if there is one."""
        return nullcontext() if rows is None else self.writer.block(_turns(rows))


def _turns(loop: ir.For) -> str:
    index = loop.index
    return f"for (int64 {index} = 0; {index} < {size(loop.dim)}; {index}++) {{"


def _state(fold: ir.Fold) -> str:
    return fold.name if fold.row is None else f"{fold.name}[{fold.row.name}]"


def _combined(fold: ir.Fold, state: str) -> str:
    """The next value of a state, as text."""
    operands = {fold.state: ir.Name(state, fold.start.dtype), "x": fold.element}
    return formula(ir.Formula(fold.combine, operands, fold.start.dtype), "c", expression)


def at_row(fold: ir.Fold) -> str:
    """Which row's state, in a block of rows."""
    return "" if fold.row is None else f"[{fold.row.name}]"


def dealt(fold: ir.Fold) -> str:
    """The partial state of a turn."""
    first, row = fold.turn, ""
    if isinstance(first, ir.Formula):  # a row of a block
        first, row = first.operands["first"], f" + {atom(first.operands['row'])}"
    assert isinstance(first, ir.Name)
    return f"{fold.name}_lanes[{first.name}_lane{row}]"


def _lane(fold: ir.Fold, lane: str = "lane", part: str = "lanes") -> str:
    """A partial state."""
    row = "" if fold.row is None else f"[{fold.row.name}]"
    return f"{fold.name}_{part}{row}[{lane}]"


def _states(loop: ir.For) -> list[tuple[ir.Fold, ir.For | None]]:
    """The states that a loop carries, and the loop over the rows that have one each."""
    plain = [(item, None) for item in loop.body if isinstance(item, ir.Fold)]
    rows = [item for item in loop.body if isinstance(item, ir.For)]
    begun = _begun(loop.body)
    inner = ((fold, row) for row in rows for fold, _ in _states(row) if fold.name not in begun)
    return [*plain, *inner]


def _begun(statements: Sequence[ir.Statement]) -> frozenset[str]:
    """The states that begin among some statements."""
    return frozenset(item.name for item in statements if isinstance(item, ir.Variable))


def is_specialized(kernel: ir.Kernel) -> bool:
    """Whether the kernel is compiled a second time for operands whose last axis has no gaps."""
    gaps = any(strides(buffer) for buffer in (*kernel.reads, *kernel.writes))
    return gaps and sum(1 for _ in nested(kernel.body)) <= _SMALL


def parameters(kernel: ir.Kernel) -> list[str]:
    """The parameters of a kernel's function, as C."""
    items = ["kg_host *host"]
    items += [f"const int64 {dim.name}" for dim in kernel.dims]
    items += [f"const {c_type(scalar.dtype)} {scalar.name}" for scalar in kernel.scalars]
    for buffer in kernel.reads:
        items.append(f"const {c_type(buffer.dtype)} *restrict {buffer.name}")
    for buffer in kernel.writes:
        items.append(f"{c_type(buffer.dtype)} *restrict {buffer.name}")
    for buffer in (*kernel.reads, *kernel.writes):
        items += [f"const int64 {stride}" for stride in strides(buffer)]
    items += [f"{c_type(name.dtype)} *restrict {name.name}_out" for name in kernel.results]
    return items
