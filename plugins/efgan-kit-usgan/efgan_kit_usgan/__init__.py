"""US-GAN's generator, whose input skips all of its layers, for any region of a face: `ultimate-skip`."""

from pathlib import Path

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register(
        "generator",
        "ultimate-skip",
        "efgan_kit_usgan.ultimate_skip:UltimateSkip",
        "US-GAN's: draws the change alone, which is added to the input; told the AUs by FiLM",
    )


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"
