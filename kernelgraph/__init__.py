"""kernelgraph: a tensor compiler whose every stage can be seen.

>>> import kernelgraph as kg
>>> import kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> f = kg.function([x], (x * x).sum())
>>> f([1.0, 2.0, 3.0])
array(14.)
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kernelgraph import tensor as tensor
from kernelgraph.arguments import In as In
from kernelgraph.arguments import Out as Out
from kernelgraph.autodiff import grad as grad
from kernelgraph.cloning import clone as clone
from kernelgraph.cloning import graph_replace as graph_replace
from kernelgraph.config import config as config
from kernelgraph.errors import KernelgraphError as KernelgraphError
from kernelgraph.errors import set_error_views
from kernelgraph.example_values import compute_test_values
from kernelgraph.function import function as function
from kernelgraph.graph import Apply as Apply
from kernelgraph.graph import Graph as Graph
from kernelgraph.hooks import (
    later,
    set_display,
    set_functions,
    set_text,
    set_vectorizer,
    set_view,
    watch_nodes,
)
from kernelgraph.interpret import interpret as interpret
from kernelgraph.lint import lint as lint
from kernelgraph.op import Op as Op
from kernelgraph.ops.choice import ifelse as ifelse
from kernelgraph.ops.coded import CodedOp as CodedOp
from kernelgraph.ops.enclosing import OpFromGraph as OpFromGraph
from kernelgraph.ops.loop import scan as scan
from kernelgraph.ops.python import as_op as as_op
from kernelgraph.promotion import note_promotion
from kernelgraph.rewrite.modes import Mode as Mode
from kernelgraph.rewrite.modes import add_mode
from kernelgraph.rewrite.modes import get_mode as get_mode
from kernelgraph.rewrite.notation import formula
from kernelgraph.sharing import shared as shared
from kernelgraph.tensor.jacobians import hessian as hessian
from kernelgraph.tensor.jacobians import hessian_vector_product as hessian_vector_product
from kernelgraph.tensor.jacobians import jacobian as jacobian
from kernelgraph.vectorize import vectorize_graph as vectorize_graph

if TYPE_CHECKING:
    from kernelgraph.jupyter import load_ipython_extension as load_ipython_extension
    from kernelgraph.jupyter import unload_ipython_extension as unload_ipython_extension
    from kernelgraph.jupyter.explorer import explore as explore
    from kernelgraph.rewrite.rule import rule as rule
    from kernelgraph.tensor.debugging import DebugMode as DebugMode
    from kernelgraph.tensor.measurement import measure as measure
    from kernelgraph.tensor.verification import verify as verify
    from kernelgraph.tensor.watching import MonitorMode as MonitorMode
    from kernelgraph.tensor.watching import NanGuardMode as NanGuardMode
    from kernelgraph.viz.display import save as save
    from kernelgraph.viz.display import show as show
    from kernelgraph.viz.explanation import explain as explain
    from kernelgraph.viz.gradients.backprop import backprop as backprop
    from kernelgraph.viz.stepper.view import steps as steps
    from kernelgraph.viz.text.tree import debugprint as debugprint

__version__ = "0.1.0"

jvp, vjp = tensor.jvp, tensor.vjp

_LAZY = {
    "DebugMode": "kernelgraph.tensor.debugging",
    "MonitorMode": "kernelgraph.tensor.watching",
    "NanGuardMode": "kernelgraph.tensor.watching",
    "backprop": "kernelgraph.viz.gradients.backprop",
    "debugprint": "kernelgraph.viz.text.tree",
    "explain": "kernelgraph.viz.explanation",
    "explore": "kernelgraph.jupyter.explorer",
    "load_ipython_extension": "kernelgraph.jupyter",
    "rule": "kernelgraph.rewrite.rule",
    "save": "kernelgraph.viz.display",
    "show": "kernelgraph.viz.display",
    "measure": "kernelgraph.tensor.measurement",
    "steps": "kernelgraph.viz.stepper.view",
    "unload_ipython_extension": "kernelgraph.jupyter",
    "verify": "kernelgraph.tensor.verification",
}
"""Where names are that cost time to import: pictures and notebooks, loaded when first wanted."""


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in ("viz", "jupyter", "array_api", "cuda"):
        return import_module(f"kernelgraph.{name}")
    raise AttributeError(f"module 'kernelgraph' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What people use: Tab after `kg.` offers no internals."""
    own = {name for name, value in globals().items() if isinstance(value, ModuleType)}
    here = {n for n in globals() if not n.startswith(("_", "set_")) and n not in _INTERNAL}
    return sorted(
        {*(here - own), *_LAZY, "tensor", "viz", "jupyter", "array_api", "cuda", "__version__"}
    )


_INTERNAL = {
    "annotations", "import_module", "TYPE_CHECKING", "Any", "ModuleType", "later",
    "compute_test_values", "note_promotion", "watch_nodes", "formula", "add_mode",
}  # fmt: skip


set_display(later("viz.display", "mimebundle"))
set_text(formula)
set_functions(later("tensor.numpy_names", "function_of_numpy"))
set_view("eval", later("function", "evaluate"))
set_view("steps", later("viz.stepper.view", "steps"))
set_view("source", later("viz.kernels.viewer", "view_source"))
set_view("latex", later("viz.stepper.difference", "difference_latex"))
set_view("profile", later("tensor.measurement", "profile_calls"))
set_error_views(
    later("viz.errors.drawing", "operands_text"), later("jupyter.errors", "traceback_lines")
)
set_vectorizer(vectorize_graph)
watch_nodes(compute_test_values)
watch_nodes(note_promotion)
add_mode("DebugMode", later("tensor.debugging", "DebugMode"))
add_mode("NanGuardMode", later("tensor.watching", "NanGuardMode"))
