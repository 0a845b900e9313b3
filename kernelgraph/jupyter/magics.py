"""`%%symfunc`: a cell comes in, a compiled function goes out.

The first line is the function's signature, the body is ordinary Python over symbols, and the
function is both bound in the notebook and shown as the cell's value. Each option is a keyword of
`kg.function` or `kg.explain` in another spelling.
"""

from __future__ import annotations

import textwrap
import warnings
from dataclasses import dataclass
from typing import Any, cast

import traitlets
from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display  # pyright: ignore[reportUnknownVariableType]

from kernelgraph.errors import GraphError, KernelgraphError
from kernelgraph.function import Function
from kernelgraph.jupyter.cell import Body, OutputError, body_text, parse_body, without_our_frames
from kernelgraph.jupyter.define import LANGUAGE, Defined, How, define
from kernelgraph.jupyter.errors import show_alone, suggest
from kernelgraph.jupyter.options import (
    OWN,
    SHOWN,
    TARGETS,
    OptionError,
    Show,
    check_options,
    is_builtin,
    is_name,
    joined_mode,
    read_mode,
    read_names,
    read_show,
)
from kernelgraph.jupyter.program import Added, Writer
from kernelgraph.jupyter.signature import (
    Signature,
    SignatureError,
    parse_signature,
    split_options,
    spread_signature,
)
from kernelgraph.names import normal
from kernelgraph.viz.explanation import explain

MAGIC = "%%symfunc "


@dataclass(frozen=True)
class Choices:
    """The options of one cell, read and checked."""

    how: How
    show: Show
    name: str | None
    mode_text: str | None
    is_static: bool
    wants_program: bool


@magics_class
class SymfuncMagics(Magics):
    """The magics that `%load_ext kernelgraph` adds."""

    shell: Any

    show = traitlets.Unicode(
        OWN,
        help=f"What a %%symfunc cell without --show shows: {', '.join(SHOWN)}; several with commas",
    ).tag(config=True)

    @traitlets.validate("show")
    def _check_show(self, proposal: Any) -> str:
        text: str = proposal["value"]
        try:
            read_show(text)
        except OptionError as error:
            raise traitlets.TraitError(str(error)) from None
        return text

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
        help="what runs the function: compiled C, CUDA on a GPU, the same kernels simulated, or "
        "simulated and checked for faults, the same loops in Python, or NumPy node by node; by "
        "default kernelgraph.config.target, and NumPy where C cannot be compiled",
    )
    @argument(
        "--mode",
        help="which rules rewrite it: FAST_RUN (the default), FAST_COMPILE, STABILIZE or None, "
        "then -rule, +rule or =rule for less, more or nothing else: --mode FAST_RUN -stabilize",
    )
    @argument(
        "--grad",
        metavar="a,b",
        help="outputs more: the gradients grad_a, grad_b of the last scalar output",
    )
    @argument(
        "--show",
        metavar="VIEWS",
        help=f"show {', '.join(SHOWN)}, several with commas; '{OWN}' is the function's own display "
        "and the default, which %%config SymfuncMagics.show changes",
    )
    @argument("--steps", action="store_true", help="show besides how it was rewritten and planned")
    @argument("--static", action="store_true", help="show what readers see who run no scripts")
    @argument(
        "--python", action="store_true", help="print the same as a program without magic, no view"
    )
    @argument("-o", "--output", metavar="NAME", help="bind the function to another name")
    @argument("-q", "--quiet", action="store_true", help="do not show the function")  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @cell_magic
    def symfunc(self, line: str, cell: str) -> Any:
        """Define a compiled function; the body is run once, with symbols for the inputs.

        The body sees the names of kernelgraph.tensor (dot, exp, grad, …) and the notebook's own.
        What it binds stays inside; only the function itself becomes a name of the notebook, and
        its .symbols has the symbols that it was made from.
        """
        __tracebackhide__ = True
        try:
            text, count = spread_signature(line.strip(), cell)
            head, options = split_options(text)
            chosen = self._choices(options)
            signature = parse_signature(head)
            body = parse_body(self.shell, MAGIC + line.strip(), cell, count)
            defined = self._define(signature, body, chosen)
        except (SignatureError, OutputError, OptionError) as error:
            raise UsageError(str(error)) from None
        except SyntaxError as error:
            show_alone(self.shell, error)
            raise error.with_traceback(None) from None
        self.shell.push({chosen.name or signature.name: defined.function})
        if chosen.wants_program:
            own = textwrap.dedent(body_text(cell, count)).strip("\n")
            self._print_program(head, own, signature, chosen, defined)
        return self._shown(defined.function, chosen)

    # What the line asks for -----------------------------------------------------------------------

    def _choices(self, options: str) -> Choices:
        __tracebackhide__ = True
        parser: Any = cast(Any, self.symfunc).parser
        try:
            known: dict[str, Any] = parser._option_string_actions
            words = joined_mode(options, list(known))
        except ValueError as error:  # of the quotes
            raise UsageError(f"{error} in {options}") from None
        check_options(words, list(known))
        given = parser.parse_args(words)
        if given.signature:
            raise UsageError(f"the signature comes first: {MAGIC}f(x: dvector) {options}")
        if given.output is not None and not is_name(given.output):
            raise UsageError(f"-o {given.output}: that is no name")
        try:
            mode = None if given.mode is None else read_mode(given.mode)
        except GraphError as error:
            hint = "" if error.hint is None else f" ({error.hint})"
            raise UsageError(f"--mode {given.mode}: {error.message}{hint}") from None
        gradients = () if given.grad is None else read_names("--grad", given.grad)
        return Choices(
            How(given.target, mode, gradients),
            self._show(given),
            None if given.output is None else normal(given.output),
            given.mode,
            given.static,
            given.python,
        )

    def _show(self, given: Any) -> Show:
        show = read_show(self.show if given.show is None else given.show)
        if given.steps:
            show = read_show(",".join([*show.parts, "steps", *([OWN] if show.own else [])]))
        return Show((), False) if given.quiet or given.python else show

    # What becomes of it ---------------------------------------------------------------------------

    def _define(self, signature: Signature, body: Body, chosen: Choices) -> Defined:
        __tracebackhide__ = True
        self._mind_builtins(chosen.name or signature.name, body)
        try:
            return define(signature, body, self.shell.user_ns, chosen.how, len(MAGIC))
        except (KernelgraphError, KeyboardInterrupt) as error:
            # What went wrong is in the user's lines and in the message, not in our own code.
            frames = without_our_frames(error.__traceback__)
            if frames is None:
                body.fail(error)
            raise error.with_traceback(frames) from None
        except (NameError, AttributeError) as error:
            suggest(error, {**LANGUAGE, **self.shell.user_ns, **body.bound})
            frames = without_our_frames(error.__traceback__)
            raise error.with_traceback(frames) from None

    def _mind_builtins(self, name: str, body: Body) -> None:
        """Python's own functions can be hidden; who does it should know."""
        if is_builtin(name) and name not in self.shell.user_ns:
            words = f"this hides Python's own {name} in this notebook, until `del {name}`"
            warnings.warn_explicit(words, UserWarning, body.filename, 1)

    def _shown(self, made: Function, chosen: Choices) -> Function | None:
        """Show the function; it is the cell's value even where something else is seen of it."""
        show = chosen.show
        if show.parts:
            display(explain(made, show.parts, static=chosen.is_static))
        if show.own:
            return made
        if show.parts:
            self.shell.displayhook.update_user_ns(made)
        return None

    def _print_program(
        self, head: str, cell: str, signature: Signature, chosen: Choices, defined: Defined
    ) -> None:
        how = chosen.how
        added = Added(how.target, chosen.mode_text, how.gradients, defined.cost, chosen.name)
        names = {k: v for k, v in self.shell.user_ns.items() if v is not defined.function}
        print(Writer(signature, head, cell, added, names).text(), end="")
