"""Every op, of every dtype, in every layout: `./kg nightly tests/every_op -s` prints the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kernelgraph.config import config
from tests.every_op.coverage import Coverage, missing, report, without_reason
from tests.every_op.table import ALL, CASES
from tests.support import hunting, quick_compiler

DERIVED = "of other dtypes"
"""Cases that are made where an op has none of a dtype."""

pytestmark = [
    pytest.mark.usefixtures("any_numbers"),
    pytest.mark.hypothesis,
    pytest.mark.skipif(not hunting(), reason="all combinations are for `./kg nightly`"),
]


@pytest.fixture(scope="module", autouse=True)
def quickly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled for breadth: with little optimisation, and without trials before."""
    folder = tmp_path_factory.mktemp("coverage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGRAPH_CC", quick_compiler(folder, "-O1"))
        patch.setenv("KERNELGRAPH_CACHE", str(folder / "compiled"))
        patch.setattr(config, "try_compiled", "off")
        yield


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    """That of all tests here together."""
    return Coverage()


@pytest.mark.parametrize("name", [*CASES, DERIVED])
def test_every_layout(
    name: str, coverage: Coverage, record_property: Callable[[str, object], None]
) -> None:
    before, wrong = coverage.ran.total(), len(coverage.wrong)
    cases = missing(ALL, coverage) if name == DERIVED else CASES[name]
    coverage.run(cases)
    coverage.run_numbers(cases)
    record_property("cases", coverage.ran.total() - before)
    assert not coverage.wrong[wrong:], "\n".join(coverage.wrong[wrong:][:20])


def test_the_counts(
    coverage: Coverage, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a run of all tests here, nothing is left out without a reason."""
    names = [item.name for item in request.session.items if item.path == request.path]
    with capsys.disabled():
        print("", *report(coverage), sep="\n")
    if len(names) > len(CASES):
        assert without_reason(coverage) == []
