"""Actions of the host as C."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.c.host import HostPrinter
from kernelgraph.c.prelude import BYTES_OF, FAIL
from kernelgraph.loops import host, ir
from kernelgraph.loops.expressions import total
from kernelgraph.loops.program import Call, Program
from kernelgraph.ops.indexing import SLICE_START
from kernelgraph.routines import OwnC
from kernelgraph.schedule.dims import Dim
from kernelgraph.writer import Writer

N, M = Dim("n"), Dim("m")
X = ir.Buffer("x", "float64", (N,), "anywhere")
Y = ir.Buffer("y", "float64", (N, M))
NODE = T.exp(T.dvector("v")).owner
assert NODE is not None


def written(*actions: host.Action, calls: tuple[Call, ...] = ()) -> Writer:
    writer = Writer()
    HostPrinter(Program("f", actions, (), 0, 0, {}, calls), writer).write("f")
    return writer


def lines(*actions: host.Action, calls: tuple[Call, ...] = ()) -> list[str]:
    """The lines of the function, without its head, its locals and its end."""
    body = [line.strip() for line in written(*actions, calls=calls).text[1:-2]]
    return [line for line in body if line not in LOCALS]


LOCALS = ("kg_value *values = host->values;", "int32_t status;")


def test_nothing_is_declared_that_is_not_used() -> None:
    assert written().text == ["KG_EXPORT int32_t f(kg_host *host) {", "    return KG_DONE;", "}"]


def test_what_lives_in_a_slot() -> None:
    assert lines(host.Bind(X, 0, T.dvector("x"))) == [
        "float64 *const x = (float64 *)values[0].data;",
        "const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);",
    ]
    assert lines(host.BindScalar(ir.Name("a", "bool"), 1)) == [
        "const bool8 a = *(const bool8 *)values[1].data;"
    ]


def test_what_kernels_read_has_no_gaps_in_rows() -> None:
    rows = ir.Buffer("x", "float64", (M, N), "between rows")
    gaps = "values[0].strides[1] != sizeof(float64)"
    assert lines(host.Bind(rows, 0, T.dmatrix("x"), copied=True)) == [
        f"if ({gaps} && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;",
        "float64 *const x = (float64 *)values[0].data;",
        "const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);",
    ]


def test_sizes_are_checked_and_say_what_was_found() -> None:
    size = host.Define(N, ir.SlotSize(0, 1), 4)
    assert lines(size) == [
        "const int64 n = values[0].shape[1];", "if (n < 0) return fail(host, 4, n, 0, 0);",
    ]  # fmt: skip
    both = host.CheckEqual(ir.Name("n"), total(ir.Name("m"), ir.Number(1, "int64")), 5)
    assert lines(both) == ["if (n != (m + 1)) return fail(host, 5, n, m + 1, 0);"]
    assert lines(host.CheckNotEmpty(N, 6)) == ["if (n == 0) return fail(host, 6, 0, 0, 0);"]
    assert written(size, both).helpers == {FAIL}


def test_requests_for_memory_are_numbered() -> None:
    memory = "host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){n, m}))"
    assert lines(host.Allocate(Y, 3), host.Allocate(Y, None)) == [
        "if (host->allocate(host, 3, (int64[]){n, m})) return KG_NO_ROOM + 0;",
        "float64 *const y = (float64 *)values[3].data;",
        f"float64 *const y = (float64 *){memory};",
        "if (y == NULL) return KG_NO_ROOM + 1;",
    ]
    assert written(host.Allocate(Y, None)).helpers == {BYTES_OF}


def test_a_part_that_may_be_empty_starts_nowhere_else() -> None:
    part = ir.Buffer("p", "float64", (M,), "anywhere")
    start, stop, step = ir.Name("a"), ir.Name("b"), ir.Number(-1, "int64")
    window = host.Window(part, X, (host.Range(start, stop, step, N, 7),))
    assert lines(window) == [
        "if ((-1) == 0) return fail(host, 7, 0, 0, 0);",
        "float64 *const p = m == 0 ? x : x + slice_start(n, a, (-1)) * x_s0;",
        "const int64 p_s0 = ((-1)) * x_s0;",
    ]
    assert written(window).helpers == {FAIL, SLICE_START}


def test_one_element_is_checked_and_counted_from_the_end() -> None:
    part = ir.Buffer("p", "float64", (), "anywhere")
    assert lines(host.Window(part, X, (host.At(ir.Name("k"), N, 8),))) == [
        "int64 p_at0 = k;",
        "if (p_at0 < -n || p_at0 >= n) return fail(host, 8, p_at0, n, 0);",
        "if (p_at0 < 0) p_at0 += n;",
        "float64 *const p = x + p_at0 * x_s0;",
    ]


def test_products_ask_the_host() -> None:
    memory = host.Allocate(ir.Buffer("z", "float32", (N, N)), 2)
    product = host.Product((Y, Y), (False, True), (memory,))
    calls = (Call(NODE, (0, 1), (2,)),)
    assert lines(host.Call(0, NODE, product), calls=calls) == [
        "/* z = y · y.T */",
        "status = host->product(host, 0, KG_AS_IT_IS, 1, KG_TRANSPOSED, 2, KG_NO_ROOM + 0, 0);",
        "if (status) return status;",
        "float32 *const z = (float32 *)values[2].data;",
    ]
    assert lines(host.Call(0, NODE), calls=calls) == [
        "if (host->call(host, 0)) return KG_PYTHON_ERROR;"
    ]


def test_operands_with_gaps_are_copied_for_own_c() -> None:
    copy = host.Allocate(ir.Buffer("x_copy", "float64", (N,)), None)
    own = host.Call(0, NODE, host.OwnC(OwnC(), (X,), (ir.Name("n"),), (), (copy,)))
    calls = (Call(NODE, (4,), ()),)
    assert lines(own, calls=calls)[-1] == "own_0(n, x_copy);"
    assert "if (host->pack(host, 4, 1)) return KG_NO_ROOM + 0;" in lines(own, calls=calls)


def test_a_loop_gives_scratch_back_and_can_be_interrupted() -> None:
    loop = host.Repeat(ir.Name("step"), ir.Name("n"), (host.CheckNotEmpty(M, 1),))
    assert lines(host.If(ir.Name("yes", "bool"), (loop,), ())) == [
        "if (yes) {",
        "for (int64 step = 0; step < n; step++) {",
        "if (host->poll(host)) return KG_PYTHON_ERROR;",
        "const int64 scratch_mark = host->mark(host);",
        "if (m == 0) return fail(host, 1, 0, 0, 0);",
        "host->release(host, scratch_mark);",
        "}",
        "} else {",
        "}",
    ]
