"""Its hook raises."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    raise LookupError("the moon is down")
