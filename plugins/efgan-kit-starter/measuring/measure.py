"""All figures of a starter model, from photographs of people whom its training never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from editing_photos import INTENSITIES, OWN, UNITS, Edits, edit_photo, read_aus, wishes
from identity import Referee, cosine, distance, levels
from mouth import mouth_shape
from numpy.typing import NDArray
from people import Person, Photograph, held_back, read_people
from sheets import write_sheets
from smile_meter import Meter, area_under_curve, features, fit, read_pixels

from efgan_kit.editing import Editor
from efgan_kit.editing.finding import Finding
from efgan_kit.editing.targets import expression, like
from efgan_kit.training.exported import WEIGHTS, read_manifest

Progress = Callable[[str, int, int], None]
Figures = dict[str, Any]


def measure(photos: Path, run: str, out: Path, most: int | None, progress: Progress) -> Figures:
    """Edit every held-back person's neutral photograph, measure the edits, and write sheets of them to `out`."""
    trained, tested = held_back(read_people(photos))
    meter = _fitted(trained, progress)
    tested = tested[:most]
    editor = Editor.load(run, "cpu")
    finding = Finding(editor.trained.path)
    finder = finding.finder(tested[0].neutral.path)
    changes = wishes(editor.aus)
    edits: list[Edits] = []
    back: list[Edits] = []
    for number, person in enumerate(tested):
        progress("editing", number, len(tested))
        back.append(edit_photo(editor, finder, person.smiling.path, {"neutral": expression(editor.aus, "neutral")}))
        theirs = {OWN: like(back[-1].face.sample.aus), **changes}
        edits.append(edit_photo(editor, finder, person.neutral.path, theirs))
    figures = {
        "model": {"recipe": editor.trained.recipe.name, "step": editor.trained.step, "sha256": _sha256(editor)},
        "people": len(tested),
        "meter": {"r": meter.correlation, "penalty": meter.penalty, "photographs": 2 * len(trained)},
        "AU12": _smiles(meter, tested, edits, back),
        "identity": _identity(tested, edits, progress),
        "mouth": _mouths(tested, edits, progress),
        "by MediaPipe, whose labels the training had": _by_labeller(finder, edits, progress),
    }
    finding.close()
    write_sheets(out, tested, edits)
    return figures


def _sha256(editor: Editor) -> str:
    """Of an exported folder's weights, so that figures are not taken for those of others; empty for a run."""
    if not editor.trained.exported:
        return ""
    return str(read_manifest(editor.trained.path).files[WEIGHTS]["sha256"])


def _fitted(people: Sequence[Person], progress: Progress) -> Meter:
    both = [photograph for person in people for photograph in (person.neutral, person.smiling)]
    described = []
    for number, photograph in enumerate(both):
        progress("fitting the meter", number, len(both))
        described.append(features(read_pixels(photograph.path), photograph.landmarks))
    return fit(np.stack(described), np.array([p.smile for p in both]), [p.person for p in both])


def _smiles(meter: Meter, people: Sequence[Person], edits: Sequence[Edits], back: Sequence[Edits]) -> Figures:
    """AU12 by the meter. Edits are aligned by their photograph's landmarks: an edit does not move the head."""

    def read(pixels: Sequence[NDArray[np.uint8]], photographs: Sequence[Photograph]) -> NDArray[np.float64]:
        pairs = zip(pixels, photographs, strict=True)
        return meter(np.stack([features(each, photograph.landmarks) for each, photograph in pairs]))

    neutral, smiling = [p.neutral for p in people], [p.smiling for p in people]
    before = read([e.pixels for e in edits], neutral)
    true = read([e.pixels for e in back], smiling)
    found: Figures = {
        "unit": "OpenFace's, 0 to 5",
        "neutral": before.mean(),
        "smiling": true.mean(),
        "area under curve": area_under_curve(before, true),
        "true": _rise(before, true),
    }
    for name in edits[0].pictures:
        after = read([e.pictures[name] for e in edits], neutral)
        share = (after - before).mean() / (true - before).mean()
        found[name] = {**_rise(before, after), "share of the true rise": share}
    relaxed = read([e.pictures["neutral"] for e in back], smiling)
    found["smiling -> neutral"] = _rise(true, relaxed)
    found["happy by person"] = {
        person.name: [float(before[i]), float(read([edits[i].pictures["happy"]], [neutral[i]])[0]), float(true[i])]
        for i, person in enumerate(people)
    }
    return _plain(found)


def _identity(people: Sequence[Person], edits: Sequence[Edits], progress: Progress) -> Figures:
    referee = Referee()
    neutral, smiling = [], []
    for number, (person, edit) in enumerate(zip(people, edits, strict=True)):
        progress("identity", number, len(people))
        neutral.append(referee(edit.pixels, person.neutral.landmarks))
        smiling.append(referee(read_pixels(person.smiling.path), person.smiling.landmarks))
    known = levels(neutral, smiling)
    found: Figures = {
        "similarity": "1 - distance / mean distance of different people",
        "same person": {
            "distance": known.same,
            "similarity": known.same_similarity,
            "cosine": np.mean([cosine(a, b) for a, b in zip(neutral, smiling, strict=True)]),
        },
        "different people": {"distance": known.different, "similarity": 0.0},
    }
    for name in (OWN, *INTENSITIES, "happy, relative", "surprised", "sad", "angry"):
        embedded = [referee(e.pictures[name], p.neutral.landmarks) for e, p in zip(edits, people, strict=True)]
        for what, others in (("neutral", neutral), ("smiling", smiling)):
            apart = [distance(a, b) for a, b in zip(embedded, others, strict=True)]
            alike = [known.similarity(each) for each in apart]
            found[f"{name}, to the {what} photograph"] = {
                "distance": np.mean(apart),
                "largest distance": np.max(apart),
                "similarity": np.mean(alike),
                "of the same-person level": np.mean(alike) / known.same_similarity,
                "cosine": np.mean([cosine(a, b) for a, b in zip(embedded, others, strict=True)]),
            }
    return _plain(found)


def _mouths(people: Sequence[Person], edits: Sequence[Edits], progress: Progress) -> Figures:
    """A second opinion on smiles: the mouth's width and its corners' height, by dlib's landmarks."""
    shapes: dict[str, list[tuple[float, float]]] = {"neutral": [], "happy": [], "smiling": []}
    for number, (person, edit) in enumerate(zip(people, edits, strict=True)):
        progress("mouths", number, len(people))
        three = (edit.pixels, edit.pictures["happy"], read_pixels(person.smiling.path))
        for name, pixels in zip(shapes, three, strict=True):
            shapes[name].append(mouth_shape(pixels))
    found: Figures = {"unit": "distances of the outer eye corners"}
    for place, what in enumerate(("width", "corners' lift")):
        seen = {name: np.array([shape[place] for shape in each]) for name, each in shapes.items()}
        found[what] = {
            "true": _rise(seen["neutral"], seen["smiling"]),
            "happy": _rise(seen["neutral"], seen["happy"]),
        }
    return _plain(found)


def _by_labeller(finder: Any, edits: Sequence[Edits], progress: Progress) -> Figures:
    """Whether the units that were asked for moved, by the labeller of the training's photographs."""
    asked: Mapping[str, Mapping[str, float]] = {"happy": {"AU12": 0.9, "AU25": 0.5}, **UNITS}
    found: Figures = {}
    for number, (name, units) in enumerate(asked.items()):
        progress("asking the labeller", number, len(asked))
        before = [read_aus(finder, e.pixels, list(units)) for e in edits]
        after = [read_aus(finder, e.pictures[name], list(units)) for e in edits]
        for unit, value in units.items():
            both = [(b[unit], a[unit]) for b, a in zip(before, after, strict=True) if b and a]
            first, then = (np.array(part) for part in zip(*both, strict=True))
            found[f"{name}: {unit}={value:g}"] = {**_rise(first, then), "lost faces": len(edits) - len(both)}
    return _plain(found)


def _rise(before: NDArray[np.float64], after: NDArray[np.float64]) -> Figures:
    change = after - before
    return {"share up": (change > 0).mean(), "mean change": change.mean(), "least": change.min(), "most": change.max()}


def _plain(figures: Any) -> Any:
    """The same in numbers that JSON knows, to four digits."""
    if isinstance(figures, Mapping):
        return {key: _plain(value) for key, value in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [_plain(value) for value in figures]
    return round(float(figures), 4) if isinstance(figures, (float, np.floating)) else figures
