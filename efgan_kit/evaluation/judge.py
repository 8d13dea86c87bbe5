"""The judge: an AU regressor fitted apart from every run, shared by runs on the same training faces."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import torch

from efgan_kit.api import FaceDataset, FaceSpec
from efgan_kit.components.au_regressor import AURegressor, fit, photometric
from efgan_kit.evaluation.hashes import weights_hash
from efgan_kit.training.fitted import fit_or_restore, fitted_name
from efgan_kit.training.streams import seeded_build, stream


@attrs.frozen
class JudgeSettings:
    """How a judge is fitted. A judge of other settings is another judge.

    Attributes:
        width: Channels of its first layer.
        steps: Of fitting.
        batch_size: Faces a step.
        seed: Its own, whatever the run's.
    """

    width: int = 24
    steps: int = 900
    batch_size: int = 64
    seed: int = 20200


@attrs.frozen
class Judge:
    """A fitted regressor, and the name under which it is kept.

    Attributes:
        regressor: Reads AUs `(B, A)` off pictures `(B, 3, H, W)`; frozen.
        name: A hash of the faces it was fitted to and of how.
        cached: Whether it had been fitted before.
        weights_hash: A hash of its weights: fitted elsewhere under the same name, it may read a little otherwise.
    """

    regressor: AURegressor
    name: str
    cached: bool
    weights_hash: str


def judge_for(
    training: FaceDataset,
    faces: FaceSpec,
    *,
    settings: JudgeSettings | None = None,
    device: torch.device | str = "cpu",
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Judge:
    """The judge of those who trained on `training`: read from the cache, or fitted now and kept there.

    The cache is the folder `judges` in `EFGAN_CACHE_DIR`, by default `~/.cache/efgan_kit`.

    Args:
        on_step: Called with the steps done and all steps while it is fitted.
    """
    settings = settings or JudgeSettings()
    name = judge_name(training, faces, settings)
    with seeded_build(settings.seed, "judge"):
        regressor = AURegressor(faces.size, len(faces.aus), width=settings.width)
    regressor.to(device)

    def fit_it() -> None:
        fit(
            regressor,
            training,
            stream(settings.seed, "judge"),
            steps=settings.steps,
            batch_size=settings.batch_size,
            augment=photometric,
            device=device,
            on_step=lambda done: on_step(done, settings.steps),
        )

    cached = fit_or_restore(regressor, "judges", name, fit_it)
    regressor.requires_grad_(False)
    return Judge(regressor, name, cached, weights_hash(regressor))


def judge_name(training: FaceDataset, faces: FaceSpec, settings: JudgeSettings) -> str:
    """A name that changes with the faces, their AUs, their pixels and the settings."""
    return fitted_name(training, {"size": faces.size, "aus": faces.aus.names, **attrs.asdict(settings)})
