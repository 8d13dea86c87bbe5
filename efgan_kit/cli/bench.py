"""`efgan bench`: what a training step, an edit and the reading of faces cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from efgan_kit.cli.output import print_json
from efgan_kit.cli.progress import shown_progress
from efgan_kit.cli.recipe import as_json, overriding
from efgan_kit.errors import EfganError

if TYPE_CHECKING:
    from efgan_kit.bench.whole import Bench

SECTIONS: Final = ("step", "without", "where", "batch", "modules", "processes", "workers", "loading", "editing")


@click.command(short_help="Measure what training, editing and reading faces cost.")
@click.argument("recipe", default="quickstart")
@overriding
@click.option(
    "--only", "sections", multiple=True, type=click.Choice(SECTIONS), metavar="SECTION",
    help="Measure only this, of: step (beside the reference), without (each optimisation), where (the time goes); "
         "a step's growth with the batch, a cascade's modules, processes, or loader workers; loading (of faces); "
         "editing. Can be given several times.",
)  # fmt: skip
@click.option(
    "--precision", "precisions", multiple=True, type=click.Choice(("fp32", "bf16", "fp16")), metavar="FORMAT",
    help="A number format, fp32, bf16 or fp16; several are measured beside each other, and the last one further. "
         "fp32 and bf16 if not given.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="How often each way is timed.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads of the processor.")
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda", help="Where to compute.")
@as_json
def command(
    recipe: str,
    overrides: tuple[str, ...],
    sections: tuple[str, ...],
    precisions: tuple[str, ...],
    rounds: int,
    threads: int,
    device: str,
    json_wanted: bool,
) -> None:
    """Measure what RECIPE costs: its training step beside a plainly written one, an edit, the reading of faces.

    RECIPE is a shipped recipe's name, a file, or a run's folder. What is compared is measured in turns, as a ratio.

    The reference computes the same losses and gradients the way public code does: in fp32, everything anew for each
    player, spectral norms at every forward. That they are the same is measured first. Then each thing that makes the
    step faster is left out in its turn, and the time is told by player and by part of the graph. Every way has a
    process of its own; other work on the machine slows all of them alike, and its amount is told.

    \b
    efgan bench
    efgan bench ef-gan --only step
    efgan bench runs/quickstart --only editing
    efgan bench ganimation -o train.batch_size=8 --only step --only without
    efgan bench ef-gan --device cuda --precision fp32 --precision bf16 --precision fp16
    """
    from efgan_kit.bench.whole import bench
    from efgan_kit.cli.bench_output import print_bench

    with shown_progress() as tell:
        found: Bench = bench(
            recipe,
            overrides,
            sections=sections or SECTIONS,
            precisions=precisions or ("fp32", "bf16"),
            device=device,
            threads=threads,
            rounds=rounds,
            tell=tell,
        )
    if json_wanted:
        print_json(found.to_plain())
    else:
        print_bench(found)
    if found.faults:
        raise EfganError(*found.faults)
