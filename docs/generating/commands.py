"""Every command with its options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from efgan_kit.cli import VERBS, cli
from efgan_kit.cli.default_verb import DEFAULT, CommandOrVerb
from generating.markdown import table

EXAMPLES: Final = re.compile(r"\x08\n((?:.+\n)*.+)")


def commands() -> Iterator[str]:
    """The commands in the order of `efgan --help`."""
    context = click.Context(cli, info_name="efgan")
    for verb in VERBS:
        command = cli.get_command(context, verb)
        if command is not None:
            yield from _command(command, f"efgan {verb}")


def _command(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, CommandOrVerb):
        for below, inner in command.commands.items():
            yield from _command(inner, name if below == DEFAULT else f"{name} {below}")
        return
    yield f"## {name}"
    text = inspect.cleandoc(command.help or "")
    yield EXAMPLES.sub(r"```sh\n\1\n```", text)
    if isinstance(command, click.Group):
        for below, inner in command.commands.items():
            yield from _command(inner, f"{name} {below}")
        return
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    yield f"`{' '.join([name, '[OPTIONS]', *(p.metavar or str(p.name).upper() for p in arguments)])}`"
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        yield table(("option", "what it does"), [(f"`{_written(p)}`", _help(p)) for p in options])


def _written(option: click.Option) -> str:
    flags = ", ".join(option.opts) + "".join(f" / {flag}" for flag in option.secondary_opts)
    if option.is_flag:
        return flags
    if isinstance(option.type, click.Choice):
        return f"{flags} {'|'.join(option.type.choices)}"
    return f"{flags} {option.metavar or option.type.name.partition(' ')[0].upper()}"


def _help(option: click.Option) -> str:
    more = ["Required."] if option.required else []
    if option.show_default and not option.is_flag:
        more.append(f"Default: {option.default}.")
    return " ".join([option.help or "", *more])
