"""Writes a target with a dot in the place of the colon."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "dotted", "json.JSONEncoder", "Nothing good")
