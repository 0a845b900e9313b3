"""For notebooks: cell magics and live views, thin skins over what other packages compute.

`%load_ext kernelgraph` adds `%%symfunc` and line magics such as `%symsteps`, and shows what speaks
for and against every rule that a cell defines; `train` watches a training loop. Pictures need none
of this: every value draws itself.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.jupyter.rules import NewRules
from kernelgraph.jupyter.training import Training, train

__all__ = ["Training", "load_ipython_extension", "train"]


def load_ipython_extension(shell: Any) -> None:
    """Add the magics to an IPython shell: what `%load_ext kernelgraph` does."""
    from kernelgraph.jupyter import completion  # IPython is there only in a notebook
    from kernelgraph.jupyter.cuda import CudaMagics
    from kernelgraph.jupyter.magics import SymfuncMagics
    from kernelgraph.jupyter.views import ViewMagics

    shell.register_magics(SymfuncMagics, ViewMagics, CudaMagics)
    completion.install(shell)
    shell.events.register("post_run_cell", NewRules(shell).show)


def unload_ipython_extension(shell: Any) -> None:
    """Stop showing new rules: what `%unload_ext kernelgraph` does. Magics stay, as IPython's do,
    until the next loading replaces them with their settings.
    """
    loaded = shell.magics_manager.registry
    ours = [magics for magics in loaded.values() if type(magics).__module__.startswith(__name__)]
    shell.configurables[:] = [one for one in shell.configurables if one not in ours]
    for callback in list(shell.events.callbacks["post_run_cell"]):
        if isinstance(getattr(callback, "__self__", None), NewRules):
            shell.events.unregister("post_run_cell", callback)
