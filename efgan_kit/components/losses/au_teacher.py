"""AU supervision by frozen regressors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset, FaceSpec
from efgan_kit.components.au_regressor import AURegressor, fit, photometric
from efgan_kit.components.bounds import at_least


class AUTeacher(nn.Module):
    """AU error of the edit, read by regressors fitted to the training split and frozen before the first step.

    The critic's own AU head starts random and can be pleased by speckle; a regressor fitted under strong photometric
    augmentation, shown augmented edits, is harder to please wrongly. Own term; a frozen expression network as teacher
    is used by Expression-manipulator's successors and by DECA (Feng et al. 2021).

    Args:
        teachers: How many regressors are fitted, each with its own beginning.
        steps: Of fitting, for each teacher.
        width: Of each teacher's first layer.
        initial: The weight of the face branch's own output beside the final one.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "steps": 2, "initial": 0.5}

    def __init__(
        self, faces: FaceSpec, *, teachers: int = 1, steps: int = 600, width: int = 16, initial: float = 0.0
    ) -> None:
        super().__init__()
        at_least(1, teachers=teachers, steps=steps, width=width)
        self.steps = steps
        self.initial = initial
        self.teachers = nn.ModuleList(AURegressor(faces.size, len(faces.aus), width=width) for _ in range(teachers))
        self.requires_grad_(False)

    def prepare(self, faces: FaceDataset, random: torch.Generator) -> None:
        """Fit the teachers to the training split."""
        device = next(self.parameters()).device
        for teacher in self.teachers:
            assert isinstance(teacher, AURegressor)
            teacher.requires_grad_(True)
            fit(teacher, faces, random, steps=self.steps, augment=photometric, device=device)

    def generator(
        self, edited: Tensor, initial: dict[str, Tensor], target_aus: Tensor, random: torch.Generator
    ) -> Tensor:
        """`E[mean over AUs of (T(augmented I_z) - y_z)^2]`, averaged over the teachers."""
        loss = self._error(edited, target_aus, random)
        return loss + self.initial * self._error(initial["face"], target_aus, random) if self.initial else loss

    def _error(self, image: Tensor, target_aus: Tensor, random: torch.Generator) -> Tensor:
        self.eval()
        errors = [(teacher(photometric(image, random)) - target_aus).square().mean() for teacher in self.teachers]
        return torch.stack(errors).mean()
