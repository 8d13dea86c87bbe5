"""How many faces a second reach a step: decoded, from the cache, or drawn, for numbers of loader workers."""

from __future__ import annotations

import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import torch

from efgan_kit.api import FaceDataset, FaceSample, FaceSpec, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.photo_folder import PhotoFolder, unspoken
from efgan_kit.timing import Ratio, in_turns, ratio
from efgan_kit.training.batches import BatchPlan, batches

EXPRESSIONS: Final = 4
"""Faces of each drawn person."""


@attrs.frozen
class Reading:
    """How fast faces of one kind come.

    Attributes:
        source: `decoded` from picture files each time, `kept` in the cache, or `drawn` each time.
        workers: Loader processes; with 0 a thread of the trainer reads.
        per_second: Faces, the median of the rounds.
        least: In the worst round.
        most: In the best one.
        first: Seconds until the first batch is there, with the start of the workers; the median.
    """

    source: str
    workers: int
    per_second: float
    least: float
    most: float
    first: float


@attrs.frozen
class Loading:
    """What reading faces costs.

    Attributes:
        pictures: Which were decoded.
        size: Of the faces, in pixels.
        batch_size: Faces a batch.
        readings: Each source with each number of workers.
        cache: How many times as long decoding takes as reading from the cache, without workers.
    """

    pictures: str
    size: int
    batch_size: int
    readings: Sequence[Reading]
    cache: Ratio

    def to_plain(self) -> dict[str, Any]:
        return attrs.asdict(self)


def measure_loading(
    data: str | None = None,
    *,
    size: int = 128,
    batch_size: int = 8,
    workers: Sequence[int] = (0, 1, 2),
    count: int = 24,
    people: int = 16,
    rounds: int = 3,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Loading:
    """Read batches as a training does, in turns, while nobody works with them.

    The cache that is measured is one of its own, in a temporary folder; the user's is neither read nor written.

    Args:
        data: A photo folder; without one, drawn faces are written as PNG files of one and a half times the size.
        size: Of the faces.
        batch_size: Faces a batch.
        workers: Numbers of loader processes.
        count: Batches of a reading; of drawn faces, which take long, a third.
        people: How many are drawn, `EXPRESSIONS` faces each.
        rounds: How often each way is timed.
        progress: Told how many readings are done, of how many.

    Raises:
        EfganError: The folder is at fault.
    """
    faces = FaceSpec(size, au_set("openface-17"))
    with _own_cache() as folder, unspoken():
        anew = _Anew(DrawnFaces(faces, people=people, expressions=EXPRESSIONS))
        root, pictures = data or str(folder / "photos"), data or ""
        if data is None:
            large = DrawnFaces(FaceSpec(size * 3 // 2, faces.aus), people=people, expressions=EXPRESSIONS)
            write_photo_folder(large, Path(root))
            pictures = f"drawn faces, PNG, {large.size} px"
        sources: dict[str, tuple[FaceDataset, int]] = {
            "decoded": (PhotoFolder(faces, root=root, cache_gb=0), count),
            "kept": (PhotoFolder(faces, root=root), count),  # by the first reading, which does not count
            "drawn": (anew, -(-count // 3)),
        }
        timed: dict[tuple[str, int], list[_Timed]] = {(name, number): [] for number in workers for name in sources}

        def way(name: str, number: int) -> Callable[[], None]:
            return lambda: timed[name, number].append(_read(*sources[name], batch_size, number))

        ways = {f"{name} {number}": way(name, number) for name, number in timed}
        in_turns(ways, rounds=rounds, progress=progress)
    counted = {place: found[-rounds:] for place, found in timed.items()}
    decoded, kept = ([one.each for one in counted[name, workers[0]]] for name in ("decoded", "kept"))
    readings = [_reading(*place, found) for place, found in counted.items()]
    return Loading(pictures, size, batch_size, readings, ratio(decoded, kept))


@attrs.frozen
class _Timed:
    """Seconds until the first batch, and for each face after those that the workers began with."""

    first: float
    each: float


def _read(dataset: FaceDataset, count: int, batch_size: int, workers: int) -> _Timed:
    plan = BatchPlan(dataset.people, batch_size=batch_size, seed=0)
    begun = time.perf_counter()
    count = max(count, workers + 2)
    with contextlib.closing(batches(dataset, plan, first=0, last=count, target_noise=0.1, workers=workers)) as reader:
        next(reader)
        first = time.perf_counter() - begun
        for _ in range(workers - 1):  # they come at once with the first
            next(reader)
        begun = time.perf_counter()
        left = sum(len(batch["source"]) for batch in reader)
    return _Timed(first, (time.perf_counter() - begun) / left)


def _reading(source: str, workers: int, found: Sequence[_Timed]) -> Reading:
    rates = [1 / one.each for one in found]
    first = statistics.median(one.first for one in found)
    return Reading(source, workers, statistics.median(rates), min(rates), max(rates), first)


class _Anew:
    """Drawn faces that nobody remembers."""

    def __init__(self, drawn: DrawnFaces) -> None:
        self.drawn = drawn
        self.names, self.people, self.pairs = drawn.names, drawn.people, drawn.pairs
        self.au_vectors = torch.zeros(len(drawn), len(drawn.columns))

    def __len__(self) -> int:
        return len(self.drawn)

    def __getitem__(self, index: int) -> FaceSample:
        return self.drawn.truth(index, self.au_vectors[index])


@contextlib.contextmanager
def _own_cache() -> Iterator[Path]:
    """Within, what is kept is kept in a folder that goes."""
    before = os.environ.get("EFGAN_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="efgan-loading-") as folder:
        os.environ["EFGAN_CACHE_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["EFGAN_CACHE_DIR"]
            else:
                os.environ["EFGAN_CACHE_DIR"] = before
