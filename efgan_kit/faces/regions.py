"""Regions of the face: where the local branches look, and how their pictures are cropped and pasted.

Boxes have a fixed size and follow the landmarks; their corners are whole pixels, so that a crop is an exact copy
and a paste of an untouched crop changes nothing. Both are differentiable in the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import torch
from torch import Tensor

from efgan_kit.errors import EfganError, Fault
from efgan_kit.faces.aus import AUSet
from efgan_kit.faces.landmarks import GROUPS

LOCAL_REGIONS: tuple[str, ...] = ("eyes", "nose", "mouth")
"""The names that local regions may have."""
CENTRED_ON: dict[str, tuple[str, ...]] = {
    "eyes": ("right_brow", "left_brow", "right_eye", "left_eye"),
    "nose": ("nose",),
    "mouth": ("outer_lips",),
}
"""The landmark groups whose bounding box a region's own box is centred on."""


@attrs.frozen
class Region:
    """A named part of the face with the size of its crop in pixels."""

    name: str
    height: int
    width: int


@attrs.frozen
class FaceSpec:
    """What a face is to a recipe: a square picture of `size` pixels, its AU set, its local regions.

    Attributes:
        size: Height and width of the whole face in pixels.
        aus: The action units, the columns of every AU vector.
        local: The local regions, by name; the whole face is not among them.
    """

    size: int
    aus: AUSet
    local: Mapping[str, Region] = attrs.field(factory=dict)

    @property
    def face(self) -> Region:
        return Region("face", self.size, self.size)

    @property
    def regions(self) -> dict[str, Region]:
        """Every region by name, the whole face first."""
        return {"face": self.face, **self.local}

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(
                f"faces.regions.{region.name}",
                f"{region.height}x{region.width} pixels do not fit into a face of {self.size}x{self.size}",
                "choose a smaller region or a larger faces.size",
            )
            for region in self.local.values()
            if region.height > self.size or region.width > self.size
        ]
        if faults:
            raise EfganError(*faults)


def region_corners(landmarks: Tensor, region: Region, size: int) -> Tensor:
    """Top-left corners (y, x) of a region's boxes in whole pixels, `(B, 68, 2)` -> `(B, 2)`, inside the picture."""
    points = landmarks[:, [i for group in CENTRED_ON[region.name] for i in GROUPS[group]]]
    centre_xy = (points.amin(dim=1) + points.amax(dim=1)) / 2
    extent_yx = torch.tensor([region.height, region.width], device=landmarks.device)
    corner = torch.round(centre_xy.flip(-1) - (extent_yx - 1) / 2).long()
    return torch.minimum(corner.clamp_min(0), size - extent_yx)


def _box_indices(corners: Tensor, region: Region) -> tuple[Tensor, Tensor, Tensor]:
    batch = torch.arange(corners.shape[0], device=corners.device)[:, None, None]
    rows = corners[:, 0, None, None] + torch.arange(region.height, device=corners.device)[None, :, None]
    columns = corners[:, 1, None, None] + torch.arange(region.width, device=corners.device)[None, None, :]
    return batch, rows, columns


def crop(images: Tensor, corners: Tensor, region: Region) -> Tensor:
    """A region's boxes cut out of pictures: `(B, C, H, W)` -> `(B, C, region.height, region.width)`."""
    batch, rows, columns = _box_indices(corners, region)
    return images.permute(0, 2, 3, 1)[batch, rows, columns].permute(0, 3, 1, 2)


def paste(canvas: Tensor, crops: Tensor, corners: Tensor, region: Region, soft_edge: int = 0) -> Tensor:
    """Pictures `(B, C, H, W)` with `crops` `(B, C, region.height, region.width)` laid over them at `corners`.

    Args:
        soft_edge: Over how many pixels the crop fades in from its border; 0 pastes a hard-edged box.
    """
    batch, rows, columns = _box_indices(corners, region)
    if soft_edge:
        mask = edge_mask(region, soft_edge, canvas.device).to(crops.dtype)
        crops = crops * mask + crop(canvas, corners, region).to(crops.dtype) * (1 - mask)
    laid = canvas.permute(0, 2, 3, 1).index_put((batch, rows, columns), crops.permute(0, 2, 3, 1).to(canvas.dtype))
    return laid.permute(0, 3, 1, 2)


def edge_mask(region: Region, soft_edge: int, device: torch.device | str = "cpu") -> Tensor:
    """A mask `(h, w)`, 1 inside the box and falling linearly towards 0 over the `soft_edge` pixels at its border."""

    def ramp(length: int) -> Tensor:
        position = torch.arange(length, device=device)
        distance = torch.minimum(position, length - 1 - position) + 1
        return (distance / (soft_edge + 1)).clamp(max=1.0)

    return ramp(region.height)[:, None] * ramp(region.width)[None, :]
