"""`python -m efgan_kit_ict.pack ICT-FaceKit/FaceXModel ict.npz`: the folder of OBJ files as the one file that is read.

The folder holds `generic_neutral_mesh.obj`, an OBJ of the same vertices for each expression shape and for each identity
mode (`identity000.obj` and on). Kept are the neutral head, the others' differences from it in half precision, the
texture coordinates, and which part of the head (`usemtl`) a triangle belongs to; polygons become fans of triangles.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import EfganError, fail

NEUTRAL: Final = "generic_neutral_mesh.obj"
USAGE: Final = "usage: python -m efgan_kit_ict.pack FOLDER OUT.npz\n\nFOLDER is FaceXModel of a clone of ICT-FaceKit."


def pack(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a packed model, see `HeadModel`.

    Raises:
        EfganError: The folder is not ICT-FaceKit's FaceXModel.
    """
    if not (folder / NEUTRAL).is_file():
        raise fail(str(folder), f"holds no {NEUTRAL}", "give the folder FaceXModel of a clone of ICT-FaceKit")
    arrays = _read_mesh(folder / NEUTRAL)
    shapes = sorted(path for path in folder.glob("*.obj") if path.name != NEUTRAL)
    modes = [path for path in shapes if path.stem.startswith("identity")]
    expressions = [path for path in shapes if path not in modes]
    if not modes or not expressions:
        raise fail(str(folder), "holds no identities or no expressions", "clone all of ICT-FaceKit")
    neutral = arrays["neutral"]
    arrays["expr"] = np.stack([_difference(path, neutral) for path in expressions])
    arrays["expr_names"] = np.array([path.stem for path in expressions])
    arrays["iden"] = np.stack([_difference(path, neutral) for path in modes])
    return arrays


def _difference(path: Path, neutral: NDArray[np.float32]) -> NDArray[np.float16]:
    points = _numbers(path, "v")
    if points.shape != neutral.shape:
        raise fail(str(path), f"has {len(points)} vertices where {NEUTRAL} has {len(neutral)}")
    return (points - neutral).astype(np.float16)


def _numbers(path: Path, kind: str) -> NDArray[np.float32]:
    with path.open(encoding="utf-8") as lines:
        rows = [line.split()[1:] for line in lines if line.startswith(kind + " ")]
    try:
        return np.array(rows, np.float32)
    except ValueError as error:
        raise fail(str(path), f"is no OBJ file: {error}") from error


def _read_mesh(path: Path) -> dict[str, NDArray[Any]]:
    faces: list[list[int]] = []
    places: list[list[int]] = []
    part: list[int] = []
    parts: list[str] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if words[:1] == ["usemtl"]:
                parts.append(words[1])
            elif words[:1] == ["f"]:
                corners = [[int(number) - 1 for number in word.split("/")[:2]] for word in words[1:]]
                for second, third in itertools.pairwise(corners[1:]):
                    faces.append([corners[0][0], second[0], third[0]])
                    places.append([corners[0][1], second[1], third[1]])
                    part.append(len(parts) - 1)
    return {
        "neutral": _numbers(path, "v"),
        "faces": np.array(faces, np.int32),
        "uvfaces": np.array(places, np.int32),
        "uv": _numbers(path, "vt")[:, :2],
        "mat": np.array(part, np.int16),
        "mats": np.array(parts),
    }


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    folder, out = Path(arguments[0]), Path(arguments[1])
    try:
        arrays = pack(folder)
        _write(out, arrays)
    except EfganError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    counts = (
        f"{len(arrays['neutral'])} vertices, {len(arrays['expr'])} expressions, {len(arrays['iden'])} identity modes"
    )
    print(f"{out}: {counts}")
    return 0


def _write(out: Path, arrays: dict[str, NDArray[Any]]) -> None:
    try:
        unfinished = out.with_name(f".{out.name}.part")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        unfinished.replace(out)
    except OSError as error:
        raise fail(str(out), f"cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
