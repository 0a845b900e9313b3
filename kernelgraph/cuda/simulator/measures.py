"""What the simulator counts of a kernel, by our names and by those of Nsight Compute.

The counts are of a model: warps in lockstep, sectors of 32 bytes, 32 banks of 4 bytes. They are
what a GPU's counters say of the same kernel, up to what caches and the compiler do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from kernelgraph.cuda.simulator.reports import FIELD, RECORD

LANES = 32
SECTOR = 32


@dataclass(frozen=True)
class Metric:
    """A number that is measured: our name, Nsight Compute's, and what it says."""

    name: str
    nsight: str
    meaning: str


METRICS = (
    Metric(
        "global_load_requests",
        "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum",
        "how many times a warp asks global memory for values",
    ),
    Metric(
        "global_load_sectors",
        "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum",
        "how many pieces of 32 bytes these requests touch",
    ),
    Metric(
        "global_store_requests",
        "l1tex__t_requests_pipe_lsu_mem_global_op_st.sum",
        "how many times a warp gives values to global memory",
    ),
    Metric(
        "global_store_sectors",
        "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum",
        "how many pieces of 32 bytes these requests touch",
    ),
    Metric(
        "global_atomic_requests",
        "l1tex__t_requests_pipe_lsu_mem_global_op_atom.sum",
        "how many times a warp changes global memory atomically",
    ),
    Metric(
        "shared_wavefronts",
        "l1tex__data_pipe_lsu_wavefronts_mem_shared.sum",
        "how many passes over its banks shared memory makes",
    ),
    Metric(
        "shared_bank_conflicts",
        "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum",
        "how many of these are there because lanes want different words of one bank",
    ),
    Metric(
        "lanes_per_instruction",
        "smsp__thread_inst_executed_per_inst_executed.ratio",
        "how many of a warp's 32 lanes take part, on average",
    ),
    Metric(
        "occupancy",
        "sm__warps_active.avg.pct_of_peak_sustained_active",
        "how many of the warps that a multiprocessor can hold are there, at most (occupancy.py)",
    ),
)
"""The table from our names to those of Nsight Compute."""


@dataclass(frozen=True)
class Accesses:
    """The accesses of one kind on one line: "load", "store" or "atomic", of "global" or "shared".

    `lanes` and `bytes` are what all requests together asked for.
    """

    line: int
    kind: str
    memory: str
    requests: int
    lanes: int
    sectors: int
    wavefronts: int
    conflicts: int
    bytes: int

    @property
    def lanes_per_request(self) -> float:
        """Lanes of a warp that take part, of 32."""
        return self.lanes / self.requests

    @property
    def sectors_per_request(self) -> float:
        """Pieces of 32 bytes that a request touches; 4 is the least for 32 lanes with a float each.
        0 for shared memory.
        """
        return self.sectors / self.requests

    @property
    def ways(self) -> float:
        """Passes over the banks of shared memory that a request takes; 0 for global memory."""
        return self.wavefronts / self.requests

    def __str__(self) -> str:
        of_global = f"{self.sectors_per_request:.2f} sectors"
        what = of_global if self.memory == "global" else f"{self.ways:.2f} ways"
        return (
            f"line {self.line}: {self.memory} {self.kind}: {self.requests} requests, {what} and "
            f"{self.lanes_per_request:.1f} lanes per request"
        )


@dataclass(frozen=True)
class Measures:
    """All that was counted of a kernel since the last clear, over all its launches.

    `accesses` are in the order of the lines; `lines` has for each line how many basic blocks of
    warps began on it, and how many lanes ran these.
    """

    kernel: str
    accesses: tuple[Accesses, ...]
    lines: dict[int, tuple[int, int]] = field(repr=False)
    steps: int
    lanes: int

    def total(self, name: str, kind: str, memory: str) -> int:
        """The sum over all lines of one count: `total("sectors", "load", "global")`."""
        chosen = (a for a in self.accesses if a.kind == kind and a.memory == memory)
        return sum(getattr(a, name) for a in chosen)

    @property
    def lanes_per_instruction(self) -> float:
        """Lanes that take part in a basic block, on average."""
        return self.lanes / self.steps if self.steps else float(LANES)

    @property
    def simt_efficiency(self) -> float:
        """The same as a part of all 32."""
        return self.lanes_per_instruction / LANES

    @property
    def bytes_moved(self) -> int:
        """Bytes of all sectors of global memory that requests touch, as if there were no cache."""
        return SECTOR * sum(a.sectors for a in self.accesses)

    @property
    def metrics(self) -> dict[str, float]:
        """The numbers of `METRICS` that a run has, by Nsight Compute's names."""
        shared = [a for a in self.accesses if a.memory == "shared"]
        ours = {
            "global_load_requests": self.total("requests", "load", "global"),
            "global_load_sectors": self.total("sectors", "load", "global"),
            "global_store_requests": self.total("requests", "store", "global"),
            "global_store_sectors": self.total("sectors", "store", "global"),
            "global_atomic_requests": self.total("requests", "atomic", "global"),
            "shared_wavefronts": sum(a.wavefronts for a in shared),
            "shared_bank_conflicts": sum(a.conflicts for a in shared),
            "lanes_per_instruction": self.lanes_per_instruction,
        }
        return {metric.nsight: ours[metric.name] for metric in METRICS if metric.name in ours}

    def __str__(self) -> str:
        head = (
            f"kernel {self.kernel}: {self.bytes_moved} bytes moved, "
            f"SIMT efficiency {self.simt_efficiency:.3f}"
        )
        return "\n".join([head, *(f"  {accesses}" for accesses in self.accesses)])


_KINDS = ("load", "store", "atomic")


def read_measures(text: str) -> dict[str, Measures]:
    """The counts that the machine has, by the names of the kernels."""
    records = [record.split(FIELD) for record in text.split(RECORD) if record]
    heads: dict[str, tuple[int, int]] = {}
    accesses: defaultdict[str, list[Accesses]] = defaultdict(list)
    lines: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    kernel = ""
    for word, *fields in records:
        if word == "kernel":
            kernel = fields[0]
            heads[kernel] = int(fields[1]), int(fields[2])
        elif word == "access":
            accesses[kernel].append(_accesses(map(int, fields)))
        else:
            line, steps, lanes = map(int, fields)
            lines[kernel][line] = steps, lanes
    return {
        name: Measures(name, tuple(accesses[name]), lines[name], *head)
        for name, head in heads.items()
    }


def _accesses(numbers: Iterable[int]) -> Accesses:
    line, kind, shared, *counts = numbers
    requests, lanes, sectors, wavefronts, conflicts, total = counts
    memory = "shared" if shared else "global"
    return Accesses(
        line, _KINDS[kind], memory, requests, lanes, sectors, wavefronts, conflicts, total
    )
