"""`%%cuda`: a cell of CUDA C++ comes in, its kernels go out, and one of them may be launched.

`%%cuda add<<<4, 256>>>(x, y, out)` is a launch as CUDA writes it, with sizes and arguments that are
expressions of the notebook. The simulator runs it, whether there is a GPU or not, and a fault is an
error at the line of the cell that did it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from kernelgraph.cuda.written import Kernel, Run, kernels
from kernelgraph.errors import KernelgraphError, Origins, resolve
from kernelgraph.jupyter.cell import Body, file_of_cell
from kernelgraph.jupyter.errors import suggest
from kernelgraph.jupyter.options import OptionError, check_options, is_name
from kernelgraph.names import did_you_mean, normal

MAGIC = "%%cuda "
EXAMPLE = f"{MAGIC}add<<<(n + 255) // 256, 256>>>(x, y, out, n)"

_LAUNCH = re.compile(r"\s*(\w+)\s*<<<(.*)>>>\s*\((.*)\)\s*((?:-.*)?)$", re.DOTALL)


@dataclass(frozen=True)
class Launch:
    """A launch that stands on the first line: the kernel, and what is between its brackets."""

    kernel: str
    sizes: str
    arguments: str


@magics_class
class CudaMagics(Magics):
    """The magic for kernels that a user writes."""

    shell: Any

    @magic_arguments()
    @argument(
        "launch",
        nargs="*",
        help="add<<<grid, block>>>(x, y, n), or add<<<grid, block, bytes of shared memory>>>(…): a "
        "launch as CUDA writes it, of expressions of the notebook; sizes are ints or tuples along "
        "x, y, z. Arrays of NumPy are sent, and get what the kernel has written. Without a launch "
        "the cell defines its kernels, and add[grid, block](x, y, n) launches one",
    )
    @argument("--measure", action="store_true", help="count what each line costs")
    @argument(
        "-o",
        "--output",
        metavar="NAME",
        help="bind the run to a name, and its counts: NAME.metrics",
    )
    @argument("-q", "--quiet", action="store_true", help="do not show the run")  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @cell_magic
    def cuda(self, line: str, cell: str) -> Run | None:
        """Compile kernels of CUDA C++ for the simulator, and launch one with all checks.

        Accesses out of bounds or of what was never written, races, barriers that some threads miss
        and the like are errors at the line that did them; without any, arrays change.
        """
        __tracebackhide__ = True
        launch, options = _split(line)
        given = self._options(options)
        body = Body(file_of_cell(self.shell, f"{MAGIC}{line.strip()}\n{cell}"), ast.Module([], []))
        shown = f"{MAGIC}{line.strip()}\n{cell}".split("\n")

        def place(number: int) -> Origins:
            written = shown[number - 1] if 0 < number <= len(shown) else ""
            start = len(written) - len(written.lstrip())
            columns = len(written[:start].encode()), len(written.rstrip().encode())
            return body.origin(columns, number)

        try:
            found = kernels(f"\n{cell}", place)  # whose lines have the numbers of the cell's
            self.shell.push(dict(found))
            run = None if launch is None else self._launched(launch, found, given.measure)
        except KernelgraphError as error:
            at = _line(error, body.filename)
            error.origins = error.origins if at else place(1)
            body.fail(error, at or 1)
        except KeyboardInterrupt as error:
            body.fail(error)
        except (NameError, AttributeError) as error:
            suggest(error, self.shell.user_ns)
            body.fail(error)
        if run is not None and given.output is not None:
            self.shell.push({normal(given.output): run})
        return None if given.quiet else run

    def _options(self, options: str) -> Any:
        parser: Any = cast(Any, self.cuda).parser
        words = options.split()
        try:
            check_options(words, list(parser._option_string_actions))
        except OptionError as error:
            raise UsageError(str(error)) from None
        given = parser.parse_args(words)
        if given.launch:
            raise UsageError(f"{' '.join(given.launch)} is no launch: {EXAMPLE}")
        if given.output is not None and not is_name(given.output):
            raise UsageError(f"-o {given.output}: that is no name")
        return given

    def _launched(self, launch: Launch, found: dict[str, Kernel], measure: bool) -> Run:
        __tracebackhide__ = True
        if launch.kernel not in found:
            known = ", ".join(found) or "none"
            hint = did_you_mean(launch.kernel, found)
            raise UsageError(f"the cell has no kernel {launch.kernel}; it has: {known}{hint}")
        sizes = self._values(launch.sizes, "the grid and the block")
        arguments = self._values(launch.arguments, "the arguments")
        return found[launch.kernel][sizes](*arguments, watch="measure" if measure else "check")

    def _values(self, text: str, what: str) -> tuple[Any, ...]:
        """The values of expressions with commas between them."""
        __tracebackhide__ = True
        try:
            code = compile(f"({text},)" if text.strip() else "()", "<launch>", "eval")
        except SyntaxError as error:
            raise UsageError(f"{what}: {error.msg} in {text.strip()}; such as {EXAMPLE}") from None
        return eval(code, self.shell.user_ns)


def _split(line: str) -> tuple[Launch | None, str]:
    """The launch of a line, if there is one, and the options behind it.

    >>> _split("add<<<n - 1, 32>>>(x, -y) --measure")
    (Launch(kernel='add', sizes='n - 1, 32', arguments='x, -y'), '--measure')
    """
    found = _LAUNCH.match(line)
    if found is None:
        return None, line.strip()
    kernel, sizes, arguments, options = found.groups()
    return Launch(kernel, sizes, arguments), options


def _line(error: KernelgraphError, filename: str) -> int:
    """The line of the cell that an error is of, or 0."""
    places = map(resolve, error.origins)
    return next((place.line for place in places if place.filename == filename), 0)
