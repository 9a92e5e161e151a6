"""Which files that are no modules a module takes with it.

A module that says ``__file__`` brings the files it names. Two ways of naming count:

- a path built of ``__file__`` and literals, ``Path(__file__).parent / "data" / "genres.json"``; a
  folder named so comes whole;
- any literal ``x`` of the module for which ``x`` or ``x.sql`` lies beside it, so that
  ``statement(__file__, "title_page")`` brings ``title_page.sql``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN = re.compile(r"[\w./-]{1,120}")


@dataclass
class Named:
    """What one module names.

    Attributes:
        files: Files it names.
        folders: Folders it names, which come whole.
        owing: Lines that say ``__file__`` for the module's own folder, where it names nothing.
        problems: ``(line, what is wrong)``.
    """

    files: set[Path] = field(default_factory=set)
    folders: set[Path] = field(default_factory=set)
    owing: list[int] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def named_files(tree: ast.Module, file: Path) -> Named:
    """Return the files and folders that the module ``file`` names."""
    found = Named()
    if not _names_itself(tree):
        return found
    paths = _Paths(tree, file)
    own: list[int] = []
    for line, path in paths.named():
        if path in {file, file.parent}:
            own.append(line)
        else:
            _take(found, line, path, file)
    found.files |= _beside(tree, file)
    found.owing = [] if found.files or found.folders else own
    return found


@cache  # a module is looked at for every function that reaches it
def _names_itself(tree: ast.Module) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__file__" for n in ast.walk(tree))


def _take(found: Named, line: int, path: Path, file: Path) -> None:
    if not path.is_relative_to(file.parent):
        found.problems.append((line, f"names {path.name}, which lies outside the module's folder"))
    elif path.is_dir():
        found.folders.add(path)
    elif path.is_file():
        found.files.add(path)
    else:
        found.problems.append((line, f"names {path.name}, which does not exist"))


def _beside(tree: ast.Module, file: Path) -> set[Path]:
    literals = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _PLAIN.fullmatch(node.value)
    }
    possible = (file.parent / f"{x}{end}" for x in literals for end in ("", ".sql"))
    return {path for path in possible if path.is_file() and path.suffix != ".py"}


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


class _Paths:
    """The paths that expressions of a module stand for, as far as literals tell."""

    def __init__(self, tree: ast.Module, file: Path) -> None:
        self._tree = tree
        self._file = file
        self._names: dict[str, Path] = {}
        self._assigned: dict[str, ast.expr] = {}
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    path = self._resolved(value)
                    if path is not None:
                        self._names[name] = path
                        self._assigned[name] = value
                case _:
                    pass

    def named(self) -> list[tuple[int, Path]]:
        """Return the longest expressions that stand for a path, each with its line."""
        found: list[tuple[int, Path]] = []
        used = {name for value in self._assigned.values() for name in _names(value)}
        self._visit(self._tree, found, used)
        unused = [(v.lineno, self._names[n]) for n, v in self._assigned.items() if n not in used]
        return [*found, *unused]

    def _visit(self, node: ast.AST, found: list[tuple[int, Path]], used: set[str]) -> None:
        if any(node is value for value in self._assigned.values()):
            return  # judged where the name is used, which may say more
        path = self._resolved(node)
        if path is None:
            for child in ast.iter_child_nodes(node):
                self._visit(child, found, used)
        else:
            found.append((getattr(node, "lineno", 0), path))
            used.update(_names(node))

    def _resolved(self, node: ast.AST) -> Path | None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._file if name == "__file__" else self._names.get(name)
            case ast.Call(func=ast.Name(id="Path"), args=[inner]):
                return self._resolved(inner)
            case ast.Attribute(value=inner, attr="parent"):
                path = self._resolved(inner)
                return path and path.parent
            case ast.BinOp(
                left=inner, op=ast.Div(), right=ast.Constant(value=str(name))
            ) | ast.Call(ast.Attribute(inner, "with_name"), [ast.Constant(value=str(name))]):
                path = self._resolved(inner)
                return path and (
                    path / name if isinstance(node, ast.BinOp) else path.with_name(name)
                )
            case _:
                return None
