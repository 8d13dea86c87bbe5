"""Adversarial loss terms for efgan-kit: `hinge` and `non-saturating`."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("loss", "hinge", "efgan_kit_hinge.losses:HingeLoss", "Hinge adversarial loss")
    register(
        "loss",
        "non-saturating",
        "efgan_kit_hinge.losses:NonSaturatingLoss",
        "Non-saturating adversarial loss, with R1",
    )


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
