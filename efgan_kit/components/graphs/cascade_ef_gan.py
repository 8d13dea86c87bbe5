"""Cascade EF-GAN: several EF-GANs in sequence, each editing the face that the one before it returned."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from torch import Tensor, nn

from efgan_kit.api import (
    AUDiscriminator,
    Discriminator,
    Edited,
    FaceSpec,
    Generator,
    Interpolator,
    Maker,
    Refiner,
    ValueFunction,
)
from efgan_kit.components.bounds import at_least
from efgan_kit.components.graphs.cascade_module import CascadeModule
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.components.graphs.parts import copy_parts, learning
from efgan_kit.components.graphs.steps import aus_on_the_way, edit_in_steps

MOST_MODULES: Final = 64
"""A slip of the keyboard is refused at once, and does not fill the memory first."""


class CascadeEFGAN(nn.Module):
    """K EF-GANs that share out an expression change among them.

    Source: supplement, section 2 ("stack multiple EF-GAN modules in sequence"), section 1 (the total loss is the sum
    of each module's with equal weights) and section 3 (every module starts from a trained EF-GAN). Module k edits the
    face that module k - 1 returned to Interp(y_x, (k/K) r), the last one to y_z itself; crops are taken again from
    every intermediate face, and gradients go through the whole chain. There is one interpolator for all modules.

    Args:
        modules: How many EF-GANs; not stated in the supplement.
        start_from: A run whose trained EF-GAN every module starts from; the trainer loads it. Without one, all modules
            begin with the same untrained weights.
        share_discriminators: One set of discriminators for all modules, in place of one for each: the real pictures
            are then judged once for all, and memory holds one set.
        generator: One a region and a module, without shared weights.
        refiner: Makes each module's final output.
        discriminators: `initial` (made for every region) and `final`, as in `ef-gan`.
        interpolator: `Interp(y_x, r)`, which sets the intermediate targets; without one, or with `linear`, they lie
            on the straight line.
        au_discriminator: D_interp, the interpolator's critic.
        branches: The regions that have a branch of their own, as in `ef-gan`.
        soft_edge: Over how many pixels a pasted region fades into the face.
        checkpointing: Less memory for more time, as in `ef-gan`.
    """

    values_declared_by = (EFGAN, CascadeModule)
    # Editing asks the interpolator for the intermediate targets, whoever has taught it.
    built_for: ClassVar[Mapping[str, Sequence[str]]] = {
        part: values for part, values in EFGAN.built_for.items() if part != "interpolator"
    }

    def __init__(
        self,
        faces: FaceSpec,
        *,
        generator: Maker[Generator],
        modules: int = 3,
        start_from: str | None = None,
        share_discriminators: bool = False,
        refiner: Maker[Refiner] | None = None,
        discriminators: Mapping[str, Maker[Discriminator]] = {},
        interpolator: Maker[Interpolator] | None = None,
        au_discriminator: Maker[AUDiscriminator] | None = None,
        branches: Sequence[str] | None = None,
        soft_edge: int = 0,
        checkpointing: bool = False,
    ) -> None:
        super().__init__()
        at_least(1, modules=modules)
        if modules > MOST_MODULES:
            raise ValueError(f"modules is {modules}: {MOST_MODULES} is the most, for each is an EF-GAN in memory")
        self.start_from = start_from
        self.share_discriminators = share_discriminators
        first = EFGAN(
            faces,
            generator=generator,
            refiner=refiner,
            discriminators=discriminators,
            interpolator=interpolator,
            au_discriminator=au_discriminator,
            branches=branches,
            soft_edge=soft_edge,
            checkpointing=checkpointing,
        )
        self.interpolator, self.au_critic = first.interpolator, first.au_critic
        first.interpolator = first.au_critic = None
        self.chain = nn.ModuleList([first, *(copy.deepcopy(first) for _ in range(modules - 1))])
        if share_discriminators:
            for follower in self._ef_gans()[1:]:
                follower.initial_critics, follower.final_critic = first.initial_critics, first.final_critic

    def _ef_gans(self) -> list[EFGAN]:
        return [ef_gan for ef_gan in self.chain if isinstance(ef_gan, EFGAN)]

    def players(self) -> dict[str, Sequence[nn.Module]]:
        """All modules' generators and refiners play together against all discriminators."""
        by_module = [ef_gan.players() for ef_gan in self._ef_gans()]
        critics = dict.fromkeys(critic for players in by_module for critic in players["discriminator"])
        beside = [module for module in (self.au_critic,) if module is not None]
        return {
            "generator": [module for players in by_module for module in players["generator"]],
            "discriminator": [*critics, *beside],
            "interpolator": [] if self.interpolator is None else [self.interpolator],
        }

    def stages(self) -> list[dict[str, ValueFunction]]:
        """Each module's named values: its EF-GAN's own, and what stands in for the batch's."""
        count = len(self.chain)
        modules = [
            CascadeModule(
                ef_gan,
                place=place,
                count=count,
                interpolator=self.interpolator,
                au_critic=self.au_critic,
                shared_critics=self.share_discriminators,
            )
            for place, ef_gan in enumerate(self._ef_gans(), start=1)
        ]
        return [module.values() for module in modules]

    def edit(self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
        """Edit pictures `(B, 3, H, W)` with landmarks `(B, 68, 2)` from source to target AUs `(B, A)`."""
        shares = [place / len(self.chain) for place in range(1, len(self.chain) + 1)]
        targets = [aus_on_the_way(self.interpolator, source_aus, target_aus, share) for share in shares]
        edits = [ef_gan.edit for ef_gan in self._ef_gans()]
        return edit_in_steps(edits, targets, source, landmarks, source_aus)

    def parts(self) -> dict[str, nn.Module]:
        """What a trained EF-GAN must have for the modules to start from it, by the recipe's key below `graph`."""
        beside = learning({"interpolator": self.interpolator, "au_discriminator": self.au_critic})
        return {**self._ef_gans()[0].parts(), **beside}

    def initialise(self, trained: nn.Module) -> None:
        """Start every module from a trained EF-GAN (supplement, section 3).

        Raises:
            ValueError: It does not have all these parts, or is a cascade itself.
        """
        if isinstance(trained, CascadeEFGAN):
            raise ValueError("it is a cascade; its modules start from a single EF-GAN")
        copy_parts(trained, self.parts())
        first, *others = self._ef_gans()
        for follower in others:
            copy_parts(first, follower.parts())
