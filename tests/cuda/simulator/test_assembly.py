"""What is changed in assembly, on a few lines of it."""

from __future__ import annotations

from kernelgraph.cuda.simulator.assembly import change

KERNEL = """\
\t.file 2 "kernel.cu"
\t.file 3 "dialect.h"
\t.text
\t.type\thelper, @function
helper:
\t.loc 2 7 1
\tcall\tkernelgraph_barrier@PLT
\tret
\t.type\tkernelgraph_one_waits, @function
kernelgraph_one_waits:
\t.loc 2 12 3
\tcall\t__sanitizer_cov_trace_pc@PLT
\t.loc 3 99 1
\tcall\t__tsan_read4@PLT
\tcall\thelper
\tret
\t.type\tkernelgraph_one_runs, @function
kernelgraph_one_runs:
\tcall\t__sanitizer_cov_trace_pc@PLT
\t.loc 2 20 1
\tcall\t__tsan_unaligned_write8@PLT
\tret
\t.section\t.tbss,"awT",@nobits
\t.align 32
\t.type\ttile, @object
\t.size\ttile, 64
tile:
\t.zero\t64
"""


def changed() -> list[str]:
    made = change(KERNEL, ["waits", "runs"], ["buffer"])
    assert made.waits == {"waits": True, "runs": False}
    assert made.objects == {"tile"}
    return made.text.splitlines()


def test_hooks_have_names_of_ours() -> None:
    text = "\n".join(changed())
    assert "tsan" not in text
    assert "sanitizer" not in text
    assert "\tcall\tkernelgraph_read4@PLT\n.Lkernelgraph_site_1:" in text


def test_lines_are_the_users() -> None:
    lines = changed()
    table = lines[lines.index("kernelgraph_sites:") + 1 :]
    assert [int(line.split()[-1]) for line in table[1::2]][:4] == [12, 12, 20, 20]


def test_red_zones_stand_before_variables() -> None:
    lines = changed()
    assert lines[lines.index("tile:") - 1] == "\t.zero\t256"


def test_dynamic_arrays_are_at_one_place() -> None:
    lines = changed()
    buffer = lines.index("buffer:")
    assert "kernelgraph_dynamic:" in lines[:buffer]
    assert lines[buffer + 1] == f"\t.zero\t{227 * 1024 + 256}"
