"""What is read of a CUDA source before it is compiled: its kernels, and what is not simulated.

The source stays as it is but for one word: `extern __shared__` becomes `extern __thread`, since C++
has no array that is both external and static. Line numbers do not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kernelgraph.errors import CompileError

_NO_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_KERNEL = re.compile(
    r"__global__\s+(?:__launch_bounds__\s*\((?:[^()]|\([^()]*\))*\)\s*|static\s+|inline\s+)*void\s+"
    r"(?:__launch_bounds__\s*\((?:[^()]|\([^()]*\))*\)\s*)?(\w+)\s*\("
)
_TEMPLATE = re.compile(r"template\s*<[^;{}]*>\s*(?:static\s+|inline\s+)*$")
_MACRO = re.compile(r"^[ \t]*#[ \t]*define\b(?:[^\n]|\\\n)*\b__global__\b", re.MULTILINE)
_DYNAMIC = re.compile(r"\bextern\s+__shared__\b(?=[^;]*?\b(\w+)\s*\[\s*\])")
_UNSUPPORTED = (
    (r"\basm\b|\b__asm__\b", "PTX inside a kernel (asm)"),
    (r"\bcooperative_groups\b", "cooperative groups"),
    (r"\bcudaTextureObject_t\b|\btex[123]D\w*\s*[(<]|\btexture\s*<", "textures"),
    (r"\bcudaSurfaceObject_t\b|\bsurf[123]D\w*\s*[(<]", "surfaces"),
    (r"\bwmma\b|\bnvcuda\b", "matrix instructions (wmma)"),
    (r"\b__cluster_dims__\b|\bCUtensorMap\b", "clusters and tensor maps (TMA)"),
    (r"\b__pipeline_\w+|\bcuda::(?:pipeline|barrier|memcpy_async)\b", "asynchronous copies"),
    (r"<<<", "launches inside a source (<<<…>>>)"),
)


@dataclass(frozen=True)
class Prepared:
    """A source that can be compiled: its text, its kernels, and its arrays of dynamic size."""

    text: str
    kernels: tuple[str, ...]
    dynamic: tuple[str, ...]


def prepare(source: str, name: str, expand: Callable[[str], str] = str) -> Prepared:
    """Read a source; `expand` gives the text with its macros expanded, if macros make kernels.

    Raises `CompileError` (KG-K030) for what the simulator does not know.
    """
    code = _NO_CODE.sub(_blank, source)
    for pattern, what in _UNSUPPORTED:
        if found := re.search(pattern, code):
            line = code.count("\n", 0, found.start()) + 1
            raise CompileError(
                f"{name}, line {line}: the simulator does not know {what}",
                code="KG-K030",
                because=source.splitlines()[line - 1].strip(),
                hint="it can be compiled for a GPU all the same",
            )
    whole = _NO_CODE.sub(_blank, expand(source)) if _MACRO.search(code) else code
    found = _KERNEL.finditer(whole)
    kernels = [match.group(1) for match in found if not _TEMPLATE.search(whole[: match.start()])]
    dynamic = sorted({match.group(1) for match in _DYNAMIC.finditer(code)})
    text = list(source)
    for match in _DYNAMIC.finditer(code):
        word = code.index("__shared__", match.start())
        text[word : word + len("__shared__")] = ["__thread  ", *[""] * (len("__shared__") - 1)]
    return Prepared("".join(text), tuple(dict.fromkeys(kernels)), tuple(dynamic))


def _blank(match: re.Match[str]) -> str:
    """As many characters as a comment or a string has, and its line ends."""
    return re.sub(r"[^\n]", " ", match.group())
