"""Which run a command works with, if it is given none."""

from __future__ import annotations

import click

from efgan_kit.registry.models import only_model


def chosen_run(given: str | None) -> str:
    """The run that was given, or the installed model, which is then named on stderr.

    Raises:
        EfganError: None was given, and there is no model installed, or there are several.
    """
    if given is not None:
        return given
    model = only_model()
    click.echo(f"with the installed model '{model.name}' of {model.distribution}", err=True)
    return str(model.path)
