"""Points to a class that is not there."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    register("loss", "gone", "json:JSONEncodr", "Nothing good")
