"""`efgan edit`: faces in, edited pictures out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from efgan_kit.cli.edit_options import STEPS, Frames, Options
from efgan_kit.cli.models import chosen_run
from efgan_kit.cli.paths import GivenPath
from efgan_kit.cli.progress import shown_progress
from efgan_kit.faces.aus import EXPRESSIONS

if TYPE_CHECKING:
    from torch import Tensor

    from efgan_kit.editing import EditedFace, Editor, Face
    from efgan_kit.editing.batch import Job
    from efgan_kit.editing.sources import Sources
    from efgan_kit.editing.targets import Change

PRESETS: Final = ", ".join(EXPRESSIONS)


@click.command(short_help="Edit photos with a trained run.")
@click.argument("faces", metavar="[FACE]...", nargs=-1)
@click.option(
    "--run",
    type=GivenPath(),
    metavar="RUN",
    help="A run's folder, an exported one, or an installed model's name; the installed model if there is just one.",
)
@click.option(
    "--out",
    required=True,
    type=GivenPath(path_type=Path),
    metavar="PATH",
    help="The edited picture; a folder where there are several.",
)
@click.option("--au", multiple=True, metavar="AU=X", help="An AU in 0..1, for the face's own.")
@click.option("--expression", metavar="NAME", help=f"A preset: {PRESETS}.")
@click.option("--like", metavar="FACE", help="The AUs of another labelled face.")
@click.option(
    "--targets",
    type=GivenPath(path_type=Path),
    metavar="CSV",
    help="A batch: a column image and columns such as AU12_r, in 0..5 as OpenFace writes them.",
)
@click.option("--sweep", is_flag=True, help="A sheet of the face under each AU alone, from 0 to 1.")
@click.option("--relative", is_flag=True, help="Add --au or --expression to the face's own AUs.")
@click.option(
    "--frames",
    type=Frames(),
    is_flag=False,
    flag_value=STEPS,
    metavar="[N]",
    help="The way there in N frames (2 to 200), each an edit of its own; without N, the face as it is and after each "
    "step of the edit. An animation if --out ends in .gif or .webp, else a strip.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 200),
    metavar="K",
    help="Edit in K steps, each from the face that the step before made; a cascade has its own number.",
)
@click.option("--data", type=GivenPath(path_type=Path), metavar="DIR", help="The folder of --pairs.")
@click.option(
    "--pairs",
    type=GivenPath(path_type=Path),
    metavar="CSV",
    help="Columns source,truth: each line's source is edited to its truth's AUs, the first to 00000.png.",
)
@click.option("--labels", type=GivenPath(path_type=Path), metavar="CSV", help="Where the labels are.")
@click.option(
    "--framing",
    type=click.Choice(["auto", "whole", "face"]),
    default="auto",
    show_default=True,
    help="whole: each picture is a face; face: a square around the face is cut out; auto: by the picture.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to compute.",
)
@click.option("--faces", "which_faces", hidden=True)
def command(**given: object) -> None:
    """Edit faces to other action units (AUs), each in its own picture at full resolution.

    FACE is a photo with labels: landmarks and AUs as OpenFace measures them, in a labels.csv of its folder or
    of one above, in OpenFace's own CSV file beside it, or in --labels. test:7 is face 7 of the run's own test
    faces.

    \b
    efgan edit anna.jpg --run RUN --expression happy --out happy.png
    efgan edit anna.jpg --run RUN --au AU12=0.9 --au AU25=0.5 --out smile.png
    efgan edit test:0 --run RUN --au AU12=0.5 --relative --frames 12 --out smile.gif
    efgan edit anna.jpg --run RUN --expression sad --steps 3 --out sad.png --frames
    efgan edit anna.jpg ben.jpg --run RUN --like carla.jpg --out FOLDER
    efgan edit --run RUN --data PHOTOS --pairs pairs.csv --out FOLDER
    """
    options = Options(**given)  # type: ignore[arg-type]
    options.refuse_nonsense()
    from efgan_kit.editing import Editor

    editor = Editor.load(chosen_run(options.run), options.device)
    editor.refuse_steps(options.steps)
    if options.pairs is not None:
        _pairs(editor, options)
    elif options.targets is not None:
        _targets(editor, options)
    else:
        _faces(editor, options)


def _pairs(editor: Editor, options: Options) -> None:
    from efgan_kit.editing.batch import jobs_of_pairs
    from efgan_kit.editing.output import refuse_folder
    from efgan_kit.editing.sources import framing_of

    assert options.data is not None
    assert options.pairs is not None
    refuse_folder(options.out)
    framing = framing_of(editor.trained.recipe) if options.framing == "auto" else options.framing
    jobs, warnings = jobs_of_pairs(editor.faces, options.data, options.pairs, framing)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    _run(editor, jobs, options)


def _targets(editor: Editor, options: Options) -> None:
    from efgan_kit.editing.batch import jobs_of_targets
    from efgan_kit.editing.output import refuse_folder

    assert options.targets is not None
    refuse_folder(options.out)
    _run(editor, jobs_of_targets(_sources(editor, options), editor.aus, options.targets), options)


def _run(editor: Editor, jobs: Sequence[Job], options: Options) -> None:
    """Make the edits of a batch and write each to its own PNG file."""
    from efgan_kit.editing.batch import edit_jobs
    from efgan_kit.editing.output import make_folder, write_picture

    out = options.out
    make_folder(out)
    unseen: list[tuple[str, str]] = []
    with shown_progress() as progress:
        for number, (job, edited) in enumerate(edit_jobs(editor, jobs, options.steps), start=1):
            write_picture(out / f"{job.name}.png", edited.picture())
            if edited.unseen:
                unseen.append((job.name, edited.unseen))
            progress("editing", number, len(jobs))
    click.echo(f"{out}: {len(jobs)} edited pictures")
    if unseen:
        name, reason = unseen[0]
        click.echo(f"warning: {len(unseen)} without a visible change, such as {name}: {reason}", err=True)


def _faces(editor: Editor, options: Options) -> None:
    from efgan_kit.editing.output import make_folder, refuse_file, refuse_folder, write_sweep
    from efgan_kit.editing.sources import unique_names

    several = len(options.faces) > 1
    if several:
        refuse_folder(options.out)
    else:
        refuse_file(options.out, moving=bool(options.frames), inputs=[Path(face) for face in options.faces])
    wish = _wish(editor, options)
    faces = _sources(editor, options).find_all([*options.faces, *([options.like] if options.like else [])])
    like = faces.pop() if options.like else None
    if several:
        make_folder(options.out)
    for face, name in zip(faces, unique_names(faces), strict=True):
        path = options.out / f"{name}.png" if several else options.out
        if options.sweep:
            write_sweep(path, editor, face, options.steps)
            click.echo(f"{path}: {name} under each AU alone")
        else:
            own = face.sample.aus
            target = like.sample.aus if like else wish.target(own) if wish else own
            _edit_one(editor, face, target, path, options)


def _edit_one(editor: Editor, face: Face, target: Tensor, path: Path, options: Options) -> None:
    from efgan_kit.editing.output import STEP_MS, write_frames, write_picture

    if isinstance(options.frames, int):
        frames = list(editor.path(face, target, options.frames, options.steps))
        write_frames(path, (frame.picture() for frame in frames))
        edited = frames[-1]
    else:
        edited = editor.edit([face], target[None], options.steps)[0]
        if options.frames == STEPS:
            write_frames(path, itertools.chain([face.read()], edited.pictures()), STEP_MS)
        else:
            write_picture(path, edited.picture())
    click.echo(f"{path}: {_described(editor, edited, every_step=options.frames == STEPS)}")
    if edited.unseen:
        click.echo(f"warning: {face.name}: nothing visible changes: {edited.unseen}", err=True)


def _described(editor: Editor, edited: EditedFace, *, every_step: bool) -> str:
    """The AUs that change most, from what to what, or to what in each of the steps."""
    asked = edited.step_targets if every_step and edited.step_targets else (edited.target_aus,)
    ways = zip(*(aus.tolist() for aus in (edited.face.sample.aus, *asked)), strict=True)
    units = sorted(zip(editor.aus.names, ways, strict=True), key=lambda unit: -abs(unit[1][-1] - unit[1][0]))
    shown = [
        f"{name} {' -> '.join(f'{value:.2f}' for value in values)}"
        for name, values in units[:5]
        if abs(values[-1] - values[0]) >= 0.02
    ]
    return f"{edited.face.name}, {', '.join(shown) or 'its own AUs'}"


def _wish(editor: Editor, options: Options) -> Change | None:
    """What every face is edited to, where that does not come from another face."""
    from efgan_kit.editing.targets import expression, named_aus

    if options.expression:
        return expression(editor.aus, options.expression, relative=options.relative)
    return named_aus(editor.aus, options.au, relative=options.relative) if options.au else None


def _sources(editor: Editor, options: Options) -> Sources:
    from efgan_kit.editing.sources import Sources

    return Sources(editor.trained.recipe, options.labels, options.framing)
