"""Rules that a cell defines are tried at once, and shown below the cell with what became of it."""

from __future__ import annotations

from typing import Any

from kernelgraph.rewrite.rule import Rule


class NewRules:
    """Knows which rules of a notebook have been shown."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._shown = {id(rule): rule for rule in self._present()}

    def show(self, result: Any) -> None:
        """Display each rule that the cell which has just run bound to a name.

        A rule that is the cell's own value is on display already.
        """
        value = getattr(result, "result", None)
        for rule in self._present():
            if id(rule) not in self._shown:
                self._shown[id(rule)] = rule
                if rule is not value:
                    self.shell.display_pub.publish(rule._repr_mimebundle_())  # pyright: ignore[reportPrivateUsage]

    def _present(self) -> list[Rule]:
        names: dict[str, Any] = self.shell.user_ns
        found = (value for name, value in list(names.items()) if not name.startswith("_"))
        return [v for v in found if isinstance(v, Rule) and v.by_user]  # imported ones are no news
