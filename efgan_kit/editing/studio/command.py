"""The command that makes the same edit."""

from __future__ import annotations

import shlex

from efgan_kit.api import AUSet
from efgan_kit.editing.studio.session import NEAR, Session, Wish
from efgan_kit.faces.aus import EXPRESSIONS


def command_of(session: Session) -> str:
    """`efgan edit ...` for the chosen face; empty if there is no picture.

    A photo is named by its file's name alone: a browser does not tell the folder.
    """
    wish = session.wish
    if wish is None:
        return ""
    words = ["efgan", "edit", session.name, "--run", str(session.shared.run), *_wished(session.aus, wish)]
    if len(session.found) > 1:
        words += ["--faces", str(session.chosen)]
    if wish.intensity != 1:
        words += ["--intensity", f"{wish.intensity:g}"]
    for region in wish.regions:
        words += ["--region", region]
    if wish.steps is not None:
        words += ["--steps", str(wish.steps)]
    return shlex.join([*words, "--out", "edited.png"])


def _wished(aus: AUSet, wish: Wish) -> list[str]:
    sliders = wish.sliders(aus)
    for name in EXPRESSIONS:
        preset = dict(zip(aus.names, aus.expression(name), strict=True))
        if all(abs(sliders[unit] - value) <= NEAR for unit, value in preset.items()):
            return ["--expression", name]
    moved = wish.units or dict(list(sliders.items())[:1])
    return [word for unit, value in moved.items() for word in ("--au", f"{unit}={value:.2f}")]
