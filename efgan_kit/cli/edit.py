"""`efgan edit`: faces in, edited pictures out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from efgan_kit.cli.clip_options import clip_options
from efgan_kit.cli.edit_options import LIST, REGIONS, STEPS, Frames, Options, WhichFaces
from efgan_kit.cli.models import chosen_run
from efgan_kit.cli.paths import GivenPath
from efgan_kit.faces.aus import EXPRESSIONS

PRESETS: Final = ", ".join(EXPRESSIONS)


@click.command(short_help="Edit photos with a trained run.")
@click.argument("pictures", metavar="[PICTURE]...", nargs=-1)
@click.option(
    "--run",
    type=GivenPath(),
    metavar="RUN",
    help="A run's folder, an exported one, or an installed model's name; the installed model if there is just one.",
)
@click.option(
    "--out",
    type=GivenPath(path_type=Path),
    metavar="PATH",
    help="The edited photo; a folder where there are several.",
)
@click.option("--au", multiple=True, metavar="AU=X", help="An AU in 0..1, for the face's own.")
@click.option("--expression", metavar="NAME", help=f"A preset: {PRESETS}.")
@click.option("--like", metavar="PICTURE", help="The AUs of another face.")
@click.option(
    "--targets",
    type=GivenPath(path_type=Path),
    metavar="CSV",
    help="A batch: a column image and columns such as AU12_r, in 0..5 as OpenFace writes them; for a clip, a "
    "column frame.",
)
@click.option("--sweep", is_flag=True, help="A sheet of the face under each AU alone, from 0 to 1.")
@click.option("--relative", is_flag=True, help="Add --au or --expression to the face's own AUs.")
@click.option(
    "--intensity",
    type=click.FloatRange(0, 10),
    default=1.0,
    show_default=True,
    metavar="X",
    help="How much of the change is made: 0.5 half of it, 1.5 more than asked for, within 0..1 for each AU.",
)
@click.option(
    "--faces",
    "which_faces",
    type=WhichFaces(),
    metavar="WHICH",
    help="all, largest, or numbers such as 1,3, counted from the left, in a clip as they appear; list shows "
    "them, --out draws them. Without it, the face that labels speak of, else the largest.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    type=click.Choice(REGIONS),
    help="Edit only this part of the face; repeat for more.",
)
@click.option(
    "--frames",
    type=Frames(),
    is_flag=False,
    flag_value=STEPS,
    metavar="[N]",
    help="The way there in N frames (2 to 200), each an edit of its own; without N, the face as it is and after each "
    "step of the edit. An animation if --out ends in .gif, .webp or .mp4, else a strip.",
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
    "--paste",
    type=click.Choice(["auto", "seamless", "exact"]),
    default="auto",
    show_default=True,
    help="seamless: the edit fades out around the face and takes on its colours; exact: all that the run changed, to "
    "the edge of the frame; auto: exact where the picture is a face.",
)
@click.option(
    "--metadata",
    type=click.Choice(["keep", "drop"]),
    default="keep",
    show_default=True,
    help="The photo's EXIF and XMP. That it was edited is written in any case.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to compute.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "fp32", "bf16"]),
    default="auto",
    show_default=True,
    help="fp32: as the run is evaluated, to the bit; bf16: sooner, on a CPU; auto: sooner if a large run is on a CPU "
    "and one of its test faces comes out the same within half a grey value.",
)
@clip_options
def command(**given: object) -> None:
    """Edit faces to other action units (AUs), each in its own photo at full resolution.

    Landmarks and AUs are taken from labels where there are some: OpenFace's, in a labels.csv of the photo's folder or
    of one above, in OpenFace's own CSV file beside the photo, or in --labels. Faces without labels are found and
    measured by an installed plugin. test:7 is face 7 of the run's own test faces.

    A clip (.mp4, .mov, .mkv, .webm, .avi) is edited frame by frame, its faces followed and its sound kept: see
    docs/video.md. That needs the extra efgan-kit[video].

    Where one of several photos fails, the others are edited, and the exit code is 2.

    \b
    efgan edit anna.jpg --run RUN --expression happy --out happy.jpg
    efgan edit anna.jpg --run RUN --au AU12=0.9 --au AU25=0.5 --out smile.png
    efgan edit party.jpg --run RUN --faces list --out numbers.png
    efgan edit party.jpg --run RUN --faces 2,5 --expression happy --intensity 0.6 --out party2.jpg
    efgan edit test:0 --run RUN --au AU12=0.5 --relative --frames 12 --out smile.gif
    efgan edit anna.jpg --run RUN --expression sad --steps 3 --out sad.png --frames
    efgan edit anna.jpg ben.jpg --run RUN --like carla.jpg --region mouth --out FOLDER
    efgan edit --run RUN --data PHOTOS --pairs pairs.csv --out FOLDER
    efgan edit clip.mp4 --run RUN --expression happy --ease 1 --out happy.mp4
    """
    options = Options(**given)  # type: ignore[arg-type]
    options.refuse_nonsense()
    from efgan_kit.editing import Editor

    editor = Editor.load(chosen_run(options.run), options.device, options.precision)
    editor.refuse_steps(options.steps)
    if options.is_for_clip:
        from efgan_kit.cli.edit_clip import edit_clip

        edit_clip(editor, options)
        return
    from efgan_kit.cli import edit_pictures

    if options.pairs is not None:
        edit_pictures.edit_pairs(editor, options)
    elif options.which_faces == LIST:
        edit_pictures.list_faces(editor, options)
    else:
        edit_pictures.edit_pictures(editor, options)
