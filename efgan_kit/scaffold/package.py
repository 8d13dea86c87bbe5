"""A new plugin's package: planned whole, then written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined

from efgan_kit.errors import fail
from efgan_kit.files import must_be_writable
from efgan_kit.scaffold.kinds import STARTERS
from efgan_kit.scaffold.names import Names, names_for

NOBODY: Final = "YOUR NAME"
"""Stands for an author who is not known; the README says where to fill it in."""


@attrs.frozen
class Package:
    """A package that is not yet written.

    Attributes:
        names: What it and its parts are called.
        component: The file that holds its component.
        files: Its files' texts, by path below its folder.
    """

    names: Names
    component: PurePosixPath
    files: Mapping[PurePosixPath, str]


def plan(name: str, kind: str, author: str | None = None) -> Package:
    """All files of a plugin called `name` that begins with a component of `kind`.

    Args:
        author: Who owns the copyright; by default whom git knows here, or else a placeholder.

    Raises:
        EfganError: No package can be called so.
    """
    starter = STARTERS[kind]
    names = names_for(name, kind, starter)
    owner = _checked(author) if author is not None else _known_to_git()
    files = {
        "pyproject.toml": "common/pyproject.toml",
        "README.md": "common/README.md",
        "CHANGELOG.md": "common/CHANGELOG.md",
        "LICENSE": "common/LICENSE",
        ".gitignore": "common/gitignore",
        ".github/workflows/tests.yml": "common/workflow.yml",
        f"{names.package}/__init__.py": "common/hooks.py",
        f"{names.package}/{starter.module}.py": f"{kind}/component.py",
        f"{names.package}/py.typed": None,
        f"{names.package}/recipes/{names.recipe}.yaml": "common/recipe.yaml",
        "tests/test_package.py": "common/test_package.py",
        f"tests/test_{starter.module}.py": f"{kind}/tests.py",
    }
    templates = _templates()
    words = {
        "names": names,
        "kind": kind,
        "starter": starter,
        "author": owner or NOBODY,
        "unnamed": not owner,
        "year": date.today().year,
    }
    texts = {
        PurePosixPath(path): templates.get_template(f"{template}.j2").render(words) if template else ""
        for path, template in files.items()
    }
    return Package(names, PurePosixPath(names.package, f"{starter.module}.py"), texts)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("efgan_kit.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    # A quoted word of TOML, of Python and of JSON are the same as long as it holds no control characters.
    environment.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return environment


def _checked(author: str) -> str:
    author = author.strip()
    if not author:
        raise fail("--author", "is empty", "give a name, or leave the option out")
    if not author.isprintable():
        raise fail("--author", "holds a line break or another character that is not printed", "give a name")
    return author


def _known_to_git() -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        asked = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
        name = asked.stdout.strip()
        return name if name.isprintable() else ""
    return ""


def write(package: Package, folder: Path) -> list[Path]:
    """Write the package as a new folder.

    Returns:
        The files, in the order of the plan.

    Raises:
        EfganError: The folder exists, or can't be written; what was begun is gone then.
    """
    if folder.exists() or folder.is_symlink():
        raise fail(str(folder), "exists already, and nothing is overwritten", "name another folder with --out")
    must_be_writable(folder)
    # The highest folder that is missing is made elsewhere first, so that all of it appears at once.
    missing = [path for path in (folder, *folder.parents) if not path.exists()][-1]
    try:
        with tempfile.TemporaryDirectory(prefix=".efgan-", dir=missing.parent) as place:
            begun = Path(place, missing.name)
            for path, text in package.files.items():
                file = begun / folder.relative_to(missing) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
            begun.rename(missing)
    except OSError as error:
        what = f"can't be written: {error.strerror or error}"
        way_out = "make room, mend the permissions or name another folder; nothing is left of what was begun"
        raise fail(str(folder), what, way_out) from error
    return [folder / path for path in package.files]
