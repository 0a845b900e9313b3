"""`pydotprint`: a pydot object, and files of four formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.viz.pydot_print import pydotprint, pydotprint_variables, to_pydot

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
    found = labels(to_pydot(example(), var_with_name_simple=True, with_ids=True))
    assert {"x", "w"} <= found
    assert any(label.endswith("id=0") for label in found)


def test_every_variable_has_a_box_unless_compact() -> None:
    assert len(to_pydot(example(), compact=False).get_nodes()) > len(
        to_pydot(example()).get_nodes()
    )


def test_long_labels_are_cut() -> None:
    x = T.dvector("x" * 500)
    assert max(map(len, labels(to_pydot(x + 1, max_label_size=30)))) <= 30


@pytest.mark.parametrize("name", ['a"];b', "<b>", "{x}", "a\\", "é\n"])
def test_hostile_names(name: str, tmp_path: Path) -> None:
    pydotprint_variables(T.dvector(name) + 1, outfile=str(tmp_path / "graph.png"))
    assert (tmp_path / "graph.png").read_bytes().startswith(MAGIC["png"])


def test_another_format(tmp_path: Path) -> None:
    with pytest.raises(KernelgraphError, match="not 'bmp'"):
        pydotprint(example(), outfile=str(tmp_path / "x"), format="bmp")
