"""One EF-GAN within a cascade: what it edits, to which AUs, and against which real pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from efgan_kit.api import ValueFunction, fail, value, values_of
from efgan_kit.components.graphs.ef_gan import EFGAN, OR_DROP
from efgan_kit.components.graphs.steps import aus_on_the_way

BEHIND_ANOTHER = ("source", "source_aus", "corners")
JUDGED_ONCE = ("real_images", "real_verdict", "critic_real")


class CascadeModule:
    """The named values of module k of K: those of its EF-GAN, with its own source, targets and truth.

    `given_x` is the value x of the batch, `previous_x` that of the module before.

    Args:
        ef_gan: The module.
        place: k, from 1.
        count: K.
        interpolator: Sets the intermediate targets.
        au_critic: D_interp.
        shared_critics: The first module's discriminators are those of all.
    """

    def __init__(
        self,
        ef_gan: EFGAN,
        *,
        place: int,
        count: int,
        interpolator: nn.Module | None,
        au_critic: nn.Module | None,
        shared_critics: bool,
    ) -> None:
        self.ef_gan = ef_gan
        self.place = place
        self.share = place / count
        self.is_last = place == count
        self.interpolator = interpolator
        self.au_critic = au_critic
        self.shared_critics = shared_critics

    def values(self) -> dict[str, ValueFunction]:
        """All of them by name."""
        mine = values_of(self)
        dropped = {*(BEHIND_ANOTHER if self.place == 1 else ()), *self._not_shared()}
        return {**values_of(self.ef_gan), **{name: made for name, made in mine.items() if name not in dropped}}

    def _not_shared(self) -> tuple[str, ...]:
        return () if self.shared_critics and self.place > 1 else JUDGED_ONCE

    # Behind another module --------------------------------------------------------------------------------------

    @value("generator")
    def source(self, previous_edited: Tensor) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the face that the module before returned; the first module's is the batch's."""
        return previous_edited

    @value("interpolator")
    def source_aus(self, previous_target_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the AUs that the module before edited to."""
        return previous_target_aus

    @value()
    def corners(self, previous_corners: dict[str, Tensor]) -> dict[str, Tensor]:
        """By local region, `(B, 2)` pixels: the boxes are the same in all modules; the crops are taken anew."""
        return previous_corners

    # Targets ----------------------------------------------------------------------------------------------------

    @value()
    def step_share(self, given_source_aus: Tensor) -> Tensor:
        """`(B, 1)`: k/K, how much of the residual lies behind this module."""
        return torch.full_like(given_source_aus[:, :1], self.share)

    @value()
    def linear_aus(self, given_source_aus: Tensor, given_target_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the pseudo target y_p = y_x + (k/K) r, on the straight line."""
        return given_source_aus + self.share * (given_target_aus - given_source_aus)

    @value("interpolator")
    def interpolated_aus(self, given_source_aus: Tensor, given_target_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: Interp(y_x, (k/K) r)."""
        if self.interpolator is None:
            raise fail("graph.interpolator", "a live term asks for it, but the graph has none", OR_DROP)
        return self.interpolator(given_source_aus, self.share * (given_target_aus - given_source_aus))

    @value("interpolator")
    def target_aus(self, given_source_aus: Tensor, given_target_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the AUs this module edits to: Interp(y_x, (k/K) r), the last one's y_z itself."""
        return aus_on_the_way(self.interpolator, given_source_aus, given_target_aus, self.share)

    # What is real, what is true ---------------------------------------------------------------------------------

    @value()
    def real(self, given_source: Tensor) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the real pictures that critics see, the batch's sources."""
        return given_source

    @value()
    def real_aus(self, given_source_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the AUs of the real pictures."""
        return given_source_aus

    @value("generator")
    def truth(self, given_truth: Tensor, source: Tensor) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the last module's is the batch's; no true picture of a halfway face is known."""
        return given_truth if self.is_last else source

    @value()
    def has_truth(self, given_has_truth: Tensor) -> Tensor:
        """`(B,)`: the batch's for the last module, 0 for the others."""
        return given_has_truth if self.is_last else torch.zeros_like(given_has_truth)

    @value()
    def truth_share(self, given_truth_share: Tensor) -> Tensor:
        """`(B,)`: the batch's for the last module, 0 for the others."""
        return given_truth_share if self.is_last else torch.zeros_like(given_truth_share)

    # Judged once by discriminators that all modules share -------------------------------------------------------

    @value()
    def real_images(self, previous_real_images: dict[str, Tensor]) -> dict[str, Tensor]:
        """By discriminator's name, the real pictures it sees: where discriminators are shared, the first module's."""
        return previous_real_images

    @value()
    def real_verdict(self, previous_real_verdict: object) -> object:
        """The final discriminator's `Verdict` on the real pictures: where it is shared, the first module's."""
        return previous_real_verdict

    @value()
    def critic_real(self, previous_critic_real: dict[str, Tensor]) -> dict[str, Tensor]:
        """By discriminator's name, scores of the real pictures: where they are shared, the first module's."""
        return previous_critic_real

    @value()
    def au_judge(self) -> nn.Module:
        """D_interp itself, for its penalty."""
        if self.au_critic is None:
            raise fail("graph.au_discriminator", "a live term asks for it, but the graph has none", OR_DROP)
        return self.au_critic
