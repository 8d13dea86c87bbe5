"""`efgan edit CLIP.mp4`: a clip's faces followed and edited, and what came of it told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from efgan_kit.cli.clip_options import is_clip
from efgan_kit.cli.edit_options import LIST, Options
from efgan_kit.cli.output import print_json
from efgan_kit.cli.progress import shown_progress
from efgan_kit.editing import Editor
from efgan_kit.editing.blending import Pasting
from efgan_kit.editing.finding import Finding
from efgan_kit.editing.output import refuse_clip
from efgan_kit.editing.provenance import Provenance
from efgan_kit.editing.sources import Sources
from efgan_kit.editing.targets import expression, like, named_aus
from efgan_kit.editing.video.conduct import Followed, edit_followed, follow_clip, like_clip
from efgan_kit.editing.video.editing import ClipReport, TrackReport
from efgan_kit.editing.video.following import Track
from efgan_kit.editing.video.looking import ByFinder, Progress
from efgan_kit.editing.video.openface import ByLabels
from efgan_kit.editing.video.reading import open_clip
from efgan_kit.editing.video.targets import Manner, Steady, Wish, read_by_frame


def edit_clip(editor: Editor, options: Options) -> None:
    """Edit a clip, or list the faces that are followed in it."""
    path = Path(options.pictures[0]).expanduser()
    listing = options.which_faces == LIST
    if not listing:
        refuse_clip(options.out, inputs=[path, *([Path(options.like)] if options.like else [])])
    open_clip(path)
    with _finding(editor) as finding, shown_progress() as progress:
        wish = None if listing else _wish(editor, finding, options, progress)
        followed = _followed(editor, finding, path, options.labels, not options.no_smooth, progress)
        if wish is not None:
            report = edit_followed(
                editor,
                followed,
                wish,
                options.out,
                which=options.which_faces or "largest",
                ease=options.ease,
                quality=options.quality or "source",
                pasting=Pasting(options.seamless is not False, options.regions),
                steps=options.steps,
                keep_tags=options.metadata == "keep",
                edited_by=Provenance(editor.trained.path.resolve().name, (_asked(options),)).sentence,
                progress=progress,
            )
    if wish is None:
        _list(followed, options)
    else:
        _tell(report, followed, options, editor.forward.precision)


@contextlib.contextmanager
def _finding(editor: Editor) -> Iterator[Finding]:
    finding = Finding(editor.trained.path, lambda line: click.echo(line, err=True))
    try:
        yield finding
    finally:
        finding.close()


def _followed(
    editor: Editor, finding: Finding, path: Path, labels: Path | None, smooth: bool, progress: Progress
) -> Followed:
    if labels is not None:
        return follow_clip(path, ByLabels(labels, editor.aus), level=False, smooth=smooth, progress=progress)
    finder = finding.finder(path)
    watcher = ByFinder(finder, editor.aus)
    return follow_clip(path, watcher, level=finder.preparation.level, smooth=smooth, progress=progress)


def _wish(editor: Editor, finding: Finding, options: Options, progress: Progress) -> Wish:
    if options.targets is not None:
        return read_by_frame(options.targets, editor.aus)
    if options.like and is_clip(options.like):
        return like_clip(_followed(editor, finding, Path(options.like).expanduser(), None, True, progress))
    if options.expression:
        change = expression(editor.aus, options.expression, relative=options.relative)
    elif options.like:
        change = like(Sources(editor.trained.recipe, finding=finding).find(options.like).sample.aus)
    else:
        change = named_aus(editor.aus, options.au, relative=options.relative)
    manner: Manner = "held" if options.hold else "added" if options.relative else "lively"
    return Steady(attrs.evolve(change, intensity=options.intensity), manner)


def _asked(options: Options) -> str:
    """What was asked for, in a clause."""
    if options.au:
        return ", ".join(options.au)
    return options.expression or (f"like {Path(options.like).name}" if options.like else "targets for each frame")


def _list(followed: Followed, options: Options) -> None:
    if options.as_json:
        print_json([{**_where(track), "missed": track.missed} for track in followed.tracks])
        return
    for track in followed.tracks:
        middle = track.frames[len(track) // 2]
        x, y = (round(at) for at in middle.centre)
        click.echo(f"{track.number}: {_span(track)}, about {round(middle.side)} pixels large at {x},{y}")


def _where(track: Track) -> dict[str, Any]:
    return {"number": track.number, "first": track.first + 1, "frames": len(track)}


def _span(track: Track | TrackReport) -> str:
    count = len(track) if isinstance(track, Track) else track.frames
    first = track.first + 1
    return f"frame {first}" if count == 1 else f"frames {first} to {track.first + count}"


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _tell(report: ClipReport, followed: Followed, options: Options, precision: str) -> None:
    if options.as_json:
        tracks = [
            {
                "number": track.number,
                "first": track.first + 1,
                "frames": track.frames,
                "missed": track.missed,
                "change": track.change,
                "visible": track.visible,
                "flicker": {**attrs.asdict(track.flicker), "ratio": track.flicker.ratio},
            }
            for track in report.tracks
        ]
        print_json({"out": str(options.out), "precision": precision, **attrs.asdict(report), "tracks": tracks})
    else:
        click.echo(
            f"{options.out}: {_frames(report.frames)}, {report.edited} of them edited, coded by {report.encoder}, "
            f"{'no sound' if report.sound == 'none' else f'sound {report.sound}'}"
        )
        for track in report.tracks:
            click.echo(f"face {track.number}: {_span(track)}, {_flicker(track)}")
    for warning in [*followed.warnings, *_surprises(report, followed)]:
        click.echo(f"warning: {warning}", err=True)


def _flicker(track: TrackReport) -> str:
    flicker = track.flicker
    if flicker.ratio is None:
        return f"flicker {flicker.edited:.2f} of 255 where the source stands still"
    return f"flicker {flicker.ratio:.2f} times the source's ({flicker.edited:.2f} against {flicker.source:.2f} of 255)"


def _surprises(report: ClipReport, followed: Followed) -> Iterator[str]:
    if report.size != followed.clip.size:
        before, after = ("x".join(map(str, size)) for size in (followed.clip.size, report.size))
        yield f"the clip is {before}, and is written as {after}: the coding wants even sizes"
    if report.encoder == "mpeg4":
        yield "coded as MPEG-4 part 2, which is coarser than H.264: this PyAV has no encoder for that"
    for track in report.tracks:
        if not track.visible:
            yield f"face {track.number}: nothing visible changes: `efgan evaluate` tells what the run has learned"
