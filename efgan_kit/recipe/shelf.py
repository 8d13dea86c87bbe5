"""Where recipes are found: the shipped ones, the folders that plugins offer, and files. Needs no torch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.errors import fail, nearest
from efgan_kit.registry import registry

SUFFIXES: Final = (".yaml", ".yml")
_HEADER: Final = re.compile(r"#\s*(?!yaml-language-server)(\S.*)")


@attrs.frozen
class Shelved:
    """A recipe that has a name."""

    name: str
    path: Path
    summary: str
    abstract: bool


def shipped_folder() -> Path:
    """The recipes of efgan_kit: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).parents[1]
    inside = package / "recipes"
    return inside if inside.is_dir() else package.parent / "recipes"


def shelved() -> list[Shelved]:
    """Every named recipe, by name; of two with one name the shipped one, then the first plugin's, stands."""
    found: dict[str, Shelved] = {}
    for folder in (shipped_folder(), *registry().recipe_folders()):
        for recipe in recipes_in(folder):
            found.setdefault(recipe.name, recipe)
    return sorted(found.values(), key=lambda recipe: recipe.name)


def recipes_in(folder: Path) -> list[Shelved]:
    """The recipes of one folder, by name; none if it is not there."""
    return [_shelve(path) for path in sorted(folder.glob("*")) if path.suffix in SUFFIXES]


def find(name_or_path: str | Path, beside: Path | None = None, where: str = "") -> Path:
    """The file of a recipe.

    Args:
        name_or_path: A shipped name, or a file if it ends in `.yaml` or `.yml` or names a folder.
        beside: The folder that a relative file is sought in; the current one if not given.
        where: The place of the question, for the error.

    Raises:
        EfganError: There is none.
    """
    text = str(name_or_path)
    looks_like_file = isinstance(name_or_path, Path) or text.endswith(SUFFIXES) or "/" in text
    path = (beside or Path()) / Path(text).expanduser()
    if looks_like_file:
        if path.is_file():
            return path
        if path.is_dir():
            raise fail(where, f"{path} is a folder, not a recipe file", "name a file in it")
        raise fail(where, f"there is no recipe file {path}", _not_found_hint(path))
    known = {recipe.name: recipe.path for recipe in shelved()}
    if text in known:
        return known[text]
    if path.is_file():
        return path
    raise fail(where, f"no recipe is called '{text}'", nearest(text, known) + registry().catalogue.left_out())


def shown(path: Path) -> str:
    """What messages call a file: relative to the current folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _not_found_hint(path: Path) -> str:
    siblings = [other.name for other in path.parent.glob("*") if other.suffix in SUFFIXES and other.is_file()]
    return nearest(path.name, siblings) if siblings else "see `efgan recipe list` for those that ship"


def _shelve(path: Path) -> Shelved:
    """Read the little that a listing shows, by the line: a recipe that is no YAML is listed all the same."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    comments = (match for line in lines if (match := _HEADER.fullmatch(line.strip())))
    first = next(comments, None)
    abstract = any(re.fullmatch(r"abstract:\s*true\s*(#.*)?", line) for line in lines)
    return Shelved(path.stem, path, first[1] if first else "", abstract)
