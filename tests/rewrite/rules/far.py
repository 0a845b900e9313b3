"""Scores far out, and what is right for them on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS = np.array([[800.0, 0.0, -80.0], [-900.0, -901.0, -902.0], [1.0, 2.0, 3.0]])
FAR = [[1000.0, 999.0], [-1000.0, -1001.0]]

OPPOSITE = [[1000.0, -1000.0], [-1000.0, 1000.0]]

WEIGHTS = [0.3, 0.7]

MANY = [[0.3, 0.5], [0.7, 0.5]]

UP = 1 / (1 + np.exp(-1.0))
"""What the larger of two scores that differ by 1 has of both."""

PART = 0.3 / (0.3 + 0.7 * np.exp(-1.0))
"""The same with weights."""


def log_sum(weights: Any, x: Any) -> Any:
    """log(sum(weights * exp(x))) of rows."""
    top = np.max(x, axis=-1)
    return top + np.log((weights * np.exp(x - top[..., None])).sum(axis=-1))
