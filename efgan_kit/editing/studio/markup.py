"""The parts of the page as HTML, from what a session knows. Every text is escaped."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from efgan_kit.editing.blending import REGIONS
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.studio.command import command_of
from efgan_kit.editing.studio.session import NEAR, STRONGEST, Session, Wish
from efgan_kit.editing.studio.shared import MOST_STEPS
from efgan_kit.editing.studio.words import PLAIN, parts_of
from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS

if TYPE_CHECKING:
    from jinja2 import Template

ROOT: Final = "studio"
"""Where the server has the studio's own pictures, relative to the page."""
TOLD: Final = 4
"""AUs that a sentence about an edit names."""


def board(session: Session) -> str:
    """The sliders, by part of the face, each from its measured value."""
    aus, wish = session.aus, session.wish
    own = wish.own(aus) if wish else dict.fromkeys(aus.names, 0.0)
    sliders = wish.sliders(aus) if wish else own
    parts = [
        (
            part,
            [
                {
                    "name": unit,
                    "description": DESCRIPTIONS[unit],
                    "plain": PLAIN[unit],
                    "own": own[unit],
                    "value": sliders[unit],
                    "moved": abs(sliders[unit] - own[unit]) > NEAR,
                }
                for unit in units
            ],
        )
        for part, units in parts_of(aus)
    ]
    return _filled("board", turn=session.turn, parts=parts, open=wish is not None)


def limits(session: Session) -> str:
    """How much of the change is made, in how many steps, and where."""
    wish = session.wish
    intensity, steps, chosen = (wish.intensity, wish.steps or 1, wish.regions) if wish else (1.0, 1, ())
    dials: list[dict[str, Any]] = [
        {"name": "intensity", "title": "Intensity", "least": 0, "most": STRONGEST, "step": 0.05, "rest": 1}
        | {"value": intensity, "shown": f"{intensity:.2f}"}
    ]
    if session.shared.modules == 1:
        dials.append(
            {"name": "steps", "title": "Steps", "least": 1, "most": MOST_STEPS, "step": 1, "rest": 1}
            | {"value": steps, "shown": str(steps)}
        )
    regions = [(region, region in chosen) for region in REGIONS if region != "face"]
    return _filled("limits", turn=session.turn, dials=dials, regions=regions, open=wish is not None)


def stage(session: Session) -> str:
    """The picture before and after, and what was changed."""
    wish = session.wish
    if wish is None or session.photo is None or wish.edited is None:
        return _filled("stage", open=False, turn=session.turn)
    width, height = session.photo.size
    unseen = bool(wish.edited.unseen) or not wish.asks
    said = _unseen(wish) if unseen else told(session, wish, wish.edited)
    return _filled("stage", open=True, width=width, height=height, said=said, unseen=unseen, **_about(session))


def takeaway(session: Session) -> str:
    """What should be known about the picture, and what can be downloaded."""
    wish = session.wish
    if wish is None or session.photo is None:
        return _filled("takeaway", open=False)
    width, height = session.photo.size
    warnings = (*session.photo.warnings, *wish.face.warnings, *_of_another_kind(session))
    stem = Path(session.name).stem.replace(":", "-")
    size = {"width": width, "height": height}
    return _filled("takeaway", open=True, warnings=warnings, stem=stem, **size, **_about(session))


def faces(session: Session) -> str:
    """The photo with its faces numbered, where there are several; empty otherwise."""
    if session.photo is None:
        return ""
    width, height = session.photo.size
    boxes = []
    for face in session.found:
        left, top, right, bottom = face.found.box
        boxes.append(
            {
                "number": face.number,
                "flaw": face.flaw,
                "chosen": face.number == session.chosen,
                "edited": face.number in session.wishes and bool(session.wishes[face.number].units),
                "left": _percent(left, width),
                "top": _percent(top - 0.25 * (bottom - top), height),
                "width": _percent(right - left, width),
                "height": _percent(1.25 * (bottom - top), height),
            }
        )
    return _filled("faces", faces=boxes, **_about(session))


def inside(session: Session) -> str:
    """How the edit came about: the face after every step, and the attention map."""
    edited = session.wish.edited if session.wish else None
    if edited is None:
        return _filled("inside", open=False)
    asked = edited.step_targets or ()
    cascade = session.shared.modules > 1
    own = edited.face.sample.aus
    most = (edited.target_aus - own).abs().argsort(descending=True)[:2].tolist()
    steps = []
    for number in range(1, len(edited.steps) + 1):
        wanted = asked[number - 1] if number <= len(asked) else None
        units = "" if wanted is None else ", ".join(f"{session.aus.names[i]} {wanted[i]:.2f}" for i in most)
        title = f"module {number}" if cascade else f"step {number}" if len(edited.steps) > 1 else "the face"
        steps.append({"number": number, "title": title, "asked": units})
    return _filled("inside", open=True, steps=steps, attention=f"{edited.attention.mean():.2f}", **_about(session))


def examples(session: Session, *, kind: str = "examples") -> str:
    """The run's test faces as buttons; empty if there are none."""
    picks = [
        {
            "value": place,
            "title": name if name.startswith("test:") else Path(name).stem,
            "image": f"{ROOT}/examples/{place}.jpg",
            "chosen": kind == "examples" and name == session.name,
            "disabled": False,
        }
        for place, name in enumerate(session.shared.examples)
    ]
    return _filled("picks", picks=picks, label="examples", kind=kind, turn=session.turn)


def presets(session: Session) -> str:
    """The expressions that have a name, as buttons with drawings."""
    wish = session.wish
    sliders = wish.sliders(session.aus) if wish else {}
    picks = []
    for name in EXPRESSIONS:
        values = dict(zip(session.aus.names, session.aus.expression(name), strict=True))
        chosen = bool(sliders) and all(abs(sliders[unit] - value) <= NEAR for unit, value in values.items())
        image = f"{ROOT}/drawings/{name}.webp"
        picks.append({"value": name, "title": name, "image": image, "chosen": chosen, "disabled": wish is None})
    return _filled("picks", picks=picks, label="expressions", kind="presets", turn=session.turn)


def command(session: Session) -> str:
    """The same edit on the command line."""
    return _filled("command", command=command_of(session))


def notice(text: str, kind: str = "error") -> str:
    """A sentence for the visitor; nothing if it is empty."""
    return _filled("notice", text=text, kind=kind) if text else ""


def heading(run: str, about: str, *, local: bool) -> str:
    """The page's head."""
    return _filled("heading", run=run, about=about, local=local)


def told(session: Session, wish: Wish, edited: EditedFace) -> str:
    """What was changed, and how long it took: `AU12 smile 0.05 to 0.80; 43 ms`."""
    own = wish.face.sample.aus
    ways = zip(session.aus.names, own.tolist(), edited.target_aus.tolist(), strict=True)
    moved = sorted((way for way in ways if abs(way[2] - way[1]) > NEAR), key=lambda way: -abs(way[2] - way[1]))
    units = ", ".join(f"{unit} {PLAIN[unit]} {before:.2f} to {after:.2f}" for unit, before, after in moved[:TOLD])
    more = f" and {len(moved) - TOLD} more" if len(moved) > TOLD else ""
    return f"{units}{more}; {session.seconds * 1000:.0f} ms"


def _unseen(wish: Wish) -> str:
    if not wish.asks:
        return "As it is: move a slider, or choose an expression."
    return f"Nothing visible changes: {wish.edited.unseen}." if wish.edited else ""


def _of_another_kind(session: Session) -> list[str]:
    if not session.shared.drawn or session.name.startswith("test:"):
        return []
    return ["This run was trained on drawn faces: on photos it is only a try. Train on photos to edit photos."]


def _about(session: Session) -> dict[str, Any]:
    return {
        "turn": session.turn,
        "opened": session.opened,
        "name": session.name,
        "pictures": f"{ROOT}/pictures/{session.key}",
    }


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}"


def _filled(look: str, /, **values: Any) -> str:
    return _template(look).render(**values).strip()


@functools.cache
def _template(look: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "looks"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, undefined=StrictUndefined
    )
    return environment.get_template(f"{look}.html.j2")
