"""Edited pictures on disk: stills, strips, animations, sheets of sweeps. Each file is complete or absent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photo_files import Photo
from efgan_kit.editing.photo_writing import write_photo
from efgan_kit.editing.provenance import Provenance, exif_of, xmp_of
from efgan_kit.errors import fail
from efgan_kit.faces.aus import DESCRIPTIONS
from efgan_kit.files import written
from efgan_kit.training.sheets import write_sheet

STILLS: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
MOVING: Final = (".gif", ".webp")
CLIPS: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
STRIP_HEIGHT: Final = 512
"""Frames of a strip are no higher, in pixels."""
ANIMATION_SIDE: Final = 1280
"""Frames of an animation are no wider or higher, in pixels: players and memory hold many of them at once."""
FRAME_MS: Final = 120
STEP_MS: Final = 600
"""A step of an edit is shown longer than a frame of a smooth way."""
LAST_MS: Final = 1200
SWEPT: Final = (0.0, 0.25, 0.5, 0.75, 1.0)

Picture = NDArray[np.uint8]


def refuse_file(out: Path, *, moving: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raises EfganError unless one picture may be written to `out`.

    Args:
        moving: It may be an animation.
        inputs: What is read, which must not be overwritten.
    """
    suffixes = (*STILLS, ".gif", *CLIPS) if moving else STILLS
    if out.is_dir():
        raise fail(str(out), "is a folder", f"name a file in it, such as {out / 'edited.png'}")
    if out.suffix.lower() not in suffixes:
        what = "is not the name of a picture" if out.suffix else "has no suffix that says the format"
        animated = "an animation is made with --frames; " if out.suffix.lower() == ".gif" else ""
        raise fail(str(out), what, f"{animated}one of: {', '.join(suffixes)}")
    _refuse_missing_parent(out)
    if any(path.exists() and out.exists() and path.samefile(out) for path in inputs):
        raise fail(str(out), "is a picture that is read", "name another file: originals are not overwritten")


def refuse_clip(out: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raises EfganError unless a clip may be written to `out`; `inputs` must not be overwritten."""
    if out.is_dir():
        raise fail(str(out), "is a folder", f"name a file in it, such as {out / 'edited.mp4'}")
    _refuse_missing_parent(out)
    if any(path.exists() and out.exists() and path.samefile(out) for path in inputs):
        raise fail(str(out), "is the clip to be edited", "name another file: originals are not overwritten")


def refuse_folder(out: Path, inputs: Iterable[Path] = ()) -> None:
    """Raises EfganError unless `out` is a folder for several pictures, or may become one.

    Args:
        inputs: What is read. The folder must hold none of it, whatever the edits will be called.
    """
    if out.exists() and not out.is_dir():
        raise fail(str(out), "is a file", "several pictures go to a folder")
    if not out.exists() and out.suffix.lower() in {*STILLS, *MOVING}:
        raise fail(str(out), "is the name of a picture", "several pictures go to a folder: name one")
    _refuse_missing_parent(out)
    held = next((path for path in inputs if path.is_file() and path.resolve().parent == out.resolve()), None)
    if held is not None:
        what = f"holds {held.name}, which is read"
        raise fail(str(out), what, "name another folder: originals are not overwritten")


def make_folder(out: Path) -> None:
    """Make the folder `out` unless it is there."""
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise fail(str(out), f"cannot be made: {error.strerror}") from error


def _refuse_missing_parent(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise fail(str(out), f"there is no folder '{out.parent}'", "make it first")


def write_picture(path: Path, picture: Picture, provenance: Provenance | None = None) -> None:
    """Write a still in the format of the suffix, with how it was edited, where it was."""
    if provenance is not None:
        write_photo(path, Photo(picture), picture, provenance)
        return
    with written(path) as part:
        Image.fromarray(picture).save(part, **_quality(path))


def write_frames(
    path: Path, pictures: Iterable[Picture], frame_ms: int = FRAME_MS, provenance: Provenance | None = None
) -> None:
    """Write pictures of one size: an animation or a clip if the suffix says so, else a strip.

    They are taken one by one and kept no larger than the file shows them.
    """
    if path.suffix.lower() in CLIPS:
        from efgan_kit.editing.video.way import write_way

        write_way(path, pictures, frame_ms, LAST_MS, provenance.sentence if provenance else "")
    elif path.suffix.lower() in MOVING:
        frames = [_within(picture, ANIMATION_SIDE, max(picture.shape)) for picture in pictures]
        _write_animation(path, frames, frame_ms, provenance)
    else:
        _write_strip(path, [_within(picture, STRIP_HEIGHT, picture.shape[0]) for picture in pictures], provenance)


def _within(picture: Picture, most: int, side: int) -> Image.Image:
    """The picture, shrunk so that a `side` of it is no longer than `most`."""
    image = Image.fromarray(picture)
    if side <= most:
        return image
    width, height = (max(1, round(pixels * most / side)) for pixels in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _write_strip(path: Path, frames: Sequence[Image.Image], provenance: Provenance | None) -> None:
    """Write frames side by side."""
    width, height = frames[0].size
    strip = Image.new("RGB", (width * len(frames), height))
    for number, frame in enumerate(frames):
        strip.paste(frame, (number * width, 0))
    write_picture(path, np.asarray(strip), provenance)


def _write_animation(
    path: Path, frames: Sequence[Image.Image], frame_ms: int, provenance: Provenance | None
) -> None:
    """Write frames one after the other, over and over, with a rest on the last; GIF or WebP."""
    first, *others = frames
    durations = [frame_ms] * len(others) + [LAST_MS]
    moving: dict[str, Any] = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    if provenance is not None and path.suffix.lower() == ".gif":
        moving["comment"] = provenance.sentence.encode()
    elif provenance is not None:
        moving |= {"xmp": xmp_of(provenance, None), "exif": exif_of(provenance, None, first.size)}
    with written(path) as part:
        first.save(part, **moving, **_quality(path))


def write_sweep(path: Path, editor: Editor, face: Face, steps: int | None = None) -> None:
    """Write a sheet of the face under each AU of the run, a row each, at the intensities `SWEPT`."""
    own, count = face.sample.aus, len(editor.aus)
    columns: dict[str, torch.Tensor] = {}
    for intensity in SWEPT:
        targets = own.repeat(count, 1)
        targets.fill_diagonal_(intensity)
        columns[f"{intensity:g}"] = editor.edit_samples([face.sample] * count, targets, steps).image
    units = zip(editor.aus.names, own.tolist(), strict=True)
    labels = [f"{unit} {DESCRIPTIONS.get(unit, '')}, here {value:.2f}" for unit, value in units]
    title = face.name.encode("ascii", "replace").decode()
    with written(path) as part:
        write_sheet(part, columns, row_labels=labels, title=f"{title}: each AU alone, the others as they are")


def _quality(path: Path) -> dict[str, Any]:
    return {"quality": 95} if path.suffix.lower() in (".jpg", ".jpeg", ".webp") else {}

