"""What running a function can reach: modules of `shared`, files beside them, packages it imports.

The unit is one definition at the top of a module. Importing a module runs its own lines; what
stands inside a function or a class counts from where somebody reached mentions that definition: by
its name in the same module, by ``from module import name``, or as ``module.name``. A module that is
handed on as a value counts whole. So a function that asks `connect` for addresses alone does not
reach SQLAlchemy, which `connect.engine` imports. Imports under ``if TYPE_CHECKING`` never run.
"""

from __future__ import annotations

import ast
import builtins
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from functions.data_files import named_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAIN = "main"
LOADERS = frozenset({"shared/runtime/jobs.py"})
"""The one module that loads another by path: a job's own ``main.py``, which the image holds."""
NOT_DYNAMIC = frozenset({"importlib.metadata", "importlib.resources"})
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Import:
    """One imported name; `name` is empty for ``import module``."""

    module: str
    name: str
    local: str
    line: int


@dataclass(frozen=True)
class Part:
    """What runs together: a module's own lines, or one definition."""

    imports: tuple[Import, ...]
    names: frozenset[str]
    attributes: frozenset[tuple[str, str]]
    dynamic: tuple[int, ...]


@dataclass(frozen=True)
class Module:
    """One parsed file.

    Attributes:
        top: What importing it runs.
        parts: Its definitions by name.
        eager: Definitions that importing hands to a decorator which may call them.
        bound: Every name the module binds anywhere.
    """

    tree: ast.Module
    top: Part
    parts: dict[str, Part]
    eager: frozenset[str]
    bound: frozenset[str]


@dataclass(frozen=True)
class Reach:
    """What a ``main.py`` reaches.

    Attributes:
        modules: Dotted names below `shared`, sorted, packages included.
        files: Every file of them and beside them, relative to the root, sorted.
        packages: Imported modules from outside, as ``module.name`` where a name was taken from
            one, each with the first ``file:line`` that does.
        definitions: ``module.definition`` of every definition that counts.
        attributes: By module, names of attributes that its reached code reads.
        problems: ``file:line: what is wrong``.
    """

    modules: tuple[str, ...]
    files: tuple[Path, ...]
    packages: dict[Import, str]
    definitions: frozenset[str]
    attributes: dict[str, frozenset[str]]
    problems: tuple[str, ...]


def reach(root: Path, main: Path) -> Reach:
    """Return what ``main`` reaches below ``root``; nothing is imported."""
    walk = _Walk(root)
    walk.start(main)
    return walk.result()


def read_module(file: Path) -> Module:
    """Return a file's parts.

    Raises:
        SyntaxError: It is no Python.
    """
    return _parsed(file.read_bytes(), file.name)


@cache
def _parsed(source: bytes, name: str) -> Module:
    tree = ast.parse(source, name)
    top = _part(_running(tree, bodies=False))
    definitions = {d.name: d for d in _definitions(tree.body)}
    parts = {n: _part(_running(d, bodies=True)) for n, d in definitions.items()}
    origins = {i.local: i.module.partition(".")[0] for i in top.imports}
    eager = frozenset(n for n, d in definitions.items() if not _is_harmless(d, origins))
    return Module(tree, top, parts, eager, frozenset(_bound(tree)))


def _running(node: ast.AST, *, bodies: bool) -> Iterator[ast.AST]:
    """Yield the nodes that run; without ``bodies``, those that run at import."""
    yield node
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        children = node.orelse
    elif not bodies and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        children = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    for child in children:
        yield from _running(child, bodies=bodies)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _definitions(statements: Iterable[ast.stmt]) -> Iterator[_Definition]:
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement
        elif isinstance(statement, ast.If) and not _is_type_checking(statement.test):
            yield from _definitions([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Try):
            handled = [s for handler in statement.handlers for s in handler.body]
            yield from _definitions([*statement.body, *handled, *statement.orelse])


def _is_harmless(definition: _Definition, origins: dict[str, str]) -> bool:
    """Tell whether every decorator is the language's own, which only wraps."""
    for decorator in definition.decorator_list:
        first = next(n for n in ast.walk(decorator) if isinstance(n, ast.Name))
        known = origins.get(first.id, "") in sys.stdlib_module_names or hasattr(builtins, first.id)
        if not known:
            return False
    return True


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _part(nodes: Iterable[ast.AST]) -> Part:
    found = list(nodes)
    attributes = {
        (n.value.id if isinstance(n.value, ast.Name) else "", n.attr)
        for n in found
        if isinstance(n, ast.Attribute)
    }
    values = {id(n.value) for n in found if isinstance(n, ast.Attribute)}
    read = [n for n in found if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    imports = tuple(i for n in found for i in _imports(n))
    dynamic = [n.lineno for n in read if n.id == "__import__"]
    dynamic += [i.line for i in imports if _is_dynamic(i)]
    names = frozenset(n.id for n in read if id(n) not in values)
    return Part(imports, names, frozenset(attributes), tuple(dynamic))


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for a in node.names:
            yield Import(a.name, "", a.asname or a.name.partition(".")[0], node.lineno)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for a in node.names:
            yield Import(module, a.name, a.asname or a.name, node.lineno)


def _is_dynamic(found: Import) -> bool:
    if found.module.partition(".")[0] != "importlib":
        return False
    return not {found.module, f"{found.module}.{found.name}"} & NOT_DYNAMIC


@dataclass
class _Walk:
    """Follows mentions from one ``main.py`` until nothing new is reached."""

    root: Path
    modules: dict[str, tuple[Module, Path]] = field(default_factory=dict)
    live: set[tuple[str, str]] = field(default_factory=set)
    pending: list[tuple[str, Part]] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    folders: set[Path] = field(default_factory=set)
    owing: list[tuple[Path, int]] = field(default_factory=list)
    packages: dict[Import, str] = field(default_factory=dict)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    bindings: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, Path | None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def start(self, main: Path) -> None:
        """Reach everything of ``main``, and what follows from it."""
        self._load(MAIN, main)
        self._whole(MAIN)
        while self.pending:
            self._follow(*self.pending.pop())

    def result(self) -> Reach:
        """Return what was reached."""
        lost = [
            f"{self._place(file, line)}: uses __file__, but names no file that lies beside it"
            for file, line in self.owing
            if not any(file.is_relative_to(folder) for folder in self.folders)
        ]
        return Reach(
            modules=tuple(sorted(name for name in self.modules if name != MAIN)),
            files=tuple(sorted(file.relative_to(self.root) for file in self.files)),
            packages=dict(sorted(self.packages.items(), key=lambda item: item[1])),
            definitions=frozenset(f"{module}.{name}" for module, name in self.live),
            attributes={name: frozenset(found) for name, found in self.attributes.items()},
            problems=tuple(sorted({*self.problems, *lost})),
        )

    def _load(self, name: str, file: Path) -> None:
        """Reach a module: its own lines, its packages, the files it names."""
        if name in self.modules:
            return
        try:
            module = read_module(file)
        except SyntaxError as error:
            self.problems.append(f"{self._place(file, error.lineno or 0)}: {error.msg}")
            return
        self.modules[name] = (module, file)
        self.pending.append((name, module.top))
        for definition in module.eager:
            self._mention(name, definition)
        if name != MAIN:
            self.files.add(file)
            self._reach(name.rpartition(".")[0])
            self._take_files(module, file)

    def _take_files(self, module: Module, file: Path) -> None:
        if self._shown(file) in LOADERS:
            return
        found = named_files(module.tree, file)
        self.problems += [f"{self._place(file, line)}: {what}" for line, what in found.problems]
        self.owing += [(file, line) for line in found.owing]
        self.files |= found.files
        self.folders |= found.folders
        for folder in found.folders:
            self._take_folder(folder)

    def _take_folder(self, folder: Path) -> None:
        """Take a folder that is named as such whole, modules in it included."""
        for file in folder.rglob("*"):
            if file.suffix == ".py":
                path = file.relative_to(self.root).with_suffix("").parts
                name = ".".join(path[:-1] if path[-1] == "__init__" else path)
                self._load(name, file)
                self._whole(name)
            elif file.is_file() and "__pycache__" not in file.parts:
                self.files.add(file)

    def _reach(self, name: str) -> bool:
        """Reach a module of `shared` by name; False where there is none."""
        if name not in self.modules:
            file = self._file(name)
            if file is not None:
                self._load(name, file)
        return name in self.modules

    def _file(self, name: str) -> Path | None:
        if name not in self.places:
            self.places[name] = self._find(name)
        return self.places[name]

    def _find(self, name: str) -> Path | None:
        place = self.root.joinpath(*name.split("."))
        files = (place.with_suffix(".py"), place / "__init__.py")
        return next((file for file in files if name and file.is_file()), None)

    def _follow(self, name: str, part: Part) -> None:
        _, file = self.modules[name]
        self.attributes.setdefault(name, set()).update(attr for _, attr in part.attributes)
        if self._shown(file) not in LOADERS:
            message = "an import made at run time cannot be followed"
            self.problems += [f"{self._place(file, n)}: {message}" for n in part.dynamic]
        for found in part.imports:
            self._follow_import(found, file)
        bindings = self._bindings(name)
        for local in part.names:
            self._mention(name, local)
            self._whole(bindings.get(local, ""))
        for local, attribute in part.attributes:
            self._mention(name, local)
            self._taken(bindings.get(local, ""), attribute)

    def _bindings(self, name: str) -> dict[str, str]:
        """Return the local names of a module that stand for modules of `shared`."""
        if name not in self.bindings:
            module, _ = self.modules[name]
            parts = (module.top, *module.parts.values())
            named = ((i.local, f"{i.module}.{i.name}") for p in parts for i in p.imports if i.name)
            own = {local: full for local, full in named if full.startswith("shared.")}
            self.bindings[name] = {n: full for n, full in own.items() if self._file(full)}
        return self.bindings[name]

    def _follow_import(self, found: Import, file: Path) -> None:
        first = found.module.partition(".")[0]
        place = self._place(file, found.line)
        if first in sys.stdlib_module_names:
            return
        if first == "shared":
            self._follow_own(found, place)
        elif not first or (self.root / first).is_dir():
            self.problems.append(f"{place}: {found.module} is no part of a bundle")
        else:
            self.packages.setdefault(found, place)

    def _follow_own(self, found: Import, place: str) -> None:
        if found.name and self._reach(f"{found.module}.{found.name}"):
            return
        if not self._reach(found.module):
            self.problems.append(f"{place}: there is no module {found.module}")
        elif not found.name or found.name == "*":
            self._whole(found.module)
        else:
            if found.name not in self.modules[found.module][0].bound:
                self.problems.append(f"{place}: {found.module} has no {found.name}")
            self._taken(found.module, found.name)

    def _taken(self, name: str, attribute: str) -> None:
        """Count what another module took: a definition, or a module that was imported there."""
        if self._reach(name):
            self._mention(name, attribute)
            self._whole(self._bindings(name).get(attribute, ""))

    def _mention(self, name: str, definition: str) -> None:
        module, _ = self.modules[name]
        if definition in module.parts and (name, definition) not in self.live:
            self.live.add((name, definition))
            self.pending.append((name, module.parts[definition]))

    def _whole(self, name: str) -> None:
        if self._reach(name):
            for definition in self.modules[name][0].parts:
                self._mention(name, definition)

    def _shown(self, file: Path) -> str:
        return file.relative_to(self.root).as_posix()

    def _place(self, file: Path, line: int) -> str:
        return f"{self._shown(file)}:{line}"
