"""`efgan export`: what a run has learned, for other programs and other machines."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from efgan_kit.cli.output import print_json
from efgan_kit.cli.paths import GivenPath


@click.command(short_help="Export a trained run: ONNX, torch.export, or a self-contained folder.")
@click.argument("run", metavar="RUN", type=GivenPath())
@click.option(
    "--to", required=True, type=click.Choice(["onnx", "torch", "safetensors", "folder"]),
    help="onnx: one file for ONNX Runtime; torch: one file of torch.export (.pt2); safetensors, also called folder: a"
    " self-contained folder.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=GivenPath(path_type=Path), metavar="PATH",
    help="The file or folder to write; it must not be there yet.",
)  # fmt: skip
@click.option(
    "--attribution", multiple=True, metavar="TEXT",
    help="What the owners of the training faces ask to be named with; goes into the model card and the file.",
)  # fmt: skip
@click.option(
    "--network/--no-network", "with_network", default=True,
    help="Whether the folder holds the ONNX or torch.export file beside the weights.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(
    run: str,
    to: Literal["onnx", "torch", "safetensors", "folder"],
    out: Path,
    attribution: tuple[str, ...],
    with_network: bool,
    as_json: bool,
) -> None:
    """Export what edits of a finished run: the averaged weights, without discriminators and optimizers.

    The ONNX and torch.export files take faces, landmarks and AUs of any number of faces and return edited faces and
    attention maps. The folder holds the weights, the recipe, the preprocessing, such a file, and a model card; it
    stands wherever RUN does for editing and evaluation. Every export is compared with the run before it is kept.

    \b
    efgan export runs/quickstart --to onnx --out quickstart.onnx
    efgan export runs/quickstart --to torch --out quickstart.pt2
    efgan export runs/quickstart --to safetensors --out models/quickstart
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.editing.export import export

    with shown_progress() as progress:
        exported = export(
            run, to=to, out=out, attribution=attribution, with_network=with_network, progress=progress
        )
    if as_json:
        print_json(exported.to_plain())
        return
    for name, size in exported.files.items():
        path = exported.path if exported.path.is_file() else exported.path / name
        click.echo(f"{path}: {f'{size / 1e6:.1f} MB' if size > 1e5 else f'{size / 1e3:.1f} kB'}")
    parity = exported.parity
    most = f"{parity.image:.1e} in the picture and {parity.attention:.1e} in the attention"
    at_once = ", ".join(map(str, parity.batch_sizes))
    click.echo(f"differs from the run by at most {most}, on {parity.faces}, {at_once} at once")
    for remark in exported.remarks:
        click.echo(f"remark: {remark}", err=True)
