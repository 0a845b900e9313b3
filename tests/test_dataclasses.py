"""Our dataclasses beside those of the standard library: whatever fields a class has, objects are
made, shown, compared and refused alike.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from dataclasses import field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.dataclasses import dataclass
from tests.support import cases

NAMES = ("self", "name", "given", "made", "x")


@st.composite
def declarations(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """Names and what `field` is told of each; those without a default come first."""
    flags = st.fixed_dictionaries(
        {}, optional={"repr": st.booleans(), "compare": st.booleans(), "kw_only": st.booleans()}
    )
    values = st.sampled_from([{"default": 7}, {"default": "s"}, {"default_factory": list}])
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    needed = draw(st.integers(0, len(names)))
    return [
        (name, draw(flags) | (draw(values) if k >= needed else {})) for k, name in enumerate(names)
    ]


def both(listed: list[tuple[str, dict[str, Any]]], options: dict[str, bool]) -> list[Any]:
    """The class with these fields, by each of the two decorators."""
    made: list[Any] = []
    for decorate in (dataclass, dataclasses.dataclass):
        body: dict[str, Any] = {name: field(**told) for name, told in listed}
        body["__annotations__"] = {name: "int" for name, _ in listed}
        body["__doc__"] = "Some fields."
        made.append(decorate(**options)(type("C", (), body)))
    return made


def outcome(act: Any, *arguments: Any, **by_name: Any) -> Any:
    """What a call gives, or the error that it raises."""
    try:
        found = act(*arguments, **by_name)
    except (TypeError, AttributeError) as error:
        return type(error), str(error)
    return vars(found) if dataclasses.is_dataclass(found) else found


@cases(150, 5000)
@given(
    declarations(),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("frozen", "eq", "repr"), st.booleans())),
    st.lists(st.integers(0, 3), max_size=4),
    st.dictionaries(st.sampled_from((*NAMES, "unknown")), st.integers(0, 3), max_size=3),
)
def test_classes_are_those_of_the_standard_library(
    listed: list[tuple[str, dict[str, Any]]],
    options: dict[str, bool],
    values: list[int],
    by_name: dict[str, int],
) -> None:
    ours, theirs = both(listed, options)
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    made = outcome(ours, *values, **by_name)
    assert made == outcome(theirs, *values, **by_name)
    if isinstance(made, dict):
        a, b = ours(*values, **by_name), theirs(*values, **by_name)
        assert repr(a) == repr(b) or options.get("repr") is False
        same(a, b, ours(*values, **by_name), theirs(*values, **by_name))
        for name in (*made, "other"):
            assert outcome(setattr, a, name, 0) == outcome(setattr, b, name, 0)
            assert vars(a) == vars(b)


def same(a: Any, b: Any, other_a: Any, other_b: Any) -> None:
    """Comparing, copying and replacing the first has the results that it has for the second."""
    assert (a == other_a) == (b == other_b)
    assert (a == copy.copy(a)) == (b == copy.copy(b))
    assert a != b
    if outcome(hash, b) == outcome(hash, other_b):
        assert outcome(hash, a) == outcome(hash, other_a)
    for one in fields(a):
        assert vars(replace(a, **{one.name: 9})) == vars(replace(b, **{one.name: 9}))
        assert (a == replace(a, **{one.name: 9})) == (b == replace(b, **{one.name: 9}))


def test_methods_of_the_class_stay() -> None:
    @dataclass(frozen=True)
    class Length:
        """Feet; all are the same."""

        feet: int

        def __repr__(self) -> str:
            return f"{self.feet} ft"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Length)

        def __hash__(self) -> int:
            return 1

    assert repr(Length(3)) == "3 ft"
    assert {Length(3), Length(4)} == {Length(5)}


def test_fields_are_inherited_and_checked_behind_all_others() -> None:
    seen: list[int] = []

    @dataclass
    class Base:
        """One field."""

        x: int

        def __post_init__(self) -> None:
            seen.append(self.x)

    @dataclass
    class Derived(Base):
        """Two fields."""

        y: int = 2

    assert Derived(1) == Derived(1, 2) != Base(1)
    assert seen == [1, 1, 1]
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'x'"):
        Derived(y=1)  # pyright: ignore[reportCallIssue]


def test_what_holds_itself_is_shown() -> None:
    @dataclass
    class Box:
        """Holds something."""

        content: Any

    box = Box([])
    box.content.append(box)
    assert repr(box).endswith("Box(content=[...])")


def test_fields_keep_their_order_whatever_was_given_first() -> None:
    @dataclass
    class Three:
        """Walks over a program go through fields in this order."""

        x: int
        y: int = 2
        z: list[int] = field(default_factory=list[int])

    for made in (Three(1), Three(z=[], x=1), Three(1, z=[]), Three(y=1, x=2)):
        assert [*vars(made)] == ["x", "y", "z"]
