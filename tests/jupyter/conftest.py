"""One IPython shell for all tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.getipython import get_ipython
from IPython.testing.globalipapp import start_ipython
from IPython.utils.capture import capture_output


@dataclass
class Ran:
    """What running a cell did: its value, its error, and what it wrote."""

    value: Any
    error: BaseException | None
    stdout: str
    stderr: str


class Notebook:
    """Cells run one after the other in a fresh namespace."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        shell.reset(new_session=True)
        shell.extension_manager.load_extension("kernelgraph")

    @property
    def next_number(self) -> int:
        """The number of the cell that is run next."""
        return self.shell.execution_count

    def run(self, cell: str) -> Ran:
        """Run a cell as JupyterLab would."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        plain = re.sub(r"\x1b\[[0-9;]*m", "", captured.stdout)
        return Ran(result.result, error, plain, captured.stderr)

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.shell.user_ns


@pytest.fixture(scope="session")
def shell() -> Any:
    """The process's only IPython shell. Its history is not waited for until it is on the disk."""
    shell: Any = start_ipython() or get_ipython()
    shell.history_manager.db.execute("PRAGMA synchronous = OFF")
    return shell


@pytest.fixture
def notebook(shell: Any) -> Iterator[Notebook]:
    """A notebook with the magics loaded."""
    yield Notebook(shell)
    shell.reset(new_session=True)
