"""All targets, by name: those that run functions, and those that print them for a reader.

>>> [target_named(name).language for name in TARGETS]
['c', 'python', 'cuda', 'c']

What `interpret` shows is what C would run. A back end is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kernelgraph.target import Target

TARGETS = ("c", "python", "cuda", "interpret")


def target_named(name: str, timed: bool = False) -> Target:
    """A target; kernels of C are `timed` where a profile is wanted. Raises KeyError."""
    back_end: Any = import_module(_MODULES[name])
    match name:
        case "c":
            return back_end.CTarget(timed)
        case "python":
            return back_end.PythonTarget()
        case "cuda":
            return back_end.CudaTarget()
        case _:
            return back_end.InterpretTarget(target_named("c"))


_MODULES = {
    "c": "kernelgraph.c.target",
    "python": "kernelgraph.python.target",
    "cuda": "kernelgraph.cuda.target",
    "interpret": "kernelgraph.interpreted",
}
