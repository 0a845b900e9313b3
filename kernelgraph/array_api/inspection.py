"""What the namespace says of itself: `xp.__array_namespace_info__()`."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from kernelgraph.array_api.array import DEVICE, Array, expect_device
from kernelgraph.array_api.dtypes import DEFAULT_FLOAT, DEFAULT_INTEGER, KINDS, OBJECTS, DType
from kernelgraph.errors import OptionError
from kernelgraph.expect import came, expect_choice
from kernelgraph.types import MOST_DIMENSIONS, listed

VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")
"""Versions of the standard; what one of them has, the next has too."""


def namespace_of(self: Array, /, *, api_version: str | None = None) -> ModuleType:
    """The namespace of an array: this package. Raises `OptionError` for an unknown version."""
    del self
    if api_version is not None:
        expect_choice(api_version, "the version of the standard", VERSIONS)
    return import_module("kernelgraph.array_api")


class NamespaceInfo:
    """Capabilities, dtypes and devices of the namespace."""

    def capabilities(self) -> dict[str, Any]:
        """What arrays can do: masks as indices, and shapes that depend on numbers (they are
        computed when somebody asks for them).
        """
        return {
            "boolean indexing": True,
            "data-dependent shapes": True,
            "max dimensions": MOST_DIMENSIONS,
        }

    def default_device(self) -> str:
        """Where arrays are made."""
        return DEVICE

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """The dtypes of arrays for which none is asked."""
        expect_device(device)
        return {
            "real floating": DEFAULT_FLOAT,
            "complex floating": OBJECTS["complex128"],
            "integral": DEFAULT_INTEGER,
            "indexing": DEFAULT_INTEGER,
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, DType]:
        """The dtypes, of one kind, of several, or all. Raises `OptionError` for unknown kinds."""
        expect_device(device)
        if kind is None:
            return dict(OBJECTS)
        kinds = listed(kind)
        if not all(isinstance(one, str) for one in kinds):
            raise OptionError(f"a kind of dtypes is a name or a tuple of names, not {came(kind)}")
        chosen = [KINDS[expect_choice(one, "a kind of dtypes", KINDS)] for one in kinds]
        return {name: OBJECTS[name] for names in chosen for name in names}

    def devices(self) -> list[str]:
        """All devices."""
        return [DEVICE]
