"""Writing faces into shards: the same faces give the same bytes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Literal, Protocol

from PIL import Image

from efgan_kit.api import FaceDataset, FaceSample, fail

from .labels import as_json

Format = Literal["png", "jpg", "webp"]


class Labelled(Protocol):
    """Faces whose AUs have names."""

    units: Sequence[str]

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def people(self) -> Sequence[str]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> FaceSample: ...


class Named:
    """A data set's faces with the names of its AUs."""

    def __init__(self, faces: FaceDataset, units: Sequence[str]) -> None:
        self.faces, self.units = faces, units
        self.names, self.people = faces.names, faces.people

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, index: int) -> FaceSample:
        return self.faces[index]


def must_be_free(out: Path) -> None:
    """Raises EfganError unless `out` is a new or empty folder."""
    try:
        occupied = out.exists() and (not out.is_dir() or any(out.iterdir()))
    except OSError as error:
        raise fail(str(out), f"cannot be read: {error.strerror or error}") from error
    if occupied:
        what = "is not empty" if out.is_dir() else "is a file"
        raise fail(str(out), what, "give a new folder: nothing is overwritten")


def write_shards(
    faces: Labelled,
    out: Path,
    *,
    per_shard: int = 1000,
    form: Format = "png",
    told: Callable[[int], None] = lambda done: None,
) -> list[Path]:
    """Write all faces, in their order, into `out`: a new or empty folder, whole or not there at all.

    Args:
        per_shard: Faces of a shard.
        form: png keeps every pixel; jpg and webp (quality 95) take less than half the room.
        told: Called with the number of faces written.

    Raises:
        EfganError: webdataset is missing, or the folder is occupied or can't be written.
    """
    try:
        from webdataset import ShardWriter
    except ModuleNotFoundError as error:
        what = f"writing shards needs the package '{error.name}', which is not installed"
        raise fail("efgan shards", what, "pip install webdataset") from error
    must_be_free(out)
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a packing that was killed
        part.mkdir(parents=True)
        files = _Files(part)
        options = {"maxcount": per_shard, "maxsize": 1 << 62, "verbose": 0, "encoder": False, "mtime": 0}
        with ShardWriter("shard-%06d.tar", opener=files.opened, post=files.closed, **options) as writer:
            for index in range(len(faces)):
                writer.write(_sample(faces, index, form))
                told(index + 1)
        part.replace(out)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise fail(str(out), f"cannot be written: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return sorted(out.glob("*.tar"))


def _sample(faces: Labelled, index: int, form: Format) -> dict[str, str | bytes]:
    image, points, aus = faces[index]
    intensities = dict(zip(faces.units, aus.tolist(), strict=True))
    labels = as_json(points.numpy(), intensities, faces.people[index], faces.names[index])
    return {"__key__": f"{index:09d}", form: _encoded(image.permute(1, 2, 0).numpy(), form), "json": labels}


def _encoded(pixels: object, form: Format) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)  # type: ignore[arg-type]
    if form == "png":
        picture.save(buffer, "PNG")
    elif form == "jpg":
        picture.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        picture.save(buffer, "WEBP", quality=95)
    return buffer.getvalue()


class _Files:
    """The files that the writer asks for by name: it would take a path for an address or a pattern."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current: IO[bytes] | None = None

    def opened(self, name: str) -> IO[bytes]:
        self.current = (self.folder / name).open("xb")
        return self.current

    def closed(self, name: str) -> None:
        if self.current is not None:
            self.current.close()
