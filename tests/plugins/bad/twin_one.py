"""Offers what twin_two offers too."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "twin", "twin_one.losses:Twin", "Nothing good")
