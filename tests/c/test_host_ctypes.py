"""What a program asks of its process, answered by Python: slots and scratch memory."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from kernelgraph.c.host_ctypes import CallState, Slot

REAL = np.dtype("float64").num


@pytest.fixture
def state() -> CallState:
    """Two slots for vectors, and a Python call that doubles the first into the second."""
    return CallState([Slot(REAL, 1), Slot(REAL, 1)], [(lambda x: [2 * x], [0], [1])])


def test_what_a_slot_can_hold() -> None:
    slot = Slot(REAL, 2)
    x = np.zeros((2, 3))
    assert slot.fits(x)
    assert slot.fits(x, (-1, 3))
    others = [x[0], x.astype("float32"), x.astype(">f8"), x.tolist()]
    others.append(np.zeros(49, "uint8")[1:].view("float64").reshape(2, 3))  # not aligned
    assert not any(map(slot.fits, others))
    assert not slot.fits(x, (3, -1))


def test_numbers_of_python_that_are_kept_exactly() -> None:
    real, whole = Slot(REAL, 0), Slot(np.dtype("int64").num, 0)
    assert real.number(2**53) == 2.0**53
    assert real.number(2**53 + 1) is None
    assert whole.number(2**63 - 1) == 2**63 - 1
    assert whole.number(2**63) is None
    assert whole.number(True) is None
    assert Slot(REAL, 1).number(1.0) is None


@pytest.mark.parametrize(("number", "rank"), [(REAL, -1), (REAL, 65), (10**6, 0)])
def test_slots_that_cannot_be(number: int, rank: int) -> None:
    with pytest.raises(ValueError, match="no slot"):
        Slot(number, rank)


def test_scratch_is_aligned_and_a_stack(state: CallState) -> None:
    host = state.host
    first = host.scratch(ctypes.addressof(host), 100)
    mark = host.mark(ctypes.addressof(host))
    second = host.scratch(ctypes.addressof(host), 1)
    assert first % 64 == second % 64 == 0
    assert second >= first + 100
    host.release(ctypes.addressof(host), mark)
    assert host.scratch(ctypes.addressof(host), 10**6) % 64 == 0, "a chunk of its own"
    host.release(ctypes.addressof(host), mark)
    assert host.scratch(ctypes.addressof(host), 1) == second


def test_what_goes_wrong_in_a_request_is_raised_after_the_program(state: CallState) -> None:
    def program(address: int) -> int:
        assert state.host.scratch(address, -1) is None
        return 3

    state.run(program)
    assert state.host.error_code == -1
    with pytest.raises(RuntimeError, match="no Python call number 7"):
        state.run(lambda address: state.host.call(address, 7))


def test_products_are_left_to_the_python_call(state: CallState) -> None:
    state.put(0, np.array([1.0, 2.0]))
    assert state.run(lambda address: state.host.product(address, 1, 111, 1, 111, 1, 3, 0)) == 0
    assert state.object_of(1).tolist() == [2.0, 4.0]
    state.put(0, np.array([3.0]))
    slots = (ctypes.c_int32 * 2)(1, 1)
    assert state.run(lambda address: state.host.lapack(address, 2, 0, slots, 3, 9, 0)) == 0
    assert state.object_of(1).tolist() == [6.0]
