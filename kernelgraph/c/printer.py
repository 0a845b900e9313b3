"""Print a program as one C file: functions for the kernels, and one function that is the host's
list of actions.
"""

from __future__ import annotations

import hashlib
import re

from kernelgraph.c.clocks import CLOCK, timed_actions
from kernelgraph.c.host import HostPrinter
from kernelgraph.c.mathematics import NAMES, mathematics
from kernelgraph.c.own import write_own
from kernelgraph.c.prelude import TYPES, host_header
from kernelgraph.c.repeated import print_kernels
from kernelgraph.formats import types
from kernelgraph.loops.printer import dtypes_of, helpers
from kernelgraph.loops.program import Program
from kernelgraph.templates import definitions
from kernelgraph.writer import Source, Writer


def print_c(program: Program, timed: bool = False) -> Source:
    """The whole file; a timed program measures its kernels.

    Its symbol carries a hash of the text, so that no two programs ever share a name.
    """
    body = Writer()
    functions = print_kernels(program.kernels, body)
    write_own(program.actions, body)
    clocks = len(timed_actions(program)) if timed else 0
    HostPrinter(program, body, bool(clocks), functions).write("PROGRAM")
    needed = helpers(program.actions)
    own = {helper.name: dtypes for helper, dtypes in needed.items() if helper.name in NAMES}
    others = "\n".join(definitions([*needed, *body.helpers], "c"))
    head = Writer()
    for part in (
        host_header(),
        "#include <tgmath.h>\n",
        TYPES,
        *types("c", dtypes_of(program.actions)),
        mathematics(own, set[str]().union(*own.values()), others),
        others,
        *([CLOCK.replace("COUNT", str(clocks))] if clocks else []),
    ):
        for line in part.rstrip("\n").split("\n"):
            head.line(line)
        head.line("")
    head.include(body)
    source = head.source()
    symbol = "kg_" + hashlib.sha256(source.text.encode()).hexdigest()[:24]
    named = re.sub(r"\bPROGRAM(?=[(_])", symbol, source.text)
    return Source(named, source.lines, symbol)
