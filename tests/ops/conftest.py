"""What the tests of ops share: a function of every target, and a cache that goes with the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph as kg
from tests.support import TARGETS


@pytest.fixture(scope="module", autouse=True)
def together(cache_of_this_run: None) -> None:
    """What is compiled for one test serves the others."""


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build
