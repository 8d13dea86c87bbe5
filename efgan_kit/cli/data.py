"""`efgan data`: photo folders, before anything is trained on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from efgan_kit.cli.data_cache import command as cache
from efgan_kit.cli.output import print_json
from efgan_kit.cli.paths import GivenPath
from efgan_kit.cli.prepare import command as prepare
from efgan_kit.errors import EfganError, fail

if TYPE_CHECKING:
    from efgan_kit.components.datasets.photo_folder import PhotoFolder
    from efgan_kit.faces.regions import FaceSpec

SIZE: Final = 128
REGIONS: Final = {"eyes": (40, 92), "nose": (40, 48), "mouth": (40, 60)}
"""Height and width at 128 pixels."""
ACTIVE: Final = 0.2
"""An AU above this counts as shown."""

FRAMINGS = click.Choice(["auto", "whole", "face"])
test_share_option = click.option(
    "--test-share", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.1, show_default=True,
    help="Share of the people that test.",
)  # fmt: skip
framing_option = click.option(
    "--framing", type=FRAMINGS, default="auto", show_default=True,
    help="whole: each picture is a face; face: a square around each face is cut out; auto: by the pictures.",
)  # fmt: skip
use_option = click.option(
    "--use", type=click.Choice(["photo-folder", "rafd", "cfee"]), default="photo-folder", show_default=True,
    help="Which data set reads the folder, by its defaults: rafd and cfee know people by the files' names.",
)  # fmt: skip


@click.group("data", short_help="Prepare, draw, look at and check photo folders.")
def command() -> None:
    """Prepare, draw, look at and check photo folders: pictures with landmarks and AUs in OpenFace's columns."""


command.add_command(prepare)
command.add_command(cache)


@command.command()
@click.option("--out", type=GivenPath(path_type=Path), required=True, help="A new or empty folder.")
@click.option("--people", type=click.IntRange(min=1), default=50, show_default=True, help="How many people.")
@click.option(
    "--expressions", type=click.IntRange(min=1), default=8, show_default=True, help="Faces of each."
)
@click.option(
    "--size", type=click.IntRange(min=16), default=SIZE, show_default=True, help="Pixels of a side."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other people.")
@click.option(
    "--dataset", default="drawn-faces", show_default=True, metavar="NAME",
    help="The data set whose faces are written: one of a plugin, such as ict-faces, or any other.",
)  # fmt: skip
@click.option(
    "-o", "options", multiple=True, metavar="KEY=VALUE",
    help="A parameter of the data set; `efgan plugin show dataset:NAME` lists them.",
)  # fmt: skip
def draw(
    out: Path, people: int, expressions: int, size: int, seed: int, dataset: str, options: tuple[str, ...]
) -> None:
    """Draw faces by code and write them as a photo folder with pairs.

    \b
    efgan data draw --out faces --people 20
    efgan data draw --out faces --dataset ict-faces -o model=ict.npz
    """
    from rich.console import Console
    from rich.progress import track

    from efgan_kit.api import FaceDataset, FaceSpec, au_set
    from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
    from efgan_kit.recipe.by_name import component_by_name
    from efgan_kit.registry import catalogue
    from efgan_kit.registry.signature import signature_of

    _refuse_unless_empty(out)
    spec = FaceSpec(size, au_set("openface-17"))
    known = signature_of(catalogue().find("dataset", dataset, "--dataset").load("--dataset"), "dataset").parameters
    given = {option.partition("=")[0].strip() for option in options}
    usual = {"people": people, "expressions": expressions, "seed": seed, "group": "folder"}
    added = [f"{key}={value}" for key, value in usual.items() if key in known and key not in given]
    use = component_by_name("dataset", dataset, [*added, *options], flag="--dataset", option_flag="-o")
    faces: FaceDataset = use.maker()(faces=spec)
    if not len(faces):
        raise fail("--dataset", f"'{dataset}' has no faces")
    # Drawn before anything is written: interrupted, it leaves nothing behind. The first one is asked for outside the
    # bar, since a data set that makes many faces at once shows a bar of its own.
    faces[0]
    for index in track(range(len(faces)), "Drawing", console=Console(stderr=True), transient=True):
        faces[index]
    try:
        write_photo_folder(faces, out, spec.aus)
    except OSError as error:
        raise fail(str(out), f"cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {len(faces)} faces of {len(set(faces.people))} people, {len(faces.pairs)} pairs")


@command.command()
@click.argument("folder", type=GivenPath(), metavar="DIR")
@click.option("--out", type=GivenPath(path_type=Path), required=True, help="The sheet, a PNG file.")
@click.option(
    "--count", type=click.IntRange(min=1), default=24, show_default=True, help="Faces on the sheet."
)
@framing_option
@use_option
def preview(folder: str, out: Path, count: int, framing: str, use: str) -> None:
    """Show faces of a photo folder as training sees them, with landmarks, region boxes and AUs."""
    from efgan_kit.components.datasets.photos.sheet import contact_sheet

    _refuse_unwritable(out)
    dataset, faces = _read(folder, framing, use)
    shown = min(count, len(dataset))
    indices = [place * len(dataset) // shown for place in range(shown)]  # spread over the folder
    try:
        contact_sheet(dataset, faces, indices).save(out, format="PNG")
    except OSError as error:
        raise fail(str(out), f"cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {shown} of {len(dataset)} faces, framing {dataset.framing}")


@command.command()
@click.argument("folder", type=GivenPath(), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@framing_option
@test_share_option
@click.option("--seed", type=int, default=0, show_default=True, help="The split's seed.")
@use_option
def check(folder: str, as_json: bool, framing: str, test_share: float, seed: int, use: str) -> None:
    """Check a photo folder in full, as training does before its first step, and say what is in it."""
    dataset, _ = _read(folder, framing, use)
    report = _report(folder, dataset, test_share, seed)
    if as_json:
        print_json(report)
    else:
        click.echo(_as_text(report))


def _read(folder: str, framing: Any, use: str) -> tuple[PhotoFolder, FaceSpec]:
    """The photo folder, its warnings kept for those who asked."""
    from efgan_kit.api import FaceSpec, Region, au_set
    from efgan_kit.components.datasets.photo_folder import unspoken
    from efgan_kit.registry import registry

    local = {name: Region(name, height, width) for name, (height, width) in REGIONS.items()}
    faces = FaceSpec(SIZE, au_set("openface-17"), local)
    with unspoken():
        dataset: PhotoFolder = registry().catalogue.find("dataset", use).load()(faces, root=folder, framing=framing)
    return dataset, faces


def _report(folder: str, dataset: PhotoFolder, test_share: float, seed: int) -> dict[str, Any]:
    from efgan_kit.components.datasets.photos.split import people_who_test

    # File names need not be Unicode; what is printed must be.
    warnings = [str(warning).encode(errors="replace").decode() for warning in dataset.warnings]
    splits: dict[str, dict[str, int]] = {}
    try:
        testing = people_who_test(dataset.people, test_share, seed)
    except EfganError as error:
        warnings.append(str(error))
    else:
        for split in ("train", "test"):
            inside = [(person in testing) == (split == "test") for person in dataset.people]
            splits[split] = {
                "faces": sum(inside),
                "people": len({p for p, here in zip(dataset.people, inside, strict=True) if here}),
                "pairs": sum(inside[source] and inside[truth] for source, truth in dataset.pairs),
            }
    means = dataset.au_vectors.mean(dim=0).tolist()
    shares = (dataset.au_vectors > ACTIVE).float().mean(dim=0).tolist()
    return {
        "root": folder,
        "faces": len(dataset),
        "people": len(set(dataset.people)),
        "pairs": len(dataset.pairs),
        "framing": dataset.framing,
        "split": splits,
        "aus": {
            unit: {"mean": round(mean, 4), "share_above_0.2": round(share, 4)}
            for unit, mean, share in zip(dataset.aus.names, means, shares, strict=True)
        },
        "warnings": warnings,
    }


def _as_text(report: dict[str, Any]) -> str:
    from efgan_kit.faces.aus import DESCRIPTIONS

    lines = [
        f"{report['root']}: {report['faces']} faces of {report['people']} people, {report['pairs']} pairs"
    ]
    for name, split in report["split"].items():
        lines.append(
            f"  {name:<6} {split['faces']} faces of {split['people']} people, {split['pairs']} pairs"
        )
    meaning = {"whole": "each picture is a face", "face": "a square around each face is cut out"}
    lines += [f"  framing {report['framing']}: {meaning[report['framing']]}", "", f"  AU    mean  >{ACTIVE}"]
    for unit, figures in report["aus"].items():
        share = figures["share_above_0.2"]
        lines.append(f"  {unit}  {figures['mean']:.2f}  {share:>4.0%}  {DESCRIPTIONS[unit]}")
    lines += ["", *(f"warning: {warning}" for warning in report["warnings"])]
    return "\n".join(lines).rstrip()


def _refuse_unless_empty(out: Path) -> None:
    try:
        occupied = out.exists() and not (out.is_dir() and not any(out.iterdir()))
    except OSError as error:
        raise fail(str(out), f"cannot be read: {error.strerror}") from error
    if occupied:
        what = "is not empty" if out.is_dir() else "is a file"
        raise fail(str(out), what, "give a new folder: nothing is overwritten")


def _refuse_unwritable(out: Path) -> None:
    if out.is_dir():
        raise fail(str(out), "is a folder", f"name a file in it, such as '{out / 'preview.png'}'")
    if not out.parent.is_dir():
        raise fail(str(out), f"there is no folder '{out.parent}'", "make it first")
    if out.suffix.lower() != ".png":
        raise fail(str(out), "is not the name of a PNG file", f"write '{out.with_suffix('.png')}'")
