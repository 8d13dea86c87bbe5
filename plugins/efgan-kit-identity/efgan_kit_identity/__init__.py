"""Keeping the person: the loss `identity-cosine` and the metric `identity-verification`, over any face embedding."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register(
        "loss",
        "identity-cosine",
        "efgan_kit_identity.loss:IdentityCosine",
        "1 - cosine of edit and source in a face embedding",
    )
    register(
        "metric",
        "identity-verification",
        "efgan_kit_identity.verification:Verification",
        "How many edits pass for the same person where few strangers do",
    )


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
