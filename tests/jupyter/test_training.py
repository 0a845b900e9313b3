"""The live view of a training loop, without a notebook."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest

from kernelgraph.errors import ArgumentError
from kernelgraph.jupyter import train, training


class Recorder:
    """A view that remembers what it was asked to show."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.ended: list[str] = []
        self.running = False

    def begin(self) -> None:
        self.running = True

    def draw(self, bundle: Mapping[str, str]) -> None:
        assert self.running
        self.drawn.append(bundle["text/plain"])

    def end(self, bundle: Mapping[str, str]) -> None:
        assert self.running
        self.running = False
        self.ended.append(bundle["text/plain"])


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(training, "view_here", lambda: recorder)
    return recorder


def test_the_loop_sees_every_item_in_order(recorder: Recorder) -> None:
    batches = [("x", 0), ("y", 1)]
    assert list(train(batches)) == batches
    assert list(train(iter("abc"))) == ["a", "b", "c"]


def test_reported_values_are_kept_by_name(recorder: Recorder) -> None:
    watched = train(range(3))
    for step in watched:
        watched.report(loss=step, accuracy=np.float32(0.5))
        if step == 2:
            watched.report(validation=np.array([[7]]))

    assert watched.values == {
        "loss": [0.0, 1.0, 2.0],
        "accuracy": [0.5] * 3,
        "validation": [7.0],
    }
    assert "3 steps" in repr(watched)


def test_the_last_picture_shows_every_value(recorder: Recorder) -> None:
    watched = train(range(50), title="fit", every=1000.0)
    for step in watched:
        watched.report(loss=50 - step)

    assert len(recorder.drawn) == 1, "at the first step, and then not for a long time"
    (ended,) = recorder.ended
    assert ended.startswith("fit: 50 steps\n")
    assert ended.endswith("50 → 1")


def test_pictures_come_at_most_so_often(recorder: Recorder) -> None:
    watched = train(range(1000), every=0.02)
    begun = time.monotonic()
    for _ in watched:
        watched.report(loss=1)
        time.sleep(0.0002)
    elapsed = time.monotonic() - begun

    assert 2 <= len(recorder.drawn) <= 2 + elapsed / 0.02


def test_a_slow_picture_is_drawn_less_often(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(training.time, "monotonic", lambda: clock.now)

    def draw(bundle: Mapping[str, str]) -> None:
        recorder.drawn.append(bundle["text/plain"])
        clock.now += 1.0

    monkeypatch.setattr(recorder, "draw", draw)
    for _ in train(range(1000), every=0.0):
        clock.now += 0.1

    assert sum(1.0 for _ in recorder.drawn) <= 0.12 * clock.now


def test_a_loop_that_is_left_early_keeps_its_curve(recorder: Recorder) -> None:
    watched = train(range(100), title="fit")
    for step in watched:
        watched.report(loss=1.0)
        if step == 56:
            break

    assert recorder.ended == [repr(watched)]
    assert repr(watched).startswith("fit: 57 of 100 steps\n")


def test_an_interrupted_loop_keeps_its_curve(recorder: Recorder) -> None:
    watched = train(range(100), title="fit")

    def loop() -> None:
        for step in watched:
            if step == 7:
                raise KeyboardInterrupt
            watched.report(loss=1.0)

    with pytest.raises(KeyboardInterrupt):
        loop()

    assert recorder.ended == [repr(watched)]
    assert repr(watched).startswith("fit: 7 of 100 steps\n")
    assert watched.values == {"loss": [1.0] * 7}


def test_a_second_loop_starts_anew(recorder: Recorder) -> None:
    watched = train(range(3))
    for _ in watched:
        watched.report(loss=1.0)
    for _ in watched:
        watched.report(loss=2.0)

    assert watched.values == {"loss": [2.0] * 3}


@pytest.mark.parametrize("value", [[1.0, 2.0], "0.5", None, 1j, np.ones((2, 1)), object()])
def test_what_is_no_number_is_refused_and_leaves_the_curves_alone(value: object) -> None:
    watched = train(range(3))
    with pytest.raises(ArgumentError, match="loss: a curve needs one number for each step"):
        watched.report(accuracy=1.0, loss=value)
    assert watched.values == {}


def test_what_cannot_be_looped_over_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"cannot loop over 200(.|\n)*train\(range\(200\)\)"):
        train(200)  # pyright: ignore[reportArgumentType]


def test_the_picture_is_the_same_bytes_for_the_same_values(recorder: Recorder) -> None:
    def bundle() -> dict[str, str]:
        watched = train(range(20), title="fit")
        for step in watched:
            watched.report(loss=1 / (step + 1))
        return watched._repr_mimebundle_()

    first = bundle()
    assert first == bundle()
    assert set(first) == {"text/plain", "text/html"}
    assert 'data-kg="curves"' in first["text/html"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_lines_that_are_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    watched = train(range(3), title="fit", every=0.0)
    for _ in watched:
        watched.report(loss=1.0)

    states = terminal.getvalue().split("\x1b[J")
    assert states[0].startswith("fit: 0 of 3 steps\n")
    assert states[-1] == f"{watched}\n"
    assert all(state.rstrip().endswith(("F", "1 → 1", "steps")) for state in states)


def test_a_log_file_gets_the_last_state_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = train(range(3), title="fit", every=0.0)
    for _ in watched:
        watched.report(loss=1.0)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"{watched}\n"


def test_without_a_place_to_write_to_the_loop_runs_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert list(train(range(3))) == [0, 1, 2]
