"""What the array API standard has and this package lacks, with the reason for each name."""

from __future__ import annotations

_COMPLEX = "arrays of the standard have no complex numbers so far"
_SPECTRUM = (
    "from version 2025.12 of the standard; the language has eigenvalues of symmetric matrices"
)

MISSING: dict[str, str] = {
    "fft": "an extension that the standard leaves open; the language has no Fourier transform",
    "Array.__buffer__": "Python 3.12 and later ask for it; NumPy reads arrays by `__array__`",
    **dict.fromkeys(["complex64", "complex128", "conj", "imag", "real"], _COMPLEX),
    **dict.fromkeys(["linalg.eig", "linalg.eigvals"], _SPECTRUM),
}
"""By the name that a program writes (`xp.fft`, `Array.__buffer__`), why it is not there."""
