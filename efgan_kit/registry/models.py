"""Trained models that plugins offer: exported folders, found by name. Names and paths only: nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.registry.discovery import registry

MANIFEST: Final = "manifest.json"
"""The file that makes a folder an exported one."""


@attrs.frozen
class Model:
    """An installed model.

    Attributes:
        name: Its folder's name, which stands wherever a RUN is asked for.
        path: The exported folder.
        distribution: The package that brought it.
    """

    name: str
    path: Path
    distribution: str


def models() -> list[Model]:
    """Every installed model, by name."""
    return models_in(registry().model_folders())


def models_in(folders: Iterable[tuple[Path, str]]) -> list[Model]:
    """The models in these folders, each given with the distribution that has it, by name."""
    found = [
        Model(path.name, path, distribution)
        for folder, distribution in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if (path / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda model: (model.name, model.distribution))


def located(run: str | Path) -> Path:
    """The folder of a run or model: a path that is there, or else an installed model's name.

    Raises:
        EfganError: It is neither, or two plugins offer a model of that name.
    """
    path, name = Path(run).expanduser(), str(run)
    if path.exists():
        return path
    known = models()
    several = [model for model in known if model.name == name]
    if len(several) > 1:
        raise EfganError(_clash(several))
    if several:
        return several[0].path
    hint = "a run folder is what `efgan train --run DIR` writes"
    if known and path.name == name:
        hint += f"; of installed models: {nearest(name, (model.name for model in known))}"
    raise fail(name, "no such folder", hint)


def only_model() -> Model:
    """The installed model, where there is just one, for those who name no run.

    Raises:
        EfganError: There are several to choose from, or none.
    """
    known = models()
    if len(known) == 1:
        return known[0]
    if known:
        names = ", ".join(f"{model.name} ({model.distribution})" for model in known)
        raise fail("--run", "several models are installed", f"choose one of them: {names}")
    hint = "train one (`efgan train quickstart`) and give its folder, or install a plugin that offers a model"
    raise fail("--run", "no run is given, and no model is installed", hint)


def _clash(several: list[Model]) -> Fault:
    owners = " and ".join(model.distribution for model in several)
    return Fault(several[0].name, f"two plugins offer a model of this name: {owners}", "give the folder's path")
