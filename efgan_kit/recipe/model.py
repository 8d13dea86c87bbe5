"""A recipe, checked: what the trainer, the editor and the evaluation read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from efgan_kit.recipe.nodes import Place
from efgan_kit.registry import Offer

if TYPE_CHECKING:
    from efgan_kit.api import Maker
    from efgan_kit.faces.regions import FaceSpec


@attrs.frozen
class ComponentUse:
    """A component that the recipe chose, with every parameter it will be made with.

    Attributes:
        kind: Its kind, a key of `efgan_kit.api.KINDS`.
        use: Its name.
        params: Its parameters by name, defaults filled in; nested parts are `ComponentUse`s.
        per_region: Parameters that differ for a region, by the region's name.
        place: Where the recipe names it.
        offer: The plugin's offer behind the name.
    """

    kind: str
    use: str
    params: Mapping[str, Any]
    per_region: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    place: Place = attrs.field(default=Place(""), eq=False)
    offer: Offer | None = attrs.field(default=None, eq=False, repr=False)

    def maker(self) -> Maker[Any]:
        """The component ready to be made; nested parts become makers too."""
        from efgan_kit.recipe.build import maker

        return maker(self)

    def parts(self) -> list[ComponentUse]:
        """This component and all those nested in it."""
        nested = [part for value in self.params.values() for part in _parts_in(value)]
        return [self, *nested]


def _parts_in(value: Any) -> list[ComponentUse]:
    if isinstance(value, ComponentUse):
        return value.parts()
    if isinstance(value, Mapping):
        return [part for item in value.values() for part in _parts_in(item)]
    return [part for item in value for part in _parts_in(item)] if isinstance(value, (list, tuple)) else []


@attrs.frozen
class LossUse:
    """A loss term: its component, and how it enters the sum.

    Attributes:
        name: The recipe's name for it, under which it is logged, dropped and overridden.
        component: The term itself.
        weight: The factor for every player, or for each player by name.
        every: The term is computed at every so many steps.
    """

    name: str
    component: ComponentUse
    weight: float | Mapping[str, float] = 1.0
    every: int = 1

    def weight_for(self, player: str) -> float:
        """The factor for `player`; 0 where the recipe lists players and leaves it out."""
        if isinstance(self.weight, Mapping):
            return self.weight.get(player, 0.0)
        return self.weight


@attrs.frozen
class OptimizerUse:
    """The optimizer, with the parameters that differ for a player."""

    component: ComponentUse
    per_player: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)

    def use_for(self, player: str) -> ComponentUse:
        """The component with the player's own parameters in place."""
        params = {**self.component.params, **self.per_player.get(player, {})}
        return attrs.evolve(self.component, params=params)

    def maker(self, player: str) -> Maker[Any]:
        """What makes the player's optimizer from its `parameters`."""
        return self.use_for(player).maker()


def _setting(default: Any, doc: str, *, least: float | None = None, above: float | None = None,
             most: float | None = None, below: float | None = None) -> Any:  # fmt: skip
    return attrs.field(
        default=default, metadata={"doc": doc, "least": least, "above": above, "most": most, "below": below}
    )


@attrs.frozen(kw_only=True)
class TrainSettings:
    """The `train` section. Steps are generator steps; exactly one of `epochs` and `steps` is given."""

    epochs: int | None = _setting(None, "How many times to go through the training faces.", least=1)
    steps: int | None = _setting(None, "How many generator steps to take, instead of `epochs`.", least=1)
    batch_size: int = _setting(2, "Faces a step.", least=1)
    seed: int = _setting(0, "Names every random stream of the run.", least=0)
    precision: Literal["auto", "fp32", "bf16", "fp16"] = _setting(
        "fp32", "Arithmetic of the networks; auto takes bf16 where it is fast."
    )
    critic_steps: int = _setting(1, "Discriminator steps for each generator step.", least=1)
    ema: float | None = _setting(None, "Decay of the averaged weights, which then edit.", above=0, below=1)
    clip: float | None = _setting(None, "Largest norm of a player's gradient.", above=0)
    skip_bad_steps: int = _setting(
        0, "Steps of the run in which an update that is not finite is left out; one more ends it.", least=0
    )
    channels_last: bool = _setting(False, "Lay pictures out channels last.")
    workers: int = _setting(0, "Loader processes; with 0 a thread reads ahead. Changes no result.", least=0, most=64)
    skip_corrupt: int = _setting(
        0, "Pictures that may turn out unreadable: each is named and replaced by another face.", least=0
    )
    target_noise: float = _setting(0.1, "Half-width of the uniform noise on target AUs.", least=0, most=1)
    paired: float = _setting(
        0.0, "Share of a batch whose target is another picture of the same person.", least=0, most=1
    )
    mirror: bool = _setting(True, "Flip faces at random.")
    log_every: int = _setting(50, "Steps between lines of log.jsonl.", least=1)
    sample_every: int = _setting(1000, "Steps between sample sheets.", least=1)
    checkpoint_every: int = _setting(1000, "Steps between checkpoints.", least=1)
    keep: int = _setting(3, "Checkpoints kept, the newest.", least=1)


@attrs.frozen
class Recipe:
    """A checked recipe.

    Attributes:
        name: Its name.
        source: The file it was read from, as messages call it.
        requires: Distributions it needs, as requirement lines.
        faces: Size, AUs and regions of a face.
        graph: The graph, with its nested components.
        losses: The loss terms by name, in the recipe's order.
        data: `train` and, where given, `test`.
        metrics: The figures of a finished run.
        missing: What is still `???`, if the recipe was loaded for looking at only.
    """

    name: str
    source: str = attrs.field(eq=False)
    requires: tuple[str, ...]
    faces: FaceSpec
    graph: ComponentUse
    losses: Mapping[str, LossUse]
    optimizer: OptimizerUse
    schedule: ComponentUse
    train: TrainSettings
    data: Mapping[str, ComponentUse]
    metrics: tuple[ComponentUse, ...] = ()
    missing: tuple[str, ...] = attrs.field(default=(), eq=False)

    def components(self) -> list[ComponentUse]:
        """Every component in use, nested ones included."""
        whole = [
            self.graph,
            *(term.component for term in self.losses.values()),
            self.optimizer.component,
            self.schedule,
            *self.data.values(),
            *self.metrics,
        ]
        return [part for use in whole for part in use.parts()]

    def to_yaml(self) -> str:
        """The recipe with nothing left to inherit and every default written out; loading it gives it back."""
        from efgan_kit.recipe.dump import to_yaml

        return to_yaml(self)
