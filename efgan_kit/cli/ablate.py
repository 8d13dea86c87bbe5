"""`efgan ablate`: what each part of a recipe buys, trained, resumed, measured and reported by one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from efgan_kit.cli.ablation_wishes import read_wishes, wishing
from efgan_kit.cli.default_verb import CommandOrVerb
from efgan_kit.cli.launching import launching
from efgan_kit.cli.paths import GivenPath
from efgan_kit.cli.recipe import as_json, overriding
from efgan_kit.errors import fail


class Interest(click.ParamType):
    """`FIGURE=DIFFERENCE`."""

    name = "figure=difference"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        name, _, number = value.partition("=")
        try:
            return name, float(number)
        except ValueError:
            self.fail(f"'{value}' is not of the form FIGURE=DIFFERENCE, such as psnr=0.5.", param, ctx)


@click.group(cls=CommandOrVerb)
def command() -> None:
    """What each part of a recipe buys."""


@command.command("run", short_help="Ablate a recipe.")
@click.argument("recipe")
@wishing
@click.option("--seeds", type=click.IntRange(1, 1000), default=3, show_default=True, metavar="N",
              help="Train every arm with the seeds 0 to N - 1.")  # fmt: skip
@click.option("--steps", type=click.IntRange(min=1), metavar="N",
              help="Train every arm for N steps; the recipe's if not given.")  # fmt: skip
@overriding
@click.option("--data", type=GivenPath(), metavar="PHOTO_FOLDER", help="Train and test on this photo folder.")
@click.option("--figures", metavar="NAME,NAME", help="What decides; share_of_gap_closed,psnr,ssim,identity_retained if"
              " not given.")  # fmt: skip
@click.option("--of-interest", type=Interest(), multiple=True, metavar="FIGURE=DIFFERENCE",
              help="The smallest difference worth knowing of, such as psnr=0.5.")  # fmt: skip
@click.option("--run", "folder", type=GivenPath(path_type=Path), metavar="DIR",
              help="The ablation's folder; runs/RECIPE-ablation if not given.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Trainings side by side; here, the processor's cores are shared out among them.")  # fmt: skip
@launching
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|mps", help="Where to compute.")
@click.option("--resume", is_flag=True, help="Go on with the ablation in DIR, and refuse to begin one.")
@click.option("--plan", "plan_only", is_flag=True,
              help="Try the arms, write the plan, say what it will take, and stop.")  # fmt: skip
@click.option("--timed/--not-timed", default=True, show_default=True, help="Time the arms' steps beside each other.")
@as_json
def run(
    recipe: str,
    seeds: int,
    steps: int | None,
    overrides: tuple[str, ...],
    data: str | None,
    figures: str | None,
    of_interest: tuple[tuple[str, float], ...],
    folder: Path | None,
    jobs: int,
    launcher: str,
    launcher_options: tuple[str, ...],
    device: str,
    resume: bool,
    plan_only: bool,
    timed: bool,
    json_wanted: bool,
    **wishes: Any,
) -> None:
    """Find out what each part of RECIPE buys: drop, add, scale or exchange one thing at a time, and compare.

    Every arm is trained with every seed. A dropped term is gone, with all that only it needed. Before anything is
    trained, the arms are shown to begin with the same weights, faces, targets and random numbers but for what they are
    about. Then every arm is measured as `efgan evaluate` does, and the paired differences get intervals, a
    correction for the number of comparisons, and a verdict: helps, harms, negligible, or can't tell.

    The same command again goes on where it stopped: finished runs are never trained again. Ctrl-C lets every training
    write a checkpoint. Writes DIR/report.html, .md, .csv, .json, .tex, and the plots and faces that are in it.

    `efgan ablate status DIR` says how far it is, `efgan ablate report DIR` reports what is finished.

    \b
    efgan ablate quickstart --each --seeds 3 --steps 300 --plan
    efgan ablate quickstart --each --seeds 3 --steps 300 --jobs 2
    efgan ablate quickstart --each --seeds 10 --jobs 40 --launcher slurm --launcher-option partition=gpu
    efgan ablate quickstart --drop content --scale adversarial=0.1,10 --swap refiner=paste-and-refine
    efgan ablate report runs/quickstart-ablation
    """
    from efgan_kit.cli.ablation_output import finish, print_plan
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.cli.study_progress import shown_study
    from efgan_kit.evaluation.ablation.ask import ask, with_steps
    from efgan_kit.evaluation.ablation.conduct import conduct_ablation, prepare_ablation
    from efgan_kit.evaluation.study import make_launcher
    from efgan_kit.recipe import with_photo_folder
    from efgan_kit.training.device import choose_device

    choose_device(device)
    engine = make_launcher(launcher, launcher_options, jobs=jobs)
    changes = with_photo_folder(overrides, data) if data else list(overrides)
    if steps is not None:
        changes = with_steps(recipe, changes, steps)
    ablation = ask(
        recipe,
        read_wishes(**wishes),
        seeds=range(seeds),
        overrides=changes,
        of_interest=dict(of_interest),
        **({"figures": _names(figures)} if figures is not None else {}),
    )
    folder = folder or Path("runs") / ablation.study.name
    if resume and not (folder / "ablation.yaml").is_file():
        raise fail(str(folder), "there is no ablation to go on with", "leave out --resume to begin one")
    with shown_progress() as progress:
        prepared = prepare_ablation(ablation, folder, device=device, timed=timed, progress=progress)
    if plan_only:
        print_plan(prepared, json_wanted)
        return
    with shown_study(prepared.plan) as (tell, begin, shown):
        results, failed = conduct_ablation(
            prepared, jobs=jobs, device=device, launcher=engine, tell=tell, begin=begin, progress=shown
        )
    finish(prepared, results, failed, json_wanted)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@command.command()
@click.argument("folder", metavar="DIR", type=GivenPath(path_type=Path))
@as_json
def status(folder: Path, json_wanted: bool) -> None:
    """How far the ablation in DIR is; nothing is computed."""
    from efgan_kit.cli.study_output import print_cells
    from efgan_kit.evaluation.ablation.keeping import read_ablation
    from efgan_kit.evaluation.study import make_plan

    print_cells(make_plan(read_ablation(folder).study, folder), json_wanted)


@command.command()
@click.argument("folder", metavar="DIR", type=GivenPath(path_type=Path))
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|mps", help="Where to compute.")
@as_json
def report(folder: Path, device: str, json_wanted: bool) -> None:
    """Measure and report what is finished of the ablation in DIR; nothing is trained."""
    from efgan_kit.cli.ablation_output import finish
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.cli.study_progress import shown_study
    from efgan_kit.evaluation.ablation.conduct import conduct_ablation, prepare_ablation
    from efgan_kit.evaluation.ablation.keeping import read_ablation
    from efgan_kit.training.device import choose_device

    choose_device(device)
    ablation = read_ablation(folder)
    with shown_progress() as progress:
        prepared = prepare_ablation(
            ablation, folder, device=device, timed=False, begun=True, progress=progress
        )
    with shown_study(prepared.plan) as (tell, begin, shown):
        results, failed = conduct_ablation(
            prepared, train=False, device=device, tell=tell, begin=begin, progress=shown
        )
    finish(prepared, results, failed, json_wanted)
