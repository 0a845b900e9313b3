"""The names people type: `import kernelgraph.tensor as T`. Everything here is defined elsewhere.

A module of `ops` has what is public of it in `__all__`; of an elementwise op, its block says so.
"""

# To import a name is all that this module does; `__all__` has what was imported.
# pyright: reportUnusedImport=false, reportUnsupportedDunderAll=false

from kernelgraph.autodiff import grad
from kernelgraph.cloning import clone, graph_replace
from kernelgraph.ops import operators as _operators
from kernelgraph.ops.alike import *
from kernelgraph.ops.arithmetic import *
from kernelgraph.ops.arithmetic import abs_ as abs
from kernelgraph.ops.averages import *
from kernelgraph.ops.axes import *
from kernelgraph.ops.bessel import *
from kernelgraph.ops.bits import *
from kernelgraph.ops.blocks import *
from kernelgraph.ops.broadcasting import *
from kernelgraph.ops.calculus import *
from kernelgraph.ops.choice import *
from kernelgraph.ops.complexes import *
from kernelgraph.ops.complexes import complex_ as complex
from kernelgraph.ops.composed import *
from kernelgraph.ops.composed import divmod_ as divmod
from kernelgraph.ops.conditions import *
from kernelgraph.ops.coordinates import *
from kernelgraph.ops.counting import *
from kernelgraph.ops.creation import *
from kernelgraph.ops.cumulative import *
from kernelgraph.ops.einsum import *
from kernelgraph.ops.enclosing import *
from kernelgraph.ops.error_function import *
from kernelgraph.ops.float_parts import *
from kernelgraph.ops.functions import *
from kernelgraph.ops.gamma_function import *
from kernelgraph.ops.grids import *
from kernelgraph.ops.incomplete_gamma import *
from kernelgraph.ops.inverse_error_function import *
from kernelgraph.ops.joining import *
from kernelgraph.ops.limits import *
from kernelgraph.ops.logic import *
from kernelgraph.ops.loop import *
from kernelgraph.ops.masks import *
from kernelgraph.ops.moments import *
from kernelgraph.ops.nan_functions import *
from kernelgraph.ops.no_gradient import *
from kernelgraph.ops.norms import *
from kernelgraph.ops.passing import *
from kernelgraph.ops.patterns import *
from kernelgraph.ops.polar import *
from kernelgraph.ops.positions import *
from kernelgraph.ops.powers import pow_ as pow
from kernelgraph.ops.products import *
from kernelgraph.ops.python import *
from kernelgraph.ops.quantiles import *
from kernelgraph.ops.queries import *
from kernelgraph.ops.rearranging import *
from kernelgraph.ops.reductions import *
from kernelgraph.ops.reductions import all_ as all
from kernelgraph.ops.reductions import any_ as any
from kernelgraph.ops.reductions import max_ as max
from kernelgraph.ops.reductions import min_ as min
from kernelgraph.ops.reductions import sum_ as sum
from kernelgraph.ops.rounding import *
from kernelgraph.ops.rounding import round_ as round
from kernelgraph.ops.second_names import *
from kernelgraph.ops.selection import *
from kernelgraph.ops.sequences import *
from kernelgraph.ops.sets import *
from kernelgraph.ops.sorting import *
from kernelgraph.ops.sources import *
from kernelgraph.ops.special_values import *
from kernelgraph.ops.splitting import *
from kernelgraph.ops.stacking import *
from kernelgraph.ops.strided import *
from kernelgraph.ops.tapers import *
from kernelgraph.ops.tensor_products import *
from kernelgraph.ops.triangles import *
from kernelgraph.ops.trigonometry import *
from kernelgraph.ops.updates import *
from kernelgraph.ops.views import *
from kernelgraph.tensor import linalg, nlinalg, nnet, slinalg
from kernelgraph.tensor.constructors import *
from kernelgraph.tensor.gradients import left_product as Lop
from kernelgraph.tensor.gradients import left_product as vjp
from kernelgraph.tensor.gradients import right_product as Rop
from kernelgraph.tensor.gradients import right_product as jvp
from kernelgraph.tensor.gradients import subgraph_grad, verify_grad
from kernelgraph.tensor.jacobians import *
from kernelgraph.tensor.nnet import log_softmax, logsumexp, softmax
from kernelgraph.types import ObjectType, SparseType, TensorType
from kernelgraph.vectorize import vectorize_graph

del _operators

_MODULES = ("constructors", "gradients", "jacobians")
__all__ = [name for name in sorted(globals()) if not name.startswith("_") and name not in _MODULES]
