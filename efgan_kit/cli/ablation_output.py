"""What `efgan ablate` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from efgan_kit.cli.output import print_json, print_table, width
from efgan_kit.cli.study_output import fault_of, length_of
from efgan_kit.errors import EfganError

if TYPE_CHECKING:
    from efgan_kit.evaluation.ablation.conduct import Prepared
    from efgan_kit.evaluation.ablation.results import Results
    from efgan_kit.evaluation.ablation.timing import Timing
    from efgan_kit.evaluation.study import Cell

MINUTE: Final = 60
HOUR: Final = 3600


def print_plan(prepared: Prepared, json_wanted: bool) -> None:
    """The arms, what they cost, and what is left to do."""
    from efgan_kit.evaluation.study.cells import step_of

    plan = prepared.plan
    left = {cell.name: max(0, (cell.steps or 0) - step_of(cell)) for cell in plan.unfinished()}
    seconds = _seconds_left(prepared, left)
    if json_wanted:
        print_json(
            {
                "name": plan.study.name,
                "folder": str(plan.folder),
                "arms": {
                    arm: {
                        **prepared.trials[arm].to_plain(),
                        "timing": prepared.timings[arm].to_plain() if arm in prepared.timings else None,
                    }
                    for arm in plan.recipes
                },
                "runs": len(plan.cells),
                "left": len(left),
                "seconds_left": seconds,
            }
        )
        return
    first = {cell.arm: cell for cell in reversed(plan.cells)}
    rows = [
        (
            arm,
            prepared.ablation.title(arm) if arm in {v.arm for v in prepared.ablation.variants} else "",
            length_of(plan, first[arm]),
            f"{trial.parameters:,}",
            f"{trial.flops / 1e9:.1f}",
            f"{trial.kept / 1e6:.1f}",
            _time(prepared.timings.get(arm)),
        )
        for arm, trial in ((arm, prepared.trials[arm]) for arm in plan.recipes)
    ]
    columns = ("arm", "what is tried", "steps", "parameters", "GFLOP a step", "MB for gradients", "time a step")
    click.echo(f"{plan.study.name}: {plan.study.about}")
    print_table(columns, rows, right=columns[2:])
    shown = ", ".join(str(seed) for seed in plan.study.seeds)
    click.echo(f"seeds: {shown}; {len(left)} of {len(plan.cells)} runs to do in {plan.folder}")
    click.echo("the arms begin with the same weights, faces and random numbers, but for what they are about")
    if seconds:
        click.echo(f"training takes about {_duration(seconds)} here; preparing and measuring come on top")


def _seconds_left(prepared: Prepared, left: Mapping[str, int]) -> float | None:
    """Of training, if it has the machine for itself; None if it was not timed or goes by epochs."""
    cells = [cell for cell in prepared.plan.cells if cell.name in left]
    if any(cell.steps is None or cell.arm not in prepared.timings for cell in cells):
        return None
    return sum(left[cell.name] * prepared.timings[cell.arm].seconds for cell in cells)


def _time(timing: Timing | None) -> str:
    if timing is None:
        return "-"
    ratio = "" if timing.ratio is None else " ({:.2f} [{:.2f}, {:.2f}])".format(*timing.ratio)
    return f"{timing.seconds:.3f} s{ratio}"


def _duration(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def finish(prepared: Prepared, results: Results, failed: Mapping[Cell, str], json_wanted: bool) -> None:
    """Print what was found and where the report is.

    Raises:
        EfganError: Runs have failed.
    """
    from efgan_kit.evaluation.ablation.writing import to_plain

    if json_wanted:
        document: dict[str, Any] = to_plain(results)
        times = {arm: timing.to_plain() for arm, timing in prepared.timings.items()}
        print_json({**document, "timings": times, "folder": str(prepared.plan.folder)})
    else:
        _print(prepared, results)
    if failed:
        raise EfganError(*(fault_of(cell, why) for cell, why in failed.items()))


def _print(prepared: Prepared, results: Results) -> None:
    from rich.console import Console

    from efgan_kit.evaluation.ablation.tables import overview, savings
    from efgan_kit.pages.tables import print_tables

    print_tables([overview(results), savings(results)], Console(width=width(), highlight=False))
    for arm, timing in prepared.timings.items():
        if timing.ratio is not None:
            low, high = timing.ratio[1:]
            told = f"{timing.ratio[0]:.2f} [{low:.2f}, {high:.2f}] of the time a step"
            click.echo(f"{results.ablation.title(arm)}: {told}")
    for name, why in results.report.missing.items():
        click.echo(f"missing: {name}: {why}")
    click.echo(f"report: {prepared.plan.folder / 'report.html'}, and .md, .csv, .json, .tex beside it")
