import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.loops.lower import lower
from kernelgraph.loops.printer import Source
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.plan_text import loops_source, plan_source
from kernelgraph.viz.text.words import op_text


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
    assert source.text.startswith("0 host subtensor{::}(x, 1, left out, 1)")
    assert "subtensor" in str(source.lines[1][0].op)


def test_a_name_stays_on_its_line(hostile: str) -> None:
    x = T.dvector(hostile)
    source = planned(kg.function([x], T.exp(x).sum(), target="python"))
    assert len(source.text.splitlines()) == 4


def test_loops_in_words() -> None:
    text = loops_source(lower(softmax().stages.schedule)).text
    lines = [line.strip() for line in text.split("\n")]
    assert lines[0] == "kernel kernel_0"
    assert lines[1] == "reads   x: float64[x_n0, x_n1]"
    assert "for i below x_n0" in lines
    assert any(line.startswith("sum_total ← sum_total + ") for line in lines)
    assert "host of softmax" in lines
    assert "run kernel_0" in lines


def test_loops_of_choices_and_repetitions() -> None:
    x, n = T.dvector("x"), T.iscalar("n")
    states, _ = kg.scan(lambda s: T.tanh(s) + x[0], outputs_info=x, n_steps=n)
    chosen = kg.ifelse(x.sum() > 0, x[1:], x[::2])
    picked = x[T.constant([1, 0])]
    f = kg.function([x, n], [states, chosen, picked, x.reshape((2, -1))], target="python")
    source = loops_source(lower(f.stages.schedule))
    lines = [line.strip() for line in source.text.split("\n")]
    for words in ("repeat step below ", "if ", "else", "check ", "new memory for "):
        assert any(line.startswith(words) for line in lines), words
    for words in (" is a part of ", " is the number in slot ", ", within "):
        assert any(words in line for line in lines), words


def test_every_node_of_a_kernel_has_a_line() -> None:
    program = lower(softmax().stages.schedule)
    source = loops_source(program)
    computed = {node for nodes in source.lines.values() for node in nodes}
    assert computed == {node for kernel in program.kernels for node in kernel.nodes}
