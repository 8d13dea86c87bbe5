"""Faces in WebDataset shards: the data set `shards`, and `efgan shards pack` and `check`."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("dataset", "shards", "efgan_kit_shards.dataset:Shards", "Faces in WebDataset shards, read at random")
    register("command", "shards", "efgan_kit_shards.command:command", "Pack photo folders into shards, and check them")


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
