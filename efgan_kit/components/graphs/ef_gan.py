"""One EF-GAN: which module sees what, and every named value that a loss term may ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar

import torch
from torch import Tensor, nn

from efgan_kit.api import (
    AUDiscriminator,
    Discriminator,
    Edit,
    Edited,
    FaceSpec,
    Generator,
    Interpolator,
    Maker,
    Refiner,
    Verdict,
    crop,
    fail,
    paste,
    region_corners,
    value,
)
from efgan_kit.components.bounds import at_least
from efgan_kit.components.graphs.checkpointing import checkpointed
from efgan_kit.components.graphs.parts import copy_parts, learning, module, with_branches

OR_DROP: Final = "give the graph one, or drop the term"
JUDGED_BY_BOTH: Final = ("critics", "real_images", "fake_images", "critic_real", "critic_fake")
READ: Final = ("real_aus_read", "edited_aus_read")
Part = TypeVar("Part", Tensor, nn.Module)


class EFGAN(nn.Module):
    """A global branch for the face and a local one for each region, a refiner, and the discriminators of both.

    Source: supplement, sections 1 and 2. The four branches edit their regions to the initial outputs; the local ones
    are pasted over the face's, and the refiner makes the final output of both. `initial` discriminators judge each
    branch, the `final` one the final output, whose AUs it reads.

    Args:
        generator: One a region, without shared weights.
        refiner: Makes the final output; without it the pasted initial outputs are final.
        discriminators: `initial` (made for every region) and `final`; either may be left out.
        interpolator: `Interp(y_x, r)`, trained beside the editing.
        au_discriminator: D_interp, the interpolator's critic.
        branches: The regions that have a branch, and an `initial` discriminator, of their own; the face always has.
            All of the recipe's regions if not given.
        soft_edge: Over how many pixels a pasted region fades into the face; 0 is a plain paste.
        start_from: A run whose trained EF-GAN this one starts from; the trainer loads it.
        checkpointing: Whether the activations of generators and refiner are computed anew for the gradient instead of
            being kept: less memory, more time, the same result (Chen et al. 2016, arXiv:1604.06174).
    """

    built_for: ClassVar[Mapping[str, Sequence[str]]] = {
        "discriminators.initial": JUDGED_BY_BOTH,
        "discriminators.final": (*JUDGED_BY_BOTH, "real_verdict", "fake_verdict", *READ),
        "discriminators.final.predicts_aus": READ,
        "interpolator": ("interpolated_aus",),
        "au_discriminator": ("au_judge",),
    }
    example: ClassVar[Mapping[str, Any]] = {
        "generator": {"use": "attention-resnet", "width": 4, "blocks": 1},
        "refiner": {"use": "paste-and-refine", "width": 4, "blocks": 1},
        "discriminators": {
            "initial": {"use": "patch-critic", "width": 4, "layers": 2},
            "final": {"use": "patch-critic", "width": 4, "layers": 3, "predicts_aus": True},
        },
        "interpolator": {"use": "residual-mlp", "width": 8},
        "au_discriminator": {"use": "au-critic", "width": 8},
    }

    def __init__(
        self,
        faces: FaceSpec,
        *,
        generator: Maker[Generator],
        refiner: Maker[Refiner] | None = None,
        discriminators: Mapping[str, Maker[Discriminator]] = {},
        interpolator: Maker[Interpolator] | None = None,
        au_discriminator: Maker[AUDiscriminator] | None = None,
        branches: Sequence[str] | None = None,
        soft_edge: int = 0,
        start_from: str | None = None,
        checkpointing: bool = False,
    ) -> None:
        super().__init__()
        unknown = set(discriminators) - {"initial", "final"}
        if unknown:
            raise ValueError(f"discriminators has {sorted(unknown)}: this graph knows 'initial' and 'final'")
        at_least(0, soft_edge=soft_edge)
        faces = self.faces = with_branches(faces, branches)
        self.soft_edge = soft_edge
        self.start_from = start_from
        self.checkpointing = checkpointing
        aus = len(faces.aus)
        self.generators = nn.ModuleDict(
            {name: module(generator(region=region, aus=aus)) for name, region in faces.regions.items()}
        )
        self.refiner = module(refiner(region=faces.face)) if refiner else None
        initial, final = discriminators.get("initial"), discriminators.get("final")
        critics = {n: module(initial(region=r, aus=aus)) for n, r in faces.regions.items()} if initial else {}
        self.initial_critics = nn.ModuleDict(critics)
        self.final_critic = module(final(region=faces.face, aus=aus)) if final else None
        self.interpolator = module(interpolator(aus=aus)) if interpolator else None
        self.au_critic = module(au_discriminator(aus=aus)) if au_discriminator else None

    def players(self) -> dict[str, Sequence[nn.Module]]:
        """Generators and refiner play against the discriminators; the interpolator has a phase of its own."""

        def present(*modules: nn.Module | None) -> list[nn.Module]:
            return [module for module in modules if module is not None]

        return {
            "generator": present(self.generators, self.refiner),
            "discriminator": present(self.initial_critics, self.final_critic, self.au_critic),
            "interpolator": present(self.interpolator),
        }

    def parts(self) -> dict[str, nn.Module]:
        """What holds weights, by the recipe's key below `graph`."""
        parts = {
            "generator": self.generators,
            "refiner": self.refiner,
            "discriminators.initial": self.initial_critics,
            "discriminators.final": self.final_critic,
            "interpolator": self.interpolator,
            "au_discriminator": self.au_critic,
        }
        return learning(parts)

    def initialise(self, trained: nn.Module) -> None:
        """Take over the weights of a trained EF-GAN. Raises ValueError if it does not have all these parts."""
        copy_parts(trained, self.parts())

    # How a picture is edited ------------------------------------------------------------------------------------

    def _branches(
        self, image: Tensor, corners: Mapping[str, Tensor], source_aus: Tensor, target_aus: Tensor
    ) -> dict[str, Edit]:
        """Every generator on its own region of `image` `(B, 3, H, W)`."""
        return {
            name: self._run(generator, self._region_of(image, name, corners), source_aus, target_aus)
            for name, generator in self.generators.items()
        }

    def _run(self, module: nn.Module, *inputs: Tensor) -> Any:
        return checkpointed(module, *inputs) if self.checkpointing and torch.is_grad_enabled() else module(*inputs)

    def _region_of(self, image: Tensor, name: str, corners: Mapping[str, Tensor]) -> Tensor:
        return image if name == "face" else crop(image, corners[name], self.faces.local[name])

    def _paste(self, layers: Mapping[str, Tensor], corners: Mapping[str, Tensor]) -> Tensor:
        """Regional pictures laid over the face's: `(B, C, H, W)`."""
        canvas = layers["face"]
        for name, region in self.faces.local.items():
            canvas = paste(canvas, layers[name], corners[name], region, self.soft_edge)
        return canvas

    def _refine(self, branches: Mapping[str, Edit], corners: Mapping[str, Tensor]) -> Tensor:
        initial = {name: branch.image for name, branch in branches.items()}
        pasted = self._paste(initial, corners)
        return pasted if self.refiner is None else self._run(self.refiner, initial["face"], pasted)

    def edit(self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
        """Edit pictures `(B, 3, H, W)` with landmarks `(B, 68, 2)` from source to target AUs `(B, A)`."""
        corners = self.corners(landmarks)
        branches = self._branches(source, corners, source_aus, target_aus)
        final = self._refine(branches, corners)
        attention = self._paste({name: branch.attention for name, branch in branches.items()}, corners)
        return Edited(final, branches["face"].image, attention, (final,), (target_aus,))

    # Named values: geometry and edits ---------------------------------------------------------------------------

    @value()
    def corners(self, landmarks: Tensor) -> dict[str, Tensor]:
        """By local region, `(B, 2)` pixels: top-left corners (y, x) of the boxes around the sources' landmarks."""
        return {name: region_corners(landmarks, region, self.faces.size) for name, region in self.faces.local.items()}

    @value()
    def residual(self, source_aus: Tensor, target_aus: Tensor) -> Tensor:
        """`(B, A)` in [-1, 1]: the expression residual r = y_z - y_x."""
        return target_aus - source_aus

    @value()
    def real(self, source: Tensor) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the real pictures that critics see; in a cascade always the batch's sources."""
        return source

    @value()
    def real_aus(self, source_aus: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the AUs of the real pictures."""
        return source_aus

    @value()
    def real_regions(self, real: Tensor, corners: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(B, 3, h, w)` in [-1, 1]: the crops of the real pictures, the paper's set I_x."""
        return {name: self._region_of(real, name, corners) for name in self.faces.regions}

    @value()
    def truth_regions(self, truth: Tensor, corners: dict[str, Tensor]) -> dict[str, Tensor]:
        """By region, `(B, 3, h, w)` in [-1, 1]: the truth in the sources' boxes."""
        return {name: self._region_of(truth, name, corners) for name in self.faces.regions}

    @value("generator")
    def branches(
        self, source: Tensor, corners: dict[str, Tensor], source_aus: Tensor, target_aus: Tensor
    ) -> dict[str, Edit]:
        """By region, an `Edit`: all that each generator returns."""
        return self._branches(source, corners, source_aus, target_aus)

    @value("generator")
    def initial(self, branches: dict[str, Edit]) -> dict[str, Tensor]:
        """By region, `(B, 3, h, w)` in [-1, 1]: the initial outputs."""
        return {name: branch.image for name, branch in branches.items()}

    @value("generator")
    def attention(self, branches: dict[str, Edit]) -> dict[str, Tensor]:
        """By region, `(B, 1, h, w)` in [0, 1]: attention maps; 1 = edited."""
        return {name: branch.attention for name, branch in branches.items()}

    @value("generator")
    def flow(self, branches: dict[str, Edit]) -> dict[str, Tensor]:
        """By region, `(B, 2, h, w)` in pixels: displacements, of those generators that have them."""
        return {name: branch.flow for name, branch in branches.items() if branch.flow is not None}

    @value("generator")
    def edited(self, branches: dict[str, Edit], corners: dict[str, Tensor]) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the final output."""
        return self._refine(branches, corners)

    @value("generator")
    def reconstruction(
        self, edited: Tensor, corners: dict[str, Tensor], source_aus: Tensor, target_aus: Tensor
    ) -> Tensor:
        """`(B, 3, H, W)` in [-1, 1]: the final output edited back to the source AUs."""
        return self._refine(self._branches(edited, corners, target_aus, source_aus), corners)

    # Named values: what the discriminators say ------------------------------------------------------------------

    @value()
    def critics(self) -> dict[str, nn.Module]:
        """By discriminator's name (`final` and the regions'), the discriminators themselves, for penalties."""
        final: dict[str, nn.Module] = {} if self.final_critic is None else {"final": self.final_critic}
        return _some({**final, **self.initial_critics})

    @value()
    def real_images(self, real: Tensor, real_regions: dict[str, Tensor]) -> dict[str, Tensor]:
        """By discriminator's name, `(B, 3, h, w)` in [-1, 1]: the real pictures it sees."""
        return self._seen(real, real_regions)

    @value("generator")
    def fake_images(self, edited: Tensor, initial: dict[str, Tensor]) -> dict[str, Tensor]:
        """By discriminator's name, `(B, 3, h, w)` in [-1, 1]: the edited pictures it sees."""
        return self._seen(edited, initial)

    def _seen(self, face: Tensor, regions: Mapping[str, Tensor]) -> dict[str, Tensor]:
        final = {} if self.final_critic is None else {"final": face}
        return {**final, **{name: regions[name] for name in self.initial_critics}}

    @value()
    def real_verdict(self, real: Tensor) -> Verdict | None:
        """The final discriminator's `Verdict` on the real pictures; None if the graph has no such discriminator."""
        return None if self.final_critic is None else self.final_critic(real)

    @value()
    def fake_verdict(self, edited: Tensor) -> Verdict | None:
        """The final discriminator's `Verdict` on the final output; None if the graph has none."""
        return None if self.final_critic is None else self.final_critic(edited)

    @value()
    def critic_real(self, real_images: dict[str, Tensor], real_verdict: Verdict | None) -> dict[str, Tensor]:
        """By discriminator's name, `(B, ...)`: scores of the real pictures."""
        return self._scores(real_images, real_verdict)

    @value()
    def critic_fake(self, fake_images: dict[str, Tensor], fake_verdict: Verdict | None) -> dict[str, Tensor]:
        """By discriminator's name, `(B, ...)`: scores of the edited pictures."""
        return self._scores(fake_images, fake_verdict)

    def _scores(self, images: Mapping[str, Tensor], final: Verdict | None) -> dict[str, Tensor]:
        initial = {name: critic(images[name]).score for name, critic in self.initial_critics.items()}
        return _some(initial if final is None else {"final": final.score, **initial})

    @value()
    def real_aus_read(self, real_verdict: Verdict | None) -> Tensor:
        """`(B, A)`: what the final discriminator's AU head reads off the real pictures."""
        return _aus_of(real_verdict)

    @value()
    def edited_aus_read(self, fake_verdict: Verdict | None) -> Tensor:
        """`(B, A)`: what the final discriminator's AU head reads off the final output."""
        return _aus_of(fake_verdict)

    # Named values: the interpolator -----------------------------------------------------------------------------

    @value()
    def step_share(self, source_aus: Tensor, random: torch.Generator) -> Tensor:
        """`(B, 1)` in [0, 1]: how much of the residual the interpolator is asked to go, drawn uniformly."""
        return torch.rand(len(source_aus), 1, generator=random).to(source_aus.device)

    @value()
    def linear_aus(self, source_aus: Tensor, residual: Tensor, step_share: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: the pseudo target y_p, on the straight line from source to target AUs."""
        return source_aus + step_share * residual

    @value("interpolator")
    def interpolated_aus(self, source_aus: Tensor, residual: Tensor, step_share: Tensor) -> Tensor:
        """`(B, A)` in [0, 1]: Interp(y_x, share * r)."""
        if self.interpolator is None:
            raise fail("graph.interpolator", "a live term asks for it, but the graph has none", OR_DROP)
        return self.interpolator(source_aus, step_share * residual)

    @value()
    def au_judge(self) -> nn.Module:
        """D_interp itself, for its penalty."""
        if self.au_critic is None:
            raise fail("graph.au_discriminator", "a live term asks for it, but the graph has none", OR_DROP)
        return self.au_critic


def _aus_of(verdict: Verdict | None) -> Tensor:
    if verdict is None:
        what = "a live term asks for its AU head, but the graph has no final discriminator"
        raise fail("graph.discriminators.final", what, OR_DROP)
    if verdict.aus is None:
        what = "a live term asks for its AU head, but it has none"
        raise fail("graph.discriminators.final", what, "set its predicts_aus to true, or drop the term")
    return verdict.aus


def _some(by_critic: dict[str, Part]) -> dict[str, Part]:
    if not by_critic:
        raise fail("graph.discriminators", "a live term asks for them, but the graph has none", OR_DROP)
    return by_critic
