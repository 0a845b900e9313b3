"""The command line of an installed kernelgraph: `python -m kernelgraph lab` opens the lessons."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kernelgraph.lab import LabError, open_lab

USAGE = """\
usage: python -m kernelgraph lab [ARGUMENTS]

  lab    open JupyterLab on the lessons; they are copied to ./kernelgraph-notebooks first, where
         your own changes are kept. ARGUMENTS go to JupyterLab, for example --no-browser.
"""


def main(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` say and return the exit status."""
    match arguments:
        case [] | ["help" | "-h" | "--help"]:
            print(USAGE, end="")
        case ["lab", *rest]:
            try:
                open_lab(rest)
            except LabError as error:
                print(f"kernelgraph: {error}", file=sys.stderr)
                return 1
        case _:
            print(f"kernelgraph: there is no command {arguments[0]!r}", file=sys.stderr)
            print(USAGE, end="", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
