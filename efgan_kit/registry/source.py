"""What a plugin offers, read from the source of its module: nothing is imported, not even the package around it.

What is written with literals is read: `register("loss", "smooth", "package.module:Class", "...")`, names of constants,
f-strings of them, and folders made from `Path(__file__)`. Whatever else decides is known only after an import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.registry import hooks
from efgan_kit.registry.expressions import UnknownError, evaluate
from efgan_kit.registry.modules import find, path_of, split

OFFERING: Final = ("efgan_components", "efgan_recipes", "efgan_models")
"""The hooks whose answers a listing shows."""


@attrs.frozen
class Reading:
    """What the source says.

    Attributes:
        path: The file, if there is one.
        fault: Why an import must fail: there is no such module, or it is not Python.
        offers: Kind, name, target and summary of each component.
        folders: What `efgan_recipes` and `efgan_models` return.
        implemented: The hooks that it implements.
        faults: What is wrong with its hooks.
        unread: The hooks of `OFFERING` whose answers, or a part of them, the source does not tell.
    """

    path: Path | None = None
    fault: str = ""
    offers: tuple[tuple[str, str, str, str], ...] = ()
    folders: Mapping[str, Path] = attrs.field(factory=dict)
    implemented: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


def read(entry: str) -> Reading:
    """Read the source of the module that an entry point names, `package.module` or `package.module:attribute`."""
    module, attribute = split(entry)
    if not module:
        return Reading(fault=f"the entry point '{entry}' is not of the form 'package.module'")
    spec = find(module)
    if spec is None:
        return Reading(fault=f"ModuleNotFoundError: No module named '{module}'")
    everything = frozenset(OFFERING)
    path = path_of(entry)
    try:
        source = spec.loader.get_source(spec.name) if spec.loader else None  # type: ignore[attr-defined]
        tree = ast.parse(source, str(path)) if source is not None else None
    except (SyntaxError, ValueError) as error:
        return Reading(path, fault=f"{type(error).__name__}: {error}")
    except Exception:  # a loader of its own kind, which gives no source
        tree = None
    if tree is None or attribute:
        return Reading(path, unread=everything)
    return _Module(tree, path or Path(module)).reading()


class _Module:
    def __init__(self, tree: ast.Module, path: Path) -> None:
        self.path = path
        self.constants: dict[str, Any] = {"__file__": str(path)}
        self.functions: list[tuple[str, ast.FunctionDef]] = []
        self.unread: set[str] = set()
        self.implemented: set[str] = set()
        for statement in tree.body:
            self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.FunctionDef):
            if (name := _hook_name(statement)) is not None:
                self.functions.append((name, statement))
                self.implemented.add(name)
        elif (assigned := _assigned(statement)) is not None:
            name, value = assigned
            self._may_be_hook(name)
            try:
                self.constants[name] = evaluate(value, self.constants)
            except UnknownError:
                self.constants.pop(name, None)
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                self._may_be_hook(alias.asname or alias.name)
        elif not isinstance(statement, (ast.Import, ast.ClassDef, ast.Expr)):
            self._may_decide(statement)

    def _may_be_hook(self, name: str) -> None:
        """A name that is given at the top and could be a hook's."""
        if name == "*":
            self.unread.update(OFFERING)
        elif name.startswith("efgan_"):
            self.unread.add(name)
            self.implemented.add(name)

    def _may_decide(self, statement: ast.stmt) -> None:
        """An `if`, a `try`, a loop: what it defines, or whether, is not known."""
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef) and (name := _hook_name(node)) is not None:
                self._may_be_hook(name)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._may_be_hook(alias.asname or alias.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._may_be_hook(node.id)
                self.constants.pop(node.id, None)

    def reading(self) -> Reading:
        offers: list[tuple[str, str, str, str]] = []
        folders: dict[str, Path] = {}
        faults: list[str] = []
        for name, function in self.functions:
            needed = [argument.arg for argument in _needed(function.args)]
            faults += hooks.fault_of(name, needed, f"{name}({ast.unparse(_plain(function.args))})")
            if name not in OFFERING:
                continue
            try:
                if name == "efgan_components":
                    for offer in self._offers(function):
                        offers.append(offer)
                else:
                    folders[name] = self._folder(function)
            except UnknownError:
                self.unread.add(name)
        return Reading(
            path=self.path,
            offers=tuple(offers),
            folders=folders,
            implemented=tuple(sorted(self.implemented)),
            faults=tuple(faults),
            unread=frozenset(self.unread.intersection(OFFERING)),
        )

    def _offers(self, function: ast.FunctionDef) -> Iterator[tuple[str, str, str, str]]:
        register = next((argument.arg for argument in _needed(function.args)), "")
        for known, statement in self._statements(function):
            call = statement.value if isinstance(statement, ast.Expr) else None
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != register:
                raise UnknownError
            yield _registered(*(evaluate(argument, known) for argument in call.args), **{
                keyword.arg or "**": evaluate(keyword.value, known) for keyword in call.keywords
            })  # fmt: skip

    def _folder(self, function: ast.FunctionDef) -> Path:
        for known, statement in self._statements(function):
            if not isinstance(statement, ast.Return) or statement.value is None:
                raise UnknownError
            folder = evaluate(statement.value, known)
            if isinstance(folder, (str, Path)):
                return Path(folder)
        raise UnknownError

    def _statements(self, function: ast.FunctionDef) -> Iterator[tuple[Mapping[str, Any], ast.stmt]]:
        """The statements of a function that are more than words and constants, each with the constants known there."""
        known = dict(self.constants)
        for statement in function.body:
            if (assigned := _assigned(statement)) is not None:
                known[assigned[0]] = evaluate(assigned[1], known)
            elif not isinstance(statement, ast.Pass) and not _is_constant(statement):
                yield known, statement


def _registered(kind: Any, name: Any, target: Any, summary: Any = "", **others: Any) -> tuple[str, str, str, str]:
    if others or not all(isinstance(each, str) for each in (kind, name, target, summary)):
        raise UnknownError
    return kind, name, target, summary


def _hook_name(function: ast.FunctionDef) -> str | None:
    """The hook that a function implements by its `hookimpl`, with or without arguments."""
    for decorator in function.decorator_list:
        marker = decorator.func if isinstance(decorator, ast.Call) else decorator
        marked = marker.attr if isinstance(marker, ast.Attribute) else getattr(marker, "id", "")
        if marked == "hookimpl":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            names = [k.value.value for k in keywords if k.arg == "specname" and isinstance(k.value, ast.Constant)]
            return str(names[0]) if names and names[0] else function.name
    return None


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Name and value of `name = value`."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        return None
    return (target.id, value) if isinstance(target, ast.Name) else None


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _needed(arguments: ast.arguments) -> list[ast.arg]:
    """The arguments without a default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    by_keyword = [a for a, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value is None]
    return positional[: len(positional) - len(arguments.defaults)] + by_keyword


def _plain(arguments: ast.arguments) -> ast.arguments:
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return arguments
