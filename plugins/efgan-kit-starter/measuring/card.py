"""The figures of the model card: README.md's tables, written from figures.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BEGIN: Final = "<!-- begin figures -->"
END: Final = "<!-- end figures -->"
CHANGES: Final = ("mean change", "least", "most")
LABELLER: Final = "by MediaPipe, whose labels the training had"


def with_figures(card: str, figures: Mapping[str, Any]) -> str:
    """The card with its tables written anew. Raises ValueError if it has no place for them."""
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the card has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables(figures)}\n{END}{after}"


def tables(figures: Mapping[str, Any]) -> str:
    """Every table, in Markdown."""
    return "\n".join([_about(figures), _smiles(figures), _identity(figures), _units(figures)])


def _about(figures: Mapping[str, Any]) -> str:
    model, meter, smile = figures["model"], figures["meter"], figures["AU12"]
    return (
        f"The weights of step {model['step']} of `{model['recipe']}`;"
        f" {figures['people']} people who were kept from the training."
        f"\nOn people that it was not fitted to, the meter of AU12 agrees with OpenFace at r {meter['r']:.2f},"
        f" cross-validated over {meter['photographs']} photographs."
        f"\nOf the people kept back it tells the smiling photograph from the neutral one, area under the curve"
        f" {smile['area under curve']:.2f}.\n"
    )


def _smiles(figures: Mapping[str, Any]) -> str:
    names = {"true": "the true smiling photograph", "smiling -> neutral": "smiling to neutral"}
    rows = [
        (names.get(name, f"neutral to {name}"), *_movement(row))
        for name, row in figures["AU12"].items()
        if isinstance(row, Mapping) and "share up" in row
    ]
    return _table(("edit", "AU12 up", *CHANGES), rows)


def _identity(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, row in figures["identity"].items():
        if isinstance(row, Mapping):
            level = row.get("of the same-person level")
            shown = (row["distance"], row["similarity"], level, row.get("cosine"))
            rows.append((name, *("" if figure is None else f"{figure:.3f}" for figure in shown)))
    return _table(("pair", "distance", "similarity", "of the same-person level", "cosine"), rows)


def _units(figures: Mapping[str, Any]) -> str:
    rows = [(name, *_movement(row)) for name, row in figures[LABELLER].items()]
    return _table(("edit, and the unit asked for", "up", *CHANGES), rows)


def _movement(row: Mapping[str, float]) -> tuple[str, ...]:
    return (f"{row['share up']:.0%}", *(f"{row[change]:+.2f}" for change in CHANGES))


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
