"""What the trainer does so as not to wait, each thing with the way to do without it.

They are undone before anything is built, and for good: a process that has undone one is thrown away after it has been
timed.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs


@attrs.frozen
class Optimisation:
    """Something that makes a step cheaper and leaves its losses as they are.

    Attributes:
        name: What tables call it.
        place: The module where it lives.
        undo: Have this process do without it.
    """

    name: str
    place: str
    undo: Callable[[], None]


def undo(names: Iterable[str]) -> None:
    """Have this process do without the optimisations of these names."""
    for name in names:
        next(one for one in OPTIMISATIONS if one.name == name).undo()


def _forget_all() -> None:
    from efgan_kit.training.values import StepValues

    def begin(self: StepValues, player: str) -> None:
        self._player, self._made = player, {}

    StepValues.begin = begin  # type: ignore[method-assign]


def _let_everyone_learn() -> None:
    from efgan_kit.training import step

    @contextlib.contextmanager
    def everyone_learns(learner: Iterable[Any], everything: Iterable[Any]) -> Iterator[None]:
        yield
        own = {id(parameter) for module in learner for parameter in module.parameters()}
        for parameter in (parameter for module in everything for parameter in module.parameters()):
            if id(parameter) not in own:
                parameter.grad = None

    step.only_learns = everyone_learns  # type: ignore[attr-defined]


def _compute_weights_at_every_forward() -> None:
    from torch.nn.utils import parametrize

    parametrize.cached = _nothing


def _use_torchs_spectral_norm() -> None:
    from torch.nn.utils import parametrizations

    from efgan_kit.components import layers

    layers.spectrally_normalised = parametrizations.spectral_norm  # type: ignore[attr-defined, assignment]


def _convolve_small_maps() -> None:
    from efgan_kit.components import matrix_convolution

    matrix_convolution.SMALL_MAP = 0  # type: ignore[misc]


def _add_gradients_up() -> None:
    from efgan_kit.components import matrix_convolution

    matrix_convolution.LARGE_WEIGHT = sys.maxsize  # type: ignore[misc]


def _leave_memory_to_the_library() -> None:
    from efgan_kit.training import kept_memory

    # Never arranged rather than taken back, which glibc can't: it would then keep less than it does untouched.
    kept_memory.keep_freed_memory = lambda: False


def _draw_heads_apart() -> None:
    from efgan_kit.components.generators import attention_resnet, direct_resnet
    from efgan_kit.components.refiners import paste_and_refine

    for module in (attention_resnet, direct_resnet, paste_and_refine):
        module.drawn_together = _drawn_apart  # type: ignore[attr-defined]


def _make_doubled_maps() -> None:
    from torch.nn import functional

    from efgan_kit.components.refiners import residual_refiner

    def convolved_doubled(features: Any, weight: Any) -> Any:
        return functional.conv2d(functional.interpolate(features, scale_factor=2), weight, padding=1)

    residual_refiner.convolved_doubled = convolved_doubled  # type: ignore[attr-defined]


def _convolve_planes() -> None:
    from efgan_kit.components.au_planes import AUPlanesConv2d, Conditioned, au_planes

    def forward(self: AUPlanesConv2d, given: Conditioned) -> Any:
        planes = au_planes(given.aus, given.image)
        return self._conv_forward(planes, self.weight, self.bias)

    AUPlanesConv2d.forward = forward  # type: ignore[method-assign]


def _use_plain_adam() -> None:
    import torch

    from efgan_kit.components import optimizers

    def adam(parameters: Any, *, lr: float = 1e-4, betas: Any = (0.5, 0.999), eps: float = 1e-8) -> Any:
        return torch.optim.Adam(parameters, lr=lr, betas=betas, eps=eps)

    optimizers.adam = adam


def _drawn_apart(features: Any, *heads: Any) -> tuple[Any, ...]:
    return tuple(head(features) for head in heads)


@contextlib.contextmanager
def _nothing(*ignored: object) -> Any:
    yield


OPTIMISATIONS = (
    Optimisation("one forward for both players", "efgan_kit.training.values", _forget_all),
    Optimisation("only the player's weights learn", "efgan_kit.training.modes", _let_everyone_learn),
    Optimisation("spectral norms once a phase", "efgan_kit.training.phases", _compute_weights_at_every_forward),
    Optimisation("spectral norms in few passes", "efgan_kit.components.spectral_norm", _use_torchs_spectral_norm),
    Optimisation("small maps as products", "efgan_kit.components.matrix_convolution", _convolve_small_maps),
    Optimisation("one gradient of all passes", "efgan_kit.components.gathered_gradient", _add_gradients_up),
    Optimisation("AU planes never drawn", "efgan_kit.components.au_planes", _convolve_planes),
    Optimisation("few maps together and in blocks", "efgan_kit.components.few_maps", _draw_heads_apart),
    Optimisation("doubled maps never made", "efgan_kit.components.few_maps", _make_doubled_maps),
    Optimisation("freed memory is kept", "efgan_kit.training.kept_memory", _leave_memory_to_the_library),
    Optimisation("fused Adam", "efgan_kit.components.optimizers", _use_plain_adam),
)
