"""Writing a data set as a photo folder: pictures beside OpenFace's columns, which any recipe can train on."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image

from efgan_kit.api import AUSet, FaceDataset


def write_photo_folder(dataset: FaceDataset, out: Path, aus: AUSet | None = None) -> None:
    """Write ``images/NAME.png``, ``labels.csv`` and, if there are pairs, ``pairs.csv`` below ``out``.

    The folder is made if missing.

    Args:
        dataset: The faces.
        out: The folder. Files of the same names are replaced.
        aus: What the columns of the data set's AU vectors are called; if not given, its own `aus` says.
    """
    units: AUSet = aus or dataset.aus  # type: ignore[attr-defined]
    (out / "images").mkdir(parents=True, exist_ok=True)
    paths = [f"images/{name}.png" for name in dataset.names]
    columns = ["image", "person", *(f"{name}_r" for name in units.names)]
    columns += [f"{axis}_{point}" for axis in "xy" for point in range(68)]
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for index, path in enumerate(paths):
            face = dataset[index]
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(face.image.permute(1, 2, 0).numpy()).save(out / path)
            intensities = (f"{5 * au:.6f}" for au in face.aus.tolist())  # OpenFace counts from 0 to 5
            points = (f"{value:.4f}" for axis in face.landmarks.T.tolist() for value in axis)
            rows.writerow([path, dataset.people[index], *intensities, *points])
    if not dataset.pairs:  # a file of no pairs would be taken for a mistake
        return
    with (out / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        pairs = csv.writer(file)
        pairs.writerow(["source", "truth"])
        pairs.writerows((paths[source], paths[truth]) for source, truth in dataset.pairs)
