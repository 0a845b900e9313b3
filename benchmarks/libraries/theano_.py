"""Theano 1.0.5, on a Python 3.7."""

# pyright: reportMissingImports=false
from __future__ import annotations

import theano
import theano.tensor as T

from benchmarks.libraries.symbolic import Symbolic


def library() -> Symbolic:
    """Theano as it comes."""
    return Symbolic(theano, T, T.nnet.softmax)
