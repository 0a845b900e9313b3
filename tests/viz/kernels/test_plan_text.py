import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.languages import plan_source
from kernelgraph.viz.text.words import op_text
from kernelgraph.writer import Source


def softmax() -> Function:
    x = T.dmatrix("x")
    e = T.exp(x - x.max(axis=1, keepdims=True))
    return kg.function([x], e / e.sum(axis=1, keepdims=True), target="python", name="softmax")


def planned(f: Function) -> Source:
    schedule = f.stages.schedule
    return plan_source(schedule, node_keys(schedule.graph.apply_nodes()))


def test_the_plan_in_lines() -> None:
    assert planned(softmax()).text.split("\n") == [
        "0 kernel",
        "    for x_n0",
        "        for x_n1",
        "            max{1}(x[x_n0, x_n1]) over x_n1",
        "        for x_n1",
        "            sub(x[x_n0, x_n1], n0[x_n0])",
        "            exp(n2[x_n0, x_n1])",
        "            sum{1}(n3[x_n0, x_n1]) over x_n1",
        "        for x_n1",
        "            true_div(n3[x_n0, x_n1], n4[x_n0])",
        "    n3 in scratch of a row: another loop reads it at the same x_n0",
        "    n6 in memory of the caller: it is a result",
        "",
    ]


def test_the_plan_knows_the_nodes_of_its_lines() -> None:
    f = softmax()
    source = planned(f)
    texts = source.text.split("\n")
    nodes = [node for step in f.stages.schedule.kernels for node in step.body.nodes()]
    assert [node for (node,) in source.lines.values()] == nodes
    for number, (node,) in source.lines.items():
        assert texts[number - 1].strip().startswith(op_text(node.op))


def test_a_host_step_has_its_node() -> None:
    x = T.dmatrix("x")
    source = planned(kg.function([x], [T.dot(x, x), x[1:]], target="python"))
    assert "host library_dot" in source.text
    assert source.text.startswith("0 host x[1:]")
    assert "subtensor" in str(source.lines[1][0].op)


def test_a_name_stays_on_its_line(hostile: str) -> None:
    x = T.dvector(hostile)
    source = planned(kg.function([x], T.exp(x).sum(), target="python"))
    assert len(source.text.splitlines()) == 5
