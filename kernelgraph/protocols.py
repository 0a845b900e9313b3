"""Arrays of other libraries: taken over by the protocols that can be checked, refused otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError

Array = np.ndarray[Any, Any]


def offers_array(value: Any) -> bool:
    """Whether an object of another library offers an array by one of these protocols."""
    if isinstance(value, memoryview):
        return True
    return any(hasattr(value, name) for name in ("__array__", "__dlpack__", "__array_interface__"))


def foreign_array(value: Any, name: str) -> Array:
    """The array that an object of another library offers: by `__array__`, DLPack or a buffer.

    `__array_interface__` alone is a promise about memory; it is believed only as far as a buffer
    backs it. Raises `DTypeError` (KG-D007) for an offer that fails or cannot be checked.
    """
    try:
        if hasattr(value, "__array__"):
            return np.asarray(value)
        if hasattr(value, "__dlpack__"):
            return np.from_dlpack(value)
        if hasattr(value, "__array_interface__"):
            return _checked(value, value.__array_interface__)
        return np.asarray(value)
    except Exception as error:  # a protocol's method may raise anything
        code = "KG-D002" if "inhomogeneous" in str(error) else "KG-D007"
        kind = type(value).__name__
        raise DTypeError(f"{name}: cannot make an array of {kind}: {error}", code=code) from error


def _checked(value: Any, interface: Mapping[str, Any]) -> Array:
    data = interface.get("data")
    if isinstance(data, tuple):
        raise BufferError("it names an address, and nothing says how much memory is there")
    buffer = memoryview(value if data is None else data)
    offset: int = interface.get("offset", 0)
    return np.ndarray(
        interface["shape"], interface["typestr"], buffer, offset, interface.get("strides")
    )
