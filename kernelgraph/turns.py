"""Values that persist between calls: who may use them when, and how they are stored.

A value lives in a *cell*, a list of one item that functions share. A call that updates cells has a
*turn*: while it lasts, no other thread's call updates what it reads or reads what it updates, so
that calls count as if they had come one after the other. Calls of one thread inside each other (a
Python op that calls a function) never wait for each other. What a call made is stored by one
instruction of the interpreter, which neither Ctrl-C nor another thread can divide.

Functions that only read take no turn: they read all their cells at one moment.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import repeat
from operator import itemgetter, setitem
from time import monotonic, sleep
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from kernelgraph.errors import DeadlockError

Cell = list[Any]
"""A list of one item: the value of a shared variable, or the default of an input."""

_LOOK_AGAIN = 0.05
"""Seconds after which one who waits looks for himself, should nobody have told him."""

_FAIR = 0.01
"""Seconds after which one who waits is passed by nobody any more. Before, who has just had a turn
may have the next one too: to change the thread after every call takes longer than most calls.
"""

_value = itemgetter(0)
Result = TypeVar("Result")


class Turn:
    """The right of one call to its cells, by their identities; a context manager."""

    __slots__ = ("frame", "gate", "name", "reads", "running", "since", "thread", "writes")

    def __init__(self, name: str, reads: Collection[int], writes: Collection[int]) -> None:
        self.name = name
        self.reads = frozenset(reads)
        self.writes = frozenset(writes)
        self.thread = get_ident()
        self.running = True
        self.since = 0.0
        self.gate: Any = None
        self.frame: FrameType | None = None
        """Whose turn it is. It is over with the frame, even where a Ctrl-C comes before `end`."""

    def __enter__(self) -> None:
        self.frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - there is no public one
        begin(self)

    def __exit__(self, *_: object) -> None:
        end(self)

    def excludes(self, other: Turn) -> bool:
        """Whether two calls cannot have their turns at once."""
        if self.thread == other.thread:
            return False
        return not (
            self.writes.isdisjoint(other.writes)
            and self.writes.isdisjoint(other.reads)
            and self.reads.isdisjoint(other.writes)
        )


QUEUE: list[Turn] = []
"""All who have a turn or wait for one, in the order in which they came.

The native runtime, which nobody interrupts, puts itself into an empty queue without asking.
"""


class Turns(NamedTuple):
    """What a function's calls need to take turns: a maker of turns, the queue, and what to call
    where the queue is not empty.
    """

    make: Callable[[], Turn]
    queue: list[Turn]
    begin: Callable[[Turn], None]
    wake: Callable[[], None]


def turns(name: str, reads: Iterable[Cell], writes: Sequence[Cell]) -> Turns | None:
    """How calls that read and write these cells take turns; None where they need not."""
    if not writes and _one_thread_at_a_time():
        return None
    read, written = frozenset(map(id, reads)), frozenset(map(id, writes))
    return Turns(lambda: Turn(name, read, written), QUEUE, begin, wake)


def begin(turn: Turn) -> None:
    """Wait until nobody stands in the way of a turn; a Ctrl-C ends the wait.

    Raises `DeadlockError` (KG-T001) when that would be never.
    """
    try:
        turn.running = False
        turn.gate, turn.since = None, monotonic()
        QUEUE.append(turn)
        if len(QUEUE) > 1:
            _drop_what_is_over()
        if _alone(partial(_admit, turn)):
            return
        turn.gate = allocate_lock()
        turn.gate.acquire()
        while not _alone(partial(_admit, turn)):
            if not turn.gate.acquire(timeout=_LOOK_AGAIN):
                _drop_what_is_over()
    except BaseException:
        end(turn)
        raise


def end(turn: Turn) -> None:
    """Give a turn up, and let others have theirs."""
    _remove(turn)
    turn.frame = None
    if QUEUE:
        wake()


def wake() -> None:
    """Have those look again who can have their turn now, the first first."""
    _alone(_open_gates)


def _open_gates() -> None:
    taken = [turn for turn in QUEUE.copy() if turn.running]
    for turn in QUEUE.copy():
        if turn.gate is not None and not any(map(turn.excludes, taken)) and not turn.running:
            taken.append(turn)
            if turn.gate.locked():
                turn.gate.release()


def snapshot(cells: Iterable[Cell]) -> list[Any]:
    """The values of all cells at one moment: the interpreter does nothing else meanwhile."""
    return [*map(_value, cells)]


def commit(cells: Sequence[Cell], values: Sequence[Any]) -> list[Any]:
    """Store a value in each cell, in all or in none; what was there before.

    A Ctrl-C and other threads come in between instructions of the interpreter, and this is one. The
    old values are kept until it is over, because letting go of them may run Python code.
    """
    if len(cells) != len(values):
        raise ValueError(f"{len(values)} values for {len(cells)} cells")
    before = snapshot(cells)
    deque(map(setitem, cells, repeat(0), values), maxlen=0)
    return before


def store(cells: Sequence[Cell], values: Sequence[Any]) -> None:
    """Store values from outside of a call, in all cells or in none, when no call is using them."""
    with Turn("a new value", (), [*map(id, cells)]):
        commit(cells, values)


def _one_thread_at_a_time() -> bool:
    """Whether this is a Python with a global lock, so that one instruction is one moment."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def _admit(turn: Turn) -> bool:
    """Give a turn that is in the queue, if nobody stands in its way."""
    blockers = _blockers(turn)
    if blockers:
        _see_that_it_ends(turn, blockers)
    turn.running = not blockers
    return turn.running


def _blockers(turn: Turn) -> list[Turn]:
    """Who must be done before a turn can begin: who has what it needs, and who has waited long.

    One who has a turn already, and calls another function inside, passes those who only wait: they
    may be waiting for him.
    """
    queue = QUEUE.copy()  # at one moment, since some leave it unasked
    passes = any(other.running and other.thread == turn.thread for other in queue)
    ahead = [] if passes or turn not in queue else queue[: queue.index(turn)]
    late = monotonic() - _FAIR
    return [
        other
        for other in queue
        if turn.excludes(other) and (other.running or (other in ahead and other.since < late))
    ]


def _see_that_it_ends(turn: Turn, blockers: Sequence[Turn]) -> None:
    """Raise `DeadlockError` if those in the way wait, in the end, for this thread."""
    seen: set[int] = set()
    pending = [*blockers]
    while pending:
        blocker = pending.pop()
        if blocker.thread == turn.thread:
            raise DeadlockError(
                f"{turn.name} would wait for ever: another thread updates what it needs, "
                "and waits itself for what a call of this thread has",
                hint="call functions that update shared variables from Python ops of one thread",
            )
        if blocker.thread not in seen:
            seen.add(blocker.thread)
            waiting = [t for t in QUEUE if t.thread == blocker.thread and not t.running]
            pending += [other for one in waiting for other in _blockers(one)]


def _drop_what_is_over() -> None:
    """Take out of the queue whose call was left before it could do that."""
    for turn in QUEUE.copy():
        if turn.frame is not None and not _is_running(turn.frame):
            _remove(turn)


def _remove(turn: Turn) -> None:
    with suppress(ValueError):  # it may have been taken out already
        QUEUE.remove(turn)


def _is_running(frame: FrameType) -> bool:
    """Whether a frame is on the stack of its thread: only one that is left can be cleared."""
    try:
        frame.clear()
    except RuntimeError:
        return True
    return False


_inside: list[tuple[int, FrameType]] = []
"""Who looks at the queue, and who waits to, as a thread and a frame."""


def _alone(look: Callable[[], Result]) -> Result:
    """Call what only one thread may do at a time.

    A lock would do, but for a Ctrl-C just before it is given back; a frame that is left is seen.
    """
    me = get_ident(), sys._getframe()  # pyright: ignore[reportPrivateUsage] - there is no public one
    try:
        _inside.append(me)
        while (first := _inside[0])[0] != me[0]:
            if not _is_running(first[1]):
                with suppress(ValueError):
                    _inside.remove(first)
            sleep(0)
        return look()
    finally:
        with suppress(ValueError):
            _inside.remove(me)


def _begin_anew_in_child() -> None:
    """After a fork: the other threads, and what they held, are not there."""
    _inside.clear()
    QUEUE[:] = [turn for turn in QUEUE if turn.thread == get_ident()]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew_in_child)
