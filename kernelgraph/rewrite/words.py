"""The words with which a rule speaks of itself: its phase, and the domains of its wildcards."""

from __future__ import annotations

from kernelgraph.types import Shape

PHASES = ("merge", "fold", "simplify", "stabilize", "inner", "user", "expand")
"""The phases in which rules run, in order. A rule that declares none runs in `user`."""

RANKS: dict[str, Shape] = {
    "scalar": (), "vector": (None,), "row": (1, None), "column": (None, 1), "single": (1, 1),
    "matrix": (None, None),
}  # fmt: skip
"""The words of a rule's domains that name a shape."""

DOMAINS = frozenset(
    {"finite", "positive", "negative", "moderate", "unit", "bounded", "integer", *RANKS}
)  # fmt: skip
"""All words of a rule's domains."""
