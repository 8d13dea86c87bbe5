"""What a data set must hold."""

from __future__ import annotations

from typing import Final

import torch

from efgan_kit.api import FaceSample
from efgan_kit.testing.contract import demand
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject, differing, global_randomness_stays, tensors_in


def names_its_faces(subject: Subject) -> None:
    """Each has a name of its own and a person; pairs join two faces of one person."""
    faces = subject.make()
    counts = {"faces": len(faces), "names": len(faces.names), "people": len(faces.people)}
    demand(subject, len(set(counts.values())) == 1, "as many names and people as faces", counts)
    demand(subject, len(set(faces.names)) == len(faces), "names are unique", "a name given twice")
    outside = [pair for pair in faces.pairs if not all(0 <= index < len(faces) for index in pair)]
    demand(subject, not outside, "pairs are indices of faces", outside[:5])
    mixed = [(a, b) for a, b in faces.pairs if faces.people[a] != faces.people[b]]
    demand(subject, not mixed, "the two faces of a pair are one person's", mixed[:5])


def gives_faces_of_the_recipe(subject: Subject) -> None:
    """Pictures, landmarks and AUs as `FaceSample` says, of the recipe's size and set."""
    faces, size, aus = subject.make(), SQUARE.faces.size, SQUARE.aus
    for index in range(min(4, len(faces))):
        sample = faces[index]
        demand(subject, isinstance(sample, FaceSample), "gives FaceSamples", type(sample).__name__)
        form = [(tuple(part.shape), part.dtype) for part in sample]
        wanted = [((3, size, size), torch.uint8), ((68, 2), torch.float32), ((aus,), torch.float32)]
        demand(subject, form == wanted, f"a face is {wanted}", form)
        low, high = float(sample.aus.min()), float(sample.aus.max())
        demand(subject, low >= 0 and high <= 1, "AUs lie in [0, 1]", f"{low:g} to {high:g}")
        demand(subject, bool(sample.landmarks.isfinite().all()), "landmarks are finite", "nan or infinity")


def knows_the_aus_it_gives(subject: Subject) -> None:
    """`au_vectors`, where there are any, are the AUs that indexing gives: the trainer reads no face for those alone."""
    faces = subject.make()
    known = getattr(faces, "au_vectors", None)
    if known is None:
        return
    demand(subject, len(known) == len(faces), "as many au_vectors as faces", f"{len(known)} of {len(faces)}")
    others = [index for index in range(min(4, len(faces))) if not torch.equal(known[index], faces[index].aus)]
    demand(subject, not others, "au_vectors are the AUs that indexing gives", f"others of faces {others}")


def gives_the_same_face_every_time(subject: Subject) -> None:
    """In any order, and from another copy, as a loader's worker has one; augmentation is the trainer's."""
    first, second = subject.make(seed=1), subject.make(seed=2)
    demand(subject, list(first.names) == list(second.names), "the order of faces is fixed", "other names")
    with global_randomness_stays(subject, "reading a face"):
        onward = [first[index] for index in range(min(3, len(first)))]
        back = [second[index] for index in reversed(range(len(onward)))][::-1]
    changed = differing(tensors_in(onward, "face"), tensors_in(back, "face"))
    demand(subject, not changed, "an index gives the same face every time", f"different: {changed}")


CHECKS: Final = (names_its_faces, gives_faces_of_the_recipe, knows_the_aus_it_gives, gives_the_same_face_every_time)
