"""The command line: one module a verb, imported when the verb is called, so that help needs no torch."""

from __future__ import annotations

import importlib
from typing import Final

import click

from efgan_kit.cli.errors import guarded
from efgan_kit.cli.plugin_commands import Supplied, plugin_command, plugin_commands
from efgan_kit.registry.distributions import OWN, version_of

VERBS: Final = {
    "train": "Train a recipe into a run folder, or resume one.",
    "edit": "Edit photos with a trained run.",
    "export": "Export a trained run: ONNX, torch.export, or a self-contained folder.",
    "evaluate": "Measure runs against true pictures, and compare them.",
    "ablate": "Find out what each part of a recipe buys.",
    "explain": "Say which loss terms of a run are dead, and which fight.",
    "study": "Train and compare the arms of a study.",
    "recipe": "List, show, check and compare recipes.",
    "plugin": "See which plugins are installed and whether they are well; switch them off and on.",
    "data": "Prepare, draw, look at and check training faces.",
    "studio": "Edit faces by hand, on a page in the browser.",
    "bench": "Measure what training, editing and reading faces cost.",
}
"""Each verb's help, here so that `efgan --help` imports none of their modules; the module has a `command`."""


class LazyGroup(click.Group):
    """A group whose commands are modules of `efgan_kit.cli`, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in VERBS:
            command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
            return command
        return plugin_command(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))
        offered = plugin_commands()
        if offered:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(sorted(offered.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version_of(OWN), prog_name="efgan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Facial expression editing with EF-GAN, from exchangeable components.

    A first look: `efgan recipe list`, then `efgan train quickstart`.
    """
    context.obj = Supplied()


def main() -> None:
    """The entry point: exits with 0, 2 (the input is at fault), 1 (we are) or 130 (interrupted)."""
    raise SystemExit(guarded(cli))
