"""`efgan plugin`: which packages offer components, whether they are well, and which are switched off."""

from __future__ import annotations

import click

from efgan_kit.cli.plugin_doctor import doctor
from efgan_kit.cli.plugin_list import list_plugins
from efgan_kit.cli.plugin_show import show
from efgan_kit.cli.plugin_switch import disable, enable


@click.group()
def command() -> None:
    """See which plugins are installed, what they offer and whether they are well; switch them off and on."""


command.add_command(list_plugins)
command.add_command(show)
command.add_command(doctor)
command.add_command(enable)
command.add_command(disable)
