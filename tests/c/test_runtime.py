"""The two hosts of compiled programs do the same: in C and in Python."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import signal
import sys
import threading
import time
import tracemalloc
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from kernelgraph.c import runtime_ctypes
from kernelgraph.c.build import Builder
from kernelgraph.c.prelude import host_header
from kernelgraph.c.runtime_native import runtime_unit
from kernelgraph.c.toolchain import Unit

F64, F32, I64, I32, BOOL = (
    (np.dtype(name).num) for name in ("float64", "float32", "int64", "int32", "bool")
)
OBJECT = -1

SOURCE = """
/* out1 = in0 + 1, any rank 1 layout */
KG_EXPORT int32_t add_one(kg_host *host) {
    const kg_value *in = &host->values[0];
    int64_t n = in->shape[0];
    if (host->allocate(host, 1, in->shape)) return KG_PYTHON_ERROR;
    double *out = (double *)host->values[1].data;
    for (int64_t i = 0; i < n; i++) out[i] = *(double *)(in->data + i * in->strides[0]) + 1;
    return KG_DONE;
}

/* The strides of slot 0, in bytes, once it has no gaps along the last axes; slot 2 says how many */
KG_EXPORT int32_t packed(kg_host *host) {
    if (host->pack(host, 0, (int32_t) * (int64_t *)host->values[2].data)) return KG_NO_ROOM;
    if (host->allocate(host, 1, (int64_t[]){2})) return KG_PYTHON_ERROR;
    int64_t *found = (int64_t *)host->values[1].data;
    for (int axis = 0; axis < 2; axis++) found[axis] = host->values[0].strides[axis];
    return host->call(host, 0) ? KG_PYTHON_ERROR : KG_DONE;
}

/* out1 = 2 * in0, without dimensions */
KG_EXPORT int32_t twice(kg_host *host) {
    if (host->allocate(host, 1, NULL)) return KG_PYTHON_ERROR;
    *(double *)host->values[1].data = 2 * *(double *)host->values[0].data;
    return KG_DONE;
}

KG_EXPORT int32_t nothing(kg_host *host) { (void)host; return KG_DONE; }

/* (slot 2, slot 3) = (slot 0 + 1, slot 1 * 2): two updates and a failure on demand in slot 4 */
KG_EXPORT int32_t two_updates(kg_host *host) {
    for (int k = 0; k < 2; k++) {
        const kg_value *in = &host->values[k];
        if (host->allocate(host, 2 + k, in->shape)) return KG_PYTHON_ERROR;
        for (int64_t i = 0; i < in->shape[0]; i++) {
            double x = *(double *)(in->data + i * in->strides[0]);
            ((double *)host->values[2 + k].data)[i] = k ? x * 2 : x + 1;
        }
    }
    if (*(int64_t *)host->values[4].data) {
        host->error_code = 17;
        host->error_node = 4;
        for (int i = 0; i < 4; i++) host->error_detail[i] = (i - 1) * ((int64_t)1 << 40);
        return KG_PROGRAM_ERROR;
    }
    return KG_DONE;
}

/* returns the status in slot 0 */
KG_EXPORT int32_t status(kg_host *host) { return (int32_t) * (int64_t *)host->values[0].data; }

/* Python call number 0 between slot 0 and slot 1 */
KG_EXPORT int32_t call(kg_host *host) { return host->call(host, 0); }

KG_EXPORT int32_t call_number(kg_host *host) {
    return host->call(host, (int32_t) * (int64_t *)host->values[0].data);
}

/* an array in slot 1 of the sizes in slot 0, or an error that must not be passed over */
KG_EXPORT int32_t allocate(kg_host *host) {
    return host->allocate(host, 1, (const int64_t *)host->values[0].data);
}
KG_EXPORT int32_t careless(kg_host *host) {
    host->allocate(host, 1, (const int64_t *)host->values[0].data);
    return KG_DONE;
}
KG_EXPORT int32_t allocate_slot(kg_host *host) {
    const int64_t one = 1;
    return host->allocate(host, (int32_t) * (int64_t *)host->values[0].data, &one);
}

/* The addresses of scratch blocks of the sizes in slot 0, each filled with its number. */
KG_EXPORT int32_t scratch(kg_host *host) {
    const kg_value *sizes = &host->values[0];
    if (host->allocate(host, 1, sizes->shape)) return KG_PYTHON_ERROR;
    for (int64_t i = 0; i < sizes->shape[0]; i++) {
        int64_t bytes = ((int64_t *)sizes->data)[i];
        unsigned char *block = host->scratch(host, bytes);
        if (block == NULL) return KG_PYTHON_ERROR;
        for (int64_t k = 0; k < bytes; k++) block[k] = (unsigned char)i;
        ((int64_t *)host->values[1].data)[i] = (int64_t)(intptr_t)block;
    }
    for (int64_t i = 0; i < sizes->shape[0]; i++) {
        unsigned char *block = (unsigned char *)(intptr_t)((int64_t *)host->values[1].data)[i];
        for (int64_t k = 0; k < ((int64_t *)sizes->data)[i]; k++)
            if (block[k] != (unsigned char)i) return 99; /* two blocks overlap */
    }
    return KG_DONE;
}

/* The addresses of one block per iteration of a loop that releases what it took. */
KG_EXPORT int32_t scratch_loop(kg_host *host) {
    const kg_value *sizes = &host->values[0];
    if (host->allocate(host, 1, sizes->shape)) return KG_PYTHON_ERROR;
    unsigned char *outer = host->scratch(host, 100);
    if (outer == NULL) return KG_PYTHON_ERROR;
    for (int k = 0; k < 100; k++) outer[k] = 7;
    for (int64_t i = 0; i < sizes->shape[0]; i++) {
        int64_t bytes = ((int64_t *)sizes->data)[i], mark = host->mark(host);
        unsigned char *block = host->scratch(host, bytes);
        if (block == NULL) return KG_PYTHON_ERROR;
        for (int64_t k = 0; k < bytes; k++) block[k] = 9;
        ((int64_t *)host->values[1].data)[i] = (int64_t)(intptr_t)block;
        host->release(host, mark);
        if (host->mark(host) != mark) return 98;
    }
    host->release(host, -5);
    host->release(host, INT64_MAX);
    for (int k = 0; k < 100; k++) if (outer[k] != 7) return 99;
    return KG_DONE;
}

/* polls until a flag in slot 0 is set from outside, or the host says so */
KG_EXPORT int32_t poll_until(kg_host *host) {
    volatile int64_t *flag = (volatile int64_t *)host->values[0].data;
    while (!*flag) if (host->poll(host)) return KG_PYTHON_ERROR;
    return KG_DONE;
}
"""


def raise_error(code: int, node: int, detail: tuple[int, ...]) -> None:
    raise ArithmeticError(code, node, detail)


def same(value: Any) -> Any:
    return value


@pytest.fixture(params=["native", "ctypes"])
def runtime(request: pytest.FixtureRequest, shared_builder: Builder) -> ModuleType:
    if request.param == "ctypes":
        return runtime_ctypes
    module = shared_builder.runtime()
    assert module is not runtime_ctypes, shared_builder.native_problem
    return module


MakeProgram = Callable[..., Any]


@pytest.fixture
def program(runtime: ModuleType, shared_builder: Builder) -> MakeProgram:
    def make(
        symbol: str,
        slots: list[tuple[int, int]],
        *,
        arguments: list[Any] | None = None,
        cells: list[Any] | None = None,
        constants: list[Any] | None = None,
        outputs: list[int] | None = None,
        updates: list[Any] | None = None,
        calls: list[Any] | None = None,
        fail: Any = raise_error,
    ) -> Any:
        single = outputs is not None and len(outputs) == 1
        return runtime.CompiledFunction(
            shared_builder.build(host_header() + SOURCE, symbol).address,
            slots,
            arguments or [],
            cells or [],
            constants or [],
            outputs or [],
            updates or [],
            calls or [],
            fail,
            single,
        )

    return make


@pytest.fixture
def add_one(program: MakeProgram) -> Any:
    arguments = [(0, lambda value: np.asarray(value, np.float64), (-1,))]
    return program("add_one", [(F64, 1), (F64, 1)], arguments=arguments, outputs=[1])


@pytest.fixture
def twice(program: MakeProgram) -> Any:
    arguments = [(0, lambda value: np.array(value, np.float64), ())]
    return program("twice", [(F64, 0), (F64, 0)], arguments=arguments, outputs=[1])


class TestSources:
    def test_no_warning(self, shared_builder: Builder) -> None:
        unit = runtime_unit()
        strict = ("-Wall", "-Wextra", "-Werror")
        assert shared_builder.toolchain.compile(Unit(unit.source, (*unit.flags, *strict)))

    def test_header_alone(self, shared_builder: Builder) -> None:
        includes = re.findall(r"#include (\S+)", host_header())
        assert includes == ["<math.h>", "<stddef.h>", "<stdint.h>"]
        flags = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
        assert shared_builder.toolchain.compile(Unit(host_header() * 2 + SOURCE, flags))


class TestArguments:
    def test_an_array(self, add_one: Any) -> None:
        result = add_one(np.arange(5.0))
        assert type(result) is np.ndarray
        assert result.dtype == np.float64
        np.testing.assert_array_equal(result, np.arange(5.0) + 1)

    def test_any_layout(self, add_one: Any) -> None:
        base = np.arange(24.0)
        readonly = base[:]
        readonly.flags.writeable = False
        layouts = [base[::3], base[::-2], np.broadcast_to(3.0, (4,)), base[:0], readonly]
        for layout in layouts:
            np.testing.assert_array_equal(add_one(layout), layout + 1)

    def test_what_does_not_fit_goes_through_the_filter(self, program: MakeProgram) -> None:
        seen: list[Any] = []

        def check(value: Any) -> Any:
            seen.append(value)
            return np.array(value, np.float64)

        add = program("add_one", [(F64, 1), (F64, 1)], arguments=[(0, check, (3,))], outputs=[1])
        fitting = np.arange(3.0)
        add(fitting)
        assert seen == []

        class Subclass(np.ndarray):
            pass

        unaligned = np.zeros(25, np.uint8)[1:].view(np.float64)
        others = [
            [1, 2, 3],
            fitting.astype(np.float32),
            fitting.astype(">f8"),
            fitting.view(Subclass),
            unaligned,
        ]
        for value in others:
            np.testing.assert_array_equal(add(value), np.array(value) + 1)
        assert len(seen) == len(others)
        assert all(one is other for one, other in zip(seen, others, strict=True))

    @pytest.mark.parametrize(
        "returned",
        [
            None,
            3.0,
            np.float64(3),
            np.zeros((3, 1)),
            np.zeros(3, np.float32),
            np.zeros(4),
            np.zeros(3, ">f8"),
            np.zeros(25, np.uint8)[1:].view(np.float64),
        ],
    )
    def test_a_filter_that_returns_what_does_not_fit(
        self, returned: Any, program: MakeProgram
    ) -> None:
        arguments = [(0, lambda _value: returned, (3,))]
        add = program("add_one", [(F64, 1), (F64, 1)], arguments=arguments, outputs=[1])
        with pytest.raises(TypeError, match="slot 0"):
            add("anything")

    def test_an_error_of_the_filter_passes_through(self, program: MakeProgram) -> None:
        def check(value: Any) -> Any:
            raise LookupError(value)

        add = program("add_one", [(F64, 1), (F64, 1)], arguments=[(0, check, (-1,))], outputs=[1])
        with pytest.raises(LookupError, match="what"):
            add("what")
        np.testing.assert_array_equal(add(np.zeros(2)), np.ones(2))

    @pytest.mark.parametrize("value", [1.5, 3, -0.0, np.float64(2.5), np.array(4.0), 2**53])
    def test_numbers(self, value: Any, twice: Any) -> None:
        result = twice(value)
        assert type(result) is np.ndarray
        assert result.shape == ()
        assert result == 2 * value
        assert np.signbit(result) == np.signbit(float(value))

    @pytest.mark.parametrize("value", [True, 2**53 + 1, 10**400, "1", np.float32(1), None, [1.0]])
    def test_numbers_that_the_filter_judges(self, value: Any, program: MakeProgram) -> None:
        seen: list[Any] = []

        def check(value: Any) -> Any:
            seen.append(value)
            return np.array(1.0)

        run = program("twice", [(F64, 0), (F64, 0)], arguments=[(0, check, ())], outputs=[1])
        assert run(value) == 2
        assert seen == [value]

    def test_whole_numbers(self, program: MakeProgram) -> None:
        def refuse(value: Any) -> Any:
            raise OverflowError(value)

        run = program("nothing", [(I64, 0)], arguments=[(0, refuse, ())], outputs=[0])
        for number in (0, -1, 2**63 - 1, -(2**63)):
            assert run(number).item() == number
        for value in (2**63, -(2**63) - 1, 1.0, True):
            with pytest.raises(OverflowError):
                run(value)

    def test_an_integer_type_of_the_same_size(self, program: MakeProgram) -> None:
        def refuse(value: Any) -> Any:
            raise AssertionError(value)

        run = program("nothing", [(I64, 1)], arguments=[(0, refuse, (-1,))], outputs=[0])
        for letter in "lq":
            array = np.arange(3, dtype=letter)
            if array.itemsize == 8:
                assert run(array) is array

    def test_objects(self, program: MakeProgram) -> None:
        run = program("nothing", [(OBJECT, 0)], arguments=[(0, None, ())], outputs=[0])
        for value in (None, "text", [1], np.zeros(3), object()):
            assert run(value) is value

    def test_constants(self, program: MakeProgram) -> None:
        constant = np.array([1.0, 2.0])
        run = program("add_one", [(F64, 1), (F64, 1)], constants=[(0, constant)], outputs=[1])
        for _ in range(3):
            np.testing.assert_array_equal(run(), [2.0, 3.0])

    def test_wrong_number_of_arguments(self, add_one: Any) -> None:
        for arguments in ((), (np.zeros(1), np.zeros(1))):
            with pytest.raises(TypeError, match="1 positional"):
                add_one(*arguments)
        with pytest.raises(TypeError):
            add_one(x=np.zeros(1))

    @pytest.mark.parametrize(
        ("part", "axes", "strides"),
        [
            (np.s_[:, :], 2, [24, 8]),
            (np.s_[:, :2], 1, [24, 8]),
            (np.s_[:, :2], 2, [16, 8]),
            (np.s_[:, ::2], 1, [16, 8]),
            (np.s_[::-1, ::-1], 1, [24, 8]),
            (np.s_[:, 1:2], 1, [24, 8]),
            (np.s_[:, 1:2], 2, [8, 8]),
        ],
    )
    def test_gaps(self, part: Any, axes: int, strides: list[int], program: MakeProgram) -> None:
        whole = np.arange(12.0).reshape(4, 3)
        seen: list[Any] = []
        run = program(
            "packed",
            [(F64, 2), (I64, 1), (I64, 0)],
            arguments=[(0, same, (-1, -1)), (2, same, ())],
            outputs=[1],
            calls=[(lambda x: seen.append(x) or [], [0], [])],
        )
        given = whole[part]
        assert run(given, axes).tolist() == strides
        assert seen[0].tolist() == given.tolist()
        assert whole.tolist() == np.arange(12.0).reshape(4, 3).tolist()

    def test_empty_and_many_dimensions(self, program: MakeProgram) -> None:
        for shape in ((0,), (0, 3), (2, 0, 4), (1,) * 32):
            arguments = [(0, None, (-1,) * len(shape))]
            run = program("nothing", [(F32, len(shape))], arguments=arguments, outputs=[0])
            array = np.zeros(shape, np.float32)
            assert run(array) is array


class TestTables:
    def test_bad_tables(self, runtime: ModuleType, shared_builder: Builder) -> None:
        address = shared_builder.build(host_header() + SOURCE, "nothing").address
        slots = [(F64, 0)]
        good = [address, slots, [], [], [], [0], [], [], raise_error, True]
        runtime.CompiledFunction(*good)
        bad: list[tuple[int, Any]] = [
            (0, 0),
            (1, [(np.dtype(object).num, 0)]),
            (1, [(F64, -1)]),
            (1, [(F64, 1000)]),
            (1, [(12345, 0)]),
            (2, [(1, same, ())]),
            (2, [(-1, same, ())]),
            (2, [(0, same, (3,))]),
            (3, [(1, [None])]),
            (3, [(0, (None,))]),
            (4, [(7, None)]),
            (5, [3]),
            (5, [0, 0]),
            (6, [(0, None)]),
            (7, [(same, [0], [9])]),
        ]
        for position, wrong in bad:
            tables = list(good)
            tables[position] = wrong
            with pytest.raises((TypeError, ValueError)):
                runtime.CompiledFunction(*tables)


class TestErrors:
    def test_reported_by_the_program(self, program: MakeProgram) -> None:
        first, second = [np.zeros(2)], [np.ones(2)]
        before = first[0], second[0]
        run = program(
            "two_updates",
            [(F64, 1)] * 4 + [(I64, 0)],
            arguments=[(4, same, ())],
            cells=[(0, first), (1, second)],
            updates=[(2, first), (3, second)],
            outputs=[2],
        )
        with pytest.raises(ArithmeticError) as caught:
            run(1)
        assert caught.value.args == (17, 4, (-(2**40), 0, 2**40, 2**41))
        assert (first[0], second[0]) == before or first[0] is before[0]
        assert second[0] is before[1]
        run(0)
        np.testing.assert_array_equal(first[0], [1, 1])
        np.testing.assert_array_equal(second[0], [2, 2])

    def test_a_fail_that_does_not_raise(self, program: MakeProgram) -> None:
        run = program("status", [(I64, 0)], arguments=[(0, same, ())], fail=lambda *_: None)
        assert run(0) == []
        with pytest.raises(RuntimeError, match="code 0 in node 0"):
            run(2)

    @pytest.mark.parametrize("status", [1, 3, -1, 99])
    def test_a_status_that_means_nothing(self, status: int, program: MakeProgram) -> None:
        run = program("status", [(I64, 0)], arguments=[(0, same, ())])
        with pytest.raises(RuntimeError, match=f"status {status}"):
            run(status)

    def test_an_output_that_nobody_filled(self, program: MakeProgram) -> None:
        run = program("nothing", [(F64, 0)], outputs=[0])
        with pytest.raises(RuntimeError, match="slot 0"):
            run()

    @pytest.mark.parametrize("function", ["allocate", "careless"])
    @pytest.mark.parametrize(
        "sizes", [(-1, 2), (2**62, 2), (2**40, 2**40), (2**63 - 1, 1), (2**45, 1), (-(2**63), 0)]
    )
    def test_absurd_sizes(
        self, sizes: tuple[int, int], function: str, program: MakeProgram
    ) -> None:
        arguments = [(0, same, (2,))]
        run = program(function, [(I64, 1), (F64, 2)], arguments=arguments, outputs=[1])
        with pytest.raises(MemoryError):
            run(np.array(sizes))
        assert run(np.array([2, 3])).shape == (2, 3)

    @pytest.mark.parametrize("slot", [-1, 2, 2**31 - 1, 1])
    def test_allocating_what_is_no_array(self, slot: int, program: MakeProgram) -> None:
        run = program("allocate_slot", [(I64, 0), (OBJECT, 0)], arguments=[(0, same, ())])
        with pytest.raises(RuntimeError, match=f"slot {slot} "):
            run(slot)


class TestCells:
    def test_read_anew_in_each_call(self, program: MakeProgram) -> None:
        cell = [np.array([1.0])]
        run = program("add_one", [(F64, 1), (F64, 1)], cells=[(0, cell)], outputs=[1])
        assert run() == [2]
        cell[0] = np.array([5.0, 6.0])
        np.testing.assert_array_equal(run(), [6, 7])

    @pytest.mark.parametrize("content", [None, 1.0, np.zeros(1, np.float32), np.zeros((1, 1))])
    def test_content_that_does_not_fit(self, content: Any, program: MakeProgram) -> None:
        cell = [content]
        run = program("add_one", [(F64, 1), (F64, 1)], cells=[(0, cell)], outputs=[1])
        with pytest.raises(TypeError, match="slot 0"):
            run()

    def test_a_list_of_another_length(self, program: MakeProgram) -> None:
        for cell in ([], [np.zeros(1)] * 2):
            run = program("add_one", [(F64, 1), (F64, 1)], cells=[(0, cell)], outputs=[1])
            with pytest.raises(TypeError, match="one element"):
                run()

    def test_updates_swap(self, program: MakeProgram) -> None:
        a, b = np.array([1.0]), np.array([2.0])
        first, second = [a], [b]
        run = program(
            "nothing",
            [(F64, 1), (F64, 1)],
            cells=[(0, first), (1, second)],
            updates=[(1, first), (0, second)],
        )
        assert run() == []
        assert first[0] is b
        assert second[0] is a

    def test_one_value_for_two_cells(self, program: MakeProgram) -> None:
        value, first, second = np.zeros(1), [None], [None]
        run = program(
            "nothing",
            [(F64, 1)],
            arguments=[(0, same, (-1,))],
            updates=[(0, first), (0, second)],
        )
        run(value)
        assert first[0] is second[0] is value

    def test_all_or_nothing(self, program: MakeProgram) -> None:
        first: list[Any] = ["old"]
        second: list[Any] = []  # cannot be stored into
        run = program(
            "nothing",
            [(OBJECT, 0)],
            arguments=[(0, None, ())],
            updates=[(0, first), (0, second)],
        )
        with pytest.raises(TypeError, match="one element"):
            run("new")
        assert first == ["old"]

    def test_a_number_becomes_an_array(self, program: MakeProgram) -> None:
        cell: list[Any] = [None]
        arguments = [(0, same, ())]
        run = program("nothing", [(F64, 0)], arguments=arguments, updates=[(0, cell)])
        run(1.5)
        assert type(cell[0]) is np.ndarray
        assert cell[0] == 1.5
        kept = cell[0]
        run(2.5)
        assert kept == 1.5

    def test_code_that_runs_when_the_old_value_goes(self, program: MakeProgram) -> None:
        """Finalisers see all updates done, and may call the program again."""
        first: list[Any] = [None]
        second: list[Any] = [None]
        seen: list[Any] = []
        run = program(
            "nothing",
            [(OBJECT, 0)],
            arguments=[(0, None, ())],
            updates=[(0, first), (0, second)],
        )

        class Noisy:
            def __del__(self) -> None:
                seen.append((first[0], second[0]))
                if len(seen) == 1:
                    run("inner")

        first[0], second[0] = Noisy(), Noisy()
        run("outer")
        assert seen[0] == ("outer", "outer")
        assert (first[0], second[0]) == ("inner", "inner")


class TestCalls:
    def test_values_go_in_and_out(self, program: MakeProgram) -> None:
        def double(value: Any) -> list[Any]:
            assert type(value) is np.ndarray
            return [value * 2]

        arguments = [(0, same, (-1,))]
        run = program(
            "call",
            [(F64, 1), (F64, 1)],
            arguments=arguments,
            calls=[(double, [0], [1])],
            outputs=[1],
        )
        np.testing.assert_array_equal(run(np.arange(3.0)), [0, 2, 4])

    def test_a_number_becomes_an_array(self, program: MakeProgram) -> None:
        seen: list[Any] = []
        run = program(
            "call",
            [(F64, 0), (OBJECT, 0)],
            arguments=[(0, same, ())],
            calls=[(lambda value: (seen.append(value),), [0], [1])],
            outputs=[1],
        )
        assert run(1.5) is None
        assert type(seen[0]) is np.ndarray
        assert seen[0] == 1.5
        assert seen[0].shape == ()

    @pytest.mark.parametrize("kind", [list, tuple])
    def test_several_values(self, kind: type, program: MakeProgram) -> None:
        run = program(
            "call",
            [(OBJECT, 0)] * 3,
            arguments=[(0, None, ()), (1, None, ())],
            calls=[(lambda a, b: kind((b, a)), [0, 1], [1, 2])],
            outputs=[2, 1, 0],
        )
        assert run("a", "b") == ["a", "b", "a"]

    @pytest.mark.parametrize("result", [None, [], (1, 2), "x", np.zeros(1), 3])
    def test_not_a_list_of_the_right_length(self, result: Any, program: MakeProgram) -> None:
        calls = [(lambda: result, [], [0])]
        run = program("call", [(OBJECT, 0)], calls=calls, outputs=[0])
        with pytest.raises(TypeError, match="list or tuple of 1"):
            run()

    @pytest.mark.parametrize("result", [None, 1.0, np.zeros(1, np.float32), np.zeros((1, 1))])
    def test_a_result_that_does_not_fit(self, result: Any, program: MakeProgram) -> None:
        calls = [(lambda: [result], [], [0])]
        run = program("call", [(F64, 1)], calls=calls, outputs=[0])
        with pytest.raises(TypeError, match="slot 0: the result of a Python call"):
            run()

    @pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit, MemoryError])
    def test_errors_pass_through(self, error: type[BaseException], program: MakeProgram) -> None:
        def fail() -> list[Any]:
            raise error("inside")

        cell = ["old"]
        run = program(
            "call",
            [(OBJECT, 0)],
            calls=[(fail, [], [0])],
            cells=[(0, cell)],
            updates=[(0, cell)],
        )
        with pytest.raises(error, match="inside") as caught:
            run()
        assert caught.traceback[-1].name == "fail"
        assert cell == ["old"]

    @pytest.mark.parametrize("number", [-1, 1, 1000])
    def test_a_call_that_does_not_exist(self, number: int, program: MakeProgram) -> None:
        run = program("call_number", [(I64, 0)], arguments=[(0, same, ())], calls=[(same, [], [])])
        with pytest.raises(RuntimeError, match=f"number {number}"):
            run(number)

    def test_a_call_of_itself(self, program: MakeProgram) -> None:
        depth = 20

        def recurse(value: Any) -> list[Any]:
            level = int(value)
            return [np.asarray(run(level - 1.0) + level if level else 0.0)]

        run = program(
            "call",
            [(F64, 0), (F64, 0)],
            arguments=[(0, same, ())],
            calls=[(recurse, [0], [1])],
            outputs=[1],
        )
        assert run(float(depth)) == depth * (depth + 1) / 2
        assert run(3.0) == 6

    def test_threads(self, program: MakeProgram) -> None:
        """While one thread is inside a Python call, others call the same program."""

        def slow(value: Any) -> list[Any]:
            time.sleep(0.001)
            return [value + 0]

        run = program(
            "call",
            [(F64, 1), (F64, 1)],
            arguments=[(0, same, (-1,))],
            calls=[(slow, [0], [1])],
            outputs=[1],
        )
        wrong: list[Any] = []

        def work(number: int) -> None:
            for _ in range(20):
                result = run(np.full(100, float(number)))
                if not (result == number).all():
                    wrong.append(result)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_an_interrupt_inside_a_call(self, program: MakeProgram) -> None:
        def wait() -> list[Any]:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
            return []

        handler = signal.getsignal(signal.SIGINT)
        run = program("call", [], calls=[(wait, [], [])])
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            run()
        assert time.monotonic() - start < 5
        assert signal.getsignal(signal.SIGINT) is handler

    def test_an_interrupt_of_a_loop(self, program: MakeProgram) -> None:
        flag = np.zeros((), np.int64)
        run = program("poll_until", [(I64, 0)], arguments=[(0, same, ())])
        # No thread of ours gets the interpreter while the program runs, so a process does it.
        child = os.posix_spawn(
            "/bin/sh", ["sh", "-c", f"sleep 0.2; kill -INT {os.getpid()}"], os.environ
        )
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            run(flag)
        os.waitpid(child, 0)
        assert time.monotonic() - start < 5


class TestScratch:
    def run(self, program: MakeProgram, symbol: str, sizes: list[int]) -> list[int]:
        arguments = [(0, same, (-1,))]
        run = program(symbol, [(I64, 1), (I64, 1)], arguments=arguments, outputs=[1])
        first = run(np.array(sizes, np.int64)).tolist()
        assert run(np.array(sizes, np.int64)).tolist() == first, "memory is kept across calls"
        return first

    @pytest.mark.parametrize(
        "sizes",
        [
            [0],
            [1, 1, 1],
            [0, 64, 0, 63, 65],
            [100_000, 10, 70_000, 5],
            [65_536, 65_536, 131_072, 1],
            [3 * 2**20, 7, 2**20, 2**22],
        ],
    )
    def test_aligned_and_apart(self, sizes: list[int], program: MakeProgram) -> None:
        addresses = self.run(program, "scratch", sizes)
        assert all(address % 64 == 0 and address != 0 for address in addresses)

    def test_a_loop_uses_the_same_memory_again(self, program: MakeProgram) -> None:
        addresses = self.run(program, "scratch_loop", [1000] * 50)
        assert len(set(addresses)) == 1
        self.run(program, "scratch_loop", [10, 100_000, 10, 500_000, 64, 200_000, 0, 65_436])

    @pytest.mark.parametrize("size", [-1, -(2**63), 2**63 - 1, 2**62, 2**60 - 1, 2**47])
    def test_absurd_sizes(self, size: int, program: MakeProgram) -> None:
        arguments = [(0, same, (-1,))]
        run = program("scratch_loop", [(I64, 1), (I64, 1)], arguments=arguments, outputs=[1])
        with pytest.raises(MemoryError):
            run(np.array([10, size]))
        assert len(run(np.array([10]))) == 1


class TestLifetimes:
    def test_no_reference_is_kept(self, program: MakeProgram) -> None:
        array, cell, thing = np.zeros(3), [np.ones(3)], object()
        run = program(
            "two_updates",
            [(F64, 1)] * 4 + [(I64, 0)] + [(OBJECT, 0)],
            arguments=[(0, same, (-1,)), (4, same, ()), (5, None, ())],
            cells=[(1, cell)],
            updates=[(3, cell)],
            outputs=[2, 5],
        )
        before = sys.getrefcount(array), sys.getrefcount(thing)
        for flag in (0, 1, 0):
            try:
                result = run(array, flag, thing)
            except ArithmeticError:
                result = None
        assert result is not None
        # The list and the argument of getrefcount itself; assert would add one of its own.
        owners = sys.getrefcount(result[0]), sys.getrefcount(cell[0])
        assert owners == (2, 2)
        del result
        after = sys.getrefcount(array), sys.getrefcount(thing)
        assert after == before

    def test_the_old_value_goes_with_its_update(self, program: MakeProgram) -> None:
        class Tracked:
            pass

        old = Tracked()
        cell: list[Any] = [old]
        gone = weakref.ref(old)
        run = program("nothing", [(OBJECT, 0)], arguments=[(0, None, ())], updates=[(0, cell)])
        del old
        run("new")
        assert gone() is None

    @pytest.mark.parametrize("calls", [100_000])
    def test_memory_stays_level(
        self, calls: int, runtime: ModuleType, program: MakeProgram
    ) -> None:
        if runtime is runtime_ctypes:
            calls //= 20
        cell: list[Any] = [np.zeros(4)]

        def refuse(value: Any) -> Any:
            raise TypeError(value)

        run = program(
            "two_updates",
            [(F64, 1)] * 4 + [(I64, 0)],
            arguments=[(0, lambda value: np.array(value, np.float64), (-1,)), (4, refuse, ())],
            cells=[(1, cell)],
            updates=[(3, cell)],
            outputs=[2],
        )
        loop = program(
            "call",
            [(F64, 0), (F64, 0)],
            arguments=[(0, same, ())],
            calls=[(lambda value: [np.array(value)], [0], [1])],
            outputs=[1],
        )
        array, listed = np.zeros(4), [0.0, 1.0]

        def work(times: int) -> None:
            for number in range(times):
                run(array, 0)
                loop(0.5)
                if number % 10 == 0:
                    run(listed, 0)
                    for wrong in (1, "no"):
                        with suppress(ArithmeticError, TypeError):
                            run(array, wrong)
            gc.collect()

        with np.errstate(over="ignore"):
            work(200)
            tracemalloc.start()
            try:
                work(200)
                before, _ = tracemalloc.get_traced_memory()
                blocks = sys.getallocatedblocks()
                work(calls // 20)
                after, _ = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert after - before < 5_000
            assert sys.getallocatedblocks() - blocks < 100
            resident = resident_kilobytes()
            work(calls)
            assert resident_kilobytes() - resident < 2_000

    def test_scratch_goes_with_its_program(self, program: MakeProgram) -> None:
        gc.collect()
        before = resident_kilobytes()
        arguments = [(0, same, (-1,))]
        run = program("scratch", [(I64, 1), (I64, 1)], arguments=arguments, outputs=[1])
        for _ in range(2):
            run(np.array([2**24, 2**25]))
        assert resident_kilobytes() - before > 40_000
        del run
        gc.collect()
        assert resident_kilobytes() - before < 5_000

    @pytest.mark.parametrize(
        ("calls", "kept"),
        [
            ([[2**25]], 0),
            ([[2**25], [2**25]], 32_768),
            ([[2**25], [2**25], [64]], 0),
            ([[2**25]] * 3 + [[2**20]] * 2, 1_024),
            ([[2**k] for k in range(10, 26)], 16_384),
            ([[2**24] * 3] * 3 + [[2**24]] * 2, 16_384),
        ],
        ids=["once", "twice", "small after it", "a little", "growing", "shrinking"],
    )
    def test_what_the_last_two_calls_needed_is_kept(
        self, program: MakeProgram, calls: list[list[int]], kept: int
    ) -> None:
        arguments = [(0, same, (-1,))]
        run = program("scratch", [(I64, 1), (I64, 1)], arguments=arguments, outputs=[1])
        run(np.array([64]))
        gc.collect()
        before = resident_kilobytes()
        for sizes in calls:
            run(np.array(sizes))
        assert kept - 1_000 < resident_kilobytes() - before < 2 * kept + 5_000
        run.free()
        assert resident_kilobytes() - before < 3_000
        run(np.array(calls[0]))

    def test_cycles_are_collected(self, program: MakeProgram) -> None:
        """Filters and fail may refer to what holds the program."""

        class Holder:
            def check(self, value: Any) -> Any:
                return value

            def fail(self, *_: Any) -> None: ...

        for used in (False, True):
            holder: Any = Holder()
            cell: list[Any] = [holder]
            holder.program = program(
                "nothing",
                [(OBJECT, 0), (OBJECT, 0)],
                arguments=[(0, holder.check, ())],
                cells=[(1, cell)],
                constants=[(1, holder)],
                calls=[(holder.check, [], [])],
                outputs=[0],
                fail=holder.fail,
            )
            if used:
                holder.program(1)
            gone = weakref.ref(holder)
            del holder, cell
            gc.collect()
            assert gone() is None

    def test_a_program_may_go_while_it_runs(self, program: MakeProgram) -> None:
        box: list[Any] = []

        def drop() -> list[Any]:
            box.clear()
            gc.collect()
            return [np.array(3.0)]

        box.append(program("call", [(F64, 0)], calls=[(drop, [], [0])], outputs=[0]))
        assert box[0]() == 3


def resident_kilobytes() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("this system does not say how much memory a process uses")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
    assert found is not None
    return int(found[1])


def test_a_scalar_call_is_fast(shared_builder: Builder) -> None:
    """Far below a microsecond where it is C; the bound leaves room for a busy machine."""
    library = shared_builder.build(host_header() + SOURCE, "twice")
    module = shared_builder.runtime()
    tables = [(F64, 0)] * 2, [(0, same, ())], [], [], [1], [], [], raise_error, True
    run = module.CompiledFunction(library.address, *tables)
    best = min(_seconds(run, 20_000) for _ in range(10))
    assert best / 20_000 < 1e-6


def _seconds(run: Callable[[float], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        run(1.5)
    return time.perf_counter() - start


def test_layout_of_the_header(shared_builder: Builder) -> None:
    """The structures that Python declares are those of host.h."""
    from kernelgraph.c import host_ctypes

    fields = [field[0] for field in host_ctypes._Host._fields_]
    body = (
        "".join(f"offsetof(kg_host, {name}), " for name in fields)
        + "sizeof(kg_host), sizeof(kg_value)"
    )
    text = f"""{host_header()}
    KG_EXPORT int64_t sizes[] = {{ {body} }};
    KG_EXPORT int64_t *layout(void) {{ return sizes; }}"""
    library = shared_builder.build(text, "layout")
    function = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_int64))(library.address)
    expected = [getattr(host_ctypes._Host, name).offset for name in fields]
    expected += [ctypes.sizeof(host_ctypes._Host), ctypes.sizeof(host_ctypes._Value)]
    assert function()[: len(expected)] == expected
