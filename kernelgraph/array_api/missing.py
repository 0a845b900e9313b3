"""What the array API standard has and this package lacks, with the reason for each name."""

from __future__ import annotations

_LATER = "the language has no op for it so far"
_COMPLEX = "the language has no complex numbers so far"

MISSING: dict[str, str] = {
    "fft": "an extension that the standard leaves open; the language has no Fourier transform",
    "Array.__buffer__": "Python 3.12 and later ask for it; NumPy reads arrays by `__array__`",
    **dict.fromkeys(["complex64", "complex128", "conj", "imag", "real"], _COMPLEX),
    "linalg": _LATER,
}
"""By the name that a program writes (`xp.fft`, `Array.__buffer__`), why it is not there."""
