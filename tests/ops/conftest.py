"""What the tests of ops share: a function of every target, a cache that goes with the run, and a
compiler that optimises little. What it makes of the ops when it optimises all that it can is
compared in `tests/test_every_op.py`, in random programs, and in a hunt here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kernelgraph as kg
from tests.support import TARGETS, hunting, quick_compiler


@pytest.fixture(scope="package", autouse=True)
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp()
        patch.setenv("KERNELGRAPH_CACHE", str(folder / "compiled"))
        if not hunting():
            patch.setenv("KERNELGRAPH_CC", quick_compiler(folder))
        yield


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build
