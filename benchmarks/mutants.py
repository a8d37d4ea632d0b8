"""Mutants of a module: copies in which one condition, bound, member of a set or distance differs.

| mutation | of | example |
|---|---|---|
| always, never | a condition | `if gap:` becomes `if True:`, `if False:` |
| without | an operand of `and`, `or` | `a and b` becomes `a`, `b` |
| edge | an order of two expressions | `<` becomes `<=` |
| more, less | an integer in a comparison, a number with a name | `> 1` becomes `> 2`, `> 0` |
| without | a member of a set or dictionary | `{"a", "b"}` becomes `{"a"}`, `{"b"}` |

A mutant has a key that does not depend on its line: the module, the function, the condition and the mutation.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType

_EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_HEADER = 88


@dataclass(slots=True)
class Mutant:
    """One mutant.

    :ivar key: description without a line number, of its own in the module.
    :ivar digest: hash of the source of the function or statement that contains it.
    :ivar lines: lines of the statement, whose tests are run.
    :ivar names: the names that a statement outside functions assigns; their uses are run as well.
    """

    key: str
    digest: str
    lines: frozenset[int]
    names: frozenset[str]
    _apply: Callable[[], Callable[[], None]] = field(repr=False)
    _tree: ast.Module = field(repr=False)
    _path: str = field(repr=False)

    def code(self) -> CodeType:
        """Return the code of the module with this mutation."""
        restore = self._apply()
        try:
            return compile(ast.fix_missing_locations(self._tree), self._path, "exec")
        finally:
            restore()


def mutants(source: str, path: str) -> list[Mutant]:
    """Return the mutants of a module in the order of its text."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for home in tree.body:
        for scope, statement in _statements(home):
            lines = _lines(statement)
            names = _assigned(statement) if not scope else frozenset()
            digest = hashlib.sha256(ast.unparse(home).encode()).hexdigest()[:16]
            for change in _changes(statement, outside=not scope):
                name = f"{scope or ', '.join(sorted(names))}: {change.what}"
                seen[name] += 1
                key = name if seen[name] == 1 else f"{name} (no. {seen[name]})"
                found.append(Mutant(key, digest, lines, names, change.apply, tree, path))
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    what: str
    apply: Callable[[], Callable[[], None]]


def _statements(node: ast.stmt, scope: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Yield the statements in and below a node, each with the dotted name of its function."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inner = f"{scope}.{node.name}" if scope else node.name
        for child in node.body:
            if isinstance(node, ast.FunctionDef) or isinstance(child, ast.FunctionDef):
                yield from _statements(child, inner)
        return
    yield scope, node
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.stmt):
            yield from _statements(below, scope)


def _header(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement, without the statements in it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem):
            yield from ast.walk(child)


def _lines(statement: ast.stmt) -> frozenset[int]:
    lines = {statement.lineno}
    for node in _header(statement):
        if isinstance(node, ast.expr):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(lines)


def _assigned(statement: ast.stmt) -> frozenset[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return frozenset(target.id for target in targets if isinstance(target, ast.Name))


def _changes(statement: ast.stmt, *, outside: bool) -> Iterator[_Change]:
    """Yield the changes of the expressions of one statement.

    :param outside: whether the statement is outside functions, where every number is a distance with a name.
    """
    parents: dict[ast.AST, ast.AST] = {}
    nodes: list[ast.AST] = [statement, *_header(statement)]
    for above in nodes:
        for below in ast.iter_child_nodes(above):
            if not isinstance(below, ast.stmt):
                parents[below] = above
    for node in _header(statement):
        parent = parents.get(node, statement)
        if isinstance(node, ast.expr) and _is_condition(node, parent):
            yield from _constants(node, parent)
        if isinstance(node, ast.BoolOp):
            for operand in node.values:
                left = [value for value in node.values if value is not operand]
                new = left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
                yield _replaced(node, parent, new, f"`{_short(node)}` without `{_short(operand)}`")
        elif isinstance(node, ast.Compare):
            yield from _bounds(node)
        elif isinstance(node, ast.Set | ast.Dict) and len(_members(node)) > 1:
            yield from _left_out(node)
        elif outside and isinstance(node, ast.Constant):
            yield from _shifted(node, _short(parent) if isinstance(parent, ast.expr) else _short(node))


def _is_condition(node: ast.expr, parent: ast.AST) -> bool:
    """Return whether an expression, which is no `and` or `or`, is a condition as a whole."""
    if isinstance(node, ast.BoolOp) or isinstance(parent, ast.BoolOp):
        return False
    if isinstance(parent, ast.If | ast.IfExp | ast.While | ast.Assert):
        return node is parent.test
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    inner = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
    return (isinstance(node, ast.Compare) or negated) and not inner


def _constants(node: ast.expr, parent: ast.AST) -> Iterator[_Change]:
    for name, value in (("always", True), ("never", False)):
        if not (value and isinstance(parent, ast.While)):
            yield _replaced(node, parent, ast.Constant(value), f"`{_short(node)}` {name}")


def _bounds(node: ast.Compare) -> Iterator[_Change]:
    """Yield the changes of the bounds of a comparison: integers by one, other orders by their edge."""
    operands = [node.left, *node.comparators]
    numbers = [o for o in operands if isinstance(o, ast.Constant) and type(o.value) in {int, float}]
    for number in numbers:
        yield from _shifted(number, _short(node))
    for i, order in enumerate(node.ops):
        if type(order) in _EDGES and not (operands[i] in numbers or operands[i + 1] in numbers):
            yield _Change(f"edge of `{_short(node)}`" + (f" {i + 1}" if i else ""), _setting(node.ops, i, _edge(order)))


def _edge(order: ast.cmpop) -> ast.cmpop:
    return _EDGES[type(order)]()


def _shifted(node: ast.Constant, where: str) -> Iterator[_Change]:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    small = isinstance(value, float) and value < 1
    for name, new in (("more", value * 1.1 if small else value + 1), ("less", value * 0.9 if small else value - 1)):
        yield _Change(f"`{where}` {name} than {value}", _attribute(node, "value", new))


def _members(node: ast.Set | ast.Dict) -> list[ast.expr | None]:
    return list(node.elts) if isinstance(node, ast.Set) else list(node.keys)


def _left_out(node: ast.Set | ast.Dict) -> Iterator[_Change]:
    for i, member in enumerate(_members(node)):
        if member is None:
            continue
        what = f"`{_short(node)}` without `{_short(member)}`"
        fields = ("elts",) if isinstance(node, ast.Set) else ("keys", "values")
        yield _Change(what, _removing(node, fields, i))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _HEADER else f"{text[: _HEADER - 8]}… {hashlib.sha256(text.encode()).hexdigest()[:6]}"


#
# Changes in place, each of which returns the function that restores the tree
#


def _replaced(node: ast.expr, parent: ast.AST, new: ast.expr, what: str) -> _Change:
    for name, value in ast.iter_fields(parent):
        if value is node:
            return _Change(what, _attribute(parent, name, new))
        if isinstance(value, list) and node in value:
            return _Change(what, _setting(value, value.index(node), new))
    raise ValueError(f"no place of {ast.dump(node)} in {ast.dump(parent)}")


def _attribute(node: ast.AST, name: str, new: object) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        old = getattr(node, name)
        setattr(node, name, new)
        return lambda: setattr(node, name, old)

    return apply


def _setting(items: list[ast.AST] | list[ast.cmpop], i: int, new: ast.AST) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        old = items[i]
        items[i] = new  # type: ignore[call-overload]
        return lambda: items.__setitem__(i, old)  # type: ignore[call-overload]

    return apply


def _removing(node: ast.AST, fields: tuple[str, ...], i: int) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        old = {name: list(getattr(node, name)) for name in fields}
        for name in fields:
            del getattr(node, name)[i]

        def restore() -> None:
            for name, items in old.items():
                getattr(node, name)[:] = items

        return restore

    return apply
