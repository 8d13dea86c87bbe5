"""`efgan shards`: faces into shards, and a look at shards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from efgan_kit.api import fail

if TYPE_CHECKING:
    from efgan_kit.api import CommandSupplies


@click.group("shards", short_help="Pack photo folders into WebDataset shards, and check them.")
def command() -> None:
    """Pack photo folders into WebDataset shards, and check them. The data set `shards` trains on them."""


@command.command()
@click.argument("photos", type=click.Path(path_type=Path), metavar="PHOTO_FOLDER")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
@click.option("--per-shard", type=click.IntRange(min=1), default=1000, show_default=True, help="Faces of a shard.")
@click.option("--size", type=click.IntRange(32, 1024), default=128, show_default=True, help="Pixels of a face's side.")
@click.option("--framing", type=click.Choice(["auto", "whole", "face"]), default="auto", show_default=True,
              help="How the photo folder frames its faces.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["png", "jpg", "webp"]), default="png", show_default=True,
              help="png keeps every pixel; jpg and webp take less room.")  # fmt: skip
@click.option("--aus", default="openface-17", show_default=True, help="The AU set whose labels are written.")
@click.pass_obj
def pack(
    supplies: CommandSupplies, photos: Path, out: Path, per_shard: int, size: int, framing: str, form: str, aus: str
) -> None:
    """Cut out a photo folder's faces, as a training would see them, and write them into shards.

    \b
    efgan shards pack PHOTOS --out SHARDS
    efgan shards pack PHOTOS --out SHARDS --size 64 --per-shard 5000
    """
    from efgan_kit.api import FaceSpec, au_set

    from .packing import Named, must_be_free, write_shards

    must_be_free(out)
    spec = FaceSpec(size, au_set(aus))
    params = {"root": str(photos), "framing": framing, "cache_gb": 0.0}
    faces = supplies.dataset("photo-folder", spec, **params)
    with _bar("Packing", len(faces)) as told:
        shards = write_shards(Named(faces, spec.aus.names), out, per_shard=per_shard, form=form, told=told)  # type: ignore[arg-type]
    preparation: Path | None = getattr(faces, "preparation", None)
    if preparation is not None:
        try:
            shutil.copyfile(preparation, out / "preparation.json")
        except OSError as error:
            raise fail(str(out / "preparation.json"), f"cannot be written: {error.strerror or error}") from error
    total = sum(path.stat().st_size for path in shards)
    people = len(set(faces.people))
    click.echo(f"{out}: {len(faces)} faces of {people} people in {_shards(len(shards))}, {_size(total)}")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def check(folder: Path, as_json: bool) -> None:
    """Read every label and picture of a folder of shards, and say what is in it."""
    from .checking import check as look_at_all

    with _bar("Checking", 1) as told:
        report = look_at_all(folder, lambda done, total: told(done, total))
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    faces = f"{report['faces']} faces of {report['people']} people, {report['pairs']} pairs"
    click.echo(f"{folder}: {faces} in {_shards(report['shards'])}, {_size(report['bytes'])}")
    for unit, mean in report["aus"].items():
        click.echo(f"  {unit}  mean {mean:.2f}")


def _shards(count: int) -> str:
    return "1 shard" if count == 1 else f"{count} shards"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[..., None]]:
    """A bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done, of=total: bars.update(task, completed=done, total=of)
