"""A command that has verbs of its own beside the one that it stands for."""

from __future__ import annotations

from typing import Any, Final

import click

DEFAULT: Final = "run"


class _CalledByItsGroup(click.Context):
    """The context of a command that is called by its group's name."""

    @property
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else super().command_path


class CommandOrVerb(click.Group):
    """A group whose first word is a verb or else begins the arguments of the command called `run`.

    Its help is that command's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        settings = {"ignore_unknown_options": True, "help_option_names": []}
        super().__init__(*args, **{**kwargs, "context_settings": settings, "no_args_is_help": False})

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        if (name or cmd.name) == DEFAULT:
            cmd.context_class = _CalledByItsGroup
        cmd.context_settings = {"help_option_names": ["-h", "--help"], **cmd.context_settings}
        super().add_command(cmd, name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands and args[0] != DEFAULT:
            return super().resolve_command(ctx, args)
        return DEFAULT, self.commands[DEFAULT], args
