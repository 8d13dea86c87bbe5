"""Learning-rate schedules that a recipe may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from efgan_kit.components.bounds import at_least


class ConstantThenLinear:
    """The full rate, then a straight line to 0 at the last step: the supplement's schedule (section 3).

    Args:
        constant_epochs: For how many epochs the rate stays; 50 of 100 as published.
        constant_share: The same as a share of the whole training, for recipes that count in steps.
        warmup_steps: Over how many steps the rate first rises from 0; none as published.
    """

    example: ClassVar[Mapping[str, Any]] = {"warmup_steps": 3}

    def __init__(
        self,
        steps: int,
        steps_per_epoch: int,
        *,
        constant_epochs: float | None = None,
        constant_share: float = 0.5,
        warmup_steps: int = 0,
    ) -> None:
        if not 0 <= constant_share <= 1:
            raise ValueError(f"constant_share is {constant_share:g}: a share lies in [0, 1]")
        at_least(0, warmup_steps=warmup_steps, constant_epochs=constant_epochs or 0)
        self.steps = steps
        self.warmup_steps = warmup_steps
        self.constant = constant_share * steps if constant_epochs is None else constant_epochs * steps_per_epoch

    def __call__(self, step: int) -> float:
        """The rate's factor at `step` in [0, steps): 1, falling to 0 after the last."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        if step < self.constant:
            return 1.0
        return max(0.0, (self.steps - step) / max(1.0, self.steps - self.constant))
