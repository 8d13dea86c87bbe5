"""Offers one name twice."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "double", "twice.losses:Double", "Nothing good")
    register("loss", "double", "twice.losses:DoubleAgain", "Nothing better")
