"""The ICT-FaceKit model as one packed file: shapes, triangles, and what belongs to which part of the head."""

from __future__ import annotations

import functools
import hashlib
import zipfile
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import fail

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int32]

ARRAYS: Final = ("neutral", "faces", "uvfaces", "uv", "mat", "mats", "expr", "expr_names", "iden")
DROPPED: Final = ("M_LacrimalFluid", "M_EyeBlend", "M_EyeOcclusion", "M_IrisLeft", "M_IrisRight")
"""Transparent layers over the eye, and the inner eyeballs: the outer ones are drawn with an iris on them."""
WAY_OUT: Final = (
    "clone https://github.com/ICT-VGL/ICT-FaceKit (MIT) and pack it: "
    "python -m efgan_kit_ict.pack ICT-FaceKit/FaceXModel ict.npz"
)


@attrs.frozen(eq=False)
class HeadModel:
    """A linear head: `neutral + iden . identity + expr . expression`, in the model's units (about 0.8 cm).

    x runs to the head's own left, y up, z to the front. V vertices, F triangles.
    """

    neutral: Floats
    """`(V, 3)`."""
    iden: Floats
    """`(100, V, 3)`: displacement for one standard deviation of each identity mode."""
    expr: Floats
    """`(E, V, 3)`: displacement of each expression shape at 1."""
    expr_names: tuple[str, ...]
    faces: Ints
    """`(F, 3)`."""
    uvfaces: Ints
    """`(F, 3)` into `uv`."""
    uv: Floats
    """`(U, 2)`: the face's own lie in [0, 1]; v up."""
    part: NDArray[np.int16]
    """`(F,)` into `parts`."""
    parts: tuple[str, ...]
    digest: str
    """Of the file: pictures of one model are never taken for another's."""

    def faces_of(self, *parts: str) -> NDArray[np.bool_]:
        """`(F,)`: whether a triangle belongs to one of the parts, named without `M_`."""
        return np.isin(self.part, [self.parts.index(f"M_{part}") for part in parts])

    def expression(self, name: str) -> int:
        return self.expr_names.index(name)


@functools.lru_cache(2)
def load_model(path: Path) -> HeadModel:
    """Read a packed model.

    Raises:
        EfganError: There is no such file, or it is not a packed ICT-FaceKit.
    """
    where = f"ict-faces: model '{path}'"
    try:
        content = path.read_bytes()
        with np.load(path, allow_pickle=False) as packed:
            missing = [name for name in ARRAYS if name not in packed]
            if missing:
                raise fail(where, f"has no array {', '.join(missing)}", WAY_OUT)
            arrays = {name: packed[name] for name in ARRAYS}
    except OSError as error:
        raise fail(where, f"cannot be read: {error.strerror or error}", WAY_OUT) from error
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise fail(where, "is not a packed ICT-FaceKit model (an npz file)", WAY_OUT) from error
    vertices = len(arrays["neutral"])
    for name in ("iden", "expr"):
        if arrays[name].ndim != 3 or arrays[name].shape[1:] != (vertices, 3):
            raise fail(where, f"{name} is {arrays[name].shape}, where (modes, {vertices}, 3) was expected", WAY_OUT)
    return HeadModel(
        neutral=arrays["neutral"].astype(np.float32),
        iden=arrays["iden"].astype(np.float32),
        expr=arrays["expr"].astype(np.float32),
        expr_names=tuple(str(name) for name in arrays["expr_names"]),
        faces=arrays["faces"].astype(np.int32),
        uvfaces=arrays["uvfaces"].astype(np.int32),
        uv=arrays["uv"].astype(np.float32),
        part=arrays["mat"].astype(np.int16),
        parts=tuple(str(name) for name in arrays["mats"]),
        digest=hashlib.sha256(content).hexdigest()[:16],
    )
