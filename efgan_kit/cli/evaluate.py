"""`efgan evaluate`: a run's figures, as tables or as JSON."""

from __future__ import annotations

import click

from efgan_kit.cli.output import print_json
from efgan_kit.cli.paths import GivenPath


@click.command(short_help="Measure a run against true pictures.")
@click.argument("run", metavar="RUN", type=GivenPath())
@click.option(
    "--data", type=GivenPath(), metavar="DIR",
    help="A photo folder, in place of the run's own test faces. Of a folder that the run was trained on, the"
    " people that were kept for testing.",
)  # fmt: skip
@click.option(
    "--pairs", type=GivenPath(), metavar="CSV", help="Columns source,truth: two images of a person."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pairs, spread evenly.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
    help="Where to compute.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(
    run: str, data: str | None, pairs: str | None, limit: int | None, device: str, as_json: bool
) -> None:
    """Measure a run's edits of test faces.

    AU errors as an independent judge reads them, and PSNR, SSIM and L1 to the true pictures, each beside the
    same figure for the untouched source (no-op), so that a copy can't look like success. Writes
    RUN/evaluation.json and the sheet RUN/evaluation.png.

    The judge, and the embedding that identity is measured in, are small networks fitted to the run's training faces,
    a minute or two of work; they are kept in EFGAN_CACHE_DIR (~/.cache/efgan_kit) and shared by all runs on the same
    faces.
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.evaluation import evaluate, print_evaluation

    with shown_progress() as progress:
        evaluation = evaluate(run, data=data, pairs=pairs, limit=limit, device=device, progress=progress)
    if as_json:
        print_json(evaluation.to_plain())
        return
    print_evaluation(evaluation)
