"""Named values: what a batch brings along, and what graphs and evaluations compute."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from efgan_kit import api
from efgan_kit.components.graphs.cascade_ef_gan import CascadeEFGAN
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.evaluation import examination
from generating.markdown import names, prose, table


def given_values() -> Iterator[str]:
    """The values that a training batch brings along."""
    yield table(("name", "what it is"), [(f"`{name}`", text) for name, text in api.GIVEN_VALUES.items()])


def graph_values() -> Iterator[str]:
    """The values that the graph `ef-gan` declares."""
    yield declared(EFGAN, makers=True)


def cascade_values() -> Iterator[str]:
    """The values that a module of the graph `cascade-ef-gan` has in place of its EF-GAN's or the batch's."""
    yield declared(CascadeEFGAN.values_declared_by[-1], makers=True)


def evaluation_given() -> Iterator[str]:
    """The values that a batch of an evaluation brings along."""
    yield table(("name", "what it is"), [(f"`{name}`", text) for name, text in examination.GIVEN.items()])


def evaluation_values() -> Iterator[str]:
    """The values that an evaluation computes."""
    yield declared(examination.Examination, makers=False)


def declared(owner: Any, *, makers: bool) -> str:
    """A table of the values that a class declares; `makers` adds whose weights make each."""
    rows = []
    for name, method in vars(owner).items():
        made_by = getattr(method, "efgan_value", None)
        if made_by is not None:
            needs = [p for p in inspect.signature(method).parameters if p != "self"]
            maker = ["-" if made_by == "anyone" else made_by] if makers else []
            rows.append((f"`{name}`", prose(method), *maker, names(needs)))
    columns = ("name", "what it is", *(["made by"] if makers else []), "from")
    return table(columns, rows)
