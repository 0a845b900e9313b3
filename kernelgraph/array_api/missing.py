"""What the array API standard has and this package lacks, with the reason for each name."""

from __future__ import annotations

MISSING: dict[str, str] = {
    "fft": "an extension that the standard leaves open; the language has no Fourier transform",
    "Array.__buffer__": "Python 3.12 and later ask for it; NumPy reads arrays by `__array__`",
}
"""By the name that a program writes (`xp.fft`, `Array.__buffer__`), why it is not there."""
