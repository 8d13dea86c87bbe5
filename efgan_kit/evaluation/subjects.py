"""Whom a run is evaluated on: test faces, each with a picture whose AUs it is edited to."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
import torch
from torch import Tensor

from efgan_kit.api import FaceDataset
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.errors import fail
from efgan_kit.evaluation.hashes import HASHED
from efgan_kit.recipe import Recipe, build_dataset


@attrs.frozen(eq=False, slots=False)
class Subjects:
    """Test faces in pairs.

    Attributes:
        faces: The data set.
        pairs: (source, example): the source is edited to the example's AUs.
        has_truth: Whether the example is the same person, and so the true picture of the edit.
        described: The data in a few words.
    """

    faces: FaceDataset
    pairs: Sequence[tuple[int, int]]
    has_truth: bool
    described: str

    @functools.cached_property
    def people(self) -> list[str]:
        """Whose face each pair is."""
        return [self.faces.people[source] for source, _ in self.pairs]

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {person: number for number, person in enumerate(sorted(set(self.people)))}

    def names(self, pair: int) -> tuple[str, str]:
        source, example = self.pairs[pair]
        return self.faces.names[source], self.faces.names[example]

    @functools.cached_property
    def hash(self) -> str:
        """A hash over the pairs' names, AUs and pictures: two evaluations that share it are of the same edits."""
        digest = hashlib.sha256(json.dumps([self.names(pair) for pair in range(len(self.pairs))]).encode())
        for index in sorted({index for pair in self.pairs for index in pair}):
            sample = self.faces[index]
            digest.update(sample.aus.contiguous().numpy().tobytes())
            digest.update(sample.image.contiguous().numpy().tobytes())
        return digest.hexdigest()[:HASHED]

    def batch(self, chosen: Sequence[int], device: torch.device) -> dict[str, Tensor]:
        """The given values of the pairs `chosen`, as `examination.GIVEN` describes them."""
        sources = [self.faces[self.pairs[pair][0]] for pair in chosen]
        examples = [self.faces[self.pairs[pair][1]] for pair in chosen]
        values = {
            "source": torch.stack([sample.image for sample in sources]).to(device).float() / 127.5 - 1,
            "landmarks": torch.stack([sample.landmarks for sample in sources]).to(device),
            "source_aus": torch.stack([sample.aus for sample in sources]).to(device),
            "target_aus": torch.stack([sample.aus for sample in examples]).to(device),
            "person": torch.tensor([self._numbers[self.people[pair]] for pair in chosen]).to(device),
            "example": torch.stack([sample.image for sample in examples]).to(device).float() / 127.5 - 1,
        }
        return {**values, "truth": values["example"]} if self.has_truth else values


def choose_subjects(
    recipe: Recipe,
    *,
    data: str | Path | None = None,
    pairs: str | Path | None = None,
    limit: int | None = None,
) -> Subjects:
    """The test pairs of a recipe, or of the photo folder `data`.

    A folder that the recipe trains on gives its test people alone; another folder gives everybody.

    Args:
        pairs: A CSV file with columns `source,truth` in place of the folder's own.
        limit: At most so many pairs, spread evenly.

    Raises:
        EfganError: The data are at fault, or hold nothing to evaluate on.
    """
    faces, described = _faces(recipe, data, pairs)
    chosen: Sequence[tuple[int, int]] = list(faces.pairs)
    has_truth = bool(chosen)
    if not chosen and pairs is not None:
        what = "none of the pairs lies in the test split"
        raise fail(str(pairs), what, "people that the run was trained on can't test it: give pairs of others")
    if not chosen:
        chosen = _strangers(len(faces))
    if not chosen:
        raise fail(described, "a single face: there is nothing to edit it to", "give more faces with --data")
    if limit is not None and limit < len(chosen):
        chosen = [chosen[place * len(chosen) // limit] for place in range(limit)]
    return Subjects(faces, chosen, has_truth, described)


def _strangers(count: int) -> list[tuple[int, int]]:
    """Each face with one half the data set away, whose AUs it is asked to show: no truth is known then."""
    return [(index, (index + max(1, count // 2)) % count) for index in range(count)] if count > 1 else []


def _faces(recipe: Recipe, data: str | Path | None, pairs: str | Path | None) -> tuple[FaceDataset, str]:
    trained_on = _photo_parameters(recipe, "train")
    if data is None and pairs is None:
        faces = build_dataset(recipe, "test")
        use = recipe.data["test"]
        return faces, f"{use.params.get('root') or use.use}, test faces"
    given = None if pairs is None else str(pairs)
    if data is None:
        tested_on = _photo_parameters(recipe, "test")
        if tested_on is None:
            what = "the run's test faces are no photo folder"
            raise fail("--pairs", what, "give the pairs' folder with --data")
        described = f"{tested_on['root']}, pairs of {given}"
        return PhotoFolder(recipe.faces, **{**tested_on, "pairs": given}), described
    root = recipe.data["train"].params.get("root") if "train" in recipe.data else None
    if trained_on is None and root is not None and _same_folder(root, data):
        # Only the recipe's own data set knows the people of this folder, and so who was trained on.
        if pairs is not None:
            what = "the run was trained on this folder, whose people its files' names tell"
            raise fail("--pairs", what, "leave out --pairs: the test people's own pairs are used")
        return build_dataset(recipe, "test"), f"{data}, test faces"
    same = trained_on is not None and _same_folder(trained_on["root"], data)
    split: Literal["test", "all"] = "test" if same and trained_on and trained_on["split"] != "all" else "all"
    parameters = {**(trained_on or {}), "root": str(data), "split": split, "pairs": given}
    known = " (the run was trained on them)" if same and split == "all" else ""
    return PhotoFolder(recipe.faces, **parameters), f"{data}, {split} faces{known}"


def _photo_parameters(recipe: Recipe, split: str) -> dict[str, Any] | None:
    """The parameters of the recipe's photo folder; None if these data are something else."""
    use = recipe.data.get(split)
    return dict(use.params) if use is not None and use.use == "photo-folder" else None


def _same_folder(first: str | Path, second: str | Path) -> bool:
    return Path(first).expanduser().resolve() == Path(second).expanduser().resolve()
