"""The tables of `efgan bench`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from efgan_kit.cli.output import print_table

if TYPE_CHECKING:
    from efgan_kit.bench.editing import EditingCosts
    from efgan_kit.bench.loading import Loading
    from efgan_kit.bench.whole import Bench


def print_bench(found: Bench) -> None:
    """Everything that was measured, a table a section."""
    machine = found.machine
    threads = f"{machine['threads']} thread{'s' if machine['threads'] > 1 else ''} of {machine['cores']} cores"
    click.echo(f"{found.recipe} {' '.join(found.overrides)}".rstrip())
    click.echo(f"{machine.get('gpu') or machine['processor']}, {threads}, torch {machine['torch']}")
    before, after = found.load
    if before is not None:
        click.echo(f"load of the machine: {before} before, {after} after (this measurement's own is 1)")
    for name, peak in found.peaks.items():
        click.echo(f"peak in {name}: {_flops(peak.product)} in products, {_flops(peak.convolution)} in convolutions")
    if found.step:
        _print_step(found)
    if found.without:
        click.echo(f"\nA step in {found.without_in} without one thing, times as long as with all:")
        without = sorted(found.without.items(), key=lambda row: -row[1].median)
        print_table(("without", "time [least, most]"), without, right=("time [least, most]",))
    if found.phases:
        _print_where(found)
    for what, points in found.scaling.items():
        click.echo(f"\nA step by {what}:")
        first = points[0].seconds
        rows = [(p.size, f"{p.seconds:.2f}", f"{p.seconds / first:.2f}", _gigabytes(p.peak)) for p in points]
        columns = (what, "seconds", "times the first", "peak GB")
        print_table(columns, rows, right=columns)
    if found.loading is not None:
        _print_loading(found, found.loading)
    for costs in found.editing:
        _print_editing(costs)


def _print_step(found: Bench) -> None:
    click.echo("\nThe step beside the reference, in turns:")
    rows: list[Sequence[object]] = []
    for name, one in found.step.items():
        seconds = sorted(one.seconds)[len(one.seconds) // 2]
        peak = found.peaks.get(name)
        rows.append((
            name,
            "" if one.parity is None else f"{one.parity.losses:.1e}",
            "" if one.parity is None else f"{one.parity.norms:.1e}",
            f"{seconds:.2f}",
            one.speed,
            f"{one.images:.2f}",
            _flops(one.flops, ""),
            "" if peak is None else f"{one.flops / seconds / peak.best:.0%}",
            _gigabytes(one.peak),
        ))  # fmt: skip
    columns = ("step", "losses off", "gradients off", "seconds", "times as fast", "images/s", "operations",
               "of the peak", "peak GB")  # fmt: skip
    print_table(columns, rows, right=columns[1:])


def _print_where(found: Bench) -> None:
    click.echo(f"\nWhere a step in {found.without_in} spends its time:")
    whole = sum(found.phases.values())
    rows = [(f"{player}'s phase", f"{taken:.2f}", f"{taken / whole:.0%}") for player, taken in found.phases.items()]
    print_table(("player", "seconds", "share"), rows, right=("seconds", "share"))
    parts = [
        (name, f"{cost.calls:g}", f"{cost.seconds:.2f}", _gigabytes(cost.bytes)) for name, cost in found.parts.items()
    ]
    columns = ("part", "calls", "seconds forward", "weights GB")
    print_table(columns, parts, right=columns[1:])


def _print_loading(found: Bench, loading: Loading) -> None:
    click.echo(f"\nFaces a second, {loading.size} px, batches of {loading.batch_size}; {loading.pictures}:")
    rows = [
        (one.source, one.workers, f"{one.per_second:.0f} [{one.least:.0f}, {one.most:.0f}]", f"{one.first:.2f}")
        for one in loading.readings
    ]
    columns = ("faces", "workers", "a second", "seconds to the first")
    print_table(columns, rows, right=columns[1:])
    click.echo(f"Decoding takes {loading.cache} times as long as reading from the cache.")
    click.echo("\nWhat a step waits for its batch:")
    waits = [(one.workers, f"{1000 * one.waited:.1f}", f"{one.share:.1%}") for one in found.waiting]
    print_table(("workers", "ms", "of the step"), waits, right=("workers", "ms", "of the step"))


def _print_editing(costs: EditingCosts) -> None:
    weights = "" if costs.trained else ", weights as they are drawn"
    times = "in one pass" if costs.passes == 1 else f"in {costs.passes} passes"
    click.echo(f"\nAn edit {times}{weights}:")
    rows = [
        (name, f"{1000 * sorted(seconds)[len(seconds) // 2]:.0f}", costs.times[name], f"{costs.apart[name]:.3f}")
        for name, seconds in costs.seconds.items()
    ]
    columns = ("way", "ms", "times as fast", "off, of 255")
    print_table(columns, rows, right=columns[1:])


def _flops(number: float, unit: str = "/s") -> str:
    return f"{number / 1e9:,.0f} G{unit}" if number < 1e13 else f"{number / 1e12:,.0f} T{unit}"


def _gigabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1e9:.2f}"
