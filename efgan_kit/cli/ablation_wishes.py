"""What an ablation is asked for on the command line, and what a user may get wrong about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from efgan_kit.errors import EfganError, Fault, fail

if TYPE_CHECKING:
    from efgan_kit.evaluation.ablation.ask import Wishes

Command = TypeVar("Command", bound=Callable[..., Any])
Read = TypeVar("Read")


def wishing(command: Command) -> Command:
    """Gives a command the options that `read_wishes` reads."""
    options = (
        click.option("--each", is_flag=True, help="Drop every loss term, one at a time."),
        click.option("--drop", multiple=True, metavar="TERM", help="Drop this term; may be given several times."),
        click.option(
            "--pairs", is_flag=True, help="Drop two terms at a time, too: do they need, or replace each other?"
        ),
        click.option(
            "--add", is_flag=True, help="Begin with the smallest set of terms and add one at a time."
        ),
        click.option(
            "--smallest", multiple=True, metavar="TERM",
            help="What --add begins with; adversarial, or the first term, if not given.",
        ),
        click.option(
            "--scale", multiple=True, metavar="TERM=0.1,10", help="Multiply the term's weight by these factors."
        ),
        click.option(
            "--swap", multiple=True, metavar="SLOT=COMPONENT",
            help="Use another component: generator, refiner, discriminators.final, losses.content, ...;"
            " COMPONENT is a name or {use: NAME, KEY: VALUE}.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def read_wishes(
    *,
    each: bool,
    drop: tuple[str, ...],
    pairs: bool,
    add: bool,
    smallest: tuple[str, ...],
    scale: tuple[str, ...],
    swap: tuple[str, ...],
) -> Wishes:
    """The options as wishes. Raises EfganError with all that is wrong with how they are written."""
    from efgan_kit.evaluation.ablation.ask import Wishes

    faults: list[Fault] = []
    scales: dict[str, tuple[float, ...]] = {}
    for term, factors in _each(read_scale, scale, faults):
        scales[term] = (*scales.get(term, ()), *factors)
    swaps = tuple(_each(read_swap, swap, faults))
    if smallest and not add:
        faults.append(Fault("--smallest", "says what --add begins with, which is not given", "give --add, too"))
    if faults:
        raise EfganError(*faults)
    return Wishes(each, drop, pairs, add, smallest, scales, swaps)


def _each(read: Callable[[str], Read], texts: Iterable[str], faults: list[Fault]) -> list[Read]:
    found = []
    for text in texts:
        try:
            found.append(read(text))
        except EfganError as error:
            faults += error.faults
    return found


def read_scale(text: str) -> tuple[str, tuple[float, ...]]:
    """`TERM=0.1,10` as a term and its factors. Raises EfganError if it is not of that form."""
    term, _, factors = text.partition("=")
    try:
        numbers = tuple(float(factor) for factor in factors.split(","))
    except ValueError:
        numbers = ()
    if not term or not numbers or not all(0 <= number < math.inf for number in numbers):
        raise fail(f"--scale {text}", "is not of the form TERM=FACTOR,FACTOR", "for example --scale content=0.1,10")
    return term, numbers


def read_swap(text: str) -> tuple[str, str]:
    """`SLOT=COMPONENT` as both. Raises EfganError if it is not of that form."""
    slot, _, component = text.partition("=")
    if not slot.strip() or not component.strip():
        raise fail(f"--swap {text}", "is not of the form SLOT=COMPONENT", "for example --swap refiner=paste-and-refine")
    return slot.strip(), component.strip()
