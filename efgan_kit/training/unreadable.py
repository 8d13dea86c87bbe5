"""Pictures that can't be read while a training goes on: counted, named once, and replaced within a budget."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from torch.utils.data import get_worker_info

from efgan_kit.api import EfganError, FaceDataset, FaceSample, Fault
from efgan_kit.training.mates import Mates
from efgan_kit.training.streams import stream

log = logging.getLogger(__name__)

TRIES: Final = 100
"""Faces that are tried in the place of one, before the data are given up."""


class Forgiving:
    """A data set some of whose pictures can't be read: each is replaced by another face, whole, with its labels.

    It is always the same one that stands in: of the same person where there is one that can be read, so that a truth
    stays one, else of anybody; drawn from a stream of the face's own, or of the person's. Whoever has no picture that
    can be read is replaced by one face. Everything else is the data set's own.

    Args:
        most: How many different pictures may be replaced.
        seed: The training's seed.
    """

    def __init__(self, dataset: FaceDataset, *, most: int, seed: int) -> None:
        self.dataset, self.most, self.seed = dataset, most, seed
        self.mates = Mates(dataset.people)
        self.met: dict[int, EfganError] = {}
        self.untold: dict[int, EfganError] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "dataset" not in self.__dict__:  # while it is unpickled
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> FaceSample:
        index = range(len(self))[index]
        sample = self._read(index)
        if sample is not None:
            return sample
        for other in self._instead(index):
            sample = self._read(other)
            if sample is not None:
                return sample
        raise self.met[index]

    def take_untold(self) -> dict[int, EfganError]:
        """What a loader's worker met since it was asked last; for the trainer to `count`."""
        untold, self.untold = self.untold, {}
        return untold

    def count(self, unreadable: Mapping[int, EfganError]) -> None:
        """Count pictures that were not counted before, and warn of each.

        Raises:
            EfganError: There are more than may be skipped; all are named.
        """
        for index, error in unreadable.items():
            if index in self.met:
                continue
            self.met[index] = error
            if len(self.met) > self.most:
                raise self._too_many()
            so_far = f"{len(self.met)} of at most {self.most} that are skipped"
            log.warning("a picture can't be read, and another stands in (%s): %s", so_far, error)

    def _read(self, index: int) -> FaceSample | None:
        if index in self.met:
            return None
        try:
            return self.dataset[index]
        except EfganError as error:
            if get_worker_info() is None:
                self.count({index: error})
            else:
                self.met[index] = self.untold[index] = error
            return None

    def _instead(self, index: int) -> Iterator[int]:
        """Who may stand in, in the order in which they are tried."""
        count = self.mates.count(index)
        order = torch.randperm(count, generator=self._stream("face", index)).tolist()
        yield from (self.mates.other(index, number) for number in order[:TRIES])
        first = min(index, self.mates.other(index, 0)) if count else index
        random = self._stream("person", first)
        for _ in range(TRIES):
            yield int(torch.randint(len(self), (1,), generator=random))

    def _stream(self, whose: str, index: int) -> torch.Generator:
        return stream(self.seed, f"data.instead.{whose}", index)

    def _too_many(self) -> EfganError:
        faults = [fault for error in self.met.values() for fault in error.faults]
        what = f"{len(self.met)} pictures can't be read, and {self.most} may be skipped"
        return EfganError(*faults, Fault("train.skip_corrupt", what, "mend or remove them, or allow more"))
