"""Asks its hook for what is not given."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register, moon): ...
