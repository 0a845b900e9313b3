"""`pydotprint`: a pydot object, and files of four formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.theano.pydot_print import Style, pydotprint, pydotprint_variables, to_pydot

MAGIC = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "dot": b"digraph"}


def example() -> Any:
    x, w = T.dvector("x"), kg.shared(2.0, name="w")
    return kg.function([x], T.exp(x * w) + 1)


@pytest.mark.parametrize("format", MAGIC)
def test_files(format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"graph.{format}"
    pydotprint(example(), outfile=str(path))
    assert path.read_bytes().lstrip().startswith(MAGIC[format])
    assert capsys.readouterr().out == f"The output file is available at {path}\n"


def test_an_image_instead_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    image = pydotprint(example(), format="svg", return_image=True)
    assert image._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    assert list(tmp_path.iterdir()) == []


def labels(drawing: Any) -> set[str]:
    return {node.get("label").strip('"') for node in drawing.get_nodes()}


def test_the_boxes() -> None:
    found = labels(to_pydot(example()))
    assert "x TensorType(float64, vector)" in found
    assert "Elemwise{exp,no_inplace}" in found
    assert "w TensorType(float64, scalar)" in found


def test_names_alone_and_numbers() -> None:
    found = labels(to_pydot(example(), Style(var_with_name_simple=True, with_ids=True)))
    assert {"x", "w"} <= found
    assert any(label.endswith("id=0") for label in found)


def test_every_variable_has_a_box_unless_compact() -> None:
    assert len(to_pydot(example(), Style(compact=False)).get_nodes()) > len(
        to_pydot(example()).get_nodes()
    )


def test_long_labels_are_cut() -> None:
    x = T.dvector("x" * 500)
    assert max(map(len, labels(to_pydot(x + 1, Style(max_label_size=30))))) <= 30


@pytest.mark.parametrize("name", ['a"];b', "<b>", "{x}", "a\\", "é\n"])
def test_hostile_names(name: str, tmp_path: Path) -> None:
    pydotprint_variables(T.dvector(name) + 1, outfile=str(tmp_path / "graph.png"))
    assert (tmp_path / "graph.png").read_bytes().startswith(MAGIC["png"])


def test_another_format(tmp_path: Path) -> None:
    with pytest.raises(KernelgraphError, match="not 'bmp'"):
        pydotprint(example(), outfile=str(tmp_path / "x"), format="bmp")


def test_an_image_is_the_bytes_of_its_file() -> None:
    image = pydotprint(example(), format="png", return_image=True)
    assert isinstance(image, bytes)
    assert image.startswith(MAGIC["png"])


def fills(drawing: Any) -> dict[str, str]:
    return {node.get("label").strip('"'): node.get("fillcolor") for node in drawing.get_nodes()}


def test_ops_have_theanos_colours_or_the_callers() -> None:
    x = T.dvector("x")
    plain = fills(to_pydot(T.exp(x[1:]).sum()))
    assert plain["Elemwise{exp,no_inplace}"] == "pink"
    assert plain["Subtensor{int64::}"] == "mediumpurple"
    own = fills(to_pydot(T.exp(x[1:]).sum(), Style(colors={"Elemwise": "red", "Sum": "blue"})))
    assert own["Elemwise{exp,no_inplace}"] == "red"
    assert own["Sum{acc_dtype=float64}"] == "blue"


def test_without_high_contrast_only_borders_are_coloured() -> None:
    assert set(fills(to_pydot(example(), Style(high_contrast=False))).values()) == {None}


def test_what_loops_and_branches_hold_has_files_of_its_own(tmp_path: Path) -> None:
    x = T.dvector("x")
    states, _ = kg.scan(T.tanh, outputs_info=x, n_steps=5)
    chosen = kg.ifelse(x.sum() > 0, T.exp(states), T.log(states))
    path = tmp_path / "graph.dot"
    pydotprint_variables(chosen, outfile=str(path), scan_graphs=True, cond_highlight=True)
    files = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert len(files) == 4
    assert any("tanh" in text and "scan" in name for name, text in files.items())
    assert any("exp" in text and "ifelse" in name for name, text in files.items())
    pydotprint_variables(chosen, outfile=str(tmp_path / "alone.dot"))
    assert len(list(tmp_path.iterdir())) == 5
