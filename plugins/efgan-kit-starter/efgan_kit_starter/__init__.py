"""A trained model, `starter`, for those who want to edit photographs at once, and the recipe that it was trained by."""

from pathlib import Path

from efgan_kit.api import hookimpl

HERE = Path(__file__).parent


@hookimpl
def efgan_models() -> Path:
    return HERE / "models"


@hookimpl
def efgan_recipes() -> Path:
    return HERE / "recipes"
