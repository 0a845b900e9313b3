"""What the tests of ops share: a function of every target, and a cache that goes with the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kernelgraph as kg
from tests.support import TARGETS


@pytest.fixture(scope="package", autouse=True)
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGRAPH_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))
        yield


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build
