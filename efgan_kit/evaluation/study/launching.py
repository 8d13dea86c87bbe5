"""Choosing what runs the trainings: a launcher by its name, its parameters as `KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from efgan_kit.api import Launcher
from efgan_kit.recipe.by_name import component_by_name

HERE: Final = "local"
"""The launcher of this machine."""


def make_launcher(name: str = HERE, options: Iterable[str] = (), *, jobs: int = 1) -> Launcher:
    """The launcher of that name; nothing is started, and no cluster is asked.

    Args:
        options: Its parameters, each as `KEY=VALUE`, the value as YAML.
        jobs: How many trainings are to run side by side.

    Raises:
        EfganError: There is no such launcher, it can't be imported, or options are at fault: all of them, at once.
    """
    use = component_by_name("launcher", name, options, flag="--launcher", option_flag="--launcher-option")
    launcher: Launcher = use.maker()(jobs=jobs)
    return launcher
