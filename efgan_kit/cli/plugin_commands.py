"""The verbs that plugins add: found when help is asked for, or a word that is no verb of efgan itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from efgan_kit.errors import fail

if TYPE_CHECKING:
    from efgan_kit.api import FaceDataset, FaceSpec


class Supplied:
    """What commands are given as click's `obj`: see `efgan_kit.api.CommandSupplies`."""

    def dataset(self, name: str, faces: FaceSpec, **params: Any) -> FaceDataset:
        """The data set of that name, its parameters checked as a recipe's are."""
        from efgan_kit.recipe.by_name import component_by_name

        flag = f"dataset {name}"
        made: FaceDataset = component_by_name("dataset", name, params=params, flag=flag, option_flag=flag).maker()(
            faces=faces
        )
        return made


def plugin_commands() -> dict[str, str]:
    """What `efgan --help` says of each: its word and summary, without importing any plugin.

    A word that two plugins offer is left out.
    """
    from efgan_kit.registry.survey import survey

    offers = survey().catalogue.of_kind("command")
    names = [offer.name for offer in offers]
    return {
        offer.name: f"{offer.summary} ({offer.distribution})".strip()
        for offer in offers
        if names.count(offer.name) == 1
    }


def plugin_command(word: str) -> click.Command | None:
    """The command behind a word, or None.

    Raises:
        EfganError: Two plugins offer it, it can't be imported, or it is no command of click.
    """
    from efgan_kit.registry import catalogue

    if all(offer.name != word for offer in catalogue().of_kind("command")):
        return None
    offer = catalogue().find("command", word)
    command = offer.load()
    if not isinstance(command, click.Command):
        what = f"the command '{word}' of {offer.distribution} ({offer.target}) is no click.Command"
        raise fail("", what, f"that is a fault of {offer.distribution}: please report it to its author")
    return command
