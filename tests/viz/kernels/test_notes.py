import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.viz.kernels.languages import Languages
from kernelgraph.viz.kernels.notes import notes


def told(f: Function) -> dict[str, str]:
    return dict(notes(Languages(f.stages)))


def test_a_loop_in_plain_words() -> None:
    x, w = T.dvector("x"), T.dvector("w")
    text = told(kg.function([x, w], T.exp(x * w) + 1, target="python"))["kernel_0"]
    assert "This loop over x_n0 computes 3 nodes in one pass: mul, exp, add." in text
    assert "It reads x [x_n0], w [x_n0] and writes" in text
    assert "Memory traffic: 24·x_n0 bytes." in text
    # 3 arrays for mul, 2 for exp, 2 and the number 1 (an int8) for add
    assert "Node by node, as NumPy does it: 56·x_n0 + 1 bytes." in text


def test_known_sizes_are_multiplied() -> None:
    x = T.tensor("float32", (10, 20), "x")
    text = told(kg.function([x], x * 2, target="python"))["kernel_0"]
    assert "Memory traffic: 1,600 bytes." in text


def test_several_loops() -> None:
    x = T.dvector("x")
    text = told(kg.function([x], x / x.sum(), target="python"))["kernel_0"]
    assert "A kernel of 2 loops, over x_n0 and then x_n0, computes 2 nodes" in text
    assert "Memory traffic: 24·x_n0 bytes." in text  # read twice, written once


def test_numbers_are_written_too() -> None:
    x = T.dvector("x")
    text = told(kg.function([x], x.sum(), target="python"))["kernel_0"]
    assert "writes the number " in text


def test_what_the_host_runs() -> None:
    x = T.dmatrix("x")
    found = told(kg.function([x], T.dot(x, x), target="python"))
    assert found["n0"].startswith("The host runs library_dot")
    assert "a call of a library" in found["n0"]
    scanned, _ = kg.scan(lambda s: s * 2, outputs_info=x, n_steps=3)
    texts = told(kg.function([x], scanned[1:], target="python")).values()
    assert any("a loop of the host" in text for text in texts)
    assert any("without copying" in text for text in texts)


def test_long_lists_are_cut() -> None:
    several = [T.dvector(f"x{k}") for k in range(12)]
    total = several[0]
    for x in several[1:]:
        total = total + x
    text = told(kg.function(several, total, target="python"))["kernel_0"]
    assert "x7 [x0_n0] and 4 more" in text
