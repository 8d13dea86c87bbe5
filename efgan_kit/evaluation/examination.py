"""The named values of an evaluation: what metrics may ask for, computed batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn

from efgan_kit.api import Edited, FaceSpec, crop, region_corners, value
from efgan_kit.components.metrics import similarity

GIVEN: Final[dict[str, str]] = {
    "source": "`(N, 3, H, W)` in [-1, 1]: the pictures to edit.",
    "landmarks": "`(N, 68, 2)` in pixels: the sources' landmarks.",
    "source_aus": "`(N, A)` in [0, 1]: the sources' AUs.",
    "target_aus": "`(N, A)` in [0, 1]: the AUs to edit to, those of another picture.",
    "example": "`(N, 3, H, W)` in [-1, 1]: the picture that the target AUs were taken from, of whomever.",
    "truth": "`(N, 3, H, W)` in [-1, 1]: the same, where it is of the same person; only of data with pairs.",
    "person": "`(N,)`, whole numbers: whose faces the sources are.",
}
"""What every batch of an evaluation brings along."""

COPIES, REDRAWS = 0.02, 0.98
"""Attention below the one copies the input, above the other redraws it."""

READ: Final = ("edited_aus", "noop_aus", "floor_aus", "step_aus")
"""Values that a judge reads."""

Similarity = Callable[[Tensor, Tensor], Tensor]


class Examination(nn.Module):
    """A trained graph and, where there is one, a judge, asked for named values.

    Args:
        graph: What is evaluated.
        judge: Reads AUs `(N, A)` off pictures `(N, 3, H, W)`.
    """

    def __init__(self, faces: FaceSpec, graph: nn.Module, judge: nn.Module | None = None) -> None:
        super().__init__()
        self.faces = faces
        self.graph = graph
        self.judge = judge

    # Pictures ---------------------------------------------------------------------------------------------

    @value()
    def edit(self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
        """All that the graph returns for the edit to the target AUs."""
        return self.graph.edit(source, landmarks, source_aus, target_aus)  # type: ignore[operator]

    @value()
    def edited(self, edit: Edited) -> Tensor:
        """`(N, 3, H, W)` in [-1, 1]: the final pictures."""
        return edit.image.float()

    @value()
    def initial(self, edit: Edited) -> Tensor:
        """`(N, 3, H, W)` in [-1, 1]: the face branch's own outputs."""
        return edit.initial.float()

    @value()
    def attention(self, edit: Edited) -> Tensor:
        """`(N, 1, H, W)` in [0, 1]: the attention maps of all branches, laid over each other; 1 = edited."""
        return edit.attention.float()

    @value()
    def self_edited(self, source: Tensor, landmarks: Tensor, source_aus: Tensor) -> Tensor:
        """`(N, 3, H, W)` in [-1, 1]: the sources edited to their own AUs."""
        edit: Edited = self.graph.edit(source, landmarks, source_aus, source_aus)  # type: ignore[operator]
        return edit.image.float()

    @value()
    def edited_back(self, edited: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Tensor:
        """`(N, 3, H, W)` in [-1, 1]: the edits edited back to the source AUs, with the sources' landmarks."""
        edit: Edited = self.graph.edit(edited, landmarks, target_aus, source_aus)  # type: ignore[operator]
        return edit.image.float()

    # What the judge reads ---------------------------------------------------------------------------------

    @value()
    def edited_aus(self, edited: Tensor) -> Tensor:
        """`(N, A)` in [0, 1]: the judge's reading of the edits."""
        return self._read(edited)

    @value()
    def noop_aus(self, source: Tensor) -> Tensor:
        """`(N, A)` in [0, 1]: the judge's reading of the untouched sources."""
        return self._read(source)

    @value()
    def floor_aus(self, example: Tensor) -> Tensor:
        """`(N, A)` in [0, 1]: the judge's reading of true pictures with the target AUs."""
        return self._read(example)

    @value()
    def step_aus(self, edit: Edited, edited_aus: Tensor) -> Tensor:
        """`(N, K, A)` in [0, 1]: the judge's reading of the face after each of the graph's K steps."""
        # The last step's face is the edit, which has been read already.
        read = [edited_aus if step is edit.image else self._read(step.float()) for step in edit.steps]
        return torch.stack(read, dim=1)

    @value()
    def step_targets(self, edit: Edited, target_aus: Tensor) -> Tensor:
        """`(N, K, A)` in [0, 1]: the AUs asked of each step; `(N, 0, A)` of a graph that does not say."""
        return torch.stack(list(edit.targets), dim=1) if edit.targets else target_aus[:, None][:, :0]

    def _read(self, pictures: Tensor) -> Tensor:
        assert self.judge is not None, "values of a judge are not asked for without one"
        return self.judge(pictures)

    # Figures a face ---------------------------------------------------------------------------------------

    @value()
    def boxes(self, landmarks: Tensor) -> dict[str, Tensor]:
        """By local region, `(N, 2)`: top-left corners (y, x) of the boxes around the sources' landmarks."""
        return {name: region_corners(landmarks, region, self.faces.size) for name, region in self.faces.local.items()}

    @value()
    def edited_psnr(self, edited: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in dB: PSNR of the edit to the truth, at most 100."""
        return self._alike(similarity.psnr, edited, truth, boxes)

    @value()
    def noop_psnr(self, source: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in dB: PSNR of the untouched source to the truth, at most 100."""
        return self._alike(similarity.psnr, source, truth, boxes)

    @value()
    def edited_ssim(self, edited: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [-1, 1]: SSIM of the edit and the truth."""
        return self._alike(similarity.ssim, edited, truth, boxes)

    @value()
    def noop_ssim(self, source: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [-1, 1]: SSIM of the untouched source and the truth."""
        return self._alike(similarity.ssim, source, truth, boxes)

    @value()
    def edited_l1(self, edited: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [0, 2]: L1 between the edit and the truth."""
        return self._alike(similarity.l1, edited, truth, boxes)

    @value()
    def noop_l1(self, source: Tensor, truth: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [0, 2]: L1 between the untouched source and the truth."""
        return self._alike(similarity.l1, source, truth, boxes)

    @value()
    def self_edit_l1(self, self_edited: Tensor, source: Tensor) -> Tensor:
        """`(N,)` in [0, 2]: L1 between the sources and their edits to their own AUs."""
        return similarity.l1(self_edited, source)

    @value()
    def cycle_l1(self, edited_back: Tensor, source: Tensor) -> Tensor:
        """`(N,)` in [0, 2]: L1 between the sources and the edits edited back to the source AUs."""
        return similarity.l1(edited_back, source)

    @value()
    def cycle_psnr(self, edited_back: Tensor, source: Tensor) -> Tensor:
        """`(N,)` in dB: PSNR of the edits edited back to the source AUs to the sources, at most 100."""
        return similarity.psnr(edited_back, source)

    @value()
    def attention_mean(self, attention: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [0, 1]: the mean of the attention map."""
        return self._mean_by_region(attention, boxes)

    @value()
    def attention_copies(self, attention: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [0, 1]: the share of the attention map below 0.02."""
        return self._mean_by_region((attention < COPIES).float(), boxes)

    @value()
    def attention_redraws(self, attention: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(N,)` in [0, 1]: the share of the attention map above 0.98."""
        return self._mean_by_region((attention > REDRAWS).float(), boxes)

    def _alike(
        self, measure: Similarity, pictures: Tensor, truth: Tensor, boxes: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        theirs = self._regions(truth, boxes)
        return {name: measure(part, theirs[name]) for name, part in self._regions(pictures, boxes).items()}

    def _mean_by_region(self, maps: Tensor, boxes: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: part.flatten(1).mean(dim=1) for name, part in self._regions(maps, boxes).items()}

    def _regions(self, pictures: Tensor, boxes: Mapping[str, Tensor]) -> dict[str, Tensor]:
        local = {name: crop(pictures, boxes[name], region) for name, region in self.faces.local.items()}
        return {"face": pictures, **local}
