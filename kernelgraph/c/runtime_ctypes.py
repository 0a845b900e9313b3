"""The host of compiled programs in Python: what `runtime.c` does, where its headers are missing.

Tables come in, a callable comes out: it checks arguments, puts them into the slots of a C program,
runs it, and commits its updates all together or not at all. It does what the C version does, more
slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, cast

from kernelgraph.c.arena import trim
from kernelgraph.c.host_ctypes import DONE, PROGRAM_ERROR, CallState, Entry, Slot
from kernelgraph.turns import Cell, Turns, commit, snapshot
from kernelgraph.types import Array


class CompiledFunction:
    """A compiled program and the tables that say how to call it.

    `entry` is the address of the C function. A slot is (NumPy type number or -1 for any Python
    object, rank); an argument (slot, filter, static sizes with -1 for unknown); cells and updates
    (slot, one-element list); constants (slot, object); calls (callable, input slots, output slots).
    `fail(code, node, detail)` raises the error that a program reports; with `turns`, calls take
    turns; `routines`, of BLAS, are not called: products are left to Python.
    """

    def __init__(
        self,
        entry: int,
        slots: list[tuple[int, int]],
        arguments: list[tuple[int, Callable[[Any], Array], tuple[int, ...]]],
        cells: list[tuple[int, Cell]],
        constants: list[tuple[int, Any]],
        outputs: list[int],
        updates: list[tuple[int, Cell]],
        calls: list[tuple[Callable[..., Sequence[Any]], list[int], list[int]]],
        fail: Callable[[int, int, tuple[int, int, int, int]], None],
        single: bool,
        turns: Turns | None = None,
        routines: int = 0,
    ) -> None:
        if entry == 0:
            raise ValueError("the address of a program cannot be 0")
        if single and len(outputs) != 1:
            raise ValueError("a program with a single result has one output slot")
        self._entry = Entry(entry)
        self._slots = [Slot(type_number, rank) for type_number, rank in slots]
        self._arguments = list(arguments)
        self._cells = list(cells)
        self._constants = list(constants)
        self._outputs = list(outputs)
        self._updates = list(updates)
        self._calls = list(calls)
        self._fail = fail
        self._single = single
        self._turns = turns
        self._idle: list[CallState] = []
        self._check_tables()

    def __call__(self, *arguments: Any) -> Any:
        """Run the program once; the output, or the list of outputs."""
        if len(arguments) != len(self._arguments):
            raise TypeError(f"the program takes {len(self._arguments)} positional arguments")
        state = self._state()
        replaced: list[tuple[int, Any]] = []
        try:
            self._fill(state, arguments)
            with self._turns.make() if self._turns else nullcontext():
                self._fill_cells(state)
                self._run(state)
                outputs = [state.object_of(slot) for slot in self._outputs]
                replaced = self._commit(state)
        finally:
            state.clear()
            state.recycle(replaced)
            self._idle[:] = [state]
        return outputs[0] if self._single else outputs

    def free(self) -> None:
        """Give back all memory that is kept for the next call."""
        for state in self._idle:
            state.free()
        trim()

    def __del__(self) -> None:
        for state in getattr(self, "_idle", ()):  # refers to itself, and would stay for a while
            state.free()

    def _state(self) -> CallState:
        """A state is in use by one call at a time: calls at the same time make their own."""
        try:
            return self._idle.pop()
        except IndexError:
            return CallState(self._slots, self._calls)

    def _check_tables(self) -> None:
        slots = [row[0] for row in (*self._arguments, *self._cells, *self._constants)]
        slots += [*self._outputs, *(slot for slot, _ in self._updates)]
        slots += [slot for _, inputs, outputs in self._calls for slot in (*inputs, *outputs)]
        for slot in slots:
            if not 0 <= slot < len(self._slots):
                raise ValueError(f"slot {slot} does not exist: there are {len(self._slots)}")
        for slot, _, sizes in self._arguments:
            if self._slots[slot].dtype is not None and len(sizes) != self._slots[slot].rank:
                raise ValueError("an argument needs one static size per dimension")
        for _, cell in (*self._cells, *self._updates):
            if type(cell) is not list:
                raise TypeError("cells and updates hold one-element lists")

    def _fill(self, state: CallState, arguments: Sequence[Any]) -> None:
        for (slot, check, sizes), value in zip(self._arguments, arguments, strict=True):
            declared = self._slots[slot]
            if declared.dtype is None or declared.fits(value, sizes):
                state.put(slot, value)
            elif (number := declared.number(value)) is not None:
                state.put(slot, number)
            elif declared.fits(filtered := check(value), sizes):
                state.put(slot, filtered)
            else:
                raise declared.refusal(slot, "what the filter returned", filtered)
        for slot, value in self._constants:
            state.put_checked(slot, value, "its constant")

    def _fill_cells(self, state: CallState) -> None:
        cells = [cell for _, cell in self._cells]
        _check_cells(cells)
        for (slot, _), value in zip(self._cells, snapshot(cells), strict=True):
            state.put_checked(slot, value, "the content of its cell")

    def _run(self, state: CallState) -> None:
        status, host = state.run(self._entry), state.host
        if status == DONE:
            if host.warning:
                self._fail(host.warning - 1, host.warning - 1, (0, 0, 0, 0))
            return
        if status != PROGRAM_ERROR:
            raise RuntimeError(f"the program returned status {status} without an error")
        detail = cast("tuple[int, int, int, int]", tuple(host.error_detail))
        self._fail(host.error_code, host.error_node, detail)
        what = f"code {host.error_code} in node {host.error_node}"
        raise RuntimeError(f"the program failed with {what}")

    def _commit(self, state: CallState) -> list[tuple[int, Any]]:
        """First everything that can fail, then the updates, which a Ctrl-C does not divide; what
        they took out of their cells, with the slots that it came from.
        """
        values = [state.object_of(slot) for slot, _ in self._updates]
        cells = [cell for _, cell in self._updates]
        _check_cells(cells)
        return [*zip([slot for slot, _ in self._updates], commit(cells, values), strict=True)]


def _check_cells(cells: Sequence[Cell]) -> None:
    if any(len(cell) != 1 for cell in cells):
        raise TypeError("a cell must be a list of one element")
