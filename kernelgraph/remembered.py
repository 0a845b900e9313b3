"""Answers about graphs that are remembered: a question that walks far is asked once for each part
of a graph. Else, asking at every step of a long program would take quadratic time.

>>> from kernelgraph import tensor as T
>>> answers = Answers()
>>> x = T.dvector("x")
>>> answers[x] = "an answer"
>>> answers.get(x)
'an answer'
>>> forget()
>>> answers.get(x) is None
True
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Answers(Generic[Key, Answer]):
    """Answers by variable or node, as long as that lives and no graph is edited."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Key, Answer] = WeakKeyDictionary()
        _ALL.append(self)

    def get(self, key: Key) -> Answer | None:
        """What is known of a variable or node."""
        return self._known.get(key)

    def __setitem__(self, key: Key, answer: Answer) -> None:
        self._known[key] = answer

    def forget(self) -> None:
        """Begin anew."""
        if self._known:
            self._known = WeakKeyDictionary()


_ALL: list[Answers[Any, Any]] = []


def forget() -> None:
    """Forget all answers, since what they are about has changed: who edits a graph says so. Only
    graphs that are being rewritten are ever edited, and nobody else sees these.
    """
    for answers in _ALL:
        answers.forget()
