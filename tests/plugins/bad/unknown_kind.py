"""Offers a kind of component that there is not."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("los", "odd", "json:JSONEncoder", "Nothing good")
