"""All targets, by name: those that run functions, and those that print them for a reader.

>>> [target_named(name).language for name in TARGETS]
['c', 'python', 'cuda', 'cuda', 'cuda', 'c']

What `interpret` shows is what C would run. A back end is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kernelgraph.target import Target

_BACK_ENDS = {
    "c": ("c.target", "CTarget"),
    "python": ("python.target", "PythonTarget"),
    "cuda": ("cuda.target", "CudaTarget"),
    "cuda-sim": ("cuda.target", "SimulatedTarget"),
    "cuda-check": ("cuda.target", "SimulatedTarget"),
    "interpret": ("interpreted", "InterpretTarget"),
}
TARGETS = tuple(_BACK_ENDS)


def target_named(name: str, timed: bool = False) -> Target:
    """A target; kernels of C are `timed` where a profile is wanted. Raises KeyError."""
    module, kind = _BACK_ENDS[name]
    back_end: Any = getattr(import_module(f"kernelgraph.{module}"), kind)
    match name:
        case "c":
            return back_end(timed)
        case "cuda-check":
            return back_end("check")
        case "interpret":
            return back_end(target_named("c"))
        case _:
            return back_end()
