"""The small faces that components are examined on: two sizes, a square and an oblong region, few AUs."""

from __future__ import annotations

from typing import Final

import attrs
import torch
from torch import Tensor

from efgan_kit.api import FaceSample, FaceSpec, Region, au_set, landmarks
from efgan_kit.training.streams import stream

CENTRES: Final = {
    "jaw": (0.50, 0.75),
    "right_brow": (0.32, 0.28),
    "left_brow": (0.68, 0.28),
    "nose": (0.50, 0.52),
    "right_eye": (0.34, 0.38),
    "left_eye": (0.66, 0.38),
    "outer_lips": (0.50, 0.74),
    "inner_lips": (0.50, 0.74),
}
"""Where the landmark groups lie, (x, y) as shares of the face."""


@attrs.frozen
class Scene:
    """Faces of one size.

    Attributes:
        faces: What a recipe would say of them.
        region: What a component that is made for a region is made for.
    """

    faces: FaceSpec
    region: Region

    @property
    def aus(self) -> int:
        return len(self.faces.aus)

    def pictures(self, batch: int, region: Region, name: str = "pictures") -> Tensor:
        """Noise `(B, 3, region.height, region.width)` in [-1, 1], different under every name."""
        return 2 * torch.rand(batch, 3, region.height, region.width, generator=stream(0, name)) - 1

    def au_vectors(self, batch: int, name: str = "aus") -> Tensor:
        """`(B, A)` in [0, 1], different under every name."""
        return torch.rand(batch, self.aus, generator=stream(0, name))

    def landmarks(self, batch: int) -> Tensor:
        """`(B, 68, 2)` in pixels: the groups about where a face has them."""
        points = 0.06 * torch.rand(batch, landmarks.COUNT, 2, generator=stream(0, "landmarks")) - 0.03
        for group, indices in landmarks.GROUPS.items():
            points[:, list(indices)] += torch.tensor(CENTRES[group])
        return points * (self.faces.size - 1)

    def batch(self, batch: int) -> dict[str, Tensor]:
        """What every batch of a training brings along: `efgan_kit.api.GIVEN_VALUES`."""
        return {
            "source": self.pictures(batch, self.faces.face, "source"),
            "landmarks": self.landmarks(batch),
            "source_aus": self.au_vectors(batch, "source_aus"),
            "target_aus": self.au_vectors(batch, "target_aus"),
            "truth": self.pictures(batch, self.faces.face, "truth"),
            "has_truth": torch.ones(batch),
            "truth_share": torch.full((batch,), 1 / batch),
        }


SQUARE: Final = Scene(
    FaceSpec(
        64,
        au_set(["AU01", "AU04", "AU06", "AU12", "AU25"]),
        {"eyes": Region("eyes", 24, 48), "mouth": Region("mouth", 28, 40)},
    ),
    Region("face", 64, 64),
)
OBLONG: Final = Scene(
    FaceSpec(96, au_set(["AU12", "AU25", "AU26"]), {"nose": Region("nose", 32, 48)}), Region("mouth", 64, 96)
)
SCENES: Final = (SQUARE, OBLONG)


@attrs.frozen
class FewFaces:
    """A `FaceDataset` of noise: four people, two faces each."""

    scene: Scene

    @property
    def names(self) -> list[str]:
        return [f"face{index}" for index in range(len(self))]

    @property
    def people(self) -> list[str]:
        return [f"person{index // 2}" for index in range(len(self))]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [(index, index ^ 1) for index in range(len(self))]

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> FaceSample:
        size = self.scene.faces.size
        image = torch.randint(0, 256, (3, size, size), generator=stream(0, "image", index)).byte()
        aus = torch.rand(self.scene.aus, generator=stream(0, "aus", index))
        return FaceSample(image, self.scene.landmarks(1)[0], aus)
