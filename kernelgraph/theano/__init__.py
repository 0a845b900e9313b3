"""The alias: after `kernelgraph.theano.install()`, programs written for Theano import kernelgraph.

A table says which of our names stands behind each of Theano's. The modules below, imported when
they are asked for, have what is for Theano's programs only: its texts, its rules as tuples, its
databases of rules. Nothing of ours imports this package.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from kernelgraph.arguments import set_input_form
from kernelgraph.calling_convention import set_wording
from kernelgraph.errors import KernelgraphError
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.hooks import later, set_text, set_truth
from kernelgraph.ops.arithmetic import eq, ge, gt, le, lt, neq
from kernelgraph.rewrite.notation import formula
from kernelgraph.theano.flags import apply_flags

COMPARISONS = (eq, ge, gt, le, lt, neq)
"""What has no truth value in Theano either."""

OPT = "PatternSub=pattern_sub OpSub=op_sub OpRemove=op_remove local_optimizer=node_rewriter"
GRAPH = "Apply Variable Constant SharedVariable"
MODES = "Mode get_mode get_default_mode register_mode"
COMMON = {
    "kernelgraph": "Apply Op clone",
    "kernelgraph.graph": "Variable SharedVariable",
    "kernelgraph.tensor": "TensorType as_tensor_variable cast DisconnectedType",
    "kernelgraph.theano.calls": "function shared",
    "kernelgraph.theano.flags": "config=flags",
}
"""What most of Theano's modules have imported, and programs import from there."""

TENSOR = {
    "kernelgraph.theano.calls": "grad Flatten=flatten_op",
    "kernelgraph.theano.op_classes": "Unique=unique_op CumOp=running_op DiffOp=diff_op "
    "SearchsortedOp=searchsorted_op SortOp=sort_op ArgSortOp=argsort_op TopKOp=topk_op",
    "kernelgraph.tensor": "* abs_=abs floor_div=int_div sgn=sign",
    "kernelgraph.graph": "TensorVariable=Variable TensorConstant=Constant",
    "kernelgraph.elementwise": "Elemwise=Elementwise",
    "kernelgraph.theano.text": "pprint",
    "kernelgraph.theano.shapes": "Flatten Rebroadcast get_vector_length",
}
"""`theano.tensor`, and its modules that it takes everything from."""

GRADIENTS = (
    "Lop Rop jacobian hessian hessian_vector_product subgraph_grad verify_grad consider_constant "
    "disconnected_grad zero_grad undefined_grad grad_clip grad_scale grad_undefined "
    "grad_not_implemented DisconnectedType NullType"
)

ALIASES: dict[str, dict[str, str]] = {
    "theano": {
        "kernelgraph": "OpFromGraph Out clone scan Op Apply",
        "kernelgraph.theano.modes": "Mode",
        "kernelgraph.theano.flags": "config=flags",
        "kernelgraph.theano.calls": "function grad shared In _asarray=as_array sparse_grad",
        "kernelgraph.theano.loops": "map reduce foldl foldr scan_checkpoints",
        "kernelgraph.theano.fgraph": "FunctionGraph",
        "kernelgraph.graph": "Variable Constant SharedVariable",
        "kernelgraph.types": "Type",
        "kernelgraph.tensor": "Lop Rop dot jacobian hessian subgraph_grad verify_grad "
        "get_scalar_constant_value",
        "kernelgraph.theano.text": "pp pprint",
    },
    "theano.tensor": TENSOR,
    "theano.tensor.basic": TENSOR,
    "theano.tensor.extra_ops": TENSOR,
    "theano.tensor.subtensor": TENSOR,
    "theano.tensor.sort": TENSOR,
    "theano.tensor.var": TENSOR,
    "theano.tensor.type": {"kernelgraph.tensor": "TensorType"},
    "theano.tensor.sharedvar": {"kernelgraph.graph": "TensorSharedVariable=SharedVariable"},
    "theano.tensor.elemwise": {
        "kernelgraph.elementwise": "Elemwise=Elementwise DimShuffle",
        "kernelgraph.op": "CAReduce=Reduction",
        "kernelgraph.ops.reductions": "Sum",
    },
    "theano.tensor.opt": {
        "kernelgraph.theano.modes": "register_canonicalize register_specialize register_stabilize",
        "kernelgraph.theano.tuples": OPT,
    },
    "theano.tensor.nnet": {"kernelgraph.tensor.nnet": "* logsoftmax=log_softmax"},
    "theano.tensor.nnet.nnet": {"kernelgraph.tensor.nnet": "* logsoftmax=log_softmax"},
    "theano.tensor.nlinalg": {**COMMON, "kernelgraph.tensor.nlinalg": "*"},
    "theano.tensor.slinalg": {**COMMON, "kernelgraph.tensor.slinalg": "*"},
    "theano.tensor.fft": COMMON,
    "theano.tensor.shared_randomstreams": {
        **COMMON,
        "kernelgraph.theano.calls": "function shared shared_constructor",
        "kernelgraph.tensor.shared_randomstreams": "RandomStreams",
    },
    "theano.sandbox": {},
    "theano.sandbox.rng_mrg": {**COMMON, "kernelgraph.tensor.rng_mrg": "MRG_RandomStreams"},
    "theano.scalar": {"kernelgraph.tensor": "*", "kernelgraph.dtypes": "upcast"},
    "theano.scalar.basic": {"kernelgraph.tensor": "*", "kernelgraph.dtypes": "upcast"},
    "theano.compile": {
        "kernelgraph": "DebugMode NanGuardMode MonitorMode OpFromGraph Out as_op",
        "kernelgraph.theano.modes": MODES,
        "kernelgraph.theano.calls": "function shared In",
        "kernelgraph.function": "Function",
        "kernelgraph.graph": "SharedVariable",
        "kernelgraph.theano.databases": "optdb",
        "kernelgraph.tensor": "shape specify_shape",
    },
    "theano.compile.mode": {
        "kernelgraph.theano.modes": MODES,
        "kernelgraph.theano.databases": "optdb",
    },
    "theano.compile.io": {"kernelgraph": "Out", "kernelgraph.theano.calls": "In"},
    "theano.compile.pfunc": {"kernelgraph.theano.calls": "pfunc=function Param=In"},
    "theano.compile.ops": {"kernelgraph": "as_op", "kernelgraph.tensor": "shape specify_shape"},
    "theano.compile.sharedvalue": {
        "kernelgraph.theano.calls": "shared shared_constructor",
        "kernelgraph.graph": "SharedVariable",
    },
    "theano.compile.builders": {**COMMON, "kernelgraph": "OpFromGraph Apply Op clone"},
    "theano.compile.function": {"kernelgraph.theano.calls": "function"},
    "theano.compile.function_module": {"kernelgraph.function": "Function"},
    "theano.compile.debugmode": {
        "kernelgraph": "DebugMode",
        "kernelgraph.errors": "DebugModeError",
    },
    "theano.compile.nanguardmode": {
        **COMMON,
        "kernelgraph": "NanGuardMode",
        "kernelgraph.theano.modes": "Mode",
        "kernelgraph.tensor": "flatten",
    },
    "theano.compile.monitormode": {
        "kernelgraph": "MonitorMode",
        "kernelgraph.theano.modes": "Mode",
    },
    "theano.configparser": {"kernelgraph.theano.flags": "config=flags change_flags"},
    "theano.configdefaults": {"kernelgraph.theano.flags": "config=flags"},
    "theano.updates": {"kernelgraph.ops.streams": "OrderedUpdates"},
    "theano.compat": {"collections": "OrderedDict", "builtins": "izip=zip imap=map"},
    "theano.compat.python2x": {"collections": "OrderedDict"},
    "theano.misc": {},
    "theano.misc.pkl_utils": {"pickle": "dump load"},
    "theano.misc.safe_asarray": {"kernelgraph.theano.calls": "_asarray=as_array"},
    "theano.gof": {
        "kernelgraph.graph": GRAPH,
        "kernelgraph": "Op",
        "kernelgraph.types": "Type",
        "kernelgraph.theano.fgraph": "FunctionGraph",
        "kernelgraph.theano.databases": "optdb",
        "kernelgraph.theano.tuples": OPT,
        "kernelgraph.errors": "MissingInputError",
    },
    "theano.gof.fg": {
        "kernelgraph.theano.fgraph": "FunctionGraph",
        "kernelgraph.errors": "MissingInputError",
    },
    "theano.gof.op": {"kernelgraph": "Op"},
    "theano.gof.type": {"kernelgraph.types": "Type"},
    "theano.gof.opt": {"kernelgraph.theano.tuples": OPT},
    "theano.gof.optdb": {"kernelgraph.theano.databases": "optdb EquilibriumDB=Database"},
    "theano.gof.graph": {
        "kernelgraph.graph": "Apply Variable Constant",
        "kernelgraph": "clone",
        "kernelgraph.tensor": "ancestors inputs=graph_inputs is_same_graph",
    },
    "theano.gof.utils": {"kernelgraph.errors": "MethodNotDefined=UnfinishedOpError"},
    "theano.gradient": {
        "kernelgraph.theano.calls": "grad",
        "kernelgraph.tensor": GRADIENTS,
        "kernelgraph.errors": "DisconnectedInputError GradientError "
        "NullTypeGradError=NullGradientError",
    },
    "theano.ifelse": {**COMMON, "kernelgraph": "ifelse Apply Op clone"},
    "theano.scan_module": {"kernelgraph": "scan"},
    "theano.printing": {
        "kernelgraph.theano.text": "debugprint pp pprint",
        "kernelgraph.theano.pydot_print": "pydotprint pydotprint_variables",
        "kernelgraph.ops.printing": "Print",
    },
    "theano.tests": {},
    "theano.tests.breakpoint": {"kernelgraph.ops.printing": "PdbBreakpoint"},
}
"""Where the names of Theano's modules come from; `theirs=ours` where they differ, `*` for all."""


class Alias(ModuleType):
    """A module of Theano's that looks its names up in the table."""

    def __init__(self, path: str) -> None:
        super().__init__(path, doc=f"{path}, as kernelgraph has it")
        self.__path__ = []  # so that it counts as a package

    def __getattr__(self, name: str) -> Any:
        for source, names in ALIASES[self.__name__].items():
            table = _table(names)
            if name in table or "*" in table:
                found = getattr(import_module(source), table.get(name, name), None)
                if found is not None:
                    return found
        if f"{self.__name__}.{name}" in ALIASES:  # `tensor.sort` is a function and a module
            return sys.modules[f"{self.__name__}.{name}"]
        raise AttributeError(f"kernelgraph's {self.__name__} has no {name!r}")

    def __dir__(self) -> list[str]:
        parents = [path.rpartition(".") for path in ALIASES]
        below = [name for parent, _, name in parents if parent == self.__name__]
        own: list[str] = []
        for source, names in ALIASES[self.__name__].items():
            table = _table(names)
            own += [*table, *(import_module(source).__all__ if "*" in table else ())]
        return sorted({*below, *own} - {"*"})


def _table(names: str) -> dict[str, str]:
    """Theano's name: ours."""
    pairs = [item.partition("=") for item in names.split()]
    return {theirs: ours or theirs for theirs, _, ours in pairs}


_OF_FUNCTIONS = ("maker", "value", "container", "fn")
"""What functions have for Theano's programs only."""


def install() -> ModuleType:
    """Make `import theano` and its module paths mean kernelgraph, and read Theano's flags.

    Flags come from `~/.theanorc` (or the files of `THEANORC`), then `THEANO_FLAGS`; those that mean
    nothing here are named in one warning. Raises `KernelgraphError` (KG-G040) if Theano itself has
    been imported already.
    """
    present = sys.modules.get("theano")
    if present is not None and not isinstance(present, Alias):
        raise KernelgraphError(
            "Theano itself is imported already, so its name is taken",
            code="KG-G040",
            hint="call kernelgraph.theano.install() before anything imports theano",
        )
    if present is None:
        sys.modules.update({path: Alias(path) for path in ALIASES})
        apply_flags()
        set_truth(_is_true)
        set_text(_text)
        set_input_form(later("theano.calls", "old_input"))
        set_wording(later("theano.words", "reword"))
        import_module("kernelgraph.theano.databases")  # modes know Theano's words
        transfer = later("theano.calls", "transfer")
        Variable.transfer = transfer  # pyright: ignore[reportAttributeAccessIssue]
        for name in _OF_FUNCTIONS:
            setattr(Function, name, property(later("theano.calls", name)))
    return sys.modules["theano"]


def uninstall() -> None:
    """Take the alias back."""
    for path in ALIASES:
        if isinstance(sys.modules.get(path), Alias):
            del sys.modules[path]
    set_truth(None)
    set_text(formula)
    set_input_form(None)
    set_wording(None)
    for kind, name in ((Variable, "transfer"), *((Function, name) for name in _OF_FUNCTIONS)):
        if name in vars(kind):
            delattr(kind, name)


def _is_true(variable: Variable) -> bool:
    """As in Theano, whose programs ask `if not input:`: all symbols are true but comparisons."""
    return variable.owner is None or variable.owner.op not in COMPARISONS


def _text(variable: Variable) -> str:
    """A computed symbol by Theano's name of its op: `Elemwise{tanh,no_inplace}.0`."""
    node = variable.owner
    assert node is not None
    name = import_module("kernelgraph.theano.text").op_name(node.op, node)
    return f"{name}.{variable.index}"
