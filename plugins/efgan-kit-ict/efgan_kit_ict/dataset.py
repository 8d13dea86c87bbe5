"""People rendered from ICT-FaceKit, so that training on three-dimensional heads needs no photos."""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from efgan_kit.api import EfganError, FaceSample, FaceSpec, Fault, nearest

from .action_units import AUS
from .expressions import sample_aus
from .keeping import folder_for, read, record, write
from .model import Floats, load_model
from .people import Person, sample_person, sample_shot

OPEN_FILES = 512


@attrs.frozen
class Studio:
    """All that decides the pictures of a person, by number."""

    model: Path
    size: int
    seed: int
    group: str
    expressions: int
    shots: int

    @property
    def folder(self) -> Path:
        model = load_model(self.model)
        return folder_for(model=model.digest, **attrs.asdict(self, filter=attrs.filters.exclude("model")))

    def person(self, number: int, shot: int) -> Person:
        """Each person and shot has a random stream of its own."""
        random = self._random(f"person {number}")
        person = sample_person(random, len(load_model(self.model).iden))
        return attrs.evolve(person, shot=sample_shot(self._random(f"shot {number} {shot}"))) if shot else person

    def aus(self, number: int) -> Floats:
        """The person's expressions, `(expressions, 17)`."""
        random = self._random(f"expressions {number}")
        return np.stack([sample_aus(random) for _ in range(self.expressions)])

    def shot_of(self, expression: int) -> int:
        """Expressions are dealt to shots in runs, as evenly as may be."""
        return expression * self.shots // self.expressions

    def render(self, number: int, expression: int, aus: Floats) -> tuple[NDArray[np.uint8], Floats]:
        """Picture `(size, size, 3)` and landmarks `(68, 2)` of a person under any AUs `(17,)`."""
        try:
            from .rendering import render
        except ModuleNotFoundError as error:
            name = (error.name or "embreex").partition(".")[0]
            what = f"rendering needs the package '{name}', which is not installed"
            raise EfganError(Fault("ict-faces", what, f"pip install {name}")) from error

        return render(_sitter(self, number, self.shot_of(expression)), aus, self.size)

    def keep(self, number: int) -> Path:
        """Render all pictures of a person, unless they are kept already; where they are kept."""
        path = self.folder / f"{number:06d}.npy"
        if not path.exists():
            faces = np.zeros(self.expressions, record(self.size))
            for expression, aus in enumerate(self.aus(number)):
                picture, landmarks = self.render(number, expression, aus)
                faces[expression] = (picture.transpose(2, 0, 1), landmarks)
            write(path, faces)
        return path

    def _random(self, what: str) -> np.random.Generator:
        digest = hashlib.sha256(f"{self.seed}/{self.group}/{what}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest, "little"))


@functools.lru_cache(4)
def _sitter(studio: Studio, number: int, shot: int) -> Any:
    from .rendering import seat

    return seat(load_model(studio.model), studio.person(number, shot), studio.size)


class IctFaces:
    """A `FaceDataset` of rendered people under several expressions each; within a shot only the expression differs.

    Faces lie person by person: face `p * expressions + k` is expression k of person p. The expressions of a shot
    are paired in a ring. A person in another shot counts as another person, since pictures in different light are not
    each other's truth.
    """

    def __init__(
        self,
        faces: FaceSpec,
        *,
        model: str,
        people: int = 400,
        expressions: int = 8,
        shots: int = 1,
        seed: int = 0,
        group: str = "train",
        processes: int = 1,
    ) -> None:
        """Choose people and expressions; pictures are rendered when first asked for, and kept on disk.

        Args:
            model: The packed ICT-FaceKit model, an npz file of your own; see the plugin's README.
            people: How many identities.
            expressions: Faces of each person.
            shots: In how many poses, lights and backgrounds each person is taken; 1: all their faces differ by
                expression alone.
            seed: Another seed gives other people.
            group: People of differently named groups, such as "train" and "test", never meet.
            processes: How many processes render.

        Raises:
            EfganError: If the model can't be read, a number is below 1, or the recipe's AU set has one that can't
                be rendered.
        """
        _check(faces, people=people, expressions=expressions, shots=shots, processes=processes)
        path = Path(model).expanduser().resolve()
        load_model(path)
        self.aus = faces.aus
        self.columns = [AUS.index(name) for name in faces.aus.names]
        self.studio = Studio(path, faces.size, seed, group, expressions, min(shots, expressions))
        self.expressions, self.processes = expressions, processes
        self.names = [f"i{number:05d}_{k}" for number in range(people) for k in range(expressions)]
        self.people = [self._person(number, k) for number in range(people) for k in range(expressions)]
        self.pairs: list[tuple[int, int]] = list(self._rings(people))
        self._aus = np.stack([self.studio.aus(number) for number in range(people)])
        self.au_vectors = torch.from_numpy(self._aus[..., self.columns].reshape(len(self), -1))
        self._open = functools.lru_cache(OPEN_FILES)(self._read)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> FaceSample:
        """Face `index`: image `(3, size, size)`, landmarks `(68, 2)` in pixels, the spec's AUs `(A,)`."""
        number, expression = divmod(range(len(self))[index], self.expressions)
        face = self._open(number)[expression]
        aus = self._aus[number, expression, self.columns]
        return FaceSample(
            torch.from_numpy(np.array(face["image"])),
            torch.from_numpy(np.array(face["landmarks"])),
            torch.from_numpy(aus),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Without the open files, for processes that read along."""
        return {name: value for name, value in self.__dict__.items() if name != "_open"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open = functools.lru_cache(OPEN_FILES)(self._read)

    def truth(self, index: int, aus: torch.Tensor) -> FaceSample:
        """The person of face `index`, in the same shot, under any AUs `(A,)`, clamped; AUs outside the spec stay."""
        number, expression = divmod(range(len(self))[index], self.expressions)
        wanted = self._aus[number, expression].copy()
        wanted[self.columns] = aus.detach().cpu().numpy().clip(0, 1)
        picture, landmarks = self.studio.render(number, expression, wanted)
        image = torch.from_numpy(picture.transpose(2, 0, 1).copy())
        return FaceSample(image, torch.from_numpy(landmarks), torch.from_numpy(wanted[self.columns]))

    def _person(self, number: int, expression: int) -> str:
        shot = self.studio.shot_of(expression)
        return f"i{number:05d}" if self.studio.shots == 1 else f"i{number:05d}-{shot}"

    def _rings(self, people: int) -> Iterator[tuple[int, int]]:
        for first in range(0, people * self.expressions, self.expressions):
            for shot in range(self.studio.shots):
                own = [first + k for k in range(self.expressions) if self.studio.shot_of(k) == shot]
                if len(own) > 1:
                    yield from zip(own, [*own[1:], own[0]], strict=True)

    def _read(self, number: int) -> NDArray[Any]:
        path = self.studio.folder / f"{number:06d}.npy"
        faces = read(path)
        if faces is None:
            if path.exists():
                path.unlink()
            if multiprocessing.current_process().daemon:  # a loader's worker: others render beside it
                self.studio.keep(number)
            else:
                self._render_all()
            faces = read(path)
        if faces is None:
            raise EfganError(Fault(f"ict-faces: {path}", "was deleted while it was needed", "start again"))
        return faces

    def _render_all(self) -> None:
        """Render whoever is not kept yet, and show how far it is."""
        from rich.console import Console
        from rich.progress import track

        folder = self.studio.folder
        missing = [n for n in range(len(self) // self.expressions) if not (folder / f"{n:06d}.npy").exists()]
        words = f"Rendering {len(missing)} people, kept in {folder}"
        for _ in track(self._rendered(missing), words, len(missing), console=Console(stderr=True)):
            pass

    def _rendered(self, missing: list[int]) -> Iterator[Path]:
        if self.processes == 1 or len(missing) < 2:
            yield from map(self.studio.keep, missing)
            return
        with ProcessPoolExecutor(self.processes, multiprocessing.get_context("spawn")) as pool:
            try:
                for done in as_completed([pool.submit(self.studio.keep, number) for number in missing]):
                    yield done.result()
            finally:
                pool.shutdown(cancel_futures=True)


def _check(faces: FaceSpec, **counts: int) -> None:
    faults = [
        Fault(f"ict-faces: {name}", f"{count} is less than 1", "give a number from 1 up")
        for name, count in counts.items()
        if count < 1
    ]
    faults += [
        Fault(f"ict-faces: {name}", "this action unit can't be rendered", nearest(name, AUS))
        for name in faces.aus.names
        if name not in AUS
    ]
    if faults:
        raise EfganError(*faults)
