"""A clip's labels as OpenFace's FeatureExtraction writes them: each line a face of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from efgan_kit.api import AUSet, FoundFace
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.labels import INTENSITY, POINTS, TRUSTED
from efgan_kit.components.datasets.photos.table import Table, read_table
from efgan_kit.editing.video.looking import Sighting
from efgan_kit.editing.video.reading import ClipFrame
from efgan_kit.errors import EfganError, fail

HOW: Final = "FeatureExtraction -f CLIP -2Dfp -aus"


class ByLabels:
    """Knows faces from a CSV file with a column `frame`, counted from 1; lines without trust say nothing.

    Args:
        path: The file.
        aus: The AUs wanted; all of them must be there.

    Raises:
        EfganError: With every fault of the file.
    """

    def __init__(self, path: Path, aus: AUSet) -> None:
        findings = Findings()
        if not path.exists():
            raise fail(str(path), "there is no such file")
        table = read_table(path, str(path), findings)
        if table is None:
            raise EfganError(*findings.faults)
        units = [f"{name}_r" for name in aus.names]
        _refuse_missing(table, ["frame", *POINTS, *units])
        trust = [column for column in ("confidence", "success") if column in table.columns]
        self.faces: dict[int, list[Sighting]] = {}
        for row in table.rows:
            numbers = table.numbers(row, ["frame", *trust, *POINTS, *units], findings)
            if numbers is None:
                continue
            frame, believed, values = int(numbers[0]) - 1, numbers[1 : 1 + len(trust)], numbers[1 + len(trust) :]
            known = dict(zip(trust, believed, strict=True))
            confidence = known.get("confidence", 1.0)
            if confidence < TRUSTED or known.get("success", 1.0) == 0:
                continue
            points = np.array(values[: len(POINTS)], dtype=np.float32).reshape(2, -1).T
            intensities = np.array(values[len(POINTS) :]) / INTENSITY
            face = FoundFace(np.ascontiguousarray(points), min(confidence, 1.0))
            self.faces.setdefault(frame, []).append(Sighting(face, intensities.clip(0, 1)))
        findings.raise_if_faulty()

    def __call__(self, frame: ClipFrame) -> Sequence[Sighting]:
        """The faces of a frame."""
        return self.faces.get(frame.number, ())


def _refuse_missing(table: Table, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        few = ", ".join(missing[:4]) + (f", ... ({len(missing)} in all)" if len(missing) > 4 else "")
        raise fail(f"{table.where}:1", f"there is no column {few}", f"OpenFace writes a clip's by `{HOW}`")
