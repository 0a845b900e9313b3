"""Two rows at a time (unroll and jam): a loop over rows whose inner loops read or update one array
for every row does two rows a turn, so that the array passes through the registers half as often.
Numbers are added in the same order as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kernelgraph.loops import ir

_MOST_STATEMENTS = 60


def pair_rows(loop: ir.For) -> ir.For:
    """The loop with two rows a turn, if that is safe and of use; else the loop itself."""
    if not (_is_safe(loop) and _is_useful(loop)):
        return loop
    following = f"{loop.index}_next"
    second = _Renaming(loop, following).statements(loop.body)
    step: ir.Statement = ir.Let(following, _plus(ir.Name(loop.index), 1))
    body = _ask_ahead(list(_zip(loop.body, second)), loop.index)
    return replace(loop, body=(step, *body), step=2, rest=loop.body)


def _plus(value: ir.Expression, more: int) -> ir.Expression:
    return ir.Formula({"c": f"{{x}} + {more}"}, {"x": value}, "int64")


def _ask_ahead(body: list[ir.Statement], row: str) -> list[ir.Statement]:
    """The last inner loop, which works on rows that are in the cache by then, asks for the row that
    comes next.
    """
    last = max(k for k, item in enumerate(body) if isinstance(item, ir.For))
    loop = body[last]
    assert isinstance(loop, ir.For)
    loads = {
        _place(load): load
        for item in loop.body
        for value in _values(item)
        for load in _loads(value)
    }
    ahead = [
        replace(load, index=tuple(_plus(e, 2) if _is(e, row) else e for e in load.index))
        for load in loads.values()
        if _by_row(load.index, row) and _is(load.index[-1], loop.index)
    ]
    body[last] = replace(loop, prefetch=tuple(ahead))
    return body


def _is(entry: ir.Expression, name: str) -> bool:
    return isinstance(entry, ir.Name) and entry.name == name


def _all(statements: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    for item in statements:
        yield item
        if isinstance(item, ir.For):
            yield from _all(item.body)


def _loads(value: ir.Expression) -> Iterator[ir.Load]:
    match value:
        case ir.Load():
            yield value
            for entry in value.index:
                yield from _loads(entry)
        case ir.Formula():
            for operand in value.operands.values():
                yield from _loads(operand)
        case _:
            pass


def _values(item: ir.Statement) -> Sequence[ir.Expression]:
    match item:
        case ir.Let() | ir.Assign() | ir.Bounded():
            return [item.value]
        case ir.Store():
            return [item.value, *item.index]
        case ir.Fold():
            return [item.element]
        case _:
            return []


def _by_row(index: Sequence[ir.Expression], row: str) -> bool:
    return any(_is(entry, row) for entry in index)


def _is_safe(loop: ir.For) -> bool:
    """Whether no row needs what the row before it wrote: rows write to themselves, or add to what
    they all share.
    """
    items = list(_all(loop.body))
    if len(items) > _MOST_STATEMENTS or any(
        isinstance(item, ir.Bounded | ir.Poll) for item in items
    ):
        return False
    shared = {
        item.buffer
        for item in items
        if isinstance(item, ir.Store) and not _by_row(item.index, loop.index)
    }
    for item in items:
        read = [load for value in _values(item) for load in _loads(value) if load.buffer in shared]
        if isinstance(item, ir.Store) and item.buffer in shared:
            own = [load for load in read if load.buffer is item.buffer]
            if len(own) != 1 or not _same(own[0].index, item.index) or len(read) != 1:
                return False
        elif read:
            return False
    return True


def _same(a: Sequence[ir.Expression], b: Sequence[ir.Expression]) -> bool:
    names = [
        [entry.name if isinstance(entry, ir.Name) else None for entry in index] for index in (a, b)
    ]
    return names[0] == names[1] and None not in names[0]


def _is_useful(loop: ir.For) -> bool:
    """Whether an inner loop reads an array that is the same for every row."""
    for inner in loop.body:
        if isinstance(inner, ir.For):
            for item in inner.body:
                loads = (load for value in _values(item) for load in _loads(value))
                if any(load.index and not _by_row(load.index, loop.index) for load in loads):
                    return True
    return False


def _zip(first: Sequence[ir.Statement], second: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    """Both rows' statements in turn; inner loops that update an array become one."""
    pending: list[ir.Statement] = []
    for a, b in zip(first, second, strict=True):
        if isinstance(a, ir.For) and isinstance(b, ir.For):
            yield from pending
            pending = []
            yield replace(a, body=_share_loads((*a.body, *b.body)))
        else:
            yield a
            pending.append(b)
    yield from pending


def _share_loads(items: Sequence[ir.Statement]) -> tuple[ir.Statement, ...]:
    """What both rows read from one place is read once."""
    stored = {item.buffer for item in items if isinstance(item, ir.Store)}
    counts: dict[tuple[ir.Buffer, str], list[ir.Load]] = {}
    for item in items:
        for value in _values(item):
            for load in _loads(value):
                if load.buffer not in stored and all(
                    isinstance(entry, ir.Name) for entry in load.index
                ):
                    counts.setdefault(_place(load), []).append(load)
    shared = {
        place: ("_".join([place[0].name, "at", *place[1].split(",")]), loads[0])
        for place, loads in counts.items()
        if len(loads) > 1
    }
    lets = tuple(ir.Let(name, load) for name, load in shared.values())
    replaced = _Loaded({place: name for place, (name, _) in shared.items()})
    return (*lets, *replaced.statements(items))


def _place(load: ir.Load) -> tuple[ir.Buffer, str]:
    return load.buffer, ",".join(entry.name for entry in load.index if isinstance(entry, ir.Name))


class _Renaming:
    """The second row's statements: its own names, the next index."""

    def __init__(self, loop: ir.For, following: str) -> None:
        own = [item.name for item in _all(loop.body) if isinstance(item, ir.Let | ir.Variable)]
        self.names: Mapping[str, str] = {
            **{name: f"{name}_next" for name in own},
            loop.index: following,
        }

    def name(self, name: str) -> str:
        """The second row's name for a number of the first."""
        return self.names.get(name, name)

    def statements(self, items: Sequence[ir.Statement]) -> tuple[ir.Statement, ...]:
        return tuple(self.statement(item) for item in items)

    def statement(self, item: ir.Statement) -> ir.Statement:
        match item:
            case ir.Let() | ir.Assign():
                return replace(item, name=self.name(item.name), value=self.value(item.value))
            case ir.Variable():
                return replace(item, name=self.name(item.name))
            case ir.Fold():
                return replace(item, name=self.name(item.name), element=self.value(item.element))
            case ir.Store():
                return replace(
                    item, index=tuple(map(self.value, item.index)), value=self.value(item.value)
                )
            case ir.For():
                return replace(item, body=self.statements(item.body))
            case _:
                return item

    def value(self, value: ir.Expression) -> ir.Expression:
        match value:
            case ir.Name():
                return replace(value, name=self.name(value.name))
            case ir.Load():
                return replace(value, index=tuple(map(self.value, value.index)))
            case ir.Formula():
                return replace(
                    value, operands={key: self.value(v) for key, v in value.operands.items()}
                )
            case _:
                return value


class _Loaded(_Renaming):
    """The same statements with loads replaced by names."""

    def __init__(self, names: Mapping[tuple[ir.Buffer, str], str]) -> None:
        self.loaded = names
        self.names = {}

    def value(self, value: ir.Expression) -> ir.Expression:
        if isinstance(value, ir.Load) and all(isinstance(entry, ir.Name) for entry in value.index):
            name = self.loaded.get(_place(value))
            return value if name is None else ir.Name(name, value.dtype)
        return super().value(value)
