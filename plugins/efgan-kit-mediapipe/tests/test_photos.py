"""On photographs that OpenFace has labelled: EFGAN_TEST_PHOTOS names their folder."""

import csv

import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import Picture

FRAME = [36, 45, 33]
"""The outer eye corners and the nose's base, which a cut rests on."""


@pytest.mark.proof
def test_landmarks_and_smiles_agree_with_openface(photos, landmarker):
    from efgan_kit_mediapipe.labeller import MediaPipeLabeller

    labeller, errors, smiles, labels, missed = MediaPipeLabeller(), [], [], [], 0
    with (photos / "labels.csv").open() as lines:
        rows = list(csv.DictReader(lines))[:400]
    for row in rows:
        picture = Picture(np.asarray(Image.open(photos / row["image"]).convert("RGB")))
        faces = landmarker(picture)
        missed += not faces
        for face in faces[:1]:
            expected = np.array([(float(row[f"x_{k}"]), float(row[f"y_{k}"])) for k in range(68)])
            errors.append(
                np.linalg.norm(face.landmarks - expected, axis=1) / np.linalg.norm(expected[36] - expected[45])
            )
            smiles.append(labeller(picture, face)["AU12"])
            labels.append(float(row["AU12_r"]))
    assert missed <= 0.05 * len(rows)
    assert np.mean(errors, axis=0)[FRAME].mean() < 0.03
    assert np.mean(errors) < 0.04
    assert np.corrcoef(smiles, labels)[0, 1] > 0.75
