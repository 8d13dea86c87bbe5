"""The ways of `efgan edit`: pictures by name or by a CSV file, pairs of a photo folder, a list of a photo's faces."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from efgan_kit.cli.edit_options import STEPS, Options
from efgan_kit.cli.progress import shown_progress
from efgan_kit.editing import EditedFace, Editor, pasted
from efgan_kit.editing.batch import edit_jobs, jobs_of_pairs
from efgan_kit.editing.finding import Finding
from efgan_kit.editing.output import (
    STEP_MS,
    STILLS,
    make_folder,
    refuse_file,
    refuse_folder,
    write_frames,
    write_picture,
    write_sweep,
)
from efgan_kit.editing.photo_writing import write_photo
from efgan_kit.editing.photos import drawn_numbers, find_faces
from efgan_kit.editing.requests import (
    Failure,
    Request,
    changes_of,
    edit_subject,
    provenance_of,
    shown,
    subjects,
    with_pasting,
)
from efgan_kit.editing.sources import Sources, Subject, framing_of, numbered
from efgan_kit.editing.target_table import requests_of_targets
from efgan_kit.editing.targets import Change, expression, like, named_aus
from efgan_kit.errors import EfganError, Fault


def edit_pairs(editor: Editor, options: Options) -> None:
    """Each line of a pairs file to its own PNG file."""
    assert options.data is not None
    assert options.pairs is not None
    out = options.out
    refuse_folder(out)
    framing = framing_of(editor.trained.recipe) if options.framing == "auto" else options.framing
    jobs, warnings = jobs_of_pairs(editor.faces, options.data, options.pairs, framing)
    refuse_folder(out, [job.path for job in jobs])
    _warn(*warnings)
    make_folder(out)
    unseen: list[tuple[str, str]] = []
    with shown_progress() as progress:
        for number, (job, edited) in enumerate(edit_jobs(editor, jobs, options.steps), start=1):
            write_picture(out / f"{job.name}.png", edited.picture(), provenance_of(editor, [edited]))
            if edited.unseen:
                unseen.append((job.name, edited.unseen))
            progress("editing", number, len(jobs))
    click.echo(f"{out}: {len(jobs)} edited pictures")
    if unseen:
        name, reason = unseen[0]
        _warn(f"{len(unseen)} without a visible change, such as {name}: {reason}")


def edit_pictures(editor: Editor, options: Options) -> None:
    """Pictures by name or by a CSV file, one after the other; those that fail are told at the end.

    Raises:
        EfganError: Nothing could be begun, or with every picture that failed.
    """
    several = len(options.pictures) > 1 or options.targets is not None
    if several:
        refuse_folder(options.out, options.read)
    else:
        refuse_file(options.out, moving=bool(options.frames), inputs=options.read)
    with _sources(editor, options) as sources:
        requests = _requests(editor, sources, options)
        if several:
            refuse_folder(options.out, [Path(request.word) for request in requests])
        faults: list[Fault] = []
        failures = 0
        with shown_progress() as progress:
            for number, answer in enumerate(subjects(sources, requests), start=1):
                try:
                    if isinstance(answer, Failure):
                        raise answer.error
                    _edit(editor, *answer, options, several=several)
                except EfganError as error:
                    if not several:
                        raise
                    failures += 1
                    faults += [fault for fault in error.faults if fault not in faults]
                if several:
                    progress("editing", number, len(requests))
    if several:
        failed = f", {failures} failed" if failures else ""
        click.echo(f"{options.out}: {len(requests) - failures} edited pictures{failed}")
    if faults:
        raise EfganError(*faults)


def list_faces(editor: Editor, options: Options) -> None:
    """The faces of a photo with their numbers, as lines and, if asked for, drawn into the photo."""
    if options.given_out is not None:
        refuse_file(options.given_out, inputs=options.read)
    with _sources(editor, options) as sources:
        photo = sources.photo(options.pictures[0])
        assert sources.finding is not None
        assert photo.path is not None
        faces = find_faces(photo, sources.finding.finder(photo.path))
    for face in faces:
        left, top, right, bottom = (round(edge) for edge in face.found.box)
        flaw = f"; can't be edited: {face.flaw}" if face.flaw else ""
        click.echo(f"{face.number}: {right - left}x{bottom - top} pixels at {left},{top}{flaw}")
    if options.given_out is not None:
        write_picture(options.given_out, drawn_numbers(photo, faces))


def _requests(editor: Editor, sources: Sources, options: Options) -> list[Request]:
    if options.targets is not None:
        return requests_of_targets(sources, editor.aus, options.targets, options.intensity)
    change = _change(editor, sources, options)
    names = numbered([sources.name(word) for word in options.pictures])
    return [Request(word, change, name) for word, name in zip(options.pictures, names, strict=True)]


def _change(editor: Editor, sources: Sources, options: Options) -> Change:
    if options.expression:
        change = expression(editor.aus, options.expression, relative=options.relative)
    elif options.au:
        change = named_aus(editor.aus, options.au, relative=options.relative)
    elif options.like:
        change = like(sources.find(options.like).sample.aus)
    else:  # a sweep has its own targets
        change = Change({})
    return attrs.evolve(change, intensity=options.intensity)


def _edit(editor: Editor, request: Request, subject: Subject, options: Options, *, several: bool) -> None:
    """Edit one picture, write it and tell what was done."""
    if several:
        make_folder(options.out)
    path = options.out / f"{request.name}{_suffix(subject, options)}" if several else options.out
    subject = attrs.evolve(subject, faces=with_pasting(subject.faces, options.seamless, options.regions))
    _warn(*(f"{subject.photo.name} {warning}" for warning in subject.photo.warnings))
    _warn(*(f"{subject.photo.name}: {warning}" for face in subject.faces for warning in face.warnings))
    if options.sweep:
        write_sweep(path, editor, subject.faces[0], options.steps)
        click.echo(f"{path}: {request.name} under each AU alone")
        return
    edits = _written(editor, request.change, subject, path, options)
    for edit in edits:
        name = subject.photo.name + (f", face {edit.face.number}" if len(edits) > 1 else "")
        click.echo(f"{path}: {name}, {changes_of(editor.aus, edit, every_step=options.frames == STEPS)}")
        clamped = [editor.aus.names[i] for i in request.change.clamped(edit.face.sample.aus)]
        if clamped:
            more = f" and {len(clamped) - 3} more" if len(clamped) > 3 else ""
            _warn(f"{name}: {', '.join(clamped[:3])}{more} would leave 0..1, and go to its end")
        if edit.unseen:
            _warn(f"{name}: nothing visible changes: {edit.unseen}")


def _written(
    editor: Editor, change: Change, subject: Subject, path: Path, options: Options
) -> list[EditedFace]:
    """Write the picture of a subject's edits, or the way there: the last edits."""
    count = options.frames if isinstance(options.frames, int) else None
    frames = edit_subject(editor, subject, change, options.steps, count)
    edits = frames[-1]
    provenance = provenance_of(editor, edits)
    if count is not None:
        write_frames(path, (shown(subject, frame) for frame in frames), provenance=provenance)
    elif options.frames == STEPS:
        steps = range(len(edits[0].steps))
        pictures = itertools.chain([subject.photo.pixels], (shown(subject, edits, step) for step in steps))
        write_frames(path, pictures, STEP_MS, provenance)
    else:
        lost = write_photo(path, subject.photo, pasted(subject.photo, edits), provenance, options.metadata)
        _warn(*(f"{subject.photo.name}: {what}" for what in lost))
    return edits


def _suffix(subject: Subject, options: Options) -> str:
    """The suffix of a picture among several: its own, where that is a format of stills."""
    own = subject.photo.path.suffix if subject.photo.path is not None else ""
    return own if own.lower() in STILLS and not (options.frames or options.sweep) else ".png"


@contextlib.contextmanager
def _sources(editor: Editor, options: Options) -> Iterator[Sources]:
    """Where faces come from; by what they were found is told once that was needed."""
    finding = Finding(editor.trained.path, _tell)
    which = options.which_faces or "labelled"
    try:
        yield Sources(editor.trained.recipe, options.labels, options.framing, finding, which)
    finally:
        finding.close()


def _tell(what: str) -> None:
    click.echo(what, err=True)


def _warn(*warnings: str) -> None:
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
