"""The first line of a `%%symfunc` cell: text comes in, a `Signature` goes out.

The grammar is that of a `def` line, `f(x: dvector, w: f64[n, 3], lr=0.1) -> cost, g`, read with
Python's own parser; nothing in it is ever evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import kernelgraph.tensor as tensor
from kernelgraph.names import did_you_mean
from kernelgraph.tensor.constructors import Constructor
from kernelgraph.types import DTYPES, Shape, TensorType, check_dtype

EXAMPLE = "f(x: dvector, w: f64[n, 3], lr=0.1) -> cost"

CONSTRUCTORS: dict[str, Constructor] = {
    name: value for name, value in vars(tensor).items() if isinstance(value, Constructor)
}
"""The constructors that may stand as annotations."""

DTYPE_NAMES: dict[str, str] = {
    **{dtype: dtype for dtype in DTYPES},
    **{dtype.replace("float", "f"): dtype for dtype in DTYPES if dtype.startswith("float")},
    **{dtype.replace("int", "i"): dtype for dtype in DTYPES if dtype.startswith("int")},
    **{dtype.replace("uint", "u"): dtype for dtype in DTYPES if dtype.startswith("uint")},
    "floatX": "floatX",
}
"""Long and short names of dtypes: `float64` and `f64`, `uint8` and `u8`."""


class SignatureError(ValueError):
    """A signature that cannot be read; the message is one line."""


@dataclass(frozen=True)
class Reference:
    """A default that is the value of one of the user's names."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A default that is written out."""

    value: Any


@dataclass(frozen=True)
class Parameter:
    """An input: its name, its type, its default if it has one, and where in the text it stands.

    `columns` are its first and last, in bytes of UTF-8 from the start of its line, as Python counts
    them; `line` is the number of that line in the signature.
    """

    name: str
    type: TensorType
    default: Reference | Literal | None
    columns: tuple[int, int]
    line: int = 1

    def default_value(self, names: Mapping[str, Any]) -> Any:
        """The default itself; raises `SignatureError` where it is a name that nobody has bound."""
        match self.default:
            case Literal(value):
                return value
            case Reference(name) if name in names:
                return names[name]
            case Reference(name):
                raise SignatureError(f"the default of {self.name} is {name}, which is not defined")
            case None:
                raise SignatureError(f"{self.name} has no default")


@dataclass(frozen=True)
class Signature:
    """A function's name, its parameters, and the names of its outputs (none: the body decides)."""

    name: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]


def split_options(line: str) -> tuple[str, str]:
    """The signature and the options behind it: those begin at a dash that is not an arrow's.

    >>> split_options("f(x, lr=-1) -> y --target c -q")
    ('f(x, lr=-1) -> y', '--target c -q')
    """
    depth = 0
    for position, character in enumerate(line):
        depth += (character in "([{") - (character in ")]}")
        starts_word = position == 0 or line[position - 1].isspace()
        if depth == 0 and starts_word and character == "-" and line[position + 1 :][:1] != ">":
            return line[:position].strip(), line[position:]
    return line.strip(), ""


def spread_signature(line: str, cell: str) -> tuple[str, int]:
    r"""The signature and its options with the lines of the cell that they go on in, and how many
    lines these are: as long as a bracket is open, or a comma or an arrow waits for what follows.

    >>> spread_signature("f(x: dvector,", "  y: dvector) -> z\nz = x + y")
    ('f(x: dvector,\n  y: dvector) -> z', 1)
    """
    text = line
    for count, following in enumerate(cell.split("\n")):
        if not _goes_on(text):
            return text, count
        text = f"{text}\n{following}"
    return line, 0  # it never ends, so the first line is what is wrong


def _goes_on(text: str) -> bool:
    opened = sum(text.count(c) for c in "([{") > sum(text.count(c) for c in ")]}")
    head, options = split_options(text)
    return opened or (not options and head.endswith((",", "->")))


def parse_signature(text: str) -> Signature:
    """Read `name(parameters) -> outputs`, with no space before it.

    An annotation is the name of a constructor (`dvector`), or a dtype with sizes (`f64[n, 3]`,
    where a name or None stands for any size); a parameter without one is a scalar of floatX.

    Raises `SignatureError`.

    >>> signature = parse_signature("f(x: dvector, n: i32[3, k], lr=0.1) -> cost, g")
    >>> [f"{p.name}: {p.type}" for p in signature.parameters]
    ['x: float64[?]', 'n: int32[3, ?]', 'lr: float64']
    >>> signature.outputs
    ('cost', 'g')
    """
    head, arrow, tail = text.partition("->")
    definition = _definition(head)
    parameters = _parameters(definition.args)
    outputs = _outputs(tail) if arrow else ()
    return Signature(definition.name, parameters, outputs)


def _definition(head: str) -> ast.FunctionDef:
    if not head.strip():
        raise SignatureError(f"a signature is missing, for example: {EXAMPLE}")
    try:
        (statement,) = ast.parse(f"{_DEF}{head.rstrip()}: pass").body
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise SignatureError(
            f"cannot read the signature {head.strip()!r} ({reason}); for example: {EXAMPLE}"
        ) from None
    assert isinstance(statement, ast.FunctionDef)
    return statement


_DEF = "def "


def _parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs or arguments.kwonlyargs:
        raise SignatureError("a signature has plain parameters only, no *, ** or /")
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    parameters = tuple(
        Parameter(
            argument.arg,
            _type(argument),
            _default(argument.arg, default),
            _columns(argument),
            argument.lineno,
        )
        for argument, default in zip(arguments.args, [*missing, *arguments.defaults], strict=True)
    )
    names = [parameter.name for parameter in parameters]
    for name in names:
        if names.count(name) > 1:
            raise SignatureError(f"two parameters are called {name}")
    return parameters


def _columns(argument: ast.arg) -> tuple[int, int]:
    """Where an argument stands in its line; before the first line, `def` was put."""
    put = len(_DEF) if argument.lineno == 1 else 0
    last = (argument.end_col_offset or 0) - (len(_DEF) if argument.end_lineno == 1 else 0)
    return argument.col_offset - put, last


def _type(argument: ast.arg) -> TensorType:
    match argument.annotation:
        case None:
            return tensor.scalar.type
        case ast.Name(name) if name in CONSTRUCTORS:
            return CONSTRUCTORS[name].type
        case ast.Name(name) if name in DTYPE_NAMES:
            return TensorType(check_dtype(DTYPE_NAMES[name]), ())
        case ast.Subscript(value=ast.Name(name), slice=sizes) if name in DTYPE_NAMES:
            return TensorType(check_dtype(DTYPE_NAMES[name]), _shape(argument.arg, sizes))
        case ast.Name(name) | ast.Subscript(value=ast.Name(name)):
            raise SignatureError(
                f"unknown type {name} of {argument.arg}{_suggestion(name)}; "
                "write a constructor such as dvector, or a dtype and sizes such as f64[n, 3]"
            )
        case other:
            raise SignatureError(
                f"{ast.unparse(other)} is no type for {argument.arg}{_meant(other)}; "
                "write a constructor such as dvector, or a dtype and sizes such as f64[n, 3]"
            )


_PLAIN = {
    "float": "dscalar", "double": "dscalar", "int": "lscalar", "long": "lscalar",
    "number": "scalar", "real": "dscalar", "array": "dvector", "ndarray": "dvector",
    "list": "dvector", "tuple": "dvector", "tensor": "dtensor3", "Tensor": "dtensor3",
}  # fmt: skip
"""What people mean who write a type of Python or of NumPy."""


def _meant(annotation: ast.expr) -> str:
    """A suggestion for `T.dvector`, `np.ndarray`, `list[float]` or a quoted type."""
    match annotation:
        case ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            exact = name if name in (*CONSTRUCTORS, *DTYPE_NAMES) else None
            return f" (did you mean {exact}?)" if exact else _suggestion(name)
        case ast.Subscript(value=value):
            return _meant(value)
        case ast.Name(name):
            return _suggestion(name)
        case _:
            return ""


def _suggestion(name: str) -> str:
    if name in _PLAIN:
        return f" (did you mean {_PLAIN[name]}?)"
    return did_you_mean(name, [*CONSTRUCTORS, *DTYPE_NAMES])


def _shape(parameter: str, sizes: ast.expr) -> Shape:
    entries = sizes.elts if isinstance(sizes, ast.Tuple) else [sizes]
    return tuple(_size(parameter, entry) for entry in entries)


def _size(parameter: str, entry: ast.expr) -> int | None:
    match entry:
        case ast.Constant(value=int(size)) if not isinstance(size, bool):
            return size
        case ast.Name() | ast.Constant(value=None):
            return None
        case _:
            raise SignatureError(
                f"{ast.unparse(entry)} is no size for {parameter}; "
                "a size is a number, or a name or None for any size"
            )


def _default(parameter: str, default: ast.expr | None) -> Reference | Literal | None:
    match default:
        case None:
            return None
        case ast.Name(name):
            return Reference(name)
        case _:
            pass
    try:
        return Literal(ast.literal_eval(default))
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise SignatureError(
            f"the default of {parameter} must be a number, a list of numbers or a name, "
            f"not {ast.unparse(default)}"
        ) from None


def _outputs(tail: str) -> tuple[str, ...]:
    try:
        listed = ast.parse(f"({tail},)", mode="eval").body
    except (SyntaxError, ValueError):
        listed = None
    names = listed.elts if isinstance(listed, ast.Tuple) else []
    outputs = tuple(name.id for name in names if isinstance(name, ast.Name))
    if not names or len(outputs) < len(names):
        raise SignatureError(f"after -> come names, separated by commas, not {tail.strip()!r}")
    return outputs
