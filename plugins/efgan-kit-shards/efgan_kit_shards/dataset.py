"""Faces in WebDataset shards, for trainings on more faces than a folder can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from efgan_kit.api import EfganError, FaceSample, FaceSpec, Fault, fail

from .packing import write_shards
from .split import consecutive_pairs, people_who_test
from .store import Names, People, Store
from .texts import Pairs


class Shards:
    """A `FaceDataset` over a folder of WebDataset shards: tar files of `KEY.jpg`, `.png` or `.webp` with `KEY.json`.

    The constructor reads every label once and remembers where each face lies; pictures are read when asked for, at
    random, from the shards as they are. Faces are in the order of the shards' names and of the files in them.

    Attributes:
        names: `SHARD/KEY` of each face.
        people: Whose face each is; a face without a person is a person of its own.
        pairs: Each face with the next of the same person.
        au_vectors: All faces' AUs `(N, A)` in [0, 1], without reading a picture.
        preparation: The preparation.json beside the shards, where there is one, or None.

    Raises:
        EfganError: A shard or a label is at fault, or faces lack an AU of the recipe.
    """

    def __init__(
        self,
        faces: FaceSpec,
        *,
        root: str,
        split: Literal["all", "train", "test"] = "all",
        test_share: float = 0.1,
        seed: int = 0,
    ) -> None:
        """Read the shards' index, or make it.

        Args:
            root: The folder of the shards.
            split: Whose faces: everybody's, or those of the people on one side of the split.
            test_share: About which share of the people tests.
            seed: Another seed is another split.
        """
        if split not in ("all", "train", "test"):
            raise fail("shards: split", f"'{split}' is none of all, train, test")
        if not 0 < test_share < 1:
            raise fail("shards: test_share", f"{test_share} is not between 0 and 1")
        self.size, self.aus, self.root = faces.size, faces.aus, Path(root)
        self._store = store = Store(self.root)
        missing = [unit for unit in faces.aus.names if unit not in store.units]
        if missing:
            has = f"every face has {', '.join(store.units)}" if store.units else "no AU is in every face's labels"
            raise EfganError(*(Fault(root, f"faces of it have no {unit}", has) for unit in missing))
        self._rows = np.arange(len(store))
        if split != "all":
            testing = people_who_test(store.people, test_share, seed)
            tests = np.fromiter((person in testing for person in store.people), bool, len(store))
            self._rows = np.flatnonzero(tests == (split == "test"))
        person = store.person[self._rows]
        names = Names(store.names.shards, store.names.shard[self._rows], store.names.keys.chosen(self._rows))
        self.names: Sequence[str] = names
        self.people: Sequence[str] = People(names, store.people.texts, person)
        self.pairs: Sequence[tuple[int, int]] = Pairs(consecutive_pairs(person))
        columns = [store.units.index(unit) for unit in faces.aus.names]
        self.au_vectors = torch.from_numpy(store.aus[self._rows][:, columns])
        prepared = self.root / "preparation.json"
        self.preparation = prepared if prepared.is_file() else None

    @staticmethod
    def example(folder: Path) -> Mapping[str, Any]:
        """Two shards of a few faces, written into `folder`."""
        write_shards(_Ramps(), folder / "shards", per_shard=4)
        return {"root": str(folder / "shards")}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> FaceSample:
        index = range(len(self))[index]  # negative indices, and IndexError for what is beyond
        pixels, points = self._store.read(int(self._rows[index]), self.size)
        return FaceSample(torch.from_numpy(pixels), torch.from_numpy(points), self.au_vectors[index].clone())


class _Ramps:
    """Three people of two faces each: ramps of colour, to try shards on."""

    units: Sequence[str] = tuple(f"AU{n:02}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45))
    names: Sequence[str] = tuple(f"ramp{n}" for n in range(6))
    people: Sequence[str] = tuple(f"person{n // 2}" for n in range(6))
    pairs: Sequence[tuple[int, int]] = ((0, 1), (2, 3), (4, 5))

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> FaceSample:
        across = torch.arange(64, dtype=torch.uint8)
        image = torch.stack([across.expand(64, 64) * 3, across[:, None].expand(64, 64) * 3, torch.zeros(64, 64).byte()])
        image[2] = 30 * range(6)[index]
        turn = torch.linspace(0, 6.28, 68)
        points = torch.stack([32 + 20 * turn.cos(), 32 + 24 * turn.sin()], dim=1)
        return FaceSample(image, points, torch.linspace(0, (index + 1) / 6, len(self.units)))
