"""Markup whose texts and attributes can be changed later, and the scripts that change them.

An element made by `live` carries a key; a `PageState` says for each key what stands there and
which attributes it has. The same state paints a picture here and updates it in a page, so that a
picture that has been moved about is, to the letter, the picture of where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kernelgraph.viz.html.markup import Attributes, Markup, html, svg
from kernelgraph.viz.html.scripts import script_text

TEXT = "text"
"""The name under which a state keeps what stands in an element."""

Part = Mapping[str, str]
PageState = dict[str, dict[str, str]]
"""For each key, attributes of its element and, under `TEXT`, what stands in it. It holds numbers
and words of ours alone: no text of a user ever gets into a page this way.
"""


def live(tag: str, key: str, fixed: Attributes, state: Mapping[str, Part]) -> Markup:
    """An SVG element as `state` has it, which a script can find by its key."""
    part = state.get(key, {})
    changing = {name: value for name, value in part.items() if name != TEXT}
    text = (part[TEXT],) if TEXT in part else ()
    return svg(tag, {"data-live": key, **fixed, **changing}, *text)


def live_group(key: str, fixed: Attributes, state: Mapping[str, Part], *children: Markup) -> Markup:
    """An SVG group whose attributes are as `state` has them."""
    return svg("g", {"data-live": key, **fixed, **state.get(key, {})}, *children)


def changes(before: PageState, after: PageState) -> PageState:
    """What of `after` is not so in `before`: all that a page has to be told.

    >>> changes({"a": {"text": "1", "x": "0"}}, {"a": {"text": "2", "x": "0"}})
    {'a': {'text': '2'}}
    """
    found: PageState = {}
    for key, part in after.items():
        old = before.get(key, {})
        new = {name: value for name, value in part.items() if old.get(name) != value}
        if new:
            found[key] = new
    return found


def packed(states: Sequence[PageState]) -> dict[str, Any]:
    """States with every text written once, for a page that goes from one to another.

    Each frame has, in the order of `varying` (key and attribute), numbers of `strings`.

    >>> packed([{"a": {"x": "1", "y": "5"}}, {"a": {"x": "2", "y": "5"}}])
    {'varying': [('a', 'x')], 'strings': ['1', '2'], 'frames': [[0], [1]]}
    """
    varying = [
        (key, name)
        for key, part in states[0].items()
        for name in part
        if len({state[key][name] for state in states}) > 1
    ]
    strings: dict[str, int] = {}
    rows = [
        [strings.setdefault(state[key][name], len(strings)) for key, name in varying]
        for state in states
    ]
    return {"varying": varying, "strings": list(strings), "frames": rows}


def script(*names: str, call: str) -> Markup:
    """A script element: the named files in a scope of their own, then `call`.

    It leaves no name behind, and what it works on is the element that it stands in.
    """
    body = "\n".join([*map(script_text, names), call])
    return html("script", None, Markup(f"(() => {{\n{body}\n}})()"))


def data(value: Any) -> Markup:
    """A script element that only holds data, as JSON in which no markup can begin or end."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return html("script", {"type": "application/json"}, Markup(text))
