from pathlib import Path
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.jupyter import explorer
from kernelgraph.jupyter.explorer import WIDGET, Exploration

traitlets = pytest.importorskip("traitlets")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is published as if this were a notebook's kernel."""
    import IPython
    import IPython.display

    found: list[dict[str, Any]] = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: found.append(bundle))
    shell = type("Shell", (), {"kernel": object()})
    monkeypatch.setattr(IPython, "get_ipython", shell)
    return found


def neuron(**options: Any) -> Exploration:
    x, w = T.dscalars("x", "w")
    return kg.explore(T.tanh(w * x), x=(-3, 3), at={"x": 0.5, "w": 2.0}, **options)


def test_recorded_frames_are_one_output(published: list[dict[str, Any]]) -> None:
    neuron(frames=5)._ipython_display_()
    (bundle,) = published
    assert set(bundle) == {"text/html", "text/plain"}
    assert '"frames":{"i1":[[' in bundle["text/html"]


def test_a_live_view_is_a_folded_copy_and_a_widget(published: list[dict[str, Any]]) -> None:
    pytest.importorskip("anywidget")
    shown = neuron()
    shown._ipython_display_()
    copy, live = published
    assert set(copy) == {"text/html", "text/plain"}
    assert "<summary>static copy</summary>" in copy["text/html"]
    assert set(live) == {WIDGET, "text/plain"}
    assert live["text/plain"] == "(the live view needs a running kernel; see the static copy above)"


def test_the_kernel_answers_with_what_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    from kernelgraph.jupyter.explorer_widget import LiveExplorer

    live = LiveExplorer(neuron().explorer)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(live, "send", sent.append)
    live.answer(live, {"changes": [["i1", 0, 40]]}, [])
    live.answer(live, {"changes": [["i1", 0, 40]]}, [])
    first, second = (message["state"] for message in sent)
    assert first["i1.data"] == {"text": "1"}
    assert first["n1.data"] == {"text": "0.964"}
    assert "i0.data" not in first, "w has not moved"
    assert second == {}


def test_without_anywidget_it_is_recorded_and_says_how_to_install(
    monkeypatch: pytest.MonkeyPatch, published: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(explorer.importlib.util, "find_spec", lambda name: None)
    shown = neuron()
    shown._ipython_display_()
    (bundle,) = published
    assert "pip install" in bundle["text/html"]
    assert len(shown.explorer.sliders[0].places) == 21


def test_in_a_terminal_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    shown = neuron()
    shown._ipython_display_()
    assert capsys.readouterr().out == f"{shown!r}\n"
    assert "autodiff" in repr(shown)


def test_names_that_are_no_keywords_have_a_place() -> None:
    x, seed = T.dscalar("my x"), T.dscalar("seed")
    shown = kg.explore(x * seed, ranges={"my x": (0, 1), seed: (2, 4)}, seed=3)
    assert [len(each.places) for each in shown.explorer.sliders] == [61, 61]


def test_one_frame_is_too_few() -> None:
    with pytest.raises(ArgumentError, match="frames must be at least 2"):
        neuron(frames=1)


def test_a_saved_view_is_one_file(tmp_path: Path) -> None:
    file = tmp_path / "neuron.html"
    neuron(frames=5).save(file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert '"frames":{"i1":[[' in text
    assert "http:" not in text.replace("http://www.w3.org/2000/svg", "")
    with pytest.raises(ValueError, match="must end in"):
        neuron(frames=5).save(tmp_path / "neuron.png")
