"""Networks fitted to training faces beside the GAN: fitted once, kept, shared by runs on the same faces."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from efgan_kit.api import FaceDataset
from efgan_kit.cache import cache_folder

LOOKED_AT: Final = 64
"""Faces whose pixels enter a name."""


def fitted_name(training: FaceDataset, about: Mapping[str, Any]) -> str:
    """A name that changes with the faces, their AUs, their pixels and what is said of the fitting.

    Of a data set that knows all its AU vectors these count; pixels, of `LOOKED_AT` faces spread over it.
    """
    said = json.dumps([about, list(training.names)], sort_keys=True)
    digest = hashlib.blake2b(said.encode(), digest_size=10)
    vectors = getattr(training, "au_vectors", None)
    if isinstance(vectors, torch.Tensor):
        digest.update(vectors.numpy().tobytes())
    count = min(LOOKED_AT, len(training))
    for place in range(count):
        sample = training[place * len(training) // count]
        digest.update(sample.image.contiguous().numpy().tobytes())
        digest.update(sample.aus.contiguous().numpy().tobytes())
    return digest.hexdigest()


def fit_or_restore(module: nn.Module, folder: str, name: str, fit: Callable[[], None]) -> bool:
    """Give a module its weights, from the cache or by `fit`, and leave it in eval mode.

    The cache is the folder `folder` in the `cache_folder`.

    Returns:
        Whether the weights were there and sound; a damaged file is as good as none.
    """
    path = cache_folder() / folder / f"{name}.safetensors"
    cached = _restore(module, path)
    if not cached:
        with torch.enable_grad():
            fit()
        # Laid out as one from the cache is, so that both compute the same to the last bit.
        module.to(memory_format=torch.contiguous_format)
        _keep(module, path)
    module.eval()
    return cached


def _restore(module: nn.Module, path: Path) -> bool:
    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError):
        return False
    return True


def _keep(module: nn.Module, path: Path) -> None:
    """Complete or not at all; a cache that can't be written costs time, nothing else."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with contextlib.suppress(OSError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(descriptor)
        save_file(weights, part)
        Path(part).replace(path)
