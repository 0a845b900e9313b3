"""Rewriting: a graph comes in, a better one that means the same goes out, every step on record.

Rules run in phases, each to its equilibrium: as long as a rule has something for a node, that node
is replaced, and what was put in its place is looked at again, and so are the nodes that use it.
Work is proportional to the graph: a node is asked about once, and again only when something near it
changed.
"""

from __future__ import annotations

import warnings
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from time import perf_counter

from kernelgraph.collector import without_collector
from kernelgraph.errors import Location, RuleError, is_own, resolve
from kernelgraph.graph import Apply, Graph, Variable, walk
from kernelgraph.locations import level_of_user
from kernelgraph.op import Op
from kernelgraph.rewrite.needs import Near
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rule import Asked, Rule
from kernelgraph.rewrite.steps import Change, Editing, Pair, Rewriting, RuleUse
from kernelgraph.rewrite.words import PHASES
from kernelgraph.size_facts import with_facts
from kernelgraph.types import COMPLEX, TensorType

MOST_STEPS = 10_000
"""After so many steps, and one more per node of the graph, a rule is taken to be endless."""


_MOST_FED = 10
"""A rule of the user that made so many times fewer steps than are allowed may have fed the one
that made them all: each of its steps may call for several others.
"""


class RewriteWarning(UserWarning):
    """A rule was switched off for one compilation: it raised an error, or would not end.

    The result is still right.
    """


def rewrite(
    graph: Graph,
    rules: Sequence[Rule],
    *,
    most_steps: int | None = None,
    on_error: str = "warn",
) -> Rewriting:
    """Rewrite a copy of `graph` until none of `rules` has anything left to do.

    A rule that raises, changes a type, or does not end (that makes `most_steps`, by default
    `MOST_STEPS`, and one more per node) is switched off for this graph, with a `RewriteWarning`
    (KG-O001) that names it and its line; with `on_error="raise"` it is a `RuleError` that says so,
    with "ignore" nothing.
    """
    with without_collector():
        most = MOST_STEPS if most_steps is None else most_steps
        return _Rewriter(graph, rules, most, on_error).run()


class _Phase:
    """The rules of one phase, and how much of what happened they have seen."""

    def __init__(self, rules: Sequence[tuple[Rule, Asked]]) -> None:
        self.depth = max(rule.depth for rule, _ in rules)
        self.seen: int | None = None
        self._take(rules)

    def _take(self, rules: Sequence[tuple[Rule, Asked]]) -> None:
        self._rules = list(rules)
        self._by_op: dict[Op, list[tuple[Rule, Asked]]] = {}
        self._by_root: dict[Op | type, list[int]] = {}
        for number, (rule, _) in enumerate(rules):
            for root in rule.roots:
                self._by_root.setdefault(root, []).append(number)

    def rules_for(self, op: Op) -> list[tuple[Rule, Asked]]:
        """The rules that look at nodes of this op or of one of its classes, in order."""
        found = self._by_op.get(op)
        if found is None:
            roots = (op, *type(op).__mro__)
            numbers = {number for root in roots for number in self._by_root.get(root, ())}
            found = [self._rules[number] for number in sorted(numbers)]
            self._by_op[op] = found
        return found

    def drop(self, rule: Rule) -> None:
        """Ask this rule no more."""
        self._take([(other, ask) for other, ask in self._rules if other is not rule])


class _Rewriter:
    def __init__(self, graph: Graph, rules: Sequence[Rule], most_steps: int, on_error: str) -> None:
        graph = with_facts(graph)
        self.on_error = on_error
        self.original = graph
        self.rules = rules
        self.edited = Editing(graph)
        self.copies = dict(self.edited.function_graph.copies)
        self.choosy = _has_other_numbers(self.edited.nodes)
        self.log: list[Change] = []
        self.touched: list[list[Apply]] = []
        self.inside: list[Rewriting] = []
        self.used: Counter[Rule] = Counter()
        self.uses: dict[Rule, RuleUse] = {}
        self.budget = most_steps + len(self.edited.nodes)
        groups: dict[tuple[str, bool], list[tuple[Rule, Asked]]] = {}
        for rule in rules:
            asked = rule.start(self.edited.function_graph, self._rewrite_inside)
            groups.setdefault((rule.phase, rule.late), []).append((rule, asked))
        self.phases = [
            _Phase(group)
            for phase in PHASES
            for late in (False, True)
            if (group := groups.get((phase, late)))
        ]

    def _rewrite_inside(self, graph: Graph) -> Graph:
        """A graph that an op of this one holds, by the same rules."""
        rewriting = rewrite(graph, self.rules, on_error=self.on_error)
        if not rewriting.log:
            return graph
        self.inside.append(rewriting)
        return rewriting.graph

    def run(self) -> Rewriting:
        """Run the phases in order; those before one that changed something look at that first."""
        position = 0
        while position < len(self.phases):
            before = len(self.log)
            self._run_phase(self.phases[position])
            position = 0 if len(self.log) > before and position > 0 else position + 1
        return Rewriting(
            self.original, self.edited.graph(), tuple(self.log), self.copies, tuple(self.inside),
            self.uses,
        )  # fmt: skip

    def _run_phase(self, phase: _Phase) -> None:
        """Ask the phase's rules about all nodes that are new to them, until nothing is left."""
        queue = deque(self._unseen(phase))
        queued = set(queue)
        while queue:
            node = queue.popleft()
            queued.discard(node)
            if node in self.edited.nodes and self._improve(phase, node):
                around = self._around(self.touched[-1:], phase.depth)
                again = [near for near in around if near not in queued]
                queue.extendleft(reversed(again))
                queued.update(again)
        phase.seen = len(self.log)

    def _unseen(self, phase: _Phase) -> Iterable[Apply]:
        if phase.seen is None:
            return walk(self.edited.function_graph.outputs)
        return self._around(self.touched[phase.seen :], phase.depth)

    def _around(self, touched: Sequence[Sequence[Apply]], depth: int) -> list[Apply]:
        """The touched nodes, and those that use them within `depth` levels; producers first."""
        found = {node: None for nodes in touched for node in nodes if node in self.edited.nodes}
        level = list(found)
        clients = self.edited.function_graph.clients
        for _ in range(depth - 1):
            level = [
                user
                for node in level
                for out in node.outputs
                for user in clients.get(out, ())
                if user not in found
            ]
            if not level:
                break
            found.update((user, None) for user in level)
        return list(found)

    def _improve(self, phase: _Phase, node: Apply) -> bool:
        """The first rule that has something for this node puts it in the node's place.

        Tells whether one had.
        """
        near = Near(node)
        start = perf_counter()
        for rule, ask in phase.rules_for(node.op):
            if self.choosy and not rule.suits(node):
                continue
            use = self.uses.get(rule)
            if use is None:
                use = self.uses[rule] = RuleUse()
            try:
                found = ask(node) if rule.needs is None or rule.needs.are_met(near) else None
                changed = found is not None and self._change(rule, node, found, start)
            except Exception as error:  # whatever a rule does wrong, the graph as it is stays right
                self._switch_off(rule, _told(error), _place_of(error) or rule.place)
                start = perf_counter()
                continue
            start, begun = perf_counter(), start
            use.tried += 1
            use.seconds += start - begun
            if not changed:
                continue
            use.applied += 1
            self.used[rule] += 1
            if self.used[rule] >= self.budget:
                endless, steps = self._to_blame(rule)
                self._switch_off(endless, f"it made {steps} steps and would not end", endless.place)
                self.used.clear()  # rules that undid its steps are not to blame
                self.budget += len(self.edited.nodes)  # nor are those that tidy up after it
            return True
        return False

    def _change(
        self, rule: Rule, node: Apply, found: Variable | Sequence[Variable | None], start: float
    ) -> bool:
        """Make the replacement, after checking it. Tells whether there was anything to replace."""
        items = [found] if isinstance(found, Variable) else found
        pairs: list[Pair] = [
            (old, new)
            for old, new in zip(node.outputs, items, strict=True)
            if new is not None and new is not old and not _is_narrower(old, new)
        ]
        if len(pairs) > 1:  # what computes a result that nobody wants would count as a user
            pairs = [pair for pair in pairs if self.edited.function_graph.is_used(pair[0])]
        if not pairs:
            return False
        made: dict[Apply, None] = {}
        for old, new in pairs:
            _check_type(old, new)
            made.update((n, None) for n in self.edited.function_graph.new_nodes(new))
        nodes = tuple((n, tuple(n.inputs)) for n in made)
        if any(old is operand for _, operands in nodes for operand in operands for old, _ in pairs):
            raise RuleError(f"{formula(pairs[0][1])} still needs what it would replace")
        clients = self.edited.function_graph.clients
        users = [user for old, _ in pairs for user in clients.get(old, ())]
        origins = self.edited.replace(pairs, list(made))
        took = perf_counter() - start
        self.log.append(Change(rule, tuple(pairs), nodes, origins, took))
        alone = self.edited.function_graph.left_alone
        self.touched.append([*made, *users, *alone])
        alone.clear()
        return True

    def _to_blame(self, rule: Rule) -> tuple[Rule, int]:
        """The rule that would not end, and its steps, where this one came to the limit: rules of
        the package end among themselves, so one of the user that fed them is meant, if any did.
        """
        fed = {
            own: steps
            for own, steps in self.used.items()
            if own.by_user and steps * _MOST_FED > self.budget
        }
        found = rule if rule.by_user or not fed else max(fed, key=lambda own: fed[own])
        return found, self.used[found]

    def _switch_off(self, rule: Rule, reason: str, place: Location) -> None:
        for phase in self.phases:
            phase.drop(rule)
        self.uses[rule].stopped = reason
        text = f"rewrite rule {rule.name} is switched off for {self.original.name}: {reason}"
        if self.on_error == "raise":
            raise RuleError(f"{text} ({place})", hint='config.on_opt_error = "warn" goes on')
        if self.on_error == "warn":
            warning = f"[{RuleError.default_code}] {text} ({place})"
            warnings.warn(warning, RewriteWarning, stacklevel=level_of_user())


def _has_other_numbers(nodes: Iterable[Apply]) -> bool:
    """Whether there are complex numbers or float16, about which few rules may be asked."""
    dtypes = {getattr(v.type, "dtype", "") for n in nodes for v in (*n.inputs, *n.outputs)}
    return not dtypes.isdisjoint(("float16", *COMPLEX))


def _told(error: Exception) -> str:
    """The error in a line."""
    return f"{type(error).__name__}: {getattr(error, 'message', error)}"


def _place_of(error: Exception) -> Location | None:
    """Where in the user's code an error was raised; None if nowhere."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if not is_own(trace.tb_frame.f_code):
            found = (trace.tb_frame.f_code, trace.tb_lasti)
        trace = trace.tb_next
    return None if found is None else resolve(found)


def _is_narrower(old: Variable, new: Variable) -> bool:
    """Whether a replacement is known to have a size 1 where the old variable has an open one: then
    it would be repeated where the old one must match, so it is no replacement.
    """
    if not isinstance(old.type, TensorType) or not isinstance(new.type, TensorType):
        return False
    return old.broadcastable != new.broadcastable and old.type.accepts(new.type)


def _check_type(old: Variable, new: Variable) -> None:
    if old.type == new.type:
        return
    fits = isinstance(old.type, TensorType) and old.type.accepts(new.type)
    if not fits or old.broadcastable != new.broadcastable:
        found = f"its replacement {formula(new)} is {new.type}"
        raise RuleError(f"{formula(old)} is {old.type}, {found}")
