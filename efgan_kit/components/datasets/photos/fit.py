"""Whether landmarks lie where the faces are: inside their picture, spread over a face, in the picture's own
pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from .contents import Size
from .findings import Findings
from .labels import Label

SMALLEST: Final = 8.0
"""Pixels that a face's landmarks must span."""
BEYOND: Final = 0.25
"""A face may be cut off by the picture's edge: up to this share of its points, and of the picture's side."""
ENOUGH: Final = 3
"""From so many pictures on, all faces being in the first quarter of their pictures is no chance."""


def check_fit(faces: Sequence[Label], sizes: Mapping[str, Size], findings: Findings) -> None:
    """Compares the landmarks with the sizes of their pictures; pictures without a known size are passed
    over."""
    faces = [face for face in faces if face.image in sizes]
    if not faces:
        return
    points = np.stack([face.landmarks for face in faces]).astype(np.float64)
    extent = np.array([sizes[face.image] for face in faces], dtype=np.float64)
    spans = np.ptp(points, axis=1).max(axis=1)
    eyes = np.linalg.norm(points[:, 36] - points[:, 45], axis=1)
    collapsed = (spans < SMALLEST) | (eyes < 1)
    overshoot = np.maximum(-0.5 - points, points + 0.5 - extent[:, None]) / extent[:, None]
    outside = np.any(overshoot > 0, axis=2)
    lost = np.logical_or(np.mean(outside, axis=1) > BEYOND, overshoot.max(axis=(1, 2)) > BEYOND)
    centres = (points.min(axis=1) + points.max(axis=1)) / 2
    crammed = (points.max(axis=1) < extent / 2).all(axis=1) & ~collapsed

    for index in np.flatnonzero(collapsed):
        what = f"the landmarks of {faces[index].image} collapse: they span {spans[index]:.1f} pixels"
        findings.fault(faces[index].where, what)
    beyond = lost & ~collapsed & (points.max(axis=1) > extent).any(axis=1) & (centres > 0).all(axis=1)
    # One wrong scale is one fault, not one for each picture.
    if beyond.sum() > len(faces) / 2 or (crammed.all() and len(faces) >= ENOUGH):
        factor = float(np.median(2 * centres / extent))
        if factor > 1:
            what, times = "lie beyond the pictures", f"{factor:.1f} times too large"
        else:
            what, times = "are crammed into the top left quarter", f"{1 / factor:.1f} times too small"
        hint = f"they seem {times}: were the pictures resized after OpenFace saw them?"
        findings.fault(faces[0].where, f"the landmarks of most pictures {what}", hint)
        return
    for index in np.flatnonzero(lost & ~collapsed):
        count = int(outside[index].sum())
        image = faces[index].image
        width, height = sizes[image]
        what = f"{count} of the 68 landmarks lie outside {image}, which has {width}x{height} pixels"
        findings.fault(faces[index].where, what)
    touched = [faces[index].image for index in np.flatnonzero(np.any(outside, axis=1) & ~lost)]
    findings.warn_of_several(touched, "some landmarks lie outside the picture")
