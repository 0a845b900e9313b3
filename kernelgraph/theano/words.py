"""What errors say under the alias: in Theano's words, where programs and people know them.

An error of ours comes in; its message becomes Theano's. Its code, the line of the user's program
and what to try stay.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

from kernelgraph.calling_convention import CallingConvention
from kernelgraph.errors import KernelgraphError

_PATTERNS: dict[str, str] = {
    r"too many arguments: .*": "Too many parameter passed to theano function",
    r"missing required inputs? of .*\): (.*)": r"Missing required input: \1",
    r"two values for input '(.*)' of .*": r"Multiple values for input: \1",
    r"several inputs have the name '(.*)': .*": r"Ambiguous name: \1 - please check the names of "
    "the inputs of your function for duplicates.",
    r"the inputs of a function must be a list, .*": "Input variables of a Theano function should "
    "be contained in a list, even when there is a single input.",
    r"input (\d+) must be a symbol without a value, not a shared variable": r"Cannot use a shared "
    r"variable (input \1) as explicit input. Consider substituting a non-shared variable via the "
    "`givens` parameter",
    r"input \d+ must be a symbol without a value, not a constant": "Constants not allowed in param "
    "list",
    r"(.*) \(.*\) is an input twice, at positions (\d+) and (\d+)": r"Variable \1 is used twice in "
    r"inputs to theano.function, at indices \2 and \3",
    r"input (\d+), (.*) \(.*\), is not used by any output": r"theano.function was asked to create "
    "a function computing outputs given certain inputs, but the provided input variable at index "
    r"\1 is not part of the computational graph needed to compute the outputs: \2",
    r"(.*) \(.*\) is an input, so givens cannot replace it": r"You are trying to replace variable "
    r"'\1' through the `givens` parameter, but this variable is an input to your function",
    r"(.*) has two updates": r"this shared variable already has an update expression: \1",
    r"only shared variables can be updated, not (.*)": r"update target must be a SharedVariable, "
    r"not \1",
    r"an update must have the type of its variable: (.*) cannot become (.*)": "An update must have "
    r"the same type as the original shared variable (shared_var=\1, update_val=\2)",
    r"the cost must be a scalar; (.*)": r"cost must be a scalar. \1",
    r"the cost does not depend on (.*) in a differentiable way": "grad method was asked to compute "
    "the gradient with respect to a variable that is not part of the computational graph of the "
    r"cost, or is used only by a non-differentiable operator: \1",
}
"""Our messages as patterns, with Theano's."""

_ARGUMENT = re.compile(r"argument (\d+)(?: '(.*?)')? of (.*?): (.*)", re.DOTALL)


def reword(error: KernelgraphError, convention: CallingConvention | None = None) -> None:
    """Give an error, perhaps one of a call of this `convention`, Theano's message."""
    found = _ARGUMENT.fullmatch(error.message)
    unknown = re.fullmatch(r"unknown input '(.*)': the signature is .*", error.message, re.DOTALL)
    if found is not None:
        place, name, function, what = found.groups()
        named = f' with name "{name}"' if name else ""
        error.message = (
            f'Bad input argument{named} to theano function with name "{function}" at index '
            f"{place} (0-based). {what}"
        )
    elif unknown is not None and convention is not None:
        names = [item.name for item in convention.inputs if item.name]
        rest = len(convention.inputs) - len(names)
        error.message = (
            f"Unknown input or state: {unknown[1]}. The function has {len(names)} named inputs "
            f"({', '.join(names)})"
        )
        if rest:
            error.message += (
                f", and {rest} unnamed which cannot be accessed through keyword argument"
            )
    else:
        for pattern, words in _PATTERNS.items():
            if re.fullmatch(pattern, error.message, re.DOTALL):
                error.message = re.sub(pattern, words, error.message, count=1, flags=re.DOTALL)
                break


@contextmanager
def in_theanos_words() -> Generator[None]:
    """Errors of this block have Theano's messages."""
    try:
        yield
    except KernelgraphError as error:
        reword(error)
        raise
