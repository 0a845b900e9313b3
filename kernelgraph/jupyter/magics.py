"""`%%symfunc`: a cell comes in, a compiled function goes out.

The first line is the function's signature, the body is ordinary Python over symbols, and the
function is both bound in the notebook and shown as the cell's value.
"""

from __future__ import annotations

from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import (
    argument,
    magic_arguments,
    parse_argstring,  # pyright: ignore[reportUnknownVariableType]
)

import kernelgraph.tensor as tensor
from kernelgraph.errors import KernelgraphError
from kernelgraph.function import Function, function
from kernelgraph.graph import Variable
from kernelgraph.jupyter.cell import Body, OutputError, parse_body, without_our_frames
from kernelgraph.jupyter.signature import Signature, SignatureError, parse_signature, split_options
from kernelgraph.signature import In

TARGETS = ("c", "python", "interpret")

MAGIC = "%%symfunc "


@magics_class
class SymfuncMagics(Magics):
    """The magics that `%load_ext kernelgraph` adds."""

    shell: Any

    @magic_arguments()
    @argument(
        "signature",
        nargs="*",
        help="f(x: dvector, w: f64[n, 3], lr=0.1) -> cost, g: the function's name, its inputs with "
        "types (none: a scalar of floatX) and defaults, and the names of its outputs (none: the "
        "last expression, or else the last assignment). It stands before all options.",
    )
    @argument(
        "--target",
        choices=TARGETS,
        help="what runs the function: compiled C, the same loops in Python, or NumPy node by node; "
        "by default kernelgraph.config.target, and NumPy where C cannot be compiled",
    )
    @argument("-q", "--quiet", action="store_true", help="do not show the function")  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @cell_magic
    def symfunc(self, line: str, cell: str) -> Any:
        """Define a compiled function; the body is run once, with symbols for the inputs.

        The body sees the names of kernelgraph.tensor (dot, exp, grad, …) and the notebook's own.
        What it binds stays inside; only the function itself becomes a name of the notebook.
        """
        __tracebackhide__ = True
        chosen = self._options(split_options(line)[1])
        try:
            made = self._define(line, cell, chosen.target)
        except (SignatureError, OutputError) as error:
            raise UsageError(str(error)) from None
        except SyntaxError as error:
            raise error.with_traceback(None) from None
        except KernelgraphError as error:
            # What went wrong is in the user's lines and in the message, not in our own code.
            raise error.with_traceback(without_our_frames(error.__traceback__)) from None
        self.shell.push({made.name: made})
        return None if chosen.quiet else made

    def _options(self, options: str) -> Any:
        __tracebackhide__ = True
        try:
            chosen = cast(Any, parse_argstring(self.symfunc, options))
        except ValueError as error:  # of the quotes
            raise UsageError(f"{error} in {options}") from None
        if chosen.signature:
            raise UsageError(f"the signature comes first: {MAGIC}f(x: dvector) {options}")
        return chosen

    def _define(self, line: str, cell: str, target: str | None) -> Function:
        __tracebackhide__ = True
        names: dict[str, Any] = self.shell.user_ns
        signature = parse_signature(split_options(line)[0])
        first_line = MAGIC + line.strip()
        body = parse_body(self.shell, first_line, cell)
        inputs = declare(signature, body, len(MAGIC))
        ends = [
            x if parameter.default is None else In(x, value=parameter.default_value(names))
            for x, parameter in zip(inputs, signature.parameters, strict=True)
        ]
        public: list[str] = vars(tensor)["__all__"]
        scope = {name: getattr(tensor, name) for name in public} | names
        outputs = body.outputs({str(x.name): x for x in inputs}, scope, signature.outputs)
        return function(ends, outputs, name=signature.name, target=target)


def declare(signature: Signature, body: Body, column: int) -> list[Variable]:
    """A symbol for each parameter, whose place is the signature that starts at `column`."""
    inputs: list[Variable] = []
    for parameter in signature.parameters:
        symbol = Variable(parameter.type, parameter.name)
        first, last = parameter.columns
        symbol.origins = body.origin((column + first, column + last))
        inputs.append(symbol)
    return inputs
