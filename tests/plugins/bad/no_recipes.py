"""Names a folder of recipes that is not there."""

from pathlib import Path

from efgan_kit.api import hookimpl


@hookimpl
def efgan_recipes():
    return Path(__file__).parent / "nowhere"
