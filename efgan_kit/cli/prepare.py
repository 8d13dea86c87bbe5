"""`efgan data prepare`: from any photos to a photo folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from efgan_kit.cli.output import print_json
from efgan_kit.cli.paths import GivenPath
from efgan_kit.cores import usable_cores

if TYPE_CHECKING:
    from efgan_kit.preparation import Preparation, PreparedFolder

LISTED: Final = 10
"""So many skipped pictures and warnings are printed; the report has all."""


@click.command("prepare")
@click.argument("photos", type=GivenPath(path_type=Path))
@click.option(
    "--out",
    type=GivenPath(path_type=Path),
    required=True,
    help="The photo folder to write: new, or to be gone on with.",
)
@click.option("--landmarks", metavar="NAME", help="What finds faces and landmarks; what is installed if not given.")
@click.option("--aus", metavar="NAME", help="What measures AUs; of the landmarker's name if not given.")
@click.option(
    "--landmarks-option",
    "landmarks_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter of the landmarker; `efgan plugin show landmarker:NAME` lists them.",
)
@click.option(
    "--aus-option",
    "aus_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter of the AU labeller; `efgan plugin show au-labeller:NAME` lists them.",
)
@click.option(
    "--faces",
    type=click.Choice(["largest", "all"]),
    default="largest",
    show_default=True,
    help="largest: one face of a picture; all: every one.",
)
@click.option(
    "--min-size", type=click.IntRange(8), default=64, show_default=True, help="Pixels that a face's frame must have."
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0.5, 1),
    default=0.5,
    show_default=True,
    help="How sure of a face the landmarker must be.",
)
@click.option(
    "--max-yaw", type=click.FloatRange(0, 180), default=45.0, show_default=True, help="Degrees turned to a side."
)
@click.option(
    "--max-pitch", type=click.FloatRange(0, 180), default=40.0, show_default=True, help="Degrees raised or bowed."
)
@click.option(
    "--margin",
    type=click.FloatRange(1.42, 4),
    default=1.5,
    show_default=True,
    help="A crop's side over the face's frame.",
)
@click.option(
    "--size", type=click.IntRange(64, 4096), default=512, show_default=True, help="Pixels of a crop's side, at most."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "jpeg", "webp"]),
    default="png",
    show_default=True,
    help="Of the crops.",
)
@click.option("--level/--no-level", default=True, show_default=True, help="Turn faces until their eyes lie level.")
@click.option(
    "--person",
    default="none",
    show_default=True,
    metavar="none|folder|name|CSV",
    help="Whose face it is: by the first folder, the file's name up to a mark, or a CSV file with image,person.",
)
@click.option("--pattern", metavar="REGEX", help="For --person name: (?P<person>...), and perhaps (?P<expression>...).")
@click.option("--jobs", type=click.IntRange(1), help="Processes; as many as there are cores if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(
    photos: Path,
    out: Path,
    landmarks: str | None,
    aus: str | None,
    landmarks_options: tuple[str, ...],
    aus_options: tuple[str, ...],
    level: bool,
    person: str,
    pattern: str | None,
    jobs: int | None,
    as_json: bool,
    form: Any,
    margin: float,
    size: int,
    **chosen: Any,
) -> None:
    """Make a photo folder of the folder PHOTOS: find the faces, cut them out level, measure landmarks and AUs.

    What can't be used is skipped, and report.html says why. Ctrl-C stops; the same command goes on.
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.preparation import Choice, Cropping, Plan, prepare_folder
    from efgan_kit.preparation.people import naming

    named = naming(person, pattern)
    preparation = _preparation(landmarks, aus, landmarks_options, aus_options, level)
    plan = Plan(photos, out, preparation, Choice(**chosen), Cropping(margin, size, form))
    try:
        with shown_progress() as progress:
            prepared = prepare_folder(plan, named, jobs=jobs or usable_cores(), progress=progress, where="--landmarks")
    except KeyboardInterrupt:
        click.echo(f"{out}: stopped; the same command goes on", err=True)
        raise
    if as_json:
        print_json(_summary(prepared))
    else:
        click.echo(_as_text(prepared))


def _preparation(
    landmarks: str | None,
    aus: str | None,
    landmarks_options: tuple[str, ...],
    aus_options: tuple[str, ...],
    level: bool,
) -> Preparation:
    from efgan_kit.preparation import Part, Preparation, installed_preparation
    from efgan_kit.recipe.by_name import component_by_name

    if landmarks is None and aus is None and not landmarks_options and not aus_options:
        installed = installed_preparation("efgan data prepare")
        return Preparation(installed.landmarker, installed.labeller, level)
    if landmarks is None:
        landmarks = installed_preparation("--landmarks").landmarker.use
    finder = component_by_name(
        "landmarker", landmarks, landmarks_options, flag="--landmarks", option_flag="--landmarks-option"
    )
    meter = component_by_name("au-labeller", aus or landmarks, aus_options, flag="--aus", option_flag="--aus-option")
    return Preparation(Part.of(finder), Part.of(meter), level)


def _summary(prepared: PreparedFolder) -> dict[str, Any]:
    from efgan_kit.preparation.labelling import printable

    return {
        "out": str(prepared.plan.out),
        "pictures": len(prepared.outcomes),
        "faces": len(prepared.faces),
        "people": len({entry.sitter.person for entry in prepared.faces} - {""}),
        "skipped": [{"photo": printable(entry.name), "why": printable(entry.why)} for entry in prepared.skipped],
        "warnings": list(prepared.warnings),
        "measured": list(prepared.units),
        "blind": prepared.blind,
        "report": str(prepared.report),
    }


def _as_text(prepared: PreparedFolder) -> str:
    summary = _summary(prepared)
    people = f" of {summary['people']} people" if summary["people"] else ""
    lines = [f"{summary['out']}: {summary['faces']} faces{people} from {summary['pictures']} pictures"]
    skipped = [f"skipped: {entry['photo']}: {entry['why']}" for entry in summary["skipped"]]
    warnings = [f"warning: {warning}" for warning in summary["warnings"]]
    for several in (skipped, warnings):
        lines += several[:LISTED]
        if len(several) > LISTED:
            lines.append(f"  and {len(several) - LISTED} more: see the report")
    return "\n".join([*lines, f"report: {summary['report']}"])
