"""Run every benchmark and print one table: `./kg bench`."""

from __future__ import annotations

import platform

import numpy as np

from benchmarks import calls, elementwise, networks, starts


def main() -> None:
    """Print the table, a line as soon as it is measured."""
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    print(f"{'':<44}{'kernelgraph':>12}{'NumPy':>12}{'ratio':>8}")
    for page in (calls, networks, elementwise, starts):
        for row in page.rows():
            print(row, flush=True)


if __name__ == "__main__":
    main()
