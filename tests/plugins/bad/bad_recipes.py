"""One of its recipes uses what there is not, another hides one that ships."""

from pathlib import Path

from efgan_kit.api import hookimpl


@hookimpl
def efgan_recipes():
    return Path(__file__).parent / "bad_recipes"
