"""The report of a preparation: one page of HTML with what is there, what is not and why."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from efgan_kit.faces.aus import DESCRIPTIONS
from efgan_kit.pages.drawing import HAIR, INK, NOTE, QUIET, new_figure, styled, to_svg
from efgan_kit.pages.page import Page, Picture, Section, render_page
from efgan_kit.pages.tables import Table
from efgan_kit.preparation.labelling import UNITS, Labelled, printable
from efgan_kit.preparation.record import Part

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from efgan_kit.preparation.folder import PreparedFolder

Values = NDArray[np.float64]

COLOUR: Final = "#2f6db3"
BLIND: Final = "#b9bec6"
SHOWN: Final = 60
"""Pictures on a sheet."""
TILE: Final = 128
ACROSS: Final = 8
ACTIVE: Final = 0.2


def to_html(prepared: PreparedFolder) -> str:
    """The page; the same folder is always the same page."""
    plan, preparation, choice = prepared.plan, prepared.plan.preparation, prepared.plan.choice
    people = {entry.sitter.person for entry in prepared.faces} - {""}
    facts = [
        ("photos", f"{len(prepared.outcomes)} looked at"),
        ("faces", str(len(prepared.faces))),
        ("people by name", str(len(people)) if people else "none"),
        ("skipped", str(len(prepared.skipped))),
        ("landmarks", _said(preparation.landmarker)),
        ("AUs", _said(preparation.labeller)),
        ("crops", f"{plan.cropping.margin:g} x the face's frame, at most {plan.cropping.size} pixels"),
        ("taken", f"{choice.faces}, from {choice.min_size} pixels on, from confidence {choice.min_confidence:g} on"),
    ]
    about = "What became of the photos, and what the labels are worth."
    sections = [_warnings(prepared), _units(prepared), _faces(prepared), _skipped(prepared)]
    shown = [section for section in sections if section is not None]
    return render_page(Page("Prepared photos", about, facts, shown))


def _said(part: Part) -> str:
    return f"{part.use} ({part.origin})" if part.origin else part.use


def _warnings(prepared: PreparedFolder) -> Section | None:
    return Section("Warnings", list(prepared.warnings)) if prepared.warnings else None


def _units(prepared: PreparedFolder) -> Section | None:
    if not prepared.faces:
        return None
    values = {unit: np.array([entry.face.aus.get(unit, 0.0) for entry in prepared.faces]) for unit in UNITS}
    rows = [
        [
            f"{unit} {DESCRIPTIONS[unit]}", f"{v.mean():.2f}", f"{v.std():.2f}", f"{v.min():.2f}", f"{v.max():.2f}",
            f"{(v > ACTIVE).mean():.0%}", "no" if unit in prepared.blind else "yes",
        ]
        for unit, v in values.items()
    ]  # fmt: skip
    table = Table(
        "Intensities in [0, 1]",
        ["AU", "mean", "spread", "least", "most", f"above {ACTIVE:g}", "measured"],
        rows,
        [f"{unit} is not measured: {reason}." for unit, reason in prepared.blind.items()],
    )
    picture = Picture(
        "How often each intensity occurs", _histograms(values, prepared.blind), "svg",
        "Grey: the labeller can't see this AU. A recipe learns what varies here, and nothing else.",
    )  # fmt: skip
    return Section("Action units", tables=[table], pictures=[picture])


def _histograms(values: dict[str, Values], blind: dict[str, str]) -> bytes:
    with styled():
        figure = new_figure(9.0, 6.4)
        axes = figure.subplots(4, 5).flatten()
        for place, (unit, v) in zip(axes, values.items(), strict=False):
            colour = BLIND if unit in blind else COLOUR
            _histogram(place, v, np.linspace(0, 1, 21), f"{unit} {DESCRIPTIONS[unit]}", colour)
        for place in axes[len(values) :]:
            place.set_axis_off()
        figure.subplots_adjust(left=0.05, right=0.99, bottom=0.05, top=0.95, wspace=0.3, hspace=0.55)
        return to_svg(figure)


def _histogram(axes: Axes, values: Values, bins: Values, title: str, colour: str = COLOUR) -> None:
    counts, edges = np.histogram(values, bins)
    axes.stairs(counts, edges, fill=True, color=colour)
    axes.set_title(title, size=NOTE, color=INK, loc="left")
    axes.tick_params(labelsize=NOTE - 1, color=HAIR, labelcolor=QUIET)


def _measures(faces: Sequence[Labelled]) -> bytes:
    measures: dict[str, list[float]] = {
        "face, pixels": [entry.face.face_px for entry in faces],
        "sharpness": [entry.face.sharpness for entry in faces],
        "brightness": [entry.face.brightness for entry in faces],
        "yaw, degrees": [entry.face.pose[1] for entry in faces],
        "pitch, degrees": [entry.face.pose[0] for entry in faces],
    }
    with styled():
        figure = new_figure(9.0, 2.0)
        for place, (title, values) in zip(figure.subplots(1, len(measures)), measures.items(), strict=True):
            _histogram(place, np.array(values), np.histogram_bin_edges(values, 20), title)
        figure.subplots_adjust(left=0.05, right=0.99, bottom=0.13, top=0.88, wspace=0.3)
        return to_svg(figure)


def _faces(prepared: PreparedFolder) -> Section | None:
    faces = prepared.faces
    if not faces:
        return None
    places = [number * len(faces) // min(SHOWN, len(faces)) for number in range(min(SHOWN, len(faces)))]
    files = [prepared.plan.out / faces[place].face.image for place in places]
    caption = "Sharpness is the variance of the Laplacian at 128 pixels (Pech-Pacheco et al., 2000)."
    return Section(
        "Faces",
        pictures=[
            Picture("Sizes, sharpness, light and poses", _measures(faces), "svg", caption),
            Picture(f"{len(files)} of {len(faces)} faces", _sheet(files), "png"),
        ],
    )


def _skipped(prepared: PreparedFolder) -> Section | None:
    if not prepared.skipped:
        return None
    kinds = Counter(entry.why.partition(":")[0] for entry in prepared.skipped)
    table = Table("Reasons", ["why", "pictures or faces"], [[why, str(n)] for why, n in kinds.most_common()])
    seen = [outcome for outcome in prepared.outcomes if outcome.thumbnail]
    places = [number * len(seen) // min(SHOWN, len(seen)) for number in range(min(SHOWN, len(seen)))]
    files = {seen[place].picture: prepared.plan.work / seen[place].thumbnail for place in places}
    number = {name: place for place, name in enumerate(files, start=1)}
    lines = [
        f"{f'[{number[entry.name]}] ' if entry.name in number else ''}{printable(entry.name)}: {printable(entry.why)}"
        for entry in prepared.skipped
    ]
    caption = "Numbers are those of the list. Boxes are faces that were found and not taken."
    pictures = []
    if files:
        pictures = [Picture("What was skipped", _sheet(list(files.values()), numbered=True), "png", caption)]
    return Section("Skipped", tables=[table], pictures=pictures, details=[("Every one of them", "\n".join(lines))])


def _sheet(files: Sequence[Path], numbered: bool = False) -> bytes:
    """Small pictures side by side, as a PNG file."""
    rows = -(-len(files) // ACROSS)
    sheet = Image.new("RGB", (min(ACROSS, len(files)) * TILE, rows * TILE), "white")
    draw = ImageDraw.Draw(sheet)
    for place, file in enumerate(files):
        left, top = place % ACROSS * TILE, place // ACROSS * TILE
        with Image.open(file) as image:
            image.thumbnail((TILE - 4, TILE - 4), Image.Resampling.BICUBIC)
            sheet.paste(image, (left, top))
        if numbered:
            draw.rectangle((left, top, left + 22, top + 13), fill="black")
            draw.text((left + 2, top + 1), str(place + 1), fill="white")
    written = io.BytesIO()
    sheet.save(written, format="png")
    return written.getvalue()
