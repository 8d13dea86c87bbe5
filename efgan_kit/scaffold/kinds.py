"""The kinds of component that a new plugin can begin with, and what each begins with."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Starter:
    """The component that a new plugin of some kind holds at first: small, working, to be made one's own.

    Attributes:
        module: The module it lives in.
        suffix: What its class is called at the end.
        summary: What it is, in a line for `efgan plugin list`.
        also_needs: Requirements of the package beside efgan-kit.
    """

    module: str
    suffix: str
    summary: str
    also_needs: tuple[str, ...] = ()


STARTERS: Final = {
    "loss": Starter("losses", "Loss", "Keeps the face's colours: L1 of source and edit, averaged over windows"),
    "generator": Starter("generators", "Generator", "A small U-Net that draws a colour map and an attention map"),
    "refiner": Starter("refiners", "Refiner", "Chooses at each pixel between the face and what was pasted"),
    "discriminator": Starter("discriminators", "Discriminator", "Residual critic of patches, spectrally normalised"),
    "interpolator": Starter("interpolators", "Interpolator", "Gates that let each AU run ahead of the line or lag"),
    "graph": Starter("graphs", "Graph", "One generator and one critic, both of the whole face"),
    "dataset": Starter("datasets", "Dataset", "Cartoon faces, drawn from landmarks that AUs move", ("pillow>=10.4",)),
    "metric": Starter("metrics", "Metric", "How far the edit moves the face's mean colour"),
}
"""By kind."""
