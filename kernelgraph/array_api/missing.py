"""What the array API standard has and this package lacks, with the reason for each name."""

from __future__ import annotations

MISSING: dict[str, str] = {
    "fft": "an extension that the standard leaves open; the language has no Fourier transform",
    "Array.__buffer__": "Python 3.12 and later ask for it; NumPy reads arrays by `__array__`",
}
"""By the name that a program writes (`xp.fft`, `Array.__buffer__`), why it is not there."""

_NO_COMPLEX = "the language has this function of real numbers only"
_ORDER = "complex numbers have no order, by which the language finds equal ones"

WITHOUT_COMPLEX: dict[str, str] = {
    **dict.fromkeys(["acos", "acosh", "asin", "asinh", "atan", "atanh"], _NO_COMPLEX),
    **dict.fromkeys(["unique_all", "unique_counts", "unique_inverse", "unique_values"], _ORDER),
}
"""Functions that refuse complex numbers though the standard does not, with the reason."""
