"""Distances of edits in a frozen backbone's features: place by place, or of their means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceSpec
from efgan_kit_timm.backbone import Backbone

Reference = Literal["truth", "source"]


class Perceptual(nn.Module):
    """Mean squared distance of unit feature vectors, place by place, averaged over the layers.

    Source: Zhang et al., *The Unreasonable Effectiveness of Deep Features as a Perceptual Metric* (CVPR 2018), without
    their learned weights of the channels; the idea of such a loss is Johnson et al.'s (ECCV 2016). Each place's
    features are scaled to length 1, so that layers count alike: 0 for like pictures, 2 for features at right angles.
    Against the truth it teaches the samples that have one; against the source it holds the edit still, also where it
    should move.

    Args:
        model: timm's name for the backbone, such as `tf_efficientnet_lite0`; or `local-dir:FOLDER` with a `config.json`
            and weights, as hubs have them.
        weights: `pretrained` takes timm's own from this machine's cache, nothing is downloaded; or a .safetensors or
            .pth file with a state dict; or `random`.
        toward: What the edit is compared with: the `truth`, or the `source`.
        layers: Which of the backbone's feature maps, counted from 0 or from the end from -1. By default those of its
            last four sizes, or four spread evenly where all are of one size.
        size: What the longer side of pictures is scaled to first, in pixels. By default they stay as they are, but for
            networks of a fixed size, which get theirs.
    """

    example: ClassVar[Mapping[str, Any]] = {"model": "test_efficientnet", "weights": "random"}

    def __init__(
        self,
        faces: FaceSpec,
        *,
        model: str,
        weights: str,
        toward: Reference = "truth",
        layers: Sequence[int] | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__()
        self.toward = toward
        self.backbone = _backbone(faces, model, weights, layers, size)

    def generator(self, edited: Tensor, source: Tensor, truth: Tensor, truth_share: Tensor) -> Tensor:
        """`E[mean over layers and places of |f(I_z) - f(I)|^2]`, over the samples with a truth if that is I."""
        reference, weights = _reference(self.toward, source, truth, truth_share)
        distances = [
            (_unit(here) - _unit(there)).square().sum(dim=1).mean(dim=(1, 2))
            for here, there in zip(self.backbone(edited), self.backbone(reference), strict=True)
        ]
        return (weights * torch.stack(distances).mean(dim=0)).sum()


class FeatureMatching(nn.Module):
    """Distance of the means of feature vectors over the picture, averaged over the layers.

    Source: Salimans et al., *Improved Techniques for Training GANs* (NeurIPS 2016), section 3.1, who match the means of
    a discriminator's features; here a frozen backbone's, each place's scaled to length 1, and by default picture by
    picture. A mean does not say where: an edit may move a mouth, and is held to the source's colours and texture.

    Args:
        model: timm's name for the backbone, such as `tf_efficientnet_lite0`; or `local-dir:FOLDER` with a `config.json`
            and weights, as hubs have them.
        weights: `pretrained` takes timm's own from this machine's cache, nothing is downloaded; or a .safetensors or
            .pth file with a state dict; or `random`.
        toward: What the edit is compared with: the `source`, or the `truth`.
        over: Whether the means are each `picture`'s, or those of the whole `batch`, as published.
        layers: Which of the backbone's feature maps, counted from 0 or from the end from -1. By default those of its
            last four sizes, or four spread evenly where all are of one size.
        size: What the longer side of pictures is scaled to first, in pixels. By default they stay as they are, but for
            networks of a fixed size, which get theirs.
    """

    example: ClassVar[Mapping[str, Any]] = {"model": "test_efficientnet", "weights": "random"}

    def __init__(
        self,
        faces: FaceSpec,
        *,
        model: str,
        weights: str,
        toward: Reference = "source",
        over: Literal["picture", "batch"] = "picture",
        layers: Sequence[int] | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__()
        self.toward = toward
        self.over = over
        self.looks_at_batch = over == "batch"
        self.backbone = _backbone(faces, model, weights, layers, size)

    def generator(self, edited: Tensor, source: Tensor, truth: Tensor, truth_share: Tensor) -> Tensor:
        """`E[mean over layers of |mean f(I_z) - mean f(I)|^2]`, over the samples with a truth if that is I."""
        reference, weights = _reference(self.toward, source, truth, truth_share)
        losses = []
        for here, there in zip(self.backbone(edited), self.backbone(reference), strict=True):
            off = (_unit(here) - _unit(there)).mean(dim=(2, 3))
            if self.over == "batch":
                losses.append((weights[:, None] * off).sum(dim=0).square().sum())
            else:
                losses.append((weights * off.square().sum(dim=1)).sum())
        return torch.stack(losses).mean()


def _backbone(faces: FaceSpec, model: str, weights: str, layers: Sequence[int] | None, size: int | None) -> Backbone:
    if layers is not None and not layers:
        raise ValueError("layers is empty: there is nothing to compare by")
    return Backbone(model, weights, faces.size, faces.size, layers=layers, size=size)


def _reference(toward: Reference, source: Tensor, truth: Tensor, truth_share: Tensor) -> tuple[Tensor, Tensor]:
    """The pictures to compare with, and each sample's weight `(B,)`, which add up to 1 or, without any truth, to 0."""
    if toward == "source":
        return source, torch.full_like(truth_share, 1 / len(truth_share))
    return truth, truth_share


def _unit(features: Tensor) -> Tensor:
    """Feature vectors `(B, C, h, w)` of length 1 at each place; where all are 0 they stay so."""
    return features * features.square().sum(dim=1, keepdim=True).add(1e-10).rsqrt()
