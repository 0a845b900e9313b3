"""Names in generated text: like the user's own, unique, and safe in every language, whatever the
user typed.

A name that means something in C or Python, or that could be mistaken for one that a printer derives
from another name (`x_s0`, the first stride of `x`), gets a `v_` in front or an underscore behind.
"""

from __future__ import annotations

import re

from kernelgraph.templates import CALLED

_LONGEST = 40

_WORDS = frozenset([
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict",
    "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "typeof",
    "union", "unsigned", "void", "volatile", "while", "bool", "true", "false", "complex",
    "imaginary", "asm", "linux", "unix", "main", "errno", "offsetof", "static_assert",
    "thread_local", "noreturn", "alignas", "alignof", "and", "as", "assert", "async", "await",
    "class", "def", "del", "elif", "except", "finally", "from", "global", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "try", "with", "yield", "None", "True",
    "False", "bool8", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", "half_bits", "word_of_float",
    "float_of_word", "float_of_half", "pair_of", "host", "values", "status", "lane", "row", "work",
    "scratch_mark", "i",
    "j", "k", "l", "m", "I", "np", "range", "len", "max", "min", "sum", "print", "check",
    "in_bounds", "call", "part", "block", "at_strides", "all_blocks", "program", "matmul",
    "four", "of_four",
])  # fmt: skip
"""Words of C, of Python, and those that the printers use themselves."""

_FUNCTIONS = re.compile(
    r"c?(acosh?|asinh?|atanh?|atan2|cosh?|sinh?|tanh?|exp2?|expm1|log(10|1p|2|b)?|pow|sqrt|cbrt|hypot|f?abs|erf(cx?)?|[lt]?gamma"
    r"|ceil|floor|trunc|round|nearbyint|l?l?rint|l?lround|f(dim|max|min|mod|ma)|remainder|remquo|copysign|nan|next(after|toward)"
    r"|frexp|ldexp|scalbl?n|ilogb|modf|signgam|arg|conj|imag|proj|real|[jy][01n])(f|l)?"
    r"|is(finite|inf|nan|normal|greater|greaterequal|less|lessequal|lessgreater|unordered)|fpclassify|signbit|math_errhandling"
)
"""What C's mathematical headers define."""

_OF_HEADERS = re.compile(
    r"[A-Z][A-Z0-9_]{2,}|.*_t|(kg|to|truncate|wrap|magnitude|power|floor|complex)_.*|.*_(float|complex)(16|32|64|128)|(float|complex)(16|32|64|128)_.*"
)
"""Macros, types, and the families of names that the printers use."""

_DERIVED = re.compile(
    r".*_(s\d+|at\d+|at_.*|start|stop|(base|last)(_\d+)?|lanes|tree|part|whole|blocks|counted|arrays|next|out|now|other|read(_\d+)?)"
)
"""What printers make of a name."""


def safe_word(wish: str) -> str:
    """`wish` as a name that means nothing else in generated text.

    >>> safe_word("learning rate"), safe_word("for"), safe_word("x_s0"), safe_word("*/ #include")
    ('learning_rate', 'v_for', 'x_s0_', 'v_____include')
    """
    word = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in wish[:_LONGEST])
    known = word in _WORDS or word in CALLED
    taken = known or _FUNCTIONS.fullmatch(word) or _OF_HEADERS.fullmatch(word)
    if taken or not word or not word[0].isalpha():
        word = f"v_{word}"
    return f"{word}_" if _DERIVED.fullmatch(word) else word


class Names:
    """Hands out the names of one program, each once."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def fresh(self, wish: str) -> str:
        """A name like `wish`, with a number behind it if it is not the first of its kind."""
        word = name = safe_word(wish)
        while name in self._used:
            self._used[word] += 1
            name = f"{word}_{self._used[word]}"
        self._used[name] = 0
        return name
