"""What went wrong, where in the user's own code, and what to try.

Every error that a user can meet is a `KernelgraphError` with a stable code. Where it belongs in the
user's code is said by origins, which `locations.py` has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.linalg import LinAlgError

from kernelgraph.locations import Located as Located
from kernelgraph.locations import Location as Location
from kernelgraph.locations import Origin as Origin
from kernelgraph.locations import Origins as Origins
from kernelgraph.locations import capture_origins as capture_origins
from kernelgraph.locations import file_of as file_of
from kernelgraph.locations import is_own as is_own
from kernelgraph.locations import merge_origins as merge_origins
from kernelgraph.locations import on_behalf_of as on_behalf_of
from kernelgraph.locations import resolve as resolve
from kernelgraph.names import lines_cut

Detail = str | None


def _raised_at() -> Origins:
    """The user's line that is running, for an error that this package makes and says no other."""
    maker = sys._getframe(2).f_code  # pyright: ignore[reportPrivateUsage] - there is no public one
    return capture_origins() if is_own(maker) else ()


@dataclass(frozen=True)
class Operand:
    """A mismatched operand: what it is called, its sizes (None: not known), and the axes at
    fault.

    Where an index lies outside the axis at fault, `index` is that index; where all sizes together
    are at fault, `elements` is their product, without a size of -1. Where types disagree, `dtype`
    is its dtype, and `allowed` has those that would have done in its place; it is empty for an
    operand that is not at fault.
    """

    name: str
    sizes: tuple[int | None, ...]
    axes: tuple[int, ...] = ()
    index: int | None = None
    elements: int | None = None
    dtype: str = ""
    allowed: tuple[str, ...] = ()


Operands = tuple[Operand, ...]

_drawings: list[Callable[[Operands], str]] = []
_tracebacks: list[Callable[[KernelgraphError], list[str]]] = []


def set_error_views(
    drawing: Callable[[Operands], str], traceback: Callable[[KernelgraphError], list[str]]
) -> None:
    """Fill the hooks with which errors draw themselves: `drawing` makes the lines that Python
    prints below an error, `traceback` those that IPython prints for one.
    """
    _drawings[:] = [drawing]
    _tracebacks[:] = [traceback]


class KernelgraphError(Exception):
    """Base of all errors of this package.

    `code` is stable across releases; `origins` say where in the user's code the node at fault was
    made (where nothing else is known, the line that is running), `operands` whose sizes or types do
    not fit: these are drawn below the error.
    """

    default_code = "KG-E000"

    def __init_subclass__(cls, code: str | None = None) -> None:
        """Of the errors of a class, which have this code unless they bring another one."""
        cls.default_code = code or cls.default_code

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        origins: Origins = (),
        because: Detail = None,
        hint: Detail = None,
        operands: Operands = (),
    ) -> None:
        self.message = message
        self.code = code or self.default_code
        self.origins = origins or _raised_at()
        self.because = because
        self.hint = hint
        self.operands = operands
        self._notes: list[str] | None = None
        super().__init__(message)

    @property
    def __notes__(self) -> list[str]:
        """What Python prints below the error: the operands drawn, and what `add_note` added."""
        if self._notes is None:
            self._notes = _drawn(self.operands)
        return self._notes

    @__notes__.setter
    def __notes__(  # pyright: ignore[reportIncompatibleVariableOverride] - made when it is read
        self, notes: list[str]
    ) -> None:
        self._notes = notes

    def __reduce__(self) -> tuple[Any, ...]:
        """As text, so that an error comes home from another process as it left."""
        here = {"origins": self.places, "_notes": list(self.__notes__)}
        return _blank_error, (type(self), self.args), {**self.__dict__, **here}

    def _render_traceback_(self) -> list[str]:
        """What IPython prints for the error; it asks for this alone."""
        return _tracebacks[0](self)

    @property
    def places(self) -> tuple[Location, ...]:
        """Where in the user's code: file or cell, line and columns."""
        return tuple(resolve(origin) for origin in self.origins)

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.message}"]
        lines += [place.block() for place in self.places[:2]]
        if self.because:
            lines.append(f"  {self.because}")
        if self.hint:
            lines.append(f"  Try:  {self.hint}")
        return lines_cut("\n".join(lines))


def _blank_error(kind: type[KernelgraphError], arguments: tuple[Any, ...]) -> KernelgraphError:
    """An error whose state is still to come."""
    base: Any = kind  # the one of Python's own types whose layout an error of this kind has
    while base.__module__ != "builtins":
        base = base.__base__
    error = base.__new__(kind, *arguments)
    error.args = arguments
    return error


def _drawn(operands: Operands) -> list[str]:
    """The drawing as a note; an error that cannot be drawn is still told."""
    if not operands or not _drawings:
        return []
    try:
        return [_drawings[0](operands)]
    except Exception:
        return []


class ShapeError(KernelgraphError, ValueError, code="KG-S000"):
    """Two sizes that must agree do not."""


class DTypeError(KernelgraphError, TypeError, code="KG-D000"):
    """A dtype that is not supported here, or that would lose information."""


class NumberRangeError(DTypeError, OverflowError, code="KG-D005"):
    """A number of Python that the dtype of the array beside it cannot hold."""


class StaticShapeError(ShapeError, TypeError, code="KG-S005"):
    """A value contradicts the sizes that its variable was declared with."""


class SpecifiedShapeError(ShapeError, AssertionError, code="KG-S014"):
    """An array that has other sizes than a program says it has."""


class AxisError(KernelgraphError, ValueError, IndexError, code="KG-S003"):
    """An axis out of range, given twice, or not an integer."""


class AxisTypeError(AxisError, TypeError, code="KG-S015"):
    """What is no integer in the place of an axis; told as KG-S003, as other axes that are none."""


class IndexingError(KernelgraphError, IndexError, code="KG-I001"):
    """An index outside its axis."""


class IndexTypeError(IndexingError, TypeError, code="KG-I003"):
    """What cannot be an index: of another type, or for dimensions that are not there."""


class NumberError(IndexingError, ValueError, code="KG-I005"):
    """A number, of a choice or of repeats, that does not exist."""


class MaskError(ShapeError, IndexError, code="KG-I006"):
    """A mask whose sizes are not those of what it is to choose from."""


class CountError(IndexingError, ValueError, code="KG-I009"):
    """A number that cannot be counted, or more elements than there are."""


class GraphError(KernelgraphError, ValueError, code="KG-G000"):
    """A graph that cannot be built or compiled."""


class ReplacementError(GraphError, TypeError, RuntimeError, code="KG-G030"):
    """`givens` that cannot be followed: of another type, or in place of an input."""


class ArgumentError(KernelgraphError, TypeError, code="KG-G004"):
    """A function called with arguments that do not fit its signature."""


class AliasError(KernelgraphError, ValueError, code="KG-A001"):
    """Memory that was to be written to, and must not be: that of a read-only array."""


class OptionError(ArgumentError, ValueError, code="KG-G012"):
    """An argument of the right kind whose value is out of bounds, or none of the known words."""


class SettingError(OptionError, AttributeError, code="KG-G013"):
    """A setting that is not there, or a value that it does not have."""


class ExponentError(KernelgraphError, ValueError, code="KG-V004"):
    """An integer to a negative power, which is no integer."""


class FileError(KernelgraphError, OSError, code="KG-V013"):
    """A file that cannot be written."""


class StepError(OptionError, KeyError, IndexError, code="KG-G014"):
    """A rule or phase that made no step of a rewriting, or a number that no step has."""


class SymbolicError(KernelgraphError, TypeError, code="KG-G010"):
    """A symbol used where Python needs a value."""


class SharedValueError(KernelgraphError, AttributeError, code="KG-G018"):
    """A shared variable was asked for its value by another name than `get_value`."""


class NotConstantError(KernelgraphError, ValueError, code="KG-G019"):
    """A number was wanted that is known only when a function runs."""


class GradientError(KernelgraphError, TypeError, ValueError, code="KG-G020"):
    """A derivative that does not exist or was asked for wrongly."""


class DisconnectedInputError(GradientError, code="KG-G021"):
    """The cost does not depend on this variable."""


class NullGradientError(GradientError, code="KG-G022"):
    """A gradient that is not there, since an op on the way has none."""


class MissingInputError(KernelgraphError, TypeError, code="KG-G001"):
    """The outputs need a variable that is not among the inputs."""


class UnusedInputError(KernelgraphError, ValueError, code="KG-G002"):
    """An input that no output needs."""


class CompileError(KernelgraphError, RuntimeError, code="KG-K001"):
    """The compiler is missing, failed, or made nothing usable.

    `log` is all that the compiler said, if it came to that.
    """

    log = ""


class InvalidProgramError(KernelgraphError, RuntimeError, code="KG-K020"):
    """A pass of the compiler made a program that cannot be right; see `config.verify_programs`."""


class CacheSecurityError(KernelgraphError, PermissionError, code="KG-C010"):
    """The compile cache is not private to this user, so its code must not be run."""


class OutOfMemoryError(KernelgraphError, MemoryError, code="KG-M001"):
    """There is no memory for a value that a function computes."""


def no_memory(name: str, reason: object, origins: Origins = ()) -> OutOfMemoryError:
    """The error for a value of which there is no room for the numbers."""
    hint = (
        "check the sizes that it is made of, or compute it in parts, with kg.scan or call by call"
    )
    return OutOfMemoryError(f"no memory for {name}: {reason}", origins=origins, hint=hint)


class DeviceError(KernelgraphError, RuntimeError, code="KG-X001"):
    """There is no GPU, driver or compiler of CUDA that could do what was asked of a GPU."""


class DeviceMemoryError(DeviceError, OutOfMemoryError, code="KG-X002"):
    """There is no memory on the GPU for a value."""


class DeviceLostError(DeviceError, code="KG-X003"):
    """A kernel did something that no GPU goes on after: this process cannot use it any more."""


class ForkedDeviceError(DeviceError, code="KG-X004"):
    """A GPU was asked for in a process that was forked from one that used it already."""


_TOO_LARGE = ("too big", "too large", "Maximum allowed")


def lacks_memory(error: Exception) -> bool:
    """Whether there is no memory for an array. NumPy says so by a ValueError where no machine could
    have as much.
    """
    said = str(error)
    too_large = isinstance(error, ValueError) and any(words in said for words in _TOO_LARGE)
    return too_large or isinstance(error, MemoryError)


class SingularMatrixError(KernelgraphError, LinAlgError, code="KG-N002"):
    """Equations with this matrix have no solution, or more than one."""


class NonFiniteError(KernelgraphError, FloatingPointError, AssertionError, code="KG-N001"):
    """NaN, infinity or a number that is much too large, where a mode was asked to look for them."""


class DebugModeError(KernelgraphError, RuntimeError, code="KG-V020"):
    """A node that is not what its op promises: found by `DebugMode`."""


class DecompositionError(KernelgraphError, LinAlgError, code="KG-N003"):
    """A matrix that has no such decomposition: not positive definite, or with NaNs in it."""


class UnfinishedOpError(KernelgraphError, NotImplementedError, code="KG-G017"):
    """An op of the user's does not define a method that it needs."""


class DeadlockError(KernelgraphError, RuntimeError, code="KG-T001"):
    """Calls that update shared values, in several threads, would wait for each other for ever."""


class KernelError(KernelgraphError, RuntimeError, code="KG-X010"):
    """A CUDA kernel that did what ends it: a fault, an assertion, threads that wait for ever."""


class RuleError(KernelgraphError, ValueError, code="KG-O001"):
    """A rewrite rule that is not well formed, or changed what it must not change."""
