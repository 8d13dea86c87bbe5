"""What a feature extractor must hold: metrics compare pictures one by one, and runs by what was once learned."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from efgan_kit.testing.contract import demand
from efgan_kit.testing.keeping import restored
from efgan_kit.testing.scenes import SCENES, SQUARE, FewFaces, Scene
from efgan_kit.testing.subject import Subject, copied, differing, global_randomness_stays
from efgan_kit.training.streams import stream

NEAR: Final = 1e-4
"""What rounding may do, to other layouts in memory and other sizes of a batch."""


def gives_features(subject: Subject) -> None:
    """Finite rows `(N, F)`, of one length at every batch size, that do not depend on the batch's other pictures."""
    for scene in SCENES:
        extractor = subject.make(scene)
        demand(subject, isinstance(extractor, nn.Module), "is a torch.nn.Module", type(extractor).__name__)
        pictures = _pictures(scene)
        together, alone = _features(extractor, pictures), _features(extractor, pictures[1:2])
        demand(subject, isinstance(together, Tensor), "returns a tensor", type(together).__name__)
        shape = tuple(together.shape)
        demand(subject, len(shape) == 2 and shape[0] == len(pictures), "returns features (N, F)", shape)
        demand(subject, together.is_floating_point(), "features are floating-point numbers", together.dtype)
        demand(subject, bool(together.isfinite().all()), "features are finite", "nan or infinity")
        off = float((together[1:2] - alone).abs().max()) if alone.shape[1:] == shape[1:] else float("nan")
        contract = "in eval mode, a picture's features do not depend on the others of its batch"
        demand(subject, off <= NEAR, contract, f"off by {off:g}")


def learns_the_same_from_the_same_faces(subject: Subject) -> None:
    """What `prepare` learns comes from the faces and its stream alone, and lies in its state."""
    taught, twin, untaught = (subject.make(seed=seed) for seed in (1, 1, 2))
    for extractor in (taught, twin):
        if hasattr(extractor, "prepare"):
            with global_randomness_stays(subject, "prepare(...)"):
                extractor.prepare(FewFaces(SQUARE), stream(0, "prepare"))
    restored(subject, taught, untaught)
    changed = differing(copied(taught.state_dict()), copied(twin.state_dict()))
    demand(subject, not changed, "prepare(...) learns the same from the same stream", f"different: {changed}")
    pictures = _pictures(SQUARE)
    off = float((_features(taught, pictures) - _features(untaught, pictures)).abs().max())
    demand(subject, off <= NEAR, "a restored extractor gives the same features", f"off by {off:g}")


CHECKS: Final = (gives_features, learns_the_same_from_the_same_faces)


def _pictures(scene: Scene) -> Tensor:
    return scene.pictures(3, scene.faces.face)


def _features(extractor: nn.Module, pictures: Tensor) -> Tensor:
    """As an evaluation asks for them."""
    with torch.no_grad():
        return extractor.eval()(pictures)
