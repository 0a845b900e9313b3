import json
import re

from kernelgraph.viz.html.live import changes, data, live, packed, script
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.pictures.big_graphs import finder_script

SCRIPTS = (
    "html/live.js",
    "gradients/explorer.js",
    "gradients/backprop.js",
    *(f"pictures/{name}.js" for name in ("zoom", "layers", "inside", "big_graphs", "large")),
    "gradients/static_copy.js",
)


def test_an_element_is_painted_in_its_state() -> None:
    state = {"a": {"text": "<1>", "fill": "red"}}
    assert live("text", "a", {"x": 1}, state) == (
        '<text data-live="a" x="1" fill="red">&lt;1&gt;</text>'
    )
    assert live("text", "b", {}, state) == '<text data-live="b"/>'


def test_only_what_changes_is_told() -> None:
    before = {"a": {"text": "1", "x": "0"}, "b": {"x": "5"}}
    after = {"a": {"text": "1", "x": "2"}, "b": {"x": "5"}, "c": {"y": "1"}}
    assert changes(before, after) == {"a": {"x": "2"}, "c": {"y": "1"}}


def test_packed_states_can_be_read_back() -> None:
    states = [{"a": {"x": str(k // 2), "y": "same"}, "b": {"text": str(k)}} for k in range(5)]
    found = packed(states)
    assert "same" not in found["strings"]
    for state, frame in zip(states, found["frames"], strict=True):
        for (key, name), number in zip(found["varying"], frame, strict=True):
            assert found["strings"][number] == state[key][name]


def test_data_of_users_ends_no_script(hostile: str) -> None:
    block = data({"name": hostile, "end": "</script><script>"})
    inner = re.fullmatch(r'<script type="application/json">([^<>&]*)</script>', block)
    assert inner is not None
    assert json.loads(inner[1])["name"] == hostile


def test_scripts_are_small_and_leave_no_names_behind() -> None:
    view = script(*SCRIPTS, call="")
    assert view.startswith("<script>(() => {")
    for own in (
        ("html/live.js", "gradients/explorer.js"),
        ("html/live.js", "gradients/backprop.js"),
        ("html/live.js", "pictures/zoom.js", "pictures/large.js"),
    ):
        assert len(script(*own, call="")) <= 10_000
    assert len(finder_script()) <= 32_000, "it lays pictures out"
    for name in SCRIPTS:
        text = script_text(name).replace('"http://www.w3.org/2000/svg"', "the name of a language")
        assert "</" not in text, "it would end the script element"
        assert not re.search(r"\bid=|\.id\b|window\.|https?:|innerHTML|eval", text), name
