"""Whether two arms differ in nothing but what they are said to differ in, found out before they are trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from efgan_kit.errors import EfganError, Fault
from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.ablation.trial import Trial
from efgan_kit.evaluation.study.arms import changes
from efgan_kit.recipe import Recipe

DECIDE_FACES: Final = ("data", "faces", "train.batch_size", "train.paired", "train.mirror", "train.target_noise")
"""What a recipe decides the faces of a batch by, and their targets."""


@attrs.frozen
class Pairing:
    """What an arm shares with the one it is held against, in the first steps of the first seed.

    Attributes:
        differences: In the recipe, as `KEY: BEFORE -> AFTER`.
        shared: How many tensors begin alike, down to the last bit.
        gone: What has weights in the other arm, and is not here.
        added: What has weights here, and is not in the other arm.
        otherwise: What begins with other weights.
        same_faces: Whether the first batches show the same faces, edited to the same targets.
        streams: How many consumers of random numbers get the same ones.
    """

    arm: str
    against: str
    differences: tuple[str, ...]
    shared: int
    gone: tuple[str, ...]
    added: tuple[str, ...]
    otherwise: tuple[str, ...]
    same_faces: bool
    streams: int


def prove(ablation: Ablation, recipes: Mapping[str, Recipe], trials: Mapping[str, Trial]) -> list[Pairing]:
    """Hold every variant against its reference.

    Raises:
        EfganError: An arm differs in something that its recipe does not account for; nothing of it would be believed.
    """
    pairings, faults = [], []
    for variant in ablation.variants:
        against = variant.against
        changed = changes(recipes[against], recipes[variant.arm])
        paths = [change.path for change in changed]
        pairing, unexplained = _compare(variant.arm, against, trials[variant.arm], trials[against], paths)
        said = tuple(f"{c.path}: {_short(c.before)} -> {_short(c.after)}" for c in changed)
        pairings.append(attrs.evolve(pairing, differences=said))
        faults += [
            Fault(
                f"the arms '{against}' and '{variant.arm}'",
                f"{what}, though their recipes do not say so",
                "a component draws from a random generator that is not its own: see `efgan plugin list`",
            )
            for what in unexplained
        ]
    if faults:
        raise EfganError(*faults)
    return pairings


def _compare(
    arm: str, against: str, mine: Trial, theirs: Trial, changed: Iterable[str]
) -> tuple[Pairing, list[str]]:
    """What both share, and what differs without a change of the recipe that would account for it."""
    paths = list(changed)
    here, there = _flat(mine), _flat(theirs)
    otherwise = [name for name in here if name in there and here[name] != there[name]]
    gone = [name for name in there if name not in here]
    added = [name for name in here if name not in there]
    same_faces = mine.draws == theirs.draws and mine.given == theirs.given
    moved = [name for name, seed in mine.streams.items() if theirs.streams.get(name, seed) != seed]
    strange = [
        f"{what} {', '.join(sorted({name[0] for name in names if not _accounted(name[0], paths)}))}"
        for what, names in (("other weights begin", otherwise), ("weights are gone from", gone), ("there is", added))
        if any(not _accounted(name[0], paths) for name in names)
    ]
    if not same_faces and not any(_accounted(key, paths) for key in DECIDE_FACES):
        strange.append("the first batches differ")
    strange += [f"'{name}' draws other random numbers" for name in moved]
    found = Pairing(
        arm=arm,
        against=against,
        differences=(),
        shared=sum(here[name] == there.get(name) for name in here),
        gone=_named(gone, here),
        added=_named(added, there),
        otherwise=_named(otherwise, {}),
        same_faces=same_faces,
        streams=len(mine.streams.keys() & theirs.streams.keys()),
    )
    return found, strange


def _flat(trial: Trial) -> dict[tuple[str, str], str]:
    return {(key, name): hash_ for key, tensors in trial.weights.items() for name, hash_ in tensors.items()}


def _accounted(key: str, paths: Iterable[str]) -> bool:
    """Whether one of the changed paths lies at, above or below a key."""
    return any(f"{key}.".startswith(f"{path}.") or f"{path}.".startswith(f"{key}.") for path in paths)


def _named(names: Iterable[tuple[str, str]], others: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The keys that are concerned; where the other side has a part of it, with the tensors."""
    partly = {key for key, _ in others}
    said: dict[str, None] = {}
    for key, tensor in names:
        said[f"{key} ({tensor})" if key in partly else key] = None
    return tuple(said)


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return str(value.get("use", "{...}"))
    return "nothing" if value is None else str(value)
