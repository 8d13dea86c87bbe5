"""Implements a hook that there is not."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_componets(register): ...
