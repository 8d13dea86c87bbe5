"""What `efgan study` and `efgan ablate` print of their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from efgan_kit.cli.output import print_json, print_table
from efgan_kit.errors import Fault

if TYPE_CHECKING:
    from efgan_kit.evaluation.study import Cell, Plan


def print_cells(plan: Plan, json_wanted: bool) -> None:
    """Every cell, how far it is, and how many are left."""
    from efgan_kit.evaluation.study.cells import step_of

    if json_wanted:
        cells = [
            {
                "arm": cell.arm, "seed": cell.seed, "run": str(cell.run.path), "steps": cell.steps,
                "step": step_of(cell), "state": cell.state(), "starts_from": cell.donor and str(cell.donor.run.path),
            }
            for cell in plan.cells
        ]  # fmt: skip
        print_json({"name": plan.study.name, "folder": str(plan.folder), "cells": cells})
        return
    columns = ("run", "starts from", "steps", "done", "state")
    rows = [(cell.name, cell.donor.name if cell.donor else "", length_of(plan, cell), step_of(cell), cell.state())
            for cell in plan.cells]  # fmt: skip
    click.echo(f"{plan.study.name}: {plan.study.about}" if plan.study.about else plan.study.name)
    print_table(columns, rows, right=("steps", "done"))
    left = len(plan.unfinished())
    sizes = f"arms: {len(plan.study.arms)}, seeds: {len(plan.study.seeds)}"
    click.echo(f"{sizes}; {left} of {len(plan.cells)} runs to do in {plan.folder}")


def length_of(plan: Plan, cell: Cell) -> str:
    return str(cell.steps) if cell.steps is not None else f"{plan.recipes[cell.arm].train.epochs} epochs"


def fault_of(cell: Cell, why: str) -> Fault:
    """A cell that failed, as the command's error."""
    return Fault(str(cell.run.path), why, f"see {cell.log}; the same command tries it again")
