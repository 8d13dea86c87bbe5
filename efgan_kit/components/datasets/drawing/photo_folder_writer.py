"""Writing a data set as a photo folder: pictures beside OpenFace's columns, which any recipe can train on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Protocol

from PIL import Image

from efgan_kit.api import AUSet, FaceDataset


class NamedFaces(FaceDataset, Protocol):
    """A data set that knows the names of its AU columns."""

    aus: AUSet


def write_photo_folder(dataset: NamedFaces, out: Path) -> None:
    """Write ``images/NAME.png``, ``labels.csv`` and ``pairs.csv`` below ``out``, which is made if missing.

    Args:
        dataset: The faces.
        out: The folder. Files of the same names are replaced.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    paths = [f"images/{name}.png" for name in dataset.names]
    columns = ["image", "person", *(f"{name}_r" for name in dataset.aus.names)]
    columns += [f"{axis}_{point}" for axis in "xy" for point in range(68)]
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for index, path in enumerate(paths):
            face = dataset[index]
            Image.fromarray(face.image.permute(1, 2, 0).numpy()).save(out / path)
            intensities = (f"{5 * au:.6f}" for au in face.aus.tolist())  # OpenFace counts from 0 to 5
            points = (f"{value:.4f}" for axis in face.landmarks.T.tolist() for value in axis)
            rows.writerow([path, dataset.people[index], *intensities, *points])
    with (out / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        pairs = csv.writer(file)
        pairs.writerow(["source", "truth"])
        pairs.writerows((paths[source], paths[truth]) for source, truth in dataset.pairs)
