"""How far a study has come, on stderr: a bar a training on a terminal, a line an event elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from efgan_kit.cli.progress import Lines

if TYPE_CHECKING:
    from efgan_kit.evaluation.study import Cell, News, Plan

Shown = tuple[Callable[["News"], None], Callable[["Cell"], None], Callable[[str, int, int], None]]

EVENTS: Final = {
    "started": "training",
    "resumed": "going on from step {step}",
    "elsewhere": "another process trains it; waiting for that",
    "finished": "finished",
    "failed": "failed: {why}",
}


@contextlib.contextmanager
def shown_study(plan: Plan) -> Iterator[Shown]:
    """Within, the three functions show what happens to trainings, what is being measured, and how far that is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False)
    total = len(plan.cells)
    done = total - len(plan.unfinished())
    if done < total:
        console.print(
            f"study '{plan.study.name}' in {plan.folder}: {done} of {total} runs are finished", soft_wrap=True
        )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    tasks: dict[Cell, TaskID] = {}

    def tell(news: News) -> None:
        nonlocal done
        cell = news.cell
        if cell.steps is not None and cell not in tasks:
            tasks[cell] = bars.add_task(cell.name, total=cell.steps)
        done += news.kind == "finished"
        if cell in tasks:
            bars.update(tasks[cell], completed=news.step, visible=news.kind not in ("finished", "failed"))
        if news.kind in EVENTS:
            text = EVENTS[news.kind].format(step=news.step, why=news.why)
            console.print(f"{cell.name}: {text} ({done} of {total} done)", soft_wrap=True)

    def begin(cell: Cell) -> None:
        console.print(f"{cell.name}: measuring", soft_wrap=True)

    lines = Lines(lambda text: console.print(text, soft_wrap=True))
    measuring: dict[str, TaskID] = {}

    def progress(what: str, ready: int, of: int) -> None:
        if not console.is_terminal:
            lines(what, ready, of)
            return
        if what not in measuring:
            measuring[what] = bars.add_task(what, total=of)
        bars.update(measuring[what], completed=ready, total=of, visible=ready < of)

    with bars:
        yield tell, begin, progress
