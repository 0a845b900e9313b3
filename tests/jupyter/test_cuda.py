"""`%%cuda`, as cells of a notebook."""

from __future__ import annotations

import numpy as np
import pytest

from kernelgraph.cuda.written import Kernel, Run
from kernelgraph.errors import ArgumentError, CompileError, KernelError
from kernelgraph.jupyter.completion import Completer

from .conftest import Notebook, Ran
from .test_magics import last_frame, usage_error

ADD = """__global__ void add(const float *x, const float *y, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    WORK
}"""
GUARDED = "if (i < n) out[i] = x[i] + y[i];"


@pytest.fixture
def book(notebook: Notebook) -> Notebook:
    notebook.shell.user_ns.update(
        n=100, x=np.arange(100, dtype="float32"), y=np.ones(100, "float32"),
        out=np.zeros(100, "float32"),
    )  # fmt: skip
    return notebook


def run(book: Notebook, line: str, work: str = GUARDED) -> Ran:
    return book.run(f"%%cuda {line}\n{ADD.replace('WORK', work)}")


def test_a_launch_of_the_first_line(book: Notebook) -> None:
    ran = run(book, "add<<<(n + 31) // 32, 32>>>(x, y, out, n)")
    assert ran.error is None
    assert isinstance(ran.value, Run)
    assert ran.value.launch == "add<<<4, 32>>>"
    np.testing.assert_array_equal(book["out"], np.arange(1, 101))
    assert isinstance(book["add"], Kernel)


def test_counts_are_bound_to_a_name(book: Notebook) -> None:
    ran = run(book, "add<<<4, 32>>>(x, y, out, n) --measure -o counted -q")
    assert (ran.error, ran.value) == (None, None)
    assert book["counted"].metrics["l1tex__t_requests_pipe_lsu_mem_global_op_st.sum"] == 4


def test_kernels_without_a_launch(book: Notebook) -> None:
    ran = run(book, "")
    assert (ran.error, ran.value) == (None, None)
    book["add"][4, 32](book["x"], book["y"], book["out"], 100)
    assert book["out"][99] == 100


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [
        ("out[i] = x[i] + y[i];", KernelError, "out of bounds"),
        ("if (i < n) out[0] = x[i];", KernelError, "race"),
        ("if (i < n) out[i] = x[i]", CompileError, "expected ';'"),
        ("if (i < n) out[i] = z[i];", CompileError, "'z' was not declared"),
    ],
)
def test_a_fault_is_an_error_at_its_line(
    book: Notebook, work: str, kind: type[Exception], words: str
) -> None:
    number = book.next_number
    ran = run(book, "add<<<4, 32>>>(x, y, out, n)", work)
    assert isinstance(ran.error, kind)
    assert words in str(ran.error)
    assert f"Cell In[{number}], line 4" in str(ran.error)
    assert last_frame(ran) == f"4     {work}"
    assert "written.py" not in ran.stdout
    assert book["out"].tolist() == [0.0] * 100


def test_what_is_of_no_line_of_the_kernel_is_of_the_launch(book: Notebook) -> None:
    line = "add<<<1, 1>>>(x, y, out)"
    number = book.next_number
    ran = run(book, line)
    assert isinstance(ran.error, ArgumentError)
    assert f"Cell In[{number}], line 1" in str(ran.error)
    assert last_frame(ran) == f"1 %%cuda {line}"
    ran = run(book, "add<<<1, 1>>>(x, y, out, n)", "while (i == 0) out[1] = 2;")
    assert isinstance(ran.error, KernelError)
    assert "does not end" in str(ran.error)
    ran = run(book, "add<<<1, 1>>>(x, y, outt, n)")
    assert isinstance(ran.error, NameError)
    assert "did you mean out?" in str(ran.error)


def test_tab_offers_options_and_names(book: Notebook) -> None:
    offered = Completer(book.shell.magics_manager.magics["cell"]["cuda"]).offered
    assert {"--measure", "--output"} <= {*offered("add<<<1, 1>>>(x) ", {})}
    assert "out" in offered("", book.shell.user_ns)
    hooks = book.shell.strdispatchers["complete_command"].strs
    assert "%%cuda" in hooks


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ad<<<1, 1>>>(x, y, out, n)", "it has: add (did you mean add?)"),
        ("add(x, y, out, n)", "add(x, y, out, n) is no launch: %%cuda add<<<"),
        ("add<<<1, 1>>>(x, y, out n)", "the arguments: invalid syntax"),
        ("add<<<1 1>>>(x, y, out, n)", "the grid and the block: invalid syntax"),
        ("add<<<1, 1>>>(x, y, out, n) --mesure", "did you mean --measure"),
        ("add<<<1, 1>>>(x, y, out, n) -o 3", "-o 3: that is no name"),
    ],
)
def test_wrong_first_lines(book: Notebook, line: str, words: str) -> None:
    assert words in usage_error(run(book, line))
