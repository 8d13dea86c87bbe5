"""Rendered 3D faces with exact action units: the data set `ict-faces`, from the user's own copy of ICT-FaceKit."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("dataset", "ict-faces", "efgan_kit_ict.dataset:IctFaces", "People rendered from ICT-FaceKit, exact AUs")


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
