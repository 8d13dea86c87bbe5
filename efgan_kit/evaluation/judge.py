"""The judge: an AU regressor fitted apart from every run, shared by runs on the same training faces."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from efgan_kit.api import FaceDataset, FaceSpec
from efgan_kit.components.au_regressor import AURegressor, fit, photometric
from efgan_kit.evaluation.hashes import weights_hash
from efgan_kit.training.streams import seeded_build, stream

LOOKED_AT: Final = 64
"""Faces whose pixels enter a judge's name."""


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
    path = _cache() / f"{name}.safetensors"
    if _restore(regressor, path):
        regressor.to(device).eval().requires_grad_(False)
        return Judge(regressor, name, True, weights_hash(regressor))
    with torch.enable_grad():
        fit(
            regressor.to(device),
            training,
            stream(settings.seed, "judge"),
            steps=settings.steps,
            batch_size=settings.batch_size,
            augment=photometric,
            device=device,
            on_step=lambda done: on_step(done, settings.steps),
        )
    # Laid out as a judge from the cache is, so that both read the same to the last bit.
    regressor.to(memory_format=torch.contiguous_format)
    _keep(regressor, path)
    return Judge(regressor, name, False, weights_hash(regressor))


def judge_name(training: FaceDataset, faces: FaceSpec, settings: JudgeSettings) -> str:
    """A name that changes with the faces, their AUs, their pixels and the settings.

    Of a data set that knows all its AU vectors these count; pixels, of `LOOKED_AT` faces spread over it.
    """
    fitting = {"size": faces.size, "aus": faces.aus.names, **attrs.asdict(settings)}
    about = json.dumps([fitting, list(training.names)], sort_keys=True)
    digest = hashlib.blake2b(about.encode(), digest_size=10)
    vectors = getattr(training, "au_vectors", None)
    if isinstance(vectors, torch.Tensor):
        digest.update(vectors.numpy().tobytes())
    count = min(LOOKED_AT, len(training))
    for place in range(count):
        sample = training[place * len(training) // count]
        digest.update(sample.image.contiguous().numpy().tobytes())
        digest.update(sample.aus.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _cache() -> Path:
    return Path(os.environ.get("EFGAN_CACHE_DIR") or Path("~/.cache/efgan_kit").expanduser()) / "judges"


def _restore(regressor: AURegressor, path: Path) -> bool:
    """Whether the judge's weights were there and sound; a damaged file is as good as none."""
    try:
        regressor.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError):
        return False
    return True


def _keep(regressor: AURegressor, path: Path) -> None:
    """Complete or not at all; a cache that can't be written costs time, nothing else."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in regressor.state_dict().items()}
    with contextlib.suppress(OSError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(descriptor)
        save_file(weights, part)
        Path(part).replace(path)
