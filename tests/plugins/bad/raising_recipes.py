"""Its hook for recipes raises."""

from efgan_kit.api import hookimpl


@hookimpl
def efgan_recipes():
    raise LookupError("no recipes tonight")
