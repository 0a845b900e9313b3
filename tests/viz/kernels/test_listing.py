from collections.abc import Callable

import pytest

from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.ops.functions import exp
from kernelgraph.viz.kernels.listing import Listing, heated, listing, numbered
from kernelgraph.writer import Source

MakeTensor = Callable[..., Variable]

TEXT = """\
#include <math.h>

/* add, exp */
void k(int n,
        double *x) {
    double total = 0;
    for (int i_start = 0; i_start < n; i_start += 8) {
        for (int i = i_start; i < n; i++) {
            a = x[i] + x[i];
            b = exp(a);
        }
    }
    for (int lane = 0; lane < 4; lane++) {
        total = 1;
    }
}
int other(void) {
    return 0;
}
"""


@pytest.fixture
def made(tensor: MakeTensor) -> Listing:
    x = tensor("x", None)
    nodes: list[Apply] = Graph((x,), (exp(x + x),)).apply_nodes()
    source = Source(TEXT, {3: (nodes[1], nodes[0]), 9: (nodes[0],), 10: (nodes[1],)})
    keys = {node: f"n{number}" for number, node in enumerate(nodes)}
    return listing(source, keys, {"n0": 1, "n1": 1}, ("c", "C"), ["k("])


def test_every_line_of_a_kernel_stands_for_nodes(made: Listing) -> None:
    stands_for = {line.number: line.keys for line in made.lines}
    assert all(stands_for[number] == ("n0", "n1") for number in (4, 5, 6, 7, 8, 11, 12, 16))
    assert (stands_for[9], stands_for[10]) == (("n0",), ("n1",))


def test_a_block_without_nodes_stands_for_the_one_around_it(made: Listing) -> None:
    stands_for = {line.number: line.keys for line in made.lines}
    assert stands_for[13] == stands_for[14] == stands_for[15] == ("n0", "n1")


def test_lines_of_no_kernel_stand_for_nothing(made: Listing) -> None:
    assert [line.number for line in made.lines if not line.keys] == [17, 18, 19]


def test_only_lines_that_compute_have_nodes_of_their_own(made: Listing) -> None:
    assert [line.number for line in made.lines if line.own] == [3, 9, 10]


def test_loops_over_strips_and_lanes_do_not_count(made: Listing) -> None:
    assert {line.number: line.loops for line in made.lines if line.loops} == {9: 1, 10: 1}


def test_the_text_is_in_two_pieces(made: Listing) -> None:
    assert made.prelude == "#include <math.h>\n\n"
    assert made.prelude + "".join(f"{line.text}\n" for line in made.lines) == TEXT == made.text


def test_numbers_nodes_and_loops_stand_before_a_line(made: Listing) -> None:
    shown = numbered(made.lines)
    assert shown == str(made).split("\n")
    assert shown[0] == "   3   n0 n1 │ /* add, exp */"
    assert shown[6] == "   9 ▪ n0    │             a = x[i] + x[i];"


def test_hot_lines_are_the_innermost_ones_of_their_nodes(made: Listing) -> None:
    shown = heated(made, {"n0": (0.25, True), "n1": (0.001, False)})
    assert {line.number: line.heat for line in shown.lines if line.part is not None} == {
        9: "≈25%",
        10: "",
    }
    assert numbered(shown.lines)[6] == "   9 ▪ n0    ≈25% │             a = x[i] + x[i];"
    assert shown.text == made.text
    measured = heated(made, {"n0": (0.25, False), "n1": (0.004, False)})
    assert [line.heat for line in measured.lines if line.heat] == ["25%"]
    assert heated(made, {}) == made


def test_a_source_without_nodes_is_a_listing_too() -> None:
    made = listing(Source("one\n\ntwo\n", {}), {}, {}, ("c", "C"), [])
    assert [line.text for line in made.lines] == ["one", "", "two"]
    assert made.prelude == ""


def test_many_lines_take_little_time(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    node = Graph((x,), (exp(x),)).apply_nodes()[0]
    depth, length = 40, 20_000
    heads = [f"{'    ' * k}for i in range(3):" for k in range(1, depth)]
    body = [f"{'    ' * depth}y = exp(x)"] * length
    source = Source("\n".join(["def k(x):", *heads, *body]), {depth + 1: (node,)})
    made = listing(source, {node: "n0"}, {"n0": 2}, ("python", "Python"), ["k("])
    assert made.lines[depth].loops == 2
    assert all(line.keys == ("n0",) for line in made.lines)
